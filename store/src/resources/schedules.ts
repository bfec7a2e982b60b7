/** Rows of what runs on a schedule, and decisions about baselines. */

import type { Transaction } from '../postgres/database.ts';

export type ScheduleKind = 'correlation' | 'hunt' | 'baseline';
export type ScheduleKey = { kind: ScheduleKind; rule: string; organisation: string };

export type Schedule = ScheduleKey & {
  title: string;
  everySeconds: number;
  level: string | null;
  owner: string;
  until: number;
  ranAt: number | null;
  rowsRead: number | null;
  bytesRead: number | null;
  seconds: number | null;
  hits: number;
  trouble: { code: string; message: string } | null;
};

/** Of a list: some tens of long rules for each of some hundred organisations. */
const listedMax = 10_000;

const columns = `kind, rule, organisation, title, every_seconds as "everySeconds", level, owner, until, ran_at as "ranAt",
  rows_read as "rowsRead", bytes_read as "bytesRead", seconds, hits, trouble`;

export function listSchedules(tx: Transaction): Promise<Schedule[]> {
  return tx.query<Schedule>(`select ${columns} from schedule order by kind, title, organisation limit ${listedMax}`, []);
}

/** Those whose next part is past, the one that waits longest first. `ranBefore`: of those in trouble, that were not tried since. */
export function schedulesDue(tx: Transaction, at: number, ranBefore: number, limit: number): Promise<Schedule[]> {
  return tx.query<Schedule>(
    `select ${columns} from schedule where until + every_seconds <= $1 and (trouble is null or ran_at is null or ran_at <= $2)
     order by until limit $3`,
    [at, ranBefore, limit],
  );
}

/** Puts a row; of a known one, how often, the title and the level change, and how far it came stays. */
export async function putSchedule(
  tx: Transaction,
  schedule: Pick<Schedule, 'kind' | 'rule' | 'organisation' | 'title' | 'everySeconds' | 'level' | 'owner' | 'until'>,
): Promise<void> {
  const { kind, rule, organisation, title, everySeconds, level, owner, until } = schedule;
  await tx.query(
    `insert into schedule (kind, rule, organisation, title, every_seconds, level, owner, until)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (kind, rule, organisation)
     do update set title = $4, every_seconds = $5, level = $6 where (schedule.title, schedule.every_seconds, schedule.level) is distinct from ($4, $5, $6)`,
    [kind, rule, organisation, title, everySeconds, level, owner, until],
  );
}

/** Moves on from where it was read; false where somebody else did. */
export async function advanceSchedule(
  tx: Transaction,
  { kind, rule, organisation, until }: ScheduleKey & { until: number },
  to: { until: number; at: number; rows: number; bytes: number; seconds: number; hits: number },
): Promise<boolean> {
  const moved = await tx.query(
    `update schedule set until = $5, ran_at = $6, rows_read = $7, bytes_read = $8, seconds = $9, hits = $10, trouble = null
     where kind = $1 and rule = $2 and organisation = $3 and until = $4 returning kind`,
    [kind, rule, organisation, until, to.until, to.at, to.rows, to.bytes, to.seconds, to.hits],
  );
  return moved.length > 0;
}

export async function troubleSchedule(
  tx: Transaction,
  { kind, rule, organisation }: ScheduleKey,
  at: number,
  trouble: { code: string; message: string },
): Promise<void> {
  await tx.query(
    'update schedule set ran_at = $4, trouble = $5::text::jsonb where kind = $1 and rule = $2 and organisation = $3',
    [kind, rule, organisation, at, JSON.stringify(trouble)],
  );
}

/** Removes the rows of a rule or hunt; of all organisations, or those that are not named. */
export async function removeSchedules(tx: Transaction, kind: ScheduleKind, rule: string): Promise<void> {
  await tx.query('delete from schedule where kind = $1 and rule = $2', [kind, rule]);
}

/** The text of a hunt, whoever's it is: for what runs it. */
export async function textOfHunt(tx: Transaction, id: string): Promise<{ name: string; text: string } | undefined> {
  return (await tx.query<{ name: string; text: string }>('select name, text from saved_hunt where id = $1', [id]))[0];
}

export type BaselineDecision = {
  organisation: string;
  subject: string;
  act: 'reset' | 'pin';
  at: number;
  reason: string;
  account: string;
};

export function listBaselineDecisions(tx: Transaction, organisation?: string): Promise<BaselineDecision[]> {
  return tx.query<BaselineDecision>(
    `select organisation, subject, act, at, reason, account from baseline_decision
     where $1::text is null or organisation = $1 order by at desc limit ${listedMax}`,
    [organisation ?? null],
  );
}

/** One decision counts of a subject: the last. */
export async function putBaselineDecision(tx: Transaction, decision: BaselineDecision): Promise<void> {
  const { organisation, subject, act, at, reason, account } = decision;
  await tx.query(
    `insert into baseline_decision (organisation, subject, act, at, reason, account) values ($1, $2, $3, $4, $5, $6)
     on conflict (organisation, subject) do update set act = $3, at = $4, reason = $5, account = $6`,
    [organisation, subject, act, at, reason, account],
  );
}

export async function removeBaselineDecision(tx: Transaction, organisation: string, subject: string): Promise<boolean> {
  const gone = await tx.query('delete from baseline_decision where organisation = $1 and subject = $2 returning subject', [
    organisation,
    subject,
  ]);
  return gone.length > 0;
}
