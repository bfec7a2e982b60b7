/** What is asked of the stored records again and again: correlations too long for the stream, saved hunts, baselines. */

import { z } from 'zod';
import { Instant } from './api.ts';
import { Finding } from './finding.ts';

/**
 * Records that come later than this after their time are not looked at by what runs on a schedule; a sensor that was cut off sends what it kept
 * within minutes of its return. `rules try --past` looks at all.
 */
export const scheduleLatenessSeconds = 3_600;

export const HuntSchedule = z.strictObject({
  everySeconds: z.union([z.literal(900), z.literal(3_600), z.literal(21_600), z.literal(86_400)]),
  /** What its findings are worth. */
  level: Finding.shape.level,
});
export type HuntSchedule = z.infer<typeof HuntSchedule>;

export const ScheduleView = z.object({
  id: z.string(),
  kind: z.enum(['correlation', 'hunt', 'baseline']),
  /** Id of the rule, hunt or behaviour. */
  of: z.string(),
  title: z.string(),
  organisation: z.string(),
  everySeconds: z.number(),
  /** Of a hunt: what its findings are worth. */
  level: Finding.shape.level.nullable(),
  latenessSeconds: z.number(),
  /** Everything up to then was looked at. */
  until: Instant,
  ranAt: Instant.nullable(),
  read: z.object({ rows: z.number(), bytes: z.number(), seconds: z.number() }).nullable(),
  /** Findings of the last run. */
  hits: z.number().int(),
  /** Why the last run came to nothing; it is tried again. */
  trouble: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type ScheduleView = z.infer<typeof ScheduleView>;
