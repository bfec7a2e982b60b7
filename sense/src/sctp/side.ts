/**
 * One direction of an association: DATA chunks put in the order of their numbers (TSN), and fragments of a message joined.
 *
 *     arrives:   7 · 9 · 10 · 8          shown:  7 · 8 · 9 · 10
 *                    └──┴── held above the hole until it is filled, acknowledged by the peer, or too much waits
 *
 * A hole that the peer acknowledges was filled where we could not see it, and is counted as missing.
 */

import type { Limits } from '../limits.ts';

/** The longest message that is joined: signalling stays below 10 KB, and Diameter answers below 64 KB. */
export const messageBytesMax = 65_536;

/** The ceilings of what waits, which are those of TCP: both hold payload above a hole until it is filled. */
export type SideLimits = Pick<Limits, 'pendingRangesMax' | 'pendingBytesPerDirectionMax' | 'pendingBytesMax'>;

/** What all associations of an engine hold. */
export type Store = { bytes: number };

/** What comes out of a direction. `bytes[start, end)` is valid only during the call. */
export type SideTarget = {
  message(payloadProtocol: number, bytes: Uint8Array, start: number, end: number): void;
  /** A message was longer than is joined. */
  tooLong(): void;
};

const beginning = 2;
const ending = 1;

/** Numbers of one window: a megabyte in chunks of one byte. */
const aheadMax = 1_048_576;

type Held = { bytes: Uint8Array; flags: number; payloadProtocol: number };

/** Whether number `a` comes before `b`, in numbers that turn over (RFC 1982). */
const before = (a: number, b: number): boolean => ((a - b) | 0) < 0;

export class Side {
  /** Outbound streams that the INIT asked for. */
  streams: number | undefined;
  /** Tag of the INIT, by which its repetition is known. */
  tag = 0;
  messages = 0;
  messageBytes = 0;
  retransmissions = 0;
  missing = 0;
  /** Next number in order; nothing until the INIT or the first DATA tell it. */
  #next: number | undefined;
  #held: Map<number, Held> | undefined;
  /** Fragments of the message at hand. */
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #joining = false;
  #heldBytes = 0;
  readonly #store: Store;
  readonly #limits: SideLimits;

  constructor(store: Store, limits: SideLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  /** The association begins, or begins anew. */
  begin(next: number): void {
    this.#release();
    this.#next = next >>> 0;
  }

  data(
    target: SideTarget,
    tsn: number,
    flags: number,
    payloadProtocol: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#next ??= tsn;
    if (tsn === this.#next) {
      this.#take(target, flags, payloadProtocol, bytes, start, end);
      this.#next = (tsn + 1) >>> 0;
      this.#drain(target);
      return;
    }
    // A number far ahead belongs to no window: the association has begun anew, and its INIT was not seen.
    if (!before(tsn, this.#next) && (tsn - this.#next) >>> 0 > aheadMax) {
      this.begin(tsn);
      this.data(target, tsn, flags, payloadProtocol, bytes, start, end);
      return;
    }
    const held = (this.#held ??= new Map());
    if (before(tsn, this.#next) || held.has(tsn)) {
      this.retransmissions++;
      return;
    }
    if (held.size >= this.#limits.pendingRangesMax || !this.#hold(end - start)) {
      this.#skipTo(target, this.#lowest(tsn));
      this.data(target, tsn, flags, payloadProtocol, bytes, start, end);
      return;
    }
    held.set(tsn, { bytes: bytes.slice(start, end), flags, payloadProtocol });
  }

  /** The peer has everything up to this number, or is told to do without. */
  acknowledged(target: SideTarget, tsn: number): void {
    // An acknowledgement of what no window holds is of another association, or a lie.
    if (this.#next === undefined || (tsn - this.#next) >>> 0 > aheadMax) return;
    while (!before(tsn, this.#next)) this.#skipTo(target, this.#lowest(tsn + 1));
  }

  /** Nothing more comes: what waits above holes is shown. */
  flush(target: SideTarget): void {
    while (this.#held && this.#held.size > 0) {
      let some = 0;
      for (const tsn of this.#held.keys()) {
        some = tsn;
        break;
      }
      this.#skipTo(target, this.#lowest(some));
    }
    this.#release();
  }

  /** Gives back what is held. */
  #release(): void {
    this.#held = undefined;
    this.#parts = [];
    this.#partBytes = 0;
    this.#joining = false;
    this.#store.bytes -= this.#heldBytes;
    this.#heldBytes = 0;
  }

  #hold(bytes: number): boolean {
    const { pendingBytesPerDirectionMax, pendingBytesMax } = this.#limits;
    if (this.#heldBytes + bytes > pendingBytesPerDirectionMax || this.#store.bytes + bytes > pendingBytesMax) return false;
    this.#store.bytes += bytes;
    this.#heldBytes += bytes;
    return true;
  }

  #giveBack(bytes: number): void {
    this.#store.bytes -= bytes;
    this.#heldBytes -= bytes;
  }

  /** The lowest number that is held, or `other` if that is lower. */
  #lowest(other: number): number {
    let lowest = other >>> 0;
    for (const tsn of this.#held?.keys() ?? []) if (before(tsn, lowest)) lowest = tsn;
    return lowest;
  }

  /** Gives up the hole before `tsn`. */
  #skipTo(target: SideTarget, tsn: number): void {
    this.missing += (tsn - this.#next!) >>> 0;
    this.#abandon();
    this.#next = tsn;
    this.#drain(target);
  }

  #drain(target: SideTarget): void {
    const held = this.#held;
    if (!held) return;
    for (let one = held.get(this.#next!); one; one = held.get(this.#next!)) {
      held.delete(this.#next!);
      this.#giveBack(one.bytes.length);
      this.#take(target, one.flags, one.payloadProtocol, one.bytes, 0, one.bytes.length);
      this.#next = (this.#next! + 1) >>> 0;
    }
  }

  /** The next chunk in order. Fragments of a message have numbers in a row (RFC 9260 §6.9). */
  #take(target: SideTarget, flags: number, payloadProtocol: number, bytes: Uint8Array, start: number, end: number): void {
    if ((flags & (beginning | ending)) === (beginning | ending)) {
      this.#abandon();
      this.#show(target, payloadProtocol, bytes, start, end);
      return;
    }
    if (flags & beginning) {
      this.#abandon();
      this.#joining = true;
    }
    if (!this.#joining) return;
    const length = end - start;
    if (this.#partBytes + length > messageBytesMax || !this.#hold(length)) {
      this.#abandon();
      target.tooLong();
      return;
    }
    this.#parts.push(bytes.slice(start, end));
    this.#partBytes += length;
    if (!(flags & ending)) return;
    const whole = new Uint8Array(this.#partBytes);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.#abandon();
    this.#show(target, payloadProtocol, whole, 0, whole.length);
  }

  #abandon(): void {
    if (!this.#joining) return;
    this.#giveBack(this.#partBytes);
    this.#parts = [];
    this.#partBytes = 0;
    this.#joining = false;
  }

  #show(target: SideTarget, payloadProtocol: number, bytes: Uint8Array, start: number, end: number): void {
    this.messages++;
    this.messageBytes += end - start;
    target.message(payloadProtocol, bytes, start, end);
  }
}
