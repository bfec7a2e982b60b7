/** Forecasts that stand, as reports list them. */

import type { ForecastRow } from '@forewarn/share/reports/picture';
import type { Transaction } from '@forewarn/store/postgres/database';
import { newestForecasts } from '@forewarn/store/resources/forecasts';
import type { Incident } from '@forewarn/store/resources/incidents';
import type { Center } from '../center-parts.ts';

/** The newest of each incident that is not over, under the leading scheme. */
export async function forecastRows(
  tx: Transaction,
  center: Center,
  incidents: readonly Pick<Incident, 'id' | 'number' | 'state'>[],
): Promise<ForecastRow[]> {
  const open = incidents.filter(({ state }) => state !== 'closed');
  const leading = center.schemes[0]!.scheme.id;
  const kept = await newestForecasts(
    tx,
    open.map(({ id }) => id),
  );
  return open.flatMap(({ id, number }): ForecastRow[] => {
    const points = (kept.get(id) ?? []).filter(({ scheme }) => scheme === leading);
    if (points.length === 0) return [];
    return [
      {
        number,
        scheme: leading,
        now: points[0]!.now,
        madeAt: points[0]!.at,
        horizons: points
          .toSorted((a, b) => a.horizonSeconds - b.horizonSeconds)
          .map(({ horizonSeconds, expected, lightest, gravest }) => ({
            hours: Math.round(horizonSeconds / 360) / 10,
            expected,
            low: lightest,
            high: gravest,
          })),
      },
    ];
  });
}
