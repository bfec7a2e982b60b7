/** What the Findings page asks: groups by a filter, findings of a group, and what narrows both. */

import type { FindingView } from '@forewarn/model/api';
import type { ExceptionView, FindingGroupsView, FindingGroupView } from '@forewarn/model/noise-api';
import type { RuleDetail, RuleView } from '@forewarn/model/rule';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, query, type Page } from '../../session/api.ts';

export const groupings = ['rule-source', 'rule', 'source', 'target', 'technique', 'level', 'link', 'organisation'] as const;
export type Grouping = (typeof groupings)[number];

/** As the API takes it; `none` of a verdict: not judged yet. */
export type Filter = {
  from?: string;
  to?: string;
  q?: string;
  level?: string;
  rule?: string;
  source?: string;
  target?: string;
  technique?: string;
  organisation?: string;
  link?: string;
  networkType?: string;
  verdict?: string;
  hidden?: string;
  hiddenBy?: string;
};

/** Groups of one page; more are asked for when somebody wants them. */
const groupsShown = 100;
const findingsShown = 50;

export const groupsQuery = (filter: Filter, by: Grouping) =>
  infiniteQueryOptions({
    queryKey: ['findings', 'groups', by, filter],
    queryFn: ({ signal, pageParam }) =>
      ask<FindingGroupsView>(
        'GET',
        `/findings/groups${query({ ...filter, by, limit: groupsShown, cursor: pageParam })}`,
        undefined,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });

export const findingListQuery = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ['findings', 'list', filter],
    queryFn: ({ signal, pageParam }) =>
      ask<Page<FindingView>>(
        'GET',
        `/findings${query({ ...filter, limit: findingsShown, cursor: pageParam })}`,
        undefined,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });

/** What a group's findings have in common, as a filter. What has no such value is asked for by its absence. */
export function filterOfGroup(by: Grouping, key: readonly string[], filter: Filter): Filter {
  const [first = '', second = ''] = key;
  if (by === 'rule-source') return { ...filter, rule: first, source: second };
  if (first === '' && (by === 'target' || by === 'technique' || by === 'link')) {
    const absent = `not ${by === 'target' ? 'targets' : by}:*`;
    return { ...filter, q: filter.q === undefined || filter.q === '' ? absent : `(${filter.q}) and ${absent}` };
  }
  return { ...filter, [by]: first };
}

/** Ids of what filters show, so many at most: what an incident takes at once. */
export const incidentFindingsMax = 500;
export async function idsOf(filters: readonly Filter[]): Promise<string[]> {
  const ids = new Set<string>();
  for (const filter of filters) {
    const { items } = await ask<Page<FindingView>>('GET', `/findings${query({ ...filter, limit: incidentFindingsMax })}`);
    for (const { id } of items) if (ids.size < incidentFindingsMax) ids.add(id);
  }
  return [...ids];
}

export const exceptionsQuery = (filter: { state?: string; rule?: string }) =>
  queryOptions({
    queryKey: ['findings', 'exceptions', filter],
    queryFn: ({ signal }) => ask<Page<ExceptionView>>('GET', `/exceptions${query({ ...filter, limit: 500 })}`, undefined, signal),
    placeholderData: keepPreviousData,
  });

export const rulesQuery = queryOptions({
  queryKey: ['findings', 'rules'],
  queryFn: ({ signal }) => ask<Page<RuleView>>('GET', '/rules', undefined, signal),
  placeholderData: keepPreviousData,
});

export const ruleQuery = (id: string) =>
  queryOptions({
    queryKey: ['findings', 'rule', id],
    queryFn: ({ signal }) => ask<RuleDetail>('GET', `/rules/${encodeURIComponent(id)}`, undefined, signal),
  });

/** A group with how it was asked for. */
export type ChosenGroup = { by: Grouping; group: FindingGroupView; filter: Filter };
