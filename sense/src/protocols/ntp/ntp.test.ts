import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flowOf, hex, run } from '../trial.ts';
import { ntp } from './ntp.ts';

const flow = flowOf('udp', 123);
const read = (text: string) => run(ntp, flow, [{ direction: 0, ts: 1, bytes: hex(text) }]).records.map(({ record }) => record);

/** Header with the given first four bytes and the given transmit time. */
const message = (head: string, transmit = 'e8fd 5c80 4000 0000') => `${head} ${'00'.repeat(36)} ${transmit}`;

describe('times', () => {
  test('are exact to the microsecond, and zero when they are not set', () => {
    expect(read(message('2300 06ec', 'dcc6 3e49 7a0f 9097'))[0]).toMatchObject({ xmt_time: 1_494_990_793.4768, ref_time: 0 });
  });
  test('belong to the next era when their top bit is not set (RFC 4330 §3)', () => {
    // 2036-02-07 06:28:16 UTC is second 0 of era 1.
    expect(read(message('2300 06ec', '0000 0001 0000 0000'))[0]).toMatchObject({ xmt_time: 2_085_978_497 });
  });
});

test('exponents are signed', () => {
  expect(read(message('2302 0aec'))[0]).toMatchObject({ poll: 1_024, precision: 2 ** -20 });
});

test('the reference of stratum 1 is a name, above it an address', () => {
  const at = (stratum: string) => `23${stratum} 06ec 0000 0000 0000 0000 4750 5300 ${'00'.repeat(24)} e8fd 5c80 0000 0000`;
  expect(read(at('01'))[0]!['ref_id']).toBe('GPS\0');
  expect(read(at('02'))[0]!['ref_id']).toBe('71.80.83.0');
});

test('extension fields never run beyond the datagram', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (rest) => {
      const bytes = Buffer.concat([hex(message('2302 06ec')), rest]);
      const [one] = run(ntp, flow, [{ direction: 0, ts: 1, bytes }]).records;
      expect(one!.record['num_exts']).toBeLessThanOrEqual(rest.length / 16);
    }),
  );
});

describe('probe', () => {
  const ask = (text: string, usual: boolean) => {
    const bytes = hex(text);
    return ntp.probe(bytes, 0, bytes.length, 0, usual);
  };
  test('on its port a header suffices', () => {
    expect(ask(message('2300 06ec'), true)).toBe('yes');
    expect(ask('1700 032a 0000 0000', true)).toBe('yes');
    expect(ask('1602 0001 0000 0000 0000 0000', true)).toBe('yes');
    expect(ask('2300 06ec 0000 0000', true)).toBe('no');
    expect(ask(message('3b00 06ec'), true)).toBe('no');
    expect(ask(message('0300 06ec'), true)).toBe('no');
  });
  test('elsewhere the values must be possible', () => {
    expect(ask(message('2300 06ec'), false)).toBe('yes');
    expect(ask(message('2311 06ec'), false)).toBe('no');
    expect(ask(message('2300 12ec'), false)).toBe('no');
    expect(ask(message('2300 067f'), false)).toBe('no');
    expect(ask(message('2300 06ec', '4141 4141 4141 4141'), false)).toBe('no');
    expect(ask(message('2300 06ec', '0000 0000 0000 0000'), false)).toBe('no');
    expect(ask('1700 032a 0000 0000', false)).toBe('no');
  });
});
