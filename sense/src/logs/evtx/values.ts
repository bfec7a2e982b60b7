/**
 * Values of binary XML, by their types (MS-EVEN6 §2.2.12 to §2.2.18; numbers and texts as the event viewer's XML has them, GUIDs without
 * braces and in capitals, times in UTC to the microsecond, binary data in hexadecimal).
 */

import type { Scalar } from '../element.ts';

/** Something in a record does not hold together. It is caught where the record is read, and never leaves this folder. */
export class Unreadable extends Error {
  readonly reason: 'malformed' | 'too-large' | 'too-deep';

  constructor(reason: Unreadable['reason'] = 'malformed') {
    super(reason);
    this.reason = reason;
  }
}

/** A part of a chunk that is read with its bounds in sight. */
export class Bytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Answers `at` when so many bytes stand there. */
  need(at: number, length: number): number {
    if (at < 0 || length < 0 || at + length > this.bytes.length) throw new Unreadable();
    return at;
  }

  u8(at: number): number {
    return this.view.getUint8(this.need(at, 1));
  }

  u16(at: number): number {
    return this.view.getUint16(this.need(at, 2), true);
  }

  u32(at: number): number {
    return this.view.getUint32(this.need(at, 4), true);
  }

  u64(at: number): bigint {
    return this.view.getBigUint64(this.need(at, 8), true);
  }

  /** UTF-16 of so many bytes, up to its first NUL. */
  utf16(at: number, length: number): string {
    const part = this.bytes.subarray(this.need(at, length), at + length);
    const text = wide.decode(part);
    const nul = text.indexOf('\0');
    return nul < 0 ? text : text.slice(0, nul);
  }
}

const wide = new TextDecoder('utf-16le');
const narrow = new TextDecoder('windows-1252');

export const types = {
  null: 0x00,
  string: 0x01,
  ansi: 0x02,
  int8: 0x03,
  uint8: 0x04,
  int16: 0x05,
  uint16: 0x06,
  int32: 0x07,
  uint32: 0x08,
  int64: 0x09,
  uint64: 0x0a,
  real32: 0x0b,
  real64: 0x0c,
  bool: 0x0d,
  binary: 0x0e,
  guid: 0x0f,
  size: 0x10,
  fileTime: 0x11,
  systemTime: 0x12,
  sid: 0x13,
  hex32: 0x14,
  hex64: 0x15,
  binxml: 0x21,
  array: 0x80,
} as const;

/** Bytes of an element of an array of the type; absent where elements have no fixed length. */
const sizes: { readonly [type: number]: number } = {
  [types.int8]: 1,
  [types.uint8]: 1,
  [types.int16]: 2,
  [types.uint16]: 2,
  [types.int32]: 4,
  [types.uint32]: 4,
  [types.int64]: 8,
  [types.uint64]: 8,
  [types.real32]: 4,
  [types.real64]: 8,
  [types.bool]: 4,
  [types.guid]: 16,
  [types.size]: 8,
  [types.fileTime]: 8,
  [types.systemTime]: 16,
  [types.hex32]: 4,
  [types.hex64]: 8,
};

/** The value of so many bytes; `undefined` for none. */
export function valueAt(of: Bytes, at: number, length: number, type: number): Scalar | undefined {
  of.need(at, length);
  if (type & types.array) return arrayAt(of, at, length, type & ~types.array);
  switch (type) {
    case types.null:
      return undefined;
    case types.string:
      return of.utf16(at, length);
    case types.ansi: {
      const text = narrow.decode(of.bytes.subarray(at, at + length));
      const nul = text.indexOf('\0');
      return nul < 0 ? text : text.slice(0, nul);
    }
    case types.binary:
      return hex(of.bytes.subarray(at, at + length));
    case types.sid:
      return sid(of, at, length);
    default: {
      const size = sizes[type];
      if (size === undefined) return undefined;
      // Sizes are those of the machine that wrote: four bytes on an old one.
      if (type === types.size && length === 4) return `0x${of.u32(at).toString(16)}`;
      if (length === 0) return undefined;
      if (length < size) throw new Unreadable();
      return fixedAt(of, at, type);
    }
  }
}

