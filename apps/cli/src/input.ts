/** Files and standard input as chunks of bytes. */

import { createReadStream, statSync } from 'node:fs';
import { Refusal } from '@forewarn/base/refusal';

/** Read at once: few calls a file, and still little memory. */
const chunkBytes = 1 << 20;

const why: { [code: string]: string } = {
  ENOENT: 'There is no such file.',
  EACCES: 'The file may not be read.',
  EISDIR: 'This is a folder, not a file.',
};

/** The bytes of a file, or of standard input for `-`. A file that cannot be opened or read is a `Refusal`. */
export async function* openInput(name: string): AsyncGenerator<Uint8Array> {
  const stream = name === '-' ? process.stdin : createReadStream(name, { highWaterMark: chunkBytes });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === '') throw error;
    throw new Refusal('file.unreadable', why[code] ?? `The file could not be read (${code}).`, {
      place: { file: name },
      cause: error,
      advice: 'Name a readable file, or "-" for standard input.',
    });
  }
}

/** How many bytes a file has, for progress; absent when nobody can say. */
export const sizeOf = (file: string): number | undefined => {
  try {
    return statSync(file).size;
  } catch {
    return undefined;
  }
};
