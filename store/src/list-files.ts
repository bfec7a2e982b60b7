/**
 * Files that people brought, as they came, by what they hold: the same file twice is one.
 *
 *     DATA/lists/<sha256>        mode 0600
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBytes, putFile } from './disk.ts';

export type ListFiles = {
  /** On the disk when it resolves to its name. Refusal: `store.disk.full`. */
  put(text: string): Promise<{ sha256: string; bytes: number }>;
  /** Undefined: it is gone. Throws when it is not what its name says. */
  read(sha256: string): Promise<string | undefined>;
  /** Of what nobody needs any more. */
  remove(sha256: string): Promise<void>;
};

export function openListFiles(dir: string, free: () => number = () => freeBytes(dir)): ListFiles {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const pathOf = (sha256: string): string => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`"${sha256}" is not the name of a file.`);
    return join(dir, sha256);
  };
  return {
    async put(text) {
      const content = Buffer.from(text, 'utf8');
      const sha256 = createHash('sha256').update(content).digest('hex');
      const path = pathOf(sha256);
      const done = { sha256, bytes: content.length };
      if (existsSync(path)) return done;
      await putFile(path, content, free);
      return done;
    },
    remove: (sha256) => rm(pathOf(sha256), { force: true }),
    async read(sha256) {
      let content: Buffer;
      try {
        content = await readFile(pathOf(sha256));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
      if (createHash('sha256').update(content).digest('hex') !== sha256)
        throw new Error(`The file ${sha256} of a list is not what it was.`);
      return content.toString('utf8');
    },
  };
}
