/**
 * Quantification: what plain words and indices follow from the quantities that are known, by the table that the centre signed. What a person
 * stated stays; what is unknown becomes an interval as narrow as the quantities allow, and no narrower. Pure.
 *
 *     quantities known   part of index reaches     rung of ladder       what follows
 *     exactly            one value                 yes or no            a number, a term
 *     in part            from its least to most    perhaps unknown      an interval
 *     none of them       –                         –                    nothing: the fact stays unknown
 */

import { Refusal } from '@forewarn/base/refusal';
import {
  comparisons,
  evaluate,
  rangeOf,
  resolve,
  showComparison,
  statedValue,
  type ConditionProblem,
  type Resolved,
} from '@forewarn/model/condition';
import type { FactCatalogue, FactDefinition, Facts, FactValue } from '@forewarn/model/facts';
import { lowestMark, type Comparison, type Mark } from '@forewarn/model/grade';
import { checkQuantification, type IndexPart, type QuantificationTable, type TableSource } from '@forewarn/model/quantification';
import { formatPath } from '@forewarn/model/yaml';

type CompiledIndex = { definition: FactDefinition; parts: { part: IndexPart; definition: FactDefinition }[] };
type CompiledLadder = {
  definition: FactDefinition & { kind: 'term' };
  rungs: { position: number; term: string; when: Resolved; mark: Mark; source: TableSource }[];
};

/** A table made ready. */
export type CompiledQuantification = {
  readonly table: QuantificationTable;
  readonly indices: readonly CompiledIndex[];
  readonly ladders: readonly CompiledLadder[];
};

/** How far one part of an index reaches: of 0 to 1, and in points of the index. */
export type PartReached = {
  fact: string;
  weight: number;
  stated: FactValue;
  reach: { min: number; max: number };
  points: { min: number; max: number };
  mark: Mark;
};

/** A fact that the table made, and from what. */
export type Quantified =
  | { kind: 'index'; fact: string; value: FactValue; parts: PartReached[]; mark: Mark }
  | {
      kind: 'ladder';
      fact: string;
      value: FactValue;
      /** Rungs that are reached, and those that may be; each with what it asked. */
      rungs: { term: string; holds: 'yes' | 'no' | 'unknown'; comparisons: Comparison[]; mark: Mark; source: TableSource }[];
      mark: Mark;
    };

/** Resolves facts and units once. Refuses (`quantification.table`) what does not fit the catalogue, or could fall with more harm. */
export function compileQuantification(table: QuantificationTable, catalogue: FactCatalogue): CompiledQuantification {
  const problems: ConditionProblem[] = checkQuantification(table, catalogue);
  const [first] = problems;
  if (first) {
    throw new Refusal('quantification.table', first.message, {
      place: { field: formatPath(first.path) },
      advice: 'Mend it and sign again.',
    });
  }
  return {
    table,
    indices: table.indices.map(({ fact, parts }) => ({
      definition: catalogue.get(fact)!,
      parts: parts.map((part) => ({ part, definition: catalogue.get(part.fact)! })),
    })),
    ladders: table.ladders.map(({ fact, rungs }) => {
      const definition = catalogue.get(fact) as FactDefinition & { kind: 'term' };
      return {
        definition,
        rungs: rungs.map(({ term, when, confidence, source }) => ({
          position: definition.terms.findIndex(({ id }) => id === term),
          term,
          when: resolve(when, catalogue, problems),
          mark: confidence,
          source,
        })),
      };
    }),
  };
}

/** Where the source of a fact is the table; shown beside the fact and never typed in. */
export const quantificationSource = 'quantification';

/** The facts with what the table adds to them, and how it came about. */
export function quantify(compiled: CompiledQuantification, facts: Facts): { facts: Facts; made: Quantified[] } {
  const all: { [id: string]: Facts[string] } = { ...facts };
  const made: Quantified[] = [];
  const take = (one: Quantified): void => {
    made.push(one);
    all[one.fact] = { id: one.fact, value: one.value, source: quantificationSource };
  };
  for (const index of compiled.indices) {
    // Nobody states an index; a value from elsewhere would be an opinion.
    delete all[index.definition.id];
    const one = reached(index, all);
    if (one) take(one);
  }
  for (const ladder of compiled.ladders) {
    if (statedValue(all, ladder.definition.id).kind !== 'unknown') continue;
    const one = climbed(ladder, all);
    if (one) take(one);
  }
  return { facts: all, made };
}

/** How far a value reaches on the straight lines between the points. */
export function reachOf(points: IndexPart['points'], value: number): number {
  const next = points.findIndex(({ at }) => at > value);
  if (next === 0) return 0;
  if (next < 0) return points.at(-1)!.reach;
  const from = points[next - 1]!;
  const to = points[next]!;
  return from.reach + ((to.reach - from.reach) * (value - from.at)) / (to.at - from.at);
}

/** Hundredths, outwards: rounding must never say more than is known. */
const down = (value: number): number => Math.max(0, Math.floor(value * 100 + 1e-6) / 100);
const up = (value: number): number => Math.min(100, Math.ceil(value * 100 - 1e-6) / 100);

function reached({ definition, parts }: CompiledIndex, facts: Facts): Quantified | undefined {
  const shown: PartReached[] = parts.map(({ part, definition: of }) => {
    const stated = statedValue(facts, part.fact);
    const range = rangeOf(of, stated)!;
    const reach = { min: reachOf(part.points, range.min), max: reachOf(part.points, range.max) };
    const points = { min: 100 * part.weight * reach.min, max: 100 * part.weight * reach.max };
    return { fact: part.fact, weight: part.weight, stated, reach, points, mark: part.confidence };
  });
  if (shown.every(({ stated }) => stated.kind === 'unknown')) return undefined;
  const min = down(shown.reduce((sum, { points }) => sum + points.min, 0));
  const max = up(shown.reduce((sum, { points }) => sum + points.max, 0));
  const exact = shown.every(({ reach }) => reach.min === reach.max);
  const value: FactValue = exact ? { kind: 'quantity', value: min } : { kind: 'interval', min, max };
  return { kind: 'index', fact: definition.id, value, parts: shown, mark: lowestMark(shown.map(({ mark }) => mark)) };
}

function climbed({ definition, rungs }: CompiledLadder, facts: Facts): Quantified | undefined {
  const answered = rungs.map((rung) => ({ rung, holds: evaluate(rung.when, facts) }));
  const known = rungs.some(({ when }) =>
    comparisons(when).some((comparison) => statedValue(facts, comparison.definition.id).kind !== 'unknown'),
  );
  if (!known) return undefined;
  // A graver rung that holds proves the lesser ones too, whatever their own conditions say.
  const least = Math.max(0, ...answered.filter(({ holds }) => holds === 'yes').map(({ rung }) => rung.position));
  const most = Math.max(least, ...answered.filter(({ holds }) => holds === 'unknown').map(({ rung }) => rung.position));
  const all = definition.terms.length - 1;
  if (least === 0 && most === all) return undefined;
  const term = (position: number): string => definition.terms[position]!.id;
  const value: FactValue =
    least === most ? { kind: 'term', term: term(least) } : { kind: 'terms', min: term(least), max: term(most) };
  const shown = answered.map(({ rung, holds }) => ({
    term: rung.term,
    holds,
    comparisons: comparisons(rung.when).map((comparison) => showComparison(comparison, facts)),
    mark: rung.mark,
    source: rung.source,
  }));
  return { kind: 'ladder', fact: definition.id, value, rungs: shown, mark: lowestMark(shown.map(({ mark }) => mark)) };
}
