import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '@forewarn/model/query/evaluate';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createCollection, type Collection } from './collection.ts';
import { createCorrelator, type Correlated } from './correlate.ts';
import { readLogSources } from './logsources.ts';
import { readRules } from './rule.ts';

const logSources = readLogSources(
  `logsources:
  - when: { product: app }
    logs: [app]
  - when: { product: other }
    logs: [other]
    fields: { user: account }
`,
  'logsources.yaml',
);

/** Rules a, b and c hold for the kinds of that name; `other` is of another log, in which the user is called otherwise. */
const basis = `${['a', 'b', 'c']
  .map(
    (kind) =>
      `title: Rule ${kind}\nid: id-${kind}\nname: ${kind}\nlogsource: { product: app }\ndetection:\n  s: { kind: ${kind} }\n  condition: s\n`,
  )
  .join(
    '---\n',
  )}---\ntitle: Rule other\nname: other\nlogsource: { product: other }\ndetection:\n  s: { kind: x }\n  condition: s\n`;

const collect = (...texts: string[]): Collection =>
  createCollection(
    texts.map((text, i) => readRules(text, `${i}.yml`, logSources)),
    logSources,
  );

const correlation = (body: string, more = ''): string =>
  `title: Together\nid: together\n${more}correlation:\n${body
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}\n`;

type Given = AnyRecord & { _log?: string };

/** When, by the newest record's time, a correlation held. */
function heldAt(collection: Collection, records: readonly Given[], id = 'together', advance = true): Correlated[] {
  expect(collection.refusals).toEqual([]);
  const told: Correlated[] = [];
  const correlator = createCorrelator(collection.correlations, {
    lateness: 600,
    tell: (one) => void (one.correlation.id === id && told.push(one)),
  });
  const tests = collection.rules.map((rule) => ({ rule, matches: compile(rule.predicate) }));
  let newest = -Infinity;
  for (const { _log: log = 'app', ...record } of records) {
    for (const { rule, matches } of tests)
      if (rule.logs.includes(log) && matches(record)) correlator.push(rule.id, log, record, () => record['ts']);
    newest = Math.max(newest, Number(record['ts']));
    if (advance) correlator.advance(newest);
  }
  correlator.end();
  return told;
}

const times = (told: readonly Correlated[]): number[] => told.map(({ to }) => to);
const a = (ts: number, more: AnyRecord = {}): Given => ({ ts, kind: 'a', user: 'u', ...more });
const b = (ts: number, more: AnyRecord = {}): Given => ({ ...a(ts, more), kind: 'b' });
const c = (ts: number, more: AnyRecord = {}): Given => ({ ...a(ts, more), kind: 'c' });

