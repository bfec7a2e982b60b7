/** Asking organisations to lead, support or be informed, and their answers. Whoever is asked takes part from then on. */

import { z } from 'zod';
import { IncidentView } from '@forewarn/model/api';
import { Slug } from '@forewarn/model/estate';
import type { ResponsibilityEvent } from '@forewarn/model/response';
import { applyResponsibility, responsibilities } from '@forewarn/respond/responsibility';
import { addResponsibility, responsibilitiesOf } from '@forewarn/store/resources/histories';
import { findEstate } from '@forewarn/store/resources/estate';
import { addParticipant } from '@forewarn/store/resources/incidents';
import type { Scope } from '@forewarn/store/postgres/database';
import type { Center } from '../center-parts.ts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import { denied, invalid } from '../refusals.ts';
import { actOn, type IncidentAct } from './acts.ts';
import { assess } from './assessment.ts';
import { noteOf } from './open.ts';

const Part = z.enum(['lead', 'support', 'inform']);
const Reason = z.string().trim().min(1).max(2000);

export const askResponsibility = route({
  method: 'post',
  path: '/incidents/{id}/responsibilities',
  access: 'responsibility:assign',
  summary: 'Asks an organisation to lead, support or be informed.',
  params: Id,
  body: z.strictObject({ organisation: Slug, part: Part, reason: Reason.optional(), article: z.string().max(200).optional() }),
  answer: IncidentView,
  async handle({ center, principal, scope, params, body }) {
    await known(center, scope, 'organisation', body.organisation);
    return actOn(center, principal, params.id, async (doing) => {
      if (!principal.centre && doing.incident.lead.organisation !== principal.organisation) {
        throw denied('The centre and the lead ask others to take part.');
      }
      const { organisation, part, reason, article } = body;
      await apply(doing, {
        kind: 'assign',
        at: doing.at,
        by: principal.account,
        organisation,
        part,
        ...(reason === undefined ? {} : { reason }),
        ...(article === undefined ? {} : { article }),
      });
    });
  },
});

export const answerResponsibility = route({
  method: 'post',
  path: '/incidents/{id}/responsibilities/answer',
  access: 'responsibility:answer',
  summary: 'Accepts, refuses or hands over a part, for the own organisation.',
  params: Id,
  body: z.strictObject({
    part: Part,
    answer: z.enum(['accept', 'refuse', 'hand-over']),
    to: Slug.optional().describe('Whom it is handed over to.'),
    reason: Reason.optional(),
  }),
  answer: IncidentView,
  async handle({ center, principal, scope, params, body }) {
    if (body.to !== undefined) await known(center, scope, 'to', body.to);
    return actOn(center, principal, params.id, async (doing) => {
      const { organisation, account: by } = principal;
      const { part } = body;
      const { at } = doing;
      if (body.answer === 'accept') return apply(doing, { kind: 'accept', at, by, organisation, part });
      if (body.reason === undefined) throw invalid('reason', 'This needs a reason.', 'Say why, in a sentence; it is kept.');
      if (body.answer === 'refuse') return apply(doing, { kind: 'refuse', at, by, organisation, part, reason: body.reason });
      if (body.to === undefined) throw invalid('to', 'Name the organisation that shall take it.');
      return apply(doing, { kind: 'hand-over', at, by, from: organisation, to: body.to, part, reason: body.reason });
    });
  },
});

/** Refuses an organisation that the asker does not see, in the same words as one that is not there. */
async function known(center: Center, scope: Scope, field: string, id: string): Promise<void> {
  const organisation = await center.database.scoped(scope, (tx) => findEstate(tx, 'organisations', id));
  if (!organisation) throw invalid(field, `"${id}" is not registered.`);
}

/** One more event of responsibility: the rules are asked, and the head row follows. */
async function apply(doing: IncidentAct, event: ResponsibilityEvent): Promise<void> {
  const { tx, incident, index } = doing;
  const state = responsibilities(await responsibilitiesOf(tx, incident.id), index.centre!.id);
  // Two acts within one instant keep their order.
  const ordered = { ...event, at: Math.max(event.at, state.changedAt) } as ResponsibilityEvent;
  const next = applyResponsibility(state, ordered);
  await addResponsibility(tx, incident.id, ordered);
  const joining = ordered.kind === 'assign' ? ordered.organisation : ordered.kind === 'hand-over' ? ordered.to : undefined;
  if (joining !== undefined) {
    await addParticipant(tx, incident.id, { organisation: joining, concerned: false, position: 1_000, reasons: [] });
  }
  const part = 'part' in ordered ? ordered.part : 'lead';
  const organisation =
    'organisation' in ordered ? ordered.organisation : ordered.kind === 'hand-over' ? ordered.from : index.centre!.id;
  const values = {
    organisation,
    part: { text: `center.part.${part}` },
    ...(ordered.kind === 'hand-over' ? { to: ordered.to } : {}),
    ...('reason' in ordered && ordered.reason !== undefined ? { reason: ordered.reason } : { reason: '–' }),
  };
  await noteOf(doing, incident.id)('responsibility', { text: `center.responsibility.${ordered.kind}`, values }, part);
  await assess(doing, index, { ...incident, lead: { organisation: next.lead.organisation, since: next.lead.since } });
  doing.audit(`responsibility.${ordered.kind}`, `incident/${incident.number}`, {
    organisation,
    part,
    ...(joining === undefined ? {} : { to: joining }),
  });
}
