/** Weights that people set for links: the editions. */

import type { LocalText } from '@forewarn/model/text';
import type { Transaction } from '../postgres/database.ts';

/** `weight` null: the computed one counts again. */
export type WeightEdition = { link: string; version: number; weight: number | null; reason: string; at: number; by: string };

/** The newest edition of each of the links that has any; of all that the scope shows when no links are named. */
export function newestWeights(tx: Transaction, links?: readonly string[]): Promise<WeightEdition[]> {
  return tx.query<WeightEdition>(
    `select distinct on (link) link, version, weight, reason, at, by from link_weight
     where $1::text[] is null or link = any($1) order by link, version desc`,
    [links ?? null],
  );
}

/** Adds an edition after the newest, which must be `after` (0: none); undefined when somebody else was faster. */
export async function addWeight(
  tx: Transaction,
  edition: Omit<WeightEdition, 'version'> & { organisation: string; after: number },
): Promise<number | undefined> {
  const rows = await tx.query<{ version: number }>(
    `insert into link_weight (link, organisation, version, weight, reason, at, by)
     select $1, $2, $3::integer + 1, $4, $5, $6, $7
     where coalesce((select max(version) from link_weight where link = $1), 0) = $3::integer
     on conflict (link, version) do nothing returning version`,
    [edition.link, edition.organisation, edition.after, edition.weight, edition.reason, edition.at, edition.by],
  );
  return rows[0]?.version;
}

/** Names of those of the businesses that the scope shows. */
export async function businessNames(tx: Transaction, ids: readonly string[]): Promise<Map<string, LocalText>> {
  const rows = await tx.query<{ id: string; name: LocalText }>('select id, name from business where id = any($1)', [ids]);
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Of the links that the scope shows, those that a sensor watches. */
export async function watchedLinks(tx: Transaction): Promise<string[]> {
  const rows = await tx.query<{ link: string }>('select distinct s.link from sensor s join link l on l.id = s.link order by 1');
  return rows.map(({ link }) => link);
}

/** The ids of all links that the scope shows. */
export async function linksSeen(tx: Transaction): Promise<string[]> {
  return (await tx.query<{ id: string }>('select id from link order by 1')).map(({ id }) => id);
}
