/**
 * What a capture reader is to the engine: bytes are pushed in as they come, in chunks of any size, and every whole
 * packet goes to the `PacketTarget` while its bytes still lie in the chunk. Only a record that a chunk cuts in two is
 * copied.
 */

/** Receives packets. `bytes[start, end)` is what was captured; `wireLength` what was on the wire. */
export type PacketTarget = {
  /**
   * Reads whole records of little-endian pcap with Ethernet frames, as far as it can, and answers where it stopped; that may be
   * where it was to begin.
   */
  ethernetRecords?(bytes: Uint8Array, from: number, end: number, recordHeader: number, fraction: number): number;
  /** One packet. */
  packet(bytes: Uint8Array, start: number, end: number, wireLength: number, ts: number, linkType: number): void;
};

/** Why a reader stopped before the end of the file; a name of `oddities.ts`. */
export type Stop = { name: string; offset: number; detail: string };

export type Reader = {
  push(chunk: Uint8Array): void;
  /** No more bytes: a record that is still incomplete is a cut file. */
  end(): void;
  /** Set when the file is cut or contradicts itself; later bytes are then passed over. */
  readonly stop: Stop | undefined;
};

/** Holds what a chunk left over until the next chunk completes it. */
export class Remainder {
  bytes = new Uint8Array(4096);
  length = 0;

  /** Appends up to `count` bytes of the chunk from `at`; answers how many it took. */
  take(chunk: Uint8Array, at: number, count: number): number {
    const some = Math.min(count, chunk.length - at);
    if (some <= 0) return 0;
    if (this.length + some > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.length + some, this.bytes.length * 2));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes.set(chunk.subarray(at, at + some), this.length);
    this.length += some;
    return some;
  }
}
