/** Parts of a warning at the API: its measures, whom it reached and what became of it there, what it brought about. */

import { z } from 'zod';
import { Instant } from './instant.ts';
import { Mark } from './grade.ts';
import { NoticeKind } from './notice.ts';
import { Words } from './text.ts';
import { ConcernCertainty, WarningColour, WarningScope } from './warning.ts';

/** One measure, with the time to react. Seconds. */
export const WarningMeasureView = z.object({
  id: z.string(),
  text: z.string(),
  dueAt: Instant.nullable(),
  /** That carrying it out takes, as estimated by who proposes it. */
  needsSeconds: z.number().nullable(),
  /** From the issue to the deadline. */
  givenSeconds: z.number().nullable(),
  /** Whether what was given is enough. */
  enough: z.boolean().nullable(),
});
export type WarningMeasureView = z.infer<typeof WarningMeasureView>;

/** A measure as it is drafted. */
export const WarningMeasureDraft = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case words joined by hyphens')
    .max(64)
    .optional(),
  text: z.string().trim().min(1).max(2000),
  dueAt: Instant.nullable().default(null),
  needsSeconds: z.number().nonnegative().max(31_536_000).nullable().default(null),
});

/** `warned`: it concerns it; `overseer`: it oversees somebody who does not answer. */
export const WarnedPart = z.enum(['warned', 'overseer']);

export const WarnedView = z.object({
  organisation: z.string(),
  reasons: z.array(Words),
  certainty: ConcernCertainty,
  part: WarnedPart,
  deliveredAt: Instant.nullable(),
  acknowledgedAt: Instant.nullable(),
  done: z.array(z.object({ measure: z.string(), at: Instant, evidence: z.string().nullable() })),
  /** How often it was reminded, the last time, and since when its overseer knows. */
  reminders: z.number().int(),
  remindedAt: Instant.nullable(),
  climbedAt: Instant.nullable(),
  /** What the inventory and the traffic say since; null before the first look. */
  check: z
    .object({
      at: Instant,
      /** Components exposed to what the scope names: when it was issued, and now. */
      exposedThen: z.number().int().nullable(),
      exposed: z.number().int().nullable(),
      /** The last finding at it, after it was told, that names what the scope names. */
      seenAt: Instant.nullable(),
    })
    .nullable(),
});
export type WarnedView = z.infer<typeof WarnedView>;

/** Of all whom it reached that the asker may see. */
export const WarningCounts = z.object({
  warned: z.number().int(),
  possibly: z.number().int(),
  acknowledged: z.number().int(),
  /** All measures are done. */
  done: z.number().int(),
  reminded: z.number().int(),
  climbed: z.number().int(),
});
export type WarningCounts = z.infer<typeof WarningCounts>;

export const WarningProposalView = z.object({
  by: z.string(),
  at: Instant,
  reason: z.string(),
  colour: WarningColour,
  mattersToNote: z.string(),
  validUntil: Instant.nullable(),
  measures: z.array(WarningMeasureView),
  scope: WarningScope,
});

/** The colour that the rules propose, and which graver one the unknowns would still allow. */
export const ColourProposal = z.object({
  colour: WarningColour,
  reason: Words,
  rule: z.string(),
  mark: Mark,
  source: z.string(),
  could: z.object({ colour: WarningColour, unknown: z.array(Words) }).nullable(),
});
export type ColourProposal = z.infer<typeof ColourProposal>;

/** A reminder or a climb that was sent. */
export const ChaseView = z.object({
  at: Instant,
  kind: NoticeKind,
  /** Who was told, of whom. */
  recipient: z.string(),
  organisation: z.string(),
  measure: z.string().nullable(),
  edition: z.number().int(),
  /** How many times by then. */
  count: z.number().int(),
});
export type ChaseView = z.infer<typeof ChaseView>;

const Spread = z.object({ least: z.number(), median: z.number(), most: z.number() });

/** What a warning brought about, as far as the asker sees it. Spans in seconds. */
export const WarningEffect = z.object({
  /** From the issue to the harm of the incidents that came of what it warned of; negative: it came too late. */
  leads: z.array(
    z.object({
      incident: z.string(),
      number: z.string(),
      harmFrom: Instant,
      harmTo: Instant,
      least: z.number(),
      most: z.number(),
    }),
  ),
  /** The least of them; null while no harm is known. */
  leadSeconds: z.number().nullable(),
  /** Since the issue (until it was lifted) without known harm; null when there was some, or it was not issued. */
  quietSeconds: z.number().nullable(),
  acknowledged: z.object({ count: z.number().int(), of: z.number().int(), seconds: Spread.nullable() }),
  measures: z.array(
    z.object({
      measure: z.string(),
      givenSeconds: z.number().nullable(),
      needsSeconds: z.number().nullable(),
      enough: z.boolean().nullable(),
      done: z.number().int(),
      inTime: z.number().int(),
      of: z.number().int(),
      seconds: Spread.nullable(),
    }),
  ),
  exposure: z
    .object({
      before: z.number().int(),
      now: z.number().int(),
      organisationsThen: z.number().int(),
      organisationsNow: z.number().int(),
    })
    .nullable(),
  /** Organisations at which what the scope names was seen again after they were told. */
  seenAgain: z.number().int(),
  chased: z.object({ reminders: z.number().int(), climbs: z.number().int() }),
});
export type WarningEffect = z.infer<typeof WarningEffect>;
