/** One fact over time: what was stated, and the band in which the forecast expects it, opening to the right. */

import type { ForecastView } from '@forewarn/model/forecast';
import { Picture } from '../../charts/Picture.tsx';
import { Table } from '../../frame/Table.tsx';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { unitKeys } from '../incidents/FactForm.tsx';
import { useHorizon } from './levels.tsx';
import { movementKeys } from './words.ts';

const size = { width: 560, height: 150, left: 58, right: 12, top: 10, bottom: 24 } as const;
/** What was stated before is drawn back to here; the table has all. */
const backMs = 24 * 3_600_000;

export function Fan({ view, fact }: { view: ForecastView; fact: string }) {
  const { t, w, n } = useTexts();
  const { full, short } = useInstants();
  const horizon = useHorizon();
  const atMs = Date.parse(view.at);
  const stated = view.stated.filter((one) => one.fact === fact);
  const points = view.points.flatMap((point) => {
    const own = point.facts.find((one) => one.fact === fact);
    return own ? [{ ...own, ms: Date.parse(point.dueAt), horizonSeconds: point.horizonSeconds }] : [];
  });
  const [first] = points;
  if (first === undefined) return null;
  const unit = t(unitKeys[first.unit] ?? 'web.unit.count');
  const number = (value: number): string => n(value >= 100 ? Math.round(value) : Math.round(value * 100) / 100);
  const shown = stated.filter((one) => Date.parse(one.at) >= atMs - backMs);
  const fromMs = Math.min(atMs - 3_600_000, ...shown.map((one) => Date.parse(one.at)));
  const toMs = Math.max(...points.map(({ ms }) => ms));
  const most = Math.max(1e-9, ...points.map(({ high }) => high), ...shown.map(({ min, max }) => max ?? min));
  const x = (ms: number): number => size.left + ((ms - fromMs) / (toMs - fromMs)) * (size.width - size.left - size.right);
  const y = (value: number): number => size.height - size.bottom - (value / most) * (size.height - size.bottom - size.top);
  const last = shown.at(-1) ?? stated.at(-1);
  const begin = last === undefined ? { low: 0, high: 0, middle: 0 } : { low: last.min, high: last.max ?? last.min, middle: (last.min + (last.max ?? last.min)) / 2 }; // oxfmt-ignore
  // The band opens at the last statement, because since then nobody knows.
  const beginMs = last === undefined ? atMs : Math.max(fromMs, Date.parse(last.at));
  const line = (values: readonly { ms: number; value: number }[]): string =>
    values.map(({ ms, value }) => `${x(ms).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const high = [{ ms: beginMs, value: begin.high }, ...points.map((one) => ({ ms: one.ms, value: one.high }))];
  const low = [{ ms: beginMs, value: begin.low }, ...points.map((one) => ({ ms: one.ms, value: one.low }))];
  const middle = [{ ms: beginMs, value: begin.middle }, ...points.map((one) => ({ ms: one.ms, value: one.middle }))];
  const title = w({ text: `fact.${fact}` });
  const end = points.at(-1)!;
  return (
    <section className="fan">
      <h3>
        {title} <span className="dim">({unit})</span>
      </h3>
      <p className="dim small">{t(movementKeys[end.movement])}</p>
      <Picture
        label={title}
        table={
          <Table
            label={title}
            form="still"
            rows={[
              ...stated.map((one) => ({ key: `s${one.at}${one.min}`, when: full(one.at), low: one.min, middle: null, high: one.max })),
              ...points.map((one) => ({ key: `f${one.ms}`, when: `${full(one.ms)} (${horizon(one.horizonSeconds)})`, low: one.low, middle: one.middle, high: one.high })),
            ]} // oxfmt-ignore
            keyOf={(row) => row.key}
            columns={[
              { head: t('forecast.when'), rowHead: true, cell: (row) => row.when },
              { head: t('forecast.low'), number: true, cell: (row) => number(row.low) },
              { head: t('forecast.middle'), number: true, cell: (row) => (row.middle === null ? '–' : number(row.middle)) },
              { head: t('forecast.high'), number: true, cell: (row) => (row.high === null ? '–' : number(row.high)) },
            ]}
          />
        }
      >
        <svg
          className="fan-plot"
          viewBox={`0 0 ${size.width} ${size.height}`}
          role="img"
          aria-label={t('forecast.fan.said', {
            fact: title,
            horizon: horizon(end.horizonSeconds),
            low: number(end.low),
            high: number(end.high),
            middle: number(end.middle),
            unit,
          })}
        >
          {[0, 0.5, 1].map((part) => (
            <g key={part}>
              <line className="fan-grid" x1={size.left} x2={size.width - size.right} y1={y(most * part)} y2={y(most * part)} />
              <text className="fan-text" x={size.left - 6} y={y(most * part) + 4} textAnchor="end">
                {number(most * part)}
              </text>
            </g>
          ))}
          <polygon className="fan-band" points={`${line(high)} ${line(low.toReversed())}`} />
          <polyline className="fan-middle" points={line(middle)} />
          <line className="fan-now" x1={x(atMs)} x2={x(atMs)} y1={size.top} y2={size.height - size.bottom} />
          <text className="fan-text" x={x(atMs)} y={size.height - 8} textAnchor="middle">
            {t('forecast.now')}
          </text>
          {points.map((one) => (
            <g key={one.ms}>
              <line className="fan-bar" x1={x(one.ms)} x2={x(one.ms)} y1={y(one.low)} y2={y(one.high)} />
              <circle className="fan-dot" cx={x(one.ms)} cy={y(one.middle)} r="3" />
              {one.horizonSeconds * 1000 >= (toMs - fromMs) / 8 ? (
                <text className="fan-text" x={x(one.ms)} y={size.height - 8} textAnchor={one === end ? 'end' : 'middle'}>
                  {horizon(one.horizonSeconds)}
                </text>
              ) : null}
            </g>
          ))}
          {
            shown.map((one) => (
              <g key={`${one.at}${one.min}`}>
                <line
                  className="fan-stated"
                  x1={x(Date.parse(one.at))}
                  x2={x(Date.parse(one.at))}
                  y1={y(one.min)}
                  y2={y(one.max ?? one.min)}
                />
                <rect
                  className="fan-stated-dot"
                  x={x(Date.parse(one.at)) - 3}
                  y={y((one.min + (one.max ?? one.min)) / 2) - 3}
                  width="6"
                  height="6"
                >
                  <title>{`${short(one.at)} · ${number(one.min)}${one.max === one.min ? '' : ` – ${one.max === null ? '' : number(one.max)}`}`}</title>
                </rect>
              </g>
            )) /* oxfmt-ignore */
          }
        </svg>
      </Picture>
    </section>
  );
}
