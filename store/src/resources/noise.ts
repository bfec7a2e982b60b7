/** Exceptions, maintenance windows and snoozes; verdicts. Who sees them stands in the policies. */

import type { ExceptionState, ExceptionTerms, Verdict } from '@forewarn/model/noise';
import type { Transaction } from '../postgres/database.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

export type StoredException = {
  id: string;
  owner: string;
  centre: boolean;
  terms: ExceptionTerms;
  at: number;
  by: string;
  state: ExceptionState;
  ended: { at: number; by: string; reason: string } | null;
  /** Findings that it has hidden, and when the last of them was. */
  hits: number;
  lastHitAt: number | null;
};

type Row = {
  id: string;
  owner: string;
  centre: boolean;
  terms: ExceptionTerms;
  at: number;
  by: string;
  state: ExceptionState;
  ended_at: number | null;
  ended_by: string | null;
  end_reason: string | null;
  hits: number;
  last_hit_at: number | null;
};

const columns = 'id, owner, centre, terms, at, by, state, ended_at, ended_by, end_reason, hits, last_hit_at';

const exception = (row: Row): StoredException => ({
  id: row.id,
  owner: row.owner,
  centre: row.centre,
  terms: row.terms,
  at: row.at,
  by: row.by,
  state: row.state,
  ended: row.ended_at === null ? null : { at: row.ended_at, by: row.ended_by ?? '', reason: row.end_reason ?? '' },
  hits: row.hits,
  lastHitAt: row.last_hit_at,
});

export async function addException(
  tx: Transaction,
  { id, owner, centre, terms, at, by }: Pick<StoredException, 'id' | 'owner' | 'centre' | 'terms' | 'at' | 'by'>,
): Promise<void> {
  await tx.query(
    `insert into exception (id, kind, owner, centre, organisation, terms, at, by, until, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active')`,
    [id, terms.kind, owner, centre, terms.organisation, JSON.stringify(terms), at, by, terms.until],
  );
}

export async function listExceptions(
  tx: Transaction,
  asked: PageAsked & { state?: ExceptionState | undefined; rule?: string | undefined },
): Promise<Page<StoredException>> {
  const where = new Conditions();
  const after = positionOf(asked.cursor);
  if (after) where.and('(at, id) < (?::double precision, ?)', after[0], after[1]);
  if (asked.state !== undefined) where.and('state = ?', asked.state);
  if (asked.rule !== undefined) where.and(`terms->>'rule' = ?`, asked.rule);
  const rows = await tx.query<Row>(
    `select ${columns} from exception ${where.sql} order by at desc, id desc limit ${where.value(asked.limit + 1)}`,
    where.parameters,
  );
  return pageOf(rows, asked.limit, (row) => [row.at, row.id], exception);
}

export async function findException(tx: Transaction, id: string): Promise<StoredException | undefined> {
  const [row] = await tx.query<Row>(`select ${columns} from exception where id = $1`, [id]);
  return row && exception(row);
}

/** All that are in force, of whomever, the oldest first. */
export async function exceptionsInForce(tx: Transaction, most: number): Promise<StoredException[]> {
  const rows = await tx.query<Row>(`select ${columns} from exception where state = 'active' order by at, id limit $1`, [most]);
  return rows.map(exception);
}

/** Ends one that is in force; says whether it was. */
export async function endException(
  tx: Transaction,
  id: string,
  { state, at, by, reason }: { state: 'lifted' | 'expired'; at: number; by: string; reason: string },
): Promise<boolean> {
  const rows = await tx.query(
    `update exception set state = $2, ended_at = $3, ended_by = $4, end_reason = $5 where id = $1 and state = 'active' returning id`,
    [id, state, at, by, reason],
  );
  return rows.length > 0;
}

/** Those whose time is over and that are still in force. */
export async function exceptionsDue(tx: Transaction, at: number, most: number): Promise<StoredException[]> {
  const rows = await tx.query<Row>(
    `select ${columns} from exception where state = 'active' and until <= $1 order by until limit $2`,
    [at, most],
  );
  return rows.map(exception);
}

export async function countHits(tx: Transaction, id: string, hits: number, at: number): Promise<void> {
  await tx.query('update exception set hits = hits + $2, last_hit_at = $3 where id = $1', [id, hits, at]);
}

/**
 * Hides findings that are there; those of incidents, confirmed ones, and those that something hides already stay as they are. Answers how
 * many it hid.
 */
export async function hideFindings(tx: Transaction, id: string, findings: readonly string[], at: number): Promise<number> {
  const hidden = await tx.query(
    `update finding f set hidden_by = $1 where id = any($2) and hidden_by is null and verdict is distinct from 'true-positive'
       and not exists (select from incident_finding i where i.finding = f.id) returning 1`,
    [id, findings],
  );
  if (hidden.length > 0) await countHits(tx, id, hidden.length, at);
  return hidden.length;
}

/** Shows again what an exception hid. Answers how many. */
export async function showFindings(tx: Transaction, id: string): Promise<number> {
  return (await tx.query('update finding set hidden_by = null where hidden_by = $1 returning 1', [id])).length;
}

export type StoredVerdict = {
  finding: string;
  at: number;
  verdict: Verdict;
  reason: string;
  by: string;
  organisation: string;
};

/** Says of findings what they were. Who confirms one shows it again: what is true is not noise. */
export async function addVerdicts(
  tx: Transaction,
  findings: readonly string[],
  { at, verdict, reason, by, organisation }: Omit<StoredVerdict, 'finding'>,
): Promise<void> {
  await tx.query(
    `insert into finding_verdict (finding, at, verdict, reason, by, organisation)
     select f, $2, $3, $4, $5, $6 from unnest($1::text[]) f`,
    [findings, at, verdict, reason, by, organisation],
  );
  await tx.query(
    `update finding set verdict = $2, hidden_by = case when $2 = 'true-positive' then null else hidden_by end where id = any($1)`,
    [findings, verdict],
  );
}

export async function verdictsOf(tx: Transaction, finding: string, most: number): Promise<StoredVerdict[]> {
  return tx.query<StoredVerdict>(
    `select finding, at, verdict, reason, by, organisation from finding_verdict where finding = $1 order by id desc limit $2`,
    [finding, most],
  );
}
