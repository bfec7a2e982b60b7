/**
 * Who does not answer is reminded, and whoever oversees them is told; both as the content says. What was sent stands in the store, so that a centre
 * that was stopped sends what is due once. Nothing is ordered by it: it is word of a warning that people have issued.
 */

import { chase, keyOf, type ChaseStep } from '@forewarn/assess/warnings/chasing';
import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import type { EstateIndex } from '@forewarn/know/concern';
import { WarningView } from '@forewarn/model/api';
import type { Words } from '@forewarn/model/text';
import { egress } from '@forewarn/share/egress';
import { addChases, audiencesOf, chasesOf, letOverseerRead, type Chase } from '@forewarn/store/resources/warning-audience';
import { lockWarning, saveWarning, warningsDue, type Warning } from '@forewarn/store/resources/warnings';
import { act, centreScope, type Acting } from '../act.ts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import { queueNotices } from '../notices/queue.ts';
import { itemOf } from './audience.ts';
import { auditDecisions, mayIssue, workOn } from './life.ts';
import { chaseNotices } from './notices.ts';

/** Warnings of one look; the others follow in the next. */
const warningsMax = 50;

/** Steps of one transaction: some half a second, in which others wait. */
const stepsAtOnce = 1_000;

/** Steps that one edition can come to: 20,000 addressees with some reminders and measures each. */
const sentMax = 500_000;

export const limits = [
  { name: 'warnings.chasedAtOnce', value: warningsMax, unit: 'warnings', why: 'Looked at in one go; the others follow with the next look.' },
  { name: 'warnings.stepsAtOnce', value: stepsAtOnce, unit: 'steps', why: 'Sent in one transaction of some half a second; the others follow.' },
  { name: 'warnings.stepsMax', value: sentMax, unit: 'steps', why: 'Reminders and climbs of one edition: 20,000 addressees with some measures each.' },
]; // oxfmt-ignore

/** Chases at every warning that is due. Answers how many steps were sent. */
export async function chaseWarnings(center: Center): Promise<number> {
  const due = await center.database.scoped(await centreScope(center), (tx) =>
    warningsDue(tx, 'chase', center.clock.now(), warningsMax),
  );
  const index = due.length === 0 ? undefined : await center.estate.index();
  let sent = 0;
  for (const id of due) {
    // A transaction each: one that fails does not take back what others were told.
    for (let some = stepsAtOnce; some === stepsAtOnce;) {
      some = await act(center, null, async (acting) => {
        const warning = await lockWarning(acting.tx, id);
        return warning && index ? chaseOne(acting, index, warning) : 0;
      });
      sent += some;
    }
  }
  return sent;
}

type Step = ChaseStep & { organisation: string; recipient: string; reasons: readonly Words[] };

async function chaseOne(acting: Acting, index: EstateIndex, warning: Warning): Promise<number> {
  const { tx, at, center } = acting;
  if (warning.state !== 'issued' && warning.state !== 'adjusted') {
    await saveWarning(tx, { ...warning, chaseAt: null });
    return 0;
  }
  const { edition } = warning;
  const before = Map.groupBy(await chasesOf(tx, warning.id, { edition, limit: sentMax }), ({ organisation }) => organisation);
  const about = { colour: warning.colour, measures: warning.body.measures, validUntil: warning.validUntil };
  const steps: Step[] = [];
  let nextAt: number | null = null;
  for (const one of (await audiencesOf(tx, [warning.id])).get(warning.id)!) {
    if (one.part !== 'warned') continue;
    const { due, nextAt: next } = chase(
      about,
      {
        deliveredAt: one.deliveredAt,
        acknowledged: one.acknowledgedAt !== null,
        done: new Set(one.done.map(({ measure }) => measure)),
        sent: new Set((before.get(one.organisation) ?? []).map(keyOf)),
      },
      center.warnings.chasing,
      at,
    );
    if (next !== null) nextAt = nextAt === null ? next : Math.min(nextAt, next);
    for (const step of due) steps.push(addressed(index, warning, step, one));
  }
  const now = steps.slice(0, stepsAtOnce);
  const sent = await tell(acting, index, warning, now);
  // What is left is due at once, should nobody come back to it in this look.
  await saveWarning(tx, { ...warning, chaseAt: sent > 0 && now.length < steps.length ? at : nextAt });
  if (sent > 0) acting.changed('warning', warning.id, { warning: warning.id });
  // What the exit does not let pass is not tried without end.
  return sent;
}

/** Who is told of a step: the addressee; or whoever oversees it, and where nobody does, the centre. */
function addressed(
  index: EstateIndex,
  warning: Warning,
  step: ChaseStep,
  { organisation, reasons }: { organisation: string; reasons: readonly Words[] },
): Step {
  if (step.kind !== 'warning-escalated') return { ...step, organisation, recipient: organisation, reasons };
  const recipient = index.organisation(organisation)?.overseenBy ?? index.centre?.id ?? warning.owner;
  return { ...step, organisation, recipient, reasons: [{ text: 'know.concern.oversees', values: { organisation } }] };
}

