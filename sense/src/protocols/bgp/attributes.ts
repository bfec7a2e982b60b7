/**
 * Path attributes (RFC 4271 §4.3 and §5) with the treatment of those that are malformed (RFC 7606): discarded alone, all routes of the message taken
 * as withdrawn, or the session reset because nobody knows what the routes are.
 *
 *     ┌───────┬──────┬────────┬───────────┐
 *     │ flags │ type │ length │ value …   │     flags: optional 0x80, transitive 0x40, partial 0x20, length of two bytes 0x10
 *     └───────┴──────┴────────┴───────────┘
 */

import { formatAddress } from '@forewarn/base/ip';
import type { BgpAttributes } from '@forewarn/model/records/bgp';
import { addressOf, word16, word32 } from '../digits.ts';
import { joinPaths, lengthOf, originOf, pathText, readSegments, segmentsFit, type Segment } from './as-path.ts';
import { familyOf, origins } from './names.ts';

/** Communities of one kind, and reflectors, of one route that are written: as many as the centre keeps of one list. */
export const elementsMax = 1_000;

/** What is known of the session that an UPDATE belongs to. */
export type Reading = {
  /** Octets of a number in AS_PATH; 0 where nobody has seen what the session agreed on. */
  readonly octets: 0 | 2 | 4;
  /** Numbers may have four octets all the same: some collectors write them where the file says two. */
  readonly lenient?: boolean;
  /** In tables of MRT the attribute of other families has only the next hop (RFC 6396 §4.3.4). */
  readonly abbreviated?: boolean;
  /** Whether prefixes have path identifiers; `undefined` where nobody has seen it agreed. */
  addPath(family: number): boolean | undefined;
};

/** Prefixes of one family in MP_REACH_NLRI or MP_UNREACH_NLRI. */
export type Routes = {
  readonly family: number;
  readonly from: number;
  readonly to: number;
  readonly hop?: { readonly global: string | undefined; readonly linkLocal: string | undefined };
};

type Fields = { -readonly [K in keyof BgpAttributes]: BgpAttributes[K] };

/** How bad it is: nothing, an attribute is left out, routes count as withdrawn, the session would be reset. */
export type Harm = 0 | 1 | 2 | 3;
export const DISCARD = 1;
export const WITHDRAW = 2;
export const RESET = 3;

/** Attributes that are read: name, flags as specified (`optional`, `transitive`), and the harm done where they are malformed. */
const known: { readonly [type: number]: readonly [name: string, flags: number, harm: Harm] } = {
  1: ['origin', 0x40, WITHDRAW],
  2: ['as_path', 0x40, WITHDRAW],
  3: ['next_hop', 0x40, WITHDRAW],
  4: ['med', 0x80, WITHDRAW],
  5: ['local_pref', 0x40, WITHDRAW],
  6: ['atomic_aggregate', 0x40, DISCARD],
  7: ['aggregator', 0xc0, DISCARD],
  8: ['communities', 0xc0, WITHDRAW],
  9: ['originator_id', 0x80, WITHDRAW],
  10: ['cluster_list', 0x80, WITHDRAW],
  14: ['mp_reach_nlri', 0x80, RESET],
  15: ['mp_unreach_nlri', 0x80, RESET],
  16: ['ext_communities', 0xc0, WITHDRAW],
  17: ['as4_path', 0xc0, DISCARD],
  18: ['as4_aggregator', 0xc0, DISCARD],
  32: ['large_communities', 0xc0, WITHDRAW],
  35: ['only_to_customer', 0xc0, WITHDRAW],
};

/** Attributes that are specified and passed over: tunnels, AIGP, link states, BGPsec, segment routing, sets of attributes. */
const passed: ReadonlySet<number> = new Set([22, 23, 24, 25, 26, 27, 29, 33, 34, 36, 37, 40, 128]);

/** BGPsec_PATH stands in the place of AS_PATH (RFC 8205 §3). */
const bgpsecPath = 33;

/** The number that stands for one of four octets where there is room for two. */
const asTrans = 23_456;

export class Attributes {
  readonly fields: Fields = {};
  readonly errors: string[] = [];
  harm: Harm = 0;
  readonly reaches: Routes[] = [];
  readonly unreaches: Routes[] = [];
  /** Types that were there, in order. */
  readonly types: number[] = [];
  /** A list was longer than is written. */
  shortened = false;
  #path: readonly Segment[] | undefined;
  #four: readonly Segment[] | undefined;
  #octets: 2 | 4 = 4;
  /** The next hop of a table, whose prefix is of another family than NEXT_HOP. */
  #tableHop: Routes['hop'];
  #aggregator4: { as: number; address: string } | undefined;

  /** What RFC 7606 demands of a router, and why. */
  wrong(name: string, harm: Harm): void {
    if (!this.errors.includes(name)) this.errors.push(name);
    if (harm > this.harm) this.harm = harm;
  }

