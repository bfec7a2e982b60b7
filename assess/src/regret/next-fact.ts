/**
 * Which unknown fact is worth finding out next: every value that would make a difference is tried, and what is then left open is compared with what is
 * open now. Nothing is assumed about how likely the values are: each stretch between two thresholds counts once.
 */

import { comparisons, rangeOf, statedValue } from '@forewarn/model/condition';
import { isOnlyComputed, type FactCatalogue, type FactDefinition, type Facts, type FactValue } from '@forewarn/model/facts';
import { levelsOf, missingOf, type CompiledScheme, type Levels } from '../grade.ts';
import { quantify, type CompiledQuantification } from '../quantify/quantify.ts';
import { ladderOf, leastRegret, type Costs, type LevelOrNone } from './regret.ts';

export type FactOutcome = {
  /** The value that was tried; of a quantity the least of its stretch. */
  value: FactValue;
  floor: LevelOrNone;
  ceiling: LevelOrNone;
};

export type FactWorth = {
  fact: string;
  /** Regret that knowing it saves on average over its outcomes, and the levels by which the open range narrows. */
  saves: number;
  narrows: number;
  /** Outcomes that leave nothing open. */
  settles: number;
  outcomes: FactOutcome[];
};

/** Facts that are tried for one scheme, those that could reach the gravest level first; a person asks for a few. */
const factsMax = 24;
/** Values that are tried of one fact; ladders and schemes name a dozen thresholds of the same quantity at most. */
const valuesMax = 16;

export type Weighing = {
  scheme: CompiledScheme;
  /** The table in force, where there is one. */
  quantification: CompiledQuantification | null;
  catalogue: FactCatalogue;
  costs: Costs;
  /** What the table made of facts that were tried already: many schemes try the same values. */
  tried?: Map<string, Facts>;
};

/** The facts of one scheme by what knowing them is worth, the most first; those whose knowledge changes nothing are left out. */
export function mostValuableFacts(
  { scheme, quantification, catalogue, costs, tried: kept }: Weighing,
  facts: Facts,
): FactWorth[] {
  const withTable = (known: Facts): Facts => (quantification ? quantify(quantification, known).facts : known);
  const all = withTable(facts);
  const now = levelsOf(scheme, all);
  if (now.floor === now.ceiling) return [];
  const order = ladderOf(scheme.scheme);
  const width = ({ floor, ceiling }: Pick<Levels, 'floor' | 'ceiling'>): number => order.indexOf(ceiling) - order.indexOf(floor);
  const regret = (of: Levels): number => leastRegret(scheme.scheme, of, costs).worst;
  const before = { width: width(now), regret: regret(now) };
  const cuts = thresholdsOf(scheme, quantification, catalogue, all);
  const found: FactWorth[] = [];
  for (const [fact, thresholds] of [...cuts].slice(0, factsMax)) {
    const tried = trials(catalogue.get(fact)!, statedValue(facts, fact), thresholds);
    if (tried.length < 2) continue;
    const outcomes: FactOutcome[] = [];
    let saves = 0;
    let narrows = 0;
    for (const value of tried) {
      const key = `${fact} ${JSON.stringify(value)}`;
      const known = kept?.get(key) ?? withTable({ ...facts, [fact]: { id: fact, value } });
      kept?.set(key, known);
      const then = levelsOf(scheme, known);
      outcomes.push({ value, floor: then.floor, ceiling: then.ceiling });
      saves += before.regret - regret(then);
      narrows += before.width - width(then);
    }
    if (saves <= 0 && narrows <= 0) continue;
    const settles = outcomes.filter(({ floor, ceiling }) => floor === ceiling).length;
    found.push({ fact, saves: saves / tried.length, narrows: narrows / tried.length, settles, outcomes });
  }
  return found.sort(
    (a, b) =>
      b.saves - a.saves ||
      b.narrows - a.narrows ||
      b.settles / b.outcomes.length - a.settles / a.outcomes.length ||
      (a.fact < b.fact ? -1 : 1),
  );
}

/**
 * Facts that leave a graver level open, each with the thresholds at which it is asked for; where the table makes one of them, the
 * quantities that it makes it of stand beside it.
 */
function thresholdsOf(
  scheme: CompiledScheme,
  quantification: CompiledQuantification | null,
  catalogue: FactCatalogue,
  facts: Facts,
): Map<string, Set<number>> {
  const cuts = new Map<string, Set<number>>();
  const cut = (definition: FactDefinition, { atLeast, above }: { atLeast?: number; above?: number } = {}): void => {
    if (isOnlyComputed(definition)) return;
    const known = cuts.get(definition.id) ?? new Set();
    cuts.set(definition.id, known);
    if (atLeast !== undefined) known.add(atLeast);
    // The least that is more.
    if (above !== undefined && definition.kind === 'quantity') known.add(above + 1 / definition.stepsPerUnit);
  };
  const missing = new Set(missingOf(scheme, facts).map(({ fact }) => fact));
  for (const fact of missing) cut(catalogue.get(fact)!);
  for (const { when } of scheme.criteria)
    for (const comparison of comparisons(when)) if (missing.has(comparison.definition.id)) cut(comparison.definition, comparison);
  if (!quantification) return cuts;
  const made = quantification.ladders.filter(({ definition }) => missing.has(definition.id));
  const indices = new Set(missing);
  for (const { when } of made.flatMap(({ rungs }) => rungs)) {
    for (const comparison of comparisons(when)) {
      if (isOnlyComputed(comparison.definition)) indices.add(comparison.definition.id);
      else cut(comparison.definition, comparison);
    }
  }
  for (const { definition, parts } of quantification.indices)
    if (indices.has(definition.id))
      for (const { part, definition: of } of parts) for (const { at } of part.points) cut(of, { atLeast: at });
  return cuts;
}

/** One value for each stretch in which the answer is the same, within what is stated already. */
function trials(definition: FactDefinition, stated: FactValue, thresholds: ReadonlySet<number>): FactValue[] {
  if (definition.kind === 'boolean')
    return stated.kind === 'unknown' ? [false, true].map((value) => ({ kind: 'boolean', value })) : [];
  if (definition.kind === 'set') return stated.kind === 'unknown' ? setTrials(definition) : [];
  const range = rangeOf(definition, stated);
  if (!range || definition.kind === 'instant') return [];
  if (definition.kind === 'term')
    return definition.terms.slice(range.min, range.max + 1).map(({ id }) => ({ kind: 'term', term: id }));
  const numbers = [...thresholds].filter((one) => one > range.min && one <= range.max);
  return [range.min, ...numbers.sort((a, b) => a - b)].slice(0, valuesMax).map((value) => ({ kind: 'quantity', value }));
}

/** None of the members, and each alone; what a person alone may choose is not tried. */
function setTrials({ members }: FactDefinition & { kind: 'set' }): FactValue[] {
  const alone = members.filter(({ byHandOnly }) => byHandOnly !== true).slice(0, valuesMax - 1);
  return [[], ...alone.map(({ id }) => [id])].map((chosen) => ({ kind: 'set', members: chosen }));
}
