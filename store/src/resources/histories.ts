/**
 * The histories of an incident that are lists of a model's events: what happened, responsibilities, tasks, decisions,
 * the timeline. Written once each; the present state follows from them in `respond`.
 */

import type { TimelineEntry } from '@forewarn/model/api';
import type { IncidentEvent } from '@forewarn/model/duty';
import type { Decision, ResponsibilityEvent, TaskEvent } from '@forewarn/model/response';
import type { Words } from '@forewarn/model/text';
import type { Transaction } from '../postgres/database.ts';

export type RecordedEvent = IncidentEvent & { id: string; enteredAt: number; recordedBy: string; organisation: string };

export async function addEvent(
  tx: Transaction,
  incident: string,
  {
    event,
    enteredAt,
    recordedBy,
    organisation,
  }: { event: IncidentEvent; enteredAt: number; recordedBy: string; organisation: string },
): Promise<void> {
  await tx.query(
    'insert into incident_event (incident, event, at, entered_at, by, organisation, body) values ($1, $2, $3, $4, $5, $6, $7)',
    [incident, event.event, event.at, enteredAt, recordedBy, organisation, JSON.stringify(event)],
  );
}

export async function eventsOf(tx: Transaction, incident: string): Promise<RecordedEvent[]> {
  const rows = await tx.query<{ id: string; enteredAt: number; by: string; organisation: string; body: IncidentEvent }>(
    `select id, entered_at as "enteredAt", by, organisation, body from incident_event where incident = $1 order by at, id`,
    [incident],
  );
  return rows.map(({ body, by, ...row }) => ({ ...body, ...row, recordedBy: by }));
}

export async function addResponsibility(tx: Transaction, incident: string, event: ResponsibilityEvent): Promise<void> {
  await tx.query('insert into responsibility_event (incident, at, body) values ($1, $2, $3)', [
    incident,
    event.at,
    JSON.stringify(event),
  ]);
}

/** In the order they were written, which is the order in which they took effect. */
export async function responsibilitiesOf(tx: Transaction, incident: string): Promise<ResponsibilityEvent[]> {
  const rows = await tx.query<{ body: ResponsibilityEvent }>(
    'select body from responsibility_event where incident = $1 order by id',
    [incident],
  );
  return rows.map(({ body }) => body);
}

export type TaskHistory = { id: string; organisation: string; createdAt: number; by: string; events: TaskEvent[] };

export async function addTask(
  tx: Transaction,
  incident: string,
  task: { organisation: string; createdAt: number; by: string },
): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    'insert into task (incident, organisation, created_at, by) values ($1, $2, $3, $4) returning id',
    [incident, task.organisation, task.createdAt, task.by],
  );
  return row!.id;
}

export async function addTaskEvent(
  tx: Transaction,
  { incident, task }: { incident: string; task: string },
  event: TaskEvent,
): Promise<void> {
  await tx.query('insert into task_event (incident, task, at, body) values ($1, $2, $3, $4)', [
    incident,
    task,
    event.at,
    JSON.stringify(event),
  ]);
}

export async function tasksOf(tx: Transaction, incident: string): Promise<TaskHistory[]> {
  const tasks = await tx.query<Omit<TaskHistory, 'events'>>(
    `select id, organisation, created_at as "createdAt", by from task where incident = $1 order by created_at, id`,
    [incident],
  );
  const events = await tx.query<{ task: string; body: TaskEvent }>(
    'select task, body from task_event where incident = $1 order by id',
    [incident],
  );
  return tasks.map((task) => ({ ...task, events: events.filter((event) => event.task === task.id).map(({ body }) => body) }));
}

export async function addDecision(tx: Transaction, incident: string, decision: Decision): Promise<string> {
  const [row] = await tx.query<{ id: string }>('insert into decision (incident, at, body) values ($1, $2, $3) returning id', [
    incident,
    decision.at,
    JSON.stringify(decision),
  ]);
  return row!.id;
}

export async function decisionsOf(tx: Transaction, incident: string): Promise<(Decision & { id: string })[]> {
  const rows = await tx.query<{ id: string; body: Decision }>(
    'select id, body from decision where incident = $1 order by at, id',
    [incident],
  );
  return rows.map(({ id, body }) => ({ ...body, id }));
}

export type TimelineRow = {
  at: number;
  enteredAt: number;
  kind: TimelineEntry['kind'];
  text: Words;
  by: string | null;
  reference: string | null;
  /** Whose matter it is; null for what concerns all participants. */
  organisation: string | null;
};

export async function addTimeline(tx: Transaction, incident: string, row: TimelineRow): Promise<void> {
  await tx.query(
    `insert into timeline (incident, at, entered_at, kind, text, by, reference, organisation) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [incident, row.at, row.enteredAt, row.kind, JSON.stringify(row.text), row.by, row.reference, row.organisation],
  );
}

export function timelineOf(tx: Transaction, incident: string): Promise<TimelineRow[]> {
  return tx.query<TimelineRow>(
    `select at, entered_at as "enteredAt", kind, text, by, reference, organisation from timeline where incident = $1 order by at, id`,
    [incident],
  );
}
