import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { flowOf, hex, randomBytes, readCase, run } from '../trial.ts';
import { wireguard } from './wireguard.ts';

const arrivalsOf = (name: string) => readCase(readFileSync(new URL(`cases/${name}/bytes.txt`, import.meta.url), 'utf8')).arrivals;
const bytesOf = (name: string, i: number): Uint8Array => {
  const one = arrivalsOf(name)[i]!;
  if ('missing' in one) throw new Error('no bytes');
  return Uint8Array.from(one.bytes);
};

describe('probe', () => {
  const ask = (bytes: Uint8Array, usual = false) => wireguard.probe(bytes, 0, bytes.length, 0, usual);
  test('each handshake has its length', () => {
    for (const i of [0, 1]) {
      const bytes = bytesOf('tunnel', i);
      expect(ask(bytes)).toBe('yes');
      expect(ask(bytes.subarray(0, bytes.length - 1), true)).toBe('no');
    }
    expect(ask(bytesOf('no-answer', 2))).toBe('yes');
  });
  test('a type without keys behind it is another protocol', () => {
    expect(ask(hex(`01000000 05000000 ${'00'.repeat(140)}`))).toBe('no');
    expect(ask(hex(`02000000 05000000 ${'41424344'.repeat(21)}`))).toBe('no');
  });
  test('data: whole blocks, a small counter, noise; on its port the head is enough', () => {
    const data = bytesOf('tunnel', 2);
    expect(ask(data)).toBe('yes');
    expect(ask(data.subarray(0, data.length - 1))).toBe('no');
    expect(ask(data.subarray(0, data.length - 1), true)).toBe('yes');
    const late = data.slice();
    late[15] = 1;
    expect(ask(late)).toBe('no');
    expect(ask(hex(`04000000 01000000 0000000000000000 ${'61626364'.repeat(4)}`))).toBe('no');
  });
});

test('Tailscale is named beside it', () => {
  expect(run(wireguard, flowOf('udp', 41_641), arrivalsOf('tailscale')).services).toEqual(['tailscale', 'wireguard']);
  expect(run(wireguard, flowOf('udp', 41_641), arrivalsOf('tailscale').slice(0, 1)).records).toEqual([]);
});

test('an initiation that comes back is no answer', () => {
  const initiation = bytesOf('tunnel', 0);
  const response = bytesOf('tunnel', 1);
  const outcome = run(wireguard, flowOf('udp', 51_820), [
    { direction: 0, ts: 1, bytes: initiation },
    { direction: 0, ts: 2, bytes: response },
  ]);
  expect(outcome.records).toMatchObject([{ record: { established: false, responses: 1 } }]);
});

test('any datagrams: one record at most, and its counts are those of the shapes', () => {
  const random = randomBytes(7);
  const shaped = fc.tuple(fc.constantFrom(1, 2, 3, 4), fc.constantFrom(148, 92, 64, 32, 96, 31)).map(([type, length]) => {
    const bytes = random(length);
    bytes.set([type, 0, 0, 0]);
    return bytes;
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom<0 | 1>(0, 1), fc.oneof(shaped, fc.uint8Array({ maxLength: 200 })))), (list) => {
      const arrivals = list.map(([direction, bytes], i) => ({ direction, ts: i, bytes }));
      const { records, weirds } = run(wireguard, flowOf('udp', 51_820), arrivals);
      expect(records.length).toBeLessThanOrEqual(1);
      expect(weirds.length).toBeLessThanOrEqual(1);
      const of = (type: number, length: number) =>
        list.filter(([, one]) => one.length === length && one[0] === type && one[1] === 0 && one[2] === 0 && one[3] === 0).length;
      const record = records[0]?.record;
      expect(record?.['initiations'] ?? 0).toBe(of(1, 148));
      expect(record?.['responses'] ?? 0).toBe(of(2, 92));
      expect(record?.['cookies'] ?? 0).toBe(of(3, 64));
    }),
    { numRuns: 500 },
  );
});
