/** Notices on their way to endpoints. Rows are made with the notice; a desk carries them and says how it went. */

import type { ChannelTrouble, DeliveryState, Pace } from '@forewarn/model/channel';
import type { Notice } from '@forewarn/model/notice';
import type { Transaction } from '../postgres/database.ts';
import type { AddedNotice } from './notices.ts';
import type { Endpoint, EndpointTrouble } from './channels.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

/** Rows of one statement: some hundred kilobytes. */
const atOnce = 1_000;

/** The next time that an hour of the day (UTC) begins, after `at`. Seconds. */
const digestAt = (at: number, hour: number): number => (Math.floor((at - hour * 3_600) / 86_400) + 1) * 86_400 + hour * 3_600;

/** Puts notices on their way to every active endpoint of their recipients that wants their kind. Public notices go nowhere: who reads the feed comes. */
export async function addDeliveries(tx: Transaction, notices: readonly AddedNotice[]): Promise<void> {
  const organisations = [...new Set(notices.flatMap(({ organisation }) => organisation ?? []))];
  // Joined here and not by PostgreSQL: under row-level security its plan would look at every pair of a notice and an endpoint.
  const endpoints = await tx.query<Pick<Endpoint, 'id' | 'organisation' | 'terms'>>(
    `select id, organisation, terms from channel_endpoint where state = 'active' and organisation = any($1) order by id`,
    [organisations],
  );
  const of = Map.groupBy(endpoints, ({ organisation }) => organisation);
  const rows = notices.flatMap(({ id, organisation, kind, at }) =>
    (organisation === null ? [] : (of.get(organisation) ?? [])).flatMap(({ id: endpoint, terms }) => {
      const pace = terms.paces[kind];
      if (pace === undefined || pace === 'off') return [];
      return [{ notice: id, endpoint, organisation, at, pace, due: pace === 'digest' ? digestAt(at, terms.digestHour) : at }];
    }),
  );
  for (let from = 0; from < rows.length; from += atOnce) {
    await tx.query(
      `insert into notice_delivery (notice, endpoint, organisation, at, pace, state, first_due_at, due_at)
       select r.notice, r.endpoint, r.organisation, r.at, r.pace, 'waiting', r.due, r.due
       from jsonb_to_recordset($1::jsonb) as r (notice text, endpoint text, organisation text, at double precision, pace text, due double precision)
       on conflict do nothing`,
      [JSON.stringify(rows.slice(from, from + atOnce))],
    );
  }
}

/** Spreads notices that nobody has spread yet to their endpoints; answers whether there may be more. */
export async function spreadNotices(tx: Transaction): Promise<boolean> {
  const notices = await tx.query<AddedNotice>(
    `select id, organisation, kind, at from notice where not spread order by id limit $1`,
    [atOnce],
  );
  if (notices.length === 0) return false;
  await addDeliveries(tx, notices);
  await tx.query('update notice set spread = true where id = any($1)', [notices.map(({ id }) => id)]);
  return notices.length === atOnce;
}

/** Endpoints for which something is due, those that have waited longest first. */
export async function endpointsDue(tx: Transaction, at: number, limit: number): Promise<Endpoint[]> {
  return tx.query<Endpoint>(
    `select e.id, e.organisation, e.kind, e.name, e.address, e.secret, e.terms, e.state, e.made_at as "madeAt", e.made_by as "madeBy",
       e.last_sent_at as "lastSentAt", e.guesses, e.trouble
     from channel_endpoint e
     join lateral (select min(d.due_at) as due from notice_delivery d where d.endpoint = e.id and d.state = 'waiting') d on true
     where e.state = 'active' and e.quiet_until <= $1 and d.due <= $1 order by d.due, e.id limit $2`,
    [at, limit],
  );
}

/** When something is due next; null when nothing waits for an active endpoint. */
export async function nextDeliveryAt(tx: Transaction): Promise<number | null> {
  const [row] = await tx.query<{ at: number | null }>(
    `select min(greatest(d.due_at, e.quiet_until)) as at from notice_delivery d join channel_endpoint e on e.id = d.endpoint
     where d.state = 'waiting' and e.state = 'active'`,
  );
  return row?.at ?? null;
}

export type Due = {
  readonly notice: string;
  readonly pace: Pace;
  readonly attempts: number;
  readonly firstDueAt: number;
  readonly body: Notice;
  readonly content: unknown;
  readonly owner: string | null;
};

const dueColumns = `d.notice, d.pace, d.attempts, d.first_due_at as "firstDueAt", n.body, c.body as content, c.body->>'owner' as owner`;

/** What is due for one endpoint: of a digest all that is, else one after the other; the oldest first. */
export async function deliveriesDue(tx: Transaction, endpoint: string, at: number, limit: number): Promise<Due[]> {
  return tx.query<Due>(
    `select ${dueColumns} from notice_delivery d join notice n on n.id = d.notice left join notice_content c on c.id = n.content
     where d.endpoint = $1 and d.state = 'waiting' and d.due_at <= $2 order by d.due_at, d.notice limit $3`,
    [endpoint, at, limit],
  );
}

