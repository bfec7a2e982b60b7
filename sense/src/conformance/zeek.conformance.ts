/** Zeek's baselines as a suite: each log stays above its floor, and its records are there. */

import { describe, expect, test } from 'vitest';
import { hasData } from '../testing/dataset.ts';
import { agreement, type Comparison } from './comparison.ts';
import { details } from './report.ts';
import { compareZeek, logs } from './zeek.ts';

describe.skipIf(!hasData)('logs of Zeek', async () => {
  const comparisons: readonly Comparison[] = hasData ? await compareZeek() : [];
  for (const { log, floor } of logs) {
    test(`${log}: at least ${floor} % of fields equal`, () => {
      const comparison = comparisons.find((one) => one.name === log)!;
      console.log(details(comparison));
      expect(comparison.records).toBeGreaterThan(0);
      expect(agreement(comparison)).toBeGreaterThanOrEqual(floor);
    });
  }
});

test.skipIf(hasData)('not run: the data set is absent', () => {});
