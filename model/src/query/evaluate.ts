/**
 * The stream's engine for the algebra of `query.ts`: a predicate becomes closures once, and costs a few calls per record
 * from then on.
 */

import { contains as networkContains, parseAddress, parseNetwork } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import type { AnyRecord } from '../records/record.ts';
import {
  matchedCharactersMax,
  parsePattern,
  predicateDepth,
  predicateDepthMax,
  type PatternPart,
  type DatePart,
  type Predicate,
  type Scalar,
} from './query.ts';
import { compileRegex } from './regex.ts';

/** A test of records. */
export type Matcher = (record: AnyRecord) => boolean;

type Value = string | number | boolean;

/**
 * A record being looked at by many predicates. Field values, and their lower case, are fetched once per record however many rules
 * ask for them: with a thousand rules on one log, folding a command line a thousand times would be the whole cost.
 */
export class RecordView {
  readonly #names: string[] = [];
  readonly #slots = new Map<string, number>();
  readonly #values: unknown[] = [];
  readonly #folded: (string | undefined)[] = [];
  readonly #loadedAt: number[] = [];
  readonly #foldedAt: number[] = [];
  #all = '';
  #allAt = 0;
  #turn = 0;
  #record: AnyRecord = {};

  /** Makes the record the one that compiled predicates look at. */
  set(record: AnyRecord): void {
    this.#record = record;
    this.#turn++;
  }

  get record(): AnyRecord {
    return this.#record;
  }

  /** The number of a field in this view. */
  slot(field: string): number {
    let slot = this.#slots.get(field);
    if (slot === undefined) {
      slot = this.#names.push(field) - 1;
      this.#slots.set(field, slot);
      this.#values.push(undefined);
      this.#folded.push(undefined);
      this.#loadedAt.push(0);
      this.#foldedAt.push(0);
    }
    return slot;
  }

