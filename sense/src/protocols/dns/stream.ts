/** DNS over TCP (RFC 7766 §8): messages with their length in front, cut out of a stream. */

const empty = new Uint8Array(0);

/** One direction of DNS over TCP: two bytes of length, then the message, again and again. */
export class Stream {
  /** Set once a boundary is lost: nothing after it can be read. */
  lost = false;
  at = 0;
  /** Bytes of the current message that are held, counting neither length byte. */
  have = 0;
  from: Uint8Array;
  fromStart = 0;
  fromEnd = 0;
  private lengthBytes = 0;
  private length = 0;
  private skipping = false;
  private buffer: Uint8Array | undefined = undefined;

  constructor() {
    this.from = empty;
  }

  /** Reads on from `at`; true when `from[fromStart, fromEnd)` is a whole message. `this.at` says how far it came. */
  next(bytes: Uint8Array, at: number, end: number): boolean {
    while (this.lengthBytes < 2) {
      if (at >= end) {
        this.at = at;
        return false;
      }
      this.length = (this.length << 8) | bytes[at++]!;
      this.lengthBytes++;
    }
    const need = this.length - this.have;
    if (end - at >= need) {
      const whole = !this.skipping && this.length > 0;
      if (this.have === 0) {
        this.from = bytes;
        this.fromStart = at;
        this.fromEnd = at + need;
      } else if (whole) {
        this.buffer!.set(bytes.subarray(at, at + need), this.have);
        this.from = this.buffer!;
        this.fromStart = 0;
        this.fromEnd = this.length;
      }
      this.at = at + need;
      this.have = 0;
      this.length = 0;
      this.lengthBytes = 0;
      this.skipping = false;
      return whole;
    }
    if (!this.skipping && end > at) {
      if (this.buffer === undefined || this.buffer.length < this.length) this.buffer = new Uint8Array(this.length);
      this.buffer.set(bytes.subarray(at, end), this.have);
    }
    this.have += end - at;
    this.at = end;
    return false;
  }

  /** Bytes are missing: inside a message they cost that message, else the boundary is lost. */
  skip(length: number): boolean {
    const need = this.lengthBytes === 2 ? this.length - this.have : -1;
    if (length > need) {
      this.lost = true;
      this.have = 0;
      this.buffer = undefined;
      return false;
    }
    if (length === need) {
      this.have = 0;
      this.length = 0;
      this.lengthBytes = 0;
      this.skipping = false;
    } else {
      this.have += length;
      this.skipping = true;
    }
    return true;
  }

  /** What is held of a message whose end never came. */
  partial(): void {
    this.from = this.skipping ? empty : (this.buffer ?? empty);
    this.fromStart = 0;
    this.fromEnd = this.skipping ? 0 : this.have;
    this.have = 0;
  }
}
