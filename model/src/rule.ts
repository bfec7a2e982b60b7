/** Rules as people look at them: what they are, what came of them, and how often they were right. */

import { z } from 'zod';
import { Instant } from './api.ts';
import { Finding } from './finding.ts';
import { ExceptionView, VerdictCounts } from './noise-api.ts';

/** Of how many judged findings how many were what the rule says, and what that tells of the rest. */
export const Precision = z.object({
  value: z.number().min(0).max(1),
  /** The interval in which it lies nineteen times of twenty (Wilson). */
  low: z.number().min(0).max(1),
  high: z.number().min(0).max(1),
  n: z.number().int().positive(),
});
export type Precision = z.infer<typeof Precision>;

/** The normal distribution's 97.5 % point: two-sided 95 %. */
const z95 = 1.959964;

/**
 * Precision with Wilson's score interval, which holds for few trials and for shares near 0 and 1 (E. B. Wilson, JASA 22, 1927). What was expected
 * counts as right: the rule saw what it says. Null while nothing was judged; `undetermined` is no judgement.
 */
export function precisionOf(verdicts: VerdictCounts): Precision | null {
  const right = verdicts['true-positive'] + verdicts.expected;
  const n = right + verdicts['false-positive'];
  if (n === 0) return null;
  const share = right / n;
  const square = z95 * z95;
  const middle = share + square / (2 * n);
  const half = z95 * Math.sqrt((share * (1 - share)) / n + square / (4 * n * n));
  const within = (value: number): number => Math.min(1, Math.max(0, value));
  return { value: share, low: within((middle - half) / (1 + square / n)), high: within((middle + half) / (1 + square / n)), n };
}

export const ruleKinds = ['sigma', 'correlation', 'behaviour', 'indicator'] as const;

export const RuleView = z.object({
  id: z.string(),
  kind: z.enum(ruleKinds),
  /** Its author's name; a behaviour's stands in the catalogues (`ruleName`). */
  name: z.string(),
  version: z.string().nullable(),
  /** Null of behaviours and indicators, which tell it by what they see. */
  level: Finding.shape.level.nullable(),
  technique: z.array(z.string()).describe('By its tags, and those of its findings.'),
  tactic: z.array(z.string()),
  /** Sigma's: stable, test, experimental, deprecated, unsupported. */
  status: z.string().nullable(),
  logs: z.array(z.string()),
  /** It has cases and all hold; of a behaviour, that its quality is measured in CI. */
  tested: z.boolean(),
  cases: z.object({ count: z.number().int(), passed: z.number().int() }).nullable(),
  hits: z.number().int(),
  hidden: z.number().int(),
  lastHit: Instant.nullable(),
  verdicts: VerdictCounts,
  precision: Precision.nullable(),
  /** Microseconds for each record of its logs since the start, sampled; null until some were. Of the whole centre, for whom it runs once. */
  costMicros: z.number().nullable(),
  samples: z.number().int(),
});
export type RuleView = z.infer<typeof RuleView>;

export const RuleDetail = RuleView.extend({
  /** The text as it was loaded (YAML), and its file below `content/`. */
  source: z.string().nullable(),
  path: z.string().nullable(),
  falsePositives: z.array(z.string()).describe('What makes it fire on harmless events, in its author’s words.'),
  results: z.array(z.object({ about: z.string(), expected: z.boolean(), holds: z.boolean() })),
  exceptions: z.array(ExceptionView),
});
export type RuleDetail = z.infer<typeof RuleDetail>;
