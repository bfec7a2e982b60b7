/**
 * Bytes cut into objects of JSON: one a line, one after the other however they are laid out, in one list, or in the list of a wrapper as clouds
 * write it (`{"Records":[…]}`). Only brackets and quotes are looked at here, so that an object is complete before it is parsed; a file of any
 * size is read with the memory of one event.
 */

import { isObject } from './flatten.ts';
import type { JsonObject, LogEmit, LogReader } from './format.ts';
import { limits } from './limits.ts';
import { placed } from './account.ts';

/** Names of the list in a wrapper, and which names may stand before it in the same object. */
const wrappers: readonly { list: string; before: RegExp }[] = [
  // AWS CloudTrail, GuardDuty and Config files; Azure diagnostic settings.
  { list: 'Records', before: /^$/ },
  { list: 'records', before: /^$/ },
  // Microsoft Graph and Azure's REST answers.
  { list: 'value', before: /^@odata\./ },
  // Kubernetes: audit.k8s.io/v1 EventList, as webhooks send it.
  { list: 'items', before: /^(?:kind|apiVersion|metadata)$/ },
];

export const wrapperNames = wrappers.map(({ list }) => list);

/** Longest name that is compared with those of wrappers. */
const keyBytesMax = 64;

/** A number that a double cannot hold: it is kept as the text it was. */
const longNumber = /[:[,\s]-?\d{16}/;

/** Parses an object; whole numbers beyond 2^53 stay exact, as texts. `undefined` when it is none. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = longNumber.test(text)
      ? JSON.parse(text, (_name, inner: unknown, context?: { source?: string }) =>
          typeof inner === 'number' && context?.source !== undefined && Number.isInteger(inner) && !Number.isSafeInteger(inner)
            ? context.source
            : inner,
        )
      : JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Nesting of a text of JSON, without parsing it: brackets outside of strings. */
export function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === quote) {
      for (i++; i < text.length && text.charCodeAt(i) !== quote; i++) if (text.charCodeAt(i) === backslash) i++;
    } else if (c === braceOpen || c === bracketOpen) deepest = Math.max(deepest, ++depth);
    else if (c === braceClose || c === bracketClose) depth--;
  }
  return deepest;
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const bracketOpen = 0x5b;
const backslash = 0x5c;
const bracketClose = 0x5d;
const braceOpen = 0x7b;
const braceClose = 0x7d;
const lineFeed = 0x0a;

/** A reader of bytes that hands each object to `take`, with an emit that knows its place. */
export function objectsReader(emit: LogEmit, take: (event: JsonObject, emit: LogEmit) => void): LogReader {
  return new ObjectCutter(emit, take);
}

class ObjectCutter implements LogReader {
  readonly #emit: LogEmit;
  readonly #take: (event: JsonObject, emit: LogEmit) => void;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** What is open around the byte at hand: `{` or `[` each; deeper than the ceiling only counted. */
  readonly #open = new Uint8Array(limits.nestingMax.value + 8);
  #depth = 0;
  #deepest = 0;
  /** The list of a wrapper is over; what still stands in the wrapper is no event. */
  #rest = false;
  /** How deep the list of the wrapper at hand is: 2, or 0 where there is none. */
  #listDepth = 0;
  /** Where the event at hand began, in lines and bytes of the input. */
  #eventLine = 0;
  #eventAt = 0;
  #inEvent = false;
  /** How many lists were open around the event at hand. */
  #eventDepth = 0;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #tooLong = false;
  #inString = false;
  #escaped = false;
  /** The last byte that is neither space nor within a string. */
  #last = 0;
  /** Bytes of the name at hand, where it may be a wrapper's; -1 where it may not. */
  readonly #key = new Uint8Array(keyBytesMax);
  #keyLength = -1;
  /** For each wrapper, whether all names so far may stand before its list. */
  readonly #possible = wrappers.map(() => true);
  #list = false;
  /** A line of nonsense is one refusal. */
  #nonsense = false;
  #line = 1;
  #offset = 0;

  constructor(emit: LogEmit, take: (event: JsonObject, emit: LogEmit) => void) {
    this.#emit = placed(emit, () => ({ line: this.#eventLine, offset: this.#eventAt }));
    this.#take = take;
  }

