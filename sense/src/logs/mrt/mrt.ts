/**
 * MRT files (RFC 6396, 6397, 8050), as route collectors (RIPE RIS, RouteViews) and routing software write them: messages of BGP with who sent them to
 * whom, changes of state, and tables of routes. Messages are read by the parsers of the wire.
 *
 *     ┌──────┬──────┬─────────┬────────┬──────────────┬────────┐
 *     │ time │ type │ subtype │ length │ microseconds │ body … │
 *     └──────┴──────┴─────────┴────────┴──────────────┴────────┘
 *                                        extended time
 */

import { formatAddress } from '@forewarn/base/ip';
import type { BgpPeering, BgpSessionRecord } from '@forewarn/model/records/bgp';
import type { AnyRecord } from '@forewarn/model/records/record';
import { word16, word32 } from '../../protocols/digits.ts';
import type { Reading } from '../../protocols/bgp/attributes.ts';
import { fits, headerBytes as messageHeadBytes, readMessage } from '../../protocols/bgp/message.ts';
import { states } from '../../protocols/bgp/names.ts';
import type { Head, Reader } from '../../protocols/bgp/update.ts';
import type { LogEmit, LogFormat, LogReader, LogSource } from '../format.ts';
import { readIndex, readRib, readTableDump, type Index } from './tables.ts';

const headerBytes = 12;
const recordBytesMax = 4_194_304;

/** The ceilings of this reader, for the reference. */
export const limits = [
  {
    name: 'mrt.recordBytesMax',
    value: recordBytesMax,
    unit: 'bytes of one record',
    why: 'A prefix with the routes of a thousand peers has some 150 KB, the index of as many peers 25 KB; longer records are passed over and counted.',
  },
] as const;

const TABLE_DUMP = 12;
const TABLE_DUMP_V2 = 13;
const BGP4MP = 16;
const BGP4MP_ET = 17;

/** Of BGP4MP: octets of numbers, and whether it is a message, with path identifiers, sent by the collector (RFC 6396 §4.4, RFC 8050 §3). */
type Kind = { readonly octets: 2 | 4; readonly message: boolean; readonly addPath: boolean; readonly local: boolean };
const kinds = new Map<number, Kind>(
  [
    [0, 2, false, false, false],
    [1, 2, true, false, false],
    [4, 4, true, false, false],
    [5, 4, false, false, false],
    [6, 2, true, false, true],
    [7, 4, true, false, true],
    [8, 2, true, true, false],
    [9, 4, true, true, false],
    [10, 2, true, true, true],
    [11, 4, true, true, true],
  ].map(([subtype, octets, message, addPath, local]) => [subtype, { octets, message, addPath, local } as Kind] as const) as [
    number,
    Kind,
  ][],
);

/** Before 1990 there was neither BGP nor MRT. */
const minimumSeconds = 631_152_000;

/** Types that there are (RFC 6396 §4): of OSPF, IS-IS and BGP, those of extended time included. */
const types: ReadonlySet<number> = new Set([11, TABLE_DUMP, TABLE_DUMP_V2, BGP4MP, BGP4MP_ET, 32, 33, 48, 49]);

const isHead = (bytes: Uint8Array, at: number): boolean =>
  word32(bytes, at) >= minimumSeconds && types.has(word16(bytes, at + 4)) && word32(bytes, at + 8) <= recordBytesMax;

/** The body of a record of ours begins as its type demands. */
function isBody(bytes: Uint8Array): boolean {
  const type = word16(bytes, 4);
  const subtype = word16(bytes, 6);
  const length = word32(bytes, 8);
  const from = headerBytes + (type === BGP4MP_ET ? 4 : 0);
  if (type === TABLE_DUMP) {
    const size = subtype === 1 || subtype === 3 ? 4 : 16;
    return subtype >= 1 && subtype <= 4 && length >= 14 + 2 * size && (bytes[from + 4 + size] ?? 0) <= size * 8;
  }
  if (type === TABLE_DUMP_V2) {
    if (length < 8) return false;
    if (subtype === 1) return word16(bytes, from + 4) <= length - 8;
    if (subtype === 6 || subtype === 7 || subtype === 12) return true;
    const six = subtype === 4 || subtype === 5 || subtype === 10 || subtype === 11;
    return subtype >= 2 && subtype <= 11 && bytes[from + 4]! <= (six ? 128 : 32);
  }
  const kind = type === BGP4MP || type === BGP4MP_ET ? kinds.get(subtype) : undefined;
  if (!kind) return false;
  const afi = word16(bytes, from + 2 * kind.octets + 2);
  return (afi === 1 || afi === 2) && length >= from - headerBytes + 2 * kind.octets + 4 + (afi === 1 ? 8 : 32) + 4;
}

