/**
 * Grading schemes and grades. A scheme is content: levels, and criteria any one of which reaches a level. A grade is
 * computed from facts and never typed in: the *floor* is what is proven, the *ceiling* what the unknowns still allow.
 */

import { z } from 'zod';
import { FactValue, Unit } from './facts.ts';
import { LocalText, Words } from './text.ts';

/** How sure we are of a value of a law or scheme. H: read in a primary text or faithful copy; M: read in part or at second hand; U: unverified. */
export const Mark = z.enum(['H', 'M', 'U']);
export type Mark = z.infer<typeof Mark>;

const markOrder: readonly Mark[] = ['H', 'M', 'U'];

/** The least sure of several marks; where sources disagree, this one is shown. No mark at all is unverified. */
export function lowestMark(marks: readonly Mark[]): Mark {
  return marks.length === 0 ? 'U' : markOrder[Math.max(...marks.map((mark) => markOrder.indexOf(mark)))]!;
}

export const Colour = z.enum(['red', 'orange', 'yellow', 'blue']);
export type Colour = z.infer<typeof Colour>;

/** 1 is the most serious. */
export const LevelNumber = z.number().int().min(1).max(9);

export const Level = z.strictObject({
  level: LevelNumber,
  roman: z.string().max(4),
  name: LocalText,
  colour: Colour,
});
export type Level = z.infer<typeof Level>;

const contentId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case words joined by hyphens')
  .max(64);

/** A document that was read, and how good it is. */
export const Source = z.strictObject({
  id: contentId,
  title: LocalText,
  where: z.string().max(300).optional(),
  read: z.iso.date().optional(),
});
export type Source = z.infer<typeof Source>;

/** One source's support for a value; `says` when it states it differently. */
export const Citation = z.strictObject({ source: contentId, mark: Mark, says: z.string().max(300).optional() });
export type Citation = z.infer<typeof Citation>;

/** A threshold as a person writes it: a number with its unit, or a term. */
export const Threshold = z.union([z.number(), z.strictObject({ value: z.number(), unit: Unit }), z.string()]);
export type Threshold = z.infer<typeof Threshold>;

/**
 * A condition over facts. `atLeast` includes the number itself, as 以上 does in Chinese drafting. Depth is bounded by
 * the schema's reader, not here.
 */
export type Condition =
  | { fact: string; atLeast: Threshold }
  | { fact: string; is: boolean | string }
  | { all: Condition[] }
  | { any: Condition[] };

export const Condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ fact: z.string().max(64), atLeast: Threshold }),
    z.strictObject({ fact: z.string().max(64), is: z.union([z.boolean(), z.string().max(64)]) }),
    z.strictObject({ all: z.array(Condition).min(1).max(12) }),
    z.strictObject({ any: z.array(Condition).min(1).max(12) }),
  ]),
);

export const Criterion = z.strictObject({
  id: contentId,
  level: LevelNumber,
  /** Where it stands: `Annex, part 1, indicator 2`. */
  article: z.string().max(200),
  /** The criterion in a sentence. */
  means: LocalText,
  /** Whose systems or which people it speaks of. */
  who: LocalText.optional(),
  /** True for clauses that a person must judge; their facts are terms with a reason, never computed. */
  judged: z.boolean().optional(),
  when: Condition,
  citations: z.array(Citation).min(1).max(12),
  /** Values that other texts give – a draft, an earlier version – kept so that a dispute can be seen. */
  alternatives: z
    .array(z.strictObject({ when: Condition, source: contentId, note: LocalText.optional() }))
    .max(6)
    .optional(),
});
export type Criterion = z.infer<typeof Criterion>;

/** A table of two ordered terms: importance of what is hit by loss. Cells are levels. */
export const Matrix = z.strictObject({
  id: contentId,
  article: z.string().max(200),
  means: LocalText,
  rows: z.string().max(64),
  columns: z.string().max(64),
  cells: z.record(z.string(), z.record(z.string(), LevelNumber)),
  judged: z.boolean().optional(),
  citations: z.array(Citation).min(1).max(12),
  /** Cells that the text does not name and that follow from its other rules: `important/minor`. */
  unnamed: z.array(z.strictObject({ row: z.string(), column: z.string(), citations: z.array(Citation).min(1) })).optional(),
});
export type Matrix = z.infer<typeof Matrix>;

