/** Values of the hunt language, and the place at which a question is being read. */

import { Refusal } from '@forewarn/base/refusal';
import { parseInstant, type Seconds } from '@forewarn/base/time';
import type { Scalar } from '../query/query.ts';
import { columnNamed, type Columns, type HuntColumn } from './schema.ts';
import { refuse, type KqlToken } from './tokens.ts';

/** A value that stands in a question, with what it is. */
export type Value = { value: Scalar; is: 'text' | 'number' | 'size' | 'span' | 'instant' | 'bool'; at: number };

const spans: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ms: 0.001,
    s: 1,
    sec: 1,
    second: 1,
    seconds: 1,
    m: 60,
    min: 60,
    minute: 60,
    minutes: 60,
    h: 3600,
    hr: 3600,
    hour: 3600,
    hours: 3600,
    d: 86_400,
    day: 86_400,
    days: 86_400,
  }),
);
const sizes: ReadonlyMap<string, number> = new Map(
  Object.entries({
    kb: 1e3,
    mb: 1e6,
    gb: 1e9,
    tb: 1e12,
    kib: 2 ** 10,
    mib: 2 ** 20,
    gib: 2 ** 30,
    tib: 2 ** 40,
  }),
);

/** What people know from elsewhere and have to write otherwise here. */
export const otherwise: ReadonlyMap<string, string> = new Map(
  Object.entries({
    tolower: 'Compare with =~, which does not look at case.',
    toupper: 'Compare with =~, which does not look at case.',
    strlen: 'Lengths are matched by a regular expression: matches regex "^.{50,}$".',
    strcat: 'Texts are not put together here; compare the columns one by one.',
    iff: 'Write two conditions with or.',
    iif: 'Write two conditions with or.',
    case: 'Write conditions with or.',
    tostring: 'Compare the column as it is.',
    toint: 'Compare the column as it is: a text that is written as a number is compared as one.',
    todatetime: 'Write datetime(2026-11-22T08:00:00Z).',
    parse_json: 'Records are flat: their columns stand by themselves.',
    dayofweek: 'There are hourofday(), dayofmonth(), week_of_year(), monthofyear() and getyear().',
  }),
);

export type Lets = ReadonlyMap<string, readonly Value[]>;

/** The place where a question is read, and what may be named there: words, names and values. */
export class Reading {
  readonly #tokens: readonly KqlToken[];
  readonly now: Seconds;
  readonly lets: Lets;
  #place = 0;

  constructor(tokens: readonly KqlToken[], now: Seconds, lets: Lets) {
    this.#tokens = tokens;
    this.now = now;
    this.lets = lets;
  }

  get token(): KqlToken {
    return this.#tokens[this.#place]!;
  }

  peek(by: number): KqlToken {
    return this.#tokens[Math.min(this.#place + by, this.#tokens.length - 1)]!;
  }

  next(): KqlToken {
    const token = this.token;
    if (token.kind !== 'end') this.#place++;
    return token;
  }

  isWord(...words: string[]): boolean {
    return this.token.kind === 'word' && words.includes(this.token.text);
  }

  isSign(text: string): boolean {
    return this.token.kind === 'sign' && this.token.text === text;
  }

  take(text: string): boolean {
    if (!this.isSign(text) && !this.isWord(text)) return false;
    this.next();
    return true;
  }

  expect(text: string, advice: string): void {
    if (!this.take(text)) refuse(this.token.at, `Here should stand ${text}, not ${this.shown()}.`, advice);
  }

  shown(): string {
    const { token } = this;
    if (token.kind === 'end') return 'the end';
    if (token.kind === 'number') return `${token.value}${token.unit}`;
    return `"${token.text.slice(0, 40)}"`;
  }

  /** A name: of a column, a log, or one that is given. */
  name(what: string, advice: string): { text: string; at: number } {
    const { token } = this;
    if (token.kind !== 'word' && token.kind !== 'name')
      refuse(token.at, `Here should stand ${what}, not ${this.shown()}.`, advice);
    this.next();
    return { text: token.text, at: token.at };
  }

  column(columns: Columns): HuntColumn & { name: string; at: number } {
    const { text, at } = this.name('a column', `There are: ${[...columns.keys()].slice(0, 8).join(', ')} …`);
    return { ...columnNamed(columns, text, at), name: text, at };
  }

  /** One value; `list` takes all of a list. */
  value(): Value {
    const { token } = this;
    const only = this.values();
    if (only.length !== 1) refuse(token.at, `${this.#text(token)} is a list.`, 'Lists stand after in, has_any and has_all.');
    return only[0]!;
  }

