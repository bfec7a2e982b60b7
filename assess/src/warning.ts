/**
 * Early warnings: their life. The rules only check; that a warning is issued, adjusted or lifted is always the deed of a
 * person, whose event says who. Two read it before it leaves: whoever wrote it, and another; where nobody else can be reached, one
 * person issues it alone and says why.
 *
 *     draft ──► approved ──► issued ──► adjusted (any number of times) ──► lifted
 *      │▲  a second person │  │  propose ─┘ a second person
 *      │└── another text ──┴──┘
 *      └──► dropped, with a reason; so may an approved one be
 *
 * Each edition is acknowledged by each addressee.
 */

import { Refusal } from '@forewarn/base/refusal';
import type { Seconds } from '@forewarn/base/time';
import type { WarningContent, WarningEvent, WarningReceipt, WarningState } from '@forewarn/model/warning';

/** The state after the events, the first of which drafts. Refuses (`warning.…`) what the state does not allow. */
export function warningState(events: readonly WarningEvent[]): WarningState {
  const [first, ...rest] = events;
  if (first?.kind !== 'draft')
    throw new Refusal('warning.draft', 'The first event must draft the warning.', { advice: 'Begin with "draft".' });
  return rest.reduce(applyWarning, {
    state: 'draft',
    content: first.content,
    author: first.by,
    approvedBy: null,
    proposed: null,
    edition: 0,
    draftedAt: first.at,
    issuedAt: null,
    liftedAt: null,
    receipts: [],
    unacknowledged: [],
  });
}

/** One more event. */
export function applyWarning(warning: WarningState, event: WarningEvent): WarningState {
  if (warning.state === 'lifted') throw new Refusal('warning.lifted', 'The warning was lifted.', { advice: 'Draft a new one.' });
  if (warning.state === 'dropped') throw new Refusal('warning.dropped', 'The draft was dropped.', { advice: 'Draft a new one.' });
  const out = isOut(warning);
  switch (event.kind) {
    case 'draft':
      if (out)
        throw new Refusal('warning.state', 'The warning was issued; its text is changed by adjusting it.', {
          advice: 'Adjust it, with a reason.',
        });
      // Another text is another draft: whoever approved has not read it.
      return { ...warning, state: 'draft', content: event.content, author: event.by, approvedBy: null };
    case 'approve':
      if (out) throw new Refusal('warning.state', 'The warning was issued already.', { advice: 'Adjust it, with a reason.' });
      requireSecond(warning.author, event.by);
      return { ...warning, state: 'approved', approvedBy: event.by };
    case 'drop':
      if (out) throw new Refusal('warning.state', 'The warning was issued; it cannot be dropped.', { advice: 'Lift it.' });
      return { ...warning, state: 'dropped' };
    case 'issue':
      if (out) throw new Refusal('warning.state', 'The warning was issued already.', { advice: 'Adjust it, with a reason.' });
      if (warning.approvedBy === null && event.alone === undefined) requireSecond(warning.author, event.by);
      requireAudience(event.audience);
      return withReceipts(
        {
          ...warning,
          state: 'issued',
          edition: 1,
          issuedAt: event.at,
          approvedBy: warning.approvedBy ?? (event.by === warning.author ? null : event.by),
        },
        event.audience,
        event.at,
      );
    case 'propose':
      requireOut(warning);
      return { ...warning, proposed: { by: event.by, at: event.at, content: event.content, reason: event.reason } };
    case 'adjust':
      requireOut(warning);
      if (event.alone === undefined) {
        if (!warning.proposed)
          throw new Refusal('warning.approval', 'Nobody has proposed this text.', {
            advice: 'Propose it; a second person agrees.',
          });
        requireSecond(warning.proposed.by, event.by);
      }
      requireAudience(event.audience);
      return withReceipts(
        {
          ...warning,
          state: 'adjusted',
          edition: warning.edition + 1,
          content: event.content,
          author: warning.proposed?.by ?? event.by,
          proposed: null,
        },
        event.audience,
        event.at,
      );
    case 'acknowledge': {
      const receipt = requireReceipt(warning, event.organisation);
      const acknowledged: WarningReceipt = { ...receipt, acknowledgedAt: event.at, acknowledgedEdition: warning.edition };
      return withUnacknowledged({
        ...warning,
        receipts: warning.receipts.map((each) => (each === receipt ? acknowledged : each)),
      });
    }
    case 'measure-done': {
      const receipt = requireReceipt(warning, event.organisation);
      if (!warning.content.measures.some((measure) => measure.id === event.measure)) {
        throw new Refusal('warning.measure', `The warning asks for no measure "${event.measure}".`, {
          advice: `It asks for ${warning.content.measures.map((measure) => measure.id).join(', ') || 'none'}.`,
        });
      }
      if (receipt.measuresDone.some((done) => done.measure === event.measure))
        throw new Refusal('warning.measure', `"${event.organisation}" has done this already.`, {
          advice: 'Nothing needs to be recorded.',
        });
      const done: WarningReceipt = {
        ...receipt,
        measuresDone: [...receipt.measuresDone, { measure: event.measure, at: event.at }],
      };
      return { ...warning, receipts: warning.receipts.map((each) => (each === receipt ? done : each)) };
    }
    case 'lift':
      if (!out) throw new Refusal('warning.state', 'A draft cannot be lifted.', { advice: 'Issue it first.' });
      return { ...warning, state: 'lifted', liftedAt: event.at, proposed: null, unacknowledged: [] };
  }
}

