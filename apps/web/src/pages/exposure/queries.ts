/** What the pages of exposure ask. */

import type {
  ExposureDetail,
  ExposureSummary,
  ExposureView,
  VulnerabilityDetail,
  VulnerabilityView,
} from '@forewarn/model/exposure-api';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, query, type Page } from '../../session/api.ts';

/** As the API takes it. */
export type ExposureFilter = {
  organisation?: string;
  vulnerability?: string;
  asset?: string;
  certainty?: string;
  decision?: string;
  state?: string;
  due?: string;
  q?: string;
};

const shown = 50;

export const exposuresQuery = (filter: ExposureFilter) =>
  infiniteQueryOptions({
    queryKey: ['exposures', filter],
    queryFn: ({ signal, pageParam }) =>
      ask<Page<ExposureView>>('GET', `/exposures${query({ ...filter, limit: shown, cursor: pageParam })}`, undefined, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });

export const exposureSummaryQuery = (organisation: string | undefined) =>
  queryOptions({
    queryKey: ['exposure-summary', organisation ?? ''],
    queryFn: ({ signal }) => ask<ExposureSummary>('GET', `/exposure-summary${query({ organisation })}`, undefined, signal),
    placeholderData: keepPreviousData,
  });

export const exposureQuery = (id: string) =>
  queryOptions({
    queryKey: ['exposure', id],
    queryFn: ({ signal }) => ask<ExposureDetail>('GET', `/exposures/${encodeURIComponent(id)}`, undefined, signal),
  });

export const vulnerabilitiesQuery = (filter: { q?: string; exposed?: string }) =>
  infiniteQueryOptions({
    queryKey: ['vulnerabilities', filter],
    queryFn: ({ signal, pageParam }) =>
      ask<Page<VulnerabilityView>>(
        'GET',
        `/vulnerabilities${query({ ...filter, limit: shown, cursor: pageParam })}`,
        undefined,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });

export const vulnerabilityQuery = (id: string) =>
  queryOptions({
    queryKey: ['vulnerability', id],
    queryFn: ({ signal }) => ask<VulnerabilityDetail>('GET', `/vulnerabilities/${encodeURIComponent(id)}`, undefined, signal),
  });
