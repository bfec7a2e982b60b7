/**
 * The estate's tables and their editions. What a transaction sees of them is row-level security's to say.
 *
 * A table holds the newest edition of each item; what was before stands in `estate_edition` (`schema/editions.ts`). `at` of a question is an instant in
 * seconds: the register as it stood then, which is what people had written by then.
 */

import type { Estate, EstateItem, EstateKind, Organisation } from '@forewarn/model/estate';
import type { Transaction } from '../postgres/database.ts';
import { columnOf, estateKinds, estateTables, idLists, itemOf, itemSql, searchOf, type EstateTable } from './estate-tables.ts';
import { anyWordQuery, listQuery, searchQuery } from './estate-words.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

export { estateKinds } from './estate-tables.ts';

/** Since when an item counts in this form, and who wrote it. Zero: from the beginning. */
export type Edition = { version: number; since: number; by: string };
export type Registered<Kind extends EstateKind = EstateKind> = { item: EstateItem<Kind>; edition: Edition };
type Row = Edition & { id: string; item: { id: string } };

const registered = <Kind extends EstateKind>(kind: Kind, { item, version, since, by }: Row): Registered<Kind> => ({
  item: itemOf(kind, item),
  edition: { version, since, by },
});

export type EstateAsked = PageAsked & {
  organisation?: string | undefined;
  /** What somebody typed to search. */
  text?: string | undefined;
  at?: number | undefined;
  /** By field: what a list of the kind may be filtered by (`estateFilters`). */
  filters?: { readonly [field: string]: string | undefined };
};

/** The newest rows that fit, or those of an instant. `former`: the fields stand in the edition's item. */
function conditions(where: Conditions, table: EstateTable, asked: EstateAsked, former: boolean): string {
  const after = positionOf(asked.cursor, 'text');
  if (after) where.and('t.id > ?', after[1]);
  if (asked.organisation !== undefined) where.and(`t.${former ? 'organisation' : table.owner} = ?`, asked.organisation);
  for (const field of table.filters) {
    const value = asked.filters?.[field];
    if (value === undefined) continue;
    if (idLists.has(field)) where.and('t.search @@ ?::text::tsquery', listQuery(field, value));
    else if (former) where.and(`t.item->>'${field}' = ?`, value);
    else where.and(`t.${columnOf(field)} = ?`, value);
  }
  if (asked.text !== undefined) {
    const query = searchQuery(asked.text);
    if (query === undefined) where.and('false');
    else where.and('t.search @@ ?::text::tsquery', query);
  }
  if (asked.at !== undefined) where.and('t.since <= ?', asked.at);
  if (former) where.and('t.kind = ? and t.until > ?', table.kind, asked.at);
  return where.take();
}

/** Rows in which a word is looked for without its index: some thirty milliseconds. */
const rowsWalked = 2_000;

/** One row more than the page has. `walked`: of the first so many rows that fit but for the words. */
async function rowsOf(tx: Transaction, table: EstateTable, asked: EstateAsked, walked?: number): Promise<Row[]> {
  const where = new Conditions();
  const limit = where.value(asked.limit + 1);
  let ids = `select t.id from ${table.table} t`;
  if (walked === undefined) {
    const sought = `${ids} ${conditions(where, table, asked, false)}`;
    const byWords = asked.text !== undefined || table.filters.some((field) => idLists.has(field) && asked.filters?.[field]);
    // `offset 0` keeps the planner from walking by id in the hope of a hit: what is rare is found by its words and sorted then.
    ids = `${byWords ? `select t.id from (${sought} offset 0) t` : sought} order by t.id limit ${limit}`;
  } else {
    const { text, ...others } = asked;
    const first = `${ids.replace('t.id', 't.id, t.search')} ${conditions(where, table, others, false)} order by t.id limit ${walked}`;
    ids = `select t.id from (${first}) t ${conditions(where, table, { text, limit: 0 }, false)} order by t.id limit ${limit}`;
  }
  // The items are put together for the page alone.
  const newest = `select t.id, t.edition as version, t.since, t.by, ${itemSql(table, 't')} as item from ${table.table} t where t.id in (${ids})`;
  if (asked.at === undefined) return tx.query<Row>(`${newest} order by t.id`, where.parameters);
  const former = `(select t.id, t.version, t.since, t.by, t.item from estate_edition t ${conditions(where, table, asked, true)} order by t.id limit ${limit})`;
  return tx.query<Row>(`select * from (${newest} union all ${former}) a order by id limit ${limit}`, where.parameters);
}

