/** Recording what happened: found, received, reported, … – the events that start, meet and move the laws' clocks. */

import { z } from 'zod';
import { IncidentView } from '@forewarn/model/api';
import { eventKinds } from '@forewarn/model/duty';
import { addEvent, addTimeline } from '@forewarn/store/resources/histories';
import { participantsOf } from '@forewarn/store/resources/incidents';
import { route } from '../api/route.ts';
import { At, Id } from '../api/shapes.ts';
import { denied, invalid } from '../refusals.ts';
import { actOn } from './acts.ts';
import { assess } from './assessment.ts';

/** Grades are recorded by the product when they move; nobody types one in. */
const recordable = eventKinds.filter((kind) => kind !== 'graded');

/** A clock of somebody's computer may run ahead by this much, seconds. */
const aheadMax = 60;

export const recordEvent = route({
  method: 'post',
  path: '/incidents/{id}/events',
  access: 'incidents:write',
  summary: 'Records what happened; clocks start and are met by it.',
  params: Id,
  body: z.strictObject({
    event: z.enum(recordable as [(typeof recordable)[number], ...(typeof recordable)[number][]]),
    at: At,
    organisation: z
      .string()
      .max(64)
      .optional()
      .describe('Who did it; the own organisation, when left out. Only the centre records for others.'),
    to: z.array(z.string().max(200)).max(20).optional().describe('Recipients of the law that it reached; all, when left out.'),
    duty: z.string().max(64).optional().describe('The duty that it meets, when several could be meant.'),
    note: z.string().max(1000).optional(),
  }),
  answer: IncidentView,
  handle: ({ center, principal, params, body }) =>
    actOn(center, principal, params.id, async (doing) => {
      const { tx, at, incident, index } = doing;
      if (body.at > at + aheadMax)
        throw invalid('at', 'This lies in the future.', 'Record what has happened, with the time it happened.');
      if (body.organisation !== undefined && body.organisation !== principal.organisation && !principal.centre) {
        throw denied('Only the centre records for others.');
      }
      const concerned = (await participantsOf(tx, [incident.id])).get(incident.id)!.filter((one) => one.concerned);
      // The centre speaks for the organisation that was hit, unless it names another: it is told by telephone.
      const doer =
        body.organisation ?? (principal.centre ? (concerned[0]?.organisation ?? principal.organisation) : principal.organisation);
      const organisation = index.organisation(doer);
      if (!organisation) throw invalid('organisation', `"${doer}" is not registered.`);
      await addEvent(tx, incident.id, {
        event: {
          event: body.event,
          at: body.at,
          by: organisation.reporter,
          ...(body.to ? { to: body.to } : {}),
          ...(body.duty ? { duty: body.duty } : {}),
          ...(body.note ? { reason: body.note } : {}),
        },
        enteredAt: at,
        recordedBy: principal.account,
        organisation: doer,
      });
      await addTimeline(tx, incident.id, {
        at: body.at,
        enteredAt: at,
        kind: 'event',
        text: {
          text: body.note ? 'center.event.noted' : 'center.event.recorded',
          values: {
            event: { text: `respond.event.${body.event}` },
            organisation: doer,
            ...(body.note ? { note: body.note } : {}),
          },
        },
        by: principal.account,
        reference: body.event,
        organisation: null,
      });
      await assess(doing, index, incident);
      doing.audit('incident.event', `incident/${incident.number}`, { event: body.event, organisation: doer, at: body.at });
    }),
});
