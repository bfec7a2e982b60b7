/** Conditions of the hunt language, as predicates of the algebra. */

import { parseAddress, parseNetwork } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import { predicateDepthMax, type DatePart, type OrderOperator, type Predicate } from '../query/query.ts';
import { compileRegex } from '../query/regex.ts';
import { instantOf, otherwise, Reading, type Value } from './reading.ts';
import { isNumber, isSpan, type Columns, type HuntColumn } from './schema.ts';
import { refuse } from './tokens.ts';

const orders: ReadonlyMap<string, OrderOperator> = new Map([
  ['<', 'lt'],
  ['<=', 'lte'],
  ['>', 'gt'],
  ['>=', 'gte'],
]);

/** Words that compare a column with a text: the algebra's operator, and whether case counts. */
const texts: ReadonlyMap<string, { op: 'contains' | 'startswith' | 'endswith'; cased: boolean }> = new Map(
  Object.entries({
    contains: { op: 'contains', cased: false },
    contains_cs: { op: 'contains', cased: true },
    startswith: { op: 'startswith', cased: false },
    startswith_cs: { op: 'startswith', cased: true },
    endswith: { op: 'endswith', cased: false },
    endswith_cs: { op: 'endswith', cased: true },
  } as const),
);
type Term = { head: boolean; tail: boolean; cased: boolean };
const terms: ReadonlyMap<string, Term> = new Map(
  Object.entries({
    has: { head: true, tail: true, cased: false },
    has_cs: { head: true, tail: true, cased: true },
    hasprefix: { head: true, tail: false, cased: false },
    hasprefix_cs: { head: true, tail: false, cased: true },
    hassuffix: { head: false, tail: true, cased: false },
    hassuffix_cs: { head: false, tail: true, cased: true },
  }),
);
const dates: ReadonlyMap<string, DatePart> = new Map(
  Object.entries({
    hourofday: 'hour',
    dayofmonth: 'day',
    monthofyear: 'month',
    getmonth: 'month',
    getyear: 'year',
    week_of_year: 'week',
  } as const),
);
const emptiness = ['isempty', 'isnotempty', 'isnull', 'isnotnull'];
/** RFC 1918; `ipv4_is_private` says nothing of others. */
const privateNetworks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
const ranges: ReadonlyMap<string, 4 | 16> = new Map(
  Object.entries({
    ipv4_is_in_range: 4,
    ipv4_is_in_any_range: 4,
    ipv6_is_in_range: 16,
    ipv6_is_in_any_range: 16,
  } as const),
);

export const comparisonWords = [
  'has',
  'has_any',
  'has_all',
  ...[...terms.keys()].slice(1),
  ...texts.keys(),
  'matches regex',
  'in',
  'in~',
  'between',
];
export const conditionFunctions = ['ipv4_is_private', ...ranges.keys(), ...emptiness, ...dates.keys()];

/** Reads conditions on the columns that stand where it is. */
export class Conditions extends Reading {
  #depth = 0;

  condition(columns: Columns): Predicate {
    return this.#many('or', () => this.#many('and', () => this.#unary(columns)));
  }

