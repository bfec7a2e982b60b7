import { describe, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { predicateCases, queryCases } from './cases.ts';
import { compile, likeTest } from './evaluate.ts';
import { Predicate, Query } from './query.ts';
import { runQuery } from './run.ts';

describe('every case of the algebra', () => {
  test.each(predicateCases)('$log: $name', ({ record, predicate, expected }) => {
    expect(compile(predicate)(record)).toBe(expected);
    // What crosses a border as JSON means the same.
    expect(compile(Predicate.parse(JSON.parse(JSON.stringify(predicate))))(record)).toBe(expected);
  });

  test.each(queryCases)('$name', ({ records, query, rows }) => {
    const found = runQuery(
      Query.parse(query),
      Object.entries(records).flatMap(([log, of]) => of.map((record) => ({ log, record }))),
    );
    expect(found).toEqual(rows);
  });
});

test('a predicate that nests too deep is refused', () => {
  let deep: Predicate = { kind: 'exists', field: 'a' };
  for (let i = 0; i < 100; i++) deep = { kind: 'not', of: deep };
  expect(() => compile(deep)).toThrow(Refusal);
});

test('names of Object are no fields', () => {
  expect(compile({ kind: 'exists', field: 'constructor' })({})).toBe(false);
  expect(compile({ kind: 'exists', field: '__proto__' })({})).toBe(false);
});

test('strange values do not throw', () => {
  const strange = { a: { b: 1 }, c: [null, { d: 1 }, [1]], e: null } as never;
  for (const field of ['a', 'c', 'e']) {
    expect(compile({ kind: 'text', field, op: 'contains', value: 'x' })(strange)).toBe(false);
    expect(compile({ kind: 'order', field, op: 'gt', value: 1 })(strange)).toBe(false);
    expect(compile({ kind: 'fieldref', field, op: 'equals', other: 'c' })(strange)).toBe(false);
  }
  expect(compile({ kind: 'keyword', op: 'contains', value: 'x' })(strange)).toBe(false);
});

test('patterns agree with the regular expression they stand for', () => {
  const alphabet = ['a', 'b', '*', '?', '😀'];
  let seed = 42;
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return (seed >>> 8) % n;
  };
  for (let round = 0; round < 20_000; round++) {
    const pattern = Array.from({ length: random(7) }, () => alphabet[random(5)]!).join('');
    const value = Array.from({ length: random(8) }, () => ['a', 'b', '😀'][random(3)]!).join('');
    const regex = new RegExp(`^${pattern.replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`, 'u');
    expect(likeTest(pattern)(value), `${pattern} on ${value}`).toBe(regex.test(value));
  }
});
