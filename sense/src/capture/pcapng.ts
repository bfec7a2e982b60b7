/**
 * The block-structured capture file (draft-ietf-opsawg-pcapng): sections, each with its own byte order and list of
 * interfaces; packets in enhanced, simple and obsolete packet blocks.
 *
 *     block:  type (4)  total length (4)  body …  total length (4)
 */

import type { Limits } from '../limits.ts';
import { Remainder, type PacketTarget, type Reader, type Stop } from './reader.ts';

const sectionHeader = 0x0a0d0d0a;
const interfaceDescription = 1;
const obsoletePacket = 2;
const simplePacket = 3;
const enhancedPacket = 6;

/** Whether the four bytes, read big-endian, open a pcapng file; the number reads the same in both orders. */
export function isPcapng(magic: number): boolean {
  return magic >>> 0 === sectionHeader;
}

export class PcapngReader implements Reader {
  stop: Stop | undefined;
  readonly #target: PacketTarget;
  readonly #limits: Limits;
  readonly #rest = new Remainder();
  #offset = 0;
  #little = true;
  /** Time of the last packet, for simple packet blocks, which have none. */
  #ts = 0;
  // Of each interface of the section: link type, snap length, seconds per unit of time, seconds to add.
  #linkTypes: number[] = [];
  #snapLengths: number[] = [];
  #units: number[] = [];
  #shifts: number[] = [];

  constructor(target: PacketTarget, limits: Limits) {
    this.#target = target;
    this.#limits = limits;
  }

  push(chunk: Uint8Array): void {
    if (this.stop) return;
    let at = 0;
    const rest = this.#rest;
    while (rest.length > 0) {
      const need = this.#blockLength(rest.bytes, 0, rest.length, this.#offset);
      if (this.stop) return;
      if (rest.length < need) {
        at += rest.take(chunk, at, need - rest.length);
        if (rest.length < need) return;
        continue;
      }
      const length = rest.length;
      rest.length = 0;
      this.#block(rest.bytes, 0, length, this.#offset);
      this.#offset += length;
      if (this.stop) return;
    }
    const first = at;
    const base = this.#offset - first;
    while (at < chunk.length) {
      const length = this.#blockLength(chunk, at, chunk.length, base + at);
      if (this.stop) return;
      if (at + length > chunk.length) break;
      this.#block(chunk, at, at + length, base + at);
      if (this.stop) return;
      at += length;
    }
    this.#offset = base + at;
    if (at < chunk.length) rest.take(chunk, at, chunk.length - at);
  }

  end(): void {
    if (this.stop || this.#rest.length === 0) return;
    this.stop = { name: 'capture_cut', offset: this.#offset, detail: 'in the middle of a block' };
  }

  #fail(name: string, offset: number, detail: string): number {
    this.stop = { name, offset, detail };
    return 0;
  }

  #word(bytes: Uint8Array, at: number): number {
    const value = this.#little
      ? bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
      : (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    return value >>> 0;
  }

  #half(bytes: Uint8Array, at: number): number {
    return this.#little ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
  }

