import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describe as describeRefusal } from '@forewarn/base/refusal';
import { compile } from '@forewarn/model/query/evaluate';
import { parseCondition } from './condition.ts';
import { readLogSources, readPlaceholders } from './logsources.ts';
import { readRules, type SigmaRule } from './rule.ts';
import { createRuleSet } from './ruleset.ts';

const logSources = readLogSources(
  `logsources:
  - when: { product: zeek }
    logs: ["{service}"]
  - when: { category: proxy }
    logs: [http]
    fields: { c-uri: uri, c-uri-extension: { field: uri, part: extension }, cs-uri-stem: { field: uri, part: path }, c-uri-query: { field: uri, part: query } }
  - when: { product: windows, category: process_creation }
    logs: [windows]
    where: EventID:1
`,
  'logsources.yaml',
);

function rule(detection: string, logsource = '{ product: zeek, service: http }'): SigmaRule {
  const text = `title: T\nid: ${'x'.repeat(8)}\nlogsource: ${logsource}\ntags: [attack.t1071.001, attack.command-and-control]\ndetection:\n${detection
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}\n`;
  const { rules, refusals } = readRules(text, 'r.yml', logSources);
  if (refusals[0]) throw refusals[0];
  return rules[0]!;
}

const holds = (detection: string, record: { [field: string]: unknown }, logsource?: string): boolean =>
  compile(rule(detection, logsource).predicate)(record as never);

describe('searches', () => {
  test.each([
    ['a map is all of its items', 's:\n  a: x\n  b: y\ncondition: s', { a: 'X', b: 'y' }, true],
    ['a map with one false', 's:\n  a: x\n  b: y\ncondition: s', { a: 'x', b: 'z' }, false],
    ['a list of values is any', 's:\n  a: [x, y]\ncondition: s', { a: 'y' }, true],
    ['a list of maps is any', 's:\n  - a: x\n  - b: y\ncondition: s', { b: 'y' }, true],
    ['keywords are in any field', 's: [foo, bar]\ncondition: s', { a: 'a BAR b' }, true],
    ['keywords all', "s:\n  '|all': [foo, bar]\ncondition: s", { a: 'foo', b: 'bar' }, true],
    ['keywords all, one missing', "s:\n  '|all': [foo, bar]\ncondition: s", { a: 'foo' }, false],
    ['numbers', 's:\n  a: 80\ncondition: s', { a: 80 }, true],
    ['null', 's:\n  a: null\ncondition: s', { b: 1 }, true],
    ['null with a value', 's:\n  a: null\ncondition: s', { a: '' }, false],
    ['the empty text', "s:\n  a: ''\ncondition: s", { a: '' }, true],
    ['wildcards', "s:\n  a: 'x*?z'\ncondition: s", { a: 'x--yz' }, true],
    ['an escaped wildcard', "s:\n  a: 'x\\*'\ncondition: s", { a: 'x*' }, true],
    ['an escaped wildcard is none', "s:\n  a: 'x\\*'\ncondition: s", { a: 'xy' }, false],
    ['a backslash and a wildcard', "s:\n  a: 'x\\\\*'\ncondition: s", { a: 'x\\y' }, true],
    ['a plain backslash', "s:\n  a: 'c:\\x\\y.exe'\ncondition: s", { a: 'C:\\X\\Y.EXE' }, true],
  ])('%s', (_, detection, record, expected) => {
    expect(holds(detection, record)).toBe(expected);
  });
});

