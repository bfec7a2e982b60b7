/** Links as the centre tells of them: what is kept of each, its sensors, traffic and findings in the shown range. */

import type { LinkDetail, LinkView, ObservationPlanView } from '@forewarn/model/api';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, askList, query } from '../../session/api.ts';

type Range = { from: string; to: string; buckets: number };

export const linkViewsQuery = (range: Range) =>
  queryOptions({
    queryKey: ['links', 'views', range],
    queryFn: ({ signal }) => askList<LinkView>(`/links${query({ ...range, limit: 500 })}`, signal),
    placeholderData: keepPreviousData,
  });

export const linkQuery = (id: string, range: Range) =>
  queryOptions({
    queryKey: ['link', id, range],
    queryFn: ({ signal }) => ask<LinkDetail>('GET', `/links/${encodeURIComponent(id)}${query(range)}`, undefined, signal),
    placeholderData: (previous, old) => (old?.queryKey[1] === id ? previous : undefined),
  });

export const observationPlanQuery = queryOptions({
  queryKey: ['observation-points'],
  queryFn: ({ signal }) => ask<ObservationPlanView>('GET', '/observation-points', undefined, signal),
});
