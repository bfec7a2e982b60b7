import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Arrival, cutAll, flowOf, hex, readCase, run } from '../trial.ts';
import { openvpn, openvpnOverTcp } from './openvpn.ts';
import { acksMax, protectionOf } from './packets.ts';

const arrivalsOf = (name: string) => readCase(readFileSync(new URL(`cases/${name}/bytes.txt`, import.meta.url), 'utf8')).arrivals;
const bytesOf = (name: string, i: number): Uint8Array => {
  const one = arrivalsOf(name)[i]!;
  if ('missing' in one) throw new Error('no bytes');
  return Uint8Array.from(one.bytes);
};

describe('probe', () => {
  const ask = (bytes: Uint8Array, usual = false) => openvpn.probe(bytes, 0, bytes.length, 0, usual);
  test('first packets of either end prove themselves on any port', () => {
    for (const [name, i] of [
      ['in-clear', 0],
      ['in-clear', 1],
      ['tls-crypt', 0],
      ['tls-crypt', 1],
      ['tls-crypt-v2-unanswered', 0],
    ] as const) {
      const bytes = bytesOf(name, i);
      expect(ask(bytes)).toBe('yes');
      expect(ask(bytes.subarray(0, -1))).toBe('no');
    }
  });
  test('a running tunnel is believed on its port only', () => {
    expect(ask(bytesOf('in-clear', 2))).toBe('no');
    expect(ask(bytesOf('in-clear', 2), true)).toBe('yes');
    expect(ask(hex(`48000005${'5a'.repeat(30)}`), true)).toBe('yes');
    expect(ask(hex(`f8000005${'5a'.repeat(30)}`), true)).toBe('no');
    expect(ask(hex(`48123456${'5a'.repeat(30)}`), true)).toBe('no');
    expect(ask(hex(`30000005${'5a'.repeat(30)}`), true)).toBe('no');
    expect(ask(bytesOf('in-clear', 4), true)).toBe('yes');
    expect(ask(hex(`28 1122334455667788 01 00000001 8877665544332211 00`), true)).toBe('no');
    expect(ask(hex(`20 1122334455667788 00000002 65000000 ${'c0'.repeat(60)}`), true)).toBe('yes');
    expect(ask(hex(`20 1122334455667788 00 00000001 ${'c0'.repeat(60)}`), true)).toBe('no');
  });
  test('over TCP the first packet must be whole', () => {
    const bytes = bytesOf('tls-auth-over-tcp', 0);
    const stream = (end: number) => openvpnOverTcp.probe(bytes, 0, end, 0, true);
    expect(stream(bytes.length)).toBe('yes');
    for (const end of [1, 2, 3, bytes.length - 1]) expect(stream(end)).toBe('more');
    expect(openvpnOverTcp.probe(hex('474554202f20485454502f312e31'), 0, 14, 0, true)).toBe('no');
  });
});

test('the code of tls-auth by its length', () => {
  for (const code of [16, 20, 32, 48, 64]) {
    const client = hex(`1122334455667788 ${'c0'.repeat(code)} 00000001 65000000 00 00000000`);
    expect(protectionOf(7, client, 0, client.length)).toMatchObject({ name: 'tls-auth', code });
    const server = hex(`1122334455667788 ${'c0'.repeat(code)} 00000001 65000000 01 00000000 8877665544332211 00000000`);
    expect(protectionOf(8, server, 0, server.length)).toMatchObject({ name: 'tls-auth', code });
  }
  const other = hex(`1122334455667788 ${'c0'.repeat(16)} 00000001 15000000 00 00000000`);
  expect(protectionOf(7, other, 0, other.length)).toBeUndefined();
});

/** A packet of control in clear with so many acknowledgements. */
const piece = (number: number, text: string, acks = 0): Uint8Array =>
  hex(`20 1122334455667788 ${acks.toString(16).padStart(2, '0')} ${'00000000'.repeat(acks)} ${acks > 0 ? '8877665544332211' : ''}
    ${number.toString(16).padStart(8, '0')} ${text}`);
const reset = hex('38 1122334455667788 00 00000000');
const answer = hex('40 8877665544332211 01 00000000 1122334455667788 00000000');

