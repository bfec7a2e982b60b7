/** Findings: small unsafe signs with the records they rest on. */

import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { FindingView, page } from '@forewarn/model/api';
import { Finding } from '@forewarn/model/finding';
import { findFinding, listFindings, type StoredFinding } from '@forewarn/store/resources/findings';
import type { EstateIndex } from '@forewarn/know/concern';
import { projectFinding } from '@forewarn/share/projection/finding';
import { hostsShownTo } from '../estate/shown.ts';
import type { Principal } from '../ports.ts';
import { found } from '../refusals.ts';
import { route } from './route.ts';
import { Id, PageQuery, RangeQuery, SearchText } from './shapes.ts';

export function findingView(
  finding: StoredFinding,
  index: EstateIndex,
  asker: Pick<Principal, 'organisation' | 'centre'>,
): FindingView {
  const view = FindingView.parse({ ...finding, from: formatInstant(finding.from), to: formatInstant(finding.to) });
  const whole = asker.centre || finding.parts.includes('seen') || finding.parts.includes('source');
  return projectFinding(view, whole, hostsShownTo(index, asker.organisation, true));
}

export const listOfFindings = route({
  method: 'get',
  path: '/findings',
  access: 'findings:read',
  summary: 'Findings of the own hosts and sensors, the last first.',
  query: PageQuery.extend(RangeQuery.shape).extend({
    q: SearchText.optional(),
    level: Finding.shape.level.optional(),
    rule: z.string().max(200).optional(),
    incident: z.string().max(100).optional(),
  }),
  answer: page(FindingView),
  async handle({ center, principal, scope, query }) {
    const index = await center.estate.index();
    return center.database.scoped(scope, async (tx) => {
      const { items, next } = await listFindings(tx, { ...query, text: query.q });
      return { items: items.map((finding) => findingView(finding, index, principal)), next };
    });
  },
});

export const oneFinding = route({
  method: 'get',
  path: '/findings/{id}',
  access: 'findings:read',
  summary: 'One finding.',
  params: Id,
  answer: FindingView,
  async handle({ center, principal, scope, params }) {
    const index = await center.estate.index();
    return center.database.scoped(scope, async (tx) => findingView(found(await findFinding(tx, params.id)), index, principal));
  },
});
