/** One service: where people meet it, what stands behind it, what it depends on, and the links that carry it. */

import type { BusinessPicture } from '@forewarn/model/topology-api';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { keepView } from '../../frame/keep.ts';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { useTexts } from '../../session/language.tsx';
import { useOrganisationName } from '../../session/resources.ts';
import { assetKindKeys, importanceKeys, replaceabilityKeys, surfaceKeys } from '../estate/words.ts';
import { WeightBar } from '../links/Weight.tsx';
import { AimsText, Protection } from './Protection.tsx';
import { businessPictureQuery } from './queries.ts';
import { keepAnd } from '../../frame/keep.ts';

export function BusinessPage() {
  const { t, l } = useTexts();
  const { id } = useParams({ strict: false }) as { id: string };
  const query = useQuery(businessPictureQuery(id));
  const title = query.data ? l(query.data.business.name) : id;
  return (
    <Page
      title={title}
      heading={
        <ItemHead up={{ to: '/estate/$kind', params: { kind: 'businesses' }, name: t('web.estate.businesses') }} title={title} />
      }
      tools={
        <>
          <Link className="tool" to="/what-if" search={keepAnd({ kind: 'businesses', id })}>
            {t('topology.whatIf')}
          </Link>
          <Link className="tool" to="/estate/$kind/$id" params={{ kind: 'businesses', id }} search={keepView}>
            {t('topology.business.register')}
          </Link>
        </>
      }
    >
      <Waiting query={query}>{(picture) => <Picture of={picture} />}</Waiting>
    </Page>
  );
}

function Picture({ of }: { of: BusinessPicture }) {
  const { t, n } = useTexts();
  return (
    <>
      <What of={of} />
      <Surfaces of={of} />
      <Behind of={of} />
      <Machines of={of} />
      <Carrying of={of} />
      {of.others + of.left === 0 ? null : (
        <p className="prose dim">{t('topology.business.more', { others: n(of.others), left: n(of.left) })}</p>
      )}
    </>
  );
}

