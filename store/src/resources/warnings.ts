/** Warnings: the head row with its content, what is proposed of it, and its history. Whom it reached stands in `warning-audience.ts`. */

import type { WarningView } from '@forewarn/model/api';
import type { WarningEvent, WarningMeasure } from '@forewarn/model/warning';
import type { Transaction } from '../postgres/database.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

/** The fields of a warning that its author writes. */
export type WarningBody = Pick<
  WarningView,
  | 'marking'
  | 'incidentType'
  | 'title'
  | 'possibleScope'
  | 'mattersToNote'
  | 'issuingAuthority'
  | 'scope'
  | 'urgency'
  | 'colourReason'
> & { startAt: number; measures: WarningMeasure[] };

export type Warning = {
  id: string;
  number: string;
  /** The organisation that drafted it and answers for it. */
  owner: string;
  state: WarningView['state'];
  colour: WarningView['colour'];
  incident: string | null;
  createdAt: number;
  issuedAt: number | null;
  issuedBy: string | null;
  validUntil: number | null;
  liftedAt: number | null;
  /** 1 when first issued, one more with each adjustment; 0 for a draft. */
  edition: number;
  body: WarningBody;
  /** Whose words it holds, who else has read them, and why it left when nobody else had. */
  author: string | null;
  approvedBy: string | null;
  alone: string | null;
  /** When somebody is to be reminded next; when the estate and the findings are looked at again. */
  chaseAt: number | null;
  checkAt: number | null;
};

/** What an issued warning would become. */
export type WarningProposal = {
  by: string;
  at: number;
  reason: string;
  body: { colour: WarningView['colour']; validUntil: number | null; body: WarningBody };
};

const columns = `w.id, w.number, w.owner, w.state, w.colour, w.incident, w.created_at as "createdAt", w.issued_at as "issuedAt",
  w.issued_by as "issuedBy", w.valid_until as "validUntil", w.lifted_at as "liftedAt", w.edition, w.body, w.author,
  w.approved_by as "approvedBy", w.alone, w.chase_at as "chaseAt", w.check_at as "checkAt"`;

type NewWarning = Omit<Warning, 'id' | 'approvedBy' | 'alone' | 'chaseAt' | 'checkAt'>;

export async function addWarning(tx: Transaction, one: NewWarning): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `insert into warning (number, owner, state, colour, incident, created_at, issued_at, issued_by, valid_until, lifted_at, edition, body, author)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning id`,
    [
      one.number,
      one.owner,
      one.state,
      one.colour,
      one.incident,
      one.createdAt,
      one.issuedAt,
      one.issuedBy,
      one.validUntil,
      one.liftedAt,
      one.edition,
      JSON.stringify(one.body),
      one.author,
    ],
  );
  return row!.id;
}

export async function saveWarning(tx: Transaction, one: Warning): Promise<void> {
  await tx.query(
    `update warning set state = $2, colour = $3, issued_at = $4, issued_by = $5, valid_until = $6, lifted_at = $7, edition = $8, body = $9,
       author = $10, approved_by = $11, alone = $12, chase_at = $13, check_at = $14, incident = $15
     where id = $1`,
    [
      one.id,
      one.state,
      one.colour,
      one.issuedAt,
      one.issuedBy,
      one.validUntil,
      one.liftedAt,
      one.edition,
      JSON.stringify(one.body),
      one.author,
      one.approvedBy,
      one.alone,
      one.chaseAt,
      one.checkAt,
      one.incident,
    ],
  );
}

export async function findWarning(tx: Transaction, id: string): Promise<Warning | undefined> {
  return (await tx.query<Warning>(`select ${columns} from warning w where w.id = $1`, [id]))[0];
}

/** Locks the row, so that a warning cannot be issued twice at once. */
export async function lockWarning(tx: Transaction, id: string): Promise<Warning | undefined> {
  return (await tx.query<Warning>(`select ${columns} from warning w where w.id = $1 for update`, [id]))[0];
}

