/** On what single things the estate depends: with the share of machines, and what falls without each. */

import { relianceKinds as kinds, type RelianceView } from '@forewarn/model/topology-api';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { useTexts } from '../../session/language.tsx';
import { replaceabilityKeys } from '../estate/words.ts';
import { SpanBar, useSpan } from './Falls.tsx';
import { reliancesQuery } from './queries.ts';
import { keepAnd } from '../../frame/keep.ts';

const kindKeys = {
  makers: 'topology.makers',
  origins: 'topology.origins',
  suppliers: 'topology.suppliers',
  products: 'topology.products',
  links: 'topology.ties',
  nodes: 'topology.nodes',
} as const;

export function Reliances() {
  const { t, l, n, language } = useTexts();
  const query = useQuery(reliancesQuery);
  const write = useSpan();
  const navigate = useNavigate();
  const { kind: asked } = useSearch({ strict: false }) as { kind?: string };
  const kind = kinds.find((each) => each === asked) ?? 'makers';
  const country = (code: string): string => {
    try {
      return `${new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code} (${code})`;
    } catch {
      return code;
    }
  };
  const nameOf = ({ kind: of, id, name }: RelianceView): string => (name ? l(name) : of === 'origins' ? country(id) : id);
  return (
    <Page
      title={t('topology.reliances')}
      tools={
        <Link className="tool" to="/what-if" search={keepView}>
          {t('topology.whatIf')}
        </Link>
      }
    >
      <p className="prose dim topology-lead">{t('topology.reliances.means')}</p>
      <div className="chips" role="group" aria-label={t('topology.reliances.kind')}>
        {kinds.map((each) => (
          <button
            key={each}
            type="button"
            className="chip"
            aria-pressed={kind === each}
            onClick={() => void navigate({ to: '/reliances', search: keepAnd({ kind: each }) })}
          >
            {t(kindKeys[each])}
            <span className="tab-count">{(query.data ?? []).filter((one) => one.kind === each).length}</span>
          </button>
        ))}
      </div>
      <Waiting query={query}>
        {(all) => {
          const shown = all.filter((one) => one.kind === kind);
          const most = Math.max(1, ...shown.map(({ users }) => users.most));
          if (shown.length === 0) {
            return (
              <Empty icon="check" title={t('topology.reliances.none')}>
                {t('topology.reliances.none.means')}
              </Empty>
            );
          }
          return (
            <Table
              label={t(kindKeys[kind])}
              rows={shown}
              keyOf={({ id }) => id}
              columns={[
                {
                  head: t('web.estate.name'),
                  main: true,
                  cell: (one) => (
                    <>
                      <Link data-open to="/what-if" search={keepAnd({ kind: one.kind, id: one.id })}>
                        {nameOf(one)}
                      </Link>
                      {one.name ? <div className="dim mono small">{one.id}</div> : null}
                    </>
                  ),
                },
                ...(kind === 'links' || kind === 'nodes'
                  ? []
                  : [
                      {
                        head: t('topology.reliances.share'),
                        number: true,
                        cell: ({ share, assets }: RelianceView) => (share === null ? '–' : `${n(share * 100)}% (${n(assets)})`),
                      },
                      { head: t('topology.products'), number: true, cell: ({ products }: RelianceView) => n(products) },
                    ]),
                {
                  head: t('topology.reliances.falls'),
                  number: true,
                  cell: ({ falls, falling }) => t('topology.reliances.fallsOf', { falls: n(falls), falling: n(falling) }),
                },
                {
                  head: t('web.whatIf.users'),
                  cell: ({ users }) => (
                    <>
                      <SpanBar span={users} full={most} />
                      <div className="tabular small">{write(users)}</div>
                    </>
                  ),
                },
                { head: t('web.whatIf.value'), number: true, cell: ({ cnyPerHour }) => write(cnyPerHour) },
                {
                  head: t('topology.reliances.lasts'),
                  cell: ({ lasts }) => (lasts === null ? '–' : t(replaceabilityKeys[lasts])),
                },
              ]}
            />
          );
        }}
      </Waiting>
    </Page>
  );
}
