/**
 * SHA-1 (FIPS 180-4) of one short message, as base64. For names that other tools compute alike, such as the Community
 * ID; never for security, for which SHA-1 is broken. A message of up to 55 bytes is one block, and hashing it here takes
 * a quarter of the time of a call into the crypto library.
 */

const words = new Int32Array(80);
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const codes = Uint8Array.from(base64, (letter) => letter.charCodeAt(0));
const digest = new Uint8Array(21);

/** Longest message. */
export const sha1BytesMax = 55;

/** The digest of `bytes[0, length)` in base64, 28 characters. Throws a fault for longer messages than one block. */
export function sha1Base64(bytes: Uint8Array, length: number): string {
  if (length > sha1BytesMax) throw new Error(`sha1Base64 takes up to ${sha1BytesMax} bytes, not ${length}.`);
  const w = words;
  for (let i = 0; i < 16; i++) w[i] = 0;
  for (let i = 0; i < length; i++) w[i >> 2]! |= bytes[i]! << (24 - (i & 3) * 8);
  w[length >> 2]! |= 0x80 << (24 - (length & 3) * 8);
  w[15] = length * 8;
  for (let i = 16; i < 80; i++) {
    const x = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!;
    w[i] = (x << 1) | (x >>> 31);
  }
  let a = 0x67452301;
  let b = 0xefcdab89 | 0;
  let c = 0x98badcfe | 0;
  let d = 0x10325476;
  let e = 0xc3d2e1f0 | 0;
  // Four loops rather than one with a choice inside: each stays in 32-bit integers.
  for (let i = 0; i < 20; i++) {
    const next = (((a << 5) | (a >>> 27)) + (((b & c) | (~b & d)) + e + w[i]! + 0x5a827999)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 20; i < 40; i++) {
    const next = (((a << 5) | (a >>> 27)) + ((b ^ c ^ d) + e + w[i]! + 0x6ed9eba1)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 40; i < 60; i++) {
    const next = (((a << 5) | (a >>> 27)) + (((b & c) | (b & d) | (c & d)) + e + w[i]! - 0x70e44324)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 60; i < 80; i++) {
    const next = (((a << 5) | (a >>> 27)) + ((b ^ c ^ d) + e + w[i]! - 0x359d3e2a)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  put(0, (a + 0x67452301) | 0);
  put(4, (b + 0xefcdab89) | 0);
  put(8, (c + 0x98badcfe) | 0);
  put(12, (d + 0x10325476) | 0);
  put(16, (e + 0xc3d2e1f0) | 0);
  // 20 bytes are six groups of three and two bytes more, of which the last gives one padding character.
  return String.fromCharCode(
    c1(0),
    c2(0),
    c3(0),
    c4(0),
    c1(3),
    c2(3),
    c3(3),
    c4(3),
    c1(6),
    c2(6),
    c3(6),
    c4(6),
    c1(9),
    c2(9),
    c3(9),
    c4(9),
    c1(12),
    c2(12),
    c3(12),
    c4(12),
    c1(15),
    c2(15),
    c3(15),
    c4(15),
    c1(18),
    c2(18),
    c3(18),
    61,
  );
}

function put(at: number, word: number): void {
  digest[at] = word >>> 24;
  digest[at + 1] = word >>> 16;
  digest[at + 2] = word >>> 8;
  digest[at + 3] = word;
}

const c1 = (at: number): number => codes[digest[at]! >> 2]!;
const c2 = (at: number): number => codes[((digest[at]! & 3) << 4) | (digest[at + 1]! >> 4)]!;
const c3 = (at: number): number => codes[((digest[at + 1]! & 15) << 2) | (digest[at + 2]! >> 6)]!;
const c4 = (at: number): number => codes[digest[at + 2]! & 63]!;
