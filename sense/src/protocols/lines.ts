/**
 * Lines of one direction of a text protocol (SMTP, FTP, POP3, IMAP): a line that a segment holds whole is read where it
 * lies, only what a segment has cut is kept, and of a line that is too long only its beginning.
 */

import { lineFeed } from './text.ts';

const nothing = new Uint8Array(0);

export class Lines {
  /** The line that `take` has found, without its end. Valid until the next call. */
  bytes: Uint8Array = nothing;
  start = 0;
  end = 0;
  /** The line was longer than the ceiling: this is its beginning. */
  cut = false;
  readonly #longest: number;
  #held: Uint8Array = nothing;
  #have = 0;
  #over = false;
  /** A gap, or a start in the middle: what comes until the next line end is no line. */
  #partial = false;

  constructor(longest: number) {
    this.#longest = longest;
  }

  /**
   * Looks for the end of a line in `bytes[from, to)`. Returns where reading goes on behind it, with the line in `bytes`,
   * `start`, `end`; or -1 when it has not ended yet. CR LF, LF and any number of CR before LF end a line.
   */
  take(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    for (;;) {
      const stop = lineFeed(bytes, at, to);
      if (stop < 0) {
        this.#keep(bytes, at, to);
        return -1;
      }
      if (this.#partial) {
        this.#partial = false;
        at = stop + 1;
        continue;
      }
      if (this.#have > 0 || this.#over) {
        this.#keep(bytes, at, stop);
        this.bytes = this.#held;
        this.start = 0;
        this.end = this.#have;
        this.cut = this.#over;
        this.#have = 0;
        this.#over = false;
      } else {
        this.bytes = bytes;
        this.start = at;
        this.cut = stop - at > this.#longest;
        this.end = this.cut ? at + this.#longest : stop;
      }
      while (this.end > this.start && this.bytes[this.end - 1] === 0x0d) this.end--;
      return stop + 1;
    }
  }

  /** Bytes are missing: the line that was being read is given up, and what follows until the next line end is passed over. */
  lose(): void {
    this.#have = 0;
    this.#over = false;
    this.#partial = true;
  }

  /** Whether what comes next may be the middle of a line. */
  get lost(): boolean {
    return this.#partial;
  }

  /** What comes next begins a line after all: segments of these protocols hold whole lines, and it looks like one. */
  resume(): void {
    this.#partial = false;
  }

  /** Bytes of a line that has not ended. */
  get held(): number {
    return this.#have;
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    if (this.#partial || to <= from) return;
    const length = Math.min(to - from, this.#longest - this.#have);
    if (length < to - from) this.#over = true;
    if (length <= 0) return;
    const need = this.#have + length;
    if (need > this.#held.length) {
      const larger = new Uint8Array(Math.min(this.#longest, Math.max(128, need * 2)));
      larger.set(this.#held.subarray(0, this.#have));
      this.#held = larger;
    }
    this.#held.set(bytes.subarray(from, from + length), this.#have);
    this.#have = need;
  }
}

/** Whether `bytes[at, end)` begins with `word` (capitals) in any case. */
export function beginsWith(bytes: Uint8Array, at: number, end: number, word: string): boolean {
  if (end - at < word.length) return false;
  for (let i = 0; i < word.length; i++) {
    let byte = bytes[at + i]!;
    if (byte >= 0x61 && byte <= 0x7a) byte -= 0x20;
    if (byte !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** The three digits at `at` as a number, or 0. */
export function replyCode(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 3) return 0;
  let code = 0;
  for (let i = at; i < at + 3; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return 0;
    code = code * 10 + digit;
  }
  return code;
}

/** How the first bytes fit a greeting or command: `more` when they are its beginning and nothing speaks against it. */
export function textFits(bytes: Uint8Array, start: number, end: number, words: readonly string[]): 'yes' | 'no' | 'more' {
  let waits = false;
  for (const word of words) {
    const length = Math.min(end - start, word.length);
    if (!beginsWith(bytes, start, start + length, word.slice(0, length))) continue;
    if (length === word.length) return 'yes';
    waits = true;
  }
  return waits ? 'more' : 'no';
}

/** Where the line that begins at `start` ends, -1 when it has not ended, -2 when it holds what no line of text does. */
export function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0x0a) return at;
    if ((byte < 0x20 && byte !== 0x0d && byte !== 0x09) || byte === 0x7f) return -2;
  }
  return -1;
}

/** Whether `word` (capitals) stands in `bytes[start, end)` in any case. */
export function mentions(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  for (let at = start; at + word.length <= end; at++) if (beginsWith(bytes, at, end, word)) return true;
  return false;
}
