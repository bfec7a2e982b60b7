/**
 * Watching one organisation's records: detection and grouping, with a memory that a restart does not lose. Each organisation is watched
 * by itself, because the private addresses of one are other machines than those of another.
 */

import { createHash } from 'node:crypto';
import { createCandidates, type Candidates } from '@forewarn/detect/candidates';
import type { DetectionContent } from '@forewarn/detect/content';
import type { CostMeter } from '@forewarn/detect/cost';
import { createDetector, type Detector } from '@forewarn/detect/detector';
import type { Indicators } from '@forewarn/detect/indicators/indicators';
import type { Batch } from '@forewarn/model/batch';
import type { Finding, IncidentCandidate } from '@forewarn/model/finding';
import type { AnyRecord } from '@forewarn/model/records/record';
import { recordTypes } from '@forewarn/model/records/index';
import type { Records } from '@forewarn/store/clickhouse/records';
import { replay } from './replay.ts';

export type Looked = {
  /** New findings, and known ones that have grown. */
  findings: Finding[];
  /** Groups that are worth an incident, as they stand after this batch. */
  candidates: IncidentCandidate[];
};

export type Watch = {
  look(batch: Batch, seenOn: SeenOn): Looked;
  /** Groups findings that were made elsewhere with those of the stream. */
  consider(findings: readonly Finding[]): IncidentCandidate[];
};

/** Where the records of a batch come from. */
export type SeenOn = { sensor: string; link: string | null; networkType: string };

export type WatchOptions = {
  organisation: string;
  networks: readonly string[];
  detection: DetectionContent;
  /** Those of the centre, and the organisation's own; lists come and go in them while it watches. */
  indicators: readonly Indicators[];
  /** Samples what rules cost, for all organisations together. */
  cost: CostMeter;
  /** Whether an exception hides a finding: what is hidden is written, and is no part of any group. */
  hides: (finding: Finding, seenOn: SeenOn) => boolean;
};

/** Of findings that no sensor showed alone. */
const nowhere: SeenOn = { sensor: '', link: null, networkType: '' };

/** What parsers met, and how sensors fare: no traffic. */
const unwatched: ReadonlySet<string> = new Set(['weird', 'stats']);

/** Logs that a detector is shown again after a restart. */
export const watchedLogs: readonly string[] = recordTypes.map(({ log }) => log).filter((log) => !unwatched.has(log));

/** A watch that knows nothing yet. */
function createWatch(options: WatchOptions): {
  detector: Detector;
  candidates: Candidates;
  /** What is pushed from now on comes from there. */
  from(seenOn: SeenOn): void;
  take(): Looked;
} {
  let seenOn: SeenOn = nowhere;
  let findings = new Map<string, Finding>();
  let proposed = new Map<string, IncidentCandidate>();
  const candidates = createCandidates({
    settings: options.detection.candidates,
    addressOf: (host) => detector.addressOf(host),
    ...(options.networks.length === 0 ? {} : { localNetworks: options.networks }),
    sink: {
      candidate: (candidate) => void proposed.set(candidate.id, candidate),
      merged: (gone) => void proposed.delete(gone),
    },
  });
  const detector = createDetector({
    rules: options.detection.rules,
    correlations: options.detection.correlations,
    behaviours: options.detection.behaviours,
    tacticOf: options.detection.tacticOf,
    cost: options.cost,
    indicators: options.indicators,
    ...(options.networks.length === 0 ? {} : { localNetworks: options.networks }),
    sink: (seen) => {
      const finding = { ...seen, id: idWithin(options.organisation, seen.id) };
      findings.set(finding.id, finding);
      if (!options.hides(finding, seenOn)) candidates.push(finding);
    },
  });
  return {
    detector,
    candidates,
    from: (next) => void (seenOn = next),
    take() {
      const looked = { findings: [...findings.values()], candidates: [...proposed.values()] };
      findings = new Map();
      proposed = new Map();
      return looked;
    },
  };
}

/** The same addresses in two organisations are two hosts, and what is found there two findings. */
export function idWithin(organisation: string, finding: string): string {
  return createHash('sha256').update(`${organisation}/${finding}`).digest('hex').slice(0, 32);
}

/** A watch with the memory of the last hours, read from the store. */
export async function startWatch(
  options: WatchOptions & { records: Records; first: Batch; without: ReadonlySet<string> },
): Promise<Watch> {
  const watch = createWatch(options);
  const from = Math.min(...timesOf(options.first));
  if (Number.isFinite(from)) {
    const past = {
      records: options.records,
      organisation: options.organisation,
      logs: watchedLogs,
      until: from,
      without: options.without,
    };
    for await (const { log, record } of replay(past)) {
      const { _sensor: sensor, _link: link, _network_type: networkType } = record;
      watch.from({ sensor: String(sensor), link: typeof link === 'string' ? link : null, networkType: String(networkType) });
      watch.detector.push(log, record);
    }
  }
  // What was found then was written then.
  watch.take();
  return {
    look(batch, seenOn) {
      watch.from(seenOn);
      for (const [log, records] of Object.entries(batch.logs)) {
        for (const record of records) watch.detector.push(log, record as AnyRecord);
      }
      const newest = Math.max(...timesOf(batch));
      if (Number.isFinite(newest)) watch.candidates.advance(newest);
      return watch.take();
    },
    consider(findings) {
      for (const finding of findings) {
        if (!options.hides(finding, nowhere)) watch.candidates.push(finding);
      }
      return watch.take().candidates;
    },
  };
}

function* timesOf(batch: Batch): Generator<number> {
  for (const records of Object.values(batch.logs)) {
    for (const record of records) if (typeof record['ts'] === 'number') yield record['ts'];
  }
}