/** The format has no mark of its own: it is told by its first record, and by a second one that stands where the first ends. */
function recognise(start: Uint8Array): boolean {
  if (start.length < headerBytes + 8 || !isHead(start, 0) || !isBody(start)) return false;
  const next = headerBytes + word32(start, 8);
  return next + headerBytes > start.length || isHead(start, next);
}

/** What the parts of this reader are told and tell. */
export type Told = {
  readonly ts: number;
  record(log: string, record: AnyRecord): void;
  odd(name: string, addl?: string): void;
  shortened(): void;
};

class MrtFile implements LogReader, Reader, Told {
  ts = 0;
  readonly #emit: LogEmit;
  readonly #source: LogSource;
  /** An incomplete record, in room that grows to its length. */
  #held = new Uint8Array(1_024);
  #have = 0;
  /** Bytes of a record that is too long and passed over. */
  #skip = 0;
  /** Where the record at hand begins. */
  #offset = 0;
  #index: Index | undefined;
  #peering: BgpPeering = {};
  readonly #told = new Set<string>();

  constructor(emit: LogEmit, source: LogSource) {
    this.#emit = emit;
    this.#source = source;
  }

  data(piece: Uint8Array): void {
    let at = 0;
    while (at < piece.length) {
      if (this.#skip > 0) {
        const length = Math.min(this.#skip, piece.length - at);
        this.#skip -= length;
        this.#offset += length;
        at += length;
      } else if (this.#have > 0) at += this.#more(piece, at);
      else at = this.#whole(piece, at);
    }
  }

  /** Reads records that lie whole in the piece, and keeps the beginning of the last; where reading goes on. */
  #whole(piece: Uint8Array, start: number): number {
    let at = start;
    while (piece.length - at >= headerBytes) {
      const length = headerBytes + word32(piece, at + 8);
      if (length > recordBytesMax) {
        this.#tooLong(length);
        return at;
      }
      if (piece.length - at < length) break;
      this.#read(piece, at, at + length);
      at += length;
    }
    this.#keep(piece, at, piece.length);
    return piece.length;
  }

  /** Completes the record that is held, its head first: the number of bytes taken. */
  #more(piece: Uint8Array, at: number): number {
    let need = headerBytes;
    if (this.#have >= headerBytes) need += word32(this.#held, 8);
    const taken = Math.min(need - this.#have, piece.length - at);
    this.#keep(piece, at, at + taken);
    if (this.#have < headerBytes) return taken;
    const length = headerBytes + word32(this.#held, 8);
    if (length > recordBytesMax) {
      this.#tooLong(length);
      this.#skip -= this.#have;
      this.#offset += this.#have;
      this.#have = 0;
    } else if (this.#have === length) {
      this.#have = 0;
      this.#read(this.#held, 0, length);
    }
    return taken;
  }

  #keep(piece: Uint8Array, from: number, to: number): void {
    const have = this.#have + to - from;
    if (have > this.#held.length) {
      const larger = new Uint8Array(Math.min(recordBytesMax, Math.max(have, this.#held.length * 2)));
      larger.set(this.#held.subarray(0, this.#have));
      this.#held = larger;
    }
    this.#held.set(piece.subarray(from, to), this.#have);
    this.#have = have;
  }

  #tooLong(length: number): void {
    this.#emit.refused('too-long', { offset: this.#offset });
    this.#skip = length;
  }

  /** One record, its head included. */
  #read(bytes: Uint8Array, start: number, end: number): void {
    const type = word16(bytes, start + 4);
    const subtype = word16(bytes, start + 6);
    const place = { offset: this.#offset };
    this.#offset += end - start;
    let from = start + headerBytes;
    this.ts = word32(bytes, start);
    let right: boolean | undefined;
    if (type === BGP4MP_ET) {
      from += 4;
      if (from <= end) this.ts += Math.min(word32(bytes, from - 4), 999_999) / 1e6;
    }
    if (type === BGP4MP || type === BGP4MP_ET) {
      const kind = kinds.get(subtype);
      if (kind) right = this.#exchange(bytes, from, end, kind);
    } else if (type === TABLE_DUMP && subtype >= 1 && subtype <= 4) {
      right = readTableDump(bytes, from, end, (subtype & 1) === 1 ? 1 : 2, subtype > 2 ? 4 : 2, this);
    } else if (type === TABLE_DUMP_V2 && subtype >= 1 && subtype <= 12) right = this.#table(bytes, from, end, subtype);
    if (right === undefined) this.#emit.refused('unrecognised', place);
    else if (!right) this.#emit.refused('malformed', place);
  }

  #table(bytes: Uint8Array, from: number, end: number, subtype: number): boolean {
    // The places of peers (RFC 6397) are passed over.
    if (subtype === 7) return true;
    if (subtype > 1) return this.#index !== undefined && readRib(bytes, from, end, subtype, this.#index, this);
    this.#index = readIndex(bytes, from, end);
    return this.#index !== undefined;
  }

  /** BGP4MP: the ends of the session, then a message or two states. */
  #exchange(bytes: Uint8Array, start: number, end: number, kind: Kind): boolean {
    const { octets } = kind;
    const familyAt = start + 2 * octets + 2;
    const afi = familyAt + 2 > end ? 0 : word16(bytes, familyAt);
    if (afi !== 1 && afi !== 2) return false;
    const size = afi === 1 ? 4 : 16;
    const from = familyAt + 2 + 2 * size;
    if (from > end) return false;
    const number = (at: number): number => (octets === 4 ? word32(bytes, at) : word16(bytes, at));
    this.#peering = {
      peer_ip: formatAddress(bytes, familyAt + 2, size),
      peer_asn: number(start),
      local_ip: formatAddress(bytes, familyAt + 2 + size, size),
      local_asn: number(start + octets),
      ...(kind.local ? { is_local: true } : {}),
    };
    if (!kind.message) return this.#stateChange(bytes, from, end);
    if (end - from < messageHeadBytes) return false;
    const length = word16(bytes, from + 16);
    if (length > end - from || !fits(bytes[from + 18]!, length)) return false;
    // Some collectors write numbers of four octets, and path identifiers, where the subtype says neither.
    const reading: Reading = { octets, lenient: octets === 2, addPath: () => (kind.addPath ? true : undefined) };
    readMessage(bytes, from, from + length, reading, this);
    return true;
  }

  #stateChange(bytes: Uint8Array, from: number, end: number): boolean {
    if (end - from < 4) return false;
    const [old, next] = [word16(bytes, from), word16(bytes, from + 2)];
    const record: BgpSessionRecord = {
      ...this.head(),
      event: 'state-change',
      old_state: stateName(old),
      new_state: stateName(next),
    };
    this.#emit.record('bgp_session', record);
    return true;
  }

  head(): Head {
    return { ts: this.ts, ...this.#peering };
  }

  record(log: string, record: AnyRecord): void {
    this.#emit.record(log, record);
  }

  /** Once a file of each name; the records themselves say what is wrong with them. */
  odd(name: string, addl?: string): void {
    if (this.#told.has(name)) return;
    this.#told.add(name);
    this.#emit.record('weird', { ts: this.ts, name, source: this.#source.name, ...(addl === undefined ? {} : { addl }) });
  }

  shortened(): void {
    this.#emit.shortened();
  }

  end(): void {
    if (this.#have > 0 || this.#skip > 0) this.#emit.refused('cut', { offset: this.#offset });
  }
}

/** States from 1 on; some collectors have 0 and 7 of their own. */
const stateName = (state: number): string => states[state] || `unknown-${state}`;

export const mrt: LogFormat = {
  name: 'mrt',
  logs: ['bgp_update', 'bgp_session', 'bgp_rib'],
  file: { recognise, open: (emit, source) => new MrtFile(emit, source) },
};
