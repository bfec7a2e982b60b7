/** Chains of causes, the causes of closed incidents, and preventive measures. */

import type { Cause, CauseChain, CausedIncident, Confidence, Prevention } from '@forewarn/model/cause';
import type { Transaction } from '../postgres/database.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

export type ChainEdition = { version: number; at: number; by: string; chain: CauseChain };

export async function newestChain(tx: Transaction, incident: string): Promise<ChainEdition | undefined> {
  const [row] = await tx.query<ChainEdition>(
    'select version, at, by, body as chain from cause_chain where incident = $1 order by version desc limit 1',
    [incident],
  );
  return row;
}

/** Adds an edition after the newest, which must be `after` (0: none); undefined when somebody else was faster. */
export async function addChain(
  tx: Transaction,
  incident: string,
  { after, chain, at, by }: { after: number; chain: CauseChain; at: number; by: string },
): Promise<number | undefined> {
  const rows = await tx.query<{ version: number }>(
    `insert into cause_chain (incident, version, at, by, body) select $1, $2::integer + 1, $3, $4, $5
     where coalesce((select max(version) from cause_chain where incident = $1), 0) = $2::integer
     on conflict (incident, version) do nothing returning version`,
    [incident, after, at, by, JSON.stringify(chain)],
  );
  return rows[0]?.version;
}

/** Writes what a closed incident had as its causes, in place of what stood there; null: it is open again, and counts no more. */
export async function putCauses(tx: Transaction, incident: string, cause: Cause | null, closedAt: number): Promise<void> {
  await tx.query('delete from incident_cause where incident = $1', [incident]);
  if (cause === null) return;
  const rows: [string, string, Confidence][] =
    cause.kind === 'unknown'
      ? [['', 'unknown', 'low']]
      : [
          [cause.cause, 'leading', cause.confidence],
          ...cause.contributing
            .filter((one, i, all) => one !== cause.cause && all.indexOf(one) === i)
            .map((one): [string, string, Confidence] => [one, 'contributing', cause.confidence]),
        ];
  for (const [id, part, confidence] of rows) {
    await tx.query('insert into incident_cause (incident, cause, part, confidence, closed_at) values ($1, $2, $3, $4, $5)', [
      incident,
      id,
      part,
      confidence,
      closedAt,
    ]);
  }
}

/**
 * Closed incidents that are counted for recurrence, the newest: some ten thousand are worked out within a tenth of a second, and causes of years ago
 * say little of what comes back.
 */
const countedMax = 10_000;
/** Preventive measures of one asker; an organisation that has more prevents nothing. */
const preventionsMax = 5_000;

export const limits = [
  { name: 'causes.counted', value: countedMax, unit: 'causes', why: 'The newest of closed incidents, for recurrence: what is older says little of what comes back.' },
  { name: 'causes.preventions', value: preventionsMax, unit: 'measures', why: 'Preventive measures that one asker’s recurrence is held against.' },
]; // oxfmt-ignore

/** The causes of closed incidents that the scope shows, the last closed first, and how many were closed at all and as unknown. */
export async function causedIncidents(tx: Transaction): Promise<{ items: CausedIncident[]; closed: number; unknown: number }> {
  const items = await tx.query<CausedIncident>(
    `select c.incident, i.number, p.organisation, c.cause, c.part, c.confidence, i.from_at as "from", c.closed_at as "closedAt",
       (i.grade->>'floor')::int as level
     from incident_cause c join incident i on i.id = c.incident
     left join incident_participant p on p.incident = c.incident and p.concerned and p.position = 0
     where c.part <> 'unknown' order by c.closed_at desc, c.incident, c.part limit ${countedMax}`,
  );
  const [counts] = await tx.query<{ closed: number; unknown: number }>(
    `select count(distinct incident)::int as closed, (count(*) filter (where part = 'unknown'))::int as unknown from incident_cause`,
  );
  return { items, ...counts! };
}

const columns = 'p.id, p.organisation, p.measure, p.title, p.causes, p.owner, p.state, p.since, p.due_at as "dueAt", p.done_at as "doneAt", p.reason'; // oxfmt-ignore

export type PreventionEvent = { prevention: string; at: number; by: string; state: Prevention['state']; reason: string | null };

/** Writes a new measure and its first event; answers its id. */
export async function addPrevention(tx: Transaction, one: Omit<Prevention, 'id'>, by: string): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `insert into prevention (organisation, measure, title, causes, owner, state, since, due_at, done_at, reason)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id`,
    [
      one.organisation,
      one.measure,
      one.title,
      JSON.stringify(one.causes),
      one.owner,
      one.state,
      one.since,
      one.dueAt,
      one.doneAt,
      one.reason,
    ],
  );
  await addEvent(tx, { ...one, id: row!.id }, by);
  return row!.id;
}

/** Writes its present state, with the event that led to it. */
export async function savePrevention(tx: Transaction, one: Prevention, by: string): Promise<void> {
  await tx.query(
    'update prevention set owner = $2, state = $3, since = $4, due_at = $5, done_at = $6, reason = $7 where id = $1',
    [one.id, one.owner, one.state, one.since, one.dueAt, one.doneAt, one.reason],
  );
  await addEvent(tx, one, by);
}

async function addEvent(tx: Transaction, one: Prevention, by: string): Promise<void> {
  await tx.query(
    'insert into prevention_event (prevention, organisation, at, by, state, reason) values ($1, $2, $3, $4, $5, $6)',
    [one.id, one.organisation, one.since, by, one.state, one.reason],
  );
}

export async function findPrevention(tx: Transaction, id: string): Promise<Prevention | undefined> {
  const [row] = await tx.query<Prevention>(`select ${columns} from prevention p where p.id = $1`, [id]);
  return row;
}

/** The same for who changes it: two changes do not begin from one state. */
export async function lockPrevention(tx: Transaction, id: string): Promise<Prevention | undefined> {
  const [row] = await tx.query<Prevention>(`select ${columns} from prevention p where p.id = $1 for update`, [id]);
  return row;
}

/** What is still to be done first, then what is done and dropped; the last changed first. */
export async function listPreventions(
  tx: Transaction,
  asked: PageAsked & { state?: Prevention['state'] | undefined },
): Promise<Page<Prevention>> {
  const where = new Conditions();
  const after = positionOf(asked.cursor);
  if (after) where.and('(p.since, p.id) < (?::double precision, ?)', after[0], after[1]);
  if (asked.state !== undefined) where.and('p.state = ?', asked.state);
  const rows = await tx.query<Prevention>(
    `select ${columns} from prevention p ${where.sql} order by p.since desc, p.id desc limit ${where.value(asked.limit + 1)}`,
    where.parameters,
  );
  return pageOf(rows, asked.limit, (row) => [row.since, row.id], (row) => row); // oxfmt-ignore
}

/** All that the scope shows, for counting. */
export function allPreventions(tx: Transaction): Promise<Pick<Prevention, 'id' | 'measure' | 'causes' | 'state'>[]> {
  return tx.query(`select id, measure, causes, state from prevention order by since desc, id desc limit ${preventionsMax}`);
}

export async function preventionEvents(tx: Transaction, ids: readonly string[]): Promise<Map<string, PreventionEvent[]>> {
  const rows = await tx.query<PreventionEvent>(
    'select prevention, at, by, state, reason from prevention_event where prevention = any($1) order by id',
    [ids],
  );
  const byId = new Map<string, PreventionEvent[]>(ids.map((id) => [id, []]));
  for (const row of rows) byId.get(row.prevention)!.push(row);
  return byId;
}
