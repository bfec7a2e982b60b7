/**
 * Laws and their clocks. A law is content: who reports what to whom, started by which recorded event, until when. A
 * duty is a row of a law applied to an incident; its clock follows from recorded events only.
 */

import { z } from 'zod';
import { Citation, Condition, LevelNumber, Mark, Source } from './grade.ts';
import { LocalText, Words } from './text.ts';

const contentId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case words joined by hyphens')
  .max(64);

/** An item of a report form. */
export const ReportItem = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/)
    .max(64),
  no: z.number().int().positive(),
  /** Must stand in the first report; the others may follow. */
  requiredFirst: z.boolean(),
  means: z.object({ en: z.string().min(1).max(1000), zh: z.string().min(1).max(1000) }),
  citations: z.array(Citation).min(1),
});
export type ReportItem = z.infer<typeof ReportItem>;

/** The events that start, meet or move clocks. */
export const eventKinds = [
  'found',
  'received',
  'reported',
  'graded',
  'referred',
  'important-change',
  'supplemented',
  'handling-finished',
  'summarised',
] as const;
export const EventKind = z.enum(eventKinds);
export type EventKind = z.infer<typeof EventKind>;

/** Something that happened and was recorded; nothing is assumed to have happened. */
export const IncidentEvent = z.object({
  event: EventKind,
  /** Seconds. */
  at: z.number(),
  /** The reporter class (of the law) or organisation that did it. */
  by: z.string().max(200).optional(),
  /** Recipients that it reached; absent means all of the duty's recipients. */
  to: z.array(z.string().max(200)).max(20).optional(),
  /** The duty that it meets, when a report could meet several. */
  duty: z.string().max(64).optional(),
  /** `graded`: the floor that was recorded; null for none. */
  level: LevelNumber.nullable().optional(),
  /** `graded`: by which scheme. */
  scheme: z.string().max(64).optional(),
  reason: z.string().max(1000).optional(),
});
export type IncidentEvent = z.infer<typeof IncidentEvent>;

export const LawDuty = z.strictObject({
  id: contentId,
  means: LocalText,
  reporter: z.array(contentId).min(1),
  /** The least serious level at which it applies; absent when it does not depend on the level. */
  fromLevel: LevelNumber.optional(),
  /** Further conditions over facts. */
  when: Condition.optional(),
  to: z.array(contentId).min(1).max(10),
  startedBy: EventKind,
  /** The duties of others whose report is what is received; makes the chain upwards. */
  after: z.array(contentId).max(10).optional(),
  metBy: EventKind,
  /** ISO 8601 span, or `promptly` where the law gives no number. */
  within: z.union([z.literal('promptly'), z.string().regex(/^P/)]),
  /** Items of the law's form; `first` items come at once, the rest may follow. */
  content: z.array(z.string().max(64)).max(20),
  article: z.string().max(200),
  citations: z.array(Citation).min(1),
});
export type LawDuty = z.infer<typeof LawDuty>;

export const Party = z.strictObject({
  id: contentId,
  name: LocalText,
  /** As a recipient: whichever the earlier report went to ("the same channel"), so any recipient counts. */
  anyRecipient: z.boolean().optional(),
});
export type Party = z.infer<typeof Party>;

export const Law = z.strictObject({
  id: contentId,
  title: LocalText,
  short: LocalText,
  version: z.string().max(40),
  jurisdiction: z.string().max(40),
  effective: z.iso.date().optional(),
  /** The grading scheme whose levels its duties speak of. */
  grading: contentId.optional(),
  note: LocalText.optional(),
  sources: z.array(Source).min(1).max(24),
  reporters: z.array(Party).min(1).max(24),
  recipients: z.array(Party).min(1).max(40),
  items: z.array(ReportItem).max(40),
  /** What to do when not all items are known in time. */
  partialReport: LocalText.optional(),
  channels: z
    .array(z.strictObject({ name: LocalText, address: z.string().max(200).optional(), citations: z.array(Citation).min(1) }))
    .max(20)
    .optional(),
  duties: z.array(LawDuty).min(1).max(100),
  /** Duties with no clock. */
  standing: z
    .array(z.strictObject({ id: contentId, means: LocalText, citations: z.array(Citation).min(1) }))
    .max(40)
    .optional(),
});
export type Law = z.infer<typeof Law>;

/** `waiting`: not started, or not yet sure to apply. `due-soon`: four fifths of the time are gone. */
export const ClockState = z.enum(['waiting', 'running', 'due-soon', 'met', 'missed']);
export type ClockState = z.infer<typeof ClockState>;

/** A duty of a law in one incident, with its clock. */
export const Duty = z.object({
  law: z.string(),
  duty: z.string(),
  means: LocalText,
  /** The class of who must act. */
  reporter: z.string(),
  reporterName: LocalText,
  to: z.array(
    z.object({
      id: z.string(),
      name: LocalText,
      /** When this recipient was reached; seconds. */
      metAt: z.number().nullable(),
    }),
  ),
  /** `possible`: only the ceiling, or an unknown fact, lets it apply. `was`: it applied at an earlier grade and stays. */
  applies: z.enum(['yes', 'possible', 'was']),
  fromLevel: LevelNumber.nullable(),
  /** The event that started the clock; null while it waits. */
  startedBy: IncidentEvent.nullable(),
  /** What it waits for or was started by, by kind. */
  startsWith: EventKind,
  /** Seconds; null while it waits. */
  startedAt: z.number().nullable(),
  /** The law's own limit in seconds; null where it says promptly. */
  limit: z.number().nullable(),
  /** Seconds; null while it waits and where the law says promptly. */
  dueAt: z.number().nullable(),
  state: ClockState,
  /** When the last recipient was reached; a late report stays `missed` and says when. */
  metAt: z.number().nullable(),
  /** Items for the first report, and those that may follow. */
  content: z.object({ first: z.array(z.string()), later: z.array(z.string()) }),
  article: z.string(),
  confidence: Mark,
  words: z.array(Words),
});
export type Duty = z.infer<typeof Duty>;

/** The short form that an incident carries in lists. */
export const ClockSummary = z.object({
  law: z.string(),
  duty: z.string(),
  /** RFC 3339, null where the law says promptly or nothing has started. */
  dueAt: z.string().nullable(),
  state: ClockState,
});
export type ClockSummary = z.infer<typeof ClockSummary>;
