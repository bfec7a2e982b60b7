/**
 * Header fields of HTTP/2 (HPACK, RFC 7541), one decoder a direction. Only fields that the parser reads become text; of
 * all others the table keeps nothing but their size, so that cookies and tokens are never made into strings.
 */

import { textOf } from '../text.ts';
import { decodeHuffman } from './huffman.ts';

/** Nearly everybody keeps the 4,096 bytes of RFC 9113 §6.5.2; those who raise it and do without TLS (gRPC, proxies) stay below. */
export const tableBytesMax = 16_384;

/** Fields of one block; servers take about 100, and an index of one byte may stand for a field of kilobytes. */
export const fieldsMax = 1_024;

/** Zeek 8 cuts text fields of its logs at this length (Log::default_max_field_string_bytes). */
export const valueBytesMax = 4_096;

/** Fields that are read, by number; 0 is any other. */
export const METHOD = 1;
export const PATH = 2;
export const AUTHORITY = 3;
export const STATUS = 4;
export const HOST = 5;
export const USER_AGENT = 6;
export const REFERER = 7;
export const ORIGIN = 8;
export const AUTHORIZATION = 9;
export const CONTENT_LENGTH = 10;
export const CONTENT_ENCODING = 11;
export const CONTENT_TYPE = 12;
export const PROXY = 13;
export const GRPC_STATUS = 14;
export const GRPC_ENCODING = 15;
export const GRPC_TIMEOUT = 16;

const numbers = new Map<string, number>([
  [':method', METHOD],
  [':path', PATH],
  [':authority', AUTHORITY],
  [':status', STATUS],
  ['host', HOST],
  ['user-agent', USER_AGENT],
  ['referer', REFERER],
  ['origin', ORIGIN],
  ['authorization', AUTHORIZATION],
  ['proxy-authorization', AUTHORIZATION],
  ['content-length', CONTENT_LENGTH],
  ['content-encoding', CONTENT_ENCODING],
  ['content-type', CONTENT_TYPE],
  ['forwarded', PROXY],
  ['x-forwarded-for', PROXY],
  ['x-forwarded-from', PROXY],
  ['client-ip', PROXY],
  ['via', PROXY],
  ['grpc-status', GRPC_STATUS],
  ['grpc-encoding', GRPC_ENCODING],
  ['grpc-timeout', GRPC_TIMEOUT],
]);
const longestName = 19;

/** The static table (RFC 7541 appendix A). */
const staticTable: readonly (readonly [name: string, value: string])[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ...(
    'accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control ' +
    'content-disposition content-encoding content-language content-length content-location content-range content-type cookie ' +
    'date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified ' +
    'link location max-forwards proxy-authenticate proxy-authorization range referer refresh retry-after server set-cookie ' +
    'strict-transport-security transfer-encoding user-agent vary via www-authenticate'
  )
    .split(' ')
    .map((name) => [name, ''] as const),
];

/** A field of a table: its number, its name where its records need it, its value where it is read, and its size. */
type Entry = {
  readonly id: number;
  readonly name: string;
  readonly nameSize: number;
  readonly value: string;
  readonly size: number;
};

const fixed: readonly Entry[] = staticTable.map(([name, value]) => ({
  id: numbers.get(name) ?? 0,
  name,
  nameSize: name.length,
  value,
  size: 0,
}));

const scratch = new Uint8Array(valueBytesMax);

/** Takes each field that is read. */
export type FieldTaker = { field(id: number, name: string, value: string): void };

export class FieldDecoder {
  #entries: Entry[] = [];
  #size = 0;
  #capacity = 4_096;
  #at = 0;
  #end = 0;
  #broken = false;
  /** Length of the string that was read last, and whether it lies in `scratch`. */
  #length = 0;
  #clear = false;
  #from = 0;

  /** Bytes of the table, after RFC 7541 §4.1. */
  get size(): number {
    return this.#size;
  }

