/** A scheme's own cases, `content/gradings/<id>/cases.yaml`: facts, and the grade that the articles give. */

import { z } from 'zod';
import type { FactCatalogue } from '@forewarn/model/facts';
import { readFacts } from '@forewarn/model/factsheet';
import { LevelNumber, Mark } from '@forewarn/model/grade';
import { levelsOf, type CompiledScheme } from './grade.ts';

export const GradingCases = z.strictObject({
  cases: z
    .array(
      z.strictObject({
        /** What it shows, in a few words. */
        name: z.string().min(1).max(200),
        facts: z.record(z.string(), z.unknown()),
        /** The level that is proven; null for none. */
        floor: LevelNumber.nullable(),
        /** The level that is still possible, where the case is about it. */
        ceiling: LevelNumber.nullable().optional(),
        /** The criteria that give the floor, where the case is about them. */
        fired: z.array(z.string()).optional(),
        confidence: Mark.optional(),
        /** The score as it is published, of a scheme that adds points: proven, or proven and possible. */
        score: z.union([z.number(), z.strictObject({ min: z.number(), max: z.number() })]).optional(),
      }),
    )
    .min(1)
    .max(1000),
});
export type GradingCases = z.infer<typeof GradingCases>;

/** Cases are run against many changed schemes; what they state is read once for each catalogue. */
const readings = new WeakMap<FactCatalogue, WeakMap<object, ReturnType<typeof readFacts>>>();

function factsOfCase(facts: object, catalogue: FactCatalogue): ReturnType<typeof readFacts> {
  const known = readings.get(catalogue) ?? new WeakMap<object, ReturnType<typeof readFacts>>();
  readings.set(catalogue, known);
  const read = known.get(facts) ?? readFacts(facts, catalogue);
  known.set(facts, read);
  return read;
}

/** Runs the cases, until so many have failed; each failure is a sentence. An empty list is success. */
export function failedCases(
  compiled: CompiledScheme,
  catalogue: FactCatalogue,
  { cases }: GradingCases,
  failuresMax = Infinity,
): string[] {
  const failures: string[] = [];
  for (const { name, facts, floor, ceiling, fired, confidence, score } of cases) {
    if (failures.length >= failuresMax) break;
    const read = factsOfCase(facts, catalogue);
    if (!read.ok) {
      failures.push(`${name}: ${read.refusals.map((refusal) => refusal.message).join(' ')}`);
      continue;
    }
    const result = levelsOf(compiled, read.value);
    if (result.floor !== floor) failures.push(`${name}: floor ${result.floor}, expected ${floor}`);
    if (ceiling !== undefined && result.ceiling !== ceiling)
      failures.push(`${name}: ceiling ${result.ceiling}, expected ${ceiling}`);
    if (score !== undefined) {
      const expected = typeof score === 'number' ? { min: score, max: score } : score;
      const decimals = 10 ** (compiled.scheme.score?.decimals ?? 0);
      const published = (value: number | undefined): number => Math.round((value ?? NaN) * decimals) / decimals;
      const [min, max] = [published(result.score?.min), published(result.score?.max)];
      if (min !== expected.min || max !== expected.max)
        failures.push(`${name}: score ${min} to ${max}, expected ${expected.min} to ${expected.max}`);
    }
    const ids = result.fired.toSorted();
    if (fired && ids.join() !== fired.toSorted().join())
      failures.push(`${name}: fired ${ids.join(', ') || 'nothing'}, expected ${fired.join(', ')}`);
    if (confidence && result.confidence !== confidence)
      failures.push(`${name}: confidence ${result.confidence}, expected ${confidence}`);
  }
  return failures;
}
