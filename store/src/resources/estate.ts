/** The estate's tables. What a transaction sees of them is row-level security's to say. */

import { estateKinds as schemas, type Estate, type EstateItem, type EstateKind, type Organisation } from '@forewarn/model/estate';
import type { Transaction } from '../postgres/database.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

type Column = { field: string; column: string; json: boolean };
type Table = { table: string; columns: readonly Column[] };

const tableNames: { readonly [Kind in EstateKind]: string } = {
  organisations: 'organisation',
  networks: 'network',
  nodes: 'node',
  links: 'link',
  products: 'product',
  businesses: 'business',
  assets: 'asset',
  systems: 'information_system',
  data: 'operating_data',
  applications: 'application',
  components: 'component',
};
/** Lists, names in both languages, and what is told in parts. */
const jsonFields = new Set([
  'name',
  'addresses',
  'domains',
  'names',
  'businesses',
  'surfaces',
  'assets',
  'dependsOn',
  'regions',
  'targets',
  'protection',
]);
/** `from` and `to` are words of SQL. */
const otherColumns: { readonly [field: string]: string } = { from: 'from_network', to: 'to_network' };
const columnOf = (field: string): string =>
  otherColumns[field] ?? field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const tables = Object.fromEntries(
  Object.entries(schemas).map(([kind, schema]) => [
    kind,
    {
      table: tableNames[kind as EstateKind],
      columns: Object.keys(schema.shape).map((field) => ({ field, column: columnOf(field), json: jsonFields.has(field) })),
    },
  ]),
) as unknown as { readonly [Kind in EstateKind]: Table };

/** The kinds of the estate, in an order in which what is referred to comes first. */
export const estateKinds = Object.keys(tables) as EstateKind[];

type Row = { [field: string]: unknown; id: string };

const columnsOf = ({ columns }: Table): string => columns.map(({ field, column }) => `${column} as "${field}"`).join(', ');

/** What is unstated is absent, and only `overseenBy` is told as null. */
function itemOf<Kind extends EstateKind>(row: Row): EstateItem<Kind> {
  for (const field in row) if (row[field] === null && field !== 'overseenBy') delete row[field];
  return row as unknown as EstateItem<Kind>;
}

/** A page by id. Of organisations, `own` limits it to one; of the other kinds, to what one organisation owns. */
export async function listEstate<Kind extends EstateKind>(
  tx: Transaction,
  kind: Kind,
  { limit, cursor, organisation: owner }: PageAsked & { organisation?: string | undefined },
): Promise<Page<EstateItem<Kind>>> {
  const table = tables[kind];
  const where = new Conditions();
  const after = positionOf(cursor, 'text');
  if (after) where.and('id > ?', after[1]);
  if (owner !== undefined) where.and(`${kind === 'organisations' ? 'id' : 'organisation'} = ?`, owner);
  const rows = await tx.query<Row>(
    `select ${columnsOf(table)} from ${table.table} ${where.sql} order by id limit ${where.value(limit + 1)}`,
    where.parameters,
  );
  return pageOf(
    rows,
    limit,
    (row) => ['', row.id],
    (row) => itemOf<Kind>(row),
  );
}

export async function findEstate<Kind extends EstateKind>(
  tx: Transaction,
  kind: Kind,
  id: string,
): Promise<EstateItem<Kind> | undefined> {
  const table = tables[kind];
  const rows = await tx.query<Row>(`select ${columnsOf(table)} from ${table.table} where id = $1`, [id]);
  return rows[0] && itemOf<Kind>(rows[0]);
}

/** The whole estate that the transaction sees. */
export async function readEstate(tx: Transaction): Promise<Estate> {
  const estate: Partial<{ [Kind in EstateKind]: unknown[] }> = {};
  for (const kind of estateKinds) {
    const table = tables[kind];
    estate[kind] = (await tx.query<Row>(`select ${columnsOf(table)} from ${table.table} order by id`)).map((row) => itemOf(row));
  }
  return estate as Estate;
}

/**
 * Writes what is given, replacing what has the same id. An item of another organisation under a known id is not taken
 * over: the answer names those that were refused.
 */
export async function writeEstate(tx: Transaction, estate: Partial<Estate>): Promise<{ kind: EstateKind; id: string }[]> {
  const foreign: { kind: EstateKind; id: string }[] = [];
  for (const kind of estateKinds) {
    const table = tables[kind];
    const names = table.columns.map(({ column }) => column);
    const updates = names.filter((name) => name !== 'id').map((name) => `${name} = excluded.${name}`);
    const guard = kind === 'organisations' ? '' : `where ${table.table}.organisation = excluded.organisation`;
    const sql = `insert into ${table.table} (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})
      on conflict (id) do update set ${updates.join(', ')} ${guard} returning id`;
    for (const item of (estate[kind] ?? []) as unknown as Row[]) {
      const values = table.columns.map(({ field, json }) => valueOf(item[field], json));
      const written = await tx.query(sql, values);
      if (written.length === 0) foreign.push({ kind, id: item.id });
    }
  }
  return foreign;
}

const valueOf = (value: unknown, json: boolean): unknown => (value === undefined ? null : json ? JSON.stringify(value) : value);

/** Hits of a search by id or name in either language. */
export async function searchEstate(
  tx: Transaction,
  text: string,
  limit: number,
): Promise<{ kind: EstateKind; id: string; name: Organisation['name'] }[]> {
  const hits: { kind: EstateKind; id: string; name: Organisation['name'] }[] = [];
  for (const kind of estateKinds) {
    const rows = await tx.query<{ id: string; name: Organisation['name'] }>(
      `select id, name from ${tables[kind].table}
       where strpos(lower(id), lower($1)) > 0 or strpos(lower(name->>'en'), lower($1)) > 0 or strpos(name->>'zh', $1) > 0
       order by id limit $2`,
      [text, limit],
    );
    hits.push(...rows.map((row) => ({ kind, ...row })));
  }
  return hits.slice(0, limit);
}
