import { describe, expect, test } from 'vitest';
import { conn, detect, record, say, unanswered, type Line } from '../../testing/detection.ts';
import { networkOf } from './slow-scan.ts';

const slow = (hosts: number, every: number, source = '10.0.0.66', port = 445): Line[] =>
  Array.from({ length: hosts }, (_, i) => unanswered(1_000 + i * every, source, `10.1.${i % 3}.${i + 1}`, port));

const told = (lines: Iterable<Line>) => detect(lines).findings.filter(({ rule }) => rule.id === 'behaviour:slow-scan');

describe('slow', () => {
  test('one host in half an hour is told at the twentieth', () => {
    const findings = told(slow(24, 1_800));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ source: '10.0.0.66', level: 'medium', technique: ['T1046'], recordCount: 24 });
    expect(told(slow(19, 1_800))).toEqual([]);
    expect(say(findings[0]!.explanation)).toContain('slowly');
    expect(say(findings[0]!.explanation, 'zh')).toContain('445');
  });

  test('not when it takes longer than a day, when most answer, or when names were asked', () => {
    expect(told(slow(24, 10_000))).toEqual([]);
    expect(
      told(slow(24, 1_800).flatMap((line, i) => [line, conn(1_100 + i * 1_800, '10.0.0.66', `10.2.0.${i + 1}`, 445)])),
    ).toEqual([]);
    const asked = slow(24, 1_800).map(({ record: of }) =>
      record('dns', 900, '10.0.0.66', '10.0.0.53', 53, { query: 'a.example', answers: [String(of['id.resp_h'])] }),
    );
    expect(told([...asked, ...slow(24, 1_800)])).toEqual([]);
  });

  test('a fast scan is left to the fast method', () => {
    const { findings } = detect(slow(60, 1));
    expect(findings.map(({ rule }) => rule.id)).toEqual(['behaviour:scan']);
  });

  test('from outside it is informational', () => {
    expect(told(slow(24, 1_800, '203.0.113.9')).map(({ level }) => level)).toEqual(['informational']);
  });
});

describe('shared', () => {
  const shared = (sources: number, each: number, overlap = false): Line[] =>
    Array.from({ length: sources * each }, (_, i) =>
      unanswered(1_000 + i * 5, `203.0.113.${(i % sources) + 1}`, `10.1.0.${overlap ? 1 + Math.floor(i / sources) : i + 1}`, 22),
    );

  test('eight hosts that ask six each of one network', () => {
    const findings = told(shared(8, 6));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ level: 'low', technique: ['T1595.001'] });
    expect(say(findings[0]!.explanation)).toContain('10.1.0.0/24');
  });

  test('not many that ask for the same, nor one each', () => {
    expect(told(shared(8, 6, true))).toEqual([]);
    expect(told(shared(60, 1))).toEqual([]);
  });

  test('from inside it is high', () => {
    const lines = Array.from({ length: 48 }, (_, i) => unanswered(1_000 + i * 5, `10.0.0.${(i % 8) + 1}`, `10.1.0.${i + 1}`, 22));
    expect(told(lines).map(({ level }) => level)).toEqual(['high']);
  });
});

test('networks', () => {
  expect(networkOf('10.1.2.3')).toBe('10.1.2');
  expect(networkOf('2001:db8:1:2:3::4')).toBe('2001:db8:1:2');
});
