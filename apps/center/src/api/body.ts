/** Reads a request's body with a ceiling, before and after unpacking. */

import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
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
  const text = (await readWhole(request, max)).toString('utf8');
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

/** What does not compress becomes a little longer by packing (gzip: RFC 1952 §2.3, RFC 1951 §3.2.4; zstd: RFC 8878 §3.1.1). */
const packedMax = (max: number): number => Math.ceil(max * 1.004) + 1024;

/**
 * What gzip may unpack to: logs shrink to a tenth or a thirtieth, and the most that the format can is 1,032 to one (RFC 1951: 258 bytes in two bits). Small
 * bodies may, because the same line again and again is an honest burst. zstd comes from sensors, whose batches have a ceiling of their own.
 */
const gzipRatio = { max: 500, freeBytes: 16 * 1024 * 1024 };

export const limits = [
  {
    name: 'body.gzipRatioMax',
    value: gzipRatio.max,
    unit: 'bytes per byte of gzip',
    why: 'Counted from 16 MiB on: logs shrink to a tenth or a thirtieth, and the format ends at 1,032. What is beyond is made to cost us time.',
  },
] as const;

/** The encodings that are read besides plain; sensors send zstd, shippers gzip. */
const unpacking: { readonly [encoding: string]: (raw: Buffer, options: { maxOutputLength: number }) => Promise<Buffer> } = {
  gzip: promisify(gunzip),
  zstd: promisify(zstdDecompress) as (raw: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>,
};

/** The body as it is, unpacked. Refusals: `request.type`, `request.too-large`, `request.malformed`. */
export async function readWhole(request: Request, max: number): Promise<Buffer> {
  if (Number(request.headers.get('content-length') ?? 0) > max) throw tooLarge(max);
  if (!request.body) return Buffer.alloc(0);
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  const unpack = Object.hasOwn(unpacking, encoding) ? unpacking[encoding] : undefined;
  if (encoding !== 'identity' && !unpack) {
    throw new Refusal('request.type', `The encoding "${encoding.slice(0, 40)}" is not read.`, {
      advice: 'Send it plain, or with gzip or zstd.',
    });
  }
  const raw = await readBytes(request.body, unpack ? packedMax(max) : max);
  if (!raw) throw tooLarge(max);
  if (!unpack) return raw;
  // Counted while unpacking: a few kilobytes can hold gigabytes.
  const most = encoding === 'gzip' ? Math.min(max, Math.max(gzipRatio.freeBytes, raw.length * gzipRatio.max)) : max;
  try {
    return await unpack(raw, { maxOutputLength: most });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      if (most === max) throw tooLarge(max);
      throw new Refusal('request.too-large', `The body unpacks to more than ${gzipRatio.max} times its size.`, {
        advice: 'No log shrinks so far; send it plain if it is one.',
      });
    }
    throw unread(cause);
  }
}

const unread = (cause: unknown): Refusal =>
  new Refusal('request.malformed', 'The body could not be read to its end.', { advice: 'Send it again.', cause });

/** The body, or undefined when it is longer. */
async function readBytes(body: ReadableStream<Uint8Array>, max: number): Promise<Buffer | undefined> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      bytes += part.value.length;
      if (bytes > max) return undefined;
      chunks.push(part.value);
    }
  } catch (cause) {
    throw unread(cause);
  } finally {
    reader.releaseLock();
  }
  return Buffer.concat(chunks);
}

/** What of a refused body is read and thrown away: two of the largest batches. */
const drainBytesMax = 64 * 1024 * 1024;
/** How long: a sensor behind 10 Mbit/s sends the largest batch in less. */
const drainMsMax = 30_000;

/**
 * Reads what is left of a body that was refused before its end, and throws it away. Answered with data unread, a connection is reset
 * (RFC 9112 §9.6), and a client that sends first and reads then would never see why. Bounded in bytes and time; never throws.
 */
export async function drainBody(request: Request): Promise<void> {
  if (!request.body || request.body.locked || Number(request.headers.get('content-length') ?? 0) > drainBytesMax) return;
  const reader = request.body.getReader();
  const late = setTimeout(() => void reader.cancel().catch(() => undefined), drainMsMax);
  try {
    let bytes = 0;
    for (let part = await reader.read(); !part.done && bytes <= drainBytesMax; part = await reader.read())
      bytes += part.value.length;
  } catch {
    // The client left; nobody is there to be answered.
  } finally {
    clearTimeout(late);
    reader.releaseLock();
  }
}
