/** Lists of indicators as the API tells of them. */

import { z } from 'zod';
import { Credibility, indicatorKinds, Reliability } from './indicator.ts';
import { Tlp } from './markings.ts';
import { Words } from './text.ts';

/** An entry that was left out, and why. */
export const RefusedEntry = z.object({
  code: z.string(),
  message: z.string(),
  advice: z.string(),
  line: z.number().int().nullable(),
  /** Id of the object, where the list is no table. */
  field: z.string().nullable(),
});
export type RefusedEntry = z.infer<typeof RefusedEntry>;

/** How far a search of the past is. Instants are seconds. */
export const IndicatorSearch = z.object({
  state: z.enum(['waiting', 'running', 'done', 'failed', 'stopped']),
  from: z.number(),
  to: z.number(),
  /** Values and patterns that are asked for, and those that are beyond what one search asks. */
  asked: z.number().int(),
  beyond: z.number().int(),
  /** Parts of the range that are read, of how many. */
  done: z.number().int(),
  parts: z.number().int(),
  /** Taken from the tables. */
  rowsRead: z.number(),
  bytesRead: z.number(),
  /** Records that hold a value, findings that came of them, and those of them that were known. */
  records: z.number().int(),
  findings: z.number().int(),
  known: z.number().int(),
  /** More records than one part takes: the rest were left out. */
  cut: z.boolean(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  trouble: z.string().nullable(),
});
export type IndicatorSearch = z.infer<typeof IndicatorSearch>;

export const IndicatorListView = z.object({
  id: z.string(),
  organisation: z.string(),
  name: z.string(),
  source: z.string(),
  reliability: Reliability.nullable(),
  credibility: Credibility.nullable(),
  marking: Tlp,
  validFrom: z.number().nullable(),
  validUntil: z.number().nullable(),
  format: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  loaded: z.number().int(),
  refused: z.number().int(),
  refusals: z.array(RefusedEntry),
  at: z.number(),
  by: z.string(),
  retired: z.object({ at: z.number(), by: z.string(), reason: z.string() }).nullable(),
  search: IndicatorSearch.nullable(),
  /** Findings that it made. */
  hits: z.number().int(),
});
export type IndicatorListView = z.infer<typeof IndicatorListView>;

/** What a list would bring, before it is taken in. */
export const IndicatorPreview = z.object({
  format: z.string(),
  /** The narrowest marking that the document itself carries: what it may not be brought with a wider one than. */
  marking: Tlp.nullable(),
  loaded: z.number().int(),
  refused: z.number().int(),
  refusals: z.array(RefusedEntry),
  kinds: z.partialRecord(z.enum([...indicatorKinds, 'pattern']), z.number().int()),
});
export type IndicatorPreview = z.infer<typeof IndicatorPreview>;

/** What all lists say of one value. */
export const IndicatorLookUp = z.object({
  kind: z.enum(indicatorKinds),
  value: z.string(),
  /** Why it should not be an indicator. */
  warning: z.string().nullable(),
  allowed: z.object({ reason: z.string(), at: z.number(), by: z.string() }).nullable(),
  listed: z.array(
    z.object({
      list: z.string(),
      source: z.string(),
      kind: z.enum(indicatorKinds),
      value: z.string(),
      validFrom: z.number().nullable(),
      validUntil: z.number().nullable(),
      confidence: z.number(),
      /** It makes no finding at this moment: outside its validity, or too old. */
      rests: z.boolean(),
      parts: Words,
      technique: z.string().nullable(),
      note: z.string().nullable(),
    }),
  ),
});
export type IndicatorLookUp = z.infer<typeof IndicatorLookUp>;
