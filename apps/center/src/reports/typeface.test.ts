/** The fonts of documents: weights that differ, accents in their place, and both languages. */

import { expect, test } from 'vitest';
import { openOutlines, type Outline } from '@forewarn/share/documents/font/outlines';
import { slicesOf } from './typeface.ts';

const latin = slicesOf('noto-sans');
const chinese = slicesOf('noto-sans-sc');
const at = (outline: (codePoint: number) => Outline | undefined, char: string): Outline => outline(char.codePointAt(0)!)!;
const width = ({ contours }: Outline): number => {
  const xs = contours.flat().map(({ x }) => x);
  return Math.max(...xs) - Math.min(...xs);
};
/** Area by its corners: how dark a sign is. */
const area = ({ contours }: Outline): number =>
  Math.abs(
    contours.reduce(
      (sum, contour) => sum + contour.reduce((part, { x, y }, i) => {
        const next = contour[(i + 1) % contour.length]!;
        return part + (x * next.y - next.x * y) / 2;
      }, 0),
      0,
    ),
  ); // oxfmt-ignore

test('the bold weight is bolder, in both scripts', () => {
  const l = { regular: openOutlines(latin, 400), bold: openOutlines(latin, 600) };
  const c = { regular: openOutlines(chinese, 400), bold: openOutlines(chinese, 600) };
  expect(width(at(l.bold, 'l'))).toBeGreaterThan(width(at(l.regular, 'l')) * 1.15);
  expect(at(l.bold, 'm').advance).toBeGreaterThan(at(l.regular, 'm').advance);
  for (const char of '网络安全') expect(area(at(c.bold, char))).toBeGreaterThan(area(at(c.regular, char)) * 1.1);
  // A Chinese sign is as wide as the em in every weight.
  expect([at(c.regular, '网').advance, at(c.bold, '网').advance]).toEqual([1000, 1000]);
});

test('a letter with an accent has both, the accent above', () => {
  const outline = openOutlines(latin, 400);
  for (const [accented, plain] of [
    ['é', 'e'],
    ['Š', 'S'],
  ] as const) {
    const [whole, bare] = [at(outline, accented), at(outline, plain)];
    expect(whole.contours.length).toBeGreaterThan(bare.contours.length);
    const top = ({ contours }: Outline): number => Math.max(...contours.flat().map(({ y }) => y));
    expect(top(whole)).toBeGreaterThan(top(bare) + 100);
    expect(whole.advance).toBe(bare.advance);
  }
});

test('a sign that no font has is not made up', () => {
  expect(openOutlines([...latin, ...chinese], 400)(0x1_f600)).toBe(undefined);
});
