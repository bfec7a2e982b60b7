/** The search of findings: later editions count, groups add up, pages go on, and nobody sees more than his part. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findingRecord } from '@forewarn/model/finding-fields';
import { covers } from '@forewarn/detect/noise/noise';
import type { Finding } from '@forewarn/model/finding';
import { compile } from '@forewarn/model/query/evaluate';
import { parsePredicate } from '@forewarn/model/query/text';
import { openEngine } from './engine.ts';
import { openRecords, type Records } from './records.ts';
import { openFindingSearch, type SearchedFinding } from './finding-search.ts';

const dir = mkdtempSync(join(tmpdir(), 'forewarn-finding-search-'));
let records: Records;

const finding = (n: number, more: Partial<Finding> = {}): Finding => ({
  id: `f${n}`,
  from: 1_000 + n * 100,
  to: 1_050 + n * 100,
  rule: { id: n % 2 === 0 ? 'behaviour:scan' : 'r-1', version: '1', kind: 'behaviour', name: n % 2 === 0 ? 'Scan' : 'One' },
  technique: n % 3 === 0 ? ['T1046', 'T1595'] : [],
  tactic: ['discovery'],
  level: n % 4 === 0 ? 'high' : 'low',
  confidence: 0.5,
  explanation: { text: 'detect.scan', values: { name: `secret-${n}` } },
  source: `10.0.0.${n % 3}`,
  targets: [`192.0.2.${n}`, '192.0.2.200'],
  names: n === 5 ? ['Files.Example'] : [],
  records: [{ log: 'conn', uid: 'C', ts: 1 }],
  recordCount: n + 1,
  harm: null,
  ...more,
});

const searched = (one: Finding, edition: number, more: Partial<SearchedFinding> = {}, link = 'east-link'): SearchedFinding => ({
  id: one.id,
  edition,
  recordedAt: one.from,
  fields: findingRecord(one, { organisations: ['east', 'west'], sensor: 's', link, networkType: 'control' }),
  seenBy: 'east',
  whole: ['east'],
  incident: null,
  incidentSeenBy: [],
  hiddenBy: null,
  verdict: null,
  ...more,
});

const findings = Array.from({ length: 12 }, (_unused, n) => finding(n));

beforeAll(async () => {
  records = await openRecords({ dir, recordTypes: [] });
  await records.findings.put(findings.map((one, n) => searched(one, n)));
  await records.findings.put([
    searched(findings[1]!, 100, { hiddenBy: 'x' }),
    searched(findings[2]!, 101, { verdict: 'true-positive', incident: 'i', incidentSeenBy: ['east'] }),
  ]);
});
afterAll(async () => {
  await records.close();
  rmSync(dir, { recursive: true, force: true });
});

const ids = async (filter: Parameters<Records['findings']['list']>[1], scope: 'all' | { organisation: string } = 'all') =>
  (await records.findings.list(scope, filter, { limit: 100 })).map(({ id }) => id);

test('the last edition counts; what is hidden is counted and shown on demand', async () => {
  expect(await ids({})).toEqual(['f11', 'f10', 'f9', 'f8', 'f7', 'f6', 'f5', 'f4', 'f3', 'f2', 'f0']);
  expect(await ids({ hidden: 'yes' })).toEqual(['f1']);
  expect(await records.findings.totals('all', {})).toMatchObject({ count: 11, hidden: 1, levels: { high: 3, low: 8 } });
});

test('pages go on after the last, groups come the gravest first and add up', async () => {
  const first = await records.findings.list('all', {}, { limit: 4 });
  const last = first.at(-1)!;
  const next = await records.findings.list('all', {}, { limit: 2, after: [last.to, last.id] });
  expect(next.map(({ id }) => id)).toEqual(['f7', 'f6']);
  const range = { from: 1_000, to: 2_200 };
  const groups = await records.findings.groups('all', range, { by: 'rule-source', limit: 100, parts: 12 });
  expect(groups.map(({ key, count, level }) => [...key, count, level])).toEqual([
    ['behaviour:scan', '10.0.0.2', 2, 'high'],
    ['behaviour:scan', '10.0.0.1', 2, 'high'],
    ['behaviour:scan', '10.0.0.0', 2, 'high'],
    ['r-1', '10.0.0.2', 2, 'low'],
    ['r-1', '10.0.0.0', 2, 'low'],
    ['r-1', '10.0.0.1', 1, 'low'],
  ]);
  for (const { spark, count } of groups) expect(spark.reduce((a, b) => a + b)).toBe(count);
  expect(groups.reduce((sum, { verdicts }) => sum + verdicts['true-positive']!, 0)).toBe(1);
  const after = groups[3]!.place;
  const rest = await records.findings.groups('all', range, { by: 'rule-source', limit: 2, parts: 12, after });
  expect(rest.map(({ key }) => key)).toEqual(groups.slice(4).map(({ key }) => key));
});

test.each([
  'rule:r-1 and source:10.0.0.0/30',
  'names:*.example and not level:high',
  'targets:192.0.2.4 or technique:T1595',
  'records>8 and link:east-link',
  'secret-7',
  'not harm:*',
  'hour(from)<1 and organisation:east',
])('both engines answer alike: %s', async (text) => {
  const where = parsePredicate(text);
  const matches = compile(where);
  const place = { organisations: ['east', 'west'], sensor: 's', link: 'east-link', networkType: 'control' };
  const expected = findings.filter((one) => matches(findingRecord(one, place))).map(({ id }) => id);
  expect((await ids({ where, hidden: 'all' })).sort()).toEqual(expected.sort());
});

test('who was only acted upon finds nothing by what he is not shown, and a stranger nothing at all', async () => {
  const west = { organisation: 'west' };
  expect(await ids({ hidden: 'all' }, { organisation: 'stranger' })).toEqual([]);
  expect((await ids({ hidden: 'all' }, west)).length).toBe(12);
  for (const text of ['secret-7', 'targets:192.0.2.4', 'link:east-link', 'sensor:s', 'organisation:east', 'networkType:control'])
    expect([text, ...(await ids({ where: parsePredicate(text) }, west))]).toEqual([text]);
  expect(await ids({ target: '192.0.2.4' }, west)).toEqual([]);
  expect(await ids({ link: 'east-link' }, west)).toEqual([]);
  const groups = await records.findings.groups(west, {}, { by: 'target', limit: 100, parts: 1 });
  expect(groups.map(({ key, incidents }) => [key, incidents])).toEqual([[[''], 0]]);
});

test('the times of an exception mean the same in both engines', async () => {
  // 1970-01-01 was a Thursday; in Shanghai it was eight in the morning.
  for (const weekly of [
    { days: [4], start: '08:20', minutes: 10, zone: 'Asia/Shanghai' },
    { days: [3], start: '23:55', minutes: 30, zone: 'UTC' },
    { days: [0, 4], start: '00:25', minutes: 1, zone: 'UTC' },
  ]) {
    const times = { from: 1_200, until: 2_000, weekly };
    const expected = findings.filter((one) => covers(times, one.from, one.to)).map(({ id }) => id);
    expect([weekly, (await ids({ times, hidden: 'all' })).sort()]).toEqual([weekly, expected.sort()]);
  }
});

test('a preview counts what would be hidden, and names what must not be', async () => {
  const where = parsePredicate('rule:behaviour:scan');
  const preview = await records.findings.preview('all', { where, from: 0 }, {});
  expect(preview).toMatchObject({ count: 6, grave: 1, graveIds: ['f2'], levels: { high: 3, low: 3 } });
  expect(preview.days).toEqual([{ at: 0, count: 6 }]);
  // An organisation's own hides only what concerns nobody else.
  expect((await records.findings.preview({ organisation: 'east' }, { where }, { alone: 'east' })).count).toBe(0);
});

test('groups are found though most of the gravest findings belong to one', async () => {
  const rule = { id: 'loud', version: '1', kind: 'sigma', name: 'Loud' } as const;
  const loud = (n: number) =>
    finding(n, { id: `loud-${n}`, rule, level: 'critical', source: '10.1.0.1', targets: ['192.0.2.201'], from: 50_000 + n });
  await records.findings.put(Array.from({ length: 6_000 }, (_unused, n) => searched(loud(n), 1_000 + n)));
  for (const by of ['rule-source', 'source', 'target'] as const) {
    const all = await records.findings.groups('all', {}, { by, limit: 100, parts: 4 });
    expect(all[0]).toMatchObject({ count: 6_000, level: 'critical' });
    expect(all.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(6_000);
    const counted = await records.findings.groups('all', {}, { by, limit: 100, parts: 4, after: ['9e99', ''] });
    expect(all.map(({ key, count }) => [key, count])).toEqual(counted.map(({ key, count }) => [key, count]));
  }
});

test('a search that is opened again knows what it knew; one that is ordered otherwise is emptied, to be filled again', async () => {
  const known = await records.findings.count();
  expect(known).toBeGreaterThan(0);
  await records.close();
  const engine = openEngine(dir);
  await engine.write('create database if not exists forewarn');
  expect(await (await openFindingSearch(engine)).count()).toBe(known);
  await engine.write('drop table forewarn.finding_search sync');
  await engine.write(
    'create table forewarn.finding_search (id String, _recorded Float64) engine = MergeTree order by (_recorded, id)',
  );
  await engine.write("insert into forewarn.finding_search values ('old', 1)");
  await engine.close();
  records = await openRecords({ dir, recordTypes: [] });
  expect(await records.findings.count()).toBe(0);
  await records.findings.put([searched(finding(1), 1)]);
  expect((await records.findings.totals('all', {})).count).toBe(1);
});
