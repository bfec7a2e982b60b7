/** Writes a TrueType font (ISO/IEC 14496-22) of given outlines: the few characters of one document, without hints, kerning or ligatures. */

import type { Outline, Point } from './outlines.ts';

export type FontNames = { readonly family: string; readonly style: string; readonly weight: number };
export type Vertical = {
  readonly ascent: number;
  readonly descent: number;
  readonly capHeight: number;
  readonly xHeight: number;
};

/** Units of the em. */
export const unitsPerEm = 1000;

/** Glyph numbers are 16 bits; a document has some thousand characters. */
export const glyphsMax = 60_000;

/** What stands for a character that the font lacks: an empty box, so that it is seen. */
const missing: Outline = {
  advance: 600,
  contours: [box(60, 0, 540, 700), box(110, 50, 490, 650).toReversed()],
};

function box(left: number, bottom: number, right: number, top: number): Point[] {
  return [
    { x: left, y: bottom, on: true },
    { x: left, y: top, on: true },
    { x: right, y: top, on: true },
    { x: right, y: bottom, on: true },
  ];
}

/** The font's file. The same outlines give the same bytes. */
export function trueTypeFont(
  characters: ReadonlyMap<number, Outline>,
  { family, style, weight }: FontNames,
  { ascent, descent, capHeight, xHeight }: Vertical,
): Uint8Array {
  if (characters.size >= glyphsMax) throw new Error(`${characters.size} characters; a font holds ${glyphsMax}.`);
  const sorted = [...characters].sort(([a], [b]) => a - b);
  const glyphs = [missing, ...sorted.map(([, outline]) => outline)];
  const data = glyphs.map(glyphData);
  const boxes = glyphs.map(boundsOf);
  const bounds = boxes.reduce((all, one) => ({
    left: Math.min(all.left, one.left),
    bottom: Math.min(all.bottom, one.bottom),
    right: Math.max(all.right, one.right),
    top: Math.max(all.top, one.top),
  }));
  const most = (of: (outline: Outline) => number): number => Math.max(...glyphs.map(of));
  const loca = [0];
  for (const bytes of data) loca.push(loca.at(-1)! + bytes.length);
  const tables: { [tag: string]: number[] } = {
    'OS/2': [
      ...u16(4, averageAdvance(glyphs), weight, 5, 0),
      ...u16(650, 600, 0, 75, 650, 600, 0, 350, 50, 300, 0),
      ...Array.from({ length: 10 }, () => 0),
      ...u32(0, 0, 0, 0),
      ...ascii('FWRN'),
      ...u16(weight >= 600 ? 0x20 : 0x40, Math.min(sorted[0]?.[0] ?? 0, 0xffff), Math.min(sorted.at(-1)?.[0] ?? 0, 0xffff)),
      ...u16(ascent, descent, 0, ascent, -descent),
      ...u32(0, 0),
      ...u16(xHeight, capHeight, 0, 32, 0),
    ],
    cmap: cmap(sorted.map(([codePoint], i) => [codePoint, i + 1])),
    glyf: data.flat(),
    head: [
      ...u32(0x0001_0000, 0x0001_0000, 0, 0x5f0f_3cf5),
      // Fixed times: the bytes follow from the characters alone.
      ...u16(0b11, unitsPerEm),
      ...u32(0, 0, 0, 0),
      ...u16(bounds.left, bounds.bottom, bounds.right, bounds.top, weight >= 600 ? 1 : 0, 6, 2, 1, 0),
    ],
    hhea: [
      ...u32(0x0001_0000),
      ...u16(
        ascent,
        descent,
        0,
        most(({ advance }) => advance),
        bounds.left,
        0,
        bounds.right,
        1,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        glyphs.length,
      ),
    ],
    hmtx: glyphs.flatMap(({ advance }, i) => u16(advance, boxes[i]!.left)),
    loca: loca.flatMap((offset) => u32(offset)),
    maxp: [
      ...u32(0x0001_0000),
      ...u16(
        glyphs.length,
        most(({ contours }) => contours.reduce((sum, contour) => sum + contour.length, 0)),
        most(({ contours }) => contours.length),
        0,
        0,
        2,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
      ),
    ],
    name: names([
      [1, family],
      [2, style],
      [4, `${family} ${style}`],
      [6, `${family}-${style}`.replaceAll(' ', '')],
    ]),
    post: [...u32(0x0003_0000, 0), ...u16(-100, 50), ...u32(0, 0, 0, 0, 0)],
  };
  return assemble(tables);
}

