/**
 * Why incidents happen: the taxonomy that experts edit, the chain of causes of one incident, and the preventive measures that causes
 * add up to. A cause is a thing that happened or was missing; it is never a person, and no person is named by it.
 */

import { z } from 'zod';
import { Instant } from './instant.ts';
import { Source, Citation } from './grade.ts';
import { LocalText } from './text.ts';

const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case words joined by hyphens')
  .max(64);

/** The five natures of the EU's taxonomy, and what fits none of them. */
export const causeGroups = [
  'malicious-actions',
  'human-errors',
  'system-failures',
  'third-party-failures',
  'natural-phenomena',
  'other',
] as const;
export const CauseGroup = z.enum(causeGroups);
export type CauseGroup = z.infer<typeof CauseGroup>;

/** One entry of the taxonomy. */
export const CauseKind = z.strictObject({
  id: slug,
  group: CauseGroup,
  name: LocalText,
  means: LocalText,
  /** What would have prevented it, the most effective first; ids of `measures`. */
  measures: z.array(slug).max(8),
  /** ATT&CK techniques whose findings speak for this cause; a sub-technique counts for its technique. */
  techniques: z
    .array(z.string().regex(/^T\d{4}(\.\d{3})?$/))
    .max(20)
    .default([]),
});
export type CauseKind = z.infer<typeof CauseKind>;

export const CauseMeasure = z.strictObject({ id: slug, name: LocalText, means: LocalText });
export type CauseMeasure = z.infer<typeof CauseMeasure>;

/** `content/causes/causes.yaml`. */
export const CauseTaxonomy = z.strictObject({
  version: z.string().max(40),
  sources: z.array(Source).min(1).max(12),
  groups: z
    .array(z.strictObject({ id: CauseGroup, name: LocalText, means: LocalText, citations: z.array(Citation).min(1).max(4) }))
    .length(causeGroups.length),
  /** When the same cause makes incidents recurring ones. */
  recurring: z.strictObject({
    count: z.number().int().min(2).max(100),
    withinDays: z.number().int().min(1).max(3660),
    citations: z.array(Citation).min(1).max(4),
  }),
  measures: z.array(CauseMeasure).min(1).max(100),
  causes: z.array(CauseKind).min(1).max(100),
});
export type CauseTaxonomy = z.infer<typeof CauseTaxonomy>;

export const confidences = ['low', 'medium', 'high'] as const;
export const Confidence = z.enum(confidences);
export type Confidence = z.infer<typeof Confidence>;

/** What a statement about a cause rests on. Of findings and facts the reference is an id of the product; of documents, where it lies. */
export const Evidence = z.strictObject({
  kind: z.enum(['finding', 'fact', 'exposure', 'log', 'document', 'statement']),
  reference: z.string().trim().min(1).max(300),
  note: z.string().trim().max(500).default(''),
});
export type Evidence = z.infer<typeof Evidence>;

/**
 * One step of a chain. `root`: without it nothing would have followed; `condition`: it let the next step happen; `step`: what was
 * done or failed; `effect`: what it led to.
 */
export const stepRoles = ['root', 'condition', 'step', 'effect'] as const;

/** Steps of a chain and evidence of a step that a person writes; longer chains are several incidents. */
export const chainStepsMax = 40;
const evidenceMax = 20;

export const CauseStep = z.strictObject({
  id: slug,
  role: z.enum(stepRoles),
  /** What happened for certain or with the confidence given, or what may still come of it. */
  reality: z.enum(['happened', 'may']),
  /** Of the taxonomy; null for steps and effects that are no cause. */
  cause: slug.nullable(),
  text: z.string().trim().min(1).max(1000),
  at: Instant.nullable(),
  confidence: Confidence,
  evidence: z.array(Evidence).max(evidenceMax),
  /** The steps that it follows from. */
  follows: z.array(slug).max(8),
});
export type CauseStep = z.infer<typeof CauseStep>;

export const CauseChain = z.array(CauseStep).max(chainStepsMax);
export type CauseChain = z.infer<typeof CauseChain>;

/** Why it happened, as an incident is closed with: a cause of the taxonomy, or the reason why none could be found. */
export const Cause = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('known'),
    cause: slug,
    /** In a sentence of who closes it. */
    text: z.string().trim().min(1).max(2000),
    /** Other causes of the taxonomy without which it would have been smaller. */
    contributing: z.array(slug).max(8).default([]),
    evidence: z.array(Evidence).max(evidenceMax).default([]),
    confidence: Confidence,
  }),
  z.strictObject({ kind: z.literal('unknown'), reason: z.string().trim().min(1).max(2000) }),
]);
export type Cause = z.infer<typeof Cause>;

