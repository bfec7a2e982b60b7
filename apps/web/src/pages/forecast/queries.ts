/** Forecasts as the centre tells them. */

import type { CalibrationView, ForecastListView, ForecastView } from '@forewarn/model/forecast';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, query } from '../../session/api.ts';

export const forecastQuery = (incident: string, scheme: string | null) =>
  queryOptions({
    queryKey: ['forecast', incident, scheme],
    queryFn: ({ signal }) =>
      ask<ForecastView>('GET', `/incidents/${encodeURIComponent(incident)}/forecast${query({ scheme: scheme ?? undefined })}`, undefined, signal), // oxfmt-ignore
    placeholderData: keepPreviousData,
    // What lasts moves by time alone, which no event tells.
    refetchInterval: 60_000,
  });

export const forecastsQuery = queryOptions({
  queryKey: ['forecasts'],
  queryFn: ({ signal }) => ask<ForecastListView>('GET', '/forecasts', undefined, signal),
  refetchInterval: 60_000,
});

export const calibrationQuery = (days: number) =>
  queryOptions({
    queryKey: ['calibration', days],
    queryFn: ({ signal }) => ask<CalibrationView>('GET', `/forecast-calibration${query({ days })}`, undefined, signal),
    placeholderData: keepPreviousData,
  });