  #many(kind: 'and' | 'or', part: () => Predicate): Predicate {
    const of = [part()];
    while (this.isWord(kind)) {
      this.next();
      of.push(part());
    }
    return of.length === 1 ? of[0]! : { kind, of };
  }

  #unary(columns: Columns): Predicate {
    if (++this.#depth > predicateDepthMax)
      refuse(this.token.at, `The condition nests deeper than ${predicateDepthMax}.`, 'Write it flatter.');
    try {
      if (this.isWord('not')) {
        this.next();
        if (!this.isSign('(')) refuse(this.token.at, 'After not a parenthesis should open.', 'Write not(service == "dns").');
        return { kind: 'not', of: this.#unary(columns) };
      }
      if (this.isSign('(')) {
        const { at } = this.next();
        const inner = this.condition(columns);
        if (!this.take(')')) {
          if (this.token.kind === 'end' || this.isSign('|'))
            refuse(at, 'The parenthesis that opens here is not closed.', 'Close it with ).');
          refuse(this.token.at, `Here the condition does not go on with ${this.shown()}.`, 'Put and or or between conditions.');
        }
        return inner;
      }
      return this.#comparison(columns);
    } finally {
      this.#depth--;
    }
  }

  #comparison(columns: Columns): Predicate {
    const { token } = this;
    if (token.kind === 'word' && this.peek(1).kind === 'sign' && (this.peek(1) as { text: string }).text === '(') {
      return this.#function(columns, token.text, token.at);
    }
    if (token.kind === 'string' || token.kind === 'number' || token.kind === 'literal')
      refuse(token.at, 'On the left stands a column.', 'Write id.resp_p == 443; for words in any column, search "text".');
    if (this.isWord('true', 'false')) {
      const { text } = this.next() as { text: string };
      return { kind: text === 'true' ? 'and' : 'or', of: [] };
    }
    if (this.isSign('*')) return this.#anywhere();
    const column = this.column(columns);
    return this.#compared(columns, column);
  }

  /** `* contains "text"`: in whichever column. */
  #anywhere(): Predicate {
    this.next();
    const { token } = this;
    const op = token.kind === 'word' ? token.text.replace('!', '') : '';
    if (op !== 'contains' && op !== 'contains_cs' && op !== 'matches')
      refuse(
        token.at,
        'In whichever column something is contained or matches.',
        'Write * contains "text" or * matches regex "pattern".',
      );
    this.next();
    let found: Predicate;
    if (op === 'matches') found = { kind: 'keyword', op: 'regex', value: this.#pattern(), flags: [] };
    else {
      const { value, at } = this.value();
      if (value === '') refuse(at, 'An empty text is in everything.', 'Write a word.');
      found = { kind: 'keyword', op: 'contains', value: String(value), ...(op === 'contains_cs' ? { cased: true } : {}) };
    }
    return (token as { text: string }).text.startsWith('!') ? { kind: 'not', of: found } : found;
  }

  #pattern(): string {
    this.expect('regex', 'Write matches regex "pattern".');
    const { token } = this;
    const pattern = String(this.value().value);
    try {
      compileRegex(pattern, [], { charactersMax: 0 });
    } catch (error) {
      if (error instanceof Refusal) refuse(token.at, error.message, error.advice);
      throw error;
    }
    return pattern;
  }

  #compared(columns: Columns, column: HuntColumn & { name: string; at: number }): Predicate {
    const { token } = this;
    const { field } = column;
    if (token.kind === 'sign') {
      if (orders.has(token.text)) {
        this.next();
        return this.#ordered(columns, column, orders.get(token.text)!);
      }
      if (['==', '!=', '=~', '!~'].includes(token.text)) {
        this.next();
        const cased = !token.text.includes('~');
        const other = this.#otherColumn(columns);
        const equal: Predicate = other
          ? { kind: 'fieldref', field, op: 'equals', other: other.field, ...(cased ? { cased: true } : {}) }
          : this.#equal(column, this.value(), cased);
        return token.text.startsWith('!') ? { kind: 'not', of: equal } : equal;
      }
      if (token.text === '=') refuse(token.at, 'A single = compares nothing.', 'Write == (case counts) or =~ (it does not).');
    }
    if (token.kind === 'word') {
      const negated = token.text.startsWith('!');
      const written = this.#worded(columns, column, negated ? token.text.slice(1) : token.text);
      if (written) return negated ? { kind: 'not', of: written } : written;
    }
    if (column.type === 'bool') return { kind: 'text', field, op: 'equals', value: true };
    return refuse(
      token.at,
      `After the column ${column.name} a comparison should stand, not ${this.shown()}.`,
      `There are == != =~ < <= > >= ${comparisonWords.join(' ')}.`,
    );
  }

  #worded(columns: Columns, column: HuntColumn, op: string): Predicate | undefined {
    const { field } = column;
    if (texts.has(op)) {
      this.next();
      const { op: kind, cased } = texts.get(op)!;
      const asked = cased ? { cased: true as const } : {};
      const other = this.#otherColumn(columns);
      if (other) return { kind: 'fieldref', field, op: kind, other: other.field, ...asked };
      return { kind: 'text', field, op: kind, value: String(this.value().value), ...asked };
    }
    if (terms.has(op)) {
      this.next();
      return termIn(field, this.value(), terms.get(op)!);
    }
    switch (op) {
      case 'has_any':
      case 'has_all': {
        this.next();
        const of = this.list().map((value) => termIn(field, value, terms.get('has')!));
        return { kind: op === 'has_any' ? 'or' : 'and', of };
      }
      case 'in':
      case 'in~': {
        this.next();
        const values = this.list().map((value) => this.#checked(column, value).value);
        return { kind: 'in', field, values, ...(op === 'in' ? { cased: true } : {}) };
      }
      case 'between': {
        this.next();
        this.expect('(', 'Write between (1 .. 5).');
        const from = this.#bound(column, this.value());
        this.expect('..', 'Write between (1 .. 5).');
        const to = this.#bound(column, this.value());
        this.expect(')', 'Write between (1 .. 5).');
        return {
          kind: 'and',
          of: [
            { kind: 'order', field, op: 'gte', value: from },
            { kind: 'order', field, op: 'lte', value: to },
          ],
        };
      }
      case 'matches':
        this.next();
        return { kind: 'regex', field, pattern: this.#pattern(), flags: [] };
      case 'like':
        return refuse(this.token.at, 'like is not of this language.', 'Write startswith, endswith, contains or matches regex.');
    }
    return undefined;
  }

  /** A column on the right; a text stands in quotes, so a name is one. */
  #otherColumn(columns: Columns): HuntColumn | undefined {
    const { token } = this;
    if (token.kind === 'name') return this.column(columns);
    if (token.kind !== 'word' || ['true', 'false', 'now', 'ago'].includes(token.text) || this.lets.has(token.text))
      return undefined;
    if (!columns.has(token.text) && otherwise.get(token.text) !== undefined) return undefined;
    if (!columns.has(token.text))
      refuse(
        token.at,
        `"${token.text.slice(0, 40)}" is neither a column nor a value.`,
        `A text stands in quotes: "${token.text.slice(0, 40)}".`,
      );
    return this.column(columns);
  }

  #checked(column: HuntColumn, value: Value): Value {
    if (value.is === 'span' && !isSpan(column.type) && column.type !== 'double')
      refuse(value.at, 'A span of time is compared with a column of a duration.', 'For sizes write 1mb; 1m is one minute.');
    if (value.is === 'size' && !isNumber(column.type))
      refuse(value.at, 'A size is compared with a column of numbers.', 'For durations write 1m, 1h.');
    return value;
  }

  #equal(column: HuntColumn, value: Value, cased: boolean): Predicate {
    this.#checked(column, value);
    return { kind: 'text', field: column.field, op: 'equals', value: value.value, ...(cased ? { cased: true } : {}) };
  }

  #bound(column: HuntColumn, value: Value): number {
    this.#checked(column, value);
    if (value.is === 'text') {
      const number = column.type === 'time' ? instantOf(String(value.value), value.at) : Number(value.value);
      if (!Number.isFinite(number))
        refuse(value.at, `"${String(value.value).slice(0, 40)}" is no number.`, 'Write 1000 or datetime(2026-11-22).');
      return number;
    }
    if (value.is === 'bool') refuse(value.at, 'true and false are not in an order.', 'Compare with ==.');
    return Number(value.value);
  }

  #ordered(columns: Columns, column: HuntColumn, op: OrderOperator): Predicate {
    const other = this.#otherColumn(columns);
    if (other) return { kind: 'fieldref', field: column.field, op, other: other.field };
    return { kind: 'order', field: column.field, op, value: this.#bound(column, this.value()) };
  }

  #function(columns: Columns, name: string, at: number): Predicate {
    const part = dates.get(name);
    const known = part !== undefined || ranges.has(name) || emptiness.includes(name) || name === 'ipv4_is_private';
    if (!known)
      refuse(
        at,
        `There is no function ${name.slice(0, 40)}() in conditions.`,
        otherwise.get(name) ?? `There are: ${conditionFunctions.join(', ')}.`,
      );
    this.next();
    this.next();
    const column = this.column(columns);
    const { field } = column;
    if (ranges.has(name)) {
      const of: Predicate[] = [];
      while (this.take(',')) for (const value of this.list()) of.push(networkOf(field, value, ranges.get(name)!));
      this.expect(')', `Write ${name}(id.orig_h, "10.0.0.0/8").`);
      if (of.length === 0) refuse(this.token.at, `${name}() names no network.`, `Write ${name}(id.orig_h, "10.0.0.0/8").`);
      return of.length === 1 ? of[0]! : { kind: 'or', of };
    }
    this.expect(')', `${name}() takes one column.`);
    if (part !== undefined) return this.#datePart(field, part);
    if (name === 'ipv4_is_private')
      return { kind: 'or', of: privateNetworks.map((network) => ({ kind: 'cidr', field, network })) };
    const there: Predicate = { kind: 'exists', field };
    const text: Predicate = { kind: 'and', of: [there, { kind: 'not', of: { kind: 'text', field, op: 'equals', value: '' } }] };
    if (name === 'isnull') return { kind: 'not', of: there };
    if (name === 'isnotnull') return there;
    return name === 'isempty' ? { kind: 'not', of: text } : text;
  }

  #datePart(field: string, part: DatePart): Predicate {
    const token = this.next();
    const sign = token.kind === 'sign' ? token.text : '';
    const advice = 'Write hourofday(ts) >= 22.';
    if (!orders.has(sign) && sign !== '==' && sign !== '!=') refuse(token.at, 'Here should stand a comparison.', advice);
    const value = this.value();
    if (value.is !== 'number') refuse(value.at, 'A part of a date is a number.', advice);
    const condition: Predicate = { kind: 'date', field, part, op: orders.get(sign) ?? 'equals', value: Number(value.value) };
    return sign === '!=' ? { kind: 'not', of: condition } : condition;
  }
}

