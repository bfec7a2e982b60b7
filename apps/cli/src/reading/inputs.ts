/** What the named inputs are: captures, or logs of some format. Told by their first bytes, compressed with gzip or not. */

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { createGunzip, gunzipSync, constants } from 'node:zlib';
import { Refusal } from '@forewarn/base/refusal';
import type { LogFormat } from '@forewarn/sense/logs/format';
import { limits } from '@forewarn/sense/logs/limits';
import { recogniseLog, type RecognisedLog } from '@forewarn/sense/logs/read';
import { captureKind } from '@forewarn/sense/read';
import { isFile, lookAhead, openChunks } from '../input.ts';

export type Input =
  | { readonly kind: 'capture' }
  | {
      readonly kind: 'log';
      readonly log: RecognisedLog;
      /** Decompressed. */
      open(): AsyncIterable<Uint8Array>;
      readonly compressed: boolean;
      /** The file's last change, in seconds. */
      readonly changed: number | undefined;
    };

const isCapture = (start: Uint8Array): boolean => ['pcap', 'pcapng'].includes(captureKind(start));

/**
 * Looks at the beginning of an input. What is empty, or cannot be read or decompressed, is taken for a capture, whose reader says what is wrong with
 * it. `formats` are asked in the place of all that are known. Refusals: `input.unrecognised`, and `file.unreadable` of what is no file.
 */
export async function lookAt(file: string, formats?: readonly LogFormat[]): Promise<Input> {
  const regular = file !== '-' && isFile(file);
  const needed = limits.recognitionBytes.value;
  const start = regular ? startOf(file) : await lookAhead(file, (seen) => seen.length >= needed || isCapture(seen));
  const compressed = captureKind(start) === 'gzip';
  const plain = compressed ? startInflated(start) : start;
  if (!plain || plain.length === 0 || isCapture(plain)) return { kind: 'capture' };
  const log = recogniseLog(plain.subarray(0, needed), basename(file), formats);
  if (!log) {
    throw new Refusal('input.unrecognised', 'This is neither a capture nor a log of a form that is known.', {
      place: { file, offset: 0 },
      advice: isBzip2(plain)
        ? 'It is compressed with bzip2: bzcat FILE | forewarn read -'
        : 'forewarn read --help lists the forms; --mapping FILE describes a table or JSON of your own.',
    });
  }
  return {
    kind: 'log',
    log,
    open: () => (compressed ? inflated(openChunks(file), file) : openChunks(file)),
    compressed,
    changed: regular ? statSync(file).mtimeMs / 1000 : undefined,
  };
}

/** bzip2, as RouteViews compresses: its mark, and that of its first block. */
const isBzip2 = (start: Uint8Array): boolean => /^BZh[1-9]1AY&SY/.test(Buffer.from(start.subarray(0, 10)).toString('latin1'));

function startOf(file: string): Uint8Array {
  let opened: number | undefined;
  try {
    opened = openSync(file, 'r');
    const start = new Uint8Array(limits.recognitionBytes.value);
    return start.subarray(0, readSync(opened, start));
  } catch {
    return new Uint8Array(0);
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}

function startInflated(start: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 27 });
  } catch {
    // Whatever is wrong with the compression, the capture's reader says it better.
    return undefined;
  }
}

/**
 * What a compressed log may unpack to, from the first 256 MB on: logs shrink to a tenth or a thirtieth, and the most that gzip can is 1,032 to one (RFC
 * 1951). Memory does not grow with it; time would.
 */
const gzipRatio = { max: 500, freeBytes: 256_000_000 };

/** The decompressed bytes; a log that ends early in its compression is read as far as it goes. */
async function* inflated(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: 1 << 20 });
  let [packed, unpacked] = [0, 0];
  const feed = (async () => {
    // The chunks stand in memory that is used again.
    for await (const chunk of chunks) {
      packed += chunk.length;
      if (!gunzip.write(chunk.slice())) await new Promise((resolve) => gunzip.once('drain', resolve));
    }
    gunzip.end();
  })();
  feed.catch((error: unknown) => gunzip.destroy(error as Error));
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      if (unpacked > gzipRatio.freeBytes && unpacked > packed * gzipRatio.max) {
        throw new Refusal('log.compression', `The compressed log unpacks to more than ${gzipRatio.max} times its size.`, {
          place: { file },
          advice: 'No log shrinks so far. If it is one, unpack it first and read that; what stands before was read.',
        });
      }
      yield chunk;
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('log.compression', 'The compressed log is damaged or cut.', {
      place: { file },
      cause: error,
      advice: 'Fetch it again; what stands before the damage was read.',
    });
  }
}
