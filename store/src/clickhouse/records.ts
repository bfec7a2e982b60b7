/**
 * The store of records: ClickHouse tables behind one door. Every read takes a scope and adds it; there is no other way to
 * the tables.
 *
 *     const records = await openRecords({ dir: join(DATA, 'clickhouse'), recordTypes });
 *     await records.insertBatch(envelope, batch);                     // repeated: nothing happens
 *     const rows = await records.query({ organisations: ['hospital-east'] }, { from: ['conn'], where, limit: 100 });
 *     const page = await records.search('all', { log: 'dns', where, range, limit: 50, cursor });
 *
 * Refusals: `records.log`, `records.field`, `records.cursor`, `records.timeout`, `records.memory`, `records.busy`,
 * `store.disk.full`, and those of the algebra (`query.*`).
 */

import { Refusal } from '@forewarn/base/refusal';
import type { Batch, Envelope } from '@forewarn/model/batch';
import type { Tlp } from '@forewarn/model/markings';
import type { Predicate, Query } from '@forewarn/model/query/query';
import type { RecordType } from '@forewarn/model/records/record';
import { limits } from '../limits.ts';
import { compilePredicate, Parameters, type Fields } from './compile.ts';
import { openEngine, type Engine, type ReadCost } from './engine.ts';
import {
  database,
  envelopeColumns,
  minuteSql,
  minutesProjection,
  recordColumns,
  tableOf,
  tableStatements,
  type StoredColumn,
  storedName,
  sumSql,
  type TableOnDisk,
} from './tables.ts';

/** Whose records may be read. There is no way to leave it out; an empty list sees nothing. */
export type RecordScope =
  | 'all'
  | { readonly organisations: readonly string[]; readonly links?: readonly string[]; readonly markings?: readonly Tlp[] };

export type RecordRow = { readonly [column: string]: unknown };
/** Seconds UTC, `from` inclusive, `to` exclusive. */
export type RecordRange = { readonly from: number; readonly to: number };
/** Where the first bucket of a histogram begins, and how long each is, in seconds. */
type Bars = { readonly from: number; readonly seconds: number };
type SumsAsked = {
  log: string;
  range: RecordRange;
  /** From the range's start on. */
  seconds: number;
  by: '_link' | '_sensor';
  of: readonly string[];
  fields: readonly string[];
};
type Asked = { log: string; where?: Predicate | undefined; range?: RecordRange | undefined };

export type Records = {
  /** Puts a batch's records on the disk; the same batch again changes nothing. Resolves to the number of records. */
  insertBatch(envelope: Envelope, batch: Batch): Promise<number>;
  /** A query of the algebra. Rows are objects by field; ungrouped ones also carry `_log` and the envelope. */
  query(scope: RecordScope, query: Query): Promise<RecordRow[]>;
  count(scope: RecordScope, asked: Asked): Promise<number>;
  /**
   * Newest first; `next` goes on after the last row, whatever has come meanwhile. With a condition a page looks through so many records only
   * (`searchRows`): it may hold fewer than asked, even none, while `next` goes on from `reached`, the instant down to which all were looked at.
   */
  search(
    scope: RecordScope,
    asked: Asked & { limit: number; cursor?: string | undefined },
  ): Promise<{ items: RecordRow[]; next: string | null; reached: number | null }>;
  /** Records in each of `buckets` equal parts of the range, or of `bars`, of which the first may begin before it and the last end after it. */
  histogram(
    scope: RecordScope,
    asked: Asked & { range: RecordRange; buckets: number; bars?: Bars | undefined },
  ): Promise<number[]>;
  /**
   * The same soon: where a condition is asked about many records, only those of short spans all over the range are looked at, and the answer
   * is an estimate, which it says.
   */
  roughHistogram(
    scope: RecordScope,
    asked: Asked & { range: RecordRange; buckets: number; bars?: Bars | undefined },
  ): Promise<{ counts: number[]; exact: boolean }>;
  /**
   * Records, and the sums of some of their fields, in each part of `seconds` of a range, by link or by sensor; of those that are named. Parts of
   * whole minutes are read from a row a minute.
   */
  sums(scope: RecordScope, asked: SumsAsked): Promise<{ of: string; bucket: number; count: number; sums: number[] }[]>;
  /** How many records of each log; logs without any are left out. */
  counts(scope: RecordScope, asked: { range: RecordRange }): Promise<{ log: string; count: number }[]>;
  /** The most frequent values of a field; elements of vectors each; missing values are left out. */
  top(scope: RecordScope, asked: Asked & { field: string; limit: number }): Promise<{ value: unknown; count: number }[]>;
  /** The same soon, from short spans all over the range where it holds many records. */
  roughTop(
    scope: RecordScope,
    asked: Asked & { range: RecordRange; field: string; limit: number },
  ): Promise<{ values: { value: unknown; count: number }[]; exact: boolean }>;
  /** Every record of one flow, by log, oldest first. */
  flow(scope: RecordScope, uid: string): Promise<{ [log: string]: RecordRow[] }>;
  close(): Promise<void>;
};

