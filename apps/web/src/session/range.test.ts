import { expect, test } from 'vitest';
import { readRange, resolveRange, writeBetween } from './range.ts';

test('counts back from now', () => {
  expect(resolveRange(readRange('15m'), 1_000_000_000_000)).toEqual({
    fromMs: 1_000_000_000_000 - 900_000,
    toMs: 1_000_000_000_000,
  });
});

test('a fixed range survives the address', () => {
  const text = writeBetween(Date.parse('2026-11-22T01:00:00Z'), Date.parse('2026-11-22T02:00:00.500Z'));
  expect(text).toBe('2026-11-22T01:00:00Z~2026-11-22T02:00:00.500Z');
  expect(resolveRange(readRange(text), 0).toMs).toBe(Date.parse('2026-11-22T02:00:00.500Z'));
});

test('an end pinned to now moves', () => {
  const range = readRange(writeBetween(0, 'now'));
  expect(resolveRange(range, 5000)).toEqual({ fromMs: 0, toMs: 5000 });
});

test.each([undefined, '', 'x', '0h', '2026-11-22T02:00:00Z~2026-11-22T01:00:00Z', 'a~b', '1~2~3', '999999d'])(
  '%s is the default',
  (text) => {
    expect(readRange(text)).toEqual({ kind: 'last', seconds: 86_400 });
  },
);
