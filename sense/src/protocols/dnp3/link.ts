/**
 * DNP3's data link and transport function: frames with a checksum behind every sixteen bytes, and fragments of the application in
 * several frames (IEEE 1815-2012 §9, §8).
 *
 *      0      1      2       3        4              6         8        10
 *     ┌──────┬──────┬───────┬────────┬─────────────┬─────────┬────────┬──────────────┬──────┬──────────────┬──────┬┄
 *     │ 05   │ 64   │ len   │ control│ destination │ source  │ CRC    │ 16 bytes     │ CRC  │ … 16 bytes   │ CRC  │
 *     └──────┴──────┴───────┴────────┴─────────────┴─────────┴────────┴──────────────┴──────┴──────────────┴──────┴┄
 *                            └──── len bytes, CRCs not counted ────┴──  …  ─┘
 */

/** Head of a frame with its checksum. */
export const linkHeadBytes = 10;

/** A frame with the most user data, 250 bytes, and their checksums. */
export const frameBytesMax = 292;

/** The checksum of DNP3, by nibbles: polynomial 3D65h, reflected, starting from 0, inverted (IEEE 1815-2012 §9.2.4.3). */
const table = Uint16Array.from({ length: 16 }, (_, nibble) => {
  let value = nibble;
  for (let bit = 0; bit < 4; bit++) value = value & 1 ? (value >>> 1) ^ 0xa6bc : value >>> 1;
  return value;
});

/** Whether the two bytes behind `[start, end)` are its checksum. */
export function checked(bytes: Uint8Array, start: number, end: number): boolean {
  let sum = 0;
  for (let at = start; at < end; at++) {
    sum ^= bytes[at]!;
    sum = (sum >>> 4) ^ table[sum & 15]!;
    sum = (sum >>> 4) ^ table[sum & 15]!;
  }
  sum ^= 0xffff;
  return bytes[end] === (sum & 0xff) && bytes[end + 1] === sum >>> 8;
}

/** Length of the frame whose head begins at `start`: -1 where none does, 0 where more bytes are needed to know it. */
export function frameLength(bytes: Uint8Array, start: number, end: number): number {
  const have = end - start;
  if (bytes[start] !== 0x05 || (have > 1 && bytes[start + 1] !== 0x64)) return -1;
  if (have < 3) return 0;
  const length = bytes[start + 2]!;
  if (length < 5) return -1;
  const data = length - 5;
  return linkHeadBytes + data + 2 * Math.ceil(data / 16);
}

/** A fragment of the application, put together from its frames. */
export class Fragment {
  readonly #bytesMax: number;
  bytes = new Uint8Array(0);
  length = 0;
  #open = false;
  #next = 0;

  /** Keeps so many bytes of a fragment; what follows them is passed over. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  lose(): void {
    this.#open = false;
  }

  /**
   * Takes the user data of a whole frame, checksums between them. `complete`: the fragment stands in `bytes` up to `length`; `none`: the
   * frame has none; `lost`: it does not follow what came before.
   */
  take(frame: Uint8Array, start: number, end: number): 'complete' | 'more' | 'none' | 'lost' {
    if (end - start <= linkHeadBytes + 3) return 'none';
    const transport = frame[start + linkHeadBytes]!;
    const sequence = transport & 0x3f;
    if (transport & 0x40) {
      this.#open = true;
      this.length = 0;
    } else if (!this.#open || sequence !== this.#next) {
      this.#open = false;
      return 'lost';
    }
    this.#next = (sequence + 1) & 0x3f;
    // Behind the transport byte, past the checksum of each block.
    for (let block = start + linkHeadBytes; block < end; block += 18) {
      const from = block === start + linkHeadBytes ? block + 1 : block;
      this.#add(frame, from, Math.min(block + 16, end - 2));
    }
    if (!(transport & 0x80)) return 'more';
    this.#open = false;
    return 'complete';
  }

  #add(frame: Uint8Array, from: number, to: number): void {
    const count = Math.min(to - from, this.#bytesMax - this.length);
    if (count <= 0) return;
    if (this.length + count > this.bytes.length) {
      const larger = new Uint8Array(Math.min(this.#bytesMax, Math.max(64, 2 * (this.length + count))));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes.set(frame.subarray(from, from + count), this.length);
    this.length += count;
  }
}
