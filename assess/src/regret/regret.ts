/**
 * The least-regret level: at which level to act while the facts still allow several. Nothing is assumed about how likely each is. For every
 * level one could act at, the worst that may turn out is taken; the level whose worst is the least is advised, the graver one where two are alike.
 *
 *     acting at    if it is II   if it is III   if it is IV   worst      a level too low costs 3, a level too high 1
 *     II           0             1              2             2          ←
 *     III          3             0              1             3
 *     IV           6             3              0             6
 */

import type { Grade, GradingScheme } from '@forewarn/model/grade';

type Levels = Pick<GradingScheme, 'levels'>;

/** A level's number, 1 the most serious; null for none. */
export type LevelOrNone = number | null;

export type Costs = { tooLow: number; tooHigh: number };

export type LeastRegret = {
  level: LevelOrNone;
  /** What the worst turn costs then, in levels times costs. */
  worst: number;
  /** Each level one could act at with what its worst turn costs, the most serious first. */
  rows: { level: LevelOrNone; worst: number }[];
};

/** The levels of a scheme from the least to the most serious, with none at the start. */
export function ladderOf(scheme: Levels): LevelOrNone[] {
  return [null, ...scheme.levels.map(({ level }) => level).toSorted((a, b) => b - a)];
}

/**
 * The least-regret level between the floor and the ceiling. Only these two decide what the worst turn of acting at a level is, so it
 * does not matter which levels between them the facts allow.
 */
export function leastRegret(scheme: Levels, { floor, ceiling }: Pick<Grade, 'floor' | 'ceiling'>, costs: Costs): LeastRegret {
  const all = ladderOf(scheme);
  const least = all.indexOf(floor);
  const most = all.indexOf(ceiling);
  const rows = all.slice(least, most + 1).map((level, i) => ({
    level,
    worst: Math.max(i * costs.tooHigh, (most - least - i) * costs.tooLow),
  }));
  const best = rows.reduce((lowest, row) => (row.worst <= lowest.worst ? row : lowest));
  return { ...best, rows: rows.toReversed() };
}
