/**
 * The suite of windows that every engine of the algebra passes: records in the order in which they come, and the instants at which the window holds.
 * Each case is one sentence of `window.ts`'s definition.
 */

import type { AnyRecord } from '../records/record.ts';
import type { Predicate } from './query.ts';
import type { Bound, WindowQuery, WindowSource } from './window.ts';

export type WindowCase = {
  name: string;
  window: WindowQuery;
  /** In the order in which they come. */
  records: readonly { log: string; record: AnyRecord }[];
  /** Where it holds: group and instant of the newest event; and of some, the number that was compared. */
  holds: readonly { group: readonly string[]; at: number; number?: number }[];
  /** Holds on the stream alone, which cannot take back what it told before another event came. */
  early?: readonly { group: readonly string[]; at: number }[];
};

const is = (field: string, value: string | number): Predicate => ({ kind: 'text', field, op: 'equals', value });

/** Flows to a port, by host; `values` of them are looked at. */
export const flows = (port: number, values: readonly string[] = [], by: readonly string[] = ['id.orig_h']): WindowSource => ({
  kind: 'records',
  parts: [{ logs: ['conn'], where: is('id.resp_p', port), by, values }],
});

const gte = (value: number): Bound => ({ op: 'gte', value });

export const windowOf = (
  type: WindowQuery['type'],
  of: readonly WindowSource[],
  bounds: readonly Bound[],
  more: Partial<WindowQuery> = {},
): WindowQuery => ({ type, seconds: 60, bounds, percentile: undefined, of, ...more });

const hosts = { a: '10.0.0.1', b: '10.0.0.2' } as const;
type Host = keyof typeof hosts;

/** A flow at an instant; of host a to port 1 unless said otherwise. */
const flow = (ts: number, port = 1, more: AnyRecord & { host?: Host } = {}): { log: string; record: AnyRecord } => {
  const { host = 'a', ...rest } = more;
  return {
    log: 'conn',
    record: {
      ts,
      uid: `C${ts}`,
      'id.orig_h': hosts[host],
      'id.orig_p': 40_000,
      'id.resp_h': '192.0.2.1',
      'id.resp_p': port,
      proto: 'tcp',
      ...rest,
    },
  };
};
const name = (ts: number, query: string | undefined, more: AnyRecord = {}): { log: string; record: AnyRecord } => {
  const { 'id.resp_p': _port, ...record } = flow(ts).record;
  return { log: 'dns', record: { ...record, 'id.resp_p': 53, ...(query === undefined ? {} : { query }), ...more } };
};

const at = (...instants: number[]) => instants.map((instant) => ({ group: [hosts.a], at: instant }));
const three = windowOf('event_count', [flows(1)], [gte(3)]);
const distinct = (bound: Bound, ...fields: string[]): WindowQuery => windowOf('value_count', [flows(1, fields)], [bound]);
const bytes = (type: WindowQuery['type'], bounds: readonly Bound[], percentile?: number): WindowQuery =>
  windowOf(type, [flows(1, ['orig_bytes'])], bounds, { percentile });
const sent = (ts: number, orig_bytes?: number) => flow(ts, 1, orig_bytes === undefined ? {} : { orig_bytes });
const to = (ts: number, address: string, more: AnyRecord = {}) => flow(ts, 1, { 'id.resp_h': address, ...more });
const temporal = windowOf('temporal', [flows(1), flows(2), flows(3)], [gte(3)]);
const ordered = windowOf('temporal_ordered', [flows(1), flows(2), flows(3)], [gte(3)]);
/** Three flows to port 1 of one service, then one to port 2 of the same host. */
const chain: WindowQuery = windowOf(
  'temporal_ordered',
  [
    { kind: 'window', window: windowOf('event_count', [flows(1, [], ['service'])], [gte(3)]), by: ['id.orig_h'], values: [] },
    flows(2),
  ],
  [gte(2)],
);
const ssl = (ts: number, host: Host = 'a') => flow(ts, 1, { service: 'ssl', host });

