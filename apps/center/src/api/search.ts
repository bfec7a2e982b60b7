/** One search over all that has a name: incidents, findings, warnings, the estate. What is not the asker's is not found. */

import { z } from 'zod';
import { page } from '@forewarn/model/api';
import { LocalText, Words } from '@forewarn/model/text';
import { searchEstate } from '@forewarn/store/resources/estate';
import { findFindings } from '@forewarn/store/resources/findings';
import { listIncidents } from '@forewarn/store/resources/incidents';
import { listWarnings } from '@forewarn/store/resources/warnings';
import { findingScopeOf } from '../findings/filter.ts';
import { summaries } from '../incidents/view.ts';
import { warningViews } from '../warnings/view.ts';
import { findingView } from './findings.ts';
import { route } from './route.ts';
import { SearchText } from './shapes.ts';

/** Hits of each kind: a list that a person looks through, not an export. */
const hitsMax = 10;

const kindOf = {
  organisations: 'organisation',
  networks: 'network',
  nodes: 'node',
  links: 'link',
  products: 'product',
  businesses: 'business',
  assets: 'asset',
  systems: 'system',
  data: 'data',
  applications: 'application',
  components: 'component',
} as const;

const Hit = z.object({
  kind: z.enum(['incident', 'finding', 'warning', ...Object.values(kindOf)]),
  id: z.string(),
  number: z.string().nullable(),
  title: z.union([Words, LocalText]),
});

export const search = route({
  method: 'get',
  path: '/search',
  access: 'signed-in',
  summary: 'Finds incidents, findings, warnings and things of the estate by a piece of text.',
  query: z.object({ q: SearchText }),
  answer: page(Hit),
  async handle({ center, principal, scope, query }) {
    const index = await center.estate.index();
    const may = (permission: Parameters<typeof principal.permissions.has>[0]) => principal.permissions.has(permission);
    await center.findings.settled();
    const listed = may('findings:read')
      ? (
          await center.records.findings.list(
            findingScopeOf(principal),
            { where: { kind: 'keyword', op: 'contains', value: query.q }, hidden: 'all' },
            { limit: hitsMax },
          )
        ).map(({ id }) => id)
      : [];
    return center.database.scoped(scope, async (tx) => {
      const hits: z.input<typeof Hit>[] = [];
      const asked = { limit: hitsMax, text: query.q };
      if (may('incidents:read')) {
        const { items } = await listIncidents(tx, asked);
        const seen = await summaries(tx, center, index, principal, items);
        hits.push(...seen.map(({ id, number, title }) => ({ kind: 'incident' as const, id, number, title })));
      }
      if (may('warnings:read')) {
        const { items } = await listWarnings(tx, asked);
        const seen = await warningViews(tx, index, principal, items);
        hits.push(...seen.map(({ id, number, title }) => ({ kind: 'warning' as const, id, number, title })));
      }
      if (may('findings:read')) {
        const seen = (await findFindings(tx, listed)).toReversed().map((finding) => findingView(finding, index, principal));
        hits.push(...seen.map(({ id, explanation }) => ({ kind: 'finding' as const, id, number: null, title: explanation })));
      }
      if (may('estate:read')) {
        const found = await searchEstate(tx, query.q, hitsMax);
        hits.push(...found.map(({ kind, id, name }) => ({ kind: kindOf[kind], id, number: null, title: name })));
      }
      return { items: hits, next: null };
    });
  },
});
