/**
 * The intake's spool: a file a batch, on the disk before it is acknowledged. What is in here was classified (`guard/classes`):
 * no secret and no content reaches the disk.
 *
 *     DATA/spool/000000001234-<batch id>.json      { envelope, batch, receivedAt, refused, odd, withheld }
 *     DATA/spool/failed/                           batches that were given up
 */

import { mkdirSync, readdirSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '@forewarn/base/refusal';
import type { Batch, Envelope } from '@forewarn/model/batch';
import { freeBytes, syncFolder } from './disk.ts';
import { limits } from './limits.ts';

export type SpooledBatch = {
  envelope: Envelope;
  batch: Batch;
  receivedAt: number;
  refused: number;
  odd: number;
  /** Missing in what an earlier version left. */
  withheld?: { readonly [log: string]: number };
};

export type Spool = {
  /** On the disk, file and folder, when it resolves. Refusals: `intake.full`, `store.disk.full`. */
  add(spooled: SpooledBatch): Promise<void>;
  has(id: string): boolean;
  /** Batch ids, oldest first. */
  waiting(): string[];
  read(id: string): Promise<SpooledBatch>;
  remove(id: string): Promise<void>;
  /** Keeps it out of the way. */
  putAside(id: string): Promise<void>;
};

const fileName = /^(\d{12})-([0-9a-f]{64})\.json$/;

/** Opens the folder, making it where there is none; what an earlier process left half written is forgotten. */
export function openSpool(dir: string, free: () => number = () => freeBytes(dir)): Spool {
  const failed = join(dir, 'failed');
  mkdirSync(failed, { recursive: true, mode: 0o700 });
  const files = new Map<string, string>();
  let next = 1;
  for (const name of readdirSync(dir).sort()) {
    const match = fileName.exec(name);
    if (!match) continue;
    files.set(match[2] as string, name);
    next = Number(match[1]) + 1;
  }

  return {
    async add(spooled) {
      const { id } = spooled.batch;
      if (files.has(id)) return;
      if (files.size >= limits.spoolBatchesMax.value) {
        throw new Refusal('intake.full', `${files.size} batches are waiting to be stored.`, {
          advice: 'Keep the batch and send it again in some seconds.',
        });
      }
      const full = (cause?: unknown) =>
        new Refusal('store.disk.full', 'The disk is full: nothing was written.', {
          place: { file: dir },
          advice: 'Free some room; reading goes on, and writing does as soon as there is room again.',
          cause,
        });
      if (free() < limits.freeBytesMin.value) throw full();
      const name = `${String(next++).padStart(12, '0')}-${id}.json`;
      const partial = join(dir, `${name}.partial`);
      try {
        const file = await open(partial, 'w', 0o600);
        try {
          await file.writeFile(JSON.stringify(spooled));
          await file.datasync();
        } finally {
          await file.close();
        }
        await rename(partial, join(dir, name));
      } catch (error) {
        await rm(partial, { force: true }).catch(() => undefined);
        throw (error as NodeJS.ErrnoException).code === 'ENOSPC' ? full(error) : error;
      }
      syncFolder(dir);
      files.set(id, name);
    },
    has: (id) => files.has(id),
    waiting: () => [...files.keys()],
    async read(id) {
      return JSON.parse(await readFile(join(dir, files.get(id) ?? id), 'utf8')) as SpooledBatch;
    },
    async remove(id) {
      const name = files.get(id);
      if (name === undefined) return;
      // Not synced: a file that comes back after loss of power is a batch that is known, and removed again.
      await rm(join(dir, name), { force: true });
      files.delete(id);
    },
    async putAside(id) {
      const name = files.get(id);
      if (name === undefined) return;
      await rename(join(dir, name), join(failed, name));
      files.delete(id);
    },
  };
}
