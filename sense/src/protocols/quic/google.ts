/**
 * Google's QUIC, from which the IETF's grew: recognised by its version, `Q043` in the packet as text. Until the 43rd it had a
 * public header of its own, then one that is close to today's long header; until the 46th the client's hello was in clear,
 * a list of tags of its own kind ("QUIC Crypto", 2016). Chrome dropped it in 2021.
 */

import { textOf } from '../text.ts';

const [Q, T, zero, nine] = [0x51, 0x54, 0x30, 0x39];

/** The version flag without the one of a reset, and the flag of a connection id of eight bytes. */
const isPublicHeader = (first: number): boolean => (first & 0xcb) === 0x09;

/** Where the version of a first packet stands, or -1 when it is not Google's. */
export function googleVersionAt(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start]!;
  const at = isPublicHeader(first) ? start + 9 : first >= 0xc0 ? start + 1 : -1;
  if (at < 0 || at + 4 > end) return -1;
  const family = bytes[at]!;
  const tens = bytes[at + 2]!;
  const ones = bytes[at + 3]!;
  const isNumber = bytes[at + 1] === zero && tens >= zero && tens <= nine && ones >= zero && ones <= nine;
  return isNumber && (family === Q || family === T) ? at : -1;
}

/** Where the eight bytes of the connection id begin, before or after the version; -1 when they are cut. */
export function googleIdAt(versionAt: number, start: number, end: number): number {
  const at = versionAt === start + 9 ? start + 1 : start + 6;
  return at + 8 <= end ? at : -1;
}

/** Between the version and the hello stand the number of the packet, a hash and the header of a frame: at most 37 bytes. */
const helloDistanceMax = 64;

/** Google's implementation takes no hello with more tags. */
const tagsMax = 128;

/** Longest server name that is written; DNS allows 253. */
const nameBytesMax = 1_024;

const isTag = (bytes: Uint8Array, at: number, a: number, b: number, c: number, d: number): boolean =>
  bytes[at] === a && bytes[at + 1] === b && bytes[at + 2] === c && bytes[at + 3] === d;

const littleWordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! + bytes[at + 1]! * 0x100 + bytes[at + 2]! * 0x10000 + bytes[at + 3]! * 0x1000000;

/** A server's packet has no version: flags of numbers, of a diversification nonce (32 bytes) and of a connection id (eight). */
const isServerHeader = (first: number): boolean => (first & 0xc3) === 0;

/**
 * Whether a server of Google's QUIC refuses a hello, as it does in clear to every client that comes for the first time:
 * `REJ` with its list of tags near the front of the packet, behind a header without a version.
 */
export function isGoogleRefusal(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start]!;
  if (!isServerHeader(first)) return false;
  const numberBytes = [1, 2, 4, 6][(first >> 4) & 3]!;
  const from = start + 1 + ((first & 0x08) === 0 ? 0 : 8) + numberBytes;
  const last = Math.min(end - 16, from + ((first & 0x04) === 0 ? 0 : 32) + helloDistanceMax);
  for (let at = from; at <= last; at++) {
    if (!isTag(bytes, at, 0x52, 0x45, 0x4a, 0)) continue;
    const count = bytes[at + 4]! | (bytes[at + 5]! << 8);
    return count > 0 && count <= tagsMax && bytes[at + 6] === 0 && bytes[at + 7] === 0;
  }
  return false;
}

/** The server's name in a client's hello (`CHLO`), where the packet has one in clear. */
export function googleServerName(bytes: Uint8Array, versionAt: number, end: number): string | undefined {
  const last = Math.min(end - 8, versionAt + 4 + helloDistanceMax);
  let at = versionAt + 4;
  while (at <= last && !isTag(bytes, at, 0x43, 0x48, 0x4c, 0x4f)) at++;
  if (at > last) return undefined;
  const count = bytes[at + 4]! | (bytes[at + 5]! << 8);
  const values = at + 8 + 8 * count;
  if (count > tagsMax || values > end) return undefined;
  // Each entry tells where its value ends; it begins where the one before it ended.
  let from = values;
  for (let i = 0; i < count; i++) {
    const entry = at + 8 + 8 * i;
    const to = values + littleWordAt(bytes, entry + 4);
    if (to < from || to > end) return undefined;
    if (isTag(bytes, entry, 0x53, 0x4e, 0x49, 0x00)) return textOf(bytes, from, Math.min(to, from + nameBytesMax));
    from = to;
  }
  return undefined;
}
