/** What the stores need from a disk beyond reading and writing: that things are really on it, and that there is room. */

import { closeSync, fdatasyncSync, fsyncSync, openSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

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
