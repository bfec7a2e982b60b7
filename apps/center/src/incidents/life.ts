/** An incident's life: contained, closed with a cause or "unknown, because", opened again. */

import { z } from 'zod';
import { IncidentView } from '@forewarn/model/api';
import { Cause } from '@forewarn/model/cause';
import type { IncidentLifeEvent } from '@forewarn/model/response';
import { applyIncidentLife } from '@forewarn/respond/incident';
import { putCauses } from '@forewarn/store/resources/causes';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import { denied, invalid } from '../refusals.ts';
import { actOn } from './acts.ts';
import { assess } from './assessment.ts';
import { noteOf } from './open.ts';

export const changeState = route({
  method: 'post',
  path: '/incidents/{id}/state',
  access: 'incidents:write',
  summary: 'Contains, closes or opens an incident again. Closing needs a cause, or a reason why none is known.',
  params: Id,
  body: z.strictObject({
    state: z.enum(['contained', 'closed', 'open']),
    cause: Cause.optional().describe('Needed when closing: a cause of the catalogue, or unknown and why it could not be found.'),
    reason: z.string().trim().min(1).max(2000),
  }),
  answer: IncidentView,
  handle: ({ center, principal, params, body }) =>
    actOn(center, principal, params.id, async (doing) => {
      const { at, incident, index } = doing;
      if (!principal.centre && incident.lead.organisation !== principal.organisation) {
        throw denied('The centre and the lead say when an incident is contained or closed.');
      }
      const by = principal.account;
      const { cause } = body;
      if (cause?.kind === 'known') {
        const unknown = [cause.cause, ...cause.contributing].find((id) => !center.causes.causes.has(id));
        if (unknown !== undefined)
          throw invalid(
            'cause',
            `There is no cause "${unknown}".`,
            'GET /causes/catalogue lists them; "other" is for what it lacks.',
          );
      }
      const events: { [state in typeof body.state]: IncidentLifeEvent } = {
        contained: { kind: 'contain', at, by, reason: body.reason },
        // Without a cause the life refuses to close.
        closed: { kind: 'close', at, by, cause: cause as Cause },
        open: { kind: 'reopen', at, by, reason: body.reason },
      };
      const event = events[body.state];
      const life = applyIncidentLife(
        {
          state: incident.state,
          since: incident.createdAt,
          openedAt: incident.createdAt,
          containedAt: null,
          closedAt: null,
          cause: null,
        },
        event,
      );
      await noteOf(doing, incident.id)(
        'state',
        { text: `center.incident.${body.state}`, values: { reason: body.reason } },
        body.state,
      );
      await putCauses(doing.tx, incident.id, life.state === 'closed' ? life.cause : null, at);
      await assess(doing, index, {
        ...incident,
        state: life.state,
        cause: event.kind === 'close' ? event.cause : incident.cause,
      });
      doing.audit(`incident.${event.kind}`, `incident/${incident.number}`, {
        reason: body.reason,
        ...(event.kind === 'close' ? { cause: event.cause.kind === 'known' ? event.cause.cause : 'unknown' } : {}),
      });
    }),
});