/** A page by id. Of organisations, `organisation` limits it to one; of the other kinds, to what one organisation owns. */
export async function listEstate<Kind extends EstateKind>(
  tx: Transaction,
  kind: Kind,
  asked: EstateAsked,
): Promise<Page<Registered<Kind>>> {
  const table = estateTables[kind];
  // A word that many items have is found among the first rows; gathering all that have it and sorting them would take half a second.
  let rows = asked.text === undefined || asked.at !== undefined ? [] : await rowsOf(tx, table, asked, rowsWalked);
  if (rows.length <= asked.limit) rows = await rowsOf(tx, table, asked);
  return pageOf(
    rows,
    asked.limit,
    (row) => ['', row.id],
    (row) => registered(kind, row),
  );
}

/** One item with its edition, now or as it stood at an instant. */
export async function findRegistered<Kind extends EstateKind>(
  tx: Transaction,
  kind: Kind,
  id: string,
  at?: number,
): Promise<Registered<Kind> | undefined> {
  const table = estateTables[kind];
  const newest = `select t.edition as version, t.since, t.by, ${itemSql(table, 't')} as item from ${table.table} t where t.id = $1`;
  const rows = await (at === undefined
    ? tx.query<Row>(newest, [id])
    : tx.query<Row>(
        `${newest} and t.since <= $2
         union all select version, since, by, item from estate_edition where kind = $3 and id = $1 and since <= $2 and until > $2`,
        [id, at, kind],
      ));
  return rows[0] && registered(kind, rows[0]);
}

export async function findEstate<Kind extends EstateKind>(
  tx: Transaction,
  kind: Kind,
  id: string,
): Promise<EstateItem<Kind> | undefined> {
  return (await findRegistered(tx, kind, id))?.item;
}

/** Those of the items that the transaction sees, now or as they stood at an instant. */
export async function findManyRegistered<Kind extends EstateKind>(
  tx: Transaction,
  kind: Kind,
  ids: readonly string[],
  at?: number,
): Promise<Registered<Kind>[]> {
  return registeredWhere(tx, kind, 't.id = any($1)', ids, at);
}

/** Assets with one of the addresses, as they are written, now or as they stood at an instant; no ranges. */
export async function assetsWithAddresses(
  tx: Transaction,
  addresses: readonly string[],
  at?: number,
): Promise<Registered<'assets'>[]> {
  if (addresses.length === 0) return [];
  return registeredWhere(tx, 'assets', 't.search @@ $1::text::tsquery', anyWordQuery(addresses), at);
}

async function registeredWhere<Kind extends EstateKind>(
  tx: Transaction,
  kind: Kind,
  where: string,
  value: unknown,
  at: number | undefined,
): Promise<Registered<Kind>[]> {
  const table = estateTables[kind];
  const newest = `select t.id, t.edition as version, t.since, t.by, ${itemSql(table, 't')} as item from ${table.table} t where ${where}`;
  const rows = await (at === undefined
    ? tx.query<Row>(`${newest} order by id`, [value])
    : tx.query<Row>(
        `${newest} and t.since <= $2
         union all select t.id, t.version, t.since, t.by, t.item from estate_edition t
         where t.kind = $3 and ${where} and t.since <= $2 and t.until > $2 order by id`,
        [value, at, kind],
      ));
  return rows.map((row) => registered(kind, row));
}

export type FormerEdition<Kind extends EstateKind = EstateKind> = Registered<Kind> & {
  /** Null: it counts. */
  until: number | null;
  endedBy: string | null;
  /** Nothing came after it. */
  removed: boolean;
};

