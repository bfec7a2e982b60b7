/** A scheme's own cases, `content/gradings/<id>/cases.yaml`: facts, and the grade that the articles give. */

import { z } from 'zod';
import type { FactCatalogue } from '@forewarn/model/facts';
import { readFacts } from '@forewarn/model/factsheet';
import { LevelNumber, Mark } from '@forewarn/model/grade';
import { grade, type CompiledScheme } from './grade.ts';

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
      }),
    )
    .min(1)
    .max(1000),
});
export type GradingCases = z.infer<typeof GradingCases>;

/** Runs the cases, until so many have failed; each failure is a sentence. An empty list is success. */
export function failedCases(
  compiled: CompiledScheme,
  catalogue: FactCatalogue,
  { cases }: GradingCases,
  failuresMax = Infinity,
): string[] {
  const failures: string[] = [];
  for (const { name, facts, floor, ceiling, fired, confidence } of cases) {
    if (failures.length >= failuresMax) break;
    const read = readFacts(facts, catalogue);
    if (!read.ok) {
      failures.push(`${name}: ${read.refusals.map((refusal) => refusal.message).join(' ')}`);
      continue;
    }
    const result = grade(compiled, read.value);
    if (result.floor !== floor) failures.push(`${name}: floor ${result.floor}, expected ${floor}`);
    if (ceiling !== undefined && result.ceiling !== ceiling)
      failures.push(`${name}: ceiling ${result.ceiling}, expected ${ceiling}`);
    const ids = result.fired.map((criterion) => criterion.criterion).sort();
    if (fired && ids.join() !== fired.toSorted().join())
      failures.push(`${name}: fired ${ids.join(', ') || 'nothing'}, expected ${fired.join(', ')}`);
    if (confidence && result.confidence !== confidence)
      failures.push(`${name}: confidence ${result.confidence}, expected ${confidence}`);
  }
  return failures;
}
