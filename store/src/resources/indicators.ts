/** Lists of indicators as people brought them. The values stand in their files; rows say whose they are, what they are worth, and what came of them. */

import type { Credibility, IndicatorKind, Reliability } from '@forewarn/model/indicator';
import type { IndicatorSearch, RefusedEntry } from '@forewarn/model/indicator-api';
import type { Tlp } from '@forewarn/model/markings';
import type { Transaction } from '../postgres/database.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

export type IndicatorList = {
  id: string;
  organisation: string;
  name: string;
  source: string;
  reliability: Reliability | null;
  credibility: Credibility | null;
  marking: Tlp;
  validFrom: number | null;
  validUntil: number | null;
  format: string;
  sha256: string;
  bytes: number;
  loaded: number;
  refused: number;
  refusals: RefusedEntry[];
  at: number;
  by: string;
  retired: { at: number; by: string; reason: string } | null;
  search: IndicatorSearch | null;
};

/** Lists that are looked for at once; each is read at a start. */
export const activeListsMax = 1_000;

const columns = `id, organisation, name, source, reliability, credibility, marking, valid_from as "validFrom", valid_until as "validUntil",
  format, sha256, bytes, loaded, refused, refusals, at, by, retired, search`;

export async function listIndicatorLists(
  tx: Transaction,
  { limit, cursor, retired }: PageAsked & { retired: boolean },
): Promise<Page<IndicatorList>> {
  const where = new Conditions();
  const after = positionOf(cursor);
  if (after) where.and('(at, id) < (?::double precision, ?)', ...after);
  if (!retired) where.and('retired is null');
  const rows = await tx.query<IndicatorList>(
    `select ${columns} from indicator_list ${where.sql} order by at desc, id desc limit ${limit + 1}`,
    where.parameters,
  );
  return pageOf(
    rows,
    limit,
    ({ at, id }) => [at, id],
    (row) => row,
  );
}

export async function findIndicatorList(tx: Transaction, id: string): Promise<IndicatorList | undefined> {
  return (await tx.query<IndicatorList>(`select ${columns} from indicator_list where id = $1`, [id]))[0];
}

/** What is looked for, oldest first. */
export function activeIndicatorLists(tx: Transaction): Promise<IndicatorList[]> {
  return tx.query<IndicatorList>(
    `select ${columns} from indicator_list where retired is null order by at, id limit ${activeListsMax}`,
  );
}

/** Values of all lists that are looked for at once: with some for the folder's own lists, 850 MB. */
export const activeValuesMax = 20_000_000;

export async function countActiveLists(tx: Transaction): Promise<{ lists: number; values: number }> {
  const [row] = await tx.query<{ lists: number; values: number }>(
    'select count(*)::int as lists, coalesce(sum(loaded), 0)::float8 as values from indicator_list where retired is null',
  );
  return row!;
}

export async function addIndicatorList(
  tx: Transaction,
  list: Omit<IndicatorList, 'retired' | 'search'> & { search: IndicatorSearch | null },
): Promise<void> {
  await tx.query(
    `insert into indicator_list (id, organisation, name, source, reliability, credibility, marking, valid_from, valid_until, format, sha256, bytes,
       loaded, refused, refusals, at, by, search)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
    [
      list.id,
      list.organisation,
      list.name,
      list.source,
      list.reliability,
      list.credibility,
      list.marking,
      list.validFrom,
      list.validUntil,
      list.format,
      list.sha256,
      list.bytes,
      list.loaded,
      list.refused,
      JSON.stringify(list.refusals),
      list.at,
      list.by,
      list.search === null ? null : JSON.stringify(list.search),
    ],
  );
}

/** False: it is retired already. */
export async function retireIndicatorList(
  tx: Transaction,
  id: string,
  retired: { at: number; by: string; reason: string },
): Promise<boolean> {
  const rows = await tx.query(`update indicator_list set retired = $2 where id = $1 and retired is null returning id`, [
    id,
    JSON.stringify(retired),
  ]);
  return rows.length === 1;
}

export async function putIndicatorSearch(tx: Transaction, id: string, search: IndicatorSearch): Promise<void> {
  await tx.query('update indicator_list set search = $2 where id = $1', [id, JSON.stringify(search)]);
}

/** Lists whose past is still to be searched, oldest first; what an earlier process left half done is among them. */
export function searchesDue(tx: Transaction): Promise<IndicatorList[]> {
  return tx.query<IndicatorList>(
    `select ${columns} from indicator_list where retired is null and search->>'state' in ('waiting', 'running') order by at, id limit 10`,
  );
}

/** Findings that each list made, as far as the scope shows them. */
export async function indicatorHits(tx: Transaction, lists: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx.query<{ rule: string; n: number }>(
    'select rule, count(*)::int as n from finding where rule = any($1) group by rule',
    [lists.map((id) => `indicator:${id}`)],
  );
  return new Map(rows.map(({ rule, n }) => [rule.slice('indicator:'.length), n]));
}

export type AllowedValue = {
  organisation: string;
  kind: IndicatorKind;
  value: string;
  /** What the warning list says of it. */
  warning: string;
  reason: string;
  at: number;
  by: string;
};

/** Values that one organisation allows; who allows more should mend the warning list. */
export const allowedMax = 1_000;

export function listAllowed(tx: Transaction): Promise<AllowedValue[]> {
  return tx.query<AllowedValue>(
    `select organisation, kind, value, warning, reason, at, by from indicator_allowed order by at desc, value limit ${allowedMax * 10}`,
  );
}

/** False: it is allowed already. */
export async function addAllowed(
  tx: Transaction,
  { organisation, kind, value, warning, reason, at, by }: AllowedValue,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into indicator_allowed (organisation, kind, value, warning, reason, at, by) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict do nothing returning value`,
    [organisation, kind, value, warning, reason, at, by],
  );
  return rows.length === 1;
}