  /** The field's value: a scalar, an array, or `undefined` when missing or null. */
  value(slot: number): Value | readonly Value[] | undefined {
    if (this.#loadedAt[slot] !== this.#turn) {
      this.#loadedAt[slot] = this.#turn;
      const name = this.#names[slot]!;
      // Records come from JSON: `constructor` must not find Object's, and an object is no value.
      const value: unknown = Object.hasOwn(this.#record, name) ? this.#record[name] : undefined;
      this.#values[slot] = value === null || (typeof value === 'object' && !Array.isArray(value)) ? undefined : value;
    }
    return this.#values[slot] as Value | readonly Value[] | undefined;
  }

  /** All values of the record in lower case, one after the other with U+0000 between: what keywords are looked for in. */
  allFolded(): string {
    if (this.#allAt !== this.#turn) {
      this.#allAt = this.#turn;
      let text = '';
      for (const name in this.#record) {
        const value = this.#record[name];
        if (typeof value === 'string') text += `${value}\u0000`;
        else if (Array.isArray(value))
          text += `${(value as readonly unknown[]).filter((element) => typeof element !== 'object').join('\u0000')}\u0000`;
        else if (typeof value === 'number' || typeof value === 'boolean') text += `${value}\u0000`;
      }
      this.#all = text.toLowerCase();
    }
    return this.#all;
  }

  /** The lower case of a text value; call only when `value` is a string. */
  folded(slot: number): string {
    if (this.#foldedAt[slot] !== this.#turn) {
      this.#foldedAt[slot] = this.#turn;
      this.#folded[slot] = (this.value(slot) as string).toLowerCase();
    }
    return this.#folded[slot]!;
  }
}

/** A number as the algebra writes it in text. */
function textOf(value: Value): string {
  return typeof value === 'string' ? value : String(value);
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** The number a value is or is written as; NaN, which no comparison holds for, otherwise. */
export function numberOf(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && value.length < 400 && decimal.test(value)) return Number(value);
  return Number.NaN;
}

/**
 * Compiles a predicate for records of any log. Throws a refusal (`query.regex`, `query.network`, `query.depth`) when it
 * cannot be.
 */
export function compile(predicate: Predicate): Matcher {
  const view = new RecordView();
  const test = compileIn(view, predicate);
  return (record) => {
    view.set(record);
    return test();
  };
}

/** Compiles a predicate that shares the view's record with others: `view.set(record)`, then each test. */
export function compileIn(view: RecordView, predicate: Predicate): () => boolean {
  const depth = predicateDepth(predicate);
  if (depth > predicateDepthMax) {
    throw new Refusal('query.depth', `The condition nests ${depth} deep; ${predicateDepthMax} is the most.`, {
      advice: 'Write it flatter.',
    });
  }
  return build(view, predicate);
}

function build(view: RecordView, predicate: Predicate): () => boolean {
  switch (predicate.kind) {
    // What is cheap to ask comes first; the answer does not depend on the order.
    case 'and':
      return all(cheapFirst(predicate.of).map((part) => build(view, part)));
    case 'or':
      return any(cheapFirst(predicate.of).map((part) => build(view, part)));
    case 'not': {
      const test = build(view, predicate.of);
      return () => !test();
    }
    case 'exists': {
      const slot = view.slot(predicate.field);
      return () => {
        const value = view.value(slot);
        return value !== undefined && !(Array.isArray(value) && value.length === 0);
      };
    }
    case 'text': {
      const { op, value, cased } = predicate;
      if (op === 'equals') return buildEquals(view, predicate.field, [value], cased === true);
      const wanted = cased ? textOf(value) : textOf(value).toLowerCase();
      return onText(view, predicate.field, cased === true, op === 'like' ? likeTest(wanted) : textTest(op, wanted));
    }
    case 'in':
      return buildEquals(view, predicate.field, predicate.values, predicate.cased === true);
    case 'order': {
      const compare = orderTest(predicate.op);
      const { value: bound } = predicate;
      return onValue(view, predicate.field, (value) => compare(numberOf(value), bound));
    }
    case 'date': {
      const { op, part, value: bound } = predicate;
      const compare = op === 'equals' ? (a: number, b: number): boolean => a === b : orderTest(op);
      return onValue(view, predicate.field, (value) => {
        const number = datePartOf(value, part);
        return number !== undefined && compare(number, bound);
      });
    }
    case 'regex': {
      const test = compileRegex(predicate.pattern, predicate.flags, {
        charactersMax: matchedCharactersMax,
        field: predicate.field,
      });
      return onText(view, predicate.field, true, test);
    }
    case 'cidr': {
      const network = parseNetwork(predicate.network);
      if (!network) {
        throw new Refusal('query.network', `"${predicate.network}" is not a network.`, {
          place: { field: predicate.field },
          advice: 'Write it as 10.0.0.0/8 or 2001:db8::/32, with no bits set right of the prefix.',
        });
      }
      return onText(view, predicate.field, true, (text) => {
        // No address is longer (RFC 4291 §2.2 with a dotted tail: 45), and parsing is not for hostile lengths.
        const address = text.length <= 45 ? parseAddress(text) : undefined;
        return address !== undefined && networkContains(network, address);
      });
    }
    case 'fieldref':
      return buildFieldref(view, predicate);
    case 'keyword':
      return buildKeyword(view, predicate);
  }
}

function cheapFirst(of: readonly Predicate[]): readonly Predicate[] {
  return of.length < 2 ? of : [...of].sort((a, b) => costOf(a) - costOf(b));
}

/** About how many times the work of one comparison. */
function costOf(predicate: Predicate): number {
  switch (predicate.kind) {
    case 'exists':
    case 'in':
    case 'order':
      return 1;
    case 'text':
      return predicate.op === 'equals' ? 1 : predicate.op === 'contains' ? 4 : predicate.op === 'like' ? 6 : 2;
    case 'cidr':
    case 'date':
    case 'fieldref':
      return 8;
    case 'regex':
      return 100;
    case 'keyword':
      return 200;
    case 'not':
      return costOf(predicate.of);
    case 'and':
    case 'or':
      return predicate.of.reduce((sum, part) => sum + costOf(part), 0);
  }
}

function all(tests: (() => boolean)[]): () => boolean {
  const [a, b, c] = tests;
  if (!a) return () => true;
  if (!b) return a;
  if (!c) return () => a() && b();
  return () => {
    for (let i = 0; i < tests.length; i++) if (!tests[i]!()) return false;
    return true;
  };
}

function any(tests: (() => boolean)[]): () => boolean {
  const [a, b, c] = tests;
  if (!a) return () => false;
  if (!b) return a;
  if (!c) return () => a() || b();
  return () => {
    for (let i = 0; i < tests.length; i++) if (tests[i]!()) return true;
    return false;
  };
}

/** Tests a value, or any element of a vector. */
function onValue(view: RecordView, field: string, test: (value: Value) => boolean): () => boolean {
  const slot = view.slot(field);
  return () => {
    const value = view.value(slot);
    if (value === undefined) return false;
    if (typeof value !== 'object') return test(value);
    return anyElement(value, test);
  };
}

function anyElement(values: readonly Value[], test: (value: Value) => boolean): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value !== undefined && value !== null && typeof value !== 'object' && test(value)) return true;
  }
  return false;
}

/** Tests a value's text (in lower case unless `cased`), or that of any element. */
function onText(view: RecordView, field: string, cased: boolean, test: (text: string) => boolean): () => boolean {
  const slot = view.slot(field);
  const testElement = cased ? (value: Value) => test(textOf(value)) : (value: Value) => test(textOf(value).toLowerCase());
  return () => {
    const value = view.value(slot);
    if (value === undefined) return false;
    if (typeof value === 'string') return test(cased ? value : view.folded(slot));
    if (typeof value !== 'object') return test(textOf(value));
    return anyElement(value, testElement);
  };
}

