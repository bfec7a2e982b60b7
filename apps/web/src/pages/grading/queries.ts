/** What the grading desk, campaigns and the quantification table ask the centre. The first word of each key is what live updates name. */

import type {
  CampaignSummary,
  CampaignView,
  ComputedFactView,
  GradeHistory,
  GradingDesk,
  NotComputedView,
  QuantificationView,
} from '@forewarn/model/grading-api';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, query, type Page } from '../../session/api.ts';

/** A value as a fact sheet has it; null is unknown. */
export type TriedValue = number | string | boolean | null;
export type Tried = { readonly [fact: string]: TriedValue };

export const deskQuery = (incident: string | undefined, tried: Tried) =>
  queryOptions({
    queryKey: ['grading', incident ?? '', tried],
    queryFn: ({ signal }) =>
      ask<GradingDesk>('POST', '/grading/preview', { ...(incident === undefined ? {} : { incident }), facts: tried }, signal),
    placeholderData: keepPreviousData,
  });

export const gradesQuery = (incident: string, whole: boolean) =>
  queryOptions({
    queryKey: ['grading', 'history', incident, whole],
    queryFn: ({ signal }) =>
      ask<GradeHistoryAnswer>(
        'GET',
        `/incidents/${encodeURIComponent(incident)}/grades${whole ? '?whole=true' : ''}`,
        undefined,
        signal,
      ),
    placeholderData: keepPreviousData,
  });

export type GradeHistoryAnswer = GradeHistory;
export type Computed = { items: ComputedFactView[]; not: NotComputedView[] };

export const computedQuery = (incident: string) =>
  queryOptions({
    queryKey: ['grading', 'computed', incident],
    queryFn: ({ signal }) => ask<Computed>('GET', `/incidents/${encodeURIComponent(incident)}/computed-facts`, undefined, signal),
  });

export const quantificationQuery = queryOptions({
  queryKey: ['quantification'],
  queryFn: ({ signal }) => ask<QuantificationView>('GET', '/quantification', undefined, signal),
});

export const campaignsQuery = (state?: string) =>
  queryOptions({
    queryKey: ['campaigns', state ?? ''],
    queryFn: ({ signal }) => ask<Page<CampaignSummary>>('GET', `/campaigns${query({ state, limit: 500 })}`, undefined, signal),
  });

export const campaignQuery = (id: string) =>
  queryOptions({
    queryKey: ['campaign', id],
    queryFn: ({ signal }) => ask<CampaignView>('GET', `/campaigns/${encodeURIComponent(id)}`, undefined, signal),
  });
