/** Warnings as the API tells them, cut to what the asker may see by the one exit. */

import { reactionTimes } from '@forewarn/assess/warning';
import { formatInstant } from '@forewarn/base/time';
import type { EstateIndex } from '@forewarn/know/concern';
import type { WarningView } from '@forewarn/model/api';
import type { WarningMeasure } from '@forewarn/model/warning';
import type { WarnedView, WarningCounts, WarningMeasureView } from '@forewarn/model/warning-view';
import { projectWarning } from '@forewarn/share/projection/warning';
import type { Transaction } from '@forewarn/store/postgres/database';
import { incidentsSeen } from '@forewarn/store/resources/incidents';
import { audienceCounts, audiencesOf, type Addressee } from '@forewarn/store/resources/warning-audience';
import { findWarning, proposalsOf, type Warning, type WarningProposal } from '@forewarn/store/resources/warnings';
import type { Center } from '../center-parts.ts';
import { scopeShownTo } from '../estate/shown.ts';
import { scopeOf, type Principal } from '../ports.ts';
import { found } from '../refusals.ts';

const instant = (at: number | null): string | null => (at === null ? null : formatInstant(at));

export function measureViews(measures: readonly WarningMeasure[], issuedAt: number | null): WarningMeasureView[] {
  const times = reactionTimes({ content: { measures: [...measures] }, issuedAt }, 0);
  return measures.map(({ id, text, dueAt, needs }, i) => ({
    id,
    text,
    dueAt: instant(dueAt),
    needsSeconds: needs,
    givenSeconds: times[i]!.given,
    enough: times[i]!.enough,
  }));
}

export const warnedView = (one: Addressee): WarnedView => ({
  organisation: one.organisation,
  reasons: one.reasons,
  certainty: one.certainty,
  part: one.part,
  deliveredAt: formatInstant(one.deliveredAt),
  acknowledgedAt: instant(one.acknowledgedAt),
  done: one.done.map(({ measure, at, evidence }) => ({ measure, at: formatInstant(at), evidence })),
  reminders: one.reminders,
  remindedAt: instant(one.remindedAt),
  climbedAt: instant(one.climbedAt),
  check:
    one.checkedAt === null
      ? null
      : { at: formatInstant(one.checkedAt), exposedThen: one.exposedThen, exposed: one.exposed, seenAt: instant(one.seenAt) },
});

export function wholeView(
  warning: Warning,
  audience: readonly Addressee[],
  counts: WarningCounts,
  proposal: WarningProposal | undefined,
): WarningView {
  const { startAt, measures, ...body } = warning.body;
  const due = measures.flatMap(({ dueAt }) => (dueAt === null ? [] : [dueAt]));
  return {
    id: warning.id,
    number: warning.number,
    state: warning.state,
    colour: warning.colour,
    ...body,
    startTime: formatInstant(startAt),
    measuresToTake: measures.map(({ text }) => text).join('\n'),
    measuresDeadline: due.length === 0 ? null : formatInstant(Math.min(...due)),
    measures: measureViews(measures, warning.issuedAt),
    incident: warning.incident,
    createdAt: formatInstant(warning.createdAt),
    issuedAt: instant(warning.issuedAt),
    issuedBy: warning.issuedBy,
    validUntil: instant(warning.validUntil),
    liftedAt: instant(warning.liftedAt),
    edition: warning.edition,
    author: warning.author,
    approvedBy: warning.approvedBy,
    alone: warning.alone,
    proposed: proposal
      ? {
          by: proposal.by,
          at: formatInstant(proposal.at),
          reason: proposal.reason,
          colour: proposal.body.colour,
          validUntil: instant(proposal.body.validUntil),
          mattersToNote: proposal.body.body.mattersToNote,
          measures: measureViews(proposal.body.body.measures, warning.issuedAt),
          scope: proposal.body.body.scope,
        }
      : null,
    counts,
    audience: audience.map(warnedView),
  };
}

/** Addressees that a warning shows by itself; its list of addressees has all of them, page by page. */
export const shownMax = { inList: 20, alone: 200 } as const;

/**
 * Whom of an audience the asker may know: all for the centre (null), otherwise itself and those it oversees. Who drafted a warning does not learn
 * whose address is whose from the centre's issuing it.
 */
export function audienceSeen(index: EstateIndex, asker: Pick<Principal, 'organisation' | 'centre'>): string[] | null {
  if (asker.centre) return null;
  const overseen = index.organisations().filter(({ overseenBy }) => overseenBy === asker.organisation);
  return [asker.organisation, ...overseen.map(({ id }) => id)];
}

export async function warningViews(
  tx: Transaction,
  index: EstateIndex,
  asker: Pick<Principal, 'organisation' | 'centre'>,
  warnings: readonly Warning[],
  limit: number = shownMax.inList,
): Promise<WarningView[]> {
  const ids = warnings.map(({ id }) => id);
  const of = audienceSeen(index, asker);
  const audiences = await audiencesOf(tx, ids, { limit, first: asker.organisation, of });
  const counts = await audienceCounts(tx, ids, of);
  const proposals = await proposalsOf(tx, ids);
  const seen = await incidentsSeen(
    tx,
    warnings.flatMap(({ incident }) => (incident === null ? [] : [incident])),
  );
  const shown = scopeShownTo(index, asker.organisation);
  return warnings.map((warning) => {
    const viewer = { organisation: asker.organisation, centre: asker.centre, owns: warning.owner === asker.organisation };
    const view = wholeView(warning, audiences.get(warning.id)!, counts.get(warning.id)!, proposals.get(warning.id));
    return projectWarning(view, viewer, shown, warning.incident !== null && seen.has(warning.incident));
  });
}

export function oneView(center: Center, principal: Principal, index: EstateIndex, id: string): Promise<WarningView> {
  return center.database.scoped(scopeOf(principal), async (tx) => {
    const [seen] = await warningViews(tx, index, principal, [found(await findWarning(tx, id))], shownMax.alone);
    return seen!;
  });
}
