/** What the API tells of the grading desk: all schemes side by side, what to find out next, computed facts, history, the table, campaigns. */

import { z } from 'zod';
import { FactValue } from './facts.ts';
import { LevelColour, LevelNumber, Mark } from './grade.ts';
import { Instant } from './instant.ts';
import { QuantificationTable, TableSource, Together } from './quantification.ts';
import { LocalText, Words } from './text.ts';

const LevelOrNone = LevelNumber.nullable();

/** What a computed fact is made of: one thing of the estate and what it adds. */
export const FactPart = z.object({
  kind: z.enum(['business', 'asset', 'region', 'host']),
  id: z.string(),
  /** Whose it is; null for what is nobody's alone. Readers see the parts of organisations that they see. */
  organisation: z.string().nullable(),
  value: FactValue,
});
export type FactPart = z.infer<typeof FactPart>;

/** How a fact was computed: the sentence, the range of time that was looked at (seconds), and its parts. */
export const FactHow = z.object({
  words: Words,
  from: z.number(),
  to: z.number(),
  parts: z.array(FactPart),
});
export type FactHow = z.infer<typeof FactHow>;

/** A fact as estate and traffic show it now, offered; and what is kept of it. */
export const ComputedFactView = z.object({
  fact: z.string(),
  name: LocalText,
  means: LocalText,
  value: FactValue,
  text: Words,
  how: FactHow.omit({ from: true, to: true }).extend({ from: Instant, to: Instant }),
  /** Parts that the reader does not see. */
  hidden: z.number().int(),
  /** The newest statement of it, where there is one, and whether a person stated it: such a one is kept beside it, never under it. */
  kept: z.object({ text: Words, at: Instant, computed: z.boolean() }).nullable(),
});
export type ComputedFactView = z.infer<typeof ComputedFactView>;

/** Facts that could not be computed, and why. */
export const NotComputedView = z.object({ fact: z.string(), name: LocalText, why: Words });
export type NotComputedView = z.infer<typeof NotComputedView>;

/** Where a fact that a grade reads comes from. */
export const factOrigins = ['stated', 'computed', 'table', 'tried', 'together'] as const;

/** How a fact came from the quantification table. */
export const MadeView = z.object({
  fact: z.string(),
  kind: z.enum(['index', 'ladder']),
  mark: Mark,
  /** Of an index: its parts with their shares, what is stated, and points of 100. */
  parts: z.array(
    z.object({
      fact: z.string(),
      name: LocalText,
      weight: z.number(),
      text: Words,
      points: z.object({ min: z.number(), max: z.number() }),
      mark: Mark,
    }),
  ),
  /** Of a ladder: its rungs from the least, and whether each is reached. */
  rungs: z.array(z.object({ text: Words, holds: z.enum(['yes', 'no', 'unknown']), source: TableSource, mark: Mark })),
});
export type MadeView = z.infer<typeof MadeView>;

export const DeskFact = z.object({
  fact: z.string(),
  name: LocalText,
  value: FactValue,
  text: Words,
  origin: z.enum(factOrigins),
  source: z.string().nullable(),
  at: Instant.nullable(),
  /** Schemes that read it. */
  schemes: z.array(z.string()),
});
export type DeskFact = z.infer<typeof DeskFact>;

export const SchemeOutcome = z.object({
  scheme: z.string(),
  title: LocalText,
  short: LocalText,
  version: z.string(),
  jurisdiction: z.string(),
  withdrawn: z.string().nullable(),
  /** The least serious first. */
  levels: z.array(z.object({ level: LevelNumber, roman: z.string(), name: LocalText, colour: LevelColour })),
  floor: LevelOrNone,
  ceiling: LevelOrNone,
  confidence: Mark,
  words: z.array(Words),
  fired: z.array(z.object({ text: LocalText, article: z.string(), mark: Mark, judged: z.boolean() })),
  /** Clauses that keep a graver level open although nobody read their value; never filled in. */
  unread: z.array(z.object({ level: LevelNumber, text: LocalText, article: z.string(), mark: Mark })),
  missing: z.array(z.object({ fact: z.string(), name: LocalText, couldReach: LevelNumber })),
  disputes: z.array(Words),
  leastRegret: z.object({
    level: LevelOrNone,
    worst: z.number(),
    rows: z.array(z.object({ level: LevelOrNone, worst: z.number() })),
  }),
});
export type SchemeOutcome = z.infer<typeof SchemeOutcome>;

