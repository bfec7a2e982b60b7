/** What was told already: a table that forgets after an interval and never grows beyond its ceiling. */

import type { Seconds } from '@forewarn/base/time';

export type Told = 'new' | 'known' | 'full';

export class Once {
  /** When each is told again; in order of that, because the interval is the same for all. */
  readonly #until = new Map<string, Seconds>();
  readonly #max: number;
  readonly #interval: Seconds;

  constructor(max: number, intervalSeconds: Seconds) {
    this.#max = max;
    this.#interval = intervalSeconds;
  }

  /** Is this to be told? `full`: nobody knows, because the table holds no more until others are forgotten. */
  see(key: string, ts: Seconds): Told {
    const until = this.#until.get(key);
    if (until !== undefined) {
      if (ts < until) return 'known';
      this.#until.delete(key);
    }
    if (this.#until.size >= this.#max) {
      for (const [other, end] of this.#until) {
        if (end > ts) break;
        this.#until.delete(other);
      }
      if (this.#until.size >= this.#max) return 'full';
    }
    this.#until.set(key, ts + this.#interval);
    return 'new';
  }

  /** Was this told, and is not to be told again yet? */
  has(key: string, ts: Seconds): boolean {
    return ts < (this.#until.get(key) ?? -Infinity);
  }

  get size(): number {
    return this.#until.size;
  }
}