  has(type: number): boolean {
    return this.types.includes(type);
  }

  /** Reads the list from `start` to `end`. */
  read(bytes: Uint8Array, start: number, end: number, reading: Reading): this {
    const seen = new Set<number>();
    for (let at = start; at < end;) {
      const flags = bytes[at]!;
      const long = (flags & 0x10) !== 0;
      const head = long ? 4 : 3;
      const length = at + head > end ? -1 : long ? word16(bytes, at + 2) : bytes[at + 2]!;
      if (length < 0 || length > end - at - head) {
        // The rest of the list cannot be told apart; the routes behind it can (RFC 7606 §4).
        this.wrong('attributes', WITHDRAW);
        break;
      }
      const type = bytes[at + 1]!;
      const from = at + head;
      at = from + length;
      if (seen.has(type)) {
        // The first counts, and routes twice reset the session (RFC 7606 §3 g); they are told all the same.
        const routes = type === 14 || type === 15;
        this.wrong(known[type]?.[0] ?? `attribute ${type}`, routes ? RESET : DISCARD);
        if (!routes) continue;
      }
      seen.add(type);
      this.types.push(type);
      const entry = known[type];
      if (!entry) {
        if (!passed.has(type)) this.#unknown(type);
        continue;
      }
      const [name, specified, harm] = entry;
      if (!this.#value(type, bytes, from, from + length, reading)) this.wrong(name, harm);
      else if ((flags & 0xc0) !== specified) this.wrong(name, WITHDRAW);
    }
    this.#settle();
    return this;
  }

  /** RFC 7606 §3 d: what must stand beside routes that are announced. */
  demand(hop: boolean): void {
    if (!this.has(1)) this.wrong('origin', WITHDRAW);
    if (!this.has(2) && !this.has(bgpsecPath)) this.wrong('as_path', WITHDRAW);
    if (hop && !this.has(3)) this.wrong('next_hop', WITHDRAW);
  }

  #unknown(type: number): void {
    const { fields } = this;
    fields.unknown_attributes = [...(fields.unknown_attributes ?? []), type];
  }

