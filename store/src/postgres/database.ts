/**
 * PostgreSQL for everything people change. Embedded: PGlite in a worker thread.
 *
 *     const folder = lockDataFolder(dir);                                // folder.ts
 *     const database = await openPostgres({ dir: join(dir, 'postgres'), template: await prepareDatabaseTemplate() });
 *     await migrate(database, migrations);                               // migrations/index.ts
 *
 *     // A request: row-level security applies, the organisation is the scope's.
 *     const rows = await database.scoped({ organisation: 'hospital-east', centre: false, account: 'a1' }, (tx) =>
 *       tx.query<{ id: string }>('select id from incident where stage = $1', ['during']));
 *
 *     // A job or a migration: as the owner, past row-level security.
 *     await database.system((tx) => tx.query('update …'));
 *
 * A transaction is a function: it commits when the function returns and is rolled back when it throws or when one of
 * its statements failed, even if the function caught that. There is one
 * connection, so transactions run one after another; await nothing inside but queries of the same transaction (no
 * HTTP, no ClickHouse, no other `scoped`), or the time limit ends it. Values go into `parameters` as `$1`, `$2`, never
 * into the text.
 *
 * Types: `int8` → number (bigint beyond 2^53), `numeric` → string, `timestamptz` → Date, `jsonb` → value, `bytea` →
 * Uint8Array, arrays → arrays. For a `jsonb` parameter pass `JSON.stringify(value)`: an array would be taken for an SQL
 * array. Instants of the domain are seconds: store them as `double precision`, or convert at the repository.
 *
 * Tables of a domain: write a `Migration` (`store/src/resources/<noun>.ts`) and append it to `migrations/index.ts`:
 *
 *     create table incident (id text primary key, organisation text not null, …);
 *     alter table incident enable row level security;
 *     alter table incident force row level security;
 *     create policy own on incident using (app_sees(organisation)) with check (app_sees(organisation));
 *     grant select, insert, update on incident to app;
 */

import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Refusal } from '@forewarn/base/refusal';
import { freeBytes } from '../disk.ts';
import { limits } from '../limits.ts';
import type { Reply, Request, Statement, StatementError, WorkerStart } from './worker.ts';

/** On whose behalf a transaction runs. `centre` members see all organisations. */
export type Scope = { readonly organisation: string; readonly centre: boolean; readonly account: string };

export type Transaction = {
  /** Runs one statement and returns its rows (none without `returning`). Throws `StatementFault`, `Refusal`. */
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Runs when the commit is on the disk, before the next transaction begins. A failure does not undo the commit. */
  afterCommit(act: () => void | Promise<void>): void;
};