function What({ of: { business, regions, dependsOn, dependents } }: { of: BusinessPicture }) {
  const { t, l, n } = useTexts();
  const name = useOrganisationName();
  const services = (list: readonly { id: string; name: { en: string; zh: string } | null }[]): ReactNode =>
    list.length === 0
      ? '–'
      : list.map((one) => (
          <div key={one.id}>
            {one.name ? (
              <Link to="/businesses/$id" params={{ id: one.id }} search={keepView}>
                {l(one.name)}
              </Link>
            ) : (
              <span className="mono">{one.id}</span>
            )}
          </div>
        ));
  const rows: [string, ReactNode][] = [
    [t('web.organisation'), name(business.organisation)],
    [t('web.estate.importance'), business.importance ? t(importanceKeys[business.importance]) : '–'],
    ...(business.importanceReason ? ([[t('topology.business.reason'), business.importanceReason]] as [string, ReactNode][]) : []),
    [t('web.estate.users'), n(business.usersServed)],
    [t('web.estate.value'), n(business.valuePerHourCny)],
    [t('topology.regions'), regions.join(', ') || '–'],
    [
      t('topology.business.tolerated'),
      business.toleratedOutageHours === undefined ? '–' : t('web.links.hours', { hours: n(business.toleratedOutageHours, 2) }),
    ],
    [t('topology.business.dependsOn'), services(dependsOn)],
    [t('topology.business.dependents'), services(dependents)],
  ];
  return (
    <Panel title={t('topology.business.what')}>
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

function Surfaces({ of: { business } }: { of: BusinessPicture }) {
  const { t, n } = useTexts();
  return (
    <Panel title={t('web.estate.surfaces')} count={n(business.surfaces.length)}>
      {business.surfaces.length === 0 ? (
        <p className="prose dim">{t('topology.business.noSurface')}</p>
      ) : (
        <Table
          label={t('web.estate.surfaces')}
          rows={business.surfaces}
          keyOf={({ kind, name }) => `${kind} ${name}`}
          form="still"
          columns={[
            { head: t('web.estate.kind'), main: true, cell: ({ kind }) => t(surfaceKeys[kind]) },
            { head: t('web.estate.name'), cell: ({ name }) => <span className="mono">{name}</span> },
          ]}
        />
      )}
    </Panel>
  );
}

/** Systems, with their programs and data. */
function Behind({ of: { systems, applications, data } }: { of: BusinessPicture }) {
  const { t, l, n } = useTexts();
  const rows = [
    ...systems.map((one) => ({ ...one, kind: 'systems', key: 'topology.system' })),
    ...applications.map((one) => ({ ...one, kind: 'applications', protection: undefined, key: 'topology.application' })),
    ...data.map((one) => ({ ...one, kind: 'data', protection: undefined, key: 'topology.data' })),
  ];
  return (
    <Panel title={t('topology.business.behind')} count={n(rows.length)}>
      {rows.length === 0 ? (
        <p className="prose dim">{t('topology.business.nothing')}</p>
      ) : (
        <Table
          label={t('topology.business.behind')}
          rows={rows}
          keyOf={({ kind, id }) => `${kind} ${id}`}
          columns={[
            {
              head: t('web.estate.name'),
              main: true,
              cell: ({ kind, id, name }) => (
                <Link data-open to="/estate/$kind/$id" params={{ kind, id }} search={keepView}>
                  {l(name)}
                </Link>
              ),
            },
            { head: t('web.estate.kind'), cell: ({ key }) => t(key) },
            { head: t('web.estate.importance'), cell: ({ importance }) => t(importanceKeys[importance]) },
            { head: t('topology.targets'), cell: ({ targets }) => <AimsText of={targets} /> },
            { head: t('topology.protection'), cell: ({ protection }) => <Protection of={protection} /> },
          ]}
        />
      )}
    </Panel>
  );
}

function Machines({ of: { assets, components, products } }: { of: BusinessPicture }) {
  const { t, l, n } = useTexts();
  const productOf = (id: string | undefined) => products.find((one) => one.id === id);
  return (
    <Panel title={t('web.estate.assets')} count={n(assets.length)}>
      {assets.length === 0 ? (
        <p className="prose dim">{t('topology.business.nothing')}</p>
      ) : (
        <Table
          label={t('web.estate.assets')}
          rows={assets}
          keyOf={({ id }) => id}
          columns={[
            {
              head: t('web.estate.name'),
              main: true,
              cell: ({ id, name }) => (
                <Link data-open to="/estate/$kind/$id" params={{ kind: 'assets', id }} search={keepView}>
                  {l(name)}
                </Link>
              ),
            },
            { head: t('web.estate.kind'), cell: ({ kind }) => t(assetKindKeys[kind]) },
            { head: t('web.estate.importance'), cell: ({ importance }) => t(importanceKeys[importance]) },
            { head: t('topology.place'), cell: ({ network, node }) => <span className="mono">{node ?? network}</span> },
            {
              head: t('topology.product'),
              cell: ({ product }) => {
                const one = productOf(product);
                if (!one) return product ?? '–';
                return (
                  <>
                    {l(one.name)}
                    <div className="dim small">
                      {[one.maker, one.origin, one.replaceability ? t(replaceabilityKeys[one.replaceability]) : undefined]
                        .filter((part) => part !== undefined)
                        .join(' · ')}
                    </div>
                  </>
                );
              },
            },
            {
              head: t('topology.components'),
              cell: ({ id }) => {
                const own = components.filter(({ asset }) => asset === id);
                return own.length === 0
                  ? '–'
                  : own.map((one) => <div key={one.id}>{`${l(one.name)} ${one.version ?? '?'}`}</div>);
              },
            },
            { head: t('topology.targets'), cell: ({ targets }) => <AimsText of={targets} /> },
            { head: t('topology.protection'), cell: ({ protection }) => <Protection of={protection} /> },
          ]}
        />
      )}
    </Panel>
  );
}

function Carrying({ of: { links } }: { of: BusinessPicture }) {
  const { t, l, n } = useTexts();
  return (
    <Panel title={t('topology.business.links')} count={n(links.length)}>
      {links.length === 0 ? (
        <p className="prose dim">{t('topology.business.noLink')}</p>
      ) : (
        <Table
          label={t('topology.business.links')}
          rows={links}
          keyOf={({ id }) => id}
          columns={[
            {
              head: t('topology.link'),
              main: true,
              cell: ({ id, name }) => (
                <Link data-open to="/links/$id" params={{ id }} search={keepView}>
                  {l(name)}
                </Link>
              ),
            },
            { head: t('topology.business.passes'), number: true, cell: ({ share }) => `${n(share * 100)}%` },
            { head: t('web.weight'), cell: ({ weight }) => <WeightBar value={weight} /> },
            {
              head: t('topology.business.ways'),
              cell: ({ ways }) => (ways === 1 ? t('topology.business.single') : n(ways)),
            },
            { head: t('topology.protection'), cell: ({ protection }) => <Protection of={protection} /> },
          ]}
        />
      )}
    </Panel>
  );
}
