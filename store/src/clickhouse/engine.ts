/**
 * ClickHouse in the process (chDB): one session that writes and a few that read, because a session runs one statement at a
 * time and a look-up must not wait for a report. Internal to this folder: everybody else reads through `records.ts`, which takes a scope.
 *
 * One data folder per process: chDB refuses a second path. Nothing here blocks the event loop; statements run on threads
 * of the engine.
 */

import { Session } from 'chdb';
import { Refusal } from '@forewarn/base/refusal';
import { limits } from '../limits.ts';
import { literal, type BoundType, type BoundValue } from './literals.ts';

/** SQL text with `{name:Type}` places, and what they stand for. The one that writes it never puts a value into the text. */
export type BoundStatement = { sql: string; parameters: { readonly [name: string]: BoundValue } };

/** What a reading statement cost: rows and bytes that ClickHouse took from its tables, uncompressed. */
export type ReadCost = { readonly sql: string; readonly rows: number; readonly bytes: number };

export type Engine = {
  /**
   * The rows of a reading statement, each an array in the order of its columns. 64-bit integers are strings. `settings` are ClickHouse's own,
   * as `name = value`.
   */
  read(statement: BoundStatement, settings?: readonly string[]): Promise<unknown[][]>;
  /** The same, with how many rows and bytes ClickHouse took from its tables for it. */
  measure(
    statement: BoundStatement,
    settings?: readonly string[],
  ): Promise<{ rows: unknown[][]; rowsRead: number; bytesRead: number }>;
  /** A statement that changes tables. */
  write(sql: string): Promise<void>;
  /** Lines of JSON into a table; the same token again changes nothing. On the disk when it resolves. */
  insert(rows: { table: string; lines: Buffer; token: string }): Promise<void>;
  close(): Promise<void>;
};

/** Errors of the engine that somebody can act on: https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp */
const errorCodes = {
  syntax: 62,
  timeout: 159,
  memory: [241],
  noSpace: [243, 533],
  tooDeep: [162, 167, 168, 306],
  notEnoughRoom: [158, 307, 396],
} as const;

function explained(cause: unknown, dir: string): unknown {
  const text = cause instanceof Error ? cause.message : String(cause);
  const code = Number(/Code: (\d+)/.exec(text)?.[1] ?? 0);
  if (code === errorCodes.timeout) {
    return new Refusal('records.timeout', 'The question took too long.', {
      advice: 'Narrow the time range or the condition.',
      cause,
    });
  }
  if ((errorCodes.memory as readonly number[]).includes(code) || (errorCodes.notEnoughRoom as readonly number[]).includes(code)) {
    return new Refusal('records.memory', 'The question needs more memory than one may take.', {
      advice: 'Narrow the time range, or group by fields with fewer values.',
      cause,
    });
  }
  if (code === errorCodes.syntax && /Max query size exceeded/.test(text)) {
    return new Refusal('records.condition', 'The condition is too long for the database.', {
      advice: 'Ask in several steps, or name the fields: a word without a field is sought in all of them.',
      cause,
    });
  }
  if ((errorCodes.tooDeep as readonly number[]).includes(code)) {
    return new Refusal('records.condition', 'The question is nested too deep for the database.', {
      advice: 'Ask in several steps; of rules in order, name fewer.',
      cause,
    });
  }
  if ((errorCodes.noSpace as readonly number[]).includes(code) || /No space left on device/.test(text)) {
    return new Refusal('store.disk.full', 'The disk is full: nothing was written.', {
      place: { file: dir },
      advice: 'Free some room; reading goes on, and writing does as soon as there is room again.',
      cause,
    });
  }
  return cause;
}

/**
 * Ceilings of the whole engine, whose own suit a server that has the machine to itself: 5 GB for each cache, nine tenths of the
 * memory for all.
 */
const connectionArgs = [
  `--mark_cache_size=${limits.engineCacheBytes.value}`,
  `--primary_index_cache_size=${limits.engineCacheBytes.value}`,
  `--index_mark_cache_size=${limits.engineCacheBytes.value}`,
  `--max_server_memory_usage=${limits.engineMemoryBytes.value}`,
];

/** A session and who waits for it. */
class Lane {
  readonly #session: Session;
  #last: Promise<unknown> = Promise.resolve();
  /** A statement failed here, and what it had written of its answer may lie in the session still. */
  #unclean = false;
  waiting = 0;

