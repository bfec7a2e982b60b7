/** A place of the index, opened: what it is made of, down to the events, with the arithmetic that gives the number. */

import { situationComponents, SituationDimension, type SituationComponent, type SituationPlace } from '@forewarn/model/situation';
import type { SituationEventView, SituationPartView, SituationPlaceView } from '@forewarn/model/situation-api';
import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { At } from '../../marks/Marks.tsx';
import { useNamed, useTexts } from '../../session/language.tsx';
import { useRange } from '../../session/view.ts';
import { IndexFigure, PlaceLink, PlaceList } from './IndexPanel.tsx';
import { RiskBar, useRangeText } from './parts.tsx';
import { indexQuery, placeQuery } from './queries.ts';
import { Trend } from './Trend.tsx';
import { componentKeys, dimensionKeys, kindKeys } from './words.ts';

/** Events of one organisation shown at first; the rest on demand. */
const shownEvents = 8;

export function SituationPlacePage() {
  const { t } = useTexts();
  const params = useParams({ strict: false }) as { dimension: string; key: string };
  const { component } = useSearch({ strict: false }) as { component?: string };
  const { range } = useRange();
  // A range that is over shows the place as it stood at its end.
  const at = range.kind === 'between' && range.to !== 'now' ? range.to : undefined;
  const dimension = SituationDimension.safeParse(params.dimension);
  const place: SituationPlace = { dimension: dimension.success ? dimension.data : 'whole', key: params.key };
  const only = situationComponents.find((one) => one === component);
  const query = useInfiniteQuery(
    placeQuery(place, { ...(at === undefined ? {} : { at }), ...(only === undefined ? {} : { component: only }) }),
  );
  const named = useNamed();
  const first = query.data?.pages[0];
  const title = first ? named(first.cell.name) : t('situations.index');
  return (
    <Page
      title={title}
      heading={
        <ItemHead up={{ to: '/situation', name: t('web.page.situation') }} title={title}>
          <span className="dim">{t(dimensionKeys[place.dimension])}</span>
          {first ? (
            <span className="dim">
              {t('situations.reading')} <At at={first.at} />
            </span>
          ) : null}
        </ItemHead>
      }
    >
      <Waiting query={{ ...query, data: first } as never}>
        {() => (
          <div className="stack">
            <div className="situation">
              <div className="situation-now">
                <Trend place={place} />
                <Arithmetic view={first!} only={only} />
              </div>
              <div className="situation-side">
                <Panel title={t('situations.index')}>
                  <IndexFigure cell={first!.cell} index={first!} />
                  <p className="index-note dim small">{t('situations.index.means')}</p>
                </Panel>
                {place.dimension === 'whole' ? <Inside {...(at === undefined ? {} : { at })} /> : null}
              </div>
            </div>
            <Parts
              place={place}
              parts={query.data?.pages.flatMap(({ items }) => items) ?? []}
              only={only}
              more={query.hasNextPage ? () => void query.fetchNextPage() : null}
              all={first!.cell.organisations}
            />
          </div>
        )}
      </Waiting>
    </Page>
  );
}

/** All places inside the whole. */
function Inside({ at }: { at?: string }) {
  const { t } = useTexts();
  const { data } = useQuery(indexQuery(at));
  if (data === undefined) return null;
  return (
    <Panel title={t('situations.places')}>
      <div className="index-inside">
        {(['network-type', 'sector', 'region', 'tier'] as const).map((dimension) => {
          const cells = data.cells.filter((cell) => cell.dimension === dimension);
          return cells.length === 0 ? null : (
            <section key={dimension}>
              <h3>{t(dimensionKeys[dimension])}</h3>
              <PlaceList cells={cells} rules={data.rules} />
            </section>
          );
        })}
      </div>
    </Panel>
  );
}

