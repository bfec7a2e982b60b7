import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, ascii, cutAll, flowOf, hex, run } from '../trial.ts';
import { mqtt } from './mqtt.ts';

const flow = flowOf('tcp', 1883);
const there = (bytes: Uint8Array, ts = 1): Arrival => ({ direction: 0, ts, bytes });
const back = (bytes: Uint8Array, ts = 1): Arrival => ({ direction: 1, ts, bytes });
const joined = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);
const signIn = hex('10 0d 0004 4d515454 04 02 003c 0001 61');
const accepted = hex('20 02 00 00');
const publication = (topic: string, payload: string, qos = 0, id = 1): Uint8Array => {
  const body = joined(Buffer.of(0, topic.length), ascii(topic), qos ? Buffer.of(0, id) : Buffer.of(), ascii(payload));
  return joined(Buffer.of(0x30 | (qos << 1), body.length), body);
};
const records = (...arrivals: Arrival[]) => run(mqtt, flow, arrivals).records.map(({ log, record }) => ({ log, ...record }));

describe('quality of service', () => {
  test('exactly once needs all four messages', () => {
    const four = [there(publication('t', 'x', 2)), back(hex('50 02 0001')), there(hex('62 02 0001')), back(hex('70 02 0001'))];
    expect(records(...four)).toMatchObject([{ qos: 'exactly once', status: 'ok', topic: 't', payload_len: 1 }]);
    expect(records(...four.slice(0, 3))).toMatchObject([{ status: 'incomplete_qos' }]);
    expect(records(four[0]!, four[3]!)).toMatchObject([{ status: 'incomplete_qos' }]);
  });
  test('the sides number their messages each for itself', () => {
    const written = records(
      there(publication('up', 'x', 1)),
      back(publication('down', 'xy', 1)),
      there(hex('40 02 0001')),
      back(hex('40 02 0001')),
    );
    expect(written).toMatchObject([
      { topic: 'down', from_client: false, status: 'ok' },
      { topic: 'up', from_client: true, status: 'ok' },
    ]);
  });
  test('what waits longer than five seconds is written as incomplete', () => {
    const late = [there(publication('t', 'x', 1), 1), there(hex('c0 00'), 10), back(hex('40 02 0001'), 11)];
    expect(records(...late)).toMatchObject([{ status: 'incomplete_qos' }]);
  });
  test('no more than 256 wait', () => {
    const many = Array.from({ length: 300 }, (_, i) => {
      const one = publication('t', 'x', 1, 0);
      one[5] = i >> 8;
      one[6] = i & 255;
      return there(one);
    });
    expect(run(mqtt, flow, many).records).toHaveLength(300);
  });
});

test('neither payloads, wills nor passwords are written', () => {
  const will = hex('10 2a 0004 4d515454 04 c6 003c 0001 61');
  const whole = joined(
    will,
    hex('0003'),
    ascii('w/t'),
    hex('0007'),
    ascii('HIDDEN1'),
    hex('0003'),
    ascii('ops'),
    hex('0007'),
    ascii('HIDDEN2'),
  );
  whole[1] = whole.length - 2;
  const text = JSON.stringify(records(there(joined(whole, publication('t', 'HIDDEN3'), publication('t', 'HIDDEN4', 1)))));
  expect(text).toContain('"will_topic":"w/t"');
  expect(text).toContain('"username":"ops"');
  expect(text).not.toContain('HIDDEN');
});

test('a sign-in without an answer is written at the end of the flow', () => {
  const [record] = records(there(signIn));
  expect(record).toMatchObject({ log: 'mqtt_connect', client_id: 'a' });
  expect(record).not.toHaveProperty('connect_status');
});

test('unsubscribing', () => {
  expect(records(there(hex('a2 05 0007 0001 74')), back(hex('b0 02 0007')))).toMatchObject([
    { action: 'MQTT::UNSUBSCRIBE', topics: ['t'], ack: true },
  ]);
});

test('a long payload is passed over, cut or missing, and the next packet is read', () => {
  const long = joined(hex('30 84 80 04 0001 74'), new Uint8Array(0x10001));
  const next = publication('next', 'x');
  expect(records(there(joined(long, next)))).toMatchObject([{ topic: 't', payload_len: 65_537 }, { topic: 'next' }]);
  expect(
    records(there(long.subarray(0, 1_000)), { direction: 0, ts: 1, missing: long.length - 1_000 }, there(next)),
  ).toMatchObject([{ topic: 't', payload_len: 65_537 }, { topic: 'next' }]);
});

test('after nonsense or a gap reading goes on with a segment that is packets from end to end', () => {
  const outcome = run(mqtt, flow, [there(signIn), there(hex('00 11 22')), there(publication('a', 'x')), there(hex('36 00 00'))]);
  expect(outcome.weirds.map(({ name }) => name)).toEqual(['mqtt_bad_message']);
  expect(outcome.records.map(({ log }) => log)).toEqual(['mqtt_publish', 'mqtt_connect']);
  expect(
    records(there(publication('abc', 'def').subarray(0, 5)), { direction: 0, ts: 1, missing: 50 }, there(publication('b', 'x'))),
  ).toMatchObject([{ topic: 'b' }]);
});

test('any cutting of the stream gives the same records', () => {
  const five = hex('10 13 0004 4d515454 05 02 003c 06 11 00000010 2a 0000');
  five[1] = five.length - 2;
  const arrivals = [
    there(joined(signIn, publication('t', 'hello', 1), hex('82 06 0002 0001 2f 01'), publication('u', 'x'.repeat(90)))),
    back(joined(accepted, hex('40 02 0001 90 03 0002 01'))),
    there(hex('e0 00')),
  ];
  const whole = run(mqtt, flow, arrivals);
  expect(whole.weirds).toEqual([]);
  expect(whole.records).toHaveLength(5);
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 30 }), (places) => {
      expect(run(mqtt, flow, cutAll(arrivals, places))).toEqual(whole);
    }),
  );
});

test('damaged packets never throw', () => {
  const good = joined(signIn, publication('topic', 'payload', 2), hex('82 06 0002 0001 2f 01'), hex('e0 00'));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 8 }), (changes) => {
      const bytes = Uint8Array.from(good);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      expect(run(mqtt, flow, [there(bytes), back(bytes)]).records.length).toBeLessThan(40);
    }),
    { numRuns: 2_000 },
  );
});

describe('probe', () => {
  const ask = (text: string, usual: boolean) => {
    const bytes = hex(text);
    return mqtt.probe(bytes, 0, bytes.length, 0, usual);
  };
  test('a sign-in proves it on any port', () => {
    expect(ask('10 0d 0004 4d515454 04', false)).toBe('yes');
    expect(ask('10 80 01 0006 4d5149736470 03', false)).toBe('yes');
    expect(ask('10 0d 0004 4d51', false)).toBe('more');
    expect(ask('10 0d 0004 4d515455', false)).toBe('no');
    expect(ask('16 03 01', true)).toBe('no');
  });
  test('on its port a flow may be met in its middle', () => {
    expect(ask('20 02 00 00', true)).toBe('yes');
    expect(ask('20 02 00 00', false)).toBe('more');
    expect(ask('20 02 00 01 00', false)).toBe('no');
    expect(ask('c0 00 30 08 0005 746f706963 78', false)).toBe('yes');
    expect(ask('30 08 0005 746f700063 78', false)).toBe('no');
    expect(ask('32 10 0001', true)).toBe('more');
  });
});
