/** What is registered and nothing shows: surfaces of businesses, networks and links, each with when it was last seen. */

import type { BlindSpots as Spots } from '@forewarn/model/proposal';
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { keepView } from '../../frame/keep.ts';
import { Empty, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useOrganisationName } from '../../session/resources.ts';
import { WeightBar } from '../links/Weight.tsx';
import { networkTypeKeys, roleOfLinkKeys } from '../estate/words.ts';
import { blindSpotsQuery } from './queries.ts';

const daysChoices = [1, 7, 30, 90] as const;

export function BlindSpots() {
  const { t, n } = useTexts();
  const [days, setDays] = useState<number>(7);
  const query = useQuery(blindSpotsQuery(days));
  return (
    <>
      <div className="noise-filters">
        <Select
          size="xs"
          aria-label={t('proposals.blind.days')}
          allowDeselect={false}
          value={String(days)}
          onChange={(value) => setDays(Number(value ?? 7))}
          data={daysChoices.map((each) => ({ value: String(each), label: t('proposals.blind.days.count', { count: n(each) }) }))}
        />
        <p className="dim">{t('proposals.blind.means')}</p>
      </div>
      <Waiting query={query}>
        {(spots) => (
          <>
            <Surfaces spots={spots} />
            <Networks spots={spots} />
            <Links spots={spots} />
          </>
        )}
      </Waiting>
    </>
  );
}

const stateKeys = { blind: 'proposals.blind.state.blind', silent: 'proposals.blind.state.silent' } as const;

function StateMark({ state }: { state: 'blind' | 'silent' }) {
  const { t } = useTexts();
  return (
    <span className="coverage-state" data-state={state}>
      <Icon name={state === 'blind' ? 'not' : 'alert'} size={14} />
      {t(stateKeys[state])}
    </span>
  );
}

function Last({ at }: { at: string | null }) {
  const { t } = useTexts();
  return at === null ? <span className="dim">{t('proposals.blind.never')}</span> : <At at={at} />;
}

function useShare(): (total: { blind: number; all: number }) => string {
  const { t, n } = useTexts();
  return ({ blind, all }) => t('proposals.blind.of', { blind: n(blind), all: n(all) });
}

function Most({ shown, total, most }: { shown: number; total: number; most: number }) {
  const { t, n } = useTexts();
  return shown < total ? <p className="dim small">{t('proposals.blind.most', { most: n(most) })}</p> : null;
}

const surfaceKeys = { web: 'proposals.blind.kind.web', api: 'proposals.blind.kind.api' } as const;

function Surfaces({ spots: { surfaces, totals, most } }: { spots: Spots }) {
  const { t, l, n } = useTexts();
  const name = useOrganisationName();
  const share = useShare();
  return (
    <Panel title={t('proposals.blind.surfaces')} count={share(totals.surfaces)}>
      {surfaces.length === 0 ? (
        <Empty title={t('proposals.blind.surfaces.none')} />
      ) : (
        <Table
          label={t('proposals.blind.surfaces')}
          rows={surfaces}
          keyOf={(one) => `${one.business} ${one.kind} ${one.name}`}
          columns={[
            {
              head: t('proposals.blind.surface'),
              main: true,
              cell: (one) => (
                <>
                  {one.name}
                  <div className="dim small">{t(surfaceKeys[one.kind])}</div>
                </>
              ),
            },
            {
              head: t('proposals.blind.business'),
              cell: ({ business, businessName }) => (
                <Link data-open to="/businesses/$id" params={{ id: business }} search={keepView}>
                  {l(businessName)}
                </Link>
              ),
            },
            { head: t('proposals.blind.owner'), cell: ({ organisation }) => name(organisation) },
            { head: t('proposals.blind.last'), cell: ({ lastSeen }) => <Last at={lastSeen} /> },
          ]}
        />
      )}
      <Most shown={surfaces.length} total={totals.surfaces.blind} most={most} />
      {totals.unseeable === 0 ? null : (
        <p className="dim small">{t('proposals.blind.unseeable', { count: n(totals.unseeable) })}</p>
      )}
    </Panel>
  );
}

function Networks({ spots: { networks, totals, most } }: { spots: Spots }) {
  const { t, l } = useTexts();
  const name = useOrganisationName();
  const share = useShare();
  return (
    <Panel title={t('proposals.blind.networks')} count={share(totals.networks)}>
      {networks.length === 0 ? (
        <Empty title={t('proposals.blind.networks.none')} />
      ) : (
        <Table
          label={t('proposals.blind.networks')}
          rows={networks}
          keyOf={({ id }) => id}
          columns={[
            {
              head: t('proposals.blind.network'),
              main: true,
              cell: (one) => (
                <>
                  <Link data-open to="/estate/$kind/$id" params={{ kind: 'networks', id: one.id }} search={keepView}>
                    {l(one.name)}
                  </Link>
                  <div className="dim small">{t(networkTypeKeys[one.type])}</div>
                </>
              ),
            },
            { head: t('proposals.blind.owner'), cell: ({ organisation }) => name(organisation) },
            { head: t('proposals.blind.state'), cell: ({ state }) => <StateMark state={state} /> },
            { head: t('proposals.blind.last'), cell: ({ lastAt }) => <Last at={lastAt} /> },
          ]}
        />
      )}
      <Most shown={networks.length} total={totals.networks.blind} most={most} />
    </Panel>
  );
}

function Links({ spots: { links, totals, most } }: { spots: Spots }) {
  const { t, l } = useTexts();
  const name = useOrganisationName();
  const share = useShare();
  return (
    <Panel title={t('proposals.blind.links')} count={share(totals.links)}>
      {links.length === 0 ? (
        <Empty title={t('proposals.blind.links.none')} />
      ) : (
        <Table
          label={t('proposals.blind.links')}
          rows={links}
          keyOf={({ id }) => id}
          columns={[
            {
              head: t('proposals.blind.link'),
              main: true,
              cell: (one) => (
                <>
                  <Link data-open to="/links/$id" params={{ id: one.id }} search={keepView}>
                    {l(one.name)}
                  </Link>
                  <div className="dim small">{t(roleOfLinkKeys[one.role])}</div>
                </>
              ),
            },
            { head: t('proposals.blind.owner'), cell: ({ organisation }) => name(organisation) },
            {
              head: t('proposals.blind.weight'),
              number: true,
              cell: ({ weight }) => (weight === null ? '–' : <WeightBar value={weight} />),
            },
            { head: t('proposals.blind.state'), cell: ({ state }) => <StateMark state={state} /> },
            { head: t('proposals.blind.last'), cell: ({ lastAt }) => <Last at={lastAt} /> },
          ]}
        />
      )}
      <Most shown={links.length} total={totals.links.blind} most={most} />
    </Panel>
  );
}
