/**
 * Warnings: approved, issued by a person, adjusted, lifted. Nothing here happens by itself. What leaves goes through the one exit; its decisions
 * stand in the audit of the same transaction.
 */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import type { EstateIndex } from '@forewarn/know/concern';
import { WarningView } from '@forewarn/model/api';
import { WarningColour, WarningScope } from '@forewarn/model/warning';
import { inbox } from '@forewarn/share/channels/inbox';
import { findIncident } from '@forewarn/store/resources/incidents';
import { audiencesOf, deliver, type Delivered } from '@forewarn/store/resources/warning-audience';
import {
  findWarning,
  proposalsOf,
  putProposal,
  removeProposal,
  saveWarning,
  type Warning,
} from '@forewarn/store/resources/warnings';
import type { Acting } from '../act.ts';
import { route } from '../api/route.ts';
import { At, Id } from '../api/shapes.ts';
import { queueNotices } from '../notices/queue.ts';
import { scopeOf } from '../ports.ts';
import { found } from '../refusals.ts';
import { deliveredTo, type Audience } from './audience.ts';
import { Measures, measuresOf, Text } from './drafting.ts';
import {
  Because,
  contentOf,
  history,
  mayIssue,
  mayWrite,
  narrowed,
  nobody,
  Reason,
  recipientsOf,
  tellIncident,
  through,
  throughAgain,
  workOn,
} from './life.ts';
import { noticesOf } from './notices.ts';
import { checkScope } from './scope.ts';

export const approveWarning = route({
  method: 'post',
  path: '/warnings/{id}/approve',
  access: 'warnings:issue',
  summary:
    'Agrees as a second person: to a draft, or to the change that is proposed of a warning in force, which then takes effect.',
  params: Id,
  answer: WarningView,
  handle: ({ center, principal, params }) =>
    workOn(center, principal, params.id, async (acting, index, warning) => {
      mayIssue(principal, index, warning);
      const proposal = (await proposalsOf(acting.tx, [warning.id])).get(warning.id);
      if (warning.state !== 'draft' && proposal) {
        const { reason, by, body } = proposal;
        return adjust(acting, index, warning, { ...warning, ...body }, { reason, author: by });
      }
      await history(acting, warning, { kind: 'approve', at: acting.at, by: principal.account });
      await saveWarning(acting.tx, { ...warning, state: 'approved', approvedBy: principal.account });
      acting.audit('warning.approve', `warning/${warning.number}`, {});
      return undefined;
    }),
});

export const issueWarning = route({
  method: 'post',
  path: '/warnings/{id}/issue',
  access: 'warnings:issue',
  summary: 'Issues a warning that two have read: it leaves through the exit to those it concerns.',
  params: Id,
  answer: WarningView,
  handle: ({ center, principal, params }) =>
    workOn(center, principal, params.id, async (acting, index, warning) => {
      mayIssue(principal, index, warning);
      return issue(acting, index, warning);
    }),
});

export const issueWarningAlone = route({
  method: 'post',
  path: '/warnings/{id}/issue-alone',
  access: 'warnings:issue',
  summary: 'Issues a warning that nobody else has read, with the reason why nobody could be asked; both stand in it.',
  params: Id,
  body: Reason,
  answer: WarningView,
  handle: ({ center, principal, params, body }) =>
    workOn(center, principal, params.id, async (acting, index, warning) => {
      mayIssue(principal, index, warning);
      return issue(acting, index, warning, body.reason);
    }),
});

async function issue(acting: Acting, index: EstateIndex, warning: Warning, alone?: string): Promise<Refusal | undefined> {
  const { at, doer } = acting;
  const audience = await through(acting, index, warning);
  if (audience.passages.length === 0) return nobody();
  const told = recipientsOf(audience);
  const reason = alone === undefined ? {} : { alone };
  await history(acting, warning, { kind: 'issue', at, by: doer.account, audience: told, ...reason });
  const issued: Warning = {
    ...warning,
    state: 'issued',
    edition: 1,
    issuedAt: at,
    issuedBy: doer.account,
    approvedBy: warning.approvedBy ?? (doer.account === warning.author ? null : doer.account),
    alone: alone ?? null,
    chaseAt: at,
    checkAt: at,
  };
  await saveWarning(acting.tx, issued);
  await send(acting, index, issued, audience);
  await tellIncident(acting, issued, 'issued');
  acting.audit('warning.issue', `warning/${warning.number}`, {
    colour: warning.colour,
    recipients: told.slice(0, toldMax),
    ...reason,
  });
  return undefined;
}

/** Recipients that the audit's entry of an act names; all of them stand in the exit's entries. */
const toldMax = 100;

const Change = Reason.extend({
  colour: WarningColour.optional(),
  mattersToNote: Text.optional(),
  measures: Measures.optional(),
  validUntil: At.nullable().optional(),
  scope: WarningScope.optional(),
  /** Why nobody else could be asked: it takes effect at once. */
  alone: Because.optional(),
});