export const GradingScheme = z.strictObject({
  id: contentId,
  title: LocalText,
  /** What people call it for short. */
  short: LocalText,
  version: z.string().max(40),
  jurisdiction: z.string().max(40),
  effective: z.iso.date().optional(),
  /** Since when it no longer applies; schemes that still live in plans are kept. */
  withdrawn: z.iso.date().optional(),
  /** What this content leaves out, and why. */
  note: LocalText.optional(),
  sources: z.array(Source).min(1).max(24),
  levels: z.array(Level).min(1).max(9),
  /** The level of everything that meets no criterion; absent when such an incident has no level. */
  residual: z
    .strictObject({
      level: LevelNumber,
      article: z.string().max(200),
      means: LocalText,
      /** When this holds there is not even the residual level. */
      unless: Condition.optional(),
      citations: z.array(Citation).min(1),
    })
    .optional(),
  criteria: z.array(Criterion).max(200),
  matrices: z.array(Matrix).max(4).optional(),
});
export type GradingScheme = z.infer<typeof GradingScheme>;

/** One comparison inside a criterion: what was asked and what is stated. */
export const Comparison = z.object({
  fact: z.string(),
  /** In the unit of the fact's definition, or a term, or a truth. */
  atLeast: z.union([z.number(), z.string()]).optional(),
  is: z.union([z.boolean(), z.string()]).optional(),
  unit: Unit.optional(),
  stated: FactValue,
  holds: z.enum(['yes', 'no', 'unknown']),
});
export type Comparison = z.infer<typeof Comparison>;

/** A criterion that was met, or could be. */
export const CriterionResult = z.object({
  criterion: z.string(),
  level: LevelNumber,
  article: z.string(),
  means: LocalText,
  who: LocalText.optional(),
  judged: z.boolean(),
  mark: Mark,
  comparisons: z.array(Comparison),
});
export type CriterionResult = z.infer<typeof CriterionResult>;

/** What is still wanting for a more serious level. */
export const NextThreshold = z.object({
  level: LevelNumber,
  criterion: z.string(),
  article: z.string(),
  means: LocalText,
  mark: Mark,
  /** All of these together. `distance` is in the fact's unit, in steps for terms, null when the fact is unknown. */
  needs: z.array(
    z.object({
      fact: z.string(),
      atLeast: z.union([z.number(), z.string()]).optional(),
      is: z.union([z.boolean(), z.string()]).optional(),
      unit: Unit.optional(),
      stated: FactValue,
      distance: z.number().nullable(),
    }),
  ),
  words: Words,
});
export type NextThreshold = z.infer<typeof NextThreshold>;

/** A criterion whose answer is another one under an alternative value (a draft, an earlier text). */
export const Dispute = z.object({
  criterion: z.string(),
  level: LevelNumber,
  source: z.string(),
  /** Whether the alternative is met; the scheme's own value answers the opposite. */
  alternativeHolds: z.boolean(),
  comparisons: z.array(Comparison),
  words: Words,
});
export type Dispute = z.infer<typeof Dispute>;

export const Grade = z.object({
  scheme: z.string(),
  version: z.string(),
  /** The level that is proven, 1 the most serious; null when none is. */
  floor: LevelNumber.nullable(),
  /** The most serious level that the unknowns still allow; equal to the floor when nothing is open. */
  ceiling: LevelNumber.nullable(),
  floorLevel: Level.nullable(),
  ceilingLevel: Level.nullable(),
  /** The least sure mark among the criteria that give the floor. */
  confidence: Mark,
  /** The criteria that give the floor. */
  fired: z.array(CriterionResult),
  /** Criteria of less serious levels that are met too. */
  alsoFired: z.array(CriterionResult),
  /** Criteria of more serious levels that are neither met nor excluded. */
  open: z.array(CriterionResult),
  factsUsed: z.array(z.string()),
  /** Facts whose knowledge could still change the level, the most serious first. */
  factsMissing: z.array(z.object({ fact: z.string(), couldReach: LevelNumber })),
  /** Nearest first. */
  nextThresholds: z.array(NextThreshold),
  disputes: z.array(Dispute),
  words: z.array(Words),
});
export type Grade = z.infer<typeof Grade>;
