/**
 * One reading, whatever it is of: chunks of a capture in, batches in the spool.
 *
 *     chunks ─▶ engine ─▶ records ─▶ without secrets ─▶ batches ─▶ spool
 *                 ▲  └──▶ packets, where they are kept ───────────▶ ring
 *                 time, where the line is live and quiet
 */

import type { SensorSettings } from '@forewarn/model/sensor';
import type { Batch } from '@forewarn/model/batch';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Engine, EngineOptions } from '@forewarn/sense/engine';
import { protocols } from '@forewarn/sense/protocols/index';
import { readCapture, type Reading } from '@forewarn/sense/read';
import { batchLimits, createBatcher } from './batches.ts';
import type { Ring } from './ring.ts';
import { withoutSecrets } from './secrets.ts';

/**
 * A line whose last packet is younger than this is live: its time goes on when it is quiet. An older one is a recording, whose
 * batches must be the same at the next reading.
 */
const liveSeconds = 60;

/** Packets come a little out of order and late; what may still come must not find its flow ended. */
const lateSeconds = 2;

export type ReadingOptions = {
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Names the reading, so that the same one again makes the same batches. */
  origin: string;
  /** As people call it. */
  source: string;
  settings: SensorSettings;
  deliver: (batch: Batch) => void;
  networks?: readonly string[] | undefined;
  /** Called after each chunk; the next is read when it resolves. What it throws ends the reading. */
  paced?: () => Promise<void> | void;
  progress?: ((bytes: number, packets: number) => void) | undefined;
  file?: string;
  /** Where the packets are kept. */
  ring?: Pick<Ring, 'reading'> | undefined;
};

/** What a reading has counted so far. */
export type Counted = { packets: number; bytes: number; last: number | undefined; gaps: number; missedBytes: number };

export type OpenReading = {
  /** Resolves when all chunks are read and all batches delivered. */
  done: Promise<Reading>;
  counted(): Counted;
  /** The time of day is `now`: flows of a live line end, and batches leave, though no packet comes. */
  tick(now: number): void;
};

export const engineSettings = (settings: SensorSettings): Pick<EngineOptions, 'flowsOnly' | 'protocols' | 'limits'> => ({
  flowsOnly: settings.flowsOnly,
  protocols: protocols.filter(({ service }) => !settings.protocolsOff.includes(service)),
  // Files that are not hashed are still counted and typed.
  ...(settings.fileHashes ? {} : { limits: { openFilesMax: 0 } }),
});

export function openReading(options: ReadingOptions): OpenReading {
  let engine: Pick<Engine, 'advance' | 'progress' | 'uidOf'> | undefined;
  let gaps = 0;
  let missedBytes = 0;
  let live = false;
  // Records come from within parsers, whose exceptions count as the parser's: what fails here is kept and told between chunks.
  let failure: unknown;
  const batcher = createBatcher({
    origin: options.origin,
    source: options.source,
    limits: { ...batchLimits, recordsMax: options.settings.batchRecords },
    deliver(batch) {
      if (failure !== undefined) return;
      try {
        options.deliver(batch);
      } catch (error) {
        failure = error;
      }
    },
  });
  const sink = {
    record(log: string, record: AnyRecord) {
      if (log === 'conn' && typeof record['missed_bytes'] === 'number' && record['missed_bytes'] > 0) {
        gaps++;
        missedBytes += record['missed_bytes'];
      }
      batcher.record(log, withoutSecrets(log, record));
    },
  };
  const held = async (): Promise<void> => {
    if (failure !== undefined) throw failure;
    await options.paced?.();
    if (failure !== undefined) throw failure;
  };

  async function* paced(): AsyncGenerator<Uint8Array> {
    for await (const chunk of options.chunks) {
      yield chunk;
      await held();
    }
  }

  async function read(): Promise<Reading> {
    const reading = await readCapture(paced(), {
      sink,
      ...engineSettings(options.settings),
      uidSeed: options.origin,
      file: options.file ?? options.source,
      opened: (opened) => {
        engine = opened;
      },
      ...(options.ring ? { trace: options.ring.reading((flow) => engine!.uidOf(flow)) } : {}),
      ...(options.networks === undefined ? {} : { networks: options.networks }),
      ...(options.progress === undefined ? {} : { progress: options.progress }),
    });
    batcher.end();
    await held();
    return reading;
  }

  return {
    done: read(),
    counted: () => ({ packets: 0, bytes: 0, last: undefined, ...engine?.progress, gaps, missedBytes }),
    tick(now) {
      const last = engine?.progress.last;
      if (last === undefined) return;
      live ||= now - last <= liveSeconds;
      if (!live) return;
      engine?.advance(now - lateSeconds);
      batcher.advance(now);
    },
  };
}
