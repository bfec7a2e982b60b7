/**
 * The sensor's spool: batches wait on disk until the centre has acknowledged them. A batch is written to a temporary name, fsynced,
 * renamed, and the folder fsynced, so that after a crash it is there whole or not at all. It is packed once: what lies on the disk is what
 * goes over the wire.
 *
 *     SPOOL/000000000012-<batch id>-2000.json.zst      place in the order, id, records
 *     SPOOL/aside/                                      batches that were damaged, or that the centre refused for good
 *     SPOOL/losses.json                                 what was dropped because the spool was full
 *     SPOOL/lock
 */

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Refusal } from '@forewarn/base/refusal';
import type { Batch } from '@forewarn/model/batch';

/** A gigabyte holds about 40 million flows compressed: a day of a busy link while the centre is away. */
export const spoolBytesMax = 1_000_000_000;

/** Batches kept aside for a person to look at; a sensor whose every batch is refused is not to fill the disk with them. */
const asideMax = 1_000;

/**
 * What happens when the ceiling is reached or the disk is full. `refuse`: the batch is refused, and whoever reads waits – for files, which
 * stay where they are. `drop-oldest`: room is made by the batches that have waited longest, which are counted – for a live line, which
 * does not wait; early warning needs the present more than the past. The batch that is being sent is never dropped, because the
 * centre may have it already.
 */
export type WhenFull = 'refuse' | 'drop-oldest';

export type SpooledBatch = { file: string; id: string; records: number; bytes: Buffer };

/** Since the spool was made. */
export type Losses = { batches: number; records: number };

export type Spool = {
  /**
   * Puts a batch on disk. `full` says for this batch what happens when there is no room. Refusals, only where they are asked for:
   * `sensor.spool.full`, `sensor.spool.write`.
   */
  add(batch: Batch, full?: WhenFull): void;
  /** The oldest batch still waiting, as it goes over the wire. It is not dropped before `remove`, `putAside` or `release`. */
  oldest(): SpooledBatch | undefined;
  /** The batch was acknowledged. */
  remove(file: string): void;
  /** It is kept, out of the way of the others. */
  putAside(file: string): void;
  /** Sending was given up for now: it may be dropped again. */
  release(): void;
  readonly bytes: number;
  readonly bytesMax: number;
  readonly waiting: number;
  /** Since when the oldest batch has waited, seconds. */
  readonly oldestAt: number | undefined;
  readonly lost: Losses;
  /** Batches that were put aside since the spool was made. */
  readonly aside: number;
  /** Resolves when something waits, or the signal ends it. */
  filled(signal: AbortSignal): Promise<void>;
  /** Lets another process have the folder; what waits stays. */
  close(): void;
};

/** A batch's file: its place in the order, its id, and how many records are lost with it. */
const fileName = /^(\d{12})-([0-9a-f]{64})-(\d+)\.json\.zst$/;

/** As a batch is packed: half the time of gzip's fastest and a fifth smaller on flows; the checksum tells a damaged one. */
const packing = { params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 } };

/**
 * Opens a spool, making its folder where there is none. Refusals: `sensor.spool.write` (the folder cannot be made or written) and
 * `sensor.spool.held` (another process has it).
 */
