/** Names of flows: `C` and 17 characters of base 62, made from a seed and the flow's number, so that a replay is exact. */

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** 32 well-mixed bits of a text or number (FNV-1a, finished as in MurmurHash3). */
export function seedOf(seed: string | number): number {
  if (typeof seed === 'number') return mix(Math.trunc(seed % 4_294_967_296) | 0);
  let hash = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** The finalizer of MurmurHash3: each bit of the input changes each bit of the output with probability one half. */
export function mix(value: number): number {
  let hash = value;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

const codes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
const text = new Uint8Array(17);

/** The uid of the `number`th flow of a reading; 100 bits' worth of letters from four independent mixings. */
export function uidOf(seed: number, number: number): string {
  const low = number | 0;
  const high = Math.floor(number / 4_294_967_296) | 0;
  let at = 0;
  for (let word = 0; word < 4; word++) {
    let bits = mix(mix(low + Math.imul(word + 1, 0x9e3779b1)) ^ mix(seed ^ high ^ Math.imul(word, 0x7feb352d))) >>> 0;
    const count = word === 3 ? 2 : 5;
    for (let i = 0; i < count; i++) {
      const rest = Math.floor(bits / 62);
      text[at++] = codes[bits - rest * 62]!;
      bits = rest;
    }
  }
  const t = text;
  // One call makes one flat string; seventeen concatenations would make a chain of them.
  return String.fromCharCode(
    67,
    t[0]!,
    t[1]!,
    t[2]!,
    t[3]!,
    t[4]!,
    t[5]!,
    t[6]!,
    t[7]!,
    t[8]!,
    t[9]!,
    t[10]!,
    t[11]!,
    t[12]!,
    t[13]!,
    t[14]!,
    t[15]!,
    t[16]!,
  );
}