type Table = { log: string; columns: readonly StoredColumn[]; names: ReadonlyMap<string, StoredColumn> };

export type RecordsOptions = {
  dir: string;
  recordTypes: readonly RecordType[];
  /** Told what each reading statement cost. */
  onRead?: ((cost: ReadCost) => void) | undefined;
  /** How many records one answer looks at, in place of the ceilings of that name; tests have few records. */
  looked?: Looked;
};

type Looked = { searchRows: number; roughRows: number };

/** Opens the tables, making or extending them from the declarations. The caller holds the data folder's lock. */
export async function openRecords({ dir, recordTypes, onRead, looked }: RecordsOptions): Promise<Records> {
  const engine = openEngine(dir, { onRead });
  const tables = new Map<string, Table>();
  await engine.write(`create database if not exists ${database}`);
  const onDisk = await readTables(engine);
  for (const type of recordTypes) {
    const columns = recordColumns(type);
    const all = [...columns, ...envelopeColumns];
    const before = onDisk.get(type.log);
    for (const column of all) {
      const was = before?.columns.get(storedName(column));
      if (was !== undefined && was !== column.type) {
        throw new Error(`The column ${type.log}.${column.name} is ${was} on the disk and ${column.type} in its declaration.`);
      }
    }
    for (const statement of tableStatements(type, before)) await engine.write(statement);
    tables.set(type.log, { log: type.log, columns, names: new Map(all.map((column) => [column.name, column])) });
  }
  const filled = await engine.read({
    sql: `select name from system.tables where database = '${database}' and total_rows > 0`,
    parameters: {},
  });
  const ceilings: Looked = looked ?? { searchRows: limits.searchRows.value, roughRows: limits.roughRows.value };
  return new Store(engine, tables, new Set(filled.map(([name]) => String(name))), ceilings);
}

/** The tables of an earlier opening, by log. */
async function readTables(engine: Engine): Promise<ReadonlyMap<string, TableOnDisk>> {
  const ask = (sql: string): Promise<unknown[][]> => engine.read({ sql, parameters: {} });
  const tables = new Map<string, TableOnDisk>();
  for (const [table, name, type] of await ask(`select table, name, type from system.columns where database = '${database}'`)) {
    let found = tables.get(String(table));
    if (!found) tables.set(String(table), (found = { columns: new Map(), aids: new Map(), behind: false }));
    found.columns.set(String(name), String(type));
  }
  const aids = await ask(
    `select table, name, 'index', granularity from system.data_skipping_indices where database = '${database}'
     union all select table, name, 'projection', 0 from system.projections where database = '${database}'`,
  );
  for (const [table, name, kind, granules] of aids) {
    tables.get(String(table))?.aids.set(String(name), { kind: kind as 'index' | 'projection', granules: Number(granules) });
  }
  const behind = await ask(
    `select distinct table from system.parts where database = '${database}' and active and not has(projections, '${minutesProjection}')
       and table not in (select table from system.mutations where database = '${database}' and not is_done)`,
  );
  for (const [table] of behind) {
    const found = tables.get(String(table));
    if (found) found.behind = true;
  }
  return tables;
}

class Store implements Records {
  readonly #engine: Engine;
  readonly #tables: ReadonlyMap<string, Table>;
  /** Logs with records: most sensors write a handful of the declared ones, and an empty table is not asked. */
  readonly #filled: Set<string>;

  readonly #looked: Looked;

  constructor(engine: Engine, tables: ReadonlyMap<string, Table>, filled: Set<string>, looked: Looked) {
    this.#engine = engine;
    this.#tables = tables;
    this.#filled = filled;
    this.#looked = looked;
  }

  #filledTables(): Table[] {
    return [...this.#tables.values()].filter(({ log }) => this.#filled.has(log));
  }

