/** Behaviours on captures and lists labelled by others: no figure below that of `docs/detection-quality.md`. */

import { describe, expect, test } from 'vitest';
import { loadDetection } from './quality/measure.ts';
import { measures } from './quality/measures/index.ts';
import { fallen, readTable } from './quality/table.ts';

const detection = loadDetection();
const committed = readTable();

describe('labelled data', () => {
  test.each(measures.filter(({ kind }) => kind === 'data'))('$behaviour on $on', async (measure) => {
    const row = await measure.run(detection);
    if (!row) {
      console.warn(`${measure.behaviour} on ${measure.on}: no reference data here; skipped`);
      return;
    }
    expect(fallen(row, committed.rows)).toEqual([]);
  });
});
