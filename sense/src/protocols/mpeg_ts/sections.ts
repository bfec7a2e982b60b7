/**
 * Sections of tables out of the packets of one PID (ISO/IEC 13818-1 §2.4.4): a section that a packet holds whole is shown where it lies; only what
 * packets have cut is kept.
 */

import type { Budget } from './budget.ts';

/** The longest section: 4,093 bytes behind the length (EN 300 468 §5.1.1). */
export const sectionBytesMax = 4_096;

/** Takes a section: `bytes[start, end)` is valid only during the call. */
export type SectionTaker = (bytes: Uint8Array, start: number, end: number) => void;

const crcTable = new Int32Array(256);
for (let i = 0; i < 256; i++) {
  let value = i << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x8000_0000 ? (value << 1) ^ 0x04c1_1db7 : value << 1;
  crcTable[i] = value;
}

/** CRC-32 of ISO/IEC 13818-1 Annex A: zero over a section with its CRC. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  for (let at = start; at < end; at++) crc = (crc << 8) ^ crcTable[(crc >>> 24) ^ bytes[at]!]!;
  return crc >>> 0;
}

const nothing = new Uint8Array(0);

export class Sections {
  readonly #budget: Budget;
  #held: Uint8Array = nothing;
  #have = 0;
  /** Bytes of the section that is being put together; 0: none is. */
  #need = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** Forgets what is held: packets are missing. */
  lose(): void {
    if (this.#held.length > 0) this.#budget.bytes -= this.#held.length;
    this.#held = nothing;
    this.#have = 0;
    this.#need = 0;
  }

  /** The payload of a packet; `begins` is its payload_unit_start_indicator. Answers false when a pointer or length cannot be. */
  payload(bytes: Uint8Array, start: number, end: number, begins: boolean, take: SectionTaker): boolean {
    let at = start;
    if (begins) {
      const first = start + 1 + bytes[start]!;
      if (first > end) {
        this.lose();
        return false;
      }
      if (this.#need > 0) this.#append(bytes, start + 1, first, take);
      // What a new section begins behind is over, complete or not.
      this.lose();
      at = first;
    } else {
      if (this.#need > 0) this.#append(bytes, at, end, take);
      return true;
    }
    while (at < end && bytes[at] !== 0xff) {
      if (end - at < 3) {
        this.#hold(bytes, at, end, 3);
        return true;
      }
      const length = lengthOf(bytes, at);
      if (length > sectionBytesMax) return false;
      if (at + length > end) {
        this.#hold(bytes, at, end, length);
        return true;
      }
      take(bytes, at, at + length);
      at += length;
    }
    return true;
  }

  #hold(bytes: Uint8Array, at: number, end: number, need: number): void {
    // A head of three bytes alone does not say yet how long the section is.
    const room = need === 3 ? sectionBytesMax : need;
    if (!this.#budget.hasBytes(room)) return;
    this.#held = new Uint8Array(room);
    this.#budget.bytes += room;
    this.#held.set(bytes.subarray(at, end));
    this.#have = end - at;
    this.#need = need;
  }

  #append(bytes: Uint8Array, start: number, end: number, take: SectionTaker): void {
    let at = start;
    while (this.#need > 0) {
      const length = Math.min(end - at, this.#need - this.#have);
      this.#held.set(bytes.subarray(at, at + length), this.#have);
      this.#have += length;
      at += length;
      if (this.#have < this.#need) return;
      if (this.#need === 3) {
        this.#need = lengthOf(this.#held, 0);
        if (this.#need > sectionBytesMax) this.lose();
        else if (this.#need > 3) continue;
        if (this.#need === 0) return;
      }
      const whole = this.#held;
      const total = this.#need;
      this.lose();
      take(whole, 0, total);
    }
  }
}

const lengthOf = (bytes: Uint8Array, at: number): number => 3 + (((bytes[at + 1]! & 15) << 8) | bytes[at + 2]!);
