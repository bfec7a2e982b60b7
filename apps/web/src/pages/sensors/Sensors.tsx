/** Every sensor: whether it works, what it sees and loses. What needs a person stands first. */

import type { SensorView } from '@forewarn/model/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { keepView } from '../../frame/Frame.tsx';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
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
            <div className="table-scroll" role="region" aria-label={t('web.page.sensors')} tabIndex={0}>
              <table className="table table-cards">
                <thead>
                  <tr>
                    <th scope="col">{t('web.sensor')}</th>
                    <th scope="col">{t('web.sensors.state')}</th>
                    <th scope="col">{t('web.sensors.lastReport')}</th>
                    <th scope="col">{t('web.sensors.traffic')}</th>
                    <th scope="col" className="number">
                      {t('web.sensors.packetsPerSecond')}
                    </th>
                    <th scope="col" className="number">
                      {t('web.sensors.dropped')}
                    </th>
                    <th scope="col" className="number">
                      {t('web.sensors.spool')}
                    </th>
                    <th scope="col" className="number">
                      {t('web.sensors.clock')}
                    </th>
                    <th scope="col">{t('web.sensors.version')}</th>
                  </tr>
                </thead>
                <tbody>
                  {shown.map((sensor) => (
                    <tr key={sensor.id} data-row tabIndex={-1}>
                      <td className="cell-main">
                        <Link data-open to="/sensors/$id" params={{ id: sensor.id }} search={keepView}>
                          {sensor.name}
                        </Link>
                        <div className="dim small">
                          <span className="mono">{sensor.id}</span> · {name(sensor.organisation)}
                        </div>
                      </td>
                      <td data-label={t('web.sensors.state')}>
                        <SensorStateMark state={sensor.state} />
                        {sensor.troubles.length === 0 ? null : (
                          <div className="dim small">
                            {sensor.troubles.map((trouble) => t(troubleKeys[trouble].title)).join(' · ')}
                          </div>
                        )}
                      </td>
                      <td data-label={t('web.sensors.lastReport')}>
                        {sensor.report ? (
                          <At at={sensor.report.at} />
                        ) : sensor.lastBatchAt === null ? (
                          '–'
                        ) : (
                          <At at={sensor.lastBatchAt} />
                        )}
                      </td>
                      <td data-label={t('web.sensors.traffic')}>
                        {sensor.report ? <SmallPlot history={histories.get(sensor.id)} /> : '–'}
                      </td>
                      <td className="number" data-label={t('web.sensors.packetsPerSecond')}>
                        {sensor.report ? n(sensor.report.packetsPerSecond, 1) : '–'}
                      </td>
                      <td className="number" data-label={t('web.sensors.dropped')}>
                        {sensor.report?.droppedShare == null
                          ? '–'
                          : t('web.sensors.percent', { value: n(sensor.report.droppedShare * 100, 2) })}
                      </td>
                      <td className="number" data-label={t('web.sensors.spool')}>
                        {sensor.report ? bytes(sensor.report.spool.bytes) : '–'}
                      </td>
                      <td className="number" data-label={t('web.sensors.clock')}>
                        {sensor.report?.clock ? t('web.sensors.seconds', { value: n(sensor.report.clock.skewSeconds, 2) }) : '–'}
                      </td>
                      <td data-label={t('web.sensors.version')} className="nowrap">
                        {sensor.report?.version ?? '–'}
                        {sensor.settings.wanted === sensor.settings.inForce ? null : (
                          <div className="dim small">{t('web.sensors.settingsWait')}</div>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Waiting>
    </Page>
  );
}
