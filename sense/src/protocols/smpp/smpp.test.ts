import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Arrival, cutAll, flowOf, readCase, run } from '../trial.ts';
import { limits, smpp } from './smpp.ts';

const cases = join(import.meta.dirname, 'cases');
const names = readdirSync(cases);
const caseOf = (name: string) => readCase(readFileSync(join(cases, name, 'bytes.txt'), 'utf8'));
const flow = flowOf('tcp', 2775);
const sent = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });

test('however a stream is cut, the records are the same', () => {
  const { arrivals } = caseOf('bind-and-submit');
  const whole = run(smpp, flow, arrivals).records;
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 10 }), (places) => {
      expect(run(smpp, flow, cutAll(arrivals, places)).records).toEqual(whole);
    }),
    { numRuns: 300 },
  );
});

test('neither short messages nor passwords are in a record', () => {
  for (const name of names) {
    expect(JSON.stringify(run(smpp, flow, caseOf(name).arrivals).records)).not.toMatch(
      /geheim12|guess|Code ist|123456[^7]|id:m1|abc/,
    );
  }
});

describe('hostile messages', () => {
  test('changed anywhere they are survived', () => {
    const messages = names.flatMap((name) => caseOf(name).arrivals.flatMap((one) => ('bytes' in one ? [one.bytes] : [])));
    fc.assert(
      fc.property(
        fc.constantFrom(...messages),
        fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 6 }),
        (bytes, changes) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, value] of changes) changed[at % changed.length] = value;
          expect(run(smpp, flow, [sent(changed)]).records.length).toBeLessThan(8);
        },
      ),
      { numRuns: 1_000 },
    );
  });
  test('a long message costs no more than is kept, and the next one is read', () => {
    const max = limits.find(({ name }) => name === 'smpp.messageBytesMax')!.value;
    const long = Buffer.alloc(max);
    long.writeUInt32BE(max, 0);
    long.writeUInt32BE(0x103, 4);
    long.writeUInt32BE(1, 12);
    const next = Buffer.from('00000010000000150000000000000002', 'hex');
    const { records, weirds } = run(smpp, flow, [sent(long), sent(next)]);
    expect(records).toMatchObject([{ record: { command: 'data_sm' } }, { record: { command: 'enquire_link', sequence: 2 } }]);
    expect(weirds).toEqual([]);
    long.writeUInt32BE(max + 1, 0);
    expect(run(smpp, flow, [sent(long)]).records).toEqual([]);
  });
});