function networkOf(field: string, { value, at }: Value, bytes: 4 | 16): Predicate {
  const text = String(value);
  const network = text.includes('/') ? text : parseAddress(text) ? `${text}/${bytes * 8}` : text;
  const parsed = parseNetwork(network);
  if (!parsed || parsed.bytes.length !== bytes) {
    const advice = bytes === 4 ? 'Write "10.0.0.0/8", with no bits set right of the prefix.' : 'Write "2001:db8::/32".';
    refuse(at, `"${text.slice(0, 60)}" is no network of this family.`, advice);
  }
  return { kind: 'cidr', field, network };
}

/** A whole term: no letter or digit stands beside it. The plain search before the expression lets most values go at once. */
function termIn(field: string, { value, at }: Value, { head, tail, cased }: Term): Predicate {
  const text = String(value);
  if (text === '') refuse(at, 'An empty term is in everything.', 'Write the term, or leave the condition out.');
  const escaped = text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&');
  const pattern = `${head ? '(^|[^0-9A-Za-z])' : ''}${escaped}${tail ? '([^0-9A-Za-z]|$)' : ''}`;
  return {
    kind: 'and',
    of: [
      { kind: 'text', field, op: 'contains', value: text, ...(cased ? { cased: true } : {}) },
      { kind: 'regex', field, pattern, flags: cased ? [] : ['i'] },
    ],
  };
}
