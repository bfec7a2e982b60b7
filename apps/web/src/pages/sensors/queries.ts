/** Sensors as the centre tells of them. Reports come every minute and announce themselves; silence does not, so it is asked for. */

import type { SensorHistoriesView, SensorHistoryView, SensorLogView, SensorSettingsView, SensorView } from '@forewarn/model/api';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, askList, query } from '../../session/api.ts';

const againMs = 30_000;

export const sensorsQuery = queryOptions({
  queryKey: ['sensors', 'all'],
  queryFn: ({ signal }) => askList<SensorView>('/sensors', signal),
  refetchInterval: againMs,
});

export type SensorDetail = SensorView & { logs: SensorLogView[]; editions: SensorSettingsView[] };

export const sensorQuery = (id: string) =>
  queryOptions({
    queryKey: ['sensors', 'one', id],
    queryFn: ({ signal }) => ask<SensorDetail>('GET', `/sensors/${encodeURIComponent(id)}`, undefined, signal),
    refetchInterval: againMs,
  });

export const sensorHistoryQuery = (id: string, range: { from: string; to: string; buckets: number }) =>
  queryOptions({
    queryKey: ['sensors', 'history', id, range],
    queryFn: ({ signal }) =>
      ask<SensorHistoryView>('GET', `/sensors/${encodeURIComponent(id)}/history${query(range)}`, undefined, signal),
    placeholderData: keepPreviousData,
  });

/** Of every sensor at once, for the small plots of the list. */
export const sensorHistoriesQuery = (range: { from: string; to: string; buckets: number }) =>
  queryOptions({
    queryKey: ['sensors', 'histories', range],
    queryFn: ({ signal }) => askList<SensorHistoriesView>(`/sensor-histories${query(range)}`, signal),
    placeholderData: keepPreviousData,
  });
