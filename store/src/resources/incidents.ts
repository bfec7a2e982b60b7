/** Incidents: the head row, who takes part, and lists. Their histories stand beside, one file a noun. */

import type { StageView } from '@forewarn/model/api';
import type { Cause } from '@forewarn/model/cause';
import type { Tlp } from '@forewarn/model/markings';
import type { Words } from '@forewarn/model/text';
import type { Transaction } from '../postgres/database.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

export type IncidentGrade = { scheme: string; floor: number | null; ceiling: number | null; confidence: 'H' | 'M' | 'U' };

export type Incident = {
  id: string;
  number: string;
  candidate: string | null;
  title: Words;
  state: 'open' | 'contained' | 'closed';
  createdAt: number;
  updatedAt: number;
  from: number;
  to: number;
  marking: Tlp;
  hosts: string[];
  techniques: string[];
  reasons: Words[];
  stage: StageView;
  /** Of the leading scheme, newest. */
  grade: IncidentGrade | null;
  lead: { organisation: string; since: number };
  /** What it was closed with; it stays when it is opened again. */
  cause: Cause | null;
  openedBy: string;
};

/** An organisation in an incident: concerned by it (position 0 was hit), or there for its responsibility. */
export type Participant = { organisation: string; concerned: boolean; position: number; reasons: Words[] };

export type IncidentAsked = PageAsked & {
  state?: Incident['state'] | undefined;
  /** The floor of the leading scheme; 0 is ungraded. */
  level?: number | undefined;
  organisation?: string | undefined;
  text?: string | undefined;
};

type Row = Omit<Incident, 'lead'> & { leadOrganisation: string; leadSince: number };

const columns = `i.id, i.number, i.candidate, i.title, i.state, i.created_at as "createdAt", i.updated_at as "updatedAt",
  i.from_at as "from", i.to_at as "to", i.marking, i.hosts, i.techniques, i.reasons, i.stage, i.grade,
  i.lead as "leadOrganisation", i.lead_since as "leadSince", i.cause, i.opened_by as "openedBy"`;

function incident({ leadOrganisation, leadSince, ...row }: Row): Incident {
  return { ...row, lead: { organisation: leadOrganisation, since: leadSince } };
}

/** Writes a new incident; false when one was already opened from the same candidate. */
export async function addIncident(tx: Transaction, one: Incident): Promise<boolean> {
  const rows = await tx.query(
    `insert into incident (id, number, candidate, title, state, created_at, updated_at, from_at, to_at, marking, hosts, techniques,
       reasons, stage, grade, lead, lead_since, cause, opened_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
     on conflict (candidate) do nothing returning id`,
    [
      one.id,
      one.number,
      one.candidate,
      JSON.stringify(one.title),
      one.state,
      one.createdAt,
      one.updatedAt,
      one.from,
      one.to,
      one.marking,
      JSON.stringify(one.hosts),
      JSON.stringify(one.techniques),
      JSON.stringify(one.reasons),
      JSON.stringify(one.stage),
      one.grade && JSON.stringify(one.grade),
      one.lead.organisation,
      one.lead.since,
      one.cause === null ? null : JSON.stringify(one.cause),
      one.openedBy,
    ],
  );
  return rows.length === 1;
}

/** Writes the head's present state; id, number, candidate, birth and opener never change. */
export async function saveIncident(tx: Transaction, one: Incident): Promise<void> {
  await tx.query(
    `update incident set title = $2, state = $3, updated_at = $4, from_at = $5, to_at = $6, marking = $7, hosts = $8, techniques = $9,
       reasons = $10, stage = $11, grade = $12, lead = $13, lead_since = $14, cause = $15 where id = $1`,
    [
      one.id,
      JSON.stringify(one.title),
      one.state,
      one.updatedAt,
      one.from,
      one.to,
      one.marking,
      JSON.stringify(one.hosts),
      JSON.stringify(one.techniques),
      JSON.stringify(one.reasons),
      JSON.stringify(one.stage),
      one.grade && JSON.stringify(one.grade),
      one.lead.organisation,
      one.lead.since,
      one.cause === null ? null : JSON.stringify(one.cause),
    ],
  );
}

export async function findIncident(tx: Transaction, id: string): Promise<Incident | undefined> {
  const [row] = await tx.query<Row>(`select ${columns} from incident i where i.id = $1`, [id]);
  return row && incident(row);
}

/** Which of them the scope shows. */
export async function incidentsSeen(tx: Transaction, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx.query<{ id: string }>('select id from incident where id = any($1)', [ids]);
  return new Set(rows.map(({ id }) => id));
}

export async function findIncidentByCandidate(tx: Transaction, candidate: string): Promise<Incident | undefined> {
  const [row] = await tx.query<Row>(`select ${columns} from incident i where i.candidate = $1`, [candidate]);
  return row && incident(row);
}

