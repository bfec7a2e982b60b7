import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ascii, flowOf, run } from '../trial.ts';
import { ssdp } from './ssdp.ts';

const flow = flowOf('udp', 1900);
const one = (text: string) => run(ssdp, flow, [{ direction: 0, ts: 1, bytes: ascii(text) }]);
const ask = (text: string) => ssdp.probe(ascii(text), 0, text.length, 0, false);

test('is told by its first line, an answer by what it names', () => {
  expect(ask('M-SEARCH * HTTP/1.1\r\n')).toBe('yes');
  expect(ask('NOTIFY * HTTP/1.1\r\n')).toBe('yes');
  expect(ask('NOTIFY sip:a SIP/2.0\r\n')).toBe('no');
  expect(ask('HTTP/1.1 200 OK\r\nST: x\r\n')).toBe('yes');
  expect(ask('HTTP/1.1 200 OK\r\nSTATUS: x\r\n')).toBe('no');
  expect(ask('HTTP/1.1 200 OK\r\nS')).toBe('no');
});

test('values and lines beyond the ceilings are cut', () => {
  const [first] = one(`NOTIFY * HTTP/1.1\r\nSERVER: ${'x'.repeat(2_000)}\r\n`).records;
  expect(first!.record['server']).toHaveLength(512);
  const late = one(`NOTIFY * HTTP/1.1\r\n${'X: 1\r\n'.repeat(64)}NTS: late\r\n`);
  expect(late.records[0]!.record).not.toHaveProperty('nts');
});

test('any bytes behind a first line are read without an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
      const bytes = Buffer.concat([ascii('NOTIFY * HTTP/1.1\r\nST:'), tail]);
      expect(run(ssdp, flow, [{ direction: 0, ts: 1, bytes }]).records).toHaveLength(1);
    }),
  );
});
