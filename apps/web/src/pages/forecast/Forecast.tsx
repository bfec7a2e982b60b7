/** Where open incidents are heading, the worst first; and how well forecasts did. */

import type { CalibrationView, ForecastListView, ForecastRow } from '@forewarn/model/forecast';
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { keepAnd } from '../../frame/keep.ts';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useNamedWords, useOrganisationName } from '../../session/resources.ts';
import { SchemeLevel, seriousness, useHorizon, useSchemeLevel } from './levels.tsx';
import { Model } from './Model.tsx';
import { Outcomes } from './Outcomes.tsx';
import { calibrationQuery, forecastsQuery } from './queries.ts';
import { Reliability } from './Reliability.tsx';

export function Forecast() {
  const { t } = useTexts();
  const query = useQuery(forecastsQuery);
  return (
    <Page title={t('forecast.page')}>
      <p className="prose dim page-means">{t('forecast.means')}</p>
      <Waiting query={query}>
        {(list) => (
          <div className="stack">
            <Open list={list} />
            <Calibrated />
            <Model model={list.model} />
          </div>
        )}
      </Waiting>
    </Page>
  );
}

function Open({ list }: { list: ForecastListView }) {
  const { t } = useTexts();
  const words = useNamedWords();
  const name = useOrganisationName();
  const horizon = useHorizon();
  return (
    <Panel title={t('forecast.open')} count={list.items.length}>
      {list.items.length === 0 ? (
        <Empty icon="clock" title={t('forecast.none')}>
          {t('forecast.none.means')}
        </Empty>
      ) : (
        <Table
          label={t('forecast.open')}
          rows={list.items}
          keyOf={(row) => row.incident}
          columns={[
            {
              head: t('web.incident'),
              main: true,
              cell: (row) => (
                <>
                  <Link data-open to="/incidents/$id" params={{ id: row.incident }} search={keepAnd({ tab: 'forecast' })}>
                    <span className="mono">{row.number}</span> {words(row.title)}
                  </Link>
                  <span className="dim small cause-group">{row.organisations.map(name).join(t('web.list'))}</span>
                </>
              ),
            },
            { head: t('forecast.now'), cell: (row) => <SchemeLevel scheme={list.scheme} level={row.now} /> },
            ...list.model.horizonsSeconds.map((seconds) => ({
              head: horizon(seconds),
              cell: (row: ForecastRow) => <Ahead row={row} seconds={seconds} scheme={list.scheme} />,
            })),
            { head: t('forecast.made'), cell: (row) => <At at={row.at} /> },
          ]}
        />
      )}
    </Panel>
  );
}

/** The expected level, and how many of the ten courses grow graver than now. */
function Ahead({ row, seconds, scheme }: { row: ForecastRow; seconds: number; scheme: string }) {
  const { t } = useTexts();
  const level = useSchemeLevel(scheme);
  const point = row.points.find(({ horizonSeconds }) => horizonSeconds === seconds);
  if (point === undefined) return '–';
  const graver = point.courses.filter((one) => seriousness(one) > seriousness(row.now)).length;
  return (
    <span className="forecast-ahead">
      <SchemeLevel scheme={scheme} level={point.expected} />
      <span
        className="forecast-share"
        title={t('forecast.band', { lightest: level(point.lightest), gravest: level(point.gravest) })}
      >
        <span className="forecast-meter" aria-hidden="true">
          <span style={{ inlineSize: `${graver * 10}%` }} />
        </span>
        <span className="dim small">{t('forecast.graver', { count: graver })}</span>
      </span>
    </span>
  );
}

const spans = [30, 90, 365, 730] as const;

function Calibrated() {
  const { t } = useTexts();
  const [days, setDays] = useState(365);
  const query = useQuery(calibrationQuery(days));
  return (
    <Panel
      title={t('forecast.calibration')}
      count={query.data === undefined ? undefined : t('forecast.scored', { count: query.data.count })}
      tools={
        <Select
          aria-label={t('forecast.days')}
          size="xs"
          allowDeselect={false}
          data={spans.map((one) => ({ value: String(one), label: t('forecast.lastDays', { days: one }) }))}
          value={String(days)}
          onChange={(value) => setDays(Number(value ?? 365))}
        />
      }
    >
      <Waiting query={query}>{(found) => <Figures found={found} />}</Waiting>
    </Panel>
  );
}

function Figures({ found }: { found: CalibrationView }) {
  const { t, n, w } = useTexts();
  const horizon = useHorizon();
  const percent = (share: number | null): string =>
    share === null ? '–' : t('forecast.percent', { percent: Math.round(share * 100) });
  const brier = (value: number | null): string => (value === null ? '–' : n(Math.round(value * 1000) / 1000));
  return (
    <>
      <p className="dim small">{t('forecast.notCounted', { unconfirmed: found.unconfirmed, waiting: found.waiting })}</p>
      {found.count === 0 ? (
        <Empty icon="clock" title={t('forecast.uncalibrated')}>
          {t('forecast.uncalibrated.means')}
        </Empty>
      ) : (
        <>
          <div className="calibration">
            <div className="stack">
              <Table
                label={t('forecast.calibration')}
                form="rows"
                rows={found.horizons}
                keyOf={(row) => row.horizonSeconds}
                columns={[
                  { head: t('forecast.ahead'), rowHead: true, cell: (row) => horizon(row.horizonSeconds) },
                  { head: t('forecast.count'), number: true, cell: (row) => row.count },
                  { head: t('forecast.coverage'), number: true, cell: (row) => percent(row.inside) },
                  { head: t('forecast.hit'), number: true, cell: (row) => percent(row.hit) },
                  { head: t('forecast.brier'), number: true, cell: (row) => brier(row.brier) },
                  { head: t('forecast.brierStays'), number: true, cell: (row) => brier(row.brierStays) },
                  { head: t('forecast.cameGraver'), number: true, cell: (row) => row.graver },
                  { head: t('forecast.cameLighter'), number: true, cell: (row) => row.lighter },
                ]}
              />
              <p className="dim small">{t('forecast.figures.means')}</p>
              {found.facts.length === 0 ? null : (
                <Table
                  label={t('forecast.facts')}
                  form="rows"
                  rows={found.facts}
                  keyOf={(row) => row.fact}
                  columns={[
                    { head: t('forecast.fact'), rowHead: true, cell: (row) => w({ text: `fact.${row.fact}` }) },
                    { head: t('forecast.count'), number: true, cell: (row) => row.count },
                    { head: t('forecast.coverage'), number: true, cell: (row) => percent(row.inside) },
                    { head: t('forecast.above'), number: true, cell: (row) => row.above },
                    { head: t('forecast.below'), number: true, cell: (row) => row.below },
                  ]}
                />
              )}
            </div>
            {found.reliability.length === 0 ? null : (
              <section>
                <h3>{t('forecast.reliability')}</h3>
                <Reliability bins={found.reliability} />
                <p className="dim small">{t('forecast.reliability.means')}</p>
              </section>
            )}
          </div>
          <h3>{t('forecast.recent')}</h3>
          <Outcomes rows={found.recent} scheme={found.scheme} />
        </>
      )}
    </>
  );
}
