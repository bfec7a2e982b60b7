/** What shippers bring, as one batch of records: each document is read by the format that knows it, as a file of such lines would be. */

import { createHash, randomUUID } from 'node:crypto';
import type { Seconds } from '@forewarn/base/time';
import type { Batch } from '@forewarn/model/batch';
import { recordType } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { JsonObject } from '@forewarn/sense/logs/format';
import { logFormats } from '@forewarn/sense/logs/index';
import { createLogIntake, knowsLine } from '@forewarn/sense/logs/intake';

export type Documents = {
  /** Takes one; the reason where it could not be read. `line`: a text that may be of a format of its own. */
  take(event: JsonObject, line: string | undefined): string | undefined;
  /**
   * All that was taken. The same bytes make the same batch, so that what a shipper sends again because an answer was lost is not stored twice;
   * but not where an event took its time from its arrival, because then equal bytes may be other events. Undefined when there is nothing.
   */
  batch(bytes: Uint8Array): Batch | undefined;
};

/** The formats that know an object by what stands in it; the last one takes all. */
const known = logFormats.filter(({ events, name }) => events && name !== 'json');

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
  /** Of the document at hand: a line seldom names it. */
  let host: string | undefined;
  const intake = createLogIntake(
    {
      name: of.log,
      at() {
        isTimedByArrival = true;
        return of.arrivedAt;
      },
    },
    {
      record(log, record) {
        const type = recordType(log);
        if (!type) {
          undeclared = log;
          return;
        }
        const named = host === undefined || record['hostname'] !== undefined || !Object.hasOwn(type.columns, 'hostname');
        (logs[log] ??= []).push(named ? record : { ...record, hostname: host });
        count++;
      },
    },
  );
  const refusals = (): number => Object.values(intake.account().refused).reduce((sum, { count: each }) => sum + each, 0);
  let refused = 0;

  return {
    take(event, line) {
      undeclared = undefined;
      host = hostOf(event);
      const own = line !== undefined && !known.some(({ events }) => events!.owns(event));
      if (own && (/^\s*\{/.test(line) || knowsLine(line, logFormats))) intake.line(line);
      else intake.event(event);
      const now = refusals();
      if (now > refused) {
        const reasons = Object.keys(intake.account().refused);
        refused = now;
        return reasons.at(-1)!;
      }
      return undeclared === undefined ? undefined : `no log "${undeclared}" is kept here`;
    },
    batch(bytes) {
      intake.flush();
      if (count === 0) return undefined;
      const hash = createHash('sha256').update(of.source).update('\0').update(bytes);
      if (isTimedByArrival) hash.update(randomUUID());
      return { id: hash.digest('hex'), source: of.source, logs: logs as Batch['logs'] };
    },
  };
}

/** As the Elastic Common Schema, OpenTelemetry and plain shippers name it. */
function hostOf(event: JsonObject): string | undefined {
  const { host } = event;
  const named = typeof host === 'object' && host !== null ? (host as JsonObject)['name'] : (host ?? event['host.name']);
  return typeof named === 'string' && named !== '' && named.length <= 255 ? named : undefined;
}
