import type { HuntAnswer, SavedHuntView } from '@forewarn/model/hunt';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, askList } from '../../session/api.ts';

export const huntQuery = (asked: { text: string; from: string; to: string }) =>
  queryOptions({
    queryKey: ['hunt', asked],
    queryFn: ({ signal }) => ask<HuntAnswer>('POST', '/hunts/run', asked, signal),
    enabled: asked.text.trim() !== '',
    placeholderData: keepPreviousData,
    // Asking again is the person's to do: a hunt may read much.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    retry: false,
  });

export const savedHuntsQuery = queryOptions({
  queryKey: ['saved-hunts'],
  queryFn: ({ signal }) => askList<SavedHuntView>('/hunts', signal),
});
