/**
 * What follows from what is recorded of an incident: its grades by every scheme, its stage, its clocks. Run in the transaction of
 * every act that could change them; running it again with nothing new changes nothing.
 */

import { formatInstant } from '@forewarn/base/time';
import { grade } from '@forewarn/assess/grade';
import { harmOf, stageOf } from '@forewarn/assess/stage';
import type { EstateIndex } from '@forewarn/know/concern';
import type { StageView } from '@forewarn/model/api';
import type { Facts } from '@forewarn/model/facts';
import type { Grade } from '@forewarn/model/grade';
import type { Words } from '@forewarn/model/text';
import { factsOf } from '@forewarn/store/resources/facts';
import { addGrade, newestGrades } from '@forewarn/store/resources/grades';
import { addEvent, addTimeline, eventsOf } from '@forewarn/store/resources/histories';
import { participantsOf, saveIncident, type Incident } from '@forewarn/store/resources/incidents';
import type { FactStatement } from '@forewarn/store/resources/facts';
import { touchCampaigns } from '@forewarn/store/resources/campaigns';
import { systemAccount, type Acting } from '../act.ts';
import { digestOf, tableInForce, withTable } from '../grading/table.ts';
import { leadingScheme } from '../schemes.ts';
import { windClocks } from './clocks.ts';

/** The newest statement of each fact counts; the older ones stay in the record. */
export function factsNow(statements: readonly FactStatement[]): Facts {
  return Object.fromEntries(
    statements.map(({ fact, value, source, at, by }) => [fact, { id: fact, value, source, at, by }] as const),
  );
}

/** Assesses anew and writes the head row. `incident` carries the changes of the act; the result is what was written. */
export async function assess(acting: Acting, index: EstateIndex, incident: Incident, touched = true): Promise<Incident> {
  const { tx, center, at } = acting;
  const { facts } = withTable(await tableInForce(tx, center), factsNow(await factsOf(tx, incident.id)));
  const before = new Map((await newestGrades(tx, incident.id)).map((one) => [one.grade.scheme, one]));
  const grades = new Map<string, Grade>();
  const sealed: { [scheme: string]: { version: string; floor: number | null; ceiling: number | null; digest: string } } = {};
  for (const compiled of center.schemes) {
    const next = grade(compiled, facts);
    const { grade: last, digest: sealedBefore } = before.get(next.scheme) ?? {};
    grades.set(next.scheme, next);
    // By their digests: the database gives an object's keys back in another order.
    const digest = digestOf(next);
    if (digest === sealedBefore) continue;
    await addGrade(tx, incident.id, { at, grade: next, digest });
    sealed[next.scheme] = { version: next.version, floor: next.floor, ceiling: next.ceiling, digest };
    if (last && last.floor === next.floor && last.ceiling === next.ceiling) continue;
    await recordGrade(acting, incident.id, next, last === undefined);
  }
  // The chain of the audit seals every grade: one entry for all that an act changed.
  if (Object.keys(sealed).length > 0) {
    acting.audit('incident.graded', `incident/${incident.number}`, { grades: sealed });
    await touchCampaigns(tx, incident.id);
  }
  const concerned = (await participantsOf(tx, [incident.id])).get(incident.id)!.filter((one) => one.concerned);
  const events = await eventsOf(tx, incident.id);
  await windClocks(
    acting,
    index,
    { id: incident.id, concerned: concerned.map((one) => one.organisation) },
    { facts, grades, events },
  );
  const leading = grades.get(center.schemes[0]!.scheme.id)!;
  const assessed: Incident = {
    ...incident,
    stage: stageView(facts, incident, at),
    grade: { scheme: leading.scheme, floor: leading.floor, ceiling: leading.ceiling, confidence: leading.confidence },
    updatedAt: touched ? at : incident.updatedAt,
  };
  await saveIncident(tx, assessed);
  acting.changed('incident', incident.id, { incident: incident.id });
  return assessed;
}

/** A grade that moved is an event: clocks of the law that reads it start or stay by it. */
async function recordGrade({ tx, at, center }: Acting, incident: string, next: Grade, first: boolean): Promise<void> {
  // Clocks are started by events; a scheme that no law reads starts none.
  if ([...center.content.laws.values()].some(({ grading }) => grading === next.scheme)) {
    const { centre } = await center.estate.index();
    await addEvent(tx, incident, {
      event: { event: 'graded', at, level: next.floor, scheme: next.scheme },
      enteredAt: at,
      recordedBy: systemAccount,
      organisation: centre?.id ?? 'centre',
    });
  }
  // That a scheme proves nothing yet is no news, and its residual level is none either but for the scheme that leads; the page
  // shows all of them.
  const proves = next.fired.length > 0 && next.score?.min !== 0;
  if (first && !proves && next.scheme !== leadingScheme) return;
  const level = (number: number | null): Words =>
    number === null ? { text: 'assess.grade.none' } : { text: `grade.${next.scheme}.level.${number}` };
  await addTimeline(tx, incident, {
    at,
    enteredAt: at,
    kind: 'grade',
    text: {
      text: next.floor === next.ceiling ? 'center.grade.exact' : 'center.grade.range',
      values: { scheme: { text: `grade.${next.scheme}` }, floor: level(next.floor), ceiling: level(next.ceiling) },
    },
    by: null,
    reference: next.scheme,
    organisation: null,
  });
}

function stageView(facts: Facts, incident: Incident, at: number): StageView {
  const harm = harmOf(facts);
  const containedAt = incident.state === 'open' ? null : at;
  const { stage, reason } = stageOf({ harm, containedAt, at });
  return {
    stage,
    harmAt:
      harm.kind === 'known' && harm.from !== null
        ? { from: formatInstant(harm.from), to: formatInstant(harm.to ?? harm.from) }
        : null,
    reason,
  };
}