/** What finding out a fact is worth, over all schemes that it could narrow. */
export const NextFactView = z.object({
  fact: z.string(),
  name: LocalText,
  means: LocalText,
  /** Regret saved and levels narrowed, on average over what may come out, added up over schemes. */
  saves: z.number(),
  narrows: z.number(),
  schemes: z.array(
    z.object({
      scheme: z.string(),
      settles: z.number().int(),
      outcomes: z.array(z.object({ text: Words, floor: LevelOrNone, ceiling: LevelOrNone })),
    }),
  ),
});
export type NextFactView = z.infer<typeof NextFactView>;

export const GradingDesk = z.object({
  incident: z.object({ id: z.string(), number: z.string(), title: Words }).nullable(),
  /** The edition of the table that counts; null while none is signed. */
  table: z.object({ version: z.number().int(), signedAt: Instant }).nullable(),
  /** What a level too low and one too high cost; from the table in force, or the proposed one. */
  costs: z.object({ tooLow: z.number(), tooHigh: z.number(), mark: Mark }),
  schemes: z.array(SchemeOutcome),
  facts: z.array(DeskFact),
  made: z.array(MadeView),
  next: z.array(NextFactView),
});
export type GradingDesk = z.infer<typeof GradingDesk>;

export const GradeHistory = z.object({
  items: z.array(
    z.object({
      at: Instant,
      scheme: z.string(),
      version: z.string(),
      floor: LevelOrNone,
      ceiling: LevelOrNone,
      confidence: Mark,
      /** SHA-256 of the whole grade in canonical form. */
      digest: z.string(),
      /** `sealed`: the audit has the same digest. `differs`: it has another one. `none`: graded before grades were sealed. */
      seal: z.enum(['sealed', 'differs', 'none']),
      /** The entry of the audit, and who acted; for members of the centre. */
      audit: z.number().int().nullable(),
    }),
  ),
  more: z.number().int().describe('Older grades that are not listed.'),
});
export type GradeHistory = z.infer<typeof GradeHistory>;

export const QuantificationEditionView = z.object({
  version: z.number().int(),
  signedAt: Instant,
  signedBy: z.string(),
  reason: z.string(),
  digest: z.string(),
  /** Whether the audit has the same digest of it. */
  seal: z.enum(['sealed', 'differs', 'none']),
});
export type QuantificationEditionView = z.infer<typeof QuantificationEditionView>;

export const QuantificationView = z.object({
  /** What counts; null while no edition is signed. */
  inForce: QuantificationEditionView.nullable(),
  table: QuantificationTable.nullable(),
  /** What the content of this version proposes. */
  proposed: QuantificationTable.nullable(),
  editions: z.array(QuantificationEditionView),
  /** Incidents are still being graded anew by the newest edition. */
  regrading: z.boolean(),
});
export type QuantificationView = z.infer<typeof QuantificationView>;

const ShortGrade = z.object({ scheme: z.string(), floor: LevelOrNone, ceiling: LevelOrNone });

export const CampaignSummary = z.object({
  id: z.string(),
  number: z.string(),
  name: z.string(),
  note: z.string(),
  state: z.enum(['open', 'closed']),
  createdAt: Instant,
  createdBy: z.string(),
  changedAt: Instant,
  incidents: z.number().int(),
  /** Of the leading scheme, as it was graded last. */
  grade: ShortGrade.nullable(),
});
export type CampaignSummary = z.infer<typeof CampaignSummary>;

export const CampaignView = CampaignSummary.extend({
  members: z.array(
    z.object({
      incident: z.string(),
      number: z.string(),
      title: Words,
      state: z.enum(['open', 'contained', 'closed']),
      organisations: z.array(z.string()),
      at: Instant,
      by: z.string(),
      reason: z.string(),
      removed: z.object({ at: Instant, by: z.string(), reason: z.string() }).nullable(),
      /** By the leading scheme, alone. */
      grade: ShortGrade.nullable(),
    }),
  ),
  desk: GradingDesk,
  /** How each fact of the incidents was taken together. */
  together: z.array(
    z.object({
      fact: z.string(),
      name: LocalText,
      rule: z.enum([...Together.options, 'gravest', 'any', 'earliest', 'union']),
      stated: z.number().int(),
      silent: z.number().int(),
    }),
  ),
  history: z.array(ShortGrade.extend({ at: Instant })),
});
export type CampaignView = z.infer<typeof CampaignView>;
