/** The typeface that documents are set in: two families that go together, in two weights. What a document needs of it becomes a font of its own. */

import type { Language } from '@forewarn/model/text';
import { openOutlines, type FontSlice, type Outline } from './outlines.ts';
import { trueTypeFont, type Vertical } from './truetype.ts';

export type Weight = 'regular' | 'bold';

export type Typeface = {
  /** A TrueType font that holds exactly these characters. What no family has shows as an empty box. */
  fontOf(text: string, weight: Weight, language: Language): Uint8Array;
};

export type Family = { readonly slices: readonly FontSlice[] };

export type TypefaceFiles = {
  readonly name: string;
  /** Letters of Europe. */
  readonly latin: Family;
  /** Chinese, and signs that both have. */
  readonly chinese: Family;
  readonly vertical: Vertical;
};

/** Values of the weight axis; 600 is as dark as a heading needs. */
const axis: { readonly [weight in Weight]: number } = { regular: 400, bold: 600 };

/** Opens the fonts; a file is read when one of its characters is first asked for, and its outlines are kept. */
export function openTypeface({ name, latin, chinese, vertical }: TypefaceFiles): Typeface {
  const open = (weight: Weight) => ({
    latin: openOutlines(latin.slices, axis[weight]),
    chinese: openOutlines(chinese.slices, axis[weight]),
  });
  const weights = { regular: open('regular'), bold: open('bold') };
  return {
    fontOf(text, weight, language) {
      const from = weights[weight];
      // Quotation marks and dashes are as wide as a sign in Chinese, and as a letter elsewhere.
      const order = language === 'zh' ? [from.chinese, from.latin] : [from.latin, from.chinese];
      const characters = new Map<number, Outline>();
      for (const char of text) {
        const codePoint = char.codePointAt(0)!;
        if (characters.has(codePoint)) continue;
        const outline = order[0]!(codePoint) ?? order[1]!(codePoint);
        if (outline) characters.set(codePoint, outline);
      }
      const style = weight === 'bold' ? 'SemiBold' : 'Regular';
      return trueTypeFont(characters, { family: name, style, weight: axis[weight] }, vertical);
    },
  };
}
