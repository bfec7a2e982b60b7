/** Names of NetBIOS in their first-level encoding (RFC 1001 §14.1): sixteen bytes, each as two letters from A to P. */

/** Bytes of an encoded name with its length and the zero of an empty scope. */
export const nameBytes = 34;

/** Bytes that the encoded name at `start` takes, its scope included; 0 where none stands there. */
export function encodedName(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < nameBytes || bytes[start] !== 32) return 0;
  for (let i = 1; i <= 32; i++) {
    const letter = bytes[start + i]!;
    if (letter < 0x41 || letter > 0x50) return 0;
  }
  // The scope is a list of labels, nearly always empty (RFC 1002 §4.1).
  let at = start + 33;
  for (let labels = 0; labels < 8; labels++) {
    if (at >= end) return 0;
    const length = bytes[at]!;
    if (length === 0) return at + 1 - start;
    if (length > 63) return 0;
    at += 1 + length;
  }
  return 0;
}
