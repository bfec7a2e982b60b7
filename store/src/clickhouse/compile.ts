/**
 * The query algebra (`model/query`) as ClickHouse SQL. The meaning stands in `query.ts`; the shared cases prove that this engine
 * and the stream's give the same answers.
 *
 * - Values are bound (`{p0:String}`), names come from declarations only: nothing that came from outside is in the text.
 * - ClickHouse's logic has three truths, ours two: every comparison is wrapped so that a missing value makes it false.
 */

import { parseNetwork } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import {
  matchedCharactersMax,
  parsePattern,
  predicateDepth,
  predicateDepthMax,
  type DatePart,
  type Predicate,
  type RegexFlag,
  type Scalar,
  type TextOperator,
} from '@forewarn/model/query/query';
import { compileRegex } from '@forewarn/model/query/regex';
import type { BoundType, BoundValue } from './literals.ts';
import type { StoredColumn, ValueKind } from './tables.ts';

/** Collects the values of a statement under names of its own. */
export class Parameters {
  readonly values: { [name: string]: BoundValue } = {};
  #next = 0;

  /** Returns the place that stands for the value. Numbers are given as text, because the binder refuses large ones. */
  add(type: BoundType, value: BoundValue): string {
    const name = `p${this.#next++}`;
    this.values[name] = typeof value === 'number' ? String(value) : value;
    return `{${name}:${type}}`;
  }
}

/** The fields a predicate may name. */
export type Fields = {
  find(name: string): StoredColumn | undefined;
  /** Those a keyword looks into. */
  readonly own: readonly StoredColumn[];
  /** Where the table keeps it: all their values as text, in small letters, with U+0000 between. */
  readonly words?: string | undefined;
};

/** One value to compare: a column, or an element of one inside a lambda. */
type Element = { kind: ValueKind; sql: string };

const asText = ({ kind, sql }: Element): string => (kind === 'text' || kind === 'address' ? sql : `toString(${sql})`);
const folded = (element: Element): string =>
  // Digits, `true` and `false` have no capitals; addresses are kept in small letters.
  element.kind === 'text' ? `lowerUTF8(${element.sql})` : asText(element);

/** Texts that ClickHouse looks for in one walk (`multiSearchAny`, at most 255). */
const searchedMax = 200;

/** What `model/query/evaluate.ts` takes for a number. */
export const decimalPattern = '^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?$';

/** A condition on a record, for `where` and `having`. Refusals: `query.depth`, `query.regex`, `query.network`. */
export function compilePredicate(predicate: Predicate, fields: Fields, parameters: Parameters): string {
  const depth = predicateDepth(predicate);
  if (depth > predicateDepthMax) {
    throw new Refusal('query.depth', `The condition nests ${depth} deep; ${predicateDepthMax} is the most.`, {
      advice: 'Write it flatter.',
    });
  }
  return new Compiler(fields, parameters).predicate(predicate);
}

class Compiler {
  readonly #fields: Fields;
  readonly #parameters: Parameters;

  constructor(fields: Fields, parameters: Parameters) {
    this.#fields = fields;
    this.#parameters = parameters;
  }

