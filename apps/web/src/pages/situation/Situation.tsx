/** What needs a person now, on top; everything else recedes. Every number opens what it counts. */

import type { SituationView } from '@forewarn/model/api';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { TimeChart } from '../../charts/TimeChart.tsx';
import { keepAnd, keepView } from '../../frame/keep.ts';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { ColourMark, GradeMark, LevelShape, useLevelName } from '../../marks/Grade.tsx';
import { At, findingLevels, useFindingLevelName } from '../../marks/Marks.tsx';
import { StageWord } from '../../marks/Stage.tsx';
import { useSecond } from '../../session/clock.ts';
import { useSpan } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { writeBetween } from '../../session/range.ts';
import { situationQuery, useOrganisationName } from '../../session/resources.ts';
import { IndexPanel, Places } from './IndexPanel.tsx';
import { coarse, Now } from './Now.tsx';
import { RatioFigure } from './parts.tsx';
import { Trend } from './Trend.tsx';

/** A sensor that has been silent this long is shown as silent: ten times the interval at which sensors send. */
const silentMs = 5 * 60_000;

const whole = { dimension: 'whole', key: 'whole' } as const;

export function Situation() {
  const { t } = useTexts();
  const query = useQuery(situationQuery);
  return (
    <Page title={t('web.page.situation')}>
      <Waiting query={query}>{(data) => <SituationBody data={data} />}</Waiting>
    </Page>
  );
}

function SituationBody({ data }: { data: SituationView }) {
  return (
    <div className="situation">
      <div className="situation-now">
        <Now data={data} />
        <OpenIncidents data={data} />
        <Places />
        <Trend place={whole} />
        <FindingsChart data={data} />
      </div>
      <div className="situation-side">
        <IndexPanel />
        <Grades data={data} />
        <ActiveWarnings data={data} />
        <ResponseRatio data={data} />
        <Records data={data} />
        <Sensors data={data} />
      </div>
    </div>
  );
}

function OpenIncidents({ data }: { data: SituationView }) {
  const { t, w } = useTexts();
  const name = useOrganisationName();
  const span = useSpan();
  const nowMs = Math.floor(useSecond() / 60) * 60_000;
  const open = data.incidents
    .filter(({ state }) => state !== 'closed')
    .sort((a, b) => (a.grade?.floor ?? 9) - (b.grade?.floor ?? 9) || Date.parse(b.updatedAt) - Date.parse(a.updatedAt));
  return (
    <Panel
      title={t('web.situation.incidents')}
      count={open.length}
      tools={
        <Link to="/incidents" search={keepView}>
          {t('web.all')}
        </Link>
      }
    >
      {open.length === 0 ? (
        <Empty icon="incidents" title={t('web.incidents.none')}>
          {t('web.incidents.none.means')}
        </Empty>
      ) : (
        <Table
          label={t('web.situation.incidents')}
          rows={open}
          keyOf={({ id }) => id}
          columns={[
            { head: t('web.incident.grade'), cell: ({ grade }) => <GradeMark floor={grade?.floor} ceiling={grade?.ceiling} /> },
            {
              head: t('web.incident'),
              main: true,
              cell: ({ id, title, number }) => (
                <>
                  <Link data-open to="/incidents/$id" params={{ id }} search={keepView}>
                    {w(title)}
                  </Link>
                  <div className="dim mono small">{number}</div>
                </>
              ),
            },
            { head: t('web.incident.organisations'), cell: ({ organisations }) => organisations.map(name).join(', ') },
            { head: t('web.incident.lead'), cell: ({ lead }) => name(lead.organisation) },
            { head: t('web.incident.stage'), cell: ({ stage }) => <StageWord stage={stage} /> },
            {
              head: t('web.incident.changed'),
              number: true,
              cell: ({ updatedAt }) => t('web.ago', { span: span(coarse((nowMs - Date.parse(updatedAt)) / 1000)) }),
            },
          ]}
        />
      )}
    </Panel>
  );
}

