/** Notices: what tells organisations that something awaits them, and what was told, as it was then. */

import type { Notice } from '@forewarn/model/notice';
import type { Transaction } from '../postgres/database.ts';

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

/** Keeps notices; answers their ids, in no order. `contents`: what each subject's notices tell, by the subject's id. */
export async function addNotices(
  tx: Transaction,
  notices: readonly Notice[],
  contents: ReadonlyMap<string, string>,
): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0; from < notices.length; from += atOnce) {
    const rows = notices.slice(from, from + atOnce).map((notice) => ({ body: notice, content: contents.get(notice.subject.id) }));
    const added = await tx.query<{ id: string }>(
      `insert into notice (organisation, kind, subject_kind, subject, marking, at, content, body)
       select r.body->>'recipient', r.body->>'kind', r.body->'subject'->>'kind', r.body->'subject'->>'id', r.body->>'marking',
         (r.body->>'at')::double precision, r.content, r.body
       from jsonb_to_recordset($1::jsonb) as r (body jsonb, content text) returning id`,
      [JSON.stringify(rows)],
    );
    ids.push(...added.map(({ id }) => id));
  }
  return ids;
}

export type StoredNotice = { readonly id: string; readonly notice: Notice; readonly content: string | null };

/** Of one organisation as far as the scope shows, the last first. */
export async function noticesOf(tx: Transaction, organisation: string, limit: number): Promise<StoredNotice[]> {
  return tx.query<StoredNotice>(
    `select id, body as notice, content from notice where organisation = $1 order by at desc, id desc limit $2`,
    [organisation, limit],
  );
}
