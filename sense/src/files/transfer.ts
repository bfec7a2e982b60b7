/** The two codings of MIME that need undoing (RFC 2045 §6.7, §6.8), piece by piece and into a buffer that is used again. */

/** Where decoded bytes go; `bytes[start, end)` is valid only during the call. */
export type Decoded = (bytes: Uint8Array, start: number, end: number, ts: number) => void;

/** Undoes a transfer coding over pieces of any length. */
export type TransferDecoder = {
  push(bytes: Uint8Array, start: number, end: number, ts: number): void;
  /** The coded text is over. */
  finish(ts: number): void;
};

/** Decoded bytes handed on at a time. */
const pieceBytes = 12_288;
const out = new Uint8Array(pieceBytes + 3);

const skip = 255;
const padding = 254;

/** Values of the letters of base64, those of the URL alphabet too; everything else is passed over (RFC 2045 §6.8). */
const values = new Uint8Array(256).fill(skip);
for (const [i, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  values[letter.charCodeAt(0)] = i;
}
values[0x3d] = padding;

export class Base64Decoder implements TransferDecoder {
  readonly #target: Decoded;
  /** Up to three letters that wait for their fourth. */
  #bits = 0;
  #letters = 0;

  constructor(target: Decoded) {
    this.#target = target;
  }

  push(bytes: Uint8Array, start: number, end: number, ts: number): void {
    let bits = this.#bits;
    let letters = this.#letters;
    let length = 0;
    for (let at = start; at < end; at++) {
      // Four letters at a time, as long as nothing else stands between them.
      const whole = letters === 0 ? end - 3 : at;
      for (; at < whole; at += 4) {
        const first = values[bytes[at]!]!;
        const second = values[bytes[at + 1]!]!;
        const third = values[bytes[at + 2]!]!;
        const fourth = values[bytes[at + 3]!]!;
        if ((first | second | third | fourth) > 63) break;
        out[length] = (first << 2) | (second >> 4);
        out[length + 1] = (second << 4) | (third >> 2);
        out[length + 2] = (third << 6) | fourth;
        length += 3;
        if (length >= pieceBytes) {
          this.#target(out, 0, length, ts);
          length = 0;
        }
      }
      if (at === end) break;
      const value = values[bytes[at]!]!;
      if (value < 64) {
        bits = (bits << 6) | value;
        if (++letters < 4) continue;
        out[length] = bits >> 16;
        out[length + 1] = bits >> 8;
        out[length + 2] = bits;
        length += 3;
        bits = 0;
        letters = 0;
        if (length >= pieceBytes) {
          this.#target(out, 0, length, ts);
          length = 0;
        }
      } else if (value === padding && letters > 0) {
        length = rest(bits, letters, length);
        bits = 0;
        letters = 0;
      }
    }
    this.#bits = bits;
    this.#letters = letters;
    if (length > 0) this.#target(out, 0, length, ts);
  }

  finish(ts: number): void {
    const length = rest(this.#bits, this.#letters, 0);
    this.#bits = 0;
    this.#letters = 0;
    if (length > 0) this.#target(out, 0, length, ts);
  }
}

/** What fewer than four letters hold: one byte of two, two of three. */
function rest(bits: number, letters: number, length: number): number {
  if (letters === 2) out[length++] = bits >> 4;
  else if (letters === 3) {
    out[length++] = bits >> 10;
    out[length++] = bits >> 2;
  }
  return length;
}

/** RFC 5322 allows 998 characters a line, quoted-printable 76; a longer line is decoded in parts of this length. */
const lineBytesMax = 1_024;

export class QuotedPrintableDecoder implements TransferDecoder {
  readonly #target: Decoded;
  readonly #line = new Uint8Array(lineBytesMax);
  #length = 0;

  constructor(target: Decoded) {
    this.#target = target;
  }

  push(bytes: Uint8Array, start: number, end: number, ts: number): void {
    const line = this.#line;
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === 0x0a) this.#decode(true, ts);
      else {
        if (this.#length === lineBytesMax) this.#decode(false, ts);
        line[this.#length++] = byte;
      }
    }
  }

  finish(ts: number): void {
    while (this.#length > 0) this.#decode(false, ts);
  }

  /** The line that is held, with its end or without. White space before the end does not count (RFC 2045 §6.7, rule 3). */
  #decode(ended: boolean, ts: number): void {
    const line = this.#line;
    let end = this.#length;
    // A long line is cut before an escape that its next part completes.
    let kept = 0;
    if (ended) while (end > 0 && isBlank(line[end - 1]!)) end--;
    else if (end === lineBytesMax) kept = line[end - 1] === 0x3d ? 1 : line[end - 2] === 0x3d ? 2 : 0;
    const stop = end - kept;
    let length = 0;
    let soft = false;
    for (let at = 0; at < stop; at++) {
      const byte = line[at]!;
      if (byte !== 0x3d) {
        out[length++] = byte;
        continue;
      }
      if (at === end - 1) {
        soft = ended;
        break;
      }
      const high = hexValue(line[at + 1]!);
      const low = at + 2 < end ? hexValue(line[at + 2]!) : -1;
      if (high >= 0 && low >= 0) {
        out[length++] = (high << 4) | low;
        at += 2;
      } else out[length++] = byte;
    }
    if (ended && !soft) {
      out[length++] = 0x0d;
      out[length++] = 0x0a;
    }
    line.copyWithin(0, stop, stop + kept);
    this.#length = kept;
    if (length > 0) this.#target(out, 0, length, ts);
  }
}

const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
