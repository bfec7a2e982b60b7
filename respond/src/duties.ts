/**
 * Duties and their clocks: a law, a grade, facts and recorded events in; who must tell whom, until when, out. Pure: the
 * present is an argument.
 *
 *     found ──────────── 4/5 of the limit ────── due ──────
 *       running                due-soon           │ missed
 *       └ met, when every recipient was reached ──┘ (later: missed, and when it was filed)
 *
 * Nothing is assumed to have happened: a receipt that nobody recorded starts no clock, and a report meets only the
 * duties of whoever made it.
 */

import { parseSpan, type Seconds } from '@forewarn/base/time';
import { evaluate, comparisons, resolve, type Answer } from '@forewarn/model/condition';
import type { ClockState, Duty, IncidentEvent, Law, LawDuty } from '@forewarn/model/duty';
import type { FactCatalogue, Facts } from '@forewarn/model/facts';
import { lowestMark, type Grade } from '@forewarn/model/grade';
import type { Words } from '@forewarn/model/text';

/** When a clock is near its end: four fifths gone, as service desks remind. */
const dueSoonShare = 0.8;

/** What is known of the incident. */
export type DutyContext = {
  /** The grade by the law's scheme; absent when it was not graded, and then every level is still possible. */
  readonly grade?: Pick<Grade, 'floor' | 'ceiling' | 'factsUsed'>;
  readonly facts: Facts;
  /** In any order. */
  readonly events: readonly IncidentEvent[];
  /** The reporter classes that are concerned; empty when not known, and then every class is possible. */
  readonly reporters: readonly string[];
  readonly catalogue: FactCatalogue;
  /** The present. */
  readonly at: Seconds;
};

/** The duties of the law in this incident: those of the reporters, and those of the hops above them. The most urgent first. */
export function duties(law: Law, context: DutyContext): Duty[] {
  // What has not happened yet at the moment that is asked about cannot start or meet anything.
  const events = context.events.filter((event) => event.at <= context.at).sort((a, b) => a.at - b.at);
  const known = context.reporters.length > 0;
  const concerned = law.duties.filter((duty) => !known || duty.reporter.some((reporter) => context.reporters.includes(reporter)));
  for (let grown = known; grown;) {
    const above = law.duties.filter(
      (duty) => !concerned.includes(duty) && duty.after?.some((id) => concerned.some((lower) => lower.id === id)),
    );
    concerned.push(...above);
    grown = above.length > 0;
  }
  const found: Duty[] = [];
  for (const duty of law.duties.filter((each) => concerned.includes(each))) {
    const own = duty.reporter.filter((reporter) => context.reporters.includes(reporter));
    // Where several classes could be meant and none is said, the duty is shown once, with all of them.
    const reporters = own.length > 0 ? own.map((reporter) => [reporter]) : [duty.reporter];
    for (const reporter of reporters) {
      const level = reach(law, duty, context, events);
      if (!level) continue;
      // Whoever the reporter is, this may be somebody else's duty.
      const reached: Reach =
        known || law.reporters.length === 1 ? level : { ...level, applies: 'possible', reporterUnknown: true };
      const triggers = triggersOf(duty, reporter, context, events);
      for (const trigger of triggers.length > 0 ? triggers : [undefined]) {
        found.push(clock(law, duty, reporter, trigger, reached, context, events));
      }
    }
  }
  return found.sort((a, b) => urgency[a.state] - urgency[b.state] || (a.dueAt ?? Infinity) - (b.dueAt ?? Infinity));
}

const urgency: { readonly [state in ClockState]: number } = { missed: 0, 'due-soon': 1, running: 2, waiting: 3, met: 4 };

/** Whether and since when the duty applies. */
type Reach = {
  applies: Duty['applies'];
  /** Not before this moment: when a later grading reached the level, or a condition's fact became known. */
  notBefore: Seconds;
  /** The grading that started it, when a re-grading did. */
  regraded?: IncidentEvent;
  /** A fact that the duty asks for is not known. */
  factUnknown?: boolean;
  /** It is not said whose incident this is. */
  reporterUnknown?: boolean;
  /** The grading that lowered the level again. */
  lowered?: IncidentEvent;
};

