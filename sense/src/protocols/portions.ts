/**
 * Bytes of one direction in the portions that a parser asks for: so many bytes, or a line. A portion that a segment
 * holds whole is shown where it lies; only what a segment has cut is kept, never more than was asked for.
 *
 *     side.want(4)                 the next four bytes
 *     side.wantLine(512)           a line with its LF, or its first 512 bytes
 *     side.wantSome(9_000)         whatever has come, at most 9,000 bytes: nothing is kept of it
 *     side.skip = 1_000            passes over a thousand bytes before the next portion, seen or missing
 *     side.stop()                  no more
 */

import type { Seconds } from '@forewarn/base/time';
import type { Direction } from './protocol.ts';

/** Takes a portion; `bytes[start, end)` is valid only during the call. It says what it wants next, or gets the same again. */
export type PortionTaker = {
  portion(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void;
};

const nothing = new Uint8Array(0);

/** A buffer up to this size is kept for the next portion that a segment cuts. */
const keptBytesMax = 512;

export class Portions {
  /** Bytes to pass over before the next portion. */
  skip = 0;
  /** Where in the piece at hand the bytes behind the current portion begin: what giving way needs. */
  next = 0;
  #length: number;
  #line = false;
  #some = false;
  #held: Uint8Array = nothing;
  #have = 0;

  constructor(length: number) {
    this.#length = length;
  }

  /** Asks for exactly `length` bytes, at least one. */
  want(length: number): void {
    this.#ask(length);
    this.#line = false;
    this.#some = false;
  }

  /** Asks for a line with its LF, or its first `longest` bytes when it is longer. */
  wantLine(longest: number): void {
    this.#ask(longest);
    this.#line = true;
    this.#some = false;
  }

  /** Asks for what has come, at least one byte and at most `longest`. */
  wantSome(longest: number): void {
    this.#ask(longest);
    this.#line = false;
    this.#some = true;
  }

  /** Asks for nothing more and forgets what is held. */
  stop(): void {
    this.skip = 0;
    this.#length = 0;
    this.#held = nothing;
    this.#have = 0;
  }

  feed(taker: PortionTaker, direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let at = start;
    while (at < end && this.#length > 0) {
      if (this.skip > 0) {
        const length = Math.min(this.skip, end - at);
        this.skip -= length;
        at += length;
        continue;
      }
      const room = this.#length - this.#have;
      let stop = at + room <= end ? at + room : this.#some ? end : -1;
      if (this.#line) {
        const last = stop < 0 ? end : stop;
        for (let i = at; i < last; i++) {
          if (bytes[i] !== 0x0a) continue;
          stop = i + 1;
          break;
        }
      }
      if (stop < 0) {
        this.#hold(bytes, at, end);
        this.next = end;
        return;
      }
      this.next = stop;
      if (this.#have === 0) taker.portion(direction, bytes, at, stop, ts);
      else {
        this.#hold(bytes, at, stop);
        const length = this.#have;
        this.#have = 0;
        const held = this.#held;
        // A large one does not stay with the flow.
        if (held.length > keptBytesMax) this.#held = nothing;
        taker.portion(direction, held, 0, length, ts);
      }
      at = stop;
    }
    this.next = at;
  }

  /** Bytes that will not come. Answers whether they lay where bytes are passed over; if not, the place in the stream is lost. */
  gap(length: number): boolean {
    if (this.#length === 0) return true;
    if (length <= this.skip && this.#have === 0) {
      this.skip -= length;
      return true;
    }
    return false;
  }

  /**
   * The other direction may ask in the middle of a portion, when a peer speaks out of turn: what is held then begins the new
   * one, or is forgotten where it is more than that.
   */
  #ask(length: number): void {
    this.#length = length;
    if (this.#have > length) this.#have = 0;
  }

  #hold(bytes: Uint8Array, at: number, end: number): void {
    const need = this.#have + end - at;
    if (this.#held.length < need) {
      const larger = new Uint8Array(Math.min(this.#length, Math.max(need * 2, 32)));
      larger.set(this.#held.subarray(0, this.#have));
      this.#held = larger;
    }
    this.#held.set(bytes.subarray(at, end), this.#have);
    this.#have = need;
  }
}
