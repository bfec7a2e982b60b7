/** Changes for those who wait for them; kept for a while, so that a reader who was away can catch up. */

import type { ChangeEvent } from '@forewarn/model/api';
import type { Transaction } from '../postgres/database.ts';

/** What decides who sees a change: exactly one of these. */
export type ChangeSubject = { incident: string } | { finding: string } | { warning: string } | { organisation: string };

export type Change = { id: string; kind: ChangeEvent['kind']; subject: string; at: number };

/**
 * How long changes are kept. A browser that lost its line for longer than this reloads what it shows; an hour covers a
 * laptop that slept through a meeting, and at ten changes a second it is 36,000 rows.
 */
export const changesKeptSeconds = 3_600;

/** Rows of one reading; a reader that is further behind comes again. */
export const changesReadMax = 1_000;

/** Notes a change. `id` is what the reader asks for: of a clock, the incident it belongs to. */
export async function noteChange(
  tx: Transaction,
  change: { kind: ChangeEvent['kind']; id: string; at: number },
  subject: ChangeSubject,
): Promise<void> {
  const who = subject as { incident?: string; finding?: string; warning?: string; organisation?: string };
  await tx.query(
    `insert into change (at, kind, subject, incident, finding, warning, organisation) values ($1, $2, $3, $4, $5, $6, $7)`,
    [change.at, change.kind, change.id, who.incident ?? null, who.finding ?? null, who.warning ?? null, who.organisation ?? null],
  );
}

/** Notes a change of many organisations at once; each hears of its own. */
export async function noteOrganisations(
  tx: Transaction,
  kind: ChangeEvent['kind'],
  organisations: readonly string[],
  at: number,
): Promise<void> {
  await tx.query('insert into change (at, kind, subject, organisation) select $1, $2, id, id from unnest($3::text[]) id', [
    at,
    kind,
    organisations,
  ]);
}

/** The id of a moment: everything noted later has a greater one (RFC 9562 §5.7: the first 48 bits are milliseconds). */
export function changeIdAt(at: number): string {
  const hex = Math.max(0, Math.floor(at * 1000))
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}

/** What the transaction's scope may see of the changes after an id, oldest first. */
export function changesAfter(tx: Transaction, id: string): Promise<Change[]> {
  return tx.query<Change>(`select id::text, kind, subject, at from change where id > $1::uuid order by id limit $2`, [
    id,
    changesReadMax,
  ]);
}

export async function forgetChanges(tx: Transaction, before: number): Promise<void> {
  await tx.query('delete from change where id < $1::uuid', [changeIdAt(before)]);
}
