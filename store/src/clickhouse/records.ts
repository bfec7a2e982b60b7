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
import type { Predicate, Query } from '@forewarn/model/query/query';
import { compareRows } from '@forewarn/model/query/run';
import type { RecordType } from '@forewarn/model/records/record';
import { limits } from '../limits.ts';
import { compilePredicate, Parameters } from './compile.ts';
import { openEngine, type BoundStatement, type Engine, type ReadCost } from './engine.ts';
import { barSql, countedByMinute, type Bars } from './by-minute.ts';
import { openFindingSearch, type FindingSearch } from './finding-search.ts';
import { openPast, type Past } from './past.ts';
import { disjoint } from './disjoint.ts';
import { seenIn, type SeenAsked, type SeenIn } from './seen.ts';
import { openPastIndicators, type PastIndicators } from './past-indicators.ts';
import { onwards, readCursor, writeCursor, type Cursor } from './cursor.ts';
import { hoursMax, Presence } from './presence.ts';
import { aggregateSql, fieldsOf, rowOf, selected, valueOf, withNames, type RecordRow, type Table } from './rows.ts';
import {
  breadthOf,
  golden,
  granuleRows,
  granulesOf,
  nearest,
  placesMin,
  roughShare,
  sampleHint,
  shareLooked,
  stageGrowth,
  stagesMax,
  timesMetMin,
  withoutAids,
  type Granule,
  type Sample,
} from './sample.ts';
import { whereSql, type RecordRange, type RecordScope } from './scope.ts';
import {
  database,
  envelopeColumns,
  minuteSql,
  recordColumns,
  tableOf,
  tableStatements,
  type StoredColumn,
  storedName,
  sumSql,
  type TableOnDisk,
} from './tables.ts';

export type { RecordRow } from './rows.ts';
export type { RecordRange, RecordScope } from './scope.ts';

type SumsAsked = {
  log: string;
  range: RecordRange;
  /** From the range's start on. */
  seconds: number;
  by: '_link' | '_sensor';
  of: readonly string[];
  fields: readonly string[];
};
type Ask = (statement: BoundStatement) => Promise<unknown[][]>;
/** What a query took from the tables. */
export type TakenByQuery = { rows: number; bytes: number };
type Asked = { log: string; where?: Predicate | undefined; range?: RecordRange | undefined };

export type Records = {
  /** The search of findings, which has the same engine. */
  readonly findings: FindingSearch;
  /** Rules, windows and baselines over what is stored. */
  readonly past: Past;
  /** Records that hold one of many listed values. */
  readonly pastIndicators: PastIndicators;
  /** Puts a batch's records on the disk; the same batch again changes nothing. Resolves to the number of records. */
  insertBatch(envelope: Envelope, batch: Batch): Promise<number>;
  /**
   * A query of the algebra. Rows are objects by field; ungrouped ones also carry `_log` and, unless columns were chosen, the envelope. What it took
   * from the tables is added to `read`.
   */
  query(scope: RecordScope, query: Query, read?: TakenByQuery): Promise<RecordRow[]>;
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
   * The same soon: where a condition is asked about many records, only those around some instants all over the range are looked at, and the
   * answer is an estimate. `looked` is their share of all; 1: the answer is exact.
   */
  roughHistogram(
    scope: RecordScope,
    asked: Asked & { range: RecordRange; buckets: number; bars?: Bars | undefined },
  ): Promise<{ counts: number[]; looked: number }>;
  /**
   * Records, and the sums of some of their fields, in each part of `seconds` of a range, by link or by sensor; of those that are named. Parts of
   * whole minutes are read from a row a minute.
   */
  sums(scope: RecordScope, asked: SumsAsked): Promise<{ of: string; bucket: number; count: number; sums: number[] }[]>;
  /** How many records of each log; logs without any are left out. */
  counts(scope: RecordScope, asked: { range: RecordRange }): Promise<{ log: string; count: number }[]>;
  /** The logs that have records in a range. */
  logsWith(scope: RecordScope, asked: { range: RecordRange }): Promise<string[]>;
  /** In which logs something was seen, the most first. */
  seen(scope: RecordScope, asked: SeenAsked, read?: TakenByQuery): Promise<SeenIn[]>;
  /** The most frequent values of a field; elements of vectors each; missing values are left out. */
  top(scope: RecordScope, asked: Asked & { field: string; limit: number }): Promise<{ value: unknown; count: number }[]>;
  /**
   * The same soon, from the records around some instants where the range holds many. Of values that were met once or twice nothing can be said,
   * and they are left out.
   */
  roughTop(
    scope: RecordScope,
    asked: Asked & { range: RecordRange; field: string; limit: number },
  ): Promise<{ values: { value: unknown; count: number }[]; looked: number }>;
  /** Every record of one flow, by log, oldest first. */
  flow(scope: RecordScope, uid: string): Promise<{ [log: string]: RecordRow[] }>;
  close(): Promise<void>;
};

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
  const findings = await openFindingSearch(engine);
  return new Store(engine, findings, tables, new Set(filled.map(([name]) => String(name))), ceilings);
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
    `select distinct p.table from system.parts p join
       (select table, groupArray(name) as names from system.projections where database = '${database}' group by table) a on a.table = p.table
     where p.database = '${database}' and p.active and not hasAll(p.projections, a.names)
       and p.table not in (select table from system.mutations where database = '${database}' and not is_done)`,
  );
  for (const [table] of behind) {
    const found = tables.get(String(table));
    if (found) found.behind = true;
  }
  return tables;
}

