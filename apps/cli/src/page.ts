/** Aligned text for people: display width, wrapping, tables, and colour where it is wanted. */

import type { Terminal } from './command.ts';

/** Columns that a text takes on a terminal; East Asian wide characters take two (Unicode TR11). */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += isWide(character.codePointAt(0)!) ? 2 : isZeroWidth(character) ? 0 : 1;
  return width;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0x303e) ||
    (code >= 0x3041 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

function isZeroWidth(character: string): boolean {
  return /^\p{Mn}|\u200b$/u.test(character);
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Breaks at spaces, and between wide characters, which carry no spaces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  // A closing mark stays with the character before it.
  for (const word of text.match(/[⺀-鿿぀-ヿ＀-￯][，。；：、）”]*|[^\s⺀-鿿぀-ヿ＀-￯]+|\s+/gu) ?? []) {
    if (displayWidth(line + word) > width && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = word.trim() === '' ? '' : word;
    } else line += word;
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  return lines.length > 0 ? lines : [''];
}

/** A text with a hanging indent. */
export function paragraph(text: string, terminal: Terminal, indent: number, first = ' '.repeat(indent)): string {
  const width = Math.max(30, Math.min(terminal.width, 110) - indent);
  return wrap(text, width)
    .map((line, i) => (i === 0 ? first : ' '.repeat(indent)) + line)
    .join('\n');
}

/** Rows of cells in aligned columns; the last column is not padded. */
export function table(rows: readonly (readonly string[])[], indent = 2, gap = 2): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, displayWidth(stripStyle(cell)))));
  return rows
    .map((row) => {
      const cells = row.map((cell, i) =>
        i === row.length - 1 ? cell : cell + ' '.repeat(widths[i]! - displayWidth(stripStyle(cell)) + gap),
      );
      return ' '.repeat(indent) + cells.join('').trimEnd();
    })
    .join('\n');
}

const escape = String.fromCharCode(27);
const styleCodes = {
  bold: '1',
  dim: '2',
  red: '31',
  orange: '38;5;208',
  yellow: '33',
  blue: '34',
  green: '32',
  black: '7',
  white: '37',
} as const;
export type Style = keyof typeof styleCodes;

/** Colours a text when the terminal shows colours; meaning never rests on colour alone. */
export function paint(text: string, style: Style, terminal: Terminal): string {
  return terminal.colour ? `${escape}[${styleCodes[style]}m${text}${escape}[0m` : text;
}

function stripStyle(text: string): string {
  return text.split(new RegExp(`${escape}\\[[0-9;]*m`)).join('');
}
