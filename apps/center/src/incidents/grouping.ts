/**
 * The grouping of an incident's findings, and what people decide about it: taking findings out and putting them in, splitting, merging. Each with a
 * reason, each undone by its opposite, and grouping by itself keeps to it.
 */

import { formatInstant } from '@forewarn/base/time';
import { courseOf } from '@forewarn/detect/candidates/course';
import { harmOf, signsOf } from '@forewarn/detect/candidates/weigh';
import { IncidentView } from '@forewarn/model/api';
import { findingStage } from '@forewarn/model/finding';
import { GroupingAsked, GroupingView } from '@forewarn/model/grouping';
import { harmOf as harmOfFacts } from '@forewarn/assess/stage';
import { factsOf } from '@forewarn/store/resources/facts';
import { findFindings } from '@forewarn/store/resources/findings';
import {
  addGroupingDecision,
  containedSince,
  findingIdsOf,
  groupingDecisionsOf,
  placeFindings,
  redirectCandidate,
  removeFindings,
  takenOut,
} from '@forewarn/store/resources/grouping';
import { findIncident, lockIncident } from '@forewarn/store/resources/incidents';
import { findingView } from '../api/findings.ts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import type { Principal } from '../ports.ts';
import { denied, found, invalid, notFound } from '../refusals.ts';
import { actOn, type IncidentAct } from './acts.ts';
import { assess, factsNow } from './assessment.ts';
import { describe, retractLosses } from './describe.ts';
import { addByHand, noteOf, openTitled } from './open.ts';

/** Findings that are looked at for one page; as many as a candidate may have. */
const findingsMax = 10_000;

/** Signs that are listed; with more, somebody narrows the incident before reading on. */
const signsMax = 500;

const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const;

export const oneGrouping = route({
  method: 'get',
  path: '/incidents/{id}/grouping',
  access: 'incidents:read',
  summary: 'The different signs of an incident, the course of the attack, and what people decided about the grouping.',
  params: Id,
  answer: GroupingView,
  async handle({ center, principal, scope, params }) {
    const index = await center.estate.index();
    return center.database.scoped(scope, async (tx) => {
      const incident = found(await findIncident(tx, params.id));
      const ids = await findingIdsOf(tx, incident.id);
      const findings = await findFindings(tx, ids.slice(0, findingsMax));
      const harm = harmOfFacts(factsNow(await factsOf(tx, incident.id)));
      const times = {
        harmAt: (harm.kind === 'known' ? harm.from : null) ?? harmOf(findings),
        containedAt: await containedSince(tx, incident.id),
      };
      const signs = signsOf(findings);
      const decisions = await groupingDecisionsOf(tx, incident.id);
      const out = await takenOut(tx, [
        ...new Set(decisions.filter(({ act }) => act === 'take-out').flatMap((decision) => decision.findings)),
      ]);
      return {
        signs: signs.slice(0, signsMax).map(({ rule, source, findings: same }) => {
          const newest = same.reduce((a, b) => (b.to > a.to ? b : a));
          const first = Math.min(...same.map(({ from }) => from));
          const shown = findingView(found(findings.find(({ id }) => id === newest.id)), index, principal);
          const loss = same.find((one) => one.harm !== null)?.harm ?? null;
          return {
            rule,
            source,
            level: same.reduce((a, b) => (levels.indexOf(b.level) > levels.indexOf(a.level) ? b : a)).level,
            tactic: [...new Set(same.flatMap(({ tactic }) => tactic))],
            technique: [...new Set(same.flatMap(({ technique }) => technique))],
            from: formatInstant(first),
            to: formatInstant(newest.to),
            stage: findingStage({ from: first, to: newest.to, harm: loss }, times),
            explanation: shown.explanation,
            findings: same.map(({ id }) => id),
            records: same.reduce((sum, one) => sum + one.recordCount, 0),
          };
        }),
        course: courseOf(findings, center.grouping).map((step) => ({ ...step, at: formatInstant(step.at) })),
        taken: (await findFindings(tx, out)).map((finding) => findingView(finding, index, principal)),
        decisions: decisions.map(({ id, at, by, act, reason, findings: of, other, otherNumber }) => ({
          id,
          at: formatInstant(at),
          by,
          act,
          reason,
          findings: of.length,
          other: other === null || otherNumber === null ? null : { id: other, number: otherNumber },
        })),
        more: ids.length > findings.length || signs.length > signsMax,
      };
    });
  },
});

export const decideGrouping = route({
  method: 'post',
  path: '/incidents/{id}/grouping',
  access: 'incidents:write',
  summary: 'Takes findings out of an incident, puts some in, splits it, or merges it into another.',
  params: Id,
  body: GroupingAsked,
  answer: IncidentView,
  async handle({ center, principal, scope, params, body }) {
    // What the doer cannot see is, to the doer, not there.
    await center.database.scoped(scope, async (tx) => {
      found(await findIncident(tx, params.id));
      if (body.act === 'merge') found(await findIncident(tx, body.into));
      else if ((await findFindings(tx, body.findings)).length !== new Set(body.findings).size) throw notFound();
    });
    return actOn(center, principal, params.id, async (doing) => {
      mayGroup(principal, doing.incident.lead.organisation);
      if (body.act === 'take-out') await takeOut(doing, body);
      else if (body.act === 'put-in') await putIn(doing, body);
      else if (body.act === 'split') await split(doing, body);
      else await merge(doing, body);
    });
  },
});

function mayGroup({ centre, organisation }: Principal, lead: string): void {
  if (!centre && lead !== organisation) throw denied('The centre and the lead say which findings belong to an incident.');
}