/** Locks the head row, so that two services cannot both go on from the same state. */
export async function lockIncident(tx: Transaction, id: string): Promise<Incident | undefined> {
  const [row] = await tx.query<Row>(`select ${columns} from incident i where i.id = $1 for update`, [id]);
  return row && incident(row);
}

export async function listIncidents(tx: Transaction, asked: IncidentAsked): Promise<Page<Incident>> {
  const where = new Conditions();
  const after = positionOf(asked.cursor);
  if (after) where.and('(i.updated_at, i.id) < (?::double precision, ?)', after[0], after[1]);
  if (asked.state !== undefined) where.and('i.state = ?', asked.state);
  if (asked.level !== undefined) where.and(`coalesce((i.grade->>'floor')::int, 0) = ?`, asked.level);
  if (asked.organisation !== undefined) {
    where.and('exists (select from incident_participant p where p.incident = i.id and p.organisation = ?)', asked.organisation);
  }
  if (asked.text !== undefined) {
    // A title names hosts that not every participant is shown; those search it without addresses, and by the hosts of findings they see.
    const seen = `(case when app_centre() or i.lead = app_organisation() then i.title::text
      else regexp_replace(i.title::text, '[0-9A-Fa-f]*[.:][0-9A-Fa-f:.]*', ' ', 'g') end)`;
    where.and(
      `strpos(lower(i.number || ' ' || ${seen} || ' ' || i.techniques::text), lower(?)) > 0
        or exists (select from incident_finding l join finding f on f.id = l.finding where l.incident = i.id and f.source = lower(?))`,
      asked.text,
      asked.text,
    );
  }
  const rows = await tx.query<Row>(
    `select ${columns} from incident i ${where.sql} order by i.updated_at desc, i.id desc limit ${where.value(asked.limit + 1)}`,
    where.parameters,
  );
  return pageOf(rows, asked.limit, (row) => [row.updatedAt, row.id], incident);
}

/** Adds an organisation, or marks one that took part already as concerned. From then on it sees the incident. */
export async function addParticipant(tx: Transaction, incidentId: string, one: Participant): Promise<void> {
  await tx.query(
    `insert into incident_participant (incident, organisation, concerned, position, reasons) values ($1, $2, $3, $4, $5)
     on conflict (incident, organisation) do update set
       concerned = incident_participant.concerned or excluded.concerned,
       reasons = case when excluded.concerned then excluded.reasons else incident_participant.reasons end`,
    [incidentId, one.organisation, one.concerned, one.position, JSON.stringify(one.reasons)],
  );
}

/** Of several incidents, those concerned first in their order, then the others. */
export async function participantsOf(tx: Transaction, incidents: readonly string[]): Promise<Map<string, Participant[]>> {
  const rows = await tx.query<Participant & { incident: string }>(
    `select incident, organisation, concerned, position, reasons from incident_participant where incident = any($1)
     order by concerned desc, position, organisation`,
    [incidents],
  );
  const byIncident = new Map<string, Participant[]>(incidents.map((id) => [id, []]));
  for (const { incident: id, ...participant } of rows) byIncident.get(id)!.push(participant);
  return byIncident;
}

/** Ties findings to an incident, but for those that a person has put elsewhere; says which were not tied to it before. */
export async function addFindings(
  tx: Transaction,
  incidentId: string,
  findings: readonly string[],
  at: number,
): Promise<string[]> {
  const fresh: string[] = [];
  for (const finding of findings) {
    const rows = await tx.query(
      `insert into incident_finding (incident, finding, at) select $1::text, $2::text, $3::double precision
       where not exists (select from finding_placement p where p.finding = $2 and p.incident is distinct from $1)
       on conflict do nothing returning finding`,
      [incidentId, finding, at],
    );
    if (rows.length === 1) fresh.push(finding);
  }
  // What an incident holds is not hidden.
  await tx.query('update finding set hidden_by = null where id = any($1) and hidden_by is not null', [fresh]);
  return fresh;
}

/** The links that findings of incidents were seen on, as far as the scope sees the sensors. */
export async function linksOfIncidents(tx: Transaction, incidents: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await tx.query<{ incident: string; links: string[] }>(
    `select i.incident, array_agg(distinct s.link) as links from incident_finding i
     join finding f on f.id = i.finding join sensor s on s.id = f.sensor
     where i.incident = any($1) and s.link is not null group by i.incident`,
    [incidents],
  );
  return new Map(rows.map((row) => [row.incident, row.links]));
}

/** How many of its findings the scope shows. */
export async function findingCounts(tx: Transaction, incidents: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx.query<{ incident: string; count: number }>(
    'select incident, count(*)::int as count from incident_finding where incident = any($1) group by incident',
    [incidents],
  );
  return new Map(rows.map((row) => [row.incident, row.count]));
}
