/**
 * The first bytes of a compressed body (RFC 1951, in a gzip wrapper of RFC 1952 or a zlib wrapper of RFC 1950), enough
 * to tell its type. Reads at most what it is given and writes at most what it has room for: a bomb has no fuse here.
 */

const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceBase = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289,
  16385, 24577,
];
const codeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** A canonical code: how many codes have each length, and the symbols in order. */
type Code = { counts: Uint16Array; symbols: Uint16Array };

function newCode(symbols: number): Code {
  return { counts: new Uint16Array(16), symbols: new Uint16Array(symbols) };
}

const literals = newCode(288);
const distances = newCode(32);
const lengths = new Uint8Array(320);
const offsets = new Uint16Array(16);

function build(code: Code, from: number, count: number): void {
  code.counts.fill(0);
  for (let i = 0; i < count; i++) code.counts[lengths[from + i]!]!++;
  code.counts[0] = 0;
  offsets[1] = 0;
  for (let i = 1; i < 15; i++) offsets[i + 1] = offsets[i]! + code.counts[i]!;
  for (let i = 0; i < count; i++) {
    const length = lengths[from + i]!;
    if (length > 0) code.symbols[offsets[length]!++] = i;
  }
}

let source: Uint8Array = new Uint8Array(0);
let at = 0;
let limit = 0;
let hold = 0;
let held = 0;
let starved = false;

function bits(count: number): number {
  while (held < count) {
    if (at >= limit) {
      starved = true;
      return 0;
    }
    hold |= source[at++]! << held;
    held += 8;
  }
  const value = hold & ((1 << count) - 1);
  hold >>>= count;
  held -= count;
  return value;
}

function symbol(code: Code): number {
  let value = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length <= 15; length++) {
    value |= bits(1);
    if (starved) return -1;
    const count = code.counts[length]!;
    if (value - count < first) return code.symbols[index + (value - first)]!;
    index += count;
    first = (first + count) << 1;
    value <<= 1;
  }
  return -1;
}

/** Inflates from `bytes[start, end)` into `out` until either is used up; returns how many bytes were written. */
export function inflateHead(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  source = bytes;
  limit = end;
  hold = 0;
  held = 0;
  starved = false;
  at = wrapper(bytes, start, end);
  let written = 0;
  let last = false;
  while (!last && !starved && written < out.length) {
    last = bits(1) === 1;
    const kind = bits(2);
    if (kind === 0) {
      hold = 0;
      held = 0;
      let length = at + 4 <= limit ? source[at]! | (source[at + 1]! << 8) : 0;
      at += 4;
      while (length-- > 0 && at < limit && written < out.length) out[written++] = source[at++]!;
      if (at >= limit) break;
      continue;
    }
    if (kind === 3 || !codes(kind)) break;
    while (written < out.length) {
      const what = symbol(literals);
      if (what < 0 || what === 256) {
        if (what < 0) return written;
        break;
      }
      if (what < 256) {
        out[written++] = what;
        continue;
      }
      if (what > 285) return written;
      let length = lengthBase[what - 257]! + bits(lengthExtra[what - 257]!);
      const slot = symbol(distances);
      if (slot < 0 || slot > 29) return written;
      const distance = distanceBase[slot]! + bits(slot < 4 ? 0 : (slot >> 1) - 1);
      if (starved || distance > written) return written;
      for (; length > 0 && written < out.length; length--, written++) out[written] = out[written - distance]!;
    }
  }
  return written;
}

/** Builds the codes of a block: the fixed ones, or those the block describes. */
function codes(kind: number): boolean {
  if (kind === 1) {
    for (let i = 0; i < 288; i++) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    build(literals, 0, 288);
    for (let i = 0; i < 30; i++) lengths[i] = 5;
    build(distances, 0, 30);
    return true;
  }
  const literalCount = bits(5) + 257;
  const distanceCount = bits(5) + 1;
  const lengthCount = bits(4) + 4;
  if (starved || literalCount > 286 || distanceCount > 30) return false;
  lengths.fill(0, 0, 19);
  for (let i = 0; i < lengthCount; i++) lengths[codeOrder[i]!] = bits(3);
  build(literals, 0, 19);
  let index = 0;
  while (index < literalCount + distanceCount) {
    const what = symbol(literals);
    if (what < 0) return false;
    if (what < 16) {
      lengths[index++] = what;
      continue;
    }
    if (what === 16 && index === 0) return false;
    const value = what === 16 ? lengths[index - 1]! : 0;
    let repeat = what === 16 ? 3 + bits(2) : what === 17 ? 3 + bits(3) : 11 + bits(7);
    if (starved || index + repeat > literalCount + distanceCount) return false;
    while (repeat-- > 0) lengths[index++] = value;
  }
  build(distances, literalCount, distanceCount);
  build(literals, 0, literalCount);
  return true;
}

/** Where the compressed data begin behind a gzip or zlib header; servers also send "deflate" without one. */
function wrapper(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 2) return end;
  if (bytes[start] === 0x1f && bytes[start + 1] === 0x8b) {
    const flags = start + 3 < end ? bytes[start + 3]! : 0;
    let next = start + 10;
    if (flags & 4) next += 2 + (bytes[next] ?? 0) + ((bytes[next + 1] ?? 0) << 8);
    for (const flag of [8, 16]) {
      if ((flags & flag) === 0) continue;
      while (next < end && bytes[next] !== 0) next++;
      next++;
    }
    if (flags & 2) next += 2;
    return Math.min(next, end);
  }
  const zlib = (bytes[start]! & 0x0f) === 8 && ((bytes[start]! << 8) | bytes[start + 1]!) % 31 === 0;
  return zlib ? start + 2 : start;
}
