import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pieces } from './pieces.ts';

const source = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) & 0xff);

test('any order of pieces that cover all gives all', () => {
  const piece = fc
    .tuple(fc.nat(source.length), fc.nat(40))
    .map(([from, length]) => [from, Math.min(source.length, from + length)]);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (list) => {
      const pieces = new Pieces(source.length, 64);
      const there = new Set<number>();
      for (const [from, to] of list) {
        expect(pieces.add(from!, source, from!, to!)).toBe(true);
        for (let i = from!; i < to!; i++) there.add(i);
      }
      let whole = 0;
      while (there.has(whole)) whole++;
      expect(pieces.whole).toEqual(source.slice(0, whole));
      pieces.add(0, source, 0, source.length);
      expect(pieces.whole).toEqual(source);
    }),
  );
});

test('the first copy of a byte counts', () => {
  const pieces = new Pieces(10, 4);
  pieces.add(2, Uint8Array.of(1, 1, 1), 0, 3);
  pieces.add(0, Uint8Array.of(2, 2, 2, 2, 2, 2, 2), 0, 7);
  expect([...pieces.whole]).toEqual([2, 2, 1, 1, 1, 2, 2]);
});

test('bytes and holes have a ceiling', () => {
  const pieces = new Pieces(100, 3);
  expect(pieces.add(99, source, 0, 2)).toBe(false);
  expect(pieces.add(Number.MAX_SAFE_INTEGER, source, 0, 2)).toBe(false);
  for (const offset of [10, 20, 30]) expect(pieces.add(offset, source, 0, 2)).toBe(true);
  expect(pieces.add(40, source, 0, 2)).toBe(false);
  expect(pieces.add(12, source, 0, 8)).toBe(true);
  expect(pieces.add(40, source, 0, 2)).toBe(true);
});
