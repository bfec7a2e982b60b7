/**
 * Cuts the bytes of one direction into messages that state their own length. A message that a segment holds whole is shown where
 * it lies; of one that is cut, no more is kept than its reader asks for, and what comes behind is handed on as it passes.
 *
 *      ┌──────────── shown in one piece ───────────┐┌── handed on ──┐
 *     ┌──────────┬─────────────────────────────────┬────────────────┐
 *     │ length … │ head of the message             │ bulk data      │
 *     └──────────┴─────────────────────────────────┴────────────────┘
 */

import type { Seconds } from '@forewarn/base/time';
import type { Direction } from './protocol.ts';

/** Reads messages. `bytes[start, end)` is valid only during the call. */
export type FrameTaker = {
  /** Length of the message that begins at `start`, its head included: 0 needs more bytes to know it, -1 is no message. */
  frameLength(bytes: Uint8Array, start: number, end: number): number;
  /**
   * How many of the first bytes are to be shown in one piece, at most `length`: 0 needs more bytes to know it. Asked again with
   * more bytes until it answers, at the latest with the whole message or the ceiling of what is kept.
   */
  frameShown(bytes: Uint8Array, start: number, end: number, length: number): number;
  /** A message, or its first bytes that were asked for. */
  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void;
  /** Bytes behind those that were shown. */
  frameRest(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void;
  /** Bytes behind those that were shown are missing. */
  frameMissing(direction: Direction, length: number, ts: Seconds): void;
  /** There is no message where one should begin: `gap` where bytes are missing. Reading goes on with a piece that `frameBegins`. */
  frameLost(direction: Direction, gap: boolean, ts: Seconds): void;
  /** Whether a piece that follows what was lost begins with a message for certain. */
  frameBegins(bytes: Uint8Array, start: number, end: number): boolean;
};

const nothing = new Uint8Array(0);

/** A buffer of this size stays with its flow; a larger one is given back when its message is over. */
const smallBytes = 1_024;

/** Bytes of incomplete messages that are kept by all flows, small ones left out: as much as the engine keeps of TCP above holes. */
export const heldBytesTotalMax = 67_108_864;

/** What is kept now, of all flows that this thread reads. */
let heldBytesTotal = 0;

/** The ceilings of this reader, for the reference. */
export const limits = [
  {
    name: 'frames.heldBytesTotalMax',
    value: heldBytesTotalMax,
    unit: 'bytes of all flows',
    why: 'Incomplete messages of SMB, LDAP, Kerberos and DCE-RPC; as much as the engine keeps of TCP above holes. Beyond it messages are lost.',
  },
] as const;

export class Frames {
  /** Where in the piece at hand the bytes behind the current message begin: what giving way needs. */
  next = 0;
  /** Nothing more is read. */
  stopped = false;
  readonly #keepMax: number;
  #held: Uint8Array = nothing;
  #have = 0;
  /** Bytes that follow what was shown of the current message. */
  #rest = 0;
  #lost = false;

  /** `keepMax`: the most bytes of a message that are kept. */
  constructor(keepMax: number) {
    this.#keepMax = keepMax;
  }

  /** Bytes of an incomplete message that are kept. */
  get held(): number {
    return this.#have;
  }

  /** Whether a message has begun and is not over. */
  get midway(): boolean {
    return this.#have > 0 || this.#rest > 0;
  }

  /** Reads nothing more and gives back what is kept. Whoever is finished calls it. */
  stop(): void {
    this.stopped = true;
    this.#giveBack(0);
    this.#have = 0;
  }

  feed(taker: FrameTaker, direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.stopped) return;
    if (this.#lost) {
      if (!taker.frameBegins(bytes, start, end)) return;
      this.#lost = false;
    }
    let at = start;
    while (at < end && !this.stopped) {
      if (this.#rest > 0) {
        const length = Math.min(this.#rest, end - at);
        this.#rest -= length;
        taker.frameRest(direction, bytes, at, at + length, ts);
        at += length;
        continue;
      }
      if (this.#have === 0) {
        const taken = this.#take(taker, direction, bytes, at, end, at, ts);
        if (taken < 0) return;
        if (taken > 0) {
          at += taken;
          continue;
        }
        if (!this.#hold(bytes, at, Math.min(end, at + this.#keepMax))) this.#lose(taker, direction, true, ts);
        return;
      }
      // A message that an earlier piece began: it grows by what is here, at most to what may be kept.
      const before = this.#have;
      if (!this.#hold(bytes, at, Math.min(end, at + this.#keepMax - before))) {
        this.#lose(taker, direction, true, ts);
        return;
      }
      const taken = this.#take(taker, direction, this.#held, 0, this.#have, at - before, ts);
      if (taken <= 0 || this.stopped) return;
      this.#have = 0;
      if (taken >= before) at += taken - before;
      else {
        // More was needed to decide than is shown: the rest of what was kept is bulk that passed already.
        this.#rest -= before - taken;
        taker.frameRest(direction, this.#held, taken, before, ts);
      }
      this.#giveBack(smallBytes);
    }
  }

  /** Bytes that will not come. */
  gap(taker: FrameTaker, direction: Direction, length: number, ts: Seconds): void {
    if (this.stopped || this.#lost) return;
    if (length <= this.#rest) {
      this.#rest -= length;
      taker.frameMissing(direction, length, ts);
      return;
    }
    if (this.#rest > 0) taker.frameMissing(direction, this.#rest, ts);
    this.#lose(taker, direction, true, ts);
  }

  /**
   * Shows the message at `at` of `bytes` if enough of it is there: the number of bytes that were taken, 0 for none, -1 where it
   * is lost. `origin` is where the message begins in the piece at hand, which may be before its start.
   */
  #take(
    taker: FrameTaker,
    direction: Direction,
    bytes: Uint8Array,
    at: number,
    end: number,
    origin: number,
    ts: Seconds,
  ): number {
    const length = taker.frameLength(bytes, at, end);
    if (length < 0) {
      this.#lose(taker, direction, false, ts);
      return -1;
    }
    const have = end - at;
    if (length === 0) {
      // Who needs more than is ever kept to know a length will not know it.
      if (have < this.#keepMax) return 0;
      this.#lose(taker, direction, false, ts);
      return -1;
    }
    const most = Math.min(length, this.#keepMax);
    let shown = taker.frameShown(bytes, at, Math.min(end, at + most), length);
    if (shown === 0 && have >= most) shown = most;
    if (shown === 0 || have < Math.min(shown, most)) return 0;
    shown = Math.min(shown, most);
    this.next = origin + shown;
    this.#rest = length - shown;
    taker.frame(direction, bytes, at, at + shown, length, ts);
    return shown;
  }

  #lose(taker: FrameTaker, direction: Direction, gap: boolean, ts: Seconds): void {
    this.#lost = true;
    this.#have = 0;
    this.#rest = 0;
    this.#giveBack(smallBytes);
    taker.frameLost(direction, gap, ts);
  }

  /** Adds to what is kept; false where all flows together keep too much already. */
  #hold(bytes: Uint8Array, at: number, end: number): boolean {
    const need = this.#have + end - at;
    if (this.#held.length < need) {
      const size = Math.min(this.#keepMax, Math.max(need * 2, 256));
      const growth = sizeCounted(size) - sizeCounted(this.#held.length);
      if (heldBytesTotal + growth > heldBytesTotalMax) return false;
      heldBytesTotal += growth;
      const larger = new Uint8Array(size);
      larger.set(this.#held.subarray(0, this.#have));
      this.#held = larger;
    }
    this.#held.set(bytes.subarray(at, end), this.#have);
    this.#have = need;
    return true;
  }

  /** Gives back a buffer that is larger than `keep`. */
  #giveBack(keep: number): void {
    if (this.#held.length <= keep) return;
    heldBytesTotal -= sizeCounted(this.#held.length);
    this.#held = nothing;
  }
}

/** Small buffers belong to the flow itself and are not counted. */
const sizeCounted = (size: number): number => (size > smallBytes ? size : 0);
