/** Reports: the head row, and the copies that are read. */

import type { Document } from '@forewarn/model/document';
import type { Tlp } from '@forewarn/model/markings';
import type { ReportAbout, ReportState } from '@forewarn/model/report';
import type { LocalText, Words } from '@forewarn/model/text';
import type { Transaction } from '../postgres/database.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

export type Report = {
  id: string;
  number: string;
  /** The organisation that made it and answers for it. */
  owner: string;
  template: string;
  title: LocalText;
  about: ReportAbout;
  /** Id and number of the incident or warning. */
  subject: string | null;
  subjectNumber: string | null;
  state: ReportState;
  from: number;
  to: number;
  madeAt: number;
  /** Null: by its schedule. */
  madeBy: string | null;
  releasedAt: number | null;
  releasedBy: string | null;
  reason: string | null;
  remark: string | null;
};

export type ReportCopy = {
  organisation: string;
  marking: Tlp;
  reasons: Words[];
  document: Document;
  /** SHA-256 of the document as JSON. */
  digest: string;
  deliveredAt: number;
  openedAt: number | null;
  openedBy: string | null;
};

const columns = `r.id, r.number, r.owner, r.template, r.title, r.about, r.subject, r.subject_number as "subjectNumber", r.state,
  r.from_at as "from", r.to_at as "to", r.made_at as "madeAt", r.made_by as "madeBy", r.released_at as "releasedAt",
  r.released_by as "releasedBy", r.reason, r.remark`;

/** Undefined when its schedule has made it already. */
export async function addReport(tx: Transaction, one: Omit<Report, 'id'>): Promise<string | undefined> {
  const [row] = await tx.query<{ id: string }>(
    `insert into report (number, owner, template, title, about, subject, subject_number, state, from_at, to_at, made_at, made_by,
       released_at, released_by, reason, remark)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
     on conflict do nothing returning id`,
    [
      one.number,
      one.owner,
      one.template,
      JSON.stringify(one.title),
      one.about,
      one.subject,
      one.subjectNumber,
      one.state,
      one.from,
      one.to,
      one.madeAt,
      one.madeBy,
      one.releasedAt,
      one.releasedBy,
      one.reason,
      one.remark,
    ],
  );
  return row?.id;
}

export async function saveReport(tx: Transaction, one: Report): Promise<void> {
  await tx.query('update report set state = $2, released_at = $3, released_by = $4, reason = $5, remark = $6 where id = $1', [
    one.id,
    one.state,
    one.releasedAt,
    one.releasedBy,
    one.reason,
    one.remark,
  ]);
}

export async function findReport(tx: Transaction, id: string): Promise<Report | undefined> {
  return (await tx.query<Report>(`select ${columns} from report r where r.id = $1`, [id]))[0];
}

/** Locks the row, so that a report cannot be released twice at once. */
export async function lockReport(tx: Transaction, id: string): Promise<Report | undefined> {
  return (await tx.query<Report>(`select ${columns} from report r where r.id = $1 for update`, [id]))[0];
}

export async function listReports(
  tx: Transaction,
  asked: PageAsked & {
    state?: ReportState | undefined;
    about?: ReportAbout | undefined;
    subject?: string | undefined;
    text?: string | undefined;
  },
): Promise<Page<Report>> {
  const where = new Conditions();
  const after = positionOf(asked.cursor);
  if (after) where.and('(r.made_at, r.id) < (?::double precision, ?)', after[0], after[1]);
  if (asked.state !== undefined) where.and('r.state = ?', asked.state);
  if (asked.about !== undefined) where.and('r.about = ?', asked.about);
  if (asked.subject !== undefined) where.and('r.subject = ?', asked.subject);
  if (asked.text !== undefined)
    where.and(
      `strpos(lower(r.number || ' ' || r.title::text || ' ' || coalesce(r.subject_number, '')), lower(?)) > 0`,
      asked.text,
    );
  const rows = await tx.query<Report>(
    `select ${columns} from report r ${where.sql} order by r.made_at desc, r.id desc limit ${where.value(asked.limit + 1)}`,
    where.parameters,
  );
  return pageOf(
    rows,
    asked.limit,
    (row) => [row.madeAt, row.id],
    (row) => row,
  );
}

/** Until when the last report tells that a schedule has made; null before the first. */
export async function lastScheduled(tx: Transaction, asked: { owner: string; template: string }): Promise<number | null> {
  const [row] = await tx.query<{ at: number | null }>(
    'select max(to_at) as at from report where owner = $1 and template = $2 and made_by is null',
    [asked.owner, asked.template],
  );
  return row!.at;
}

/** Writes a copy; a draft's is written anew whenever it changes. */
export async function putCopy(
  tx: Transaction,
  report: Pick<Report, 'id' | 'owner'>,
  copy: Omit<ReportCopy, 'openedAt' | 'openedBy'>,
): Promise<void> {
  await tx.query(
    `insert into report_copy (report, organisation, owner, marking, reasons, document, digest, delivered_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (report, organisation) do update set marking = excluded.marking, reasons = excluded.reasons,
       document = excluded.document, digest = excluded.digest, delivered_at = excluded.delivered_at`,
    [
      report.id,
      copy.organisation,
      report.owner,
      copy.marking,
      JSON.stringify(copy.reasons),
      JSON.stringify(copy.document),
      copy.digest,
      copy.deliveredAt,
    ],
  );
}

/** Without their documents, of several reports, as far as the scope shows. */
export async function copiesOf(
  tx: Transaction,
  reports: readonly string[],
): Promise<Map<string, Omit<ReportCopy, 'document'>[]>> {
  const rows = await tx.query<Omit<ReportCopy, 'document'> & { report: string }>(
    `select report, organisation, marking, reasons, digest, delivered_at as "deliveredAt", opened_at as "openedAt",
       opened_by as "openedBy" from report_copy where report = any($1) order by organisation`,
    [reports],
  );
  const byReport = new Map<string, Omit<ReportCopy, 'document'>[]>(reports.map((id) => [id, []]));
  for (const { report, ...copy } of rows) byReport.get(report)!.push(copy);
  return byReport;
}

export async function documentOf(
  tx: Transaction,
  report: string,
  organisation: string,
): Promise<Pick<ReportCopy, 'document' | 'digest' | 'openedAt'> | undefined> {
  const rows = await tx.query<Pick<ReportCopy, 'document' | 'digest' | 'openedAt'>>(
    'select document, digest, opened_at as "openedAt" from report_copy where report = $1 and organisation = $2',
    [report, organisation],
  );
  return rows[0];
}

/** False when it was opened before. */
export async function noteOpened(
  tx: Transaction,
  report: string,
  { organisation, by, at }: { organisation: string; by: string; at: number },
): Promise<boolean> {
  const rows = await tx.query(
    `update report_copy set opened_at = $3, opened_by = $4
     where report = $1 and organisation = $2 and opened_at is null returning report`,
    [report, organisation, at, by],
  );
  return rows.length === 1;
}
