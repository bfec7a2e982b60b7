/**
 * Databases of addresses (MaxMind DB 2.0, the format of GeoLite2, DB-IP, IPinfo and one's own): which region an address is said to be in,
 * and which autonomous system announces it. The file is a binary tree over the address's bits, then data, then what the file is.
 *
 *   │ tree: nodes of two records │ 16 zero bytes │ data │ 0xABCDEF "MaxMind.com" │ metadata │
 */

import { parseAddress } from '@forewarn/base/ip';

export type MmdbValue = string | number | bigint | boolean | Uint8Array | MmdbValue[] | { [name: string]: MmdbValue };

const marker = Uint8Array.of(0xab, 0xcd, 0xef, ...new TextEncoder().encode('MaxMind.com'));
/** The metadata stand in the last 128 KiB (specification, "Database Metadata"). */
const metadataMax = 128 * 1024;
/** Between the tree and the data. */
const separatorBytes = 16;
/** Real records are five deep; the reference library stops at 512, which a stack of ours need not hold. */
const depthMax = 32;
/** Values of one record: a city with all its names in all languages has under two hundred. */
const valuesMax = 10_000;

/** A text of a record; names of places and operators are under a hundred. */
const textMax = 64 * 1024;

export type Mmdb = {
  /** `GeoLite2-Country`, `DBIP-ASN-Lite`, …. */
  readonly type: string;
  /** When it was made, in seconds since 1970; 0 when it does not say. */
  readonly builtAt: number;
  /** The record of an address; `undefined` where there is none, or where it cannot be read. */
  find(address: string): MmdbValue | undefined;
};

/** Opens a database that lies in memory; `undefined` when it is none. Never throws. */
export function openMmdb(bytes: Uint8Array): Mmdb | undefined {
  const metadataAt = metadataOf(bytes);
  if (metadataAt < 0) return undefined;
  const metadata = new Reader(bytes.subarray(metadataAt)).read(0);
  if (!isMap(metadata)) return undefined;
  const nodes = Number(metadata['node_count']);
  const bits = Number(metadata['record_size']);
  const version = Number(metadata['ip_version']);
  if (!Number.isSafeInteger(nodes) || nodes <= 0 || ![24, 28, 32].includes(bits) || (version !== 4 && version !== 6))
    return undefined;
  if (Number(metadata['binary_format_major_version']) !== 2) return undefined;
  const treeBytes = (nodes * bits) / 4;
  if (treeBytes + separatorBytes > metadataAt) return undefined;
  const data = new Reader(bytes.subarray(treeBytes + separatorBytes, metadataAt));

  const record = (node: number, side: number): number => {
    const at = (node * bits) / 4;
    const byte = (i: number): number => bytes[at + i]!;
    if (bits === 24) return byte(3 * side) * 65536 + byte(3 * side + 1) * 256 + byte(3 * side + 2);
    if (bits === 32)
      return byte(4 * side) * 16777216 + byte(4 * side + 1) * 65536 + byte(4 * side + 2) * 256 + byte(4 * side + 3);
    // 28 bits: the middle byte holds the highest four of both.
    const high = side === 0 ? byte(3) >> 4 : byte(3) & 15;
    return high * 16777216 + byte(4 * side) * 65536 + byte(4 * side + 1) * 256 + byte(4 * side + 2);
  };

  return {
    type: typeof metadata['database_type'] === 'string' ? metadata['database_type'].slice(0, 200) : '',
    builtAt: Number(metadata['build_epoch'] ?? 0) || 0,
    find(address) {
      const parsed = parseAddress(address);
      if (!parsed || (parsed.length === 16 && version === 4)) return undefined;
      // In a tree of IPv6, IPv4 stands below ::/96.
      let path = parsed;
      if (parsed.length === 4 && version === 6) {
        path = new Uint8Array(16);
        path.set(parsed, 12);
      }
      let node = 0;
      for (let bit = 0; bit < path.length * 8 && node < nodes; bit++) {
        node = record(node, (path[bit >> 3]! >> (7 - (bit & 7))) & 1);
      }
      return node > nodes ? data.read(node - nodes - separatorBytes) : undefined;
    },
  };
}

export const isMap = (value: MmdbValue | undefined): value is { [name: string]: MmdbValue } =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array);

