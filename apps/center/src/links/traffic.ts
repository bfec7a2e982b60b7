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
  const bucketSeconds = Math.max(30, Math.ceil((to - from) / buckets));
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
  const rows = await center.records.query(scope, {
    from: ['conn'],
    where: { kind: 'in', field: '_link', values: links, cased: true },
    range: { from, to: from + buckets * bucketSeconds },
    group: {
      by: ['_link'],
      every: bucketSeconds,
      aggregates: [
        { kind: 'count', as: 'flows' },
        { kind: 'sum', field: 'orig_ip_bytes', as: 'sent' },
        { kind: 'sum', field: 'resp_ip_bytes', as: 'received' },
      ],
    },
  });
  for (const row of rows) {
    const one = traffic.get(String(row['_link']));
    const index = Math.round((Number(row['window']) - from) / bucketSeconds);
    if (!one || index < 0 || index >= buckets) continue;
    one.flows[index] = Number(row['flows'] ?? 0);
    one.bytes[index] = Number(row['sent'] ?? 0) + Number(row['received'] ?? 0);
  }
  return traffic;
}
