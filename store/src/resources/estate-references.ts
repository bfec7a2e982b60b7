/** What the estate's items name of one another, asked of the database: what of it is not there, and what would be left behind. */

import type { EstateKind } from '@forewarn/model/estate';
import type { Transaction } from '../postgres/database.ts';
import { columnOf, estateReferences, estateTables, type EstateReference } from './estate-tables.ts';
import { listQuery } from './estate-words.ts';

/** Of the same organisation, whoever writes it: a thing stands in its own network. */
const alwaysOwn = new Set(['network', 'node']);
/** An organisation is named by whoever it concerns. */
const anybodys = new Set(['organisation', 'overseenBy']);

/** `n`: the place of the item in the list, from 1. */
export type MissingReference = { n: number; field: string; id: string };

/**
 * What the items name that is not there. Members of the centre may name things of other organisations, all others their own and what their item named
 * already: an id of somebody else's is to them like one that is not there. Of a link they register, one end is theirs; who is at the other is not asked.
 * `text`: JSON of a list of items of the kind. For a transaction that sees everything.
 */
export async function missingReferences(
  tx: Transaction,
  kind: EstateKind,
  text: string,
  centre: boolean,
): Promise<MissingReference[]> {
  const parts = estateReferences.filter((reference) => reference.kind === kind).map((one) => missingSql(one, centre));
  return tx.query<MissingReference>(
    `with given as materialized (
       select item, n::integer as n, coalesce(item->>'organisation', item->>'id') as organisation
       from jsonb_array_elements($1::jsonb) with ordinality as g(item, n)
     ) ${parts.join(' union all ')} order by n, field, id`,
    [text],
  );
}

function missingSql({ kind, field, to, list }: EstateReference, centre: boolean): string {
  const named = list
    ? `given g cross join lateral jsonb_array_elements_text(coalesce(g.item->'${field}', '[]')) as r(id)`
    : `given g cross join lateral (select g.item->>'${field}' as id) r`;
  const there = (id: string, own: boolean): string =>
    to
      .map((target) => {
        const { table, owner } = estateTables[target];
        return `exists (select from ${table} t where t.id = ${id} ${own ? `and t.${owner} = g.organisation` : ''})`;
      })
      .join(' or ');
  const own = !anybodys.has(field) && (!centre || alwaysOwn.has(field));
  const standing = list ? `s.${columnOf(field)} @> jsonb_build_array(r.id)` : `s.${columnOf(field)} = r.id`;
  const kept = `exists (select from ${estateTables[kind].table} s where s.id = g.item->>'id' and ${standing})`;
  const links = kind === 'links' && !anybodys.has(field) && !centre;
  const fits = links ? `${there("(g.item->>'from')", true)} or ${there("(g.item->>'to')", true)}` : there('r.id', own);
  const before = alwaysOwn.has(field) ? '' : `or ${kept}`;
  return `select g.n, '${field}' as field, r.id from ${named} where r.id is not null and not (${fits} ${before})`;
}

/** Of the ids, those that are another organisation's. `text`: JSON of a list of items, of which `id` and `organisation` are enough. */
export async function takenIds(tx: Transaction, kind: EstateKind, text: string): Promise<{ n: number; id: string }[]> {
  if (kind === 'organisations') return [];
  return tx.query<{ n: number; id: string }>(
    `select g.n::integer as n, t.id from jsonb_array_elements($1::jsonb) with ordinality as g(item, n)
     join ${estateTables[kind].table} t on t.id = g.item->>'id' where t.organisation <> g.item->>'organisation' order by g.n`,
    [text],
  );
}

export type Referrer = { kind: EstateKind | 'sensors'; id: string; organisation: string };

/** What names the item, at most `limit` of each kind. */
export async function referrersOf(tx: Transaction, kind: EstateKind, id: string, limit: number): Promise<Referrer[]> {
  const found: Referrer[] = [];
  for (const { kind: from, field, to, list } of estateReferences) {
    if (!to.includes(kind)) continue;
    const { table, owner } = estateTables[from];
    const where = list ? 'search @@ $1::text::tsquery' : `${columnOf(field)} = $1`;
    const rows = await tx.query<{ id: string; organisation: string }>(
      `select id, ${owner} as organisation from ${table} where ${where} and id <> $2 order by id limit $3`,
      [list ? listQuery(field, id) : id, from === kind ? id : '', limit],
    );
    for (const row of rows) found.push({ kind: from, ...row });
  }
  if (kind === 'links') {
    const rows = await tx.query<{ id: string; organisation: string }>(
      'select id, organisation from sensor where link = $1 order by id limit $2',
      [id, limit],
    );
    for (const row of rows) found.push({ kind: 'sensors', ...row });
  }
  return found;
}
