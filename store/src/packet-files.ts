/**
 * Packets of single flows that sensors brought for somebody to look at: a capture each, for some hours.
 *
 *     DATA/packets/<request>.pcap        mode 0600
 */

import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBytes, putFile } from './disk.ts';

export type PacketFiles = {
  /** Bytes of all files. */
  readonly bytes: number;
  readonly ids: readonly string[];
  /** On the disk when it resolves. Refusal: `store.disk.full`. */
  put(id: string, capture: Uint8Array): Promise<void>;
  /** Undefined: it is gone. */
  read(id: string): Promise<Buffer | undefined>;
  remove(id: string): Promise<void>;
};

const fileName = /^([0-9a-f-]{36})\.pcap$/;

/** Opens the folder, making it where there is none; what an earlier process left half written is removed. */
export function openPacketFiles(dir: string, free: () => number = () => freeBytes(dir)): PacketFiles {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const sizes = new Map<string, number>();
  for (const name of readdirSync(dir)) {
    const id = fileName.exec(name)?.[1];
    if (id === undefined) rmSync(join(dir, name), { recursive: true, force: true });
    else sizes.set(id, statSync(join(dir, name)).size);
  }
  const pathOf = (id: string): string => {
    if (!fileName.test(`${id}.pcap`)) throw new Error(`"${id}" is not the id of a request.`);
    return join(dir, `${id}.pcap`);
  };
  return {
    get bytes() {
      return [...sizes.values()].reduce((sum, size) => sum + size, 0);
    },
    get ids() {
      return [...sizes.keys()];
    },
    async put(id, capture) {
      const path = pathOf(id);
      await putFile(path, capture, free);
      sizes.set(id, capture.length);
    },
    async read(id) {
      try {
        return await readFile(pathOf(id));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async remove(id) {
      await rm(pathOf(id), { force: true });
      sizes.delete(id);
    },
  };
}
