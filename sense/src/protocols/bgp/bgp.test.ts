import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asPath, as4Path, attribute, communities, keepalive, mpReach, n16, n32, nextHop, open, origin, prefixes, update } from '../../testing/bgp.ts'; // oxfmt-ignore
import { type Arrival, cutAll, flowOf, readCase, run } from '../trial.ts';
import { joinPaths } from './as-path.ts';
import { bgp, limits } from './bgp.ts';

const cases = join(import.meta.dirname, 'cases');
const names = readdirSync(cases);
const caseOf = (name: string) => readCase(readFileSync(join(cases, name, 'bytes.txt'), 'utf8'));
const flow = flowOf('tcp', 179);
const sent = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });
const limit = (name: string): number => limits.find((one) => one.name === `bgp.${name}`)!.value;
const read = (...messages: readonly Uint8Array[]) => run(bgp, flow, messages.map(sent));
const base = [...origin(0), ...asPath(4, [64_500]), ...nextHop('192.0.2.1')];

test('however a stream is cut, the records are the same', () => {
  for (const name of ['session-and-routes', 'two-octets-and-paths']) {
    const { arrivals } = caseOf(name);
    const whole = run(bgp, flow, arrivals).records;
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 12 }), (places) => {
        expect(run(bgp, flow, cutAll(arrivals, places)).records).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  }
});

test('the words of a shutdown are in no record', () => {
  const { records } = run(bgp, flow, caseOf('session-and-routes').arrivals);
  expect(JSON.stringify(records)).toContain('Administrative Shutdown');
  expect(JSON.stringify(records)).not.toMatch(/see|you!/);
});

test('it is told by its marker, wherever it is spoken, and nothing else is', () => {
  const answer = (bytes: Uint8Array) => bgp.probe(bytes, 0, bytes.length, 0, false);
  expect(answer(open({}))).toBe('yes');
  expect(answer(keepalive())).toBe('yes');
  for (let length = 1; length < 19; length++) expect(answer(keepalive().subarray(0, length))).toBe('more');
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = keepalive();
    bytes[at] = value;
    return bytes;
  };
  expect(answer(changed(7, 0xfe))).toBe('no');
  expect(answer(changed(18, 6))).toBe('no');
  expect(answer(changed(17, 20))).toBe('no');
  expect(answer(new Uint8Array(64).fill(0xff))).toBe('no');
});

test('what neither end has said is told from the bytes; what both have said counts', () => {
  const path = (octets: 2 | 4) => update({ attributes: [...origin(0), ...asPath(octets, [64_501, 64_502]), ...nextHop('192.0.2.1')], announced: prefixes('192.0.2.0/24') }); // oxfmt-ignore
  for (const octets of [2, 4] as const) expect(read(path(octets)).records[0]!.record).toMatchObject({ as_path: '64501 64502' });
  const four = open({ capabilities: [[65, 4, ...n32(64_500)]] });
  const both = [sent(four), { ...sent(four), direction: 1 as const }];
  expect(run(bgp, flow, [...both, sent(path(2))]).records[2]!.record).toMatchObject({
    errors: ['as_path'],
    treat_as_withdraw: true,
  });
  const one = run(bgp, flow, [sent(four), { ...sent(open({})), direction: 1 }, sent(path(4))]);
  expect(one.records[2]!.record).toMatchObject({ errors: ['as_path'] });
});

test('paths of four octets stand in the place of the end of those of two (RFC 6793 §4.2.3)', () => {
  const sequence = (...numbers: number[]) => ({ type: 2, numbers });
  const set = (...numbers: number[]) => ({ type: 1, numbers });
  const confederation = { type: 3, numbers: [65_001] };
  expect(joinPaths([sequence(1, 23_456, 3)], [sequence(200_000, 3)])).toEqual([sequence(1, 200_000, 3)]);
  expect(joinPaths([confederation, sequence(1, 23_456)], [sequence(200_000)])).toEqual([confederation, sequence(1, 200_000)]);
  expect(joinPaths([sequence(1, 2), set(23_456, 4)], [sequence(2), set(200_000, 4)])).toEqual([sequence(1, 2), set(200_000, 4)]);
  // A longer one has come past a router that changed the path: it does not count.
  expect(joinPaths([sequence(1)], [sequence(2, 3)])).toEqual([sequence(1)]);
  const replaced = update({
    attributes: [...origin(0), ...asPath(2, [64_501, 23_456]), ...as4Path([200_000]), ...nextHop('192.0.2.1'), ...attribute(0xc0, 7, [...n16(64_501), 1, 2, 3, 4]), ...attribute(0xc0, 18, [...n32(200_000), 1, 2, 3, 4])], // oxfmt-ignore
    announced: prefixes('192.0.2.0/24'),
  });
  expect(run(bgp, flow, [sent(open({})), sent(replaced)]).records[1]!.record).toMatchObject({
    as_path: '64501 23456',
    aggregator_as: 64_501,
  });
});

