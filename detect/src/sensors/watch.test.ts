import { expect, test } from 'vitest';
import type { SensorReport } from '@forewarn/model/sensor';
import { judgeReport, judgeSilence, type OpenFindings, type SensorRules, type SensorSeen } from './watch.ts';

const rules: SensorRules = {
  'silent-sensor': { behaviour: 'silent-sensor', version: '1', name: 'Silent sensor', parameters: { silentAfter: 180 } },
  'dropping-sensor': {
    behaviour: 'dropping-sensor',
    version: '1',
    name: 'Dropping sensor',
    parameters: { droppedShare: 0.001, droppedMin: 100, overAfter: 600 },
  },
};
const seen = (reportedAt: number, stats: object = {}, more: Partial<SensorReport> = {}): SensorSeen => ({
  sensor: 'tap-1',
  reportedAt,
  report: {
    input: 'interface',
    startedAt: 0,
    stopping: false,
    settings: { version: 0, refused: null },
    stats: { span: 60, pkts_proc: 99_000, pkts_link: 100_000, pkts_dropped: 0, ...stats },
    lost: { batches: 0, records: 0 },
    ...more,
  },
});

test('silence is found once, grows no further, and is over with the next report under the same id', () => {
  expect(judgeSilence(seen(1_000), {}, { at: 1_180, since: 0 }, rules)).toBeUndefined();
  const found = judgeSilence(seen(1_000), {}, { at: 1_181, since: 0 }, rules)!;
  expect(found.findings).toMatchObject([
    {
      rule: { id: 'behaviour:silent-sensor' },
      source: 'tap-1',
      from: 1_000,
      to: 1_181,
      explanation: { text: 'detect.sensor.silent' },
    },
  ]);
  expect(judgeSilence(seen(1_000), found.open, { at: 1_300, since: 0 }, rules)).toBeUndefined();
  const over = judgeReport(seen(1_600), found.open, rules);
  expect(over.findings).toMatchObject([
    {
      id: found.findings[0]!.id,
      from: 1_000,
      to: 1_600,
      explanation: { text: 'detect.sensor.silent-over', values: { minutes: 10 } },
    },
  ]);
  expect(over.open).toEqual({});
  // Another silence is another finding.
  expect(judgeSilence(seen(1_600), over.open, { at: 2_000, since: 0 }, rules)!.findings[0]!.id).not.toBe(found.findings[0]!.id);
});

test('after the centre itself was away, sensors have as long as ever to be heard of', () => {
  expect(judgeSilence(seen(1_000), {}, { at: 5_100, since: 5_000 }, rules)).toBeUndefined();
  expect(judgeSilence(seen(1_000), {}, { at: 5_181, since: 5_000 }, rules)!.findings[0]!.from).toBe(1_000);
});

test('one that was stopped is said to be; a pipe that ended is not awaited', () => {
  const stopped = judgeSilence(seen(0, {}, { stopping: true }), {}, { at: 200, since: 0 }, rules)!;
  expect(stopped.findings[0]!.explanation.text).toBe('detect.sensor.stopped');
  expect(judgeSilence(seen(0, {}, { stopping: true, input: 'stdin' }), {}, { at: 9_999, since: 0 }, rules)).toBeUndefined();
  expect(judgeSilence(seen(0, {}, { input: 'stdin' }), {}, { at: 9_999, since: 0 }, rules)).toBeDefined();
});

test.each([
  ['99 of 1,000 packets', { pkts_link: 1_000, pkts_proc: 901, pkts_dropped: 99 }, 0],
  ['100 of 1,000', { pkts_link: 1_000, pkts_proc: 900, pkts_dropped: 100 }, 1],
  ['100 of 100,001', { pkts_link: 100_001, pkts_dropped: 100 }, 0],
  ['100 of 100,000', { pkts_link: 100_000, pkts_dropped: 100 }, 1],
  ['what the card dropped', { pkts_if_dropped: 500 }, 1],
  ['records that the spool had no room for', { lost_records: 1 }, 1],
])('%s', (_what, stats, count) => {
  expect(judgeReport(seen(60, stats), {}, rules).findings).toHaveLength(count);
});

test('drops of one time are one finding that adds up; quiet for long enough, it is over', () => {
  const dropping = { pkts_dropped: 5_000 };
  let open: OpenFindings = {};
  const ids = new Set<string>();
  for (const at of [60, 120, 180]) {
    const judged = judgeReport(seen(at, dropping), open, rules);
    open = judged.open;
    for (const { id } of judged.findings) ids.add(id);
  }
  expect(ids.size).toBe(1);
  expect(open['dropping-sensor']).toMatchObject({ since: 0, lastAt: 180, dropped: 15_000, of: 300_000, reports: 3 });
  const quiet = judgeReport(seen(780), open, rules);
  expect(quiet).toMatchObject({ findings: [], open: { 'dropping-sensor': { lastAt: 180 } } });
  const over = judgeReport(seen(781), quiet.open, rules);
  expect(over.findings).toMatchObject([
    { id: [...ids][0], to: 180, explanation: { text: 'detect.sensor.dropping-over', values: { sensor: 'tap-1' } } },
  ]);
  expect(over.open).toEqual({});
});

test('numbers that are none are nothing: sensors are not trusted to be well', () => {
  const odd = { pkts_dropped: -5, pkts_link: 'many', pkts_if_dropped: Number.NaN, lost_records: Infinity };
  expect(judgeReport(seen(60, odd), {}, rules)).toEqual({ findings: [], open: {} });
});
