/** What is seen of the nine network types, whose networks are blind, and what to connect next. */

import type { CoverageView, TypeCoverageView } from '@forewarn/model/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { keepView } from '../../frame/keep.ts';
import { Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table, TableRegion } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { useSpan } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useOrganisationName } from '../../session/resources.ts';
import { networkTypeKeys } from '../estate/words.ts';
import { coverageQuery } from './queries.ts';

type State = TypeCoverageView['state'];

const stateKeys: { [state in State]: string } = {
  seen: 'web.coverage.seen',
  silent: 'web.coverage.silent',
  blind: 'web.coverage.blind',
};
const stateIcons = { seen: 'check', silent: 'alert', blind: 'not' } as const;

/** A state by shape, colour and word. */
function StateMark({ state, children }: { state: State; children?: string }) {
  const { t } = useTexts();
  return (
    <span className="coverage-state" data-state={state}>
      <Icon name={stateIcons[state]} size={14} />
      {children ?? t(stateKeys[state])}
    </span>
  );
}

export function Coverage() {
  const { t } = useTexts();
  const query = useQuery(coverageQuery);
  return (
    <Page title={t('web.page.coverage')}>
      <Waiting query={query}>
        {(map) => (
          <>
            <Types map={map} />
            <Whose types={map.types} />
            <Next types={map.types} />
            <Sources types={map.types} />
          </>
        )}
      </Waiting>
    </Page>
  );
}

/** The nine types, each with how it stands. */
function Types({ map: { types, at } }: { map: CoverageView }) {
  const { t, n } = useTexts();
  const span = useSpan();
  const count = (state: State) => types.filter((one) => one.state === state).length;
  return (
    <Panel
      title={t('web.coverage.types')}
      count={t('web.coverage.count', { seen: n(count('seen')), silent: n(count('silent')), blind: n(count('blind')) })}
    >
      <Table
        label={t('web.coverage.types')}
        rows={types}
        keyOf={({ type }) => type}
        columns={[
          { head: t('web.coverage.type'), main: true, cell: ({ type }) => t(networkTypeKeys[type]) },
          { head: t('web.coverage.state'), cell: ({ state }) => <StateMark state={state} /> },
          {
            head: t('web.coverage.last'),
            cell: ({ lastAt }) =>
              lastAt === null ? (
                <span className="dim">{t('web.coverage.never')}</span>
              ) : (
                <div>
                  {t('web.coverage.ago', { span: span(Math.max(0, (Date.parse(at) - Date.parse(lastAt)) / 1000)) })}
                  <div className="dim small">
                    <At at={lastAt} />
                  </div>
                </div>
              ),
          },
          { head: t('web.coverage.within'), number: true, cell: ({ withinSeconds }) => span(withinSeconds) },
          { head: t('web.coverage.sources'), number: true, cell: ({ sources }) => <Share of={sources} /> },
          { head: t('web.estate.networks'), number: true, cell: ({ networks }) => <Share of={networks} /> },
          { head: t('web.estate.links'), number: true, cell: ({ links }) => <Share of={links} /> },
        ]}
      />
    </Panel>
  );
}

/** How many of them are seen. */
function Share({ of }: { of: readonly { state: State }[] }) {
  const { t, n } = useTexts();
  if (of.length === 0) return <span className="dim">–</span>;
  return <>{t('web.coverage.share', { seen: n(of.filter(({ state }) => state === 'seen').length), all: n(of.length) })}</>;
}

