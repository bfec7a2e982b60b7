/**
 * A small reader of BER with definite lengths, and so of DER (ITU-T X.690): tags and lengths, nothing recursive. Whoever uses
 * it walks a structure he knows, and every step is bounded by the end of the element around it. Certificates, Kerberos, LDAP
 * and SPNEGO are read with it.
 */

import { textOf } from './text.ts';

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OBJECT_IDENTIFIER = 0x06;
export const ENUMERATED = 0x0a;
export const GENERAL_STRING = 0x1b;
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30;
export const SET = 0x31;

/** Arcs of an object identifier beyond this are cut; real ones have up to twelve. */
const arcsMax = 32;

/** A place in DER: the element at the cursor, and where the next one begins. */
export class Der {
  readonly bytes: Uint8Array;
  /** Where the current element's tag stands. */
  head = 0;
  tag = 0;
  /** Content of the current element. */
  from = 0;
  to = 0;
  /** Where the next element begins, and where they end. */
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Steps to the next element; false at the end or where the bytes are no DER. */
  next(): boolean {
    const { bytes } = this;
    let at = this.at;
    if (at + 2 > this.end) return false;
    this.head = at;
    const tag = bytes[at++]!;
    // Tags of more than one byte do not occur in what is read here.
    if ((tag & 0x1f) === 0x1f) return false;
    let length = bytes[at++]!;
    if (length >= 0x80) {
      let count = length & 0x7f;
      if (count === 0 || count > 4 || at + count > this.end) return false;
      length = 0;
      while (count-- > 0) length = length * 256 + bytes[at++]!;
    }
    if (at + length > this.end) return false;
    this.tag = tag;
    this.from = at;
    this.to = at + length;
    this.at = this.to;
    return true;
  }

  /** Steps to the next element if it has this tag. */
  expect(tag: number): boolean {
    return this.at < this.end && this.bytes[this.at] === tag && this.next();
  }

  /** A cursor over what is inside the current element. */
  inside(): Der {
    return new Der(this.bytes, this.from, this.to);
  }

  /** The current object identifier in dotted form. */
  identifier(): string {
    const { bytes, from, to } = this;
    let text = '';
    let value = 0;
    let arcs = 0;
    for (let at = from; at < to && arcs < arcsMax; at++) {
      value = value * 128 + (bytes[at]! & 0x7f);
      if (bytes[at]! >= 0x80) continue;
      if (arcs === 0) {
        const first = Math.min(2, Math.floor(value / 40));
        text = `${first}.${value - first * 40}`;
      } else {
        text += `.${value}`;
      }
      arcs++;
      value = 0;
    }
    return text;
  }

  /** The current integer in upper-case hexadecimal, as OpenSSL prints it. */
  integerHex(): string {
    const { bytes, to } = this;
    let { from } = this;
    const negative = from < to && bytes[from]! >= 0x80;
    let magnitude = bytes;
    if (negative) {
      magnitude = bytes.slice(from, to);
      let carry = 1;
      for (let i = magnitude.length - 1; i >= 0; i--) {
        const value = (~magnitude[i]! & 0xff) + carry;
        magnitude[i] = value & 0xff;
        carry = value >> 8;
      }
      from = 0;
    }
    let stop = negative ? magnitude.length : to;
    if (stop - from > serialBytesMax) stop = from + serialBytesMax;
    while (from < stop - 1 && magnitude[from] === 0) from++;
    if (from >= stop) return '00';
    return `${negative ? '-' : ''}${Buffer.prototype.hexSlice.call(magnitude, from, stop).toUpperCase()}`;
  }

  /** The current integer or enumerated value as a number; -1 where it has more than six bytes or none. */
  integer(): number {
    const { bytes, from, to } = this;
    if (to <= from || to - from > integerBytesMax) return -1;
    let value = bytes[from]! >= 0x80 ? bytes[from]! - 256 : bytes[from]!;
    for (let at = from + 1; at < to; at++) value = value * 256 + bytes[at]!;
    return value;
  }

  /** The content of the current element as text. */
  text(bytesMax = textBytesMax): string {
    return textOf(this.bytes, this.from, Math.min(this.to, this.from + bytesMax));
  }

  /** Bits of the current integer, without leading zeros. */
  integerBits(): number {
    let { from } = this;
    while (from < this.to && this.bytes[from] === 0) from++;
    return from >= this.to ? 0 : (this.to - from) * 8 - (Math.clz32(this.bytes[from]!) - 24);
  }

  /** The current integer in decimal, when it has at most eight bytes; else in hexadecimal. */
  integerText(): string {
    let { from } = this;
    while (from < this.to - 1 && this.bytes[from] === 0) from++;
    if (from >= this.to) return '0';
    const hexadecimal = Buffer.prototype.hexSlice.call(this.bytes, from, Math.min(this.to, from + 64));
    return this.to - from <= 8 ? BigInt(`0x${hexadecimal}`).toString() : hexadecimal;
  }

  /** The current time in seconds since 1970 (RFC 5280 §4.1.2.5), or `undefined`. */
  time(): number | undefined {
    const text = textOf(this.bytes, this.from, Math.min(this.to, this.from + 32));
    const match =
      this.tag === UTC_TIME
        ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:Z|([+-])(\d\d)(\d\d))$/.exec(text)
        : this.tag === GENERALIZED_TIME
          ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d+)?(?:Z|([+-])(\d\d)(\d\d))$/.exec(text)
          : null;
    if (!match) return undefined;
    const [years, month, day, hour, minute] = match.slice(1, 6).map(Number) as [number, number, number, number, number];
    // RFC 5280: 50 to 99 lie in the twentieth century.
    const year = this.tag === UTC_TIME ? years + (years < 50 ? 2000 : 1900) : years;
    const shift = match[7] ? (match[7] === '+' ? -60 : 60) * (Number(match[8]) * 60 + Number(match[9])) : 0;
    return Date.UTC(year, month - 1, day, hour, minute, Number(match[6] ?? 0)) / 1000 + shift;
  }
}

/** RFC 5280 §4.1.2.2 allows twenty bytes; some have more, none have this many. */
const serialBytesMax = 64;

/** Six bytes are what a JavaScript number holds without loss. */
const integerBytesMax = 6;

/** Zeek 8 cuts text fields of its logs at this length (Log::default_max_field_string_bytes). */
export const textBytesMax = 4_096;

/**
 * Length of the element that begins at `start`, head included: 0 where more bytes are needed to know it, -1 where no definite
 * length stands there. It serves whoever cuts elements out of a stream.
 */
export function elementLength(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 2) return 0;
  if ((bytes[start]! & 0x1f) === 0x1f) return -1;
  const first = bytes[start + 1]!;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  if (count === 0 || count > 4) return -1;
  if (end - start < 2 + count) return 0;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + bytes[start + 2 + i]!;
  return 2 + count + length;
}
