/**
 * What a report of the situation is made of. Numbers are read in the scope of whoever makes the report; lists in the scope of whoever reads the copy, by the same
 * queries and projections as the pages.
 */

import { formatInstant, type Seconds } from '@forewarn/base/time';
import { coverage } from '@forewarn/know/coverage';
import type { EstateIndex } from '@forewarn/know/concern';
import type { SituationLists, SituationNumbers } from '@forewarn/share/reports/situation';
import type { Transaction } from '@forewarn/store/postgres/database';
import { urgentClocks } from '@forewarn/store/resources/clocks';
import { readKind } from '@forewarn/store/resources/estate';
import { exposureCounts } from '@forewarn/store/resources/exposures';
import { listIncidents, type Incident } from '@forewarn/store/resources/incidents';
import { listSensors, logsOfSensors } from '@forewarn/store/resources/sensors';
import { valuesOf } from '@forewarn/store/resources/situation';
import { audiencesOf } from '@forewarn/store/resources/warning-audience';
import { listWarnings, type Warning } from '@forewarn/store/resources/warnings';
import type { Center } from '../center-parts.ts';
import { clockView } from '../incidents/grade-view.ts';
import { summaries } from '../incidents/view.ts';
import type { Principal } from '../ports.ts';
import { ratioOf } from '../situation/ratio.ts';
import { situationIndexAt } from '../situation/routes.ts';
import { warningViews } from '../warnings/view.ts';
import { forecastRows } from './forecasts.ts';

/** Who looks: an organisation, with all the rights that reading asks for. */
export type Reader = Pick<Principal, 'organisation' | 'centre'>;
export type Span = { from: Seconds; to: Seconds };

/** Incidents and warnings that one report reads; a country's week has some hundred, and a report of more says how many it leaves out. */
const readMax = 1_000;
const pageMax = 500;

/** Rows that a table of a report shows at most; the template asks for fewer. */
const shownMax = 200;

/** Points of a plot over time. */
const trendPointsMax = 2_000;

/** How a sensor fares tells nothing of the network that it watches. */
const ofTheSensor: ReadonlySet<string> = new Set(['stats']);

/** Reads page by page until `enough` says so or the ceiling is met. */
async function readAll<Item>(
  page: (cursor: string | undefined) => Promise<{ items: Item[]; next: string | null }>,
  enough: (item: Item) => boolean,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const { items: read, next } = await page(cursor);
    for (const item of read) {
      if (enough(item)) return items;
      items.push(item);
    }
    cursor = next ?? undefined;
  } while (cursor !== undefined && items.length < readMax);
  return items;
}

/** Everything not closed, and what changed since `from`. */
async function incidentsOf(tx: Transaction, { from, to }: Span): Promise<Incident[]> {
  const changed = await readAll(
    (cursor) => listIncidents(tx, { limit: pageMax, cursor }),
    ({ updatedAt }) => updatedAt < from,
  );
  const unclosed = (state: 'open' | 'contained') =>
    readAll(
      (cursor) => listIncidents(tx, { limit: pageMax, cursor, state }),
      () => false,
    );
  const open = [...(await unclosed('open')), ...(await unclosed('contained'))];
  const byId = new Map([...changed, ...open].map((one) => [one.id, one]));
  return [...byId.values()].filter(({ createdAt }) => createdAt < to);
}

async function warningsOf(tx: Transaction, { from, to }: Span): Promise<Warning[]> {
  const read = await readAll(
    (cursor) => listWarnings(tx, { limit: pageMax, cursor, state: ['issued', 'adjusted', 'lifted'] }),
    () => false,
  );
  return read.filter(({ issuedAt, liftedAt }) => issuedAt !== null && issuedAt < to && (liftedAt === null || liftedAt >= from));
}

const isOpen = ({ state }: Pick<Incident, 'state'>): boolean => state !== 'closed';

