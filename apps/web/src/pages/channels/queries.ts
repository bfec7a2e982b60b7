/** What the page of channels asks for. */

import type {
  ChannelSettingsView,
  ChannelTrouble,
  DeliveryState,
  DeliveryView,
  EndpointView,
  FeedTokenView,
} from '@forewarn/model/channel';
import { queryOptions } from '@tanstack/react-query';
import { ask, askList, query, type Page } from '../../session/api.ts';

/** What waits moves on by itself; who looks sees it within this time. */
const againMs = 10_000;

export const endpointsQuery = queryOptions({
  queryKey: ['channels'],
  queryFn: ({ signal }) => askList<EndpointView>('/channels', signal),
  refetchInterval: againMs,
});

export const troublesQuery = queryOptions({
  queryKey: ['channels', 'troubles'],
  queryFn: ({ signal }) => askList<EndpointView>('/channel-troubles', signal),
  refetchInterval: againMs,
});

export const deliveriesQuery = (asked: { state?: DeliveryState; endpoint?: string }) =>
  queryOptions({
    queryKey: ['channels', 'deliveries', asked],
    queryFn: ({ signal }) =>
      ask<Page<DeliveryView>>('GET', `/notice-deliveries${query({ ...asked, limit: 100 })}`, undefined, signal),
    refetchInterval: againMs,
  });

export const feedTokensQuery = queryOptions({
  queryKey: ['channels', 'feed-tokens'],
  queryFn: ({ signal }) => askList<FeedTokenView>('/feed-tokens', signal),
});

export const channelSettingsQuery = queryOptions({
  queryKey: ['channels', 'settings'],
  queryFn: ({ signal }) => ask<ChannelSettingsView>('GET', '/channel-settings', undefined, signal),
});

export type Tried = { arrived: boolean; trouble: ChannelTrouble | null };
