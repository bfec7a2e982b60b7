/** What the response ratio is made of: incidents with the facts of their harm, and what was done against them, as far as the scope shows. */

import type { Fact } from '@forewarn/model/facts';
import type { TaskEvent } from '@forewarn/model/response';
import type { Transaction } from '../postgres/database.ts';
import type { Incident } from './incidents.ts';

/** Incidents opened in a span of time, the newest first. */
export function incidentsOpened(
  tx: Transaction,
  { from, to, limit }: { from: number; to: number; limit: number },
): Promise<Pick<Incident, 'id' | 'number' | 'title' | 'createdAt'>[]> {
  return tx.query(
    `select id, number, title, created_at as "createdAt" from incident where created_at >= $1 and created_at < $2
     order by created_at desc, id desc limit $3`,
    [from, to, limit],
  );
}

/** The newest statement of each of the facts. */
export function factsStated(
  tx: Transaction,
  incidents: readonly string[],
  facts: readonly string[],
): Promise<(Fact & { incident: string })[]> {
  return tx.query(
    `select distinct on (incident, fact) incident, fact as id, value, source, at, by from fact
     where incident = any($1) and fact = any($2) order by incident, fact, entered_at desc, id desc`,
    [incidents, facts],
  );
}

export type WarnedOf = { incident: string; id: string; number: string; organisation: string; at: number };

/** Whom warnings of incidents reached, and when first. Who may not read a warning's history is told when it was issued. */
export function warnedOf(tx: Transaction, incidents: readonly string[]): Promise<WarnedOf[]> {
  return tx.query<WarnedOf>(
    `select w.incident, w.id, w.number, a.organisation,
       coalesce((select min(e.at) from warning_event e where e.warning = w.id and e.body->>'kind' in ('issue', 'adjust')
           and jsonb_exists(e.body->'audience', a.organisation)),
         case when a.edition = 1 then a.delivered_at else w.issued_at end) as at
     from warning w join warning_audience a on a.warning = w.id
     where w.incident = any($1) and w.issued_at is not null and a.part = 'warned' order by w.issued_at, w.id, a.organisation`,
    [incidents],
  );
}

export type MeasureTask = { incident: string; id: string; events: TaskEvent[] };

/** Tasks that carry out a protective measure, with their histories. */
export function measureTasks(tx: Transaction, incidents: readonly string[]): Promise<MeasureTask[]> {
  return tx.query<MeasureTask>(
    `select incident, task as id, jsonb_agg(body order by id) as events from task_event where incident = any($1)
     group by incident, task having bool_or(body ? 'measure') order by task`,
    [incidents],
  );
}

export type MeasureDone = {
  incident: string;
  warning: string;
  number: string;
  organisation: string;
  measure: string;
  at: number;
};

/** Measures of warnings of incidents that their addressees have carried out. */
export function measuresDone(tx: Transaction, incidents: readonly string[]): Promise<MeasureDone[]> {
  return tx.query<MeasureDone>(
    `select w.incident, w.id as warning, w.number, d.organisation, d.measure, d.at
     from warning w join warning_done d on d.warning = w.id where w.incident = any($1) order by d.at, d.warning, d.organisation, d.measure`,
    [incidents],
  );
}
