/** The captures of tcpdump's own tests, many of them made to break a decoder: all are read to their end, or refused in words. */

import { basename, join as path } from 'node:path';
import { Refusal } from '@forewarn/base/refusal';
import { dataRoot, filesBelow, isCaptureName } from '../testing/dataset.ts';
import { emptyComparison, note, type Comparison, type Selection } from './comparison.ts';
import { recordsOf } from './records.ts';

const root = path(dataRoot, 'net/tcpdump');

export async function compareTcpdump(selection: Selection = {}): Promise<Comparison[]> {
  const comparison = emptyComparison('tcpdump', 'read');
  for (const file of filesBelow(root, isCaptureName)) {
    const test = basename(file);
    if (selection.test !== undefined && !test.includes(selection.test)) continue;
    comparison.tests++;
    comparison.records++;
    let outcome = 'read';
    try {
      await recordsOf(file);
    } catch (error) {
      outcome = error instanceof Refusal ? 'read' : String(error);
      if (error instanceof Refusal) comparison.setAside.push({ test, reason: `refused: ${error.message}` });
    }
    note(comparison, test, 'capture', 'outcome', 'read', outcome);
  }
  return selection.name === undefined || selection.name === 'read' ? [comparison] : [];
}
