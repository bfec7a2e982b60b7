/**
 * Forecasts against what came. Only those are scored between whose making and due time something was said of the incident: where nobody
 * spoke, "it stayed as it was" would be right by silence.
 */

import type { Seconds } from '@forewarn/base/time';
import { levelsOf, type CompiledScheme } from '../grade.ts';
import type { FactCatalogue, FactValue } from '@forewarn/model/facts';
import { coursesCount, type Calibration, type ForecastFact, type HorizonCalibration, type KeptForecast } from '@forewarn/model/forecast'; // oxfmt-ignore
import { seriousness } from './forecast.ts';
import type { Statement } from './course.ts';

/** A statement with when it was written down. */
export type Entered = Statement & { enteredAt: Seconds };

type Outcome = Pick<KeptForecast, 'actual' | 'confirmed' | 'outcomes'>;

/**
 * What came of a forecast: the level by what was known for its due time, as far as it was written down by `enteredBy`; and the values of its facts that
 * were stated anew. `endedAt`: when the incident was contained or closed, if it was.
 */
export function outcomeOf(
  compiled: CompiledScheme,
  catalogue: FactCatalogue,
  made: Pick<KeptForecast, 'at' | 'dueAt' | 'facts'>,
  seen: { statements: readonly Entered[]; enteredBy: Seconds; endedAt: Seconds | null },
): Outcome {
  const known = seen.statements.filter(({ at, enteredAt }) => at <= made.dueAt && enteredAt <= seen.enteredBy);
  const facts = Object.fromEntries(known.map(({ fact, value }) => [fact, { id: fact, value }] as const));
  const anew = known.filter(({ at, enteredAt }) => at > made.at || enteredAt > made.at);
  const ended = seen.endedAt !== null && seen.endedAt > made.at && seen.endedAt <= made.dueAt;
  const outcomes = made.facts.flatMap(({ fact }) => {
    if (catalogue.get(fact)?.kind !== 'quantity') return [];
    const range = rangeOf(anew.findLast((one) => one.fact === fact)?.value);
    return range ? [{ fact, ...range }] : [];
  });
  return { actual: levelsOf(compiled, facts).floor, confirmed: anew.length > 0 || ended, outcomes };
}

const rangeOf = (value: FactValue | undefined): { min: number; max: number | null } | undefined =>
  value?.kind === 'quantity'
    ? { min: value.value, max: value.value }
    : value?.kind === 'interval'
      ? { min: value.min, max: value.max }
      : undefined;

/** The share of courses that reach at least this level. */
const probability = (courses: readonly (number | null)[], level: number): number =>
  courses.filter((one) => seriousness(one) >= seriousness(level)).length / coursesCount;

/**
 * The mean over levels of (probability that it is reached − whether it was)²: Brier's score of ordered outcomes, which counts two levels off as
 * more than one. `levels`: of the scheme.
 */
export function brierOf({ courses, actual }: Pick<KeptForecast, 'courses' | 'actual'>, levels: readonly number[]): number {
  const errors = levels.map((level) => (probability(courses, level) - Number(seriousness(actual) >= seriousness(level))) ** 2);
  return errors.reduce((sum, one) => sum + one, 0) / levels.length;
}

/** Whether a fact that was stated anew met its band; a span meets it where it touches it. */
export function factMet(
  { low, high }: Pick<ForecastFact, 'low' | 'high'>,
  { min, max }: { min: number; max: number | null },
): 'inside' | 'above' | 'below' {
  if (min > high) return 'above';
  return (max ?? Infinity) < low ? 'below' : 'inside';
}

const mean = (list: readonly number[]): number | null =>
  list.length === 0 ? null : list.reduce((sum, one) => sum + one, 0) / list.length;

/** How well confirmed forecasts did. The order of the list does not matter. */
export function calibration(scored: readonly KeptForecast[], levels: readonly number[]): Calibration {
  const confirmed = scored.filter((one) => one.scoredAt !== null && one.confirmed);
  const horizons = [...new Set(confirmed.map(({ horizonSeconds }) => horizonSeconds))].sort((a, b) => a - b);
  const bins = Array.from({ length: coursesCount + 1 }, () => ({ count: 0, came: 0 }));
  for (const { courses, actual, now } of confirmed) {
    for (const level of levels) {
      // What was proven already when it was made is no forecast.
      if (seriousness(now) >= seriousness(level)) continue;
      const bin = bins[Math.round(probability(courses, level) * coursesCount)]!;
      bin.count++;
      if (seriousness(actual) >= seriousness(level)) bin.came++;
    }
  }
  const byFact = new Map<string, { inside: number; above: number; below: number }>();
  for (const { facts, outcomes } of confirmed) {
    for (const outcome of outcomes) {
      const made = facts.find(({ fact }) => fact === outcome.fact);
      if (!made) continue;
      const counts = byFact.get(outcome.fact) ?? { inside: 0, above: 0, below: 0 };
      counts[factMet(made, outcome)]++;
      byFact.set(outcome.fact, counts);
    }
  }
  return {
    count: confirmed.length,
    horizons: horizons.map((horizonSeconds): HorizonCalibration => {
      const own = confirmed.filter((one) => one.horizonSeconds === horizonSeconds);
      const is = (one: KeptForecast): number => seriousness(one.actual);
      return {
        horizonSeconds,
        count: own.length,
        inside: mean(own.map((one) => Number(is(one) >= seriousness(one.lightest) && is(one) <= seriousness(one.gravest)))),
        hit: mean(own.map((one) => Number(one.actual === one.expected))),
        brier: mean(own.map((one) => brierOf(one, levels))),
        brierStays: mean(own.map(({ now, actual }) => brierOf({ courses: Array.from({ length: coursesCount }, () => now), actual }, levels))), // oxfmt-ignore
        graver: own.filter((one) => is(one) > seriousness(one.expected)).length,
        lighter: own.filter((one) => is(one) < seriousness(one.expected)).length,
      };
    }),
    reliability: bins.flatMap(({ count, came }, i) =>
      count === 0 ? [] : [{ probability: i / coursesCount, count, observed: came / count }],
    ),
    facts: [...byFact]
      .map(([fact, { inside, above, below }]) => ({
        fact,
        count: inside + above + below,
        inside: inside / (inside + above + below),
        above,
        below,
      }))
      .sort((a, b) => b.count - a.count || (a.fact < b.fact ? -1 : 1)),
  };
}
