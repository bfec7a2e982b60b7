/** Requests for packets and what stands in them. A capture that is here never changes, so it is asked for once. */

import type { PacketRequestView } from '@forewarn/model/api';
import type { PacketList, PacketView, StreamView } from '@forewarn/model/packet';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, query } from '../../session/api.ts';

/** The centre says when packets have come; this is for the case that its word is lost. */
const waitingAgainMs = 3000;

export const packetRequestQuery = (id: string) =>
  queryOptions({
    queryKey: ['packet-request', id],
    queryFn: ({ signal }) => ask<PacketRequestView>('GET', `/packet-requests/${encodeURIComponent(id)}`, undefined, signal),
    refetchInterval: (current) => (current.state.data?.state === 'waiting' ? waitingAgainMs : false),
  });

/** Rows of one request: a few screens, decoded in some milliseconds. */
export const pageRows = 200;

export const packetPageQuery = (id: string, page: number) =>
  queryOptions({
    queryKey: ['packets', id, 'list', page],
    queryFn: ({ signal }) =>
      ask<PacketList>(
        'GET',
        `/packet-requests/${encodeURIComponent(id)}/packets${query({ from: page * pageRows, limit: pageRows })}`,
        undefined,
        signal,
      ),
    staleTime: Infinity,
  });

export const packetQuery = (id: string, number: number) =>
  queryOptions({
    queryKey: ['packets', id, 'one', number],
    queryFn: ({ signal }) =>
      ask<PacketView>('GET', `/packet-requests/${encodeURIComponent(id)}/packets/${number}`, undefined, signal),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });

/** Bytes of one request: about twenty screens of text. */
const streamBytes = 65_536;

export const streamQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['packets', id, 'stream'],
    queryFn: ({ signal, pageParam }) =>
      ask<StreamView>(
        'GET',
        `/packet-requests/${encodeURIComponent(id)}/stream${query({ from: pageParam, limit: streamBytes })}`,
        undefined,
        signal,
      ),
    initialPageParam: '0',
    getNextPageParam: (last: StreamView) => last.next,
    staleTime: Infinity,
  });
