import { expect, test } from 'vitest';
import { noteServerDate, serverOffsetMs } from './clock.ts';

test('answers narrow down how far the clocks are apart, and a clock set anew is noticed', () => {
  // The centre is ten seconds ahead; its header has whole seconds.
  const answer = (ours: number) => noteServerDate(new Date(Math.floor((ours + 10_000) / 1000) * 1000).toUTCString(), ours, ours);
  const start = Date.parse('2026-11-22T00:00:00Z');
  for (const ms of [0, 130, 260, 390, 520, 650, 780, 910]) answer(start + ms);
  expect(Math.abs(serverOffsetMs() - 10_000)).toBeLessThan(200);
  noteServerDate(new Date(start - 3_600_000).toUTCString(), start, start);
  expect(Math.abs(serverOffsetMs() + 3_600_000)).toBeLessThan(1001);
  noteServerDate('nonsense', start, start);
  noteServerDate(null, start, start);
  expect(Math.abs(serverOffsetMs() + 3_600_000)).toBeLessThan(1001);
});
