/**
 * Conditions over facts, resolved against the catalogue and answered with yes, no or unknown. Gradings and laws use
 * the same ones.
 */

import { nearest } from '@forewarn/base/nearest';
import { unitFamilies, type FactCatalogue, type FactDefinition, type Facts, type FactValue, type Unit } from './facts.ts';
import type { Comparison, Condition, Threshold } from './grade.ts';
import type { Path } from './yaml.ts';

/** A comparison with its definition found and its threshold in the definition's unit (terms as positions in their order). */
export type ResolvedComparison = {
  kind: 'comparison';
  definition: FactDefinition;
  /** Least value, in the definition's unit, or position of the least term. */
  atLeast?: number;
  is?: boolean | number | string;
};
export type Resolved = ResolvedComparison | { kind: 'all' | 'any'; parts: Resolved[] };

/** What is wrong with a condition, and where inside it. */
export type ConditionProblem = { path: Path; message: string };

/** Conditions nest a few levels in the laws we know; deeper is a mistake. */
const depthMax = 6;

/** Finds definitions and converts units. Problems are pushed; the result is only to be used when there are none. */
export function resolve(condition: Condition, catalogue: FactCatalogue, problems: ConditionProblem[], path: Path = []): Resolved {
  if (path.length > depthMax * 2) problems.push({ path, message: `Conditions may nest ${depthMax} deep.` });
  if ('all' in condition) {
    return { kind: 'all', parts: condition.all.map((part, i) => resolve(part, catalogue, problems, [...path, 'all', i])) };
  }
  if ('any' in condition) {
    return { kind: 'any', parts: condition.any.map((part, i) => resolve(part, catalogue, problems, [...path, 'any', i])) };
  }
  const definition = catalogue.get(condition.fact);
  if (!definition) {
    const near = nearest(condition.fact, catalogue.keys());
    problems.push({
      path: [...path, 'fact'],
      message: `There is no fact "${condition.fact}".${near === undefined ? '' : ` Did you mean "${near}"?`}`,
    });
    return { kind: 'all', parts: [] };
  }
  if ('is' in condition) {
    const is = resolveIs(definition, condition.is);
    if (is === undefined)
      problems.push({ path: [...path, 'is'], message: `"${condition.is}" is no value of the fact "${definition.id}".` });
    return { kind: 'comparison', definition, is: is ?? false };
  }
  const atLeast = resolveThreshold(definition, condition.atLeast);
  if (typeof atLeast === 'string') {
    problems.push({ path: [...path, 'atLeast'], message: atLeast });
    return { kind: 'all', parts: [] };
  }
  return { kind: 'comparison', definition, atLeast };
}

function resolveIs(definition: FactDefinition, is: boolean | string): boolean | number | string | undefined {
  if (definition.kind === 'boolean') return typeof is === 'boolean' ? is : undefined;
  if (definition.kind === 'term') {
    const index = definition.terms.findIndex((term) => term.id === is);
    return index < 0 ? undefined : index;
  }
  if (definition.kind === 'set') return definition.members.some((member) => member.id === is) ? (is as string) : undefined;
  return undefined;
}

/** The threshold in the definition's unit, or a sentence saying why it is none. */
function resolveThreshold(definition: FactDefinition, threshold: Threshold): number | string {
  if (definition.kind === 'term') {
    const index = definition.terms.findIndex((term) => term.id === threshold);
    return index >= 0
      ? index
      : `"${String(threshold)}" is no term of the fact "${definition.id}": ${definition.terms.map((term) => term.id).join(', ')}.`;
  }
  if (definition.kind !== 'quantity') return `The fact "${definition.id}" has no order; write "is" instead of "atLeast".`;
  if (typeof threshold === 'string') return `"${threshold}" is no number.`;
  const { value, unit } = typeof threshold === 'number' ? { value: threshold, unit: definition.unit } : threshold;
  const converted = convert(value, unit, definition.unit);
  return converted ?? `The fact "${definition.id}" is measured in ${definition.unit}, which ${unit} cannot become.`;
}

/** How many of its family's smallest unit each unit holds. */
const size: { readonly [unit in Unit]: number } = {
  seconds: 1,
  minutes: 60,
  hours: 3600,
  days: 86_400,
  persons: 1,
  share: 100,
  percent: 1,
  CNY: 1,
  EUR: 1,
  USD: 1,
  'person-hours': 1,
  bytes: 1,
  megabytes: 1_000_000,
  gigabytes: 1_000_000_000,
  count: 1,
};

/**
 * A number in another unit of the same family; `undefined` when the families differ. One product or one quotient of
 * whole numbers, so that ten minutes are the same double however they were written.
 */