/** A preventive measure of an organisation: proposed, agreed, being done, done – or dropped, with the reason. */
export const preventionStates = ['proposed', 'agreed', 'doing', 'done', 'dropped'] as const;
export const PreventionState = z.enum(preventionStates);
export type PreventionState = z.infer<typeof PreventionState>;

export const Prevention = z.object({
  id: z.string(),
  /** Whose measure it is. */
  organisation: z.string(),
  /** Of the taxonomy's measures; null for one that it does not list. */
  measure: slug.nullable(),
  title: z.string().min(1).max(300),
  /** Causes of the taxonomy that it is to prevent. */
  causes: z.array(slug).min(1).max(20),
  /** The office that answers for it; not a person's name. */
  owner: z.string().min(1).max(200),
  state: PreventionState,
  since: z.number(),
  dueAt: z.number().nullable(),
  /** When it was done for the first time after it was last opened. */
  doneAt: z.number().nullable(),
  reason: z.string().max(2000).nullable(),
});
export type Prevention = z.infer<typeof Prevention>;

/** One incident as recurrence counts it. */
export const CausedIncident = z.object({
  incident: z.string(),
  number: z.string(),
  organisation: z.string().nullable(),
  cause: slug,
  part: z.enum(['leading', 'contributing']),
  confidence: Confidence,
  /** When the incident began and when it was closed, in seconds. */
  from: z.number(),
  closedAt: z.number(),
  /** Of the leading scheme; null: none was proven. */
  level: z.number().int().nullable(),
});
export type CausedIncident = z.infer<typeof CausedIncident>;

// What the API answers with.

export const CauseChainView = z.object({
  version: z.number().int().describe('0: nobody has written one.'),
  at: Instant.nullable(),
  by: z.string().nullable(),
  steps: CauseChain,
  /** The confidence of the weakest step between a root and what it led to; null without a root. */
  confidence: Confidence.nullable(),
  proposed: CauseChain.describe('What findings, facts and dependencies speak for; a person takes it over or leaves it.'),
  /** What the incident was closed with. */
  cause: Cause.nullable(),
});
export type CauseChainView = z.infer<typeof CauseChainView>;

export const PreventionView = Prevention.omit({ since: true, dueAt: true, doneAt: true }).extend({
  since: Instant,
  dueAt: Instant.nullable(),
  doneAt: Instant.nullable(),
  overdue: z.boolean(),
  incidents: z
    .number()
    .int()
    .describe('Closed incidents with one of its causes, of its organisation or, of the centre’s, of all.'),
  cameBack: z.number().int().describe('Of these, the ones that began after it was done.'),
  history: z.array(z.object({ at: Instant, by: z.string(), state: PreventionState, reason: z.string().nullable() })),
});
export type PreventionView = z.infer<typeof PreventionView>;

/** How often a cause came back, and what would prevent it. */
export const CauseView = z.object({
  cause: slug,
  leading: z.number().int(),
  contributing: z.number().int(),
  organisations: z.number().int(),
  /** Of the leading scheme, among its incidents; null: none proven. */
  gravest: z.number().int().nullable(),
  firstAt: Instant,
  lastAt: Instant,
  /** Incidents by month, the oldest first, up to the present one. */
  months: z.array(z.object({ month: z.string(), count: z.number().int() })),
  /** Within the time that the taxonomy names, so often that they count as recurring. */
  recurring: z.boolean(),
  recent: z.number().int().describe('Incidents within that time.'),
  preventions: z.object({ open: z.number().int(), done: z.number().int() }),
  incidents: z
    .array(
      z.object({
        id: z.string(),
        number: z.string(),
        part: CausedIncident.shape.part,
        closedAt: Instant,
        level: z.number().int().nullable(),
        confidence: Confidence,
      }),
    ) // oxfmt-ignore
    .describe('The newest of them.'),
});
export type CauseView = z.infer<typeof CauseView>;

/** A measure of the taxonomy by what it would have prevented. */
export const MeasureView = z.object({
  measure: slug,
  incidents: z.number().int().describe('Closed incidents whose leading or contributing cause it prevents; each counts once.'),
  causes: z.array(slug),
  preventions: z.array(z.string()),
});
export type MeasureView = z.infer<typeof MeasureView>;

export const RecurrenceView = z.object({
  at: Instant,
  closed: z.number().int(),
  unknown: z.number().int().describe('Closed as "unknown, because".'),
  causes: z.array(CauseView).describe('The most frequent first.'),
  measures: z.array(MeasureView).describe('What would have prevented most first.'),
});
export type RecurrenceView = z.infer<typeof RecurrenceView>;
