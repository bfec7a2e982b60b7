/** Files in ranges (RFC 9110 §14). */

import type { Seconds } from '@forewarn/base/time';
import type { FileStream } from '../../files/files.ts';

/** A file that comes in ranges, until another is asked for: the end of a range is not its own. */
export class RangedFile implements FileStream {
  readonly asked: string;
  /** Where the next range goes on. */
  next: number;
  readonly #file: FileStream;
  readonly #total: number;

  constructor(file: FileStream, asked: string, start: number, total: number) {
    this.#file = file;
    this.asked = asked;
    this.next = start;
    this.#total = total;
  }

  get id(): string {
    return this.#file.id;
  }

  get mediaType(): string | undefined {
    return this.#file.mediaType;
  }

  data(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.next += end - start;
    this.#file.data(bytes, start, end, ts);
  }

  gap(length: number, ts: Seconds): void {
    this.next += length;
    this.#file.gap(length, ts);
  }

  end(): void {}

  over(ts: Seconds): void {
    this.#file.end(ts, this.next === this.#total);
  }
}