  data(bytes: Uint8Array): void {
    /** Where in this piece the bytes of the event at hand begin that are not held yet. */
    let from = 0;
    for (let i = 0; i < bytes.length; i++) {
      const c = bytes[i]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (c === backslash) this.#escaped = true;
        else if (c === quote) this.#endString();
        else if (c === lineFeed) {
          // No string of JSON goes over a line: this one was cut, and what follows is read as if nothing had been.
          this.#line++;
          this.#abandon();
        }
        if (this.#keyLength >= 0 && this.#inString) this.#spell(c);
        continue;
      }
      if (c === lineFeed) {
        this.#line++;
        this.#nonsense = false;
        continue;
      }
      if (c === 0x20 || c === 0x09 || c === 0x0d) continue;
      if (c === braceOpen || c === bracketOpen) {
        if (!this.#mayOpen()) this.#abandon();
        if (!this.#inEvent && c === braceOpen && !this.#rest) {
          this.#begin(i);
          from = i;
        } else if (this.#list) {
          // What was held of the wrapper is no event: those of its list are.
          this.#inEvent = false;
          this.#release();
          this.#listDepth = 2;
        }
        this.#list = false;
        if (this.#depth < this.#open.length) this.#open[this.#depth] = c;
        this.#depth++;
        if (this.#inEvent) this.#deepest = Math.max(this.#deepest, this.#depth - this.#eventDepth);
      } else if (c === braceClose || c === bracketClose) {
        if (!this.#closes(c)) this.#abandon();
        if (this.#depth > 0) this.#depth--;
        if (this.#inEvent && this.#depth === this.#eventDepth) this.#complete(bytes.subarray(from, i + 1));
        else if (this.#depth < this.#listDepth) {
          this.#rest = this.#depth > 0;
          if (this.#depth === 0) this.#listDepth = 0;
        }
      } else if (c === quote) {
        this.#inString = this.#inEvent || this.#depth > 0;
        if (!this.#inString) this.#strange(i);
        else if (
          this.#inEvent &&
          this.#depth === 1 &&
          this.#eventDepth === 0 &&
          (this.#last === braceOpen || this.#last === comma)
        ) {
          this.#keyLength = 0;
        }
      } else if (!this.#inEvent && !this.#between(c)) this.#strange(i);
      else if (c !== colon) this.#list = false;
      this.#last = c;
    }
    if (this.#inEvent) this.#hold(bytes.subarray(from));
    this.#offset += bytes.length;
  }

  end(): void {
    if (this.#inEvent) {
      this.#emit.refused('cut');
      this.#inEvent = false;
    }
    this.#release();
  }

  /** What may stand between events: commas, and the separators of RFC 7464 and of a byte order mark. */
  #between(c: number): boolean {
    return this.#rest || c === comma || c === 0x1e || c === 0xef || c === 0xbb || c === 0xbf;
  }

  #mayOpen(): boolean {
    if (this.#depth === 0) return true;
    if (this.#depth > this.#open.length) return true;
    const within = this.#open[this.#depth - 1];
    if (within === braceOpen) return this.#last === colon;
    return this.#last === comma || this.#last === bracketOpen;
  }

  #closes(c: number): boolean {
    if (this.#depth === 0 || this.#depth > this.#open.length) return true;
    return this.#open[this.#depth - 1] === (c === braceClose ? braceOpen : bracketOpen);
  }

  #begin(i: number): void {
    this.#inEvent = true;
    this.#eventDepth = this.#depth;
    this.#eventLine = this.#line;
    this.#eventAt = this.#offset + i;
    this.#deepest = 0;
    this.#possible.fill(true);
  }

  /** One byte of a name. */
  #spell(c: number): void {
    if (this.#keyLength < keyBytesMax) this.#key[this.#keyLength] = c;
    this.#keyLength++;
  }

  #endString(): void {
    this.#inString = false;
    this.#last = quote;
    this.#list = false;
    if (this.#keyLength < 0) return;
    const name = this.#keyLength > keyBytesMax ? '' : String.fromCharCode(...this.#key.subarray(0, this.#keyLength));
    this.#keyLength = -1;
    for (const [i, wrapper] of wrappers.entries()) {
      if (!this.#possible[i]) continue;
      if (name === wrapper.list) this.#list = true;
      else if (!wrapper.before.test(name)) this.#possible[i] = false;
    }
  }

  #hold(part: Uint8Array): void {
    if (this.#tooLong || part.length === 0) return;
    this.#heldBytes += part.length;
    if (this.#heldBytes > limits.eventBytesMax.value) {
      this.#tooLong = true;
      this.#held = [];
    } else this.#held.push(part.slice());
  }

  #release(): void {
    this.#held = [];
    this.#heldBytes = 0;
    this.#tooLong = false;
  }

  #complete(last: Uint8Array): void {
    this.#inEvent = false;
    if (this.#tooLong || this.#heldBytes + last.length > limits.eventBytesMax.value) {
      this.#release();
      this.#emit.refused('too-long');
      return;
    }
    let text = '';
    if (this.#held.length === 0) text = this.#decoder.decode(last);
    else {
      const whole = new Uint8Array(this.#heldBytes + last.length);
      let at = 0;
      for (const part of this.#held) {
        whole.set(part, at);
        at += part.length;
      }
      whole.set(last, at);
      text = this.#decoder.decode(whole);
    }
    this.#release();
    if (this.#deepest > limits.nestingMax.value) {
      this.#emit.refused('too-deep');
      return;
    }
    const event = parseObject(text);
    if (event) this.#take(event, this.#emit);
    else this.#emit.refused('malformed');
  }

  /** The event at hand is broken: it is refused, and what follows begins outside of everything. */
  #abandon(): void {
    if (this.#inEvent) this.#emit.refused('malformed');
    this.#inEvent = false;
    this.#inString = false;
    this.#escaped = false;
    this.#keyLength = -1;
    this.#depth = 0;
    this.#listDepth = 0;
    this.#rest = false;
    this.#list = false;
    this.#last = 0;
    this.#release();
  }

  /** Something between events that belongs to none. */
  #strange(i: number): void {
    if (this.#nonsense) return;
    this.#nonsense = true;
    this.#eventLine = this.#line;
    this.#eventAt = this.#offset + i;
    this.#emit.refused('malformed');
  }
}