describe('TLS in control', () => {
  const hello = bytesOf('in-clear', 2).subarray(14);
  const begin: Arrival[] = [
    { direction: 0, ts: 1, bytes: reset },
    { direction: 1, ts: 1, bytes: answer },
  ];
  const whole = Buffer.from(hello).toString('hex');
  // The head of the first packet of the case has an acknowledgement or none; TLS begins with its record type.
  const tls = whole.slice(whole.indexOf('1603'));
  const thirds = [tls.slice(0, 100), tls.slice(100, 240), tls.slice(240)];
  const ssl = (order: readonly number[]) =>
    run(openvpn, flowOf('udp', 1194), [
      ...begin,
      ...order.map((i): Arrival => ({ direction: 0, ts: 2, bytes: piece(i + 1, thirds[i]!, i) })),
    ]).records.filter(({ log }) => log === 'ssl');
  test('pieces in any order, and some twice, give the same record', () => {
    const expected = ssl([0, 1, 2]);
    expect(expected).toMatchObject([{ record: { ja4: expect.stringMatching(/^t13/) } }]);
    for (const order of [
      [2, 1, 0],
      [1, 1, 0, 0, 2],
      [0, 2, 2, 1],
    ])
      expect(ssl(order)).toEqual(expected);
  });
  test('what is missing is not guessed, and what is far ahead not kept', () => {
    expect(ssl([1, 2])).toEqual([]);
    const outcome = run(openvpn, flowOf('udp', 1194), [
      ...begin,
      { direction: 0, ts: 2, bytes: piece(50, '160301') },
      { direction: 0, ts: 2, bytes: piece(1, thirds[0]!) },
    ]);
    expect(outcome.records.map(({ log }) => log)).toEqual(['openvpn']);
  });
  test('a later key has numbers of its own, which do not mix with those of the first', () => {
    const later = thirds.map((text, i): Arrival => {
      const bytes = piece(i + 1, text);
      bytes[0] = 0x21;
      return { direction: 0, ts: 2, bytes };
    });
    const mixed = run(openvpn, flowOf('udp', 1194), [...begin, ...later]);
    expect(mixed.records.map(({ log }) => log)).toEqual(['openvpn']);
  });
  test('more acknowledgements than there are is an oddity', () => {
    const outcome = run(openvpn, flowOf('udp', 1194), [...begin, { direction: 0, ts: 2, bytes: piece(1, tls, acksMax + 1) }]);
    expect(outcome.weirds).toMatchObject([{ name: 'openvpn_bad_message' }]);
  });
});

test('any cutting of a stream gives the same records; after a gap it is read no further', () => {
  const arrivals = arrivalsOf('tls-auth-over-tcp');
  const whole = run(openvpnOverTcp, flowOf('tcp', 1194), arrivals);
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 12 }), (places) => {
      expect(run(openvpnOverTcp, flowOf('tcp', 1194), cutAll(arrivals, places))).toEqual(whole);
    }),
  );
  const torn = [arrivals[0]!, arrivals[1]!, arrivals[2]!, { direction: 0 as const, ts: 1, missing: 500 }, arrivals[3]!];
  expect(run(openvpnOverTcp, flowOf('tcp', 1194), torn).records).toMatchObject([{ record: { data: 1 } }]);
});

test('any packets: one record of the flow, one oddity at most', () => {
  const packet = fc.oneof(
    fc.constantFrom(reset, answer, bytesOf('in-clear', 2), bytesOf('in-clear', 3), bytesOf('tls-crypt', 0)),
    fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 120 })).map(([first, rest]) => Uint8Array.of(first, ...rest)),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom<0 | 1>(0, 1), packet), { maxLength: 25 }), (list) => {
      const arrivals = list.map(([direction, bytes], i) => ({ direction, ts: i, bytes }));
      const outcome = run(openvpn, flowOf('udp', 1194), arrivals);
      expect(outcome.records.filter(({ log }) => log === 'openvpn').length).toBeLessThanOrEqual(1);
      expect(outcome.weirds.filter(({ name }) => name === 'openvpn_bad_message').length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 1_000 },
  );
});
