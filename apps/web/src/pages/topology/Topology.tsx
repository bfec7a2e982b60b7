/** The estate's places and links: as levels from the core to users, on a map, and as a list; folded until it can be read. */

import type { TopologyView } from '@forewarn/model/topology-api';
import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { useTexts } from '../../session/language.tsx';
import { useOrganisationName } from '../../session/resources.ts';
import { keepView } from '../../frame/keep.ts';
import { roleOfLinkKeys, tierKeys } from '../estate/words.ts';
import { useBits } from '../links/parts.tsx';
import { WeightBar } from '../links/Weight.tsx';
import { TopologyCanvas } from './Canvas.tsx';
import { firstFold, folds, linesMax, layered, mapped, pictureOf, tiers, type Fold, type Vertex } from './graph.ts';
import { useBackdrop } from './Map.tsx';
import { topologyQuery } from './queries.ts';
import { keepAnd } from '../../frame/keep.ts';

const views = ['levels', 'map', 'list'] as const;
type View = (typeof views)[number];
const viewKeys = { levels: 'topology.levels', map: 'topology.map', list: 'topology.list' } as const;
const foldKeys = {
  places: 'topology.fold.places',
  networks: 'topology.fold.networks',
  organisations: 'topology.fold.organisations',
  regions: 'topology.fold.regions',
} as const;

/** Links that the list shows at once, the heaviest first; search finds the others. */
const listedMax = 300;
/** Links of one place that stand beside the drawing. */
const besideMax = 40;

export function Topology() {
  const { t, n } = useTexts();
  const query = useQuery(topologyQuery);
  const { view: asked } = useSearch({ strict: false }) as { view?: string };
  const view: View = views.find((each) => each === asked) ?? 'levels';
  return (
    <Page
      title={t('topology.page')}
      heading={
        <>
          <h1>{t('topology.page')}</h1>
          <nav className="log-tabs" aria-label={t('topology.views')}>
            {views.map((each) => (
              <Link
                key={each}
                to="/topology"
                search={keepAnd({ view: each })}
                activeOptions={{ includeSearch: true }}
                aria-current={view === each ? 'page' : undefined}
              >
                {t(viewKeys[each])}
              </Link>
            ))}
          </nav>
        </>
      }
    >
      <Waiting query={query}>
        {(data) =>
          data.links.length + data.nodes.length + data.networks.length === 0 ? (
            <Empty icon="estate" title={t('topology.none')}>
              {t('topology.none.means')}
            </Empty>
          ) : (
            <>
              <Shown data={data} view={view} />
              {data.left.links + data.left.nodes + data.left.networks === 0 ? null : (
                <p className="prose dim">
                  {t('topology.left', { links: n(data.left.links), places: n(data.left.nodes + data.left.networks) })}
                </p>
              )}
            </>
          )
        }
      </Waiting>
    </Page>
  );
}

