import type { Asset, EstateKind, Network } from '@forewarn/model/estate';
import type { IncidentView } from '@forewarn/model/api';
import type { LocalText } from '@forewarn/model/text';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { ask } from '../../session/api.ts';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { shownIndicator } from '../../values/defang.ts';
import { Value } from '../../values/ValueMenu.tsx';
import { estateKinds, importanceKeys, networkTypeKeys } from '../estate/words.ts';

type Met = {
  kind: Extract<EstateKind, 'assets' | 'networks' | 'businesses'>;
  hosts: string[];
  item: { id: string; name: LocalText } & Partial<Pick<Asset, 'importance'> & Pick<Network, 'type'> & { usersServed: number }>;
  since: 'changed' | 'removed' | null;
};

/** Hosts that a row names; a sweep meets hundreds, and the findings have them all. */
const hostsShown = 5;

const estateThenQuery = (incident: string) =>
  queryOptions({
    queryKey: ['estate', 'incident', incident],
    queryFn: ({ signal }) =>
      ask<{ at: string; items: Met[]; more: number }>(
        'GET',
        `/incidents/${encodeURIComponent(incident)}/estate`,
        undefined,
        signal,
      ),
  });

/** What was hit, as the register stood then: later edits of the estate do not rewrite an incident. */
export function EstateThen({ incident }: { incident: IncidentView }) {
  const { t, l, n } = useTexts();
  const { full } = useInstants();
  const query = useQuery(estateThenQuery(incident.id));
  /** What matters most of each kind: how important, how many people, which type. */
  const what = ({ kind, item: { importance, usersServed, type } }: Met): string => {
    const known = [
      importance && t(importanceKeys[importance]),
      usersServed !== undefined && `${t('web.estate.users')}: ${n(usersServed)}`,
      type && t(networkTypeKeys[type]),
    ];
    return [t(estateKinds[kind]), ...known.filter((one) => typeof one === 'string')].join(' · ');
  };
  return (
    <Panel title={t('estate.then')}>
      <Waiting query={query}>
        {({ at, items, more }) =>
          items.length === 0 ? (
            <p className="prose dim">{t('estate.then.none', { at: full(at) })}</p>
          ) : (
            <>
              <p className="prose dim">{t('estate.then.means', { at: full(at) })}</p>
              <Table
                label={t('estate.then')}
                rows={items}
                form="still"
                keyOf={({ kind, item }) => `${kind}/${item.id}`}
                columns={[
                  {
                    head: t('web.estate.name'),
                    rowHead: true,
                    cell: (met) => (
                      <>
                        {met.since === 'removed' ? (
                          l(met.item.name)
                        ) : (
                          <Link to="/estate/$kind/$id" params={{ kind: met.kind, id: met.item.id }} search={keepView}>
                            {l(met.item.name)}
                          </Link>
                        )}
                        <div className="dim">{what(met)}</div>
                      </>
                    ),
                  },
                  {
                    head: t('web.summary.hosts'),
                    cell: ({ hosts }) => (
                      <div className="values">
                        {hosts.slice(0, hostsShown).map((host) => (
                          <Value key={host} field="source" value={host} log={null} shown={shownIndicator(host)} />
                        ))}
                        {hosts.length > hostsShown ? (
                          <span className="dim">{t('estate.then.hosts', { count: hosts.length - hostsShown })}</span>
                        ) : null}
                      </div>
                    ),
                  },
                  {
                    head: t('estate.then.since'),
                    cell: ({ since }) =>
                      since === null
                        ? t('estate.then.same')
                        : t(since === 'changed' ? 'estate.then.changed' : 'estate.then.removed'),
                  },
                ]}
              />
              {more > 0 ? <p className="dim">{t('estate.then.more', { count: more })}</p> : null}
            </>
          )
        }
      </Waiting>
    </Panel>
  );
}
