/** Notices: what tells organisations that something awaits them, and what was told, as it was then. */

import type { Notice, NoticeKind } from '@forewarn/model/notice';
import type { Transaction } from '../postgres/database.ts';

/** `organisation`: null for everybody. */
export type AddedNotice = {
  readonly id: string;
  readonly organisation: string | null;
  readonly kind: NoticeKind;
  readonly at: number;
};

/** Rows of one statement: some hundred kilobytes. */
const atOnce = 1_000;

/** Keeps what is told, once for all who are told it. Answers its id. */
export async function addNoticeContent(tx: Transaction, body: object, at: number): Promise<string> {
  const [row] = await tx.query<{ id: string }>('insert into notice_content (at, body) values ($1, $2) returning id', [
    at,
    JSON.stringify(body),
  ]);
  return row!.id;
}

/**
 * Keeps notices; answers what was kept, in no order. A recipient `*` is everybody. `contents`: what each subject's notices tell, by the
 * subject's id.
 */
export async function addNotices(
  tx: Transaction,
  notices: readonly Notice[],
  contents: ReadonlyMap<string, string>,
): Promise<AddedNotice[]> {
  const kept: AddedNotice[] = [];
  for (let from = 0; from < notices.length; from += atOnce) {
    const rows = notices.slice(from, from + atOnce).map((notice) => ({ body: notice, content: contents.get(notice.subject.id) }));
    const added = await tx.query<AddedNotice>(
      `insert into notice (organisation, kind, subject_kind, subject, marking, at, content, body)
       select nullif(r.body->>'recipient', '*'), r.body->>'kind', r.body->'subject'->>'kind', r.body->'subject'->>'id', r.body->>'marking',
         (r.body->>'at')::double precision, r.content, r.body
       from jsonb_to_recordset($1::jsonb) as r (body jsonb, content text) returning id, organisation, kind, at`,
      [JSON.stringify(rows)],
    );
    kept.push(...added);
  }
  return kept;
}

export type StoredNotice = { readonly notice: string; readonly body: Notice; readonly content: unknown; readonly at: number };

const columns = `n.id as notice, n.body, c.body as content, n.at`;
const tables = `notice n left join notice_content c on c.id = n.content`;

/** Of one organisation, or of everybody (null), the last first. */
export async function noticesOf(tx: Transaction, organisation: string | null, limit: number): Promise<StoredNotice[]> {
  return tx.query<StoredNotice>(
    `select ${columns} from ${tables} where n.organisation is not distinct from $1 order by n.at desc, n.id desc limit $2`,
    [organisation, limit],
  );
}

/** One notice to this organisation, or to everybody (null). */
export async function findNotice(tx: Transaction, id: string, organisation: string | null): Promise<StoredNotice | undefined> {
  const rows = await tx.query<StoredNotice>(
    `select ${columns} from ${tables} where n.id = $1 and n.organisation is not distinct from $2`,
    [id, organisation],
  );
  return rows[0];
}

/** What the same recipient was told of the same subject before, the oldest first; of many the last. */
export async function noticesBefore(
  tx: Transaction,
  { notice, body, at }: StoredNotice,
  organisation: string | null,
  limit: number,
): Promise<Notice[]> {
  const rows = await tx.query<{ body: Notice }>(
    `select n.body from notice n where n.subject = $1 and n.organisation is not distinct from $2 and (n.at, n.id) < ($3::double precision, $4)
     order by n.at desc, n.id desc limit $5`,
    [body.subject.id, organisation, at, notice, limit],
  );
  return rows.map((row) => row.body).toReversed();
}
