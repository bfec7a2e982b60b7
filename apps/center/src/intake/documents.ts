/** What shippers bring, as batches of records: each document is read by the format that knows it, as a file of such lines would be. */

import { createHash, randomUUID } from 'node:crypto';
import type { Seconds } from '@forewarn/base/time';
import { batchRecordsMax, type Batch } from '@forewarn/model/batch';
import { recordType } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { JsonObject } from '@forewarn/sense/logs/format';
import { createShipped } from '@forewarn/sense/logs/shipped';

export type Documents = {
  /** Takes one; the reason where it could not be read. `line`: a text that may be of a format of its own. */
  take(event: JsonObject, line: string | undefined): string | undefined;
  /** Counts what was no event at all. */
  refuse(reason: string, count?: number): void;
  /**
   * All that was taken, in batches of as many records as one may have. The same bytes make the same batches, so that what a shipper sends again
   * because an answer was lost is not stored twice; but not where an event took its time from its arrival, because then equal bytes may be other
   * events. What was refused stands in the last as `weird`, with its number by reason, so that not only the shipper knows.
   */
  batches(bytes: Uint8Array): Batch[];
};

export function createDocuments(of: {
  /** The log of what no format knows. */
  log: string;
  source: string;
  arrivedAt: Seconds;
}): Documents {
  type Part = { logs: { [log: string]: AnyRecord[] }; count: number };
  let part: Part = { logs: {}, count: 0 };
  const parts = [part];
  let isTimedByArrival = false;
  let undeclared: string | undefined;
  const shipped = createShipped(
    {
      name: of.log,
      at() {
        isTimedByArrival = true;
        return of.arrivedAt;
      },
    },
    {
      record(log, record) {
        if (!recordType(log)) {
          undeclared = log;
          return;
        }
        if (part.count >= batchRecordsMax) parts.push((part = { logs: {}, count: 0 }));
        (part.logs[log] ??= []).push(record);
        part.count++;
      },
    },
  );
  const refusals = (): number => Object.values(shipped.refused()).reduce((sum, each) => sum + each, 0);
  let refused = 0;
  /** By reason; what comes with names of its own making is told together. */
  const counted = new Map<string, number>();
  const refuse = (reason: string, number = 1): void => void counted.set(reason, (counted.get(reason) ?? 0) + number);

  return {
    refuse,
    take(event, line) {
      undeclared = undefined;
      shipped.event(event, line);
      const now = refusals();
      if (now > refused) {
        const reason = Object.keys(shipped.refused()).at(-1)!;
        refuse(reason, now - refused);
        refused = now;
        return reason;
      }
      if (undeclared === undefined) return undefined;
      refuse('undeclared');
      return `no log "${undeclared}" is kept here`;
    },
    batches(bytes) {
      shipped.flush();
      if (counted.size > 0) {
        (part.logs['weird'] ??= []).push(
          ...[...counted].map(([reason, number]) => ({
            ts: of.arrivedAt,
            name: 'log_event_refused',
            addl: `${reason} (${number})`,
            source: of.source,
          })),
        );
      }
      const hash = createHash('sha256').update(of.source).update('\0').update(bytes);
      if (isTimedByArrival) hash.update(randomUUID());
      return parts
        .filter(({ logs }) => Object.keys(logs).length > 0)
        .map(({ logs }, n) => ({
          id: (n === 0 ? hash : hash.copy().update(`\0${n}`)).copy().digest('hex'),
          source: of.source,
          logs: logs as Batch['logs'],
        }));
    },
  };
}
