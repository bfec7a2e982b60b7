/**
 * PGlite in its own thread: it computes on the thread that calls it, and a large query would stop the centre's event
 * loop. The main thread sends runs of statements and owns the order of transactions (`database.ts`); this file only
 * executes.
 */

import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { syncFolder, syncTree } from '../disk.ts';
import { SyncingFiles } from './syncing-files.ts';
import { unpackTemplate } from './template.ts';

export type Statement = { sql: string; parameters?: readonly unknown[] };

/** `run`: statements in order, the rows of the last; `script`: SQL text without parameters; `syncs`: fsyncs so far. */
export type Request =
  | { id: number; kind: 'run'; statements: readonly Statement[] }
  | { id: number; kind: 'script'; sql: string }
  | { id: number; kind: 'syncs' }
  | { id: number; kind: 'close' };

/** PostgreSQL's error fields that the stores look at; `state` is its five-character SQLSTATE. */
export type StatementError = {
  state: string;
  message: string;
  detail?: string;
  constraint?: string;
  table?: string;
  sql?: string;
};

export type Reply =
  | { id: number; rows: readonly unknown[] }
  | { id: number; error: StatementError }
  /** The engine itself is gone (out of room in the log, out of memory): only a new thread helps. */
  | { id: number; fatal: string };

export type WorkerStart = { dir: string; template: string };

const port = parentPort;
if (!port) throw new Error('This file runs as a worker thread.');

/**
 * Memory: PostgreSQL's own default of 128 MB of shared buffers doubles the process; 16 MB hold the hot pages of what
 * people change, the rest is in the system's page cache anyway.
 */
const startParams = [
  ...PGlite.defaultStartParams.filter((flag) => flag !== '-F'),
  '-c',
  'wal_sync_method=fsync',
  '-c',
  'shared_buffers=16MB',
];

/** Unpacks the template beside its place and moves it there, so that a kill in between leaves nothing that looks done. */
function unpack({ dir, template }: WorkerStart): void {
  const partial = `${dir}.partial`;
  rmSync(partial, { recursive: true, force: true });
  unpackTemplate({ file: template, to: partial });
  syncTree(partial);
  renameSync(partial, dir);
  syncFolder(dirname(dir));
}

const start = workerData as WorkerStart;
if (!existsSync(start.dir)) unpack(start);
const files = new SyncingFiles(start.dir);
const database = await PGlite.create({ fs: files, startParams });

async function answer(request: Request): Promise<readonly unknown[]> {
  switch (request.kind) {
    case 'run': {
      let rows: readonly unknown[] = [];
      for (const { sql, parameters } of request.statements) rows = (await database.query(sql, [...(parameters ?? [])])).rows;
      return rows;
    }
    case 'script':
      await database.exec(request.sql);
      return [];
    case 'syncs':
      return [files.syncs];
    case 'close':
      await database.close();
      return [];
  }
}

let turn: Promise<void> = Promise.resolve();

port.on('message', (request: Request) => {
  turn = turn.then(async () => {
    let reply: Reply;
    try {
      reply = { id: request.id, rows: await answer(request) };
    } catch (error) {
      const { code, severity, message, detail, constraint, table, query } = error as Record<string, string | undefined>;
      if (typeof code === 'string' && code.length === 5 && severity !== 'PANIC' && severity !== 'FATAL') {
        const fields = { detail, constraint, table, sql: query };
        reply = {
          id: request.id,
          error: { state: code, message: message ?? '', ...(JSON.parse(JSON.stringify(fields)) as object) },
        };
      } else reply = { id: request.id, fatal: String(message ?? error) };
    }
    port.postMessage(reply);
    if (request.kind === 'close') port.close();
  });
});

port.postMessage({ id: 0, rows: [] } satisfies Reply);