/** The picture: each type against each organisation that has networks of it. */
function Whose({ types }: { types: readonly TypeCoverageView[] }) {
  const { t, l } = useTexts();
  const name = useOrganisationName();
  const organisations = useMemo(
    () => [...new Set(types.flatMap(({ networks }) => networks.map(({ organisation }) => organisation)))].toSorted(),
    [types],
  );
  return (
    <Panel title={t('web.coverage.whose')}>
      <TableRegion label={t('web.coverage.whose')}>
        <table className="table table-cards coverage-grid">
          <thead>
            <tr>
              <th scope="col">{t('web.organisation')}</th>
              {types.map(({ type }) => (
                <th key={type} scope="col">
                  {t(networkTypeKeys[type])}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {organisations.map((organisation) => (
              <tr key={organisation}>
                <th scope="row">{name(organisation)}</th>
                {types.map(({ type, networks }) => {
                  const own = networks.filter((network) => network.organisation === organisation);
                  return (
                    <td key={type} data-label={t(networkTypeKeys[type])} data-none={own.length === 0 || undefined}>
                      {own.length === 0 ? (
                        <span className="visually-hidden">{t('web.coverage.noNetwork')}</span>
                      ) : (
                        <div>
                          {own.map((network) => (
                            <div key={network.id} title={t(stateKeys[network.state])}>
                              <StateMark state={network.state}>{l(network.name)}</StateMark>
                            </div>
                          ))}
                        </div>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </TableRegion>
      <p className="coverage-legend">
        <StateMark state="seen">{t('web.coverage.seen.means')}</StateMark>
        <StateMark state="silent">{t('web.coverage.silent.means')}</StateMark>
        <StateMark state="blind">{t('web.coverage.blind.means')}</StateMark>
      </p>
    </Panel>
  );
}

/** What is not connected, the blind types first. */
function Next({ types }: { types: readonly TypeCoverageView[] }) {
  const { t, l } = useTexts();
  const order: readonly State[] = ['blind', 'silent', 'seen'];
  const rows = types
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
    .flatMap(({ type, state, connect }) => connect.map((one) => ({ type, state, ...one })));
  return (
    <Panel title={t('web.coverage.next')} count={rows.length}>
      <Table
        label={t('web.coverage.next')}
        rows={rows}
        keyOf={({ type, what }) => `${type} ${what.en}`}
        columns={[
          { head: t('web.coverage.connect'), main: true, cell: ({ what }) => l(what) },
          { head: t('web.coverage.type'), className: 'coverage-type', cell: ({ type }) => t(networkTypeKeys[type]) },
          { head: t('web.coverage.now'), cell: ({ state }) => <StateMark state={state} /> },
          { head: t('web.coverage.shows'), cell: ({ shows }) => l(shows) },
          { head: t('web.coverage.logs'), className: 'mono small', cell: ({ logs }) => logs.join(' ') },
        ]}
      />
    </Panel>
  );
}

/** Every source once, with the types that it shows and what it sends. */
function Sources({ types }: { types: readonly TypeCoverageView[] }) {
  const { t, n } = useTexts();
  const name = useOrganisationName();
  const rows = useMemo(() => {
    type Shown = Pick<TypeCoverageView, 'type'> & Pick<TypeCoverageView['sources'][number], 'because' | 'state'>;
    const bySource = new Map<string, { source: TypeCoverageView['sources'][number]; shows: Shown[] }>();
    for (const { type, sources } of types) {
      for (const source of sources) {
        const { because, state } = source;
        const known = bySource.get(source.id);
        if (known) known.shows.push({ type, because, state });
        else bySource.set(source.id, { source, shows: [{ type, because, state }] });
      }
    }
    return [...bySource.values()];
  }, [types]);
  return (
    <Panel title={t('web.coverage.sources')} count={rows.length}>
      {rows.length === 0 ? (
        <p className="prose dim">{t('web.sensors.none.means')}</p>
      ) : (
        <Table
          label={t('web.coverage.sources')}
          rows={rows}
          keyOf={({ source }) => source.id}
          columns={[
            {
              head: t('web.sensor'),
              main: true,
              cell: ({ source }) => (
                <>
                  <Link data-open to="/sensors/$id" params={{ id: source.id }} search={keepView}>
                    {source.name}
                  </Link>
                  <div className="dim small">{name(source.organisation)}</div>
                </>
              ),
            },
            {
              head: t('web.coverage.type'),
              cell: ({ shows }) => (
                <div>
                  {shows.map(({ type, because, state }) => (
                    <div key={type} title={t(stateKeys[state])}>
                      <StateMark state={state}>{t(networkTypeKeys[type])}</StateMark>
                      {because === 'link' ? <div className="dim small">{t('web.coverage.byLink')}</div> : null}
                    </div>
                  ))}
                </div>
              ),
            },
            { head: t('web.sensor.link'), className: 'mono', cell: ({ source: { link } }) => link ?? '–' },
            {
              head: t('web.coverage.last'),
              cell: ({ source: { lastAt } }) =>
                lastAt === null ? <span className="dim">{t('web.coverage.never')}</span> : <At at={lastAt} />,
            },
            {
              head: t('web.coverage.logs'),
              className: 'small',
              cell: ({ source: { logs } }) =>
                logs.length === 0 ? (
                  '–'
                ) : (
                  <span className="coverage-logs">
                    {logs
                      .toSorted((a, b) => b.records - a.records)
                      .map(({ log, records }) => (
                        <Link key={log} to="/traffic/$log" params={{ log }} search={keepView}>
                          <span className="mono">{log}</span> <span className="dim tabular">{n(records)}</span>
                        </Link>
                      ))}
                  </span>
                ),
            },
          ]}
        />
      )}
    </Panel>
  );
}
