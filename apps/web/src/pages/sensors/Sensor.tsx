/** One sensor: what is wrong and what to do, what it sees and loses over time, what it is told to capture. */

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { TimeChart, type Series } from '../../charts/TimeChart.tsx';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useSpan } from '../../session/instants.ts';
import { useMay } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { useOrganisationName } from '../../session/resources.ts';
import { useRange } from '../../session/view.ts';
import { SensorStateMark, useBytes } from './parts.tsx';
import { sensorHistoryQuery, sensorQuery, type SensorDetail } from './queries.ts';
import { SettingsForm } from './SettingsForm.tsx';
import { stateTodoKeys, troubleKeys } from './words.ts';

export function Sensor() {
  const { t } = useTexts();
  const { id } = useParams({ strict: false }) as { id: string };
  const query = useQuery(sensorQuery(id));
  const may = useMay();
  const [setting, setSetting] = useState(false);
  return (
    <Page
      title={query.data?.name ?? id}
      heading={<ItemHead up={{ to: '/sensors', name: t('web.page.sensors') }} title={query.data?.name ?? id} />}
      tools={
        may('accounts:write') && query.data ? (
          <Button variant="default" onClick={() => setSetting(true)}>
            {t('web.sensors.set')}
          </Button>
        ) : undefined
      }
    >
      <Waiting query={query}>
        {(sensor) => (
          <>
            <Wrong sensor={sensor} />
            <Traffic id={sensor.id} />
            <Figures sensor={sensor} />
            <Logs sensor={sensor} />
            <Settings sensor={sensor} />
            {setting ? <SettingsForm sensor={sensor} close={() => setSetting(false)} /> : null}
          </>
        )}
      </Waiting>
    </Page>
  );
}

