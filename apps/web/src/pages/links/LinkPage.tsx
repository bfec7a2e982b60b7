/** One link: what is kept of it and by whose decision, which sensors follow, and what passes. */

import type { LinkDetail, LinkPolicyView } from '@forewarn/model/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { printPredicate } from '@forewarn/model/query/text';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { TimeChart, type Series } from '../../charts/TimeChart.tsx';
import { keepView } from '../../frame/keep.ts';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table, TableRegion } from '../../frame/Table.tsx';
import { At, FindingLevelMark, findingLevels } from '../../marks/Marks.tsx';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { writeBetween } from '../../session/range.ts';
import { useOrganisationName } from '../../session/resources.ts';
import { useRange, useSetView } from '../../session/view.ts';
import { equalTo } from '../../values/terms.ts';
import { roleOfLinkKeys, tierKeys } from '../estate/words.ts';
import { SensorStateMark, useBytes } from '../sensors/parts.tsx';
import { DepthMark, RingSpan, useBits } from './parts.tsx';
import { PolicyForm } from './PolicyForm.tsx';
import { linkQuery } from './queries.ts';
import { Usual } from '../entity/Usual.tsx';
import { WeightPanel } from './Weight.tsx';
import { WhatIf } from './WhatIf.tsx';

const chartBuckets = 96;

export function LinkPage() {
  const { t, l } = useTexts();
  const { id } = useParams({ strict: false }) as { id: string };
  const { from, to } = useRange();
  const query = useQuery(linkQuery(id, { from, to, buckets: chartBuckets }));
  const may = useMay();
  const [setting, setSetting] = useState(false);
  const title = query.data ? l(query.data.name) : id;
  return (
    <Page
      title={title}
      heading={<ItemHead up={{ to: '/links', name: t('web.page.links') }} title={title} />}
      tools={
        may('links:write') && query.data ? (
          <Button variant="default" onClick={() => setSetting(true)}>
            {t('web.links.set')}
          </Button>
        ) : undefined
      }
    >
      <Waiting query={query}>
        {(link) => (
          <>
            <Kept link={link} />
            <Traffic link={link} />
            <WeightPanel link={link} />
            <Usual subject={`link ${link.id}`} organisation={link.organisation} />
            <WhatIf link={link} />
            <Sensors link={link} />
            <Editions editions={link.editions} />
            {setting ? <PolicyForm link={link} close={() => setSetting(false)} /> : null}
          </>
        )}
      </Waiting>
    </Page>
  );
}