/** Whether it was issued, and is in force or was. */
const isOut = ({ edition }: Pick<WarningState, 'edition'>): boolean => edition > 0;

function requireOut(warning: WarningState): void {
  if (isOut(warning)) return;
  throw new Refusal('warning.state', 'A draft is changed by drafting again, not by adjusting.', {
    advice: 'Draft it again, or issue it.',
  });
}

/** Two people read what leaves: `author` wrote it, `by` is the other. */
function requireSecond(author: string, by: string): void {
  if (author !== by) return;
  throw new Refusal('warning.approval', 'Whoever wrote a warning does not approve it.', {
    advice: 'Ask a second person; where nobody can be reached, issue it alone and say why.',
  });
}

function requireAudience(addressees: readonly string[]): void {
  if (addressees.length === 0)
    throw new Refusal('warning.audience', 'The warning reaches nobody.', { advice: 'Widen its scope, or name organisations.' });
}

function requireReceipt(warning: WarningState, organisation: string): WarningReceipt {
  const receipt = warning.receipts.find((each) => each.organisation === organisation);
  if (!receipt)
    throw new Refusal('warning.addressee', `The warning was not sent to "${organisation}".`, {
      advice: 'Only an addressee can answer it.',
    });
  return receipt;
}

/** Addressees of earlier editions stay: whoever was warned must learn what became of it. */
function withReceipts(warning: WarningState, addressees: readonly string[], at: Seconds): WarningState {
  const known = new Set(warning.receipts.map((receipt) => receipt.organisation));
  const added = [...new Set(addressees)].filter((organisation) => !known.has(organisation));
  const receipts = [
    ...warning.receipts,
    ...added.map((organisation) => ({
      organisation,
      sentAt: at,
      acknowledgedAt: null,
      acknowledgedEdition: null,
      measuresDone: [],
    })),
  ];
  return withUnacknowledged({ ...warning, receipts });
}

function withUnacknowledged(warning: WarningState): WarningState {
  const open = warning.receipts.filter((receipt) => receipt.acknowledgedEdition !== warning.edition);
  return { ...warning, unacknowledged: open.map((receipt) => receipt.organisation) };
}

/** Per measure: the time given, the time it needs, the time left, and whether what was given is enough. Seconds; null where not stated. */
export function reactionTimes(
  warning: { content: Pick<WarningContent, 'measures'>; issuedAt: Seconds | null },
  at: Seconds,
): { measure: string; given: Seconds | null; needs: Seconds | null; left: Seconds | null; enough: boolean | null }[] {
  return warning.content.measures.map((measure) => {
    const given = measure.dueAt === null || warning.issuedAt === null ? null : measure.dueAt - warning.issuedAt;
    return {
      measure: measure.id,
      given,
      needs: measure.needs,
      left: measure.dueAt === null ? null : measure.dueAt - at,
      enough: given === null || measure.needs === null ? null : given >= measure.needs,
    };
  });
}

/** Whether the warning is valid at a moment: issued, not lifted, not run out. */
export function isValid(warning: WarningState, at: Seconds): boolean {
  const { issuedAt, liftedAt, content } = warning;
  return (
    issuedAt !== null &&
    issuedAt <= at &&
    (liftedAt === null || at < liftedAt) &&
    (content.validUntil === null || at <= content.validUntil)
  );
}

/** How long before the harm the warning was out, in seconds; negative when it came too late. */
export function leadTime(warning: Pick<WarningState, 'issuedAt'>, harmFrom: Seconds): Seconds | null {
  return warning.issuedAt === null ? null : harmFrom - warning.issuedAt;
}

/** The eight fields of the 2017 plan under its own names, for forms and exchange. */
export function planFields(content: WarningContent): { [field: string]: unknown } {
  return {
    incident_type: content.incidentType,
    colour: content.colour,
    start_time: content.startAt,
    possible_scope: content.possibleScope,
    matters_to_note: content.mattersToNote,
    measures_to_take: content.measures.map((measure) => measure.text),
    deadline_for_measures: content.measures.map((measure) => measure.dueAt),
    issuing_authority: content.issuingAuthority,
  };
}
