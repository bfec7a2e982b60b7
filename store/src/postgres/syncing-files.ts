/**
 * PGlite's file layer on Node, with the fsync it leaves out. PostgreSQL asks for one at every commit and checkpoint;
 * PGlite starts it with `-F` (do not ask) and gives its files no `fsync` operation, so an acknowledged row would survive
 * a killed process and not a loss of power. This leans on two internals (Emscripten's NODEFS and the mount in
 * `preRun`); `database.test.ts` counts the calls, so that an upgrade that loses them is seen.
 */

import { fdatasyncSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** PGlite does not export the type of its Emscripten module. */
type PostgresModule = Parameters<NodeFS['init']>[1];
type FileOperations = { NODEFS: { stream_ops: { fsync?: (stream: { nfd: number }) => number } } };

/** WASI's numbers for the only two errors worth telling apart: no room, and everything else. */
const errno = { noSpace: 51, inputOutput: 29 };

export class SyncingFiles extends NodeFS {
  /** How many times PostgreSQL asked and the disk answered. */
  syncs = 0;

  override async init(pg: PGlite, options: PostgresModule): Promise<{ emscriptenOpts: PostgresModule }> {
    const { emscriptenOpts } = await super.init(pg, options);
    const hook = (module: unknown) => {
      // Before recovery starts: its checkpoint must be on the disk as well.
      const files = (module as FileOperations).NODEFS;
      files.stream_ops.fsync = (stream) => {
        try {
          fdatasyncSync(stream.nfd);
          this.syncs += 1;
          return 0;
        } catch (error) {
          return (error as NodeJS.ErrnoException).code === 'ENOSPC' ? errno.noSpace : errno.inputOutput;
        }
      };
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), hook] } };
  }
}
