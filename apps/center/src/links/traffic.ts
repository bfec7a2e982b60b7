/** What passed over links, from the records of their flows. */

import { formatInstant, type Seconds } from '@forewarn/base/time';
import type { LinkView } from '@forewarn/model/api';
import type { RecordScope } from '@forewarn/store/clickhouse/records';
import type { Center } from '../center-parts.ts';

type Traffic = LinkView['traffic'];

export type Span = { from: Seconds; bucketSeconds: number; buckets: number };

/** Equal parts of a range, on whole multiples of their width so that a later question has the same edges. */
export function spanOf({ from, to, buckets }: { from: Seconds; to: Seconds; buckets: number }): Span {
  // Flows are told when they end: finer parts than half a minute would show the rhythm of batches.
  const width = Math.ceil((to - from) / buckets);
  // Whole minutes are read from their sums.
  const bucketSeconds = width > 60 ? Math.ceil(width / 60) * 60 : Math.max(30, width);
  const first = Math.floor(from / bucketSeconds);
  return { from: first * bucketSeconds, bucketSeconds, buckets: Math.floor(to / bucketSeconds) - first + 1 };
}

/** Flows and bytes of each link, by when the flow began; one question for all links. */
export async function trafficOf(
  center: Center,
  scope: RecordScope,
  { links, span }: { links: readonly string[]; span: Span },
): Promise<Map<string, Traffic>> {
  const { from, bucketSeconds, buckets } = span;
  const empty = (): number[] => Array.from({ length: buckets }, () => 0);
  const traffic = new Map<string, Traffic>(
    links.map((link) => [link, { from: formatInstant(from), bucketSeconds, flows: empty(), bytes: empty() }]),
  );
  if (links.length === 0) return traffic;
  const rows = await center.records.sums(scope, {
    log: 'conn',
    range: { from, to: from + buckets * bucketSeconds },
    seconds: bucketSeconds,
    by: '_link',
    of: links,
    fields: ['orig_ip_bytes', 'resp_ip_bytes'],
  });
  for (const { of, bucket, count, sums } of rows) {
    const one = traffic.get(of);
    if (!one) continue;
    one.flows[bucket] = count;
    one.bytes[bucket] = sums.reduce((all, sum) => all + sum, 0);
  }
  return traffic;
}
