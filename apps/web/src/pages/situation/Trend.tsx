/** How a place of the index went: each component's points, stacked to what is known. A value holds until the next reading that differs. */

import { situationComponents, type SituationPlace } from '@forewarn/model/situation';
import type { SituationTrendView } from '@forewarn/model/situation-api';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { TimeChart } from '../../charts/TimeChart.tsx';
import { Panel } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';
import { writeBetween } from '../../session/range.ts';
import { useRange, useSetView } from '../../session/view.ts';
import { trendQuery } from './queries.ts';
import { componentKeys } from './words.ts';

/** Bars of the plot; a week in hours is 168. */
const bucketsMax = 168;

const colours = {
  threat: '--index-threat',
  exposure: '--index-exposure',
  weakness: '--index-weakness',
  damage: '--index-damage',
  coverage: '--index-coverage',
  readiness: '--index-readiness',
} as const;

/** What held at the end of each part of a span; nothing before the first reading. */
export function held(
  points: SituationTrendView['points'],
  { fromMs, toMs, buckets }: { fromMs: number; toMs: number; buckets: number },
): (SituationTrendView['points'][number] | null)[] {
  const bucketMs = (toMs - fromMs) / buckets;
  let next = 0;
  let now: SituationTrendView['points'][number] | null = null;
  return Array.from({ length: buckets }, (_, i) => {
    while (next < points.length && Date.parse(points[next]!.at) <= fromMs + (i + 1) * bucketMs) now = points[next++]!;
    return now;
  });
}

export function Trend({ place, height = 160 }: { place: SituationPlace; height?: number }) {
  const { t, n } = useTexts();
  const { from, to, fromMs, toMs } = useRange();
  const setView = useSetView();
  const { data } = useQuery(trendQuery(place, { from, to }));
  const series = useMemo(() => {
    const values = held(data?.points ?? [], { fromMs, toMs, buckets: bucketsMax });
    return situationComponents.map((component) => ({
      name: t(componentKeys[component]),
      colour: colours[component],
      values: values.map((value) => value?.components.find(({ id }) => id === component)?.floor ?? 0),
    }));
  }, [data, fromMs, toMs, t]);
  return (
    <Panel title={t('situations.trend')} count={t('situations.trend.means')}>
      <TimeChart
        label={t('situations.trend')}
        fromMs={fromMs}
        bucketMs={(toMs - fromMs) / bucketsMax}
        series={series}
        height={height}
        write={(value) => n(value, 1)}
        onZoom={(start, end) => setView({ range: writeBetween(Math.floor(start / 1000) * 1000, Math.ceil(end / 1000) * 1000) })}
      />
      <ul className="legend">
        {series.map(({ name, colour }) => (
          <li key={colour}>
            <span className="legend-key" style={{ background: `var(${colour})` }} />
            {name}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