export const remindWarning = route({
  method: 'post',
  path: '/warnings/{id}/remind',
  access: 'warnings:issue',
  summary:
    'Reminds those who have not acknowledged a warning now, or tells whoever oversees them, without waiting for the rules.',
  params: Id,
  body: z.strictObject({
    /** Left out: all who have not acknowledged. */
    organisations: z.array(z.string().max(100)).min(1).max(1_000).optional(),
    climb: z.boolean().default(false),
  }),
  answer: WarningView,
  handle: ({ center, principal, params, body }) =>
    workOn(center, principal, params.id, async (acting, index, warning) => {
      mayIssue(principal, index, warning);
      if (warning.state !== 'issued' && warning.state !== 'adjusted')
        throw new Refusal('warning.state', 'Only of a warning in force is somebody reminded.', { advice: 'Issue it first.' });
      const { tx } = acting;
      const rules = center.warnings.chasing.colours[warning.colour];
      const sent = await chasesOf(tx, warning.id, { edition: warning.edition, limit: sentMax });
      const kind = body.climb ? ('warning-escalated' as const) : ('warning-reminder' as const);
      const silent = (await audiencesOf(tx, [warning.id]))
        .get(warning.id)!
        .filter(({ part, acknowledgedAt, organisation }) => part === 'warned' && acknowledgedAt === null && (body.organisations?.includes(organisation) ?? true)); // oxfmt-ignore
      if (silent.length === 0)
        throw new Refusal('warning.addressee', 'Nobody of them is awaited.', { advice: 'All have acknowledged this edition.' });
      const alike = sent.filter((each) => each.kind === kind && each.measure === null);
      const known = Map.groupBy(alike, ({ organisation }) => organisation);
      // Of very many, those that were told the longest ago; asked again, the others follow.
      const first = silent.toSorted((a, b) => (a.remindedAt ?? 0) - (b.remindedAt ?? 0)).slice(0, stepsAtOnce);
      const steps = first.map((one) => {
        const before = known.get(one.organisation) ?? [];
        const count = Math.max(0, ...before.map((each) => each.count)) + 1;
        return addressed(index, warning, { kind, measure: null, count, dueAt: one.deliveredAt + rules.acknowledge }, one);
      });
      await tell(acting, index, warning, steps);
      return undefined;
    }),
});

/** Answers how many the exit let pass. */
async function tell(acting: Acting, index: EstateIndex, warning: Warning, steps: readonly Step[]): Promise<number> {
  if (steps.length === 0) return 0;
  const { tx, at } = acting;
  const byRecipient = Map.groupBy(steps, ({ recipient }) => recipient);
  // The centre speaks: it answers for the warning, whoever drafted it.
  const speaker = index.centre ?? index.organisation(warning.owner)!;
  const recipients = [...byRecipient].map(([id, some]) => ({
    id,
    organisation: index.organisation(id),
    needToKnow: some.flatMap(({ reasons }) => reasons).slice(0, reasonsMax),
  }));
  const { decisions, passages } = egress(itemOf(warning, speaker), recipients, { agreements: [], at });
  auditDecisions(acting, warning, { decisions });
  const allowed = new Set(passages.map(({ recipient }) => recipient));
  for (const { recipient, reasons } of passages) {
    const climbs = byRecipient.get(recipient)!.some(({ kind }) => kind === 'warning-escalated');
    if (climbs && index.organisation(recipient)?.kind !== 'centre')
      await letOverseerRead(tx, warning, { organisation: recipient, reasons, at });
  }
  await queueNotices(
    acting,
    passages,
    passages.flatMap(({ recipient }) => chaseNotices(warning, recipient, byRecipient.get(recipient)!, at)),
  );
  const chases = steps
    .filter(({ recipient }) => allowed.has(recipient))
    .map(({ organisation, recipient, kind, measure, count }): Chase => ({ organisation, recipient, edition: warning.edition, kind, measure, count, at })); // oxfmt-ignore
  await addChases(tx, warning, chases);
  const kinds = Map.groupBy(chases, ({ kind }) => kind);
  for (const [kind, some] of kinds) {
    const action = kind === 'warning-escalated' ? 'warning.climb' : 'warning.remind';
    const organisations = some.slice(0, organisationsMax).map(({ organisation }) => organisation);
    acting.audit(action, `warning/${warning.number}`, { kind, count: some.length, organisations });
  }
  return chases.length;
}

/** Sentences of why, to one recipient. */
const reasonsMax = 20;

/** Organisations that one entry of the audit names; all of them stand in the warning. */
const organisationsMax = 100;
