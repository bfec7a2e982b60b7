/** A group of findings becomes an incident, or more of one: what people decided about grouping comes first. */

import { divide } from '@forewarn/detect/candidates/decisions';
import { weigh } from '@forewarn/detect/candidates/weigh';
import type { IncidentCandidate } from '@forewarn/model/finding';
import type { Transaction } from '@forewarn/store/postgres/database';
import { findFindings, type StoredFinding } from '@forewarn/store/resources/findings';
import { findingIdsOf, incidentOfRedirected, placementsOf } from '@forewarn/store/resources/grouping';
import { findIncident, findIncidentByCandidate, type Incident } from '@forewarn/store/resources/incidents';
import { act } from '../act.ts';
import type { Center } from '../center-parts.ts';
import { insideOf } from './describe.ts';
import { openIncident } from './open.ts';

/**
 * Opens an incident of the group, or adds to those that its findings belong to. What was hidden since the group was proposed opens none; of nothing no
 * incident is opened. A message may come twice: doing it again changes nothing.
 */
export async function deliverCandidate(center: Center, proposed: IncidentCandidate): Promise<void> {
  const candidate = await withoutHidden(center, proposed);
  if (candidate.findings.length === 0) return;
  const seen = await center.database.system(async (tx) => {
    const findings = await findFindings(tx, candidate.findings);
    const placements = await placementsOf(tx, candidate.findings);
    const redirected = await incidentOfRedirected(tx, candidate.id);
    const home = await homeOf(tx, candidate, { findings, placements, redirected });
    return { findings, placements, redirected, home, members: new Set(home ? await findingIdsOf(tx, home.id) : []) };
  });
  const { findings, placements, redirected, home, members } = seen;
  if (placements.size === 0 && redirected === undefined) {
    await openIncident(center, { ...candidate, id: home?.candidate ?? candidate.id });
    return;
  }
  const divided = divide(findings, { placements, home: home?.id, members });
  for (const [incident, ids] of divided.others) await openIncident(center, { ...candidate, findings: ids }, undefined, incident);
  if (divided.home.length === 0) return;
  const rest = { ...candidate, findings: divided.home };
  if (home) {
    await openIncident(center, rest, undefined, home.id);
    return;
  }
  // What people left of a group that was never opened must be worth an incident by itself.
  const left = findings.filter(({ id }) => divided.home.includes(id));
  const weighed = await act(center, null, async (acting) =>
    weigh(left, new Set(candidate.hosts), center.grouping, await insideOf(acting, left)),
  );
  if (weighed.weight >= center.grouping.threshold) await openIncident(center, { ...rest, ...weighed });
}

/**
 * The incident of the group. After a restart a group may have lost its beginning, and with it its id; the findings that nobody moved still
 * belong to the incident that was opened from it.
 */
async function homeOf(
  tx: Transaction,
  candidate: IncidentCandidate,
  {
    findings,
    placements,
    redirected,
  }: { findings: readonly StoredFinding[]; placements: ReadonlyMap<string, string | null>; redirected: string | undefined },
): Promise<Incident | undefined> {
  if (redirected !== undefined) return findIncident(tx, redirected);
  const own = await findIncidentByCandidate(tx, candidate.id);
  if (own) return own;
  for (const id of new Set(findings.filter((one) => !placements.has(one.id)).flatMap(({ incident }) => incident ?? []))) {
    const incident = await findIncident(tx, id);
    if (incident?.candidate) return incident;
  }
  return undefined;
}

/** Findings that a rule of somebody hides since, and that are in no incident, are no reason for one. */
async function withoutHidden(center: Center, candidate: IncidentCandidate): Promise<IncidentCandidate> {
  const known = await center.database.system((tx) => findFindings(tx, candidate.findings));
  if (known.some(({ incident }) => incident !== null)) return candidate;
  const hidden = new Set(known.flatMap(({ id, hiddenBy }) => (hiddenBy === null ? [] : [id])));
  return hidden.size === 0 ? candidate : { ...candidate, findings: candidate.findings.filter((id) => !hidden.has(id)) };
}
