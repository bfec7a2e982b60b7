/** Every link: how much it matters, what is kept of it, and whether its sensor keeps it. What weighs most stands first. */

import type { LinkView } from '@forewarn/model/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Spark } from '../../charts/Spark.tsx';
import { keepView } from '../../frame/keep.ts';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { useOrganisationName } from '../../session/resources.ts';
import { useQueryText, useRange } from '../../session/view.ts';
import { filterOf } from '../../values/terms.ts';
import { roleOfLinkKeys, tierKeys } from '../estate/words.ts';
import { SensorStateMark, useBytes } from '../sensors/parts.tsx';
import { bytesPerSecond, DepthMark, RingSpan, useBits } from './parts.tsx';
import { ObservationPoints } from './Points.tsx';
import { linkViewsQuery } from './queries.ts';
import { isSet, WeightBar } from './Weight.tsx';

const plotBuckets = 40;

export function Links() {
  const { t, l, n } = useTexts();
  const { from, to } = useRange();
  const query = useQuery(linkViewsQuery({ from, to, buckets: plotBuckets }));
  const text = useQueryText();
  const name = useOrganisationName();
  const bytes = useBytes();
  const bits = useBits();
  const may = useMay();
  const nameOf = (id: string): string => {
    const link = query.data?.find((one) => one.id === id);
    return link ? l(link.name) : id;
  };
  const shown = useMemo(() => {
    const fits = filterOf<LinkView>(text, (link) => `${l(link.name)} ${name(link.organisation)}`);
    return (query.data ?? [])
      .filter(fits)
      .toSorted(
        (a, b) =>
          (b.weight?.value ?? 0) - (a.weight?.value ?? 0) ||
          Number(b.role === 'primary') - Number(a.role === 'primary') ||
          (a.id < b.id ? -1 : 1),
      );
  }, [query.data, text, name, l]);
  return (
    <Page title={t('web.page.links')}>
      <Waiting query={query}>
        {(all) =>
          shown.length === 0 ? (
            <Empty icon="link" title={all.length === 0 ? t('web.links.none') : t('web.links.noneFit')}>
              {all.length === 0 ? t('web.links.none.means') : t('web.noneFit.means')}
            </Empty>
          ) : (
            <Table
              label={t('web.page.links')}
              rows={shown}
              keyOf={({ id }) => id}
              columns={[
                {
                  head: t('web.sensor.link'),
                  main: true,
                  cell: (link) => (
                    <>
                      <Link data-open to="/links/$id" params={{ id: link.id }} search={keepView}>
                        {l(link.name)}
                      </Link>
                      <div className="dim small">
                        <span className="mono">{link.id}</span> · {name(link.organisation)}
                      </div>
                    </>
                  ),
                },
                {
                  head: t('web.links.role'),
                  cell: ({ role }) => (
                    <span className="link-role" data-role={role}>
                      {t(roleOfLinkKeys[role])}
                    </span>
                  ),
                },
                {
                  head: t('web.weight'),
                  cell: ({ weight }) => (weight === null ? '–' : <WeightBar value={weight.value} set={isSet(weight)} />),
                },
                { head: t('web.links.tier'), cell: ({ tier }) => t(tierKeys[tier]) },
                { head: t('web.links.capacity'), number: true, cell: ({ capacityMbps }) => bits(capacityMbps) },
                {
                  head: t('web.links.kept'),
                  cell: ({ depth, policy }) => (
                    <>
                      <DepthMark depth={depth} />
                      {depth === 'packets' && policy ? (
                        <div className="dim small">
                          {t('web.links.keeps', { hours: n(policy.values.keepHours), bytes: bytes(policy.values.keepBytes) })}
                        </div>
                      ) : null}
                    </>
                  ),
                },
                {
                  head: t('web.links.sensors'),
                  cell: ({ sensors }) =>
                    sensors.length === 0 ? (
                      <span className="dim">
                        –<span className="visually-hidden">{t('web.links.noSensor')}</span>
                      </span>
                    ) : (
                      sensors.map((sensor) => (
                        <div key={sensor.id}>
                          <SensorStateMark state={sensor.state} />
                        </div>
                      ))
                    ),
                },
                {
                  head: t('web.links.ring'),
                  cell: ({ ring }) => (
                    <>
                      <RingSpan ring={ring} />
                      {ring === null ? null : <div className="dim small">{bytes(ring.bytes)}</div>}
                    </>
                  ),
                },
                {
                  head: t('web.links.traffic'),
                  cell: (link) => {
                    const rate = bits((bytesPerSecond(link) * 8) / 1e6);
                    return (
                      <>
                        <Spark values={link.traffic.bytes} label={t('web.links.plot', { rate })} />
                        <div className="dim small tabular">{rate}</div>
                      </>
                    );
                  },
                },
                { head: t('web.links.findings'), number: true, cell: ({ findings }) => n(findings.count) },
              ]}
            />
          )
        }
      </Waiting>
      {may('links:write') && query.data ? <ObservationPoints nameOf={nameOf} /> : null}
    </Page>
  );
}
