/** Tables with a ceiling: the longest untouched entry makes room, and what was lost is counted. */

export class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #max: number;
  /** Called with what makes room. */
  readonly #evicted: ((key: K, value: V) => void) | undefined;
  /** Entries that had to go while they might still have been wanted. */
  evictions = 0;

  constructor(max: number, evicted?: (key: K, value: V) => void) {
    this.#max = max;
    this.#evicted = evicted;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value, without touching it. */
  peek(key: K): V | undefined {
    return this.#entries.get(key);
  }

  /** The value, which becomes the last to be evicted. */
  touch(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  set(key: K, value: V): void {
    if (!this.#entries.delete(key) && this.#entries.size >= this.#max) {
      const [oldest, old] = this.#entries.entries().next().value!;
      this.#entries.delete(oldest);
      this.evictions++;
      this.#evicted?.(oldest, old);
    }
    this.#entries.set(key, value);
  }

  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Entries, longest untouched first; deleting while walking is allowed. */
  entries(): IterableIterator<[K, V]> {
    return this.#entries.entries();
  }
}
