import { describe, expect, test } from 'vitest';
import { Finding } from '@forewarn/model/finding';
import { createLedger, findingId, type Sighting } from './ledger.ts';

const sighting = (ts: number, more: Partial<Sighting> = {}): Sighting => ({
  rule: { id: 'r', version: '1', kind: 'sigma', name: 'R' },
  subject: '10.0.0.1',
  window: 0,
  from: ts,
  to: ts,
  technique: ['T1046'],
  tactic: ['discovery'],
  level: 'low',
  confidence: 0.5,
  explanation: { text: 'x', values: { at: ts } },
  source: '10.0.0.1',
  targets: [`10.1.0.${ts}`],
  names: [],
  records: [{ log: 'conn', uid: `C${ts}`, ts }],
  recordCount: 1,
  harm: null,
  ...more,
});

function book(): { told: Finding[]; ledger: ReturnType<typeof createLedger> } {
  const told: Finding[] = [];
  return { told, ledger: createLedger((finding) => void told.push(finding)) };
}

test('one finding for the same rule, subject and window; another for each other', () => {
  const { told, ledger } = book();
  ledger.sight(sighting(1));
  ledger.sight(sighting(2));
  ledger.sight(sighting(3, { subject: '10.0.0.2' }));
  ledger.sight(sighting(4, { window: 3600 }));
  ledger.sight(sighting(5, { rule: { id: 'q', version: '1', kind: 'sigma', name: 'Q' } }));
  ledger.end();
  expect(new Set(told.map((finding) => finding.id)).size).toBe(4);
  for (const finding of told) expect(Finding.parse(finding)).toEqual(finding);
});

describe('telling', () => {
  test('when it opens, at most once a minute while it grows, and at the end', () => {
    const { told, ledger } = book();
    for (let ts = 0; ts <= 150; ts++) ledger.sight(sighting(ts));
    ledger.end();
    expect(told.map((finding) => [finding.to, finding.recordCount])).toEqual([
      [0, 1],
      [60, 61],
      [120, 121],
      [150, 151],
    ]);
    expect(told.at(-1)).toMatchObject({ from: 0, explanation: { values: { at: 150 } } });
  });

  test('at once when it becomes graver', () => {
    const { told, ledger } = book();
    ledger.sight(sighting(1));
    ledger.sight(sighting(2, { level: 'critical' }));
    ledger.sight(sighting(3, { harm: 'confidentiality' }));
    ledger.sight(sighting(4));
    expect(told.map(({ level, harm }) => [level, harm])).toEqual([
      ['low', null],
      ['critical', null],
      ['critical', 'confidentiality'],
    ]);
  });

  test('when record time passes without more of it', () => {
    const { told, ledger } = book();
    ledger.sight(sighting(1));
    ledger.sight(sighting(2));
    ledger.advance(30);
    expect(told).toHaveLength(1);
    ledger.advance(61);
    expect(told.at(-1)!.recordCount).toBe(2);
    ledger.advance(10_000);
    ledger.end();
    expect(told).toHaveLength(2);
  });

  test('what was told is not changed afterwards', () => {
    const { told, ledger } = book();
    ledger.sight(sighting(1));
    const copy = structuredClone(told[0]);
    for (let ts = 2; ts < 200; ts++) ledger.sight(sighting(ts));
    expect(told[0]).toEqual(copy);
  });
});

test('the same record twice is cited once', () => {
  const { told, ledger } = book();
  ledger.sight(sighting(1));
  ledger.sight(sighting(1));
  ledger.end();
  expect(told.at(-1)!.records).toHaveLength(1);
});

test('lists keep to the finding’s limits', () => {
  const { told, ledger } = book();
  for (let i = 0; i < 3_000; i++) {
    ledger.sight(
      sighting(i / 100, {
        targets: [`t${i}`],
        names: [`n${i}`, 'x'.repeat(10_000)],
        records: [{ log: 'conn', uid: `C${i}`, ts: i }],
      }),
    );
  }
  ledger.end();
  const last = told.at(-1)!;
  expect(Finding.safeParse(last).success).toBe(true);
  expect([last.targets.length, last.names.length, last.records.length, last.recordCount]).toEqual([1_000, 100, 100, 3_000]);
});

test('open findings have a ceiling, and what goes is told', () => {
  const { told, ledger } = book();
  for (let i = 0; i < 100_500; i++) ledger.sight(sighting(1, { subject: `${i}` }));
  expect(ledger.counts).toMatchObject({ findings: 100_500, evictedEarly: 500 });
  expect(told).toHaveLength(100_500);
});

test('ids do not run into one another', () => {
  expect(findingId('a', 'b c', 0)).not.toBe(findingId('a b', 'c', 0));
  expect(findingId('a', 'b', 0)).toMatch(/^[0-9a-f]{32}$/);
});
