/**
 * Google's QUIC, from which the IETF's grew: recognised by its version, `Q043` in the packet as text, and not read. Until the
 * 43rd it had a public header of its own, then one that is close to today's long header; Chrome dropped it in 2021.
 */

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
