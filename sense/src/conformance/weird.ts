/**
 * Our oddities against Zeek's `weird.log`: which names each flow has. How often a name is repeated is not compared – Zeek
 * and we each hold repetition down in a way of our own – and what belongs to no flow is compared by its name alone.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import type { AnyRecord } from '@forewarn/model/records/record';
import { dataRoot } from '../testing/dataset.ts';
import { emptyComparison, note, type Comparison, type Selection } from './comparison.ts';
import { recordsOf } from './records.ts';
import { readZeekLog } from './zeek-log.ts';

type Baseline = { test: string; trace: string; expected: string[]; zeek_command: string[] };

const root = path(dataRoot, 'net/zeek');

/** A flow's two ends in any order; nothing where no flow is named, or the test has cut the ends away. */
function flowOf(value: (field: string) => unknown): string {
  const [from, to] = [value('id.orig_h') ?? '-', value('id.resp_h') ?? '-'];
  if (from === '-' || value('uid') === '-' || value('uid') === undefined) return '';
  return [`${from} ${value('id.orig_p')}`, `${to} ${value('id.resp_p')}`].sort().join(' ');
}

/** Zeek adds to a name that the packet came out of a tunnel; our record has the flow for that. */
const plain = (name: string): string => name.replace(/_in_tunnel$/, '');

/** Compares the names of each flow in all baselines that have the log. */
export async function compareWeird(selection: Selection = {}): Promise<Comparison[]> {
  if (selection.name !== undefined && selection.name !== 'weird') return [];
  const comparison = emptyComparison('zeek', 'weird');
  for (const baseline of JSON.parse(readFileSync(path(root, 'index.json'), 'utf8')) as Baseline[]) {
    const file = baseline.expected.find((one) => one.endsWith('/weird.log'));
    if (!file || !baseline.trace || !existsSync(path(root, baseline.trace))) continue;
    if (selection.test !== undefined && !baseline.test.includes(selection.test)) continue;
    const command = baseline.zeek_command.join(' ');
    const checksums = command === '' || /\s-C\b/.test(command) ? 'ignore' : 'verify';
    const records = (await recordsOf(path(root, baseline.trace), { checksums })).get('weird') ?? [];
    comparison.tests++;
    const { fields, rows } = readZeekLog(path(root, file), 'weird');
    const cut = !fields.includes('id.orig_h');
    const keyOfRecord = (record: AnyRecord): string => (cut ? '' : flowOf((field) => record[field]));
    const ours = new Map<string, Set<string>>();
    for (const record of records) {
      const key = keyOfRecord(record);
      ours.set(key, (ours.get(key) ?? new Set()).add(plain(String(record['name']))));
    }
    const theirs = new Set<string>();
    for (const row of rows) {
      const key = cut ? '' : flowOf((field) => row.values.get(field));
      const name = plain(row.values.get('name')!);
      if (theirs.has(`${key} ${name}`)) continue;
      theirs.add(`${key} ${name}`);
      comparison.records++;
      const got = ours.get(key);
      note(comparison, baseline.test, `row ${row.number}`, name, name, got?.has(name) ? name : [...(got ?? [])].join(' ') || '-');
    }
    for (const [key, names] of ours) {
      for (const name of names) {
        if (theirs.has(`${key} ${name}`)) continue;
        comparison.extra++;
        comparison.extras.push(`${baseline.test}: ${key} ${name}`);
      }
    }
  }
  return [comparison];
}
