/** Reading incidents, and opening one by hand. */

import { z } from 'zod';
import { IncidentSummary, IncidentView, page } from '@forewarn/model/api';
import { Slug } from '@forewarn/model/estate';
import { findFindings } from '@forewarn/store/resources/findings';
import { findIncident, listIncidents } from '@forewarn/store/resources/incidents';
import { route } from '../api/route.ts';
import { Id, PageQuery, SearchText } from '../api/shapes.ts';
import { denied, found, invalid, notFound } from '../refusals.ts';
import { openByHand } from './open.ts';
import { incidentView, summaries } from './view.ts';

export const listOfIncidents = route({
  method: 'get',
  path: '/incidents',
  access: 'incidents:read',
  summary: 'Incidents that the own organisation is concerned by or takes part in, the last changed first.',
  query: PageQuery.extend({
    state: z.enum(['open', 'contained', 'closed']).optional(),
    level: z.coerce.number().int().min(0).max(9).optional().describe('The floor of the leading scheme; 0: none.'),
    organisation: Slug.optional(),
    q: SearchText.optional(),
  }),
  answer: page(IncidentSummary),
  async handle({ center, principal, scope, query }) {
    const index = await center.estate.index();
    return center.database.scoped(scope, async (tx) => {
      const { items, next } = await listIncidents(tx, { ...query, text: query.q });
      return { items: await summaries(tx, center, index, principal, items), next };
    });
  },
});

export const oneIncident = route({
  method: 'get',
  path: '/incidents/{id}',
  access: 'incidents:read',
  summary: 'One incident: grade and why, clocks, responsibilities, facts, tasks, decisions, timeline.',
  params: Id,
  answer: IncidentView,
  async handle({ center, principal, scope, params }) {
    const index = await center.estate.index();
    return center.database.scoped(scope, async (tx) =>
      incidentView(tx, center, index, principal, found(await findIncident(tx, params.id))),
    );
  },
});

export const openIncidentByHand = route({
  method: 'post',
  path: '/incidents',
  access: 'incidents:write',
  summary: 'Opens an incident by hand.',
  body: z.strictObject({
    title: z.string().trim().min(1).max(300),
    findings: z.array(z.string().max(64)).max(1000).default([]),
    organisations: z.array(Slug).max(100).default([]),
  }),
  answer: IncidentView,
  status: 201,
  async handle({ center, principal, scope, body }) {
    const index = await center.estate.index();
    // What the doer cannot see is, to the doer, not there.
    const seen = await center.database.scoped(scope, (tx) => findFindings(tx, body.findings));
    if (seen.length !== new Set(body.findings).size) throw notFound();
    if (!principal.centre && body.organisations.some((one) => one !== principal.organisation)) {
      throw denied('Only the centre opens an incident for others.');
    }
    const unknown = body.organisations.find((one) => index.organisation(one) === undefined);
    if (unknown !== undefined) throw invalid('organisations', `"${unknown}" is not registered.`);
    // Whoever opens one by hand is concerned by it; the centre may open one that concerns nobody yet.
    const organisations = principal.centre ? body.organisations : [principal.organisation];
    const id = await openByHand(center, principal, { ...body, organisations });
    return center.database.scoped(scope, async (tx) =>
      incidentView(tx, center, index, principal, found(await findIncident(tx, id))),
    );
  },
});
