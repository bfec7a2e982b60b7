/** A batch of records on its way from a sensor to the stores. */

import { z } from 'zod';
import { Tlp } from './markings.ts';
import { NetworkType, Slug } from './estate.ts';

/** What the product adds to a record, and nothing more; the names begin with `_` so that they cannot meet Zeek's. */
export const Envelope = z.object({
  sensor: Slug,
  organisation: Slug,
  link: Slug.nullable(),
  networkType: NetworkType,
  /** The file or interface it was read from. */
  source: z.string().max(300),
  marking: Tlp,
});
export type Envelope = z.infer<typeof Envelope>;

/**
 * What a sensor sends: `{ id, source, logs: { conn: [record, …], dns: […] } }`. The id is made from content and origin
 * (SHA-256 in hexadecimal), every hop may repeat the batch and every store drops repeats. Sensor, organisation, link
 * and marking are the centre's to say: they follow from the sensor's token.
 */
export const batchRecordsMax = 20_000;

export const Batch = z.object({
  id: z.string().regex(/^[0-9a-f]{64}$/),
  source: z.string().max(300),
  logs: z.record(z.string().max(64), z.array(z.record(z.string(), z.unknown())).max(batchRecordsMax)),
});
export type Batch = z.infer<typeof Batch>;

/** An acknowledgement means: on disk (fsynced), and dropped when it came before. */
export const Acknowledgement = z.object({ batch: z.string(), records: z.number().int(), repeated: z.boolean() });
export type Acknowledgement = z.infer<typeof Acknowledgement>;
