import { expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { createEngine } from './engine.ts';
import { oddities } from './oddities.ts';
import { protocols } from './protocols/index.ts';
import { builtSeeds, mutate, random } from './testing/mutations.ts';

/** Whole captures; `bench/fuzz` takes the decoders by family, and many more. */
test('2,000 damaged captures: no throw, every packet accounted for, every oddity in the catalogue', () => {
  const seeds = builtSeeds();
  let packets = 0;
  const names = new Set<string>();
  for (let n = 0; n < 2000; n++) {
    const capture = mutate(seeds, random(7, n), 65_536);
    try {
      const engine = createEngine({
        protocols,
        // With own networks, what is discovered is written too.
        networks: ['0.0.0.0/0', '::/0'],
        sink: {
          record: (log, record) => {
            if (log === 'weird') names.add(String(record['name']));
          },
        },
        fault: (service, error) => {
          throw new Error(`case ${n}: the parser of ${service} threw`, { cause: error });
        },
      });
      engine.push(capture);
      const account = engine.end();
      const sum = (counts: { [name: string]: number }): number => Object.values(counts).reduce((a, b) => a + b, 0);
      expect(account.inFlows + sum(account.notIp) + sum(account.undecodable), `case ${n}`).toBe(account.packets);
      expect(engine.heldBytes(), `case ${n}`).toBe(0);
      packets += account.packets;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  for (const name of names) expect(oddities).toHaveProperty([name]);
  expect(packets).toBeGreaterThan(10_000);
});
