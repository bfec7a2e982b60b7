/**
 * The suite that every engine of the algebra passes: records of real types, a predicate, and whether it holds. Fields that a case does not
 * give are missing (the `always` columns are filled in). Each case is one sentence of `query.ts`'s definition.
 */

import type { AnyRecord } from '../records/record.ts';
import type { DatePart, Predicate, Query } from './query.ts';

export type PredicateCase = { name: string; log: string; record: AnyRecord; predicate: Predicate; expected: boolean };

const base: AnyRecord = {
  ts: 1_700_000_000.25,
  uid: 'CabcDEF1',
  'id.orig_h': '10.0.0.5',
  'id.orig_p': 51_000,
  'id.resp_h': '203.0.113.9',
  'id.resp_p': 443,
};

const conn: AnyRecord = {
  ...base,
  proto: 'tcp',
  service: 'ssl',
  duration: 1.5,
  orig_bytes: 800,
  resp_bytes: 0,
  conn_state: 'SF',
  local_orig: true,
  ip_proto: 6,
};
const dns: AnyRecord = {
  ...base,
  proto: 'udp',
  query: 'www.Example.com',
  qtype_name: 'A',
  rcode_name: 'NOERROR',
  AA: false,
  answers: ['cdn.example.net', '198.51.100.7'],
  TTLs: [60, 3600],
};
const http: AnyRecord = {
  ...base,
  trans_depth: 1,
  method: 'GET',
  host: 'shop.example',
  uri: '/a/b.exe?x=1*2',
  user_agent: 'Mozilla/5.0 (Ünïx)',
  status_code: 404,
  referrer: '',
};

const equals = (field: string, value: string | number | boolean, cased?: boolean): Predicate => ({
  kind: 'text',
  field,
  op: 'equals',
  value,
  ...(cased === undefined ? {} : { cased }),
});
const text = (field: string, op: 'contains' | 'startswith' | 'endswith' | 'like', value: string, cased?: boolean): Predicate => ({
  kind: 'text',
  field,
  op,
  value,
  ...(cased === undefined ? {} : { cased }),
});
const regex = (field: string, pattern: string, ...flags: ('i' | 'm' | 's')[]): Predicate => ({
  kind: 'regex',
  field,
  pattern,
  flags,
});
const order = (field: string, op: 'lt' | 'lte' | 'gt' | 'gte', value: number): Predicate => ({ kind: 'order', field, op, value });
const date = (field: string, part: DatePart, op: 'equals' | 'lt' | 'lte' | 'gt' | 'gte', value: number): Predicate => ({
  kind: 'date',
  field,
  part,
  op,
  value,
});
const not = (of: Predicate): Predicate => ({ kind: 'not', of });
const cidr = (field: string, network: string): Predicate => ({ kind: 'cidr', field, network });

const inConn = (name: string, predicate: Predicate, expected: boolean, record: AnyRecord = {}): PredicateCase => ({
  name,
  log: 'conn',
  record: { ...conn, ...record },
  predicate,
  expected,
});
const inDns = (name: string, predicate: Predicate, expected: boolean, record: AnyRecord = {}): PredicateCase => ({
  name,
  log: 'dns',
  record: { ...dns, ...record },
  predicate,
  expected,
});
const inHttp = (name: string, predicate: Predicate, expected: boolean, record: AnyRecord = {}): PredicateCase => ({
  name,
  log: 'http',
  record: { ...http, ...record },
  predicate,
  expected,
});

