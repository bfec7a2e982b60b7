import { expect, test } from 'vitest';
import { ascii, flowOf, hex, run } from '../trial.ts';
import { telnet } from './telnet.ts';

const ask = (text: string, usual = false, direction: 0 | 1 = 1) => {
  const bytes = hex(text);
  return telnet.probe(bytes, 0, bytes.length, direction, usual);
};

test('negotiations are proof', () => {
  expect(ask('fffd18 fffd20 fffd23 fffd27')).toBe('yes');
  expect(ask('fffd18 fffd20', false, 0)).toBe('more');
  expect(ask('fffd18 0d0a', true)).toBe('yes');
  expect(ask('fffb18 fffa18 00')).toBe('yes');
});

test('anything else is none', () => {
  expect(ask('fffd18 0d0a', false)).toBe('no');
  expect(ask('fff4', true)).toBe('no');
  expect(ask('fffd64', true)).toBe('no');
  expect(ask('6c6f67696e', true)).toBe('no');
  expect(ask('ff', true)).toBe('more');
});

test('names the service and reads nothing', () => {
  const outcome = run(telnet, flowOf('tcp', 23), [
    { direction: 1, ts: 1, bytes: hex('fffd18') },
    { direction: 0, ts: 1, bytes: ascii('root\r\nsecret\r\n') },
  ]);
  expect(outcome).toMatchObject({ services: ['telnet'], records: [], weirds: [] });
});
