import { expect, test } from 'vitest';
import { costOf } from './cost.ts';

test('a full gigabit takes eleven terabytes a day, and ten gigabytes of it are a minute and a half', () => {
  const cost = costOf({ keepHours: 24, keepBytes: 10e9 }, { capacityMbps: 1000, bytesPerSecond: 125_000 });
  expect(cost.full / 1e12).toBeCloseTo(11.0, 1);
  expect(cost.present / 1e9).toBeCloseTo(11.0, 1);
  expect(cost.holdsFull).toBeCloseTo(78.4, 0);
  expect(cost.holdsPresent! / 3600).toBeCloseTo(21.8, 1);
});

test('on a quiet line the bytes are never filled', () => {
  expect(costOf({ keepHours: 1, keepBytes: 1e9 }, { capacityMbps: 10, bytesPerSecond: 0 })).toMatchObject({
    present: 0,
    holdsPresent: null,
  });
});
