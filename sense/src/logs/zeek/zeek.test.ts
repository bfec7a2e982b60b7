import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { recogniseLog } from '../read.ts';
import { zeekLines } from './tsv.ts';

const head = (...lines: string[]): string[] => [
  '#separator \\x09',
  '#set_separator\t,',
  '#empty_field\t(empty)',
  '#unset_field\t-',
  ...lines,
];

type Read = { records: { log: string; record: AnyRecord }[]; refused: number };

function read(lines: readonly string[], log = 'file'): Read {
  const outcome: Read = { records: [], refused: 0 };
  const tsv = zeekLines(
    {
      record: (of, record) => void outcome.records.push({ log: of, record }),
      refused: () => void outcome.refused++,
      shortened: () => undefined,
    },
    log,
  );
  for (const line of lines) tsv.line(line);
  return outcome;
}

test('each column is of the type that the head says', () => {
  const { records } = read([
    ...head(
      '#path\tdns',
      '#fields\tts\tuid\tid.orig_h\tid.orig_p\tquery\tAA\tanswers\tTTLs\trtt\trejected',
      '#types\ttime\tstring\taddr\tport\tstring\tbool\tvector[string]\tvector[interval]\tinterval\tbool',
    ),
    '1300475167.096535\tCHhA\t141.142.220.202\t5353\t(empty)\tT\ta,b\\x2cc\t60.000000,1.5\t-\tF',
    '#close\t2026-11-22-08-00-00',
  ]);
  expect(records).toEqual([
    {
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
    },
  ]);
});

test('another separator, and another log behind it in the same file', () => {
  const lines = [
    '#separator \\x7c',
    '#path|a',
    '#fields|ts|n',
    '#types|time|count',
    '1|2',
    '#path|b',
    '#fields|x',
    '#types|string',
    '-',
  ];
  expect(read(lines)).toEqual({
    records: [
      { log: 'a', record: { ts: 1, n: 2 } },
      { log: 'b', record: {} },
    ],
    refused: 0,
  });
});

test('what is no line of the log is refused', () => {
  expect(read(['1\t2'])).toEqual({ records: [], refused: 1 });
  expect(read([...head('#fields\ta\tb', '#types\tcount\tbool'), 'x\tmaybe', '1', '1\tT\t3'])).toEqual({
    records: [{ log: 'file', record: {} }],
    refused: 2,
  });
});

test('a path that is no name of a log does not become one', () => {
  expect(read([...head('#path\t../../etc/x', '#fields\ta', '#types\tcount'), '1']).records[0]!.log).toBe('other');
});

test('both forms are one record', () => {
  const of = (text: string, name: string): unknown => {
    const records: unknown[] = [];
    const reading = recogniseLog(new TextEncoder().encode(text), name)!.open(
      { name },
      { record: (...both) => void records.push(both) },
    );
    reading.push(new TextEncoder().encode(text));
    reading.end();
    return records;
  };
  const tsv = [
    ...head('#path\tx', '#fields\tts\tuid\trtt\tname\tlist\tsince', '#types\ttime\tstring\tinterval\tstring\tset[string]\ttime'),
    '1521911725.396014\tC1\t0.000431\ta\\x00b\t(empty)\t0.000000',
  ].join('\n');
  const json =
    '{"_path":"x","_write_ts":"2018-03-24T17:15:26.000000Z","ts":"2018-03-24T17:15:25.396014Z","uid":"C1","rtt":0.000431060791015625,' +
    '"name":"a\\\\x00b","list":[""],"since":"1970-01-01T00:00:00.000000Z"}';
  expect(of(tsv, 'x.log')).toEqual(of(json, 'x.json'));
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
