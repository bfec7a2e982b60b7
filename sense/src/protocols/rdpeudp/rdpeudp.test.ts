import { expect, test } from 'vitest';
import { flowOf, hex, run } from '../trial.ts';
import { rdpeudp } from './rdpeudp.ts';

const flow = flowOf('udp', 3389);
const syn = hex('ffffffff 0040 1801 a7eb5da4 04d0 04d0');
const answer = hex('a7eb5da4 0040 0005 0547d72b 04d0 04d0');

test('the service is named when both have greeted', () => {
  const there = { direction: 0, ts: 1, bytes: syn } as const;
  expect(run(rdpeudp, flow, [there, there]).services).toEqual([]);
  expect(
    run(rdpeudp, flow, [there, { direction: 1, ts: 2, bytes: hex('00') }, { direction: 1, ts: 2, bytes: answer }]).services,
  ).toEqual(['rdpeudp']);
});

test('probe', () => {
  const ask = (bytes: Uint8Array, direction: 0 | 1 = 0) => rdpeudp.probe(bytes, 0, bytes.length, direction, true);
  expect(ask(syn)).toBe('yes');
  expect(ask(syn, 1)).toBe('no');
  expect(ask(answer)).toBe('no');
  expect(ask(syn.subarray(0, 12))).toBe('no');
  expect(ask(hex('ffffffff 0040 1801 a7eb5da4 05dc 04d0'))).toBe('no');
  expect(ask(hex('ffffffff 5453 6f75 72636520 456e 6769'))).toBe('no');
});
