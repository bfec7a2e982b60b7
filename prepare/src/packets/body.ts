/**
 * Bytes that need not exist yet. A transfer of gigabytes is a length and a way to write any part of it, so that neither
 * the plan nor a retransmission holds the bytes in memory.
 */
export type Body = {
  readonly length: number;
  /** Writes bytes [from, to) of the body to `into`, starting at `at`. */
  copy(into: Uint8Array, at: number, from: number, to: number): void;
};

export const bodyOf = (bytes: Uint8Array): Body => ({
  length: bytes.length,
  copy: (into, at, from, to) => into.set(bytes.subarray(from, to), at),
});

export const textBody = (text: string): Body => bodyOf(new TextEncoder().encode(text));

/** Noise that depends on the key and the position only (the finalizer of MurmurHash3 over a counter). */
function noise(key: number, into: Uint8Array, at: number, from: number, to: number): void {
  for (let position = from; position < to;) {
    let word = (key + Math.imul((position >>> 2) + 1, 0x9e3779b9)) | 0;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    word ^= word >>> 16;
    do {
      into[at++] = word >>> ((position & 3) << 3);
      position++;
    } while (position < to && (position & 3) !== 0);
  }
}

/** So many bytes that look like compressed or encrypted data. */
export const noiseBody = (key: number, length: number): Body => ({
  length,
  copy: (into, at, from, to) => noise(key, into, at, from, to),
});

/** One after another. */
export function joinBodies(bodies: readonly Body[]): Body {
  if (bodies.length === 1) return bodies[0]!;
  const starts: number[] = [];
  let length = 0;
  for (const body of bodies) {
    starts.push(length);
    length += body.length;
  }
  return {
    length,
    copy(into, at, from, to) {
      for (let i = 0; i < bodies.length; i++) {
        const start = Math.max(from, starts[i]!);
        const end = Math.min(to, starts[i]! + bodies[i]!.length);
        if (start < end) bodies[i]!.copy(into, at + start - from, start - starts[i]!, end - starts[i]!);
      }
    },
  };
}

/** The whole of a body as bytes; for small ones and for tests. */
export function bytesOf(body: Body): Uint8Array {
  const bytes = new Uint8Array(body.length);
  body.copy(bytes, 0, 0, body.length);
  return bytes;
}

/** How much plain text a TLS record holds at most: RFC 8446 §5.1. */
const plaintextBytesMax = 16_384;

/**
 * Application data as TLS records: headers in clear, the rest noise. `overhead` is what the cipher adds to each
 * record: 17 bytes in TLS 1.3 (type and tag), 24 for AES-GCM in TLS 1.2 (nonce and tag).
 */
export function cipherRecords(options: { key: number; plaintextBytes: number; overhead: number }): Body {
  const { key, plaintextBytes, overhead } = options;
  const stride = 5 + plaintextBytesMax + overhead;
  const whole = Math.floor(plaintextBytes / plaintextBytesMax);
  const rest = plaintextBytes - whole * plaintextBytesMax;
  const length = whole * stride + (rest > 0 ? 5 + rest + overhead : 0);
  return {
    length,
    copy(into, at, from, to) {
      noise(key, into, at, from, to);
      for (let record = Math.floor(from / stride); record * stride < to; record++) {
        const bytes = (record < whole ? plaintextBytesMax : rest) + overhead;
        const header = [0x17, 0x03, 0x03, bytes >> 8, bytes & 0xff];
        for (let i = 0; i < 5; i++) {
          const position = record * stride + i;
          if (position >= from && position < to) into[at + position - from] = header[i]!;
        }
      }
    },
  };
}
