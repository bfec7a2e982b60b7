import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createLogIntake } from './intake.ts';
import { limits } from './limits.ts';
import { recogniseLog, type LogReport } from './read.ts';

type Read = { records: (AnyRecord & { _log: string })[]; report: LogReport | undefined };

/** Reads a text, cut where `cuts` says. */
function read(text: string | Uint8Array, name = 'events.json', cuts: readonly number[] = []): Read {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const records: Read['records'] = [];
  const log = recogniseLog(bytes.subarray(0, limits.recognitionBytes.value), name);
  const reading = log?.open({ name }, { record: (of, record) => void records.push({ _log: of, ...record }) });
  let from = 0;
  for (const to of [...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]) {
    reading?.push(bytes.slice(from, to));
    from = to;
  }
  return { records, report: reading?.end() };
}

const ids = (of: Read): unknown[] => of.records.map((record) => record['n']);

describe('objects of JSON', () => {
  test.each([
    ['a line each', '{"n":1}\n{"n":2}\n', [1, 2]],
    ['one after the other', '{"n":1}{"n":2}', [1, 2]],
    ['laid out over lines', '{\n  "n": 1,\n  "of": { "a": "}{" }\n}\n{\n  "n": 2\n}', [1, 2]],
    ['in a list', '[{"n":1},\n {"n":2}]', [1, 2]],
    ['in the wrapper of CloudTrail', '{"Records":[{"n":1},{"n":2}]}', [1, 2]],
    ['in the wrapper of Azure', '{"records": [ {"n":1}, {"n":2} ] }\n{"records":[{"n":3}]}', [1, 2, 3]],
    ['in the wrapper of Graph', '{"@odata.context":"https://x","value":[{"n":1}],"@odata.nextLink":{"n":9}}', [1]],
    ['in the wrapper of Kubernetes', '{"kind":"EventList","apiVersion":"v1","metadata":{},"items":[{"n":1}]}', [1]],
    ['in lists of lists', '[[{"n":1}],[{"n":2}]]', [1, 2]],
    ['behind a mark of byte order', '\u{feff}{"n":1}', [1]],
    ['with a list that only looks like a wrapper', '{"n":1,"records":[{"n":2}]}', [1]],
  ])('%s', (_name, text, expected) => {
    const whole = read(text);
    expect(ids(whole)).toEqual(expected);
    expect(whole.report!.refused).toEqual({});
    for (let cut = 0; cut < text.length; cut++) expect(ids(read(text, 'x', [cut]))).toEqual(expected);
  });

  test('what is broken is refused with its place, and reading goes on behind it', () => {
    const { records, report } = read('{"n":1}\n{"n":2,"a":"cut\n{"n":3}\n{"n":4,\n{"n":5}\nwhat\n{"n":6}\n{"n":');
    expect(records.map((record) => record['n'])).toEqual([1, 3, 5, 6]);
    expect(report!.refused).toEqual({
      malformed: { count: 3, first: { line: 2, offset: 8 } },
      cut: { count: 1, first: { line: 8, offset: 61 } },
    });
  });

  test('numbers that no double holds stay exact', () => {
    expect(read('{"n":-9223372036854775808,"m":9007199254740991,"s":"99999999999999999999"}').records).toEqual([
      { _log: 'events', n: '-9223372036854775808', m: 9007199254740991, s: '99999999999999999999' },
    ]);
  });

  test('depth and length have ceilings', () => {
    const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    expect(read(`{"n":1}\n${deep(64)}`).report!.refused).toEqual({});
    expect(read(`{"n":1}\n${deep(65)}`).report!.refused).toEqual({ 'too-deep': { count: 1, first: { line: 2, offset: 8 } } });
    const long = read(`{"n":1}\n{"n":"${'x'.repeat(limits.eventBytesMax.value)}"}\n{"n":3}`);
    expect(ids(long)).toEqual([1, 3]);
    expect(long.report!.refused).toEqual({ 'too-long': { count: 1, first: { line: 2, offset: 8 } } });
  });

  test('nesting becomes names, lists of objects become lists', () => {
    expect(
      read('{"a":{"b":{"c":true}},"l":[1,"x",false],"o":[{"k":"v","z":[1]},{"k":"w"}],"e":[],"none":null,"__proto__":["x"]}')
        .records,
    )
      // oxfmt-ignore
      .toEqual([{ _log: 'events', 'a.b.c': true, l: ['1', 'x', 'false'], 'o.k': ['v', 'w'], 'o.z': [1], e: [] }]);
  });

  test('fields and elements have ceilings, and the record says so', () => {
    const wide = Object.fromEntries(Array.from({ length: 2_001 }, (_, i) => [`f${i}`, i]));
    const { records, report } = read(JSON.stringify([wide, { list: Array.from({ length: 1_001 }, (_, i) => i) }]));
    expect(Object.keys(records[0]!).length).toBe(2_001);
    expect(records[1]!['list']).toHaveLength(1_000);
    expect(report!.shortened).toBe(2);
  });
});

test('UTF-16 with a mark of byte order is read as any text', () => {
  const text = '\u{feff}{"n":1,"t":"é"}\r\n';
  const bytes = Uint8Array.from([...text].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]));
  expect(read(bytes, 'x', [3, 7, 8]).records).toEqual([{ _log: 'x', n: 1, t: 'é' }]);
});

test('what no format knows is no log', () => {
  for (const text of ['', 'hello\nworld\n', '\0\0\0', '[1,2]', '<html>'])
    expect(recogniseLog(new TextEncoder().encode(text), 'x')).toBe(undefined);
});

test('names of logs are names, and few', () => {
  const lines = Array.from({ length: 300 }, (_, i) => `{"_path":"l${i}","ts":1}`);
  const { report } = read(['{"_path":"../../etc","ts":1}', ...lines].join('\n'));
  expect(Object.keys(report!.logs).length).toBe(256);
  expect(report!.logs['other']).toBe(46);
});

test('a listener gives the same records as a file', () => {
  const lines = ['{"_path":"dns","ts":1}', '{"a":1}', '{', 'no format'];
  const records: unknown[] = [];
  const intake = createLogIntake({ name: 'tcp', at: () => 7 }, { record: (log, record) => void records.push([log, record]) });
  for (const line of lines) intake.line(line);
  intake.event({ a: 2 });
  intake.flush();
  expect(records).toEqual([
    ['dns', { ts: 1 }],
    ['tcp', { ts: 7, a: 1 }],
    ['tcp', { ts: 7, a: 2 }],
  ]);
  expect(intake.account().refused).toEqual({ malformed: { count: 1, first: {} }, unrecognised: { count: 1, first: {} } });
});

test('any text, cut anywhere, gives the same and never throws', () => {
  const unit = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    '\n',
    '1',
    ' ',
    'Records',
    '{"n":1}',
    '#fields\t',
    '#separator \\x09\n',
    '<Event>',
    '"value":[',
    'type=X msg=audit(1.1:1): ',
    '<34>1 ',
    'CEF:0|',
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 40 }), fc.array(fc.nat(200), { maxLength: 5 }), (parts, cuts) => {
      const text = parts.join('');
      expect(read(text, 'x', cuts)).toEqual(read(text, 'x'));
    }),
    { numRuns: 2_000 },
  );
});
