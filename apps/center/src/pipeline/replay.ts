/**
 * What a detector knew before the centre was stopped: the records of the last hours, read from the store again. A process that is
 * killed loses nothing by it, because the same evidence gives the same findings.
 */

import type { AnyRecord } from '@forewarn/model/records/record';
import type { Records } from '@forewarn/store/clickhouse/records';

/** Windows of the behaviours are hours long; a beacon of one an hour is told by six. */
export const replaySeconds = 6 * 3_600;

/** Reading back half a million records takes some seconds; of a busier organisation a shorter past is read. */
const replayRecordsMax = 500_000;

/** Rows of one question, the store's own ceiling. */
const rowsMax = 10_000;

export type Replay = {
  records: Records;
  organisation: string;
  /** Logs that the detector looks at. */
  logs: readonly string[];
  /** Newest record time that is known, seconds. */
  until: number;
  /** Batches that are not looked at yet, and will be fed in their turn. */
  without: ReadonlySet<string>;
};

/** The records in order of time. */
export async function* replay({
  records,
  organisation,
  logs,
  until,
  without,
}: Replay): AsyncGenerator<{ log: string; record: AnyRecord }> {
  const scope = { organisations: [organisation] };
  const to = until + 1;
  let from = to - replaySeconds;
  /** Of the many logs, most organisations have a few: only those are asked for. */
  let filled: string[] = [];
  for (;;) {
    const counts = (await records.counts(scope, { range: { from, to } })).filter(({ log }) => logs.includes(log));
    filled = counts.map(({ log }) => log);
    if (counts.reduce((sum, { count }) => sum + count, 0) <= replayRecordsMax || to - from < 60) break;
    from = (from + to) / 2;
  }

  async function* part(range: { from: number; to: number }): AsyncGenerator<{ log: string; record: AnyRecord }> {
    const rows: { ts: number; log: string; record: AnyRecord }[] = [];
    for (const log of filled) {
      const found = await records.query(scope, { from: [log], range, order: [{ field: 'ts' }], limit: rowsMax });
      if (found.length >= rowsMax && range.to - range.from > 1) {
        const middle = (range.from + range.to) / 2;
        yield* part({ from: range.from, to: middle });
        yield* part({ from: middle, to: range.to });
        return;
      }
      for (const row of found) {
        if (typeof row['_batch'] === 'string' && without.has(row['_batch'])) continue;
        rows.push({ ts: Number(row['ts']), log, record: row as AnyRecord });
      }
    }
    rows.sort((a, b) => a.ts - b.ts);
    yield* rows;
  }

  const hour = 3_600;
  for (let at = from; at < to; at += hour) yield* part({ from: at, to: Math.min(at + hour, to) });
}