function reach(law: Law, duty: LawDuty, context: DutyContext, events: readonly IncidentEvent[]): Reach | undefined {
  const level = reachLevel(law, duty, context, events);
  if (!level || !duty.when) return level;
  const condition = resolve(duty.when, context.catalogue, []);
  const answer: Answer = evaluate(condition, context.facts);
  if (answer === 'no') return undefined;
  if (answer === 'unknown') return { ...level, applies: 'possible', factUnknown: true };
  const since = comparisons(condition).map(({ definition }) => context.facts[definition.id]?.at ?? -Infinity);
  return { ...level, notBefore: Math.max(level.notBefore, ...since) };
}

function reachLevel(law: Law, duty: LawDuty, context: DutyContext, events: readonly IncidentEvent[]): Reach | undefined {
  const { grade } = context;
  const always: Reach = { applies: 'yes', notBefore: -Infinity };
  const from = duty.fromLevel;
  if (from === undefined) return always;
  const reaches = (level: number | null | undefined): boolean => level !== null && level !== undefined && level <= from;
  const gradings = events.filter(
    (event) => event.event === 'graded' && (event.scheme === undefined || event.scheme === law.grading),
  );
  const first = gradings.findIndex((event) => reaches(event.level));
  // An incident that was recorded as lower at first owes the duty since the grading that reached the level; one whose
  // first grading reached it owes it since the event itself.
  const since: Reach = first > 0 ? { ...always, notBefore: gradings[first]!.at, regraded: gradings[first]! } : always;
  if (reaches(grade?.floor)) {
    if (gradings.length === 0 || first >= 0) return since;
    // All recorded gradings are lower, but the facts now prove the level: it stands since the latest of them was known.
    const factsAt = grade!.factsUsed.map((id) => context.facts[id]?.at ?? -Infinity);
    return { applies: 'yes', notBefore: Math.max(gradings.at(-1)!.at, ...factsAt) };
  }
  if (first >= 0) {
    const lowered = gradings.slice(first).find((event) => !reaches(event.level));
    return { ...since, applies: 'was', ...(lowered ? { lowered } : {}) };
  }
  if (!grade || reaches(grade.ceiling)) return { ...always, applies: 'possible' };
  return undefined;
}

/** Whether an event may be that of this reporter class. Unsigned events are the sheet's author's own, never a higher hop's. */
function isBy(event: IncidentEvent, duty: LawDuty, reporter: readonly string[], context: DutyContext): boolean {
  if (event.by !== undefined) return reporter.includes(event.by);
  if (context.reporters.length > 0) return reporter.some((each) => context.reporters.includes(each));
  return duty.after === undefined;
}

/** The events that start the clock: the first that was found or received, the last end of handling, every new development. */
function triggersOf(
  duty: LawDuty,
  reporter: readonly string[],
  context: DutyContext,
  events: readonly IncidentEvent[],
): IncidentEvent[] {
  const named = (event: IncidentEvent): boolean => event.duty === undefined || event.duty === duty.id;
  // Who received is often not written down, because only one can have: the next hop of the reporter.
  const by = (event: IncidentEvent): boolean =>
    event.event === 'received' && event.by === undefined
      ? true
      : event.event === 'found'
        ? event.by === undefined || reporter.includes(event.by)
        : isBy(event, duty, reporter, context);
  const all = events.filter((event) => event.event === duty.startedBy && named(event) && by(event));
  if (duty.startedBy === 'important-change') return all;
  return all.length === 0 ? [] : [duty.startedBy === 'handling-finished' ? all.at(-1)! : all[0]!];
}

