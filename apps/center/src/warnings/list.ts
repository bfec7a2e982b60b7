/** Reading warnings: the own drafts, and what was issued to the own organisation; whom one reached; what it brought about. */

import { z } from 'zod';
import { effectOf } from '@forewarn/assess/warnings/effect';
import { formatInstant } from '@forewarn/base/time';
import { Instant, WarningView, page } from '@forewarn/model/api';
import { Urgency } from '@forewarn/model/notice';
import { WarningColour, WarningStage, type WarningEvent } from '@forewarn/model/warning';
import { ChaseView, WarnedView, WarningEffect } from '@forewarn/model/warning-view';
import { findIncident } from '@forewarn/store/resources/incidents';
import { audiencesOf, audienceStates, chasesOf, countChases, listAudience } from '@forewarn/store/resources/warning-audience';
import { findWarning, listWarnings, warningEventsOf } from '@forewarn/store/resources/warnings';
import { route } from '../api/route.ts';
import { Id, PageQuery, SearchText } from '../api/shapes.ts';
import { found } from '../refusals.ts';
import { audienceSeen, shownMax, warnedView, warningViews } from './view.ts';

export const listOfWarnings = route({
  method: 'get',
  path: '/warnings',
  access: 'warnings:read',
  summary: 'Warnings to the own organisation and its own drafts, the last first; all, for the centre.',
  query: PageQuery.extend({
    state: WarningStage.optional(),
    colour: WarningColour.optional(),
    urgency: Urgency.optional(),
    incident: z.string().max(100).optional(),
    q: SearchText.optional(),
  }),
  answer: page(WarningView),
  async handle({ center, principal, scope, query }) {
    const index = await center.estate.index();
    return center.database.scoped(scope, async (tx) => {
      const { items, next } = await listWarnings(tx, {
        limit: query.limit,
        cursor: query.cursor,
        state: query.state === undefined ? undefined : [query.state],
        colour: query.colour,
        urgency: query.urgency,
        incident: query.incident,
        text: query.q,
      });
      return { items: await warningViews(tx, index, principal, items), next };
    });
  },
});

export const oneWarning = route({
  method: 'get',
  path: '/warnings/{id}',
  access: 'warnings:read',
  summary: 'One warning.',
  params: Id,
  answer: WarningView,
  async handle({ center, principal, scope, params }) {
    const index = await center.estate.index();
    return center.database.scoped(scope, async (tx) => {
      const one = [found(await findWarning(tx, params.id))];
      const [view] = await warningViews(tx, index, principal, one, shownMax.alone);
      return view!;
    });
  },
});

export const audienceOfWarning = route({
  method: 'get',
  path: '/warnings/{id}/audience',
  access: 'warnings:read',
  summary: 'Whom a warning reached, by name: what they answered and did, who was chased, what inventory and traffic say since.',
  params: Id,
  query: PageQuery.extend({ state: z.enum(audienceStates).optional() }),
  answer: page(WarnedView),
  async handle({ center, principal, scope, params, query }) {
    const index = await center.estate.index();
    return center.database.scoped(scope, async (tx) => {
      found(await findWarning(tx, params.id));
      const of = audienceSeen(index, principal);
      const { items, next } = await listAudience(tx, params.id, { ...query, of });
      return { items: items.map(warnedView), next };
    });
  },
});

const Step = z.object({
  at: Instant,
  kind: z.enum(['draft', 'approve', 'drop', 'issue', 'propose', 'adjust', 'lift']),
  by: z.string(),
  reason: z.string().nullable(),
  alone: z.string().nullable(),
  colour: WarningColour.nullable(),
  audience: z.number().int().nullable(),
});

/** Reminders and climbs that one page shows. */
const chasesMax = 200;

export const courseOfWarning = route({
  method: 'get',
  path: '/warnings/{id}/course',
  access: 'warnings:read',
  summary: 'How a warning came about and what it brought about: lead time, reaction time given against needed, who was chased.',
  params: Id,
  answer: z.object({ effect: WarningEffect, steps: z.array(Step), chases: z.array(ChaseView) }),
  async handle({ center, principal, scope, params }) {
    const index = await center.estate.index();
    const now = center.clock.now();
    return center.database.scoped(scope, async (tx) => {
      const warning = found(await findWarning(tx, params.id));
      const of = audienceSeen(index, principal);
      const every = (await audiencesOf(tx, [warning.id])).get(warning.id)!;
      const receipts = every.filter(({ part, organisation }) => part === 'warned' && (of === null || of.includes(organisation)));
      const incident = warning.incident === null ? undefined : await findIncident(tx, warning.incident);
      const harmAt = incident?.stage.harmAt;
      const harm = harmAt ? { from: Date.parse(harmAt.from) / 1000, to: Date.parse(harmAt.to) / 1000 } : null;
      const harms = incident ? [{ incident: incident.id, number: incident.number, harm }] : [];
      const { issuedAt, liftedAt } = warning;
      const effect = effectOf({ issuedAt, liftedAt, measures: warning.body.measures, harms, receipts }, now);
      const chases = await chasesOf(tx, warning.id, { limit: chasesMax });
      return {
        effect: {
          ...effect,
          leads: effect.leads.map(({ harm: at, ...lead }) => ({
            ...lead,
            harmFrom: formatInstant(at.from),
            harmTo: formatInstant(at.to),
          })),
          chased: await countChases(tx, warning.id, of),
        },
        // Who wrote it and why it was changed is its people's.
        steps:
          principal.centre || warning.owner === principal.organisation
            ? (await warningEventsOf(tx, warning.id)).flatMap(stepOf)
            : [],
        chases: chases
          .filter(({ organisation }) => of === null || of.includes(organisation))
          .map(({ at, ...chase }) => ({ ...chase, at: formatInstant(at) })),
      };
    });
  },
});

function stepOf(event: WarningEvent): z.input<typeof Step>[] {
  if (event.kind === 'acknowledge' || event.kind === 'measure-done') return [];
  return [
    {
      at: formatInstant(event.at),
      kind: event.kind,
      by: event.by,
      reason: 'reason' in event ? event.reason : null,
      alone: 'alone' in event ? (event.alone ?? null) : null,
      colour: 'content' in event ? event.content.colour : null,
      audience: 'audience' in event ? event.audience.length : null,
    },
  ];
}