class Store implements Records {
  readonly findings: FindingSearch;
  readonly past: Past;
  readonly pastIndicators: PastIndicators;
  readonly #engine: Engine;
  readonly #tables: ReadonlyMap<string, Table>;
  /** Logs with records: most sensors write a handful of the declared ones, and an empty table is not asked. */
  readonly #filled: Set<string>;

  readonly #looked: Looked;
  readonly #presence = new Presence();
  #closing = false;
  /** Reads what is there already, a log after another, while the first questions are answered from the tables. */
  readonly #knowing: Promise<void>;

  constructor(engine: Engine, findings: FindingSearch, tables: ReadonlyMap<string, Table>, filled: Set<string>, looked: Looked) {
    this.#engine = engine;
    this.findings = findings;
    this.#tables = tables;
    this.#filled = filled;
    this.past = openPast({ engine, tables, filled });
    this.pastIndicators = openPastIndicators({ engine, tables, filled });
    this.#looked = looked;
    const there = [...filled];
    for (const log of tables.keys()) if (!filled.has(log)) this.#presence.know(log, []);
    this.#knowing = this.#knowPresence(there);
  }

  async #knowPresence(logs: readonly string[]): Promise<void> {
    for (const log of logs) {
      if (this.#closing || !this.#tables.has(log)) continue;
      try {
        const found = await this.#engine.read({
          sql: `select _organisation, _link, _marking, groupUniqArray(${hoursMax})(floor(${minuteSql} / 60)) from ${tableOf(log)}
            group by _organisation, _link, _marking`,
          parameters: {},
        });
        const all = found.map(([organisation, link, marking, hours]) => ({
          owner: { organisation: String(organisation), link: link === null ? null : String(link), marking: String(marking) },
          hours: hours as number[],
        }));
        // More hours than that are of captures that claim any time.
        if (all.every(({ hours }) => hours.length < hoursMax)) this.#presence.know(log, all);
      } catch {
        // Longer than a question may take: then the table is asked each time, as it is until now.
      }
    }
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
      const { organisation, link, marking } = envelope;
      this.#presence.add(
        log,
        { organisation, link, marking },
        records.map(({ ts }) => Number(ts)),
      );
      await this.#engine.insert({ table: tableOf(log), lines: Buffer.from(lines.join('\n')), token: batch.id });
      stored += records.length;
    }
    return stored;
  }

  async query(scope: RecordScope, query: Query, read?: TakenByQuery): Promise<RecordRow[]> {
    const ask = async (statement: BoundStatement): Promise<unknown[][]> => {
      const { rows, rowsRead, bytesRead } = await this.#engine.measure(statement);
      if (read) {
        read.rows += rowsRead;
        read.bytes += bytesRead;
      }
      return rows;
    };
    return query.group ? this.#grouped(scope, query, query.group, ask) : this.#plain(scope, query, ask);
  }

  async #plain(scope: RecordScope, query: Query, ask: Ask): Promise<RecordRow[]> {
    const limit = Math.min(query.limit ?? limits.rowsMax.value, limits.rowsMax.value);
    const rows: RecordRow[] = [];
    /** What several logs are put in order by. */
    const sorting = query.from.length > 1 ? query.order?.map(({ field }) => field) : undefined;
    for (const log of new Set(query.from)) {
      const table = this.#table(log);
      const parameters = new Parameters();
      const where = whereSql(scope, query, fieldsOf(table), parameters);
      const order = (query.order ?? []).flatMap(({ field, descending }) => {
        const column = table.names.get(field);
        // Every record has a time; so written, the table is read in its own order (as in `search`).
        if (column?.name === 'ts') return [descending ? 'ts desc nulls first' : 'ts asc'];
        return column ? [`${column.sql} ${descending ? 'desc nulls last' : 'asc nulls first'}`] : [];
      });
      const ordering = order.length === 0 ? '' : `order by ${order.join(', ')}`;
      const { names, sql } = selected(table, sorting && query.columns ? [...query.columns, ...sorting] : query.columns);
      rows.push(
        ...(
          await ask({
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
    if (query.order && sorting) rows.sort((a, b) => compareRows(a, b, query.order ?? []));
    const kept = query.columns && sorting ? new Set(['_log', ...query.columns]) : undefined;
    const first = rows.slice(0, limit);
    return kept ? first.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => kept.has(name)))) : first;
  }

  async #grouped(scope: RecordScope, query: Query, group: NonNullable<Query['group']>, ask: Ask): Promise<RecordRow[]> {
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
    const sources = logs.flatMap((table) => {
      const parts = inputs.map((input) => {
        const column = table.names.get(input.name);
        if (!column) return `${input.vector ? '[]' : 'null'}::${input.type} as ${input.sql}`;
        if (column.kind === input.kind && column.vector === input.vector) return `${column.sql}::${input.type} as ${input.sql}`;
        return column.vector
          ? `null::Nullable(String) as ${input.sql}`
          : `toString(${column.sql})::Nullable(String) as ${input.sql}`;
      });
      const from = `select ts as t, ${[...parts, '1'].join(', ')} from ${tableOf(table.log)}`;
      return disjoint(query.where, table).map(
        (where) => `${from} where ${whereSql(scope, { ...query, where }, fieldsOf(table), parameters)}`,
      );
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
    const chosen = query.columns && new Set(query.columns);
    const shown = chosen ? outputs.filter(({ name }) => chosen.has(name)) : outputs;
    const rows = await ask({
      sql: `select ${[...shown.map(({ sql }) => sql), '1'].join(', ')}
        from (select ${parts.join(', ')} from (${sources.join(' union all ')}) ${grouping})
        where ${having} ${order.length === 0 ? '' : `order by ${order.join(', ')}`} limit ${limit}`,
      parameters: parameters.values,
    });
    return rows.map((values) => {
      const row: { [field: string]: unknown } = {};
      for (const [index, column] of shown.entries()) row[column.name] = valueOf(column, values[index]) ?? null;
      return row;
    });
  }

  async count(scope: RecordScope, { log, where, range }: Asked): Promise<number> {
    const table = this.#table(log);
    const parameters = new Parameters();
    const pieces =
      where === undefined && range
        ? countedByMinute(scope, table, range, [range.from, range.to], parameters)
        : [`select count() as n from ${tableOf(log)} where ${whereSql(scope, { where, range }, fieldsOf(table), parameters)}`];
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
    const at = cursor === undefined ? undefined : readCursor(cursor);
    const wanted = Math.max(1, Math.min(limit, limits.rowsMax.value));
    // A cursor before all batches of its instant leaves the whole instant out; else the rest of it is to come.
    const until = range && { from: range.from, to: Math.min(range.to, at ? at.ts + (at.batch === '' ? 0 : 1e-6) : range.to) };
    // What is everybody's and fits in any case is found at once: the first records read are those that are wanted.
    const { stages, granules } =
      until && (where !== undefined || scope !== 'all')
        ? await this.#stagesOf(table, until, where, at !== undefined)
        : { stages: [undefined], granules: [] };
    const instants: number[] = [];
    let above = until?.to;
    let down: number | undefined;
    let read = 0;
    for (down of stages) {
      const stage = until && { from: down ?? until.from, to: above! };
      const parameters = new Parameters();
      const newest = await this.#engine.measure({
        // The table is read backwards only if nothing but its own order is asked for (of floating-point times: with what is no number first,
        // though there is none); so the times alone say which instants the page holds, and of those everything is read.
        sql: `select ts from ${tableOf(log)} where ${this.#below(scope, table, { where, range: stage }, at, parameters)}
          order by ts desc nulls first limit ${wanted + 1 - instants.length}`,
        parameters: parameters.values,
      });
      for (const [instant] of newest.rows) instants.push(Number(instant));
      above = down;
      read += newest.rowsRead;
      // The next is several times as long: it is looked through where the filters leave most of it out.
      if (instants.length > wanted || read * stageGrowth > this.#looked.searchRows) break;
    }
    // Of records that lie far apart each costs a granule of every column: those of some granules make the page, and the next goes on.
    const near = instants.slice(0, nearest(instants, granules));
    if (near.length > 0) {
      const parameters = new Parameters();
      const look = range && { from: near.at(-1)!, to: range.to };
      const condition = this.#below(scope, table, { where, range: look }, at, parameters);
      const { names, sql } = selected(table);
      const rows = await this.#engine.read({
        sql: `select ${sql}, _row from ${tableOf(log)} where ${condition} and ts in ${parameters.add('Array(Float64)', [...new Set(near)])}
          order by ts desc, _batch desc, _row desc limit ${wanted + 1}`,
        parameters: parameters.values,
      });
      const items = rows.slice(0, wanted).map((values) => rowOf(names, values, log));
      const end = items.at(-1);
      if (end && (rows.length > wanted || near.length < instants.length)) {
        const place = { ts: Number(end['ts']), batch: String(end['_batch']), row: Number(rows[items.length - 1]!.at(-1)) };
        return { items, next: writeCursor(place), reached: rows.length > wanted ? null : place.ts };
      }
      return { items, ...onwards(down) };
    }
    return { items: [], ...onwards(down) };
  }

  /** What was asked for, of what comes after a cursor: newest first, so that it lies below. */
  #below(
    scope: RecordScope,
    table: Table,
    asked: { where?: Predicate | undefined; range?: RecordRange | undefined },
    at: Cursor | undefined,
    parameters: Parameters,
  ): string {
    const condition = whereSql(scope, asked, fieldsOf(table), parameters);
    if (!at) return condition;
    const ts = parameters.add('Float64', at.ts);
    const batch = parameters.add('String', at.batch);
    const row = parameters.add('UInt32', at.row);
    return `${condition} and ts <= ${ts} and (ts < ${ts} or _batch < ${batch} or (_batch = ${batch} and _row < ${row}))`;
  }

  /**
   * How far back one page looks in a range, a stage after another: the instants down to which some rows lie, then several times as many, …;
   * undefined: to the range's start.
   */
  async #stagesOf(
    table: Table,
    range: RecordRange,
    where: Predicate | undefined,
    further: boolean,
  ): Promise<{ stages: (number | undefined)[]; granules: Granule[] }> {
    // The first page is waited for; those after it come by themselves, and fewer of them are sooner at the end.
    let goal = (this.#looked.searchRows / breadthOf(where, table)) * (further ? stageGrowth : 1);
    const most = goal * stageGrowth ** (stagesMax - 1);
    const granulesMax = Math.ceil(most / granuleRows);
    const granules = await this.#granules(table, range, granulesMax);
    const stages: number[] = [];
    let rows = 0;
    for (const granule of granules) {
      rows += granule.rows;
      if (rows < goal) continue;
      stages.push(granule.from);
      goal *= stageGrowth;
    }
    if (granules.length < granulesMax && rows < most) return { stages: [...stages, undefined], granules };
    // Many small parts: so many granules hold fewer rows.
    return { stages: stages.length > 0 ? stages : [granules.at(-1)!.from], granules };
  }

  /** Where so many of the newest granules of a range begin, and how many rows they have: what ClickHouse reads at a time, of whomever it is. */
  async #granules(table: Table, range: RecordRange, most: number): Promise<Granule[]> {
    const parameters = new Parameters();
    const found = await this.#engine.read({
      sql: `select ts, rows_in_granule from ${granulesOf(table)} where ${whereSql('all', { range }, fieldsOf(table), parameters)}
        order by ts desc limit ${most}`,
      parameters: parameters.values,
    });
    return found.map(([from, rows]) => ({ from: Number(from), rows: Number(rows) }));
  }

  /**
   * Instants all over a range, around which there are about as many rows as a rough answer looks at; undefined where the range holds not many
   * times as many.
   */
  async #sampleOf(table: Table, range: RecordRange, breadth: number): Promise<Sample | undefined> {
    if (!(range.to > range.from) || !(Math.abs(range.from) < 1e12)) return undefined;
    const parameters = new Parameters();
    const [row] = await this.#engine.read({
      sql: `select sum(rows_in_granule) from ${granulesOf(table)} where ${whereSql('all', { range }, fieldsOf(table), parameters)}`,
      parameters: parameters.values,
    });
    const most = Math.max(1, Math.floor(this.#looked.roughRows / granuleRows));
    const places = Math.max(Math.min(placesMin, most), Math.floor(most / breadth));
    if (Number(row?.[0] ?? 0) < places * granuleRows * roughShare) return undefined;
    const seconds = (range.to - range.from) / places;
    // Each some way from the start of its part, another in each, so that what comes at regular times is neither always met nor never.
    return {
      seconds,
      instants: Array.from({ length: places }, (_unused, part) => range.from + (part + ((part * golden) % 1)) * seconds),
    };
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
              where ${whereSql(scope, { where, range }, fieldsOf(table), parameters)} group by bucket`,
          ];
    const rows = await this.#engine.read({
      sql: pieces.length === 1 ? pieces[0]! : `select bucket, sum(n) from (${pieces.join(' union all ')}) group by bucket`,
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
  ): Promise<{ counts: number[]; looked: number }> {
    const { log, where, range } = asked;
    const table = this.#table(log);
    const sample = where && (await this.#sampleOf(table, range, breadthOf(where, table)));
    if (!where || !sample) return { counts: await this.histogram(scope, asked), looked: 1 };
    const parameters = new Parameters();
    const condition = compilePredicate(where, fieldsOf(table), parameters);
    const within = whereSql(scope, { range }, fieldsOf(table), parameters);
    const parts = { from: range.from, seconds: sample.seconds };
    const [totals, rows] = await Promise.all([
      this.histogram(scope, { ...asked, where: undefined }),
      this.#engine.read(
        {
          sql: `select toUInt16(${barSql(parts, parameters)}) as part, countIf(${condition}), count() from ${tableOf(log)}
            where ${within} and ${sampleHint(sample, parameters)} group by part`,
          parameters: parameters.values,
        },
        withoutAids,
      ),
    ]);
    // Of each part of the range, the share that fits among those looked at, times all that it holds; where none was looked at, the share of
    // the part before.
    const shares = new Map(rows.map(([part, fitting, looked]) => [Number(part), Number(fitting) / Number(looked)]));
    let share = shares.get(Math.min(...shares.keys())) ?? 0;
    const shareOf = Array.from(sample.instants, (_unused, part) => (share = shares.get(part) ?? share));
    const bars = asked.bars ?? { from: range.from, seconds: (range.to - range.from) / totals.length };
    const counts = totals.map((total, bar) => {
      const middle = bars.from + (bar + 0.5) * bars.seconds;
      const part = Math.floor((middle - range.from) / sample.seconds);
      return Math.round(total * shareOf[Math.max(0, Math.min(part, shareOf.length - 1))]!);
    });
    return {
      counts,
      looked: shareLooked(
        rows.map(([, , looked]) => Number(looked)),
        totals,
      ),
    };
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

  async logsWith(scope: RecordScope, { range }: { range: RecordRange }): Promise<string[]> {
    const logs = this.#filledTables().map((table) => ({ table, there: this.#presence.has(table.log, scope, range) }));
    const parameters = new Parameters();
    const unsure = logs.flatMap(({ table, there }, index) =>
      there === undefined
        ? [
            `(select ${index} as log from ${tableOf(table.log)} where ${whereSql(scope, { range }, fieldsOf(table), parameters)} limit 1)`,
          ]
        : [],
    );
    const found =
      unsure.length === 0
        ? []
        : await this.#engine.read({ sql: unsure.join(' union all '), parameters: parameters.values }, [
            ...withoutAids,
            'max_threads = 1',
          ]);
    const asked = new Set(found.map(([index]) => Number(index)));
    return logs.flatMap(({ table, there }, index) => (there === true || asked.has(index) ? [table.log] : []));
  }

  seen(scope: RecordScope, asked: SeenAsked, read?: TakenByQuery): Promise<SeenIn[]> {
    return seenIn({ engine: this.#engine, tables: this.#tables, filled: this.#filled }, scope, asked, read);
  }

  async top(scope: RecordScope, asked: Asked & { field: string; limit: number }): Promise<{ value: unknown; count: number }[]> {
    return this.#top(scope, asked);
  }

  async roughTop(
    scope: RecordScope,
    asked: Asked & { range: RecordRange; field: string; limit: number },
  ): Promise<{ values: { value: unknown; count: number }[]; looked: number }> {
    const { log, range } = asked;
    const table = this.#table(log);
    const column = this.#column(table, asked.field);
    // Values that are nearly as many as the records take a place each, while they are counted.
    const sample = await this.#sampleOf(table, range, column.kind === 'text' ? 2 : 1);
    if (!sample) return { values: await this.#top(scope, asked), looked: 1 };
    const parameters = new Parameters();
    const within = whereSql(scope, { range }, fieldsOf(table), parameters);
    const [total, [looked], found] = await Promise.all([
      this.count(scope, { log, range }),
      this.#engine.read(
        {
          // Not `count()`, which ClickHouse answers without reading, hint or no hint.
          sql: `select sum(ts = ts) from ${tableOf(log)} where ${within} and ${sampleHint(sample, parameters)}`,
          parameters: parameters.values,
        },
        withoutAids,
      ),
      this.#top(scope, asked, sample),
    ]);
    const share = shareLooked([Number(looked?.[0])], [total]);
    return { values: found.map(({ value, count }) => ({ value, count: Math.round(count / share) })), looked: share };
  }

  async #top(
    scope: RecordScope,
    { log, where, range, field, limit }: Asked & { field: string; limit: number },
    sample?: Sample,
  ): Promise<{ value: unknown; count: number }[]> {
    const table = this.#table(log);
    const column = this.#column(table, field);
    const parameters = new Parameters();
    const condition = whereSql(scope, { where, range }, fieldsOf(table), parameters);
    const wanted = Math.max(1, Math.min(limit, limits.topMax.value));
    const only = sample ? sampleHint(sample, parameters) : 'true';
    const rows = await this.#engine.read(
      {
        sql: `select ${column.vector ? `arrayJoin(${column.sql})` : column.sql} as value, count() as n from ${tableOf(log)}
          where ${condition} and ${only} group by value having isNotNull(value) and n >= ${sample ? timesMetMin : 1}
          order by n desc, value limit ${wanted}`,
        parameters: parameters.values,
      },
      sample ? withoutAids : [],
    );
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
      const condition = whereSql(scope, { where }, fieldsOf(table), parameters);
      return `select ${index} as log, count() as records, min(ts) as first, max(ts) as last from ${tableOf(table.log)} where ${condition}`;
    });
    const places = await this.#engine.read(
      {
        sql: `select log, first, last from (${parts.join(' union all ')}) where records > 0 order by log`,
        parameters: parameters.values,
      },
      // Filters know the flow; to look for a projection beside them costs each log some milliseconds.
      ['optimize_use_projections = 0'],
    );
    const ofLog = async ([index, first, last]: unknown[]): Promise<[string, RecordRow[]]> => {
      const { log } = logs[Number(index)]!;
      const times: Predicate[] = [
        { kind: 'order', field: 'ts', op: 'gte', value: Number(first) },
        { kind: 'order', field: 'ts', op: 'lte', value: Number(last) },
      ];
      const rows = await this.query(scope, {
        from: [log],
        where: { kind: 'and', of: [where, ...times] },
        order: [{ field: 'ts' }],
        limit: limits.flowRowsMax.value,
      });
      return [log, rows];
    };
    return Object.fromEntries(await Promise.all(places.map(ofLog)));
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#knowing;
    await this.#engine.close();
  }
}