export const adjustWarning = route({
  method: 'post',
  path: '/warnings/{id}/adjust',
  access: 'warnings:issue',
  summary:
    'Proposes another colour or text of an issued warning, with a reason; when a second person approves, it is delivered anew.',
  params: Id,
  body: Change,
  answer: WarningView,
  handle: ({ center, principal, params, body }) =>
    workOn(center, principal, params.id, async (acting, index, warning) => {
      mayIssue(principal, index, warning);
      if (body.scope) checkScope(body.scope);
      const { mattersToNote, measures, scope, reason, alone } = body;
      const colour = body.colour ?? warning.colour;
      const because = { text: 'assess.colour.adjusted', values: { because: reason } };
      const changed: Warning = {
        ...warning,
        colour,
        validUntil: body.validUntil === undefined ? warning.validUntil : body.validUntil,
        body: {
          ...warning.body,
          ...(colour === warning.colour ? {} : { colourReason: because }),
          ...(mattersToNote === undefined ? {} : { mattersToNote }),
          ...(scope === undefined ? {} : { scope }),
          ...(measures === undefined ? {} : { measures: measuresOf(measures) }),
        },
      };
      const { at } = acting;
      const by = principal.account;
      await history(acting, warning, { kind: 'propose', at, by, reason, content: contentOf(changed) });
      if (alone !== undefined) return adjust(acting, index, warning, changed, { reason, author: by, alone });
      const { colour: _colour, validUntil, body: text } = changed;
      await putProposal(acting.tx, warning, { by, at, reason, body: { colour, validUntil, body: text } });
      acting.audit('warning.propose', `warning/${warning.number}`, { reason, colour });
      return undefined;
    }),
});

async function adjust(
  acting: Acting,
  index: EstateIndex,
  warning: Warning,
  changed: Warning,
  { reason, author, alone }: { reason: string; author: string; alone?: string },
): Promise<Refusal | undefined> {
  const { at, doer, tx } = acting;
  const adjusted: Warning = {
    ...changed,
    state: 'adjusted',
    edition: warning.edition + 1,
    author,
    approvedBy: doer.account === author ? null : doer.account,
    alone: alone ?? null,
    chaseAt: at,
    checkAt: at,
  };
  const audience = await through(acting, index, adjusted);
  if (audience.passages.length === 0) return nobody();
  const told = recipientsOf(audience);
  const reached = new Set(told);
  const dropped = (await audiencesOf(tx, [warning.id]))
    .get(warning.id)!
    .find(({ organisation, part }) => part === 'warned' && !reached.has(organisation));
  // Whoever has it reads its newest edition: one that the exit does not let pass to all of them would leave past the exit.
  if (dropped) return narrowed(dropped.organisation);
  const more = alone === undefined ? {} : { alone };
  const content = contentOf(adjusted);
  await history(acting, warning, { kind: 'adjust', at, by: doer.account, reason, content, audience: told, ...more });
  await removeProposal(tx, warning.id);
  await saveWarning(tx, adjusted);
  await send(acting, index, adjusted, audience, reason);
  await tellIncident(acting, adjusted, 'adjusted');
  const recipients = told.slice(0, toldMax);
  acting.audit('warning.adjust', `warning/${warning.number}`, { reason, colour: adjusted.colour, recipients, ...more });
  return undefined;
}

export const liftWarning = route({
  method: 'post',
  path: '/warnings/{id}/lift',
  access: 'warnings:issue',
  summary: 'Lifts a warning, with a reason; whoever has it is told.',
  params: Id,
  body: Reason,
  answer: WarningView,
  handle: ({ center, principal, params, body }) =>
    workOn(center, principal, params.id, async (acting, index, warning) => {
      mayIssue(principal, index, warning);
      const { at, tx } = acting;
      await history(acting, warning, { kind: 'lift', at, by: principal.account, reason: body.reason });
      const lifted: Warning = { ...warning, state: 'lifted', liftedAt: at, chaseAt: null, checkAt: null };
      await removeProposal(tx, warning.id);
      await saveWarning(tx, lifted);
      const told = (await audiencesOf(tx, [warning.id])).get(warning.id)!;
      const passages = throughAgain(acting, index, lifted, told);
      await queueNotices(acting, passages, noticesOf(acting, lifted, told, passages, 'warning-lifted', body.reason));
      await tellIncident(acting, lifted, 'lifted');
      acting.audit('warning.lift', `warning/${warning.number}`, { reason: body.reason });
      return undefined;
    }),
});

export const linkWarning = route({
  method: 'post',
  path: '/warnings/{id}/incident',
  access: 'warnings:issue',
  summary: 'Says which incident came of what was warned of: its harm is what the lead time counts to.',
  params: Id,
  body: z.strictObject({ incident: z.string().min(1).max(100) }),
  answer: WarningView,
  async handle({ center, principal, params, body }) {
    found(await center.database.scoped(scopeOf(principal), (tx) => findWarning(tx, params.id)));
    const incident = found(await center.database.scoped(scopeOf(principal), (tx) => findIncident(tx, body.incident)));
    return workOn(center, principal, params.id, async (acting, _index, warning) => {
      mayWrite(principal, warning);
      if (warning.incident !== null && warning.incident !== incident.id) {
        throw new Refusal('warning.incident', 'The warning belongs to another incident already.', {
          advice: 'Join the incidents, or draft a warning of its own.',
        });
      }
      const linked = { ...warning, incident: incident.id };
      await saveWarning(acting.tx, linked);
      if (warning.issuedAt !== null) await tellIncident(acting, linked, warning.state === 'lifted' ? 'lifted' : 'issued');
      acting.audit('warning.incident', `warning/${warning.number}`, { incident: incident.number });
      return undefined;
    });
  },
});

/** Writes an edition into the pages of those it reaches, and tells them by their channels. */
async function send(acting: Acting, index: EstateIndex, warning: Warning, audience: Audience, reason?: string): Promise<void> {
  const rows: Delivered[] = [];
  const concerned = new Map(deliveredTo(audience).map((one) => [one.organisation, one]));
  const channel = inbox<Warning>(async (recipient) => void rows.push(concerned.get(recipient)!), { now: () => acting.at });
  for (const passage of audience.passages) await channel.deliver({ passage, body: warning });
  await deliver(acting.tx, warning, rows, acting.at);
  const kind = warning.edition === 1 ? 'warning-issued' : 'warning-updated';
  await queueNotices(acting, audience.passages, noticesOf(acting, warning, rows, audience.passages, kind, reason));
}
