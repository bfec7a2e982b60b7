/** Plots as shapes, in points of a page's width. The page and the screen draw the same ones: as vectors, with their texts as text. */

import type { WrittenBlock } from './write.ts';

export type Shape =
  | { kind: 'rect'; x: number; y: number; width: number; height: number; fill: string }
  | { kind: 'line'; points: readonly (readonly [number, number])[]; stroke: string; width: number; dash: boolean }
  | { kind: 'area'; points: readonly (readonly [number, number])[]; fill: string }
  | { kind: 'dot'; x: number; y: number; radius: number; fill: string }
  | { kind: 'text'; x: number; y: number; text: string; size: number; anchor: 'start' | 'middle' | 'end'; fill: string };

export type Plot = {
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
  /** What it shows, for who does not see it. */
  readonly means: string;
};

export const ink = { text: '#1b1f24', dim: '#5b6470', rule: '#c9ced6', ground: '#eef1f4', accent: '#27496d' } as const;

/** Fills of levels and colours of warnings, dark enough for white paper; the word stands beside each. */
const fills: { readonly [colour: string]: string } = {
  red: '#c62828',
  orange: '#d9730d',
  yellow: '#d9a400',
  blue: '#2563b0',
  black: '#1b1f24',
  green: '#2e7d32',
  white: '#b8bec7',
};

export const fillOf = (colour: string | null): string => (colour === null ? ink.accent : (fills[colour] ?? ink.accent));

/** Lines of one plot are told apart by shade and dash, and named at their end. */
const strokes = [
  { stroke: '#27496d', dash: false },
  { stroke: '#b4560c', dash: true },
  { stroke: '#4d7c4a', dash: false },
  { stroke: '#7a4a86', dash: true },
] as const;

const size = 9;

/** About how wide a text is, in points: Chinese signs are as wide as high, others a little over half. */
export function aboutWidth(text: string, fontSize: number): number {
  let em = 0;
  for (const char of text) em += /[\u2e80-\u9fff\uff00-\uffef]/.test(char) ? 1 : 0.56;
  return em * fontSize;
}

/** The text, cut with an ellipsis where it would be wider. */
export function fitted(text: string, fontSize: number, width: number): string {
  if (aboutWidth(text, fontSize) <= width) return text;
  const chars = [...text];
  while (chars.length > 1 && aboutWidth(`${chars.join('')}…`, fontSize) > width) chars.pop();
  return `${chars.join('').trimEnd()}…`;
}

export function barsPlot(block: WrittenBlock & { kind: 'bars' }, width: number): Plot {
  const row = 18;
  const labelWidth = width * 0.3;
  const saidWidth = width * 0.34;
  const full = width - labelWidth - saidWidth;
  const shapes: Shape[] = [];
  block.bars.forEach(({ label, value, said, colour }, i) => {
    const y = i * row;
    const base = y + 12;
    shapes.push(word({ x: labelWidth - 8, y: base, text: fitted(label, size, labelWidth - 8), anchor: 'end' }));
    shapes.push({ kind: 'rect', x: labelWidth, y: y + 4, width: full, height: 10, fill: ink.ground });
    if (value !== null && value > 0) {
      // What is there shows, however little it is.
      const length = Math.max(1.5, Math.min(1, value / block.max) * full);
      shapes.push({ kind: 'rect', x: labelWidth, y: y + 4, width: length, height: 10, fill: fillOf(colour) });
    }
    shapes.push(word({ x: labelWidth + full + 8, y: base, text: fitted(said, size, saidWidth - 8), anchor: 'start' }));
  });
  const means = `${block.caption}: ${block.bars.map(({ label, said }) => `${label} ${said}`).join('; ')}`;
  return { width, height: block.bars.length * row + 2, shapes, means };
}

const daySeconds = 86_400;

export function linesPlot(block: WrittenBlock & { kind: 'lines' }, width: number): Plot {
  const height = 150;
  const left = 34;
  const right = 6;
  const top = 18;
  const bottom = 22;
  const span = Math.max(1, block.to - block.from);
  const x = (at: number): number => left + Math.min(1, Math.max(0, (at - block.from) / span)) * (width - left - right);
  const y = (value: number): number => top + (1 - Math.min(1, Math.max(0, value / block.max))) * (height - top - bottom);
  const shapes: Shape[] = [];
  for (let i = 0; i <= 4; i++) {
    const value = (block.max * i) / 4;
    shapes.push({ kind: 'line', points: [[left, y(value)], [width - right, y(value)]], stroke: ink.rule, width: 0.5, dash: false }); // oxfmt-ignore
    shapes.push(word({ x: left - 5, y: y(value) + 3, text: String(Math.round(value * 100) / 100), anchor: 'end' }));
  }
  for (const { at, mark } of ticks(block.from, block.to))
    shapes.push(word({ x: x(at), y: height - 8, text: mark, anchor: 'middle' }));
  let legend = left;
  block.lines.forEach((line, i) => {
    const { stroke, dash } = strokes[i % strokes.length]!;
    const label = fitted(line.label, size, (width - left) / block.lines.length - 24);
    shapes.push({ kind: 'line', points: [[legend, 6], [legend + 14, 6]], stroke, width: 1.6, dash }); // oxfmt-ignore
    shapes.push(word({ x: legend + 18, y: 9, text: label, anchor: 'start' }));
    legend += 30 + aboutWidth(label, size);
    for (const part of unbroken(line.points)) {
      const banded = part.filter(({ low, high }) => low !== undefined && high !== undefined);
      if (banded.length > 1) {
        const above = banded.map(({ at, high }) => [x(at), y(high!)] as const);
        const below = banded.map(({ at, low }) => [x(at), y(low!)] as const).toReversed();
        shapes.push({ kind: 'area', points: [...above, ...below], fill: '#d5dde8' });
      }
    }
    for (const part of unbroken(line.points)) {
      const points = part.map(({ at, value }) => [x(at), y(value!)] as const);
      if (points.length === 1) shapes.push({ kind: 'dot', x: points[0]![0], y: points[0]![1], radius: 2, fill: stroke });
      else shapes.push({ kind: 'line', points, stroke, width: 1.6, dash });
    }
  });
  const means = `${block.caption}: ${block.lines.map(({ summary }) => summary.join(' ')).join('; ')}`;
  return { width, height, shapes, means };
}

function word(of: { x: number; y: number; text: string; anchor: 'start' | 'middle' | 'end' }): Shape {
  return { kind: 'text', size, fill: ink.text, ...of };
}

type LinePoint = (WrittenBlock & { kind: 'lines' })['lines'][number]['points'][number];

/** Parts of a line between its gaps. */
function unbroken(points: readonly LinePoint[]): LinePoint[][] {
  const parts: LinePoint[][] = [[]];
  for (const point of points) {
    if (point.value === null) parts.push([]);
    else parts.at(-1)!.push(point);
  }
  return parts.filter((part) => part.length > 0);
}

/** At most eight marks, at round minutes, hours or days (UTC). */
function ticks(from: number, to: number): { at: number; mark: string }[] {
  const span = to - from;
  const step = [60, 300, 900, 3_600, 3 * 3_600, 6 * 3_600, daySeconds, 2 * daySeconds, 7 * daySeconds, 30 * daySeconds].find(
    (one) => span / one <= 8,
  );
  if (step === undefined) return [];
  const marks: { at: number; mark: string }[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to && marks.length < 9; at += step) {
    const iso = new Date(at * 1000).toISOString();
    marks.push({ at, mark: step < daySeconds ? iso.slice(11, 16) : iso.slice(5, 10) });
  }
  return marks;
}
