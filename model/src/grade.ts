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

/** Colours of levels. Warnings have the four of `Colour`; schemes of other countries know three more. */
export const LevelColour = z.enum([...Colour.options, 'black', 'green', 'white']);
export type LevelColour = z.infer<typeof LevelColour>;

export const Level = z.strictObject({
  level: LevelNumber,
  /** The numeral or short sign that the scheme itself uses: `II`, `5`, `C3`. */
  roman: z.string().max(4),
  name: LocalText,
  colour: LevelColour,
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
 * A condition over facts. `atLeast` includes the number itself, as 以上 does in Chinese drafting; `above` does not, as
 * "more than" does in European drafting. `{ count: 2, of: […] }` holds when at least two of its parts do. Depth is
 * bounded by the schema's reader, not here.
 */
export type Condition =
  | { fact: string; atLeast: Threshold }
  | { fact: string; above: Threshold }
  | { fact: string; is: boolean | string }
  | { all: Condition[] }
  | { any: Condition[] }
  | { count: number; of: Condition[] };

export const Condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ fact: z.string().max(64), atLeast: Threshold }),
    z.strictObject({ fact: z.string().max(64), above: Threshold }),
    z.strictObject({ fact: z.string().max(64), is: z.union([z.boolean(), z.string().max(64)]) }),
    z.strictObject({ all: z.array(Condition).min(1).max(12) }),
    z.strictObject({ any: z.array(Condition).min(1).max(12) }),
    z.strictObject({ count: z.number().int().min(1).max(12), of: z.array(Condition).min(1).max(12) }),
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
  /**
   * True when the text has such a clause whose value nobody read: `when` is then only what must hold in any case. The
   * clause proves nothing, and keeps its level possible until `when` is excluded.
   */
  unread: z.boolean().optional(),
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

/** Points for one fact: the value of the term stated, or the greatest value among the members of a set, times a weight. */
export const ScorePart = z.strictObject({
  fact: z.string().max(64),
  weight: z.number().positive().max(1000),
  /** By term or member; every one of the fact's has a value. A set stated as empty has the least. */
  values: z.record(z.string().max(64), z.number().min(0).max(1000)),
  citations: z.array(Citation).min(1).max(12),
});
export type ScorePart = z.infer<typeof ScorePart>;

/** A weighted sum of points, perhaps multiplied by what another fact says, perhaps brought onto a scale. */
export const Score = z.strictObject({
  article: z.string().max(200),
  means: LocalText,
  parts: z.array(ScorePart).min(1).max(24),
  times: z
    .strictObject({
      fact: z.string().max(64),
      values: z.record(z.string().max(64), z.number().positive().max(100)),
      citations: z.array(Citation).min(1).max(12),
    })
    .optional(),
  /** The sums that become 0 and `to`; sums beyond are cut off. Without it the sum itself is the score. */
  scale: z.strictObject({ min: z.number(), max: z.number(), to: z.number().positive() }).optional(),
  /** How many decimals are published. Levels are decided by the unrounded score. */
  decimals: z.number().int().min(0).max(4),
});
export type Score = z.infer<typeof Score>;

/** From which score a level applies; null when nobody read it, so that it lies somewhere below the next graver band. */
export const ScoreBand = z.strictObject({
  level: LevelNumber,
  from: z.number().min(0).nullable(),
  article: z.string().max(200),
  means: LocalText,
  citations: z.array(Citation).min(1).max(12),
});
export type ScoreBand = z.infer<typeof ScoreBand>;

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
  /** A scheme that adds points: its score and the bands that turn it into levels. */
  score: z.strictObject({ ...Score.shape, bands: z.array(ScoreBand).min(1).max(9) }).optional(),
});
export type GradingScheme = z.infer<typeof GradingScheme>;

/** A published scale that gives a number and no level, kept for comparison: `content/scales/<id>/scale.yaml`. */
export const Scale = z.strictObject({
  id: contentId,
  title: LocalText,
  short: LocalText,
  version: z.string().max(40),
  note: LocalText.optional(),
  sources: z.array(Source).min(1).max(24),
  score: Score,
});
export type Scale = z.infer<typeof Scale>;

/** One comparison inside a criterion: what was asked and what is stated. */
export const Comparison = z.object({
  fact: z.string(),
  /** In the unit of the fact's definition, or a term, or a truth. */
  atLeast: z.union([z.number(), z.string()]).optional(),
  /** More than this; the number itself is not enough. */
  above: z.union([z.number(), z.string()]).optional(),
  is: z.union([z.boolean(), z.string()]).optional(),
  unit: Unit.optional(),
  stated: FactValue,
  /** In a score: the weighted points that the statement gives, of how many. Then nothing is compared and `holds` says whether the points are settled. */
  points: z.object({ min: z.number(), max: z.number(), of: z.number() }).optional(),
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
  /** The clause's own value was not read: it proves nothing and stays possible. */
  unread: z.boolean().optional(),
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
      above: z.union([z.number(), z.string()]).optional(),
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
  /** Of a scheme that adds points: what is proven and what is still possible, on its own scale, unrounded. */
  score: z.object({ min: z.number(), max: z.number(), of: z.number() }).optional(),
  words: z.array(Words),
});
export type Grade = z.infer<typeof Grade>;
