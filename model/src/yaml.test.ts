import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describe as sentence } from '@forewarn/base/refusal';
import { formatPath, readContent, readText } from './yaml.ts';

const Rule = z.strictObject({
  id: z.string(),
  clocks: z.array(z.strictObject({ within: z.string(), level: z.number() })),
  when: z
    .union([z.strictObject({ fact: z.string(), atLeast: z.number() }), z.strictObject({ all: z.array(z.unknown()) })])
    .optional(),
});
const complaints = (text: string): string[] => {
  const read = readContent(Rule, text, 'laws/x/law.yaml');
  return read.ok ? [] : read.refusals.map(sentence);
};

describe('reading content', () => {
  it('gives the value when it fits', () => {
    expect(readContent(Rule, 'id: a\nclocks: [{ within: PT1H, level: 2 }]\n', 'f')).toMatchObject({
      ok: true,
      value: { id: 'a' },
    });
  });

  it.each([
    [
      'a wrong type',
      'id: a\nclocks:\n  - within: 72\n    level: 2\n',
      'laws/x/law.yaml:3:5 clocks[0].within: Invalid input: expected string, received number.',
    ],
    [
      'a missing field, at its parent',
      'id: a\nclocks:\n  - level: 2\n',
      'laws/x/law.yaml:3:5 clocks[0].within: Invalid input: expected string, received undefined.',
    ],
    ['an unknown field, at itself', 'id: a\nclocks: []\nclock: 1\n', 'laws/x/law.yaml:3:1 clock: Unrecognized field "clock".'],
    [
      'the branch of a union that was meant',
      'id: a\nclocks: []\nwhen: { fact: f, atLeast: six }\n',
      'laws/x/law.yaml:3:18 when.atLeast: Invalid input: expected number, received string.',
    ],
    [
      'a syntax error',
      'id: a\nclocks: [\n',
      'laws/x/law.yaml:3:1: Flow sequence in block collection must be sufficiently indented and end with a ].',
    ],
  ])('names file, line, column and field of %s', (_name, text, expected) => {
    expect(complaints(text)).toContain(expected);
  });

  it('refuses a key that is written twice', () => {
    expect(complaints('id: a\nid: b\nclocks: []\n')[0]).toMatch(/^laws\/x\/law\.yaml:2:1: .*unique/);
  });

  it('reads JSON, with tabs', () => {
    expect(readText('{\n\t"a": [1,\n\t2], "b": null }', 'f')).toMatchObject({ ok: true, value: { a: [1, 2], b: null } });
  });

  it.each([
    [
      'a billion laughs',
      `a: &a [x]\n${Array.from(
        { length: 9 },
        (_, i) =>
          `b${i}: &b${i} [${Array(9)
            .fill(i === 0 ? '*a' : `*b${i - 1}`)
            .join(', ')}]`,
      ).join('\n')}\n`,
    ],
    ['deep nesting', '['.repeat(200_000)],
    ['a huge text', 'a'.repeat(5 * 1024 * 1024)],
    ['binary nonsense', '{]: \u0000\u0001 &*!%@`'],
  ])('survives %s with a refusal', (_name, text) => {
    const read = readText(text, 'f');
    expect(read.ok).toBe(false);
    expect(read.ok ? [] : read.refusals.map((refusal) => refusal.place.file)).toContain('f');
  });

  it('writes paths as people do', () => {
    expect(formatPath(['a', 0, 'b', 'c'])).toBe('a[0].b.c');
  });
});
