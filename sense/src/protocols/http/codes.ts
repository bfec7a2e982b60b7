/** Canonical codes of deflate (RFC 1951 §3.2.2): short words by one look into a table, long ones bit by bit. */

/** Codes of up to so many bits are read by one look into a table; longer ones are rare, and read bit by bit. */
export const quickBits = 10;

const offsets = new Uint16Array(16);
const nextCode = new Uint16Array(16);

/** A canonical code (RFC 1951 §3.2.2): a table for its short words, and counts and symbols for the long ones. */
export class Code {
  /** By the next bits of the stream: symbol and length of the word, or 0 where it is longer than the table is wide. */
  readonly quick = new Uint16Array(1 << quickBits);
  readonly counts = new Uint16Array(16);
  readonly symbols: Uint16Array;

  constructor(symbols: number) {
    this.symbols = new Uint16Array(symbols);
  }

  build(lengths: Uint8Array, from: number, count: number): void {
    const { quick, counts, symbols } = this;
    quick.fill(0);
    counts.fill(0);
    for (let i = 0; i < count; i++) counts[lengths[from + i]!]!++;
    counts[0] = 0;
    offsets[1] = 0;
    nextCode[1] = 0;
    for (let i = 1; i < 15; i++) {
      offsets[i + 1] = offsets[i]! + counts[i]!;
      nextCode[i + 1] = (nextCode[i]! + counts[i]!) << 1;
    }
    for (let i = 0; i < count; i++) {
      const length = lengths[from + i]!;
      if (length === 0) continue;
      symbols[offsets[length]!++] = i;
      const code = nextCode[length]!++;
      if (length > quickBits) continue;
      // The stream brings the highest bit of a word first, the table is asked by its lowest.
      let reversed = 0;
      for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
      for (let at = reversed; at < 1 << quickBits; at += 1 << length) quick[at] = (i << 4) | length;
    }
  }
}

/** No word of the code begins so. */
export const unknownWord = -1;

/** The word is longer than the bits that are there. */
const shortOfBits = -2;

/** A word longer than the table is wide, as the table would give it. */
export function slow(code: Code, hold: number, held: number): number {
  let value = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length <= 15; length++) {
    if (length > held) return shortOfBits;
    value |= (hold >> (length - 1)) & 1;
    const count = code.counts[length]!;
    if (value - count < first) return (code.symbols[index + (value - first)]! << 4) | length;
    index += count;
    first = (first + count) << 1;
    value <<= 1;
  }
  return unknownWord;
}
