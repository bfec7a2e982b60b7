/** What experts decide about grouping: weights, windows, what abuse of own systems is, the order of ATT&CK's tactics. */

import { z } from 'zod';
import { readContent } from '@forewarn/model/yaml';

const technique = z.string().regex(/^T\d{4}(\.\d{3})?$/);

const Abuse = z.strictObject({
  /** Named in the catalogues as `candidate.abuse.<id>`. */
  id: z.string().regex(/^[a-z-]+$/),
  whose: z.enum(['source', 'target', 'either']),
  techniques: z.array(technique),
  /** Ids of the rules whose technique means this; without them, of all: a host that opens a phishing mail names the technique as well. */
  by: z.array(z.string()).optional(),
});

const Matrix = z.strictObject({
  id: z.enum(['enterprise', 'ics', 'mobile']),
  tactics: z.array(z.string().regex(/^[a-z-]+$/)).min(1),
  /** How the ids of its techniques begin, or which they are; a matrix with neither takes the others. */
  numbered: z.string().optional(),
  techniques: z.array(technique).optional(),
});
export type Matrix = z.infer<typeof Matrix>;

const Settings = z.strictObject({
  candidates: z.strictObject({
    version: z.string(),
    window: z.number().positive(),
    threshold: z.number().positive(),
    weights: z.strictObject({
      level: z.strictObject({
        informational: z.number(),
        low: z.number(),
        medium: z.number(),
        high: z.number(),
        critical: z.number(),
      }),
      stage: z.number(),
      harm: z.number(),
      kinds: z.number(),
      host: z.number(),
      abuse: z.number(),
    }),
    repeat: z.number().min(0).max(1),
    spread: z.number().positive(),
    abuse: z.array(Abuse).max(100),
    matrices: z.array(Matrix).min(1).max(3),
  }),
});

export type CandidateSettings = z.infer<typeof Settings>['candidates'];

/** Reads the weights; throws the first refusal with file and line. */
export function readCandidateSettings(text: string, file: string): CandidateSettings {
  const read = readContent(Settings, text, file);
  if (!read.ok) throw read.refusals[0]!;
  return read.value.candidates;
}
