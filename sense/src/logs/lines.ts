/** Bytes cut into lines. */

import type { LineReader, LogEmit, LogReader } from './format.ts';
import { limits } from './limits.ts';
import { placed } from './account.ts';

const lineFeed = 0x0a;

/**
 * A reader of bytes made of a reader of lines. Bytes that are no UTF-8 are replaced, as everywhere; a line beyond the ceiling is refused and
 * passed over; the last may lack its line feed. Empty lines are no events.
 */
export function linesReader(emit: LogEmit, open: (emit: LogEmit) => LineReader): LogReader {
  const cutter = new LineCutter(
    (text) => reader.line(text),
    () => own.refused('too-long'),
  );
  const own = placed(emit, () => ({ line: cutter.line }));
  const reader = open(own);
  return {
    data: (bytes) => cutter.push(bytes),
    end() {
      cutter.end();
      reader.end();
    },
  };
}

/** Cuts pieces of bytes into lines, wherever the pieces were cut. */
export class LineCutter {
  /** Number of the line at hand, from 1 on. */
  line = 0;
  readonly #take: (text: string) => void;
  readonly #tooLong: () => void;
  readonly #decoder = new TextDecoder();
  readonly #max: number;
  /** The beginning of a line that goes on in the next piece. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #passing = false;

  constructor(take: (text: string) => void, tooLong: () => void, max = limits.eventBytesMax.value) {
    this.#take = take;
    this.#tooLong = tooLong;
    this.#max = max;
  }

  push(bytes: Uint8Array): void {
    let from = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, from)) {
      this.#complete(bytes.subarray(from, end));
      from = end + 1;
    }
    if (from === bytes.length || this.#passing) return;
    this.#heldBytes += bytes.length - from;
    if (this.#heldBytes > this.#max) {
      this.#passing = true;
      this.#held = [];
    } else this.#held.push(bytes.slice(from));
  }

  end(): void {
    if (this.#heldBytes > 0 || this.#passing) this.#complete(new Uint8Array(0));
  }

  #complete(rest: Uint8Array): void {
    this.line++;
    const tooLong = this.#passing || this.#heldBytes + rest.length > this.#max;
    let whole = rest;
    if (!tooLong && this.#held.length > 0) {
      whole = new Uint8Array(this.#heldBytes + rest.length);
      let at = 0;
      for (const part of this.#held) {
        whole.set(part, at);
        at += part.length;
      }
      whole.set(rest, at);
    }
    this.#held = [];
    this.#heldBytes = 0;
    this.#passing = false;
    if (tooLong) {
      this.#tooLong();
      return;
    }
    const end = whole.length > 0 && whole[whole.length - 1] === 0x0d ? whole.length - 1 : whole.length;
    if (end > 0) this.#take(this.#decoder.decode(whole.subarray(0, end)));
  }
}
