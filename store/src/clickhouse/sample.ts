/** What is looked at of many records, and why that is enough: granules of a page, samples of an estimate. */

import type { Predicate } from '@forewarn/model/query/query';
import { limits } from '../limits.ts';
import type { Parameters } from './compile.ts';
import type { Table } from './rows.ts';
import { database } from './tables.ts';

/** How much more than a condition on one or two columns it costs to look at a record: a word is sought in all of them. */
export function breadthOf(where: Predicate | undefined, { columns }: Table): number {
  if (where === undefined) return 1;
  let read = 0;
  const open: Predicate[] = [where];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.kind === 'and' || next.kind === 'or') for (const part of next.of) open.push(part);
    else if (next.kind === 'not') open.push(next.of);
    else read += next.kind === 'keyword' ? 2 * columns.filter(({ kind }) => kind === 'text' || kind === 'address').length : 1;
  }
  return Math.max(1, Math.min(10, Math.floor(read / 2)));
}

/** Rows that ClickHouse reads at a time, at the least (`index_granularity`). */
export const granuleRows = 8_192;
/** Of fewer places a range's bars would say nothing. */
export const placesMin = 6;
/** A range is estimated where it holds so many times the rows that would be looked at: to read two and a half times as many is nearly as soon. */
export const roughShare = 2.5;
/** Of what was met less often among the records looked at, its count among all would be a guess. */
export const timesMetMin = 3;
/** Where a granule begins, and how many rows it has. */
export type Granule = { readonly from: number; readonly rows: number };

/** How many of the instants, which come newest first, lie in the newest granules that one page is read from; an instant is not divided. */
export function nearest(instants: readonly number[], granules: readonly Granule[]): number {
  let granule = 0;
  let met = 0;
  for (const [index, instant] of instants.entries()) {
    const before = granule;
    while (granule < granules.length && granules[granule]!.from > instant) granule += 1;
    if (index > 0 && granule === before) continue;
    if (met >= limits.pageGranules.value && instant !== instants[index - 1]) return index;
    met += 1;
  }
  return instants.length;
}

/** Each stage of a search is so many times as long as all before it, in rows. */
export const stageGrowth = 4;
export const stagesMax = 3;

/** Instants of which each lies in its own part of a range; the parts are equally long. */
export type Sample = { readonly seconds: number; readonly instants: readonly number[] };

/** The golden ratio's fraction: its multiples fall evenly between 0 and 1. */
export const golden = 0.6180339887;

/** Where the granules of a table begin, from the index that ClickHouse has in memory. */
export const granulesOf = ({ log }: Table): string => `mergeTreeIndex('${database}', '${log}')`;

/** To look for a projection and for filters that would serve takes longer than to read the few rows of a sample. */
export const withoutAids = ['optimize_use_projections = 0', 'use_skip_indexes = 0'];

export const shareLooked = (looked: readonly number[], all: readonly number[]): number => {
  const sum = (list: readonly number[]) => list.reduce((total, one) => total + one, 0);
  return Math.min(1, Math.max(1, sum(looked)) / Math.max(1, sum(all)));
};

/**
 * Lets ClickHouse read the granules in which the instants lie, and nothing else. Which records those are depends on their times and their
 * neighbours only, never on what else is asked of them, so a share of them is a share of all. As a list the instants cost a few milliseconds
 * to analyse; written as spans, each with two comparisons, they cost more than what they saved.
 */
export const sampleHint = ({ instants }: Sample, parameters: Parameters): string =>
  `indexHint(ts in ${parameters.add('Array(Float64)', instants)})`;
