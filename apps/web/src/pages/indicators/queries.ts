/** Lists of indicators as queries. While the past is being searched, they are asked again. */

import type { IndicatorListView, IndicatorLookUp } from '@forewarn/model/indicator-api';
import { queryOptions } from '@tanstack/react-query';
import { ask, query, type Page } from '../../session/api.ts';

/** How often a search that is under way is looked at. */
const watchMs = 1_500;

const underWay = ({ search }: IndicatorListView): boolean => search?.state === 'waiting' || search?.state === 'running';

export const indicatorListsQuery = (retired: boolean) =>
  queryOptions({
    queryKey: ['indicator-lists', retired],
    queryFn: ({ signal }) =>
      ask<Page<IndicatorListView>>(
        'GET',
        `/indicator-lists${query({ retired: String(retired), limit: 500 })}`,
        undefined,
        signal,
      ),
    refetchInterval: ({ state }) => (state.data?.items.some(underWay) ? watchMs : false),
  });

export const indicatorListQuery = (id: string) =>
  queryOptions({
    queryKey: ['indicator-lists', 'one', id],
    queryFn: ({ signal }) => ask<IndicatorListView>('GET', `/indicator-lists/${encodeURIComponent(id)}`, undefined, signal),
    refetchInterval: ({ state }) => (state.data && underWay(state.data) ? watchMs : false),
  });

export const lookUpQuery = (value: string) =>
  queryOptions({
    queryKey: ['indicator-lists', 'look-up', value],
    queryFn: ({ signal }) => ask<IndicatorLookUp>('GET', `/indicators/look-up${query({ value })}`, undefined, signal),
    enabled: value !== '',
    retry: false,
  });
