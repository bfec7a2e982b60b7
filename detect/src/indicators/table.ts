/**
 * Millions of indicators in little memory: addresses, networks and hashes as bytes, names and URLs as characters, one entry after another in
 * blocks that never move, found through an open hash table of their places. Of each slot one byte of the hash stands apart, so that a
 * value that is not there – nearly all are not – costs one look into that table. Every hit is compared whole: none is false.
 */

import type { Credibility, IndicatorKind, Reliability } from '@forewarn/model/indicator';
import { instantMax } from '@forewarn/model/indicator';

/** What indicators of one list have in common; few different ones, shared by millions of values. */
export type IndicatorMeta = {
  /** The list's id; empty for lists of files. */
  readonly list: string;
  readonly source: string;
  readonly reliability: Reliability | undefined;
  readonly credibility: Credibility | undefined;
  /** 0 to 1. */
  readonly confidence: number | undefined;
  readonly technique: string | undefined;
  readonly note: string | undefined;
};

/** When a value holds, in seconds; whole ones are kept. */
export type Times = {
  readonly validFrom?: number | undefined;
  readonly validUntil?: number | undefined;
  readonly seenAt?: number | undefined;
};

/** An entry as it is read. */
export type Entry = { meta: IndicatorMeta; exact: boolean; validFrom: number; validUntil: number; seenAt: number | undefined };

/** Values kept; ten million mixed ones take 330 MB, and more than twice as many no organisation has shared yet. */
export const entriesMax = 25_000_000;

/** Different metas; notes make them many, about 200 bytes each. Beyond it values are kept without their notes. */
export const metasMax = 200_000;

/** Entries of one value: as many lists as may name it before the others are left out. */
export const sameValueMax = 32;

/** 4 MB a block: an entry has 4,030 bytes at most, so nothing is wasted at the ends. */
const blockBits = 22;
const blockBytes = 1 << blockBits;

const emptyBlock = new Uint8Array(0);

/** Places are 32 bits. */
const blocksMax = 1 << (32 - blockBits);

/** How a key is written; the first four are as long as their form says. */
export const forms = { address4: 0, address6: 1, network4: 2, network6: 3, domain: 4, url: 5, hash: 6 } as const;
export type Form = (typeof forms)[keyof typeof forms];
const fixedLength = [4, 16, 5, 17] as const;

export const kindOfForm: readonly IndicatorKind[] = ['address', 'address', 'network', 'network', 'domain', 'url', 'hash'];

/** Keys of so many bytes and more have their length in two bytes after this one. */
const longLength = 255;

const exactBit = 0x08;
const fromBit = 0x10;
const untilBit = 0x20;
const seenBit = 0x40;

export class IndicatorTable {
  #blocks: Uint8Array[] = [];
  #used: number[] = [];
  #size = 0;
  /** Place of an entry, meaningful where its tag is not 0. */
  #slots = new Uint32Array(1 << 13);
  #tags = new Uint8Array(1 << 13);
  #metas: (IndicatorMeta | undefined)[] = [];
  #entriesOf: number[] = [];
  #metaByKey = new Map<string, number>();
  #free: number[] = [];
  #dead = 0;
  #keyAt = 0;
  #last: { meta: IndicatorMeta; kept: IndicatorMeta; number: number } | undefined;

  readonly #seed: number;

  /** A seed that nobody outside knows keeps hostile lists from choosing values that fall into one place. */
  constructor(seed = 0) {
    this.#seed = seed;
  }

  /** Entries that are alive. */
  get size(): number {
    return this.#size - this.#dead;
  }

  /** Bytes of the table's own arrays. */
  get bytes(): number {
    return this.#blocks.length * blockBytes + this.#slots.byteLength + this.#tags.byteLength;
  }