export async function situationNumbers(
  tx: Transaction,
  center: Center,
  reader: Reader,
  { from, to }: Span,
): Promise<SituationNumbers> {
  const now = center.clock.now();
  const leading = center.schemes[0]!.scheme;
  const span = to - from;
  const before = await incidentsOf(tx, { from: from - span, to });
  const opened = (range: Span): number =>
    before.filter(({ createdAt }) => createdAt >= range.from && createdAt < range.to).length;
  const openNow = before.filter(isOpen);
  const levels = [...leading.levels.map(({ level }) => level as number | null), null];
  const clocks = await urgentClocks(tx, readMax);
  const counted = (state: string): number => clocks.filter((clock) => clock.state === state).length;
  const warnings = await warningsOf(tx, { from, to });
  const inForce = warnings.filter(({ state }) => state !== 'lifted');
  const audiences = await audiencesOf(
    tx,
    inForce.map(({ id }) => id),
  );
  // Of the estate only what coverage looks at: a country's assets are many.
  const networks = await readKind(tx, 'networks');
  const nodes = await readKind(tx, 'nodes');
  const links = await readKind(tx, 'links');
  const sensors = await listSensors(tx);
  const logs = await logsOfSensors(tx);
  const sources = sensors.map(({ id, organisation, link, networkType }) => {
    return { id, organisation, link, networkType, logs: (logs.get(id) ?? []).filter(({ log }) => !ofTheSensor.has(log)) };
  });
  const index = await situationIndexAt(reader, tx, to);
  const place = reader.centre
    ? ({ dimension: 'whole', key: 'whole' } as const)
    : ({ dimension: 'organisation', key: reader.organisation } as const);
  const values = index === null ? [] : await valuesOf(tx, place, { from, to, limit: trendPointsMax });
  return {
    scheme: leading,
    index,
    trend: values.map(({ at, cell }) => ({
      at: formatInstant(at),
      floor: cell.floor,
      ceiling: cell.ceiling,
      seen: cell.seen,
      components: cell.components.map(({ id, points }) => ({ id, floor: points.floor, ceiling: points.ceiling })),
    })),
    opened: opened({ from, to }),
    openedBefore: opened({ from: from - span, to: from }),
    closed: before.filter(({ state, updatedAt }) => state === 'closed' && updatedAt >= from && updatedAt < to).length,
    openByLevel: levels.map((level) => {
      const ofLevel = openNow.filter(({ grade }) => (grade?.floor ?? null) === level);
      return { level, count: ofLevel.length, possibly: ofLevel.filter(({ grade }) => (grade?.ceiling ?? null) !== level).length };
    }),
    clocks: { running: counted('running'), dueSoon: counted('due-soon'), missed: counted('missed') },
    warnings: {
      issued: warnings.filter(({ issuedAt }) => issuedAt !== null && issuedAt >= from).length,
      inForce: inForce.length,
      unacknowledged: [...audiences.values()].flat().filter(({ acknowledgedAt }) => acknowledgedAt === null).length,
    },
    ratio: await ratioOf(tx, { from, to }),
    exposures: exposuresOf(await exposureCounts(tx, { by: 'all' })),
    coverage: coverage({ networks, nodes, links }, sources, center.coverageRules, now).map(
      ({ type, state, networks: ofType }) => ({
        type,
        state,
        networks: ofType.length,
        seen: ofType.filter((network) => network.state === 'seen').length,
      }),
    ),
  };
}

function exposuresOf(counts: Awaited<ReturnType<typeof exposureCounts>>): SituationNumbers['exposures'] {
  const outcomes = [...new Set(counts.map(({ floor }) => floor))];
  return outcomes.map((outcome) => {
    const own = counts.filter(({ floor }) => floor === outcome);
    const sum = (of: typeof own, pick: (one: (typeof own)[number]) => number): number =>
      of.reduce((total, one) => total + pick(one), 0);
    return {
      // The catalogue's keys are in one word: `outOfCycle` for `out-of-cycle`.
      outcome: { text: `exposures.outcome.${outcome.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())}` },
      exposed: sum(own.filter(({ certainty }) => certainty === 'exposed'), ({ count }) => count), // oxfmt-ignore
      possibly: sum(own.filter(({ certainty }) => certainty === 'possibly'), ({ count }) => count), // oxfmt-ignore
      open: sum(own, ({ open }) => open),
    };
  });
}

/** The gravest first: what is proven, then what is possible, then the newest. */
function byGravity(a: Incident, b: Incident): number {
  const rank = (level: number | null | undefined): number => level ?? 99;
  return (
    Number(isOpen(b)) - Number(isOpen(a)) ||
    rank(a.grade?.floor) - rank(b.grade?.floor) ||
    rank(a.grade?.ceiling) - rank(b.grade?.ceiling) ||
    b.updatedAt - a.updatedAt
  );
}

export async function situationLists(
  tx: Transaction,
  center: Center,
  index: EstateIndex,
  reader: Reader,
  span: Span,
): Promise<SituationLists> {
  const incidents = (await incidentsOf(tx, span)).toSorted(byGravity).slice(0, shownMax);
  const warnings = (await warningsOf(tx, span)).slice(0, shownMax);
  return {
    incidents: await summaries(tx, center, index, reader, incidents),
    clocks: (await urgentClocks(tx, shownMax)).map((clock) => ({ ...clockView(clock, center.content), number: clock.number })),
    warnings: await warningViews(tx, index, reader, warnings),
    rated: (await ratioOf(tx, span)).items.slice(0, shownMax),
    forecasts: await forecastRows(tx, center, incidents),
  };
}
