/** Incidents as the API tells them, cut to what the asker may see by the one exit. */

import { formatInstant } from '@forewarn/base/time';
import type { IncidentSummary, IncidentView, ResponsibilityView } from '@forewarn/model/api';
import { responsibilities } from '@forewarn/respond/responsibility';
import { task } from '@forewarn/respond/tasks';
import { projectIncident, projectSummary, sightOf } from '@forewarn/share/projection/incident';
import type { Transaction } from '@forewarn/store/postgres/database';
import { clocksOf } from '@forewarn/store/resources/clocks';
import { factsOf } from '@forewarn/store/resources/facts';
import { newestGrades } from '@forewarn/store/resources/grades';
import { decisionsOf, responsibilitiesOf, tasksOf, timelineOf } from '@forewarn/store/resources/histories';
import { findingCounts, linksOfIncidents, participantsOf, type Incident } from '@forewarn/store/resources/incidents';
import { listWarnings } from '@forewarn/store/resources/warnings';
import type { EstateIndex } from '@forewarn/know/concern';
import type { Center } from '../center-parts.ts';
import { hostsShownTo } from '../estate/shown.ts';
import { weightsOf } from '../links/weights.ts';
import type { Principal } from '../ports.ts';
import { clockView, factName, gradeView, plainValue, unitOf } from './grade-view.ts';

/** Warnings that one incident gave rise to; a page lists them by number. */
const warningsMax = 100;

type Asker = Pick<Principal, 'organisation' | 'centre'>;

/** The estate's index is read before the transaction, because nothing but queries may be awaited in one. */
export async function summaries(
  tx: Transaction,
  center: Center,
  index: EstateIndex,
  asker: Asker,
  incidents: readonly Incident[],
): Promise<IncidentSummary[]> {
  const ids = incidents.map(({ id }) => id);
  const participants = await participantsOf(tx, ids);
  const counts = await findingCounts(tx, ids);
  const clocks = await clocksOf(tx, ids);
  const links = await linksOfIncidents(tx, ids);
  const weights = await weightsOf(tx, await center.estate.weightsNow(), [...new Set([...links.values()].flat())]);
  return incidents.map((incident) => {
    const concerned = participants.get(incident.id)!.filter((one) => one.concerned);
    const summary: IncidentSummary = {
      id: incident.id,
      number: incident.number,
      title: incident.title,
      state: incident.state,
      createdAt: formatInstant(incident.createdAt),
      updatedAt: formatInstant(incident.updatedAt),
      from: formatInstant(incident.from),
      to: formatInstant(incident.to),
      organisations: concerned.map(({ organisation }) => organisation),
      marking: incident.marking,
      findings: counts.get(incident.id) ?? 0,
      techniques: incident.techniques,
      grade: incident.grade,
      stage: incident.stage,
      lead: { organisation: incident.lead.organisation, since: formatInstant(incident.lead.since) },
      clocks: clocks.get(incident.id)!.map((clock) => clockView(clock, center.content)),
      weight: heaviest(links.get(incident.id) ?? [], weights),
    };
    // Lists differ only between the whole and the rest, so the parts need not be read for them.
    const sight = sightOf(asker, summary, []);
    const isConcerned = summary.organisations.includes(asker.organisation);
    return projectSummary(summary, sight, hostsShownTo(index, asker.organisation, isConcerned));
  });
}

const heaviest = (links: readonly string[], weights: ReadonlyMap<string, number>): number | null =>
  links.reduce<number | null>((most, link) => {
    const weight = weights.get(link);
    return weight === undefined || (most !== null && most >= weight) ? most : weight;
  }, null);

export async function incidentView(
  tx: Transaction,
  center: Center,
  index: EstateIndex,
  asker: Asker,
  incident: Incident,
): Promise<IncidentView> {
  // Of the whole first: what is cut is decided once, at the end.
  const whole = { organisation: asker.organisation, centre: true };
  const [summary] = await summaries(tx, center, index, whole, [incident]);
  const grades = await newestGrades(tx, incident.id);
  const facts = await factsOf(tx, incident.id);
  const events = await responsibilitiesOf(tx, incident.id);
  const tasks = await tasksOf(tx, incident.id);
  const decisions = await decisionsOf(tx, incident.id);
  const timeline = await timelineOf(tx, incident.id);
  const warnings = await listWarnings(tx, { limit: warningsMax, incident: incident.id });
  const newest = new Map(facts.map((fact) => [fact.fact, fact.id]));
  const parts: ResponsibilityView[] = responsibilities(events, index.centre?.id ?? 'centre').parts.map((part) => ({
    organisation: part.organisation,
    part: part.part,
    state: part.state,
    since: formatInstant(part.since),
    by: part.by,
    reason: part.reason ?? null,
  }));
  const schemeOrder = center.schemes.map(({ scheme }) => scheme.id);
  const view: IncidentView = {
    ...summary!,
    grades: grades
      .map((grade) => gradeView(grade, center.content))
      .sort((a, b) => schemeOrder.indexOf(a.scheme) - schemeOrder.indexOf(b.scheme)),
    facts: facts.toReversed().map((fact) => {
      const definition = center.content.facts.get(fact.fact);
      return {
        id: fact.id,
        fact: fact.fact,
        name: factName(definition, fact.fact),
        unit: unitOf(definition),
        value: plainValue(fact.value, definition),
        source: fact.source,
        by: fact.by,
        at: formatInstant(fact.at),
        superseded: newest.get(fact.fact) !== fact.id,
        derived: fact.derived,
      };
    }),
    responsibilities: parts,
    tasks: tasks.map((history) => {
      const state = task(history.events);
      return {
        id: history.id,
        title: state.title,
        organisation: state.organisation,
        state: state.state,
        dueAt: state.dueAt === null ? null : formatInstant(state.dueAt),
        createdAt: formatInstant(history.createdAt),
        doneAt: state.state === 'done' ? formatInstant(state.since) : null,
        by: history.by,
        measure: state.measure !== undefined,
      };
    }),
    decisions: decisions.map((decision) => ({
      id: decision.id,
      at: formatInstant(decision.at),
      question: decision.question,
      options: decision.options,
      chosen: decision.chosen,
      reasons: decision.reasons,
      dissent: decision.dissent.length === 0 ? null : decision.dissent.map(({ text }) => text).join('\n'),
      article: decision.power?.article ?? null,
      by: decision.by,
      organisation: decision.organisation,
    })),
    timeline: timeline.map(({ at, enteredAt, kind, text, by, reference }) => ({
      at: formatInstant(at),
      enteredAt: formatInstant(enteredAt),
      kind,
      text,
      by,
      reference,
    })),
    hosts: incident.hosts,
    reasons: incident.reasons,
    warnings: warnings.items.map(({ id }) => id),
    cause: incident.cause,
  };
  const sight = sightOf(asker, view, parts);
  const concerned = view.organisations.includes(asker.organisation);
  return projectIncident(view, asker, sight, hostsShownTo(index, asker.organisation, concerned));
}