export type Database = {
  /** A transaction as the role `app`, with the scope's settings: row-level security applies. */
  scoped<Result>(scope: Scope, work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /** A transaction as the owner, for jobs, intake and sign-in, which act for everybody. */
  system<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /** SQL text of several statements, without parameters. For migrations only. */
  script(sql: string): Promise<void>;
  /**
   * Gives room of deleted rows back and counts anew what the planner knows (`vacuum (analyze)`). PGlite has no autovacuum: it
   * happens here every few hours, and when there is room again after a full disk.
   */
  tidy(): Promise<void>;
  /** How many times PostgreSQL has put something on the disk since it was opened. */
  syncs(): Promise<number>;
  /** Waits for the running transactions, checkpoints and ends the thread. */
  close(): Promise<void>;
};

export type PostgresOptions = {
  /** The database's own folder; made from the template when it does not exist. */
  dir: string;
  /** The file of `prepareDatabaseTemplate`. */
  template: string;
  /** Free bytes of the disk; a test may pass another. */
  free?: () => number;
  /** Told of troubles that undo nothing: a failed `afterCommit`, an engine that was started again. */
  onFault?: (fault: Error) => void;
};

/** A statement PostgreSQL did not accept. `state` is SQLSTATE: https://www.postgresql.org/docs/18/errcodes-appendix.html */
export class StatementFault extends Error {
  readonly state: string;
  readonly constraint: string | undefined;
  readonly detail: string | undefined;

  constructor(error: StatementError) {
    super(error.message);
    this.name = 'StatementFault';
    this.state = error.state;
    this.constraint = error.constraint;
    this.detail = error.detail;
  }
}

/** SQLSTATE 25006, a write in a read-only transaction: we make transactions read-only when the disk is nearly full. */
const readOnlyState = '25006';
/** SQLSTATE class 53: out of disk, memory or connections. */
const diskFullState = '53100';

function diskFull(dir: string, cause?: unknown): Refusal {
  return new Refusal('store.disk.full', 'The disk is full: nothing was written.', {
    place: { file: dir },
    advice: 'Free some room; reading goes on, and writing does as soon as there is room again.',
    cause,
  });
}

type Waiting = { resolve: (rows: readonly unknown[]) => void; reject: (error: Error) => void };

/** The thread and its conversation. When it is gone every question is rejected, and a new one is started on demand. */
class Engine {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  dead: Error | undefined;
  readonly ready: Promise<unknown>;

  constructor(start: WorkerStart) {
    this.#worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: start });
    this.ready = new Promise((resolve, reject) => this.#waiting.set(this.#next++, { resolve, reject }));
    this.#worker.on('message', (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if ('rows' in reply) waiting?.resolve(reply.rows);
      else if ('error' in reply) waiting?.reject(new StatementFault(reply.error));
      else {
        waiting?.reject(new Error(`PostgreSQL stopped: ${reply.fatal}`));
        this.#end(new Error(`PostgreSQL stopped: ${reply.fatal}`));
      }
    });
    this.#worker.on('error', (cause) => this.#end(new Error('The thread of PostgreSQL failed.', { cause })));
    this.#worker.on('exit', () => this.#end(new Error('The thread of PostgreSQL ended.')));
  }

  #end(fault: Error): void {
    this.dead ??= fault;
    for (const { reject } of this.#waiting.values()) reject(this.dead);
    this.#waiting.clear();
    void this.#worker.terminate();
  }

  #ask(request: Request): Promise<readonly unknown[]> {
    if (this.dead) return Promise.reject(this.dead);
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A worker thread has no origin.
      this.#worker.postMessage(request);
    });
  }

  run(statements: readonly Statement[]): Promise<readonly unknown[]> {
    return this.#ask({ id: this.#next++, kind: 'run', statements });
  }

  script(sql: string): Promise<unknown> {
    return this.#ask({ id: this.#next++, kind: 'script', sql });
  }

  async syncs(): Promise<number> {
    return (await this.#ask({ id: this.#next++, kind: 'syncs' }))[0] as number;
  }

  async close(): Promise<void> {
    if (!this.dead) await this.#ask({ id: this.#next++, kind: 'close' });
    await this.#worker.terminate();
  }
}

