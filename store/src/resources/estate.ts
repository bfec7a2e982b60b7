/** The estate's tables. What a transaction sees of them is row-level security's to say. */

import type { Asset, Business, Estate, Link, Network, Organisation } from '@forewarn/model/estate';
import type { Transaction } from '../postgres/database.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

/** Fields of a noun and the columns that hold them; `json` columns hold names and lists. */
type Table<Item> = { table: string; columns: { readonly [Field in keyof Item & string]: { column: string; json?: true } } };

const organisation: Table<Organisation> = {
  table: 'organisation',
  columns: {
    id: { column: 'id' },
    name: { column: 'name', json: true },
    kind: { column: 'kind' },
    sector: { column: 'sector' },
    region: { column: 'region' },
    reporter: { column: 'reporter' },
    overseenBy: { column: 'overseen_by' },
    contact: { column: 'contact' },
  },
};
const network: Table<Network> = {
  table: 'network',
  columns: {
    id: { column: 'id' },
    organisation: { column: 'organisation' },
    name: { column: 'name', json: true },
    type: { column: 'type' },
    addresses: { column: 'addresses', json: true },
    domains: { column: 'domains', json: true },
  },
};
const link: Table<Link> = {
  table: 'link',
  columns: {
    id: { column: 'id' },
    organisation: { column: 'organisation' },
    name: { column: 'name', json: true },
    tier: { column: 'tier' },
    role: { column: 'role' },
    capacityMbps: { column: 'capacity_mbps' },
    from: { column: 'from_network' },
    to: { column: 'to_network' },
  },
};
const asset: Table<Asset> = {
  table: 'asset',
  columns: {
    id: { column: 'id' },
    organisation: { column: 'organisation' },
    network: { column: 'network' },
    name: { column: 'name', json: true },
    kind: { column: 'kind' },
    importance: { column: 'importance' },
    addresses: { column: 'addresses', json: true },
    names: { column: 'names', json: true },
    businesses: { column: 'businesses', json: true },
  },
};
const business: Table<Business> = {
  table: 'business',
  columns: {
    id: { column: 'id' },
    organisation: { column: 'organisation' },
    name: { column: 'name', json: true },
    usersServed: { column: 'users_served' },
    valuePerHourCny: { column: 'value_per_hour_cny' },
    surfaces: { column: 'surfaces', json: true },
  },
};

const tables = { organisations: organisation, networks: network, links: link, assets: asset, businesses: business } as const;

/** The five kinds of the estate, in an order in which what is referred to comes first. */
export type EstateKind = keyof typeof tables;
export const estateKinds = Object.keys(tables) as EstateKind[];
export type EstateItem<Kind extends EstateKind> = Estate[Kind][number];

type AnyTable = Table<{ [field: string]: unknown; id: string }>;
const tableOf = (kind: EstateKind): AnyTable => tables[kind] as unknown as AnyTable;

const columnsOf = ({ columns }: AnyTable): string =>
  Object.entries(columns)
    .map(([field, { column }]) => `${column} as "${field}"`)
    .join(', ');

/** A page by id. Of organisations, `own` limits it to one; of the other kinds, to what one organisation owns. */
export async function listEstate<Kind extends EstateKind>(
  tx: Transaction,
  kind: Kind,
  { limit, cursor, organisation: owner }: PageAsked & { organisation?: string | undefined },
): Promise<Page<EstateItem<Kind>>> {
  const table = tableOf(kind);
  const where = new Conditions();
  const after = positionOf(cursor, 'text');
  if (after) where.and('id > ?', after[1]);
  if (owner !== undefined) where.and(`${kind === 'organisations' ? 'id' : 'organisation'} = ?`, owner);
  const rows = await tx.query<EstateItem<Kind>>(
    `select ${columnsOf(table)} from ${table.table} ${where.sql} order by id limit ${where.value(limit + 1)}`,
    where.parameters,
  );
  return pageOf(
    rows,
    limit,
    (row) => ['', row.id],
    (row) => row,
  );
}

export async function findEstate<Kind extends EstateKind>(
  tx: Transaction,
  kind: Kind,
  id: string,
): Promise<EstateItem<Kind> | undefined> {
  const table = tableOf(kind);
  const rows = await tx.query<EstateItem<Kind>>(`select ${columnsOf(table)} from ${table.table} where id = $1`, [id]);
  return rows[0];
}

/** The whole estate that the transaction sees. */
export async function readEstate(tx: Transaction): Promise<Estate> {
  const estate: Partial<{ [Kind in EstateKind]: unknown[] }> = {};
  for (const kind of estateKinds) {
    const table = tableOf(kind);
    estate[kind] = await tx.query(`select ${columnsOf(table)} from ${table.table} order by id`);
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
    const table = tableOf(kind);
    const fields = Object.entries(table.columns);
    const names = fields.map(([, { column }]) => column);
    const updates = names.filter((name) => name !== 'id').map((name) => `${name} = excluded.${name}`);
    const guard = kind === 'organisations' ? '' : `where ${table.table}.organisation = excluded.organisation`;
    const sql = `insert into ${table.table} (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})
      on conflict (id) do update set ${updates.join(', ')} ${guard} returning id`;
    for (const item of (estate[kind] ?? []) as { [field: string]: unknown; id: string }[]) {
      const values = fields.map(([field, { json }]) => (json ? JSON.stringify(item[field]) : item[field]));
      const written = await tx.query(sql, values);
      if (written.length === 0) foreign.push({ kind, id: item.id });
    }
  }
  return foreign;
}

/** Hits of a search by id or name in either language. */
export async function searchEstate(
  tx: Transaction,
  text: string,
  limit: number,
): Promise<{ kind: EstateKind; id: string; name: Organisation['name'] }[]> {
  const hits: { kind: EstateKind; id: string; name: Organisation['name'] }[] = [];
  for (const kind of estateKinds) {
    const rows = await tx.query<{ id: string; name: Organisation['name'] }>(
      `select id, name from ${tableOf(kind).table}
       where strpos(lower(id), lower($1)) > 0 or strpos(lower(name->>'en'), lower($1)) > 0 or strpos(name->>'zh', $1) > 0
       order by id limit $2`,
      [text, limit],
    );
    hits.push(...rows.map((row) => ({ kind, ...row })));
  }
  return hits.slice(0, limit);
}
