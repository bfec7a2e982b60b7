/** Words of a STIX pattern. */

import { Refusal } from '@forewarn/base/refusal';
import type { Constant } from './tree.ts';

export type Token = { readonly offset: number; readonly text: string } & (
  | { readonly kind: 'sign' | 'name' | 'end' }
  | { readonly kind: 'constant'; readonly constant: Constant }
);

/** Longest pattern that is read; lists of a thousand values fit. */
export const patternCharactersMax = 100_000;

/** A refusal that says where in the pattern, counted from 1 as editors do. */
export function wrong(text: string, offset: number, message: string, advice = 'Correct the pattern.'): Refusal {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return new Refusal('stix.pattern', message, {
    place: { line, column: offset - before.lastIndexOf('\n'), field: 'pattern' },
    advice,
  });
}

const signs = ['!=', '<>', '==', '<=', '>=', '=', '<', '>', '[', ']', '(', ')', ',', ':', '.', '*'];

/** `2021-06-10T08:00:00.000Z`: STIX instants are in UTC and say so (2.1 section 2.16). */
const timestampPattern = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?Z$/;

/** All words, ended by one of kind `end`. Refusal: `stix.pattern` with line and column. */
export function tokens(text: string): Token[] {
  if (text.length > patternCharactersMax)
    throw wrong(text, 0, `The pattern is longer than ${patternCharactersMax} characters.`, 'Split it into several indicators.');
  const found: Token[] = [];
  let at = 0;
  const blank = /(?:\s|\/\/[^\r\n]*|\/\*[^]*?\*\/)+/y;
  const name = /[A-Za-z_][A-Za-z0-9_-]*/y;
  const number = /[+-]?(?:\d+\.\d+|\d*\.\d+|\d+)(?:[eE][+-]?\d+)?/y;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const space = take(blank);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const offset = at;
    const prefixed = /^[hbt]'/.test(text.slice(at, at + 2));
    if (text[at] === "'" || prefixed) {
      const prefix = prefixed ? text[at]! : '';
      const { value, end } = quoted(text, at + prefix.length);
      at = end;
      found.push({ kind: 'constant', offset, text: text.slice(offset, end), constant: constantOf(text, offset, prefix, value) });
      continue;
    }
    const numeral = take(number);
    if (numeral !== undefined) {
      at += numeral.length;
      if (/[A-Za-z_]/.test(text[at] ?? '')) throw wrong(text, at, `"${text[at]}" cannot stand right after a number.`);
      const value = Number(numeral);
      const whole = /^[+-]?\d+$/.test(numeral);
      if (!Number.isFinite(value)) throw wrong(text, offset, `${numeral} is too large a number.`);
      found.push({ kind: 'constant', offset, text: numeral, constant: { type: whole ? 'integer' : 'float', value } });
      continue;
    }
    const word = take(name);
    if (word !== undefined) {
      at += word.length;
      const truth = word === 'true' || word === 'false';
      found.push(
        truth
          ? { kind: 'constant', offset, text: word, constant: { type: 'boolean', value: word === 'true' } }
          : { kind: 'name', offset, text: word },
      );
      continue;
    }
    const sign = signs.find((one) => text.startsWith(one, at));
    if (sign === undefined) {
      const quote = /["`’‘“”]/.test(text[at]!);
      throw wrong(
        text,
        at,
        `"${text[at]}" cannot stand here.`,
        quote ? "Texts stand between single straight quotation marks: 'text'." : 'Correct the pattern.',
      );
    }
    at += sign.length;
    found.push({ kind: 'sign', offset, text: sign });
  }
  found.push({ kind: 'end', offset: text.length, text: '' });
  return found;
}

/** The text between quotation marks; a backslash stands before `'` and `\` only. */
function quoted(text: string, from: number): { value: string; end: number } {
  let value = '';
  for (let i = from + 1; i < text.length; i++) {
    const c = text[i]!;
    if (c === "'") return { value, end: i + 1 };
    if (c !== '\\') {
      value += c;
      continue;
    }
    const next = text[++i];
    if (next !== "'" && next !== '\\')
      throw wrong(text, i - 1, "A backslash in a text stands before ' or \\ only.", 'Write it twice: \\\\.');
    value += next;
  }
  throw wrong(text, from, 'The text is not closed.', "Close it with '.");
}

function constantOf(text: string, offset: number, prefix: string, value: string): Constant {
  switch (prefix) {
    case 'h':
      if (!/^(?:[0-9a-fA-F]{2})*$/.test(value))
        throw wrong(text, offset, `h'${value.slice(0, 40)}' is not hexadecimal.`, 'Write two digits for each byte.');
      return { type: 'hex', value: value.toLowerCase() };
    case 'b':
      if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value))
        throw wrong(
          text,
          offset,
          `b'${value.slice(0, 40)}' is not base64.`,
          'Write groups of four signs, the last filled with =.',
        );
      return { type: 'binary', value };
    case 't':
      if (!timestampPattern.test(value) || Number.isNaN(Date.parse(value)))
        throw wrong(text, offset, `t'${value.slice(0, 40)}' is not an instant.`, "Write it as t'2026-11-22T08:00:00Z'.");
      return { type: 'timestamp', value };
    default:
      return { type: 'string', value };
  }
}
