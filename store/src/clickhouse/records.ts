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
import { openEngine, type Engine } from './engine.ts';
import { database, envelopeColumns, recordColumns, tableOf, tableStatements, type StoredColumn, storedName } from './tables.ts';

/** Whose records may be read. There is no way to leave it out; an empty list sees nothing. */
export type RecordScope =
  | 'all'
  | { readonly organisations: readonly string[]; readonly links?: readonly string[]; readonly markings?: readonly Tlp[] };

export type RecordRow = { readonly [column: string]: unknown };
/** Seconds UTC, `from` inclusive, `to` exclusive. */
export type RecordRange = { readonly from: number; readonly to: number };
type Asked = { log: string; where?: Predicate | undefined; range?: RecordRange | undefined };

export type Records = {
  /** Puts a batch's records on the disk; the same batch again changes nothing. Resolves to the number of records. */
  insertBatch(envelope: Envelope, batch: Batch): Promise<number>;
  /** A query of the algebra. Rows are objects by field; ungrouped ones also carry `_log` and the envelope. */
  query(scope: RecordScope, query: Query): Promise<RecordRow[]>;
  count(scope: RecordScope, asked: Asked): Promise<number>;
  /** Newest first; `next` goes on after the last row, whatever has come meanwhile. */
  search(
    scope: RecordScope,
    asked: Asked & { limit: number; cursor?: string | undefined },
  ): Promise<{ items: RecordRow[]; next: string | null }>;
  /** Records in each of `buckets` equal parts of the range. */
  histogram(scope: RecordScope, asked: Asked & { range: RecordRange; buckets: number }): Promise<number[]>;
  /** How many records of each log; logs without any are left out. */
  counts(scope: RecordScope, asked: { range: RecordRange }): Promise<{ log: string; count: number }[]>;
  /** The most frequent values of a field; elements of vectors each; missing values are left out. */
  top(scope: RecordScope, asked: Asked & { field: string; limit: number }): Promise<{ value: unknown; count: number }[]>;
  /** Every record of one flow, by log, oldest first. */
  flow(scope: RecordScope, uid: string): Promise<{ [log: string]: RecordRow[] }>;
  close(): Promise<void>;
};

type Table = { log: string; columns: readonly StoredColumn[]; names: ReadonlyMap<string, StoredColumn> };

/** Opens the tables, making or extending them from the declarations. The caller holds the data folder's lock. */
export async function openRecords({ dir, recordTypes }: { dir: string; recordTypes: readonly RecordType[] }): Promise<Records> {
  const engine = openEngine(dir);
  const tables = new Map<string, Table>();
  await engine.write(`create database if not exists ${database}`);
  const existing = await engine.read({
    sql: `select table, name, type from system.columns where database = '${database}'`,
    parameters: {},
  });
  const types = new Map(existing.map(([table, name, type]) => [`${String(table)}/${String(name)}`, String(type)]));
  for (const type of recordTypes) {
    const columns = recordColumns(type);
    const all = [...columns, ...envelopeColumns];
    for (const column of all) {
      const before = types.get(`${type.log}/${storedName(column)}`);
      if (before !== undefined && before !== column.type) {
        throw new Error(`The column ${type.log}.${column.name} is ${before} on the disk and ${column.type} in its declaration.`);
      }
    }
    const [create, ...extend] = tableStatements(type);
    if (create !== undefined && !types.has(`${type.log}/_row`)) await engine.write(create);
    else
      for (const [index, column] of all.entries())
        if (!types.has(`${type.log}/${storedName(column)}`)) await engine.write(extend[index] as string);
    tables.set(type.log, { log: type.log, columns, names: new Map(all.map((column) => [column.name, column])) });
  }
  return new Store(engine, tables);
}

class Store implements Records {
  readonly #engine: Engine;
  readonly #tables: ReadonlyMap<string, Table>;

  constructor(engine: Engine, tables: ReadonlyMap<string, Table>) {
    this.#engine = engine;
    this.#tables = tables;
  }

