/** Warnings: the head row with its content, whom it reached, and its history. */

import type { WarningView } from '@forewarn/model/api';
import type { Words } from '@forewarn/model/text';
import type { WarningEvent } from '@forewarn/model/warning';
import type { Transaction } from '../postgres/database.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

/** The fields of a warning that its author writes. */
export type WarningBody = Pick<
  WarningView,
  'marking' | 'incidentType' | 'title' | 'possibleScope' | 'mattersToNote' | 'measuresToTake' | 'issuingAuthority' | 'scope'
> & { startAt: number; measuresDueAt: number | null };

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
};

export type Addressee = {
  organisation: string;
  edition: number;
  reasons: Words[];
  deliveredAt: number;
  acknowledgedAt: number | null;
  acknowledgedBy: string | null;
};

const columns = `w.id, w.number, w.owner, w.state, w.colour, w.incident, w.created_at as "createdAt", w.issued_at as "issuedAt",
  w.issued_by as "issuedBy", w.valid_until as "validUntil", w.lifted_at as "liftedAt", w.edition, w.body`;

export async function addWarning(tx: Transaction, one: Omit<Warning, 'id'>): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `insert into warning (number, owner, state, colour, incident, created_at, issued_at, issued_by, valid_until, lifted_at, edition, body)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id`,
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
    ],
  );
  return row!.id;
}

export async function saveWarning(tx: Transaction, one: Warning): Promise<void> {
  await tx.query(
    `update warning set state = $2, colour = $3, issued_at = $4, issued_by = $5, valid_until = $6, lifted_at = $7, edition = $8, body = $9
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

export async function listWarnings(
  tx: Transaction,
  asked: PageAsked & {
    incident?: string | undefined;
    state?: readonly Warning['state'][] | undefined;
    text?: string | undefined;
  },
): Promise<Page<Warning>> {
  const where = new Conditions();
  const after = positionOf(asked.cursor);
  if (after) where.and('(w.created_at, w.id) < (?::double precision, ?)', after[0], after[1]);
  if (asked.incident !== undefined) where.and('w.incident = ?', asked.incident);
  if (asked.state !== undefined) where.and('w.state = any(?)', asked.state);
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

/** Delivers an edition to an organisation; an acknowledgement of an older edition no longer counts. */
export async function deliver(
  tx: Transaction,
  warning: Pick<Warning, 'id' | 'owner' | 'edition'>,
  { organisation, reasons, at }: { organisation: string; reasons: readonly Words[]; at: number },
): Promise<void> {
  await tx.query(
    `insert into warning_audience (warning, organisation, owner, edition, reasons, delivered_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (warning, organisation) do update set edition = excluded.edition, reasons = excluded.reasons,
       delivered_at = excluded.delivered_at, acknowledged_at = null, acknowledged_by = null`,
    [warning.id, organisation, warning.owner, warning.edition, JSON.stringify(reasons), at],
  );
}

/** False when the organisation is not in the audience or has acknowledged this edition already. */
export async function acknowledge(
  tx: Transaction,
  warning: string,
  { organisation, by, at }: { organisation: string; by: string; at: number },
): Promise<boolean> {
  const rows = await tx.query(
    `update warning_audience set acknowledged_at = $3, acknowledged_by = $4
     where warning = $1 and organisation = $2 and acknowledged_at is null returning warning`,
    [warning, organisation, at, by],
  );
  return rows.length === 1;
}

/** Whom several warnings reached, as far as the scope shows. */
export async function audiencesOf(tx: Transaction, warnings: readonly string[]): Promise<Map<string, Addressee[]>> {
  const rows = await tx.query<Addressee & { warning: string }>(
    `select warning, organisation, edition, reasons, delivered_at as "deliveredAt", acknowledged_at as "acknowledgedAt",
       acknowledged_by as "acknowledgedBy" from warning_audience where warning = any($1) order by organisation`,
    [warnings],
  );
  const byWarning = new Map<string, Addressee[]>(warnings.map((id) => [id, []]));
  for (const { warning, ...addressee } of rows) byWarning.get(warning)!.push(addressee);
  return byWarning;
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
