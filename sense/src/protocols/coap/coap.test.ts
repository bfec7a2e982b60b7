import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { type Arrival, ascii, flowOf, hex, run } from '../trial.ts';
import { coap } from './coap.ts';

const flow = flowOf('udp', 5683);
const there = (bytes: Uint8Array, ts = 1): Arrival => ({ direction: 0, ts, bytes });
const back = (bytes: Uint8Array, ts = 1): Arrival => ({ direction: 1, ts, bytes });
const joined = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);
const records = (...arrivals: Arrival[]): ({ log: string } & AnyRecord)[] =>
  run(coap, flow, arrivals).records.map(({ log, record }) => ({ log, ...record }));

test('payloads are never written, nor what a device answers', () => {
  const text = JSON.stringify(
    records(
      there(joined(hex('41 03 0001 01 b3'), ascii('led'), hex('ff'), ascii('HIDDEN'))),
      back(joined(hex('61 45 0001 01 ff'), ascii('HIDDEN'))),
    ),
  );
  expect(text).toContain('"request_len":6');
  expect(text).toContain('"response_len":6');
  expect(text).not.toContain('HIDDEN');
});

test('options of both long forms', () => {
  const host = 'h'.repeat(14);
  const long = 'p'.repeat(255);
  const message = joined(hex('40 01 0001 3d 01'), ascii(host), hex('8d f2'), ascii(long));
  expect(records(there(message))).toMatchObject([{ uri_host: host, uri_path: `/${long}` }]);
  // Echo is option 252, Request-Tag 292: deltas of one byte and of two.
  expect(records(there(hex('40 01 0001 b1 61 d1 e4 7a d1 1b 7b ff 00')))).toMatchObject([{ uri_path: '/a', request_len: 1 }]);
  expect(records(there(hex('40 01 0001 e1 0017 7b')))).toMatchObject([{ uri_path: '/' }]);
});

test('requests of both sides and of the same token are kept apart', () => {
  const get = (id: string, path: string): Uint8Array => joined(hex(`41 01 ${id} 07 b1`), ascii(path));
  const answer = hex('41 45 0009 07');
  expect(records(there(get('0001', 'a')), back(get('0001', 'b')), there(answer), back(answer))).toMatchObject([
    { is_orig: false, uri_path: '/b', code: '2.05' },
    { is_orig: true, uri_path: '/a', code: '2.05' },
  ]);
});

test('a response without its request is written, as is a protected message', () => {
  expect(records(back(hex('41 45 0009 07 ff 61')))).toMatchObject([{ is_orig: true, code: '2.05', response_len: 1 }]);
  expect(records(there(hex('41 02 0009 07 93 09 01 02 ff 61')))).toMatchObject([{ oscore: true, method: 'POST' }]);
});

test('no more than 128 requests wait, each written once', () => {
  const many = Array.from({ length: 300 }, (_, i) =>
    there(Uint8Array.from([0x42, 1, i >> 8, i & 255, i >> 8, i & 255, 0xb1, 0x61])),
  );
  const written = records(...many);
  expect(written).toHaveLength(300);
  expect(new Set(written.map(({ message_id }) => message_id)).size).toBe(300);
});

test('an unanswered request is written when no response can come any more', () => {
  const arrivals = [there(hex('41 01 0001 01 b1 61'), 1), there(hex('41 01 0002 02 b1 62'), 300)];
  expect(records(...arrivals).map(({ ts }) => ts)).toEqual([1, 300]);
  const bootstrap = joined(hex('40 02 0001 b2'), ascii('bs'), hex('44'), ascii('ep=x'));
  expect(records(there(bootstrap)).map(({ log }) => log)).toEqual(['lwm2m', 'coap']);
});

test('damaged messages never throw', () => {
  const good = joined(
    hex('44 02 0002 b1b2b3b4 b2'),
    ascii('rd'),
    hex('11 28 36'),
    ascii('lt=300'),
    hex('04'),
    ascii('ep=x'),
    hex('ff'),
    ascii('</1/0>'),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 6 }), fc.nat(40), (changes, length) => {
      const bytes = Uint8Array.from(good).subarray(0, length + 1);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      expect(run(coap, flow, [there(bytes), back(bytes)]).records.length).toBeLessThan(5);
    }),
    { numRuns: 2_000 },
  );
});

describe('probe', () => {
  const ask = (bytes: Uint8Array, usual: boolean) => coap.probe(bytes, 0, bytes.length, 0, usual);
  test('elsewhere a request with a readable path proves it', () => {
    expect(ask(joined(hex('41 01 0001 01 b3'), ascii('led')), false)).toBe('yes');
    expect(ask(hex('40 01 0001'), false)).toBe('no');
    expect(ask(hex('61 45 0001 01 ff 61'), false)).toBe('no');
    expect(ask(hex('40 01 0001'), true)).toBe('yes');
    expect(ask(hex('40 00 0001'), true)).toBe('yes');
    expect(ask(hex('40 00 0001 00'), true)).toBe('no');
    expect(ask(hex('80 60 0001'), true)).toBe('no');
  });
});
