/**
 * Millions of indicators in little memory: all values in one block of bytes, found through an open hash table of numbers. Each
 * indicator costs its characters and 22 to 34 bytes; a look-up is a hash of the text, one or two probes and one comparison.
 */

/** What indicators of one list have in common; few different ones, shared by millions of values. */
export type IndicatorMeta = {
  readonly source: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly technique: string | undefined;
  /** Seconds; the values hold from and to these instants. */
  readonly validFrom: number;
  readonly validUntil: number;
  readonly note: string | undefined;
};

/** Values kept; ten million of 20 characters take 400 MB, and more than twice as many no organisation has shared yet. */
const entriesMax = 25_000_000;

/** Different metas; notes make them many, and a list with a million notes is not a list but a library. */
export const metasMax = 2_000_000;

export class IndicatorTable {
  #bytes = new Uint8Array(1 << 16);
  #bytesUsed = 0;
  /** Start of each value in `#bytes`; the next one's start is its end. */
  #starts = new Uint32Array(1 << 12);
  #metaOf = new Uint32Array(1 << 12);
  #size = 0;
  /** Entry number plus one, or 0. Twice as many slots as entries at least. */
  #slots = new Int32Array(1 << 13);
  readonly #metas: IndicatorMeta[] = [];
  readonly #metaByKey = new Map<string, number>();

  get size(): number {
    return this.#size;
  }

  /** Bytes of the table's own arrays. */
  get bytes(): number {
    return this.#bytes.byteLength + this.#starts.byteLength + this.#metaOf.byteLength + this.#slots.byteLength;
  }

  /** Adds a value; the higher confidence wins when it is there already. Returns false when the table is full. */
  add(key: string, meta: IndicatorMeta): boolean {
    const known = this.#find(key);
    const number = this.#meta(meta);
    if (known >= 0) {
      if (this.#metas[this.#metaOf[known]!]!.confidence < meta.confidence) this.#metaOf[known] = number;
      return true;
    }
    if (this.#size >= entriesMax || this.#bytesUsed + key.length * 3 >= 0xffff_0000) return false;
    this.#grow(key.length * 3);
    const { written } = new TextEncoder().encodeInto(key, this.#bytes.subarray(this.#bytesUsed));
    const entry = this.#size++;
    this.#starts[entry] = this.#bytesUsed;
    this.#bytesUsed += written;
    this.#starts[entry + 1] = this.#bytesUsed;
    this.#metaOf[entry] = number;
    this.#insert(hashOf(key), entry);
    return true;
  }

  /** The meta of a value, or `undefined`. */
  get(key: string): IndicatorMeta | undefined {
    const entry = this.#find(key);
    return entry < 0 ? undefined : this.#metas[this.#metaOf[entry]!];
  }

  #meta(meta: IndicatorMeta): number {
    const key = `${meta.source}\u0000${meta.confidence}\u0000${meta.technique ?? ''}\u0000${meta.validFrom}\u0000${meta.validUntil}\u0000${meta.note ?? ''}`;
    let number = this.#metaByKey.get(key);
    if (number === undefined) {
      if (this.#metas.length >= metasMax) return this.#metas.length - 1;
      number = this.#metas.push(meta) - 1;
      this.#metaByKey.set(key, number);
    }
    return number;
  }

  #find(key: string): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(key) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0) return -1;
      if (this.#equals(entry, key)) return entry;
    }
  }

  #equals(entry: number, key: string): boolean {
    const start = this.#starts[entry]!;
    const end = this.#starts[entry + 1]!;
    // Keys are ASCII but for URLs' odd ones, whose bytes are more than their characters.
    if (end - start !== key.length)
      return end - start > key.length && new TextDecoder().decode(this.#bytes.subarray(start, end)) === key;
    for (let i = 0; i < key.length; i++) if (this.#bytes[start + i] !== key.charCodeAt(i)) return false;
    return true;
  }

  #insert(hash: number, entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #grow(room: number): void {
    if (this.#bytesUsed + room > this.#bytes.length) this.#bytes = enlarge(this.#bytes, Uint8Array, this.#bytesUsed + room);
    if (this.#size + 2 > this.#starts.length) {
      this.#starts = enlarge(this.#starts, Uint32Array, this.#size + 2);
      this.#metaOf = enlarge(this.#metaOf, Uint32Array, this.#size + 2);
    }
    // At most 3/4 full: linear probing then ends after two or three looks.
    if ((this.#size + 1) * 4 <= this.#slots.length * 3) return;
    const entries = this.#size;
    this.#slots = new Int32Array(this.#slots.length * 2);
    const decoder = new TextDecoder();
    for (let entry = 0; entry < entries; entry++) {
      const key = decoder.decode(this.#bytes.subarray(this.#starts[entry], this.#starts[entry + 1]));
      this.#insert(hashOf(key), entry);
    }
  }
}

/** Half as much again, so that the copy costs little and the waste is bounded. */
function enlarge<T extends Uint8Array | Uint32Array>(old: T, type: new (length: number) => T, least: number): T {
  const larger = new type(Math.max(least, Math.ceil(old.length * 1.5)));
  larger.set(old as never);
  return larger;
}

/** FNV-1a over the characters, finished as in MurmurHash3, which spreads the low bits that a mask keeps. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