export const predicateCases: readonly PredicateCase[] = [
  // Equality and case.
  inConn('a text equals', equals('conn_state', 'SF'), true),
  inConn('equality ignores case', equals('conn_state', 'sf'), true),
  inConn('cased equality does not', equals('conn_state', 'sf', true), false),
  inConn('cased equality of the same', equals('conn_state', 'SF', true), true),
  inConn('equality is of the whole value', equals('service', 'ss'), false),
  inHttp('case folds beyond ASCII', text('user_agent', 'contains', 'ÜNÏX'), true),
  inHttp('cased does not fold beyond ASCII', text('user_agent', 'contains', 'ünïx', true), false),
  inConn('a number equals', equals('id.resp_p', 443), true),
  inConn('a number equals its text', equals('id.resp_p', '443'), true),
  inConn('a number does not equal another writing of it', equals('id.resp_p', '0443'), false),
  inConn('a fraction equals', equals('duration', 1.5), true),
  inConn('a fraction equals its text', equals('duration', '1.5'), true),
  inConn('a text equals a number written so', equals('service', 80), true, { service: '80' }),
  inConn('true equals true', equals('local_orig', true), true),
  inConn('true equals its text', equals('local_orig', 'true'), true),
  inConn('true does not equal false', equals('local_orig', false), false),
  inConn('true is not 1', equals('local_orig', 1), false),
  inHttp('an empty text equals the empty text', equals('referrer', ''), true),
  // Parts of texts.
  inHttp('contains', text('uri', 'contains', 'B.EXE'), true),
  inHttp('contains takes * literally', text('uri', 'contains', '1*2'), true),
  inHttp('contains takes % literally', text('uri', 'contains', '%'), false),
  inHttp('contains takes _ literally', text('uri', 'contains', 'b_exe'), false),
  inHttp('contains cased', text('uri', 'contains', 'B.EXE', true), false),
  inHttp('every text contains nothing', text('referrer', 'contains', ''), true),
  inHttp('startswith', text('uri', 'startswith', '/A/'), true),
  inHttp('startswith elsewhere', text('uri', 'startswith', 'a/'), false),
  inHttp('endswith', text('host', 'endswith', '.EXAMPLE'), true),
  inHttp('endswith elsewhere', text('host', 'endswith', 'shop'), false),
  inConn('text operators read a number as decimal', text('id.resp_p', 'startswith', '44'), true),
  inConn('quotes and backslashes are characters', text('service', 'contains', `\\'"`), true, { service: `a\\'"b` }),
  // Patterns.
  inHttp('like matches the whole value', text('host', 'like', 'shop'), false),
  inHttp('like with a run', text('host', 'like', 's*E'), true),
  inHttp('like with one character', text('host', 'like', 'sh?p.example'), true),
  inHttp('? is exactly one character', text('host', 'like', 'shop?.example'), false),
  inHttp('? is one character beyond ASCII', text('user_agent', 'like', '*(?n?x)'), true),
  inHttp('? is one character outside the basic plane', text('host', 'like', 'a?b'), true, { host: 'a😀b' }),
  inHttp('? and * together', text('host', 'like', '*?p.e*'), true),
  inHttp('an escaped * is a *', text('uri', 'like', '*1\\*2'), true),
  inHttp('an escaped * is no run', text('uri', 'like', '/a\\*'), false),
  inHttp('a backslash before a letter is itself', text('uri', 'like', '\\a'), true, { uri: '\\a' }),
  inHttp('like takes % and _ literally', text('uri', 'like', '/%_'), true, { uri: '/%_' }),
  inHttp('like takes regex signs literally', text('uri', 'like', '/a/b.exe\\?x=1*'), true),
  inHttp('like spans line ends', text('uri', 'like', 'a*b'), true, { uri: 'a\nb' }),
  inHttp('like * matches the empty text', text('referrer', 'like', '*'), true),
  inHttp('like * needs a value', text('origin', 'like', '*'), false),
  inHttp('pieces do not overlap', text('host', 'like', 'ab*ba'), false, { host: 'aba' }),
  // Regular expressions.
  inHttp('a regex is searched', regex('uri', 'b\\.exe'), true),
  inHttp('a regex minds case', regex('uri', 'B\\.exe'), false),
  inHttp('flag i', regex('uri', 'B\\.EXE', 'i'), true),
  inHttp('anchors', regex('uri', '^/a/b\\.exe$'), false),
  inHttp('^ stands at the text only', regex('uri', '^b'), false, { uri: 'a\nb' }),
  inHttp('flag m lets it stand at lines', regex('uri', '^b', 'm'), true, { uri: 'a\nb' }),
  inHttp('the dot is no line end', regex('uri', 'a.b'), false, { uri: 'a\nb' }),
  inHttp('flag s lets it be', regex('uri', 'a.b', 's'), true, { uri: 'a\nb' }),
  inHttp('the dot is one character beyond ASCII', regex('uri', '^.$'), true, { uri: '😀' }),
  inConn('a regex reads a number as decimal', regex('id.resp_p', '^44\\d$'), true),
  // Numbers.
  inConn('lt', order('orig_bytes', 'lt', 801), true),
  inConn('lt is strict', order('orig_bytes', 'lt', 800), false),
  inConn('lte', order('orig_bytes', 'lte', 800), true),
  inConn('gt is strict', order('orig_bytes', 'gt', 800), false),
  inConn('gte', order('orig_bytes', 'gte', 800), true),
  inConn('zero is a value', order('resp_bytes', 'lte', 0), true),
  inConn('fractions compare', order('duration', 'gt', 1.49), true),
  inConn('a text that is a number compares', order('service', 'gt', 79.5), true, { service: '80' }),
  inConn('a text that is none does not', order('service', 'gt', 0), false),
  inConn('a text that begins as a number is none', order('service', 'gt', 0), false, { service: '80x' }),
  inConn('truth is no number', order('local_orig', 'gt', 0), false),
  // Lists.
  inConn('in', { kind: 'in', field: 'service', values: ['http', 'SSL'] }, true),
  inConn('in cased', { kind: 'in', field: 'service', values: ['http', 'SSL'], cased: true }, false),
  inConn('in of numbers', { kind: 'in', field: 'id.resp_p', values: [80, 443] }, true),
  inConn('in of mixed', { kind: 'in', field: 'id.resp_p', values: ['443', 'x'] }, true),
  inConn('in of none', { kind: 'in', field: 'service', values: [] }, false),
  // Addresses.
  inConn('in an IPv4 network', cidr('id.orig_h', '10.0.0.0/8'), true),
  inConn('not in another', cidr('id.orig_h', '10.1.0.0/16'), false),
  inConn('a prefix inside a byte', cidr('id.orig_h', '10.0.0.4/31'), true),
  inConn('a bare address', cidr('id.orig_h', '10.0.0.5'), true),
  inConn('everything', cidr('id.orig_h', '0.0.0.0/0'), true),
  inConn('IPv4 is not in IPv6', cidr('id.orig_h', '::/0'), false),
  inConn('in an IPv6 network', cidr('id.orig_h', '2001:db8::/32'), true, { 'id.orig_h': '2001:db8:1::5' }),
  inConn('not in another IPv6 network', cidr('id.orig_h', '2001:db9::/32'), false, { 'id.orig_h': '2001:db8:1::5' }),
  inConn('IPv6 is not in IPv4', cidr('id.orig_h', '0.0.0.0/0'), false, { 'id.orig_h': '2001:db8::1' }),
  inHttp('a name is in no network', cidr('host', '0.0.0.0/0'), false),
  inDns('an address among answers', cidr('answers', '198.51.100.0/24'), true),
  // Missing fields.
  inConn('a field exists', { kind: 'exists', field: 'service' }, true),
  inConn('a missing field does not', { kind: 'exists', field: 'history' }, false),
  inConn('zero exists', { kind: 'exists', field: 'resp_bytes' }, true),
  inHttp('an empty text exists', { kind: 'exists', field: 'referrer' }, true),
  inDns('false exists', { kind: 'exists', field: 'AA' }, true),
  inDns('an empty vector does not exist', { kind: 'exists', field: 'answers' }, false, { answers: [] }),
  inConn('a missing field equals nothing', equals('history', ''), false),
  inConn('nor is it other than something', not(equals('history', 'S')), true),
  inConn('a missing field contains not even nothing', text('history', 'contains', ''), false),
  inConn('a missing number is not less', order('missed_bytes', 'lt', 1e12), false),
  inConn('nor not less', not(order('missed_bytes', 'lt', 1e12)), true),
  inConn('a missing field is in no network', not(cidr('history', '0.0.0.0/0')), true),
  inConn('a missing field matches no regex', not(regex('history', '')), true),
  inConn('a missing field is in no list', not({ kind: 'in', field: 'history', values: ['S'] }), true),
  inConn('a field that no record has is missing', not(equals('no_such_field', 'x')), true),
  inConn('not of and with a missing field', not({ kind: 'and', of: [equals('service', 'ssl'), equals('history', 'S')] }), true),
  inConn('not of or with a missing field', not({ kind: 'or', of: [equals('service', 'http'), equals('history', 'S')] }), true),
  inConn('not not of a missing field', not(not(equals('history', 'S'))), false),
  // Vectors.
  inDns('any element equals', equals('answers', '198.51.100.7'), true),
  inDns('any element contains', text('answers', 'contains', 'EXAMPLE'), true),
  inDns('elements are not joined', text('answers', 'contains', 'net198'), false),
  inDns('any element is greater', order('TTLs', 'gt', 3_000), true),
  inDns('no element is greater', order('TTLs', 'gt', 3_600), false),
  inDns('an element equals a number', equals('TTLs', 60), true),
  inDns('not means no element', not(equals('answers', '198.51.100.7')), false),
  inDns('any element is in the list', { kind: 'in', field: 'answers', values: ['x', 'CDN.example.net'] }, true),
  inDns('any element matches the pattern', text('answers', 'like', '198.*.7'), true),
  inDns('any element matches the regex', regex('answers', '^cdn\\.'), true),
  inDns('an empty vector equals nothing', not(equals('answers', '')), true, { answers: [] }),
  // Fields compared with fields.
  inConn('two fields equal', { kind: 'fieldref', field: 'id.orig_h', op: 'equals', other: 'id.resp_h' }, true, {
    'id.resp_h': '10.0.0.5',
  }),
  inConn('two fields differ', { kind: 'fieldref', field: 'id.orig_h', op: 'equals', other: 'id.resp_h' }, false),
  inConn('two numbers compare', { kind: 'fieldref', field: 'orig_bytes', op: 'gt', other: 'resp_bytes' }, true),
  inConn('compared with a missing field', { kind: 'fieldref', field: 'orig_bytes', op: 'gt', other: 'missed_bytes' }, false),
  inConn('two missing fields are not equal', { kind: 'fieldref', field: 'history', op: 'equals', other: 'missed_bytes' }, false),
  inHttp('a field contains another, whatever case', { kind: 'fieldref', field: 'uri', op: 'contains', other: 'host' }, true, {
    uri: '/?to=SHOP.example',
  }),
  inHttp(
    'a field contains another, cased',
    { kind: 'fieldref', field: 'uri', op: 'contains', other: 'host', cased: true },
    false,
    { uri: '/?to=SHOP.example' },
  ),
  inDns('a vector holds the other field', { kind: 'fieldref', field: 'answers', op: 'equals', other: 'query' }, true, {
    query: 'CDN.example.net',
  }),
  // Parts of dates: 1764000000 is 2025-11-24T16:00:00Z, a Monday in week 48.
  ...(
    [
      ['minute', 0],
      ['hour', 16],
      ['day', 24],
      ['week', 48],
      ['month', 11],
      ['year', 2025],
    ] as const
  ).flatMap(([part, value]) => [
    inConn(`${part} of an instant`, date('ts', part, 'equals', value), true, { ts: 1_764_000_000.9 }),
    inConn(`${part} of an instant is no other`, date('ts', part, 'gt', value), false, { ts: 1_764_000_000.9 }),
    inHttp(`${part} of a written date`, date('uri', part, 'equals', value), true, { uri: '2025-11-24T16:00:00.5+08:00' }),
    inHttp(`${part} of a written date is not less`, date('uri', part, 'lt', value), false, { uri: '2025-11-24 16:00' }),
    inHttp(`${part} of what is no date`, date('uri', part, 'gte', 0), false, { uri: '2025-13-24T16:00' }),
  ]),
  inHttp('a date alone has no hour', date('uri', 'hour', 'gte', 0), false, { uri: '2025-11-24' }),
  inHttp('a date alone has a day', date('uri', 'day', 'lte', 24), true, { uri: '2025-11-24' }),
  inHttp('the first days of a year are of the last week of another', date('uri', 'week', 'equals', 53), true, {
    uri: '2027-01-03',
  }),
  inHttp('the last days of a year are of the first week of another', date('uri', 'week', 'equals', 1), true, {
    uri: '2025-12-29',
  }),
  inHttp('a day that its month has not is of the next', date('uri', 'week', 'equals', 10), true, { uri: '2025-02-31' }),
  inConn('before 1970', date('ts', 'year', 'equals', 1969), true, { ts: -0.5 }),
  inConn('too late for a date', date('orig_bytes', 'year', 'gt', 0), false, { orig_bytes: 10_413_792_000 }),
  inConn('truth is no date', date('local_orig', 'year', 'gte', 0), false),
  // Any field.
  inHttp('a keyword in some field', { kind: 'keyword', op: 'contains', value: 'SHOP.ex' }, true),
  inHttp('a keyword in no field', { kind: 'keyword', op: 'contains', value: 'nowhere' }, false),
  inHttp('a keyword in a number', { kind: 'keyword', op: 'contains', value: '404' }, true),
  inDns('a keyword in a vector', { kind: 'keyword', op: 'contains', value: 'cdn.' }, true),
  inHttp('a keyword pattern is of a whole value', { kind: 'keyword', op: 'like', value: 'shop.*' }, true),
  inHttp('a keyword pattern of a part', { kind: 'keyword', op: 'like', value: 'hop.*' }, false),
  inHttp('a keyword cased', { kind: 'keyword', op: 'contains', value: 'SHOP', cased: true }, false),
  inHttp('a keyword regex', { kind: 'keyword', op: 'regex', value: '^sh.p\\.', flags: [] }, true),
  inHttp('field names are no values', { kind: 'keyword', op: 'contains', value: 'user_agent' }, false),
  // Logic.
  inConn('and of none', { kind: 'and', of: [] }, true),
  inConn('or of none', { kind: 'or', of: [] }, false),
  inConn('and', { kind: 'and', of: [equals('service', 'ssl'), equals('conn_state', 'SF'), equals('id.resp_p', 443)] }, true),
  inConn(
    'and with one false',
    { kind: 'and', of: [equals('service', 'ssl'), equals('conn_state', 'S0'), equals('id.resp_p', 443)] },
    false,
  ),
  inConn('or', { kind: 'or', of: [equals('service', 'http'), equals('conn_state', 'S0'), equals('id.resp_p', 443)] }, true),
  inConn(
    'or with none true',
    { kind: 'or', of: [equals('service', 'http'), equals('conn_state', 'S0'), equals('id.resp_p', 80)] },
    false,
  ),
];

