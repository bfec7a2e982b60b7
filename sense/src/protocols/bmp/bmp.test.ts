import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bmp as message, bmpPeer, bmpUp, capability, element, n16, n32, open, prefixes, update } from '../../testing/bgp.ts';
import { type Arrival, cutAll, flowOf, readCase, run } from '../trial.ts';
import { bmp, limits } from './bmp.ts';

const cases = join(import.meta.dirname, 'cases');
const caseOf = (name: string) => readCase(readFileSync(join(cases, name, 'bytes.txt'), 'utf8'));
const flow = flowOf('tcp', 11_019);
const sent = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });
const limit = (name: string): number => limits.find((one) => one.name === `bmp.${name}`)!.value;
const answer = (bytes: Uint8Array) => bmp.probe(bytes, 0, bytes.length, 0, false);

test('however a stream is cut, the records are the same', () => {
  const { arrivals } = caseOf('router-reports');
  const whole = run(bmp, flow, arrivals).records;
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 12 }), (places) => {
      expect(run(bmp, flow, cutAll(arrivals, places)).records).toEqual(whole);
    }),
    { numRuns: 200 },
  );
});

test('the words of a NOTIFICATION are in no record', () => {
  expect(JSON.stringify(run(bmp, flow, caseOf('router-reports').arrivals).records)).not.toMatch(/bye/);
});

test('each first message is told by what stands in it; the transport of ISO with the same first bytes is not', () => {
  for (const { arrivals } of readdirSync(cases).map(caseOf)) {
    for (const arrival of arrivals) {
      if (!('bytes' in arrival) || arrival.bytes[0] !== 3) continue;
      expect(answer(arrival.bytes)).toBe('yes');
      for (let length = 1; length < 6; length++) expect(answer(arrival.bytes.subarray(0, length))).toBe('more');
    }
  }
  for (const tpkt of ['0300001611e00000000100c0010ac1020100c2020102', '0300001f02f080320100000100000e00000401', '03000013'])
    expect(answer(Buffer.from(tpkt, 'hex'))).not.toBe('yes');
});

test('sessions are told apart by their distinguisher; when one is down what it agreed on is forgotten', () => {
  const paths = (direction: number): number[] => capability(69, [...n16(1), 1, direction]);
  const up = (distinguisher: readonly number[]): Uint8Array =>
    message(3, [...bmpPeer({ ip: '192.0.2.1', as: 1, type: 1, distinguisher }), ...bmpUp('192.0.2.2', open({ capabilities: [paths(3)] }), open({ capabilities: [paths(3)] }))]); // oxfmt-ignore
  const [one, two] = [[...n32(0), ...n32(1)], [...n32(0), ...n32(2)]] as const; // oxfmt-ignore
  // One prefix with a path identifier, or three without.
  const both = [8, 10, 8, 11, 8, 12];
  const routes = (distinguisher: readonly number[]): Uint8Array =>
    message(0, [...bmpPeer({ ip: '192.0.2.1', as: 1, type: 1, distinguisher }), ...update({ withdrawn: both })]);
  const down = message(2, [...bmpPeer({ ip: '192.0.2.1', as: 1, type: 1, distinguisher: one }), 4]);
  const { records } = run(bmp, flow, [up(one), routes(one), routes(two), down, routes(one)].map(sent));
  const updates = records.filter(({ log }) => log === 'bgp_update').map(({ record }) => record['withdrawn']);
  expect(updates).toEqual([
    ['12.0.0.0/8'],
    ['10.0.0.0/8', '11.0.0.0/8', '12.0.0.0/8'],
    ['10.0.0.0/8', '11.0.0.0/8', '12.0.0.0/8'],
  ]);
});

describe('hostile messages', () => {
  test('changed anywhere they are survived', () => {
    const messages = readdirSync(cases).flatMap((name) =>
      caseOf(name).arrivals.flatMap((one) => ('bytes' in one ? [one.bytes] : [])),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...messages),
        fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
        (bytes, changes) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, value] of changes) changed[at % changed.length] = value;
          expect(run(bmp, flow, [sent(changed)]).records.length).toBeLessThan(12);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('a long message costs no more than is kept, and the next one is read', () => {
    const mirrored = element(0, [...update({ withdrawn: prefixes('192.0.2.0/24') })]);
    const body = [...bmpPeer({ ip: '192.0.2.1', as: 1 })];
    while (body.length < limit('keptBytesMax')) body.push(...mirrored);
    const { records, weirds } = run(bmp, flow, [sent(message(6, body)), sent(message(4, element(2, 'r1')))]);
    expect(records.at(-1)!.record).toMatchObject({ event: 'initiation', collector: 'r1' });
    expect(weirds).toEqual([]);
    const absurd = message(6, body);
    absurd.set([0xff, 0xff, 0xff, 0xff], 1);
    expect(run(bmp, flow, [sent(absurd)])).toMatchObject({ records: [], weirds: [{ name: 'bmp_malformed_message' }] });
  });

  test('endless elements and sessions have their ceilings', () => {
    const empty = message(
      5,
      Array.from({ length: 100_000 }, () => 0),
    );
    expect(run(bmp, flow, [sent(empty)]).records).toHaveLength(1);
    const ups = Array.from(
      { length: limit('peersMax') + 10 },
      (_, i) =>
      sent(message(3, [...bmpPeer({ ip: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, as: 1 }), ...bmpUp('192.0.2.2', open({}), open({}))])), // oxfmt-ignore
    );
    expect(run(bmp, flow, ups).records).toHaveLength(3 * ups.length);
  });
});
