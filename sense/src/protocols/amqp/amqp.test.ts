import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, ascii, cutAll, flowOf, hex, readCase, run } from '../trial.ts';
import { amqp } from './amqp.ts';
import { descriptor, List, mapText, textAt, valueEnd } from './values.ts';

const flow = flowOf('tcp', 5672);
const folder = join(import.meta.dirname, 'cases');
const cases = readdirSync(folder).map((name): [string, Arrival[]] => [
  name,
  readCase(readFileSync(join(folder, name, 'bytes.txt'), 'utf8')).arrivals,
]);

test.each(cases)('%s: any cutting gives the same records', (name, arrivals) => {
  const whole = run(amqp, flow, arrivals);
  // After nonsense reading goes on where a segment begins with a frame, so that there the segments matter.
  if (name === 'nonsense') return;
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 30 }), (places) => {
      expect(run(amqp, flow, cutAll(arrivals, places))).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});

test.each(cases)('%s: damaged frames never throw', (_name, arrivals) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(300), fc.nat(255)), { maxLength: 8 }), (changes) => {
      const damaged = arrivals.map((arrival) => ('bytes' in arrival ? { ...arrival, bytes: arrival.bytes.slice() } : arrival));
      for (const [which, at, value] of changes) {
        const arrival = damaged[which % damaged.length]!;
        if ('bytes' in arrival) arrival.bytes[at % arrival.bytes.length] = value;
      }
      expect(run(amqp, flow, damaged).records.length).toBeLessThan(40);
    }),
    { numRuns: 600 },
  );
});

test.each(cases)('%s: neither messages nor passwords are written', (_name, arrivals) => {
  expect(JSON.stringify(run(amqp, flow, arrivals))).not.toContain('HIDDEN');
});

test('a long message is passed over, missing or not, and the next frame is read', () => {
  const publish = hex('01 0001 0000000c 003c 0028 0000 0165 0272 31 00 ce');
  const header = hex('02 0001 0000000e 003c 0000 0000000000100000 0000 ce');
  const body = Buffer.concat([hex('03 0001 00100000'), new Uint8Array(0x100000), hex('ce')]);
  const purge = hex('01 0001 0000000a 0032 001e 0000 0271 31 00 ce');
  const there = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });
  const head = Buffer.concat([publish, header]);
  const whole = run(amqp, flow, [there(head), there(body), there(purge)]);
  expect(whole.weirds).toEqual([]);
  expect(whole.records.map(({ record }) => record)).toMatchObject([
    { method: 'basic.publish', exchange: 'e', routing_key: 'r1', payload_len: 1_048_576 },
    { method: 'queue.purge', queue: 'q1' },
  ]);
  const gap = run(amqp, flow, [
    there(head),
    there(body.subarray(0, 5_000)),
    { direction: 0, ts: 1, missing: body.length - 5_000 },
    there(purge),
  ]);
  expect(gap.records).toHaveLength(2);
});

describe('values of AMQP 1.0', () => {
  test('of every kind end where they end, and nowhere where they are cut', () => {
    const kinds = ['40', '43', '5005', '60 0001', '70 00000001', '80 0000000000000001', `98 ${'00'.repeat(16)}`, 'a1 02 6162'];
    kinds.push(
      'b1 00000002 6162',
      'c0 02 01 40',
      'd0 00000005 00000001 40',
      'e0 02 01 40',
      '00 53 10 45',
      '00 80 0000000000000010 45',
    );
    for (const kind of kinds) {
      const bytes = hex(kind);
      expect([kind, valueEnd(bytes, 0, bytes.length)]).toEqual([kind, bytes.length]);
      for (let end = 0; end < bytes.length; end++) expect([kind, end, valueEnd(bytes, 0, end)]).toEqual([kind, end, -1]);
    }
    expect(valueEnd(hex('30'), 0, 1)).toBe(-1);
    expect(valueEnd(new Uint8Array(64), 0, 64)).toBe(-1);
  });
  test('lists, maps and texts', () => {
    const bytes = hex('00 53 10 c0 08 04 a1 01 61 43 5207 41');
    const list = new List();
    expect(list.open(bytes, 0, bytes.length)).toBe(true);
    expect([list.text(), list.number(), list.number(), list.flag(), list.flag()]).toEqual(['a', 0, 7, true, false]);
    expect(descriptor(bytes, 0, bytes.length)).toBe(0x10);
    const map = Buffer.concat([hex('c1 09 02 a3 02'), ascii('os'), hex('a1 02'), ascii('bx')]);
    expect(mapText(map, 0, map.length, 'os')).toBe('bx');
    expect(mapText(map, 0, map.length, 'no')).toBeUndefined();
    expect(textAt(hex('5001'), 0, 2)).toBeUndefined();
  });
});

describe('probe', () => {
  const ask = (bytes: Uint8Array) => amqp.probe(bytes, 0, bytes.length, 0, false);
  test('the opening of either protocol', () => {
    expect(ask(ascii('AMQP\u0000\u0000\u0009\u0001'))).toBe('yes');
    expect(ask(ascii('AMQP\u0003\u0001\u0000\u0000'))).toBe('yes');
    expect(ask(ascii('AMQ'))).toBe('more');
    expect(ask(ascii('AMQX'))).toBe('no');
    expect(ask(ascii('AMQPAMQP'))).toBe('no');
  });
  test('frames from end to end', () => {
    expect(ask(hex('01 0001 0000000d 003c 0028 0000 0165 0272 31 00 00 ce'))).toBe('yes');
    expect(ask(hex('01 0001 0000000d 003c 0028 0000 0165 0272 31 00 00 cf'))).toBe('no');
    expect(ask(hex('01 0001 0000000d 003d 0028 0000 0165 0272 31 00 00 ce'))).toBe('no');
    expect(ask(hex('0000000c 02 00 0000 00 53 18 45'))).toBe('yes');
    expect(ask(hex('0000000c 02 00 0000 00 53 99 45'))).toBe('no');
  });
});
