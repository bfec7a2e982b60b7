/**
 * The flow table: flows in one buffer (`layout.ts`), found by an open-addressing index, ended by a timer wheel.
 *
 * Addresses are four 32-bit words; IPv4 stands in the last. The key of the packet at hand lies in `key`, in the packet's direction;
 * `find` answers the slot and sets `direction`.
 */

import * as host from './host';
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
} from '../src/flow/layout';
import { wheelSize } from '../src/core/places';
import { f, indexAt, key, keyAt, setF, setW, tableAt, w, wheelAt } from './memory';

/** After `find`: 0 where the packet's source is the flow's originator, else 1. */
export let direction: i32 = 0;
/** Live flows. */
export let size: i32 = 0;
/** Flows so far. */
export let count: f64 = 0;
/** The next whole second at which the wheel has to turn: `advance` need not be called before. */
export let nextTick: f64 = -Infinity;

let flowsMax: i32 = 0;
let seed: i32 = 1;
let mask: i32 = 255;
/** Slots that were freed, as a chain through `next`; -1 ends it. */
let free: i32 = -1;
let used: i32 = 0;
/** The second at which the wheel stands. */
export let tick: f64 = 0;

/** Stands in `bucket` of a slot that is free. */
const freeSlot: i32 = -3;

/** Empties the table for another reading. */
export function begin(seedOf: i32, most: i32): void {
  seed = seedOf | 1;
  flowsMax = most;
  memory.fill(indexAt, 0, (<usize>mask + 1) << 3);
  mask = 255;
  memory.fill(indexAt, 0, 256 << 3);
  memory.fill(wheelAt, 0xff, (<usize>wheelSize) << 2);
  direction = 0;
  size = 0;
  count = 0;
  nextTick = -Infinity;
  free = -1;
  used = 0;
  tick = 0;
}

export function setDirection(to: i32): void {
  direction = to;
}

function wheel(place: i32): i32 {
  return load<i32>(wheelAt + ((<usize>place) << 2));
}
function setWheel(place: i32, slot: i32): void {
  store<i32>(wheelAt + ((<usize>place) << 2), slot);
}

/**
 * The same number for both directions of a flow: each end is mixed with the seed by itself, and the two are added. The seed keeps a
 * stranger from choosing ports that all fall on one place.
 */
export function hash(): i32 {
  let a = (key(3) ^ seed) * 0x9e3779b1;
  let b = (key(7) ^ seed) * 0x9e3779b1;
  const kindOf = key(9);
  if (kindOf & sixBit) {
    a ^= ((key(0) ^ 0x27d4eb2f) * 0x85ebca6b) ^ ((key(1) + seed) * 0xc2b2ae35) ^ ((key(2) ^ seed) * 0x165667b1);
    b ^= ((key(4) ^ 0x27d4eb2f) * 0x85ebca6b) ^ ((key(5) + seed) * 0xc2b2ae35) ^ ((key(6) ^ seed) * 0x165667b1);
  }
  a = (a ^ (a >>> 15) ^ (key(8) >>> 16)) * 0x85ebca6b;
  b = (b ^ (b >>> 15) ^ (key(8) & 0xffff)) * 0x85ebca6b;
  a ^= a >>> 13;
  b ^= b >>> 13;
  let sum = a * 0xc2b2ae35 + b * 0xc2b2ae35 + kindOf;
  sum ^= sum >>> 16;
  sum *= 0x7feb352d;
  return sum ^ (sum >>> 15);
}

/**
 * Which of `parts` readers of the same capture has the packet of the key: all packets between two hosts have the same one, so that
 * pieces of datagrams, and flows that announce one another, meet there. Addresses are mixed as in `hash`, written out again: a function of its
 * own that both call is not inlined, and costs the path of every packet a twentieth.
 */
export function partOf(parts: i32): i32 {
  let a = (key(3) ^ seed) * 0x9e3779b1;
  let b = (key(7) ^ seed) * 0x9e3779b1;
  if (key(9) & sixBit) {
    a ^= ((key(0) ^ 0x27d4eb2f) * 0x85ebca6b) ^ ((key(1) + seed) * 0xc2b2ae35) ^ ((key(2) ^ seed) * 0x165667b1);
    b ^= ((key(4) ^ 0x27d4eb2f) * 0x85ebca6b) ^ ((key(5) + seed) * 0xc2b2ae35) ^ ((key(6) ^ seed) * 0x165667b1);
  }
  let sum = (a ^ (a >>> 15)) + (b ^ (b >>> 15));
  sum ^= sum >>> 16;
  sum *= 0x7feb352d;
  return <i32>((<u64>(<u32>sum) * <u64>parts) >>> 32);
}

function heldAt(i: i32): i32 {
  return load<i32>(indexAt + ((<usize>i) << 3));
}
function hashAt(i: i32): i32 {
  return load<i32>(indexAt + ((<usize>i) << 3) + 4);
}
function setIndex(i: i32, holds: i32, hashOf: i32): void {
  store<i32>(indexAt + ((<usize>i) << 3), holds);
  store<i32>(indexAt + ((<usize>i) << 3) + 4, hashOf);
}

/** The slot of the live flow with the key, or -1. */
export function find(hashOf: i32): i32 {
  let i = hashOf & mask;
  while (true) {
    const holds = heldAt(i);
    if (holds == 0) return -1;
    if (hashAt(i) == hashOf) {
      const way = matches((holds - 1) * stride);
      if (way >= 0) {
        direction = way;
        return holds - 1;
      }
    }
    i = (i + 1) & mask;
  }
}