/**
 * Opens the database; the caller holds the data folder's lock. Takes about half a second, about a second the first
 * time. Throws when the engine does not start.
 */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const { dir, template } = options;
  const free = options.free ?? (() => freeBytes(existsSync(dir) ? dir : dirname(dir)));
  mkdirSync(dirname(dir), { recursive: true, mode: 0o700 });
  let engine = new Engine({ dir, template });
  await engine.ready.catch((cause: unknown) => {
    // A first start needs room for the template; without it the thread dies of it before anything could be asked.
    throw free() < limits.freeBytesMin.value ? diskFull(dir, cause) : cause;
  });

  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let closed = false;

  /** One after another, in the order they came. */
  function turn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (closed) return Promise.reject(new Error('The database is closed.'));
    if (waiting >= limits.transactionsWaitingMax.value) {
      return Promise.reject(
        new Refusal('store.busy', `${waiting} transactions are waiting already.`, { advice: 'Try again in a moment.' }),
      );
    }
    waiting += 1;
    const mine = last.then(async () => {
      try {
        if (engine.dead) {
          // After a kill and after an engine's own end alike, PostgreSQL recovers from its log.
          options.onFault?.(engine.dead);
          engine = new Engine({ dir, template });
          await engine.ready;
        }
        return await work();
      } finally {
        waiting -= 1;
      }
    });
    last = mine.catch(() => undefined);
    return mine;
  }

  const tidy = () => turn(async () => void (await engine.script('vacuum (analyze)')));
  const tidyQuietly = () =>
    void tidy().catch((cause: unknown) => {
      if (!closed) options.onFault?.(new Error('The database could not be tidied.', { cause }));
    });
  const tidying = setInterval(tidyQuietly, limits.tidyHours.value * 3_600_000);
  tidying.unref();

  /** What a transaction wrote before it met a full disk stays allocated until the next tidying, which needs room itself. */
  let wasted = false;

  async function transact<Result>(
    opening: readonly Statement[],
    limitMs: number,
    work: (tx: Transaction) => Promise<Result>,
  ): Promise<Result> {
    const room = free() >= limits.freeBytesMin.value;
    if (wasted && room) {
      wasted = false;
      tidyQuietly();
    }
    const explain = (error: unknown): unknown => {
      if (error instanceof StatementFault && error.state === diskFullState) {
        wasted = true;
        return diskFull(dir, error);
      }
      if (error instanceof StatementFault && error.state === readOnlyState && !room) return diskFull(dir, error);
      if (engine.dead && free() < limits.freeBytesMin.value) return diskFull(dir, error);
      return error;
    };
    let over: Error | undefined;
    const acts: (() => void | Promise<void>)[] = [];
    const tx: Transaction = {
      async query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
        if (over) throw over;
        try {
          return (await engine.run([parameters === undefined ? { sql } : { sql, parameters }])) as Row[];
        } catch (error) {
          // PostgreSQL would turn the commit of a failed transaction into a silent rollback.
          over ??= explain(error) as Error;
          throw over;
        }
      },
      afterCommit: (act) => void acts.push(act),
    };
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        over = new Error(`The transaction was open for ${limitMs} ms. Was something other than its own queries awaited in it?`);
        reject(over);
      }, limitMs);
    });
    try {
      await engine.run([{ sql: room ? 'begin' : 'begin read only' }, ...opening]);
      const result = await Promise.race([work(tx), limit]);
      if (over) throw over;
      over = new Error('The transaction is over: it ended with the function it was given to.');
      await engine.run([{ sql: 'commit' }]);
      for (const act of acts) {
        try {
          await act();
        } catch (cause) {
          options.onFault?.(new Error('What follows a commit failed; the commit stands.', { cause }));
        }
      }
      return result;
    } catch (error) {
      over ??= new Error('The transaction was rolled back.', { cause: error });
      if (!engine.dead) await engine.run([{ sql: 'rollback' }]).catch(() => undefined);
      throw explain(error);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    scoped: (scope, work) =>
      turn(() =>
        transact(
          [
            { sql: 'set local role app' },
            {
              sql: `select set_config('app.organisation', $1, true), set_config('app.centre', $2, true), set_config('app.account', $3, true)`,
              parameters: [scope.organisation, scope.centre ? 'yes' : 'no', scope.account],
            },
          ],
          limits.scopedMs.value,
          work,
        ),
      ),
    system: (work) => turn(() => transact([], limits.systemMs.value, work)),
    script: (sql) =>
      turn(async () => {
        try {
          await engine.script(sql);
        } catch (error) {
          if (!engine.dead) await engine.script('rollback').catch(() => undefined);
          if (error instanceof StatementFault && error.state === diskFullState) throw diskFull(dir, error);
          throw error;
        }
      }),
    tidy,
    syncs: () => turn(() => engine.syncs()),
    async close() {
      if (closed) return;
      clearInterval(tidying);
      const end = turn(() => engine.close());
      closed = true;
      await end;
    },
  };
}