/** What a person has to do now, if anything. */
function Wrong({ sensor }: { sensor: SensorDetail }) {
  const { t } = useTexts();
  const todos = [stateTodoKeys[sensor.state], ...sensor.troubles.map((trouble) => troubleKeys[trouble])].filter(
    (one) => one !== undefined,
  );
  return (
    <Panel title={t('web.sensors.state')} tools={<SensorStateMark state={sensor.state} />}>
      {todos.length === 0 ? (
        <Empty title={t('web.sensors.allWell')}>{t('web.sensors.allWell.means')}</Empty>
      ) : (
        <ul className="sensor-todo">
          {todos.map(({ title, todo }) => (
            <li key={todo}>
              <Icon name="alert" size={16} />
              <div>
                <strong>{t(title)}</strong>
                <p>{t(todo)}</p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Traffic({ id }: { id: string }) {
  const { t, n } = useTexts();
  const { from, to } = useRange();
  const query = useQuery(sensorHistoryQuery(id, { from, to, buckets: 120 }));
  return (
    <Panel title={t('web.sensors.seenAndLost')}>
      <Waiting query={query}>
        {(history) => {
          const perSecond = (values: readonly number[]) => values.map((value) => value / history.bucketSeconds);
          const series: Series[] = [
            { name: t('web.sensors.packetsPerSecond'), colour: '--bar', values: perSecond(history.packets) },
            { name: t('web.sensors.droppedPerSecond'), colour: '--bad', values: perSecond(history.dropped) },
          ];
          return (
            <>
              <TimeChart
                label={t('web.sensors.seenAndLost')}
                fromMs={Date.parse(history.from)}
                bucketMs={history.bucketSeconds * 1000}
                series={series}
                kind="line"
                height={160}
                write={(value) => n(value, 1)}
              />
              <ul className="legend">
                {series.map((each) => (
                  <li key={each.colour}>
                    <span className="legend-key" style={{ background: `var(${each.colour})` }} />
                    {each.name}
                  </li>
                ))}
              </ul>
            </>
          );
        }}
      </Waiting>
    </Panel>
  );
}

function Figures({ sensor }: { sensor: SensorDetail }) {
  const { t, n } = useTexts();
  const bytes = useBytes();
  const span = useSpan();
  const name = useOrganisationName();
  const { report } = sensor;
  const rows: [string, ReactNode][] = [
    [t('web.organisation'), name(sensor.organisation)],
    [t('web.sensor.link'), sensor.link ?? '–'],
    [t('web.sensor.lastBatch'), sensor.lastBatchAt === null ? t('web.sensor.never') : <At at={sensor.lastBatchAt} exact />],
    [t('web.sensor.records'), n(sensor.records)],
  ];
  if (report) {
    rows.push(
      [t('web.sensors.lastReport'), <At key="at" at={report.at} exact />],
      [
        t('web.sensors.input'),
        <span key="input" className="mono">
          {report.input}
        </span>,
      ],
      [t('web.sensors.version'), report.version],
      [t('web.sensors.since'), <At key="since" at={report.startedAt} exact />],
      [t('web.sensors.packetsPerSecond'), n(report.packetsPerSecond, 1)],
      [t('web.sensors.bytesPerSecond'), bytes(report.bytesPerSecond)],
      [
        t('web.sensors.dropped'),
        report.dropped === null
          ? t('web.sensors.notCounted')
          : t('web.sensors.droppedOf', { dropped: n(report.dropped), share: n((report.droppedShare ?? 0) * 100, 2) }),
      ],
      [t('web.sensors.gaps'), n(report.gaps)],
      [
        t('web.sensors.spool'),
        t('web.sensors.spoolOf', {
          bytes: bytes(report.spool.bytes),
          most: bytes(report.spool.bytesMax),
          batches: n(report.spool.batches),
        }),
      ],
      [t('web.sensors.oldest'), report.spool.ageSeconds === null ? '–' : span(report.spool.ageSeconds)],
      [t('web.sensors.lost'), t('web.sensors.lostOf', { records: n(report.lost.records), batches: n(report.lost.batches) })],
      [
        t('web.sensors.clock'),
        report.clock === null
          ? '–'
          : t('web.sensors.clockOf', { skew: n(report.clock.skewSeconds, 3), within: n(report.clock.withinSeconds, 3) }),
      ],
      [t('web.sensors.cpu'), t('web.sensors.percent', { value: n(report.cpu * 100, 0) })],
      [t('web.sensors.memory'), bytes(report.memoryMegabytes * 1e6)],
    );
  }
  return (
    <Panel title={t('web.sensors.figures')}>
      <dl className="sensor-figures">
        {rows.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

/** What it brought, and how much of it nobody may see: a number says where a policy would have to name a field. */
function Logs({ sensor }: { sensor: SensorDetail }) {
  const { t, n } = useTexts();
  if (sensor.logs.length === 0) return null;
  const withheld = sensor.logs.some((one) => one.withheld > 0);
  return (
    <Panel title={t('web.sensors.logs')}>
      {withheld ? <p className="prose sensor-note">{t('web.sensors.withheld.means')}</p> : null}
      <Table
        label={t('web.sensors.logs')}
        form="still"
        rows={sensor.logs}
        keyOf={({ log }) => log}
        columns={[
          { head: t('web.sensors.log'), rowHead: true, className: 'mono', cell: ({ log }) => log },
          { head: t('web.sensor.records'), number: true, cell: ({ records }) => n(records) },
          { head: t('web.sensors.withheld'), number: true, cell: (one) => (one.withheld === 0 ? '–' : n(one.withheld)) },
          { head: t('web.sensors.newest'), cell: ({ lastAt }) => <At at={lastAt} /> },
        ]}
      />
    </Panel>
  );
}

function Settings({ sensor }: { sensor: SensorDetail }) {
  const { t, n } = useTexts();
  const actor = useActorName();
  const { wanted, inForce, refused } = sensor.settings;
  return (
    <Panel title={t('web.sensors.settings')}>
      <p className="prose sensor-note" role="status">
        {refused && refused.version === wanted
          ? t('web.sensors.settingsRefused', { version: refused.version, reason: refused.reason })
          : wanted === 0
            ? t('web.sensors.settingsNone')
            : wanted === inForce
              ? t('web.sensors.settingsInForce', { version: wanted })
              : t('web.sensors.settingsSent', { version: wanted })}
      </p>
      {sensor.editions.length === 0 ? null : (
        <Table
          label={t('web.sensors.settings')}
          form="still"
          rows={sensor.editions}
          keyOf={({ version }) => version}
          columns={[
            { head: t('web.sensors.edition'), rowHead: true, number: true, cell: ({ version }) => version },
            {
              head: t('web.sensors.setBy'),
              cell: ({ at, by }) => (
                <>
                  {actor(by)} · <At at={at} />
                </>
              ),
            },
            {
              head: t('web.sensors.filter'),
              className: 'mono',
              cell: ({ values }) => (values.filter === '' ? '–' : values.filter),
            },
            { head: t('web.sensors.snapLength'), number: true, cell: ({ values }) => n(values.snapLength) },
            {
              head: t('web.sensors.parts'),
              cell: ({ values }) =>
                [
                  ...(values.flowsOnly ? [t('web.sensors.flowsOnly')] : []),
                  ...(values.fileHashes ? [] : [t('web.sensors.noHashes')]),
                  ...(values.protocolsOff.length > 0
                    ? [t('web.sensors.without', { protocols: values.protocolsOff.join(', ') })]
                    : []),
                  t('web.sensors.recordsABatch', { records: n(values.batchRecords) }),
                ].join(' · '),
            },
          ]}
        />
      )}
    </Panel>
  );
}