  predicate(predicate: Predicate): string {
    switch (predicate.kind) {
      case 'and':
        return predicate.of.length === 0 ? 'true' : `(${predicate.of.map((part) => this.predicate(part)).join(' and ')})`;
      case 'or':
        return predicate.of.length === 0 ? 'false' : `(${this.#alternatives(predicate.of).join(' or ')})`;
      case 'not':
        return `not ${this.predicate(predicate.of)}`;
      case 'exists':
        return this.#onField(predicate.field, (column) =>
          column.vector ? `notEmpty(${column.sql})` : `isNotNull(${column.sql})`,
        );
      case 'text': {
        const { op, value, cased = false } = predicate;
        if (op === 'equals') return this.#any(predicate.field, this.#equals([value], cased));
        return this.#any(predicate.field, this.#text(op, String(value), cased));
      }
      case 'in':
        return this.#any(predicate.field, this.#equals(predicate.values, predicate.cased ?? false));
      case 'order': {
        const bound = this.#parameters.add('Float64', predicate.value);
        return this.#any(predicate.field, (element) => {
          const number = this.#number(element);
          return number === undefined ? 'false' : `${number} ${signs[predicate.op]} ${bound}`;
        });
      }
      case 'date': {
        const bound = this.#parameters.add('Float64', predicate.value);
        const sign = predicate.op === 'equals' ? '=' : signs[predicate.op];
        return this.#any(predicate.field, (element) => {
          const number = this.#datePart(element, predicate.part);
          return number === undefined ? 'false' : `${number} ${sign} ${bound}`;
        });
      }
      case 'regex':
        return this.#any(predicate.field, this.#regex(predicate.pattern, predicate.flags, predicate.field));
      case 'cidr':
        return this.#any(predicate.field, this.#network(predicate.network, predicate.field));
      case 'fieldref':
        return this.#fieldref(predicate);
      case 'keyword': {
        if (predicate.op === 'regex') {
          const test = this.#regex(predicate.value, predicate.flags);
          return this.#own((column) => this.#column(column, test));
        }
        const test = this.#text(predicate.op, predicate.value, predicate.cased ?? false);
        const words = this.#words(predicate, [predicate.value]);
        if (words) return test(words);
        return this.#own((column) => (mayHold(column.kind, predicate) ? this.#column(column, test) : undefined));
      }
    }
  }

  /** What holds the values of all fields, where texts can be looked for in it at once: one that held the separator could match across two values. */
  #words({ op, cased }: { op: string; cased?: boolean }, values: readonly string[]): Element | undefined {
    const { words } = this.#fields;
    const fits = op === 'contains' && cased !== true && values.every((value) => value !== '' && !value.includes('\0'));
    // In small letters already, as addresses are.
    return words !== undefined && fits ? { kind: 'address', sql: words } : undefined;
  }

  /** True when some field passes; those that cannot are not asked. */
  #own(test: (column: StoredColumn) => string | undefined): string {
    const parts = this.#fields.own.map(test).filter((part) => part !== undefined);
    return parts.length === 0 ? 'false' : `(${parts.join(' or ')})`;
  }

  /** The parts of an `or`; texts of which one must be in the same field are looked for together, in one walk over it. */
  #alternatives(of: readonly Predicate[]): string[] {
    const together = Map.groupBy(of, (part) =>
      (part.kind === 'text' || part.kind === 'keyword') && part.op === 'contains' && part.value !== ''
        ? `${part.kind === 'text' ? part.field : ''}\n${part.cased === true}`
        : undefined,
    );
    return [...together].flatMap(([key, parts]) => {
      const [first] = parts;
      if (key === undefined || parts.length < 3 || (first?.kind !== 'text' && first?.kind !== 'keyword'))
        return parts.map((part) => this.predicate(part));
      const values = parts.map((part) => String((part as typeof first).value));
      const cased = (first as { cased?: boolean }).cased === true;
      if (first.kind === 'text') return [this.#any(first.field, this.#containsAny(values, cased))];
      const words = this.#words(first, values);
      if (words) return [this.#containsAny(values, cased)(words)];
      return [
        this.#own((column) => {
          const own = values.filter((value) => mayHold(column.kind, { op: 'contains', value }));
          return own.length === 0 ? undefined : this.#column(column, this.#containsAny(own, cased));
        }),
      ];
    });
  }

  readonly #searched = new Map<string, string[]>();

  #containsAny(values: readonly string[], cased: boolean): (element: Element) => string {
    const key = JSON.stringify([cased, values]);
    let places = this.#searched.get(key);
    if (!places) {
      const chunks = Array.from({ length: Math.ceil(values.length / searchedMax) }, (_unused, chunk) =>
        this.#parameters.add('Array(String)', values.slice(chunk * searchedMax, (chunk + 1) * searchedMax)),
      );
      places = cased ? chunks : chunks.map((place) => `arrayMap(x -> lowerUTF8(x), ${place})`);
      this.#searched.set(key, places);
    }
    return (element) =>
      `(${places.map((place) => `multiSearchAny(${cased ? asText(element) : folded(element)}, ${place})`).join(' or ')})`;
  }

  #onField(field: string, test: (column: StoredColumn) => string): string {
    const column = this.#fields.find(field);
    return column ? test(column) : 'false';
  }

  /** True when the field's value, or any element of it, passes. */
  #any(field: string, test: (element: Element) => string): string {
    return this.#onField(field, (column) => this.#column(column, test));
  }

  #column(column: StoredColumn, test: (element: Element) => string): string {
    if (!column.vector) return `ifNull(${test(column)}, false)`;
    return `arrayExists(x -> ifNull(${test({ kind: column.kind, sql: 'x' })}, false), ${column.sql})`;
  }

  #equals(values: readonly Scalar[], cased: boolean): (element: Element) => string {
    const texts = values.map(String);
    return (element) => {
      switch (element.kind) {
        case 'count':
        case 'int': {
          // Only a text that is a number's own decimal form can equal it; the comparison of numbers needs no conversion of the column.
          const numbers = texts.filter((text) =>
            (element.kind === 'count' ? /^(0|[1-9]\d{0,15})$/ : /^(0|-?[1-9]\d{0,15})$/).test(text),
          );
          return this.#oneOf(element.sql, element.kind === 'count' ? 'UInt64' : 'Int64', numbers);
        }
        case 'real': {
          const numbers = texts.filter((text) => String(Number(text)) === text && Number.isFinite(Number(text)));
          return this.#oneOf(element.sql, 'Float64', numbers);
        }
        case 'bool': {
          const truths = texts
            .map((text) => (cased ? text : text.toLowerCase()))
            .filter((text) => text === 'true' || text === 'false');
          return this.#oneOf(asText(element), 'String', truths);
        }
        case 'address':
          return this.#oneOf(element.sql, 'String', cased ? texts : texts.map((text) => text.toLowerCase()));
        case 'text':
          if (cased) return this.#oneOf(element.sql, 'String', texts);
          return this.#oneOf(folded(element), 'String', texts, true);
      }
    };
  }

  #oneOf(sql: string, type: 'String' | 'UInt64' | 'Int64' | 'Float64', values: readonly string[], fold = false): string {
    const [only, second] = values;
    if (only === undefined) return 'false';
    if (second === undefined) {
      const place = this.#parameters.add(type, only);
      return `${sql} = ${fold ? `lowerUTF8(${place})` : place}`;
    }
    // Lists go as texts, which the binder takes for every type.
    const place = this.#parameters.add('Array(String)', [...new Set(values)]);
    if (type === 'String') return `${sql} in (select ${fold ? `lowerUTF8(arrayJoin(${place}))` : `arrayJoin(${place})`})`;
    return `${sql} in (select to${type}(arrayJoin(${place})))`;
  }

  #text(op: Exclude<TextOperator, 'equals'>, value: string, cased: boolean): (element: Element) => string {
    const subject = (element: Element) => (cased ? asText(element) : folded(element));
    const place = this.#parameters.add('String', op === 'like' ? likePattern(value) : value);
    const wanted = cased ? place : `lowerUTF8(${place})`;
    switch (op) {
      case 'contains':
        return (element) => `position(${subject(element)}, ${wanted}) > 0`;
      case 'startswith':
        return (element) => `startsWith(${subject(element)}, ${wanted})`;
      case 'endswith':
        return (element) => `endsWith(${subject(element)}, ${wanted})`;
      case 'like':
        return (element) => `${subject(element)} like ${wanted}`;
    }
  }

  #regex(pattern: string, flags: readonly RegexFlag[], field?: string): (element: Element) => string {
    // The stream's engine reads it first, so that both refuse the same.
    compileRegex(pattern, flags, { charactersMax: matchedCharactersMax, ...(field === undefined ? {} : { field }) });
    // In ClickHouse the dot takes line ends unless it is told otherwise.
    const off = flags.includes('s') ? '' : '-s';
    const place = this.#parameters.add('String', `(?${flags.join('')}${off})${pattern}`);
    return (element) => {
      const text = asText(element);
      const cut =
        element.kind === 'text'
          ? `if(length(${text}) > ${matchedCharactersMax}, substringUTF8(${text}, 1, ${matchedCharactersMax}), ${text})`
          : text;
      return `match(${cut}, ${place})`;
    };
  }

  /** The number an element is or is written as; none for truths. */
  #number({ kind, sql }: Element): string | undefined {
    if (kind === 'bool') return undefined;
    if (kind !== 'text' && kind !== 'address') return sql;
    const pattern = this.#parameters.add('String', decimalPattern);
    return `if(length(${sql}) < 400 and match(${sql}, ${pattern}), toFloat64OrNull(${sql}), null)`;
  }

  #datePart({ kind, sql }: Element, part: DatePart): string | undefined {
    if (kind === 'bool' || kind === 'address') return undefined;
    if (kind !== 'text') {
      const at = `toDateTime64(toInt64(floor(${sql})), 0, 'UTC')`;
      const number = part === 'week' ? `toISOWeek(toDate32(${at}))` : `${dateFunctions[part]}(${at})`;
      // Whole seconds of 1900 and of the end of 2299.
      return `if(${sql} >= -2208988800 and ${sql} < 10413792000, ${number}, null)`;
    }
    const digits = (from: number, length: number): string => `toUInt16OrNull(substring(${sql}, ${from}, ${length}))`;
    const places = { year: [1, 4], month: [6, 2], day: [9, 2], hour: [12, 2], minute: [15, 2] } as const;
    // A day that its month has not is one of the next, as in the stream.
    const number =
      part === 'week'
        ? `toISOWeek(addDays(makeDate32(assumeNotNull(${digits(1, 4)}), assumeNotNull(${digits(6, 2)}), 1), assumeNotNull(${digits(9, 2)}) - 1))`
        : digits(places[part][0], places[part][1]);
    return `if(match(${sql}, ${this.#parameters.add('String', writtenDatePattern)}), ${number}, null)`;
  }

  #network(network: string, field: string): (element: Element) => string {
    const parsed = parseNetwork(network);
    if (!parsed) {
      throw new Refusal('query.network', `"${network}" is not a network.`, {
        place: { field },
        advice: 'Write it as 10.0.0.0/8 or 2001:db8::/32, with no bits set right of the prefix.',
      });
    }
    const last = parsed.bytes.map((byte, index) => {
      const bits = Math.min(8, Math.max(0, parsed.prefix - index * 8));
      return byte | (0xff >> bits);
    });
    const text = (bytes: Uint8Array): string => {
      if (bytes.length === 4) return bytes.join('.');
      return Array.from({ length: 8 }, (_unused, group) => ((bytes[2 * group]! << 8) | bytes[2 * group + 1]!).toString(16)).join(
        ':',
      );
    };
    const from = this.#parameters.add('String', text(parsed.bytes));
    const to = this.#parameters.add('String', text(last));
    const version = parsed.bytes.length === 4 ? 4 : 6;
    return ({ kind, sql }) => {
      if (kind !== 'text' && kind !== 'address') return 'false';
      const address = `toIPv${version}OrNull(${sql})`;
      const inside = `${address} between toIPv${version}(${from}) and toIPv${version}(${to})`;
      // The engine reads a dotted address as a mapped one; for us the families are apart.
      return version === 4 ? inside : `position(${sql}, ':') > 0 and ${inside}`;
    };
  }

  #fieldref(predicate: Predicate & { kind: 'fieldref' }): string {
    const one = this.#fields.find(predicate.field);
    const other = this.#fields.find(predicate.other);
    if (!one || !other) return 'false';
    const compare = (a: Element, b: Element): string => {
      const { op, cased = false } = predicate;
      if (op === 'lt' || op === 'lte' || op === 'gt' || op === 'gte') {
        const [left, right] = [this.#number(a), this.#number(b)];
        return left === undefined || right === undefined ? 'false' : `${left} ${signs[op]} ${right}`;
      }
      const [left, right] = cased ? [asText(a), asText(b)] : [folded(a), folded(b)];
      switch (op) {
        case 'equals':
          return `${left} = ${right}`;
        case 'contains':
          return `position(${left}, ${right}) > 0`;
        case 'startswith':
          return `startsWith(${left}, ${right})`;
        case 'endswith':
          return `endsWith(${left}, ${right})`;
      }
    };
    const a: Element = one.vector ? { kind: one.kind, sql: 'x' } : one;
    const b: Element = other.vector ? { kind: other.kind, sql: 'y' } : other;
    const inner = `ifNull(${compare(a, b)}, false)`;
    const overOther = other.vector ? `arrayExists(y -> ${inner}, ${other.sql})` : inner;
    return one.vector ? `arrayExists(x -> ${overOther}, ${one.sql})` : overOther;
  }
}

