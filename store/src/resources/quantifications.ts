/** Signed editions of the quantification table. The newest is in force; none is changed or removed. */

import type { QuantificationTable } from '@forewarn/model/quantification';
import type { Transaction } from '../postgres/database.ts';

export type QuantificationEdition = {
  version: number;
  table: QuantificationTable;
  digest: string;
  signedAt: number;
  signedBy: string;
  reason: string;
  /** The id of the last incident that was graded anew by it; null when all are. */
  regradedTo: string | null;
};

const columns = `version, body as "table", digest, signed_at as "signedAt", signed_by as "signedBy", reason, regraded_to as "regradedTo"`;

/** The number of the newest edition; 0 when none was signed. Cheap: it is asked in every act on an incident. */
export async function newestQuantification(tx: Transaction): Promise<number> {
  const [row] = await tx.query<{ version: number | null }>('select max(version) as version from quantification_edition');
  return row?.version ?? 0;
}

export async function findQuantification(tx: Transaction, version: number): Promise<QuantificationEdition | undefined> {
  const [row] = await tx.query<QuantificationEdition>(`select ${columns} from quantification_edition where version = $1`, [
    version,
  ]);
  return row;
}

/** Editions that a page lists; a centre signs one or two a year. */
const listedMax = 100;

export const limits = [
  { name: 'quantification.editions', value: listedMax, unit: 'editions', why: 'A centre signs one or two a year.' },
];

/** Without their tables, the newest first. */
export function listQuantifications(tx: Transaction): Promise<Omit<QuantificationEdition, 'table'>[]> {
  return tx.query(
    `select version, digest, signed_at as "signedAt", signed_by as "signedBy", reason, regraded_to as "regradedTo"
     from quantification_edition order by version desc limit ${listedMax}`,
  );
}

/** Adds an edition after another; false when somebody was faster. Every incident is then to be graded anew. */
export async function addQuantification(tx: Transaction, edition: Omit<QuantificationEdition, 'regradedTo'>): Promise<boolean> {
  const rows = await tx.query(
    `insert into quantification_edition (version, body, digest, signed_at, signed_by, reason, regraded_to)
     values ($1, $2, $3, $4, $5, $6, '') on conflict do nothing returning version`,
    [edition.version, JSON.stringify(edition.table), edition.digest, edition.signedAt, edition.signedBy, edition.reason],
  );
  return rows.length === 1;
}

/** Where the grading anew of the newest edition stands; undefined when it is done, or there is none. */
export async function regradingOf(tx: Transaction): Promise<{ version: number; after: string } | undefined> {
  const [row] = await tx.query<{ version: number; after: string | null }>(
    'select version, regraded_to as after from quantification_edition order by version desc limit 1',
  );
  return row && row.after !== null ? { version: row.version, after: row.after } : undefined;
}

export async function advanceRegrading(tx: Transaction, version: number, to: string | null): Promise<void> {
  await tx.query('update quantification_edition set regraded_to = $2 where version = $1', [version, to]);
}

/** Incidents that are not closed, after one of them, in the order of their ids. */
export async function openIncidentsAfter(tx: Transaction, after: string, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `select id from incident where id > $1 and state <> 'closed' order by id limit $2`,
    [after, limit],
  );
  return rows.map(({ id }) => id);
}
