/**
 * What GOOSE and sampled values have in common (IEC 61850-8-1 annex C, 9-2 annex A): eight bytes before an APDU in BER.
 *
 *      0        2        4           6           8
 *     ┌────────┬────────┬───────────┬───────────┬───────────┐
 *     │ APPID  │ length │ reserved1 │ reserved2 │ APDU …    │   length counts from APPID on
 *     └────────┴────────┴───────────┴───────────┴───────────┘
 *                          └ highest bit: simulated
 */

/** One element of BER: where its value lies. `next` of -1 says that there is none. */
export class Element {
  tag = 0;
  start = 0;
  end = 0;

  /** Reads the element at `at` that ends before `limit`; false where none is. Tags of one byte only, as both have. */
  read(bytes: Uint8Array, at: number, limit: number): boolean {
    if (at + 2 > limit) return false;
    this.tag = bytes[at]!;
    let length = bytes[at + 1]!;
    let start = at + 2;
    if (length > 0x80) {
      const count = length & 0x7f;
      if (count > 4 || start + count > limit) return false;
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + bytes[start + i]!;
      start += count;
    } else if (length === 0x80) return false;
    if (length > limit - start) return false;
    this.start = start;
    this.end = start + length;
    return true;
  }

  /** The value as an unsigned number; more than six bytes are no counter of these protocols. */
  number(bytes: Uint8Array): number {
    let value = 0;
    for (let i = Math.max(this.start, this.end - 6); i < this.end; i++) value = value * 256 + bytes[i]!;
    return value;
  }

  boolean(bytes: Uint8Array): boolean {
    return this.end > this.start && bytes[this.start] !== 0;
  }
}

/** Finds the APDU with this tag; false where the header or the tag does not fit. */
export function openApdu(element: Element, bytes: Uint8Array, at: number, end: number, tag: number): boolean {
  if (end - at < 10) return false;
  const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  return length >= 10 && length <= end - at && element.read(bytes, at + 8, at + length) && element.tag === tag;
}

/** Seconds of an IEC 61850 time stamp: eight bytes, of which three are a binary fraction and the last says how good it is. */
export function utcTime(bytes: Uint8Array, at: number): number {
  const seconds = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  const fraction = (bytes[at + 4]! << 16) | (bytes[at + 5]! << 8) | bytes[at + 6]!;
  return seconds + fraction / 0x1000000;
}
