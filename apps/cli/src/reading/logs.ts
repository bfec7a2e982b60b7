/** Logs as records: one file pushed through, or several joined in the order of their times. */

import type { AnyRecord } from '@forewarn/model/records/record';
import type { LogSink } from '@forewarn/sense/logs/account';
import type { LogReading, LogReport } from '@forewarn/sense/logs/read';
import { basename } from 'node:path';
import type { Input } from './inputs.ts';

export type LogInput = Extract<Input, { kind: 'log' }>;

/** What became of a log. */
export type LogOutcome = LogReport & { compressed: boolean };

const openLog = (file: string, input: LogInput, sink: LogSink): LogReading =>
  input.log.open({ name: basename(file), changed: input.changed }, sink);

/** Reads a log from beginning to end; `deliver` is waited for after each chunk. Refusals: `file.unreadable`, `log.compression`. */
export async function readLog(
  file: string,
  input: LogInput,
  sink: LogSink,
  deliver: (bytes: number) => Promise<unknown> | undefined,
): Promise<LogOutcome> {
  const reading = openLog(file, input, sink);
  let bytes = 0;
  for await (const chunk of input.open()) {
    reading.push(chunk);
    bytes += chunk.length;
    await deliver(bytes);
  }
  const report = reading.end();
  await deliver(bytes);
  return { ...report, compressed: input.compressed };
}

/** One log, a record at a time: chunks are read when the records of the last are taken. */
export class LogRecords {
  readonly file: string;
  /** The next record; `undefined` at the end. */
  head: { log: string; record: AnyRecord } | undefined;
  /** The time of the next record, or of the last one that had a time. */
  ts = -Infinity;
  /** Set at the end. */
  report: LogReport | undefined;
  readonly #reading: LogReading;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #waiting: { log: string; record: AnyRecord }[] = [];
  #at = 0;

  constructor(file: string, input: LogInput) {
    this.file = file;
    this.#reading = openLog(file, input, { record: (log, record) => void this.#waiting.push({ log, record }) });
    this.#chunks = input.open()[Symbol.asyncIterator]();
  }

  async next(): Promise<void> {
    while (this.#at >= this.#waiting.length) {
      this.#waiting = [];
      this.#at = 0;
      if (this.report) {
        this.head = undefined;
        return;
      }
      const { done, value } = await this.#chunks.next();
      if (done) this.report = this.#reading.end();
      else this.#reading.push(value);
    }
    this.head = this.#waiting[this.#at++]!;
    const { ts } = this.head.record;
    if (typeof ts === 'number') this.ts = ts;
  }
}
