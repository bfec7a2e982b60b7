/** How an incident's or a campaign's grade came about, as a plot of floor and ceiling over time with its table, and each grade's seal. */

import type { SchemeOutcome } from '@forewarn/model/grading-api';
import { Select } from '@mantine/core';
import { useState } from 'react';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';

export type Line = {
  at: string;
  scheme: string;
  floor: number | null;
  ceiling: number | null;
  seal?: 'sealed' | 'differs' | 'none';
  digest?: string;
  audit?: number | null;
};

const sealKeys = { sealed: 'desk.seal.sealed', differs: 'desk.seal.differs', none: 'desk.seal.none' } as const;

export function History({
  lines,
  schemes,
  tools,
}: {
  lines: readonly Line[];
  schemes: readonly SchemeOutcome[];
  tools?: React.ReactNode;
}) {
  const { t, l } = useTexts();
  const [asked, setAsked] = useState<string | null>(null);
  const [asTable, setAsTable] = useState(false);
  const graded = schemes.filter(({ scheme }) => lines.some((line) => line.scheme === scheme));
  const scheme = graded.find((one) => one.scheme === asked) ?? graded[0];
  if (scheme === undefined) return <p className="prose dim">{t('desk.history.none')}</p>;
  const own = lines.filter((line) => line.scheme === scheme.scheme);
  const name = (level: number | null): string => {
    const known = scheme.levels.find((each) => each.level === level);
    return known === undefined ? t('web.level.none') : `${known.roman} ${l(known.name)}`;
  };
  return (
    <div className="grade-history">
      <div className="history-tools">
        <Select
          size="xs"
          aria-label={t('desk.history.scheme')}
          allowDeselect={false}
          value={scheme.scheme}
          onChange={setAsked}
          data={graded.map((one) => ({ value: one.scheme, label: l(one.short) }))}
        />
        {tools}
        <button type="button" className="tool" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          <Icon name="list" size={14} />
          <span>{t('web.chart.table')}</span>
        </button>
      </div>
      {asTable ? null : <Plot lines={own} scheme={scheme} name={name} />}
      {asTable || own.some(({ seal }) => seal !== undefined) ? (
        <Table
          label={t('desk.history')}
          rows={own.toReversed()}
          form="still"
          keyOf={({ at, digest, floor, ceiling }) => `${at} ${digest ?? ''} ${floor} ${ceiling}`}
          columns={[
            { head: t('desk.history.at'), rowHead: true, cell: ({ at }) => <At at={at} /> },
            { head: t('desk.history.floor'), cell: ({ floor }) => name(floor) },
            { head: t('desk.history.ceiling'), cell: ({ ceiling }) => name(ceiling) },
            ...(own.some(({ seal }) => seal !== undefined)
              ? [
                  {
                    head: t('desk.history.seal'),
                    cell: ({ seal, digest, audit }: Line) => (
                      <span className="seal" data-seal={seal} title={digest}>
                        <Icon name={seal === 'sealed' ? 'check' : seal === 'differs' ? 'alert' : 'minus'} size={12} />{' '}
                        {t(sealKeys[seal ?? 'none'])}
                        {audit === null || audit === undefined ? '' : ` · #${audit}`}
                      </span>
                    ),
                  },
                ]
              : []),
          ]}
        />
      ) : null}
    </div>
  );
}

const size = { width: 640, row: 26, left: 46, right: 8, top: 6, bottom: 20 } as const;

/** Steps: the floor a full line, the ceiling a broken one, what lies between open. */
function Plot({
  lines,
  scheme,
  name,
}: {
  lines: readonly Line[];
  scheme: SchemeOutcome;
  name: (level: number | null) => string;
}) {
  const { t, l } = useTexts();
  const { short } = useInstants();
  const ladder = [null, ...scheme.levels.map(({ level }) => level)];
  const height = size.top + size.bottom + ladder.length * size.row;
  const times = lines.map(({ at }) => Date.parse(at));
  const first = times[0] ?? 0;
  const last = Math.max(times.at(-1) ?? first, first + 60_000);
  // Room at the end, so that the newest grade is seen to last.
  const end = last + (last - first) * 0.06;
  const x = (at: number): number => size.left + ((at - first) / (end - first)) * (size.width - size.left - size.right);
  const y = (level: number | null): number => size.top + (ladder.length - 1 - ladder.indexOf(level) + 0.5) * size.row;
  const path = (of: 'floor' | 'ceiling'): string =>
    lines
      .map(
        (line, i) =>
          `${i === 0 ? 'M' : 'L'}${x(times[i]!).toFixed(1)} ${y(line[of]).toFixed(1)}H${x(times[i + 1] ?? end).toFixed(1)}`,
      )
      .join('');
  const now = lines.at(-1);
  return (
    <svg
      className="grade-plot"
      viewBox={`0 0 ${size.width} ${height}`}
      role="img"
      aria-label={t('desk.history.plot', {
        scheme: l(scheme.short),
        count: lines.length,
        floor: name(now?.floor ?? null),
        ceiling: name(now?.ceiling ?? null),
      })}
    >
      {ladder.map((level) => (
        <g key={level ?? 0}>
          <line x1={size.left} x2={size.width - size.right} y1={y(level)} y2={y(level)} className="grade-plot-line" />
          <text x={size.left - 8} y={y(level) + 4} textAnchor="end">
            {level === null ? '–' : scheme.levels.find((each) => each.level === level)!.roman}
          </text>
        </g>
      ))}
      {lines.map((line, i) => (
        <rect
          key={line.at + (line.digest ?? i)}
          x={x(times[i]!)}
          width={Math.max(0, x(times[i + 1] ?? end) - x(times[i]!))}
          y={y(line.ceiling)}
          height={Math.max(0, y(line.floor) - y(line.ceiling))}
          className="grade-plot-open"
        />
      ))}
      <path d={path('ceiling')} className="grade-plot-ceiling" />
      <path d={path('floor')} className="grade-plot-floor" />
      <text x={size.left} y={height - 5}>
        {short(first)}
      </text>
      <text x={size.width - size.right} y={height - 5} textAnchor="end">
        {short(last)}
      </text>
    </svg>
  );
}