  /** The whole length of the block at `at`, or as many bytes as are needed to know it. */
  #blockLength(bytes: Uint8Array, at: number, end: number, offset: number): number {
    if (end - at < 12) return 12;
    // The section header's type reads the same in both orders; its byte-order magic comes after the length.
    if (bytes[at] === 0x0a && bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0d && bytes[at + 3] === 0x0a) {
      if (bytes[at + 8] === 0x4d && bytes[at + 9] === 0x3c && bytes[at + 10] === 0x2b && bytes[at + 11] === 0x1a) {
        this.#little = true;
      } else if (bytes[at + 8] === 0x1a && bytes[at + 9] === 0x2b && bytes[at + 10] === 0x3c && bytes[at + 11] === 0x4d) {
        this.#little = false;
      } else return this.#fail('capture_bad_block', offset, 'a section header without byte-order magic');
    }
    const length = this.#word(bytes, at + 4);
    if (length < 12) return this.#fail('capture_bad_block', offset, `a block claims ${length} bytes`);
    if (length > this.#limits.blockBytesMax) {
      return this.#fail('capture_record_too_long', offset, `a block claims ${length} bytes`);
    }
    // Some writers state an unpadded length; blocks are always aligned to four bytes.
    return (length + 3) & ~3;
  }

  #block(bytes: Uint8Array, at: number, end: number, offset: number): void {
    const type = this.#word(bytes, at);
    const body = at + 8;
    const bodyEnd = end - 4;
    switch (type) {
      case sectionHeader:
        this.#linkTypes = [];
        this.#snapLengths = [];
        this.#units = [];
        this.#shifts = [];
        return;
      case interfaceDescription:
        this.#interface(bytes, body, bodyEnd, offset);
        return;
      case enhancedPacket:
      case obsoletePacket: {
        if (bodyEnd - body < 20) {
          this.#fail('capture_bad_block', offset, 'a packet block too short for its header');
          return;
        }
        const face = type === enhancedPacket ? this.#word(bytes, body) : this.#half(bytes, body);
        if (face >= this.#linkTypes.length) {
          this.#fail('capture_bad_block', offset, `a packet of interface ${face}, which is not described`);
          return;
        }
        const captured = this.#word(bytes, body + 12);
        if (captured > this.#limits.recordBytesMax || captured > bodyEnd - body - 20) {
          this.#fail('capture_record_too_long', offset, `a packet claims ${captured} bytes`);
          return;
        }
        const wire = this.#word(bytes, body + 16);
        const high = this.#word(bytes, body + 4);
        const low = this.#word(bytes, body + 8);
        const ts = this.#time(high, low, this.#units[face]!) + this.#shifts[face]!;
        this.#ts = ts;
        const start = body + 20;
        this.#target.packet(bytes, start, start + captured, Math.max(wire, captured), ts, this.#linkTypes[face]!);
        return;
      }
      case simplePacket: {
        if (bodyEnd - body < 4) {
          this.#fail('capture_bad_block', offset, 'a packet block too short for its header');
          return;
        }
        if (this.#linkTypes.length === 0) {
          this.#fail('capture_bad_block', offset, 'a simple packet before any interface');
          return;
        }
        const wire = this.#word(bytes, body);
        const snap = this.#snapLengths[0]!;
        const captured = snap > 0 ? Math.min(snap, wire) : wire;
        if (captured > this.#limits.recordBytesMax || captured > bodyEnd - body - 4) {
          this.#fail('capture_record_too_long', offset, `a packet claims ${captured} bytes`);
          return;
        }
        const start = body + 4;
        this.#target.packet(bytes, start, start + captured, wire, this.#ts, this.#linkTypes[0]!);
        return;
      }
      default:
      // Names, statistics, secrets, custom blocks: they hold no packet.
    }
  }

  /** 64 bits of units since the epoch, without losing the fraction to the size of the whole. */
  #time(high: number, low: number, unit: number): number {
    const count = high * 4_294_967_296 + low;
    if (unit === 1e-6) return count / 1e6;
    const perSecond = Math.round(1 / unit);
    if (perSecond <= 1) return count * unit;
    // 2^32 units are a whole number of seconds and a rest: the sum stays exact for nanoseconds as well.
    const seconds = Math.floor(count / perSecond);
    const wholeHigh = Math.floor(4_294_967_296 / perSecond);
    const restHigh = 4_294_967_296 - wholeHigh * perSecond;
    const rest = high * restHigh + low - (seconds - high * wholeHigh) * perSecond;
    return seconds + rest / perSecond;
  }

  #interface(bytes: Uint8Array, body: number, bodyEnd: number, offset: number): void {
    if (bodyEnd - body < 8) {
      this.#fail('capture_bad_block', offset, 'an interface block too short for its header');
      return;
    }
    if (this.#linkTypes.length >= this.#limits.interfacesMax) {
      this.#fail('capture_bad_block', offset, 'more interfaces than a section may have');
      return;
    }
    let unit = 1e-6;
    let shift = 0;
    let at = body + 8;
    while (at + 4 <= bodyEnd) {
      const code = this.#half(bytes, at);
      const length = this.#half(bytes, at + 2);
      if (code === 0 || at + 4 + length > bodyEnd) break;
      if (code === 9 && length >= 1) {
        const resolution = bytes[at + 4]!;
        // Beyond 10^-18 or 2^-60 a clock resolves nothing; the unit would only underflow.
        unit = resolution & 0x80 ? 2 ** -Math.min(resolution & 0x7f, 60) : 10 ** -Math.min(resolution, 18);
      } else if (code === 14 && length >= 8) {
        const low = this.#word(bytes, at + (this.#little ? 4 : 8));
        const high = this.#word(bytes, at + (this.#little ? 8 : 4)) | 0;
        shift = high * 4_294_967_296 + low;
      }
      at += 4 + ((length + 3) & ~3);
    }
    this.#linkTypes.push(this.#half(bytes, body));
    this.#snapLengths.push(this.#word(bytes, body + 4));
    this.#units.push(unit);
    this.#shifts.push(shift);
  }
}
