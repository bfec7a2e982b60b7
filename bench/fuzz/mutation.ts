/**
 * How an input is damaged: in its bytes, with lengths that follow or lie, and in the order, direction and time of what arrives.
 * Everything follows from the dice, so that an input can be made again.
 */

import { damage, type Random } from '@forewarn/sense/testing/mutations';
import { concat } from '@forewarn/sense/testing/packets';
import type { Arrival } from '@forewarn/sense/protocols/trial';
import type { Input } from './family.ts';

/** Bytes of one input: a full hello with its certificates fits, and two million of them stay a matter of minutes. */
export const inputBytesMax = 8_192;

/** Arrivals of one input; the longest case has some thirty. */
export const arrivalsMax = 48;

/** One damaged input of this one; `others` are what pieces are taken from. */
export function mutate(input: Input, others: readonly Input[], dice: Random): Input {
  const arrivals = [...input.arrivals];
  // Light damage gets past the first check of a parser; heavy damage meets what a fuzzer from outside would send.
  const rounds = dice(4) === 0 ? 1 + dice(12) : 1 + dice(3);
  for (let round = 0; round < rounds && arrivals.length > 0; round++) {
    const n = dice(arrivals.length);
    const other = others[dice(others.length)]!;
    if (dice(10) < 3) rearrange(arrivals, n, other.arrivals, dice);
    else {
      const arrival = arrivals[n]!;
      if ('bytes' in arrival && arrival.bytes.length > 0) {
        arrivals[n] = { ...arrival, bytes: damaged(arrival.bytes, pieceOf(other, dice), dice) };
      }
    }
  }
  return { ...input, arrivals: within(arrivals) };
}

const nothing = new Uint8Array(1);

function pieceOf(input: Input, dice: Random): Uint8Array {
  const arrival = input.arrivals[dice(Math.max(1, input.arrivals.length))];
  return arrival && 'bytes' in arrival && arrival.bytes.length > 0 ? arrival.bytes : nothing;
}

/** What arrives is lost, repeated, exchanged, cut, turned round, delayed, or goes on as in another input. */
function rearrange(arrivals: Arrival[], n: number, other: readonly Arrival[], dice: Random): void {
  const arrival = arrivals[n]!;
  switch (dice(9)) {
    case 0:
      arrivals.splice(n, 1);
      return;
    case 1:
      for (let times = 1 + (dice(4) === 0 ? dice(12) : 0); times > 0; times--) arrivals.splice(n, 0, arrival);
      return;
    case 2: {
      const m = dice(arrivals.length);
      arrivals[n] = { ...arrivals[m]!, ts: arrival.ts };
      arrivals[m] = { ...arrival, ts: arrivals[m]!.ts };
      return;
    }
    case 3:
      if ('bytes' in arrival && arrival.bytes.length > 1) {
        const at = 1 + dice(arrival.bytes.length - 1);
        arrivals.splice(
          n,
          1,
          { ...arrival, bytes: arrival.bytes.subarray(0, at) },
          { ...arrival, bytes: arrival.bytes.subarray(at) },
        );
      }
      return;
    case 4:
      arrivals[n] = { ...arrival, direction: arrival.direction === 0 ? 1 : 0 };
      return;
    case 5:
      arrivals.splice(n, dice(2), {
        direction: arrival.direction,
        ts: arrival.ts,
        missing: [1, 2, 100, 1460, 65_536, 0x7fffffff][dice(6)]!,
      });
      return;
    case 6: {
      // The rest of the other, at the time of this.
      const from = dice(other.length + 1);
      arrivals.splice(n, arrivals.length, ...other.slice(from).map((each) => ({ ...each, ts: arrival.ts })));
      return;
    }
    case 7: {
      // Later, or earlier: clocks do both.
      const shift = [0.001, 1, 60, 400, 86_400, -1, -3600][dice(7)]!;
      for (let i = n; i < arrivals.length; i++) arrivals[i] = { ...arrivals[i]!, ts: arrivals[i]!.ts + shift };
      return;
    }
    default: {
      // What came in two pieces comes in one.
      const next = arrivals[n + 1];
      if (next && 'bytes' in next && 'bytes' in arrival && next.direction === arrival.direction) {
        arrivals.splice(n, 2, { ...arrival, bytes: concat(arrival.bytes, next.bytes) });
      }
    }
  }
}

/** Numbers that break arithmetic more often than others, as they stand in four or eight bytes. */
const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

/** The same in text. */
const extremeTexts = [
  '0',
  '-1',
  '65535',
  '65536',
  '2147483648',
  '4294967295',
  '9007199254740993',
  '99999999999999999999',
  '1e309',
  '',
];

