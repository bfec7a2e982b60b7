/**
 * Findings of what runs over stored records on a schedule: correlations whose time span is longer than the stream remembers, and questions that are
 * asked again and again. They are made like those of the stream; the same evidence gives the same id, so that a part of time that is looked at
 * twice is told once.
 */

import type { AnyRecord } from '@forewarn/model/records/record';
import { confidenceOfStatus, correlationSighting, referenceOf, sightingOf } from './detector.ts';
import { createInside } from './inside.ts';
import { createLedger, type FindingSink } from './ledger.ts';
import type { ResolvedCorrelation } from './sigma/collection.ts';
import type { About } from './sigma/document.ts';

/** Where a correlation held, and records of its window, the newest last. */
export type HeldCorrelation = {
  group: readonly string[];
  number: number | null;
  from: number;
  to: number;
  records: readonly { log: string; record: AnyRecord }[];
};

export type ScheduledFindings = {
  correlation(correlation: ResolvedCorrelation, held: HeldCorrelation): void;
  /** A record, or a row of groups, that a question found. `ts`: of the row, or of the end of what was looked at. */
  row(about: About, log: string, row: AnyRecord, ts: number): void;
  end(): void;
};

export function createScheduledFindings({
  localNetworks,
  sink,
}: {
  localNetworks?: readonly string[] | undefined;
  sink: FindingSink;
}): ScheduledFindings {
  const inside = createInside(localNetworks);
  const ledger = createLedger(sink);
  return {
    correlation(correlation, { group, number, from, to, records }) {
      const newest = records.at(-1) ?? { log: '', record: { ts: to } };
      const references = records.map(({ log, record }) => referenceOf(log, record));
      const sighting = correlationSighting(
        {
          correlation,
          group,
          // A percentile is known to be no less than its bound.
          number: number ?? correlation.bounds[0]?.value ?? 0,
          from,
          to,
          references,
          fresh: Math.max(1, records.length),
          ...newest,
        },
        inside,
        confidenceOfStatus,
      );
      // One finding for a group and time span: what goes on for a week is not told every hour.
      ledger.sight({ ...sighting, window: Math.floor(to / correlation.seconds) * correlation.seconds });
    },
    row(about, log, row, ts) {
      const record = typeof row['ts'] === 'number' ? row : { ...row, ts };
      const sighting = sightingOf(about, log, record, inside, confidenceOfStatus);
      const isGroup = typeof row['ts'] !== 'number';
      ledger.sight({
        ...sighting,
        ...(isGroup
          ? {
              records: [],
              subject: JSON.stringify(row),
              window: ts,
              source: String(row['id.orig_h'] ?? sighting.source),
              targets: row['id.resp_h'] === undefined ? [] : [String(row['id.resp_h'])],
            }
          : {}),
        explanation: { text: 'detect.scheduled.hunt', values: { ...sighting.explanation.values, rule: about.title } },
      });
    },
    end: () => ledger.end(),
  };
}
