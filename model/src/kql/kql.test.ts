import { describe, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { predicateCases } from '../query/cases.ts';
import { Query, type Predicate } from '../query/query.ts';
import { runQuery } from '../query/run.ts';
import type { AnyRecord } from '../records/record.ts';
import { recordTypes } from '../records/index.ts';
import { complete } from './complete.ts';
import { countedBy, ofLog, onlyWhere, withWhere } from './edit.ts';
import { parseKql } from './kql.ts';
import { printKql } from './print.ts';
import { kqlCharactersMax, tokenEnd } from './tokens.ts';

const now = 1_795_334_400;
const read = (text: string) => parseKql(text, { now, recordTypes, searched: ['conn', 'dns'] });
const condition = (text: string): Predicate | undefined => read(`conn | where ${text}`).query.where;

/** Where it is refused (the text from there), and what is said. */
function refusal(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { offset } = error.place;
    if (error.code !== 'query.kql' || error.advice === '' || offset === undefined) throw error;
    return `${text.slice(offset, tokenEnd(text, offset))}: ${error.message}`;
  }
  return 'taken';
}

describe('conditions', () => {
  test.each<[string, Predicate]>([
    ['proto == "tcp"', { kind: 'text', field: 'proto', op: 'equals', value: 'tcp', cased: true }],
    ['proto =~ "TCP"', { kind: 'text', field: 'proto', op: 'equals', value: 'TCP' }],
    ['proto != "tcp"', { kind: 'not', of: { kind: 'text', field: 'proto', op: 'equals', value: 'tcp', cased: true } }],
    ["['id.orig_h'] == id.resp_h", { kind: 'fieldref', field: 'id.orig_h', op: 'equals', other: 'id.resp_h', cased: true }],
    ['orig_bytes >= 10mb', { kind: 'order', field: 'orig_bytes', op: 'gte', value: 10_000_000 }],
    ['orig_bytes > 1KiB', { kind: 'order', field: 'orig_bytes', op: 'gt', value: 1024 }],
    ['orig_bytes < resp_bytes', { kind: 'fieldref', field: 'orig_bytes', op: 'lt', other: 'resp_bytes' }],
    ['duration > 1h', { kind: 'order', field: 'duration', op: 'gt', value: 3600 }],
    ['service in ("ssl", "http")', { kind: 'in', field: 'service', values: ['ssl', 'http'], cased: true }],
    ['id.resp_p !in~ (22, 23)', { kind: 'not', of: { kind: 'in', field: 'id.resp_p', values: [22, 23] } }],
    ['history startswith_cs "Sh"', { kind: 'text', field: 'history', op: 'startswith', value: 'Sh', cased: true }],
    ['history matches regex @"^S.\\d"', { kind: 'regex', field: 'history', pattern: '^S.\\d', flags: [] }],
    ['ipv4_is_in_range(id.orig_h, "10.0.0.0/8")', { kind: 'cidr', field: 'id.orig_h', network: '10.0.0.0/8' }],
    ['isnotnull(service)', { kind: 'exists', field: 'service' }],
    ['hourofday(ts) >= 22', { kind: 'date', field: 'ts', part: 'hour', op: 'gte', value: 22 }],
    ['local_orig', { kind: 'text', field: 'local_orig', op: 'equals', value: true }],
  ])('%s', (text, expected) => expect(condition(text)).toEqual(expected));

  test('and binds tighter than or, not( ) than both', () => {
    expect(condition('local_orig or local_resp and not(proto == "tcp")')).toMatchObject({
      kind: 'or',
      of: [{ field: 'local_orig' }, { kind: 'and', of: [{ field: 'local_resp' }, { kind: 'not' }] }],
    });
  });

  test.each([
    ['evil.example', true],
    ['www.evil.example', true],
    ['notevil.example', false],
    ['evils.example', false],
  ])('has finds whole terms: %s', (query, expected) => {
    const { query: asked } = read('dns | where query has "EVIL"');
    expect(runQuery(asked, [{ log: 'dns', record: { ts: now, query } }])).toHaveLength(expected ? 1 : 0);
  });

  test('times become the range that is read', () => {
    expect(read('conn | where ts >= ago(1h) and ts < now() - 5m and proto == "tcp"').query).toEqual({
      from: ['conn'],
      range: { from: now - 3600, to: now - 300 },
      where: { kind: 'text', field: 'proto', op: 'equals', value: 'tcp', cased: true },
    });
    expect(read('conn | where ts between (datetime(2026-11-22) .. datetime(2026-11-22 08:00))').query.range).toEqual({
      from: 1_795_305_600,
      to: 1_795_334_400.000001,
    });
    // Under or it is a condition like any other.
    expect(read('conn | where ts > ago(1h) or proto == "tcp"').query.range).toBeUndefined();
  });
});