  /** Decodes one block. Answers false when it is broken: the table is lost then, and so are all further blocks. */
  decode(bytes: Uint8Array, start: number, end: number, taker: FieldTaker): boolean {
    this.#at = start;
    this.#end = end;
    for (let count = 0; this.#at < this.#end && !this.#broken; count++) {
      if (count === fieldsMax) return this.#fail();
      const first = bytes[this.#at]!;
      if (first & 0x80) {
        const entry = this.#entry(this.#integer(bytes, 7));
        if (entry && entry.id > 0) taker.field(entry.id, entry.name, entry.value);
      } else if (first & 0x40) this.#literal(bytes, 6, true, taker);
      else if (first & 0x20) this.#resize(this.#integer(bytes, 5));
      else this.#literal(bytes, 4, false, taker);
    }
    return !this.#broken;
  }

  #literal(bytes: Uint8Array, prefix: number, kept: boolean, taker: FieldTaker): void {
    const index = this.#integer(bytes, prefix);
    let id = 0;
    let name = '';
    let nameSize: number;
    if (index === 0) {
      if (!this.#string(bytes)) return;
      nameSize = this.#length;
      if (nameSize <= longestName) {
        const text = this.#text(bytes, valueBytesMax);
        id = numbers.get(text) ?? 0;
        if (id > 0) name = text;
      }
    } else {
      const entry = this.#entry(index);
      if (!entry) return;
      ({ id, name, nameSize } = entry);
    }
    if (!this.#string(bytes)) return;
    const size = nameSize + this.#length + 32;
    const value = id === 0 ? '' : id === AUTHORIZATION ? this.#user(bytes) : this.#text(bytes, valueBytesMax);
    if (kept) this.#keep({ id, name, nameSize, value, size });
    if (id > 0) taker.field(id, name, value);
  }

  /** The user of `Basic dXNlcjpwYXNz` (RFC 7617); what stands behind the colon is never turned into text. */
  #user(bytes: Uint8Array): string {
    const source = this.#clear ? bytes : scratch;
    const from = this.#clear ? this.#from : 0;
    const to = from + Math.min(this.#length, this.#clear ? this.#length : scratch.length);
    if (to - from < 7 || textOf(source, from, from + 6).toLowerCase() !== 'basic ') return '';
    const credentials = Buffer.from(Buffer.prototype.latin1Slice.call(source, from + 6, to), 'base64');
    const colon = credentials.indexOf(0x3a);
    const user = colon < 0 ? '' : textOf(credentials, 0, colon);
    credentials.fill(0);
    return user;
  }

  #text(bytes: Uint8Array, longest: number): string {
    if (!this.#clear) return textOf(scratch, 0, Math.min(this.#length, longest));
    return textOf(bytes, this.#from, this.#from + Math.min(this.#length, longest));
  }

  /** Reads a string literal (§5.2): where it lies, or decoded into `scratch`. */
  #string(bytes: Uint8Array): boolean {
    if (this.#broken || this.#at >= this.#end) return this.#fail();
    const huffman = (bytes[this.#at]! & 0x80) !== 0;
    const length = this.#integer(bytes, 7);
    const from = this.#at;
    if (this.#broken || from + length > this.#end) return this.#fail();
    this.#at = from + length;
    this.#clear = !huffman;
    this.#from = from;
    this.#length = huffman ? decodeHuffman(bytes, from, from + length, scratch) : length;
    return this.#length >= 0 || this.#fail();
  }

  /** An integer with a prefix of so many bits (§5.1); none that is meant is longer than four bytes. */
  #integer(bytes: Uint8Array, prefix: number): number {
    const mask = 2 ** prefix - 1;
    let value = bytes[this.#at++]! & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      if (this.#at >= this.#end) break;
      const byte = bytes[this.#at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    this.#fail();
    return 0;
  }

  #entry(index: number): Entry | undefined {
    const entry = index === 0 ? undefined : index <= fixed.length ? fixed[index - 1] : this.#entries[index - fixed.length - 1];
    if (!entry) this.#fail();
    return entry;
  }

  #keep(entry: Entry): void {
    this.#size += entry.size;
    this.#entries.unshift(entry);
    this.#evict();
  }

  #resize(capacity: number): void {
    if (capacity > tableBytesMax) this.#fail();
    this.#capacity = capacity;
    this.#evict();
  }

  #evict(): void {
    while (this.#size > this.#capacity) this.#size -= this.#entries.pop()!.size;
  }

  #fail(): false {
    this.#broken = true;
    this.#entries = [];
    this.#size = 0;
    return false;
  }
}