function matches(base: i32): i32 {
  const kindOf = key(9);
  if (w(base + kind) != kindOf) return -1;
  const pair = key(8);
  const own = w(base + ports);
  if (own == pair && w(base + 3) == key(3) && w(base + 7) == key(7)) {
    if (!(kindOf & sixBit)) return 0;
    if (
      w(base) == key(0) &&
      w(base + 1) == key(1) &&
      w(base + 2) == key(2) &&
      w(base + 4) == key(4) &&
      w(base + 5) == key(5) &&
      w(base + 6) == key(6)
    )
      return 0;
  }
  if (kindOf & oneWayBit) return -1;
  if (own == rotl<i32>(pair, 16) && w(base + 3) == key(7) && w(base + 7) == key(3)) {
    if (!(kindOf & sixBit)) return 1;
    if (
      w(base) == key(4) &&
      w(base + 1) == key(5) &&
      w(base + 2) == key(6) &&
      w(base + 4) == key(0) &&
      w(base + 5) == key(1) &&
      w(base + 6) == key(2)
    )
      return 1;
  }
  return -1;
}

/** Makes a flow of the key, its originator the packet's source; the host makes room first where there is none. */
export function create(hashOf: i32, ts: f64, idleSeconds: i32, numbered: f64): i32 {
  if (size >= flowsMax) host.full();
  let slot = free;
  if (slot >= 0) free = w(slot * stride + next);
  else {
    slot = used++;
    // At most half of the index is in use, so that probing stays short.
    if (used * 2 > mask) grow();
  }
  const base = slot * stride;
  const place = tableAt + ((<usize>base) << 2);
  memory.fill(place, 0, (<usize>stride) << 2);
  memory.copy(place, keyAt, 40);
  setW(base + hashWord, hashOf);
  setW(base + flags, idleSeconds);
  setW(base + bucket, -1);
  setF(base + start, ts);
  setF(base + last, ts);
  setF(base + fixed, Infinity);
  setF(base + number, numbered);
  count++;
  size++;
  insert(slot, hashOf);
  schedule(slot);
  direction = 0;
  return slot;
}

function insert(slot: i32, hashOf: i32): void {
  let i = hashOf & mask;
  while (heldAt(i) != 0) i = (i + 1) & mask;
  setIndex(i, slot + 1, hashOf);
}

/** Doubles the index in its place. */
function grow(): void {
  mask = mask * 2 + 1;
  memory.fill(indexAt, 0, (<usize>mask + 1) << 3);
  for (let slot = 0; slot < used - 1; slot++) {
    const base = slot * stride;
    if (w(base + bucket) != freeSlot) insert(slot, w(base + hashWord));
  }
}

/** When the flow ends if no packet comes. */
export function deadline(slot: i32): f64 {
  const base = slot * stride;
  const idle = f(base + last) + <f64>(w(base + flags) & idleMask);
  const limit = f(base + fixed);
  return idle < limit ? idle : limit;
}

/** Puts the flow into the wheel's bucket of its deadline, out of the one where it was. */
export function schedule(slot: i32): void {
  unschedule(slot);
  const ahead = Math.ceil(deadline(slot)) - tick;
  let ticks: i32 = 1;
  if (ahead >= <f64>wheelSize) ticks = wheelSize - 1;
  else if (ahead >= 1) ticks = <i32>ahead;
  const place = (place0() + ticks) % wheelSize;
  const base = slot * stride;
  const head = wheel(place);
  setW(base + bucket, place);
  setW(base + previous, -1);
  setW(base + next, head);
  if (head >= 0) setW(head * stride + previous, slot);
  setWheel(place, slot);
}

/** The wheel's bucket of the present second. */
function place0(): i32 {
  const place = <i32>(tick % <f64>wheelSize);
  return place < 0 ? place + wheelSize : place;
}

function unschedule(slot: i32): void {
  const base = slot * stride;
  const place = w(base + bucket);
  if (place < 0) return;
  const after = w(base + next);
  const before = w(base + previous);
  if (before >= 0) setW(before * stride + next, after);
  else setWheel(place, after);
  if (after >= 0) setW(after * stride + previous, before);
  setW(base + bucket, -1);
}

/** Moves the time on and ends the flows whose deadline has come. A time that goes back is ignored. */
export function advance(ts: f64): void {
  if (!(ts >= nextTick)) return;
  const second = Math.floor(ts);
  if (nextTick == -Infinity) {
    tick = second;
    nextTick = second + 1;
    return;
  }
  const from = place0();
  const passed = second - tick;
  const turns = passed < <f64>wheelSize ? <i32>passed : wheelSize;
  tick = second;
  nextTick = second + 1;
  for (let i = 1; i <= turns; i++) {
    const place = (from + i) % wheelSize;
    let slot = wheel(place);
    if (slot < 0) continue;
    // The whole bucket is taken out first: a flow that lives on may come back into this very bucket.
    setWheel(place, -1);
    while (slot >= 0) {
      const base = slot * stride;
      const after = w(base + next);
      setW(base + bucket, -1);
      if (deadline(slot) <= ts) remove(slot);
      else schedule(slot);
      slot = after;
    }
  }
}

/** Ends a flow and frees its slot. */
export function remove(slot: i32): void {
  host.ended(slot);
  unschedule(slot);
  const base = slot * stride;
  let i = w(base + hashWord) & mask;
  while (heldAt(i) != slot + 1) i = (i + 1) & mask;
  // Entries behind the hole that would no longer be found move into it (Knuth, volume 3, 6.4, algorithm R).
  let j = i;
  for (;;) {
    j = (j + 1) & mask;
    if (heldAt(j) == 0) break;
    const home = hashAt(j) & mask;
    if (i <= j ? i < home && home <= j : i < home || home <= j) continue;
    setIndex(i, heldAt(j), hashAt(j));
    i = j;
  }
  setIndex(i, 0, 0);
  setW(base + bucket, freeSlot);
  setW(base + next, free);
  free = slot;
  size--;
}
