/** Captures and logs, Zeek's in either form and others in JSON, as one stream of records. */

import { basename } from 'node:path';
import { createGunzip, gunzipSync, constants } from 'node:zlib';
import { Refusal, describe } from '@forewarn/base/refusal';
import { recordOfLine } from '@forewarn/detect/records';
import { createZeekTsv, type ZeekTsv } from '@forewarn/detect/zeek-tsv';
import type { AnyRecord } from '@forewarn/model/records/record';
import { protocols } from '@forewarn/sense/protocols/index';
import { captureKind, readCapture } from '@forewarn/sense/read';
import type { Terminal } from './command.ts';
import { openInput } from './input.ts';
import { progressLine } from './progress.ts';

export type RecordTaker = (log: string, record: AnyRecord) => void;

/** Longest line of a log; Windows events with whole scripts have 60 KB. */
const lineMax = 4 << 20;

export type ReadCount = { /** Files that could not be opened or recognised. */ failed: number };

/**
 * Gives every record of the files to `take`: captures one after the other, logs together in the order of their times, so that
 * `conn.log` and `dns.log` of one sensor are one story. What cannot be read is told on standard error.
 */
export async function readRecords(
  files: readonly string[],
  terminal: Terminal,
  take: RecordTaker,
  options: { networks?: readonly string[]; unread?: (file: string, count: number, line: number) => void } = {},
): Promise<ReadCount> {
  let failed = 0;
  const logs: LogLines[] = [];
  for (const [index, file] of files.entries()) {
    const progress = progressLine(terminal, file, undefined);
    try {
      const { kind, chunks } = await peek(file);
      if (kind === 'capture') {
        const reading = await readCapture(chunks, {
          sink: { record: take },
          protocols,
          uidSeed: `${index}/${basename(file)}`,
          file,
          progress: progress.show,
          ...(options.networks === undefined ? {} : { networks: options.networks }),
        });
        if (reading.stop) {
          terminal.err(
            `forewarn: ${file}: cut: ${reading.stop.detail} at byte ${reading.stop.offset}; what stands before it was read.\n`,
          );
        }
      } else {
        const log = new LogLines(file, kind === 'gzip-log' ? decompressed(chunks, file) : chunks);
        await log.next();
        logs.push(log);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      failed++;
      terminal.err(`forewarn: ${describe(error)}\n`);
    } finally {
      progress.end();
    }
  }
  // The log whose next record is the oldest goes on.
  for (;;) {
    let oldest: LogLines | undefined;
    for (const log of logs) if (log.head && (!oldest || log.ts < oldest.ts)) oldest = log;
    if (!oldest) break;
    take(oldest.head!.log, oldest.head!.record);
    try {
      await oldest.next();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      failed++;
      oldest.head = undefined;
      terminal.err(`forewarn: ${describe(error)}\n`);
    }
  }
  for (const log of logs) if (log.bad > 0) options.unread?.(log.file, log.bad, log.firstBad);
  return { failed };
}

type Peeked = { kind: 'capture' | 'log' | 'gzip-log'; chunks: AsyncIterable<Uint8Array> };

/** Looks at the beginning of a file without losing it. */
async function peek(file: string): Promise<Peeked> {
  const input = openInput(file);
  const first = await input.next();
  const start = first.done ? new Uint8Array(0) : first.value;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    if (!first.done) yield start;
    yield* input;
  }
  const kind = captureKind(start);
  if (kind === 'gzip') {
    let text = '';
    try {
      text = gunzipSync(start.subarray(0, 1 << 16), { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 24 })
        .subarray(0, 4096)
        .toString('latin1');
    } catch {
      // Whatever is wrong with the compression, the capture reader says it better.
    }
    return { kind: /^\s*[{#]/.test(text) ? 'gzip-log' : 'capture', chunks: chunks() };
  }
  const text = Buffer.from(start.subarray(0, 4096)).toString('latin1');
  // A log of Zeek's may begin with a comment of whoever kept it, before its separator.
  if (/^(?:\u00ef\u00bb\u00bf)?\s*\{/.test(text) || text.startsWith('#')) return { kind: 'log', chunks: chunks() };
  return { kind: 'capture', chunks: chunks() };
}

/** The decompressed bytes; a log that ends early in its compression is read as far as it goes. */
async function* decompressed(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const feed = (async () => {
    for await (const chunk of chunks) if (!gunzip.write(chunk)) await new Promise((resolve) => gunzip.once('drain', resolve));
    gunzip.end();
  })();
  feed.catch((error: unknown) => gunzip.destroy(error as Error));
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('log.compression', 'The compressed log is damaged or cut.', {
      place: { file },
      cause: error,
      advice: 'Fetch it again; what stands before the damage was read.',
    });
  }
}

/** One log, a record at a time. */
class LogLines {
  readonly file: string;
  head: { log: string; record: AnyRecord } | undefined;
  ts = 0;
  bad = 0;
  firstBad = 0;
  readonly #lines: AsyncIterator<string>;
  readonly #log: string;
  readonly #tsv: ZeekTsv;
  #line = 0;

  constructor(file: string, chunks: AsyncIterable<Uint8Array>) {
    this.file = file;
    // conn.log, conn.00:00:00-01:00:00.log.gz, dns.json
    this.#log = basename(file).split('.')[0]!;
    this.#tsv = createZeekTsv(this.#log);
    this.#lines = linesOf(chunks)[Symbol.asyncIterator]();
  }

  async next(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#lines.next();
      if (done) {
        this.head = undefined;
        return;
      }
      this.#line++;
      if (value.trim() === '') continue;
      // A JSON log has an object a line; all else has been announced by a head.
      const read = /^\s*\{/.test(value) ? recordOfLine(value, this.#log) : this.#tsv.line(value.replace(/\r$/, ''));
      if (read === 'head') continue;
      if (read) {
        this.head = read;
        const { ts } = read.record;
        if (typeof ts === 'number') this.ts = ts;
        return;
      }
      this.bad++;
      if (this.firstBad === 0) this.firstBad = this.#line;
    }
  }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', from)) {
      yield rest.slice(from, end);
      from = end + 1;
    }
    rest = rest.slice(from);
    // A line without end would fill the memory; what is cut is no JSON and is counted as such.
    if (rest.length > lineMax) {
      yield rest;
      rest = '';
    }
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
