/**
 * Reading STIX patterns, all of their grammar (STIX 2.1 section 9): comparisons with AND and OR, observations with AND, OR and
 * FOLLOWEDBY, and the qualifiers WITHIN, REPEATS and START STOP. Of comparisons AND binds closer than OR; of observations AND, then OR, then
 * FOLLOWEDBY, each to the left.
 */

import { tokens, wrong, type Token } from './lexer.ts';
import { pathText, type Comparison, type ComparisonOperator, type Constant, type ObjectPath, type Observation } from './tree.ts';

/** Brackets within brackets; nobody writes more than some few. */
const depthMax = 64;

/** Comparisons of one pattern; feeds join some hundreds of values. */
const comparisonsMax = 10_000;

const keywords: ReadonlySet<string> = new Set([
  'AND',
  'OR',
  'NOT',
  'FOLLOWEDBY',
  'LIKE',
  'MATCHES',
  'ISSUPERSET',
  'ISSUBSET',
  'EXISTS',
  'LAST',
  'IN',
  'START',
  'STOP',
  'SECONDS',
  'TIMES',
  'WITHIN',
  'REPEATS',
]);

/** Reads a pattern. Refusal: `stix.pattern` with line and column of what is wrong. */
export function parsePattern(text: string): Observation {
  return new Parser(text).pattern();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #comparisons = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokens(text);
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  #is(text: string): boolean {
    const { kind } = this.#next;
    return kind !== 'constant' && kind !== 'end' && this.#next.text === text;
  }

  #take(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at++;
    return true;
  }

  #need(text: string, after: string): void {
    if (!this.#take(text)) this.#fail(`"${text}" is missing ${after}`);
  }

  #fail(message: string, advice?: string): never {
    const { kind, text, offset } = this.#next;
    const found = kind === 'end' ? 'the pattern ends' : `"${text.slice(0, 40)}" stands there`;
    const lower = kind === 'name' && !keywords.has(text) && keywords.has(text.toUpperCase());
    throw wrong(
      this.#text,
      offset,
      `${message}: ${found}.`,
      advice ?? (lower ? `Write it in capitals: ${text.toUpperCase()}.` : undefined),
    );
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > depthMax) this.#fail(`More than ${depthMax} brackets stand within one another`);
    const result = read();
    this.#depth--;
    return result;
  }

  pattern(): Observation {
    const read = this.#observations();
    if (this.#next.kind !== 'end') this.#fail('The pattern should end here');
    return read;
  }

  #observations(): Observation {
    let left = this.#observationOr();
    while (this.#take('FOLLOWEDBY')) left = { kind: 'followedby', of: [left, this.#observationOr()] };
    return left;
  }

  #observationOr(): Observation {
    let left = this.#observationAnd();
    while (this.#take('OR')) left = { kind: 'or', of: [left, this.#observationAnd()] };
    return left;
  }

  #observationAnd(): Observation {
    let left = this.#qualified();
    while (this.#take('AND')) left = { kind: 'and', of: [left, this.#qualified()] };
    return left;
  }

  #qualified(): Observation {
    let read: Observation;
    const { offset } = this.#next;
    if (this.#take('(')) {
      read = this.#nested(() => this.#observations());
      this.#need(')', 'after the observations');
    } else if (this.#take('[')) {
      const of = this.#comparisonOr();
      this.#need(']', 'after the comparison');
      this.#oneObject(of);
      read = { kind: 'observation', of, offset };
    } else this.#fail('An observation begins with "["');
    let qualifiers = 0;
    for (;;) {
      if (this.#is('START') || this.#is('WITHIN') || this.#is('REPEATS')) {
        if (++qualifiers > depthMax) this.#fail(`More than ${depthMax} qualifiers follow one another`);
      }
      if (this.#take('START')) {
        const from = this.#instant('START');
        this.#need('STOP', 'after the instant of START');
        const to = this.#instant('STOP');
        if (to <= from) throw wrong(this.#text, offset, 'STOP is not later than START.');
        read = { kind: 'startstop', from, to, of: read };
      } else if (this.#take('WITHIN')) {
        const seconds = this.#positive('WITHIN', false);
        this.#need('SECONDS', 'after the number of WITHIN');
        read = { kind: 'within', seconds, of: read };
      } else if (this.#take('REPEATS')) {
        const times = this.#positive('REPEATS', true);
        this.#need('TIMES', 'after the number of REPEATS');
        read = { kind: 'repeats', times, of: read };
      } else return read;
    }
  }

  #instant(after: string): number {
    const next = this.#next;
    if (next.kind !== 'constant' || next.constant.type !== 'timestamp')
      this.#fail(`${after} needs an instant`, "Write it as t'2026-11-22T08:00:00Z'.");
    this.#at++;
    return Date.parse(next.constant.value) / 1000;
  }

  #positive(after: string, whole: boolean): number {
    const next = this.#next;
    if (next.kind !== 'constant' || (next.constant.type !== 'integer' && (whole || next.constant.type !== 'float')))
      this.#fail(`${after} needs a ${whole ? 'whole ' : ''}number`);
    const value = Number(next.constant.value);
    if (!(value > 0)) this.#fail(`${after} needs a number above 0`);
    this.#at++;
    return value;
  }

  #comparisonOr(): Comparison {
    let left = this.#comparisonAnd();
    while (this.#take('OR')) left = { kind: 'or', of: [left, this.#comparisonAnd()] };
    return left;
  }

  #comparisonAnd(): Comparison {
    let left = this.#comparison();
    while (this.#take('AND')) left = { kind: 'and', of: [left, this.#comparison()] };
    return left;
  }

  #comparison(): Comparison {
    if (this.#take('(')) {
      const read = this.#nested(() => this.#comparisonOr());
      this.#need(')', 'after the comparisons');
      return read;
    }
    if (++this.#comparisons > comparisonsMax) this.#fail(`The pattern has more than ${comparisonsMax} comparisons`);
    const { offset } = this.#next;
    if (this.#is('NOT')) this.#fail('NOT stands after the object path', "Write [file:name NOT = 'x'].");
    if (this.#take('EXISTS'))
      return { kind: 'test', path: this.#path(), negated: false, operator: 'EXISTS', constants: [], offset };
    const path = this.#path();
    const negated = this.#take('NOT');
    const operator = this.#operator();
    if (operator === 'IN') return { kind: 'test', path, negated, operator, constants: this.#set(), offset };
    const constant = this.#constant(operator);
    return { kind: 'test', path, negated, operator, constants: [constant], offset };
  }

  #operator(): ComparisonOperator {
    const { text, kind } = this.#next;
    const spelled: { [text: string]: ComparisonOperator } = {
      '=': '=',
      '==': '=',
      '!=': '!=',
      '<>': '!=',
      '<': '<',
      '<=': '<=',
      '>': '>',
      '>=': '>=',
      IN: 'IN',
      LIKE: 'LIKE',
      MATCHES: 'MATCHES',
      ISSUBSET: 'ISSUBSET',
      ISSUPERSET: 'ISSUPERSET',
    };
    const operator = kind === 'constant' || !Object.hasOwn(spelled, text) ? undefined : spelled[text];
    if (operator === undefined)
      this.#fail(
        'A comparison is missing after the object path',
        'There are = != < <= > >= IN LIKE MATCHES ISSUBSET ISSUPERSET.',
      );
    this.#at++;
    return operator;
  }

  #constant(operator: ComparisonOperator): Constant {
    const next = this.#next;
    if (next.kind !== 'constant')
      this.#fail(`A value is missing after ${operator}`, "Texts stand between single quotation marks: 'text'.");
    const { type } = next.constant;
    if (['LIKE', 'MATCHES', 'ISSUBSET', 'ISSUPERSET'].includes(operator) && type !== 'string')
      this.#fail(`${operator} needs a text`);
    if (['<', '<=', '>', '>='].includes(operator) && type === 'boolean') this.#fail(`${operator} cannot compare truth values`);
    this.#at++;
    return next.constant;
  }

  #set(): Constant[] {
    this.#need('(', 'after IN');
    const constants: Constant[] = [];
    if (this.#take(')')) return constants;
    do {
      const next = this.#next;
      const constant = this.#constant('IN');
      const number = (type: string): boolean => type === 'integer' || type === 'float';
      const first = constants[0];
      if (first && first.type !== constant.type && !(number(first.type) && number(constant.type)))
        throw wrong(this.#text, next.offset, 'The values of a set are of one type.');
      constants.push(constant);
    } while (this.#take(','));
    this.#need(')', 'after the values of a set');
    return constants;
  }

  #path(): ObjectPath {
    const begin: Token = this.#next;
    const { text: object, offset } = begin;
    if (begin.kind !== 'name' || keywords.has(object))
      this.#fail('An object path is missing', "It looks like file:hashes.'SHA-256'.");
    // 2.1 section 3.1: types are of lower-case letters, digits and hyphens, 3 to 250 characters.
    if (!/^[a-z0-9-]{3,250}$/.test(object)) this.#fail('A type of object has 3 to 250 characters of a–z, 0–9 and hyphens');
    this.#at++;
    this.#need(':', 'after the type of the object');
    const steps: (string | { index: number | '*' })[] = [this.#property()];
    for (;;) {
      if (steps.length > depthMax) this.#fail('The object path is too long');
      if (this.#take('.')) steps.push(this.#property());
      else if (this.#take('[')) {
        const next = this.#next;
        if (this.#take('*')) steps.push({ index: '*' });
        else if (next.kind === 'constant' && next.constant.type === 'integer') {
          this.#at++;
          steps.push({ index: next.constant.value });
        } else this.#fail('A place in a list is a whole number or *');
        this.#need(']', 'after the place in the list');
      } else return { object, steps, offset };
    }
  }

  #property(): string {
    const next = this.#next;
    if (next.kind === 'constant' && next.constant.type === 'string') {
      this.#at++;
      return next.constant.value;
    }
    if (next.kind !== 'name') this.#fail('The name of a property is missing');
    if (next.text.includes('-')) this.#fail('A property with a hyphen stands in quotation marks', `Write '${next.text}'.`);
    this.#at++;
    return next.text;
  }

  /** 2.1 section 9.6: comparisons joined by AND look at one object, so they name one type. */
  #oneObject(comparison: Comparison): ReadonlySet<string> {
    if (comparison.kind === 'test') return new Set([comparison.path.object]);
    const [left, right] = [this.#oneObject(comparison.of[0]), this.#oneObject(comparison.of[1])];
    if (comparison.kind === 'or') return left.union(right);
    const both = left.intersection(right);
    if (both.size === 0) {
      const at = firstTest(comparison.of[1]);
      throw wrong(
        this.#text,
        at.offset,
        `Comparisons joined by AND are about one object, and ${[...left].join(', ')} is not ${at.path.object} (${pathText(at.path)}).`,
        'Put them into two observations: [a] AND [b].',
      );
    }
    return both;
  }
}

function firstTest(comparison: Comparison): Extract<Comparison, { kind: 'test' }> {
  let at = comparison;
  while (at.kind !== 'test') at = at.of[0];
  return at;
}
