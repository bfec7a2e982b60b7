/**
 * The classic capture file (draft-ietf-opsawg-pcap; libpcap savefile(5)): a header of 24 bytes, then records of a
 * 16-byte header and the packet. The magic number tells the byte order and whether fractions are micro- or nanoseconds.
 */

import type { Limits } from '../limits.ts';
import { Remainder, type PacketTarget, type Reader, type Stop } from './reader.ts';

/** Bytes of the file header. */
const fileHeader = 24;

/** Magic numbers as the first four bytes read big-endian. `modified` is Kuznetzov's patch: records have 24-byte headers. */
const magics: ReadonlyMap<number, { little: boolean; nano: boolean; recordHeader: number }> = new Map([
  [0xa1b2c3d4, { little: false, nano: false, recordHeader: 16 }],
  [0xd4c3b2a1, { little: true, nano: false, recordHeader: 16 }],
  [0xa1b23c4d, { little: false, nano: true, recordHeader: 16 }],
  [0x4d3cb2a1, { little: true, nano: true, recordHeader: 16 }],
  [0xa1b2cd34, { little: false, nano: false, recordHeader: 24 }],
  [0x34cdb2a1, { little: true, nano: false, recordHeader: 24 }],
]);

/** Whether the four bytes open a classic capture file. */
export function isPcap(magic: number): boolean {
  return magics.has(magic >>> 0);
}

export class PcapReader implements Reader {
  stop: Stop | undefined;
  readonly #target: PacketTarget;
  readonly #recordBytesMax: number;
  readonly #rest = new Remainder();
  /** File offset of the first byte held or of the next chunk. */
  #offset = 0;
  #open = false;
  #little = true;
  #fraction = 1e-6;
  #recordHeader = 16;
  #swapLengths = false;
  #linkType = 0;

  constructor(target: PacketTarget, limits: Limits) {
    this.#target = target;
    this.#recordBytesMax = limits.recordBytesMax;
  }

  push(chunk: Uint8Array): void {
    if (this.stop) return;
    let at = 0;
    const rest = this.#rest;
    while (rest.length > 0) {
      const need = this.#need(rest.bytes, 0, rest.length);
      if (this.stop) return;
      if (rest.length < need) {
        at += rest.take(chunk, at, need - rest.length);
        if (rest.length < need) return;
        continue;
      }
      const length = rest.length;
      rest.length = 0;
      this.#run(rest.bytes, 0, length);
      this.#offset += length;
      if (this.stop) return;
    }
    const done = this.#run(chunk, at, chunk.length);
    this.#offset += done - at;
    if (!this.stop && done < chunk.length) rest.take(chunk, done, chunk.length - done);
  }

  end(): void {
    if (this.stop || this.#rest.length === 0) return;
    this.stop = {
      name: 'capture_cut',
      offset: this.#offset,
      detail: this.#open ? 'in the middle of a record' : 'in the middle of the file header',
    };
  }

  #word(bytes: Uint8Array, at: number): number {
    const value = this.#little
      ? bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
      : (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    return value >>> 0;
  }

  /** How long the unit that begins at `at` is, as far as the bytes up to `end` tell. */
  #need(bytes: Uint8Array, at: number, end: number): number {
    if (!this.#open) return fileHeader;
    if (end - at < this.#recordHeader) return this.#recordHeader;
    return this.#recordHeader + this.#capturedLength(bytes, at);
  }

  #capturedLength(bytes: Uint8Array, at: number): number {
    const captured = this.#word(bytes, at + (this.#swapLengths ? 12 : 8));
    if (captured > this.#recordBytesMax) {
      this.stop = {
        name: 'capture_record_too_long',
        offset: this.#offset + at,
        detail: `a record claims ${captured} bytes`,
      };
      return 0;
    }
    return captured;
  }

  /** Reads whole units from `at`; answers where the first incomplete one begins. */
  #run(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    if (!this.#open) {
      if (end - at < fileHeader) return at;
      this.#readHeader(bytes, at);
      at += fileHeader;
    }
    const target = this.#target;
    const recordHeader = this.#recordHeader;
    const recordBytesMax = this.#recordBytesMax;
    const fraction = this.#fraction;
    const linkType = this.#linkType;
    const little = this.#little && !this.#swapLengths;
    if (little && linkType === 1) at = target.ethernetRecords?.(bytes, at, end, recordHeader, fraction) ?? at;
    while (at + recordHeader <= end) {
      let seconds: number;
      let part: number;
      let captured: number;
      let wire: number;
      if (little) {
        seconds = (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
        part = (bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24)) >>> 0;
        captured = (bytes[at + 8]! | (bytes[at + 9]! << 8) | (bytes[at + 10]! << 16) | (bytes[at + 11]! << 24)) >>> 0;
        wire = (bytes[at + 12]! | (bytes[at + 13]! << 8) | (bytes[at + 14]! << 16) | (bytes[at + 15]! << 24)) >>> 0;
      } else {
        seconds = this.#word(bytes, at);
        part = this.#word(bytes, at + 4);
        captured = this.#word(bytes, at + (this.#swapLengths ? 12 : 8));
        wire = this.#word(bytes, at + (this.#swapLengths ? 8 : 12));
      }
      if (captured > recordBytesMax) {
        this.stop = {
          name: 'capture_record_too_long',
          offset: this.#offset + at - from,
          detail: `a record claims ${captured} bytes`,
        };
        return at;
      }
      const start = at + recordHeader;
      if (start + captured > end) break;
      target.packet(bytes, start, start + captured, wire < captured ? captured : wire, seconds + part * fraction, linkType);
      at = start + captured;
    }
    return at;
  }

  #readHeader(bytes: Uint8Array, at: number): void {
    const magic = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
    const kind = magics.get(magic)!;
    this.#little = kind.little;
    this.#fraction = kind.nano ? 1e-9 : 1e-6;
    this.#recordHeader = kind.recordHeader;
    // Files before version 2.3 had the two lengths the other way round (libpcap, sf-pcap.c).
    const major = kind.little ? bytes[at + 4]! | (bytes[at + 5]! << 8) : (bytes[at + 4]! << 8) | bytes[at + 5]!;
    const minor = kind.little ? bytes[at + 6]! | (bytes[at + 7]! << 8) : (bytes[at + 6]! << 8) | bytes[at + 7]!;
    this.#swapLengths = major === 2 && minor < 3;
    // The upper bits of the last word say whether and how long frame check sequences are (draft-ietf-opsawg-pcap §4).
    this.#linkType = this.#word(bytes, at + 20) & 0x0fffffff & 0xffff;
    this.#open = true;
  }
}