type Asked<Act extends GroupingAsked['act']> = Extract<GroupingAsked, { act: Act }>;

/** Findings of these that are in the incident; a refusal when one is not. */
async function members({ tx, incident }: IncidentAct, findings: readonly string[]): Promise<string[]> {
  const own = new Set(await findingIdsOf(tx, incident.id));
  const asked = [...new Set(findings)];
  if (asked.some((id) => !own.has(id))) throw invalid('findings', 'A finding is not in this incident.', 'Load the page again.');
  return asked;
}

async function takeOut(doing: IncidentAct, { findings, reason }: Asked<'take-out'>): Promise<void> {
  const { tx, at, incident, principal } = doing;
  const ids = await members(doing, findings);
  await removeFindings(tx, incident.id, ids);
  await placeFindings(tx, ids, null, at);
  const decision = { at, by: principal.account, act: 'take-out', reason, findings: ids, other: null } as const;
  await addGroupingDecision(tx, incident.id, decision);
  await noteOf(doing, incident.id)('note', { text: 'center.grouping.taken-out', values: { count: ids.length, reason } });
  await tellAnew(doing, 'incident.take-out', { findings: ids.length, reason });
}

async function putIn(doing: IncidentAct, { findings, reason }: Asked<'put-in'>): Promise<void> {
  const { tx, at, incident, index, principal } = doing;
  const ids = [...new Set(findings)];
  const elsewhere = (await findFindings(tx, ids)).find((one) => one.incident !== null && one.incident !== incident.id);
  if (elsewhere) throw invalid('findings', 'A finding is in another incident.', 'Take it out there first.');
  await placeFindings(tx, ids, incident.id, at);
  await addByHand(doing, index, incident, ids);
  const decision = { at, by: principal.account, act: 'put-in', reason, findings: ids, other: null } as const;
  await addGroupingDecision(tx, incident.id, decision);
  await noteOf(doing, incident.id)('note', { text: 'center.grouping.put-in', values: { count: ids.length, reason } });
  await tellAnew(doing, 'incident.put-in', { findings: ids.length, reason });
}

async function split(doing: IncidentAct, { findings, reason, title }: Asked<'split'>): Promise<void> {
  const { tx, at, incident, index, principal } = doing;
  const ids = await members(doing, findings);
  await removeFindings(tx, incident.id, ids);
  const organisations = principal.centre ? [] : [principal.organisation];
  const part = await openTitled(doing, index, { title, findings: [], organisations });
  await placeFindings(tx, ids, part.id, at);
  await addByHand(doing, index, part, ids);
  const told = await assess(doing, index, await describe(doing, part));
  const decision = { at, by: principal.account, reason, findings: ids };
  await addGroupingDecision(tx, incident.id, { ...decision, act: 'split', other: part.id });
  await addGroupingDecision(tx, part.id, { ...decision, act: 'split-off', other: incident.id });
  const note = (text: string, number: string) => ({ text, values: { count: ids.length, number, reason } });
  await noteOf(doing, incident.id)('note', note('center.grouping.split', told.number), part.id);
  await noteOf(doing, part.id)('note', note('center.grouping.split-off', incident.number), incident.id);
  await tellAnew(doing, 'incident.split', { findings: ids.length, into: told.number, reason });
}

async function merge(doing: IncidentAct, { into, reason }: Asked<'merge'>): Promise<void> {
  const { tx, at, incident, index, principal } = doing;
  if (into === incident.id) throw invalid('into', 'An incident cannot be merged into itself.');
  const other = found(await lockIncident(tx, into));
  mayGroup(principal, other.lead.organisation);
  if (other.state === 'closed') throw invalid('into', 'That incident is closed.', 'Open it again first.');
  const ids = await findingIdsOf(tx, incident.id);
  await removeFindings(tx, incident.id, ids);
  await placeFindings(tx, ids, other.id, at);
  if (incident.candidate !== null) await redirectCandidate(tx, incident.candidate, other.id, at);
  await addByHand(doing, index, other, ids);
  const hosts = [...new Set([...other.hosts, ...incident.hosts])];
  await assess(doing, index, await describe(doing, { ...other, hosts }));
  const decision = { at, by: principal.account, reason, findings: ids };
  await addGroupingDecision(tx, incident.id, { ...decision, act: 'merge', other: other.id });
  await addGroupingDecision(tx, other.id, { ...decision, act: 'merged', other: incident.id });
  const note = (text: string, number: string) => ({ text, values: { count: ids.length, number, reason } });
  await noteOf(doing, incident.id)('note', note('center.grouping.merge', other.number), other.id);
  await noteOf(doing, other.id)('note', note('center.grouping.merged', incident.number), incident.id);
  await noteOf(doing, incident.id)('state', { text: 'center.incident.closed', values: { reason } }, 'closed');
  // What it was about is known from now on under the other's number.
  const cause = { kind: 'unknown' as const, reason: `${other.number}: ${reason}` };
  await assess(doing, index, { ...incident, state: 'closed', cause });
  doing.changed('incident', other.id, { incident: other.id });
  doing.audit('incident.merge', `incident/${incident.number}`, { into: other.number, findings: ids.length, reason });
}

/** The incident is told anew of the findings that it has now. */
async function tellAnew(doing: IncidentAct, action: string, detail: { [name: string]: string | number }): Promise<void> {
  const { incident, index } = doing;
  await retractLosses(doing, incident.id);
  await assess(doing, index, await describe(doing, incident));
  doing.audit(action, `incident/${incident.number}`, detail);
}
