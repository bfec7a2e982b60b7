/** Findings: small unsafe signs with the records they rest on; one by one, and grouped. */

import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { FindingView, page } from '@forewarn/model/api';
import { FindingGroupsView } from '@forewarn/model/noise-api';
import { findingGroupings } from '@forewarn/store/clickhouse/finding-search';
import { findFinding, findFindings, type StoredFinding } from '@forewarn/store/resources/findings';
import { cursorOf, positionOf } from '@forewarn/store/resources/page';
import type { EstateIndex } from '@forewarn/know/concern';
import { projectFinding } from '@forewarn/share/projection/finding';
import { hostsShownTo } from '../estate/shown.ts';
import { FilterQuery, filterOf, findingScopeOf } from '../findings/filter.ts';
import type { Principal } from '../ports.ts';
import { found } from '../refusals.ts';
import { route } from './route.ts';
import { Id, PageQuery } from './shapes.ts';

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
  query: PageQuery.extend(FilterQuery.shape),
  answer: page(FindingView),
  async handle({ center, principal, scope, query: { limit, cursor, ...filter } }) {
    const after = positionOf(cursor) as readonly [number, string] | undefined;
    await center.findings.settled();
    const listed = await center.records.findings.list(findingScopeOf(principal), filterOf(filter), { limit: limit + 1, after });
    const shown = listed.slice(0, limit);
    const last = shown.at(-1);
    const index = await center.estate.index();
    // The search says which and in what order; the rows that count are read here, under the policies.
    const rows = await center.database.scoped(scope, (tx) =>
      findFindings(
        tx,
        shown.map(({ id }) => id),
      ),
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    return {
      items: shown.flatMap(({ id }) => {
        const row = byId.get(id);
        return row ? [findingView(row, index, principal)] : [];
      }),
      next: listed.length > limit && last ? cursorOf([last.to, last.id]) : null,
    };
  },
});

/** Parts of a group's line through time. */
const sparkParts = 24;

/** Without a range, groups are of the last week. */
const rangeSeconds = 7 * 86_400;

export const groupsOfFindings = route({
  method: 'get',
  path: '/findings/groups',
  access: 'findings:read',
  summary: 'Findings grouped by what they have in common, the gravest and then the last first.',
  query: PageQuery.extend(FilterQuery.shape).extend({ by: z.enum(findingGroupings).default('rule-source') }),
  answer: FindingGroupsView,
  async handle({ center, principal, query: { limit, cursor, by, ...asked } }) {
    const after = positionOf(cursor, 'text') as readonly [string, string] | undefined;
    const to = asked.to ?? center.clock.now();
    const filter = { ...filterOf(asked), to, from: asked.from ?? to - rangeSeconds };
    const whose = findingScopeOf(principal);
    await center.findings.settled();
    const search = center.records.findings;
    const [groups, totals] = await Promise.all([
      search.groups(whose, filter, { by, limit: limit + 1, after: after && [after[0], fromCursor(after[1])], parts: sparkParts }),
      search.totals(whose, filter),
    ]);
    const items = groups.slice(0, limit);
    const last = items.at(-1);
    return {
      items: items.map(({ place: _place, first, last: latest, ...group }) => ({
        ...group,
        first: formatInstant(first),
        last: formatInstant(latest),
      })) as z.input<typeof FindingGroupsView>['items'],
      next: groups.length > limit && last ? cursorOf([last.place[0], inCursor(last.place[1])]) : null,
      totals: { count: totals.count, hidden: totals.hidden, levels: totals.levels },
    };
  },
});

/** A group's mark may hold U+0000, which no cursor may. */
const inCursor = (mark: string): string => JSON.stringify(mark.split('\0'));
function fromCursor(text: string): string {
  try {
    const parts: unknown = JSON.parse(text);
    if (Array.isArray(parts)) return parts.map(String).join('\0');
  } catch {
    // A place that no group has: the page begins after it all the same.
  }
  return text;
}

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
