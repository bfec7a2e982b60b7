/** Bytes as HTTP sorts them (RFC 9110 §5.6). */

export const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09;
export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

export function hasBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (isBlank(bytes[i]!)) return true;
  return false;
}

export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Bytes of a token (RFC 9110 §5.6.2): no separators, no controls. */
export const tokenBytes = new Uint8Array(256);
for (let byte = 33; byte < 127; byte++) tokenBytes[byte] = '()<>@,;:\\"/[]?={}'.includes(String.fromCharCode(byte)) ? 0 : 1;
export const isTokenByte = (byte: number): boolean => tokenBytes[byte] === 1;

/** Whether the bytes at `at` spell `word` (lower case) in any case. The caller knows that there are enough of them. */
export function matches(bytes: Uint8Array, at: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) {
    let byte = bytes[at + i]!;
    if (byte >= 0x41 && byte <= 0x5a) byte += 0x20;
    if (byte !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** `1.1` as 11, `0.9` as 9, anything else as -1. */
export function versionNumber(bytes: Uint8Array, at: number, end: number): number {
  if (at + 3 > end || !isDigit(bytes[at]!) || bytes[at + 1] !== 0x2e || !isDigit(bytes[at + 2]!)) return -1;
  return (bytes[at]! - 0x30) * 10 + bytes[at + 2]! - 0x30;
}
