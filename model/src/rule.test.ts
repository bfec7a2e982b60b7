import { expect, test } from 'vitest';
import { precisionOf } from './rule.ts';

const counts = (right: number, wrong: number, expected = 0) => ({
  'true-positive': right,
  'false-positive': wrong,
  expected,
  undetermined: 7,
});

/** Worked by hand from Wilson's formula; 10 of 10 is the textbook's 0.722. */
test.each([
  [counts(10, 0), 1, 0.7225, 1],
  [counts(0, 10), 0, 0, 0.2775],
  [counts(4, 5, 1), 0.5, 0.2366, 0.7634],
  [counts(1, 0), 1, 0.2065, 1],
])('%j', (verdicts, value, low, high) => {
  const precision = precisionOf(verdicts)!;
  expect(precision.value).toBe(value);
  expect(precision.low).toBeCloseTo(low, 4);
  expect(precision.high).toBeCloseTo(high, 4);
});

test('nothing judged is no precision', () => expect(precisionOf(counts(0, 0))).toBe(null));