function fixedAt(of: Bytes, at: number, type: number): Scalar | undefined {
  const { view } = of;
  switch (type) {
    case types.int8:
      return view.getInt8(at);
    case types.uint8:
      return view.getUint8(at);
    case types.int16:
      return view.getInt16(at, true);
    case types.uint16:
      return view.getUint16(at, true);
    case types.int32:
      return view.getInt32(at, true);
    case types.uint32:
      return view.getUint32(at, true);
    case types.int64:
      return whole(view.getBigInt64(at, true));
    case types.uint64:
      return whole(view.getBigUint64(at, true));
    case types.real32:
      return real(view.getFloat32(at, true));
    case types.real64:
      return real(view.getFloat64(at, true));
    case types.bool:
      return view.getUint32(at, true) !== 0;
    case types.guid:
      return guid(of, at);
    case types.fileTime:
      return fileTimeText(view.getBigUint64(at, true));
    case types.systemTime:
      return systemTime(of, at);
    case types.hex32:
      return `0x${view.getUint32(at, true).toString(16)}`;
    case types.size:
    case types.hex64:
      return `0x${view.getBigUint64(at, true).toString(16)}`;
    default:
      return undefined;
  }
}

function arrayAt(of: Bytes, at: number, length: number, type: number): Scalar | undefined {
  if (type === types.string) {
    const texts = wide.decode(of.bytes.subarray(at, at + length)).split('\0');
    if (texts.at(-1) === '') texts.pop();
    return texts;
  }
  const size = sizes[type];
  if (size === undefined) return undefined;
  const values: (string | number)[] = [];
  for (let i = 0; i + size <= length; i += size) {
    const value = fixedAt(of, at + i, type);
    if (value !== undefined) values.push(typeof value === 'number' ? value : String(value));
  }
  return values as string[] | number[];
}

/** Beyond 2^53 a number would not be itself: it is its text. */
const whole = (value: bigint): number | string => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
};

const real = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += (byte < 16 ? '0' : '') + byte.toString(16);
  return text.toUpperCase();
}

/** The first three parts are little-endian numbers, the rest bytes. */
function guid(of: Bytes, at: number): string {
  const part = (value: number, digits: number): string => value.toString(16).padStart(digits, '0').toUpperCase();
  const rest = hex(of.bytes.subarray(at + 8, at + 16));
  return `${part(of.u32(at), 8)}-${part(of.u16(at + 4), 4)}-${part(of.u16(at + 6), 4)}-${rest.slice(0, 4)}-${rest.slice(4)}`;
}

/** MS-DTYP §2.4.2.2: revision, count, authority (six bytes, big-endian), sub-authorities. */
function sid(of: Bytes, at: number, length: number): string | undefined {
  if (length < 8) return undefined;
  const count = of.u8(at + 1);
  if (length < 8 + count * 4) throw new Unreadable();
  let authority = 0;
  for (let i = 2; i < 8; i++) authority = authority * 256 + of.u8(at + i);
  let text = `S-${of.u8(at)}-${authority}`;
  for (let i = 0; i < count; i++) text += `-${of.u32(at + 8 + i * 4)}`;
  return text;
}

/** From 1601 on, in hundreds of nanoseconds. */
const epoch = 116_444_736_000_000_000n;

/** Seconds since 1970, to the microsecond. */
export const fileTime = (value: bigint): number => Number((value - epoch) / 10n) / 1e6;

function fileTimeText(value: bigint): string {
  const micros = (value - epoch) / 10n;
  const seconds = micros >= 0n ? micros / 1_000_000n : -((-micros + 999_999n) / 1_000_000n);
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999) return String(value);
  return `${date.toISOString().slice(0, 19)}.${String(micros - seconds * 1_000_000n).padStart(6, '0')}Z`;
}

function systemTime(of: Bytes, at: number): string {
  const part = (i: number, digits = 2): string => String(of.u16(at + i * 2)).padStart(digits, '0');
  return `${part(0, 4)}-${part(1)}-${part(3)}T${part(4)}:${part(5)}:${part(6)}.${part(7, 3)}000Z`;
}
