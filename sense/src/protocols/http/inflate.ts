/**
 * Compressed bodies, piece by piece (RFC 1951, in a gzip wrapper of RFC 1952 or a zlib wrapper of RFC 1950, or bare).
 *
 * Every state needs at most fifteen bits at a time, and what a piece leaves of them waits in `hold`: nothing of the input
 * is ever kept. The output is a window of 64 KiB that is handed on as it fills. A bomb is stopped by its output.
 */

import { Code, quickBits, slow, unknownWord } from './codes.ts';

/** How far a distance reaches back (RFC 1951 §2). */
const windowBytes = 32_768;

/** Twice the window: every 32 KiB of output the last 32 KiB move to the front. */
const outBytes = 2 * windowBytes;

/** Output of one body before it must look like what people compress. */
export const inflatedFreeBytes = 4_194_304;

/** Output for each byte of input beyond that: logs and tables reach 50, a bomb 1,000. */
export const inflationMax = 200;

const lengthBase = Uint16Array.from([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]);
const lengthExtra = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]);
const distanceBase = Uint16Array.from([
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289,
  16385, 24577,
]);
const codeOrder = Uint8Array.from([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

const wrapperState = 0;
const gzipState = 1;
const gzipExtraLength = 2;
const gzipExtra = 3;
const gzipText = 4;
const gzipCheck = 5;
const blockState = 6;
const storedLength = 7;
const stored = 8;
const countsState = 9;
const orderState = 10;
const lengthsState = 11;
const symbolState = 12;
const lengthState = 13;
const distanceState = 14;
const distanceExtraState = 15;
const doneState = 16;
const brokenState = 17;

/** Takes the content as it comes out; `bytes[start, end)` is valid only during the call. */
export type ContentTarget = { content(bytes: Uint8Array, start: number, end: number): void };

export class Inflater {
  /** The output went beyond what honest senders make of their input. */
  exceeded = false;
  #state = wrapperState;
  #bare = true;
  #hold = 0;
  #held = 0;
  #last = false;
  #taken = 0;
  #made = 0;
  /** What a state counts down, or how far it has come. */
  #count = 0;
  #flags = 0;
  #length = 0;
  #distance = 0;
  #literalCount = 0;
  #distanceCount = 0;
  #lengthCount = 0;
  readonly #lengths = new Uint8Array(320);
  readonly #literals = new Code(288);
  readonly #distances = new Code(32);
  readonly #out = new Uint8Array(outBytes);
  #pos = 0;
  #given = 0;
  /** The last symbol that `#words` met. */
  #word = 0;

  /** Makes it ready for another body; `bare` when it may come without a wrapper, as servers send "deflate". */
  reset(bare: boolean): void {
    this.#bare = bare;
    this.exceeded = false;
    this.#state = wrapperState;
    this.#hold = 0;
    this.#held = 0;
    this.#last = false;
    this.#taken = 0;
    this.#made = 0;
    this.#count = 0;
    this.#pos = 0;
    this.#given = 0;
  }

  /** The compressed data came to their end. */
  get done(): boolean {
    return this.#state === doneState;
  }

  /** What came is no compressed data, or too much. */
  get broken(): boolean {
    return this.#state === brokenState;
  }

  /** The next bytes of the body. What stands behind the end of the data (the trailer of gzip) is passed over. */
  push(bytes: Uint8Array, start: number, end: number, target: ContentTarget): void {
    this.#taken += end - start;
    let at = start;
    if (this.#state < blockState) at = this.#header(bytes, at, end);
    if (this.#state >= blockState && this.#state < doneState) this.#body(bytes, at, end, target);
    if (this.#given < this.#pos) {
      target.content(this.#out, this.#given, this.#pos);
      this.#given = this.#pos;
    }
  }

  /** The wrapper, byte by byte. */
  #header(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end) {
      const byte = bytes[at]!;
      switch (this.#state) {
        case wrapperState:
          if (this.#count++ === 0) {
            this.#flags = byte;
            at++;
            continue;
          }
          if (this.#flags === 0x1f && byte === 0x8b) {
            this.#state = gzipState;
            at++;
            continue;
          }
          if ((this.#flags & 0x0f) === 8 && ((this.#flags << 8) | byte) % 31 === 0) at++;
          else if (!this.#bare) {
            this.#state = brokenState;
            return end;
          } else {
            this.#hold = this.#flags;
            this.#held = 8;
          }
          this.#state = blockState;
          return at;
        case gzipState:
          // Behind the magic: method, flags, time (4), extra flags, system.
          if (this.#count === 2 && byte !== 8) {
            this.#state = brokenState;
            return end;
          }
          if (this.#count === 3) this.#flags = byte;
          if (++this.#count < 10) break;
          this.#next(gzipState);
          break;
        case gzipExtraLength:
          this.#length |= byte << (8 * this.#count);
          if (++this.#count < 2) break;
          this.#state = gzipExtra;
          if (this.#length === 0) this.#next(gzipExtra);
          break;
        case gzipExtra:
          if (--this.#length === 0) this.#next(gzipExtra);
          break;
        case gzipText:
          if (byte === 0 && --this.#count === 0) this.#next(gzipText);
          break;
        case gzipCheck:
          if (++this.#count === 2) this.#state = blockState;
          break;
        default:
          return at;
      }
      at++;
    }
    return at;
  }

  /** The next part of a gzip header that its flags announce (RFC 1952 §2.3). */
  #next(behind: number): void {
    const flags = this.#flags;
    this.#count = 0;
    if (behind < gzipExtra && flags & 4) {
      this.#length = 0;
      this.#state = gzipExtraLength;
    } else if (behind < gzipText && flags & 24) {
      // A name and a comment, each until a zero.
      this.#count = (flags & 8 ? 1 : 0) + (flags & 16 ? 1 : 0);
      this.#state = gzipText;
    } else this.#state = flags & 2 ? gzipCheck : blockState;
  }

  #body(bytes: Uint8Array, start: number, end: number, target: ContentTarget): void {
    const literals = this.#literals;
    const distances = this.#distances;
    const out = this.#out;
    let at = start;
    let hold = this.#hold;
    let held = this.#held;
    let state = this.#state;
    let pos = this.#pos;
    reading: for (;;) {
      switch (state) {
        case symbolState: {
          // Where input and room are enough for any word with its copy nothing needs to be remembered between them.
          let symbol = 0;
          if (at + wordBytesMax <= end && pos + copyBytesMax < outBytes) {
            this.#hold = hold;
            this.#held = held;
            this.#pos = pos;
            at = this.#words(bytes, at, end);
            hold = this.#hold;
            held = this.#held;
            pos = this.#pos;
            symbol = this.#word;
          }
          if (symbol === 256) {
            state = this.#last ? doneState : blockState;
            if (state === doneState) break reading;
            break;
          }
          if (symbol > 285) {
            state = brokenState;
            break reading;
          }
          // Near the end of the piece or of the window: word after word, until a length comes or the piece ends.
          for (;;) {
            while (held < 15 && at < end) {
              hold |= bytes[at++]! << held;
              held += 8;
            }
            let entry = literals.quick[hold & ((1 << quickBits) - 1)]!;
            if (entry === 0) entry = slow(literals, hold, held);
            const length = entry & 15;
            if (entry < 0 || length > held) {
              if (entry === unknownWord) state = brokenState;
              break reading;
            }
            hold >>>= length;
            held -= length;
            symbol = entry >> 4;
            if (symbol < 256) {
              out[pos++] = symbol;
              if (pos === outBytes) {
                pos = this.#slide(target);
                if (this.exceeded) {
                  state = brokenState;
                  break reading;
                }
              }
              continue;
            }
            if (symbol === 256) state = this.#last ? doneState : blockState;
            else if (symbol > 285) state = brokenState;
            else {
              this.#length = symbol - 257;
              state = lengthState;
            }
            break;
          }
          if (state >= doneState) break reading;
          break;
        }
        case lengthState: {
          const extra = lengthExtra[this.#length]!;
          while (held < extra && at < end) {
            hold |= bytes[at++]! << held;
            held += 8;
          }
          if (held < extra) break reading;
          this.#length = lengthBase[this.#length]! + (hold & ((1 << extra) - 1));
          hold >>>= extra;
          held -= extra;
          state = distanceState;
          break;
        }
        case distanceState: {
          while (held < 15 && at < end) {
            hold |= bytes[at++]! << held;
            held += 8;
          }
          let entry = distances.quick[hold & ((1 << quickBits) - 1)]!;
          if (entry === 0) entry = slow(distances, hold, held);
          const length = entry & 15;
          if (entry < 0 || length > held) {
            if (entry === unknownWord) state = brokenState;
            break reading;
          }
          hold >>>= length;
          held -= length;
          this.#distance = entry >> 4;
          if (this.#distance > 29) {
            state = brokenState;
            break reading;
          }
          state = distanceExtraState;
          break;
        }
        case distanceExtraState: {
          const slot = this.#distance;
          const extra = slot < 4 ? 0 : (slot >> 1) - 1;
          while (held < extra && at < end) {
            hold |= bytes[at++]! << held;
            held += 8;
          }
          if (held < extra) break reading;
          const distance = distanceBase[slot]! + (hold & ((1 << extra) - 1));
          hold >>>= extra;
          held -= extra;
          // Behind the first slide the whole window stands in front of `pos`.
          if (distance > pos) {
            state = brokenState;
            break reading;
          }
          for (let left = this.#length; left > 0; left--) {
            out[pos] = out[pos - distance]!;
            if (++pos === outBytes) pos = this.#slide(target);
          }
          state = this.exceeded ? brokenState : symbolState;
          if (state === brokenState) break reading;
          break;
        }
        case blockState: {
          while (held < 3 && at < end) {
            hold |= bytes[at++]! << held;
            held += 8;
          }
          if (held < 3) break reading;
          this.#last = (hold & 1) === 1;
          const kind = (hold >> 1) & 3;
          hold >>>= 3;
          held -= 3;
          this.#count = 0;
          if (kind === 0) {
            // A stored block begins at a whole byte.
            hold >>>= held & 7;
            held &= ~7;
            state = storedLength;
          } else if (kind === 1) {
            this.#fixed();
            state = symbolState;
          } else if (kind === 2) state = countsState;
          else {
            state = brokenState;
            break reading;
          }
          break;
        }
        case storedLength: {
          // Length and its complement, one byte at a time.
          while (this.#count < 4) {
            if (held < 8) {
              if (at === end) break reading;
              hold |= bytes[at++]! << held;
              held += 8;
            }
            const byte = hold & 0xff;
            hold >>>= 8;
            held -= 8;
            if (this.#count === 0) this.#length = byte;
            else if (this.#count === 1) this.#length |= byte << 8;
            this.#count++;
          }
          state = stored;
          break;
        }
        case stored: {
          while (this.#length > 0 && (held > 0 || at < end)) {
            if (held > 0) {
              out[pos++] = hold & 0xff;
              hold >>>= 8;
              held -= 8;
              this.#length--;
            } else {
              const length = Math.min(this.#length, end - at, outBytes - pos);
              out.set(bytes.subarray(at, at + length), pos);
              pos += length;
              at += length;
              this.#length -= length;
            }
            if (pos === outBytes) pos = this.#slide(target);
          }
          if (this.#length > 0) break reading;
          state = this.#last ? doneState : blockState;
          if (state === doneState) break reading;
          break;
        }
        case countsState: {
          while (held < 14 && at < end) {
            hold |= bytes[at++]! << held;
            held += 8;
          }
          if (held < 14) break reading;
          this.#literalCount = (hold & 31) + 257;
          this.#distanceCount = ((hold >> 5) & 31) + 1;
          this.#lengthCount = ((hold >> 10) & 15) + 4;
          hold >>>= 14;
          held -= 14;
          if (this.#literalCount > 286 || this.#distanceCount > 30) {
            state = brokenState;
            break reading;
          }
          this.#lengths.fill(0, 0, 19);
          this.#count = 0;
          state = orderState;
          break;
        }
        case orderState: {
          while (this.#count < this.#lengthCount) {
            while (held < 3 && at < end) {
              hold |= bytes[at++]! << held;
              held += 8;
            }
            if (held < 3) break reading;
            this.#lengths[codeOrder[this.#count++]!] = hold & 7;
            hold >>>= 3;
            held -= 3;
          }
          literals.build(this.#lengths, 0, 19);
          this.#count = 0;
          state = lengthsState;
          break;
        }
        case lengthsState: {
          const all = this.#literalCount + this.#distanceCount;
          while (this.#count < all) {
            // A word of at most seven bits and at most seven more.
            while (held < 14 && at < end) {
              hold |= bytes[at++]! << held;
              held += 8;
            }
            const entry = literals.quick[hold & ((1 << quickBits) - 1)]!;
            const length = entry & 15;
            if (length > held) break reading;
            if (entry === 0) {
              if (held < 7) break reading;
              state = brokenState;
              break reading;
            }
            const what = entry >> 4;
            const extra = what < 16 ? 0 : what === 16 ? 2 : what === 17 ? 3 : 7;
            if (length + extra > held) break reading;
            const more = (hold >> length) & ((1 << extra) - 1);
            hold >>>= length + extra;
            held -= length + extra;
            if (what < 16) {
              this.#lengths[this.#count++] = what;
              continue;
            }
            let repeat = what === 18 ? 11 + more : 3 + more;
            if ((what === 16 && this.#count === 0) || this.#count + repeat > all) {
              state = brokenState;
              break reading;
            }
            const value = what === 16 ? this.#lengths[this.#count - 1]! : 0;
            while (repeat-- > 0) this.#lengths[this.#count++] = value;
          }
          distances.build(this.#lengths, this.#literalCount, this.#distanceCount);
          literals.build(this.#lengths, 0, this.#literalCount);
          state = symbolState;
          break;
        }
        default:
          break reading;
      }
    }
    this.#hold = hold;
    this.#held = held;
    this.#state = state;
    this.#pos = pos;
  }

  /** Word after word with its copy, as long as input and room are enough for any. Returns where reading goes on. */
  #words(bytes: Uint8Array, from: number, end: number): number {
    const { quick } = this.#literals;
    const distances = this.#distances;
    const out = this.#out;
    const safe = end - wordBytesMax;
    const room = outBytes - copyBytesMax;
    let at = from;
    let hold = this.#hold;
    let held = this.#held;
    let pos = this.#pos;
    const mask = (1 << quickBits) - 1;
    let symbol = 0;
    while (at <= safe && pos < room) {
      while (held <= 16) {
        hold |= bytes[at++]! << held;
        held += 8;
      }
      let entry = quick[hold & mask]!;
      if (entry === 0) entry = slow(this.#literals, hold, held);
      if (entry < 0) {
        symbol = notInCode;
        break;
      }
      hold >>>= entry & 15;
      held -= entry & 15;
      symbol = entry >> 4;
      if (symbol < 256) {
        out[pos++] = symbol;
        continue;
      }
      if (symbol === 256 || symbol > 285) break;
      while (held <= 16) {
        hold |= bytes[at++]! << held;
        held += 8;
      }
      let extra = lengthExtra[symbol - 257]!;
      let left = lengthBase[symbol - 257]! + (hold & ((1 << extra) - 1));
      hold >>>= extra;
      held -= extra;
      while (held <= 16) {
        hold |= bytes[at++]! << held;
        held += 8;
      }
      entry = distances.quick[hold & mask]!;
      if (entry === 0) entry = slow(distances, hold, held);
      const slot = entry >> 4;
      if (entry < 0 || slot > 29) {
        symbol = notInCode;
        break;
      }
      hold >>>= entry & 15;
      held -= entry & 15;
      while (held <= 16) {
        hold |= bytes[at++]! << held;
        held += 8;
      }
      extra = slot < 4 ? 0 : (slot >> 1) - 1;
      const distance = distanceBase[slot]! + (hold & ((1 << extra) - 1));
      hold >>>= extra;
      held -= extra;
      if (distance > pos) {
        symbol = notInCode;
        break;
      }
      for (; left > 0; left--, pos++) out[pos] = out[pos - distance]!;
    }
    this.#hold = hold;
    this.#held = held;
    this.#pos = pos;
    this.#word = symbol;
    return at;
  }

  /** Hands the window on and moves its later half to the front; returns where writing goes on. */
  #slide(target: ContentTarget): number {
    const out = this.#out;
    target.content(out, this.#given, outBytes);
    out.copyWithin(0, outBytes - windowBytes);
    this.#given = windowBytes;
    this.#made += windowBytes;
    if (this.#made > inflatedFreeBytes && this.#made > this.#taken * inflationMax) this.exceeded = true;
    return windowBytes;
  }

  #fixed(): void {
    const lengths = this.#lengths;
    for (let i = 0; i < 288; i++) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    this.#literals.build(lengths, 0, 288);
    lengths.fill(5, 0, 30);
    this.#distances.build(lengths, 0, 30);
  }
}

/** Input that one word with its copy takes at most (48 bits), and what is looked ahead. */
const wordBytesMax = 12;

/** The longest copy (RFC 1951 §3.2.5). */
const copyBytesMax = 258;

/** Stands for a symbol that no code has. */
const notInCode = 999;
