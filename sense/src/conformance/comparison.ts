/** What a comparison of our records with another tool's is made of, the same for every source of references. */

import type { AnyRecord } from '@forewarn/model/records/record';
import { accepted, type Accepted } from './accepted.ts';

/** One field of one of their records that ours has otherwise, or not at all. */
export type Difference = {
  /** The test or capture. */
  test: string;
  /** Where in it: `row 3`, `flow 12`, `event 4`. */
  place: string;
  field: string;
  theirs: string;
  ours: string;
  /** The entry of the reviewed list that explains it. */
  accepted: Accepted | undefined;
};

/** What became of one protocol in one source. */
export type Comparison = {
  source: string;
  /** The protocol, log or kind of event. */
  name: string;
  /** Captures read. */
  tests: number;
  /** Their records, and those without one of ours. */
  records: number;
  missing: number;
  /** Our records without one of theirs in the same captures. */
  extra: number;
  /** Fields of their records; those of a missing record all count as missing. */
  fields: number;
  equal: number;
  different: number;
  missingFields: number;
  differences: Difference[];
  /** By field: how many equal of how many. */
  perField: Map<string, { equal: number; all: number }>;
  /** Tests that are not compared, with the reason. */
  setAside: { test: string; reason: string }[];
  /** Records of ours that they do not have, one line each. */
  extras: string[];
};

/** What is to be compared: everything when nothing is named. */
export type Selection = { name?: string | undefined; test?: string | undefined };

export function emptyComparison(source: string, name: string): Comparison {
  return {
    source,
    name,
    tests: 0,
    records: 0,
    missing: 0,
    extra: 0,
    fields: 0,
    equal: 0,
    different: 0,
    missingFields: 0,
    differences: [],
    perField: new Map(),
    setAside: [],
    extras: [],
  };
}

/** Counts one field: equal, or different, or missing because we have no such record (`ours` is undefined). */
export function note(
  comparison: Comparison,
  test: string,
  place: string,
  field: string,
  theirs: string,
  ours: string | undefined,
  same = theirs === ours,
): void {
  const count = comparison.perField.get(field) ?? { equal: 0, all: 0 };
  comparison.perField.set(field, count);
  count.all++;
  comparison.fields++;
  if (ours !== undefined && same) {
    count.equal++;
    comparison.equal++;
    return;
  }
  if (ours === undefined) comparison.missingFields++;
  else comparison.different++;
  const entry = accepted.find(
    (each) =>
      each.source === comparison.source &&
      each.name === comparison.name &&
      (each.test instanceof RegExp ? each.test.test(test) : each.test === test) &&
      (each.rows === undefined || each.rows.includes(Number(/\d+/.exec(place)?.[0]))) &&
      each.fields.test(field),
  );
  comparison.differences.push({ test, place, field, theirs, ours: ours ?? '(no record)', accepted: entry });
}

/** Percent of their fields that ours equal. */
export function agreement(comparison: Comparison): number {
  return comparison.fields === 0 ? 100 : (100 * comparison.equal) / comparison.fields;
}

/** Fields whose difference the reviewed list explains. */
export function acceptedFields(comparison: Comparison): number {
  return comparison.differences.reduce((sum, each) => sum + (each.accepted ? 1 : 0), 0);
}

/**
 * Joins their rows with our records: in one bucket of equal keys, rows whose every field agrees are joined first, then
 * each row takes the record that agrees most. `score` answers how well a record fits a row, -1 for not at all.
 */
export function join<Row>(
  rows: readonly Row[],
  records: readonly AnyRecord[],
  keyOfRow: (row: Row) => string,
  keyOfRecord: (record: AnyRecord) => string,
  score: (row: Row, record: AnyRecord) => number,
  perfect: (row: Row) => number,
): { joined: Map<Row, AnyRecord>; left: AnyRecord[] } {
  const buckets = new Map<string, Set<AnyRecord>>();
  for (const record of records) {
    const key = keyOfRecord(record);
    const bucket = buckets.get(key);
    if (bucket) bucket.add(record);
    else buckets.set(key, new Set([record]));
  }
  const joined = new Map<Row, AnyRecord>();
  const second: Row[] = [];
  for (const row of rows) {
    const bucket = buckets.get(keyOfRow(row));
    if (!bucket) continue;
    const wanted = perfect(row);
    let found: AnyRecord | undefined;
    for (const record of bucket) {
      if (score(row, record) >= wanted) {
        found = record;
        break;
      }
    }
    if (found) {
      joined.set(row, found);
      bucket.delete(found);
    } else second.push(row);
  }
  for (const row of second) {
    const bucket = buckets.get(keyOfRow(row))!;
    let best: AnyRecord | undefined;
    let most = -1;
    for (const record of bucket) {
      const points = score(row, record);
      if (points > most) {
        most = points;
        best = record;
      }
    }
    if (best) {
      joined.set(row, best);
      bucket.delete(best);
    }
  }
  return { joined, left: [...buckets.values()].flatMap((bucket) => [...bucket]) };
}
