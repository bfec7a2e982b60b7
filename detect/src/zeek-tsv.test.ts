import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createZeekTsv } from './zeek-tsv.ts';

const head = (...lines: string[]): string[] => [
  '#separator \\x09',
  '#set_separator\t,',
  '#empty_field\t(empty)',
  '#unset_field\t-',
  ...lines,
];

function read(lines: readonly string[], log = 'file') {
  const tsv = createZeekTsv(log);
  return lines.map((line) => tsv.line(line));
}

test('each column is of the type that the head says', () => {
  const [read1] = read([
    ...head(
      '#path\tdns',
      '#fields\tts\tuid\tid.orig_h\tid.orig_p\tquery\tAA\tanswers\tTTLs\trtt\trejected',
      '#types\ttime\tstring\taddr\tport\tstring\tbool\tvector[string]\tvector[interval]\tinterval\tbool',
    ),
    '1300475167.096535\tCHhA\t141.142.220.202\t5353\t(empty)\tT\ta,b\\x2cc\t60.000000,1.5\t-\tF',
    '#close\t2026-11-22-08-00-00',
  ]).slice(7);
  expect(read1).toEqual({
    log: 'dns',
    record: {
      ts: 1_300_475_167.096535,
      uid: 'CHhA',
      'id.orig_h': '141.142.220.202',
      'id.orig_p': 5_353,
      query: '',
      AA: true,
      answers: ['a', 'b,c'],
      TTLs: [60, 1.5],
      rejected: false,
    },
  });
});

test('another separator, and another log behind it in the same file', () => {
  const outcome = read([
    '#separator \\x7c',
    '#path|a',
    '#fields|ts|n',
    '#types|time|count',
    '1|2',
    '#path|b',
    '#fields|x',
    '#types|string',
    '-',
  ]);
  expect(outcome.filter((one) => one !== 'head')).toEqual([
    { log: 'a', record: { ts: 1, n: 2 } },
    { log: 'b', record: {} },
  ]);
});

test('what is no line of the log is none', () => {
  expect(read(['1\t2'])).toEqual([undefined]);
  expect(read([...head('#fields\ta\tb', '#types\tcount\tbool'), 'x\tmaybe', '1', '1\tT\t3']).slice(6)).toEqual([
    { log: 'file', record: {} },
    undefined,
    undefined,
  ]);
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: fc.constantFrom('#', 'fields', 'types', '\t', '\\x', '4', 'separator ', 'set[', 'addr', ']', '-') }),
      ),
      (lines) => {
        read(lines);
      },
    ),
  );
});