const flows: AnyRecord[] = [
  { ts: 10, 'id.orig_h': '10.0.0.1', 'id.resp_h': '8.8.8.8', 'id.resp_p': 443, orig_bytes: 2_000_000 },
  { ts: 20, 'id.orig_h': '10.0.0.2', 'id.resp_h': '8.8.8.8', 'id.resp_p': 443, orig_bytes: 4_000_000 },
  { ts: 3700, 'id.orig_h': '10.0.0.2', 'id.resp_h': '8.8.8.8', 'id.resp_p': 443, orig_bytes: 4_000_000 },
  { ts: 30, 'id.orig_h': '10.0.0.1', 'id.resp_h': '10.0.0.9', 'id.resp_p': 443, orig_bytes: 9_000_000 },
  { ts: 40, 'id.orig_h': '10.0.0.1', 'id.resp_h': '9.9.9.9', 'id.resp_p': 443, orig_bytes: 5 },
];

describe('whole questions', () => {
  test('the question of the guide', () => {
    const { query, columns, bin } = read(`
      let least = 1;   // hosts
      conn
      | where id.resp_p == 443 and orig_bytes > 1mb and not(ipv4_is_private(id.resp_h))
      | summarize n = count(), hosts = dcount(id.orig_h), sum(orig_bytes), avg(orig_bytes) by id.resp_h, bin(ts, 1h)
      | where hosts > least
      | project hour = ts, id.resp_h, n, mean = avg_orig_bytes
      | sort by n desc, hour asc
      | take 100`);
    expect(Query.safeParse(query).success).toBe(true);
    expect(columns).toEqual([
      { field: 'window', name: 'hour', type: 'time' },
      { field: 'id.resp_h', name: 'id.resp_h', type: 'addr' },
      { field: 'n', name: 'n', type: 'count' },
      { field: 'avg_orig_bytes', name: 'mean', type: 'double' },
    ]);
    expect(bin).toEqual({ name: 'hour', seconds: 3600 });
    expect(
      runQuery(
        query,
        flows.map((record) => ({ log: 'conn', record })),
      ),
    ).toEqual([{ window: 0, 'id.resp_h': '8.8.8.8', n: 2, avg_orig_bytes: 3_000_000 }]);
  });

  test.each([
    ['conn | count', { group: { by: [], aggregates: [{ kind: 'count', as: 'Count' }] } }],
    ['conn | top 3 by orig_bytes', { order: [{ field: 'orig_bytes', descending: true }], limit: 3 }],
    ['conn | sort by ts asc | take 5 | limit 9', { order: [{ field: 'ts' }], limit: 5 }],
    ['conn | distinct id.orig_h', { group: { by: ['id.orig_h'], aggregates: [{ kind: 'count', as: 'count_' }] } }],
    ['union conn, dns | where uid == "C1"', { from: ['conn', 'dns'] }],
    ['search "evil"', { from: ['conn', 'dns'], where: { kind: 'keyword', op: 'contains', value: 'evil' } }],
    ['search in (http) "a*b" and "c"', { from: ['http'], where: { kind: 'and', of: [{ op: 'like' }, { op: 'contains' }] } }],
    ['conn | project-away uid', { from: ['conn'] }],
    [
      'let bad = dynamic(["a.example", "b.example"]); dns | where query in (bad)',
      { where: { kind: 'in', values: ['a.example', 'b.example'] } },
    ],
  ])('%s', (text, expected) => expect(read(text).query).toMatchObject(expected));
});