export type QueryCase = {
  name: string;
  records: { [log: string]: readonly AnyRecord[] };
  query: Query;
  rows: readonly { [field: string]: unknown }[];
};

const flow = (ts: number, from: string, to: string, port: number, more: AnyRecord = {}): AnyRecord => ({
  ...conn,
  ts,
  uid: `C${ts}`,
  'id.orig_h': from,
  'id.resp_h': to,
  'id.resp_p': port,
  orig_bytes: undefined,
  ...more,
});

const flows: readonly AnyRecord[] = [
  flow(1000, '10.0.0.1', '10.0.1.1', 22, { orig_bytes: 10, history: 'S' }),
  flow(1010, '10.0.0.1', '10.0.1.2', 22, { orig_bytes: 30, history: 'S' }),
  flow(1020, '10.0.0.1', '10.0.1.2', 22),
  flow(1070, '10.0.0.1', '10.0.1.3', 80, { orig_bytes: 5 }),
  flow(1030, '10.0.0.2', '10.0.1.1', 443, { orig_bytes: 7 }),
];

/** Rows are compared in order where the query orders, as sets where it does not. */
export const queryCases: readonly QueryCase[] = [
  {
    name: 'a group by one field, ordered',
    records: { conn: flows },
    query: {
      from: ['conn'],
      group: {
        by: ['id.orig_h'],
        aggregates: [
          { kind: 'count', as: 'flows' },
          { kind: 'distinct', field: 'id.resp_h', as: 'hosts' },
          { kind: 'sum', field: 'orig_bytes', as: 'bytes' },
          { kind: 'min', field: 'orig_bytes', as: 'least' },
          { kind: 'max', field: 'orig_bytes', as: 'most' },
        ],
      },
      order: [{ field: 'flows', descending: true }],
    },
    rows: [
      { 'id.orig_h': '10.0.0.1', flows: 4, hosts: 3, bytes: 45, least: 5, most: 30 },
      { 'id.orig_h': '10.0.0.2', flows: 1, hosts: 1, bytes: 7, least: 7, most: 7 },
    ],
  },
  {
    name: 'windows start at whole multiples',
    records: { conn: flows },
    query: {
      from: ['conn'],
      where: equals('id.orig_h', '10.0.0.1'),
      group: { by: [], every: 60, aggregates: [{ kind: 'count', as: 'flows' }] },
      order: [{ field: 'window' }],
    },
    rows: [
      { window: 960, flows: 2 },
      { window: 1020, flows: 2 },
    ],
  },
  {
    name: 'the end of the range is outside, its start inside',
    records: { conn: flows },
    query: { from: ['conn'], range: { from: 1010, to: 1030 }, group: { by: [], aggregates: [{ kind: 'count', as: 'flows' }] } },
    rows: [{ flows: 2 }],
  },
  {
    name: 'having, and limit after order',
    records: { conn: flows },
    query: {
      from: ['conn'],
      group: { by: ['id.resp_p'], aggregates: [{ kind: 'count', as: 'flows' }] },
      having: order('flows', 'lt', 3),
      order: [{ field: 'id.resp_p', descending: true }],
      limit: 1,
    },
    rows: [{ 'id.resp_p': 443, flows: 1 }],
  },
  {
    name: 'missing values group together, and aggregates of nothing',
    records: { conn: flows },
    query: {
      from: ['conn'],
      where: equals('id.resp_h', '10.0.1.2'),
      group: {
        by: ['history'],
        aggregates: [
          { kind: 'sum', field: 'orig_bytes', as: 'bytes' },
          { kind: 'avg', field: 'orig_bytes', as: 'mean' },
          { kind: 'max', field: 'orig_bytes', as: 'most' },
          { kind: 'distinct', field: 'orig_bytes', as: 'different' },
        ],
      },
      order: [{ field: 'bytes' }],
    },
    rows: [
      { history: null, bytes: 0, mean: null, most: null, different: 0 },
      { history: 'S', bytes: 30, mean: 30, most: 30, different: 1 },
    ],
  },
  {
    name: 'either of two addresses, each record once',
    records: { conn: [...flows, flow(1040, '10.0.0.1', '10.0.0.1', 22)] },
    query: {
      from: ['conn'],
      where: {
        kind: 'and',
        of: [equals('id.resp_p', 22), { kind: 'or', of: [equals('id.orig_h', '10.0.0.1'), equals('id.resp_h', '10.0.0.1')] }],
      },
      group: { by: [], aggregates: [{ kind: 'count', as: 'n' }] },
    },
    rows: [{ n: 4 }],
  },
  {
    name: 'a mean is of the values there are, of vectors of all elements',
    records: { dns: [{ ...dns }, { ...dns, TTLs: [120] }, { ...dns, TTLs: [] }] },
    query: {
      from: ['dns'],
      group: { by: ['query'], aggregates: [{ kind: 'avg', field: 'TTLs', as: 'mean' }] },
    },
    rows: [{ query: 'www.Example.com', mean: 1260 }],
  },
  {
    name: 'rows of chosen columns, in an order by another',
    records: { conn: flows },
    query: {
      from: ['conn'],
      where: equals('id.orig_h', '10.0.0.1'),
      order: [{ field: 'ts', descending: true }],
      limit: 1,
      columns: ['id.orig_h', 'id.resp_p'],
    },
    rows: [{ _log: 'conn', 'id.orig_h': '10.0.0.1', 'id.resp_p': 80 }],
  },
  {
    name: 'a group of chosen columns, in an order by another',
    records: { conn: flows },
    query: {
      from: ['conn'],
      group: {
        by: ['id.orig_h'],
        aggregates: [
          { kind: 'count', as: 'flows' },
          { kind: 'sum', field: 'orig_bytes', as: 'bytes' },
        ],
      },
      order: [{ field: 'bytes' }],
      columns: ['flows'],
    },
    rows: [{ flows: 1 }, { flows: 4 }],
  },
  {
    name: 'a group over no records has no row',
    records: { conn: flows },
    query: {
      from: ['conn'],
      where: equals('service', 'none'),
      group: { by: ['service'], aggregates: [{ kind: 'count', as: 'flows' }] },
    },
    rows: [],
  },
  {
    name: 'elements of a vector are counted each',
    records: { dns: [{ ...dns }, { ...dns, answers: ['198.51.100.7'] }, { ...dns, answers: [] }] },
    query: {
      from: ['dns'],
      group: {
        by: ['query'],
        aggregates: [
          { kind: 'distinct', field: 'answers', as: 'answers' },
          { kind: 'count', as: 'n' },
        ],
      },
    },
    rows: [{ query: 'www.Example.com', answers: 2, n: 3 }],
  },
];
