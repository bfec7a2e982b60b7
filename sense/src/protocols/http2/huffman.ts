/**
 * The Huffman code of HPACK (RFC 7541 appendix B). The code is canonical, so that the lengths of its codes tell the whole of
 * it: codes of one length follow one another in the order of their symbols.
 */

/** Lengths of the codes of the symbols 0 to 256 (the end of string), a digit in base 36 each. */
const lengths =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777777777777777777777878djde6f56565666577666567655677777' +
  'fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmnlmnnkmmmnmmnqqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrs' +
  'rrrrrqu';

const longest = 30;
const endOfString = 256;

/** By length of code: the first code of that length, the number of such codes, and where their symbols begin. */
const firstCode = new Uint32Array(longest + 1);
const codeCount = new Uint16Array(longest + 1);
const firstSymbol = new Uint16Array(longest + 1);
const symbols = new Uint16Array(endOfString + 1);

/** What eight bits begin with: symbol and length of a code that is no longer, or 0. */
const short = new Uint16Array(256);

{
  let code = 0;
  let place = 0;
  for (let length = 1; length <= longest; length++) {
    code <<= 1;
    firstCode[length] = code;
    firstSymbol[length] = place;
    for (let symbol = 0; symbol <= endOfString; symbol++) {
      if (Number.parseInt(lengths[symbol]!, 36) !== length) continue;
      symbols[place++] = symbol;
      if (length <= 8) short.fill((symbol << 4) | length, code << (8 - length), (code + 1) << (8 - length));
      code++;
      codeCount[length]!++;
    }
  }
}

/** Symbols in the order of their codes; for the tests. */
export const symbolCount = symbols.length;

/**
 * Decodes `bytes[start, end)` into `target` as far as it has room, and answers how many bytes the text has, or -1 when the
 * code is broken: a code of the end of string, or padding that is not the beginning of it (RFC 7541 §5.2).
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number, target: Uint8Array): number {
  const bits = (end - start) * 8;
  let length = 0;
  let bit = 0;
  while (bit < bits) {
    const at = start + (bit >> 3);
    // The next eight bits; behind the end stand ones, as in padding.
    const eight = (((bytes[at]! << 8) | (at + 1 < end ? bytes[at + 1]! : 0xff)) >> (8 - (bit & 7))) & 0xff;
    const found = short[eight]!;
    let taken = found & 15;
    let symbol = found >> 4;
    if (taken === 0) {
      let code = eight;
      symbol = -1;
      for (taken = 9; taken <= longest && bit + taken <= bits; taken++) {
        const place = bit + taken - 1;
        code = (code << 1) | ((bytes[start + (place >> 3)]! >> (7 - (place & 7))) & 1);
        const offset = code - firstCode[taken]!;
        if (offset < 0 || offset >= codeCount[taken]!) continue;
        symbol = symbols[firstSymbol[taken]! + offset]!;
        break;
      }
    }
    if (symbol < 0 || bit + taken > bits) {
      // What is left is padding: fewer than eight bits, all set.
      return bits - bit < 8 && eight === 0xff ? length : -1;
    }
    if (symbol === endOfString) return -1;
    if (length < target.length) target[length] = symbol;
    length++;
    bit += taken;
  }
  return length;
}
