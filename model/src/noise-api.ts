/** Noise and findings as the API tells of them. Instants are RFC 3339 in UTC. */

import { z } from 'zod';
import { FindingView, Instant } from './api.ts';
import { Finding, FindingRule } from './finding.ts';
import { exceptionKinds, exceptionStates, ExceptionTerms, previewDaysMax, Verdict } from './noise.ts';
import { Words } from './text.ts';

/** How many findings were judged, by verdict. */
export const VerdictCounts = z.object({
  'true-positive': z.number().int(),
  'false-positive': z.number().int(),
  expected: z.number().int(),
  undetermined: z.number().int(),
});
export type VerdictCounts = z.infer<typeof VerdictCounts>;

/** Findings with something in common. */
export const FindingGroupView = z.object({
  /** The values in common, in the order of the grouping: rule and source, a technique; '' where there is none. */
  key: z.array(z.string()),
  /** Where it is a group of one rule. */
  rule: FindingRule.omit({ version: true }).nullable(),
  count: z.number().int(),
  /** Records that they stand for: what collapsed into them. */
  records: z.number(),
  first: Instant,
  last: Instant,
  /** The gravest. */
  level: Finding.shape.level,
  sources: z.number().int(),
  techniques: z.array(z.string()),
  incidents: z.number().int(),
  verdicts: VerdictCounts,
  /** Findings in equal parts of the range, by their last evidence. */
  spark: z.array(z.number().int()),
});
export type FindingGroupView = z.infer<typeof FindingGroupView>;

export const FindingGroupsView = z.object({
  items: z.array(FindingGroupView),
  next: z.string().nullable(),
  totals: z.object({
    count: z.number().int(),
    /** What the same filter hides. */
    hidden: z.number().int(),
    /** By level, whichever level is chosen. */
    levels: z.partialRecord(Finding.shape.level, z.number().int()),
  }),
});
export type FindingGroupsView = z.infer<typeof FindingGroupsView>;

export const VerdictView = z.object({
  at: Instant,
  verdict: Verdict,
  reason: z.string(),
  by: z.string(),
  organisation: z.string(),
});
export type VerdictView = z.infer<typeof VerdictView>;

/** What somebody asks for: terms with instants of the API. */
export const ExceptionAsked = ExceptionTerms.extend({ from: Instant.nullable().default(null), until: Instant });
export type ExceptionAsked = z.input<typeof ExceptionAsked>;

export const ExceptionView = ExceptionTerms.extend({
  id: z.string(),
  kind: z.enum(exceptionKinds),
  from: Instant.nullable(),
  until: Instant,
  /** The organisation of whoever made it, and whether that is the centre. */
  owner: z.string(),
  centre: z.boolean(),
  at: Instant,
  by: z.string(),
  state: z.enum(exceptionStates),
  ended: z.object({ at: Instant, by: z.string(), reason: z.string() }).nullable(),
  /** Findings that it has hidden. */
  hits: z.number(),
  lastHitAt: Instant.nullable(),
});
export type ExceptionView = z.infer<typeof ExceptionView>;

/** What an exception would have hidden. */
export const ExceptionPreview = z.object({
  days: z.number().int().min(1).max(previewDaysMax),
  from: Instant,
  to: Instant,
  count: z.number().int(),
  /** Of all findings that are shown in these days. */
  of: z.number().int(),
  levels: z.partialRecord(Finding.shape.level, z.number().int()),
  /** The most frequent ones. */
  rules: z.array(z.object({ rule: z.string(), name: z.string(), count: z.number().int() })),
  perDay: z.array(z.object({ at: Instant, count: z.number().int() })),
  examples: z.array(FindingView),
  /** What it must not hide: findings that were confirmed, or that are part of an incident. They stay shown, and their like would not be. */
  grave: z.object({ count: z.number().int(), findings: z.array(FindingView) }),
  /** What it means for findings that are there already. */
  effect: Words,
});
export type ExceptionPreview = z.infer<typeof ExceptionPreview>;
