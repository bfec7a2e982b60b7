/** The coverage map as the centre tells it. */

import type { CoverageView } from '@forewarn/model/api';
import { queryOptions } from '@tanstack/react-query';
import { ask } from '../../session/api.ts';

export const coverageQuery = queryOptions({
  queryKey: ['coverage'],
  queryFn: ({ signal }) => ask<CoverageView>('GET', '/coverage', undefined, signal),
  // A source turns silent by nothing happening, which no event tells.
  refetchInterval: 15_000,
});