export type WarningsAsked = PageAsked & {
  incident?: string | undefined;
  state?: readonly Warning['state'][] | undefined;
  colour?: Warning['colour'] | undefined;
  urgency?: WarningBody['urgency'] | undefined;
  text?: string | undefined;
};

export async function listWarnings(tx: Transaction, asked: WarningsAsked): Promise<Page<Warning>> {
  const where = new Conditions();
  const after = positionOf(asked.cursor);
  if (after) where.and('(w.created_at, w.id) < (?::double precision, ?)', after[0], after[1]);
  if (asked.incident !== undefined) where.and('w.incident = ?', asked.incident);
  if (asked.state !== undefined) where.and('w.state = any(?)', asked.state);
  if (asked.colour !== undefined) where.and('w.colour = ?', asked.colour);
  if (asked.urgency !== undefined) where.and(`w.body->>'urgency' = ?`, asked.urgency);
  // What a recipient is not shown must not be found either: a search would spell others' addresses out, letter by letter.
  const seen = `(case when app_centre() or w.owner = app_organisation() then w.body else w.body - 'scope' end)`;
  if (asked.text !== undefined) where.and(`strpos(lower(w.number || ' ' || ${seen}::text), lower(?)) > 0`, asked.text);
  const rows = await tx.query<Warning>(
    `select ${columns} from warning w ${where.sql} order by w.created_at desc, w.id desc limit ${where.value(asked.limit + 1)}`,
    where.parameters,
  );
  return pageOf(
    rows,
    asked.limit,
    (row) => [row.createdAt, row.id],
    (row) => row,
  );
}

/** Warnings in force whose chasing, or whose look at estate and findings, is due; the longest due first. */
export async function warningsDue(tx: Transaction, what: 'chase' | 'check', now: number, limit: number): Promise<string[]> {
  const column = what === 'chase' ? 'chase_at' : 'check_at';
  const rows = await tx.query<{ id: string }>(
    `select id from warning where ${column} <= $1 and state in ('issued', 'adjusted') order by ${column} limit ${limit}`,
    [now],
  );
  return rows.map(({ id }) => id);
}

/** Notes what an issued warning would become; another proposal takes its place. */
export async function putProposal(tx: Transaction, warning: Pick<Warning, 'id' | 'owner'>, one: WarningProposal): Promise<void> {
  await tx.query(
    `insert into warning_proposal (warning, owner, at, by, reason, body) values ($1, $2, $3, $4, $5, $6)
     on conflict (warning) do update set at = excluded.at, by = excluded.by, reason = excluded.reason, body = excluded.body`,
    [warning.id, warning.owner, one.at, one.by, one.reason, JSON.stringify(one.body)],
  );
}

export async function removeProposal(tx: Transaction, warning: string): Promise<void> {
  await tx.query('delete from warning_proposal where warning = $1', [warning]);
}

export async function proposalsOf(tx: Transaction, warnings: readonly string[]): Promise<Map<string, WarningProposal>> {
  const rows = await tx.query<WarningProposal & { warning: string }>(
    'select warning, at, by, reason, body from warning_proposal where warning = any($1)',
    [warnings],
  );
  return new Map(rows.map(({ warning, ...one }) => [warning, one]));
}

export async function addWarningEvent(
  tx: Transaction,
  warning: Pick<Warning, 'id' | 'owner'>,
  event: WarningEvent,
): Promise<void> {
  await tx.query('insert into warning_event (warning, owner, at, body) values ($1, $2, $3, $4)', [
    warning.id,
    warning.owner,
    event.at,
    JSON.stringify(event),
  ]);
}

export async function warningEventsOf(tx: Transaction, warning: string): Promise<WarningEvent[]> {
  const rows = await tx.query<{ body: WarningEvent }>('select body from warning_event where warning = $1 order by id', [warning]);
  return rows.map(({ body }) => body);
}
