/**
 * The flow table: flows in one typed buffer (`layout.ts`), found by an open-addressing index, ended by a timer wheel.
 *
 * Addresses are four 32-bit words; IPv4 stands in the last. The key of the packet at hand lies in `key`, in the
 * packet's direction; `find` answers the slot and sets `direction`.
 */

import type { Limits } from '../limits.ts';
import {
  bucket,
  fixed,
  flags,
  hashWord,
  idleMask,
  kind,
  last,
  next,
  number,
  oneWayBit,
  ports,
  previous,
  sixBit,
  start,
  stride,
} from './layout.ts';

/** Seconds around the wheel: more than the longest idle timeout; a later deadline is looked at again on its way. */
const wheelSize = 512;

export class FlowTable {
  /** The flows; replaced when the table grows, so read anew after every `create`. */
  words: Int32Array;
  doubles: Float64Array;
  /** Source (4), destination (4), ports, kind of the packet at hand. */
  readonly key = new Int32Array(10);
  /** After `find`: 0 where the packet's source is the flow's originator, else 1. */
  direction: 0 | 1 = 0;
  /** Live flows. */
  size = 0;
  /** Flows so far. */
  count = 0;
  /** Called with each slot that ends, before it is freed. */
  ended: (slot: number) => void = () => {};
  /** The next whole second at which the wheel has to turn: `advance` need not be called before. */
  nextTick = Number.NEGATIVE_INFINITY;

  readonly #flowsMax: number;
  readonly #seed: number;
  #capacity = 64;
  /** Slot + 1 and hash, alternating; 0 is free. */
  #index: Int32Array;
  #mask: number;
  #free: number[] = [];
  #used = 0;
  readonly #wheel = new Int32Array(wheelSize).fill(-1);
  #tick = 0;

  constructor(limits: Limits, seed: number) {
    this.#flowsMax = Math.max(1, limits.flowsMax);
    this.#capacity = Math.min(this.#capacity, this.#flowsMax);
    this.#seed = seed | 1;
    const buffer = new ArrayBuffer(this.#capacity * stride * 4);
    this.words = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.#mask = 256 - 1;
    this.#index = new Int32Array(256 * 2);
  }

  /** Whether there is no room for one more flow. */
  get full(): boolean {
    return this.size >= this.#flowsMax;
  }

  /**
   * The same number for both directions of a flow: each end is mixed with the seed by itself, and the two are added.
   * The seed keeps a stranger from choosing ports that all fall on one place.
   */
  hash(): number {
    const k = this.key;
    const seed = this.#seed;
    let a = Math.imul(k[3]! ^ seed, 0x9e3779b1);
    let b = Math.imul(k[7]! ^ seed, 0x9e3779b1);
    const kindOf = k[9]!;
    if (kindOf & sixBit) {
      a ^= Math.imul(k[0]! ^ 0x27d4eb2f, 0x85ebca6b) ^ Math.imul(k[1]! + seed, 0xc2b2ae35) ^ Math.imul(k[2]! ^ seed, 0x165667b1);
      b ^= Math.imul(k[4]! ^ 0x27d4eb2f, 0x85ebca6b) ^ Math.imul(k[5]! + seed, 0xc2b2ae35) ^ Math.imul(k[6]! ^ seed, 0x165667b1);
    }
    a = Math.imul(a ^ (a >>> 15) ^ (k[8]! >>> 16), 0x85ebca6b);
    b = Math.imul(b ^ (b >>> 15) ^ (k[8]! & 0xffff), 0x85ebca6b);
    a ^= a >>> 13;
    b ^= b >>> 13;
    let sum = (Math.imul(a, 0xc2b2ae35) + Math.imul(b, 0xc2b2ae35) + kindOf) | 0;
    sum ^= sum >>> 16;
    sum = Math.imul(sum, 0x7feb352d);
    return sum ^ (sum >>> 15);
  }

  /** The slot of the live flow with the key, or -1. */
  find(hash: number): number {
    const index = this.#index;
    const mask = this.#mask;
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const held = index[2 * i]!;
      if (held === 0) return -1;
      if (index[2 * i + 1] === hash) {
        const direction = this.#matches((held - 1) * stride);
        if (direction >= 0) {
          this.direction = direction as 0 | 1;
          return held - 1;
        }
      }
    }
  }

