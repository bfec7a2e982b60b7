/**
 * The sensor's spool: batches wait on disk until the centre has acknowledged them. A batch is written to a temporary name, fsynced,
 * renamed, and the folder fsynced, so that after a crash it is there whole or not at all.
 */

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Refusal } from '@forewarn/base/refusal';
import { Batch } from '@forewarn/model/batch';

/** A gigabyte holds about 40 million flows compressed: a day of a busy link while the centre is away. */
export const spoolBytesMax = 1_000_000_000;

export type Spool = {
  /** Puts a batch on disk; refuses when the ceiling is reached or the disk is full. */
  add(batch: Batch): void;
  /** The oldest batch still waiting. */
  oldest(): { file: string; batch: Batch } | undefined;
  /** The batch was acknowledged. */
  remove(file: string): void;
  readonly bytes: number;
  readonly waiting: number;
  /** Lets another process have the folder; what waits stays. */
  close(): void;
};

/** A batch's file: its place in the order, and the beginning of its id. */
const fileName = /^\d{12}-[0-9a-f]{16}\.json\.gz$/;

/**
 * Opens a spool, making its folder where there is none. Refusals: `sensor.spool.write` (the folder cannot be made or written) and
 * `sensor.spool.held` (another process has it).
 */
export function openSpool(directory: string, bytesMax = spoolBytesMax): Spool {
  const lock = hold(directory);
  for (const name of readdirSync(directory)) if (name.endsWith('.part')) unlinkSync(join(directory, name));
  const names = readdirSync(directory)
    .filter((name) => fileName.test(name))
    .sort();
  const sizes = new Map(names.map((name) => [name, statSync(join(directory, name)).size]));
  let bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let sequence = names.length === 0 ? 0 : Number(names.at(-1)!.slice(0, 12)) + 1;

  return {
    get bytes() {
      return bytes;
    },
    get waiting() {
      return sizes.size;
    },
    add(batch) {
      const packed = gzipSync(JSON.stringify(batch), { level: 1 });
      if (bytes + packed.length > bytesMax) {
        throw new Refusal('sensor.spool.full', `The spool holds ${bytes} bytes, its ceiling is ${bytesMax}.`, {
          place: { file: directory },
          advice: 'Bring the centre back, or give another folder with --spool.',
        });
      }
      const name = `${String(sequence).padStart(12, '0')}-${batch.id.slice(0, 16)}.json.gz`;
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
        if (existsSync(`${path}.part`)) unlinkSync(`${path}.part`);
        throw new Refusal('sensor.spool.write', `The batch could not be written: ${(error as Error).message}.`, {
          place: { file: path },
          advice: 'Free space on the disk or give another folder with --spool; nothing of this batch was kept.',
          cause: error,
        });
      }
      sequence++;
      sizes.set(name, packed.length);
      bytes += packed.length;
    },
    oldest() {
      for (const name of sizes.keys()) {
        try {
          return { file: name, batch: Batch.parse(JSON.parse(gunzipSync(readFileSync(join(directory, name))).toString('utf8'))) };
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
      bytes -= sizes.get(name) ?? 0;
      sizes.delete(name);
    },
    close: () => lock.close(),
  };
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
