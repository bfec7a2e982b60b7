/** Hunts over the API: a question asked, and questions that are kept. */

import { z } from 'zod';
import { Instant } from './api.ts';
import { kqlCharactersMax } from './kql/tokens.ts';

/** Rows of an answer when the question names no number; more are had with `take`. */
export const huntRows = 1_000;

export const limits = [
  {
    name: 'hunt.rows',
    value: huntRows,
    unit: 'rows',
    why: 'Of an answer when the question names no number; more are had with take.',
  },
];

export const HuntText = z.string().trim().min(1).max(kqlCharactersMax);

export const HuntAnswer = z.object({
  /** The columns in order; of records as they are, those of the log are shown. */
  columns: z.array(z.object({ field: z.string(), name: z.string(), type: z.string() })).nullable(),
  logs: z.array(z.string()),
  rows: z.array(z.record(z.string(), z.unknown())),
  /** More rows hold than are here. */
  more: z.boolean(),
  range: z.object({ from: Instant, to: Instant }),
  /** The column that time was cut into, in parts of so many seconds. */
  bin: z.object({ name: z.string(), seconds: z.number() }).nullable(),
  /** Whether rows are groups. */
  grouped: z.boolean(),
  /** What the answer cost. */
  read: z.object({ rows: z.number(), bytes: z.number(), ms: z.number() }),
});
export type HuntAnswer = z.infer<typeof HuntAnswer>;

export const SavedHuntBody = z.strictObject({ name: z.string().trim().min(1).max(200), text: HuntText, shared: z.boolean() });

export const SavedHuntView = SavedHuntBody.extend({
  id: z.string(),
  account: z.string(),
  /** Whether the asker may change it. */
  own: z.boolean(),
  createdAt: Instant,
  changedAt: Instant,
});
export type SavedHuntView = z.infer<typeof SavedHuntView>;
