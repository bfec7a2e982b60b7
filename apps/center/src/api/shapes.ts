/** Shapes that many routes share: ids, instants in queries, pages. */

import { z } from 'zod';
import { parseInstant, type Seconds } from '@forewarn/base/time';
import { Refusal } from '@forewarn/base/refusal';
import { Instant } from '@forewarn/model/api';
import { pageItemsMax } from '@forewarn/store/resources/page';

export const Id = z.object({ id: z.string().min(1).max(100) });

/** RFC 3339 outside, seconds inside. */
export const At = Instant.transform((text, context): Seconds => {
  try {
    return parseInstant(text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    context.addIssue({ code: 'custom', message: `${error.message} ${error.advice}` });
    return z.NEVER;
  }
});

export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(pageItemsMax).default(50),
  cursor: z.string().max(500).optional(),
});

export const RangeQuery = z.object({ from: At.optional(), to: At.optional() });

/** A text somebody typed: searched as it is, never read as a pattern. */
export const SearchText = z.string().trim().min(1).max(500);