/** Whether values of a kind can hold a word at all: to look for letters in a column of numbers costs as much as to find some. */
function mayHold(kind: ValueKind, { op, value }: { op: 'contains' | 'like'; value: string }): boolean {
  const literals = op === 'contains' ? [value] : parsePattern(value).flatMap((part) => ('literal' in part ? [part.literal] : []));
  const only = { count: /^[0-9]*$/, int: /^[-0-9]*$/, real: /^[-+.0-9einfa]*$/i, bool: /^[truefals]*$/i }[kind as string];
  return only === undefined || literals.every((literal) => only.test(literal));
}

/** What `model/query/evaluate.ts` takes for a written date. */
const writtenDatePattern = '^(19|2[0-2])[0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ]([01][0-9]|2[0-3]):[0-5][0-9]|$)';

const dateFunctions = { minute: 'toMinute', hour: 'toHour', day: 'toDayOfMonth', month: 'toMonth', year: 'toYear' } as const;

const signs = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

/** `*` and `?` as `%` and `_`; what the engine would take for its own signs is escaped. */
function likePattern(pattern: string): string {
  return parsePattern(pattern)
    .map((part) => ('any' in part ? '%' : 'one' in part ? '_' : part.literal.replaceAll(/[\\%_]/g, '\\$&')))
    .join('');
}
