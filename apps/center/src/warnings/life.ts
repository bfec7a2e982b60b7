/** What every act on a warning has in common: who may, its history, its incident, and whom the exit lets it pass to. */

import { applyWarning, warningState } from '@forewarn/assess/warning';
import { Refusal } from '@forewarn/base/refusal';
import type { EstateIndex } from '@forewarn/know/concern';
import type { WarningView } from '@forewarn/model/api';
import type { WarningContent, WarningEvent } from '@forewarn/model/warning';
import { egress, type Passage } from '@forewarn/share/egress';
import { addTimeline } from '@forewarn/store/resources/histories';
import type { Addressee } from '@forewarn/store/resources/warning-audience';
import { addWarningEvent, findWarning, lockWarning, warningEventsOf, type Warning } from '@forewarn/store/resources/warnings';
import { z } from 'zod';
import { act, type Acting } from '../act.ts';
import type { Center } from '../center-parts.ts';
import { scopeOf, type Principal } from '../ports.ts';
import { denied, found } from '../refusals.ts';
import { audienceOf, inventoryOf, itemOf, toldBefore, type Audience } from './audience.ts';
import { oneView } from './view.ts';

export const Because = z.string().trim().min(1).max(2000);
export const Reason = z.strictObject({ reason: Because });

/**
 * Finds the warning as the person sees it, does the work with all that follows, and answers with how it then looks. A refusal that the
 * work returns (rather than throws) leaves what it wrote: that the exit said no to everybody stands in the audit.
 */
export async function workOn(
  center: Center,
  principal: Principal,
  id: string,
  work: (acting: Acting, index: EstateIndex, warning: Warning) => Promise<Refusal | undefined>,
): Promise<WarningView> {
  const index = await center.estate.index();
  found(await center.database.scoped(scopeOf(principal), (tx) => findWarning(tx, id)));
  const refused = await act(center, principal, async (acting) => {
    const warning = found(await lockWarning(acting.tx, id));
    const refusal = await work(acting, index, warning);
    if (!refusal) acting.changed('warning', id, { warning: id });
    return refusal;
  });
  if (refused) throw refused;
  return oneView(center, principal, index, id);
}

export function mayWrite(principal: Principal, warning: Warning): void {
  if (!principal.centre && warning.owner !== principal.organisation) throw denied('Its author and the centre work on a warning.');
}

/** The centre issues; a department its own, to those it oversees. An operator's draft goes to the centre, which may issue it. */
export function mayIssue(principal: Principal, index: EstateIndex, warning: Warning): void {
  mayWrite(principal, warning);
  if (principal.centre || index.organisation(principal.organisation)?.kind === 'department') return;
  throw denied('Warnings are issued by the centre and by departments.');
}

export const nobody = (): Refusal =>
  new Refusal('warning.audience', 'The warning would reach nobody.', {
    advice: 'Look at the preview: widen the scope, or choose a marking that may travel.',
  });

export const narrowed = (organisation: string): Refusal =>
  new Refusal('warning.narrowed', `"${organisation}" has this warning, and the adjusted one would not be for it.`, {
    advice: 'Lift this warning and issue another to fewer.',
  });

/** Asks the exit, and writes its decisions into the audit. */
export async function through(acting: Acting, index: EstateIndex, warning: Warning): Promise<Audience> {
  // The centre answers for what it issues, whoever drafted it.
  const issuer =
    index.organisation(acting.doer.organisation)?.kind === 'centre' ? { ...warning, owner: acting.doer.organisation } : warning;
  const inventory = await inventoryOf(acting.tx, warning.body.scope);
  const audience = audienceOf(index, issuer, { inventory, told: await toldBefore(acting.tx, warning.id) }, acting.at);
  auditDecisions(acting, warning, audience);
  return audience;
}

/** Asks the exit for those who have a warning: whatever became of why it concerned them, they are told what becomes of it. */
export function throughAgain(
  acting: Acting,
  index: EstateIndex,
  warning: Warning,
  told: readonly Pick<Addressee, 'organisation' | 'reasons'>[],
): Passage[] {
  const doer = index.organisation(acting.doer.organisation);
  const owner = doer?.kind === 'centre' ? doer : index.organisation(warning.owner)!;
  const recipients = told.map(({ organisation, reasons }) => ({
    id: organisation,
    organisation: index.organisation(organisation),
    needToKnow: reasons,
  }));
  const { decisions, passages } = egress(itemOf(warning, owner), recipients, { agreements: [], at: acting.at });
  auditDecisions(acting, warning, { decisions });
  return passages;
}

/** Recipients that are named in one entry of the audit, which stays readable and below a hundred kilobytes. */
const namedMax = 500;

/** Every decision of the exit stands in the audit: recipients with the same answer and reason together, some hundred an entry. */
export function auditDecisions(acting: Acting, warning: Warning, { decisions }: Pick<Audience, 'decisions'>): void {
  const alike = Map.groupBy(decisions, ({ allowed, reason }) => `${allowed ? 'egress.allow' : 'egress.deny'}\n${reason.text}`);
  for (const [key, some] of alike) {
    const [action, reason] = key.split('\n') as [string, string];
    for (let i = 0; i < some.length; i += namedMax) {
      const recipients = some.slice(i, i + namedMax).map(({ recipient }) => recipient);
      const about = { marking: warning.body.marking, reason };
      // One recipient is named as everywhere else.
      const detail = some.length === 1 ? { recipient: recipients[0]!, ...about } : { recipients, ...about };
      acting.audit(action, `warning/${warning.number}`, detail);
    }
  }
}

export const recipientsOf = ({ passages }: Audience): string[] => passages.map(({ recipient }) => recipient);

/** Asks the rules of a warning's life whether the event may follow, and keeps it. */
export async function history({ tx }: Acting, warning: Pick<Warning, 'id' | 'owner'>, event: WarningEvent): Promise<void> {
  const before = await warningEventsOf(tx, warning.id);
  if (before.length === 0) warningState([event]);
  else applyWarning(warningState(before), event);
  await addWarningEvent(tx, warning, event);
}

export async function tellIncident(
  { tx, at, doer, changed }: Acting,
  warning: Warning,
  what: 'issued' | 'adjusted' | 'lifted',
): Promise<void> {
  if (warning.incident === null) return;
  const values = { number: warning.number, colour: { text: `center.colour.${warning.colour}` } };
  await addTimeline(tx, warning.incident, {
    at,
    enteredAt: at,
    kind: 'warning',
    text: { text: `center.warning.${what}`, values },
    by: doer.account,
    reference: warning.id,
    organisation: null,
  });
  changed('incident', warning.incident, { incident: warning.incident });
}

export function contentOf({
  body,
  colour,
  validUntil,
  owner,
}: Pick<Warning, 'body' | 'colour' | 'validUntil' | 'owner'>): WarningContent {
  return {
    title: body.title.en,
    incidentType: body.incidentType,
    colour,
    urgency: body.urgency,
    startAt: body.startAt,
    validUntil,
    scope: body.scope,
    possibleScope: body.possibleScope,
    mattersToNote: body.mattersToNote,
    measures: body.measures,
    issuingAuthority: owner,
  };
}
