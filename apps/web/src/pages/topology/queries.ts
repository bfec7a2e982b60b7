/** The estate as a graph, what falls without something, and what stands behind a service. */

import type { WhatIfView } from '@forewarn/model/api';
import type { LocalText } from '@forewarn/model/text';
import type { BusinessPicture, RelianceView, TopologyView } from '@forewarn/model/topology-api';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, askList, query } from '../../session/api.ts';
import type { TakenKind } from '@forewarn/model/estate';

export const topologyQuery = queryOptions({
  queryKey: ['topology'],
  queryFn: ({ signal }) => ask<TopologyView>('GET', '/topology', undefined, signal),
  // A large estate is drawn while it is still being weighed.
  refetchInterval: ({ state: { data } }) => (data?.links.some(({ weight }) => weight === null) ? 5_000 : false),
});

export const reliancesQuery = queryOptions({
  queryKey: ['reliances'],
  queryFn: ({ signal }) => askList<RelianceView>('/reliances', signal),
});

export const fallsQuery = (kind: TakenKind, id: string) =>
  queryOptions({
    queryKey: ['what-if', kind, id],
    queryFn: ({ signal }) => ask<WhatIfView>('GET', `/what-if${query({ [kind]: id })}`, undefined, signal),
  });

export const businessPictureQuery = (id: string) =>
  queryOptions({
    queryKey: ['business', id],
    queryFn: ({ signal }) => ask<BusinessPicture>('GET', `/businesses/${encodeURIComponent(id)}/picture`, undefined, signal),
  });

export type Named = { id: string; name: LocalText };

/** Items of a register by what is typed. */
export const namedQuery = (kind: TakenKind, typed: string, enabled: boolean) =>
  queryOptions({
    queryKey: [kind, 'named', typed],
    queryFn: ({ signal }) => askList<Named>(`/${kind}${query({ q: typed, limit: 20 })}`, signal),
    placeholderData: keepPreviousData,
    enabled,
  });
