/** The smallest parts of QUIC's packets: integers, the types of packets and frames (RFC 9000 §16, §17, §19). */

export const INITIAL = 0;
export const ZERO_RTT = 1;
export const HANDSHAKE = 2;
export const RETRY = 3;

export const PADDING = 0x00;
export const PING = 0x01;
export const ACK = 0x02;
export const ACK_WITH_COUNTS = 0x03;
export const CRYPTO = 0x06;
export const CONNECTION_CLOSE = 0x1c;

/** A variable-length integer (RFC 9000 §16) and where the next byte stands: read into these, so that none is made. */
export let value = 0;
export let after = 0;

/** Reads the integer at `at`; false where it does not fit. */
export function integer(bytes: Uint8Array, at: number, end: number): boolean {
  if (at >= end) return false;
  const length = 1 << (bytes[at]! >> 6);
  if (at + length > end) return false;
  value = bytes[at]! & 0x3f;
  for (let i = 1; i < length; i++) value = value * 256 + bytes[at + i]!;
  after = at + length;
  return true;
}

/** The 32-bit number at `at`. */
export const wordAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

/** Bytes as hexadecimal digits, as connection ids are written. */
export const hexadecimal = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.prototype.hexSlice.call(bytes, start, end);

/** RFC 9000 §19.3; answers where the next frame begins, or -1. */
export function skipAcknowledgement(bytes: Uint8Array, start: number, end: number, withCounts: boolean): number {
  let at = start;
  let integers = 4;
  for (let i = 0; i < integers; i++) {
    if (!integer(bytes, at, end)) return -1;
    at = after;
    // The third one counts the ranges, of two integers each; none has less than a byte.
    if (i === 2) {
      if (value > end - at) return -1;
      integers += 2 * value + (withCounts ? 3 : 0);
    }
  }
  return at;
}
