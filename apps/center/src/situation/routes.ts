/** The situation index, opened down to the events that it is made of; its trend. */

import { z } from 'zod';
import { openPlace, situationCell, situationCells } from '@forewarn/assess/situation/cells';
import { Refusal } from '@forewarn/base/refusal';
import { formatInstant, type Seconds } from '@forewarn/base/time';
import { Instant } from '@forewarn/model/api';
import {
  SituationComponent,
  SituationDimension,
  type SituationCell,
  type SituationPart,
  type SituationPlace,
  type SituationRules,
} from '@forewarn/model/situation';
import {
  SituationIndexView,
  SituationPlaceView,
  SituationTrendView,
  type SituationCellView,
  type SituationPartView,
} from '@forewarn/model/situation-api';
import type { Scope, Transaction } from '@forewarn/store/postgres/database';
import {
  cellsAt,
  cellsOfPlaces,
  findReading,
  organisationNames,
  partsAt,
  valuesOf,
  type Reading,
} from '@forewarn/store/resources/situation';
import { act } from '../act.ts';
import { route, type Route } from '../api/route.ts';
import { At, PageQuery, RangeQuery } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import type { Principal } from '../ports.ts';
import { denied, found } from '../refusals.ts';
import { placeName } from './names.ts';
import { responseRatioRoute } from './ratio.ts';
import { takeReading } from './reading.ts';

/** Wide places: nine network types, three tiers, and sectors and regions, of which a country has dozens. */
const placesMax = 1_000;
/** Organisations that the first page names; the others stand on their own page. */
const organisationsMax = 12;
/** Points of a plot; more than a screen has columns. */
const pointsMax = 2_000;
/** What a place is compared with. */
const dayAgo: Seconds = 86_400;
const trendSeconds: Seconds = 7 * 86_400;

const AtQuery = z.object({
  at: At.optional().describe('The newest reading at this instant or before; the newest of all, when left out.'),
});

const PlaceParams = z.object({ dimension: SituationDimension, key: z.string().min(1).max(64) });

const noReading = (): Refusal =>
  new Refusal('situation.no-reading', 'No reading of the situation was taken yet.', {
    advice: 'Wait a minute; the centre takes one each minute.',
  });

type Asker = Pick<Principal, 'organisation' | 'centre'>;

/** The place that an asker means with `whole`: everything for the centre, otherwise the own organisation. */
const meant = (asker: Asker, place: SituationPlace): SituationPlace =>
  place.dimension === 'whole' && !asker.centre ? { dimension: 'organisation', key: asker.organisation } : place;

async function readingAt(tx: Transaction, at: Seconds | undefined): Promise<Reading> {
  const reading = await findReading(tx, at);
  if (!reading) throw noReading();
  return reading;
}

/** The parts of the newest reading that somebody of the centre has opened: they never change, and opening a number asks for them again and again. */
const opened = new WeakMap<Center, { at: Seconds; parts: readonly SituationPart[] }>();

/** Parts of one transaction, between which others are answered. */
const partsAtOnce = 250;

async function partsOf(center: Center, asker: Asker, scope: Scope, at: Seconds): Promise<readonly SituationPart[]> {
  const known = opened.get(center);
  if (asker.centre && known?.at === at) return known.parts;
  const parts: SituationPart[] = [];
  for (let read = partsAtOnce; read === partsAtOnce;) {
    const after = parts.at(-1)?.organisation ?? '';
    const some = await center.database.scoped(scope, (tx) => partsAt(tx, at, { after, limit: partsAtOnce }));
    parts.push(...some);
    read = some.length;
  }
  if (asker.centre) opened.set(center, { at, parts });
  return parts;
}

/** Cells with their names, and how they stood a day before; before the first reading there is nothing to compare with. */
async function viewsOf(
  { tx, asker, at }: { tx: Transaction; asker: Asker; at: Seconds },
  cells: readonly SituationCell[],
): Promise<SituationCellView[]> {
  const places = cells.map((cell) => meant(asker, cell));
  const organisations = places.flatMap(({ dimension, key }) => (dimension === 'organisation' ? [key] : []));
  const names = await organisationNames(tx, organisations);
  const then = await findReading(tx, at - dayAgo);
  const idOf = ({ dimension, key }: SituationPlace): string => `${dimension} ${key}`;
  const before = new Map(
    then
      ? (
          await cellsOfPlaces(
            tx,
            cells.map((cell) => meant(asker, cell)),
            then.at,
          )
        ).map((cell) => [idOf(cell), cell])
      : [],
  );
  return cells.map((cell) => {
    const place = meant(asker, cell);
    const former = before.get(idOf(place));
    return {
      ...cell,
      name: placeName(place, names),
      before: then && former ? { at: formatInstant(then.at), floor: former.floor, ceiling: former.ceiling } : null,
    };
  });
}

const index = route({
  method: 'get',
  path: '/situation/index',
  access: 'situation:read',
  summary:
    'The situation index with its parts: the whole, network types, sectors, regions, tiers of links, and the worst organisations.',
  query: AtQuery,
  answer: SituationIndexView,
  async handle({ center, principal, scope, query }) {
    return center.database.scoped(scope, async (tx) => {
      const view = await situationIndexAt(principal, tx, query.at);
      if (!view) throw noReading();
      return view;
    });
  },
});

