/**
 * Files that people brought, as they came, by what they hold: the same file twice is one.
 *
 *     DATA/lists/<sha256>        mode 0600
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '@forewarn/base/refusal';
import { freeBytes, syncFolder } from './disk.ts';
import { limits } from './limits.ts';

export type ListFiles = {
  /** On the disk when it resolves to its name. Refusal: `store.disk.full`. */
  put(text: string): Promise<{ sha256: string; bytes: number }>;
  /** Undefined: it is gone. Throws when it is not what its name says. */
  read(sha256: string): Promise<string | undefined>;
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
      return done;
    },
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