export function openSpool(directory: string, bytesMax = spoolBytesMax, whenFull: WhenFull = 'refuse'): Spool {
  const lock = hold(directory);
  const asideFolder = join(directory, 'aside');
  const lossFile = join(directory, 'losses.json');
  for (const name of readdirSync(directory)) if (name.endsWith('.part')) unlinkSync(join(directory, name));
  const names = readdirSync(directory)
    .filter((name) => fileName.test(name))
    .sort();
  const waiting = new Map(
    names.map((name) => {
      const { size, mtimeMs } = statSync(join(directory, name));
      return [name, { size, at: mtimeMs / 1000 }];
    }),
  );
  let bytes = [...waiting.values()].reduce((sum, { size }) => sum + size, 0);
  let sequence = names.length === 0 ? 0 : Number(names.at(-1)!.slice(0, 12)) + 1;
  let lost = readLosses(lossFile);
  let aside = filesIn(asideFolder);
  let sending: string | undefined;
  let wake: (() => void) | undefined;

  function write(name: string, packed: Buffer): void {
    const path = join(directory, name);
    try {
      const file = openSync(`${path}.part`, 'w', 0o600);
      try {
        let written = 0;
        while (written < packed.length) written += writeSync(file, packed, written);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(`${path}.part`, path);
      syncFolder(directory);
    } catch (error) {
      rmSync(`${path}.part`, { force: true });
      throw new Refusal('sensor.spool.write', `The batch could not be written: ${(error as Error).message}.`, {
        place: { file: path },
        advice: 'Free space on the disk or give another folder with --spool; nothing of this batch was kept.',
        cause: error,
      });
    }
  }

  function lose(records: number): void {
    lost = { batches: lost.batches + 1, records: lost.records + records };
    try {
      // In place: on a full disk there is no room for a second file. What a crash spoils here counts from nothing again.
      const file = openSync(lossFile, 'w', 0o600);
      writeSync(file, JSON.stringify(lost));
      closeSync(file);
    } catch {
      // The count in memory is told with the next report; only a crash before that would lose it.
    }
  }

  function drop(name: string): void {
    unlinkSync(join(directory, name));
    bytes -= waiting.get(name)?.size ?? 0;
    waiting.delete(name);
    lose(Number(fileName.exec(name)?.[3] ?? 0));
  }

  /** The next one that may go. */
  const droppable = (): string | undefined => {
    for (const name of waiting.keys()) if (name !== sending) return name;
    return undefined;
  };

  const forget = (name: string): void => {
    bytes -= waiting.get(name)?.size ?? 0;
    waiting.delete(name);
    if (sending === name) sending = undefined;
  };

  return {
    get bytes() {
      return bytes;
    },
    bytesMax,
    get waiting() {
      return waiting.size;
    },
    get oldestAt() {
      return waiting.values().next().value?.at;
    },
    get lost() {
      return lost;
    },
    get aside() {
      return aside;
    },
    add(batch, full = whenFull) {
      const records = Object.values(batch.logs).reduce((sum, list) => sum + list.length, 0);
      const packed = zstdCompressSync(JSON.stringify(batch), packing);
      if (full === 'drop-oldest') {
        for (let name = droppable(); bytes + packed.length > bytesMax && name !== undefined; name = droppable()) drop(name);
      }
      if (bytes + packed.length > bytesMax) {
        if (full === 'drop-oldest') return lose(records);
        throw new Refusal('sensor.spool.full', `The spool holds ${bytes} bytes, its ceiling is ${bytesMax}.`, {
          place: { file: directory },
          advice: 'Bring the centre back, or give another folder with --spool.',
        });
      }
      const name = `${String(sequence).padStart(12, '0')}-${batch.id}-${records}.json.zst`;
      for (let tried = false; ; tried = true) {
        try {
          write(name, packed);
          break;
        } catch (error) {
          if (full === 'refuse') throw error;
          const oldest = droppable();
          // A disk that is full of other things gets one chance: dropping all would not help what fills it.
          if (tried || oldest === undefined) return lose(records);
          drop(oldest);
        }
      }
      sequence++;
      waiting.set(name, { size: packed.length, at: Date.now() / 1000 });
      bytes += packed.length;
      wake?.();
    },
    oldest() {
      for (const name of waiting.keys()) {
        const [, , id, records] = fileName.exec(name)!;
        try {
          const packed = readFileSync(join(directory, name));
          zstdDecompressSync(packed);
          sending = name;
          return { file: name, id: id!, records: Number(records), bytes: packed };
        } catch (error) {
          throw new Refusal('sensor.spool.damaged', `A spooled batch cannot be read: ${(error as Error).message}.`, {
            place: { file: join(directory, name) },
            advice: 'Move the file away to send the others; it was whole when written, so look at the disk.',
            cause: error,
          });
        }
      }
      return undefined;
    },
    remove(name) {
      unlinkSync(join(directory, name));
      forget(name);
    },
    putAside(name) {
      mkdirSync(asideFolder, { recursive: true, mode: 0o700 });
      const kept = readdirSync(asideFolder).sort();
      if (kept.length >= asideMax) {
        unlinkSync(join(asideFolder, kept[0]!));
        lose(Number(fileName.exec(kept[0]!)?.[3] ?? 0));
      }
      renameSync(join(directory, name), join(asideFolder, name));
      forget(name);
      aside++;
    },
    release() {
      sending = undefined;
    },
    filled(signal) {
      if (waiting.size > 0 || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        wake = () => {
          wake = undefined;
          signal.removeEventListener('abort', wakeNow);
          resolve();
        };
        const wakeNow = () => wake?.();
        signal.addEventListener('abort', wakeNow, { once: true });
      });
    },
    close: () => lock.close(),
  };
}

function readLosses(file: string): Losses {
  try {
    const { batches, records } = JSON.parse(readFileSync(file, 'utf8')) as Losses;
    if (Number.isSafeInteger(batches) && Number.isSafeInteger(records)) return { batches, records };
  } catch {
    // There were none yet, or their count was spoiled by a crash.
  }
  return { batches: 0, records: 0 };
}

function filesIn(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    return 0;
  }
}

/** SQLite's SQLITE_BUSY: https://www.sqlite.org/rescode.html#busy */
const busyCode = 5;

/**
 * Two sensors in one folder would send and remove one another's batches. The lock is the kernel's, taken through SQLite because Node has
 * no flock: it falls with the process however that ends.
 */
function hold(directory: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    lock = new DatabaseSync(join(directory, 'lock'));
    lock.exec('pragma busy_timeout = 0; pragma journal_mode = memory; begin exclusive');
    return lock;
  } catch (cause) {
    lock?.close();
    if ((cause as { errcode?: number }).errcode === busyCode) {
      throw new Refusal('sensor.spool.held', 'Another sensor uses this spool.', {
        place: { file: directory },
        advice: 'Wait until it has ended, or give this one a folder of its own with --spool.',
        cause,
      });
    }
    throw new Refusal('sensor.spool.write', `The spool cannot be made or written: ${(cause as Error).message}.`, {
      place: { file: directory },
      advice: 'Name a folder that this user may write with --spool.',
      cause,
    });
  }
}

function syncFolder(directory: string): void {
  const folder = openSync(directory, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
