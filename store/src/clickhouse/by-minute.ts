/** Counts and sums by the minute, from the projection that holds a row a minute. */

import { Parameters } from './compile.ts';
import type { Table } from './rows.ts';
import { scopeSql, type RecordRange, type RecordScope } from './scope.ts';
import { minuteSql, tableOf } from './tables.ts';

/** Where the first bucket of a histogram begins, and how long each is, in seconds. */
export type Bars = { readonly from: number; readonly seconds: number };

/** What is counted apart: by bucket, by a column as `of`; with what else must hold, and sums as `s0`, `s1`, …  */
export type Parted = {
  readonly bucketOf?: (instant: string) => string;
  readonly by?: string;
  readonly only?: string;
  readonly sums?: readonly string[];
};

/**
 * Statements that together count the records of a range, each giving `n` and, with `bucketOf`, the bucket of an instant. Minutes through which
 * none of the borders goes are counted from the projection, a row a minute; of the others the records themselves are.
 */
export function countedByMinute(
  scope: RecordScope,
  { log }: Table,
  range: RecordRange,
  borders: readonly number[],
  parameters: Parameters,
  { bucketOf, by, only, sums = [] }: Parted = {},
): string[] {
  const table = tableOf(log);
  const within = scopeSql(scope, parameters);
  const add = (value: number) => parameters.add('Float64', value);
  const select = (instant: string, conditions: readonly string[]): string => {
    const keys = [...(bucketOf ? [`${bucketOf(instant)} as bucket`] : []), ...(by ? [`${by} as of`] : [])];
    const values = ['count() as n', ...sums.map((sum, index) => `${sum} as s${index}`)];
    const where = [...within, ...(only ? [only] : []), ...conditions].join(' and ');
    const grouping = [...(bucketOf ? ['bucket'] : []), ...(by ? ['of'] : [])];
    return `select ${[...keys, ...values].join(', ')} from ${table} where ${where} ${grouping.length > 0 ? `group by ${grouping.join(', ')}` : ''}`;
  };
  const inside = (from: number, to: number): string => `(ts >= ${add(from)} and ts < ${add(to)})`;
  // Counting from the first to the last row needs no rows where everybody's count; far times have no minutes of their own.
  const plain = scope === 'all' && !bucketOf;
  const split = new Set<number>();
  for (const border of borders) {
    if (Number.isInteger(border) && border % 60 === 0) continue;
    // A border that a division gave may lie on either side of where it should.
    split.add(Math.floor((border - 0.001) / 60)).add(Math.floor((border + 0.001) / 60));
  }
  const first = Math.floor(range.from / 60);
  const end = Math.ceil(range.to / 60);
  const far = !(Math.abs(range.from) < 1e12 && Math.abs(range.to) < 1e12);
  if (plain || far || end - first < 2 * split.size) return [select('ts', [inside(range.from, range.to)])];
  const whole = [`${minuteSql} >= ${add(first)}`, `${minuteSql} < ${add(end)}`];
  if (split.size > 0) whole.push(`${minuteSql} not in (${[...split].map(add).join(', ')})`);
  const pieces = [select(`${minuteSql} * 60`, whole)];
  if (split.size > 0) {
    const edges = [...split].map((minute) => inside(Math.max(range.from, minute * 60), Math.min(range.to, minute * 60 + 60)));
    // The hint alone chooses what is read of the table; to ask every row for each of a hundred edges would cost more than to read all.
    const minutes = `${minuteSql} in (${[...split].map(add).join(', ')})`;
    pieces.push(select('ts', [inside(range.from, range.to), minutes, `indexHint(${edges.join(' or ')})`]));
  }
  return pieces;
}

/**
 * Bars of whole minutes at whole multiples of their length, about so many: they stay where they are while a range that ends now moves on, and
 * are counted by the minute. Shorter ones begin where the range does. The first may begin before it, and the last end after it.
 */
export function barsOfMinutes(range: RecordRange, about: number): Bars & { count: number } {
  const span = range.to - range.from;
  // The range may begin and end within a bar.
  const seconds = Math.ceil(span / Math.max(1, about - 1) / 60) * 60;
  if (about === 1 || !(span / about >= 60) || !(Math.abs(range.from) < 1e12))
    return { from: range.from, seconds: span / about, count: about };
  const first = Math.floor(range.from / seconds);
  return { from: first * seconds, seconds, count: Math.ceil(range.to / seconds) - first };
}

export const barSql = (bars: Bars, parameters: Parameters, instant = 'ts'): string =>
  `floor((${instant} - ${parameters.add('Float64', bars.from)}) / ${parameters.add('Float64', bars.seconds)})`;
