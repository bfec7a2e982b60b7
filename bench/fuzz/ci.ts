/** The short form of the long run, for tests: 20,000 inputs of each family, without a clock. */

import { expect, test } from 'vitest';
import type { Family } from './family.ts';
import { fuzz } from './run.ts';

export const inputsEach = 20_000;

/** A family as a test. */
export function fuzzes(family: Family): void {
  test(`${inputsEach.toLocaleString('en')} damaged inputs: ${family.name}`, () => {
    const options = {
      seed: 2,
      from: 0,
      count: inputsEach,
      timed: false,
      hangMs: Infinity,
      growthStarts: 1,
      growthEvery: inputsEach,
    };
    const { faults, inputs } = fuzz(family, options);
    expect(faults.map(({ n, what, input }) => `input ${n}: ${what}\n${input}`)).toEqual([]);
    expect(inputs).toBe(inputsEach);
  });
}
