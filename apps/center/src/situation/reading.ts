/**
 * Readings of the situation index: what is there is read, put together and kept with what came out. A reading is never changed; what the page
 * shows is the newest one, so that a number that is opened is still the number that was seen.
 */

import { setImmediate as pause } from 'node:timers/promises';
import { situationCellsAside } from '@forewarn/assess/situation/cells';
import { readSituationRules } from '@forewarn/assess/situation/rules';
import { coverage, type Source } from '@forewarn/know/coverage';
import type { ContentFile } from '@forewarn/model/content';
import type { SituationRules } from '@forewarn/model/situation';
import type { Transaction } from '@forewarn/store/postgres/database';
import { listSensors, logsOfSensors } from '@forewarn/store/resources/sensors';
import {
  addReading,
  findReading,
  lastReadings,
  tidyReadings,
  type Kept,
  type Reading,
} from '@forewarn/store/resources/situation';
import {
  exposureGroups,
  findingGroups,
  openIncidents,
  openResponsibilities,
  pressingClocks,
  timedTasks,
  warningsInForce,
} from '@forewarn/store/resources/situation-events';
import { centreScope } from '../act.ts';
import type { Center } from '../center-parts.ts';
import { situationParts, type SituationSources } from './parts.ts';

const rulesPath = 'situation/index.yaml';

/** The rules of the content folder; throws its refusals. */
export function situationRulesOf(files: readonly ContentFile[]): SituationRules {
  return readSituationRules(files.find(({ path }) => path === rulesPath)?.text ?? '', rulesPath);
}

/** Every reading of two days, one an hour for five weeks, one a day for five years: a day, a month and a plan's years can be looked back on. */
const keptSeconds: { readonly [kept in Kept]: number } = { now: 2 * 86_400, hour: 35 * 86_400, day: 5 * 366 * 86_400 };

/** How a sensor fares tells nothing of the network that it watches. */
const ofTheSensor: ReadonlySet<string> = new Set(['stats']);

/** Each question in a transaction of its own, between which others are answered: a reading keeps what it was told, so nothing has to stand still. */
async function readSources(center: Center, at: number): Promise<SituationSources> {
  const scope = await centreScope(center);
  const ask = <Answer>(question: (tx: Transaction) => Promise<Answer>): Promise<Answer> =>
    center.database.scoped(scope, question);
  const estate = await center.estate.whole();
  const { links } = await center.estate.weights();
  const sensors = await ask(listSensors);
  const logs = await ask(logsOfSensors);
  const sources = sensors.map(({ id, organisation, link, networkType }): Source => {
    return { id, organisation, link, networkType, logs: (logs.get(id) ?? []).filter(({ log }) => !ofTheSensor.has(log)) };
  });
  return {
    at,
    centre: scope.organisation,
    estate,
    links,
    sensors,
    coverage: coverage(estate, sources, center.coverageRules, at),
    findings: await ask((tx) => findingGroups(tx, at - center.situation.rules.windowSeconds)),
    warnings: await ask((tx) => warningsInForce(tx, at)),
    exposures: await ask((tx) => exposureGroups(tx, at)),
    incidents: await ask(openIncidents),
    clocks: await ask(pressingClocks),
    tasks: await ask(timedTasks),
    responsibilities: await ask(openResponsibilities),
  };
}

/** The first reading of an hour is kept for weeks, the first of a day (UTC) for years. */
function keptOf(at: number, last: { readonly [kept in Kept]: number | null }): Kept {
  const since = (kept: Kept, seconds: number): boolean => (last[kept] ?? -Infinity) >= Math.floor(at / seconds) * seconds;
  if (!since('day', 86_400)) return 'day';
  return since('day', 3600) || since('hour', 3600) ? 'now' : 'hour';
}

/** One reading at a time: two would write over each other's parts. */
const taking = new WeakMap<Center, Promise<unknown>>();

/** Takes a reading, after the one that is being taken. */
export function takeReading(center: Center): Promise<Reading | undefined> {
  const before = taking.get(center) ?? Promise.resolve();
  const reading = before.then(() => readNow(center));
  taking.set(
    center,
    reading.catch(() => undefined),
  );
  return reading;
}

/** Takes a reading now; where one was taken at this very instant, that one. Undefined while there is no centre to look from. */
async function readNow(center: Center): Promise<Reading | undefined> {
  const { centre } = await center.estate.index();
  if (!centre) return undefined;
  // To the millisecond, as instants are written: a reading is found again by what is written of it.
  const at = Math.round(center.clock.now() * 1000) / 1000;
  const { rules } = center.situation;
  const parts = await situationParts(await readSources(center, at), rules, pause);
  const cells = await situationCellsAside(parts, rules, pause);
  const scope = await centreScope(center);
  const inTransaction = <Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> =>
    center.database.scoped(scope, work);
  const last = await inTransaction((tx) => findReading(tx));
  // A clock that was put back would write a past that others have seen otherwise.
  if (last && last.at >= at) return last;
  const reading: Reading = { at, rules, kept: keptOf(at, await inTransaction(lastReadings)) };
  await addReading(inTransaction, reading, parts, { cells, centre: centre.id });
  if (reading.kept !== 'now') {
    await inTransaction((tx) =>
      tidyReadings(tx, { now: at - keptSeconds.now, hour: at - keptSeconds.hour, day: at - keptSeconds.day }),
    );
  }
  return reading;
}

/** Often enough that the page is never more than a minute behind, unless readings take so long that they would take a twentieth of the time. */
const everyMs = 60_000;
const restTimes = 20;

/** A centre that has just started answers its people first. */
const firstMs = 2_000;

export type Readings = { close(): Promise<void> };

/** Takes readings as long as the centre runs. */
export function startReadings(center: Center): Readings {
  let closed = false;
  let reading: Promise<unknown> = Promise.resolve();
  let timer = setTimeout(take, firstMs);
  function take(): void {
    const began = performance.now();
    reading = takeReading(center)
      .catch((error: unknown) => closed || center.log.error({ err: error }, 'no reading of the situation could be taken'))
      .then(() => {
        if (!closed) timer = setTimeout(take, Math.max(everyMs, restTimes * (performance.now() - began)));
      });
  }
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await reading;
    },
  };
}
