/** Heads of messages as SIP and RTSP have them: a line, headers, an empty line. */

import type { Seconds } from '@forewarn/base/time';
import { Frames, type FrameTaker } from './frames.ts';
import { lineEnd } from './lines.ts';
import type { Direction, Probe } from './protocol.ts';
import { lineFeed, textOf } from './text.ts';

/** Zeek 8 cuts text fields of its logs at this length. */
export const valueBytesMax = 4_096;
const methodBytesMax = 32;
/** Names of headers are short. */
const nameBytesMax = 40;

/** The text of a line without blanks around it. */
export function trimmed(bytes: Uint8Array, start: number, end: number): string {
  let from = start;
  let to = Math.min(end, start + valueBytesMax);
  while (from < to && (bytes[from] === 0x20 || bytes[from] === 0x09)) from++;
  while (to > from && bytes[to - 1]! <= 0x20) to--;
  return textOf(bytes, from, to);
}

/**
 * Shows each header in `bytes[start, end)`: its name in small letters, and where its value stands. A line that begins with a blank goes on with the
 * header before it and is passed over.
 */
export function eachHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
  linesMax: number,
  take: (name: string, from: number, to: number) => void,
): void {
  let lines = 0;
  for (let at = start; at < end && lines < linesMax; lines++) {
    const stop = lineFeed(bytes, at, end);
    const to = stop < 0 ? end : stop;
    const colon = colonAt(bytes, at, to);
    if (colon > at) take(trimmed(bytes, at, colon).toLowerCase(), colon + 1, to);
    at = to + 1;
  }
}

function colonAt(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] === 0x20 || bytes[start] === 0x09) return -1;
  const stop = Math.min(end, start + nameBytesMax);
  for (let at = start; at < stop; at++) if (bytes[at] === 0x3a) return at;
  return -1;
}

/** Where the body begins, behind the empty line; -1 when it is not there. Searched from `from` on. */
export function headEnd(bytes: Uint8Array, start: number, end: number, from: number): number {
  for (let at = lineFeed(bytes, Math.max(start, from), end); at >= 0; at = lineFeed(bytes, at + 1, end)) {
    if (at + 1 < end && bytes[at + 1] === 0x0a) return at + 2;
    if (at + 2 < end && bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return at + 3;
  }
  return -1;
}

const digit = 0x23;

/**
 * Whether the bytes begin a message: the version and a blank, or a line of a method in capitals that ends in the version. In `version` a `#` stands for a
 * digit: `RTSP/#.#`.
 */
export function beginsMessage(bytes: Uint8Array, start: number, end: number, version: readonly number[]): Probe {
  const first = bytes[start]!;
  if (first < 0x41 || first > 0x5a) return 'no';
  if (first === version[0] && bytes[start + 1] === version[1]) {
    for (let i = 2; i < version.length; i++) {
      if (start + i >= end) return 'more';
      if (!fits(bytes[start + i]!, version[i]!)) return 'no';
    }
    const behind = start + version.length;
    return behind >= end ? 'more' : bytes[behind] === 0x20 ? 'yes' : 'no';
  }
  let at = start;
  while (at < end && ((bytes[at]! >= 0x41 && bytes[at]! <= 0x5a) || bytes[at] === 0x5f)) at++;
  if (at - start > methodBytesMax) return 'no';
  if (at >= end) return 'more';
  if (bytes[at] !== 0x20 || at - start < 3) return 'no';
  const stop = lineEnd(bytes, at, end);
  if (stop === -2) return 'no';
  if (stop < 0) return end - start > valueBytesMax ? 'no' : 'more';
  let to = stop;
  while (to > at && bytes[to - 1]! <= 0x20) to--;
  const begin = to - version.length;
  if (begin - 1 <= at || bytes[begin - 1] !== 0x20) return 'no';
  for (let i = 0; i < version.length; i++) if (!fits(bytes[begin + i]!, version[i]!)) return 'no';
  return 'yes';
}

const fits = (byte: number, wanted: number): boolean => (wanted === digit ? byte >= 0x30 && byte <= 0x39 : byte === wanted);

/** The bytes of a version, for `beginsMessage`. */
export const versionBytes = (text: string): readonly number[] => [...text].map((letter) => letter.charCodeAt(0));

/** What a protocol says of its messages. */
export type HeadMessages = {
  /** The longest message that is kept whole. */
  readonly bytesMax: number;
  begins(bytes: Uint8Array, start: number, end: number): Probe;
  /** Bytes of the body, by the head that ends at `body`. */
  bodyLength(bytes: Uint8Array, start: number, body: number): number;
  message(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void;
  /** What came is no message. */
  malformed(ts: Seconds): void;
};

/** Cuts one direction of a stream into messages of a head and a body whose length it states; empty lines may stand between them. */
export class HeadFrames implements FrameTaker {
  readonly frames: Frames;
  readonly #of: HeadMessages;
  /** How far the message at hand was searched for the end of its head. */
  #searched = 0;
  #length = 0;

  constructor(of: HeadMessages) {
    this.#of = of;
    this.frames = new Frames(of.bytesMax);
  }

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    if (bytes[start] === 0x0d || bytes[start] === 0x0a) return 1;
    if (this.#length > 0) return this.#length;
    if (this.#searched === 0 && this.#of.begins(bytes, start, end) === 'no') return -1;
    const body = headEnd(bytes, start, end, start + this.#searched);
    if (body < 0) {
      this.#searched = Math.max(0, end - start - 3);
      return end - start >= this.#of.bytesMax ? -1 : 0;
    }
    this.#length = body - start + this.#of.bodyLength(bytes, start, body);
    return this.#length;
  }

  frameShown(_bytes: Uint8Array, _start: number, _end: number, length: number): number {
    return Math.min(length, this.#of.bytesMax);
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    this.#searched = 0;
    this.#length = 0;
    if (length > 1) this.#of.message(direction, bytes, start, end, ts);
  }

  frameRest(): void {}
  frameMissing(): void {}

  frameLost(_direction: Direction, gap: boolean, ts: Seconds): void {
    this.#searched = 0;
    this.#length = 0;
    if (!gap) this.#of.malformed(ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#of.begins(bytes, start, end) === 'yes';
  }
}