  #table(log: string): Table {
    const table = this.#tables.get(log);
    if (table) return table;
    throw new Refusal('records.log', `There is no log "${log.slice(0, 64)}".`, {
      advice: `There are: ${[...this.#tables.keys()].join(', ')}.`,
    });
  }

  #column({ log, names, columns }: Table, field: string): StoredColumn {
    const column = names.get(field);
    if (column) return column;
    throw new Refusal('records.field', `The log ${log} has no field "${field.slice(0, 200)}".`, {
      place: { field: 'field' },
      advice: `It has: ${columns.map(({ name }) => name).join(', ')}.`,
    });
  }

  async insertBatch(envelope: Envelope, batch: Batch): Promise<number> {
    const stamp = JSON.stringify({
      _organisation: envelope.organisation,
      _sensor: envelope.sensor,
      _link: envelope.link,
      _network_type: envelope.networkType,
      _source: envelope.source,
      _batch: batch.id,
      _marking: envelope.marking,
    }).slice(1);
    let stored = 0;
    for (const [log, records] of Object.entries(batch.logs)) {
      if (records.length === 0) continue;
      const renamed = this.#table(log).columns.filter((column) => storedName(column) !== column.name);
      // Fields without a column (secrets have none) are skipped by the engine; choosing them here would cost four times as much.
      const lines = records.map((record, row) => {
        const fields = JSON.stringify(renamed.length === 0 ? record : withNames(record, renamed)).slice(1, -1);
        return `{${fields}${fields === '' ? '' : ','}"_row":${row},${stamp}`;
      });
      // Before the insert, which may be on the disk though its promise fails.
      this.#filled.add(log);
      await this.#engine.insert({ table: tableOf(log), lines: Buffer.from(lines.join('\n')), token: batch.id });
      stored += records.length;
    }
    return stored;
  }

  /** The part of every statement that decides what may be read at all, then what was asked for. */
  #where(
    scope: RecordScope,
    asked: { where?: Predicate | undefined; range?: { from?: number; to?: number } | undefined },
    fields: Fields,
    parameters: Parameters,
  ): string {
    const parts = scopeSql(scope, parameters);
    if (asked.range?.from !== undefined) parts.push(`ts >= ${parameters.add('Float64', asked.range.from)}`);
    if (asked.range?.to !== undefined) parts.push(`ts < ${parameters.add('Float64', asked.range.to)}`);
    if (asked.where) parts.push(compilePredicate(asked.where, fields, parameters));
    return parts.length === 0 ? 'true' : parts.join(' and ');
  }

  async query(scope: RecordScope, query: Query): Promise<RecordRow[]> {
    return query.group ? this.#grouped(scope, query, query.group) : this.#plain(scope, query);
  }

  async #plain(scope: RecordScope, query: Query): Promise<RecordRow[]> {
    const limit = Math.min(query.limit ?? limits.rowsMax.value, limits.rowsMax.value);
    const rows: RecordRow[] = [];
    for (const log of new Set(query.from)) {
      const table = this.#table(log);
      const parameters = new Parameters();
      const where = this.#where(scope, query, fieldsOf(table), parameters);
      const order = (query.order ?? []).flatMap(({ field, descending }) => {
        const column = table.names.get(field);
        return column ? [`${column.sql} ${descending ? 'desc nulls last' : 'asc nulls first'}`] : [];
      });
      const ordering = order.length === 0 ? '' : `order by ${order.join(', ')}`;
      const { names, sql } = selected(table);
      rows.push(
        ...(
          await this.#engine.read({
            sql: `select ${sql} from ${tableOf(log)} where ${where} ${ordering} limit ${limit}`,
            parameters: parameters.values,
          })
        ).map((values) => rowOf(names, values, log)),
      );
    }
    const having = query.having;
    if (having)
      throw new Refusal('query.having', 'A condition on groups needs groups.', {
        advice: 'Put it into the condition on records.',
      });
    // Each log came in order; several are put in order together.
    if (query.order && query.from.length > 1) rows.sort((a, b) => compareRows(a, b, query.order ?? []));
    return rows.slice(0, limit);
  }

  async #grouped(scope: RecordScope, query: Query, group: NonNullable<Query['group']>): Promise<RecordRow[]> {
    const parameters = new Parameters();
    const logs = [...new Set(query.from)].map((log) => this.#table(log));
    const used = [...new Set([...group.by, ...group.aggregates.flatMap((one) => ('field' in one ? [one.field] : []))])];

    // Each log gives the same columns f0, f1, …; where their kinds differ they meet as texts.
    const inputs = used.map((name, index): StoredColumn => {
      const found = logs.map((table) => table.names.get(name)).filter((column) => column !== undefined);
      const same = found.every(({ kind, vector }) => kind === found[0]?.kind && vector === found[0]?.vector);
      const kind = found.length === 0 ? 'text' : same ? found[0]!.kind : 'text';
      const vector = same ? (found[0]?.vector ?? false) : false;
      return { name, sql: `f${index}`, kind, vector, type: same && found[0] ? found[0].type : 'Nullable(String)' };
    });
    const byName = new Map(inputs.map((column) => [column.name, column]));
    const sources = logs.map((table) => {
      const where = this.#where(scope, query, fieldsOf(table), parameters);
      const parts = inputs.map((input) => {
        const column = table.names.get(input.name);
        if (!column) return `${input.vector ? '[]' : 'null'}::${input.type} as ${input.sql}`;
        if (column.kind === input.kind && column.vector === input.vector) return `${column.sql}::${input.type} as ${input.sql}`;
        return column.vector
          ? `null::Nullable(String) as ${input.sql}`
          : `toString(${column.sql})::Nullable(String) as ${input.sql}`;
      });
      return `select ts as t, ${[...parts, '1'].join(', ')} from ${tableOf(table.log)} where ${where}`;
    });

    const by = group.by.map((name) => byName.get(name) as StoredColumn);
    const outputs: StoredColumn[] = by.map((column, index) => ({ ...column, sql: `g${index}` }));
    const parts = by.map((column, index) => `${column.sql} as g${index}`);
    if (group.every !== undefined) {
      const every = parameters.add('Float64', group.every);
      parts.push(`floor(t / ${every}) * ${every} as w`);
      outputs.push({ name: 'window', sql: 'w', kind: 'real', vector: false, type: 'Float64' });
    }
    const keys = outputs.map(({ sql }) => sql);
    for (const [index, aggregate] of group.aggregates.entries()) {
      const column = 'field' in aggregate ? byName.get(aggregate.field) : undefined;
      const counting = aggregate.kind === 'count' || aggregate.kind === 'distinct';
      parts.push(`${aggregateSql(aggregate.kind, column)} as a${index}`);
      outputs.push({ name: aggregate.as, sql: `a${index}`, kind: counting ? 'count' : 'real', vector: false, type: '' });
    }
    const columns = new Map(outputs.map((column) => [column.name, column]));
    const having = query.having
      ? compilePredicate(query.having, { find: (name) => columns.get(name), own: outputs }, parameters)
      : 'true';
    const order = (query.order ?? []).flatMap(({ field, descending }) => {
      const column = columns.get(field);
      return column ? [`${column.sql} ${descending ? 'desc nulls last' : 'asc nulls first'}`] : [];
    });
    const limit = Math.min(query.limit ?? limits.groupsMax.value, limits.groupsMax.value);
    // An aggregate without keys has a row even over nothing; a group over no records has none.
    const grouping = keys.length > 0 ? `group by ${keys.join(', ')}` : 'having count() > 0';
    const rows = await this.#engine.read({
      sql: `select ${outputs.map(({ sql }) => sql).join(', ')}
        from (select ${parts.join(', ')} from (${sources.join(' union all ')}) ${grouping})
        where ${having} ${order.length === 0 ? '' : `order by ${order.join(', ')}`} limit ${limit}`,
      parameters: parameters.values,
    });
    return rows.map((values) => {
      const row: { [field: string]: unknown } = {};
      for (const [index, column] of outputs.entries()) row[column.name] = valueOf(column, values[index]) ?? null;
      return row;
    });
  }

  async count(scope: RecordScope, { log, where, range }: Asked): Promise<number> {
    const table = this.#table(log);
    const parameters = new Parameters();
    const pieces =
      where === undefined && range
        ? countedByMinute(scope, table, range, [range.from, range.to], parameters)
        : [`select count() as n from ${tableOf(log)} where ${this.#where(scope, { where, range }, fieldsOf(table), parameters)}`];
    const [row] = await this.#engine.read({
      sql: `select sum(n) from (${pieces.join(' union all ')})`,
      parameters: parameters.values,
    });
    return Number(row?.[0] ?? 0);
  }

  async search(
    scope: RecordScope,
    { log, where, range, limit, cursor }: Asked & { limit: number; cursor?: string | undefined },
  ): Promise<{ items: RecordRow[]; next: string | null; reached: number | null }> {
    const table = this.#table(log);
    const parameters = new Parameters();
    const at = cursor === undefined ? undefined : readCursor(cursor);
    const until = range && { from: range.from, to: Math.min(range.to, at ? at.ts + 1e-6 : range.to) };
    // Without a condition the first records read are those that are wanted.
    const down = where === undefined || !until ? undefined : await this.#reachOf(scope, table, until, where);
    const look = range && down !== undefined ? { from: down, to: range.to } : range;
    let condition = this.#where(scope, { where, range: look }, fieldsOf(table), parameters);
    if (at) {
      const ts = parameters.add('Float64', at.ts);
      const batch = parameters.add('String', at.batch);
      const row = parameters.add('UInt32', at.row);
      condition += ` and ts <= ${ts} and (ts < ${ts} or _batch < ${batch} or (_batch = ${batch} and _row < ${row}))`;
    }
    const wanted = Math.max(1, Math.min(limit, limits.rowsMax.value));
    const { names, sql } = selected(table);
    // The table is read backwards only if nothing but its own order is asked for (of floating-point times: with what is no number first, though
    // there is none); so the times alone say which instants the page holds, and of those everything is read.
    const instants = `select ts from ${tableOf(log)} where ${condition} order by ts desc nulls first limit ${wanted + 1}`;
    const found = await this.#engine.read({
      sql: `select ${sql}, _row from ${tableOf(log)} where ${condition} and ts in (${instants})
        order by ts desc, _batch desc, _row desc limit ${wanted + 1}`,
      parameters: parameters.values,
    });
    const items = found.slice(0, wanted).map((values) => rowOf(names, values, log));
    const last = found.length > wanted ? found[wanted - 1] : undefined;
    if (last) {
      const end = items.at(-1)!;
      return {
        items,
        next: writeCursor({ ts: Number(end['ts']), batch: String(end['_batch']), row: Number(last.at(-1)) }),
        reached: null,
      };
    }
    if (down === undefined) return { items, next: null, reached: null };
    // Before the first of all batches of this instant: only earlier records follow.
    return { items, next: writeCursor({ ts: down, batch: '', row: 0 }), reached: down };
  }

  /** How far back one page looks in a range, so that it looks at no more than its share of records; undefined: to the range's start. */
  async #reachOf(scope: RecordScope, table: Table, range: RecordRange, where: Predicate): Promise<number | undefined> {
    if (!(range.to > range.from)) return undefined;
    const { log } = table;
    const rowsMax = this.#looked.searchRows / breadthOf(where, table);
    const bars = barsOfMinutes(range, 100);
    const counts = await this.histogram(scope, { log, range, buckets: bars.count, bars });
    let rows = 0;
    for (let bar = bars.count - 1; bar > 0; bar--) {
      rows += counts[bar]!;
      if (rows > 0 && rows + counts[bar - 1]! > rowsMax) return bars.from + bar * bars.seconds;
    }
    return undefined;
  }

  async histogram(
    scope: RecordScope,
    { log, where, range, buckets, bars: asked }: Asked & { range: RecordRange; buckets: number; bars?: Bars | undefined },
  ): Promise<number[]> {
    const table = this.#table(log);
    const parts = Math.max(1, Math.min(Math.trunc(buckets), limits.bucketsMax.value));
    const counts = Array.from({ length: parts }, () => 0);
    const span = range.to - range.from;
    if (!(span > 0)) return counts;
    const parameters = new Parameters();
    const bars = asked ?? { from: range.from, seconds: span / parts };
    // An array is faster than a hash table, and small numbers lie in one.
    const bucketOf = (instant: string): string => `toUInt16(${barSql(bars, parameters, instant)})`;
    const borders = [range.from, range.to, ...Array.from(counts, (_unused, index) => bars.from + index * bars.seconds)];
    const pieces =
      where === undefined
        ? countedByMinute(scope, table, range, borders, parameters, { bucketOf })
        : [
            `select ${bucketOf('ts')} as bucket, count() as n from ${tableOf(log)}
              where ${this.#where(scope, { where, range }, fieldsOf(table), parameters)} group by bucket`,
          ];
    const rows = await this.#engine.read({
      sql: `select bucket, sum(n) from (${pieces.join(' union all ')}) group by bucket`,
      parameters: parameters.values,
    });
    // Rounding may put the last instant of the range one past the last bucket.
    for (const [bucket, count] of rows) counts[Math.min(Number(bucket), parts - 1)]! += Number(count);
    return counts;
  }

  async sums(
    scope: RecordScope,
    { log, range, seconds, by, of, fields }: SumsAsked,
  ): Promise<{ of: string; bucket: number; count: number; sums: number[] }[]> {
    const table = this.#table(log);
    const columns = fields.map((field) => this.#column(table, field));
    const parts = Math.ceil((range.to - range.from) / seconds);
    if (!(parts > 0) || parts > limits.bucketsMax.value || of.length === 0) return [];
    const parameters = new Parameters();
    const borders = [...Array.from({ length: parts }, (_unused, index) => range.from + index * seconds), range.to];
    const pieces = countedByMinute(scope, table, range, borders, parameters, {
      bucketOf: (instant) => `toUInt16(${barSql({ from: range.from, seconds }, parameters, instant)})`,
      by,
      only: `${by} in ${parameters.add('Array(String)', of)}`,
      sums: columns.map(sumSql),
    });
    const totals = columns.map((_unused, index) => `, ifNull(sum(s${index}), 0)`).join('');
    const rows = await this.#engine.read({
      sql: `select of, bucket, sum(n)${totals} from (${pieces.join(' union all ')}) group by of, bucket order by of, bucket`,
      parameters: parameters.values,
    });
    return rows.map(([name, bucket, count, ...sums]) => ({
      of: String(name),
      bucket: Math.min(Number(bucket), parts - 1),
      count: Number(count),
      sums: sums.map(Number),
    }));
  }

  async roughHistogram(
    scope: RecordScope,
    asked: Asked & { range: RecordRange; buckets: number; bars?: Bars | undefined },
  ): Promise<{ counts: number[]; exact: boolean }> {
    const { log, where, range } = asked;
    const totals = await this.histogram(scope, { ...asked, where: undefined });
    if (where === undefined) return { counts: totals, exact: true };
    const bars = asked.bars ?? { from: range.from, seconds: (range.to - range.from) / totals.length };
    const table = this.#table(log);
    const spans = spansOf(range, bars, totals, { rows: this.#looked.roughRows, every: breadthOf(where, table) });
    if (!spans) return { counts: await this.histogram(scope, asked), exact: true };
    const parameters = new Parameters();
    const condition = compilePredicate(where, fieldsOf(table), parameters);
    const within = this.#where(scope, { range }, fieldsOf(table), parameters);
    const rows = await this.#engine.read({
      sql: `select toUInt16(${barSql(bars, parameters)}) as bucket, countIf(${condition}), count() from ${tableOf(log)}
        where ${within} and ${spanHint(spans, parameters)} group by bucket`,
      parameters: parameters.values,
    });
    // Of each part of the range, the share that fits among those looked at, times all that it holds; where none was looked at, the share of
    // the part before.
    const shares = new Map(rows.map(([bucket, fitting, looked]) => [Number(bucket), Number(fitting) / Number(looked)]));
    let share = shares.get(Math.min(...shares.keys())) ?? 0;
    const counts = totals.map((total, bucket) => Math.round(total * (share = shares.get(bucket) ?? share)));
    return { counts, exact: false };
  }

  async counts(scope: RecordScope, { range }: { range: RecordRange }): Promise<{ log: string; count: number }[]> {
    const parameters = new Parameters();
    const logs = this.#filledTables();
    if (logs.length === 0) return [];
    // The logs' own names are the product's, never the asker's.
    const parts = logs.map((table, index) => {
      const pieces = countedByMinute(scope, table, range, [range.from, range.to], parameters);
      return `select ${index} as log, sum(n) as records from (${pieces.join(' union all ')})`;
    });
    const rows = await this.#engine.read({
      sql: `select log, records from (${parts.join(' union all ')}) where records > 0 order by log`,
      parameters: parameters.values,
    });
    return rows.map(([index, count]) => ({ log: logs[Number(index)]!.log, count: Number(count) }));
  }

  async top(scope: RecordScope, asked: Asked & { field: string; limit: number }): Promise<{ value: unknown; count: number }[]> {
    return this.#top(scope, asked);
  }

  async roughTop(
    scope: RecordScope,
    asked: Asked & { range: RecordRange; field: string; limit: number },
  ): Promise<{ values: { value: unknown; count: number }[]; exact: boolean }> {
    const { log, range } = asked;
    const bars = barsOfMinutes(range, 48);
    const totals = await this.histogram(scope, { log, range, buckets: bars.count, bars });
    const spans = spansOf(range, bars, totals, { rows: this.#looked.roughRows, every: 1 });
    if (!spans) return { values: await this.#top(scope, asked), exact: true };
    const table = this.#table(log);
    const parameters = new Parameters();
    const within = this.#where(scope, { range }, fieldsOf(table), parameters);
    const [[looked], found] = await Promise.all([
      this.#engine.read({
        // Not `count()`, which ClickHouse answers without reading, hint or no hint.
        sql: `select sum(ts = ts) from ${tableOf(log)} where ${within} and ${spanHint(spans, parameters)}`,
        parameters: parameters.values,
      }),
      this.#top(scope, asked, (more) => spanHint(spans, more)),
    ]);
    const times = totals.reduce((sum, count) => sum + count, 0) / Math.max(1, Number(looked?.[0]));
    return { values: found.map(({ value, count }) => ({ value, count: Math.round(count * times) })), exact: false };
  }

  async #top(
    scope: RecordScope,
    { log, where, range, field, limit }: Asked & { field: string; limit: number },
    more: (parameters: Parameters) => string = () => 'true',
  ): Promise<{ value: unknown; count: number }[]> {
    const table = this.#table(log);
    const column = this.#column(table, field);
    const parameters = new Parameters();
    const condition = this.#where(scope, { where, range }, fieldsOf(table), parameters);
    const wanted = Math.max(1, Math.min(limit, limits.topMax.value));
    const only = more(parameters);
    const rows = await this.#engine.read({
      sql: `select ${column.vector ? `arrayJoin(${column.sql})` : column.sql} as value, count() as n from ${tableOf(log)}
        where ${condition} and ${only} group by value having isNotNull(value) order by n desc, value limit ${wanted}`,
      parameters: parameters.values,
    });
    const element = { ...column, vector: false };
    return rows.map(([value, count]) => ({ value: valueOf(element, value), count: Number(count) }));
  }

  async flow(scope: RecordScope, uid: string): Promise<{ [log: string]: RecordRow[] }> {
    // A flow has records in a few logs: one statement says in which and when, by the filters of the identifiers alone.
    const logs = this.#filledTables().filter(({ names }) => names.has('uid'));
    if (logs.length === 0) return {};
    const parameters = new Parameters();
    const where: Predicate = { kind: 'text', field: 'uid', op: 'equals', value: uid, cased: true };
    const parts = logs.map((table, index) => {
      const condition = this.#where(scope, { where }, fieldsOf(table), parameters);
      return `select ${index} as log, count() as records, min(ts) as first, max(ts) as last from ${tableOf(table.log)} where ${condition}`;
    });
    const places = await this.#engine.read({
      sql: `select log, first, last from (${parts.join(' union all ')}) where records > 0 order by log`,
      parameters: parameters.values,
    });
    const found: { [log: string]: RecordRow[] } = {};
    for (const [index, first, last] of places) {
      const { log } = logs[Number(index)]!;
      const times: Predicate[] = [
        { kind: 'order', field: 'ts', op: 'gte', value: Number(first) },
        { kind: 'order', field: 'ts', op: 'lte', value: Number(last) },
      ];
      found[log] = await this.#plain(scope, {
        from: [log],
        where: { kind: 'and', of: [where, ...times] },
        order: [{ field: 'ts' }],
        limit: limits.flowRowsMax.value,
      });
    }
    return found;
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

