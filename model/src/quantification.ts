/**
 * The quantification table: how the plain words of gradings ("severe", "most of a region") follow from quantities, and how lost
 * services, people-hours and money make two indices. Content proposes one; it counts from when a person of the centre signs it, and each
 * signing is an edition that stays.
 */

import { z } from 'zod';
import { resolve, type ConditionProblem } from './condition.ts';
import { unitFamilies, type FactCatalogue } from './facts.ts';
import { Condition, Mark } from './grade.ts';
import { LocalText } from './text.ts';

const factId = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/)
  .max(64);

/** What a number was taken from: in both languages as proposed; what a person of the centre writes instead stands as it was written. */
export const TableSource = z.union([LocalText, z.string().min(1).max(500)]);
export type TableSource = z.infer<typeof TableSource>;

/** Where a number comes from, and how sure it is. */
const known = { source: TableSource, confidence: Mark };

/**
 * One part of an index: how far a quantity reaches, read off straight lines between points. Below the first point it reaches nothing,
 * above the last as far as that one does.
 */
export const IndexPart = z.strictObject({
  fact: factId,
  /** Its share of the index; the shares of all parts make 1. */
  weight: z.number().gt(0).max(1),
  /** In the unit of the fact's definition. */
  points: z
    .array(z.strictObject({ at: z.number().nonnegative(), reach: z.number().min(0).max(1) }))
    .min(2)
    .max(12),
  ...known,
});
export type IndexPart = z.infer<typeof IndexPart>;

/** An index from 0 to 100, kept as a fact that nobody can state. */
export const Index = z.strictObject({ fact: factId, parts: z.array(IndexPart).min(1).max(12) });
export type Index = z.infer<typeof Index>;

/** A term of an ordered fact and the quantities from which on it is meant. */
export const Rung = z.strictObject({ term: z.string().max(64), when: Condition, ...known });
export type Rung = z.infer<typeof Rung>;

/** What a fact of ordered terms follows from. The least term needs no rung: it is what remains when all others are excluded. */
export const Ladder = z.strictObject({ fact: factId, rungs: z.array(Rung).min(1).max(12) });
export type Ladder = z.infer<typeof Ladder>;

/**
 * How one quantity of many incidents becomes one of a campaign. `sum`: it adds up. `overlap`: the same people may be hit twice, so at
 * least the greatest and at most the sum. `greatest`: of one thing after another only the worst counts.
 */
export const Together = z.enum(['sum', 'overlap', 'greatest']);
export type Together = z.infer<typeof Together>;

const families = Object.keys(unitFamilies) as (keyof typeof unitFamilies)[];

export const QuantificationTable = z.strictObject({
  title: LocalText,
  note: LocalText.optional(),
  indices: z.array(Index).max(8),
  ladders: z.array(Ladder).max(40),
  /** What a level too low and a level too high cost against one another; the least-regret level follows from it. */
  regret: z.strictObject({ tooLow: z.number().positive().max(1000), tooHigh: z.number().positive().max(1000), ...known }),
  /** How quantities of a unit's family are taken together in a campaign, and single facts otherwise than their family. */
  together: z.strictObject({
    families: z.partialRecord(z.enum(families), Together),
    facts: z.record(factId, Together).optional(),
    ...known,
  }),
});
export type QuantificationTable = z.infer<typeof QuantificationTable>;

/** Sums of shares are not exact. */
const weightError = 1e-6;

/** What a schema cannot say of a table: that its facts and terms exist, and that more harm never makes less of anything. */
export function checkQuantification(table: QuantificationTable, facts: FactCatalogue): ConditionProblem[] {
  const problems: ConditionProblem[] = [];
  const made = new Set([...table.indices, ...table.ladders].map(({ fact }) => fact));
  const seen = new Set<string>();
  const once = (fact: string, path: (string | number)[]): void => {
    if (seen.has(fact)) problems.push({ path, message: `"${fact}" is made twice.` });
    seen.add(fact);
  };
  table.indices.forEach(({ fact, parts }, i) => {
    const path = ['indices', i];
    once(fact, path);
    const definition = facts.get(fact);
    if (definition?.kind !== 'quantity' || definition.max !== 100)
      problems.push({ path: [...path, 'fact'], message: `"${fact}" is no quantity from 0 to 100.` });
    if (Math.abs(parts.reduce((sum, { weight }) => sum + weight, 0) - 1) > weightError)
      problems.push({ path: [...path, 'parts'], message: 'The weights of the parts must make 1.' });
    parts.forEach((part, j) => {
      const at = [...path, 'parts', j];
      if (facts.get(part.fact)?.kind !== 'quantity' || made.has(part.fact))
        problems.push({ path: [...at, 'fact'], message: `"${part.fact}" is no quantity that can be stated or counted.` });
      part.points.forEach((point, k) => {
        const before = part.points[k - 1];
        if (before && (point.at <= before.at || point.reach < before.reach))
          problems.push({ path: [...at, 'points', k], message: 'Points must rise: more harm never reaches less.' });
      });
    });
  });
  const indices = new Set(table.indices.map(({ fact }) => fact));
  table.ladders.forEach(({ fact, rungs }, i) => {
    const path = ['ladders', i];
    once(fact, path);
    const definition = facts.get(fact);
    if (definition?.kind !== 'term') {
      problems.push({ path: [...path, 'fact'], message: `"${fact}" is no fact of ordered terms.` });
      return;
    }
    const terms = definition.terms.map(({ id }) => id);
    rungs.forEach(({ term, when }, j) => {
      const at = [...path, 'rungs', j];
      const position = terms.indexOf(term);
      if (position < 1) problems.push({ path: [...at, 'term'], message: `"${term}" is no term above the least of "${fact}".` });
      if (j > 0 && position <= terms.indexOf(rungs[j - 1]!.term))
        problems.push({ path: [...at, 'term'], message: 'Terms must stand from the less to the more serious.' });
      resolve(when, facts, problems, [...at, 'when']);
      for (const [name, rising] of asked(when)) {
        if (made.has(name) && !indices.has(name))
          problems.push({ path: [...at, 'when'], message: `"${name}" follows from this table itself.` });
        if (!rising)
          problems.push({ path: [...at, 'when'], message: `"${name}" must be compared with atLeast or above, or be true.` });
      }
    });
  });
  for (const fact of Object.keys(table.together.facts ?? {}))
    if (facts.get(fact)?.kind !== 'quantity')
      problems.push({ path: ['together', 'facts', fact], message: `"${fact}" is no quantity.` });
  return problems;
}

/** Every fact that a condition asks for, and whether more of it can only make the condition hold. */
function* asked(condition: Condition): Iterable<[string, boolean]> {
  if ('all' in condition) for (const part of condition.all) yield* asked(part);
  else if ('any' in condition) for (const part of condition.any) yield* asked(part);
  else if ('count' in condition) for (const part of condition.of) yield* asked(part);
  else yield [condition.fact, 'atLeast' in condition || 'above' in condition || condition.is === true];
}
