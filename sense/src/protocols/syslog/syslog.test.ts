import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ascii, cut, flowOf, run } from '../trial.ts';
import { syslog, syslogOverTcp } from './syslog.ts';

const udp = flowOf('udp', 514);
const tcp = flowOf('tcp', 601);
const records = (text: string) =>
  run(syslog, udp, [{ direction: 0, ts: 1, bytes: ascii(text) }]).records.map(({ record }) => record);

test('every priority has its names, and no other', () => {
  expect(records('<0>x')).toMatchObject([{ facility: 'KERN', severity: 'EMERG', message: 'x' }]);
  expect(records('<191>x')).toMatchObject([{ facility: 'LOCAL7', severity: 'DEBUG' }]);
  for (const text of ['<192>x', '<>x', '<1a>x', '<1', '<1234>x'])
    expect(records(text)).toMatchObject([{ facility: 'UNSPECIFIED', message: text }]);
});

test('long messages are cut', () => {
  expect(records(`<13>${'x'.repeat(9_000)}`)[0]!['message']).toHaveLength(4_096);
  const bytes = ascii(`<13>${'x'.repeat(9_000)}\n<13>next\n9006 <13>${'x'.repeat(9_002)}<13>last\n`);
  const messages = run(syslogOverTcp, tcp, [{ direction: 0, ts: 1, bytes }]).records.map(({ record }) =>
    String(record['message']).slice(0, 5),
  );
  expect(messages).toEqual(['xxxxx', 'next', 'xxxxx', 'last']);
});

test('any cutting of a stream gives the same records', () => {
  const bytes = ascii('<13>one\n11 <13>1 hello<14>two\r\n\n9 <14>1 abc');
  const build = (places: readonly number[]) => run(syslogOverTcp, tcp, cut({ direction: 0, ts: 1, bytes }, places));
  expect(build([]).records.map(({ record }) => record['message'])).toEqual(['one', '1 hello', 'two', '1 abc']);
  fc.assert(fc.property(fc.array(fc.nat(60), { maxLength: 20 }), (places) => void expect(build(places)).toEqual(build([]))));
});

describe('probe', () => {
  const datagram = (text: string, usual = false) => syslog.probe(ascii(text), 0, text.length, 0, usual);
  const stream = (text: string, usual = false) => syslogOverTcp.probe(ascii(text), 0, text.length, 0, usual);
  test('a datagram needs its priority, and on port 514 only text', () => {
    expect(datagram('<34>Oct 11')).toBe('yes');
    expect(datagram('<34>\u0001')).toBe('no');
    expect(datagram('<934>Oct')).toBe('no');
    expect(datagram('hello')).toBe('no');
    expect(datagram('hello', true)).toBe('yes');
    expect(datagram('he\u0000llo', true)).toBe('no');
  });
  test('a stream always needs its priority', () => {
    expect(stream('<34>Oct')).toBe('yes');
    expect(stream('67 <34>1')).toBe('yes');
    expect(stream('67')).toBe('more');
    expect(stream('<3')).toBe('more');
    expect(stream('<html>', true)).toBe('no');
    expect(stream('SSH-2.0-x', true)).toBe('no');
    expect(stream('1022\u0000user\u0000', true)).toBe('no');
    expect(stream('220 hello', true)).toBe('no');
  });
});
