/** Behaviours on captures and lists labelled by others: no figure below that of `docs/detection-quality.md`. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDetector } from '@forewarn/detect/detector';
import { Indicators } from '@forewarn/detect/indicators/indicators';
import type { Finding } from '@forewarn/model/finding';
import { loadDetection } from './quality/measure.ts';
import { defaultQuality, fittedQuality, labelledNames } from './quality/measures/generated-names.ts';
import { measures } from './quality/measures/index.ts';
import { dataFolder } from './quality/measures/measure.ts';
import { readLog } from './quality/measures/slips.ts';
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

test('names: better than a bigram model, with and without fitting', () => {
  const names = labelledNames();
  if (!names) return console.warn('net/dga is not here; skipped');
  for (const { auc, recall } of [fittedQuality(names), defaultQuality(names)]) {
    expect(auc).toBeGreaterThan(0.785);
    expect(recall).toBeGreaterThan(0.36);
  }
});

test('the malicious JA3S of net/slips is found as an indicator', () => {
  const path = join(dataFolder, 'net/slips/test9-mixed-zeek-dir/ssl.log');
  if (!existsSync(path)) return console.warn('net/slips is not here; skipped');
  const indicators = new Indicators();
  indicators.load('type,value\nhash,e7d705a3286e19ea42f587b344ee6865\n', 'ja3s.csv');
  const findings = new Map<string, Finding>();
  const detector = createDetector({ indicators, sink: (finding) => void findings.set(finding.id, finding) });
  for (const { log, record } of readLog(path)) detector.push(log, record);
  detector.end();
  expect([...findings.values()].some(({ targets }) => targets.includes('123.33.22.11'))).toBe(true);
});