function Grades({ data }: { data: SituationView }) {
  const { t, n } = useTexts();
  const level = useLevelName();
  return (
    <Panel title={t('web.situation.grades')}>
      <ul className="grade-counts">
        {([1, 2, 3, 4, 0] as const).map((each) => {
          const count = data.openByLevel[String(each)] ?? 0;
          const shape = each === 0 ? null : each;
          return (
            <li key={each} data-none={count === 0 || undefined}>
              <Link to="/incidents" search={keepAnd({ level: String(each) })}>
                <LevelShape level={shape} size={24} />
                <span className="grade-counts-name">{each === 0 ? t('web.level.ungraded') : level(each)}</span>
                <span className="grade-count">{n(count)}</span>
              </Link>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function ActiveWarnings({ data }: { data: SituationView }) {
  const { t, l } = useTexts();
  const active = data.warnings.filter(({ state }) => state === 'issued' || state === 'adjusted');
  return (
    <Panel
      title={t('web.situation.warnings')}
      count={active.length}
      tools={
        <Link to="/warnings" search={keepView}>
          {t('web.all')}
        </Link>
      }
    >
      {active.length === 0 ? (
        <Empty icon="warnings" title={t('web.warnings.none')}>
          {t('web.warnings.none.means')}
        </Empty>
      ) : (
        <ul className="warning-list">
          {active.map((warning) => {
            const { acknowledged, warned } = warning.counts;
            return (
              <li key={warning.id} data-row tabIndex={-1}>
                <ColourMark colour={warning.colour} />
                <Link data-open to="/warnings/$id" params={{ id: warning.id }} search={keepView}>
                  {l(warning.title)}
                </Link>
                <span className="dim">{t('web.warning.acknowledgedOf', { acknowledged, of: warned })}</span>
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}

function ResponseRatio({ data }: { data: SituationView }) {
  const { t, n } = useTexts();
  const { before, of, averted, unknown } = data.responseRatio;
  return (
    <Panel
      title={t('web.ratio.title')}
      tools={
        <Link to="/situation/ratio" search={keepView}>
          {t('situations.ratio.open')}
        </Link>
      }
    >
      <div className="ratio">
        <RatioFigure before={before} of={of} />
        <dl className="pairs">
          <div>
            <dt>{t('web.ratio.averted')}</dt>
            <dd>{n(averted)}</dd>
          </div>
          <div>
            <dt>{t('web.ratio.unknown')}</dt>
            <dd>{n(unknown)}</dd>
          </div>
        </dl>
      </div>
    </Panel>
  );
}

function useZoomTo(page: 'findings' | 'traffic') {
  const navigate = useNavigate();
  return (fromMs: number, toMs: number) => {
    const search = keepAnd({ range: writeBetween(Math.floor(fromMs / 1000) * 1000, Math.ceil(toMs / 1000) * 1000) });
    if (page === 'findings') void navigate({ to: '/findings', search });
    else void navigate({ to: '/traffic/$log', params: { log: 'conn' }, search });
  };
}

function FindingsChart({ data }: { data: SituationView }) {
  const { t, n } = useTexts();
  const name = useFindingLevelName();
  const zoom = useZoomTo('findings');
  const { findings } = data;
  const series = useMemo(
    () =>
      findingLevels.toReversed().map((level) => ({
        name: name(level),
        colour: `--finding-${level}`,
        values: findings.counts.find((each) => each.level === level)?.buckets ?? [],
      })),
    [findings, name],
  );
  const span = useSpan();
  const lastSpan = t('web.range.last', { span: span(findings.bucketSeconds * (findings.counts[0]?.buckets.length ?? 0)) });
  const sum = series.reduce((all, { values }) => all + values.reduce((a, b) => a + b, 0), 0);
  return (
    <Panel title={t('web.situation.findings')} count={`${n(sum)} · ${lastSpan}`}>
      <TimeChart
        label={t('web.situation.findings')}
        fromMs={Date.parse(findings.from)}
        bucketMs={findings.bucketSeconds * 1000}
        series={series}
        height={132}
        onZoom={zoom}
      />
      <ul className="legend">
        {series.toReversed().map((each) => (
          <li key={each.colour}>
            <span className="legend-key" style={{ background: `var(${each.colour})` }} />
            {each.name}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Records({ data }: { data: SituationView }) {
  const { t, n } = useTexts();
  const zoom = useZoomTo('traffic');
  const { records } = data;
  const perSecond = useMemo(() => records.buckets.map((count) => count / records.bucketSeconds), [records]);
  const series = useMemo(
    () => [{ name: t('web.situation.recordsPerSecond'), colour: '--accent', values: perSecond }],
    [perSecond, t],
  );
  // The last bucket is still filling.
  const last = perSecond.at(-2) ?? 0;
  return (
    <Panel title={t('web.situation.recordsPerSecond')} count={n(last, 1)}>
      <TimeChart
        label={t('web.situation.recordsPerSecond')}
        fromMs={Date.parse(records.from)}
        bucketMs={records.bucketSeconds * 1000}
        series={series}
        kind="line"
        height={132}
        write={(value) => n(value, 1)}
        onZoom={zoom}
      />
    </Panel>
  );
}

function Sensors({ data }: { data: SituationView }) {
  const { t, n } = useTexts();
  const name = useOrganisationName();
  const nowMs = Math.floor(useSecond() / 10) * 10_000;
  const stateOf = (at: string | null) => (at === null ? 'never' : nowMs - Date.parse(at) > silentMs ? 'silent' : 'sending');
  const words = { never: t('web.sensor.never'), silent: t('web.sensor.silent'), sending: t('web.sensor.sending') };
  const sending = data.sensors.filter(({ lastBatchAt }) => stateOf(lastBatchAt) === 'sending').length;
  return (
    <Panel title={t('web.situation.sensors')} count={t('web.situation.sensorsOf', { sending, of: data.sensors.length })}>
      {data.sensors.length === 0 ? (
        <Empty icon="sensor" title={t('web.sensors.none')}>
          {t('web.sensors.none.means')}
        </Empty>
      ) : (
        <ul className="sensor-list">
          {data.sensors.map((sensor) => {
            const state = stateOf(sensor.lastBatchAt);
            return (
              <li key={sensor.id}>
                <span className="sensor-state" data-state={state}>
                  <Icon name={state === 'sending' ? 'check' : 'alert'} size={14} />
                  {words[state]}
                </span>
                <span className="mono">{sensor.id}</span>
                <span className="dim">
                  {name(sensor.organisation)}
                  {sensor.lastBatchAt === null ? null : (
                    <>
                      {' · '}
                      {t('web.sensor.lastBatch')} <At at={sensor.lastBatchAt} />
                    </>
                  )}
                </span>
                <span className="number" title={t('web.sensor.records')}>
                  {n(sensor.records)}
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}