describe('event_count', () => {
  const three = collect(
    basis,
    correlation('type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 1m\ncondition: { gte: 3 }'),
  );

  test('slides: the edges of the time span belong to it, a second more does not', () => {
    expect(times(heldAt(three, [a(0), a(30), a(60)]))).toEqual([60]);
    expect(times(heldAt(three, [a(0), a(30), a(61)]))).toEqual([]);
    expect(times(heldAt(three, [a(0), a(55), a(65), a(70), a(130)]))).toEqual([70]);
  });

  test('groups apart; what lacks the field is in no group', () => {
    expect(times(heldAt(three, [a(0), a(1, { user: 'v' }), a(2), a(3, { user: 'v' }), a(4)]))).toEqual([4]);
    expect(heldAt(three, [a(0), { ts: 1, kind: 'a' }, a(2, { user: '' }), a(3)])).toEqual([]);
    expect(heldAt(three, [a(0), b(1), a(2)])).toEqual([]);
  });

  test('what comes late or in no order is put where it belongs', () => {
    expect(times(heldAt(three, [a(60), a(30), a(0)]))).toEqual([60]);
    expect(times(heldAt(three, [a(0), a(100), a(20), a(10)]))).toEqual([20]);
    expect(heldAt(three, [a(0), a(30), a(61), a(-1)])).toMatchObject([{ from: -1, to: 30 }]);
    // Eleven minutes late, nothing is left of its window.
    expect(heldAt(three, [a(0), a(10), a(800), a(20)])).toEqual([]);
  });

  test('names its events, and how many of them are new', () => {
    const [first, second] = heldAt(three, [a(0), a(1), a(2), a(3)]);
    expect(first).toMatchObject({ number: 3, group: ['u'], references: [0, 1, 2], fresh: 3, record: { ts: 2 } });
    expect(second).toMatchObject({ number: 4, references: [0, 1, 2, 3], fresh: 1 });
  });

  test('without fields to group by, all are one group', () => {
    const all = collect(basis, correlation('type: event_count\nrules: [a]\ntimespan: 1m\ncondition: { gt: 1 }'));
    expect(times(heldAt(all, [a(0), { ts: 1, kind: 'a' }]))).toEqual([1]);
  });

  test('with an upper bound a window must be over', () => {
    const few = collect(
      basis,
      correlation('type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 1m\ncondition: { gt: 1, lte: 2 }'),
    );
    expect(heldAt(few, [a(0), a(10), a(20)])).toEqual([]);
    // The next begins with the first event that is not in it.
    expect(heldAt(few, [a(0), a(10), a(20), a(100), a(159), a(700)]).map(({ from, to, number }) => [from, to, number])).toEqual([
      [100, 159, 2],
    ]);
    const exact = collect(
      basis,
      correlation('type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 1m\ncondition: { eq: 2 }'),
    );
    expect(times(heldAt(exact, [a(0), a(60), a(900)]))).toEqual([60]);
  });
});

describe('values', () => {
  const of = (type: string, condition: string): Collection =>
    collect(basis, correlation(`type: ${type}\nrules: [a]\ngroup-by: [user]\ntimespan: 1m\ncondition: { ${condition} }`));

  test('different ones are counted, of the present ones', () => {
    const values = of('value_count', 'field: host, gte: 2');
    expect(times(heldAt(values, [a(0, { host: 'x' }), a(1, { host: 'x' }), a(2), a(3, { host: 'y' })]))).toEqual([3]);
    // The first has left the window when the third comes.
    expect(heldAt(values, [a(0, { host: 'x' }), a(50, { host: 'y' }), a(110, { host: 'y' })])).toHaveLength(1);
    const pairs = of('value_count', 'field: [host, port], gte: 3');
    const at = (ts: number, host: string, port?: number) => a(ts, port === undefined ? { host } : { host, port });
    expect(times(heldAt(pairs, [at(0, 'x', 1), at(1, 'x', 2), at(2, 'x'), at(3, 'x', 2), at(4, 'y', 1)]))).toEqual([4]);
  });

  test('sums and averages take numbers, and texts that are some', () => {
    const sent = (ts: number, bytes: AnyRecord[string]) => a(ts, { bytes });
    expect(
      times(heldAt(of('value_sum', 'field: bytes, gt: 100'), [sent(0, 60), sent(1, 'many'), sent(2, '40'), sent(3, 1)])),
    ).toEqual([3]);
    expect(times(heldAt(of('value_sum', 'field: bytes, gt: 100'), [sent(0, 60), sent(61, 60)]))).toEqual([]);
    expect(heldAt(of('value_avg', 'field: bytes, gte: 50'), [sent(0, 10), sent(1, 90)])).toMatchObject([{ to: 1, number: 50 }]);
  });

  test('percentiles by nearest rank, and shares of a value', () => {
    const sent = [5, 1, 9, 3].map((bytes, ts) => a(ts, { bytes }));
    expect(heldAt(of('value_percentile', 'field: bytes, percentile: 50, lt: 4'), sent)).toMatchObject([{ number: 3 }]);
    const rare = of('value_percentile', 'field: host, lte: 20');
    const hosts = [...'xxxxy'].map((host, ts) => a(ts, { host }));
    expect(heldAt(rare, hosts)).toMatchObject([{ to: 4, number: 20 }]);
    expect(heldAt(rare, hosts.slice(0, 4))).toEqual([]);
  });
});

