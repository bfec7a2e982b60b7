/**
 * Warnings: drafted, looked at, issued by a person, adjusted, acknowledged, lifted. Nothing here happens by itself. What leaves goes
 * through the one exit; its decisions stand in the audit of the same transaction.
 */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { applyWarning, warningState } from '@forewarn/assess/warning';
import { EgressDecision, WarningView } from '@forewarn/model/api';
import { Colour } from '@forewarn/model/grade';
import { Tlp } from '@forewarn/model/markings';
import { LocalText, Words } from '@forewarn/model/text';
import { WarningScope, type WarningContent, type WarningEvent } from '@forewarn/model/warning';
import type { EstateIndex } from '@forewarn/know/concern';
import { inbox } from '@forewarn/share/channels/inbox';
import { addTimeline } from '@forewarn/store/resources/histories';
import { findIncident } from '@forewarn/store/resources/incidents';
import { nextNumber } from '@forewarn/store/resources/numbers';
import {
  acknowledge,
  addWarning,
  addWarningEvent,
  audiencesOf,
  deliver,
  findWarning,
  lockWarning,
  saveWarning,
  warningEventsOf,
  type Warning,
  type WarningBody,
} from '@forewarn/store/resources/warnings';
import { parseNetwork } from '@forewarn/base/ip';
import { domainOf } from '@forewarn/know/names';
import { act, centreScope, type Acting } from '../act.ts';
import { route } from '../api/route.ts';
import { At, Id } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import { scopeOf, type Principal } from '../ports.ts';
import { denied, found, invalid } from '../refusals.ts';
import { audienceOf, concernedByExposure, type Audience } from './audience.ts';
import { warningViews } from './view.ts';

const Text = z.string().trim().min(1).max(5000);
const Reason = z.strictObject({ reason: z.string().trim().min(1).max(2000) });

const DraftBody = z.strictObject({
  colour: Colour,
  marking: Tlp.default('TLP:AMBER'),
  incidentType: z.string().trim().min(1).max(200),
  title: LocalText,
  startTime: At,
  possibleScope: Text,
  mattersToNote: Text,
  measuresToTake: Text,
  measuresDeadline: At.nullable().default(null),
  validUntil: At.nullable().default(null),
  issuingAuthority: z.string().trim().min(1).max(200).optional(),
  scope: WarningScope,
  incident: z.string().max(100).nullable().default(null),
});

export const draftWarning = route({
  method: 'post',
  path: '/warnings',
  access: 'warnings:draft',
  summary: 'Drafts a warning; nobody else is told.',
  body: DraftBody,
  answer: WarningView,
  status: 201,
  async handle({ center, principal, scope, body }) {
    const index = await center.estate.index();
    checkScope(body.scope);
    const { colour, startTime, measuresDeadline, validUntil, incident, issuingAuthority, ...rest } = body;
    if (incident !== null) found(await center.database.scoped(scope, (tx) => findIncident(tx, incident)));
    const content: WarningBody = {
      ...rest,
      issuingAuthority: issuingAuthority ?? principal.organisation,
      startAt: startTime,
      measuresDueAt: measuresDeadline,
    };
    const id = await act(center, principal, async (acting) => {
      const warning: Omit<Warning, 'id'> = {
        number: await nextNumber(acting.tx, 'EW', new Date(acting.at * 1000).getUTCFullYear()),
        owner: principal.organisation,
        state: 'draft',
        colour,
        incident,
        createdAt: acting.at,
        issuedAt: null,
        issuedBy: null,
        validUntil,
        liftedAt: null,
        edition: 0,
        body: content,
      };
      const fresh = await addWarning(acting.tx, warning);
      const event: WarningEvent = {
        kind: 'draft',
        at: acting.at,
        by: principal.account,
        content: contentOf({ ...warning, id: fresh }),
      };
      await addWarningEvent(acting.tx, { id: fresh, owner: warning.owner }, event);
      acting.changed('warning', fresh, { warning: fresh });
      acting.audit('warning.draft', `warning/${warning.number}`, { colour });
      return fresh;
    });
    return view(center, principal, index, id);
  },
});

export const previewWarning = route({
  method: 'post',
  path: '/warnings/{id}/preview',
  access: 'warnings:draft',
  summary: 'Whom it would reach and why, and whom the exit would let it pass to. Nothing is sent.',
  params: Id,
  answer: z.object({
    recipients: z.array(EgressDecision),
    matched: z.array(z.object({ organisation: z.string(), reasons: z.array(Words) })),
  }),
  async handle({ center, principal, scope, params }) {
    const index = await center.estate.index();
    const warning = found(await center.database.scoped(scope, (tx) => findWarning(tx, params.id)));
    mayWrite(principal, warning);
    // As when it is issued: in the centre's scope; the author learns of those that he may.
    const exposed = await center.database.scoped(await centreScope(center), (tx) => concernedByExposure(tx, warning));
    const { decisions, matched } = audienceOf(index, warning, exposed, center.clock.now());
    return { recipients: decisions, matched };
  },
});

