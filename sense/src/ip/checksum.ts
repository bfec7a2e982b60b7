/** The internet checksum (RFC 1071). */

/** Adds `bytes[start, end)` as 16-bit words to a running sum; an odd last byte is padded with zero. */
export function sumWords(bytes: Uint8Array, start: number, end: number, initial: number): number {
  let sum = initial;
  let i = start;
  for (; i + 1 < end; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
  if (i < end) sum += bytes[i]! << 8;
  return sum;
}

/** Folds the carries; a sum that includes its own checksum folds to 0xffff when it is right. */
export function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded;
}

/** The sum of the pseudo-header of the key's addresses (RFC 9293 §3.1, RFC 8200 §8.1). */
export function pseudoHeader(key: Int32Array, six: boolean, protocol: number, length: number): number {
  let sum = protocol + (length & 0xffff) + (length >>> 16);
  for (let i = six ? 0 : 3; i < 4; i++) {
    sum += (key[i]! >>> 16) + (key[i]! & 0xffff) + (key[i + 4]! >>> 16) + (key[i + 4]! & 0xffff);
  }
  return sum;
}
