/**
 * What the pages ask for, as `apps/web/src/pages` asks it: a view is a page at an address, with the requests that it makes at once when it is
 * opened, and single requests are what a person does on it (a column's head, the next page, a record opened).
 */

import { sensors } from './estate.ts';
import { days, until } from './fill.ts';

export type View = { page: string; view: string; requests: readonly string[] };

const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
const query = (values: { readonly [name: string]: string | number | undefined }): string =>
  `?${new URLSearchParams(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])))}`;

type Span = { name: string; from: string; to: string };
const spanOf = (name: string, seconds: number): Span => ({ name, from: at(until - seconds), to: at(until) });
export const spans = { hour: spanOf('hour', 3600), day: spanOf('day', 86_400), all: spanOf('all', days * 86_400) } as const;

/** A column's head asks for the most frequent values: soon, and then exactly where the first answer was an estimate. */
const top = (log: string, field: string, { from, to }: Span, q?: string, rough = true): string =>
  `/records/${log}/top${query({ from, to, q, field, n: 8, rough: String(rough) })}`;
const list = (log: string, { from, to }: Span, q?: string, cursor?: string): string =>
  `/records/${log}${query({ from, to, q, limit: 200, cursor })}`;
const histogram = (log: string, { from, to }: Span, q?: string, rough = true): string =>
  `/records/${log}/histogram${query({ from, to, q, buckets: 96, rough: String(rough) })}`;
const logs = ({ from, to }: Span): string => `/record-logs${query({ from, to })}`;

const traffic = (log: string, span: Span, what: string, q?: string): View => ({
  page: 'Traffic',
  view: `${log}, ${span.name}${what === '' ? '' : `, ${what}`}`,
  requests: [logs(span), histogram(log, span, q), list(log, span, q)],
});

const one = (view: string, request: string, page = 'Traffic'): View => ({ page, view, requests: [request] });

/** What stands in the folder and is asked for: a flow somewhere in the week, a host that is met often and one that is met hardly. */
export type Known = {
  uid: string;
  communityId: string;
  busyHost: string;
  rareHost: string;
  rareServer: string;
  cursor: string;
  sensor: string;
  link: string;
};

type Row = { [field: string]: string };

/** Takes from the folder what the views name. */
export async function findKnown(ask: (path: string) => Promise<unknown>): Promise<Known> {
  const rowsOf = async (path: string) => (await ask(path)) as { items: Row[]; next: string | null };
  // Some days back, so that it does not stand at the end where all questions begin.
  const middle = spanOf('', (days / 2) * 86_400);
  const { items, next } = await rowsOf(list('conn', { ...middle, to: at(until - (days / 2) * 86_400 + 3600) }));
  const flow = items.find((row) => row['service'] === 'http') ?? items[0]!;
  const busy = (await ask(top('conn', 'id.orig_h', spans.hour))) as { items: { value: string }[] };
  return {
    uid: flow['uid']!,
    communityId: flow['community_id']!,
    busyHost: busy.items[0]!.value,
    rareHost: items.map((row) => row['id.orig_h']!).toSorted((a, b) => b.length - a.length)[0]!,
    rareServer: items.find((row) => row['service'] === 'ssl')!['id.resp_h']!,
    cursor: next!,
    sensor: sensors[0]!.id,
    link: sensors[0]!.link,
  };
}

export function viewsOf(known: Known): View[] {
  const { hour, day, all } = spans;
  const whole = [hour, day, all];
  const filters: [string, string][] = [
    ['busy host', `id.orig_h:${known.busyHost}`],
    ['rare host', `id.orig_h:${known.rareHost}`],
    ['rare server, either side', `id.orig_h:${known.rareServer} or id.resp_h:${known.rareServer}`],
    ['network', 'id.orig_h:10.3.7.0/24'],
    ['port', 'id.resp_p:22'],
    ['no such port', 'id.resp_p:31337'],
    ['service and bytes', 'service:ssl and resp_bytes>500000'],
    ['community_id', `community_id:"${known.communityId}"`],
    ['word', known.rareServer],
    ['no such word', 'nosuchwordanywhere'],
  ];
  const fields = [
    'id.orig_h',
    'id.orig_p',
    'id.resp_h',
    'id.resp_p',
    'proto',
    'service',
    'conn_state',
    'orig_bytes',
    'resp_bytes',
    'history',
    'uid',
    'community_id',
    '_sensor',
  ];
  return [
    ...whole.map((span) => traffic('conn', span, '')),
    ...['dns', 'http', 'ssl', 'x509', 'files', 'quic', 'ntp', 'ssh', 'modbus', 'weird', 'stats'].flatMap((log) =>
      [day, all].map((span) => traffic(log, span, '')),
    ),
    ...filters.flatMap(([what, q]) => [day, all].map((span) => traffic('conn', span, what, q))),
    ...filters.map(([what, q]) => one(`conn, all, ${what}: exact bars after the rough ones`, histogram('conn', all, q, false))),
    traffic('dns', all, 'name', 'query:www.site1000.test'),
    traffic('dns', all, 'text in a name', 'query contains "site4242."'),
    traffic('http', all, 'pattern', 'uri:*check/199*'),
    traffic('http', all, 'expression', 'uri~/items\\/19[0-9]{3}$/'),
    traffic('ssl', all, 'name', 'server_name:*.site777.*'),
    ...fields.flatMap((field) =>
      [day, all].map((span) => one(`conn, ${span.name}, most frequent ${field}`, top('conn', field, span))),
    ),
    ...['id.orig_h', 'id.resp_h', 'service', 'uid'].map((field) =>
      one(`conn, all, most frequent ${field}: exact after the rough ones`, top('conn', field, all, undefined, false)),
    ),
    ...['query', 'qtype_name', 'rcode_name', 'answers', 'id.orig_h'].map((field) =>
      one(`dns, all, most frequent ${field}`, top('dns', field, all)),
    ),
    ...['host', 'uri', 'user_agent', 'status_code'].map((field) =>
      one(`http, all, most frequent ${field}`, top('http', field, all)),
    ),
    ...['server_name', 'ja4', 'cipher'].map((field) => one(`ssl, all, most frequent ${field}`, top('ssl', field, all))),
    one('conn, all, busy host, most frequent id.resp_h', top('conn', 'id.resp_h', all, `id.orig_h:${known.busyHost}`)),
    one('conn, all, next page', list('conn', all, undefined, known.cursor)),
    one('conn, all, record opened: its flow', `/flows/${known.uid}`),
    one('kinds of records', '/record-types'),
    ...[day, all].map((span) => ({
      page: 'Sensors',
      view: `list, ${span.name}`,
      requests: ['/sensors', `/sensor-histories${query({ from: span.from, to: span.to, buckets: 40 })}`],
    })),
    ...whole.map((span) => ({
      page: 'Sensors',
      view: `one, ${span.name}`,
      requests: [`/sensors/${known.sensor}`, history(known.sensor, span, 120)],
    })),
    ...whole.map((span) => ({
      page: 'Links',
      view: `list, ${span.name}`,
      requests: [`/links${query({ from: span.from, to: span.to, buckets: 40, limit: 500 })}`],
    })),
    ...whole.map((span) => ({
      page: 'Links',
      view: `one, ${span.name}`,
      requests: [`/links/${known.link}${query({ from: span.from, to: span.to, buckets: 96 })}`],
    })),
  ];
}

const history = (sensor: string, { from, to }: Span, buckets: number): string =>
  `/sensors/${sensor}/history${query({ from, to, buckets })}`;