  #matches(base: number): number {
    const w = this.words;
    const k = this.key;
    const kindOf = k[9]!;
    if (w[base + kind] !== kindOf) return -1;
    const pair = k[8]!;
    const own = w[base + ports]!;
    if (own === pair && w[base + 3] === k[3] && w[base + 7] === k[7]) {
      if (!(kindOf & sixBit)) return 0;
      if (
        w[base] === k[0] &&
        w[base + 1] === k[1] &&
        w[base + 2] === k[2] &&
        w[base + 4] === k[4] &&
        w[base + 5] === k[5] &&
        w[base + 6] === k[6]
      ) {
        return 0;
      }
    }
    if (kindOf & oneWayBit) return -1;
    if (own === ((pair << 16) | (pair >>> 16)) && w[base + 3] === k[7] && w[base + 7] === k[3]) {
      if (!(kindOf & sixBit)) return 1;
      if (
        w[base] === k[4] &&
        w[base + 1] === k[5] &&
        w[base + 2] === k[6] &&
        w[base + 4] === k[0] &&
        w[base + 5] === k[1] &&
        w[base + 6] === k[2]
      ) {
        return 1;
      }
    }
    return -1;
  }

  /** Makes a flow of the key, its originator the packet's source. The caller sees to it that there is room (`full`). */
  create(hash: number, ts: number, idleSeconds: number): number {
    let slot = this.#free.pop();
    if (slot === undefined) {
      if (this.#used >= this.#capacity) this.#grow();
      slot = this.#used++;
    }
    const base = slot * stride;
    const w = this.words;
    w.fill(0, base, base + stride);
    const { key } = this;
    for (let i = 0; i < 10; i++) w[base + i] = key[i]!;
    w[base + hashWord] = hash;
    w[base + flags] = idleSeconds;
    w[base + bucket] = -1;
    const d = base >> 1;
    const f = this.doubles;
    f[d + (start >> 1)] = ts;
    f[d + (last >> 1)] = ts;
    f[d + (fixed >> 1)] = Number.POSITIVE_INFINITY;
    f[d + (number >> 1)] = this.count++;
    this.size++;
    this.#insert(slot, hash);
    this.schedule(slot);
    this.direction = 0;
    return slot;
  }

  #insert(slot: number, hash: number): void {
    const index = this.#index;
    const mask = this.#mask;
    let i = hash & mask;
    while (index[2 * i] !== 0) i = (i + 1) & mask;
    index[2 * i] = slot + 1;
    index[2 * i + 1] = hash;
  }

  #grow(): void {
    // Carriers of the packet at hand cannot be given up, so there may be a few flows more than the ceiling.
    const capacity = Math.max(Math.min(this.#capacity * 2, this.#flowsMax), this.#capacity + 16);
    const buffer = new ArrayBuffer(capacity * stride * 4);
    const words = new Int32Array(buffer);
    words.set(this.words);
    this.words = words;
    this.doubles = new Float64Array(buffer);
    this.#capacity = capacity;
    // At most half of the index is in use, so that probing stays short.
    let places = this.#mask + 1;
    while (places < capacity * 2) places *= 2;
    if (places > this.#mask + 1) {
      const old = this.#index;
      this.#mask = places - 1;
      this.#index = new Int32Array(places * 2);
      for (let i = 0; i < old.length; i += 2) if (old[i] !== 0) this.#insert(old[i]! - 1, old[i + 1]!);
    }
  }

  /** When the flow ends if no packet comes. */
  deadline(slot: number): number {
    const base = slot * stride;
    const d = base >> 1;
    const idle = this.doubles[d + (last >> 1)]! + (this.words[base + flags]! & idleMask);
    const limit = this.doubles[d + (fixed >> 1)]!;
    return idle < limit ? idle : limit;
  }

  /** Puts the flow into the wheel's bucket of its deadline, out of the one where it was. */
  schedule(slot: number): void {
    this.#unschedule(slot);
    const at = Math.ceil(this.deadline(slot));
    let ticks = at - this.#tick;
    if (!(ticks >= 1)) ticks = 1;
    else if (ticks >= wheelSize) ticks = wheelSize - 1;
    const place = (((this.#tick % wheelSize) + ticks) % wheelSize) | 0;
    const w = this.words;
    const base = slot * stride;
    const head = this.#wheel[place]!;
    w[base + bucket] = place;
    w[base + previous] = -1;
    w[base + next] = head;
    if (head >= 0) w[head * stride + previous] = slot;
    this.#wheel[place] = slot;
  }

  #unschedule(slot: number): void {
    const w = this.words;
    const base = slot * stride;
    const place = w[base + bucket]!;
    if (place < 0) return;
    const after = w[base + next]!;
    const before = w[base + previous]!;
    if (before >= 0) w[before * stride + next] = after;
    else this.#wheel[place] = after;
    if (after >= 0) w[after * stride + previous] = before;
    w[base + bucket] = -1;
  }

  /** Moves the time on and ends the flows whose deadline has come. A time that goes back is ignored. */
  advance(ts: number): void {
    if (!(ts >= this.nextTick)) return;
    const second = Math.floor(ts);
    if (this.nextTick === Number.NEGATIVE_INFINITY) {
      this.#tick = second;
      this.nextTick = second + 1;
      return;
    }
    const turns = Math.min(second - this.#tick, wheelSize);
    const from = this.#tick % wheelSize;
    this.#tick = second;
    this.nextTick = second + 1;
    for (let i = 1; i <= turns; i++) {
      const place = (from + i) % wheelSize;
      let slot = this.#wheel[place]!;
      if (slot < 0) continue;
      // The whole bucket is taken out first: a flow that lives on may come back into this very bucket.
      this.#wheel[place] = -1;
      while (slot >= 0) {
        const base = slot * stride;
        const after = this.words[base + next]!;
        this.words[base + bucket] = -1;
        if (this.deadline(slot) <= ts) this.remove(slot);
        else this.schedule(slot);
        slot = after;
      }
    }
  }

  /** Ends a flow and frees its slot. */
  remove(slot: number): void {
    this.ended(slot);
    this.#unschedule(slot);
    const index = this.#index;
    const mask = this.#mask;
    let i = this.words[slot * stride + hashWord]! & mask;
    while (index[2 * i] !== slot + 1) i = (i + 1) & mask;
    // Entries behind the hole that would no longer be found move into it (Knuth, volume 3, 6.4, algorithm R).
    let j = i;
    for (;;) {
      j = (j + 1) & mask;
      if (index[2 * j] === 0) break;
      const home = index[2 * j + 1]! & mask;
      if (i <= j ? i < home && home <= j : i < home || home <= j) continue;
      index[2 * i] = index[2 * j]!;
      index[2 * i + 1] = index[2 * j + 1]!;
      i = j;
    }
    index[2 * i] = 0;
    index[2 * i + 1] = 0;
    this.words[slot * stride + kind] = 0;
    this.#free.push(slot);
    this.size--;
  }

  /** The flow whose bucket comes up first, but none of `except`: the one to give up when there is no room. */
  nearest(except: readonly number[]): number {
    const from = this.#tick % wheelSize;
    for (let i = 0; i < wheelSize; i++) {
      let slot = this.#wheel[(from + i) % wheelSize]!;
      while (slot >= 0 && except.includes(slot)) slot = this.words[slot * stride + next]!;
      if (slot >= 0) return slot;
    }
    return -1;
  }

  /** Ends every flow, in the order in which they began. */
  removeAll(): void {
    const slots: number[] = [];
    for (const head of this.#wheel) {
      for (let slot = head; slot >= 0; slot = this.words[slot * stride + next]!) slots.push(slot);
    }
    const f = this.doubles;
    slots.sort((a, b) => f[(a * stride + number) >> 1]! - f[(b * stride + number) >> 1]!);
    for (const slot of slots) this.remove(slot);
  }
}
