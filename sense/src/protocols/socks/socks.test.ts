import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, ascii, cut, flowOf, hex, run } from '../trial.ts';
import { socks } from './socks.ts';

const flow = flowOf('tcp', 1080);
const to = (...parts: Uint8Array[]): Arrival => ({ direction: 0, ts: 1, bytes: Buffer.concat(parts) });
const from = (...parts: Uint8Array[]): Arrival => ({ direction: 1, ts: 1, bytes: Buffer.concat(parts) });

test('behind a proxy that has connected stands another protocol', () => {
  const outcome = run(socks, flow, [
    to(hex('05 01 00')),
    from(hex('05 00')),
    to(hex('05 01 00 04 20010db8000000000000000000000001 01bb')),
    from(hex('05 00 00 01 00000000 0000'), ascii('220 hello')),
  ]);
  expect(outcome.records).toMatchObject([
    { record: { 'request.host': '2001:db8::1', request_p: 443, 'bound.host': '0.0.0.0' } },
    { log: 'tunnel', record: { 'id.orig_p': 0, tunnel_type: 'Tunnel::SOCKS', action: 'Tunnel::DISCOVER' } },
  ]);
  expect(outcome.gaveWay).toEqual({ service: undefined, rest: ascii('220 hello') });
  expect(outcome.services).toEqual(['socks']);
});

test('version 4', () => {
  const outcome = run(socks, flow, [to(hex('04 01 0050 c6336401 00')), from(hex('00 5a 0000 00000000'), ascii('x'))]);
  expect(outcome.records).toMatchObject([
    { record: { version: 4, 'request.host': '198.51.100.1', status: 'succeeded' } },
    { log: 'tunnel' },
  ]);
  expect(outcome.records[0]!.record).not.toHaveProperty('user');
  expect(outcome.gaveWay?.rest).toEqual(ascii('x'));
});

test('BIND and UDP ASSOCIATE are no tunnels; a name may be bound', () => {
  const outcome = run(socks, flow, [
    to(hex('05 01 00 05 03 00 01 00000000 0000')),
    from(hex('05 00'), hex('05 00 00 03 05'), ascii('proxy'), hex('1f40')),
  ]);
  expect(outcome.gaveWay).toBeUndefined();
  expect(outcome.records).toMatchObject([{ record: { 'bound.name': 'proxy', bound_p: 8000 } }]);
});

test('the responder may be the client', () => {
  const outcome = run(socks, flow, [
    from(hex('05 01 00')),
    to(hex('05 00')),
    from(hex('05 01 00 01 c6336401 0050')),
    to(hex('05 05 00 01 00000000 0000')),
  ]);
  expect(outcome.records).toMatchObject([{ record: { status: 'Connection refused', 'request.host': '198.51.100.1' } }]);
});

test('without an answer there is no proof and no record', () => {
  expect(run(socks, flow, [to(hex('05 01 00')), to(hex('05 01 00 01 c6336401 0050'))]).records).toEqual([]);
});

test('any cutting gives the same records, and passwords are never written', () => {
  const bytes = Buffer.concat([
    hex('05 02 00 02 01 05'),
    ascii('clerk'),
    hex('07'),
    ascii('hunter2'),
    hex('05 01 00 03 0b'),
    ascii('example.org'),
    hex('0050'),
  ]);
  const build = (places: readonly number[]) =>
    run(socks, flow, [...cut({ direction: 0, ts: 1, bytes }, places), from(hex('05 02 01 00 05 00 00 01 00000000 0000'))]);
  expect(build([]).records).toMatchObject([{ record: { user: 'clerk', 'request.name': 'example.org' } }, { log: 'tunnel' }]);
  expect(JSON.stringify(build([]).records)).not.toContain('hunter2');
  fc.assert(fc.property(fc.array(fc.nat(50), { maxLength: 12 }), (places) => void expect(build(places)).toEqual(build([]))));
});

test('mutated conversations never throw', () => {
  const good = [
    to(hex('05 02 00 02')),
    from(hex('05 02')),
    to(hex('01 01 61 01 62')),
    from(hex('01 00')),
    to(hex('05 01 00 03 01 61 0050')),
    from(hex('05 00 00 01 00000000 0000')),
  ];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(10), fc.nat(255)), { maxLength: 4 }), (changes) => {
      const arrivals = good.map((arrival) => ({ ...arrival, bytes: Uint8Array.from((arrival as { bytes: Uint8Array }).bytes) }));
      for (const [which, at, value] of changes) arrivals[which]!.bytes[at % arrivals[which]!.bytes.length] = value;
      expect(run(socks, flow, arrivals).records.filter(({ log }) => log === 'socks').length).toBeLessThan(2);
    }),
    { numRuns: 1_000 },
  );
});

describe('probe', () => {
  const ask = (text: string, direction: 0 | 1 = 0) => {
    const bytes = hex(text);
    return socks.probe(bytes, 0, bytes.length, direction, false);
  };
  test('a greeting that fills its segment', () => {
    expect(ask('05 01 00')).toBe('yes');
    expect(ask('05 03 00 03 02')).toBe('yes');
    expect(ask('05 03 00')).toBe('more');
    expect(ask('05 02 00 00')).toBe('no');
    expect(ask('05 02 00 41')).toBe('no');
    expect(ask('05 01 00 05 01 00 03')).toBe('yes');
    expect(ask('05 01 00 41 41')).toBe('no');
    expect(ask('05 00 0b 03')).toBe('no');
  });
  test('a request of version 4', () => {
    expect(ask('04 01 0050 c6336401 00')).toBe('yes');
    expect(ask('04 01 0050 00000001 00')).toBe('more');
    expect(ask('04 01 0050 c6336401 00 41')).toBe('no');
    expect(ask('04 03 0050 c6336401 00')).toBe('no');
  });
});
