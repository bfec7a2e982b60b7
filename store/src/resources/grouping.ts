/** What people decided about grouping: the decisions, where findings were put, and whose incident a group's findings go to. */

import type { Transaction } from '../postgres/database.ts';

export type GroupingAct = 'take-out' | 'put-in' | 'split' | 'split-off' | 'merge' | 'merged';

export type GroupingDecision = {
  at: number;
  by: string;
  act: GroupingAct;
  reason: string;
  findings: readonly string[];
  /** The incident on the other side of a split or a merge. */
  other: string | null;
};

export async function addGroupingDecision(tx: Transaction, incident: string, one: GroupingDecision): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `insert into grouping_decision (incident, at, by, act, reason, findings, other) values ($1, $2, $3, $4, $5, $6, $7) returning id`,
    [incident, one.at, one.by, one.act, one.reason, JSON.stringify(one.findings), one.other],
  );
  return row!.id;
}

/** Decisions that one page shows; an incident on which people disagreed more often has its timeline. */
const decisionsMax = 200;

/** Of an incident, the newest first; the number of the other incident as far as the scope shows it. */
export function groupingDecisionsOf(
  tx: Transaction,
  incident: string,
): Promise<(GroupingDecision & { id: string; otherNumber: string | null })[]> {
  return tx.query(
    `select d.id, d.at, d.by, d.act, d.reason, d.findings, i.id as other, i.number as "otherNumber"
     from grouping_decision d left join incident i on i.id = d.other
     where d.incident = $1 order by d.at desc, d.id desc limit ${decisionsMax}`,
    [incident],
  );
}

/** Puts findings into an incident, or into none, so that grouping by itself leaves them there. */
export async function placeFindings(
  tx: Transaction,
  findings: readonly string[],
  incident: string | null,
  at: number,
): Promise<void> {
  await tx.query(
    `insert into finding_placement (finding, incident, at) select f, $2, $3 from unnest($1::text[]) f
     on conflict (finding) do update set incident = excluded.incident, at = excluded.at`,
    [findings, incident, at],
  );
}

/** Where people put these findings; those that nobody moved are missing. */
export async function placementsOf(tx: Transaction, findings: readonly string[]): Promise<Map<string, string | null>> {
  const rows = await tx.query<{ finding: string; incident: string | null }>(
    'select finding, incident from finding_placement where finding = any($1)',
    [findings],
  );
  return new Map(rows.map(({ finding, incident }) => [finding, incident]));
}

/** Findings of these that are now in no incident because a person took them out. */
export async function takenOut(tx: Transaction, findings: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ finding: string }>(
    'select finding from finding_placement where finding = any($1) and incident is null',
    [findings],
  );
  return rows.map(({ finding }) => finding);
}

/** Unties findings from an incident; says which were tied to it. */
export async function removeFindings(tx: Transaction, incident: string, findings: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ finding: string }>(
    'delete from incident_finding where incident = $1 and finding = any($2) returning finding',
    [incident, findings],
  );
  return rows.map(({ finding }) => finding);
}

/** Ids of an incident's findings, as far as the scope shows them. */
export async function findingIdsOf(tx: Transaction, incident: string): Promise<string[]> {
  const rows = await tx.query<{ finding: string }>('select finding from incident_finding where incident = $1 order by finding', [
    incident,
  ]);
  return rows.map(({ finding }) => finding);
}

/** From now on the findings of the group go to this incident. */
export async function redirectCandidate(tx: Transaction, candidate: string, incident: string, at: number): Promise<void> {
  await tx.query(
    `insert into candidate_incident (candidate, incident, at) values ($1, $2, $3)
     on conflict (candidate) do update set incident = excluded.incident, at = excluded.at`,
    [candidate, incident, at],
  );
  // Groups that were sent to an incident which is merged now go on to the one it became part of.
  await tx.query(`update candidate_incident set incident = $2 where incident in (select id from incident where candidate = $1)`, [
    candidate,
    incident,
  ]);
}

export async function incidentOfRedirected(tx: Transaction, candidate: string): Promise<string | undefined> {
  const [row] = await tx.query<{ incident: string }>('select incident from candidate_incident where candidate = $1', [candidate]);
  return row?.incident;
}

/** Since when the incident is contained, by its own timeline; null while it is open. */
export async function containedSince(tx: Transaction, incident: string): Promise<number | null> {
  const [row] = await tx.query<{ at: number | null }>(
    `select min(t.at) as at from timeline t join incident i on i.id = t.incident
     where t.incident = $1 and i.state <> 'open' and t.kind = 'state' and t.reference in ('contained', 'closed')
       and t.at > coalesce((select max(o.at) from timeline o where o.incident = $1 and o.kind = 'state' and o.reference = 'open'), 0)`,
    [incident],
  );
  return row?.at ?? null;
}
