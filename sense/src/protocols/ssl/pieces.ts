/**
 * Putting together what comes in pieces and in any order: fragments of a DTLS handshake message, CRYPTO frames of QUIC.
 * The first copy of a byte counts. Only what has come is held, however far behind the beginning it belongs.
 */

type Range = { readonly offset: number; readonly bytes: Uint8Array };

const nothing = new Uint8Array(0);

/** A stream of bytes of which parts have come. */
export class Pieces {
  readonly #bytesMax: number;
  readonly #rangesMax: number;
  /** What is there, in order, none touching the next. */
  readonly #ranges: Range[] = [];

  constructor(bytesMax: number, rangesMax: number) {
    this.#bytesMax = bytesMax;
    this.#rangesMax = rangesMax;
  }

  /** What is there from the beginning without a hole. */
  get whole(): Uint8Array {
    const first = this.#ranges[0];
    return first?.offset === 0 ? first.bytes : nothing;
  }

  /** Adds a piece that belongs at `offset`; false where it lies beyond what is kept, or tears one hole too many. */
  add(offset: number, from: Uint8Array, start: number, end: number): boolean {
    const stop = offset + (end - start);
    if (stop > this.#bytesMax) return false;
    if (stop <= offset) return true;
    const ranges = this.#ranges;
    // Ranges [first, last) touch or overlap the new one and become one with it.
    let first = 0;
    while (first < ranges.length && endOf(ranges[first]!) < offset) first++;
    let last = first;
    while (last < ranges.length && ranges[last]!.offset <= stop) last++;
    if (first === last) {
      if (ranges.length >= this.#rangesMax) return false;
      ranges.splice(first, 0, { offset, bytes: from.slice(start, end) });
      return true;
    }
    const joinedStart = Math.min(offset, ranges[first]!.offset);
    const joinedEnd = Math.max(stop, endOf(ranges[last - 1]!));
    if (last - first === 1 && joinedEnd - joinedStart === ranges[first]!.bytes.length) return true;
    const joined = new Uint8Array(joinedEnd - joinedStart);
    joined.set(from.subarray(start, end), offset - joinedStart);
    for (let i = first; i < last; i++) joined.set(ranges[i]!.bytes, ranges[i]!.offset - joinedStart);
    ranges.splice(first, last - first, { offset: joinedStart, bytes: joined });
    return true;
  }
}

const endOf = (range: Range): number => range.offset + range.bytes.length;