/** What a scope lets through, as conditions that all must hold. */
function scopeSql(scope: RecordScope, parameters: Parameters): string[] {
  if (scope === 'all') return [];
  const within = (column: string, values: readonly string[]) => `${column} in ${parameters.add('Array(String)', values)}`;
  return [
    within('_organisation', scope.organisations),
    ...(scope.links ? [within('_link', scope.links)] : []),
    ...(scope.markings ? [within('_marking', scope.markings)] : []),
  ];
}

/** What is counted apart: by bucket, by a column as `of`; with what else must hold, and sums as `s0`, `s1`, …  */
type Parted = {
  readonly bucketOf?: (instant: string) => string;
  readonly by?: string;
  readonly only?: string;
  readonly sums?: readonly string[];
};

/**
 * Statements that together count the records of a range, each giving `n` and, with `bucketOf`, the bucket of an instant. Minutes through which
 * none of the borders goes are counted from the projection, a row a minute; of the others the records themselves are.
 */
function countedByMinute(
  scope: RecordScope,
  { log }: Table,
  range: RecordRange,
  borders: readonly number[],
  parameters: Parameters,
  { bucketOf, by, only, sums = [] }: Parted = {},
): string[] {
  const table = tableOf(log);
  const within = scopeSql(scope, parameters);
  const add = (value: number) => parameters.add('Float64', value);
  const select = (instant: string, conditions: readonly string[]): string => {
    const keys = [...(bucketOf ? [`${bucketOf(instant)} as bucket`] : []), ...(by ? [`${by} as of`] : [])];
    const values = ['count() as n', ...sums.map((sum, index) => `${sum} as s${index}`)];
    const where = [...within, ...(only ? [only] : []), ...conditions].join(' and ');
    const grouping = [...(bucketOf ? ['bucket'] : []), ...(by ? ['of'] : [])];
    return `select ${[...keys, ...values].join(', ')} from ${table} where ${where} ${grouping.length > 0 ? `group by ${grouping.join(', ')}` : ''}`;
  };
  const inside = (from: number, to: number): string => `(ts >= ${add(from)} and ts < ${add(to)})`;
  // Counting from the first to the last row needs no rows where everybody's count; far times have no minutes of their own.
  const plain = scope === 'all' && !bucketOf;
  const split = new Set<number>();
  for (const border of borders) {
    if (Number.isInteger(border) && border % 60 === 0) continue;
    // A border that a division gave may lie on either side of where it should.
    split.add(Math.floor((border - 0.001) / 60)).add(Math.floor((border + 0.001) / 60));
  }
  const first = Math.floor(range.from / 60);
  const end = Math.ceil(range.to / 60);
  const far = !(Math.abs(range.from) < 1e12 && Math.abs(range.to) < 1e12);
  if (plain || far || end - first < 2 * split.size) return [select('ts', [inside(range.from, range.to)])];
  const whole = [`${minuteSql} >= ${add(first)}`, `${minuteSql} < ${add(end)}`];
  if (split.size > 0) whole.push(`${minuteSql} not in (${[...split].map(add).join(', ')})`);
  const pieces = [select(`${minuteSql} * 60`, whole)];
  if (split.size > 0) {
    const edges = [...split].map((minute) => inside(Math.max(range.from, minute * 60), Math.min(range.to, minute * 60 + 60)));
    // The hint alone chooses what is read of the table; to ask every row for each of a hundred edges would cost more than to read all.
    const minutes = `${minuteSql} in (${[...split].map(add).join(', ')})`;
    pieces.push(select('ts', [inside(range.from, range.to), minutes, `indexHint(${edges.join(' or ')})`]));
  }
  return pieces;
}

