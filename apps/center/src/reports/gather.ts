/**
 * What a report of the situation is made of. Numbers are read in the scope of whoever makes the report; lists in the scope of whoever reads the copy, by the same
 * queries and projections as the pages.
 */

import { formatInstant, type Seconds } from '@forewarn/base/time';
import { coverage } from '@forewarn/know/coverage';
import type { EstateIndex } from '@forewarn/know/concern';
import type { SituationLists, SituationNumbers } from '@forewarn/share/reports/picture';
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

/**
 * Runs one step of a gathering in a transaction of its own, in the reader's scope: a report is made of many readings, and none holds up the others. So
 * numbers of one report may be some milliseconds apart.
 */
export type Step = <Read>(work: (tx: Transaction) => Promise<Read>) => Promise<Read>;

export async function situationNumbers(
  step: Step,
  center: Center,
  reader: Reader,
  { from, to }: Span,
): Promise<SituationNumbers> {
  const leading = center.schemes[0]!.scheme;
  const span = to - from;
  const incidents = await step((tx) => incidentsOf(tx, { from: from - span, to }));
  const opened = (range: Span): number =>
    incidents.filter(({ createdAt }) => createdAt >= range.from && createdAt < range.to).length;
  const levels = [...leading.levels.map(({ level }) => level as number | null), null];
  const clocks = await step((tx) => urgentClocks(tx, readMax));
  const counted = (state: string): number => clocks.filter((clock) => clock.state === state).length;
  return {
    scheme: leading,
    ...(await indexOf(step, reader, { from, to })),
    opened: opened({ from, to }),
    openedBefore: opened({ from: from - span, to: from }),
    closed: incidents.filter(({ state, updatedAt }) => state === 'closed' && updatedAt >= from && updatedAt < to).length,
    openByLevel: levels.map((level) => {
      const ofLevel = incidents.filter((one) => isOpen(one) && (one.grade?.floor ?? null) === level);
      return { level, count: ofLevel.length, possibly: ofLevel.filter(({ grade }) => (grade?.ceiling ?? null) !== level).length };
    }),
    clocks: { running: counted('running'), dueSoon: counted('due-soon'), missed: counted('missed') },
    warnings: await step(async (tx) => {
      const warnings = await warningsOf(tx, { from, to });
      const inForce = warnings.filter(({ state }) => state !== 'lifted').map(({ id }) => id);
      const audiences = await audiencesOf(tx, inForce);
      return {
        issued: warnings.filter(({ issuedAt }) => issuedAt !== null && issuedAt >= from).length,
        inForce: inForce.length,
        unacknowledged: [...audiences.values()].flat().filter(({ acknowledgedAt }) => acknowledgedAt === null).length,
      };
    }),
    ratio: await step((tx) => ratioOf(tx, { from, to })),
    exposures: exposuresOf(await step((tx) => exposureCounts(tx, { by: 'all' }))),
    coverage: await coverageOf(step, center),
  };
}

async function indexOf(step: Step, reader: Reader, { from, to }: Span): Promise<Pick<SituationNumbers, 'index' | 'trend'>> {
  const index = await step((tx) => situationIndexAt(reader, tx, to));
  if (index === null) return { index, trend: [] };
  const place = reader.centre
    ? ({ dimension: 'whole', key: 'whole' } as const)
    : ({ dimension: 'organisation', key: reader.organisation } as const);
  const values = await step((tx) => valuesOf(tx, place, { from, to, limit: trendPointsMax }));
  const trend = values.map(({ at, cell }) => ({
    at: formatInstant(at),
    floor: cell.floor,
    ceiling: cell.ceiling,
    seen: cell.seen,
    components: cell.components.map(({ id, points }) => ({ id, floor: points.floor, ceiling: points.ceiling })),
  }));
  return { index, trend };
}

/** Of the estate only what coverage looks at: a country's assets are many. */
async function coverageOf(step: Step, center: Center): Promise<SituationNumbers['coverage']> {
  const networks = await step((tx) => readKind(tx, 'networks'));
  const nodes = await step((tx) => readKind(tx, 'nodes'));
  const links = await step((tx) => readKind(tx, 'links'));
  const { sensors, logs } = await step(async (tx) => ({ sensors: await listSensors(tx), logs: await logsOfSensors(tx) }));
  const sources = sensors.map(({ id, organisation, link, networkType }) => {
    return { id, organisation, link, networkType, logs: (logs.get(id) ?? []).filter(({ log }) => !ofTheSensor.has(log)) };
  });
  return coverage({ networks, nodes, links }, sources, center.coverageRules, center.clock.now()).map(
    ({ type, state, networks: ofType }) => ({
      type,
      state,
      networks: ofType.length,
      seen: ofType.filter((network) => network.state === 'seen').length,
    }),
  );
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
  step: Step,
  center: Center,
  index: EstateIndex,
  reader: Reader,
  span: Span,
): Promise<SituationLists> {
  const incidents = (await step((tx) => incidentsOf(tx, span))).toSorted(byGravity).slice(0, shownMax);
  const warnings = (await step((tx) => warningsOf(tx, span))).slice(0, shownMax);
  const clocks = await step((tx) => urgentClocks(tx, shownMax));
  return {
    incidents: await step((tx) => summaries(tx, center, index, reader, incidents)),
    clocks: clocks.map((clock) => ({ ...clockView(clock, center.content), number: clock.number })),
    warnings: await step((tx) => warningViews(tx, index, reader, warnings)),
    rated: (await step((tx) => ratioOf(tx, span))).items.slice(0, shownMax),
    forecasts: await step((tx) => forecastRows(tx, center, incidents)),
  };
}
