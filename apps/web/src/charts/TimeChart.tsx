/**
 * Counts per time, stacked, with a table twin. Dragging across it zooms the one range of time; in the table each row
 * zooms too, so the keyboard loses nothing.
 */

import { useMantineColorScheme, useComputedColorScheme } from '@mantine/core';
import type { ECharts } from 'echarts/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Icon } from '../look/icons.tsx';
import { useInstants, writeInstant } from '../session/instants.ts';
import { useTexts } from '../session/language.tsx';

export type Series = { name: string; colour: string; values: readonly number[] };

type Props = {
  label: string;
  fromMs: number;
  bucketMs: number;
  series: readonly Series[];
  height?: number;
  kind?: 'bars' | 'line';
  /** How a number is written, `1,234/s`. */
  write?: (value: number) => string;
  onZoom?: (fromMs: number, toMs: number) => void;
  tools?: React.ReactNode;
};

/**
 * A custom property's colour as the present theme has it. The property itself holds `light-dark(…)`, which a canvas cannot
 * read, so an element is asked.
 */
function inkOf(element: HTMLElement): (name: string) => string {
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const read = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  queueMicrotask(() => probe.remove());
  return read;
}

export function TimeChart({ label, fromMs, bucketMs, series, height = 120, kind = 'bars', write, onZoom, tools }: Props) {
  const { t, n } = useTexts();
  const { zone, full, short } = useInstants();
  const scheme = useComputedColorScheme('dark');
  const { colorScheme } = useMantineColorScheme();
  const [asTable, setAsTable] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  const [ready, setReady] = useState(false);
  const writeValue = write ?? ((value: number) => n(value));
  const count = series[0]?.values.length ?? 0;
  const total = useMemo(() => series.reduce((sum, each) => sum + each.values.reduce((a, b) => a + b, 0), 0), [series]);

  const most = useMemo(() => series.reduce((high, each) => Math.max(high, ...each.values), 0), [series]);
  const span = { from: short(fromMs), to: short(fromMs + bucketMs * count) };

  useEffect(() => {
    const element = place.current;
    if (element === null || asTable) return;
    let gone = false;
    let observer: ResizeObserver | undefined;
    void import('./echarts.ts').then(({ init }) => {
      if (gone) return;
      const made = init(element, null, { renderer: 'canvas' });
      chart.current = made;
      observer = new ResizeObserver(() => made.resize());
      observer.observe(element);
      made.on('brushEnd', (event: unknown) => {
        const range = (event as { areas?: { coordRange?: [number, number] }[] }).areas?.[0]?.coordRange;
        made.dispatchAction({ type: 'brush', areas: [] });
        if (range !== undefined) zoom.current?.(Math.min(...range), Math.max(...range));
      });
      setReady(true);
    });
    return () => {
      gone = true;
      observer?.disconnect();
      chart.current?.dispose();
      chart.current = null;
      setReady(false);
    };
  }, [asTable]);

  useEffect(() => {
    const drawn = chart.current;
    if (drawn === null) return;
    const zoomable = zoom.current !== undefined;
    const ink = inkOf(document.body);
    const dim = ink('--text-dim');
    drawn.setOption(
      {
        animation: false,
        textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
        grid: { left: 4, right: 8, top: 8, bottom: 2, containLabel: true },
        tooltip: {
          trigger: 'axis',
          axisPointer: { type: kind === 'bars' ? 'shadow' : 'line' },
          confine: true,
          backgroundColor: ink('--raised'),
          borderColor: ink('--line'),
          textStyle: { color: ink('--text'), fontSize: 12 },
          formatter: (points: unknown) => {
            const list = points as { seriesName: string; value: [number, number]; color: string }[];
            const box = document.createElement('div');
            const at = list[0]?.value[0] ?? 0;
            box.append(`${writeInstant(at - bucketMs / 2, zone).slice(5)} – ${writeInstant(at + bucketMs / 2, zone).slice(11)}`);
            for (const point of list.toReversed()) {
              if (point.value[1] === 0 && list.length > 1) continue;
              const row = document.createElement('div');
              row.textContent = `${point.seriesName}: ${writeValue(point.value[1])}`;
              box.append(row);
            }
            return box;
          },
        },
        toolbox: { show: false, feature: { brush: { type: ['lineX'] } } },
        ...(zoomable
          ? {
              brush: {
                xAxisIndex: 0,
                brushType: 'lineX',
                brushMode: 'single',
                transformable: false,
                throttleType: 'debounce',
                outOfBrush: { colorAlpha: 0.4 },
                brushStyle: { color: ink('--chosen'), borderColor: ink('--accent'), borderWidth: 1 },
              },
            }
          : {}),
        xAxis: {
          type: 'time',
          min: fromMs,
          max: fromMs + bucketMs * count,
          axisLabel: {
            color: dim,
            fontSize: 11,
            hideOverlap: true,
            formatter: (ms: number) => {
              const text = writeInstant(ms, zone);
              return text.endsWith('00:00:00') ? text.slice(5, 10) : text.endsWith(':00') ? text.slice(11, 16) : text.slice(11);
            },
          },
          axisLine: { lineStyle: { color: ink('--line') } },
          axisTick: { lineStyle: { color: ink('--line') } },
          splitLine: { show: false },
        },
        yAxis: {
          type: 'value',
          splitNumber: 2,
          minInterval: 1,
          axisLabel: { color: dim, fontSize: 11, formatter: writeValue },
          splitLine: { lineStyle: { color: ink('--line-soft') } },
        },
        series: series.map(({ name, colour, values }) => ({
          name,
          type: kind === 'bars' ? 'bar' : 'line',
          ...(kind === 'bars'
            ? { stack: 'all', barCategoryGap: '12%', barMinWidth: 1, large: false }
            : { showSymbol: false, areaStyle: { opacity: 0.12 }, lineStyle: { width: 1.5 } }),
          itemStyle: { color: ink(colour) },
          emphasis: { disabled: true },
          data: values.map((value, index) => [fromMs + (index + 0.5) * bucketMs, value]),
        })),
      },
      { notMerge: true },
    );
    if (zoomable)
      drawn.dispatchAction({ type: 'takeGlobalCursor', key: 'brush', brushOption: { brushType: 'lineX', brushMode: 'single' } });
  }, [ready, fromMs, bucketMs, count, series, kind, zone, scheme, colorScheme, n, writeValue]);

  return (
    <figure className="chart" aria-label={label}>
      <div className="chart-tools">
        {tools}
        <button type="button" className="tool" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          <Icon name="list" size={14} />
          <span>{t('web.chart.table')}</span>
        </button>
      </div>
      {asTable ? (
        <div className="chart-table" style={{ maxHeight: Math.max(height, 180) }} tabIndex={0} role="region" aria-label={label}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('web.chart.from')}</th>
                {series.map(({ name }) => (
                  <th scope="col" className="number" key={name}>
                    {name}
                  </th>
                ))}
                {onZoom === undefined ? null : (
                  <th scope="col">
                    <span className="visually-hidden">{t('web.chart.zoom')}</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {Array.from({ length: count }, (_, index) => index)
                .filter((index) => series.some(({ values }) => (values[index] ?? 0) > 0))
                .map((index) => (
                  <tr key={index}>
                    <th scope="row">{full(fromMs + index * bucketMs)}</th>
                    {series.map(({ name, values }) => (
                      <td className="number" key={name}>
                        {writeValue(values[index] ?? 0)}
                      </td>
                    ))}
                    {onZoom === undefined ? null : (
                      <td>
                        <button
                          type="button"
                          className="link"
                          onClick={() => onZoom(fromMs + index * bucketMs, fromMs + (index + 1) * bucketMs)}
                        >
                          {t('web.chart.zoom')}
                        </button>
                      </td>
                    )}
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      ) : (
        <div
          ref={place}
          className="chart-place"
          style={{ height }}
          role="img"
          aria-label={
            kind === 'bars'
              ? t('web.chart.summary', { label, total: writeValue(total), ...span })
              : // Rates do not add up.
                t('web.chart.most', { label, most: writeValue(most), ...span })
          }
        />
      )}
    </figure>
  );
}