  #table(log: string): Table {
    const table = this.#tables.get(log);
    if (table) return table;
    throw new Refusal('records.log', `There is no log "${log.slice(0, 64)}".`, {
      advice: `There are: ${[...this.#tables.keys()].join(', ')}.`,
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
    const parts: string[] = [];
    if (scope !== 'all') {
      const within = (column: string, values: readonly string[]) =>
        parts.push(`has(${parameters.add('Array(String)', values)}, ${column})`);
      within('_organisation', scope.organisations);
      if (scope.links) within(`ifNull(_link, '')`, scope.links);
      if (scope.markings) within('_marking', scope.markings);
    }
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
    const condition = this.#where(scope, { where, range }, fieldsOf(table), parameters);
    const [row] = await this.#engine.read({
      sql: `select count() from ${tableOf(log)} where ${condition}`,
      parameters: parameters.values,
    });
    return Number(row?.[0] ?? 0);
  }

  async search(
    scope: RecordScope,
    { log, where, range, limit, cursor }: Asked & { limit: number; cursor?: string | undefined },
  ): Promise<{ items: RecordRow[]; next: string | null }> {
    const table = this.#table(log);
    const parameters = new Parameters();
    let condition = this.#where(scope, { where, range }, fieldsOf(table), parameters);
    if (cursor !== undefined) {
      const at = readCursor(cursor);
      const ts = parameters.add('Float64', at.ts);
      const batch = parameters.add('String', at.batch);
      const row = parameters.add('UInt32', at.row);
      condition += ` and ts <= ${ts} and (ts < ${ts} or _batch < ${batch} or (_batch = ${batch} and _row < ${row}))`;
    }
    const wanted = Math.max(1, Math.min(limit, limits.rowsMax.value));
    const { names, sql } = selected(table);
    const found = await this.#engine.read({
      sql: `select ${sql}, _row from ${tableOf(log)} where ${condition} order by ts desc, _batch desc, _row desc limit ${wanted + 1}`,
      parameters: parameters.values,
    });
    const items = found.slice(0, wanted).map((values) => rowOf(names, values, log));
    const last = found.length > wanted ? found[wanted - 1] : undefined;
    const at = last && { ts: Number(items.at(-1)?.['ts']), batch: String(items.at(-1)?.['_batch']), row: Number(last.at(-1)) };
    return { items, next: at ? Buffer.from(JSON.stringify([at.ts, at.batch, at.row])).toString('base64url') : null };
  }

  async histogram(
    scope: RecordScope,
    { log, where, range, buckets }: Asked & { range: RecordRange; buckets: number },
  ): Promise<number[]> {
    const table = this.#table(log);
    const parts = Math.max(1, Math.min(Math.trunc(buckets), limits.bucketsMax.value));
    const counts = Array.from({ length: parts }, () => 0);
    const span = range.to - range.from;
    if (!(span > 0)) return counts;
    const parameters = new Parameters();
    const condition = this.#where(scope, { where, range }, fieldsOf(table), parameters);
    const from = parameters.add('Float64', range.from);
    const width = parameters.add('Float64', span / parts);
    const rows = await this.#engine.read({
      sql: `select toUInt32(floor((ts - ${from}) / ${width})) as bucket, count() from ${tableOf(log)} where ${condition} group by bucket`,
      parameters: parameters.values,
    });
    // Rounding may put the last instant of the range one past the last bucket.
    for (const [bucket, count] of rows) counts[Math.min(Number(bucket), parts - 1)]! += Number(count);
    return counts;
  }

  async counts(scope: RecordScope, { range }: { range: RecordRange }): Promise<{ log: string; count: number }[]> {
    const parameters = new Parameters();
    const logs = [...this.#tables.values()];
    // The logs' own names are the product's, never the asker's.
    const parts = logs.map((table, index) => {
      const where = this.#where(scope, { range }, fieldsOf(table), parameters);
      return `select ${index} as log, count() as records from ${tableOf(table.log)} where ${where}`;
    });
    const rows = await this.#engine.read({
      sql: `select log, records from (${parts.join(' union all ')}) where records > 0 order by log`,
      parameters: parameters.values,
    });
    return rows.map(([index, count]) => ({ log: logs[Number(index)]!.log, count: Number(count) }));
  }

  async top(
    scope: RecordScope,
    { log, where, range, field, limit }: Asked & { field: string; limit: number },
  ): Promise<{ value: unknown; count: number }[]> {
    const table = this.#table(log);
    const column = table.names.get(field);
    if (!column) {
      throw new Refusal('records.field', `The log ${log} has no field "${field.slice(0, 200)}".`, {
        place: { field: 'field' },
        advice: `It has: ${table.columns.map(({ name }) => name).join(', ')}.`,
      });
    }
    const parameters = new Parameters();
    const condition = this.#where(scope, { where, range }, fieldsOf(table), parameters);
    const wanted = Math.max(1, Math.min(limit, limits.topMax.value));
    const rows = await this.#engine.read({
      sql: `select ${column.vector ? `arrayJoin(${column.sql})` : column.sql} as value, count() as n from ${tableOf(log)}
        where ${condition} group by value having isNotNull(value) order by n desc, value limit ${wanted}`,
      parameters: parameters.values,
    });
    const element = { ...column, vector: false };
    return rows.map(([value, count]) => ({ value: valueOf(element, value), count: Number(count) }));
  }

  async flow(scope: RecordScope, uid: string): Promise<{ [log: string]: RecordRow[] }> {
    const found: { [log: string]: RecordRow[] } = {};
    for (const table of this.#tables.values()) {
      if (!table.names.has('uid')) continue;
      const rows = await this.#plain(scope, {
        from: [table.log],
        where: { kind: 'text', field: 'uid', op: 'equals', value: uid, cased: true },
        order: [{ field: 'ts' }],
        limit: limits.flowRowsMax.value,
      });
      if (rows.length > 0) found[table.log] = rows;
    }
    return found;
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
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