/** Behind the last marker; data may hold others. -1 when there is none. */
function metadataOf(bytes: Uint8Array): number {
  const first = Math.max(0, bytes.length - metadataMax);
  for (let at = bytes.length - marker.length; at >= first; at--) {
    if (marker.every((byte, i) => bytes[at + i] === byte)) return at + marker.length;
  }
  return -1;
}

/** Reads values of a data section. Each begins with a byte of its type (3 bits) and its size (5 bits). */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #left = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The value at an offset, or `undefined` when it is cut, unknown, too deep or too large. */
  read(offset: number): MmdbValue | undefined {
    this.#at = offset;
    this.#left = valuesMax;
    return this.#value(0, true);
  }

  #value(depth: number, mayPoint: boolean): MmdbValue | undefined {
    if (depth > depthMax || this.#left-- <= 0 || this.#at < 0 || this.#at >= this.#bytes.length) return undefined;
    const control = this.#bytes[this.#at++]!;
    let type = control >> 5;
    if (type === 1) {
      const target = this.#pointer(control);
      // A pointer to a pointer is not allowed (specification, "pointer"), and would be a way in circles.
      if (target === undefined || !mayPoint) return undefined;
      const back = this.#at;
      this.#at = target;
      const value = this.#value(depth + 1, false);
      this.#at = back;
      return value;
    }
    if (type === 0) type = 7 + (this.#bytes[this.#at++] ?? 255);
    const size = this.#size(control);
    if (size === undefined) return undefined;
    if (type === 7) return this.#map(size, depth);
    if (type === 11) return this.#list(size, depth);
    // A truth has its value in its size.
    if (type === 14) return size === 1;
    return this.#plain(type, size);
  }

  #plain(type: number, size: number): MmdbValue | undefined {
    const start = this.#at;
    const end = start + size;
    if (end > this.#bytes.length) return undefined;
    this.#at = end;
    if ((type === 2 || type === 4) && size > textMax) return undefined;
    if (type === 2) return new TextDecoder().decode(this.#bytes.subarray(start, end));
    if (type === 4) return this.#bytes.slice(start, end);
    if (type === 3) return size === 8 ? this.#view.getFloat64(start) : undefined;
    if (type === 15) return size === 4 ? this.#view.getFloat32(start) : undefined;
    const widest: { readonly [type: number]: number } = { 5: 2, 6: 4, 8: 4, 9: 8, 10: 16 };
    if (size > (widest[type] ?? -1)) return undefined;
    let whole = 0n;
    for (let i = start; i < end; i++) whole = (whole << 8n) | BigInt(this.#bytes[i]!);
    if (type === 8) return size === 4 ? Number(BigInt.asIntN(32, whole)) : Number(whole);
    return whole <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(whole) : whole;
  }

  #map(size: number, depth: number): MmdbValue | undefined {
    const map: { [name: string]: MmdbValue } = Object.create(null) as { [name: string]: MmdbValue };
    for (let i = 0; i < size; i++) {
      const key = this.#value(depth + 1, true);
      const value = typeof key === 'string' ? this.#value(depth + 1, true) : undefined;
      if (value === undefined) return undefined;
      map[key as string] = value;
    }
    return map;
  }

  #list(size: number, depth: number): MmdbValue | undefined {
    const list: MmdbValue[] = [];
    for (let i = 0; i < size; i++) {
      const value = this.#value(depth + 1, true);
      if (value === undefined) return undefined;
      list.push(value);
    }
    return list;
  }

  /** Sizes from 29 up stand in one to three further bytes. */
  #size(control: number): number | undefined {
    const size = control & 31;
    if (size < 29) return size;
    const count = size - 28;
    const value = this.#number(count);
    return value === undefined ? undefined : value + [29, 285, 65821][count - 1]!;
  }

  #pointer(control: number): number | undefined {
    const count = (control >> 3) & 3;
    if (count === 3) return this.#number(4);
    const value = this.#number(count + 1);
    return value === undefined ? undefined : (control & 7) * 256 ** (count + 1) + value + [0, 2048, 526336][count]!;
  }

  #number(count: number): number | undefined {
    if (this.#at + count > this.#bytes.length) return undefined;
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 256 + this.#bytes[this.#at++]!;
    return value;
  }
}