/** The index as an asker sees it, of the newest reading at an instant or before; null where none shows the asker anything. */
export async function situationIndexAt(
  asker: Asker,
  tx: Transaction,
  asked: Seconds | undefined,
): Promise<SituationIndexView | null> {
  const reading = await findReading(tx, asked);
  if (!reading) return null;
  const { at, rules } = reading;
  const { cells, organisations } = await cellsOf(asker, tx, { at, rules });
  const views = await viewsOf({ tx, asker, at }, [...cells, ...organisations]);
  const whole = views.find(({ dimension }) => dimension === 'whole');
  // An organisation that was registered after the reading stands in the next one.
  if (!whole) return null;
  return {
    at: formatInstant(at),
    rules,
    whole,
    cells: views.filter(({ dimension }) => dimension !== 'whole' && dimension !== 'organisation'),
    organisations: views.filter(({ dimension }) => dimension === 'organisation'),
  };
}

/** What came out: for the centre what was kept; for others, of their own part alone. */
async function cellsOf(
  asker: Asker,
  tx: Transaction,
  { at, rules }: { at: Seconds; rules: SituationRules },
): Promise<{ cells: SituationCell[]; organisations: SituationCell[] }> {
  if (asker.centre) {
    return {
      cells: await cellsAt(tx, at, { organisations: false, limit: placesMax }),
      organisations: await cellsAt(tx, at, { organisations: true, limit: organisationsMax }),
    };
  }
  const all = situationCells(await partsAt(tx, at, { after: '', limit: 1 }), rules);
  return {
    cells: all.filter(({ dimension }) => dimension !== 'organisation').toSorted((a, b) => b.floor - a.floor),
    organisations: all.filter(({ dimension }) => dimension === 'organisation'),
  };
}

const place = route({
  method: 'get',
  path: '/situation/places/{dimension}/{key}',
  access: 'situation:read',
  summary:
    'A place of the index opened: its organisations with their events, the most telling first. All pages together reproduce the number.',
  params: PlaceParams,
  query: PageQuery.extend(AtQuery.shape).extend({
    component: SituationComponent.optional().describe('Only events of this component are listed.'),
  }),
  answer: SituationPlaceView,
  async handle({ center, principal, scope, params, query }) {
    const { at, rules } = await center.database.scoped(scope, (tx) => readingAt(tx, query.at));
    const parts = await partsOf(center, principal, scope, at);
    const cell = found(situationCell(parts, params, rules));
    const from = query.cursor === undefined ? 0 : positionIn(query.cursor);
    const range = `${formatInstant(Math.floor(at - rules.windowSeconds))}~${formatInstant(Math.ceil(at))}`;
    const withRange = (opens: string | null): string | null => opens && `${opens}&range=${encodeURIComponent(range)}`;
    const { organisations, open } = openPlace(parts, params, rules);
    const shown = organisations.slice(from, from + query.limit);
    const { view, names } = await center.database.scoped(scope, async (tx) => ({
      view: (await viewsOf({ tx, asker: principal, at }, [cell]))[0]!,
      names: await organisationNames(
        tx,
        shown.map(({ organisation }) => organisation),
      ),
    }));
    return {
      at: formatInstant(at),
      rules,
      place: params,
      cell: view,
      items: shown.map((part): SituationPartView => {
        const { risks, events } = open(part);
        return {
          ...part,
          name: names.get(part.organisation) ?? { en: part.organisation, zh: part.organisation },
          risks: rules.components.map(({ id }) => ({ id, ...risks[id] })),
          events: events
            .filter(({ component }) => query.component === undefined || component === query.component)
            .map((event) => (event.kind === 'finding' ? { ...event, opens: withRange(event.opens) } : event)),
        };
      }),
      next: from + shown.length < organisations.length ? String(from + shown.length) : null,
    };
  },
});

function positionIn(cursor: string): number {
  if (!/^\d{1,9}$/.test(cursor))
    throw new Refusal('page.cursor', 'This is not a cursor of this list.', { advice: 'Begin again without a cursor.' });
  return Number(cursor);
}

const trend = route({
  method: 'get',
  path: '/situation/places/{dimension}/{key}/trend',
  access: 'situation:read',
  summary: 'How the index of a place went; a value holds until the next. The last week, when no span is given.',
  params: PlaceParams,
  query: RangeQuery,
  answer: SituationTrendView,
  handle({ center, principal, scope, params, query }) {
    const to = query.to ?? center.clock.now();
    const from = query.from ?? to - trendSeconds;
    return center.database.scoped(scope, async (tx) => ({
      place: params,
      points: (await valuesOf(tx, meant(principal, params), { from, to, limit: pointsMax })).map(({ at, cell }) => ({
        at: formatInstant(at),
        floor: cell.floor,
        ceiling: cell.ceiling,
        seen: cell.seen,
        components: cell.components.map(({ id, points }) => ({ id, floor: points.floor, ceiling: points.ceiling })),
      })),
    }));
  },
});

const take = route({
  method: 'post',
  path: '/situation/readings',
  access: 'incidents:write',
  summary: 'Takes a reading of the situation now, without waiting for the next one.',
  answer: z.object({ at: Instant }),
  status: 201,
  async handle({ center, principal }) {
    if (!principal.centre) throw denied('The centre takes readings of the situation.');
    const reading = await takeReading(center);
    if (!reading) throw noReading();
    const at = formatInstant(reading.at);
    await act(center, principal, async (acting) => acting.audit('situation.reading', 'situation', { at }));
    return { at };
  },
});

export const situationRoutes: readonly Route[] = [index, place, trend, responseRatioRoute, take];
