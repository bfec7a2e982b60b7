/** How the grouping of an incident's findings is told: its signs, the course of the attack, and what people decided about it. */

import { z } from 'zod';
import { FindingView, Instant } from './api.ts';
import { CourseStep, Finding } from './finding.ts';

export const SignView = z.object({
  rule: Finding.shape.rule,
  source: z.string(),
  level: Finding.shape.level,
  tactic: z.array(z.string()),
  technique: z.array(z.string()),
  from: Instant,
  to: Instant,
  stage: z.enum(['before', 'during', 'after']),
  /** The newest of them stands for the others. */
  explanation: Finding.shape.explanation,
  findings: z.array(z.string()).describe('Findings of one rule about one host: duplicates collapse into one sign.'),
  records: z.number().int(),
});
export type SignView = z.infer<typeof SignView>;

export const GroupingView = z.object({
  signs: z.array(SignView),
  course: z.array(CourseStep.omit({ at: true }).extend({ at: Instant })),
  taken: z.array(FindingView).describe('What people took out, and grouping leaves out.'),
  decisions: z.array(
    z.object({
      id: z.string(),
      at: Instant,
      by: z.string(),
      act: z.enum(['take-out', 'put-in', 'split', 'split-off', 'merge', 'merged']),
      reason: z.string(),
      findings: z.number().int(),
      other: z.object({ id: z.string(), number: z.string() }).nullable(),
    }),
  ),
  /** Whether there are more findings than were looked at. */
  more: z.boolean(),
});
export type GroupingView = z.infer<typeof GroupingView>;

const reason = z.string().trim().min(1).max(2000);
const findings = z.array(z.string().max(64)).min(1).max(1000);

/** What a person can decide about grouping. */
export const GroupingAsked = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('take-out'), findings, reason }),
  z.strictObject({ act: z.literal('put-in'), findings, reason }),
  z.strictObject({ act: z.literal('split'), findings, reason, title: z.string().trim().min(1).max(300) }),
  z.strictObject({ act: z.literal('merge'), into: z.string().max(100), reason }),
]);
export type GroupingAsked = z.infer<typeof GroupingAsked>;