describe('rules together', () => {
  const temporal = collect(basis, correlation('type: temporal\nrules: [a, b, c]\ngroup-by: [user]\ntimespan: 1m'));
  const ordered = collect(basis, correlation('type: temporal_ordered\nrules: [a, b, c]\ngroup-by: [user]\ntimespan: 1m'));

  test('in any order', () => {
    expect(times(heldAt(temporal, [c(0), a(30), b(60)]))).toEqual([60]);
    expect(heldAt(temporal, [c(0), a(30), b(61)])).toEqual([]);
    expect(heldAt(temporal, [c(0), a(30), a(31), c(32)])).toEqual([]);
    const two = collect(
      basis,
      correlation('type: temporal\nrules: [a, b, c]\ngroup-by: [user]\ntimespan: 1m\ncondition: { gte: 2 }'),
    );
    expect(times(heldAt(two, [c(0), c(1), a(30)]))).toEqual([30]);
  });

  test('in their order, from its latest possible begin', () => {
    expect(times(heldAt(ordered, [a(0), b(30), c(60)]))).toEqual([60]);
    expect(heldAt(ordered, [a(0), c(30), b(60)])).toEqual([]);
    expect(heldAt(ordered, [a(0), b(30), c(61)])).toEqual([]);
    expect(times(heldAt(ordered, [a(0), b(1), a(50), b(55), c(100)]))).toEqual([100]);
    // The second begin has no b after it, the first is too old.
    expect(heldAt(ordered, [a(0), b(1), a(50), c(100)])).toEqual([]);
    expect(times(heldAt(ordered, [c(5), b(5), a(5)]))).toEqual([5]);
    expect(times(heldAt(ordered, [a(0), c(60), b(30)]))).toEqual([60]);
  });

  test('aliases say what a name is in the records of each rule', () => {
    const alias =
      'type: temporal\nrules: [a, other]\ngroup-by: [who]\ntimespan: 1m\naliases: { who: { a: user, other: account_name } }';
    const other = (ts: number, more: AnyRecord): Given => ({ _log: 'other', ts, kind: 'x', ...more });
    expect(times(heldAt(collect(basis, correlation(alias)), [a(0), other(1, { account_name: 'u' })]))).toEqual([1]);
    expect(heldAt(collect(basis, correlation(alias)), [a(0), other(1, { account_name: 'v' })])).toEqual([]);
    // And the table of log sources, what a field is called in a log.
    const mapped = correlation('type: temporal\nrules: [a, other]\ngroup-by: [user]\ntimespan: 1m');
    expect(times(heldAt(collect(basis, mapped), [a(0), other(1, { account: 'u' })]))).toEqual([1]);
  });

  test('one of another: many failures, then a success', () => {
    const chain = `${correlation('type: temporal_ordered\nrules: [many, b]\ngroup-by: [user]\ntimespan: 1m')}---
title: Many
name: many
correlation: { type: event_count, rules: [a], group-by: [host], timespan: 1m, condition: { gte: 3 } }
`;
    const failures = [0, 1, 2, 40].map((ts) => a(ts, { host: 'h' }));
    expect(times(heldAt(collect(basis, chain), [...failures, b(45)]))).toEqual([45]);
    // The last time that there were many counts.
    expect(times(heldAt(collect(basis, chain), [...failures, b(99)]))).toEqual([99]);
    expect(heldAt(collect(basis, chain), [b(0), ...failures.slice(1), b(30)])).toEqual([]);
  });

  test('what only serves another says nothing by itself, unless it shall', () => {
    expect(temporal.rules.map(({ name, alone }) => [name, alone])).toEqual([
      ['a', false],
      ['b', false],
      ['c', false],
      ['other', true],
    ]);
    const generate = collect(basis, correlation('type: temporal\nrules: [a, b]\ngroup-by: [user]\ntimespan: 1m\ngenerate: true'));
    expect(generate.rules.every(({ alone }) => alone)).toBe(true);
  });
});