export const issueWarning = route({
  method: 'post',
  path: '/warnings/{id}/issue',
  access: 'warnings:issue',
  summary: 'Issues a draft: it leaves through the exit to those it concerns.',
  params: Id,
  answer: WarningView,
  handle: ({ center, principal, params }) =>
    actOn(center, principal, params.id, async (acting, index, warning) => {
      mayIssue(principal, index, warning);
      const audience = await through(acting, index, warning);
      if (audience.passages.length === 0) return nobody();
      const { at } = acting;
      await history(acting, warning, { kind: 'issue', at, by: principal.account, audience: recipientsOf(audience) });
      const issued: Warning = { ...warning, state: 'issued', edition: 1, issuedAt: at, issuedBy: principal.account };
      await saveWarning(acting.tx, issued);
      await send(acting, issued, audience);
      await tellIncident(acting, issued, 'issued');
      acting.audit('warning.issue', `warning/${warning.number}`, { colour: warning.colour, recipients: recipientsOf(audience) });
      return undefined;
    }),
});

export const adjustWarning = route({
  method: 'post',
  path: '/warnings/{id}/adjust',
  access: 'warnings:issue',
  summary: 'Changes the colour or text of an issued warning, with a reason; it is delivered anew.',
  params: Id,
  body: Reason.extend({
    colour: Colour.optional(),
    mattersToNote: Text.optional(),
    measuresToTake: Text.optional(),
    measuresDeadline: At.nullable().optional(),
    validUntil: At.nullable().optional(),
    scope: WarningScope.optional(),
  }),
  answer: WarningView,
  handle: ({ center, principal, params, body }) =>
    actOn(center, principal, params.id, async (acting, index, warning) => {
      mayIssue(principal, index, warning);
      if (body.scope) checkScope(body.scope);
      const { mattersToNote, measuresToTake, scope, measuresDeadline } = body;
      const adjusted: Warning = {
        ...warning,
        state: 'adjusted',
        edition: warning.edition + 1,
        colour: body.colour ?? warning.colour,
        validUntil: body.validUntil === undefined ? warning.validUntil : body.validUntil,
        body: {
          ...warning.body,
          ...(mattersToNote === undefined ? {} : { mattersToNote }),
          ...(measuresToTake === undefined ? {} : { measuresToTake }),
          ...(scope === undefined ? {} : { scope }),
          ...(measuresDeadline === undefined ? {} : { measuresDueAt: measuresDeadline }),
        },
      };
      const audience = await through(acting, index, adjusted);
      if (audience.passages.length === 0) return nobody();
      const reached = new Set(recipientsOf(audience));
      const dropped = (await audiencesOf(acting.tx, [warning.id])).get(warning.id)!.find((one) => !reached.has(one.organisation));
      // Whoever has it reads its newest edition: one that the exit does not let pass to all of them would leave past the exit.
      if (dropped) return narrowed(dropped.organisation);
      await history(acting, warning, {
        kind: 'adjust',
        at: acting.at,
        by: principal.account,
        reason: body.reason,
        content: contentOf(adjusted),
        audience: recipientsOf(audience),
      });
      await saveWarning(acting.tx, adjusted);
      await send(acting, adjusted, audience);
      await tellIncident(acting, adjusted, 'adjusted');
      acting.audit('warning.adjust', `warning/${warning.number}`, {
        reason: body.reason,
        colour: adjusted.colour,
        recipients: recipientsOf(audience),
      });
      return undefined;
    }),
});

export const liftWarning = route({
  method: 'post',
  path: '/warnings/{id}/lift',
  access: 'warnings:issue',
  summary: 'Lifts a warning, with a reason.',
  params: Id,
  body: Reason,
  answer: WarningView,
  handle: ({ center, principal, params, body }) =>
    actOn(center, principal, params.id, async (acting, index, warning) => {
      mayIssue(principal, index, warning);
      await history(acting, warning, { kind: 'lift', at: acting.at, by: principal.account, reason: body.reason });
      const lifted: Warning = { ...warning, state: 'lifted', liftedAt: acting.at };
      await saveWarning(acting.tx, lifted);
      await tellIncident(acting, lifted, 'lifted');
      acting.audit('warning.lift', `warning/${warning.number}`, { reason: body.reason });
      return undefined;
    }),
});