function buildEquals(view: RecordView, field: string, values: readonly Scalar[], cased: boolean): () => boolean {
  const texts = new Set(values.map((value) => (cased ? textOf(value) : textOf(value).toLowerCase())));
  // "80" and 80.0 are the same port, "080" and 80 are not: a text equals a number when it is its decimal form, two numbers when they are equal.
  const testText = single(texts);
  const slot = view.slot(field);
  const testElement = (value: Value): boolean =>
    testText(cased || typeof value !== 'string' ? textOf(value) : value.toLowerCase());
  return () => {
    const value = view.value(slot);
    if (value === undefined) return false;
    if (typeof value === 'string') return testText(cased ? value : view.folded(slot));
    if (typeof value !== 'object') return testText(textOf(value));
    return anyElement(value, testElement);
  };
}

function single(texts: ReadonlySet<string>): (text: string) => boolean {
  if (texts.size !== 1) return (text) => texts.has(text);
  const [only] = texts;
  return (text) => text === only;
}

function textTest(op: 'contains' | 'startswith' | 'endswith' | 'equals', wanted: string): (text: string) => boolean {
  switch (op) {
    case 'contains':
      return (text) => text.includes(wanted);
    case 'startswith':
      return (text) => text.startsWith(wanted);
    case 'endswith':
      return (text) => text.endsWith(wanted);
    case 'equals':
      return (text) => text === wanted;
  }
}

/** Dates that both engines read: 1900 to 2299. */
const secondsFrom = Date.UTC(1900, 0, 1) / 1000;
const secondsTo = Date.UTC(2300, 0, 1) / 1000;
const writtenDate = /^((?:19|2[0-2])\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?:[T ]([01]\d|2[0-3]):([0-5]\d)|$)/;

function datePartOf(value: Value, part: DatePart): number | undefined {
  let at: Date;
  if (typeof value === 'number') {
    if (!(value >= secondsFrom && value < secondsTo)) return undefined;
    at = new Date(Math.floor(value) * 1000);
  } else {
    const written = typeof value === 'string' ? writtenDate.exec(value) : null;
    if (!written) return undefined;
    const [, year, month, day, hour, minute] = written;
    if (part === 'week') at = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
    else {
      const found = { year, month, day, hour, minute }[part];
      return found === undefined ? undefined : Number(found);
    }
  }
  switch (part) {
    case 'minute':
      return at.getUTCMinutes();
    case 'hour':
      return at.getUTCHours();
    case 'day':
      return at.getUTCDate();
    case 'month':
      return at.getUTCMonth() + 1;
    case 'year':
      return at.getUTCFullYear();
    case 'week':
      return isoWeek(at);
  }
}

/** The week is that of its Thursday (ISO 8601 §3.1.1.23). */
function isoWeek(at: Date): number {
  const day = (at.getUTCDay() + 6) % 7;
  const thursday = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() - day + 3);
  return 1 + Math.floor((thursday - Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1)) / (7 * 86_400_000));
}

function orderTest(op: 'lt' | 'lte' | 'gt' | 'gte'): (a: number, b: number) => boolean {
  switch (op) {
    case 'lt':
      return (a, b) => a < b;
    case 'lte':
      return (a, b) => a <= b;
    case 'gt':
      return (a, b) => a > b;
    case 'gte':
      return (a, b) => a >= b;
  }
}

/** A pattern over a whole text. The common forms are what the plain operators do. */
export function likeTest(pattern: string): (text: string) => boolean {
  const parts = parsePattern(pattern);
  const [first, second, third] = parts;
  if (!first) return (text) => text === '';
  if (parts.length === 1) {
    if ('any' in first) return () => true;
    if ('literal' in first) return textTest('equals', first.literal);
  }
  if (parts.length === 2 && 'any' in first && second && 'literal' in second) return textTest('endswith', second.literal);
  if (parts.length === 2 && 'literal' in first && second && 'any' in second) return textTest('startswith', first.literal);
  if (parts.length === 3 && 'any' in first && second && 'literal' in second && third && 'any' in third) {
    return textTest('contains', second.literal);
  }
  return segmentsTest(parts);
}

type Segment = readonly ({ literal: string } | { one: true })[];

/**
 * The text between two `*`. Taking each segment at its leftmost place is right, because a later place leaves less for the segments that
 * follow; so nothing is tried twice and the cost is the text's length times the pattern's.
 */