test('whatever the order within the lateness, what holds is what a look at every window finds', () => {
  const event = fc.record({
    at: fc.integer({ min: 0, max: 40 }),
    late: fc.integer({ min: 0, max: 30 }),
    kind: fc.constantFrom('a', 'b', 'c'),
    user: fc.constantFrom('u', 'v'),
    n: fc.integer({ min: 0, max: 4 }),
  });
  const kinds = [
    [
      'type: event_count\nrules: [a, b]\ncondition: { gte: 3 }',
      (of: Given[]) => of.filter(({ kind }) => kind !== 'c').length >= 3,
    ],
    [
      'type: value_count\nrules: [a]\ncondition: { field: n, gt: 2 }',
      (of: Given[]) => new Set(of.filter(({ kind }) => kind === 'a').map(({ n }) => n)).size > 2,
    ],
    [
      'type: value_sum\nrules: [b]\ncondition: { field: n, gte: 7 }',
      (of: Given[]) => of.filter(({ kind }) => kind === 'b').reduce((sum, { n }) => sum + Number(n), 0) >= 7,
    ],
    ['type: temporal\nrules: [a, b, c]', (of: Given[]) => new Set(of.map(({ kind }) => kind)).size === 3],
    [
      'type: temporal_ordered\nrules: [a, b, c]',
      (of: Given[]) =>
        of.some(
          (x) =>
            x['kind'] === 'a' &&
            of.some(
              (y) => y['kind'] === 'b' && y['ts']! >= x['ts']! && of.some((z) => z['kind'] === 'c' && z['ts']! >= y['ts']!),
            ),
        ),
    ],
  ] as const;
  for (const [body, holds] of kinds) {
    const collection = collect(basis, correlation(`${body}\ngroup-by: [user]\ntimespan: 10s`));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 25 }), (events) => {
        const records = events
          .toSorted((x, y) => x.at + x.late - y.at - y.late)
          .map(({ at, kind, user, n }): Given => ({ ts: at, kind, user, n }));
        const found = new Set(heldAt(collection, records).map(({ group }) => group[0]));
        for (const user of ['u', 'v']) {
          const own = records.filter((one) => one['user'] === user);
          const expected = own.some(({ ts: end }) =>
            holds(own.filter(({ ts }) => Number(ts) <= Number(end) && Number(ts) >= Number(end) - 10)),
          );
          expect([user, found.has(user)]).toEqual([user, expected]);
        }
      }),
      { numRuns: 400 },
    );
  }
});

test('ceilings: a flood is cut at the oldest and counted', () => {
  const many = collect(
    basis,
    correlation('type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 1d\ncondition: { gte: 9999 }'),
  );
  const correlator = createCorrelator(many.correlations, { lateness: 600, tell: () => undefined });
  for (let i = 0; i < 10_500; i++) correlator.push('id-a', 'app', { ts: i, user: 'u' }, () => i);
  expect(correlator.evictions()).toBe(500);
});