/** One kind of damage to bytes. The answer is a copy – not by `slice`, which for a Buffer is none. */
function damaged(bytes: Uint8Array, other: Uint8Array, dice: Random): Uint8Array {
  const at = dice(3) === 0 ? dice(Math.min(bytes.length, 64)) : dice(bytes.length);
  switch (dice(16)) {
    case 0:
    case 1: {
      // A number of four or eight bytes in either order.
      const changed = new Uint8Array(bytes);
      const value = extremes[dice(extremes.length)]!;
      const little = dice(2) === 0;
      const high = dice(4) === 0 ? [0xffffffff, 0x7fffffff, 0x00200000][dice(3)]! : undefined;
      const digits = [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
      if (high !== undefined) digits.unshift(...[24, 16, 8, 0].map((shift) => (high >>> shift) & 255));
      if (little) digits.reverse();
      changed.set(digits.slice(0, bytes.length - at), at);
      return changed;
    }
    case 2: {
      // A number in text: the first digits from here on.
      let from = at;
      while (from < bytes.length && !isDigit(bytes[from]!)) from++;
      let to = from;
      while (to < bytes.length && isDigit(bytes[to]!)) to++;
      const text = extremeTexts[dice(extremeTexts.length)]!;
      return resized(bytes, from, to, Buffer.from(text, 'latin1'), dice);
    }
    case 3: {
      // A piece is repeated many times.
      const to = Math.min(bytes.length, at + 1 + dice(24));
      const times = 2 + dice(dice(4) === 0 ? 200 : 12);
      const piece = bytes.subarray(at, to);
      const many = new Uint8Array(Math.min(inputBytesMax, piece.length * times));
      for (let i = 0; i < many.length; i++) many[i] = piece[i % piece.length]!;
      return resized(bytes, at, to, many, dice);
    }
    case 4: {
      // A piece of another input is put in.
      const from = dice(other.length);
      return resized(bytes, at, at, other.subarray(from, from + 1 + dice(128)), dice);
    }
    case 5: {
      // A piece is replaced by one of another input.
      const from = dice(other.length);
      const to = Math.min(bytes.length, at + 1 + dice(64));
      return resized(bytes, at, to, other.subarray(from, from + 1 + dice(64)), dice);
    }
    case 6:
      return resized(bytes, at, Math.min(bytes.length, at + 1 + dice(48)), nothing.subarray(0, 0), dice);
    case 7: {
      const noise = new Uint8Array(1 + dice(48));
      for (let i = 0; i < noise.length; i++) noise[i] = dice(256);
      return resized(bytes, at, at, noise, dice);
    }
    case 8: {
      // A small step, up or down: lengths that are off by one.
      const changed = new Uint8Array(bytes);
      changed[at]! += dice(2) === 0 ? 1 : 255;
      return changed;
    }
    default: {
      const copy = new Uint8Array(bytes);
      return damage(copy, at, other, dice);
    }
  }
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** Puts bytes in place of `[from, to)`; in three of four cases the lengths that reach to the end of the message follow. */
function resized(bytes: Uint8Array, from: number, to: number, by: Uint8Array, dice: Random): Uint8Array {
  const changed = concat(bytes.subarray(0, from), by, bytes.subarray(to));
  const more = by.length - (to - from);
  if (more === 0 || dice(4) === 0) return changed;
  for (let at = Math.max(0, from - 96); at < from; at++) {
    // A byte, or two to four in either order, that say how much comes after them.
    for (let size = 1; size <= 4 && at + size <= from; size++) {
      const rest = bytes.length - at - size;
      const big = read(bytes, at, size, false);
      if (big === rest) write(changed, at, size, big + more, false);
      else if (size > 1 && read(bytes, at, size, true) === rest) write(changed, at, size, rest + more, true);
    }
  }
  return changed;
}

function read(bytes: Uint8Array, at: number, size: number, little: boolean): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + bytes[at + (little ? size - 1 - i : i)]!;
  return value;
}

function write(bytes: Uint8Array, at: number, size: number, value: number, little: boolean): void {
  for (let i = 0, rest = value; i < size; i++, rest = Math.floor(rest / 256))
    bytes[at + (little ? i : size - 1 - i)] = rest & 255;
}

/** What stays below the ceilings of an input. */
function within(arrivals: readonly Arrival[]): Arrival[] {
  const kept: Arrival[] = [];
  let room = inputBytesMax;
  for (const arrival of arrivals) {
    if (kept.length >= arrivalsMax || room <= 0) break;
    if (!('bytes' in arrival)) kept.push(arrival);
    else {
      kept.push(arrival.bytes.length > room ? { ...arrival, bytes: arrival.bytes.subarray(0, room) } : arrival);
      room -= arrival.bytes.length;
    }
  }
  return kept;
}
