import { afterAll, beforeAll, expect, test } from 'vitest';
import { endOfDay, instantOfField, writeField } from './instants.ts';

// Node asks for the zone anew when it is set.
const before = process.env['TZ'];
beforeAll(() => {
  process.env['TZ'] = 'Asia/Shanghai';
});
afterAll(() => {
  if (before === undefined) delete process.env['TZ'];
  else process.env['TZ'] = before;
});

const noon = Date.parse('2026-11-23T12:00:07.250Z');

test('an instant is typed in the zone that is shown', () => {
  expect(writeField(noon, 'utc')).toBe('2026-11-23T12:00:07');
  expect(writeField(noon, 'local')).toBe('2026-11-23T20:00:07');
  expect(instantOfField('2026-11-23T12:00', 'utc')).toBe('2026-11-23T12:00:00.000Z');
  expect(instantOfField('2026-11-23T12:00', 'local')).toBe('2026-11-23T04:00:00.000Z');
});

test('what is typed is the instant that is then shown', () => {
  for (const zone of ['utc', 'local'] as const)
    expect(instantOfField(writeField(noon, zone), zone)).toBe('2026-11-23T12:00:07.000Z');
});

test('a field that is not whole gives no instant', () => {
  for (const zone of ['utc', 'local'] as const)
    for (const text of ['', '12:00', 'tomorrow']) expect(instantOfField(text, zone)).toBe(null);
});

test('a day ends with its last second in the zone that is shown', () => {
  expect(endOfDay('2026-11-23', 'utc')).toBe('2026-11-23T23:59:59.000Z');
  expect(endOfDay('2026-11-23', 'local')).toBe('2026-11-23T15:59:59.000Z');
  for (const text of ['', '2026-11', '2026-13-01', 'today']) expect(endOfDay(text, 'utc')).toBe(null);
});
