import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { compileRegex, requiredTexts } from './regex.ts';
import type { RegexFlag } from './query.ts';

const charactersMax = 65_536;
const matches = (pattern: string, text: string, flags: RegexFlag[] = []): boolean =>
  compileRegex(pattern, flags, { charactersMax })(text);

describe('matches as RE2 does', () => {
  test.each([
    ['abc', 'xxabcxx', true],
    ['^abc$', 'abc', true],
    ['^abc$', 'abcd', false],
    ['', '', true],
    ['^$', '', true],
    ['a|b', 'xb', true],
    ['^(?:a|bc)+$', 'abcbca', true],
    ['^(?:a|bc)+$', 'abcb', false],
    ['\\d{3}-\\d{2,4}', 'call 555-1234', true],
    ['^\\d{2,3}$', '1', false],
    ['^\\d{2,3}$', '1234', false],
    ['^a{0}b$', 'b', true],
    ['[^\\\\]+\\.exe$', 'C:\\x\\y.exe', true],
    ['\\bfoo\\b', 'a foo b', true],
    ['\\bfoo\\b', 'afoo', false],
    ['\\Boo', 'foo', true],
    ['[[:digit:]]x', '5x', true],
    ['[]a]+$', ']', true],
    ['[a-]$', '-', true],
    ['(?i)PowerShell', 'POWERSHELL', true],
    ['a(?i)b(?-i)c', 'aBc', true],
    ['a(?i)b(?-i)c', 'aBC', false],
    ['(?i:a)b', 'Ab', true],
    ['(?i:a)b', 'AB', false],
    ['a.c', 'a\nc', false],
    ['^.$', '😀', true],
    ['[^a]$', 'é', true],
    ['\\x41\\x{42}', 'AB', true],
    ['x{,3}', 'x{,3}', true],
    ['(?P<n>a)(?:b)', 'ab', true],
    ['\\.', 'a', false],
    ['(|a)b', 'b', true],
    ['(a*)*b', 'aaab', true],
  ] as const)('%j on %j is %j', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  test('flags', () => {
    expect(matches('^b$', 'a\nb\nc', ['m'])).toBe(true);
    expect(matches('^b$', 'a\nb\nc')).toBe(false);
    expect(matches('a.c', 'a\nc', ['s'])).toBe(true);
    expect(matches('É', 'é', ['i'])).toBe(true);
    expect(matches('[^a]', 'A', ['i'])).toBe(false);
  });
});

test('agrees with the language’s own engine on random expressions', () => {
  const atom = fc.constantFrom('a', 'b', '[ab]', '[^a]', '.', '\\b', '^', '$', '\\d', '\\w');
  const pattern = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(tie('node'), tie('node')).map(([x, y]) => `${String(x)}${String(y)}`),
      fc.tuple(tie('node'), tie('node')).map(([x, y]) => `(?:${String(x)}|${String(y)})`),
      fc.tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}')).map(([x, q]) => `(?:${String(x)})${q}`),
    ),
  })).node;
  fc.assert(
    fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', '\n'), maxLength: 12 }), (source, text) => {
      expect(matches(String(source), text)).toBe(new RegExp(String(source)).test(text));
    }),
    { numRuns: 3000, seed: 7 },
  );
});

describe('refuses, with the position', () => {
  test.each([
    ['(?=a)b', 'looks around'],
    ['(?<!a)b', 'looks around'],
    ['(a)\\1', 'refers back'],
    ['a)', 'closing parenthesis'],
    ['(a', 'leaves a group open'],
    ['[a', 'leaves a bracket open'],
    ['*a', 'repeats nothing'],
    ['a{2000}', 'repeats more than'],
    ['a{3,2}', 'backwards'],
    ['[z-a]', 'backwards'],
    ['\\y', 'unknown escape'],
    ['a\\', 'ends in a backslash'],
    ['((a{1000}){1000})', 'grows to more'],
    ['('.repeat(200) + ')'.repeat(200), 'deeper'],
  ])('%s', (pattern, message) => {
    expect(() => matches(pattern, '')).toThrow(Refusal);
    expect(() => matches(pattern, '')).toThrow(message);
  });
});

test('expressions that hang a backtracking engine answer at once', () => {
  // On V8's engine the first takes 2^60 steps and the second the fifteenth power of the length.
  expect(matches('^(a+)+$', `${'a'.repeat(60_000)}!`)).toBe(false);
  expect(matches('\\+.*\\+.*\\+.*\\+.*\\+.*\\+.*\\+.*\\+.*\\+.*\\+.*\\+.*\\+.*\\+.*\\+.*!', '+'.repeat(60_000))).toBe(false);
  expect(matches('(x+x+)+y', 'x'.repeat(60_000))).toBe(false);
});

test('many automaton states are forgotten and built anew', () => {
  // (a|b)*a(a|b){12} needs 2^13 states when determinised.
  const ends = compileRegex('^(?:a|b)*a(?:a|b){12}$', [], { charactersMax });
  let seed = 1;
  const text = Array.from({ length: 20_000 }, () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed & 65_536 ? 'a' : 'b';
  }).join('');
  expect(ends(text)).toBe(text.at(-13) === 'a');
  expect(ends(`${text}abbbbbbbbbbbb`)).toBe(true);
  expect(ends(`${text}bbbbbbbbbbbbb`)).toBe(false);
});

test('looks at the first characters only', () => {
  expect(compileRegex('z', [], { charactersMax: 10 })(`${'a'.repeat(10)}z`)).toBe(false);
});

describe('texts that a match needs', () => {
  test.each([
    ['\\.(exe|dll)$', ['exe', 'dll']],
    ['^PowerShell\\s+-enc', ['powershell']],
    ['(?i)abc', ['abc']],
    ['a|bc', ['a', 'bc']],
    ['a*', undefined],
    ['(abc)+x?', ['abc']],
    ['\\bfoo\\bbar', ['foobar']],
    ['[ab]c', ['c']],
    ['\\d+', undefined],
    ['x.*long.*y', ['long']],
    ['(a|b*)c', ['c']],
  ])('%s', (pattern, expected) => {
    expect(requiredTexts(pattern, [])).toEqual(expected);
  });

  test('whatever matches holds one of them', () => {
    const atom = fc.constantFrom('a', 'B', 'c', '[aA]', '[ab]', '.', '\\b', '(?i)q', 'ab');
    const pattern = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        atom,
        fc.tuple(tie('node'), tie('node')).map(([x, y]) => `${String(x)}${String(y)}`),
        fc.tuple(tie('node'), tie('node')).map(([x, y]) => `(?:${String(x)}|${String(y)})`),
        fc.tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}')).map(([x, q]) => `(?:${String(x)})${q}`),
      ),
    })).node;
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom('a', 'b', 'B', 'c', 'A', 'q', 'Q'), maxLength: 10 }),
        (source, text) => {
          const texts = requiredTexts(String(source), []);
          const held = texts === undefined || texts.some((one) => text.toLowerCase().includes(one));
          expect(held || !matches(String(source), text)).toBe(true);
        },
      ),
      { numRuns: 3000, seed: 11 },
    );
  });
});