describe('filters', () => {
  const filter = (body: string, source = '{ product: app }'): string =>
    `title: F\nlogsource: ${source}\nfilter:\n${body
      .split('\n')
      .map((line) => `  ${line}`)
      .join('\n')}\n`;
  const holdsOf = (collection: Collection, record: AnyRecord): string[] =>
    collection.rules.filter(({ predicate }) => compile(predicate)(record)).map(({ id }) => id);

  test('their condition must hold too, for the rules that they name', () => {
    const filtered = collect(basis, filter('rules: [id-a, b]\nselection: { user|startswith: adm_ }\ncondition: not selection'));
    expect(filtered.refusals).toEqual([]);
    expect(holdsOf(filtered, a(0, { user: 'adm_x' }))).toEqual([]);
    expect(holdsOf(filtered, a(0))).toEqual(['id-a']);
    expect(holdsOf(filtered, b(0, { user: 'adm_x' }))).toEqual([]);
    expect(holdsOf(filtered, c(0, { user: 'adm_x' }))).toEqual(['id-c']);
  });

  test('any: all of the log source, under the names that fields have there', () => {
    const all = collect(basis, filter('rules: any\nselection: { user: adm }\ncondition: not selection', '{ product: other }'));
    expect(holdsOf(all, { kind: 'x', account: 'adm' })).toEqual([]);
    expect(holdsOf(all, { kind: 'x', account: 'someone', user: 'adm' })).toEqual(['rule-other']);
    expect(holdsOf(all, a(0, { user: 'adm' }))).toEqual(['id-a']);
  });

  test.each([
    ['rules: [nobody]\nselection: { user: x }\ncondition: not selection', 'There is no rule "nobody".', 4],
    ['rules: [other]\nselection: { user: x }\ncondition: not selection', 'is of another log source', 2],
    ['rules: [a]\nselection: { user: x }\ncondition: not selected', 'There is no search named', 6],
    ['rules: [a]\nselection: { user|never: x }\ncondition: not selection', 'never', 5],
    ['rules: [a]\nselection: { user: x }', 'has no condition', 3],
  ])('%s', (body, message, line) => {
    const { refusals } = collect(basis, filter(body));
    expect(refusals).toHaveLength(1);
    expect(refusals[0]!.message.toLowerCase()).toContain(message.toLowerCase());
    expect(refusals[0]!.place).toMatchObject({ file: '1.yml', line });
  });
});

describe('refused', () => {
  test.each([
    ['type: event_count\nrules: [nobody]\ntimespan: 1m\ncondition: { gte: 3 }', 'There is no rule "nobody"', 5],
    ['type: event_count\nrules: [a]\ntimespan: 1y\ncondition: { gte: 3 }', 'is no time span', 6],
    ['type: event_count\nrules: [a]\ntimespan: 400d\ncondition: { gte: 3 }', 'is no time span', 6],
    ['type: event_count\nrules: [a]\ntimespan: 1m', 'needs a number', 3],
    ['type: event_count\nrules: [a]\ntimespan: 1m\ncondition: { gte: 10000 }', 'are not kept', 7],
    ['type: event_count\nrules: [a]\ntimespan: 1m\ncondition: { gte: 1, field: x }', 'looks at no field', 7],
    ['type: value_count\nrules: [a]\ntimespan: 1m\ncondition: { gte: 1 }', 'needs the field', 7],
    ['type: value_sum\nrules: [a]\ntimespan: 1m\ncondition: { gte: 1, field: [x, y] }', 'looks at one field', 7],
    ['type: value_sum\nrules: [a]\ntimespan: 1m\ncondition: { gte: 1, field: x, percentile: 5 }', 'has no percentile', 7],
    ['type: temporal_ordered\nrules: [a, b]\ntimespan: 1m\ncondition: { gte: 1 }', 'always all', 7],
    ['type: temporal\nrules: [a, id-a]\ntimespan: 1m', 'stands there twice', 5],
    ['type: temporal\nrules: [a, b]\ntimespan: 1m\ngroup-by: [x]\naliases: { x: { a: user } }', 'says nothing of "b"', 8],
    ['type: event_sum\nrules: [a]\ntimespan: 1m', 'correlation.type', 4],
    ['type: temporal\nrules: [a, together]\ntimespan: 1m', 'refers to itself', 5],
  ])('%s', (body, message, line) => {
    const { refusals, correlations } = collect(basis, correlation(body));
    expect(correlations).toEqual([]);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]!.message).toContain(message);
    expect(refusals[0]!.place).toMatchObject({ file: '1.yml', line });
  });
});
