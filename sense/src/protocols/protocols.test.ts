/** What holds for every protocol: no false claim on noise, no exception and no growth under hostile bytes. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oddities } from '../oddities.ts';
import { protocols } from './index.ts';
import type { Direction } from './protocol.ts';
import { type Arrival, flowOf, randomBytes, run } from './trial.ts';

for (const protocol of protocols) {
  describe(`${protocol.service}`, () => {
    test('claims less than one in 100,000 flows of noise off its usual port', () => {
      const random = randomBytes(0x5eed);
      let claimed = 0;
      for (let i = 0; i < 400_000; i++) {
        const bytes = random(16 + (i % 49));
        if (protocol.probe(bytes, 0, bytes.length, (i & 1) as Direction, false) === 'yes') claimed++;
      }
      expect(claimed).toBeLessThan(4);
    });

    test('answers the probe for every short start without an exception', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, usual) => {
          const answer = protocol.probe(bytes, 0, bytes.length, 0, usual);
          expect(['yes', 'no', 'more']).toContain(answer);
        }),
        { numRuns: 2_000 },
      );
    });

    for (const transport of protocol.transports) {
      test(`survives any bytes over ${transport}, with oddities from the catalogue only`, () => {
        const arrival = fc.oneof(
          { weight: 9, arbitrary: fc.tuple(fc.constantFrom(0, 1), fc.uint8Array({ maxLength: 300 })) },
          { weight: 1, arbitrary: fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 1, max: 1_000_000 })) },
        );
        fc.assert(
          fc.property(fc.array(arrival, { maxLength: 12 }), fc.constantFrom(...protocol.ports), (list, port) => {
            const arrivals = list.map(([direction, what], i): Arrival => {
              const at = { direction: direction as Direction, ts: 1_700_000_000 + i };
              return typeof what === 'number' ? { ...at, missing: what } : { ...at, bytes: what };
            });
            const usable = transport !== 'tcp' ? arrivals.filter((each) => 'bytes' in each) : arrivals;
            const outcome = run(protocol, flowOf(transport, port), usable);
            for (const { log } of outcome.records) expect(protocol.logs).toContain(log);
            for (const { name } of outcome.weirds) expect(oddities).toHaveProperty([name]);
          }),
          { numRuns: 1_500 },
        );
      });
    }
  });
}
