/**
 * Key links: what of their traffic is kept. Records travel from every link; of a primary link a policy may also have the sensor keep
 * packets for a while, and may let named fields of content into the records.
 */

import { z } from 'zod';

/** A field of content that a policy lets into the records, why, and until when. */
export const ContentGrant = z.strictObject({
  log: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
  /** A column, an undeclared field of a log with an open-ended schema, or `_fields` for all of those. */
  field: z.string().regex(/^[a-z_@][a-z0-9_.@:/-]{0,127}$/i),
  purpose: z.string().trim().min(1).max(500),
  /** Seconds UTC; after it the field is dropped again. */
  until: z.number(),
});
export type ContentGrant = z.infer<typeof ContentGrant>;

/** A month: what is not looked at by then is no more an incident's, and a month of a full gigabit is 330 TB already. */
export const keepHoursMax = 720;

/** A segment of a ring is up to 64 MB; with room for fewer than four it would hold nothing but the one that is being written. */
export const keepBytesMin = 256_000_000;

/** One large disk of a sensor. */
export const keepBytesMax = 4_000_000_000_000;

/** What is kept of a link's traffic. Editions are never changed; the newest counts. */
export const LinkPolicy = z.strictObject({
  /** `elements`: records alone. `packets`: besides them a ring of packets at the sensor. */
  depth: z.enum(['elements', 'packets']),
  /** How long packets are kept, at most. */
  keepHours: z.number().int().min(1).max(keepHoursMax).default(24),
  /** How many bytes of packets, at most; the oldest leave first. */
  keepBytes: z.number().int().min(keepBytesMin).max(keepBytesMax).default(10_000_000_000),
  /** Why packets are kept; needed with `packets`. */
  purpose: z.string().trim().max(1_000).default(''),
  content: z.array(ContentGrant).max(50).default([]),
});
export type LinkPolicy = z.infer<typeof LinkPolicy>;

/** What counts for a link that nobody has set a policy of. */
export const defaultLinkPolicy: LinkPolicy = LinkPolicy.parse({ depth: 'elements' });