/** The editions of one item, newest first; of one that was removed, too. */
export async function historyOf<Kind extends EstateKind>(
  tx: Transaction,
  kind: Kind,
  id: string,
  limit: number,
): Promise<FormerEdition<Kind>[]> {
  const table = estateTables[kind];
  const rows = await tx.query<Row & { until: number | null; ended_by: string | null; removed: boolean }>(
    `select t.edition as version, t.since, t.by, ${itemSql(table, 't')} as item, null::double precision as until, null::text as ended_by, false as removed
     from ${table.table} t where t.id = $1
     union all select version, since, by, item, until, ended_by, removed from estate_edition where kind = $2 and id = $1
     order by version desc limit $3`,
    [id, kind, limit],
  );
  return rows.map((row) => ({ ...registered(kind, row), until: row.until, endedBy: row.ended_by, removed: row.removed }));
}

/** The whole of one kind that the transaction sees, by id; from `after` on, at most `limit`. */
export async function readKind<Kind extends EstateKind>(
  tx: Transaction,
  kind: Kind,
  { after = '', limit, at }: { after?: string; limit?: number; at?: number | undefined } = {},
): Promise<EstateItem<Kind>[]> {
  const table = estateTables[kind];
  const newest = `select t.id, ${itemSql(table, 't')} as item from ${table.table} t where t.id > $1`;
  const rows = await (at === undefined
    ? tx.query<Row>(`${newest} order by t.id limit $2::integer`, [after, limit ?? null])
    : tx.query<Row>(
        `${newest} and t.since <= $3
         union all select id, item from estate_edition where kind = $4 and id > $1 and since <= $3 and until > $3
         order by id limit $2::integer`,
        [after, limit ?? null, at, kind],
      ));
  return rows.map(({ item }) => itemOf(kind, item));
}

/** The whole estate that the transaction sees, now or as it stood at an instant. */
export async function readEstate(tx: Transaction, at?: number): Promise<Estate> {
  const estate: Partial<{ [Kind in EstateKind]: unknown[] }> = {};
  for (const kind of estateKinds) estate[kind] = await readKind(tx, kind, { at });
  return estate as Estate;
}

/** How many of each kind the transaction sees; with an organisation, of its own. */
export async function countEstate(tx: Transaction, organisation?: string): Promise<{ [Kind in EstateKind]: number }> {
  const counts: { [kind: string]: number } = {};
  for (const kind of estateKinds) {
    const { table } = estateTables[kind];
    const own = organisation !== undefined && kind !== 'organisations';
    const sql = `select count(*)::integer as n from ${table} ${own ? 'where organisation = $1' : ''}`;
    counts[kind] = (await tx.query<{ n: number }>(sql, own ? [organisation] : []))[0]!.n;
  }
  return counts as { [Kind in EstateKind]: number };
}

/** Who writes, and when. What nobody in particular wrote, as a demo's, counts from the beginning. */
export type Writing = { at: number; by: string };
const fromTheBeginning: Writing = { at: 0, by: 'forewarn' };

/** The rows of one statement: half a megabyte, a tenth of a second. */
const rowsOfStatement = 1_000;

/** An item with its words, as the statement takes it. */
const givenOf = (item: object): object => ({ ...item, search: searchOf(item as { [field: string]: unknown }) });

/**
 * Writes what is given, replacing what has the same id; what was before becomes a former edition, and what is the same stays as it is. An item of
 * another organisation under a known id is not taken over: the answer names those that were refused.
 */
export async function writeEstate(
  tx: Transaction,
  estate: Partial<Estate>,
  writing: Writing = fromTheBeginning,
): Promise<{ kind: EstateKind; id: string }[]> {
  const foreign: { kind: EstateKind; id: string }[] = [];
  for (const kind of estateKinds) {
    // One statement cannot change a row twice: of the same id, the last counts.
    const items = [...new Map(((estate[kind] ?? []) as { id: string }[]).map((item) => [item.id, item])).values()];
    for (let i = 0; i < items.length; i += rowsOfStatement) {
      const text = JSON.stringify(items.slice(i, i + rowsOfStatement).map(givenOf));
      for (const id of await writeRows(tx, kind, text, writing)) foreign.push({ kind, id });
    }
  }
  return foreign;
}