/** What the link is and what is kept of it, now. */
function Kept({ link }: { link: LinkDetail }) {
  const { t, n } = useTexts();
  const name = useOrganisationName();
  const bytes = useBytes();
  const bits = useBits();
  const { full } = useInstants();
  const values = link.policy?.values;
  const overruled = values?.depth === 'packets' && link.depth === 'elements';
  const levels = findingLevels.filter((level) => (link.findings.byLevel[level] ?? 0) > 0);
  const rows: [string, ReactNode][] = [
    [t('web.organisation'), name(link.organisation)],
    [t('web.links.role'), t(roleOfLinkKeys[link.role])],
    [t('web.links.tier'), t(tierKeys[link.tier])],
    [t('web.links.capacity'), bits(link.capacityMbps)],
    [
      t('web.links.ends'),
      <span className="mono" key="ends">
        {link.from} ↔ {link.to}
      </span>,
    ],
    [
      t('web.links.findings'),
      <span className="values" key="findings">
        {levels.length === 0
          ? '0'
          : levels.map((level) => (
              <span key={level} className="link-findings">
                <FindingLevelMark level={level} /> {n(link.findings.byLevel[level]!)}
              </span>
            ))}
      </span>,
    ],
    ...(values === undefined || link.depth === 'elements'
      ? []
      : ([
          [t('web.links.keepHours'), t('web.links.hours', { hours: n(values.keepHours) })],
          [t('web.links.keepBytes'), bytes(values.keepBytes)],
          [
            t('web.links.ring'),
            link.ring === null ? (
              t('web.links.ring.none')
            ) : (
              <span key="ring">
                <RingSpan ring={link.ring} />
                <span className="dim">
                  {' · '}
                  {t('web.links.ring.holds', { packets: n(link.ring.packets), bytes: bytes(link.ring.bytes) })}
                </span>
              </span>
            ),
          ],
          [t('web.links.purpose'), values.purpose],
        ] as [string, ReactNode][])),
  ];
  return (
    <Panel title={t('web.links.kept')} tools={<DepthMark depth={link.depth} />}>
      <p className="prose dim">
        {overruled
          ? t('web.links.overruled')
          : link.depth === 'packets'
            ? t('web.links.depth.packets.means')
            : link.role === 'secondary'
              ? t('web.links.secondary.means')
              : t('web.links.depth.elements.means')}
      </p>
      <dl className="sensor-figures">
        {rows.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {values === undefined || values.content.length === 0 || link.role === 'secondary' ? null : (
        <TableRegion label={t('web.links.content')}>
          <table className="table">
            <caption className="visually-hidden">{t('web.links.content')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('web.links.content.field')}</th>
                <th scope="col">{t('web.links.purpose')}</th>
                <th scope="col">{t('web.links.content.until')}</th>
              </tr>
            </thead>
            <tbody>
              {values.content.map(({ log, field, purpose, until }) => (
                <tr key={`${log} ${field}`}>
                  <td className="mono">
                    {log}.{field}
                  </td>
                  <td>{purpose}</td>
                  <td className="nowrap">{full(until)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableRegion>
      )}
    </Panel>
  );
}

function Traffic({ link }: { link: LinkDetail }) {
  const { t, n } = useTexts();
  const bits = useBits();
  const setView = useSetView();
  const { traffic } = link;
  const flows = traffic.flows.reduce((a, b) => a + b, 0);
  const series = useMemo<Series[]>(
    () => [
      {
        name: t('web.links.rate'),
        colour: '--bar',
        values: traffic.bytes.map((value) => (value * 8) / traffic.bucketSeconds),
      },
    ],
    [t, traffic],
  );
  const write = useCallback((bitsPerSecond: number) => bits(bitsPerSecond / 1e6), [bits]);
  return (
    <Panel title={t('web.links.traffic')}>
      {flows === 0 ? (
        <Empty icon="traffic" title={t('web.links.quiet')}>
          {t('web.links.quiet.means')}
        </Empty>
      ) : (
        <TimeChart
          label={t('web.links.rate')}
          fromMs={Date.parse(traffic.from)}
          bucketMs={traffic.bucketSeconds * 1000}
          series={series}
          kind="line"
          height={160}
          write={write}
          tools={
            <Link
              className="tool"
              to="/traffic/$log"
              params={{ log: 'conn' }}
              search={
                ((previous: Record<string, unknown>) => ({
                  ...previous,
                  q: printPredicate(equalTo('_link', link.id)),
                })) as never
              }
            >
              {t('web.links.flows', { count: n(flows) })}
            </Link>
          }
          onZoom={(fromMs, toMs) =>
            setView({
              range: writeBetween(
                Math.floor(fromMs / 1000) * 1000,
                Math.max(Math.ceil(toMs / 1000), Math.floor(fromMs / 1000) + 1) * 1000,
              ),
            })
          }
        />
      )}
    </Panel>
  );
}

function Sensors({ link }: { link: LinkDetail }) {
  const { t, n } = useTexts();
  const bytes = useBytes();
  const wanted = link.depth === 'packets' ? (link.policy?.version ?? 0) : 0;
  return (
    <Panel title={t('web.links.sensors')} count={link.sensors.length}>
      {link.sensors.length === 0 ? (
        <Empty icon="sensor" title={t('web.links.noSensor')}>
          {t('web.links.noSensor.means')}
        </Empty>
      ) : (
        <Table
          label={t('web.links.sensors')}
          rows={link.sensors}
          keyOf={({ id }) => id}
          columns={[
            {
              head: t('web.sensor'),
              main: true,
              cell: ({ id, name }) => (
                <>
                  <Link data-open to="/sensors/$id" params={{ id }} search={keepView}>
                    {name}
                  </Link>
                  <div className="dim small mono">{id}</div>
                </>
              ),
            },
            { head: t('web.sensors.state'), cell: ({ state }) => <SensorStateMark state={state} /> },
            {
              head: t('web.sensors.lastReport'),
              cell: ({ reportedAt }) => (reportedAt === null ? '–' : <At at={reportedAt} />),
            },
            {
              head: t('web.links.follows'),
              cell: ({ policyInForce }) =>
                policyInForce === null
                  ? t('web.links.follows.not')
                  : policyInForce === wanted
                    ? wanted === 0
                      ? t('web.links.follows.none')
                      : t('web.links.follows.edition', { version: wanted })
                    : t('web.links.follows.waiting'),
            },
            { head: t('web.links.ring'), cell: ({ ring }) => <RingSpan ring={ring} /> },
            { head: t('web.links.ring.packets'), number: true, cell: ({ ring }) => (ring === null ? '–' : n(ring.packets)) },
            { head: t('web.links.ring.bytes'), number: true, cell: ({ ring }) => (ring === null ? '–' : bytes(ring.bytes)) },
            { head: t('web.links.ring.dropped'), number: true, cell: ({ ring }) => (ring === null ? '–' : n(ring.dropped)) },
          ]}
        />
      )}
    </Panel>
  );
}

/** Who decided what is kept, and when; nothing of it is ever changed. */
function Editions({ editions }: { editions: readonly LinkPolicyView[] }) {
  const { t, n } = useTexts();
  const actor = useActorName();
  const bytes = useBytes();
  return (
    <Panel title={t('web.links.editions')} count={editions.length}>
      {editions.length === 0 ? (
        <Empty icon="list" title={t('web.links.editions.none')}>
          {t('web.links.editions.none.means')}
        </Empty>
      ) : (
        <Table
          label={t('web.links.editions')}
          form="still"
          rows={editions}
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
              head: t('web.links.kept'),
              cell: ({ values }) => (
                <>
                  <DepthMark depth={values.depth} />
                  {values.depth === 'packets' ? (
                    <div className="dim small">
                      {t('web.links.keeps', { hours: n(values.keepHours), bytes: bytes(values.keepBytes) })}
                    </div>
                  ) : null}
                </>
              ),
            },
            {
              head: t('web.links.purpose'),
              className: 'cell-prose',
              cell: ({ values }) => (values.purpose === '' ? '–' : values.purpose),
            },
            { head: t('web.links.content.count'), number: true, cell: ({ values }) => n(values.content.length) },
          ]}
        />
      )}
    </Panel>
  );
}