/** Before an attempt: counted, and not tried again before `again`, even if the process ends in the middle of it. */
export async function beginAttempt(tx: Transaction, endpoint: string, notices: readonly string[], again: number): Promise<void> {
  await tx.query(
    `update notice_delivery set attempts = attempts + 1, due_at = $3 where endpoint = $1 and notice = any($2) and state = 'waiting'`,
    [endpoint, notices, again],
  );
}

export async function endAttempt(
  tx: Transaction,
  endpoint: string,
  notices: readonly string[],
  end: { readonly state: DeliveryState; readonly at: number; readonly trouble: ChannelTrouble | null; readonly again: number },
): Promise<void> {
  await tx.query(
    `update notice_delivery set state = $3, ended_at = $4, trouble = $5, due_at = $6
     where endpoint = $1 and notice = any($2) and state = 'waiting'`,
    [
      endpoint,
      notices,
      end.state,
      end.state === 'waiting' ? null : end.at,
      end.trouble && JSON.stringify(end.trouble),
      end.again,
    ],
  );
}

/** How an endpoint fares: `trouble` null when something arrived. */
export async function markEndpoint(
  tx: Transaction,
  endpoint: string,
  mark: { readonly sentAt: number | null; readonly quietUntil: number; readonly trouble: EndpointTrouble | null },
): Promise<void> {
  await tx.query(
    `update channel_endpoint set last_sent_at = coalesce($2, last_sent_at), quiet_until = $3, trouble = $4 where id = $1`,
    [endpoint, mark.sentAt, mark.quietUntil, mark.trouble && JSON.stringify(mark.trouble)],
  );
}

/** What waits for an endpoint since before `since` is given up; answers how many. */
export async function giveUpOld(
  tx: Transaction,
  endpoint: string,
  { since, at, trouble }: { since: number; at: number; trouble: ChannelTrouble },
): Promise<number> {
  const rows = await tx.query(
    `update notice_delivery set state = 'given-up', ended_at = $3, trouble = coalesce(trouble, $4)
     where endpoint = $1 and state = 'waiting' and first_due_at < $2 returning notice`,
    [endpoint, since, at, JSON.stringify(trouble)],
  );
  return rows.length;
}

/** What was tried in vain is due again at once. What is being tried just now keeps its lease. */
export async function hurryDeliveries(tx: Transaction, endpoint: string, at: number): Promise<void> {
  await tx.query(
    `update notice_delivery set due_at = $2 where endpoint = $1 and state = 'waiting' and trouble is not null and due_at > $2`,
    [endpoint, at],
  );
}

export type Delivery = {
  readonly notice: string;
  readonly body: Notice;
  readonly endpoint: string;
  readonly endpointName: string;
  readonly state: DeliveryState;
  readonly pace: Pace;
  readonly at: number;
  readonly dueAt: number;
  readonly endedAt: number | null;
  readonly attempts: number;
  readonly trouble: ChannelTrouble | null;
};

const shown = `d.notice, n.body, d.endpoint, e.name as "endpointName", d.state, d.pace, d.at, d.due_at as "dueAt", d.ended_at as "endedAt",
  d.attempts, d.trouble`;

/** The log of an organisation, the last first. */
export async function listDeliveries(
  tx: Transaction,
  organisation: string,
  asked: PageAsked & { endpoint?: string | undefined; state?: DeliveryState | undefined },
): Promise<Page<Delivery>> {
  const where = new Conditions().and('d.organisation = ?', organisation);
  const after = positionOf(asked.cursor);
  if (after) where.and('(d.at, d.notice || d.endpoint) < (?::double precision, ?)', after[0], after[1]);
  if (asked.endpoint !== undefined) where.and('d.endpoint = ?', asked.endpoint);
  if (asked.state !== undefined) where.and('d.state = ?', asked.state);
  const rows = await tx.query<Delivery>(
    `select ${shown} from notice_delivery d join notice n on n.id = d.notice join channel_endpoint e on e.id = d.endpoint
     ${where.sql} order by d.at desc, d.notice || d.endpoint desc limit ${where.value(asked.limit + 1)}`,
    where.parameters,
  );
  return pageOf(
    rows,
    asked.limit,
    (row) => [row.at, row.notice + row.endpoint],
    (row) => row,
  );
}

/** Forgets notices that were told before `before`, with what became of them; no more at once than a short transaction takes. */
export async function forgetNotices(tx: Transaction, before: number, limit: number): Promise<number> {
  const rows = await tx.query<{ content: string | null }>(
    `delete from notice where id in (select id from notice where at < $1 order by at limit $2) returning content`,
    [before, limit],
  );
  const contents = [...new Set(rows.flatMap(({ content }) => content ?? []))];
  await tx.query(
    `delete from notice_content c where c.id = any($1) and not exists (select from notice n where n.content = c.id)`,
    [contents],
  );
  return rows.length;
}
