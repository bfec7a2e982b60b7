/** Values of AMQP 1.0 (OASIS AMQP 1.0 §1.2–1.6): each begins with a byte that tells its length, so that what is not asked for is passed. */

import { textOf } from '../text.ts';

const depthMax = 4;

export const limits = [
  {
    name: 'amqp.depthMax',
    value: depthMax,
    unit: 'values in values',
    why: 'A described value within a described one; an error in a farewell reaches two.',
  },
] as const;

/** Where the value at `at` ends, or -1 where it reaches beyond `end`. */
export function valueEnd(bytes: Uint8Array, at: number, end: number, depth = 0): number {
  if (at >= end || depth > depthMax) return -1;
  const code = bytes[at]!;
  if (code === 0) {
    const value = valueEnd(bytes, at + 1, end, depth + 1);
    return value < 0 ? -1 : valueEnd(bytes, value, end, depth + 1);
  }
  const kind = code >> 4;
  let length: number;
  if (kind < 4) return -1;
  else if (kind === 4) length = 0;
  else if (kind < 10) length = 1 << (kind - 5);
  else if ((kind & 1) === 0) {
    if (at + 2 > end) return -1;
    length = 1 + bytes[at + 1]!;
  } else {
    if (at + 5 > end) return -1;
    length = 4 + four(bytes, at + 1);
  }
  return length > end - at - 1 ? -1 : at + 1 + length;
}

const four = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

/** The code of a described value, such as 0x10 for `open`, or -1. */
export function descriptor(bytes: Uint8Array, at: number, end: number): number {
  if (at + 3 > end || bytes[at] !== 0) return -1;
  if (bytes[at + 1] === 0x53) return bytes[at + 2]!;
  return bytes[at + 1] === 0x80 && at + 10 <= end && four(bytes, at + 2) === 0 ? four(bytes, at + 6) : -1;
}

/** A list, opened by its place: where its fields are. */
export class List {
  bytes: Uint8Array = new Uint8Array(0);
  end = 0;
  #next = 0;

  /** Opens the list of a described value; false where none is. */
  open(bytes: Uint8Array, at: number, end: number): boolean {
    const start = valueEnd(bytes, at + 1, end);
    const stop = valueEnd(bytes, at, end);
    if (bytes[at] !== 0 || start < 0 || stop < 0) return false;
    this.bytes = bytes;
    this.end = stop;
    const code = bytes[start]!;
    if (code === 0x45) this.#next = stop;
    else if (code === 0xc0 && start + 3 <= stop) this.#next = start + 3;
    else if (code === 0xd0 && start + 9 <= stop) this.#next = start + 9;
    else return false;
    return true;
  }

  /** Where the next field is, or -1 behind the last. */
  next(): number {
    const at = this.#next;
    const stop = at < this.end ? valueEnd(this.bytes, at, this.end) : -1;
    this.#next = stop < 0 ? this.end : stop;
    return stop < 0 ? -1 : at;
  }

  skip(count: number): void {
    for (let i = 0; i < count; i++) this.next();
  }

  /** The next field as text, of a string or symbol. */
  text(): string | undefined {
    const at = this.next();
    return at < 0 ? undefined : textAt(this.bytes, at, this.end);
  }

  /** The next field as a number. */
  number(): number | undefined {
    const at = this.next();
    if (at < 0) return undefined;
    const kind = this.bytes[at]! >> 4;
    if (this.bytes[at] === 0x43 || this.bytes[at] === 0x44) return 0;
    if (kind === 5) return this.bytes[at + 1];
    if (kind === 6) return (this.bytes[at + 1]! << 8) | this.bytes[at + 2]!;
    return kind === 7 ? four(this.bytes, at + 1) : undefined;
  }

  /** The next field as yes or no; what is left out is no. */
  flag(): boolean {
    const at = this.next();
    return at >= 0 && (this.bytes[at] === 0x41 || (this.bytes[at] === 0x56 && this.bytes[at + 1] === 1));
  }
}

/** Text of a string, symbol or binary value whose end is known to lie before `end`. */
export function textAt(bytes: Uint8Array, at: number, end: number): string | undefined {
  const kind = bytes[at]! >> 4;
  const stop = valueEnd(bytes, at, end);
  if (stop < 0 || (kind !== 10 && kind !== 11)) return undefined;
  return textOf(bytes, at + (kind === 10 ? 2 : 5), stop);
}

/** The text behind a key of a map: `product` of what somebody says of itself. */
export function mapText(bytes: Uint8Array, at: number, end: number, key: string): string | undefined {
  const stop = valueEnd(bytes, at, end);
  const code = bytes[at];
  if (stop < 0 || (code !== 0xc1 && code !== 0xd1)) return undefined;
  for (let place = at + (code === 0xc1 ? 3 : 9); place < stop;) {
    const value = valueEnd(bytes, place, stop);
    const next = value < 0 ? -1 : valueEnd(bytes, value, stop);
    if (next < 0) return undefined;
    if (textAt(bytes, place, stop) === key) return textAt(bytes, value, stop);
    place = next;
  }
  return undefined;
}