function clock(
  law: Law,
  duty: LawDuty,
  reporter: readonly string[],
  trigger: IncidentEvent | undefined,
  reached: Reach,
  context: DutyContext,
  events: readonly IncidentEvent[],
): Duty {
  const limit = duty.within === 'promptly' ? null : parseSpan(duty.within);
  const startedAt = trigger ? Math.max(trigger.at, reached.notBefore) : null;
  const dueAt = startedAt !== null && limit !== null ? startedAt + limit : null;
  const later = reached.regraded && trigger && reached.regraded.at > trigger.at ? reached.regraded : undefined;
  const startedBy = later ?? trigger ?? null;
  const to = duty.to.map((id) => {
    const party = law.recipients.find((recipient) => recipient.id === id)!;
    const report = events.find(
      (event) =>
        event.event === duty.metBy &&
        trigger !== undefined &&
        // A report that names its duty counts from the trigger on; another only from when this clock ran.
        event.at >= (event.duty === duty.id ? trigger.at : startedAt!) &&
        (event.duty === undefined || event.duty === duty.id) &&
        isBy(event, duty, reporter, context) &&
        (event.to === undefined || party.anyRecipient === true || event.to.includes(id)),
    );
    return { id, name: party.name, metAt: report?.at ?? null };
  });
  const metAt = to.every((recipient) => recipient.metAt !== null) ? Math.max(...to.map((recipient) => recipient.metAt!)) : null;
  const state = stateOf({ applies: reached.applies, startedAt, limit, dueAt, metAt, at: context.at });
  const names = reporter.map((id) => law.reporters.find((party) => party.id === id)!.name);
  const item = (id: string): boolean => law.items.find((each) => each.id === id)!.requiredFirst;
  return {
    law: law.id,
    duty: duty.id,
    means: duty.means,
    reporter: reporter.join(' | '),
    reporterName: { en: names.map((name) => name.en).join(' / '), zh: names.map((name) => name.zh).join('／') },
    to,
    applies: reached.applies,
    fromLevel: duty.fromLevel ?? null,
    startedBy,
    startsWith: duty.startedBy,
    startedAt,
    limit,
    dueAt,
    state,
    metAt,
    content: { first: duty.content.filter(item), later: duty.content.filter((id) => !item(id)) },
    article: duty.article,
    confidence: lowestMark(duty.citations.map((citation) => citation.mark)),
    words: explain({ law, duty, reporter, reached, startedBy, state, metAt, dueAt }),
  };
}

/** "a, b or c", as words. */
function anyOf(parts: readonly Words[]): Words {
  return parts.reduce((left, right) => ({ text: 'respond.or', values: { left, right } }));
}

function stateOf(times: {
  applies: Duty['applies'];
  startedAt: Seconds | null;
  limit: number | null;
  dueAt: Seconds | null;
  metAt: Seconds | null;
  at: Seconds;
}): ClockState {
  const { applies, startedAt, limit, dueAt, metAt, at } = times;
  if (startedAt === null) return 'waiting';
  if (metAt !== null) return dueAt !== null && metAt > dueAt ? 'missed' : 'met';
  if (applies === 'possible') return 'waiting';
  if (dueAt === null || limit === null) return 'running';
  if (at > dueAt) return 'missed';
  return at >= startedAt + dueSoonShare * limit ? 'due-soon' : 'running';
}

function explain(told: {
  law: Law;
  duty: LawDuty;
  reporter: readonly string[];
  reached: Reach;
  startedBy: IncidentEvent | null;
  state: ClockState;
  metAt: Seconds | null;
  dueAt: Seconds | null;
}): Words[] {
  const { law, duty, reporter, reached, startedBy, state, metAt, dueAt } = told;
  const words: Words[] = [];
  const event = (kind: string): Words => ({ text: `respond.event.${kind}` });
  if (startedBy === null) words.push({ text: 'respond.duty.waits', values: { event: event(duty.startedBy) } });
  else if (startedBy.event === 'graded') words.push({ text: 'respond.duty.started-by-grading' });
  else words.push({ text: 'respond.duty.started', values: { event: event(startedBy.event) } });
  if (reached.reporterUnknown)
    words.push({
      text: 'respond.duty.possible-reporter',
      values: { reporter: anyOf(reporter.map((id) => ({ text: `law.${law.id}.reporter.${id}` }))) },
    });
  else if (reached.applies === 'possible') {
    if (!reached.factUnknown && duty.fromLevel !== undefined && law.grading)
      words.push({
        text: 'respond.duty.possible-level',
        values: { level: { text: `grade.${law.grading}.level.${duty.fromLevel}` } },
      });
    else words.push({ text: 'respond.duty.possible' });
  }
  if (reached.applies === 'was') words.push({ text: 'respond.duty.stays', values: { reason: reached.lowered?.reason ?? '–' } });
  if (state === 'missed' && metAt !== null && dueAt !== null)
    words.push({ text: 'respond.duty.late', values: { minutes: Math.ceil((metAt - dueAt) / 60) } });
  return words;
}
