import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Arrival, cutAll, flowOf, readCase, run } from '../trial.ts';
import { diameter, limits } from './diameter.ts';

const caseOf = (name: string) => readCase(readFileSync(join(import.meta.dirname, 'cases', name, 'bytes.txt'), 'utf8'));
const flow = flowOf('tcp', 3868);
const limit = (name: string): number => limits.find((one) => one.name === `diameter.${name}`)!.value;
const { arrivals } = caseOf('roaming-refused');

test('however a stream is cut, the records are the same', () => {
  const whole = run(diameter, flow, arrivals).records;
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 12 }), (places) => {
      expect(run(diameter, flow, cutAll(arrivals, places)).records).toEqual(whole);
    }),
    { numRuns: 300 },
  );
});

test('locations are in no record', () => {
  const text = JSON.stringify(run(diameter, flow, arrivals).records);
  expect(text).toContain('001010123456789');
  expect(text).not.toMatch(/00f110|visited_plmn|location_info|cell/i);
});

test('a number that was called is no name of an access point', () => {
  const message = (value: string): Uint8Array => {
    const attribute = Buffer.concat([
      Buffer.from([0, 0, 0, 30, 64, 0, 0, 8 + value.length]),
      Buffer.from(value),
      Buffer.alloc(-value.length & 3),
    ]);
    return Buffer.concat([Buffer.from([1, 0, 0, 20 + attribute.length, 0x80, 0, 1, 16]), Buffer.alloc(12), attribute]);
  };
  const read = (value: string) => run(diameter, flow, [{ direction: 0, ts: 1, bytes: message(value) }]).records[0]!.record;
  expect(read('internet.mnc001')).toMatchObject({ called_station: 'internet.mnc001' });
  for (const value of ['491700234567', 'sip:bob@example.org', 'tel:+49170'])
    expect(read(value)).not.toHaveProperty('called_station');
});

describe('hostile messages', () => {
  const first = Buffer.concat(arrivals.flatMap((one) => ('bytes' in one && one.direction === 0 ? [one.bytes] : [])));
  const sent = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });

  test('changed bytes are read as far as they go, with bounded lists', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const bytes = Uint8Array.from(first);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        for (const transport of ['tcp', 'sctp'] as const) {
          const { records } = run(diameter, flowOf(transport, 3868), [sent(bytes)]);
          expect(records.length).toBeLessThan(20);
        }
      }),
      { numRuns: 2_000 },
    );
  });
  test('a route has a ceiling, and a long message costs no more than is kept', () => {
    const hop = Buffer.from('0000011a4000000c61616161', 'hex');
    const body = Buffer.concat(Array.from({ length: 40_000 }, () => hop));
    const head = Buffer.from('01000000800001180000000000000001000000010'.slice(0, 40), 'hex');
    head.writeUIntBE(20 + body.length, 1, 3);
    const { records, weirds } = run(diameter, flow, [sent(Buffer.concat([head, body])), sent(first)]);
    expect(records[0]!.record['route']).toHaveLength(limit('listMax'));
    expect(records).toHaveLength(2);
    expect(weirds).toEqual([]);
  });
  test('attributes that end in the middle of what is kept are no oddity', () => {
    const body = Buffer.concat([Buffer.from('0000270f40', 'hex'), Buffer.alloc(3), Buffer.alloc(20_000)]);
    body.writeUIntBE(body.length, 5, 3);
    const head = Buffer.from('0100000080000118000000000000000100000001', 'hex');
    head.writeUIntBE(20 + body.length, 1, 3);
    expect(run(diameter, flow, [sent(Buffer.concat([head, body]))])).toMatchObject({ weirds: [], records: [{}] });
  });
});
