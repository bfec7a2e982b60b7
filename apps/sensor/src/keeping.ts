/**
 * Whether packets are kept, by what the centre orders for the sensor's link. The order stands beside the spool, so that a sensor that starts
 * while the centre is away keeps what it kept.
 */

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Seconds } from '@forewarn/base/time';
import { PacketsOrder } from '@forewarn/model/sensor';
import { openRing, removeRing, type Ring } from './ring.ts';

export type Keeping = {
  /** Of the order that is followed; 0: no packets are kept. */
  readonly version: number;
  readonly ring: Ring | undefined;
  /** Why the order cannot be followed; undefined when it is. */
  readonly trouble: string | undefined;
  readonly order: PacketsOrder | null;
  /** Does as the centre says; null: no packets are kept, and those that were go. `isNew`: a ring was begun, or ended. */
  follow(order: PacketsOrder | null): Promise<{ isNew: boolean }>;
  /** Writes what was gathered; what is kept stays. */
  close(): Promise<void>;
};

/** What the spool may still grow by is its; beside that, the disk is not to be full to the byte. */
const besidesBytes = 64_000_000;

/** Opens the ring where the order that was kept says so. */
export async function openKeeping(options: {
  /** The spool's. */
  directory: string;
  clock: { now(): Seconds };
  /** What the spool may still grow by. */
  spoolLeft: () => number;
}): Promise<Keeping> {
  const { directory } = options;
  const orderFile = join(directory, 'packets.json');
  const ringFolder = join(directory, 'packets');
  let ring: Ring | undefined;
  let order: PacketsOrder | null = null;
  let trouble: string | undefined;
  /** One order after the other: they come with reports and with questions. */
  let following: Promise<unknown> = Promise.resolve();

  async function followOne(wanted: PacketsOrder | null): Promise<{ isNew: boolean }> {
    const before = ring;
    if (!wanted) {
      rmSync(orderFile, { force: true });
      order = null;
      ring = undefined;
      await before?.close();
      await removeRing(ringFolder);
      trouble = undefined;
      return { isNew: before !== undefined };
    }
    if (order?.version === wanted.version && ring) return { isNew: false };
    try {
      keep(orderFile, wanted);
      ring ??= await openRing({
        directory: ringFolder,
        clock: options.clock,
        reserveBytes: () => options.spoolLeft() + besidesBytes,
        ...wanted,
      });
    } catch (error) {
      trouble = (error as Error).message;
      return { isNew: false };
    }
    ring.follow(wanted);
    order = wanted;
    trouble = undefined;
    return { isNew: before === undefined };
  }

  const keeping: Keeping = {
    get version() {
      return order?.version ?? 0;
    },
    get ring() {
      return ring;
    },
    get trouble() {
      return trouble ?? ring?.trouble;
    },
    get order() {
      return order;
    },
    follow(wanted) {
      const followed = following.then(() => followOne(wanted));
      following = followed.catch(() => undefined);
      return followed;
    },
    async close() {
      await following;
      await ring?.close();
    },
  };
  const kept = readKept(orderFile);
  if (kept) await keeping.follow(kept);
  return keeping;
}

/** What was kept; nothing when it cannot be read: the centre tells it again. */
function readKept(file: string): PacketsOrder | undefined {
  try {
    return PacketsOrder.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

function keep(path: string, order: PacketsOrder): void {
  const part = `${path}.part`;
  const file = openSync(part, 'w', 0o600);
  try {
    writeSync(file, JSON.stringify(order));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(part, path);
}
