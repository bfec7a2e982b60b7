/** What a sensor tells the centre of itself: as a record among the others, and past the spool, where the answer brings clock and settings. */

import { randomUUID } from 'node:crypto';
import type { Batch } from '@forewarn/model/batch';
import type { AnyRecord } from '@forewarn/model/records/record';
import { SensorOrders, type SensorReport } from '@forewarn/model/sensor';
import type { Centre } from './centre.ts';
import type { Skew } from './health.ts';

/** A record of the log `stats` in a batch of its own: a recording's batches must be the same at each reading. */
export const statsBatch = (record: AnyRecord): Batch => ({
  id: (randomUUID() + randomUUID()).replaceAll('-', ''),
  source: 'stats',
  logs: { stats: [record] },
});

/** Tells the centre; what it answers, and how far the clocks are apart. Undefined when it did not answer as a centre does. */
export async function tellCentre(
  centre: Centre,
  report: SensorReport,
  { signal, clock }: { signal: AbortSignal; clock: { now(): number } },
): Promise<{ orders: SensorOrders; skew: Skew } | undefined> {
  const sentAt = clock.now();
  const answer = await centre.post('/intake/reports', Buffer.from(JSON.stringify(report)), signal);
  if (answer.kind === 'away' || answer.status !== 200) return undefined;
  try {
    const orders = SensorOrders.parse(JSON.parse(answer.text));
    // The centre looked at its clock somewhere between question and answer (as in NTP, RFC 5905 §8, with two of four times).
    const half = answer.tookMs / 2000;
    return { orders, skew: { seconds: sentAt + half - orders.now, within: half } };
  } catch {
    return undefined;
  }
}