/** The sum, line by line: weight times risk, and what it adds. */
function Arithmetic({ view, only }: { view: SituationPlaceView; only: SituationComponent | undefined }) {
  const { t, n } = useTexts();
  const named = useNamed();
  const range = useRangeText(1);
  const share = useRangeText(2);
  const { cell, rules } = view;
  const rows = cell.components.map((one) => ({ ...one, rule: rules.components.find(({ id }) => id === one.id)! }));
  return (
    <Panel
      title={t('situations.sum')}
      count={`= ${range(cell)}`}
      tools={only === undefined ? undefined : <PlaceLink place={view.place}>{t('situations.components.all')}</PlaceLink>}
    >
      <Table
        label={t('situations.sum')}
        rows={rows}
        keyOf={({ id }) => id}
        over={({ id }) => only !== undefined && only !== id}
        columns={[
          {
            head: t('situations.component'),
            main: true,
            cell: ({ id, rule }) => (
              <>
                <PlaceLink place={view.place} component={id} open>
                  {t(componentKeys[id])}
                </PlaceLink>
                <div className="dim small">{named(rule.means)}</div>
              </>
            ),
          },
          { head: t('situations.weight'), number: true, cell: ({ rule }) => n(rule.weight, 2) },
          {
            head: t('situations.risk'),
            cell: ({ risk }) => (
              <span className="index-risk">
                <RiskBar floor={risk.floor} ceiling={risk.ceiling} />
                <span className="number">{share(risk)}</span>
              </span>
            ),
          },
          { head: t('situations.points'), number: true, cell: ({ points }) => range(points) },
          { head: t('situations.events'), number: true, cell: ({ events }) => n(events) },
        ]}
      />
      <p className="index-note dim small">
        {t('situations.formula')} {named(rules.source)} ({t('situations.mark', { mark: rules.confidence })})
      </p>
    </Panel>
  );
}

/** The organisations of a place, the most telling first, each with its events. */
function Parts({
  place,
  parts,
  only,
  more,
  all,
}: {
  place: SituationPlace;
  parts: readonly SituationPartView[];
  only: SituationComponent | undefined;
  more: (() => void) | null;
  all: number;
}) {
  const { t, n } = useTexts();
  return (
    <Panel
      title={
        only === undefined ? t('situations.events.behind') : t('situations.events.of', { component: t(componentKeys[only]) })
      }
      count={t('situations.parts.shown', { shown: n(parts.length), all: n(all) })}
    >
      <div className="index-parts-list">
        {parts.map((part) => (
          <PartEvents key={part.organisation} part={part} place={place} />
        ))}
      </div>
      {more === null ? null : (
        <Button variant="default" className="index-more" onClick={more}>
          {t('situations.parts.more')}
        </Button>
      )}
    </Panel>
  );
}

function PartEvents({ part, place }: { part: SituationPartView; place: SituationPlace }) {
  const { t, l, n } = useTexts();
  const named = useNamed();
  const share = useRangeText(2);
  const [whole, setWhole] = useState(false);
  const events = whole ? part.events : part.events.slice(0, shownEvents);
  const name = l(part.name);
  return (
    <section>
      <h3>
        {place.dimension === 'organisation' ? (
          name
        ) : (
          <PlaceLink place={{ dimension: 'organisation', key: part.organisation }}>{name}</PlaceLink>
        )}
        <span className="dim small"> {t('situations.importance', { importance: n(part.importance, 1) })}</span>
      </h3>
      {part.events.length === 0 ? (
        <Empty title={t('situations.events.none')} />
      ) : (
        <Table
          label={t('situations.events.at', { name })}
          rows={events}
          keyOf={({ id }) => id}
          columns={[
            {
              head: t('situations.event'),
              main: true,
              cell: (event) => (
                <>
                  <EventLink event={event}>{named(event.what)}</EventLink>
                  <div className="dim small">{kindKeys[event.kind] === undefined ? null : t(kindKeys[event.kind]!)}</div>
                </>
              ),
            },
            { head: t('situations.component'), cell: ({ component }) => t(componentKeys[component]) },
            { head: t('situations.count'), number: true, cell: ({ count }) => n(count) },
            { head: t('situations.load'), number: true, cell: ({ load }) => share(load) },
            { head: t('situations.effect'), number: true, cell: ({ effect }) => n(effect, 2) },
          ]}
        />
      )}
      {part.events.length > events.length ? (
        <button type="button" className="link" onClick={() => setWhole(true)}>
          {t('situations.events.more', { count: part.events.length - events.length })}
        </button>
      ) : null}
    </section>
  );
}

/** The way to where an event is shown; its address comes with its search. */
function EventLink({ event, children }: { event: SituationEventView; children: React.ReactNode }) {
  if (event.opens === null) return <>{children}</>;
  const { pathname, searchParams } = new URL(event.opens, location.origin);
  return (
    <Link to={pathname} search={Object.fromEntries(searchParams) as never} data-open>
      {children}
    </Link>
  );
}
