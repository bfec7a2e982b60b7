/** Every link: how much it matters, what is kept of it, and whether its sensor keeps it. Key links stand first. */

import type { LinkView } from '@forewarn/model/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Spark } from '../../charts/Spark.tsx';
import { keepView } from '../../frame/Frame.tsx';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';
import { useOrganisationName } from '../../session/resources.ts';
import { useQueryText, useRange } from '../../session/view.ts';
import { filterOf } from '../../values/terms.ts';
import { roleOfLinkKeys, tierKeys } from '../estate/words.ts';
import { SensorStateMark, useBytes } from '../sensors/parts.tsx';
import { bytesPerSecond, DepthMark, RingSpan, useBits } from './parts.tsx';
import { linkViewsQuery } from './queries.ts';

const plotBuckets = 40;
const tiers: readonly LinkView['tier'][] = ['backbone', 'data-centre', 'user'];

export function Links() {
  const { t, l, n } = useTexts();
  const { from, to } = useRange();
  const query = useQuery(linkViewsQuery({ from, to, buckets: plotBuckets }));
  const text = useQueryText();
  const name = useOrganisationName();
  const bytes = useBytes();
  const bits = useBits();
  const shown = useMemo(() => {
    const fits = filterOf<LinkView>(text, (link) => `${l(link.name)} ${name(link.organisation)}`);
    return (query.data ?? [])
      .filter(fits)
      .toSorted(
        (a, b) =>
          Number(b.role === 'primary') - Number(a.role === 'primary') ||
          Number(b.sensors.length > 0) - Number(a.sensors.length > 0) ||
          tiers.indexOf(a.tier) - tiers.indexOf(b.tier) ||
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
            <div className="table-scroll" role="region" aria-label={t('web.page.links')} tabIndex={0}>
              <table className="table table-cards">
                <thead>
                  <tr>
                    <th scope="col">{t('web.sensor.link')}</th>
                    <th scope="col">{t('web.links.role')}</th>
                    <th scope="col">{t('web.links.tier')}</th>
                    <th scope="col" className="number">
                      {t('web.links.capacity')}
                    </th>
                    <th scope="col">{t('web.links.kept')}</th>
                    <th scope="col">{t('web.links.sensors')}</th>
                    <th scope="col">{t('web.links.ring')}</th>
                    <th scope="col">{t('web.links.traffic')}</th>
                    <th scope="col" className="number">
                      {t('web.links.findings')}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {shown.map((link) => (
                    <tr key={link.id} data-row tabIndex={-1}>
                      <td className="cell-main">
                        <Link data-open to="/links/$id" params={{ id: link.id }} search={keepView}>
                          {l(link.name)}
                        </Link>
                        <div className="dim small">
                          <span className="mono">{link.id}</span> · {name(link.organisation)}
                        </div>
                      </td>
                      <td data-label={t('web.links.role')}>
                        <span className="link-role" data-role={link.role}>
                          {t(roleOfLinkKeys[link.role])}
                        </span>
                      </td>
                      <td data-label={t('web.links.tier')}>{t(tierKeys[link.tier])}</td>
                      <td className="number" data-label={t('web.links.capacity')}>
                        {bits(link.capacityMbps)}
                      </td>
                      <td data-label={t('web.links.kept')}>
                        <DepthMark depth={link.depth} />
                        {link.depth === 'packets' && link.policy ? (
                          <div className="dim small">
                            {t('web.links.keeps', {
                              hours: n(link.policy.values.keepHours),
                              bytes: bytes(link.policy.values.keepBytes),
                            })}
                          </div>
                        ) : null}
                      </td>
                      <td data-label={t('web.links.sensors')}>
                        {link.sensors.length === 0 ? (
                          <span className="dim">{t('web.links.noSensor')}</span>
                        ) : (
                          link.sensors.map((sensor) => (
                            <div key={sensor.id}>
                              <SensorStateMark state={sensor.state} />
                            </div>
                          ))
                        )}
                      </td>
                      <td data-label={t('web.links.ring')}>
                        <RingSpan ring={link.ring} />
                        {link.ring === null ? null : <div className="dim small">{bytes(link.ring.bytes)}</div>}
                      </td>
                      <td data-label={t('web.links.traffic')}>
                        <Spark
                          values={link.traffic.bytes}
                          label={t('web.links.plot', { rate: bits((bytesPerSecond(link) * 8) / 1e6) })}
                        />
                        <div className="dim small tabular">{bits((bytesPerSecond(link) * 8) / 1e6)}</div>
                      </td>
                      <td className="number" data-label={t('web.links.findings')}>
                        {n(link.findings.count)}
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
