/** Rules and questions tried on what is stored or on files: what they found, when, on whom, and what it took to look. */

import { z } from 'zod';
import { Instant } from './api.ts';

/** Subjects shown of a trial; one looks at the first of them. */
export const trialSubjectsMax = 20;

/** Records shown as examples. */
export const trialExamplesMax = 10;

export const Trial = z.object({
  id: z.string(),
  state: z.enum(['running', 'done', 'stopped', 'failed']),
  of: z.object({ kind: z.enum(['rule', 'correlation', 'query']), id: z.string().nullable(), title: z.string() }),
  from: Instant,
  to: Instant,
  /** Down to which all was looked at: the newest comes first. */
  reached: Instant,
  /** 0 to 1. */
  progress: z.number(),
  read: z.object({ rows: z.number(), bytes: z.number(), seconds: z.number() }),
  hits: z.number().int(),
  first: Instant.nullable(),
  last: Instant.nullable(),
  /** In UTC, oldest first; days without hits are left out. */
  days: z.array(z.object({ day: z.string(), hits: z.number().int() })),
  /**
   * Most hits first; of a correlation its groups, `field` being what it groups by. The same address in two organisations is two subjects; on files there
   * is no organisation.
   */
  subjects: z.array(
    z.object({ organisation: z.string().nullable(), field: z.string(), value: z.string(), hits: z.number().int() }),
  ),
  examples: z.array(z.object({ log: z.string(), record: z.record(z.string(), z.unknown()) })),
  logs: z.array(z.object({ log: z.string(), hits: z.number().int() })),
  /** Fields that are asked for and that a centre keeps of no record unless a link's policy names them, or only as pseudonyms. */
  missing: z.array(z.object({ log: z.string(), fields: z.array(z.string()) })),
  trouble: z.object({ code: z.string(), message: z.string(), advice: z.string() }).nullable(),
});
export type Trial = z.infer<typeof Trial>;
