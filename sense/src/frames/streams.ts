/** What is remembered of many senders, each under its key: bounded, the one heard longest ago forgotten first. */

import type { Seconds } from '@forewarn/base/time';

/** `last`: when it was heard last. `silentAfter`: seconds without a frame after which it is over. */
export type Stream = { last: Seconds; silentAfter: Seconds };

export class Streams<T extends Stream> {
  readonly #held = new Map<string, T>();
  readonly #most: number;
  readonly #over: (stream: T, silent: boolean) => void;

  /** `over` is told of every stream that ends: by silence, or because the reading or its place is over. */
  constructor(most: number, over: (stream: T, silent: boolean) => void) {
    this.#most = most;
    this.#over = over;
  }

  /** The stream of the key, heard now; one that was silent for too long is over and not found. */
  heard(key: string, ts: Seconds): T | undefined {
    const stream = this.#held.get(key);
    if (!stream) return undefined;
    this.#held.delete(key);
    if (ts - stream.last > stream.silentAfter) {
      this.#over(stream, true);
      return undefined;
    }
    stream.last = ts;
    this.#held.set(key, stream);
    return stream;
  }

  add(key: string, stream: T): void {
    if (this.#held.size >= this.#most) {
      const [[oldest, first]] = this.#held as unknown as [[string, T]];
      this.#held.delete(oldest);
      this.#over(first, false);
    }
    this.#held.set(key, stream);
  }

  /** Ends those that are silent for too long. */
  advance(ts: Seconds): void {
    for (const [key, stream] of this.#held) {
      if (ts - stream.last <= stream.silentAfter) continue;
      this.#held.delete(key);
      this.#over(stream, true);
    }
  }

  end(): void {
    for (const stream of this.#held.values()) this.#over(stream, false);
    this.#held.clear();
  }
}

/** Remembers when each message was said last, so that a repetition is written once in a while only. */
export class Heard {
  readonly #last = new Map<string, Seconds>();
  readonly #most: number;
  readonly #quiet: Seconds;

  constructor(most: number, quietSeconds: Seconds) {
    this.#most = most;
    this.#quiet = quietSeconds;
  }

  /** Whether it is new, or was not said for a while. */
  isNew(key: string, ts: Seconds): boolean {
    const last = this.#last.get(key);
    if (last !== undefined && Math.abs(ts - last) <= this.#quiet) return false;
    if (last === undefined && this.#last.size >= this.#most) this.#last.delete(this.#last.keys().next().value!);
    this.#last.delete(key);
    this.#last.set(key, ts);
    return true;
  }
}
