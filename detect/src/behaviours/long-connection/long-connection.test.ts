import { expect, test } from 'vitest';
import { conn, detect, say, type Line } from '../../testing/detection.ts';

const host = '10.0.0.7';
const place = '198.51.100.7';
const told = (lines: Iterable<Line>) => detect(lines).findings.filter(({ rule }) => rule.id === 'behaviour:long-connection');

test('half an hour is noted, four hours are told at level low', () => {
  expect(told([conn(1_000, host, place, 443, { duration: 1_800 })]).map(({ level }) => level)).toEqual(['informational']);
  const [finding] = told([conn(1_000, host, place, 443, { duration: 20_000 })]);
  expect(finding).toMatchObject({ level: 'low', source: host, targets: [place] });
  expect(say(finding!.explanation)).toContain('open for 5.6 h');
  expect(say(finding!.explanation, 'zh')).toContain('5.6 小时');
  expect(told([conn(1_000, host, place, 443, { duration: 1_000 })])).toEqual([]);
});

test('pieces of one connection are joined, with pauses they are not', () => {
  const pieces = (every: number) =>
    Array.from({ length: 20 }, (_, i) => conn(1_000 + i * every, host, place, 443, { duration: 900 }));
  expect(told(pieces(900)).map(({ level }) => level)).toEqual(['low']);
  expect(told(pieces(1_500))).toEqual([]);
});

test('not inside, not without an answer, not what everybody does; a habit stays informational', () => {
  expect(told([conn(1_000, host, '10.0.0.9', 445, { duration: 20_000 })])).toEqual([]);
  expect(told([conn(1_000, host, place, 443, { duration: 20_000, resp_pkts: 0 })])).toEqual([]);
  const all = Array.from({ length: 6 }, (_, i) => conn(1_000 + i, `10.0.0.${i + 1}`, place, 443, { duration: 20_000 }));
  expect(told(all).map(({ source }) => source)).not.toContain('10.0.0.6');
  const days = Array.from({ length: 6 }, (_, i) => conn(1_000 + i * 86_400, host, place, 443, { duration: 20_000 }));
  expect(told(days).map(({ level }) => level)).toEqual(['low', 'low', 'low', 'informational', 'informational', 'informational']);
});

test('long talk to everybody is noted', () => {
  expect(
    told([conn(1_000, host, '10.0.0.255', 137, { proto: 'udp', duration: 3_600, resp_pkts: 0 })]).map(
      ({ explanation }) => explanation.text,
    ),
  ).toEqual(['detect.long-connection.broadcast']);
});
