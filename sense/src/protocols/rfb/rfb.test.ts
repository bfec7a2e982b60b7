import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Arrival, ascii, cut, flowOf, hex, run } from '../trial.ts';
import { rfb } from './rfb.ts';

const flow = flowOf('tcp', 5900);
const join = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);
const to = (...parts: Uint8Array[]): Arrival => ({ direction: 0, ts: 1, bytes: join(...parts) });
const from = (...parts: Uint8Array[]): Arrival => ({ direction: 1, ts: 1, bytes: join(...parts) });
const version = (minor: string): Uint8Array => ascii(`RFB 003.${minor}\n`);
const screen = join(hex('0780 0438'), new Uint8Array(16), hex('00000003'), ascii('Mac'));
const record = (...arrivals: Arrival[]) => run(rfb, flow, arrivals).records[0]?.record;

test('version 3.7 says nothing about what needs no proof', () => {
  expect(record(from(version('007')), to(version('007')), from(hex('0101')), to(hex('01 00')), from(screen))).toMatchObject({
    authentication_method: 'None',
    share_flag: false,
    width: 1920,
    height: 1080,
    desktop_name: 'Mac',
  });
});

test('Apple Remote Desktop', () => {
  expect(
    record(
      from(version('889')),
      to(version('889')),
      from(hex('02 1e 23')),
      to(hex('1e')),
      from(hex('0002 0004 0102030405060708')),
      to(new Uint8Array(132)),
      from(hex('00000000')),
      to(hex('c1')),
      from(screen),
    ),
  ).toMatchObject({ authentication_method: 'Apple Remote Desktop', auth: true, share_flag: true, desktop_name: 'Mac' });
});

test('TLS and VeNCrypt give way to TLS', () => {
  const tls = run(rfb, flow, [from(version('008')), to(version('008')), from(hex('01 12')), to(hex('12 1603'))]);
  expect(tls.gaveWay).toEqual({ service: 'ssl', rest: hex('1603') });
  expect(tls.records).toMatchObject([{ record: { authentication_method: 'TLS' } }]);
  const veNCrypt = run(rfb, flow, [
    from(version('008')),
    to(version('008')),
    from(hex('01 13')),
    to(hex('13')),
    from(hex('00 02')),
    to(hex('00 02')),
    from(hex('00 02 00000102 00000105')),
    to(hex('00000105')),
    from(hex('01')),
  ]);
  expect(veNCrypt.gaveWay?.service).toBe('ssl');
});

test('a server that calls its viewer', () => {
  expect(
    record(
      to(version('008')),
      from(version('008')),
      to(hex('01 01')),
      from(hex('01')),
      to(hex('00000000')),
      from(hex('01')),
      to(screen),
    ),
  ).toMatchObject({ auth: true, width: 1920 });
});

test('any cutting gives the same records', () => {
  const bytes = join(version('003'), hex('00000002'), new Uint8Array(16), hex('00000000'), screen);
  const build = (places: readonly number[]) => {
    const [greeting, ...rest] = [bytes.subarray(0, 12), bytes.subarray(12)];
    return run(rfb, flow, [
      from(greeting),
      ...cut({ direction: 0, ts: 1, bytes: version('003') }, places),
      ...cut({ direction: 1, ts: 1, bytes: rest[0]! }, places),
    ]);
  };
  expect(build([]).records).toMatchObject([{ record: { auth: true, desktop_name: 'Mac' } }]);
  fc.assert(fc.property(fc.array(fc.nat(60), { maxLength: 12 }), (places) => void expect(build(places)).toEqual(build([]))));
});

test('mutated conversations never throw', () => {
  const good = [
    from(version('008')),
    to(version('008')),
    from(hex('02 01 13')),
    to(hex('01')),
    from(hex('00000000')),
    to(hex('01')),
    from(screen),
  ];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(6), fc.nat(30), fc.nat(255)), { maxLength: 4 }), (changes) => {
      const arrivals = good.map((arrival) => ({ ...arrival, bytes: Uint8Array.from((arrival as { bytes: Uint8Array }).bytes) }));
      for (const [which, at, value] of changes) arrivals[which]!.bytes[at % arrivals[which]!.bytes.length] = value;
      expect(run(rfb, flow, arrivals).records.length).toBeLessThan(2);
    }),
    { numRuns: 1_000 },
  );
});

test('probe', () => {
  const ask = (text: string, direction: 0 | 1 = 1) => rfb.probe(ascii(text), 0, text.length, direction, false);
  expect(ask('RFB 003.008\n')).toBe('yes');
  expect(ask('RFB 003.008\n', 0)).toBe('yes');
  expect(ask('RFB 00')).toBe('more');
  expect(ask('RFB 00x.008\n')).toBe('no');
  expect(ask('RFC 793')).toBe('no');
});
