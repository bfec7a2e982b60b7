/** Decisions: what could have been done, what was chosen and why, who disagreed, by which article. */

import { z } from 'zod';
import { IncidentView } from '@forewarn/model/api';
import { decide } from '@forewarn/respond/decisions';
import { addDecision } from '@forewarn/store/resources/histories';
import { saveIncident } from '@forewarn/store/resources/incidents';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import { actOn } from './acts.ts';
import { noteOf } from './open.ts';

export const recordDecision = route({
  method: 'post',
  path: '/incidents/{id}/decisions',
  access: 'incidents:write',
  summary: 'Records a decision.',
  params: Id,
  body: z.strictObject({
    question: z.string().trim().min(1).max(1000),
    options: z.array(z.string().trim().min(1).max(1000)).min(1).max(20),
    chosen: z.string().trim().min(1).max(1000),
    reasons: z.string().trim().min(1).max(5000),
    dissent: z.string().trim().max(2000).optional(),
    article: z.string().trim().max(200).optional().describe('The article whose power is used, when one is.'),
  }),
  answer: IncidentView,
  handle: ({ center, principal, params, body }) =>
    actOn(center, principal, params.id, async (doing) => {
      const { tx, at, incident } = doing;
      const { question, options, chosen, reasons, dissent, article } = body;
      const decision = decide({
        at,
        by: principal.account,
        organisation: principal.organisation,
        question,
        options,
        chosen,
        reasons,
        dissent: dissent ? [{ by: principal.account, text: dissent }] : [],
        ...(article ? { power: { name: chosen.slice(0, 300), article } } : {}),
      });
      const id = await addDecision(tx, incident.id, decision);
      await noteOf(doing, incident.id)('decision', { text: 'center.decision.recorded', values: { question, chosen } }, id);
      await saveIncident(tx, { ...incident, updatedAt: at });
      doing.changed('incident', incident.id, { incident: incident.id });
      doing.audit('decision.record', `incident/${incident.number}`, { decision: id, ...(article ? { article } : {}) });
    }),
});
