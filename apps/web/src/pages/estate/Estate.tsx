/** What is protected and whose it is: organisations, networks, links, assets, businesses. */

import {
  networkTypeKeys,
  importanceKeys,
  kindKeys,
  tierKeys,
  roleOfLinkKeys,
  assetKindKeys,
  estateKinds,
  type EstateKind,
} from './words.ts';
import {
  sectorName,
  type Asset,
  type Business,
  type Link as EstateLink,
  type Network,
  type NetworkType,
  type Organisation,
} from '@forewarn/model/estate';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { keepView } from '../../frame/Frame.tsx';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { Table, type Column } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import {
  assetsQuery,
  businessesQuery,
  linksQuery,
  networksQuery,
  organisationsQuery,
  useOrganisationName,
} from '../../session/resources.ts';
import { useQueryText } from '../../session/view.ts';
import { filterOf } from '../../values/terms.ts';
import { EstateImport } from './EstateImport.tsx';

export function EstatePage() {
  const { t } = useTexts();
  const may = useMay();
  const { kind: asked } = useParams({ strict: false }) as { kind: string };
  const kind: EstateKind = (Object.keys(estateKinds) as EstateKind[]).find((each) => each === asked) ?? 'organisations';
  const [importing, setImporting] = useState(false);
  return (
    <Page
      title={t('web.page.estate')}
      tools={
        may('estate:write') ? (
          <Button variant="default" leftSection={<Icon name="upload" />} onClick={() => setImporting(true)}>
            {t('web.estate.import')}
          </Button>
        ) : undefined
      }
      heading={
        <>
          <h1>{t('web.page.estate')}</h1>
          <nav className="log-tabs" aria-label={t('web.estate.kinds')}>
            {(Object.entries(estateKinds) as [EstateKind, string][]).map(([each, key]) => (
              <Link
                key={each}
                to="/estate/$kind"
                params={{ kind: each }}
                search={keepView}
                activeProps={{ 'aria-current': 'page' }}
              >
                {t(key)}
              </Link>
            ))}
          </nav>
        </>
      }
    >
      {kind === 'organisations' ? <Organisations /> : null}
      {kind === 'networks' ? <Networks /> : null}
      {kind === 'links' ? <Links /> : null}
      {kind === 'assets' ? <Assets /> : null}
      {kind === 'businesses' ? <Businesses /> : null}
      {importing ? <EstateImport first={kind} close={() => setImporting(false)} /> : null}
    </Page>
  );
}

/** A register: the name first, filtered by the query bar. */
function Register<T extends { id: string; name: { en: string; zh: string } }>({
  query,
  columns,
  label,
  keep,
}: {
  query: ReturnType<typeof useQuery<T[]>>;
  columns: readonly Column<T>[];
  label: string;
  /** What of it is shown beside the query. */
  keep?: (item: T) => boolean;
}) {
  const { t, l } = useTexts();
  const text = useQueryText();
  const name = useOrganisationName();
  const shown = useMemo(() => {
    const fits = filterOf<T>(text, (item) => `${l(item.name)} ${'organisation' in item ? name(String(item.organisation)) : ''}`);
    return (query.data ?? []).filter((item) => fits(item) && (keep === undefined || keep(item)));
  }, [query.data, text, l, name, keep]);
  return (
    <Waiting query={query}>
      {(data) =>
        data.length === 0 ? (
          <Empty icon="estate" title={t('web.estate.none')}>
            {t('web.estate.none.means')}
          </Empty>
        ) : shown.length === 0 ? (
          <Empty icon="search" title={t('web.estate.noneFit')}>
            {t('web.noneFit.means')}
          </Empty>
        ) : (
          <Table
            label={label}
            rows={shown}
            keyOf={({ id }) => id}
            columns={[
              {
                head: t('web.estate.name'),
                main: true,
                cell: (item) => (
                  <>
                    {l(item.name)}
                    <div className="dim mono small">{item.id}</div>
                  </>
                ),
              },
              ...columns,
            ]}
          />
        )
      }
    </Waiting>
  );
}

const lines = (values: readonly string[]) =>
  values.length === 0
    ? '–'
    : values.map((value) => (
        <div key={value} className="mono">
          {value}
        </div>
      ));

