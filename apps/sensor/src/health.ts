/**
 * How the sensor fares, as records of the log `stats`: what was seen, lost and held since the last one. The counts are gathered here; who
 * counts is the kernel (drops), the engine (packets), the spool (losses) and the centre's answers (the clock).
 */

import type { AnyRecord } from '@forewarn/model/records/record';
import type { RingStanding, SensorTrouble } from '@forewarn/model/sensor';
import { since, type CaptureCounts } from './capture.ts';
import type { Counted } from './reading.ts';
import type { Spool } from './spool.ts';

/** A spool so full is told before it drops. */
const fillingShare = 0.8;

/** Rules that look at two sensors, and clocks of laws, bear this; NTP keeps within a hundredth of it. */
const skewMaxSeconds = 2;

export type Skew = { seconds: number; within: number };

/** What the parts have counted up to now. */
export type Standing = {
  at: number;
  /** Sums over all captures of this run. */
  capture: (CaptureCounts & { starts: number; downSeconds: number; down: boolean }) | undefined;
  reading: Omit<Counted, 'last'>;
  /** Time of the newest packet. */
  last: number | undefined;
  live: boolean;
  skew: Skew | undefined;
  refused: boolean;
  settings: { version: number; refused: boolean };
  /** Files that could not be read, or grew after they were. */
  badFiles: number;
  /** Of packets that are kept. */
  ring: (RingStanding & { bytesMax: number }) | undefined;
  ringTrouble: boolean;
  /** Microseconds of processor time. */
  cpuMicros: number;
  memoryBytes: number;
};

export type Health = {
  /** The record of the time since the last `told`, and what is wrong in it. */
  look(standing: Standing): { record: AnyRecord; troubles: SensorTrouble[] };
  /** It was written: the next begins here. */
  told(): void;
};

export function createHealth({
  spool,
  input,
  version,
  at,
}: {
  spool: Spool;
  input: string;
  version: string;
  at: number;
}): Health {
  type Base = { at: number; standing: Standing | undefined; lost: { batches: number; records: number }; aside: number };
  let base: Base = { at, standing: undefined, lost: spool.lost, aside: spool.aside };
  let newest: Base = base;

  return {
    look(standing) {
      const before = base.standing;
      const { capture, reading } = standing;
      const span = Math.max(0, standing.at - base.at);
      const lostBatches = spool.lost.batches - base.lost.batches;
      const dropped = capture ? since(capture.dropped, before?.capture?.dropped ?? 0) : undefined;
      const interfaceDropped = capture ? since(capture.interfaceDropped, before?.capture?.interfaceDropped ?? 0) : undefined;
      const setAside = spool.aside - base.aside;
      const { ring } = standing;
      // A ring that was begun anew counts from nothing.
      const ringDropped = ring ? Math.max(0, ring.dropped - (before?.ring?.dropped ?? ring.dropped)) : 0;
      const troubles = (
        [
          ['kernel-drops', (dropped ?? 0) + (interfaceDropped ?? 0) > 0],
          ['capture-down', capture?.down === true],
          ['spool-filling', spool.bytes > spool.bytesMax * fillingShare],
          ['spool-lost', lostBatches > 0],
          ['set-aside', setAside > 0],
          ['refused', standing.refused],
          ['clock', standing.skew !== undefined && Math.abs(standing.skew.seconds) - standing.skew.within > skewMaxSeconds],
          ['settings', standing.settings.refused],
          ['files', standing.badFiles > (before?.badFiles ?? 0)],
          ['ring', standing.ringTrouble || ringDropped > 0],
        ] as const
      ).flatMap(([name, wrong]) => (wrong ? [name] : []));
      newest = { at: standing.at, standing, lost: spool.lost, aside: spool.aside };
      return {
        troubles,
        record: {
          ts: standing.at,
          span,
          input,
          version,
          settings: standing.settings.version,
          mem: Math.round(standing.memoryBytes / 1_000_000),
          cpu: span === 0 ? 0 : round((standing.cpuMicros - (before?.cpuMicros ?? 0)) / 1e6 / span, 4),
          pkts_proc: reading.packets - (before?.reading.packets ?? 0),
          bytes_recv: reading.bytes - (before?.reading.bytes ?? 0),
          ...(capture
            ? {
                pkts_link: since(capture.received, before?.capture?.received ?? 0),
                pkts_dropped: dropped,
                pkts_if_dropped: interfaceDropped,
              }
            : {}),
          ...(standing.last === undefined || !standing.live
            ? {}
            : { pkt_lag: round(Math.max(0, standing.at - standing.last), 3) }),
          gaps: reading.gaps - (before?.reading.gaps ?? 0),
          missed_bytes: reading.missedBytes - (before?.reading.missedBytes ?? 0),
          capture_down: round((capture?.downSeconds ?? 0) - (before?.capture?.downSeconds ?? 0), 3),
          capture_starts: (capture?.starts ?? 0) - (before?.capture?.starts ?? 0),
          spool_bytes: spool.bytes,
          spool_max: spool.bytesMax,
          spool_batches: spool.waiting,
          ...(spool.oldestAt === undefined ? {} : { spool_age: round(Math.max(0, standing.at - spool.oldestAt), 1) }),
          lost_batches: lostBatches,
          lost_records: spool.lost.records - base.lost.records,
          set_aside: Math.max(0, setAside),
          ...(ring
            ? {
                ring_bytes: ring.bytes,
                ring_max: ring.bytesMax,
                ring_packets: ring.packets,
                ...(ring.from === null || ring.to === null ? {} : { ring_span: round(ring.to - ring.from, 3) }),
                ring_dropped: ringDropped,
              }
            : {}),
          ...(standing.skew === undefined
            ? {}
            : { clock_skew: round(standing.skew.seconds, 4), clock_within: round(standing.skew.within, 4) }),
          ...(troubles.length === 0 ? {} : { trouble: troubles }),
        },
      };
    },
    told() {
      base = newest;
    },
  };
}

const round = (value: number, places: number): number => Math.round(value * 10 ** places) / 10 ** places;