/**
 * Bars of whole minutes at whole multiples of their length, about so many: they stay where they are while a range that ends now moves on, and
 * are counted by the minute. Shorter ones begin where the range does. The first may begin before it, and the last end after it.
 */
export function barsOfMinutes(range: RecordRange, about: number): Bars & { count: number } {
  const span = range.to - range.from;
  // The range may begin and end within a bar.
  const seconds = Math.ceil(span / Math.max(1, about - 1) / 60) * 60;
  if (about === 1 || !(span / about >= 60) || !(Math.abs(range.from) < 1e12))
    return { from: range.from, seconds: span / about, count: about };
  const first = Math.floor(range.from / seconds);
  return { from: first * seconds, seconds, count: Math.ceil(range.to / seconds) - first };
}

/** How much more than a condition on one or two columns it costs to look at a record: a word is sought in all of them. */
function breadthOf(where: Predicate, { columns }: Table): number {
  let read = 0;
  const open: Predicate[] = [where];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.kind === 'and' || next.kind === 'or') for (const part of next.of) open.push(part);
    else if (next.kind === 'not') open.push(next.of);
    else read += next.kind === 'keyword' ? columns.filter(({ kind }) => kind === 'text' || kind === 'address').length : 1;
  }
  return Math.max(1, Math.min(10, Math.floor(read / 2)));
}

