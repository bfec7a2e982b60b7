/**
 * What has arrived above a hole, one direction of one flow: ranges in order of their sequence numbers, with their bytes
 * where a parser wants them. What came first stays; a later copy fills only what is still missing, as in Zeek.
 */

export type Range = { sequence: number; upper: number; bytes: Uint8Array | undefined };

export class Pending {
  readonly ranges: Range[] = [];
  /** Bytes held in `ranges`. */
  bytes = 0;

  /**
   * Puts in `[sequence, upper)`; `bytes` from `start` are its content where it is wanted. Answers whether a byte
   * differs from what was held for its place.
   */
  insert(sequence: number, upper: number, bytes: Uint8Array | undefined, start: number): boolean {
    const { ranges } = this;
    let differs = false;
    let from = sequence;
    let i = 0;
    while (i < ranges.length && ranges[i]!.upper <= from) i++;
    while (from < upper) {
      const held = ranges[i];
      if (held === undefined || held.sequence >= upper) {
        this.#add(i, from, upper, bytes, start + from - sequence);
        break;
      }
      if (held.sequence > from) {
        this.#add(i, from, held.sequence, bytes, start + from - sequence);
        from = held.sequence;
        i++;
        continue;
      }
      const end = Math.min(held.upper, upper);
      if (!differs && bytes !== undefined && held.bytes !== undefined) {
        const own = start + from - sequence;
        const other = from - held.sequence;
        for (let n = end - from - 1; n >= 0; n--) {
          if (bytes[own + n] !== held.bytes[other + n]) {
            differs = true;
            break;
          }
        }
      }
      from = end;
      i++;
    }
    return differs;
  }

  #add(at: number, sequence: number, upper: number, bytes: Uint8Array | undefined, start: number): void {
    if (bytes === undefined) {
      // Without content two neighbours are one range: a long transfer above a hole stays one entry.
      const before = this.ranges[at - 1];
      if (before !== undefined && before.bytes === undefined && before.upper === sequence) {
        before.upper = upper;
        return;
      }
      this.ranges.splice(at, 0, { sequence, upper, bytes: undefined });
      return;
    }
    const copy = bytes.slice(start, start + upper - sequence);
    this.bytes += copy.length;
    this.ranges.splice(at, 0, { sequence, upper, bytes: copy });
  }

  /** Takes the first range out. */
  shift(): Range | undefined {
    const range = this.ranges.shift();
    if (range?.bytes) this.bytes -= range.bytes.length;
    return range;
  }
}