  /** Adds a value; the same again changes nothing. Returns false when the table is full. */
  add(form: Form, key: Uint8Array, start: number, length: number, meta: IndicatorMeta, exact: boolean, times: Times): boolean {
    if (this.#size >= entriesMax) return false;
    const number = this.#meta(meta);
    const from = wholeSecond(times.validFrom, Math.floor);
    // Beyond what is kept, it holds for ever.
    const until = (times.validUntil ?? Infinity) > instantMax ? undefined : wholeSecond(times.validUntil, Math.ceil);
    const seen = wholeSecond(times.seenAt, Math.floor);
    const hash = hashOf(this.#seed, form, key, start, length);
    let same = 0;
    for (
      let slot = this.#next(hash, form, key, start, length, -1);
      slot >= 0;
      slot = this.#next(hash, form, key, start, length, slot)
    ) {
      const entry = this.#read(this.#slots[slot]!);
      const twin =
        entry.meta === this.#metas[number] &&
        entry.exact === exact &&
        entry.validFrom === (from ?? -Infinity) &&
        entry.validUntil === (until ?? Infinity) &&
        entry.seenAt === seen;
      if (twin || ++same >= sameValueMax) return true;
    }
    const place = this.#write(form, key, start, length, number, exact, from, until, seen);
    if (place < 0) return false;
    this.#entriesOf[number]!++;
    this.#size++;
    if (this.#size * 5 > this.#slots.length * 4) this.#grow(this.#slots.length * 2);
    else this.#insert(hash, place);
    return true;
  }

  /**
   * The entry of a value that weighs most, or `undefined` when there is none or all weigh less than 0. The entry is the caller's.
   */
  best(form: Form, key: Uint8Array, start: number, length: number, weigh: (entry: Entry) => number): Entry | undefined {
    const hash = hashOf(this.#seed, form, key, start, length);
    let slot = this.#next(hash, form, key, start, length, -1);
    if (slot < 0) return undefined;
    let found: Entry | undefined;
    let most = -1;
    for (; slot >= 0; slot = this.#next(hash, form, key, start, length, slot)) {
      const place = this.#slots[slot]!;
      if (!this.#alive(place)) continue;
      const entry = this.#read(place);
      const weight = weigh(entry);
      if (weight >= 0 && weight > most) {
        most = weight;
        found = entry;
      }
    }
    return found;
  }

  /** Whether a value stands in the table, and in which lists, whether they hold now or not. */
  all(form: Form, key: Uint8Array, start: number, length: number): Entry[] {
    const hash = hashOf(this.#seed, form, key, start, length);
    const found: Entry[] = [];
    for (
      let slot = this.#next(hash, form, key, start, length, -1);
      slot >= 0;
      slot = this.#next(hash, form, key, start, length, slot)
    ) {
      const place = this.#slots[slot]!;
      if (this.#alive(place)) found.push(this.#read(place));
    }
    return found;
  }

  /** Forgets all values of a list. Their room is given back when half of the table is such. */
  remove(list: string): void {
    for (const [key, number] of this.#metaByKey) {
      const meta = this.#metas[number];
      if (meta?.list !== list) continue;
      this.#metas[number] = undefined;
      this.#metaByKey.delete(key);
      this.#dead += this.#entriesOf[number]!;
    }
    if (this.#dead * 2 > this.#size) this.#compact();
  }

  #meta(meta: IndicatorMeta): number {
    // Lists repeat themselves: most values have the meta of the one before.
    const last = this.#last;
    if (last && this.#metas[last.number] === last.kept && sameMeta(last.meta, meta)) return last.number;
    const keyOf = (one: IndicatorMeta): string => JSON.stringify(Object.values(one).map((value) => value ?? null));
    let kept: IndicatorMeta = { ...meta };
    let key = keyOf(kept);
    let number = this.#metaByKey.get(key);
    if (number === undefined && this.#metaByKey.size >= metasMax && kept.note !== undefined) {
      kept = { ...kept, note: undefined };
      key = keyOf(kept);
      number = this.#metaByKey.get(key);
    }
    if (number === undefined) {
      number = this.#free.pop() ?? this.#metas.length;
      this.#metas[number] = kept;
      this.#entriesOf[number] = 0;
      this.#metaByKey.set(key, number);
    }
    this.#last = { meta, kept: this.#metas[number]!, number };
    return number;
  }

  #metaNumber(place: number): number {
    const block = this.#blocks[place >>> blockBits]!;
    let at = (place & (blockBytes - 1)) + 1;
    let number = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = block[at++]!;
      number |= (byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
  }

  #alive(place: number): boolean {
    return this.#metas[this.#metaNumber(place)] !== undefined;
  }

  #read(place: number): Entry {
    const block = this.#blocks[place >>> blockBits]!;
    let at = place & (blockBytes - 1);
    const head = block[at++]!;
    while (block[at++]! >= 0x80);
    const instant = (bit: number): number | undefined => {
      if ((head & bit) === 0) return undefined;
      at += 4;
      return word(block, at - 4);
    };
    const validFrom = instant(fromBit) ?? -Infinity;
    const validUntil = instant(untilBit) ?? Infinity;
    const seenAt = instant(seenBit);
    return {
      meta: this.#metas[this.#metaNumber(place)]!,
      exact: (head & exactBit) !== 0,
      validFrom,
      validUntil,
      seenAt,
    };
  }

  /** How long an entry's key is; where in its block it begins is then in `#keyAt`. */
  #keyOf(block: Uint8Array, offset: number): number {
    let at = offset;
    const head = block[at++]!;
    while (block[at++]! >= 0x80);
    if (head & fromBit) at += 4;
    if (head & untilBit) at += 4;
    if (head & seenBit) at += 4;
    const form = head & 7;
    if (form < fixedLength.length) {
      this.#keyAt = at;
      return fixedLength[form]!;
    }
    const length = block[at]!;
    this.#keyAt = at + (length < longLength ? 1 : 3);
    return length < longLength ? length : block[at + 1]! | (block[at + 2]! << 8);
  }

  #write(
    form: Form,
    key: Uint8Array,
    start: number,
    length: number,
    meta: number,
    exact: boolean,
    from: number | undefined,
    until: number | undefined,
    seen: number | undefined,
  ): number {
    const room = 1 + 4 + 12 + 3 + length;
    let number = this.#blocks.length - 1;
    if (number < 0 || this.#used[number]! + room > blockBytes) {
      if (this.#blocks.length >= blocksMax) return -1;
      number = this.#blocks.push(new Uint8Array(blockBytes)) - 1;
      this.#used[number] = 0;
    }
    const block = this.#blocks[number]!;
    const offset = this.#used[number]!;
    let at = offset;
    block[at++] =
      form |
      (exact ? exactBit : 0) |
      (from === undefined ? 0 : fromBit) |
      (until === undefined ? 0 : untilBit) |
      (seen === undefined ? 0 : seenBit);
    let rest = meta;
    for (; rest >= 0x80; rest >>>= 7) block[at++] = (rest & 0x7f) | 0x80;
    block[at++] = rest;
    for (const instant of [from, until, seen]) {
      if (instant === undefined) continue;
      block[at++] = instant & 0xff;
      block[at++] = (instant >>> 8) & 0xff;
      block[at++] = (instant >>> 16) & 0xff;
      block[at++] = instant >>> 24;
    }
    if (form >= fixedLength.length) {
      if (length < longLength) block[at++] = length;
      else {
        block[at++] = longLength;
        block[at++] = length & 0xff;
        block[at++] = length >>> 8;
      }
    }
    block.set(key.subarray(start, start + length), at);
    this.#used[number] = at + length;
    return (number * blockBytes + offset) >>> 0;
  }

  /** The next slot after `slot` (-1: the first) that holds the key, or -1. */
  #next(hash: number, form: Form, key: Uint8Array, start: number, length: number, slot: number): number {
    const mask = this.#slots.length - 1;
    const tag = tagOf(hash);
    for (let at = slot < 0 ? hash & mask : (slot + 1) & mask; ; at = (at + 1) & mask) {
      const there = this.#tags[at]!;
      if (there === 0) return -1;
      if (there === tag && this.#equals(this.#slots[at]!, form, key, start, length)) return at;
    }
  }

  #equals(place: number, form: Form, key: Uint8Array, start: number, length: number): boolean {
    const block = this.#blocks[place >>> blockBits]!;
    const offset = place & (blockBytes - 1);
    if ((block[offset]! & 7) !== form) return false;
    const stored = this.#keyOf(block, offset);
    if (stored !== length) return false;
    const at = this.#keyAt;
    for (let i = 0; i < length; i++) if (block[at + i] !== key[start + i]) return false;
    return true;
  }

  #insert(hash: number, place: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#tags[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = place;
    this.#tags[slot] = tagOf(hash);
  }

  /** Makes the slots anew from the entries, which stand one after the other. */
  #grow(slots: number): void {
    this.#slots = new Uint32Array(slots);
    this.#tags = new Uint8Array(slots);
    this.#walk((block, offset, place) => {
      const stored = this.#keyOf(block, offset);
      this.#insert(hashOf(this.#seed, (block[offset]! & 7) as Form, block, this.#keyAt, stored), place);
    });
  }

