/** nDPI's flows as a suite. */

import { describe, expect, test } from 'vitest';
import { hasData } from '../testing/dataset.ts';
import { agreement, type Comparison } from './comparison.ts';
import { compareNdpi, ndpiFloors } from './ndpi.ts';
import { details } from './report.ts';

describe.skipIf(!hasData)('flows of nDPI', async () => {
  const comparisons: readonly Comparison[] = hasData ? await compareNdpi() : [];
  for (const [name, floor] of Object.entries(ndpiFloors)) {
    test(`${name}: at least ${floor} % of fields equal`, () => {
      const comparison = comparisons.find((one) => one.name === name)!;
      console.log(details(comparison));
      expect(comparison.records).toBeGreaterThan(1000);
      expect(agreement(comparison)).toBeGreaterThanOrEqual(floor);
    });
  }

  test('packets and bytes each way are equal in 99.8 % of the flows', () => {
    const comparison = comparisons.find((one) => one.name === 'flows')!;
    const unequal = new Set(comparison.differences.map((each) => `${each.test} ${each.place}`));
    expect(100 * (1 - unequal.size / comparison.records)).toBeGreaterThanOrEqual(99.8);
  });
});

test.skipIf(hasData)('not run: the data set is absent', () => {});
