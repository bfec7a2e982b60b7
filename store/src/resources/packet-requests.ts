/** Requests for the packets of a flow: who asked, bound to what, and what became of it. The packets themselves are files of the centre. */

import type { FlowOrder, PartReason } from '@forewarn/model/sensor';
import type { Words } from '@forewarn/model/text';
import type { Transaction } from '../postgres/database.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

export type FlowEnd = { address: string; port: number | null };

export type PacketRequest = {
  id: string;
  organisation: string;
  sensor: string;
  link: string | null;
  log: string;
  uid: string;
  /** Of the flow, seconds. */
  from: number;
  to: number;
  flow: { proto: string | null; service: string | null; originator: FlowEnd | null; responder: FlowEnd | null };
  finding: string | null;
  incident: string | null;
  purpose: string;
  at: number;
  by: string;
  byOrganisation: string;
  state: 'waiting' | 'ready' | 'none' | 'failed';
  reason: Words | null;
  advice: Words | null;
  packets: number | null;
  bytes: number | null;
  part: PartReason[];
  givenAt: number | null;
  answeredAt: number | null;
  keptUntil: number | null;
};

/** A sensor is told of a request again after so long without an answer: it may have been killed with the first. */
export const givenAgainSeconds = 60;

/** Requests of one answer; the others follow with the next question. */
const givenMax = 10;

/** Margin around a flow's times: clocks of records and packets are the same, rounding is not. */
const marginSeconds = 2;

const columns = `id, organisation, sensor, link, log, uid, from_at as "from", to_at as "to", flow, finding, incident, purpose, at, by,
  by_organisation as "byOrganisation", state, reason, advice, packets, bytes, part, given_at as "givenAt", answered_at as "answeredAt",
  kept_until as "keptUntil"`;

export async function addPacketRequest(
  tx: Transaction,
  request: Omit<PacketRequest, 'packets' | 'bytes' | 'part' | 'givenAt' | 'answeredAt' | 'keptUntil'>,
): Promise<void> {
  await tx.query(
    `insert into packet_request (id, organisation, sensor, link, log, uid, from_at, to_at, flow, finding, incident, purpose, at, by,
       by_organisation, state, reason, advice)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
    [
      request.id,
      request.organisation,
      request.sensor,
      request.link,
      request.log,
      request.uid,
      request.from,
      request.to,
      JSON.stringify(request.flow),
      request.finding,
      request.incident,
      request.purpose,
      request.at,
      request.by,
      request.byOrganisation,
      request.state,
      request.reason && JSON.stringify(request.reason),
      request.advice && JSON.stringify(request.advice),
    ],
  );
}

export async function findPacketRequest(tx: Transaction, id: string): Promise<PacketRequest | undefined> {
  return (await tx.query<PacketRequest>(`select ${columns} from packet_request where id = $1`, [id]))[0];
}

/** Newest first. */
export async function listPacketRequests(
  tx: Transaction,
  asked: PageAsked & { finding?: string | undefined; incident?: string | undefined; uid?: string | undefined },
): Promise<Page<PacketRequest>> {
  const where = new Conditions();
  const after = positionOf(asked.cursor);
  if (after) where.and('(at, id) < (?::double precision, ?)', after[0], after[1]);
  if (asked.finding !== undefined) where.and('finding = ?', asked.finding);
  if (asked.incident !== undefined) where.and('incident = ?', asked.incident);
  if (asked.uid !== undefined) where.and('uid = ?', asked.uid);
  const rows = await tx.query<PacketRequest>(
    `select ${columns} from packet_request ${where.sql} order by at desc, id desc limit ${where.value(asked.limit + 1)}`,
    where.parameters,
  );
  return pageOf(
    rows,
    asked.limit,
    (row) => [row.at, row.id],
    (row) => row,
  );
}

/** The same question that somebody asked before and that is waiting or answered with packets; they need not travel twice. */
export async function sameRequest(
  tx: Transaction,
  { sensor, uid, finding, incident, at }: Pick<PacketRequest, 'sensor' | 'uid' | 'finding' | 'incident' | 'at'>,
): Promise<PacketRequest | undefined> {
  const rows = await tx.query<PacketRequest>(
    `select ${columns} from packet_request
     where sensor = $1 and uid = $2 and finding is not distinct from $3 and incident is not distinct from $4
       and (state = 'waiting' or (state = 'ready' and kept_until > $5)) order by at desc limit 1`,
    [sensor, uid, finding, incident, at],
  );
  return rows[0];
}

export async function countWaiting(tx: Transaction, sensor: string): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    `select count(*)::int as n from packet_request where sensor = $1 and state = 'waiting'`,
    [sensor],
  );
  return row!.n;
}

/** What a sensor is to look for now; the same comes again when it did not answer for a minute. */
export async function takeFlowOrders(tx: Transaction, sensor: string, at: number): Promise<FlowOrder[]> {
  const rows = await tx.query<{ id: string; uid: string; from: number; to: number }>(
    `update packet_request set given_at = $2 where id in (
       select id from packet_request where sensor = $1 and state = 'waiting' and (given_at is null or given_at <= $2::double precision - $3)
       order by at, id limit $4)
     returning id, uid, from_at as "from", to_at as "to"`,
    [sensor, at, givenAgainSeconds, givenMax],
  );
  return rows.map(({ id, uid, from, to }) => ({ id, uid, from: from - marginSeconds, to: to + marginSeconds }));
}

type Answered =
  | { state: 'ready'; packets: number; bytes: number; part: readonly PartReason[]; keptUntil: number }
  | { state: 'none' | 'failed'; reason: Words; advice: Words };

/** Answers a request that waits; false when it does not wait any more. */
export async function answerPacketRequest(tx: Transaction, id: string, at: number, answer: Answered): Promise<boolean> {
  const ready = answer.state === 'ready' ? answer : undefined;
  const none = answer.state === 'ready' ? undefined : answer;
  const rows = await tx.query(
    `update packet_request set state = $2, answered_at = $3, packets = $4, bytes = $5, part = $6, kept_until = $7, reason = $8, advice = $9
     where id = $1 and state = 'waiting' returning id`,
    [
      id,
      answer.state,
      at,
      ready?.packets ?? null,
      ready?.bytes ?? null,
      JSON.stringify(ready?.part ?? []),
      ready?.keptUntil ?? null,
      none ? JSON.stringify(none.reason) : null,
      none ? JSON.stringify(none.advice) : null,
    ],
  );
  return rows.length === 1;
}

/** Requests that have waited since before a moment. */
export function waitingSince(tx: Transaction, before: number): Promise<PacketRequest[]> {
  return tx.query<PacketRequest>(
    `select ${columns} from packet_request where state = 'waiting' and at < $1 order by at limit 1000`,
    [before],
  );
}

/** Requests whose packets the centre holds, the first to leave first. */
export function keptRequests(tx: Transaction): Promise<PacketRequest[]> {
  return tx.query<PacketRequest>(
    `select ${columns} from packet_request where state = 'ready' order by kept_until, id limit 10000`,
  );
}

/** The packets are gone from the centre; that there were some stays. */
export async function endKeeping(tx: Transaction, id: string, reason: Words, advice: Words): Promise<void> {
  await tx.query(`update packet_request set state = 'none', reason = $2, advice = $3 where id = $1 and state = 'ready'`, [
    id,
    JSON.stringify(reason),
    JSON.stringify(advice),
  ]);
}
