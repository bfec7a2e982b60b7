/**
 * Putting together what comes in pieces and in any order: fragments of a DTLS handshake message, CRYPTO frames of QUIC.
 * The first copy of a byte counts.
 */

/** Bytes from 0 on, of which some have come. */
export class Pieces {
  bytes = new Uint8Array(0);
  readonly #bytesMax: number;
  readonly #rangesMax: number;
  /** Start and end of each range that is there, in order, none touching the next. */
  readonly #ranges: number[] = [];

  constructor(bytesMax: number, rangesMax: number) {
    this.#bytesMax = bytesMax;
    this.#rangesMax = rangesMax;
  }

  /** How many bytes are there from the beginning without a hole. */
  get whole(): number {
    return this.#ranges[0] === 0 ? this.#ranges[1]! : 0;
  }

  /** Adds a piece that belongs at `offset`; false where it lies beyond what is kept, or tears one hole too many. */
  add(offset: number, from: Uint8Array, start: number, end: number): boolean {
    const stop = offset + (end - start);
    if (stop > this.#bytesMax) return false;
    if (stop <= offset) return true;
    const ranges = this.#ranges;
    // Ranges [first, last) touch or overlap the new one and become one with it.
    let first = 0;
    while (first < ranges.length && ranges[first + 1]! < offset) first += 2;
    let last = first;
    while (last < ranges.length && ranges[last]! <= stop) last += 2;
    if (first === last && ranges.length / 2 >= this.#rangesMax) return false;
    this.#reserve(stop);
    let at = offset;
    for (let i = first; i < last; i += 2) {
      const known = ranges[i]!;
      if (at < known) this.bytes.set(from.subarray(start + at - offset, start + known - offset), at);
      at = Math.max(at, ranges[i + 1]!);
    }
    if (at < stop) this.bytes.set(from.subarray(start + at - offset, end), at);
    const joinedStart = first < last ? Math.min(offset, ranges[first]!) : offset;
    const joinedEnd = first < last ? Math.max(stop, ranges[last - 1]!) : stop;
    ranges.splice(first, last - first, joinedStart, joinedEnd);
    return true;
  }

  #reserve(size: number): void {
    if (this.bytes.length >= size) return;
    const larger = new Uint8Array(Math.min(this.#bytesMax, Math.max(size, 1_024, this.bytes.length * 2)));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
