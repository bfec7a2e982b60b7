import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, ascii, cut, flowOf, hex, run } from '../trial.ts';
import { keyboardName } from './names.ts';
import { rdp } from './rdp.ts';

const flow = flowOf('tcp', 3389);
const u16 = (value: number): Uint8Array => Uint8Array.of(value & 255, value >> 8);
const u32 = (value: number): Uint8Array => Uint8Array.of(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
const join = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);

function tpkt(...parts: Uint8Array[]): Uint8Array {
  const body = join(...parts);
  return join(hex('0300'), Uint8Array.of((body.length + 4) >> 8, (body.length + 4) & 255), body);
}

function block(type: number, ...parts: Uint8Array[]): Uint8Array {
  const body = join(...parts);
  return join(u16(type), u16(body.length + 4), body);
}

const wide = (text: string, bytes: number): Uint8Array => {
  const field = new Uint8Array(bytes);
  field.set(Buffer.from(text, 'utf16le').subarray(0, bytes));
  return field;
};

/** 2.2.1.3.2, whole. */
const core = (depth: number, flags: number): Uint8Array =>
  block(
    0xc001,
    u32(0x80004),
    u16(1920),
    u16(1080),
    u16(0xca01),
    u16(0xaa03),
    u32(0x409),
    u32(9600),
    wide('LAPTOP', 32),
    new Uint8Array(12),
    new Uint8Array(64),
    u16(0xca01),
    u16(1),
    u32(0),
    u16(depth),
    u16(7),
    u16(flags),
    wide('3c571ed0-3415', 64),
    new Uint8Array(8),
  );
const clientData = (...blocks: Uint8Array[]): Uint8Array => tpkt(hex('02f0807f65 8200ff'), ascii('Duca'), hex('8100'), ...blocks);
const serverData = (...blocks: Uint8Array[]): Uint8Array =>
  tpkt(hex('02f0807f66 8200ff 00 01c000'), ascii('McDn'), hex('8100'), ...blocks);

const to = (...parts: Uint8Array[]): Arrival => ({ direction: 0, ts: 1, bytes: join(...parts) });
const from = (...parts: Uint8Array[]): Arrival => ({ direction: 1, ts: 1, bytes: join(...parts) });
const request = hex('0300000b 06 e0 0000 0000 00');
const confirmation = hex('0300000b 06 d0 0000 1234 00');
const record = (...arrivals: Arrival[]) => run(rdp, flow, arrivals).records.find(({ log }) => log === 'rdp')?.record;

describe('client data', () => {
  test('all of it', () => {
    expect(record(to(request), from(confirmation), to(clientData(core(16, 0))))).toMatchObject({
      desktop_width: 1920,
      desktop_height: 1080,
      keyboard_layout: 'English - United States',
      client_build: 'RDP 8.1',
      client_name: 'LAPTOP',
      requested_color_depth: '16bit',
      client_dig_product_id: '3c571ed0-3415',
    });
    expect(record(to(request, clientData(core(16, 2))))).toMatchObject({ requested_color_depth: '32bit' });
  });
  test('more channels than there are', () => {
    const outcome = run(rdp, flow, [
      to(request, clientData(block(0xc003, u32(40), ...Array.from({ length: 40 }, () => ascii('channel\0\0\0\0\0'))))),
    ]);
    expect(outcome.weirds).toMatchObject([{ name: 'RDP_channels_requested_exceeds_max', addl: '40' }]);
    expect(outcome.records[0]!.record['client_channels']).toHaveLength(31);
  });
  test('keyboards', () => {
    expect([0x407, 0x10409, 263_198, 0x7777].map(keyboardName)).toEqual([
      'German - Germany',
      'English - United States (Dvorak)',
      'Thai (Best Guess for 263198)',
      'keyboard-30583',
    ]);
  });
});

