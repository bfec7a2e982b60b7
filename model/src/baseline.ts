/** What is usual of a host, service or link at an hour of the week, as the API tells it. */

import { z } from 'zod';
import { Instant } from './api.ts';

/** `host 10.0.0.1`, `service 10.0.0.1 443`, `link uplink`; never a person. */
export const BaselineSubject = z
  .string()
  .max(300)
  .regex(/^(?:host [0-9a-f:.]{2,45}|service [0-9a-f:.]{2,45} \d{1,5}|link .{1,200})$/);

export const BaselineDecisionBody = z.strictObject({
  /** reset: what was before counts no more. pin: the weeks before stay the measure, whatever comes. */
  act: z.enum(['reset', 'pin']),
  reason: z.string().trim().min(1).max(1_000),
});

export const BaselineView = z.object({
  subject: z.string(),
  organisation: z.string(),
  hour: Instant,
  measures: z.array(
    z.object({
      measure: z.enum(['out', 'connections', 'peers', 'failed']),
      /** In the hour; of `failed` the share of the connections. */
      value: z.number(),
      usual: z.number(),
      most: z.number(),
      /** Robust standard deviations above what is usual. */
      deviation: z.number(),
      weeks: z.number().int(),
      samples: z.number().int(),
      /** 0 to 1. */
      confidence: z.number(),
    }),
  ),
  /** The oldest hour that it rests on. */
  since: Instant.nullable(),
  decision: z.object({ act: z.enum(['reset', 'pin']), at: Instant, reason: z.string(), account: z.string() }).nullable(),
});
export type BaselineView = z.infer<typeof BaselineView>;
