/**
 * Payload of TCP above holes: kept until the hole is filled, or until the peer acknowledges beyond it, which makes the hole loss. The
 * core follows TCP and says when payload does not come in order.
 */

import type { Core } from '../core/core.ts';
import * as at from '../flow/layout.ts';
import type { Limits } from '../limits.ts';
import { tcpOddities } from './oddities.ts';
import { Pending } from './pending.ts';

/** Who takes the payload. `wants` tells whether bytes above a hole are worth keeping. */
export type HeldTarget = {
  wants(slot: number): boolean;
  data(slot: number, direction: 0 | 1, bytes: Uint8Array, start: number, end: number, ts: number): void;
  gap(slot: number, direction: 0 | 1, length: number, ts: number): void;
};

const excessive = tcpOddities.indexOf('excessive_data_above_hole');
const inconsistent = tcpOddities.indexOf('rexmit_inconsistency');

export class Held {
  readonly #target: HeldTarget;
  readonly #limits: Limits;
  readonly #pending = new Map<number, Pending>();
  /** Set once, before the first packet: the core is made with this as a part of its host. */
  core!: Core;
  /** Bytes held of all flows. */
  bytes = 0;
  #ts = 0;

  constructor(limits: Limits, target: HeldTarget) {
    this.#limits = limits;
    this.#target = target;
  }

  /** Payload of which bytes from `from` on are new: `sequenceIn` is the number of its first, which stands at `payload` of the memory. */
  outOfOrder(slot: number, direction: 0 | 1, from: number, sequenceIn: number, length: number, payload: number): void {
    const { words: w, doubles: f, bytes } = this.core;
    this.#ts = this.core.now;
    const e = slot * at.stride + at.endpoints + direction * at.endpointStride;
    const upper = sequenceIn + length;
    const d = (e + at.delivered) >> 1;
    const delivered = f[d]!;
    let pending = w[e + at.state]! & at.hasPending ? this.#pending.get(slot * 2 + direction) : undefined;
    if (from <= delivered) {
      const start = payload + (delivered - sequenceIn);
      // What was held above the hole came first and stays; the packet fills up to it.
      const first = pending!.ranges[0]!;
      const fill = Math.min(upper, first.sequence);
      f[d] = fill;
      if (this.#target.wants(slot)) this.#target.data(slot, direction, bytes, start, start + fill - delivered, this.#ts);
      if (upper > fill) this.#hold(slot, direction, pending!, fill, upper, payload + fill - sequenceIn);
      this.#drain(slot, direction, e, pending!);
      return;
    }
    if (!pending) {
      pending = new Pending();
      this.#pending.set(slot * 2 + direction, pending);
      w[e + at.state]! |= at.hasPending;
    }
    this.#hold(slot, direction, pending, from, upper, payload + from - sequenceIn);
  }

  #hold(slot: number, direction: 0 | 1, pending: Pending, sequence: number, upper: number, start: number): void {
    const limits = this.#limits;
    const before = pending.bytes;
    const content = this.#target.wants(slot) ? this.core.bytes : undefined;
    if (pending.insert(sequence, upper, content, start)) this.core.call.note(slot, inconsistent, this.#ts);
    this.bytes += pending.bytes - before;
    while (
      pending.bytes > limits.pendingBytesPerDirectionMax ||
      pending.ranges.length > limits.pendingRangesMax ||
      (this.bytes > limits.pendingBytesMax && pending.ranges.length > 0)
    ) {
      // No room to wait longer: the first hole is given up as if it had been acknowledged.
      this.core.call.note(slot, excessive, this.#ts);
      this.#giveUp(slot, direction, pending.ranges[0]!.sequence + 1);
    }
  }

  /** The peer has acknowledged everything below `upTo`. */
  giveUp(slot: number, direction: 0 | 1, upTo: number): void {
    this.#ts = this.core.now;
    this.#giveUp(slot, direction, upTo);
  }

  /** Everything missing below `upTo` will not come: holes become gaps, what lies between is delivered. */
  #giveUp(slot: number, direction: 0 | 1, upTo: number): void {
    const f = this.core.doubles;
    const e = slot * at.stride + at.endpoints + direction * at.endpointStride;
    const d = (e + at.delivered) >> 1;
    const pending = this.#pending.get(slot * 2 + direction);
    if (pending) {
      for (;;) {
        const first = pending.ranges[0];
        if (first === undefined || first.sequence >= upTo) break;
        const delivered = f[d]!;
        if (first.sequence > delivered) {
          f[d] = first.sequence;
          this.core.call.lose(slot, direction, first.sequence - delivered);
        }
        this.#drain(slot, direction, e, pending);
      }
    }
    const delivered = f[d]!;
    if (upTo > delivered) {
      f[d] = upTo;
      this.core.call.lose(slot, direction, upTo - delivered);
      if (pending) this.#drain(slot, direction, e, pending);
    }
  }

  /** Delivers what is now in order. */
  #drain(slot: number, direction: 0 | 1, e: number, pending: Pending): void {
    const f = this.core.doubles;
    const d = (e + at.delivered) >> 1;
    for (;;) {
      const first = pending.ranges[0];
      if (first === undefined || first.sequence > f[d]!) break;
      const before = pending.bytes;
      pending.shift();
      this.bytes += pending.bytes - before;
      const delivered = f[d]!;
      if (first.upper <= delivered) continue;
      f[d] = first.upper;
      if (first.bytes) this.#target.data(slot, direction, first.bytes, delivered - first.sequence, first.bytes.length, this.#ts);
      else if (this.#target.wants(slot)) this.#target.gap(slot, direction, first.upper - delivered, this.#ts);
    }
    if (pending.ranges.length === 0) {
      this.#pending.delete(slot * 2 + direction);
      this.core.words[e + at.state]! &= ~at.hasPending;
    }
  }

  /** The ends of the flow changed places. */
  flip(slot: number): void {
    const origin = this.#pending.get(slot * 2);
    const response = this.#pending.get(slot * 2 + 1);
    this.#pending.delete(slot * 2);
    this.#pending.delete(slot * 2 + 1);
    if (origin) this.#pending.set(slot * 2 + 1, origin);
    if (response) this.#pending.set(slot * 2, response);
  }

  /** Gives back what is held for a flow that ends; bytes above a hole are delivered behind the gap before it. */
  finish(slot: number, ts: number): void {
    this.#ts = ts;
    const w = this.core.words;
    const base = slot * at.stride;
    for (let direction = 0; direction < 2; direction++) {
      const e = base + at.endpoints + direction * at.endpointStride;
      if (!(w[e + at.state]! & at.hasPending)) continue;
      const pending = this.#pending.get(slot * 2 + direction);
      if (!pending) continue;
      const f = this.core.doubles;
      while (pending.ranges.length > 0) {
        const first = pending.ranges[0]!;
        const delivered = f[(e + at.delivered) >> 1]!;
        if (first.sequence > delivered) {
          // Not counted as missed: the capture ended before anyone said that the bytes had arrived.
          f[(e + at.delivered) >> 1] = first.sequence;
          this.#target.gap(slot, direction as 0 | 1, first.sequence - delivered, ts);
        }
        this.#drain(slot, direction as 0 | 1, e, pending);
      }
    }
  }
}