describe('what is not taken is refused where it stands', () => {
  test.each([
    ['con | count', 'con: There is no log "con".'],
    ['conn | where prot == "tcp"', 'prot: There is no column "prot" here.'],
    ['conn | where proto == tcp', 'tcp: "tcp" is neither a column nor a value.'],
    ['conn | where proto = "tcp"', '=: A single = compares nothing.'],
    ['conn | where id.resp_h == 10.0.0.1', '10.0.0.1: An address is a text.'],
    ['conn | where orig_bytes > 1m', '1m: A span of time is compared with a column of a duration.'],
    ['conn | where (proto == "tcp"', '(: The parenthesis that opens here is not closed.'],
    ['conn | where proto == "tcp', '"tcp: The quotation that opens here is not closed.'],
    ['conn | where tolower(proto) == "tcp"', 'tolower: There is no function tolower() in conditions.'],
    ['conn | where history matches regex "(?=x)"', '"(?=x)": '],
    ['conn | where proto constructor "x"', 'constructor: After the column proto a comparison should stand'],
    ['conn | constructor', 'constructor: constructor begins no stage.'],
    ['conn | extend x = 1', 'extend: extend is not taken here.'],
    ['conn | summarize countif(local_orig)', 'countif: countif() is not counted here.'],
    ['conn | summarize sum(proto)', 'proto: proto holds no numbers.'],
    ['conn | summarize n = count(), n = dcount(uid)', 'n: There are two columns "n".'],
    ['conn | summarize count() by bin(orig_bytes, 1h)', 'orig_bytes: Only the time is cut into parts.'],
    ['conn | summarize n = count() by proto | where uid == "x"', 'uid: There is no column "uid" here.'],
    ['conn | take 5 | where proto == "tcp"', 'where: After take and top nothing is left out any more.'],
    ['conn | take 5 | sort by ts', 'sort: What take left is not in an order.'],
    ['conn | project uid | sort by proto', 'proto: There is no column "proto" here.'],
    ['conn | sort by ts nulls first', 'nulls: Where missing values stand is not chosen.'],
    ['let x = ; conn', ';: Here should stand a value.'],
    ['conn extra', 'extra: The question should end before "extra".'],
    ['', ': Here should stand a log'],
  ])('%s', (text, expected) => expect(refusal(text)).toContain(expected));

  test('persons are not counted one by one', () => {
    const personal = recordTypes.flatMap(({ log, columns }) =>
      Object.entries(columns).flatMap(([name, column]) => (column.class === 'personal' ? [{ log, name }] : [])),
    )[0]!;
    const name = `['${personal.name}']`;
    expect(refusal(`${personal.log} | summarize count() by ${name}`)).toContain('is about persons');
    expect(refusal(`${personal.log} | distinct ${name}`)).toContain('is about persons');
    expect(refusal(`${personal.log} | summarize people = dcount(${name})`)).toBe('taken');
  });

  test.each([
    '('.repeat(kqlCharactersMax),
    `conn | where ${'not('.repeat(12_000)}`,
    `conn | where ${'('.repeat(40)}${'proto == "a" or '.repeat(2_000)}`,
    '"'.repeat(kqlCharactersMax),
    '['.repeat(kqlCharactersMax),
    `conn | where proto in (${'"a",'.repeat(10_000)}`,
    'x'.repeat(kqlCharactersMax + 1),
    `conn | where ${'a.'.repeat(20_000)}`,
    '\u0000\uD800|;',
  ])('hostile text is refused soon', (text) => expect(refusal(text)).not.toBe('taken'));
});

