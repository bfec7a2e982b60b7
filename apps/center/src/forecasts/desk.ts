/**
 * Makes forecasts of open incidents and scores them when their moment has come. Incidents are few beside findings, and a forecast takes some
 * milliseconds, so one timer looks at all.
 */

import { levelNow, forecast } from '@forewarn/assess/forecast/forecast';
import { outcomeOf } from '@forewarn/assess/forecast/score';
import type { Reached } from '@forewarn/assess/forecast/course';
import { factsOf, type FactStatement } from '@forewarn/store/resources/facts';
import {
  addForecasts,
  endsOf,
  forecastsKeptSeconds,
  forecastsToScore,
  forgetForecasts,
  incidentsToForecast,
  scoreForecast,
} from '@forewarn/store/resources/forecasts';
import { findIncident, participantsOf } from '@forewarn/store/resources/incidents';
import { act, centreScope } from '../act.ts';
import type { Center } from '../center-parts.ts';
import { knownOf, reachedBy, statementsOf } from './known.ts';

/** What nobody spoke of is forecast anew this often: time alone moves what lasts. */
const everySeconds = 3_600;
/** An incident that changes every second is forecast at most this often. */
const apartSeconds = 60;
const lookMs = 30_000;
/** Of one look; the others follow in the next. */
const incidentsMax = 50;
const scoredMax = 500;
const forgottenMax = 5_000;

export type Forecasts = {
  /** Looks now; resolves when what was due is made and scored. */
  look(): Promise<void>;
  close(): Promise<void>;
};

export function startForecasts(center: Center): Forecasts {
  let closed = false;
  let working: Promise<void> = Promise.resolve();
  const look = (): Promise<void> => {
    working = working
      .then(() => (closed ? undefined : scoreDue(center)))
      .then(() => (closed ? undefined : makeDue(center, () => closed)))
      .catch((error: unknown) => {
        if (!closed) center.log.error({ err: error }, 'forecasts could not be made');
      });
    return working;
  };
  const timer = setInterval(() => void look(), lookMs);
  return {
    look,
    async close() {
      closed = true;
      clearInterval(timer);
      await working;
    },
  };
}

async function makeDue(center: Center, closed: () => boolean): Promise<void> {
  const scope = await centreScope(center);
  const at = center.clock.now();
  const due = await center.database.scoped(scope, (tx) =>
    incidentsToForecast(tx, { at, every: everySeconds, apart: apartSeconds, limit: incidentsMax }),
  );
  if (due.length === 0) return;
  const index = await center.estate.index();
  const estate = await center.estate.whole();
  const [leading] = center.schemes;
  for (const id of due) {
    if (closed()) return;
    const read = await center.database.scoped(scope, async (tx) => {
      const incident = await findIncident(tx, id);
      const concerned = (await participantsOf(tx, [id])).get(id)!.filter((one) => one.concerned).map((one) => one.organisation); // oxfmt-ignore
      return incident && { incident, concerned, facts: await factsOf(tx, id) };
    });
    if (!read) continue;
    const reached: Reached[] = reachedBy(index, estate, { hosts: read.incident.hosts, concerned: read.concerned });
    const known = knownOf(read.incident, read.facts, reached, at);
    const now = levelNow(leading!, known);
    const points = forecast(leading!, center.content.facts, known, center.forecast);
    await act(center, null, async ({ tx, changed }) => {
      const { version: model } = center.forecast;
      await addForecasts(
        tx,
        points.map((point) => ({ ...point, incident: id, scheme: leading!.scheme.id, model, at, dueAt: at + point.horizonSeconds, now })), // oxfmt-ignore
      );
      changed('forecast', id, { incident: id });
    });
  }
}

async function scoreDue(center: Center): Promise<void> {
  const scope = await centreScope(center);
  const at = center.clock.now();
  const grace = center.forecast.graceSeconds;
  await center.database.scoped(scope, async (tx) => {
    const due = await forecastsToScore(tx, at - grace, scoredMax);
    if (due.length === 0) {
      await forgetForecasts(tx, at - forecastsKeptSeconds, forgottenMax);
      return;
    }
    const ids = [...new Set(due.map(({ incident }) => incident))];
    const ends = await endsOf(tx, ids);
    const facts = new Map<string, readonly FactStatement[]>();
    for (const id of ids) facts.set(id, await factsOf(tx, id));
    for (const one of due) {
      const compiled = center.schemes.find(({ scheme }) => scheme.id === one.scheme);
      // A scheme that is no longer there grades nothing: its forecasts go unconfirmed.
      const outcome = compiled
        ? outcomeOf(compiled, center.content.facts, one, {
            statements: statementsOf(facts.get(one.incident)!),
            enteredBy: one.dueAt + grace,
            endedAt: ends.get(one.incident)?.find((end) => end > one.at) ?? null,
          })
        : { actual: null, confirmed: false, outcomes: [] };
      await scoreForecast(tx, one.id, { ...outcome, scoredAt: at });
    }
  });
}
