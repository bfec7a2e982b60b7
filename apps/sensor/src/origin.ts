/** What names a reading of a file: its first bytes, so that the same capture sent again is the same reading, whatever its name. */

import { createHash } from 'node:crypto';

/** So many bytes of a file name it: its header and thousands of packets with their times. */
export const fileOriginBytes = 1 << 20;

/** Of a pipe no more may be awaited than its first packet brings: the header (24), the packet's time and lengths (16), its addresses. */
export const pipeOriginBytes = 64;

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** The name, and the chunks again from their beginning. */
export async function originOf(
  given: Chunks,
  originBytes = fileOriginBytes,
): Promise<{ origin: string; chunks: AsyncIterable<Uint8Array> }> {
  const iterator = (async function* () {
    yield* given;
  })();
  const head: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < originBytes) {
    const next = await iterator.next();
    if (next.done) break;
    head.push(next.value);
    bytes += next.value.length;
  }
  const hash = createHash('sha256');
  let left = originBytes;
  for (const chunk of head) {
    hash.update(chunk.subarray(0, left));
    left -= Math.min(left, chunk.length);
  }
  return {
    origin: hash.digest('hex'),
    chunks: (async function* () {
      yield* head;
      yield* iterator;
    })(),
  };
}