  /** Reads one attribute; false where it is malformed. */
  #value(type: number, bytes: Uint8Array, from: number, to: number, reading: Reading): boolean {
    const { fields } = this;
    const length = to - from;
    switch (type) {
      case 1:
        if (length !== 1 || bytes[from]! > 2) return false;
        fields.origin = origins[bytes[from]!]!;
        return true;
      case 2:
        return this.#readPath(bytes, from, to, reading);
      case 3:
        if (length !== 4) return false;
        fields.next_hop = formatAddress(bytes, from, 4);
        return true;
      case 4:
        if (length !== 4) return false;
        fields.med = word32(bytes, from);
        return true;
      case 5:
        if (length !== 4) return false;
        fields.local_pref = word32(bytes, from);
        return true;
      case 6:
        fields.atomic_aggregate = true;
        return length === 0;
      case 7:
        if (length !== 6 && length !== 8) return false;
        fields.aggregator_as = length === 8 ? word32(bytes, from) : word16(bytes, from);
        fields.aggregator_ip = formatAddress(bytes, to - 4, 4);
        return true;
      case 8:
        fields.communities = this.#list(bytes, from, to, 4, (at) => `${word16(bytes, at)}:${word16(bytes, at + 2)}`);
        return length > 0 && length % 4 === 0;
      case 9:
        if (length !== 4) return false;
        fields.originator_id = formatAddress(bytes, from, 4);
        return true;
      case 10:
        fields.cluster_list = this.#list(bytes, from, to, 4, (at) => formatAddress(bytes, at, 4));
        return length > 0 && length % 4 === 0;
      case 14:
        return this.#readReach(bytes, from, to, reading);
      case 15:
        if (length < 3) return false;
        this.unreaches.push({ family: familyOf(word16(bytes, from), bytes[from + 2]!), from: from + 3, to });
        return true;
      case 16:
        fields.ext_communities = this.#list(bytes, from, to, 8, (at) => extendedCommunity(bytes, at));
        return length > 0 && length % 8 === 0;
      case 17:
        if (!segmentsFit(bytes, from, to, 4)) return false;
        // Confederations have no place in it (RFC 6793 §3).
        this.#four = readSegments(bytes, from, to, 4).filter((segment) => segment.type <= 2);
        return true;
      case 18:
        if (length !== 8) return false;
        this.#aggregator4 = { as: word32(bytes, from), address: formatAddress(bytes, from + 4, 4) };
        return true;
      case 32:
        fields.large_communities = this.#list(
          bytes,
          from,
          to,
          12,
          (at) => `${word32(bytes, at)}:${word32(bytes, at + 4)}:${word32(bytes, at + 8)}`,
        );
        return length > 0 && length % 12 === 0;
      case 35:
        if (length !== 4) return false;
        fields.only_to_customer = word32(bytes, from);
        return true;
    }
    return true;
  }

  #list(bytes: Uint8Array, from: number, to: number, size: number, told: (at: number) => string): string[] {
    const list: string[] = [];
    for (let at = from; at + size <= to; at += size) {
      if (list.length >= elementsMax) {
        this.shortened = true;
        break;
      }
      list.push(told(at));
    }
    return list;
  }

  #readPath(bytes: Uint8Array, from: number, to: number, { octets, lenient = false }: Reading): boolean {
    let size = octets === 0 ? 4 : octets;
    if (!segmentsFit(bytes, from, to, size)) {
      if (octets !== 0 && !lenient) return false;
      size = size === 4 ? 2 : 4;
      if (!segmentsFit(bytes, from, to, size)) return false;
    }
    this.#path = readSegments(bytes, from, to, size);
    this.#octets = size;
    return true;
  }

  /** MP_REACH_NLRI (RFC 4760 §3): family, next hop, a reserved byte, prefixes. */
  #readReach(bytes: Uint8Array, from: number, to: number, { abbreviated = false }: Reading): boolean {
    // Some collectors write the whole attribute into their tables all the same: then a family stands where the length of the next hop would.
    if (abbreviated && to > from && bytes[from] !== 0) {
      const length = bytes[from]!;
      if (from + 1 + length > to) return false;
      const hop = nextHop(bytes, from + 1, length);
      this.#tableHop = hop;
      return hop.global !== undefined;
    }
    if (to - from < 5) return false;
    const length = bytes[from + 3]!;
    const behind = from + 5 + length;
    if (behind > to) return false;
    const hop = nextHop(bytes, from + 4, length);
    this.reaches.push({ family: familyOf(word16(bytes, from), bytes[from + 2]!), from: behind, to, hop });
    if (abbreviated) this.#tableHop = hop;
    return true;
  }

  /** What several attributes say together. */
  #settle(): void {
    const { fields } = this;
    const hop = this.#tableHop;
    if (hop?.global !== undefined) fields.next_hop = hop.global;
    if (hop?.linkLocal !== undefined) fields.next_hop_link_local = hop.linkLocal;
    let path = this.#path;
    if (this.#octets === 2 && path) {
      // An aggregate made by a router of two octets makes what came before void (RFC 6793 §4.2.3).
      const replaced = this.#aggregator4 !== undefined && fields.aggregator_as !== undefined && fields.aggregator_as !== asTrans;
      if (!replaced) {
        if (this.#four) path = joinPaths(path, this.#four);
        if (this.#aggregator4 && fields.aggregator_as === asTrans) {
          fields.aggregator_as = this.#aggregator4.as;
          fields.aggregator_ip = this.#aggregator4.address;
        }
      }
    }
    if (!path) return;
    fields.as_path = pathText(path);
    fields.as_path_count = lengthOf(path);
    const origin = originOf(path);
    if (origin !== undefined) fields.origin_as = origin;
  }
}

/** The next hop of another family (RFC 2545 §3, 4364 §4.3.2, 8950): an address or two, or one behind a route distinguisher. */
function nextHop(bytes: Uint8Array, at: number, length: number): NonNullable<Routes['hop']> {
  const end = at + length;
  if (length === 4 || length === 16) return { global: addressOf(bytes, at, length, end), linkLocal: undefined };
  if (length === 12 || length === 24) return { global: addressOf(bytes, at + 8, length - 8, end), linkLocal: undefined };
  if (length === 32) return { global: formatAddress(bytes, at, 16), linkLocal: formatAddress(bytes, at + 16, 16) };
  if (length === 48) return { global: formatAddress(bytes, at + 8, 16), linkLocal: formatAddress(bytes, at + 32, 16) };
  return { global: undefined, linkLocal: undefined };
}

const kinds: { readonly [subtype: number]: string } = { 2: 'rt', 3: 'soo' };

/** Route targets and origins by name (RFC 4360 §4, 5668), others in hexadecimal. */
function extendedCommunity(bytes: Uint8Array, at: number): string {
  const type = bytes[at]! & 0x3f;
  const kind = kinds[bytes[at + 1]!];
  if (kind !== undefined && bytes[at]! < 0x40) {
    if (type === 0) return `${kind}:${word16(bytes, at + 2)}:${word32(bytes, at + 4)}`;
    if (type === 1) return `${kind}:${formatAddress(bytes, at + 2, 4)}:${word16(bytes, at + 6)}`;
    if (type === 2) return `${kind}:${word32(bytes, at + 2)}:${word16(bytes, at + 6)}`;
  }
  return `0x${word32(bytes, at).toString(16).padStart(8, '0')}${word32(bytes, at + 4)
    .toString(16)
    .padStart(8, '0')}`;
}