  constructor(dir: string) {
    this.#session = new Session(dir, { connectionArgs });
  }

  run<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    this.waiting += 1;
    const mine = this.#last.then(() => this.#do(work)).finally(() => (this.waiting -= 1));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /**
   * chDB puts what a failed statement had written before the answer of the session's next one, which may be somebody else's question. So one
   * statement without a meaning takes it away first.
   */
  async #do<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    if (this.#unclean) await this.#session.queryAsync('select 1');
    this.#unclean = false;
    try {
      return await work(this.#session);
    } catch (error) {
      this.#unclean = true;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#last;
    this.#session.close();
  }
}

const readSettings = [
  `max_execution_time = ${limits.readSeconds.value}`,
  `max_memory_usage = ${limits.readMemoryBytes.value}`,
  `max_bytes_before_external_group_by = ${limits.readMemoryBytes.value / 2}`,
  `max_bytes_before_external_sort = ${limits.readMemoryBytes.value / 2}`,
  'output_format_json_quote_64bit_integers = 1',
].join(', ');

/** The format `JSONCompact`, as far as it is used. */
type Answer = { data: unknown[][]; statistics: { rows_read: number; bytes_read: number } };

/** The statement with constants in the places of its values. */
function written({ sql, parameters }: BoundStatement): string {
  return sql.replaceAll(/\{(p\d+):([A-Za-z0-9()]+)\}/g, (_place, name: string, type: string) =>
    literal(type as BoundType, parameters[name]!),
  );
}

/** Opens the folder, making it where there is none; the caller holds the data folder's lock. Takes about 0.2 s. */
export function openEngine(dir: string, { onRead }: { onRead?: ((cost: ReadCost) => void) | undefined } = {}): Engine {
  const writer = new Lane(dir);
  // Opened when they are first needed: an idle centre needs one.
  const readers: Lane[] = [];

  function reader(): Lane {
    const idle = readers.find(({ waiting }) => waiting === 0);
    if (idle) return idle;
    if (readers.length < limits.readSessions.value) {
      const lane = new Lane(dir);
      readers.push(lane);
      return lane;
    }
    const shortest = readers.reduce((best, lane) => (lane.waiting < best.waiting ? lane : best));
    if (shortest.waiting * readers.length >= limits.readsWaitingMax.value) {
      throw new Refusal('records.busy', 'Too many questions about records are waiting already.', {
        advice: 'Try again in a moment.',
      });
    }
    return shortest;
  }

  // The allocator keeps what a batch or a report took; when nobody has asked for a while it is given back to the machine.
  let quiet: NodeJS.Timeout | undefined;
  function used(): void {
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      writer.run(async (session) => void (await session.queryAsync('system jemalloc purge'))).catch(() => undefined);
    }, limits.quietMs.value);
    quiet.unref();
  }

  async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw explained(error, dir);
    } finally {
      used();
    }
  }

  const measure: Engine['measure'] = (statement, settings = []) =>
    guarded(() => {
      const ending = ` settings ${[readSettings, ...settings].join(', ')}`;
      const text = written(statement) + ending;
      return reader().run(async (session) => {
        const format = { format: 'JSONCompact' } as const;
        // Beside the text there is room for more, but then no two sessions work at once.
        const result =
          text.length <= limits.statementCharacters.value
            ? await session.queryAsync(text, format)
            : await session.queryBindAsync(statement.sql + ending, statement.parameters, format);
        const { data, statistics } = JSON.parse(result.text()) as Answer;
        onRead?.({ sql: statement.sql, rows: statistics.rows_read, bytes: statistics.bytes_read });
        return { rows: data, rowsRead: statistics.rows_read, bytesRead: statistics.bytes_read };
      });
    });

  return {
    measure,
    read: async (statement, settings) => (await measure(statement, settings)).rows,
    write: (sql) => guarded(() => writer.run(async (session) => void (await session.queryAsync(sql)))),
    insert: ({ table, lines, token }) =>
      guarded(() =>
        writer.run(async (session) => {
          await session.insert({
            table,
            values: lines,
            format: 'JSONEachRow',
            settings: {
              insert_deduplication_token: token,
              max_execution_time: limits.insertSeconds.value,
              input_format_skip_unknown_fields: 1,
            },
          });
        }),
      ),
    async close() {
      clearTimeout(quiet);
      await Promise.all(readers.map((lane) => lane.close()));
      await writer.close();
    },
  };
}
