/** A law's own cases, `content/laws/<id>/cases.yaml`: a level, events and a moment, and the clocks that the articles give. */

import { z } from 'zod';
import { formatInstant, parseInstant } from '@forewarn/base/time';
import { ClockState, EventKind, type Duty, type Law } from '@forewarn/model/duty';
import type { FactCatalogue } from '@forewarn/model/facts';
import { readFactSheet } from '@forewarn/model/factsheet';
import { LevelNumber } from '@forewarn/model/grade';
import { duties } from './duties.ts';

const Expected = z.strictObject({
  duty: z.string(),
  state: ClockState,
  dueAt: z.string().nullable().optional(),
  startedAt: z.string().nullable().optional(),
  metAt: z.string().nullable().optional(),
  startedBy: EventKind.optional(),
  applies: z.enum(['yes', 'possible', 'was']).optional(),
});

export const LawCases = z.strictObject({
  cases: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(200),
        reporter: z.string().optional(),
        /** The level that is proven; null for none. */
        floor: LevelNumber.nullable(),
        /** The level that is still possible; the floor when left out. */
        ceiling: LevelNumber.optional(),
        facts: z.record(z.string(), z.unknown()).optional(),
        at: z.string(),
        events: z.array(z.record(z.string(), z.unknown())),
        /** All duties that must come out, in any order. */
        expect: z.array(Expected),
      }),
    )
    .min(1)
    .max(1000),
});
export type LawCases = z.infer<typeof LawCases>;

/** Runs the cases, until so many have failed; each failure is a sentence. An empty list is success. */
export function failedCases(law: Law, catalogue: FactCatalogue, { cases }: LawCases, failuresMax = Infinity): string[] {
  const failures: string[] = [];
  for (const { name, reporter, floor, ceiling, facts, at, events, expect } of cases) {
    if (failures.length >= failuresMax) break;
    const sheet = readFactSheet(
      JSON.stringify({ facts: facts ?? {}, events, ...(reporter === undefined ? {} : { reporter }) }),
      catalogue,
      name,
    );
    if (!sheet.ok) {
      failures.push(`${name}: ${sheet.refusals.map((refusal) => refusal.message).join(' ')}`);
      continue;
    }
    const found = duties(law, {
      grade: { floor, ceiling: ceiling ?? floor, factsUsed: [] },
      facts: sheet.value.facts,
      events: sheet.value.events,
      reporters: sheet.value.reporters,
      catalogue,
      at: parseInstant(at),
    });
    const open = [...found];
    for (const expected of expect) {
      const index = open.findIndex((duty) => matches(duty, expected));
      if (index >= 0) open.splice(index, 1);
      else
        failures.push(
          `${name}: expected ${JSON.stringify(expected)}, found ${
            found
              .filter((duty) => duty.duty === expected.duty)
              .map(summary)
              .join(' ') || 'none'
          }`,
        );
    }
    for (const duty of open) failures.push(`${name}: not expected: ${summary(duty)}`);
  }
  return failures;
}

const instant = (seconds: number | null): string | null =>
  seconds === null ? null : formatInstant(seconds).replace('.000Z', 'Z');

function matches(duty: Duty, expected: z.infer<typeof Expected>): boolean {
  return (
    duty.duty === expected.duty &&
    duty.state === expected.state &&
    (expected.dueAt === undefined || instant(duty.dueAt) === expected.dueAt) &&
    (expected.startedAt === undefined || instant(duty.startedAt) === expected.startedAt) &&
    (expected.metAt === undefined || instant(duty.metAt) === expected.metAt) &&
    (expected.startedBy === undefined || duty.startedBy?.event === expected.startedBy) &&
    (expected.applies === undefined || duty.applies === expected.applies)
  );
}

function summary(duty: Duty): string {
  return `${duty.duty} ${duty.state} due ${instant(duty.dueAt)} met ${instant(duty.metAt)} (${duty.applies}, ${duty.startedBy?.event ?? 'not started'} ${instant(duty.startedAt)})`;
}
