/** What shippers bring, as one batch of records: each document is read by the format that knows it, as a file of such lines would be. */

import { createHash, randomUUID } from 'node:crypto';
import type { Seconds } from '@forewarn/base/time';
import type { Batch } from '@forewarn/model/batch';
import { recordType } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { JsonObject } from '@forewarn/sense/logs/format';
import { createShipped } from '@forewarn/sense/logs/shipped';

export type Documents = {
  /** Takes one; the reason where it could not be read. `line`: a text that may be of a format of its own. */
  take(event: JsonObject, line: string | undefined): string | undefined;
  /**
   * All that was taken. The same bytes make the same batch, so that what a shipper sends again because an answer was lost is not stored twice;
   * but not where an event took its time from its arrival, because then equal bytes may be other events. Undefined when there is nothing.
   */
  batch(bytes: Uint8Array): Batch | undefined;
};

export function createDocuments(of: {
  /** The log of what no format knows. */
  log: string;
  source: string;
  arrivedAt: Seconds;
}): Documents {
  const logs: { [log: string]: AnyRecord[] } = {};
  let count = 0;
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
        (logs[log] ??= []).push(record);
        count++;
      },
    },
  );
  const refusals = (): number => Object.values(shipped.refused()).reduce((sum, each) => sum + each, 0);
  let refused = 0;

  return {
    take(event, line) {
      undeclared = undefined;
      shipped.event(event, line);
      const now = refusals();
      if (now > refused) {
        const reasons = Object.keys(shipped.refused());
        refused = now;
        return reasons.at(-1)!;
      }
      return undeclared === undefined ? undefined : `no log "${undeclared}" is kept here`;
    },
    batch(bytes) {
      shipped.flush();
      if (count === 0) return undefined;
      const hash = createHash('sha256').update(of.source).update('\0').update(bytes);
      if (isTimedByArrival) hash.update(randomUUID());
      return { id: hash.digest('hex'), source: of.source, logs: logs as Batch['logs'] };
    },
  };
}
