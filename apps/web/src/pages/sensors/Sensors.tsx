/** Every sensor: whether it works, what it sees and loses. What needs a person stands first. */

import type { SensorView } from '@forewarn/model/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { keepView } from '../../frame/keep.ts';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useOrganisationName } from '../../session/resources.ts';
import { useQueryText, useRange } from '../../session/view.ts';
import { filterOf } from '../../values/terms.ts';
import { plot, SensorStateMark, SmallPlot, useBytes } from './parts.tsx';
import { sensorHistoriesQuery, sensorsQuery } from './queries.ts';
import { stateOrder, troubleKeys } from './words.ts';

export function Sensors() {
  const { t, n } = useTexts();
  const query = useQuery(sensorsQuery);
  const text = useQueryText();
  const name = useOrganisationName();
  const { from, to } = useRange();
  const bytes = useBytes();
  const { data: told } = useQuery(sensorHistoriesQuery({ from, to, buckets: plot.buckets }));
  const histories = useMemo(() => new Map(told?.map((history) => [history.sensor, history])), [told]);
  const shown = useMemo(() => {
    const fits = filterOf<SensorView>(text, (sensor) => `${sensor.name} ${name(sensor.organisation)}`);
    return (query.data ?? [])
      .filter(fits)
      .toSorted((a, b) => stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state) || (a.id < b.id ? -1 : 1));
  }, [query.data, text, name]);
  return (
    <Page title={t('web.page.sensors')}>
      <Waiting query={query}>
        {(all) =>
          shown.length === 0 ? (
            <Empty icon="sensor" title={all.length === 0 ? t('web.sensors.none') : t('web.sensors.noneFit')}>
              {all.length === 0 ? t('web.sensors.none.means') : t('web.noneFit.means')}
            </Empty>
          ) : (
            <Table
              label={t('web.page.sensors')}
              rows={shown}
              keyOf={({ id }) => id}
              columns={[
                {
                  head: t('web.sensor'),
                  main: true,
                  cell: (sensor) => (
                    <>
                      <Link data-open to="/sensors/$id" params={{ id: sensor.id }} search={keepView}>
                        {sensor.name}
                      </Link>
                      <div className="dim small">
                        <span className="mono">{sensor.id}</span> · {name(sensor.organisation)}
                      </div>
                    </>
                  ),
                },
                {
                  head: t('web.sensors.state'),
                  cell: ({ state, troubles }) => (
                    <>
                      <SensorStateMark state={state} />
                      {troubles.length === 0 ? null : (
                        <div className="dim small">{troubles.map((trouble) => t(troubleKeys[trouble].title)).join(' · ')}</div>
                      )}
                    </>
                  ),
                },
                {
                  head: t('web.sensors.lastReport'),
                  cell: ({ report, lastBatchAt }) => {
                    const at = report?.at ?? lastBatchAt;
                    return at === null ? '–' : <At at={at} />;
                  },
                },
                {
                  head: t('web.sensors.traffic'),
                  cell: ({ id, report }) => (report ? <SmallPlot history={histories.get(id)} /> : '–'),
                },
                {
                  head: t('web.sensors.packetsPerSecond'),
                  number: true,
                  cell: ({ report }) => (report ? n(report.packetsPerSecond, 1) : '–'),
                },
                {
                  head: t('web.sensors.dropped'),
                  number: true,
                  cell: ({ report }) =>
                    report?.droppedShare == null ? '–' : t('web.sensors.percent', { value: n(report.droppedShare * 100, 2) }),
                },
                { head: t('web.sensors.spool'), number: true, cell: ({ report }) => (report ? bytes(report.spool.bytes) : '–') },
                {
                  head: t('web.sensors.clock'),
                  number: true,
                  cell: ({ report }) =>
                    report?.clock ? t('web.sensors.seconds', { value: n(report.clock.skewSeconds, 2) }) : '–',
                },
                {
                  head: t('web.sensors.version'),
                  className: 'nowrap',
                  cell: ({ report, settings }) => (
                    <>
                      {report?.version ?? '–'}
                      {settings.wanted === settings.inForce ? null : (
                        <div className="dim small">{t('web.sensors.settingsWait')}</div>
                      )}
                    </>
                  ),
                },
              ]}
            />
          )
        }
      </Waiting>
    </Page>
  );
}