test('labels, distinguishers and next hops of other families', () => {
  const labeled = [24 + 24, 0, 1, 1, 10, 0, 1];
  const vpn = [24 + 64 + 16, 0, 1, 1, ...n16(0), ...n16(64_500), ...n32(7), 10, 1];
  const messages = [
    update({ attributes: [...origin(0), ...asPath(4, [1]), ...mpReach(1, 4, '192.0.2.1', labeled)] }),
    update({ attributes: [...origin(0), ...asPath(4, [1]), ...attribute(0x80, 14, [...n16(1), 128, 12, ...n32(0), ...n32(0), 192, 0, 2, 1, 0, ...vpn])] }), // oxfmt-ignore
    update({ attributes: [...origin(0), ...asPath(4, [1]), ...mpReach(1, 1, '2001:db8::1', prefixes('192.0.2.0/24'))] }),
    update({ attributes: [...origin(0), ...asPath(4, [1]), ...mpReach(1, 133, '192.0.2.1', [5, 1, 24, 192, 0, 2])] }),
  ];
  expect(read(...messages)).toMatchObject({
    weirds: [],
    records: [
      { record: { family: 'ipv4 labeled-unicast', announced: ['10.0.1.0/24'], next_hop: '192.0.2.1' } },
      { record: { family: 'vpnv4', announced: ['64500:7:10.1.0.0/16'], next_hop: '192.0.2.1' } },
      { record: { family: 'ipv4 unicast', announced: ['192.0.2.0/24'], next_hop: '2001:db8::1' } },
      { record: { family: 'ipv4 flowspec' } },
      { record: { event: 'end' } },
    ],
  });
});

test('parameters of more than 255 bytes (RFC 9072)', () => {
  const list = [1, 4, ...n16(2), 0, 1, ...Array.from({ length: 60 }, () => [200, 4, 0, 0, 0, 0]).flat()];
  const bytes = open({});
  const body = [...bytes.subarray(19, 28), 255, 255, ...n16(list.length + 3), 2, ...n16(list.length), ...list];
  const whole = Uint8Array.from([...bytes.subarray(0, 16), ...n16(19 + body.length), 1, ...body]);
  expect(read(whole)).toMatchObject({ weirds: [], records: [{ record: { families: ['ipv6 unicast'], capabilities: ['multiprotocol', 'unknown-200'] } }, {}] }); // oxfmt-ignore
});

describe('hostile messages', () => {
  test('changed anywhere they are survived', () => {
    const messages = names.flatMap((name) => caseOf(name).arrivals.flatMap((one) => ('bytes' in one ? [one.bytes] : [])));
    fc.assert(
      fc.property(
        fc.constantFrom(...messages),
        fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
        (bytes, changes) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, value] of changes) changed[at % changed.length] = value;
          expect(read(changed).records.length).toBeLessThan(8);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('an UPDATE with more prefixes than a record becomes several, and none is lost', () => {
    const most = limit('prefixesMax');
    const announced = Array.from({ length: 2 * most + 1 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
    const { records, weirds } = read(update({ attributes: base, announced: prefixes(...announced), withdrawn: prefixes('192.0.2.0/24') })); // oxfmt-ignore
    const parts = records.filter(({ log }) => log === 'bgp_update').map(({ record }) => record);
    expect(parts.map(({ part }) => part)).toEqual([1, 2, 3]);
    expect(parts.flatMap((record) => record['announced'])).toEqual(announced);
    expect(parts.map((record) => record['withdrawn'])).toEqual([['192.0.2.0/24'], undefined, undefined]);
    expect(parts.every((record) => record['as_path'] === '64500')).toBe(true);
    expect(weirds).toEqual([]);
  });

  test('lists have their ceilings, and the origin is that of the whole path', () => {
    const numbers = Array.from({ length: 255 }, (_, i) => i + 1);
    const long = [numbers, numbers, numbers, numbers, [9, 4_200_000_000]];
    const many = Array.from({ length: limit('elementsMax') + 5 }, (): [number, number] => [1, 2]);
    const { records } = read(
      update({ attributes: [...origin(0), ...asPath(4, ...long), ...nextHop('192.0.2.1'), ...communities(...many)], announced: prefixes('192.0.2.0/24') }), // oxfmt-ignore
    );
    const { record } = records[0]!;
    expect(String(record['as_path']).split(' ')).toHaveLength(limit('asPathMax') + 1);
    expect(record).toMatchObject({ as_path_count: 1_022, origin_as: 4_200_000_000 });
    expect(record['communities']).toHaveLength(limit('elementsMax'));
  });

  test('of a message that never comes to its end no more is kept than it may have', () => {
    const head = Uint8Array.from([...keepalive().subarray(0, 16), 0xff, 0xff, 2]);
    const piece = new Uint8Array(60_000).fill(0xff);
    expect(read(head, piece, keepalive(), piece, keepalive()).records.length).toBeLessThan(4);
  });
});