export function convert(value: number, from: Unit, to: Unit): number | undefined {
  const same = Object.values(unitFamilies).some(
    (family) => (family as readonly Unit[]).includes(from) && (family as readonly Unit[]).includes(to),
  );
  if (!same) return undefined;
  if (size[from] >= size[to]) return value * (size[from] / size[to]);
  return value / (size[to] / size[from]);
}

export type Answer = 'yes' | 'no' | 'unknown';

const unknown: FactValue = { kind: 'unknown' };

/** What is stated of a fact; unknown when nothing is. */
export function statedValue(facts: Facts, id: string): FactValue {
  return Object.hasOwn(facts, id) ? facts[id]!.value : unknown;
}

/** The least and greatest value that the statement leaves; terms as positions. Undefined for booleans and sets. */
export function rangeOf(definition: FactDefinition, value: FactValue): { min: number; max: number } | undefined {
  if (definition.kind === 'quantity' || definition.kind === 'instant') {
    const least = definition.kind === 'quantity' ? 0 : -Infinity;
    const greatest = definition.kind === 'quantity' ? (definition.max ?? Infinity) : Infinity;
    if (value.kind === 'quantity') return { min: value.value, max: value.value };
    if (value.kind === 'interval') return { min: value.min, max: value.max ?? greatest };
    return { min: least, max: greatest };
  }
  if (definition.kind === 'term') {
    const position = (id: string): number => definition.terms.findIndex((term) => term.id === id);
    if (value.kind === 'term') return { min: position(value.term), max: position(value.term) };
    if (value.kind === 'terms') return { min: position(value.min), max: position(value.max) };
    return { min: 0, max: definition.terms.length - 1 };
  }
  return undefined;
}

/** Whether one comparison holds: proven, excluded, or open. */
export function compare(comparison: ResolvedComparison, facts: Facts): Answer {
  const { definition, atLeast, is } = comparison;
  const value = statedValue(facts, definition.id);
  const range = rangeOf(definition, value);
  if (atLeast !== undefined && range) {
    if (range.min >= atLeast) return 'yes';
    return range.max < atLeast ? 'no' : 'unknown';
  }
  if (typeof is === 'number' && range) {
    if (range.min === is && range.max === is) return 'yes';
    return is < range.min || is > range.max ? 'no' : 'unknown';
  }
  if (typeof is === 'boolean') return value.kind === 'boolean' ? (value.value === is ? 'yes' : 'no') : 'unknown';
  if (typeof is === 'string') return value.kind === 'set' ? (value.members.includes(is) ? 'yes' : 'no') : 'unknown';
  return 'unknown';
}

/** Kleene's three-valued logic over the whole condition. */
export function evaluate(condition: Resolved, facts: Facts): Answer {
  if (condition.kind === 'comparison') return compare(condition, facts);
  const answers = condition.parts.map((part) => evaluate(part, facts));
  const [decides, settled] = condition.kind === 'all' ? (['no', 'yes'] as const) : (['yes', 'no'] as const);
  if (answers.includes(decides)) return decides;
  return answers.includes('unknown') ? 'unknown' : settled;
}

/** Every comparison inside, in order. */
export function comparisons(condition: Resolved): ResolvedComparison[] {
  return condition.kind === 'comparison' ? [condition] : condition.parts.flatMap(comparisons);
}

/** Ways of meeting the condition: each a list of comparisons that must hold together. */
export function ways(condition: Resolved): ResolvedComparison[][] {
  if (condition.kind === 'comparison') return [[condition]];
  if (condition.kind === 'any') return condition.parts.flatMap(ways);
  return condition.parts
    .map(ways)
    .reduce<ResolvedComparison[][]>((left, right) => left.flatMap((a) => right.map((b) => [...a, ...b])), [[]]);
}

/** The comparison as it is shown: thresholds as numbers with their unit, terms by name. */
export function showComparison(comparison: ResolvedComparison, facts: Facts): Comparison {
  const { definition, atLeast, is } = comparison;
  const term = (index: number): string => (definition.kind === 'term' ? definition.terms[index]!.id : String(index));
  return {
    fact: definition.id,
    ...(atLeast === undefined ? {} : { atLeast: definition.kind === 'term' ? term(atLeast) : atLeast }),
    ...(is === undefined ? {} : { is: typeof is === 'number' ? term(is) : is }),
    ...(definition.kind === 'quantity' ? { unit: definition.unit } : {}),
    stated: statedValue(facts, definition.id),
    holds: compare(comparison, facts),
  };
}
