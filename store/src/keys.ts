/**
 * The keys of a data folder: 32 random bytes each, made at the first use, readable by the owner only.
 *
 *     DATA/keys/accounts      seals second factors            DATA/keys/pseudonyms    makes pseudonyms of personal values
 *
 * Whoever has the folder has them; they keep a copy of the database alone (a dump, a backup without `keys/`) from being enough.
 * Losing one loses what it sealed, and makes new pseudonyms unlike the old.
 */

import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from './disk.ts';

const keyBytes = 32;

/** The key of that name, made where there is none; throws when the file is there and is no key. */
export function dataKey(dir: string, name: 'accounts' | 'pseudonyms'): Uint8Array {
  const folder = join(dir, 'keys');
  const file = join(folder, name);
  try {
    const key = readFileSync(file);
    if (key.length !== keyBytes) throw new Error(`${file} has ${key.length} bytes, a key has ${keyBytes}.`);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const key = randomBytes(keyBytes);
  const partial = `${file}.new`;
  const descriptor = openSync(partial, 'w', 0o600);
  try {
    writeSync(descriptor, key);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(partial, file);
  syncFolder(folder);
  syncFolder(dir);
  return key;
}