describe('completion', () => {
  const labels = (text: string) =>
    complete(text.replace('^', ''), text.indexOf('^'), recordTypes).items.map(({ label }) => label);
  test.each([
    ['con^', 'conn'],
    ['conn | wh^', 'where'],
    ['conn | where id.resp^', 'id.resp_h'],
    ['conn | where id.resp_p ^', '=='],
    ['conn | where id.resp_p == 443 ^', 'and'],
    ['conn | summarize ^', 'count()'],
    ['conn | summarize n = count() by id.^', 'id.orig_h'],
    ['conn | summarize n = count() by id.orig_h | sort by ^', 'n'],
    ['conn | summarize n = count() by id.orig_h | where ^', 'id.orig_h'],
    ['conn | where ipv^', 'ipv4_is_private()'],
  ])('%s', (text, expected) => expect(labels(text)).toContain(expected));

  test('after a comparison the values of the column are asked for', () => {
    expect(complete('conn | where service == ', 24, recordTypes).values).toEqual({ log: 'conn', field: 'service', quoted: true });
    expect(complete('conn | where service == "ss', 27, recordTypes)).toMatchObject({ from: 24, values: { field: 'service' } });
  });
});

describe('conditions of the algebra as text', () => {
  const declared = new Map(recordTypes.map((type) => [type.log, type]));
  const fieldsOf = (predicate: Predicate): string[] =>
    'of' in predicate
      ? [predicate.of].flat().flatMap((part) => fieldsOf(part as Predicate))
      : [...('field' in predicate ? [predicate.field] : []), ...('other' in predicate ? [predicate.other] : [])];
  // A column that the log has not is refused, not misread; so is a text in the place of a number.
  const known = predicateCases.filter(({ log, predicate }) =>
    fieldsOf(predicate).every((field) => Object.hasOwn(declared.get(log)?.columns ?? {}, field)),
  );
  const said = known.flatMap((one) => {
    const text = printKql(one.predicate);
    return text === undefined ? [] : [{ ...one, text }];
  });

  test('all but minutes can be said', () => {
    const unsaid = known.filter(({ predicate }) => printKql(predicate) === undefined);
    expect(unsaid.filter(({ predicate }) => !JSON.stringify(predicate).includes('"minute"'))).toEqual([]);
  });

  test.each(said)('$log: $name', ({ log, record, text, expected }) => {
    const { query } = read(`${log} | where ${text}`);
    expect(runQuery(query, [{ log, record: { ts: now, ...record } }])).toHaveLength(expected ? 1 : 0);
  });
});

describe('a text changed by a click', () => {
  const text = 'conn\n| where proto == "tcp"\n| summarize n = count() by id.orig_h\n| sort by n desc';
  const port = { condition: 'id.resp_p == 22', opposite: 'not(id.resp_p == 22)', grouped: false };

  test('a condition stands among those on records, once, and its opposite gives way', () => {
    const once = withWhere(text, port);
    expect(once.split('\n')[2]).toBe('| where id.resp_p == 22');
    expect(withWhere(once, port)).toBe(once);
    const turned = withWhere(once, { condition: port.opposite, opposite: port.condition, grouped: false });
    expect(turned.split('\n').filter((line) => line.includes('resp_p'))).toEqual(['| where not(id.resp_p == 22)']);
  });

  test('one on groups stands behind them', () => {
    expect(withWhere(text, { condition: 'n == 5', opposite: 'not(n == 5)', grouped: true }).split('\n')[3]).toBe(
      '| where n == 5',
    );
  });

  test.each([
    ['union conn, dns | where uid == "C"', true, 'dns\n| where uid == "C"'],
    ['union conn, dns, ssl', false, 'union conn, ssl'],
    ['let a = 1; union conn, dns', false, 'let a = 1;\nconn'],
    ['search "x"', true, 'search in (dns) "x"'],
    ['search in (conn, dns) "x" | take 5', false, 'search in (conn) "x"\n| take 5'],
    ['conn | take 5', true, 'conn | take 5'],
  ])('%s of dns alone (%s)', (from, keep, expected) => expect(ofLog(from, 'dns', keep)).toBe(expected));

  test('only, and counted by', () => {
    expect(onlyWhere(text, 'uid == "C|1"').split('\n').slice(0, 3)).toEqual([
      'conn',
      '| where uid == "C|1"',
      '| summarize n = count() by id.orig_h',
    ]);
    expect(countedBy(text, 'id.resp_p')).toBe(
      'conn\n| where proto == "tcp"\n| summarize n = count() by id.resp_p\n| sort by n desc',
    );
    expect(countedBy('conn', 'odd name')).toContain("by ['odd name']");
  });
});