export const windowCases: readonly WindowCase[] = [
  // Edges.
  {
    name: 'both ends belong to a window',
    window: three,
    records: [flow(0), flow(30), flow(60)],
    holds: [{ ...at(60)[0]!, number: 3 }],
  },
  { name: 'a moment more does not', window: three, records: [flow(0), flow(30), flow(60.5)], holds: [] },
  { name: 'it slides', window: three, records: [0, 55, 65, 70, 130].map((ts) => flow(ts)), holds: at(70) },
  {
    name: 'it is looked at with every event',
    window: three,
    records: [0, 1, 2, 3, 90].map((ts) => flow(ts)),
    holds: [
      { group: [hosts.a], at: 2, number: 3 },
      { group: [hosts.a], at: 3, number: 4 },
    ],
  },
  {
    name: 'times are of a second’s parts too',
    window: three,
    records: [1_700_000_000.25, 1_700_000_030, 1_700_000_060.25].map((ts) => flow(ts)),
    holds: at(1_700_000_060.25),
  },
  {
    name: 'gt is not gte',
    window: windowOf('event_count', [flows(1)], [{ op: 'gt', value: 2 }]),
    records: [flow(0), flow(1)],
    holds: [],
  },
  // Order in which they come.
  { name: 'out of order', window: three, records: [flow(60), flow(30), flow(0)], holds: at(60) },
  { name: 'late, between others', window: three, records: [0, 100, 20, 10].map((ts) => flow(ts)), holds: at(20) },
  { name: 'late, before all others', window: three, records: [0, 30, 61, -1].map((ts) => flow(ts)), holds: at(30) },
  { name: 'late, for several windows', window: three, records: [0, 30, 50, 61, 20].map((ts) => flow(ts)), holds: at(30, 50, 61) },
  // Ties.
  { name: 'events of one instant are in one window', window: three, records: [flow(5), flow(5), flow(5)], holds: at(5) },
  {
    name: 'the oldest instant leaves as a whole',
    window: three,
    records: [0, 0, 0, 60, 61].map((ts) => flow(ts)),
    holds: at(0, 60),
  },
  // Groups.
  {
    name: 'groups apart',
    window: three,
    records: [flow(0), flow(1, 1, { host: 'b' }), flow(2), flow(3, 1, { host: 'b' }), flow(4)],
    holds: at(4),
  },
  {
    name: 'what lacks a field is in no group, and an empty text is none',
    window: windowOf('event_count', [flows(1, [], ['id.orig_h', 'service'])], [gte(2)]),
    records: [flow(0), flow(1, 1, { service: '' }), flow(2, 1, { service: 'ssl' }), flow(3), flow(4, 1, { service: 'ssl' })],
    holds: [{ group: [hosts.a, 'ssl'], at: 4 }],
  },
  {
    name: 'a field that the log does not have',
    window: windowOf('event_count', [flows(1, [], ['nothing'])], [gte(1)]),
    records: [flow(0)],
    holds: [],
  },
  {
    name: 'without fields, all are one group',
    window: windowOf('event_count', [flows(1, [], [])], [gte(2)]),
    records: [flow(0), flow(1, 1, { host: 'b' })],
    holds: [{ group: [], at: 1 }],
  },
  {
    name: 'a vector of one element is that element, a longer one a value as a whole',
    window: windowOf(
      'event_count',
      [{ kind: 'records', parts: [{ logs: ['dns'], where: { kind: 'and', of: [] }, by: ['answers'], values: [] }] }],
      [gte(2)],
    ),
    records: [
      name(0, 'x', { answers: ['192.0.2.1'] }),
      name(1, 'x', { answers: ['192.0.2.1'] }),
      name(2, 'x', { answers: ['a/b', '"c"'] }),
      name(3, 'x', { answers: ['a/b'] }),
      name(4, 'x', { answers: ['a/b', '"c"'] }),
      name(5, 'x', { answers: [] }),
      name(6, 'x'),
    ],
    holds: [
      { group: ['192.0.2.1'], at: 1 },
      { group: ['["a/b","\\"c\\""]'], at: 4 },
    ],
  },
  // Values.
  {
    name: 'different values, of those that are there',
    window: distinct(gte(2), 'service'),
    records: [flow(0, 1, { service: 'a' }), flow(1, 1, { service: 'a' }), flow(2), flow(3, 1, { service: 'b' })],
    holds: [{ ...at(3)[0]!, number: 2 }],
  },
  {
    name: 'a value leaves with its last event',
    window: distinct(gte(2), 'id.resp_h'),
    records: [
      to(0, '1.1.1.1'),
      to(50, '2.2.2.2'),
      to(60, '2.2.2.2'),
      to(61, '2.2.2.2'),
      to(115, '1.1.1.1'),
      to(121, '1.1.1.1'),
      to(122, '1.1.1.1'),
    ],
    holds: at(50, 60, 115, 121),
  },
  {
    name: 'several fields are one value together',
    window: distinct(gte(3), 'id.resp_h', 'service'),
    records: [
      to(0, '1.1.1.1', { service: 'a' }),
      to(1, '1.1.1.1', { service: 'b' }),
      to(2, '1.1.1.1'),
      to(3, '1.1.1.1', { service: 'b' }),
      to(4, '2.2.2.2', { service: 'a' }),
    ],
    holds: at(4),
  },
  {
    name: 'sums, of those with a number',
    window: bytes('value_sum', [{ op: 'gt', value: 100 }]),
    records: [sent(0, 60), sent(1), sent(2, 40), sent(3, 1), sent(63, 50)],
    holds: [{ ...at(3)[0]!, number: 101 }],
  },
  {
    name: 'averages',
    window: bytes('value_avg', [gte(50)]),
    records: [sent(0, 10), sent(1, 90), sent(2, 5)],
    holds: [{ ...at(1)[0]!, number: 50 }],
  },
  {
    name: 'numbers that are written as texts',
    window: windowOf('value_sum', [flows(1, ['history'])], [gte(100)]),
    records: [flow(0, 1, { history: '60' }), flow(1, 1, { history: 'ShADadFf' }), flow(2, 1, { history: '4e1' })],
    holds: at(2),
  },
  {
    name: 'a percentile, by nearest rank, that is at least',
    window: bytes('value_percentile', [gte(9)], 75),
    records: [5, 1, 9, 9, 9].map((n, ts) => sent(ts, n)),
    holds: at(2, 3, 4),
  },
  {
    name: 'the share of its own value, with every event',
    window: windowOf('value_percentile', [flows(1, ['service'])], [{ op: 'lte', value: 20 }]),
    records: [...'xxxxyx'].map((service, ts) => flow(ts, 1, { service })),
    holds: [{ ...at(4)[0]!, number: 20 }],
  },
  {
    name: 'the share among all of its instant',
    window: windowOf('value_percentile', [flows(1, ['service'])], [{ op: 'lte', value: 34 }]),
    records: [...'xyy'].map((service) => flow(0, 1, { service })),
    holds: at(0),
  },
  // Windows that must be over.
  {
    name: 'with an upper bound it begins with the first event that is in none before',
    window: windowOf(
      'event_count',
      [flows(1)],
      [
        { op: 'gt', value: 1 },
        { op: 'lte', value: 2 },
      ],
    ),
    records: [0, 10, 20, 100, 159, 161, 300].map((ts) => flow(ts)),
    holds: [{ ...at(159)[0]!, number: 2 }],
  },
  {
    name: 'exactly so many',
    window: windowOf('event_count', [flows(1)], [{ op: 'eq', value: 2 }]),
    records: [0, 60, 61, 90, 95, 200].map((ts) => flow(ts)),
    holds: at(60),
  },
  {
    name: 'not so many different',
    window: windowOf('value_count', [flows(1, ['service'])], [{ op: 'neq', value: 1 }]),
    records: [flow(0, 1, { service: 'a' }), flow(30, 1, { service: 'b' }), flow(70, 1, { service: 'b' })],
    holds: at(30),
  },
  {
    name: 'an average below',
    window: bytes('value_avg', [{ op: 'lt', value: 10 }]),
    records: [sent(0, 50), sent(1, 1), sent(61, 5), sent(70, 6)],
    holds: [{ ...at(70)[0]!, number: 5.5 }],
  },
  {
    name: 'a percentile below',
    window: bytes('value_percentile', [{ op: 'lt', value: 4 }], 50),
    records: [5, 1, 9, 3].map((n, ts) => sent(ts, n)),
    holds: [{ ...at(3)[0]!, number: 3 }],
  },
  {
    name: 'few of several',
    window: windowOf('temporal', [flows(1), flows(2)], [{ op: 'lt', value: 2 }]),
    records: [flow(0), flow(30, 2), flow(70, 1), flow(90, 1)],
    holds: at(90),
  },
  {
    name: 'late, into a window that is not over',
    window: windowOf('event_count', [flows(1)], [{ op: 'eq', value: 3 }]),
    records: [0, 90, 200, 60, 30].map((ts) => flow(ts)),
    holds: at(60),
  },
  // Several sources.
  { name: 'in any order', window: temporal, records: [flow(0, 3), flow(30, 1), flow(60, 2)], holds: at(60) },
  { name: 'in any order, too far apart', window: temporal, records: [flow(0, 3), flow(30, 1), flow(61, 2)], holds: [] },
  { name: 'one of them twice is one', window: temporal, records: [flow(0, 3), flow(30, 1), flow(31, 1), flow(32, 3)], holds: [] },
  {
    name: 'at least some of them',
    window: { ...temporal, bounds: [gte(2)] },
    records: [flow(0, 3), flow(1, 3), flow(30, 1), flow(61, 1)],
    holds: at(30, 61),
  },
  { name: 'in their order', window: ordered, records: [flow(0, 1), flow(30, 2), flow(60, 3)], holds: at(60) },
  { name: 'not in their order', window: ordered, records: [flow(0, 1), flow(30, 3), flow(60, 2)], holds: [] },
  { name: 'in their order, too long', window: ordered, records: [flow(0, 1), flow(30, 2), flow(61, 3)], holds: [] },
  {
    name: 'from the latest possible begin',
    window: ordered,
    records: [flow(0, 1), flow(1, 2), flow(50, 1), flow(55, 2), flow(100, 3)],
    holds: at(100),
  },
  {
    name: 'a begin without what follows it is none',
    window: ordered,
    records: [flow(0, 1), flow(1, 2), flow(50, 1), flow(100, 3)],
    holds: [],
  },
  { name: 'one instant is in order', window: ordered, records: [flow(5, 3), flow(5, 2), flow(5, 1)], holds: at(5) },
  {
    name: 'their order is of time, not of coming',
    window: ordered,
    records: [flow(0, 1), flow(60, 3), flow(30, 2)],
    holds: at(60),
  },
  {
    name: 'of logs that call their fields otherwise',
    window: windowOf(
      'temporal',
      [
        flows(1, [], ['id.resp_h']),
        { kind: 'records', parts: [{ logs: ['dns'], where: { kind: 'exists', field: 'query' }, by: ['query'], values: [] }] },
      ],
      [gte(2)],
    ),
    records: [to(0, '192.0.2.7'), name(1, '192.0.2.8'), name(2, '192.0.2.7')],
    holds: [{ group: ['192.0.2.7'], at: 2 }],
  },
  {
    name: 'a number in one log is its text in another',
    window: windowOf(
      'event_count',
      [
        {
          kind: 'records',
          parts: [
            { logs: ['conn'], where: { kind: 'and', of: [] }, by: ['id.resp_p'], values: [] },
            { logs: ['dns'], where: { kind: 'and', of: [] }, by: ['query'], values: [] },
          ],
        },
      ],
      [gte(2)],
    ),
    records: [flow(0, 80), name(1, '80'), name(2, '080')],
    holds: [{ group: ['80'], at: 1 }],
  },
  // Chains.
  { name: 'many, then one', window: chain, records: [ssl(0), ssl(1), ssl(2), flow(45, 2)], holds: at(45) },
  {
    name: 'the last time that there were many counts',
    window: chain,
    records: [ssl(0), ssl(1), ssl(2), ssl(40), flow(99, 2)],
    holds: at(99),
  },
  { name: 'one, then many', window: chain, records: [flow(0, 2), ssl(1), ssl(2), ssl(3)], holds: [] },
  {
    name: 'the record at which it held says who',
    window: chain,
    records: [ssl(0), ssl(1, 'b'), ssl(2, 'b'), flow(3, 2), flow(4, 2, { host: 'b' })],
    holds: [{ group: [hosts.b], at: 4 }],
  },
  {
    name: 'those that count hear of it once in a time span',
    window: windowOf('event_count', [{ kind: 'window', window: three, by: ['id.orig_h'], values: [] }], [gte(2)], {
      seconds: 600,
    }),
    records: [0, 1, 2, 3, 4, 59, 61, 62, 63].map((ts) => flow(ts)),
    holds: at(62),
  },
  {
    name: 'a chain of windows that must be over',
    window: windowOf(
      'temporal',
      [
        { kind: 'window', window: windowOf('event_count', [flows(1)], [{ op: 'eq', value: 2 }]), by: ['id.orig_h'], values: [] },
        flows(2),
      ],
      [gte(2)],
    ),
    records: [flow(0), flow(10), flow(30, 2), flow(2000), flow(2001), flow(2002), flow(2003, 2)],
    holds: at(30),
  },
  {
    name: 'what was told before another came is told on the stream alone',
    window: bytes('value_avg', [gte(50)]),
    records: [sent(0, 60), sent(10, 60), sent(5, 0)],
    holds: at(0),
    early: at(10),
  },
];