export const acknowledgeWarning = route({
  method: 'post',
  path: '/warnings/{id}/acknowledge',
  access: 'warnings:acknowledge',
  summary: 'Acknowledges a warning for the own organisation.',
  params: Id,
  answer: WarningView,
  handle: ({ center, principal, params }) =>
    actOn(center, principal, params.id, async (acting, _index, warning) => {
      const { organisation, account: by } = principal;
      await history(acting, warning, { kind: 'acknowledge', at: acting.at, by, organisation });
      if (!(await acknowledge(acting.tx, warning.id, { organisation, by, at: acting.at }))) {
        throw new Refusal('warning.acknowledged.already', 'This edition was acknowledged already.', {
          advice: 'Nothing is left to do.',
        });
      }
      acting.audit('warning.acknowledge', `warning/${warning.number}`, { edition: warning.edition });
      return undefined;
    }),
});

/**
 * Finds the warning as the person sees it, does the work with all that follows, and answers with how it then looks. A refusal that the
 * work returns (rather than throws) leaves what it wrote: that the exit said no to everybody stands in the audit.
 */
async function actOn(
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
  return view(center, principal, index, id);
}

function view(center: Center, principal: Principal, index: EstateIndex, id: string): Promise<WarningView> {
  return center.database.scoped(scopeOf(principal), async (tx) => {
    const [seen] = await warningViews(tx, index, principal, [found(await findWarning(tx, id))]);
    return seen!;
  });
}

function mayWrite(principal: Principal, warning: Warning): void {
  if (!principal.centre && warning.owner !== principal.organisation) throw denied('Its author and the centre work on a warning.');
}

/** The centre issues; a department its own, to those it oversees. An operator's draft goes to the centre, which may issue it. */
function mayIssue(principal: Principal, index: EstateIndex, warning: Warning): void {
  mayWrite(principal, warning);
  if (principal.centre || index.organisation(principal.organisation)?.kind === 'department') return;
  throw denied('Warnings are issued by the centre and by departments.');
}

const nobody = (): Refusal =>
  new Refusal('warning.audience', 'The warning would reach nobody.', {
    advice: 'Look at the preview: widen the scope, or choose a marking that may travel.',
  });

const narrowed = (organisation: string): Refusal =>
  new Refusal('warning.narrowed', `"${organisation}" has this warning, and the adjusted one would not be for it.`, {
    advice: 'Lift this warning and issue another to fewer.',
  });

/** Asks the exit, and writes every decision into the audit. */
async function through(acting: Acting, index: EstateIndex, warning: Warning): Promise<Audience> {
  // The centre answers for what it issues, whoever drafted it.
  const issuer =
    index.organisation(acting.doer.organisation)?.kind === 'centre' ? { ...warning, owner: acting.doer.organisation } : warning;
  const audience = audienceOf(index, issuer, await concernedByExposure(acting.tx, warning), acting.at);
  for (const { recipient, allowed, reason } of audience.decisions) {
    acting.audit(allowed ? 'egress.allow' : 'egress.deny', `warning/${warning.number}`, {
      recipient,
      marking: warning.body.marking,
      reason: reason.text,
    });
  }
  return audience;
}

const recipientsOf = ({ passages }: Audience): string[] => passages.map(({ recipient }) => recipient);

async function send(acting: Acting, warning: Warning, { passages }: Audience): Promise<void> {
  const channel = inbox<Warning>(
    (recipient, body, at) => {
      const reasons = passages.find((passage) => passage.recipient === recipient)!.reasons;
      return deliver(acting.tx, body, { organisation: recipient, reasons, at });
    },
    { now: () => acting.at },
  );
  for (const passage of passages) await channel.deliver({ passage, body: warning });
}

/** Asks the rules of a warning's life whether the event may follow, and keeps it. */
async function history({ tx }: Acting, warning: Warning, event: WarningEvent): Promise<void> {
  applyWarning(warningState(await warningEventsOf(tx, warning.id)), event);
  await addWarningEvent(tx, warning, event);
}

async function tellIncident(
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

function contentOf(warning: Warning): WarningContent {
  const { body, colour, validUntil, owner } = warning;
  return {
    title: body.title.en,
    incidentType: body.incidentType,
    colour,
    startAt: body.startAt,
    validUntil,
    scope: body.scope,
    possibleScope: body.possibleScope,
    mattersToNote: body.mattersToNote,
    measures: [{ id: 'measures', text: body.measuresToTake, dueAt: body.measuresDueAt, needs: null }],
    issuingAuthority: owner,
  };
}

function checkScope(scope: z.output<typeof WarningScope>): void {
  const address = scope.addresses.find((one) => !parseNetwork(one));
  if (address !== undefined)
    throw invalid('scope.addresses', `"${address}" is neither an address nor a network.`, 'Write 192.0.2.7 or 192.0.2.0/24.');
  const name = scope.names.find((one) => domainOf(one) === undefined);
  if (name !== undefined) throw invalid('scope.names', `"${name}" is not a host or domain name.`);
}
