/**
 * Expected events and sessions of other tools (Suricata's EVE checks, Arkime's sessions) in terms of our records.
 *
 * A reading says how one of their fields shows in a record of ours. An event is found where one record satisfies all of
 * its readings; otherwise the record that satisfies most is shown, field by field.
 */

import type { AnyRecord } from '@forewarn/model/records/record';
import { note, type Comparison } from './comparison.ts';
import type { FrameOverhead } from './frames.ts';
import type { Records } from './records.ts';

/** What a reading may look at besides the record: the other records of the capture, the frames around its flows. */
export type Context = { records: Records; overhead: () => FrameOverhead };

/** Their value as ours would show it, and ours. */
export type Reading = (theirs: unknown, record: AnyRecord, context: Context) => { wanted: string; got: string; same: boolean };

const text = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : value === undefined ? '-' : String(value));

/** The column holds their value, translated; one of its elements, where it is a list. */
export function is(column: string, translate: (theirs: string) => string = (theirs) => theirs): Reading {
  return (theirs, record) => {
    const ours = record[column];
    const wanted = translate(String(theirs));
    const same = Array.isArray(ours) ? ours.some((one) => String(one) === wanted) : String(ours) === wanted;
    return { wanted, got: text(ours), same };
  };
}

/** The column is a text with theirs in it. */
export function contains(column: string, translate: (theirs: string) => string = (theirs) => theirs): Reading {
  return (theirs, record) => {
    const ours = text(record[column]);
    const wanted = translate(String(theirs));
    return { wanted, got: ours, same: ours.includes(wanted) };
  };
}

/** One of the columns holds their value: for ends of a flow, where an event may go either way. */
export function either(...columns: string[]): Reading {
  return (theirs, record) => {
    const ours = columns.map((column) => text(record[column]));
    return { wanted: String(theirs), got: ours.join(' or '), same: ours.includes(String(theirs)) };
  };
}

/** An address as we print it: RFC 5952. */
export function address(theirs: string): string {
  if (!theirs.includes(':')) return theirs;
  const canonical = new URL(`http://[${theirs}]/`).hostname.slice(1, -1);
  return canonical;
}

/** Compares one event with the records of its log; fields without a reading are left to the caller to tell of. */
export function expectEvent(
  comparison: Comparison,
  test: string,
  place: string,
  records: readonly AnyRecord[],
  wishes: readonly { field: string; theirs: unknown; reading: Reading }[],
  context: Context,
): void {
  comparison.records++;
  let best: AnyRecord | undefined;
  let most = -1;
  for (const record of records) {
    const satisfied = wishes.filter(({ theirs, reading }) => reading(theirs, record, context).same).length;
    if (satisfied > most) {
      most = satisfied;
      best = record;
    }
    if (most === wishes.length) break;
  }
  if (!best) comparison.missing++;
  note(comparison, test, place, 'event', 'found', best && 'found');
  for (const { field, theirs, reading } of wishes) {
    const { wanted, got, same } = best ? reading(theirs, best, context) : { wanted: text(theirs), got: undefined, same: false };
    note(comparison, test, place, field, wanted, got, same);
  }
}
