import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Arrival, flowOf, readCase, run } from '../trial.ts';
import { limits, gtp } from './gtp.ts';

const flow = flowOf('udp', 2123);
const cases = join(import.meta.dirname, 'cases');
const datagrams = readdirSync(cases).flatMap((name) =>
  readCase(readFileSync(join(cases, name, 'bytes.txt'), 'utf8')).arrivals.flatMap((one) => ('bytes' in one ? [one.bytes] : [])),
);
const sent = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });

describe('by content', () => {
  test('a message is known on any port, and not when its length is wrong', () => {
    for (const bytes of [datagrams[2]!]) {
      expect(gtp.probe(bytes, 0, bytes.length, 0, false)).toBe('yes');
      expect(gtp.probe(bytes, 0, bytes.length - 1, 0, false)).toBe('no');
    }
  });
});

describe('hostile bytes', () => {
  test('a message that is cut anywhere is an oddity, never a fault', () => {
    for (const bytes of datagrams) {
      for (let length = 1; length < bytes.length; length++) {
        const { records } = run(gtp, flow, [sent(bytes.subarray(0, length))]);
        expect(records.length).toBeLessThanOrEqual(1);
      }
    }
  });
  test('a message in which bytes are changed is read as far as it goes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...datagrams),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }),
        (bytes, changes) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, value] of changes) changed[at % changed.length] = value;
          const { records } = run(gtp, flow, [sent(changed)]);
          expect(records.length).toBeLessThanOrEqual(limits[0].value);
          expect(JSON.stringify(records).length).toBeLessThan(16_000);
        },
      ),
      { numRuns: 2_000 },
    );
  });
  test('endpoints of a message have a ceiling', () => {
    const element = Buffer.from('570009008a00000001c0000201', 'hex');
    const body = Buffer.concat([Buffer.from('0000000000000100', 'hex'), ...Array.from({ length: 200 }, () => element)]);
    const bytes = Buffer.concat([Buffer.from('48200000', 'hex'), body]);
    bytes.writeUInt16BE(body.length, 2);
    const [one] = run(gtp, flow, [sent(bytes)]).records;
    expect(one!.record['teids']).toHaveLength(limits[1].value);
    expect(one!.record['endpoints']).toHaveLength(limits[1].value);
  });
});

test('locations are in no record', () => {
  const text = JSON.stringify(run(gtp, flow, datagrams.map(sent)).records);
  expect(text).toContain('001010123456789');
  expect(text).not.toMatch(/uli|rai|cell|tac|00f110/i);
});

test('packets of subscribers are no signalling', () => {
  const bytes = Uint8Array.from([0x30, 255, 0, 4, 0, 0, 0, 1, 0x45, 0, 0, 0]);
  expect(run(gtp, flow, [sent(bytes)]).records).toEqual([]);
});
