/**
 * BACnet's encoding: tags with a number, a class and a length, one behind the other (ASHRAE 135 §20.2).
 *
 *      7      4   3     2    0
 *     ┌────────┬───────┬──────┐
 *     │ number │ class │ L/V/T│   number 15: in the next byte; length 5: in the next byte, 254 there: in two more; 6 opens, 7 closes
 *     └────────┴───────┴──────┘
 */

import { textOf } from '../text.ts';

/** Letters of a value that are written. */
export const valueLettersMax = 128;

export class Tags {
  readonly bytes: Uint8Array;
  readonly end: number;
  #next: number;
  number = 0;
  isContext = false;
  opens = false;
  closes = false;
  /** Bytes of the value, at `at`; of an application boolean the value itself. */
  length = 0;
  at = 0;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.end = end;
    this.#next = start;
  }

  /** Moves to the next tag; false at the end, or where it reaches beyond it. */
  next(): boolean {
    const { bytes, end } = this;
    let at = this.#next;
    if (at >= end) return false;
    const first = bytes[at++]!;
    this.number = first >> 4;
    this.isContext = (first & 8) !== 0;
    if (this.number === 15) {
      if (at >= end) return this.#stop();
      this.number = bytes[at++]!;
    }
    const value = first & 7;
    this.opens = this.isContext && value === 6;
    this.closes = this.isContext && value === 7;
    this.length = value;
    if (this.opens || this.closes) this.length = 0;
    else if (value === 5) {
      if (at >= end) return this.#stop();
      this.length = bytes[at++]!;
      if (this.length >= 254) {
        const wide = this.length === 254 ? 2 : 4;
        if (end - at < wide) return this.#stop();
        this.length = 0;
        for (let i = 0; i < wide; i++) this.length = this.length * 256 + bytes[at++]!;
      }
    }
    this.at = at;
    // A boolean of the application has its value in place of a length.
    const size = !this.isContext && this.number === 1 ? 0 : this.length;
    if (size > end - at) return this.#stop();
    this.#next = at + size;
    return true;
  }

  isValue(number: number): boolean {
    return this.isContext && !this.opens && !this.closes && this.number === number;
  }

  opensAt(number: number): boolean {
    return this.opens && this.number === number;
  }

  closesAt(number: number): boolean {
    return this.closes && this.number === number;
  }

  /** An unsigned number of up to four bytes; longer ones by their last four. */
  unsigned(): number {
    let value = 0;
    for (let i = Math.max(0, this.length - 4); i < this.length; i++) value = value * 256 + this.bytes[this.at + i]!;
    return value;
  }

  /** Passes over what stands up to the tag that closes the one at hand; false where it does not come. */
  skip(): boolean {
    let depth = 1;
    while (this.next()) {
      if (this.opens) depth++;
      else if (this.closes && --depth === 0) return true;
    }
    return false;
  }

  /** A value of the application as text, where it is a number, a state or a text; an object as icsnpp writes it. */
  text(objectName: (type: number) => string): string | undefined {
    const { bytes, at, length } = this;
    if (this.isContext) return undefined;
    switch (this.number) {
      case 0:
        return 'null';
      case 1:
        return length === 1 ? 'true' : 'false';
      case 2:
      case 9:
        return String(this.unsigned());
      case 3: {
        const value = this.unsigned();
        const bits = Math.min(length, 4) * 8;
        return String(bits > 0 && value >= 2 ** (bits - 1) ? value - 2 ** bits : value);
      }
      case 4:
        return length === 4 ? String(new DataView(bytes.buffer, bytes.byteOffset + at, 4).getFloat32(0)) : undefined;
      case 5:
        return length === 8 ? String(new DataView(bytes.buffer, bytes.byteOffset + at, 8).getFloat64(0)) : undefined;
      case 7:
        // The first byte says how it is written; 0 is UTF-8.
        return length > 1 && bytes[at] === 0 ? textOf(bytes, at + 1, at + Math.min(length, 1 + valueLettersMax)) : undefined;
      case 12:
        return length === 4 ? `${objectName(this.unsigned() >>> 22)}: ${this.unsigned() & 0x3fffff}` : undefined;
      default:
        return undefined;
    }
  }

  #stop(): false {
    this.#next = this.end;
    return false;
  }
}