  values(): readonly Value[] {
    const first = this.#simple();
    if (first.length !== 1 || first[0]!.is !== 'instant') return first;
    // now() - 1h: read as two tokens, or as one negative number.
    let [instant] = first as [Value];
    for (;;) {
      const { token } = this;
      const signed = token.kind === 'sign' && (token.text === '-' || token.text === '+');
      if (!signed && !(token.kind === 'number' && token.value < 0)) return [instant];
      if (signed) this.next();
      const span = this.#simple()[0]!;
      if (span.is !== 'span') refuse(span.at, 'To a moment only a span of time can be added.', 'Write now() - 1h.');
      const seconds = Number(span.value) * (signed && token.text === '-' ? -1 : 1);
      instant = { ...instant, value: Number(instant.value) + seconds };
    }
  }

  #text(token: KqlToken): string {
    return 'text' in token ? `"${token.text.slice(0, 40)}"` : 'This';
  }

  #simple(): readonly Value[] {
    const token = this.next();
    const { at } = token;
    switch (token.kind) {
      case 'string':
        return [{ value: token.text, is: 'text', at }];
      case 'number':
        return [numberOf(token)];
      case 'literal':
        return [{ value: literalOf(token), is: token.of === 'datetime' ? 'instant' : 'span', at }];
      case 'word': {
        if (token.text === 'true' || token.text === 'false') return [{ value: token.text === 'true', is: 'bool', at }];
        if (token.text === 'now' || token.text === 'ago') {
          this.expect('(', `Write ${token.text === 'now' ? 'now()' : 'ago(1h)'}.`);
          let back = 0;
          if (token.text === 'ago') {
            const span = this.value();
            if (span.is !== 'span') refuse(span.at, 'ago() takes a span of time.', 'Write ago(30m), ago(1h) or ago(7d).');
            back = Number(span.value);
          }
          this.expect(')', `Write ${token.text === 'now' ? 'now()' : 'ago(1h)'}.`);
          return [{ value: this.now - back, is: 'instant', at }];
        }
        const given = this.lets.get(token.text);
        if (given) return given.map((value) => ({ ...value, at }));
        return refuse(
          at,
          `"${token.text.slice(0, 40)}" is no value.`,
          otherwise.get(token.text) ?? 'Texts stand in quotes: "tcp".',
        );
      }
      case 'sign':
        if (token.text === '-') refuse(at, 'Sums are not computed here.', 'Write the number itself.');
    }
    return refuse(
      at,
      'Here should stand a value.',
      'Write a number, a text in quotes, 1h, 10mb, ago(1h) or datetime(2026-11-22).',
    );
  }

  /** `("a", "b")`, a list by its name, or `dynamic(["a"])`. */
  list(): readonly Value[] {
    if (this.isWord('dynamic')) {
      this.next();
      this.expect('(', 'Write dynamic(["a", "b"]).');
      // A list of one text is read as a name in brackets.
      if (this.token.kind === 'name') {
        const { text, at } = this.token;
        this.next();
        this.expect(')', 'Close the list with ).');
        return [{ value: text, is: 'text', at }];
      }
      this.expect('[', 'Write dynamic(["a", "b"]).');
      const values = this.#until(']');
      this.expect(')', 'Close the list with ).');
      return values;
    }
    if (this.isSign('(')) {
      this.next();
      if (this.isWord('dynamic')) {
        const values = this.list();
        this.expect(')', 'Close the list with ).');
        return values;
      }
      return this.#until(')');
    }
    return this.values();
  }

  #until(end: string): Value[] {
    const values = [...this.values()];
    while (this.take(',')) values.push(...this.values());
    this.expect(end, `Separate values by commas and close with ${end}.`);
    return values;
  }
}

function numberOf({ value, unit, at }: KqlToken & { kind: 'number' }): Value {
  if (unit === '') return { value, is: 'number', at };
  const size = sizes.get(unit.toLowerCase());
  if (size !== undefined) return { value: value * size, is: 'size', at };
  const span = spans.get(unit);
  if (span !== undefined) return { value: value * span, is: 'span', at };
  return refuse(at, `"${unit}" is no unit.`, 'Spans are 500ms, 30s, 5m, 1h, 7d; sizes 10kb, 1mb, 1gb, 1gib.');
}

export function instantOf(text: string, at: number): number {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return instantOf(`${text}T00:00:00Z`, at);
  const zoned = /(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`;
  try {
    return parseInstant(zoned.replace(' ', 'T').replace(/T(\d\d:\d\d)(?=Z|[+-])/, 'T$1:00'));
  } catch (error) {
    if (error instanceof Refusal)
      refuse(at, `"${text.slice(0, 40)}" is no moment.`, 'Write datetime(2026-11-22) or datetime(2026-11-22T08:00:00Z).');
    throw error;
  }
}

function literalOf({ of, text, at }: KqlToken & { kind: 'literal' }): number {
  if (of === 'datetime') return instantOf(text, at);
  const found = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text);
  const span = found && spans.get(found[2]!);
  if (!found || span === undefined || span === null)
    return refuse(at, `"${text}" is no span of time.`, 'Write 30s, 5m, 1h or 7d.');
  return Number(found[1]) * span;
}