/** A short span in every bar, some way from its start, which is another in each, so that what comes at regular times is neither always met nor never. */
type Spans = { readonly seconds: number; readonly from: readonly number[] };

/** The golden ratio's fraction: its multiples fall evenly between 0 and 1. */
const golden = 0.6180339887;

/** The spans to look at; undefined where they would be most of the range, and where it holds few records. */
function spansOf(
  range: RecordRange,
  bars: Bars,
  totals: readonly number[],
  { rows, every }: { rows: number; every: number },
): Spans | undefined {
  const share = rows / every / totals.reduce((sum, count) => sum + count, 0);
  if (!(share < 0.1) || !(bars.seconds > 0) || !(Math.abs(range.from) < 1e12)) return undefined;
  const seconds = bars.seconds * share;
  const from = totals.map((_unused, bar) => bars.from + bar * bars.seconds + ((bar * golden) % 1) * (bars.seconds - seconds));
  return { seconds, from: from.filter((_unused, bar) => bar % every === 0) };
}

const barSql = (bars: Bars, parameters: Parameters, instant = 'ts'): string =>
  `floor((${instant} - ${parameters.add('Float64', bars.from)}) / ${parameters.add('Float64', bars.seconds)})`;

/**
 * Lets ClickHouse read what lies around the spans, and nothing else. Which records those are depends on their times and their neighbours only,
 * never on what else is asked of them, so a share of them is a share of all.
 */
