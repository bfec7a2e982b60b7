/**
 * The text form of the algebra, for the query bar and the command line:
 *
 *     service:dns and id.orig_h:10.0.0.0/8 and not query:*.example
 *     id.resp_p:(22, 3389) and orig_bytes>1000000
 *     uri~/\.(exe|dll)$/i or user_agent contains "curl"
 *     status_code:401 | count as tries by id.orig_h, host every 5m | having tries>20 | sort tries desc | limit 10
 *
 *     field:value        equals, whatever case; with * or ? a pattern; a network (10.0.0.0/8) takes addresses in it
 *     field:*            has a value                      field:(a, b, c)   any of them
 *     field==value       equals, case counts              field:$other      equals the other field
 *     field<5  <= > >=   numbers, or instants (ts>=2026-11-22T08:00:00Z)
 *     hour(field)>=22    minute, hour, day, week, month, year of a date; `:` equals
 *     field~/regex/ims   RE2's syntax
 *     field contains "x"   startswith, endswith, like; `contains cased "x"` where case counts; $other for a field
 *     word  "some text"  ~/regex/  cased "Text"           in whichever field
 *     everything, nothing                                all records, none
 *     and (or nothing between), or, not, ( )
 *
 * A quoted value is taken as it stands. A field name with other signs than letters, digits and _.-@#[]{} is written in backquotes.
 */

import { parseNetwork } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import { parseInstant } from '@forewarn/base/time';
import {
  dateParts,
  predicateDepthMax,
  type Aggregate,
  type DatePart,
  type OrderOperator,
  type Predicate,
  type Query,
  type RegexFlag,
  type Scalar,
} from './query.ts';
import { compileRegex } from './regex.ts';

/** Longer questions are not typed; a pasted list of indicators of this size still fits. */
const textMax = 200_000;

type Token =
  | { kind: 'open' | 'close' | 'comma' | 'pipe' | 'end'; at: number }
  /** `:`, `==`, `~`, `<`, `<=`, `>`, `>=`. */
  | { kind: 'sign'; sign: string; at: number }
  | { kind: 'word'; word: string; at: number }
  | { kind: 'quoted'; text: string; at: number }
  | { kind: 'name'; name: string; at: number }
  | { kind: 'regex'; pattern: string; flags: RegexFlag[]; at: number };