  #walk(see: (block: Uint8Array, offset: number, place: number) => void): void {
    for (const [number, block] of this.#blocks.entries()) {
      for (let offset = 0; offset < this.#used[number]!;) {
        const stored = this.#keyOf(block, offset);
        see(block, offset, (number * blockBytes + offset) >>> 0);
        offset = this.#keyAt + stored;
      }
    }
  }

  #compact(): void {
    const { blocks, used } = { blocks: this.#blocks, used: this.#used };
    this.#blocks = [];
    this.#used = [];
    this.#size -= this.#dead;
    this.#dead = 0;
    for (const [number, block] of blocks.entries()) {
      for (let offset = 0; offset < used[number]!;) {
        const stored = this.#keyOf(block, offset);
        const end = this.#keyAt + stored;
        this.#keep(block, offset, end);
        offset = end;
      }
      blocks[number] = emptyBlock;
    }
    this.#free = [...this.#metas.keys()].filter((number) => this.#metas[number] === undefined);
    let slots = 1 << 13;
    while (this.#size * 5 > slots * 4) slots *= 2;
    this.#grow(slots);
  }

  /** Copies a living entry to the end of the blocks. */
  #keep(block: Uint8Array, offset: number, end: number): void {
    let at = offset + 1;
    let number = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = block[at++]!;
      number |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    if (this.#metas[number] === undefined) return;
    let last = this.#blocks.length - 1;
    if (last < 0 || this.#used[last]! + (end - offset) > blockBytes) {
      last = this.#blocks.push(new Uint8Array(blockBytes)) - 1;
      this.#used[last] = 0;
    }
    this.#blocks[last]!.set(block.subarray(offset, end), this.#used[last]!);
    this.#used[last]! += end - offset;
  }
}

/** A whole second that 32 bits hold: between 1970 and 2106. */
function wholeSecond(at: number | undefined, round: (at: number) => number): number | undefined {
  return at === undefined || !Number.isFinite(at) ? undefined : Math.min(instantMax, Math.max(0, round(at)));
}

function sameMeta(a: IndicatorMeta, b: IndicatorMeta): boolean {
  return (
    a.list === b.list &&
    a.source === b.source &&
    a.reliability === b.reliability &&
    a.credibility === b.credibility &&
    a.confidence === b.confidence &&
    a.technique === b.technique &&
    a.note === b.note
  );
}

function word(block: Uint8Array, at: number): number {
  return (block[at]! | (block[at + 1]! << 8) | (block[at + 2]! << 16) | (block[at + 3]! << 24)) >>> 0;
}

const tagOf = (hash: number): number => hash >>> 24 || 1;

/** FNV-1a over the bytes, finished as in MurmurHash3, which spreads the low bits that a mask keeps. */
function hashOf(seed: number, form: Form, key: Uint8Array, start: number, length: number): number {
  let hash = 0x811c9dc5 ^ seed ^ form;
  for (let i = start; i < start + length; i++) hash = Math.imul(hash ^ key[i]!, 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