function spanHint({ seconds, from }: Spans, parameters: Parameters): string {
  const add = (value: number) => parameters.add('Float64', value);
  return `indexHint(${from.map((start) => `(ts >= ${add(start)} and ts < ${add(start + seconds)})`).join(' or ')})`;
}

const fieldsOf = ({ names, columns }: Table): Fields => ({ find: (name) => names.get(name), own: columns });

function selected(table: Table): { names: readonly StoredColumn[]; sql: string } {
  const names = [...table.columns, ...envelopeColumns];
  return { names, sql: names.map(({ sql }) => sql).join(', ') };
}

/** The record with its vectors under the names of their columns. */
function withNames(record: { readonly [name: string]: unknown }, renamed: readonly StoredColumn[]): { [name: string]: unknown } {
  const named: { [name: string]: unknown } = { ...record };
  for (const column of renamed) named[storedName(column)] = record[column.name];
  return named;
}

/** A record as it was sent: what is missing is left out, counts are numbers again. */
function rowOf(columns: readonly StoredColumn[], values: readonly unknown[], log: string): RecordRow {
  const row: { [column: string]: unknown } = { _log: log };
  for (const [index, column] of columns.entries()) {
    const value = valueOf(column, values[index]);
    if (value !== null && value !== undefined) row[column.name] = value;
  }
  return row;
}