describe('server data', () => {
  const security = (certificate: Uint8Array) =>
    block(0x0c02, u32(2), u32(2), u32(4), u32(certificate.length), hex('01020304'), certificate);
  test('a permanent RSA certificate', () => {
    expect(record(to(request), from(confirmation, serverData(security(u32(1)))))).toMatchObject({
      cert_type: 'RSA',
      cert_permanent: true,
      cert_count: 1,
      result: 'Success',
    });
  });
  test('a chain: each is counted, what is no certificate leaves an oddity', () => {
    const chain = join(u32(0x80000002), u32(2), u32(3), ascii('abc'), u32(2), ascii('de'));
    const outcome = run(rdp, flow, [to(request), from(confirmation, serverData(security(chain)))]);
    expect(outcome.records).toMatchObject([{ record: { cert_type: 'X.509', cert_permanent: false, cert_count: 2 } }]);
    expect(outcome.weirds.map(({ name }) => name)).toEqual(['SSL_unreadable_certificate', 'SSL_unreadable_certificate']);
  });
  test('blocks and certificates that reach too far', () => {
    const weirds = (...parts: Uint8Array[]) =>
      run(rdp, flow, [to(request), from(confirmation, serverData(...parts))]).weirds.map(({ name }) => name);
    expect(weirds(security(join(u32(2), u32(1), u32(99), ascii('abc'))))).toEqual(['RDP_bad_data_block']);
    expect(weirds(join(u16(0x0c02), u16(999), u32(0)))).toEqual(['RDP_bad_data_block']);
  });
});

test('TLS is given way to where the server chose it', () => {
  const outcome = run(rdp, flow, [
    to(hex('03000013 0e e0 0000 0000 00 01 00 0800 01000000')),
    from(hex('03000013 0e d0 0000 1234 00 02 00 0800 01000000'), hex('1603')),
  ]);
  expect(outcome.gaveWay).toEqual({ service: 'ssl', rest: hex('1603') });
  expect(outcome.records).toMatchObject([{ record: { security_protocol: 'SSL', result: 'encrypted' } }]);
});

test('any cutting gives the same records', () => {
  const bytes = join(request, clientData(core(24, 0), block(0xc003, u32(1), ascii('rdpdr\0\0\0\0\0\0\0'))));
  const build = (places: readonly number[]) => run(rdp, flow, cut({ direction: 0, ts: 1, bytes }, places));
  expect(build([]).records).toMatchObject([{ record: { client_channels: ['rdpdr'] } }]);
  fc.assert(fc.property(fc.array(fc.nat(400), { maxLength: 20 }), (places) => void expect(build(places)).toEqual(build([]))));
});

test('mutated conversations never throw', () => {
  const good = [
    to(request),
    from(confirmation),
    to(clientData(core(24, 0))),
    from(serverData(block(0x0c02, u32(2), u32(2), u32(0), u32(20), u32(2), u32(1), u32(8), new Uint8Array(8)))),
  ];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(250), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const arrivals = good.map((arrival) => ({ ...arrival, bytes: Uint8Array.from((arrival as { bytes: Uint8Array }).bytes) }));
      for (const [which, at, value] of changes) arrivals[which]!.bytes[at % arrivals[which]!.bytes.length] = value;
      expect(run(rdp, flow, arrivals).records.length).toBeLessThan(4);
    }),
    { numRuns: 1_000 },
  );
});

describe('probe', () => {
  const ask = (bytes: Uint8Array, usual = false, direction: 0 | 1 = 0) => rdp.probe(bytes, 0, bytes.length, direction, usual);
  test('a cookie or a negotiation on any port', () => {
    expect(ask(hex('03000013 0e e0 0000 0000 00 01 00 0800 03000000'))).toBe('yes');
    expect(ask(join(hex('0300002b 26 e0 0000 0000 00'), ascii('Cookie: mstshash=clerk\r\n')))).toBe('yes');
    expect(ask(join(hex('0300002b 26 e0 0000 0000 00'), ascii('Coo')))).toBe('more');
    expect(ask(hex('03000013 0e e0'))).toBe('more');
  });
  test('other users of X.224 are not RDP', () => {
    // S7comm: calling and called selectors, size.
    expect(ask(hex('03000016 11 e0 0000 0001 00 c0010a c1020100 c2020102'), true)).toBe('no');
    expect(ask(request, true)).toBe('yes');
    expect(ask(request)).toBe('no');
    expect(ask(confirmation, true, 1)).toBe('no');
  });
});
