/** Reads a request's body with a ceiling, before and after unpacking. */

import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { Refusal } from '@forewarn/base/refusal';

const tooLarge = (max: number): Refusal =>
  new Refusal('request.too-large', `The body is larger than ${max} bytes.`, { advice: 'Send less at a time.' });

/** The JSON value of the body. Refusals: `request.type`, `request.too-large`, `request.malformed`. */
export async function readJson(request: Request, max: number): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw new Refusal('request.type', `The body must be JSON, not "${type.slice(0, 100)}".`, {
      advice: 'Send "Content-Type: application/json".',
    });
  }
  if (Number(request.headers.get('content-length') ?? 0) > max) throw tooLarge(max);
  const text = await readText(request, max);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refusal('request.malformed', `The body is not JSON: ${(cause as Error).message.slice(0, 200)}`, {
      advice: 'Mend it and send it again.',
      cause,
    });
  }
}

/**
 * Whether a text anywhere in the value cannot be stored: U+0000, or half of a surrogate pair. PostgreSQL takes neither, and both would
 * come back as a fault of ours.
 */
export function holdsUnstorable(value: unknown): boolean {
  // Not by recursion: the value may be as deep as its sender likes.
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const one = waiting.pop();
    if (typeof one === 'string') {
      if (one.includes('\0') || !one.isWellFormed()) return true;
    } else if (typeof one === 'object' && one !== null) {
      for (const [key, inner] of Object.entries(one)) waiting.push(key, inner);
    }
  }
  return false;
}

async function readText(request: Request, max: number): Promise<string> {
  if (!request.body) return '';
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  const raw = Readable.fromWeb(request.body as Parameters<typeof Readable.fromWeb>[0]);
  let stream: Readable;
  if (encoding === 'identity') stream = raw;
  else if (encoding === 'gzip') stream = unpacked(raw, max);
  else
    throw new Refusal('request.type', `The encoding "${encoding.slice(0, 40)}" is not read.`, {
      advice: 'Send it plain or with gzip.',
    });
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      // Counted after unpacking: a few kilobytes of gzip can hold gigabytes.
      if (bytes > max) throw tooLarge(max);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('request.malformed', 'The body could not be read to its end.', { advice: 'Send it again.', cause });
  } finally {
    stream.destroy();
    raw.destroy();
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unpacked(raw: Readable, max: number): Readable {
  const gunzip = createGunzip({ maxOutputLength: max + 1 });
  raw.on('error', (error) => gunzip.destroy(error));
  return raw.pipe(gunzip);
}
