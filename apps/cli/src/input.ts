/** Files and standard input as chunks of bytes. */

import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Refusal } from '@forewarn/base/refusal';

/** Read at once: few calls a file, and still little memory. */
export const chunkBytes = 1 << 20;

const why: { [code: string]: string } = {
  ENOENT: 'There is no such file.',
  EACCES: 'The file may not be read.',
  EISDIR: 'This is a folder, not a file.',
};

/** Inputs that can be read once only and whose beginning was looked at, by name. */
const lookedAt = new Map<string, AsyncGenerator<Uint8Array>>();

/**
 * The beginning of standard input or of a pipe, until `enough` says so or there is no more; who opens it afterwards gets it from its first byte on.
 */
export async function lookAhead(name: string, enough: (start: Uint8Array) => boolean): Promise<Uint8Array> {
  const input = openInput(name);
  let start: Uint8Array = new Uint8Array(0);
  while (!enough(start)) {
    const next = await input.next();
    if (next.done) break;
    start = start.length === 0 ? next.value : Buffer.concat([start, next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    if (start.length > 0) yield start;
    yield* input;
  }
  lookedAt.set(name, all());
  return start;
}

/** The bytes of a file, or of standard input for `-`. A file that cannot be opened or read is a `Refusal`. */
export async function* openInput(name: string): AsyncGenerator<Uint8Array> {
  const begun = lookedAt.get(name);
  if (begun) {
    lookedAt.delete(name);
    yield* begun;
    return;
  }
  const stream = name === '-' ? process.stdin : createReadStream(name, { highWaterMark: chunkBytes });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw unreadable(name, error);
  }
}

/**
 * As `openInput`, at half of its cost: each chunk stands in the same memory, and is gone when the next is asked for. A file is read in this
 * thread; between two chunks others have their turn.
 */
export async function* openChunks(name: string): AsyncGenerator<Uint8Array> {
  if (name === '-' || !isFile(name)) {
    yield* openInput(name);
    return;
  }
  const chunk = new Uint8Array(chunkBytes);
  let file: number | undefined;
  try {
    file = openSync(name, 'r');
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
      yield chunk.subarray(0, length);
      await setImmediate();
    }
  } catch (error) {
    throw unreadable(name, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** A regular file, which can be opened as often as one likes. */
export function isFile(name: string): boolean {
  try {
    return statSync(name).isFile();
  } catch {
    return false;
  }
}

function unreadable(name: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === '' || error instanceof Refusal) return error;
  return new Refusal('file.unreadable', why[code] ?? `The file could not be read (${code}).`, {
    place: { file: name },
    cause: error,
    advice: 'Name a readable file, or "-" for standard input.',
  });
}

/** How many bytes a file has, for progress; absent when nobody can say. */
export const sizeOf = (file: string): number | undefined => {
  try {
    return statSync(file).size;
  } catch {
    return undefined;
  }
};
