/** Reading warnings: the own drafts, and what was issued to the own organisation. */

import { z } from 'zod';
import { WarningView, page } from '@forewarn/model/api';
import { findWarning, listWarnings } from '@forewarn/store/resources/warnings';
import { route } from '../api/route.ts';
import { Id, PageQuery, SearchText } from '../api/shapes.ts';
import { found } from '../refusals.ts';
import { warningViews } from './view.ts';

export const listOfWarnings = route({
  method: 'get',
  path: '/warnings',
  access: 'warnings:read',
  summary: 'Warnings to the own organisation and its own drafts, the last first; all, for the centre.',
  query: PageQuery.extend({
    state: z.enum(['draft', 'issued', 'adjusted', 'lifted']).optional(),
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
      const [view] = await warningViews(tx, index, principal, [found(await findWarning(tx, params.id))]);
      return view!;
    });
  },
});
