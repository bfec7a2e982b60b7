/** An incident's life: contained, closed with a cause or "unknown, because", opened again. */

import { z } from 'zod';
import { IncidentView } from '@forewarn/model/api';
import type { Cause, IncidentLifeEvent } from '@forewarn/model/response';
import { applyIncidentLife } from '@forewarn/respond/incident';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import { denied } from '../refusals.ts';
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
    cause: z.string().trim().min(1).max(2000).optional().describe('Left out when closing: unknown, because of the reason.'),
    confidence: z.enum(['low', 'medium', 'high']).default('medium'),
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
      const cause: Cause = body.cause
        ? { kind: 'known', cause: body.cause, evidence: [], confidence: body.confidence }
        : { kind: 'unknown', reason: body.reason };
      const events: { [state in typeof body.state]: IncidentLifeEvent } = {
        contained: { kind: 'contain', at, by, reason: body.reason },
        closed: { kind: 'close', at, by, cause },
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
      await assess(doing, index, {
        ...incident,
        state: life.state,
        cause: event.kind === 'close' ? event.cause : incident.cause,
      });
      doing.audit(`incident.${event.kind}`, `incident/${incident.number}`, { reason: body.reason });
    }),
});
