/** What hosts, services and links did in single hours, counted by grouped queries over the stored flows. */

import { hourSeconds, seasonHours } from '@forewarn/detect/baselines/season';
import type { Hour, PastHour, Subject, SubjectKind, UnusualHourParameters } from '@forewarn/detect/baselines/unusual-hour';
import type { Predicate, Query } from '@forewarn/model/query/query';
import type { Taken } from '@forewarn/store/clickhouse/past';
import type { RecordRange, Records, RecordScope } from '@forewarn/store/clickhouse/records';

export type Reading = { records: Records; scope: RecordScope; networks: readonly string[]; taken: Taken };

/** Asked, and refused or unanswered: Zeek's states of a connection. */
const failedStates = ['S0', 'REJ', 'RSTOS0', 'RSTRH', 'SH', 'SHR'];

/** Subjects of one kind whose hour is looked at: those that did most. */
const subjectsMax = 2_000;

const is = (field: string, value: string): Predicate => ({ kind: 'text', field, op: 'equals', value, cased: true });
const all = (...of: Predicate[]): Predicate => ({ kind: 'and', of });
const any = (of: Predicate[]): Predicate => ({ kind: 'or', of });
const inside = (field: string, networks: readonly string[]): Predicate =>
  any(networks.map((network) => ({ kind: 'cidr', field, network })));

const kinds: { readonly [kind in SubjectKind]: { by: readonly string[]; out: readonly string[]; peer: string; of: string } } = {
  host: { by: ['id.orig_h'], out: ['orig_bytes'], peer: 'id.resp_h', of: 'id.orig_h' },
  service: { by: ['id.resp_h', 'id.resp_p'], out: ['resp_bytes'], peer: 'id.orig_h', of: 'id.resp_h' },
  link: { by: ['_link'], out: ['orig_bytes', 'resp_bytes'], peer: 'id.resp_h', of: '_link' },
};

/** The records of a subject. */
export function recordsOf({ kind, name }: Subject): Predicate {
  const [first = '', port = ''] = name.split(' ');
  return kind === 'service' ? all(is('id.resp_h', first), is('id.resp_p', port)) : is(kinds[kind].of, name);
}

/** The field of the host at the other end. */
export const peerOf = ({ kind }: Subject): string => kinds[kind].peer;

/** By subject and start of the hour. */
type Hours = Map<string, Map<number, Hour>>;

async function hoursOf(
  { records, scope, networks, taken }: Reading,
  kind: SubjectKind,
  within: Predicate,
  range: RecordRange,
  more: Pick<Query, 'having' | 'order' | 'limit'> = {},
): Promise<Hours> {
  const { by, out, peer, of } = kinds[kind];
  const own: Predicate = kind === 'link' ? { kind: 'exists', field: '_link' } : inside(of, networks);
  const ask = (where: Predicate, aggregates: NonNullable<Query['group']>['aggregates'], rest: typeof more) =>
    records.query(scope, { from: ['conn'], where, range, group: { by, every: hourSeconds, aggregates }, ...rest }, taken);
  const where = all(own, within);
  const rows = await ask(
    where,
    [
      { kind: 'count', as: 'connections' },
      { kind: 'distinct', field: peer, as: 'peers' },
      ...out.map((field) => ({ kind: 'sum' as const, field, as: `out ${field}` })),
    ],
    more,
  );
  const failed = await ask(
    all(where, { kind: 'in', field: 'conn_state', values: failedStates }),
    [{ kind: 'count', as: 'failed' }],
    {},
  );
  const nameOf = (row: { readonly [field: string]: unknown }): string => by.map((field) => String(row[field])).join(' ');
  const failedOf = new Map(failed.map((row) => [`${nameOf(row)} ${Number(row['window'])}`, Number(row['failed'])]));
  const hours: Hours = new Map();
  for (const row of rows) {
    const name = nameOf(row);
    const at = Number(row['window']);
    let known = hours.get(name);
    if (!known) hours.set(name, (known = new Map()));
    known.set(at, {
      out: out.reduce((sum, field) => sum + Number(row[`out ${field}`]), 0),
      connections: Number(row['connections']),
      peers: Number(row['peers']),
      failed: failedOf.get(`${name} ${at}`) ?? 0,
    });
  }
  return hours;
}

/** What one subject did in an hour. */
export async function hourOf(reading: Reading, subject: Subject, hour: number): Promise<Hour | undefined> {
  const hours = await hoursOf(reading, subject.kind, recordsOf(subject), { from: hour, to: hour + hourSeconds });
  return hours.get(subject.name)?.get(hour);
}

/** Those that did enough in an hour to be looked at. */
export async function hourNow(
  reading: Reading,
  kind: SubjectKind,
  hour: number,
  parameters: UnusualHourParameters,
): Promise<Map<string, Hour>> {
  const order = (field: string, value: number): Predicate => ({ kind: 'order', field, op: 'gte', value });
  const enough = any([
    order('connections', Math.min(parameters.failedMin, parameters.connectionsMin, parameters.destinationsMin)),
    ...kinds[kind].out.map((field) => order(`out ${field}`, parameters.outMin / kinds[kind].out.length)),
  ]);
  const hours = await hoursOf(
    reading,
    kind,
    all(),
    { from: hour, to: hour + hourSeconds },
    {
      having: enough,
      order: [{ field: 'connections', descending: true }],
      limit: subjectsMax,
    },
  );
  return new Map([...hours].map(([name, own]) => [name, own.get(hour)!]));
}

/** What they did at that hour of the weeks before, until `before` where their baseline is pinned, and not before `since` where it was reset. */
export async function hoursBefore(
  reading: Reading,
  kind: SubjectKind,
  names: readonly string[],
  hour: number,
  weeks: number,
  { before = hour, since }: { before?: number | undefined; since?: (name: string) => number } = {},
): Promise<Map<string, PastHour[]>> {
  const past = new Map<string, PastHour[]>();
  if (names.length === 0) return past;
  const asked = seasonHours(hour, weeks, before);
  const times = any(
    asked.map(({ from, to }) =>
      all({ kind: 'order', field: 'ts', op: 'gte', value: from }, { kind: 'order', field: 'ts', op: 'lt', value: to }),
    ),
  );
  const range = { from: asked.at(-1)!.from, to: asked[0]!.to };
  const of = {
    kind: 'in' as const,
    field: kinds[kind].of,
    values: [...new Set(names.map((name) => name.split(' ')[0]!))],
    cased: true,
  };
  const hours = await hoursOf(reading, kind, all(times, of), range);
  // An hour in which nobody was seen says nothing: the sensor was away.
  const seen = new Set(
    (
      await reading.records.query(
        reading.scope,
        { from: ['conn'], where: times, range, group: { by: [], every: hourSeconds, aggregates: [{ kind: 'count', as: 'n' }] } },
        reading.taken,
      )
    ).map((row) => Number(row['window'])),
  );
  const nothing: Hour = { out: 0, connections: 0, peers: 0, failed: 0 };
  for (const name of names) {
    const own = hours.get(name);
    if (!own) continue;
    const first = Math.min(...own.keys());
    const oldest = Math.max(since?.(name) ?? -Infinity, first - hourSeconds * 2);
    const samples: PastHour[] = [];
    for (const { week, from } of asked) {
      for (const shift of [-1, 0, 1]) {
        const at = from + (shift + 1) * hourSeconds;
        if (at < oldest || !seen.has(at)) continue;
        samples.push({ week, shift, hour: own.get(at) ?? nothing });
      }
    }
    past.set(name, samples);
  }
  return past;
}
