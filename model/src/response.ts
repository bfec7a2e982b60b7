/**
 * Responding together: who leads, supports or is informed; tasks; decisions; an incident's life. All of it is history:
 * a list of events from which the present state follows. `respond` holds the rules; here are the nouns.
 *
 * Instants are seconds.
 */

import { z } from 'zod';
import { Cause } from './cause.ts';

const organisationId = z.string().min(1).max(100);
const personId = z.string().min(1).max(200);
const reason = z.string().min(1).max(2000);

export const Part = z.enum(['lead', 'support', 'inform']);
export type Part = z.infer<typeof Part>;

/**
 * What happened to responsibilities. `assign` asks an organisation to take a part; `accept` takes it; `refuse` needs a
 * reason; `hand-over` asks another organisation to take one's own part, and the giver keeps it until `accept`; `release`
 * ends a part that is not the lead; `escalate` brings the lead back to the centre.
 */
export const ResponsibilityEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('open'),
    at: z.number(),
    by: personId,
    organisation: organisationId,
    article: z.string().max(200).optional(),
  }),
  z.object({
    kind: z.literal('assign'),
    at: z.number(),
    by: personId,
    organisation: organisationId,
    part: Part,
    reason: reason.optional(),
    article: z.string().max(200).optional(),
  }),
  z.object({ kind: z.literal('accept'), at: z.number(), by: personId, organisation: organisationId, part: Part }),
  z.object({
    kind: z.literal('refuse'),
    at: z.number(),
    by: personId,
    organisation: organisationId,
    part: Part,
    reason,
  }),
  z.object({
    kind: z.literal('hand-over'),
    at: z.number(),
    by: personId,
    from: organisationId,
    to: organisationId,
    part: Part,
    reason,
  }),
  z.object({
    kind: z.literal('release'),
    at: z.number(),
    by: personId,
    organisation: organisationId,
    part: z.enum(['support', 'inform']),
    reason,
  }),
  z.object({ kind: z.literal('escalate'), at: z.number(), by: personId, reason }),
]);
export type ResponsibilityEvent = z.infer<typeof ResponsibilityEvent>;

/** One organisation's part in an incident, as it stands. */
export const Responsibility = z.object({
  organisation: organisationId,
  part: Part,
  state: z.enum(['asked', 'accepted', 'refused', 'handed-over', 'released']),
  since: z.number(),
  by: personId,
  reason: z.string().max(2000).optional(),
  article: z.string().max(200).optional(),
});
export type Responsibility = z.infer<typeof Responsibility>;

/** Who leads now and since when; there is no moment without one. */
export const Lead = z.object({
  organisation: organisationId,
  since: z.number(),
  /** Another organisation that was asked to take over and has not answered yet. */
  asked: z.object({ organisation: organisationId, since: z.number() }).nullable(),
});
export type Lead = z.infer<typeof Lead>;

export const TaskEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('create'),
    at: z.number(),
    by: personId,
    title: z.string().min(1).max(300),
    organisation: organisationId,
    note: z.string().max(5000).optional(),
    dueAt: z.number().optional(),
    measure: z.string().max(100).optional(),
  }),
  z.object({ kind: z.literal('start'), at: z.number(), by: personId }),
  z.object({ kind: z.literal('finish'), at: z.number(), by: personId, result: z.string().min(1).max(5000) }),
  z.object({ kind: z.literal('drop'), at: z.number(), by: personId, reason }),
  z.object({ kind: z.literal('reopen'), at: z.number(), by: personId, reason }),
  z.object({ kind: z.literal('move'), at: z.number(), by: personId, organisation: organisationId, reason }),
  z.object({ kind: z.literal('due'), at: z.number(), by: personId, dueAt: z.number(), reason }),
]);
export type TaskEvent = z.infer<typeof TaskEvent>;

export const Task = z.object({
  title: z.string(),
  note: z.string().optional(),
  organisation: organisationId,
  state: z.enum(['open', 'doing', 'done', 'dropped']),
  since: z.number(),
  dueAt: z.number().nullable(),
  /** The protective measure that it carries out, when it does. */
  measure: z.string().optional(),
  result: z.string().optional(),
  reason: z.string().optional(),
});
export type Task = z.infer<typeof Task>;

/** A decision: what could have been done, what was chosen, why, and who disagreed. */
export const Decision = z.object({
  at: z.number(),
  by: personId,
  organisation: organisationId,
  question: z.string().min(1).max(1000),
  options: z.array(z.string().min(1).max(1000)).min(1).max(20),
  /** One of the options, word for word. */
  chosen: z.string().min(1).max(1000),
  reasons: z.string().min(1).max(5000),
  dissent: z.array(z.object({ by: personId, text: z.string().min(1).max(2000) })).max(50),
  /** The legal power that is used, when one is; then its article is required. */
  power: z.object({ name: z.string().min(1).max(300), article: z.string().min(1).max(200) }).optional(),
  /** The latest moment at which the decision still helps; the time left to act is counted to it. */
  neededBy: z.number().optional(),
});
export type Decision = z.infer<typeof Decision>;

export const IncidentLifeEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), at: z.number(), by: personId }),
  z.object({ kind: z.literal('contain'), at: z.number(), by: personId, reason }),
  z.object({ kind: z.literal('close'), at: z.number(), by: personId, cause: Cause }),
  z.object({ kind: z.literal('reopen'), at: z.number(), by: personId, reason }),
]);
export type IncidentLifeEvent = z.infer<typeof IncidentLifeEvent>;

export const IncidentLife = z.object({
  state: z.enum(['open', 'contained', 'closed']),
  since: z.number(),
  openedAt: z.number(),
  containedAt: z.number().nullable(),
  closedAt: z.number().nullable(),
  cause: Cause.nullable(),
});
export type IncidentLife = z.infer<typeof IncidentLife>;
