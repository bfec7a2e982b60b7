/**
 * Outlines of characters, taken from a variable font that is cut into files by ranges of characters, as fonts for the web are. A file is opened when one of its
 * characters is asked for.
 *
 * The library decodes WOFF2 and computes variations, but does not bring the two together (fontkit 2.0.4: glyphs of a varied WOFF2 font come back as its lightest
 * weight, and composite ones throw). So a font is opened twice, plain for its points and varied for their shifts, which are applied here through members
 * that the library does not promise; a test compares stems of two weights.
 */

import * as fontkit from 'fontkit';

/** A part of the font: which characters it holds, and its file (WOFF2). */
export type FontSlice = { readonly ranges: readonly (readonly [number, number])[]; bytes(): Uint8Array };

export type Point = { readonly x: number; readonly y: number; readonly on: boolean };
/** In a thousandth of the size. */
export type Outline = { readonly advance: number; readonly contours: readonly (readonly Point[])[] };

type RawPoint = { onCurve: boolean; endContour: boolean; x: number; y: number; copy(): RawPoint };
type Component = { glyphID: number; dx: number; dy: number; scaleX: number; scaleY: number; scale01: number; scale10: number };
type RawGlyph = { numberOfContours: number; points?: RawPoint[]; components?: Component[] } | null;
type LibraryFont = {
  variationCoords: number[] | null;
  hasGlyphForCodePoint(codePoint: number): boolean;
  glyphForCodePoint(codePoint: number): { id: number };
  getGlyph(id: number): { advanceWidth: number; _decode(): RawGlyph };
  readonly _variationProcessor: { transformPoints(glyph: number, points: RawPoint[]): void };
};
type OpenFont = { readonly plain: LibraryFont; readonly varied: LibraryFont };

/** Composite glyphs are a letter and its accents; a font that nests deeper is not one that we ship. */
const depthMax = 4;

/** Opens the characters of one weight (a value of the font's `wght` axis). */
export function openOutlines(slices: readonly FontSlice[], weight: number): (codePoint: number) => Outline | undefined {
  const open = new Map<FontSlice, OpenFont>();
  const found = new Map<number, Outline | undefined>();

  function fontOf(slice: FontSlice): OpenFont {
    let font = open.get(slice);
    if (!font) {
      const bytes = Buffer.from(slice.bytes());
      const create = (): LibraryFont => fontkit.create(bytes) as unknown as LibraryFont;
      font = { plain: create(), varied: Object.assign(create(), { variationCoords: [weight] }) };
      open.set(slice, font);
    }
    return font;
  }

  return (codePoint) => {
    if (found.has(codePoint)) return found.get(codePoint);
    let outline: Outline | undefined;
    for (const slice of slices) {
      if (!slice.ranges.some(([from, to]) => codePoint >= from && codePoint <= to)) continue;
      const font = fontOf(slice);
      if (!font.plain.hasGlyphForCodePoint(codePoint)) continue;
      outline = outlineOf(font, font.plain.glyphForCodePoint(codePoint).id);
      break;
    }
    found.set(codePoint, outline);
    return outline;
  };
}

function outlineOf(font: OpenFont, id: number, depth = 0): Outline {
  const glyph = font.plain.getGlyph(id);
  // oxlint-disable-next-line no-underscore-dangle
  const raw = depth > depthMax ? null : glyph._decode();
  const components = raw?.components ?? [];
  const own = raw?.components ? components.map(({ dx, dy }) => rawPoint(dx, dy)) : (raw?.points ?? []).map((one) => one.copy());
  const ends = own.map(({ endContour }) => endContour);
  // Four points more, after the outline, stand for the glyph's sides; the font's shifts count them, and so its width follows.
  const sides = [0, glyph.advanceWidth, 0, 0].map((x) => rawPoint(x, 0));
  // oxlint-disable-next-line no-underscore-dangle
  font.varied._variationProcessor.transformPoints(id, [...own, ...sides]);
  const advance = Math.round(sides[1]!.x - sides[0]!.x);
  if (raw?.components) {
    const contours = components.flatMap((component, i) => placed(font, { ...component, dx: own[i]!.x, dy: own[i]!.y }, depth));
    return { advance, contours };
  }
  const contours: Point[][] = own.length === 0 ? [] : [[]];
  own.forEach(({ x, y, onCurve }, i) => {
    contours.at(-1)!.push({ x: Math.round(x), y: Math.round(y), on: onCurve });
    if (ends[i] && i < own.length - 1) contours.push([]);
  });
  return { advance, contours };
}

function rawPoint(x: number, y: number): RawPoint {
  return { onCurve: true, endContour: true, x, y, copy: () => rawPoint(x, y) };
}

function placed(font: OpenFont, { glyphID, dx, dy, scaleX, scaleY, scale01, scale10 }: Component, depth: number): Point[][] {
  return outlineOf(font, glyphID, depth + 1).contours.map((contour) =>
    contour.map(({ x, y, on }) => ({
      x: Math.round(x * scaleX + y * scale01 + dx),
      y: Math.round(y * scaleY + x * scale10 + dy),
      on,
    })),
  );
}

/** A CSS `unicode-range`, as font packages list them. */
export function rangesOf(text: string): (readonly [number, number])[] {
  return text.split(',').map((range) => {
    const [from, to] = range.trim().slice(2).split('-');
    return [Number.parseInt(from!, 16), Number.parseInt(to ?? from!, 16)] as const;
  });
}
