import { expect, test } from 'vitest';
import { conn, detect, record, say, type Line } from '../../testing/detection.ts';

const server = '10.0.0.20';
const told = (lines: Iterable<Line>) => detect(lines).findings.filter(({ rule }) => rule.id === 'behaviour:new-destination');
const hours = (count: number, places = 3): Line[] =>
  Array.from({ length: count }, (_, i) => conn(1_000 + i * 3_600, server, `198.51.${i % places}.5`, 443));

test('a stranger after a day is noted, after a week it is told at level low', () => {
  const [noted] = told([...hours(30), conn(1_000 + 30 * 3_600, server, '203.0.113.5', 443)]);
  expect(noted).toMatchObject({ level: 'informational', source: server, targets: ['203.0.113.5'] });
  const named = record('ssl', 1_000 + 200 * 3_600, server, '203.0.113.5', 443, { server_name: 'new.example' });
  const [low] = told([...hours(200), named, conn(1_000 + 200 * 3_600, server, '203.0.113.5', 443)]);
  expect(low).toMatchObject({ level: 'low', names: ['new.example'] });
  expect(low!.confidence).toBeGreaterThan(noted!.confidence);
  expect(say(low!.explanation)).toContain('watched for 8 days');
  expect(say(low!.explanation, 'zh')).toContain('new.example');
});

test('not on the first day, not a neighbour of what is known, not what others speak with, not without an answer', () => {
  expect(told([...hours(10), conn(40_000, server, '203.0.113.5', 443)])).toEqual([]);
  expect(told([...hours(30), conn(1_000 + 30 * 3_600, server, '198.51.0.77', 443)])).toEqual([]);
  expect(
    told([...hours(30), conn(100_000, '10.0.0.9', '203.0.113.5', 443), conn(1_000 + 30 * 3_600, server, '203.0.113.5', 443)]),
  ).toEqual([]);
  expect(told([...hours(30), conn(1_000 + 30 * 3_600, server, '203.0.113.5', 443, { resp_bytes: 0 })])).toEqual([]);
});

test('not who was met twice with a week between', () => {
  expect(told([...hours(3), conn(1_000 + 200 * 3_600, server, '203.0.113.5', 443)])).toEqual([]);
});

test('who browses is left alone, and three a day are enough', () => {
  expect(told([...hours(60, 60), conn(1_000 + 60 * 3_600, server, '203.0.113.5', 443)])).toEqual([]);
  const many = Array.from({ length: 10 }, (_, i) => conn(1_000 + 30 * 3_600 + i, server, `203.0.${i}.5`, 443));
  expect(told([...hours(30), ...many])).toHaveLength(3);
});
