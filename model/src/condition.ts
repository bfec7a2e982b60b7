/**
 * Conditions over facts, resolved against the catalogue and answered with yes, no or unknown. Gradings and laws use
 * the same ones.
 */

import { nearest } from '@forewarn/base/nearest';
import { scoreOf, type ResolvedScore } from './score.ts';
import { unitFamilies, type FactCatalogue, type FactDefinition, type Facts, type FactValue, type Unit } from './facts.ts';
import type { Comparison, Condition, Threshold } from './grade.ts';
import type { Path } from './yaml.ts';

/** A comparison with its definition found and its threshold in the definition's unit (terms as positions in their order). */
export type ResolvedComparison = {
  kind: 'comparison';
  definition: FactDefinition;
  /** Least value, in the definition's unit, or position of the least term. */
  atLeast?: number;
  /** More than this value or position. */
  above?: number;
  is?: boolean | number | string;
};
export type Resolved =
  | ResolvedComparison
  | { kind: 'all' | 'any'; parts: Resolved[] }
  /** At least so many of the parts. */
  | { kind: 'count'; least: number; parts: Resolved[] }
  /** A score that must be reached, or passed. */
  | { kind: 'score'; score: ResolvedScore; atLeast: number; above?: boolean }
  /** A clause whose value is unread: excluded by what excludes its necessary part, never proven. */
  | { kind: 'unread'; necessary: Resolved };

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
  if ('count' in condition) {
    if (condition.count > condition.of.length)
      problems.push({ path: [...path, 'count'], message: `${condition.count} of ${condition.of.length} parts can never hold.` });
    const parts = condition.of.map((part, i) => resolve(part, catalogue, problems, [...path, 'of', i]));
    return { kind: 'count', least: condition.count, parts };
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
    const byHandOnly = definition.kind === 'set' && definition.members.find((member) => member.id === condition.is)?.byHandOnly;
    if (byHandOnly)
      problems.push({
        path: [...path, 'is'],
        message: `"${condition.is}" is chosen by a person and handed over; nothing may be computed from it.`,
      });
    const is = resolveIs(definition, condition.is);
    if (is === undefined)
      problems.push({ path: [...path, 'is'], message: `"${condition.is}" is no value of the fact "${definition.id}".` });
    return { kind: 'comparison', definition, is: is ?? false };
  }
  const field = 'above' in condition ? 'above' : 'atLeast';
  const threshold = resolveThreshold(definition, 'above' in condition ? condition.above : condition.atLeast);
  if (typeof threshold === 'string') {
    problems.push({ path: [...path, field], message: threshold });
    return { kind: 'all', parts: [] };
  }
  return { kind: 'comparison', definition, [field]: threshold };
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
  const { definition, atLeast, above, is } = comparison;
  const value = statedValue(facts, definition.id);
  const range = rangeOf(definition, value);
  if (above !== undefined && range) {
    if (range.min > above) return 'yes';
    return range.max <= above ? 'no' : 'unknown';
  }
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
  if (condition.kind === 'score') {
    const { min, max } = scoreOf(condition.score, facts);
    const reaches = (score: number): boolean => (condition.above ? score > condition.atLeast : score >= condition.atLeast);
    if (reaches(min)) return 'yes';
    return reaches(max) ? 'unknown' : 'no';
  }
  if (condition.kind === 'unread') return evaluate(condition.necessary, facts) === 'no' ? 'no' : 'unknown';
  const answers = condition.parts.map((part) => evaluate(part, facts));
  if (condition.kind === 'count') {
    const yes = answers.filter((answer) => answer === 'yes').length;
    if (yes >= condition.least) return 'yes';
    return yes + answers.filter((answer) => answer === 'unknown').length < condition.least ? 'no' : 'unknown';
  }
  const [decides, settled] = condition.kind === 'all' ? (['no', 'yes'] as const) : (['yes', 'no'] as const);
  if (answers.includes(decides)) return decides;
  return answers.includes('unknown') ? 'unknown' : settled;
}

/** Every comparison inside, in order. A score compares nothing by itself. */
export function comparisons(condition: Resolved): ResolvedComparison[] {
  if (condition.kind === 'comparison') return [condition];
  if (condition.kind === 'score') return [];
  if (condition.kind === 'unread') return comparisons(condition.necessary);
  return condition.parts.flatMap(comparisons);
}

/** The facts that the condition reads. */
export function factsRead(condition: Resolved): FactDefinition[] {
  if (condition.kind === 'comparison') return [condition.definition];
  if (condition.kind === 'score') {
    const { parts, times } = condition.score;
    return [...parts.map(({ definition }) => definition), ...(times ? [times.definition] : [])];
  }
  if (condition.kind === 'unread') return factsRead(condition.necessary);
  return condition.parts.flatMap(factsRead);
}

/** "Two of six, each with six clauses" has hundreds of ways, of which people read the nearest few. */
const waysMax = 512;

export const limits = [
  {
    name: 'condition: ways of meeting it',
    value: waysMax,
    unit: 'ways',
    why: 'Two of six, each with six clauses, has some hundreds.',
  },
];

/** Ways of meeting the condition: each a list of comparisons that must hold together; the first so many. */
export function ways(condition: Resolved): ResolvedComparison[][] {
  if (condition.kind === 'comparison') return [[condition]];
  if (condition.kind === 'score') return [];
  if (condition.kind === 'unread') return [];
  if (condition.kind === 'any') return condition.parts.flatMap(ways).slice(0, waysMax);
  if (condition.kind === 'all') return together(condition.parts.map(ways));
  if (condition.kind !== 'count') return [];
  return choices(condition.parts, condition.least)
    .flatMap((parts) => together(parts.map(ways)))
    .slice(0, waysMax);
}

function together(parts: readonly ResolvedComparison[][][]): ResolvedComparison[][] {
  return parts.reduce<ResolvedComparison[][]>(
    (left, right) => left.flatMap((a) => right.map((b) => [...a, ...b])).slice(0, waysMax),
    [[]],
  );
}

/** Every choice of so many parts; twelve parts at most, as the schema says. */
function choices(parts: readonly Resolved[], count: number): Resolved[][] {
  if (count === 0) return [[]];
  return parts.flatMap((part, i) => choices(parts.slice(i + 1), count - 1).map((rest) => [part, ...rest]));
}

/** The comparison as it is shown: thresholds as numbers with their unit, terms by name. */
export function showComparison(comparison: ResolvedComparison, facts: Facts): Comparison {
  const { definition, atLeast, above, is } = comparison;
  const term = (index: number): string => (definition.kind === 'term' ? definition.terms[index]!.id : String(index));
  return {
    fact: definition.id,
    ...(atLeast === undefined ? {} : { atLeast: definition.kind === 'term' ? term(atLeast) : atLeast }),
    ...(above === undefined ? {} : { above: definition.kind === 'term' ? term(above) : above }),
    ...(is === undefined ? {} : { is: typeof is === 'number' ? term(is) : is }),
    ...(definition.kind === 'quantity' ? { unit: definition.unit } : {}),
    stated: statedValue(facts, definition.id),
    holds: compare(comparison, facts),
  };
}