function segmentsTest(parts: readonly PatternPart[]): (text: string) => boolean {
  const segments: Segment[] = [];
  let segment: ({ literal: string } | { one: true })[] = [];
  for (const part of parts) {
    if ('any' in part) {
      segments.push(segment);
      segment = [];
    } else segment.push(part);
  }
  segments.push(segment);
  const head = segments[0]!;
  const tail = segments.at(-1)!;
  const middle = segments.slice(1, -1);
  if (segments.length === 1) return (text) => matchSegment(head, text, 0) === text.length;
  return (text) => {
    let at = matchSegment(head, text, 0);
    for (const part of middle) {
      if (at < 0) return false;
      at = findSegment(part, text, at);
    }
    if (at < 0) return false;
    const from = tailStart(tail, text);
    return from >= at && matchSegment(tail, text, from) === text.length;
  };
}

/** The place after the segment when it stands at `at`, or -1. */
function matchSegment(segment: Segment, text: string, at: number): number {
  let place = at;
  for (const part of segment) {
    if ('literal' in part) {
      if (!text.startsWith(part.literal, place)) return -1;
      place += part.literal.length;
    } else {
      if (place >= text.length) return -1;
      place += isPair(text, place) ? 2 : 1;
    }
  }
  return place;
}

function isPair(text: string, at: number): boolean {
  return text.codePointAt(at)! > 0xffff;
}

/** The place after the leftmost occurrence from `from` on, or -1. */
function findSegment(segment: Segment, text: string, from: number): number {
  const first = segment[0];
  if (!first) return from;
  for (let at = from; at <= text.length; at++) {
    if ('literal' in first) {
      at = text.indexOf(first.literal, at);
      if (at < 0) return -1;
    } else if (at > from && isPair(text, at - 1)) continue;
    const end = matchSegment(segment, text, at);
    if (end >= 0) return end;
  }
  return -1;
}

/** Where the last segment must start to end with the text; counted backwards because `?` may be one unit or two. */
function tailStart(segment: Segment, text: string): number {
  let place = text.length;
  for (let i = segment.length - 1; i >= 0; i--) {
    const part = segment[i]!;
    if ('literal' in part) place -= part.literal.length;
    else place -= place >= 2 && isPair(text, place - 2) ? 2 : 1;
    if (place < 0) return -1;
  }
  return place;
}

function buildFieldref(view: RecordView, predicate: Predicate & { kind: 'fieldref' }): () => boolean {
  const { op, cased } = predicate;
  const slot = view.slot(predicate.field);
  const otherSlot = view.slot(predicate.other);
  let compare: (a: Value, b: Value) => boolean;
  if (op === 'lt' || op === 'lte' || op === 'gt' || op === 'gte') {
    const order = orderTest(op);
    compare = (a, b) => order(numberOf(a), numberOf(b));
  } else {
    const fold = cased ? textOf : (value: Value) => textOf(value).toLowerCase();
    switch (op) {
      case 'equals':
        compare = (a, b) => fold(a) === fold(b);
        break;
      case 'contains':
        compare = (a, b) => fold(a).includes(fold(b));
        break;
      case 'startswith':
        compare = (a, b) => fold(a).startsWith(fold(b));
        break;
      case 'endswith':
        compare = (a, b) => fold(a).endsWith(fold(b));
    }
  }
  return () => {
    const one = view.value(slot);
    const other = view.value(otherSlot);
    if (one === undefined || other === undefined) return false;
    if (typeof one !== 'object' && typeof other !== 'object') return compare(one, other);
    const ones = typeof one === 'object' ? one : [one];
    const others = typeof other === 'object' ? other : [other];
    return anyElement(ones, (a) => anyElement(others, (b) => compare(a, b)));
  };
}

function hasValue(record: AnyRecord): boolean {
  for (const name in record) if (record[name] !== undefined && record[name] !== null) return true;
  return false;
}

function buildKeyword(view: RecordView, predicate: Predicate & { kind: 'keyword' }): () => boolean {
  let test: (text: string) => boolean;
  let cased = true;
  if (predicate.op === 'regex') test = compileRegex(predicate.value, predicate.flags, { charactersMax: matchedCharactersMax });
  else {
    cased = predicate.cased === true;
    const wanted = cased ? predicate.value : predicate.value.toLowerCase();
    // One look through all values at once; a keyword that held the separator could match across two of them.
    if (!cased && predicate.op === 'contains' && !wanted.includes('\u0000'))
      return () => (wanted === '' ? hasValue(view.record) : view.allFolded().includes(wanted));
    test = predicate.op === 'like' ? likeTest(wanted) : textTest('contains', wanted);
  }
  const testValue = cased ? (value: Value) => test(textOf(value)) : (value: Value) => test(textOf(value).toLowerCase());
  return () => {
    const { record } = view;
    for (const name in record) {
      const value = record[name];
      if (value === undefined || value === null) continue;
      if (typeof value !== 'object') {
        if (testValue(value)) return true;
      } else if (anyElement(value, testValue)) return true;
    }
    return false;
  };
}
