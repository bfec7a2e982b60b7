/** What the situation index counts, read together for all organisations: the centre's own job asks, in its scope. */

import type { ResponsibilityEvent, TaskEvent } from '@forewarn/model/response';
import type { Transaction } from '../postgres/database.ts';
import type { Incident } from './incidents.ts';
import type { Warning } from './warnings.ts';

/** Findings that nothing hides and nobody has put right, by rule, level and sensor: of organisations whose hosts act or are acted upon. */
export function findingGroups(
  tx: Transaction,
  since: number,
): Promise<{ organisation: string; rule: string; name: string; level: string; sensor: string | null; count: number }[]> {
  return tx.query(
    `select a.organisation, f.rule, max(f.body->'rule'->>'name') as name, f.level, f.sensor, count(distinct f.id)::int as count
     from finding f join finding_access a on a.finding = f.id
     where f.to_at >= $1 and f.hidden_by is null and coalesce(f.verdict, '') not in ('false-positive', 'expected')
       and f.level <> 'informational' and a.part <> 'seen'
     group by a.organisation, f.rule, f.level, f.sensor`,
    [since],
  );
}

/** Warnings in force, by addressee. */
export function warningsInForce(
  tx: Transaction,
  at: number,
): Promise<(Pick<Warning, 'id' | 'number' | 'colour'> & { organisation: string; acknowledgedAt: number | null })[]> {
  return tx.query(
    `select w.id, w.number, w.colour, a.organisation, a.acknowledged_at as "acknowledgedAt"
     from warning w join warning_audience a on a.warning = w.id
     where w.issued_at is not null and w.lifted_at is null and a.part = 'warned' and coalesce(w.valid_until, 'infinity') > $1`,
    [at],
  );
}

/** Exposures that nobody has handled, by the network where they are. */
export function exposureGroups(
  tx: Transaction,
  at: number,
): Promise<
  {
    organisation: string;
    network: string | null;
    certainty: 'exposed' | 'possibly';
    floor: string;
    ceiling: string;
    overdue: boolean;
    count: number;
  }[]
> {
  return tx.query(
    `select e.organisation, a.network, e.certainty, e.floor, e.ceiling, coalesce(e.due < $1, false) as overdue, count(*)::int as count
     from exposure e left join asset a on a.id = e.asset where e.remedy is null
     group by e.organisation, a.network, e.certainty, e.floor, e.ceiling, 6`,
    [at],
  );
}

/** Incidents that are not closed; those concerned, or where none is, who leads; and the sensors whose findings they hold. */
export function openIncidents(
  tx: Transaction,
): Promise<(Pick<Incident, 'id' | 'number' | 'state' | 'grade'> & { organisations: string[]; sensors: string[] })[]> {
  return tx.query(
    `select i.id, i.number, i.state, i.grade,
       coalesce((select array_agg(p.organisation order by p.organisation) from incident_participant p where p.incident = i.id and p.concerned),
         array[i.lead]) as organisations,
       coalesce((select array_agg(distinct f.sensor) from incident_finding n join finding f on f.id = n.finding
         where n.incident = i.id and f.sensor is not null), '{}') as sensors
     from incident i where i.state <> 'closed' order by i.number`,
  );
}

/** Unmet clocks of open incidents that are missed or due soon. */
export function pressingClocks(tx: Transaction): Promise<
  {
    id: string;
    incident: string;
    number: string;
    organisation: string;
    law: string;
    duty: string;
    state: 'missed' | 'due-soon';
  }[]
> {
  return tx.query(
    `select c.id, c.incident, i.number, c.organisation, c.law, c.duty, c.state from clock c join incident i on i.id = c.incident
     where i.state <> 'closed' and c.state in ('due-soon', 'missed') and c.body->'metAt' = 'null'::jsonb`,
  );
}

export type IncidentHistory<Event> = { incident: string; number: string; id: string; events: Event[] };

/** Tasks of open incidents that were ever given a time, with their histories. */
export function timedTasks(tx: Transaction): Promise<IncidentHistory<TaskEvent>[]> {
  return tx.query(
    `select e.incident, i.number, e.task as id, jsonb_agg(e.body order by e.id) as events
     from task_event e join incident i on i.id = e.incident where i.state <> 'closed'
     group by e.incident, i.number, e.task having bool_or(e.body ? 'dueAt')`,
  );
}

/** Responsibilities of open incidents. */
export function openResponsibilities(tx: Transaction): Promise<IncidentHistory<ResponsibilityEvent>[]> {
  return tx.query(
    `select e.incident, i.number, e.incident as id, jsonb_agg(e.body order by e.id) as events
     from responsibility_event e join incident i on i.id = e.incident where i.state <> 'closed' group by e.incident, i.number`,
  );
}
