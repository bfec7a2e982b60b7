/** A whole query over records in memory: for rules on files, small result sets and the suite's reference answers. */

import { Refusal } from '@forewarn/base/refusal';
import type { AnyRecord } from '../records/record.ts';
import { compile } from './evaluate.ts';
import type { Aggregate, Query } from './query.ts';

/** Groups kept in memory at once; a million groups of a few aggregates is about 500 MB, and belongs into the store. */
const groupsMax = 1_000_000;

export type Row = { [field: string]: unknown };

type Sum = {
  count: number;
  numbers: number;
  sum: number;
  min: number | undefined;
  max: number | undefined;
  distinct: Set<unknown> | undefined;
};

/** Runs the query over records by log. Rows come in the order asked for, and otherwise in order of first appearance. */
export function runQuery(query: Query, logs: Iterable<{ log: string; record: AnyRecord }>): Row[] {
  const matches = compile(query.where ?? { kind: 'and', of: [] });
  const from = new Set(query.from);
  const rows: Row[] = [];
  const groups = new Map<string, { row: Row; sums: Sum[] }>();
  for (const { log, record } of logs) {
    if (!from.has(log)) continue;
    const ts = typeof record['ts'] === 'number' ? record['ts'] : undefined;
    if (query.range?.from !== undefined && !(ts !== undefined && ts >= query.range.from)) continue;
    if (query.range?.to !== undefined && !(ts !== undefined && ts < query.range.to)) continue;
    if (!matches(record)) continue;
    if (!query.group) {
      rows.push({ _log: log, ...record });
      if (!query.order && query.limit !== undefined && rows.length >= query.limit) break;
      continue;
    }
    const { by, every, aggregates } = query.group;
    const row: Row = {};
    for (const field of by) row[field] = record[field] ?? null;
    if (every !== undefined) row['window'] = ts === undefined ? null : Math.floor(ts / every) * every;
    const key = JSON.stringify(row);
    let group = groups.get(key);
    if (!group) {
      if (groups.size >= groupsMax) {
        throw new Refusal('query.groups', `The query makes more than ${groupsMax} groups.`, {
          advice: 'Group by fewer fields, or narrow the range.',
        });
      }
      group = {
        row,
        sums: aggregates.map(() => ({ count: 0, numbers: 0, sum: 0, min: undefined, max: undefined, distinct: undefined })),
      };
      groups.set(key, group);
    }
    for (const [i, aggregate] of aggregates.entries()) add(group.sums[i]!, aggregate, record);
  }
  for (const { row, sums } of groups.values()) {
    for (const [i, aggregate] of query.group!.aggregates.entries()) row[aggregate.as] = valueOf(sums[i]!, aggregate);
    rows.push(row);
  }
  const having = query.having ? compile(query.having) : undefined;
  const kept = having ? rows.filter((row) => having(row as AnyRecord)) : rows;
  if (query.order) kept.sort((a, b) => compareRows(a, b, query.order!));
  const limited = query.limit === undefined ? kept : kept.slice(0, query.limit);
  const columns = query.columns && new Set(['_log', ...query.columns]);
  return columns
    ? limited.map((row) => Object.fromEntries(Object.entries(row).filter(([field]) => columns.has(field))))
    : limited;
}

function add(sum: Sum, aggregate: Aggregate, record: AnyRecord): void {
  if (aggregate.kind === 'count') {
    sum.count++;
    return;
  }
  const value = record[aggregate.field];
  if (value === undefined || value === null) return;
  for (const element of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
    if (aggregate.kind === 'distinct') (sum.distinct ??= new Set()).add(element);
    else if (typeof element === 'number') {
      sum.numbers++;
      sum.sum += element;
      sum.min = sum.min === undefined ? element : Math.min(sum.min, element);
      sum.max = sum.max === undefined ? element : Math.max(sum.max, element);
    }
  }
}

function valueOf(sum: Sum, aggregate: Aggregate): number | null {
  switch (aggregate.kind) {
    case 'count':
      return sum.count;
    case 'distinct':
      return sum.distinct?.size ?? 0;
    case 'sum':
      return sum.sum;
    case 'avg':
      return sum.numbers === 0 ? null : sum.sum / sum.numbers;
    case 'min':
      return sum.min ?? null;
    case 'max':
      return sum.max ?? null;
  }
}

/** How rows are ordered, by every engine: missing values come first; numbers before texts. */
export function compareRows(a: Row, b: Row, order: NonNullable<Query['order']>): number {
  for (const { field, descending } of order) {
    const compared = compareValues(a[field], b[field]);
    if (compared !== 0) return descending ? -compared : compared;
  }
  return 0;
}

function compareValues(a: unknown, b: unknown): number {
  const missing = Number(b === undefined || b === null) - Number(a === undefined || a === null);
  if (missing !== 0 || a === undefined || a === null) return missing;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'number') return -1;
  if (typeof b === 'number') return 1;
  const one = String(a);
  const other = String(b);
  return one < other ? -1 : one > other ? 1 : 0;
}
