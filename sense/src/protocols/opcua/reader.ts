/** OPC UA's binary encoding (OPC 10000-6 §5.2): numbers with their lowest byte first, texts and lists behind their length, -1 for none. */

import { asciiOf, textOf } from '../text.ts';
import { scalarBytes } from './codes.ts';

/** Letters of a text that are written. */
export const textLettersMax = 512;

export type NodeId = {
  namespace: number;
  numeric?: number;
  string?: string;
  guid?: string;
  opaque?: string;
};

/** Reads one value after the other. Beyond the end it reads nothing more, and `failed` says so. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  failed = false;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Whether so many bytes are there. */
  #has(count: number): boolean {
    if (!this.failed && count <= this.end - this.at) return true;
    this.failed = true;
    return false;
  }

  skip(count: number): void {
    if (this.#has(count)) this.at += count;
  }

  u8(): number {
    return this.#has(1) ? this.bytes[this.at++]! : 0;
  }

  u16(): number {
    if (!this.#has(2)) return 0;
    const value = this.bytes[this.at]! | (this.bytes[this.at + 1]! << 8);
    this.at += 2;
    return value;
  }

  i32(): number {
    if (!this.#has(4)) return 0;
    const { bytes, at } = this;
    this.at += 4;
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  /** Length of a text or list: none is as good as empty. */
  count(): number {
    return Math.max(0, this.i32());
  }

  string(): string {
    const length = this.count();
    if (!this.#has(length)) return '';
    const text = textOf(this.bytes, this.at, this.at + Math.min(length, textLettersMax));
    this.at += length;
    return text;
  }

  skipString(): void {
    this.skip(this.count());
  }

  /** Length of a string of bytes that is passed over: certificates, numbers used once, signatures. */
  skipBytes(): number {
    const length = this.count();
    this.skip(length);
    return length;
  }

  /** §5.2.2.9 and 10; what an expanded identifier has more is passed over. */
  nodeId(): NodeId {
    const mask = this.u8();
    const node: NodeId = { namespace: 0 };
    switch (mask & 0x3f) {
      case 0:
        node.numeric = this.u8();
        break;
      case 1:
        node.namespace = this.u8();
        node.numeric = this.u16();
        break;
      case 2:
        node.namespace = this.u16();
        node.numeric = this.u32();
        break;
      case 3:
        node.namespace = this.u16();
        node.string = this.string();
        break;
      case 4:
        node.namespace = this.u16();
        if (this.#has(16)) node.guid = guidOf(this.bytes, this.at);
        this.skip(16);
        break;
      case 5: {
        node.namespace = this.u16();
        const length = this.count();
        if (this.#has(length)) {
          node.opaque = Buffer.prototype.hexSlice.call(this.bytes, this.at, this.at + Math.min(length, textLettersMax / 2));
        }
        this.skip(length);
        break;
      }
      default:
        this.failed = true;
    }
    if (mask & 0x80) this.skipString();
    if (mask & 0x40) this.skip(4);
    return node;
  }

  /** An object of a type that it names: the type, and where its body is; the reader then stands behind it. */
  extension(): { type: NodeId; at: number; end: number } {
    const type = this.nodeId();
    const encoding = this.u8();
    if (encoding === 0) return { type, at: this.at, end: this.at };
    const length = this.count();
    const at = this.at;
    this.skip(length);
    return { type, at, end: this.failed ? at : at + length };
  }

  /** A variant: its value as text where it is a single number or truth value. `failed` where its length is not known. */
  variant(): string | undefined {
    const mask = this.u8();
    const type = mask & 0x3f;
    const size = scalarBytes(type);
    if (mask === 0) return undefined;
    if (size === undefined) {
      this.failed = true;
      return undefined;
    }
    if (mask & 0x80) {
      const count = this.count();
      if (size > 0) this.skip(count * size);
      else for (let i = 0; i < count && !this.failed; i++) this.skipString();
      if (mask & 0x40) this.skip(this.count() * 4);
      return undefined;
    }
    if (size < 0) {
      this.skipString();
      return undefined;
    }
    const at = this.at;
    this.skip(size);
    return this.failed ? undefined : scalarOf(this.bytes, at, type);
  }

  /** A value with its state and times (§5.2.2.17). */
  dataValue(): string | undefined {
    const mask = this.u8();
    const value = mask & 1 ? this.variant() : undefined;
    if (mask & 2) this.skip(4);
    if (mask & 4) this.skip(8);
    if (mask & 0x10) this.skip(2);
    if (mask & 8) this.skip(8);
    if (mask & 0x20) this.skip(2);
    return value;
  }
}

function guidOf(bytes: Uint8Array, at: number): string {
  const hex = (from: number, to: number): string => Buffer.prototype.hexSlice.call(bytes, at + from, at + to);
  const turned = (from: number, to: number): string => {
    let text = '';
    for (let i = to - 1; i >= from; i--) text += hex(i, i + 1);
    return text;
  };
  return `${turned(0, 4)}-${turned(4, 6)}-${turned(6, 8)}-${hex(8, 10)}-${hex(10, 16)}`;
}

function scalarOf(bytes: Uint8Array, at: number, type: number): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  switch (type) {
    case 1:
      return bytes[at] === 0 ? 'false' : 'true';
    case 2:
      return String(view.getInt8(0));
    case 3:
      return String(bytes[at]);
    case 4:
      return String(view.getInt16(0, true));
    case 5:
      return String(view.getUint16(0, true));
    case 6:
      return String(view.getInt32(0, true));
    case 7:
      return String(view.getUint32(0, true));
    case 8:
      return String(view.getBigInt64(0, true));
    case 9:
      return String(view.getBigUint64(0, true));
    case 10:
      return String(view.getFloat32(0, true));
    case 11:
      return String(view.getFloat64(0, true));
    default:
      return undefined;
  }
}

/** Three letters: the kind of a message. */
export const kindOf = (bytes: Uint8Array, at: number): string => asciiOf(bytes, at, at + 3);
