import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Direction } from '../protocol.ts';
import { type Arrival, cut, flowOf, hex, run } from '../trial.ts';
import { addedBytes, PaddedDns, recordsMax } from './padding.ts';
import { ssl } from './ssl.ts';

/** Records of application data with so many bytes. */
const records = (...lengths: number[]): Uint8Array => {
  const bytes: number[] = [];
  for (const length of lengths) bytes.push(23, 3, 3, length >> 8, length & 0xff, ...new Uint8Array(length));
  return Uint8Array.from(bytes);
};

/** What a flow is certain to be after records of these lengths; positive from the client, negative from the server. */
function shapeOf(lengths: readonly number[], client: Direction = 0): string | undefined {
  const inside = new PaddedDns(17, client, [0, 0]);
  for (const length of lengths) {
    const bytes = records(Math.abs(length));
    const answer = inside.data(length > 0 ? client : client === 0 ? 1 : 0, bytes, 0, bytes.length);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

describe('sizes of records', () => {
  // Lengths as kdig 3.2 and unbound 1.17 exchange them in TLS 1.3.
  const overTls = [147, -487, 147, -487];
  const overHttps = [56, 88, 154, -50, -77, 26, 46, 154, -33, -81, 46, 154, -33, -104];

  test('padded questions and answers are DNS over TLS, whoever sits where', () => {
    expect(shapeOf(overTls)).toBe('dot');
    expect(shapeOf(overTls, 1)).toBe('dot');
    // Signed answers, longer questions.
    expect(shapeOf([275, -955, 147, -487])).toBe('dot');
  });

  test('one exchange, or questions whose answers are not padded, are none', () => {
    expect(shapeOf([147, -487])).toBeUndefined();
    expect(shapeOf([147, -100, 147, -200, 147, -300])).toBeUndefined();
  });

  test('padded questions with their heads are DNS over HTTPS', () => {
    expect(shapeOf(overHttps)).toBe('doh');
    expect(shapeOf(overHttps.slice(0, -3))).toBeUndefined();
  });

  test('a page, a file sent, and what lasts too long are none', () => {
    expect(shapeOf([500, -16_401, -16_401])).toBe('no');
    expect(shapeOf([147, 16_401])).toBe('no');
    expect(shapeOf(Array.from({ length: recordsMax + 1 }, (_, i) => (i % 2 ? -300 : 200)))).toBe('no');
    // Fewer bytes than the cipher adds: not what was agreed on.
    expect(shapeOf([16])).toBe('no');
  });

  test('what a cipher adds', () => {
    expect(addedBytes(true, 'TLS_AES_128_CCM_8_SHA256')).toBe(17);
    expect(addedBytes(false, 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256')).toBe(24);
    expect(addedBytes(false, 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256')).toBe(16);
    expect(addedBytes(false, 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8')).toBe(16);
    expect(addedBytes(false, 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM')).toBe(24);
    expect(addedBytes(false, 'TLS_RSA_WITH_AES_128_CBC_SHA')).toBeUndefined();
    expect(addedBytes(false, undefined)).toBeUndefined();
  });
});

describe('behind a handshake', () => {
  /** The handshake of the case of TLS 1.3, up to and with its first records. */
  const text = readFileSync(new URL('cases/tls13/bytes.txt', import.meta.url), 'utf8');
  const handshake = [...text.matchAll(/^(\S+) ([<>]) (.*)$/gm)].map(
    ([, ts, way, bytes]): Extract<Arrival, { bytes: Uint8Array }> => ({
      direction: way === '>' ? 0 : 1,
      ts: Number(ts),
      bytes: hex(bytes!),
    }),
  );
  const ts = handshake.at(-1)!.ts;
  const exchange = [147, -487, 147, -487].map((length) => ({
    direction: length > 0 ? (0 as const) : (1 as const),
    ts,
    bytes: records(Math.abs(length)),
  }));
  const services = (arrivals: readonly Arrival[], port = 443): string[] => run(ssl, flowOf('tcp', port), arrivals).services;

  test('the flow is named by what it carries, however its segments are cut', () => {
    expect(services(handshake)).toEqual(['ssl']);
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { maxLength: 20 }), (places) => {
        expect(services([...handshake, ...exchange].flatMap((arrival) => cut(arrival, places)))).toEqual(['ssl', 'dot']);
      }),
      { numRuns: 60 },
    );
  });

  test('a gap ends the looking', () => {
    expect(services([...handshake, { direction: 0, ts, missing: 10 }, ...exchange])).toEqual(['ssl']);
  });

  test("IANA's port of DNS over TLS needs no sizes", () => {
    expect(services(handshake, 853)).toEqual(['ssl', 'dot']);
  });
});
