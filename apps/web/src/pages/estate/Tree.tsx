/** The estate as a tree: organisations, their networks with what stands in them, and their businesses. A branch is asked for when it is opened. */

import type { EstateKind } from '@forewarn/model/estate';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Empty, Waiting } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMe } from '../../session/me.tsx';
import { useQueryText } from '../../session/view.ts';
import { registerQuery, wantedOf, type Item } from './asking.ts';
import { ItemLink } from './values.tsx';
import { estateKinds } from './words.ts';

/** What hangs below an item of a kind, and by which field it does. */
const below: { readonly [Kind in EstateKind]?: readonly (readonly [EstateKind, field: string])[] } = {
  organisations: [
    ['networks', 'organisation'],
    ['businesses', 'organisation'],
    ['systems', 'organisation'],
    ['links', 'organisation'],
    ['products', 'organisation'],
  ],
  networks: [
    ['nodes', 'network'],
    ['assets', 'network'],
  ],
  nodes: [['assets', 'node']],
  assets: [['components', 'asset']],
  systems: [
    ['data', 'system'],
    ['applications', 'system'],
  ],
};

/** Items of a branch that are shown at once. */
const branchRows = 50;

export function EstateTree() {
  const { t } = useTexts();
  const text = useQueryText();
  const { q, filters } = wantedOf('organisations', text);
  return (
    <section className="panel estate-tree" aria-label={t('estate.tree')}>
      <Branch kind="organisations" filters={filters} q={q} />
    </section>
  );
}

function Branch({ kind, filters, q }: { kind: EstateKind; filters: { [field: string]: string }; q?: string | undefined }) {
  const { t } = useTexts();
  const query = useInfiniteQuery(registerQuery(kind, { filters, ...(q === undefined ? {} : { q }) }, branchRows));
  return (
    <Waiting query={query}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        if (items.length === 0) {
          return kind === 'organisations' ? (
            <Empty icon="search" title={t('web.estate.noneFit')} />
          ) : (
            <p className="dim tree-none">{t('estate.tree.none')}</p>
          );
        }
        return (
          <ul>
            {items.map((item) => (
              <TreeItem key={item.id} kind={kind} item={item} />
            ))}
            {query.hasNextPage ? (
              <li>
                <button type="button" className="link" onClick={() => void query.fetchNextPage()}>
                  {t('estate.more')}
                </button>
              </li>
            ) : null}
          </ul>
        );
      }}
    </Waiting>
  );
}

function TreeItem({ kind, item }: { kind: EstateKind; item: Item }) {
  const { t, l } = useTexts();
  const me = useMe();
  // One's own is what one came for.
  const [open, setOpen] = useState(kind === 'organisations' && item.id === me.organisation.id);
  const branches = below[kind];
  const surfaces = kind === 'businesses' ? (item['surfaces'] as { kind: string; name: string }[]) : [];
  const opens = branches !== undefined || surfaces.length > 0;
  const name = l(item.name);
  return (
    <li>
      <div className="tree-row">
        {opens ? (
          <button
            type="button"
            className="tree-toggle"
            aria-expanded={open}
            aria-label={t('estate.tree.open', { name })}
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? 'down' : 'right'} />
          </button>
        ) : (
          <span className="tree-toggle" />
        )}
        <ItemLink kind={kind} id={item.id}>
          {name}
        </ItemLink>
        <span className="dim mono small">{item.id}</span>
      </div>
      {open ? (
        <div className="tree-below">
          {surfaces.length === 0 ? null : (
            <ul>
              {surfaces.map((surface) => (
                <li key={`${surface.kind}:${surface.name}`} className="mono breakable tree-surface">
                  {surface.name}
                </li>
              ))}
            </ul>
          )}
          {(branches ?? []).map(([each, field]) => (
            <details key={each} className="tree-kind" open={each === 'networks' || each === 'businesses'}>
              <summary>{t(estateKinds[each])}</summary>
              <Lazy>
                <Branch kind={each} filters={{ [field]: item.id }} />
              </Lazy>
            </details>
          ))}
        </div>
      ) : null}
    </li>
  );
}

/** Its content is there once the `details` around it was opened. */
function Lazy({ children }: { children: React.ReactNode }) {
  const [seen, setSeen] = useState(false);
  return (
    <div
      ref={(element) => {
        const around = element?.closest('details');
        if (around === null || around === undefined || seen) return;
        if (around.open) setSeen(true);
        else around.addEventListener('toggle', () => setSeen(true), { once: true });
      }}
    >
      {seen ? children : null}
    </div>
  );
}
