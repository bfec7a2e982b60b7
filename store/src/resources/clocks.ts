/** Laws' clocks in incidents: one row a duty and organisation, with the moment its state next changes by itself. */

import type { ClockState, Duty } from '@forewarn/model/duty';
import type { Transaction } from '../postgres/database.ts';

export type Clock = {
  /** Made from incident, organisation, law and duty, so that computing again finds it. */
  id: string;
  incident: string;
  organisation: string;
  state: ClockState;
  /** Seconds; null while nothing changes by the passing of time alone. */
  nextAt: number | null;
  duty: Duty;
};

/** Writes a clock's present state. */
export async function putClock(tx: Transaction, clock: Clock): Promise<void> {
  await tx.query(
    `insert into clock (id, incident, organisation, law, duty, state, started_at, due_at, next_at, body)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (id) do update set state = excluded.state, started_at = excluded.started_at, due_at = excluded.due_at,
       next_at = excluded.next_at, body = excluded.body`,
    [
      clock.id,
      clock.incident,
      clock.organisation,
      clock.duty.law,
      clock.duty.duty,
      clock.state,
      clock.duty.startedAt,
      clock.duty.dueAt,
      clock.nextAt,
      JSON.stringify(clock.duty),
    ],
  );
}

/** Takes back a clock that never ran. */
export async function dropClock(tx: Transaction, id: string): Promise<void> {
  await tx.query('delete from clock where id = $1 and started_at is null', [id]);
}

const columns = `id, incident, organisation, state, next_at as "nextAt", body as duty`;

/** Clocks of several incidents that the scope shows, the most urgent first. */
export async function clocksOf(tx: Transaction, incidents: readonly string[]): Promise<Map<string, Clock[]>> {
  const rows = await tx.query<Clock>(
    `select ${columns} from clock where incident = any($1) order by due_at nulls last, started_at nulls last, id`,
    [incidents],
  );
  const byIncident = new Map<string, Clock[]>(incidents.map((id) => [id, []]));
  for (const row of rows) byIncident.get(row.incident)!.push(row);
  return byIncident;
}

/** Unmet clocks of incidents that are not closed, the most urgent first. */
export function urgentClocks(tx: Transaction, limit: number): Promise<(Clock & { number: string })[]> {
  return tx.query<Clock & { number: string }>(
    `select c.id, c.incident, c.organisation, c.state, c.next_at as "nextAt", c.body as duty, i.number
     from clock c join incident i on i.id = c.incident
     where i.state <> 'closed' and c.state in ('running', 'due-soon', 'missed') and c.body->'metAt' = 'null'::jsonb
     order by c.due_at nulls last, c.id limit $1`,
    [limit],
  );
}

/** Incidents with a clock that has reached the moment at which its state changes. */
export async function incidentsDue(tx: Transaction, at: number, limit: number): Promise<string[]> {
  const rows = await tx.query<{ incident: string }>(
    'select distinct incident from clock where next_at <= $1 order by incident limit $2',
    [at, limit],
  );
  return rows.map(({ incident }) => incident);
}

/** When the next clock changes by itself; null when none does. */
export async function nextClockAt(tx: Transaction): Promise<number | null> {
  const [row] = await tx.query<{ at: number | null }>('select min(next_at) as at from clock');
  return row!.at;
}
