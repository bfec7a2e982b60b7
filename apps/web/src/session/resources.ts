/** The centre's resources as queries. The first word of each key is what live updates name. */

import type { GroupingView } from '@forewarn/model/grouping';
import type { AuditView, FindingView, IncidentSummary, IncidentView, Me, SituationView, WarningView } from '@forewarn/model/api';
import type { Asset, Business, Link, Network, Organisation } from '@forewarn/model/estate';
import type { Law } from '@forewarn/model/duty';
import type { FactDefinition } from '@forewarn/model/facts';
import { isList, type Words } from '@forewarn/model/text';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { ask, askList, query, type Page } from './api.ts';
import { useTexts } from './language.tsx';

/** Catalogues change only with a new version of the product or an import, which live updates announce. */
const slow = 10 * 60_000;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => ask<Me>('GET', '/me', undefined, signal),
  staleTime: slow,
  retry: false,
});

export const situationQuery = queryOptions({
  queryKey: ['situation'],
  queryFn: ({ signal }) => ask<SituationView>('GET', '/situation', undefined, signal),
  // Clocks move by themselves; the rest is asked again now and then in case the stream is cut.
  refetchInterval: 30_000,
});

export const incidentsQuery = (filter: { state?: string; level?: string; organisation?: string }) =>
  queryOptions({
    queryKey: ['incidents', filter],
    queryFn: ({ signal }) =>
      ask<Page<IncidentSummary>>('GET', `/incidents${query({ ...filter, limit: 500 })}`, undefined, signal),
  });

export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id],
    queryFn: ({ signal }) => ask<IncidentView>('GET', `/incidents/${encodeURIComponent(id)}`, undefined, signal),
  });

export const warningsQuery = queryOptions({
  queryKey: ['warnings'],
  queryFn: ({ signal }) => ask<Page<WarningView>>('GET', '/warnings?limit=500', undefined, signal),
});

export const warningQuery = (id: string) =>
  queryOptions({
    queryKey: ['warning', id],
    queryFn: ({ signal }) => ask<WarningView>('GET', `/warnings/${encodeURIComponent(id)}`, undefined, signal),
  });

export const groupingQuery = (incident: string) =>
  queryOptions({
    queryKey: ['grouping', incident],
    queryFn: ({ signal }) => ask<GroupingView>('GET', `/incidents/${encodeURIComponent(incident)}/grouping`, undefined, signal),
  });

export type FindingFilter = { from?: string; to?: string; level?: string; rule?: string; incident?: string };

/** Findings are grouped and filtered on the page, so it takes this many; beyond it says so and asks for a narrower range. */
const findingsMax = 2000;

export const findingsQuery = (filter: FindingFilter) =>
  queryOptions({
    queryKey: ['findings', filter],
    queryFn: async ({ signal }): Promise<Page<FindingView>> => {
      const items: FindingView[] = [];
      let next: string | null = null;
      do {
        const page: Page<FindingView> = await ask(
          'GET',
          `/findings${query({ ...filter, limit: 500, cursor: next })}`,
          undefined,
          signal,
        );
        items.push(...page.items);
        next = page.next;
      } while (next !== null && items.length < findingsMax);
      return { items, next };
    },
    placeholderData: keepPreviousData,
  });

export const findingQuery = (id: string) =>
  queryOptions({
    queryKey: ['finding', id],
    queryFn: ({ signal }) => ask<FindingView>('GET', `/findings/${encodeURIComponent(id)}`, undefined, signal),
  });

export const auditQuery = (filter: { from?: string; to?: string; actor?: string; action?: string }) =>
  queryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ signal }) => ask<Page<AuditView>>('GET', `/audit${query({ ...filter, limit: 500 })}`, undefined, signal),
    placeholderData: keepPreviousData,
  });

const list = <T>(name: string) =>
  queryOptions({ queryKey: [name], queryFn: ({ signal }) => askList<T>(`/${name}?limit=500`, signal), staleTime: slow });

export const organisationsQuery = list<Organisation>('organisations');
export const networksQuery = list<Network>('networks');
export const linksQuery = list<Link>('links');
export const assetsQuery = list<Asset>('assets');
export const businessesQuery = list<Business>('businesses');

export type RecordTypeView = {
  log: string;
  means: string;
  columns: {
    name: string;
    type: string;
    class: 'technical' | 'personal' | 'content' | 'secret';
    means: string;
    unit?: string | null;
  }[];
};

export const recordTypesQuery = queryOptions({
  queryKey: ['record-types'],
  queryFn: ({ signal }) => askList<RecordTypeView>('/record-types', signal),
  staleTime: slow,
});

export const factsQuery = queryOptions({
  queryKey: ['facts'],
  queryFn: ({ signal }) => askList<FactDefinition>('/facts', signal),
  staleTime: slow,
});
export const lawsQuery = queryOptions({
  queryKey: ['laws'],
  queryFn: ({ signal }) => askList<Law>('/laws', signal),
  staleTime: slow,
});

/** Names of organisations by id; an id that is not known to us shows as itself. */
export function useOrganisationName(): (id: string) => string {
  const { l } = useTexts();
  const { data } = useQuery(organisationsQuery);
  const byId = useMemo(() => new Map((data ?? []).map((organisation) => [organisation.id, organisation.name])), [data]);
  return useCallback((id) => l(byId.get(id)) || id, [byId, l]);
}

/** Words of the centre name organisations by id; people read names. */
export function useNamedWords(): (words: Words) => string {
  const { w } = useTexts();
  const name = useOrganisationName();
  return useCallback(
    (words) => {
      const named = (each: Words): Words => ({
        ...each,
        ...(each.values === undefined
          ? {}
          : {
              values: Object.fromEntries(
                Object.entries(each.values).map(([key, value]) => [
                  key,
                  typeof value === 'object'
                    ? isList(value)
                      ? value.map((one) => (typeof one === 'string' ? one : named(one)))
                      : named(value)
                    : typeof value === 'string' && (key === 'organisation' || key === 'to')
                      ? name(value)
                      : value,
                ]),
              ),
            }),
      });
      return w(named(words));
    },
    [w, name],
  );
}
