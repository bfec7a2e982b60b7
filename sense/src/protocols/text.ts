/**
 * Text out of bytes, as Zeek's JSON writer makes it: ASCII and valid UTF-8 as they are, every other byte as the four
 * characters `\xNN`, so that nothing is lost and nothing is invented.
 */

/** Reads `bytes[start, end)` as text. The string is made once, without an intermediate copy where all is ASCII. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  if (start >= end) return '';
  let bits = 0;
  for (let i = start; i < end; i++) bits |= bytes[i]!;
  return bits < 0x80 ? asciiOf(bytes, start, end) : mixedOf(bytes, start, end);
}

/** Where the next line feed stands in `bytes[from, to)`, or -1. Looks no further than asked, as `indexOf` would. */
export function lineFeed(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) if (bytes[at] === 0x0a) return at;
  return -1;
}

/** Reads bytes that are known to be below 0x80, or whose upper half shall stand as Latin-1. */
export function asciiOf(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  // Below about a dozen bytes, calling into the runtime costs more than joining characters.
  if (length < 12) {
    let text = '';
    for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
    return text;
  }
  return Buffer.prototype.latin1Slice.call(bytes, start, end);
}

function mixedOf(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let i = start;
  while (i < end) {
    const lead = bytes[i]!;
    if (lead < 0x80) {
      text += String.fromCharCode(lead);
      i++;
      continue;
    }
    const length = sequenceLength(bytes, i, end);
    if (length === 0) {
      text += `\\x${lead.toString(16).padStart(2, '0')}`;
      i++;
    } else {
      text += Buffer.prototype.utf8Slice.call(bytes, i, i + length);
      i += length;
    }
  }
  return text;
}

/** Length of the well-formed UTF-8 sequence at `i` (Unicode table 3-7), or 0. */
function sequenceLength(bytes: Uint8Array, i: number, end: number): number {
  const lead = bytes[i]!;
  const length = lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  if (length === 0 || i + length > end) return 0;
  const second = bytes[i + 1]!;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let k = 2; k < length; k++) if ((bytes[i + k]! & 0xc0) !== 0x80) return 0;
  return length;
}
