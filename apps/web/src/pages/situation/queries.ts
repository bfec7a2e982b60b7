/** The index, its places and the response ratio, as queries. */

import type {
  ResponseRatioView,
  SituationIndexView,
  SituationPlaceView,
  SituationTrendView,
} from '@forewarn/model/situation-api';
import type { SituationPlace } from '@forewarn/model/situation';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, query } from '../../session/api.ts';

/** A reading is taken each minute. */
const readingMs = 60_000;

/** Organisations of one page of a place. */
const pageItems = 20;

const pathOf = ({ dimension, key }: SituationPlace): string => `/situation/places/${dimension}/${encodeURIComponent(key)}`;

export const indexQuery = (at?: string) =>
  queryOptions({
    queryKey: ['situation-index', at],
    queryFn: ({ signal }) => ask<SituationIndexView>('GET', `/situation/index${query({ at })}`, undefined, signal),
    refetchInterval: at === undefined ? readingMs : false,
    // Before the first reading there is none, and asking again at once does not bring it.
    retry: false,
  });

export const placeQuery = (place: SituationPlace, { at, component }: { at?: string; component?: string }) =>
  infiniteQueryOptions({
    queryKey: ['situation-index', 'place', place, at, component],
    queryFn: ({ signal, pageParam }) =>
      ask<SituationPlaceView>(
        'GET',
        `${pathOf(place)}${query({ at: pageParam.at, component, limit: pageItems, cursor: pageParam.cursor })}`,
        undefined,
        signal,
      ),
    initialPageParam: { at, cursor: undefined } as { at: string | undefined; cursor: string | undefined },
    // The pages that follow are of the same reading, or they would not add up.
    getNextPageParam: (last) => (last.next === null ? undefined : { at: last.at, cursor: last.next }),
    placeholderData: keepPreviousData,
    retry: false,
  });

export const trendQuery = (place: SituationPlace, { from, to }: { from: string; to: string }) =>
  queryOptions({
    queryKey: ['situation-index', 'trend', place, from, to],
    queryFn: ({ signal }) => ask<SituationTrendView>('GET', `${pathOf(place)}/trend${query({ from, to })}`, undefined, signal),
    placeholderData: keepPreviousData,
  });

export const ratioQuery = queryOptions({
  queryKey: ['situation', 'ratio'],
  queryFn: ({ signal }) => ask<ResponseRatioView>('GET', '/situation/ratio', undefined, signal),
});
