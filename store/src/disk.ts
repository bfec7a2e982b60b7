/** What the stores need from a disk beyond reading and writing: that things are really on it, and that there is room. */

import { closeSync, fdatasyncSync, fsyncSync, openSync, readdirSync, statfsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Refusal } from '@forewarn/base/refusal';
import { limits } from './limits.ts';

/** Bytes an ordinary user may still write on the disk that holds `path`. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** Makes a folder's entries (files made, renamed, removed) survive loss of power; fsync of a file does not do that. */
export function syncFolder(path: string): void {
  // Windows has no way to open a folder for this, and its file system journals names by itself.
  if (process.platform === 'win32') return;
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Puts every file and folder below `path` on the disk. For folders that were filled by something that does not. */
export function syncTree(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) syncTree(inner);
    else if (entry.isFile()) {
      const descriptor = openSync(inner, 'r');
      try {
        fdatasyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    }
  }
  syncFolder(path);
}

/**
 * Writes a file whole or not at all; on the disk when it resolves. `free` says how many bytes there are. Refusal: `store.disk.full`.
 */
export async function putFile(path: string, content: Uint8Array, free: () => number): Promise<void> {
  const dir = dirname(path);
  const full = (cause?: unknown): Refusal =>
    new Refusal('store.disk.full', 'The disk is full: nothing was written.', {
      place: { file: dir },
      advice: 'Free some room on the disk of the centre.',
      cause,
    });
  if (free() - content.length < limits.freeBytesMin.value) throw full();
  const part = `${path}.part`;
  try {
    const file = await open(part, 'w', 0o600);
    try {
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(part, path);
    syncFolder(dir);
  } catch (cause) {
    await rm(part, { force: true });
    if (['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw full(cause);
    throw cause;
  }
}