const textOperators = ['equals', 'contains', 'startswith', 'endswith', 'like'] as const;
const orderSigns: { readonly [sign: string]: OrderOperator } = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' };
const signs: { readonly [op in OrderOperator]: string } = { lt: '<', lte: '<=', gt: '>', gte: '>=' };
const aggregateKinds = ['count', 'distinct', 'sum', 'avg', 'min', 'max'] as const;
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d{1,3})?$/;
const plainField = /^[A-Za-z_@][A-Za-z0-9_.@#{}[\]-]*$/;
const spans: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads a condition. Throws the refusal `query.text` with the position (`place.offset`, in characters from 0). */
export function parsePredicate(text: string): Predicate {
  const parser = new Parser(text);
  const predicate = parser.predicate();
  parser.expectEnd();
  return predicate;
}

/** Reads a whole query; `logs` are those it asks when it does not name any. */
export function parseQuery(text: string, logs: readonly string[]): Query {
  return new Parser(text).query(logs);
}

class Parser {
  readonly #text: string;
  #at = 0;
  #token: Token;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    if (text.length > textMax) this.#refuse(textMax, `The query is longer than ${textMax} characters.`, 'Use an indicator list.');
    this.#token = this.#read('condition');
  }

  #refuse(at: number, message: string, advice: string): never {
    throw new Refusal('query.text', message, { place: { offset: at, column: at + 1 }, advice });
  }

  /** Reads the next token. After a sign, a word runs to the next space, so that `uri:/a:b` and `host:2001:db8::1` need no quotes. */
  #read(context: 'condition' | 'value' | 'regex'): Token {
    const text = this.#text;
    while (/\s/.test(text[this.#at] ?? '')) this.#at++;
    const at = this.#at;
    const c = text[at];
    if (c === undefined) return { kind: 'end', at };
    const punctuation = { '(': 'open', ')': 'close', ',': 'comma', '|': 'pipe' } as const;
    if (c in punctuation) {
      this.#at++;
      return { kind: punctuation[c as keyof typeof punctuation], at };
    }
    if (c === '"' || c === '`') return this.#quoted(c);
    if (context === 'regex' && c === '/') return this.#regex();
    if (context === 'condition') {
      const sign = /^(?:==|<=|>=|[:~<>])/.exec(text.slice(at, at + 2));
      if (sign) {
        this.#at += sign[0].length;
        return { kind: 'sign', sign: sign[0], at };
      }
    }
    const rest = context === 'value' ? /[\s(),|"]/g : /[\s(),|":~<>=`]/g;
    rest.lastIndex = at;
    const end = rest.exec(text)?.index ?? text.length;
    if (end === at) this.#refuse(at, `"${c}" cannot stand here.`, 'Quote it if it belongs to a value.');
    this.#at = end;
    return { kind: 'word', word: text.slice(at, end), at };
  }

  #quoted(mark: string): Token {
    const at = this.#at++;
    let value = '';
    for (;;) {
      const c = this.#text[this.#at++];
      if (c === undefined) this.#refuse(at, `The quotation that opens here is not closed.`, `Close it with ${mark}.`);
      if (c === mark) break;
      if (c === '\\') {
        const next = this.#text[this.#at++];
        if (next === 'n') value += '\n';
        else if (next === mark || next === '\\') value += next;
        else if (next === undefined) this.#refuse(at, 'The quotation that opens here is not closed.', `Close it with ${mark}.`);
        else value += `\\${next}`;
      } else value += c;
    }
    return mark === '"' ? { kind: 'quoted', text: value, at } : { kind: 'name', name: value, at };
  }

  #regex(): Token {
    const at = this.#at++;
    let pattern = '';
    for (;;) {
      const c = this.#text[this.#at++];
      if (c === undefined) this.#refuse(at, 'The regular expression that opens here is not closed.', 'Close it with /.');
      if (c === '/') break;
      if (c === '\\' && this.#text[this.#at] === '/') {
        pattern += '/';
        this.#at++;
      } else if (c === '\\') pattern += c + (this.#text[this.#at++] ?? '');
      else pattern += c;
    }
    const flags = /^[a-z]*/.exec(this.#text.slice(this.#at, this.#at + 10))![0];
    if (/[^ims]/.test(flags) || new Set(flags).size !== flags.length)
      this.#refuse(this.#at, `"${flags}" are not flags.`, 'Flags are i, m and s.');
    this.#at += flags.length;
    try {
      compileRegex(pattern, [...flags] as RegexFlag[], { charactersMax: 0 });
    } catch (error) {
      if (error instanceof Refusal) this.#refuse(at + 1 + (error.place.offset ?? 0), error.message, error.advice);
      throw error;
    }
    return { kind: 'regex', pattern, flags: [...flags] as RegexFlag[], at };
  }

  #next(context: 'condition' | 'value' | 'regex' = 'condition'): Token {
    const token = this.#token;
    this.#token = this.#read(context);
    return token;
  }

  #isWord(...words: string[]): boolean {
    return this.#token.kind === 'word' && words.includes(this.#token.word.toLowerCase());
  }

  expectEnd(): void {
    if (this.#token.kind !== 'end')
      this.#refuse(this.#token.at, `The condition should end before ${this.#shown()}.`, 'Put "and" or "or" between conditions.');
  }

  #shown(): string {
    const end = Math.min(this.#text.length, this.#token.at + 20);
    return this.#token.kind === 'end' ? 'the end' : `"${this.#text.slice(this.#token.at, end)}"`;
  }

  query(logs: readonly string[]): Query {
    const query: { -readonly [K in keyof Query]: Query[K] } = { from: logs };
    if (this.#token.kind !== 'end' && this.#token.kind !== 'pipe') query.where = this.predicate();
    while (this.#token.kind === 'pipe') {
      this.#next();
      if (this.#isWord('logs')) {
        this.#next();
        query.from = this.#list(() => this.#name('a log'));
      } else if (this.#isWord('having')) {
        this.#next();
        query.having = this.predicate();
      } else if (this.#isWord('sort')) {
        this.#next();
        query.order = this.#list(() => {
          const field = this.#name('a field');
          if (this.#isWord('desc')) {
            this.#next();
            return { field, descending: true };
          }
          if (this.#isWord('asc')) this.#next();
          return { field };
        });
      } else if (this.#isWord('limit')) {
        this.#next();
        const { at } = this.#token;
        query.limit = Number(this.#name('a number'));
        if (!Number.isInteger(query.limit) || query.limit < 1)
          this.#refuse(at, 'A limit is a whole number from 1.', 'Write limit 100.');
      } else if (this.#isWord('columns')) {
        this.#next();
        query.columns = this.#list(() => this.#name('a field'));
      } else if (this.#isWord(...aggregateKinds)) query.group = this.#group();
      else
        this.#refuse(
          this.#token.at,
          `${this.#shown()} begins no stage.`,
          'Stages are count, distinct, sum, avg, min, max; having; sort; limit; columns; logs.',
        );
    }
    this.expectEnd();
    return query;
  }

  #list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.#token.kind === 'comma') {
      this.#next();
      items.push(item());
    }
    return items;
  }

  #name(what: string): string {
    const token = this.#next();
    if (token.kind === 'word') return token.word;
    if (token.kind === 'name') return token.name;
    return this.#refuse(token.at, `Here should stand ${what}.`, 'Names with other signs are written in backquotes.');
  }

  #group(): NonNullable<Query['group']> {
    const aggregates = this.#list((): Aggregate => {
      const { at } = this.#token;
      const kind = this.#name('count, distinct, sum, avg, min or max').toLowerCase() as Aggregate['kind'];
      if (!aggregateKinds.includes(kind))
        this.#refuse(at, `"${kind}" is no aggregate.`, `Aggregates are ${aggregateKinds.join(', ')}.`);
      const field = kind === 'count' ? undefined : this.#name('a field');
      let as = field === undefined ? kind : `${kind}_${field}`;
      if (this.#isWord('as')) {
        this.#next();
        as = this.#name('a name');
      }
      return kind === 'count' ? { kind, as } : { kind, field: field!, as };
    });
    const group: { -readonly [K in keyof NonNullable<Query['group']>]: NonNullable<Query['group']>[K] } = { by: [], aggregates };
    if (this.#isWord('by')) {
      this.#next();
      group.by = this.#list(() => this.#name('a field'));
    }
    if (this.#isWord('every')) {
      this.#next();
      const { at } = this.#token;
      const span = /^(\d+(?:\.\d+)?)([smhd])$/.exec(this.#name('a span'));
      if (!span || Number(span[1]) === 0) return this.#refuse(at, 'This is no span of time.', 'Write 30s, 5m, 1h or 1d.');
      group.every = Number(span[1]) * spans[span[2]!]!;
    }
    return group;
  }

  predicate(): Predicate {
    return this.#many('or', () => this.#many('and', () => this.#unary()));
  }

  #many(kind: 'and' | 'or', part: () => Predicate): Predicate {
    const of = [part()];
    for (;;) {
      if (this.#isWord(kind)) this.#next();
      // Two conditions side by side are meant both.
      else if (kind === 'or' || this.#isWord('or') || ['end', 'close', 'pipe', 'comma'].includes(this.#token.kind)) break;
      of.push(part());
    }
    return of.length === 1 ? of[0]! : { kind, of };
  }

  #unary(): Predicate {
    if (++this.#depth > predicateDepthMax)
      this.#refuse(this.#token.at, `The condition nests deeper than ${predicateDepthMax}.`, 'Write it flatter.');
    try {
      if (this.#isWord('not')) {
        this.#next();
        return { kind: 'not', of: this.#unary() };
      }
      if (this.#token.kind === 'open') {
        const { at } = this.#token;
        this.#next();
        const inner = this.predicate();
        this.#expectClose(at);
        this.#next();
        return inner;
      }
      return this.#comparison();
    } finally {
      this.#depth--;
    }
  }

  #expectClose(at: number): void {
    if (this.#token.kind !== 'close') this.#refuse(at, 'The parenthesis that opens here is not closed.', 'Close it with ).');
  }

  #comparison(): Predicate {
    const first = this.#token;
    if (first.kind === 'quoted') {
      this.#next();
      return { kind: 'keyword', op: 'contains', value: first.text };
    }
    if (first.kind === 'sign' && first.sign === '~') {
      this.#next('regex');
      const regex = this.#next();
      if (regex.kind !== 'regex')
        return this.#refuse(regex.at, 'After ~ a regular expression should stand.', 'Write ~/pattern/.');
      return { kind: 'keyword', op: 'regex', value: regex.pattern, flags: regex.flags };
    }
    if (first.kind !== 'word' && first.kind !== 'name') {
      return this.#refuse(first.at, `Here should stand a condition, not ${this.#shown()}.`, 'Write field:value.');
    }
    // What follows decides how it is read: a sign may be followed by a regular expression or a value with colons.
    this.#token = this.#read('condition');
    const second = this.#token;
    const field = first.kind === 'word' ? first.word : first.name;
    if (second.kind === 'open' && this.#isDatePart(first, second.at)) return this.#datePart(field as DatePart);
    if (second.kind === 'sign') {
      const { sign } = second;
      this.#next(sign === '~' ? 'regex' : 'value');
      return this.#signed(field, sign, second.at);
    }
    if (this.#isWord(...textOperators, 'cased')) return this.#worded(field);
    if (first.kind === 'word' && field.toLowerCase() === 'cased' && (second.kind === 'quoted' || second.kind === 'word')) {
      this.#next();
      if (second.kind === 'quoted') return { kind: 'keyword', op: 'contains', value: second.text, cased: true };
      return { kind: 'keyword', op: /[*?]/.test(second.word) ? 'like' : 'contains', value: second.word, cased: true };
    }
    if (first.kind === 'word' && field === 'everything') return { kind: 'and', of: [] };
    if (first.kind === 'word' && field === 'nothing') return { kind: 'or', of: [] };
    if (first.kind === 'name')
      return this.#refuse(second.at, `After the field \`${field}\` a sign should stand.`, 'Write `field`:value.');
    return /[*?]/.test(field) ? { kind: 'keyword', op: 'like', value: field } : { kind: 'keyword', op: 'contains', value: field };
  }

  /** `hour(ts)>=`, written together: anywhere else the parenthesis opens a condition of its own. */
  #isDatePart(first: Token, open: number): boolean {
    if (first.kind !== 'word' || !(dateParts as readonly string[]).includes(first.word)) return false;
    if (open !== first.at + first.word.length) return false;
    return /^\(\s*(?:[^\s()`"]+|`(?:[^`\\]|\\.)*`)\s*\)\s*(?::|==|<=|>=|<|>)/.test(this.#text.slice(open, open + 500));
  }

  #datePart(part: DatePart): Predicate {
    this.#next();
    const field = this.#name('a field');
    this.#next();
    const { sign } = this.#next('value') as { sign: string };
    const token = this.#next();
    const written = token.kind === 'word' ? token.word : '';
    if (!number.test(written)) this.#refuse(token.at, `After ${sign} a number should stand.`, `Write ${part}(${field})>=5.`);
    return { kind: 'date', field, part, op: orderSigns[sign] ?? 'equals', value: Number(written) };
  }

  #signed(field: string, sign: string, at: number): Predicate {
    const token = this.#token;
    if (sign === '~') {
      if (token.kind !== 'regex')
        return this.#refuse(token.at, 'After ~ a regular expression should stand.', `Write ${field}~/pattern/.`);
      this.#next();
      return { kind: 'regex', field, pattern: token.pattern, flags: token.flags };
    }
    if (sign in orderSigns) {
      const op = orderSigns[sign]!;
      if (token.kind === 'word' && token.word.startsWith('$')) {
        this.#next();
        return { kind: 'fieldref', field, op, other: token.word.slice(1) };
      }
      const written = token.kind === 'word' ? token.word : token.kind === 'quoted' ? token.text : undefined;
      if (written === undefined)
        return this.#refuse(token.at, `After ${sign} a number should stand.`, 'Write bytes>1000 or ts>=2026-11-22T08:00:00Z.');
      this.#next();
      if (number.test(written)) return { kind: 'order', field, op, value: Number(written) };
      try {
        return { kind: 'order', field, op, value: parseInstant(written) };
      } catch (error) {
        if (error instanceof Refusal)
          return this.#refuse(
            token.at,
            `"${written}" is neither a number nor an instant.`,
            'Write 1000 or 2026-11-22T08:00:00Z.',
          );
        throw error;
      }
    }
    const cased = sign === '==';
    if (token.kind === 'open') {
      this.#token = this.#read('value');
      const parts: Predicate[] = [];
      for (;;) {
        parts.push(this.#value(field, cased));
        if (this.#token.kind !== 'comma') break;
        this.#token = this.#read('value');
      }
      if (this.#token.kind !== 'close')
        this.#refuse(this.#token.at, 'The list of values is not closed.', 'Separate values by commas and close with ).');
      this.#next();
      return oneOf(field, parts, cased);
    }
    if (['end', 'close', 'pipe', 'comma'].includes(token.kind))
      this.#refuse(at, `After ${sign} a value should stand.`, `Write ${field}:value, or ${field}:* for any.`);
    return this.#value(field, cased);
  }

  /** One value after `:` or `==`. */
  #value(field: string, cased: boolean): Predicate {
    const token = this.#next();
    const asked = cased ? { cased: true as const } : {};
    if (token.kind === 'quoted') return { kind: 'text', field, op: 'equals', value: token.text, ...asked };
    if (token.kind === 'name') return { kind: 'text', field, op: 'equals', value: token.name, ...asked };
    if (token.kind !== 'word') return this.#refuse(token.at, 'Here should stand a value.', 'Quote it if it holds signs.');
    const { word } = token;
    if (word.startsWith('$') && word.length > 1) return { kind: 'fieldref', field, op: 'equals', other: word.slice(1), ...asked };
    if (word === '*') return { kind: 'exists', field };
    if (/^[\da-fA-F:.]+\/\d+$/.test(word)) {
      if (parseNetwork(word)) return { kind: 'cidr', field, network: word };
      if (/^(?:\d+\.){3}\d+\/|:.*:/.test(word)) {
        this.#refuse(
          token.at,
          `"${word}" is no network: it is malformed or has bits set right of the prefix.`,
          'Write 10.0.0.0/8; quote it if it is a text.',
        );
      }
    }
    if (/[*?]/.test(word)) return { kind: 'text', field, op: 'like', value: word, ...asked };
    return { kind: 'text', field, op: 'equals', value: scalarOf(word), ...asked };
  }

  #worded(field: string): Predicate {
    const op = (this.#token as { word: string }).word.toLowerCase() as (typeof textOperators)[number];
    if (!textOperators.includes(op))
      this.#refuse(this.#token.at, '"cased" stands after the operator.', 'Write field contains cased "x".');
    this.#next('value');
    let cased = {};
    if (this.#isWord('cased')) {
      cased = { cased: true };
      this.#token = this.#read('value');
    }
    const token = this.#next();
    if (token.kind === 'quoted') return { kind: 'text', field, op, value: token.text, ...cased };
    if (token.kind !== 'word') return this.#refuse(token.at, `After ${op} a value should stand.`, `Write ${field} ${op} "text".`);
    if (token.word.startsWith('$') && token.word.length > 1 && op !== 'like')
      return { kind: 'fieldref', field, op, other: token.word.slice(1), ...cased };
    return { kind: 'text', field, op, value: token.word, ...cased };
  }
}

function scalarOf(word: string): Scalar {
  if (word === 'true') return true;
  if (word === 'false') return false;
  return number.test(word) && String(Number(word)) === word ? Number(word) : word;
}

function oneOf(field: string, parts: readonly Predicate[], cased: boolean): Predicate {
  if (parts.length === 1) return parts[0]!;
  const values: Scalar[] = [];
  for (const part of parts) {
    if (part.kind !== 'text' || part.op !== 'equals') return { kind: 'or', of: parts };
    values.push(part.value);
  }
  return { kind: 'in', field, values, ...(cased ? { cased: true } : {}) };
}

function quote(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

const reserved = new Set([
  'and',
  'or',
  'not',
  'having',
  'sort',
  'limit',
  'logs',
  'columns',
  'cased',
  'everything',
  'nothing',
  ...aggregateKinds,
]);

function printField(field: string): string {
  return plainField.test(field) && !reserved.has(field.toLowerCase()) ? field : `\`${field.replaceAll(/[\\`]/g, '\\$&')}\``;
}

function printScalar(value: Scalar): string {
  if (typeof value !== 'string') return String(value);
  // Words that need no quotes: read back as the same text, not as a number, pattern, network or field.
  return /^[\p{L}_.-][\p{L}\p{N}_.:;=@%+/-]*$/u.test(value) && scalarOf(value) === value ? value : quote(value);
}

/** Writes a condition so that `parsePredicate` reads the same meaning back. */
export function printPredicate(predicate: Predicate): string {
  return print(predicate, 0);
}

/** `strength` is that of what stands around: 0 nothing, 1 or, 2 and, 3 not. */
function print(predicate: Predicate, strength: number): string {
  switch (predicate.kind) {
    case 'and':
    case 'or': {
      if (predicate.of.length === 0) return predicate.kind === 'or' ? 'nothing' : 'everything';
      if (predicate.of.length === 1) return print(predicate.of[0]!, strength);
      const own = predicate.kind === 'and' ? 2 : 1;
      const text = predicate.of.map((part) => print(part, own)).join(` ${predicate.kind} `);
      return strength >= own ? `(${text})` : text;
    }
    case 'not':
      return `not ${print(predicate.of, 3)}`;
    case 'exists':
      return `${printField(predicate.field)}:*`;
    case 'order':
      return `${printField(predicate.field)}${signs[predicate.op]}${predicate.value}`;
    case 'date':
      return `${predicate.part}(${printField(predicate.field)})${predicate.op === 'equals' ? ':' : signs[predicate.op]}${predicate.value}`;
    case 'cidr':
      return `${printField(predicate.field)}:${predicate.network.includes('/') ? predicate.network : `${predicate.network}/${predicate.network.includes(':') ? 128 : 32}`}`;
    case 'regex':
      return `${printField(predicate.field)}~${printRegex(predicate.pattern, predicate.flags)}`;
    case 'in':
      if (predicate.values.length === 0) return 'nothing';
      if (predicate.values.length === 1)
        return `${printField(predicate.field)}${predicate.cased ? '==' : ':'}${printScalar(predicate.values[0]!)}`;
      return `${printField(predicate.field)}${predicate.cased ? '==' : ':'}(${predicate.values.map(printScalar).join(', ')})`;
    case 'fieldref': {
      const other = `$${predicate.other}`;
      if (predicate.op in signs) return `${printField(predicate.field)}${signs[predicate.op as OrderOperator]}${other}`;
      if (predicate.op === 'equals') return `${printField(predicate.field)}${predicate.cased ? '==' : ':'}${other}`;
      return `${printField(predicate.field)} ${predicate.op}${predicate.cased ? ' cased' : ''} ${other}`;
    }
    case 'text':
      if (predicate.op === 'equals')
        return `${printField(predicate.field)}${predicate.cased ? '==' : ':'}${printScalar(predicate.value)}`;
      return `${printField(predicate.field)} ${predicate.op}${predicate.cased ? ' cased' : ''} ${quote(String(predicate.value))}`;
    case 'keyword':
      if (predicate.op === 'regex') return `~${printRegex(predicate.value, predicate.flags)}`;
      return printKeyword(predicate.value, predicate.op, predicate.cased === true);
  }
}

function printKeyword(value: string, op: 'contains' | 'like', cased: boolean): string {
  if (op === 'contains') return `${cased ? 'cased ' : ''}${quote(value)}`;
  if (/^[^\s(),|":~<>=`$]+$/.test(value) && /[*?]/.test(value)) return `${cased ? 'cased ' : ''}${value}`;
  return `~${printRegex(likeAsRegex(value), cased ? ['s'] : ['i', 's'])}`;
}

function printRegex(pattern: string, flags: readonly RegexFlag[]): string {
  let text = '';
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === '\\') text += pattern[i]! + (pattern[++i] ?? '');
    else text += pattern[i] === '/' ? '\\/' : pattern[i];
  }
  return `/${text}/${flags.join('')}`;
}

/** A keyword pattern with spaces has no bare form; as a regular expression it means the same. */
function likeAsRegex(pattern: string): string {
  const body = pattern.replaceAll(/\\([\\*?])|\*|\?|[.+^${}()|[\]\\]/g, (sign, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    if (sign === '*') return '.*';
    return sign === '?' ? '.' : `\\${sign}`;
  });
  return `^${body}$`;
}

/** Writes a query so that `parseQuery` reads it back. The range is the time control's business and is not written. */
export function printQuery(query: Query): string {
  const stages: string[] = [query.where ? printPredicate(query.where) : ''];
  if (query.from.length > 0) stages.push(`logs ${query.from.join(', ')}`);
  if (query.group) {
    const { by, every, aggregates } = query.group;
    const parts = aggregates.map((aggregate) =>
      aggregate.kind === 'count'
        ? `count as ${printField(aggregate.as)}`
        : `${aggregate.kind} ${printField(aggregate.field)} as ${printField(aggregate.as)}`,
    );
    stages.push(
      `${parts.join(', ')}${by.length > 0 ? ` by ${by.map(printField).join(', ')}` : ''}${every === undefined ? '' : ` every ${every}s`}`,
    );
  }
  if (query.having) stages.push(`having ${printPredicate(query.having)}`);
  if (query.order)
    stages.push(
      `sort ${query.order.map(({ field, descending }) => `${printField(field)}${descending ? ' desc' : ''}`).join(', ')}`,
    );
  if (query.limit !== undefined) stages.push(`limit ${query.limit}`);
  if (query.columns) stages.push(`columns ${query.columns.map(printField).join(', ')}`);
  return stages.join(' | ').trim();
}
