/** Forecasts beside what came of them. */

import type { ScoredForecastView } from '@forewarn/model/forecast';
import { Link } from '@tanstack/react-router';
import { Table } from '../../frame/Table.tsx';
import { keepView } from '../../frame/keep.ts';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { SchemeLevel, seriousness, useHorizon, useSchemeLevel } from './levels.tsx';

export function Outcomes({
  rows,
  scheme,
  named = true,
}: {
  rows: readonly ScoredForecastView[];
  scheme: string;
  /** Whether each row says of which incident it is. */
  named?: boolean;
}) {
  const { t } = useTexts();
  const level = useSchemeLevel(scheme);
  const horizon = useHorizon();
  const came = (row: ScoredForecastView): string => {
    if (!row.due) return t('forecast.outcome.waiting');
    if (!row.confirmed) return t('forecast.outcome.silent');
    const actual = seriousness(row.actual);
    if (actual > seriousness(row.gravest)) return t('forecast.outcome.graver');
    return actual < seriousness(row.lightest) ? t('forecast.outcome.lighter') : t('forecast.outcome.inside');
  };
  return (
    <Table
      label={t('forecast.earlier')}
      form="rows"
      rows={rows}
      keyOf={(row) => `${row.incident}${row.at}${row.horizonSeconds}`}
      columns={[
        ...(named
          ? [
              {
                head: t('web.incident'),
                cell: (row: ScoredForecastView) => (
                  <Link data-open to="/incidents/$id" params={{ id: row.incident }} search={keepView} className="mono">
                    {row.number}
                  </Link>
                ),
              },
            ]
          : []),
        { head: t('forecast.made'), cell: (row) => <At at={row.at} /> },
        { head: t('forecast.ahead'), cell: (row) => horizon(row.horizonSeconds) },
        { head: t('forecast.then'), cell: (row) => level(row.now) },
        { head: t('forecast.expected'), cell: (row) => <SchemeLevel scheme={scheme} level={row.expected} /> },
        {
          head: t('forecast.bandHead'),
          cell: (row) =>
            row.lightest === row.gravest ? level(row.gravest) : t('forecast.band', { lightest: level(row.lightest), gravest: level(row.gravest) }), // oxfmt-ignore
        },
        { head: t('forecast.actual'), cell: (row) => (row.due && row.confirmed ? <SchemeLevel scheme={scheme} level={row.actual} /> : '–') }, // oxfmt-ignore
        { head: t('forecast.outcome'), cell: came },
      ]}
    />
  );
}