function averageAdvance(glyphs: readonly Outline[]): number {
  return Math.round(glyphs.reduce((sum, { advance }) => sum + advance, 0) / glyphs.length);
}

function boundsOf({ contours }: Outline): { left: number; bottom: number; right: number; top: number } {
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const contour of contours)
    for (const { x, y } of contour) {
      left = Math.min(left, x);
      bottom = Math.min(bottom, y);
      right = Math.max(right, x);
      top = Math.max(top, y);
    }
  return left === Infinity ? { left: 0, bottom: 0, right: 0, top: 0 } : { left, bottom, right, top };
}

/** A simple glyph: every coordinate as a signed word; the document's own compression takes the air out. */
function glyphData(outline: Outline): number[] {
  const points = outline.contours.flat();
  if (points.length === 0) return [];
  const { left, bottom, right, top } = boundsOf(outline);
  let end = -1;
  const ends = outline.contours.map((contour) => (end += contour.length));
  const steps = (of: (point: Point) => number): number[] =>
    points.flatMap((point, i) => u16(of(point) - (i === 0 ? 0 : of(points[i - 1]!))));
  const bytes = [
    ...u16(outline.contours.length, left, bottom, right, top, ...ends, 0),
    ...points.map(({ on }) => (on ? 1 : 0)),
    ...steps(({ x }) => x),
    ...steps(({ y }) => y),
  ];
  while (bytes.length % 4 !== 0) bytes.push(0);
  return bytes;
}

/** Characters to glyphs, by ranges in which both go up by one (format 12). */
function cmap(characters: readonly (readonly [number, number])[]): number[] {
  const groups: { from: number; to: number; glyph: number }[] = [];
  for (const [codePoint, glyph] of characters) {
    const last = groups.at(-1);
    if (last && codePoint === last.to + 1) last.to = codePoint;
    else groups.push({ from: codePoint, to: codePoint, glyph });
  }
  return [
    ...u16(0, 1, 3, 10),
    ...u32(12),
    ...u16(12, 0),
    ...u32(16 + groups.length * 12, 0, groups.length),
    ...groups.flatMap(({ from, to, glyph }) => u32(from, to, glyph)),
  ];
}

function names(entries: readonly (readonly [number, string])[]): number[] {
  const text: number[] = [];
  const records = entries.flatMap(([id, value]) => {
    const bytes = [...value].flatMap((char) => u16(char.charCodeAt(0)));
    const record = u16(3, 1, 0x409, id, bytes.length, text.length);
    text.push(...bytes);
    return record;
  });
  return [...u16(0, entries.length, 6 + records.length), ...records, ...text];
}

function assemble(tables: { [tag: string]: number[] }): Uint8Array {
  const tags = Object.keys(tables).sort();
  const power = 2 ** Math.floor(Math.log2(tags.length));
  let offset = 12 + tags.length * 16;
  const directory: number[] = [];
  const offsets = new Map<string, number>();
  for (const tag of tags) {
    const table = tables[tag]!;
    directory.push(...ascii(tag), ...u32(checksum(table), offset, table.length));
    offsets.set(tag, offset);
    offset += Math.ceil(table.length / 4) * 4;
  }
  const bytes = new Uint8Array(offset);
  bytes.set([...u32(0x0001_0000), ...u16(tags.length, power * 16, Math.log2(power), (tags.length - power) * 16), ...directory]);
  for (const tag of tags) bytes.set(tables[tag]!, offsets.get(tag)!);
  bytes.set(u32((0xb1b0_afba - checksum(bytes)) >>> 0), offsets.get('head')! + 8);
  return bytes;
}

function checksum(bytes: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 4)
    sum =
      (sum + (((bytes[i] ?? 0) << 24) | ((bytes[i + 1] ?? 0) << 16) | ((bytes[i + 2] ?? 0) << 8) | (bytes[i + 3] ?? 0))) >>> 0;
  return sum;
}

const ascii = (text: string): number[] => [...text].map((char) => char.charCodeAt(0));
const u16 = (...values: number[]): number[] => values.flatMap((value) => [(value >> 8) & 0xff, value & 0xff]);
const u32 = (...values: number[]): number[] =>
  values.flatMap((value) => [(value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]);