/** Items as `rowsText` made them: JSON of a list, with their words. Answers the ids that are another organisation's. */
export async function writeRows(tx: Transaction, kind: EstateKind, text: string, { at, by }: Writing): Promise<string[]> {
  const table = estateTables[kind];
  const names = table.columns.map(({ column }) => column);
  const given = table.columns.map(({ field, type }) => `"${field}" ${type}`).join(', ');
  const of = (alias: string): string => names.map((name) => `${alias}.${name}`).join(', ');
  const asGiven = table.columns.map(({ field, column }) => `r."${field}" as ${column}`).join(', ');
  const same = kind === 'organisations' ? 'true' : 't.organisation = g.organisation';
  const rows = await tx.query<{ id: string }>(
    `with given as materialized (
       select ${asGiven}, r.search from jsonb_to_recordset($1::jsonb) as r(${given}, search tsvector)
     ), kept as (
       insert into estate_edition (kind, id, version, organisation, since, by, until, ended_by, removed, item, search)
       select '${kind}', t.id, t.edition, t.${table.owner}, t.since, t.by, greatest($2, t.since), $3, false, ${itemSql(table, 't')}, t.search
       from given g join ${table.table} t on t.id = g.id
       where ${same} and (${of('t')}) is distinct from (${of('g')})
     ), written as (
       insert into ${table.table} as t (${names.join(', ')}, edition, since, by, search)
       select ${of('g')}, 1 + coalesce((select max(e.version) from estate_edition e where e.kind = '${kind}' and e.id = g.id), 0), $2, $3, g.search
       from given g
       on conflict (id) do update set ${names
         .filter((name) => name !== 'id')
         .map((name) => `${name} = excluded.${name}`)
         .join(', ')}, edition = t.edition + 1, since = greatest($2, t.since), by = excluded.by, search = excluded.search
       where ${same.replace('g.', 'excluded.')} and (${of('t')}) is distinct from (${of('excluded')})
     )
     select t.id from given g join ${table.table} t on t.id = g.id where not (${same})`,
    [text, at, by],
  );
  return rows.map(({ id }) => id);
}

/** JSON of items for `writeRows`, with their words; the words need no database. */
export const rowsText = (items: readonly object[]): string => JSON.stringify(items.map(givenOf));

/** Counts anew what the planner knows of a kind, after many of its rows were written: some tenths of a second. */
export async function recountEstate(tx: Transaction, kind: EstateKind): Promise<void> {
  await tx.query(`analyze ${estateTables[kind].table}`);
}

/** Takes an item out of the register; its editions stay. False: it has another version, or is not there. */
export async function removeEstate(
  tx: Transaction,
  kind: EstateKind,
  { id, version, at, by }: Writing & { id: string; version: number },
): Promise<boolean> {
  const table = estateTables[kind];
  const rows = await tx.query(
    `with t as (delete from ${table.table} where id = $1 and edition = $2 returning *)
     insert into estate_edition (kind, id, version, organisation, since, by, until, ended_by, removed, item, search)
     select '${kind}', t.id, t.edition, t.${table.owner}, t.since, t.by, greatest($3, t.since), $4, true, ${itemSql(table, 't')}, t.search from t
     returning id`,
    [id, version, at, by],
  );
  return rows.length > 0;
}

/** Rows whose words are to be found: those that were written before there were any. */
export async function addMissingWords(tx: Transaction): Promise<void> {
  for (const kind of estateKinds) {
    const table = estateTables[kind];
    for (;;) {
      const rows = await tx.query<Row>(
        `select t.id, ${itemSql(table, 't')} as item from ${table.table} t where t.search is null order by t.id limit $1`,
        [rowsOfStatement],
      );
      if (rows.length === 0) break;
      await tx.query(
        `update ${table.table} t set search = r.search from jsonb_to_recordset($1::jsonb) as r(id text, search tsvector) where t.id = r.id`,
        [JSON.stringify(rows.map(({ id, item }) => ({ id, search: searchOf(item) })))],
      );
    }
  }
}

/** Hits of a search by words. */
export async function searchEstate(
  tx: Transaction,
  text: string,
  limit: number,
): Promise<{ kind: EstateKind; id: string; name: Organisation['name'] }[]> {
  const hits: { kind: EstateKind; id: string; name: Organisation['name'] }[] = [];
  for (const kind of estateKinds) {
    const { items } = await listEstate(tx, kind, { limit, text });
    for (const { item } of items) hits.push({ kind, id: item.id, name: item.name });
    if (hits.length >= limit) break;
  }
  return hits.slice(0, limit);
}