function Shown({ data, view }: { data: TopologyView; view: View }) {
  const { t, l, n } = useTexts();
  const name = useOrganisationName();
  const navigate = useNavigate();
  const [fold, setFold] = useState<Fold>(() => firstFold(data));
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [typed, setTyped] = useState('');
  const [chosenId, setChosen] = useState<string | null>(null);
  const picture = useMemo(() => pictureOf(data, fold, open), [data, fold, open]);
  const { vertices, edges, inner } = picture;
  const map = useMemo(() => mapped(vertices), [vertices]);
  const points = useMemo(() => (view === 'map' ? map.points : layered(picture)), [view, map, picture]);
  const backdrop = useBackdrop(view === 'map', map.middle);
  const chosen = useMemo(() => {
    const index = vertices.findIndex(({ id }) => id === chosenId);
    return index < 0 ? null : index;
  }, [vertices, chosenId]);
  const nameOf = useCallback((vertex: Vertex): string => (vertex.name ? l(vertex.name) : vertex.id), [l]);
  const found = useMemo(() => {
    const words = typed.trim().toLowerCase();
    if (words === '') return new Set<number>();
    return new Set(
      vertices.flatMap((vertex, i) =>
        [vertex.id, nameOf(vertex), vertex.organisation === null ? '' : name(vertex.organisation)].some((text) =>
          text.toLowerCase().includes(words),
        )
          ? [i]
          : [],
      ),
    );
  }, [typed, vertices, nameOf, name]);
  const linksAt = (index: number) => edges.filter(({ from, to }) => from === index || to === index);
  const told = (index: number): string => {
    const vertex = vertices[index]!;
    const own = linksAt(index);
    return t('topology.picture.told', {
      name: nameOf(vertex),
      tier: t(tierKeys[tiers[vertex.level]!]),
      places: n(vertex.count),
      neighbours: n(own.length),
      links: n(own.reduce((sum, { links }) => sum + links.length, 0)),
    });
  };
  const enter = (index: number): void => {
    const vertex = vertices[index]!;
    if (vertex.group === null) return;
    const next = new Set(open);
    if (!next.delete(vertex.group)) next.add(vertex.group);
    setOpen(next);
    if (vertex.form !== 'group') setChosen(vertex.group);
  };
  const nowhere = vertices.filter(({ at }) => at === null).length;
  const search = (
    <div className="topology-tools">
      <TextInput
        label={t('topology.search')}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || found.size === 0) return;
          // Enter walks from hit to hit.
          const hits = [...found];
          setChosen(vertices[hits.find((index) => chosen !== null && index > chosen) ?? hits[0]!]!.id);
        }}
      />
      {view === 'list' ? null : (
        <Select
          label={t('topology.fold')}
          data={folds.map((each) => ({ value: each, label: t(foldKeys[each]) }))}
          value={fold}
          allowDeselect={false}
          onChange={(value) => {
            setFold(folds.find((each) => each === value) ?? 'places');
            setOpen(new Set());
          }}
        />
      )}
      <span className="dim" role="status">
        {typed.trim() === '' || view === 'list'
          ? t('topology.counts', { places: n(data.nodes.length + data.networks.length), links: n(data.links.length) })
          : t('topology.found', { count: n(found.size) })}
      </span>
    </div>
  );
  if (view === 'list') return <List data={data} typed={typed} tools={search} />;
  return (
    <>
      {search}
      {view === 'map' && nowhere === vertices.length ? (
        <Empty icon="estate" title={t('topology.map.none')}>
          {t('topology.map.none.means')}
        </Empty>
      ) : (
        <div className="topology">
          <TopologyCanvas
            label={t(viewKeys[view])}
            vertices={vertices}
            edges={edges}
            points={points}
            nameOf={nameOf}
            told={told}
            chosen={chosen}
            choose={(index) => setChosen(index === null ? null : vertices[index]!.id)}
            enter={enter}
            found={found}
            backdrop={backdrop}
            bent={view === 'levels'}
          />
          <Beside
            data={data}
            vertex={chosen === null ? undefined : vertices[chosen]}
            links={chosen === null ? [] : linksAt(chosen).flatMap(({ links }) => links)}
            inner={chosen === null ? 0 : (inner.get(vertices[chosen]!.id) ?? 0)}
            nameOf={nameOf}
            enter={() => chosen !== null && enter(chosen)}
            whatIf={(kind, id) => void navigate({ to: '/what-if', search: keepAnd({ kind, id }) })}
          />
        </div>
      )}
      <p className="topology-legend dim small">
        {tiers.map((tier) => (
          <span key={tier}>
            <span className="topology-key" data-tier={tier} /> {t(tierKeys[tier])}
          </span>
        ))}
        <span>
          <span className="topology-key" data-tier="secondary" /> {t(roleOfLinkKeys.secondary)}
        </span>
        <span>{t('topology.legend')}</span>
        {edges.length > linesMax ? <span>{t('topology.lines', { count: n(linesMax), all: n(edges.length) })}</span> : null}
        {view === 'map' ? <span>{t('topology.map.means', { count: n(nowhere) })}</span> : null}
      </p>
    </>
  );
}

