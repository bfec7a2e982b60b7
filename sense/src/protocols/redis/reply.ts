/**
 * Replies of Redis (RESP2 and RESP3) as text, in the way Zeek shows them: `OK`, `[a, [b, c], null]`, `{key: value}`. The
 * text is made only up to the length that is written; elements beyond it are counted and passed over.
 */

import type { Portions } from '../portions.ts';
import { textOf } from '../text.ts';

/** Zeek's Redis::max_value_size. */
export const valueBytesMax = 250;

/** Redis' own replies nest three deep (COMMAND DOCS five); scripts may return more. */
export const depthMax = 32;

/** Redis takes no longer array from a client and sends none (PROTO_MAX_MULTIBULK_LEN). */
export const elementsMax = 1_048_576;

/** Longest bulk string (proto-max-bulk-len). */
export const bulkBytesMax = 536_870_912;

/** A line with a type and a number or short text. */
export const lineBytesMax = 1_024;

type Container = { left: number; kind: number; first: boolean };

export type Progress = 'more' | 'done' | 'bad';

export class Reply {
  text = '';
  error = false;
  /** Sent without being asked (RESP3). */
  push = false;
  #open: Container[] = [];
  /** Containers open whose content is not part of the text: attributes. */
  #muted = 0;
  #bulk = -1;

  /** Whether the next portion is of a bulk string. */
  get inBulk(): boolean {
    return this.#bulk >= 0;
  }

  /** Forgets the reply and begins the next. */
  reset(): void {
    this.text = '';
    this.error = false;
    this.push = false;
  }

  /** Takes a portion – a line, or the beginning of a bulk string – and asks `side` for the next. */
  take(side: Portions, bytes: Uint8Array, start: number, end: number): Progress {
    if (this.#bulk >= 0) {
      const rest = this.#bulk - (end - start);
      this.#bulk = -1;
      side.skip = rest + 2;
      side.wantLine(lineBytesMax);
      return this.#value(textOf(bytes, start, end));
    }
    let stop = end;
    if (stop > start && bytes[stop - 1] === 0x0a) stop--;
    if (stop > start && bytes[stop - 1] === 0x0d) stop--;
    // An empty line between replies is noise that clients overlook.
    if (stop === start) return 'more';
    const type = bytes[start]!;
    switch (type) {
      case PLUS:
      case COLON:
      case COMMA:
      case PAREN:
        return this.#value(textOf(bytes, start + 1, Math.min(stop, start + 1 + valueBytesMax)));
      case MINUS:
        if (this.#open.length === 0) this.error = true;
        return this.#value(textOf(bytes, start + 1, Math.min(stop, start + 1 + valueBytesMax)));
      case UNDERSCORE:
        return this.#value('null');
      case HASH:
        return this.#value(bytes[start + 1] === 0x74 ? 'true' : 'false');
      case DOLLAR:
      case EQUALS:
      case BANG: {
        const length = numberOf(bytes, start + 1, stop);
        if (length === -1) return this.#value('null');
        if (length < 0 || length > bulkBytesMax) return 'bad';
        if (type === BANG && this.#open.length === 0) this.error = true;
        if (length === 0 || this.#full()) {
          side.skip = length + 2;
          return this.#value('');
        }
        this.#bulk = length;
        side.want(Math.min(length, valueBytesMax));
        return 'more';
      }
      case STAR:
      case TILDE:
      case GREATER:
      case PERCENT:
      case BAR:
        return this.#container(type, numberOf(bytes, start + 1, stop));
    }
    return 'bad';
  }

  #full(): boolean {
    return this.#muted > 0 || this.text.length >= valueBytesMax;
  }

  #container(kind: number, count: number): Progress {
    if (count === -1) return this.#value('null');
    if (count < 0 || count > elementsMax || this.#open.length >= depthMax) return 'bad';
    if (kind === GREATER && this.#open.length === 0) this.push = true;
    if (kind === BAR) this.#muted++;
    else this.#write(kind === PERCENT || kind === TILDE ? '{' : '[', true);
    this.#open.push({ left: kind === PERCENT || kind === BAR ? count * 2 : count, kind, first: true });
    return count === 0 ? this.#close() : 'more';
  }

  #value(text: string): Progress {
    this.#write(text, true);
    return this.#ended();
  }

  /** A value is complete, and with it perhaps the containers around it. */
  #ended(): Progress {
    const top = this.#open.at(-1);
    if (!top) return 'done';
    return --top.left === 0 ? this.#close() : 'more';
  }

  #close(): Progress {
    const { kind } = this.#open.pop()!;
    if (kind === BAR) {
      // Attributes stand before the value that they describe: it is still to come.
      this.#muted--;
      return 'more';
    }
    this.#write(kind === PERCENT || kind === TILDE ? '}' : ']', false);
    return this.#ended();
  }

  #write(text: string, value: boolean): void {
    if (this.#full()) return;
    const top = this.#open.at(-1);
    if (value && top) {
      // In a map the even ones of those left are keys, the odd ones their values.
      if (!top.first) this.text += top.kind === PERCENT && top.left % 2 === 1 ? ': ' : ', ';
      top.first = false;
    }
    this.text = (this.text + text).slice(0, valueBytesMax);
  }
}

const BANG = 0x21;
const HASH = 0x23;
const DOLLAR = 0x24;
const PERCENT = 0x25;
const PAREN = 0x28;
const STAR = 0x2a;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const UNDERSCORE = 0x5f;
const BAR = 0x7c;
const TILDE = 0x7e;

/** Digits, perhaps behind a minus; -2 for anything else. */
export function numberOf(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  let value = 0;
  const from = negative ? start + 1 : start;
  if (from >= end || end - from > 12) return -2;
  for (let i = from; i < end; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return -2;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}