function Organisations() {
  const { t, w } = useTexts();
  const name = useOrganisationName();
  const query = useQuery(organisationsQuery);
  const { data: networks } = useQuery(networksQuery);
  const columns: Column<Organisation>[] = [
    { head: t('web.estate.kind'), cell: ({ kind }) => t(kindKeys[kind]) },
    { head: t('web.estate.sector'), cell: ({ sector }) => w(sectorName(sector)) },
    { head: t('web.estate.region'), cell: ({ region }) => region },
    { head: t('web.estate.overseenBy'), cell: ({ overseenBy }) => (overseenBy === null ? '–' : name(overseenBy)) },
    {
      head: t('web.estate.networks'),
      number: true,
      cell: ({ id }) => (networks ?? []).filter(({ organisation }) => organisation === id).length,
    },
    { head: t('web.estate.contact'), cell: ({ contact }) => contact },
  ];
  return <Register query={query} columns={columns} label={t('web.estate.organisations')} />;
}

function Networks() {
  const { t } = useTexts();
  const name = useOrganisationName();
  const query = useQuery(networksQuery);
  const [only, setOnly] = useState<NetworkType | null>(null);
  const keep = useCallback((network: Network) => only === null || network.type === only, [only]);
  const columns: Column<Network>[] = [
    { head: t('web.organisation'), cell: ({ organisation }) => name(organisation) },
    { head: t('web.estate.type'), cell: ({ type }) => t(networkTypeKeys[type]) },
    { head: t('web.estate.addresses'), cell: ({ addresses }) => lines(addresses) },
    { head: t('web.estate.domains'), cell: ({ domains }) => lines(domains) },
  ];
  return (
    <>
      <div className="chips" role="group" aria-label={t('web.estate.type')}>
        {(Object.entries(networkTypeKeys) as [NetworkType, string][]).map(([type, key]) => (
          <button
            key={type}
            type="button"
            className="chip"
            aria-pressed={only === type}
            onClick={() => setOnly(only === type ? null : type)}
          >
            {t(key)}
            <span className="tab-count">{(query.data ?? []).filter((network) => network.type === type).length}</span>
          </button>
        ))}
      </div>
      <Register query={query} columns={columns} label={t('web.estate.networks')} keep={keep} />
    </>
  );
}

function Links() {
  const { t, n } = useTexts();
  const name = useOrganisationName();
  const query = useQuery(linksQuery);
  const columns: Column<EstateLink>[] = [
    { head: t('web.organisation'), cell: ({ organisation }) => name(organisation) },
    { head: t('web.estate.tier'), cell: ({ tier }) => t(tierKeys[tier]) },
    { head: t('web.estate.role'), cell: ({ role }) => t(roleOfLinkKeys[role]) },
    { head: t('web.estate.capacity'), number: true, cell: ({ capacityMbps }) => n(capacityMbps) },
    { head: t('web.estate.from'), cell: ({ from }) => <span className="mono">{from}</span> },
    { head: t('web.estate.to'), cell: ({ to }) => <span className="mono">{to}</span> },
  ];
  return <Register query={query} columns={columns} label={t('web.estate.links')} />;
}

function Assets() {
  const { t } = useTexts();
  const name = useOrganisationName();
  const query = useQuery(assetsQuery);
  const columns: Column<Asset>[] = [
    { head: t('web.organisation'), cell: ({ organisation }) => name(organisation) },
    { head: t('web.estate.kind'), cell: ({ kind }) => t(assetKindKeys[kind]) },
    { head: t('web.estate.importance'), cell: ({ importance }) => t(importanceKeys[importance]) },
    { head: t('web.estate.network'), cell: ({ network }) => <span className="mono">{network}</span> },
    { head: t('web.estate.addresses'), cell: ({ addresses }) => lines(addresses) },
    { head: t('web.estate.names'), cell: ({ names }) => lines(names) },
    { head: t('web.estate.carries'), cell: ({ businesses }) => lines(businesses) },
  ];
  return <Register query={query} columns={columns} label={t('web.estate.assets')} />;
}

function Businesses() {
  const { t, n } = useTexts();
  const name = useOrganisationName();
  const query = useQuery(businessesQuery);
  const columns: Column<Business>[] = [
    { head: t('web.organisation'), cell: ({ organisation }) => name(organisation) },
    { head: t('web.estate.users'), number: true, cell: ({ usersServed }) => n(usersServed) },
    { head: t('web.estate.value'), number: true, cell: ({ valuePerHourCny }) => n(valuePerHourCny) },
    { head: t('web.estate.surfaces'), cell: ({ surfaces }) => lines(surfaces.map((surface) => surface.name)) },
  ];
  return <Register query={query} columns={columns} label={t('web.estate.businesses')} />;
}
