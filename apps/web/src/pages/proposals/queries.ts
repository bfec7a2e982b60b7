/** The inbox of proposals and the blind spots as the centre tells them. */

import type { BlindSpots, ProposalKind, ProposalList, ProposalState } from '@forewarn/model/proposal';
import type { LocalText } from '@forewarn/model/text';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, query } from '../../session/api.ts';

/** A screen or two; more are asked for when somebody wants them. */
const shown = 100;

export type Filter = { state: ProposalState; kind?: ProposalKind; organisation?: string; text?: string };

export const proposalsQuery = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ['proposals', 'list', filter],
    queryFn: ({ signal, pageParam }) =>
      ask<ProposalList>('GET', `/proposals${query({ ...filter, limit: shown, cursor: pageParam })}`, undefined, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });

export type Candidate = { id: string; name: LocalText; near: boolean };

export const candidatesQuery = (id: string, text: string) =>
  queryOptions({
    queryKey: ['proposals', 'candidates', id, text],
    queryFn: ({ signal }) =>
      ask<{ items: Candidate[] }>('GET', `/proposals/${encodeURIComponent(id)}/candidates${query({ text })}`, undefined, signal),
    placeholderData: keepPreviousData,
  });

export const blindSpotsQuery = (days: number) =>
  queryOptions({
    queryKey: ['proposals', 'blind', days],
    queryFn: ({ signal }) => ask<BlindSpots>('GET', `/blind-spots${query({ days })}`, undefined, signal),
    placeholderData: keepPreviousData,
    // A source turns silent by nothing happening, which no event tells.
    refetchInterval: 60_000,
  });
