/**
 * A mail as POP3 sends it (RFC 1939 §3): its lines, a dot put before each that begins with one, and a line of one dot
 * behind the last. What is inside becomes files; nothing is kept.
 */

import type { Seconds } from '@forewarn/base/time';
import { type MimeHost, MimeReader } from '../../files/mime.ts';
import { lineFeed } from '../text.ts';

const AT_START = 0;
const AFTER_DOT = 1;
const AFTER_DOT_CR = 2;
const INSIDE = 3;

const carriageReturn = Uint8Array.of(0x0d);

export class DottedMail {
  readonly #mime: MimeReader;
  #place: 0 | 1 | 2 | 3 = AT_START;

  constructor(host: MimeHost) {
    this.#mime = new MimeReader(host);
  }

  /** Reads on. Returns where the server's next reply begins, or -1 while the mail has not ended. */
  take(bytes: Uint8Array, from: number, to: number, ts: Seconds): number {
    let at = from;
    while (at < to) {
      const byte = bytes[at]!;
      if (this.#place === AT_START && byte === 0x2e) {
        this.#place = AFTER_DOT;
        at++;
      } else if (this.#place === AFTER_DOT && byte === 0x0d) {
        this.#place = AFTER_DOT_CR;
        at++;
      } else if (byte === 0x0a && (this.#place === AFTER_DOT || this.#place === AFTER_DOT_CR)) {
        this.end(ts, true);
        return at + 1;
      } else {
        // The dot before it was put there by the server; a CR behind that was the line's own.
        if (this.#place === AFTER_DOT_CR) this.#mime.data(carriageReturn, 0, 1, ts);
        const stop = lineFeed(bytes, at, to);
        const next = stop < 0 ? to : stop + 1;
        this.#mime.data(bytes, at, next, ts);
        this.#place = stop < 0 ? INSIDE : AT_START;
        at = next;
      }
    }
    return -1;
  }

  /** This many bytes of it are missing. */
  gap(length: number, ts: Seconds): void {
    this.#mime.gap(length, ts);
  }

  end(ts: Seconds, complete: boolean): void {
    this.#mime.end(ts, complete);
  }
}