test('placeholders: each value, in each of its places', () => {
  const table = 'logsources:\n  - when: { product: zeek }\n    logs: ["{service}"]\n';
  const placeholders = readPlaceholders("placeholders: { admins: [ada, 'adm*'], hosts: [pc] }\n", 'placeholders.yaml');
  const text =
    "title: T\nlogsource: { product: zeek, service: http }\ndetection:\n  s:\n    a|expand: '%admins%@%hosts%'\n  condition: s\n";
  const { rules, refusals } = readRules(text, 'r.yml', readLogSources(table, 'logsources.yaml', placeholders));
  expect(refusals).toEqual([]);
  const matches = compile(rules[0]!.predicate);
  expect(['ada@pc', 'ADM-1@pc', 'eve@pc', 'ada@other', '%admins%@pc'].map((a) => matches({ a }))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

describe('modifiers', () => {
  test.each([
    ['a|contains: oo', { a: 'FOOD' }, true],
    ['a|hour: 3', { a: '2026-11-22 03:15:00.5' }, true],
    ['a|hour|gte: 22', { a: '2026-11-22T03:15:00Z' }, false],
    ['a|week: [1, 47]', { a: 1_795_305_600 }, true],
    ['a|month|neq: 11', { a: '2026-11-22T03:15:00Z' }, false],
    ['a|startswith: oo', { a: 'ooze' }, true],
    ['a|endswith: oo', { a: 'zoo' }, true],
    ['a|endswith: oo', { a: 'ooze' }, false],
    ['a|contains|all: [x, y]', { a: 'y-x' }, true],
    ['a|contains|all: [x, y]', { a: 'x' }, false],
    ['a|contains|cased: X', { a: 'x' }, false],
    ["a|contains: 'x*y'", { a: '-x--y-' }, true],
    ["a|startswith: 'x*y'", { a: '-x--y-' }, false],
    ["a|endswith: '\\'", { a: 'c:\\' }, true],
    ["a|re: '^x\\d+$'", { a: 'x12' }, true],
    ["a|re: '^x\\d+$'", { a: 'X12' }, false],
    ["a|re|i: '^x\\d+$'", { a: 'X12' }, true],
    ["a|re|m: '^b$'", { a: 'a\nb' }, true],
    ["a|re|s: 'a.b'", { a: 'a\nb' }, true],
    ['a|cidr: 10.0.0.0/8', { a: '10.1.2.3' }, true],
    ["a|cidr: ['192.168.0.0/16', 'fe80::/10']", { a: 'fe80::1' }, true],
    ['a|gt: 5', { a: 6 }, true],
    ['a|gte: 5', { a: 5 }, true],
    ['a|lt: 5', { a: 5 }, false],
    ['a|lte: 5', { a: '5' }, true],
    ['a|exists: true', { a: '' }, true],
    ['a|exists: false', { b: '' }, true],
    ['a|fieldref: b', { a: 'X', b: 'x' }, true],
    ['a|fieldref|startswith: b', { a: 'xy', b: 'x' }, true],
    ['a|fieldref|neq: b', { a: 'x', b: 'y' }, true],
    ['a|neq: x', { a: 'y' }, true],
    ['a|neq: [x, y]', { a: 'y' }, false],
    ['a|base64|contains: foobar', { a: `--${btoa('foobar')}--` }, true],
    ['a|base64offset|contains: foobar', { a: btoa('--foobar--') }, true],
    ['a|base64offset|contains: foobar', { a: btoa('-foobar--') }, true],
    ['a|base64offset|contains: foobar', { a: btoa('foobar') }, true],
    ['a|wide|base64offset|contains: ping', { a: btoa('x\0p\0i\0n\0g\0') }, true],
    ['a|utf16|base64|startswith: ping', { a: btoa('\xff\xfep\0i\0n\0g\0') }, true],
    ['a|utf16be|base64: hi', { a: btoa('\0h\0i') }, true],
    ["a|windash|contains: ' -f '", { a: 'cmd /f x' }, true],
    ["a|windash|contains: ' -f '", { a: 'cmd \u2013f x' }, true],
    ["a|windash|contains: 'a-b'", { a: 'a/b' }, false],
    ['a|contains|windash: [" -x", " /y"]', { a: ' -y' }, true],
  ])('%s on %j is %s', (item, record, expected) => {
    expect(holds(`s:\n  ${item}\ncondition: s`, record)).toBe(expected);
  });
});

describe('conditions', () => {
  const truth = (text: string, values: { [name: string]: boolean }): boolean => {
    const evaluate = (condition: ReturnType<typeof parseCondition>): boolean => {
      if (condition.kind === 'search') return values[condition.name]!;
      if (condition.kind === 'not') return !evaluate(condition.of);
      return condition.kind === 'and' ? condition.of.every(evaluate) : condition.of.some(evaluate);
    };
    return evaluate(parseCondition(text, Object.keys(values)));
  };
  test.each([
    ['a or b and c', { a: true, b: false, c: false }, true],
    ['(a or b) and c', { a: true, b: false, c: false }, false],
    ['not a and b', { a: false, b: true }, true],
    ['not (a and b)', { a: true, b: true }, false],
    ['not not a', { a: true }, true],
    ['1 of sel*', { sel_1: false, sel_2: true, other: false }, true],
    ['all of sel*', { sel_1: false, sel_2: true, other: true }, false],
    ['1 of them', { a: false, _b: true }, false],
    ['all of them', { a: true, _b: false }, true],
    ['a and not 1 of filter_*', { a: true, filter_x: false, filter_y: false }, true],
    ['1 of *_x', { a_x: true }, true],
    ['A AND NOT B', { A: true, B: false }, true],
  ] as const)('%s', (text, values, expected) => {
    expect(truth(text, values)).toBe(expected);
  });
});

describe('refuses with file, line and reason', () => {
  const refused = (text: string): string => {
    const { rules, refusals } = readRules(text, 'r.yml', logSources);
    expect(rules).toEqual([]);
    return describeRefusal(refusals[0]!);
  };
  const head = 'title: T\nlogsource: { product: zeek, service: http }\ndetection:\n';
  test.each([
    [`${head}  s:\n    a|expand: '%x%'\n  condition: s\n`, 'r.yml:5:5', 'the placeholder "x" has no values'],
    [`${head}  s:\n    a|frob: x\n  condition: s\n`, 'r.yml:5:5', 'no modifier "frob"'],
    [`${head}  s:\n    a|hour: noon\n  condition: s\n`, 'r.yml:5:5', '"hour" needs a number'],
    [`${head}  s:\n    a|hour|contains: 5\n  condition: s\n`, 'r.yml:5:5', 'exclude one another'],
    [`${head}  s:\n    a: x\n  condition: s or t\n`, 'r.yml:6:3', 'no search named "t"'],
    [`${head}  s:\n    a: x\n  condition: s | count() > 5\n`, 'r.yml:6:3', 'aggregations'],
    [`${head}  s:\n    a: x\n  condition: 2 of s*\n`, 'r.yml:6:3', '"2 of" is not supported'],
    [`${head}  s:\n    a: x\n  condition: (s\n`, 'r.yml:6:3', 'not closed'],
    [`${head}  s:\n    a: x\n`, 'r.yml:3:1', 'no condition'],
    [`${head}  s: {}\n  condition: s\n`, 'r.yml:4:3', 'match everything'],
    [`${head}  s:\n    a: []\n  condition: s\n`, 'r.yml:5:5', 'empty list'],
    [`${head}  s:\n    a|re: '(?=x)'\n  condition: s\n`, 'r.yml:5:5', 'looks around'],
    [`${head}  s:\n    a|cidr: 10.0.0.1/8\n  condition: s\n`, 'r.yml:5:5', 'not a network'],
    [`${head}  s:\n    a|lt: many\n  condition: s\n`, 'r.yml:5:5', 'needs a number'],
    [`${head}  s:\n    a|contains|all: x\n  condition: s\n`, 'r.yml:5:5', 'several values'],
    [`${head}  s:\n    a|re|contains: x\n  condition: s\n`, 'r.yml:5:5', 'exclude one another'],
    [`${head}  s:\n    a|base64: 'x*'\n  condition: s\n`, 'r.yml:5:5', 'wildcard'],
    [`${head}  s:\n    a: { b: c }\n  condition: s\n`, 'r.yml:5:5', 'must be a text'],
    [`${head}  s:\n    a: x\n  timeframe: 5m\n  condition: s\n`, 'r.yml:6:3', 'time frame'],
    ['title: T\ncorrelation:\n  type: event_count\n', 'r.yml:2:1', 'correlation.rules'],
    ['title: T\nfilter:\n  rules: any\n', 'r.yml:1:1', 'logsource'],
    ['title: T\nlogsource: {}\ndetection:\n  s: [x]\n  condition: s\n', 'r.yml:2:1', 'names no product'],
    ['title: [\n', 'r.yml:', ''],
    ['just text\n', 'r.yml:1:1', ''],
    [`${head}  s: [x]\n  condition: s\nlevel: extreme\n`, 'r.yml:6:1', 'level'],
  ])('%j', (text, place, reason) => {
    const sentence = refused(text);
    expect(sentence.startsWith(place)).toBe(true);
    expect(sentence).toContain(reason);
  });

  test('one bad rule of a file leaves the others, with its own line', () => {
    const good = `${head}  s:\n    a: x\n  condition: s\n`;
    const { rules, refusals } = readRules(
      `${good}---\n${head}  s:\n    a|frob: x\n  condition: s\n---\n${good}`,
      'r.yml',
      logSources,
    );
    expect(rules.length).toBe(2);
    expect(refusals.map((refusal) => refusal.place.line)).toEqual([12]);
  });
});

describe('log sources', () => {
  test('fields are renamed, parts of a request are looked for in the whole', () => {
    const proxy = '{ category: proxy }';
    expect(holds('s:\n  c-uri|contains: /gate\ncondition: s', { uri: '/gate.php' }, proxy)).toBe(true);
    expect(holds('s:\n  c-uri-extension: [exe, dll]\ncondition: s', { uri: '/a/b.EXE?x=1' }, proxy)).toBe(true);
    expect(holds('s:\n  c-uri-extension: exe\ncondition: s', { uri: '/a/b.exe2' }, proxy)).toBe(false);
    expect(holds('s:\n  cs-uri-stem|endswith: /login\ncondition: s', { uri: '/x/login?next=/' }, proxy)).toBe(true);
    expect(holds('s:\n  cs-uri-stem|endswith: /login\ncondition: s', { uri: '/x/logins' }, proxy)).toBe(false);
    expect(holds('s:\n  c-uri-query|startswith: cmd=\ncondition: s', { uri: '/x?cmd=ls' }, proxy)).toBe(true);
    expect(holds('s:\n  c-uri-query: cmd=ls\ncondition: s', { uri: '/x?cmd=ls2' }, proxy)).toBe(false);
  });

  test('the condition of the log source is part of the rule', () => {
    const created = '{ product: windows, category: process_creation }';
    expect(holds('s:\n  Image|endswith: x\ncondition: not s', { EventID: 1 }, created)).toBe(true);
    expect(holds('s:\n  Image|endswith: x\ncondition: not s', { EventID: 3 }, created)).toBe(false);
  });

  test('technique and tactic come from the tags', () => {
    const { technique, tactic } = rule('s:\n  a: x\ncondition: s');
    expect({ technique, tactic }).toEqual({ technique: ['T1071.001'], tactic: ['command-and-control'] });
  });
});

test('a set of rules finds what each rule finds alone', () => {
  // Rules of every indexed and unindexed kind, over values that share parts.
  const items = [
    'a: abcd',
    'a|contains: bcde',
    'a|endswith: de',
    "a|contains: 'ab*ef'",
    'a|re: c+d',
    'b|gt: 3',
    'a: [x, abcde]',
    'b: 5',
    'a|contains|cased: BCDE',
  ];
  const rules = items.map((item, i) => ({ ...rule(`s:\n  ${item}\ncondition: s`), id: `${i}` }));
  rules.push({ ...rule('s:\n  a|contains: bcde\nt:\n  b: 5\ncondition: s or t'), id: 'either' });
  rules.push({ ...rule('s:\n  a|contains: bcde\ncondition: not s'), id: 'not' });
  rules.push({ ...rule('s: [bcde, zz]\ncondition: s'), id: 'keyword' });
  rules.push({ ...rule("s:\n  '|re': 'c+d$'\ncondition: s"), id: 'keyword regex' });
  rules.push({ ...rule("s:\n  '|all': ['5', cd]\ncondition: s"), id: 'keywords' });
  const set = createRuleSet(rules);
  const alone = rules.map((one) => compile(one.predicate));
  const values = ['abcd', 'ABCDE', 'xbcdefbcdex', 'de', 'ab-ef', 'ccd', 'x', '', 'ab'];
  for (const a of values) {
    for (const b of [undefined, 2, 5, '5']) {
      const record = { a, b };
      expect(set.match('http', record).map(({ id }) => id)).toEqual(
        rules.filter((_, i) => alone[i]!(record)).map(({ id }) => id),
      );
      expect(set.match('http', { a: ['zz', a], b }).map(({ id }) => id)).toEqual(
        rules.filter((_, i) => alone[i]!({ a: ['zz', a], b } as never)).map(({ id }) => id),
      );
    }
  }
  expect(set.match('dns', { a: 'abcd' })).toEqual([]);
});

test('sorted by channel and number, and skipping through long values, a set finds what each rule finds alone', () => {
  // So many that sorting begins: most demand a channel and a number, in all the ways that a rule can.
  const texts = [
    'mimikatz::',
    'privilege::debug',
    '\\\\lsass.exe',
    'été-straße-ünïcode',
    'abcdefgh',
    'bcdefghij',
    'zzzzzzzzz',
    'c:\\\\tools',
  ];
  const rules = Array.from({ length: 96 }, (_, i) => {
    const text = texts[i % texts.length]!;
    const demand = [
      `Channel: Sys`,
      `Channel: sYS\n  EventID: ${i % 5}`,
      `Channel: [Sys, Other]\n  EventID: [1, 2]`,
      `EventID: '${i % 4}'`,
      `Channel: ''`,
      `Channel|contains: s`,
    ][i % 6]!;
    const where = ['a|contains', 'b|endswith', 'a|startswith', 'a|contains', 'b'][i % 5]!;
    return { ...rule(`s:\n  ${demand}\n  ${where}: "${text}"\ncondition: s`), id: `${i}` };
  });
  rules.push({ ...rule("s: ['mimikatz::', 'lsadump::sam']\ncondition: s"), id: 'keywords' });
  rules.push({ ...rule('s:\n  a: null\ncondition: s'), id: 'missing' });
  rules.push({ ...rule('s:\n  Channel: Sys\nt:\n  Channel: Other\ncondition: s or t'), id: 'either' });
  rules.push({ ...rule('s:\n  EventID: 1\ncondition: not s'), id: 'not' });
  const set = createRuleSet(rules);
  const alone = rules.map((one) => compile(one.predicate));
  const value = fc.oneof(
    fc.constantFrom(...texts.map((text) => text.replaceAll('\\\\', '\\'))),
    fc.tuple(fc.string({ maxLength: 9 }), fc.constantFrom(...texts), fc.string({ maxLength: 9 })).map(([before, text, after]) => {
      const inner = text.replaceAll('\\\\', '\\');
      return `${before}${before.length % 2 ? inner.toUpperCase() : inner}${after}`;
    }),
    fc.constantFrom('\u0130'.repeat(5), '', 'lsadump::sam'),
  );
  const record = fc.record(
    {
      Channel: fc.oneof(
        fc.constantFrom('Sys', 'SYS', 'other', '', 'x'.repeat(300)),
        fc.constant(['Sys', 'y']),
        fc.constant(null),
      ),
      EventID: fc.oneof(fc.constantFrom<unknown>(0, 1, 2, '1', '2', true), fc.constant([1, 9])),
      a: fc.oneof(value, fc.array(value, { maxLength: 3 }), fc.integer()),
      b: value,
      c: value,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(record, (one) => {
      expect(set.match('http', one as never).map(({ id }) => id)).toEqual(
        rules.filter((_, i) => alone[i]!(one as never)).map(({ id }) => id),
      );
    }),
    { seed: 1, numRuns: 2_000 },
  );
});