/** Counts come as text; intake lets none pass that a number cannot hold, and sums are numbers already. */
function valueOf({ kind, vector }: StoredColumn, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (vector) {
    const elements = value as readonly unknown[];
    if (elements.length === 0) return null;
    return kind === 'count' || kind === 'int' ? elements.map(Number) : elements;
  }
  return kind === 'count' || kind === 'int' ? Number(value) : value;
}

function aggregateSql(kind: 'count' | 'distinct' | 'sum' | 'min' | 'max', column: StoredColumn | undefined): string {
  if (kind === 'count') return 'count()';
  if (!column) return kind === 'distinct' || kind === 'sum' ? '0' : 'null';
  const { sql, vector } = column;
  if (kind === 'distinct') return vector ? `uniqExactArray(${sql})` : `uniqExact(${sql})`;
  const numeric = column.kind === 'real' || column.kind === 'count' || column.kind === 'int';
  if (!numeric) return kind === 'sum' ? '0' : 'null';
  if (kind === 'sum') return vector ? `sum(arraySum(arrayMap(x -> toFloat64(x), ${sql})))` : `ifNull(sum(toFloat64(${sql})), 0)`;
  if (!vector) return `toFloat64(${kind}(${sql}))`;
  return `toFloat64(${kind}OrNullIf(${kind === 'min' ? 'arrayMin' : 'arrayMax'}(${sql}), notEmpty(${sql})))`;
}

const writeCursor = ({ ts, batch, row }: { ts: number; batch: string; row: number }): string =>
  Buffer.from(JSON.stringify([ts, batch, row])).toString('base64url');

function readCursor(cursor: string): { ts: number; batch: string; row: number } {
  try {
    const [ts, batch, row] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const isRow = typeof row === 'number' && Number.isInteger(row) && row >= 0 && row < 2 ** 32;
    if (typeof ts === 'number' && Number.isFinite(ts) && typeof batch === 'string' && isRow) return { ts, batch, row };
  } catch {
    // Told below.
  }
  throw new Refusal('records.cursor', 'The cursor is none of ours.', {
    place: { field: 'cursor' },
    advice: 'Take it from `next` of the page before, or leave it out.',
  });
}

/** As `model/query/run.ts` orders: missing values first, numbers before texts. */
function compareRows(a: RecordRow, b: RecordRow, order: NonNullable<Query['order']>): number {
  for (const { field, descending } of order) {
    const compared = compareValues(a[field], b[field]);
    if (compared !== 0) return descending ? -compared : compared;
  }
  return 0;
}

function compareValues(a: unknown, b: unknown): number {
  const missing = Number(b === undefined || b === null) - Number(a === undefined || a === null);
  if (missing !== 0 || a === undefined || a === null) return missing;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'number') return -1;
  if (typeof b === 'number') return 1;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}
