/**
 * The words of the hunt language. Read once from left to right, each character once; what no token begins with is refused at its place.
 */

import { Refusal } from '@forewarn/base/refusal';

/** Longer questions are not typed; two thousand pasted addresses fit. */
export const kqlCharactersMax = 50_000;

export type KqlToken =
  /** A name, a keyword or an operator in letters: `conn`, `id.resp_p`, `!in`, `in~`. */
  | { kind: 'word'; text: string; at: number; end: number }
  /** `['odd name']`. */
  | { kind: 'name'; text: string; at: number; end: number }
  | { kind: 'string'; text: string; at: number; end: number }
  /** `5`, `1.5`, `1h`, `10mb`; `unit` is empty for a plain number. */
  | { kind: 'number'; value: number; unit: string; at: number; end: number }
  /** What stands between the parentheses of `datetime(…)` and `timespan(…)`. */
  | { kind: 'literal'; of: 'datetime' | 'timespan'; text: string; at: number; end: number }
  | { kind: 'sign'; text: string; at: number; end: number }
  | { kind: 'end'; at: number; end: number };

/** A refusal with its place in the text, in characters from 0. */
export function refuse(at: number, message: string, advice: string): never {
  throw new Refusal('query.kql', message, { place: { offset: at, column: at + 1 }, advice });
}

const space = /(?:\s|\/\/[^\n]*)+/y;
const word = /!?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*(?:-[a-z]+(?![\w.]))?~?/y;
const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3}(?!\w))?([A-Za-z]*)/y;
const address = /\d+\.\d+\.\d+[\d./]*/y;
const literal = /(datetime|timespan)\s*\(([^()\n]{0,100})\)/y;
const sign = /==|!=|=~|!~|<=|>=|<|>|=|\||,|\(|\)|\.\.|;|\[|\]|\*|\+|-|\//y;
const quoted = /"((?:[^"\\\n]|\\[^\n])*)"|'((?:[^'\\\n]|\\[^\n])*)'/y;
const verbatim = /@"((?:[^"]|"")*)"|@'((?:[^']|'')*)'/y;
const bracketed = /\[\s*(?:"([^"\n]*)"|'([^'\n]*)')\s*\]/y;

/** Stages of the language whose names have a hyphen; anywhere else a hyphen is a minus. */
const hyphened = /^(?:project|make|mv|top|sample|parse|graph)-/;

export function kqlTokens(text: string): KqlToken[] {
  if (text.length > kqlCharactersMax)
    refuse(kqlCharactersMax, `The question is longer than ${kqlCharactersMax} characters.`, 'Use an indicator list.');
  const tokens: KqlToken[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  for (;;) {
    at += take(space)?.[0].length ?? 0;
    if (at >= text.length) break;
    const c = text[at]!;
    const from = at;
    let found: RegExpExecArray | null;
    if ((found = take(literal))) {
      tokens.push({ kind: 'literal', of: found[1] as 'datetime', text: found[2]!.trim(), at: from, end: from + found[0].length });
    } else if ((found = take(bracketed))) {
      tokens.push({ kind: 'name', text: found[1] ?? found[2]!, at: from, end: from + found[0].length });
    } else if ((found = take(verbatim))) {
      const value = found[1]?.replaceAll('""', '"') ?? found[2]!.replaceAll("''", "'");
      tokens.push({ kind: 'string', text: value, at: from, end: from + found[0].length });
    } else if ((found = take(quoted))) {
      tokens.push({ kind: 'string', text: unescaped(found[1] ?? found[2]!), at: from, end: from + found[0].length });
    } else if (c === '"' || c === "'") {
      refuse(from, 'The quotation that opens here is not closed.', `Close it with ${c} on the same line.`);
    } else if ((found = take(address))) {
      refuse(from, 'An address is a text.', `Write it in quotes: "${found[0]}".`);
    } else if ((found = take(number))) {
      const unit = found[1]!;
      const value = Number(unit === '' ? found[0] : found[0].slice(0, -unit.length));
      tokens.push({ kind: 'number', value, unit, at: from, end: from + found[0].length });
    } else if ((found = take(word))) {
      let name = found[0];
      if (name.includes('-') && !hyphened.test(name)) name = name.slice(0, name.indexOf('-'));
      tokens.push({ kind: 'word', text: name, at: from, end: from + name.length });
      at += name.length;
      continue;
    } else if ((found = take(sign))) {
      tokens.push({ kind: 'sign', text: found[0], at: from, end: from + found[0].length });
    } else
      refuse(
        from,
        `"${String.fromCodePoint(text.codePointAt(at)!)}" cannot stand here.`,
        'Put it in quotes if it belongs to a value.',
      );
    at += found[0].length;
  }
  tokens.push({ kind: 'end', at: text.length, end: text.length });
  return tokens;
}

const escapes: { readonly [letter: string]: string } = { n: '\n', t: '\t', r: '\r', '0': '\0' };

function unescaped(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\(.)/gs, (_all, letter: string) => escapes[letter] ?? letter) : text;
}

/** Where the token that stands at a place ends, for whoever underlines it; the place's own end when nothing can be read there. */
export function tokenEnd(text: string, at: number): number {
  const rest = /^(?:"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|[^\s|,()"';]+|[|,();])/.exec(text.slice(at, at + 300));
  return Math.min(text.length, at + Math.max(1, rest?.[0].length ?? 1));
}
