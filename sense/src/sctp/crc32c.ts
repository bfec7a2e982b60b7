/** The checksum of SCTP: CRC32c (RFC 9260 appendix A). */

const table = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f6_3b78 : value >>> 1;
  table[byte] = value >>> 0;
}

/** CRC32c of `bytes[start, end)`, the four bytes at `zero` taken as zero. */
export function crc32c(bytes: Uint8Array, start: number, end: number, zero: number): number {
  let crc = 0xffff_ffff;
  for (let at = start; at < end; at++) {
    const byte = at >= zero && at < zero + 4 ? 0 : bytes[at]!;
    crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