/** What is chosen, with its links. */
function Beside({
  data,
  vertex,
  links,
  inner,
  nameOf,
  enter,
  whatIf,
}: {
  data: TopologyView;
  vertex: Vertex | undefined;
  links: readonly number[];
  inner: number;
  nameOf: (vertex: Vertex) => string;
  enter: () => void;
  whatIf: (kind: string, id: string) => void;
}) {
  const { t, l, n } = useTexts();
  const name = useOrganisationName();
  if (!vertex) {
    return (
      <Panel title={t('topology.chosen')}>
        <p className="prose dim">{t('topology.chosen.none')}</p>
        <p className="prose dim">{t('topology.picture.keys')}</p>
      </Panel>
    );
  }
  const shown = links.map((i) => data.links[i]!).sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0));
  const kind = data.nodes.some(({ id }) => id === vertex.id) ? 'nodes' : 'networks';
  return (
    <Panel title={nameOf(vertex)} count={vertex.count > 1 ? n(vertex.count) : undefined}>
      <div className="topology-acts">
        {vertex.group === null ? null : (
          <button type="button" className="tool" onClick={enter}>
            {vertex.form === 'group' ? t('topology.open') : t('topology.close')}
          </button>
        )}
        {vertex.form === 'place' ? (
          <>
            <button type="button" className="tool" onClick={() => whatIf(kind, vertex.id)}>
              {t('topology.whatIf')}
            </button>
            <Link className="tool" to="/estate/$kind/$id" params={{ kind, id: vertex.id }} search={keepView}>
              {t('topology.business.register')}
            </Link>
          </>
        ) : null}
      </div>
      <p className="prose dim">
        {vertex.organisation === null ? null : <>{name(vertex.organisation)} · </>}
        {t('topology.chosen.links', { count: n(links.length), inner: n(inner) })}
      </p>
      <ul className="topology-links">
        {shown.slice(0, besideMax).map((link) => (
          <li key={link.id}>
            <Link to="/links/$id" params={{ id: link.id }} search={keepView}>
              {l(link.name)}
            </Link>{' '}
            <span className="dim">{t(tierKeys[link.tier])}</span>{' '}
            {link.weight === null ? null : <WeightBar value={link.weight} />}
          </li>
        ))}
      </ul>
      {shown.length > besideMax ? (
        <p className="prose dim">{t('topology.more', { count: n(shown.length - besideMax) })}</p>
      ) : null}
    </Panel>
  );
}

/** The twin of both drawings. */
function List({ data, typed, tools }: { data: TopologyView; typed: string; tools: React.ReactNode }) {
  const { t, l, n } = useTexts();
  const name = useOrganisationName();
  const bits = useBits();
  const nameOf = useMemo(() => {
    const names = new Map([...data.networks, ...data.nodes].map((place) => [place.id, place.name]));
    return (id: string): string => {
      const known = names.get(id);
      return known ? l(known) : id;
    };
  }, [data, l]);
  const fits = useMemo(() => {
    const words = typed.trim().toLowerCase();
    return data.links
      .filter((link) =>
        [link.id, l(link.name), name(link.organisation), nameOf(link.from), nameOf(link.to), link.from, link.to].some((text) =>
          text.toLowerCase().includes(words),
        ),
      )
      .sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0) || (a.id < b.id ? -1 : 1));
  }, [data, typed, l, name, nameOf]);
  const end = (id: string) => (
    <>
      {nameOf(id)}
      <div className="dim mono small">{id}</div>
    </>
  );
  return (
    <>
      {tools}
      {fits.length === 0 ? (
        <Empty icon="search" title={t('web.links.noneFit')}>
          {t('web.noneFit.means')}
        </Empty>
      ) : (
        <Table
          label={t('topology.list')}
          rows={fits.slice(0, listedMax)}
          keyOf={({ id }) => id}
          columns={[
            {
              head: t('topology.link'),
              main: true,
              cell: (link) => (
                <>
                  <Link data-open to="/links/$id" params={{ id: link.id }} search={keepView}>
                    {l(link.name)}
                  </Link>
                  <div className="dim small">{name(link.organisation)}</div>
                </>
              ),
            },
            { head: t('web.estate.from'), cell: ({ from }) => end(from) },
            { head: t('web.estate.to'), cell: ({ to }) => end(to) },
            { head: t('web.links.tier'), cell: ({ tier }) => t(tierKeys[tier]) },
            { head: t('web.links.role'), cell: ({ role }) => t(roleOfLinkKeys[role]) },
            { head: t('web.links.capacity'), number: true, cell: ({ capacityMbps }) => bits(capacityMbps) },
            { head: t('web.weight'), cell: ({ weight }) => (weight === null ? '–' : <WeightBar value={weight} />) },
          ]}
        />
      )}
      {fits.length > listedMax ? <p className="prose dim">{t('topology.more', { count: n(fits.length - listedMax) })}</p> : null}
    </>
  );
}
