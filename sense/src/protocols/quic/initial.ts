/**
 * The protection of Initial packets (RFC 9001 §5): its keys follow from the connection id that the client chose, so that
 * anyone on the path can read them. Keys are derived once for each side of a connection.
 */

import { createCipheriv, createDecipheriv, hash, type Cipheriv } from 'node:crypto';
import type { Version } from './versions.ts';

const secretBytes = 32;
const keyBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
const sampleBytes = 16;

/** A block of SHA-256, and after it what is hashed with it; connection ids and labels have at most 20 bytes. */
const blockBytes = 64;
const inner = new Uint8Array(blockBytes + 32);
const outer = new Uint8Array(blockBytes + secretBytes);

const digit = (code: number): number => (code < 0x3a ? code - 0x30 : code - 0x57);

/** SHA-256 as bytes: by way of hexadecimal digits, which the runtime gives three times faster than a buffer. */
function digest(bytes: Uint8Array, to: Uint8Array, at: number): void {
  const digits = hash('sha256', bytes, 'hex');
  for (let i = 0; i < secretBytes; i++) to[at + i] = (digit(digits.charCodeAt(2 * i)) << 4) | digit(digits.charCodeAt(2 * i + 1));
}

/** HMAC-SHA-256 (RFC 2104) with a key of at most a block; as two hashes it costs a third of the runtime's own object. */
function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  inner.fill(0x36, 0, blockBytes);
  outer.fill(0x5c, 0, blockBytes);
  for (let i = 0; i < key.length; i++) {
    inner[i]! ^= key[i]!;
    outer[i]! ^= key[i]!;
  }
  inner.set(message, blockBytes);
  digest(inner.subarray(0, blockBytes + message.length), outer, blockBytes);
  const code = new Uint8Array(secretBytes);
  digest(outer, code, 0);
  return code;
}

/** HKDF-Expand (RFC 5869 §2.3) with the label of RFC 8446 §7.1; everything that is wanted here fits into its first block. */
const expandLabel = (secret: Uint8Array, info: Uint8Array, length: number): Uint8Array => hmac(secret, info).subarray(0, length);

/** HkdfLabel without a context, followed by the counter of the first block. */
function labelInfo(label: string, length: number): Uint8Array {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  return Uint8Array.from([0, length, name.length, ...name, 0, 1]);
}

const clientInfo = labelInfo('client in', secretBytes);
const serverInfo = labelInfo('server in', secretBytes);

type Infos = { readonly key: Uint8Array; readonly iv: Uint8Array; readonly mask: Uint8Array };

const infosOf = (prefix: string): Infos => ({
  key: labelInfo(`${prefix} key`, keyBytes),
  iv: labelInfo(`${prefix} iv`, nonceBytes),
  mask: labelInfo(`${prefix} hp`, keyBytes),
});
const firstInfos = infosOf('quic');
const secondInfos = infosOf('quicv2');

/** The secret that both sides' keys come from: of the version, and of the first connection id that the client sent to. */
export function initialSecret(version: Version, connectionId: Uint8Array): Uint8Array {
  return hmac(version.salt, connectionId);
}

/** What one side's Initial packets are protected with. */
export class InitialKeys {
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  /** One cipher for all masks: its key schedule is made once. */
  readonly #mask: Cipheriv;
  /** The largest number of a packet that was opened. */
  #largest = -1;

  constructor(version: Version, secret: Uint8Array, client: boolean) {
    const own = expandLabel(secret, client ? clientInfo : serverInfo, secretBytes);
    const infos = version.second ? secondInfos : firstInfos;
    this.#key = expandLabel(own, infos.key, keyBytes);
    this.#iv = expandLabel(own, infos.iv, nonceBytes);
    this.#mask = createCipheriv('aes-128-ecb', expandLabel(own, infos.mask, keyBytes), null);
    this.#mask.setAutoPadding(false);
  }

  /**
   * Opens the packet `bytes[start, end)` whose number stands at `numberAt`; answers its frames, or `undefined` when it was
   * not protected with these keys.
   */
  open(bytes: Uint8Array, start: number, numberAt: number, end: number): Uint8Array | undefined {
    // RFC 9001 §5.4.2: the sample begins where a number of four bytes would end.
    const sampleAt = numberAt + 4;
    if (sampleAt + sampleBytes > end) return undefined;
    const mask = this.#mask.update(bytes.subarray(sampleAt, sampleAt + sampleBytes));
    const first = bytes[start]! ^ (mask[0]! & 0x0f);
    const numberBytes = (first & 0x03) + 1;
    const payloadAt = numberAt + numberBytes;
    if (payloadAt + tagBytes > end) return undefined;
    const header = bytes.slice(start, payloadAt);
    header[0] = first;
    let truncated = 0;
    for (let i = 0; i < numberBytes; i++) {
      const byte = bytes[numberAt + i]! ^ mask[1 + i]!;
      header[numberAt - start + i] = byte;
      truncated = truncated * 256 + byte;
    }
    const number = this.#wholeNumber(truncated, 2 ** (8 * numberBytes));
    const nonce = Uint8Array.from(this.#iv);
    for (let i = nonceBytes - 1, rest = number; rest > 0; i--, rest = Math.floor(rest / 256)) nonce[i]! ^= rest % 256;
    const decipher = createDecipheriv('aes-128-gcm', this.#key, nonce);
    decipher.setAAD(header);
    decipher.setAuthTag(bytes.subarray(end - tagBytes, end));
    try {
      const frames = decipher.update(bytes.subarray(payloadAt, end - tagBytes));
      decipher.final();
      this.#largest = Math.max(this.#largest, number);
      return frames;
    } catch {
      return undefined;
    }
  }

  /** RFC 9000 §A.3: the number nearest to the one that is expected next. */
  #wholeNumber(truncated: number, window: number): number {
    const expected = this.#largest + 1;
    const candidate = expected - (expected % window) + truncated;
    if (candidate <= expected - window / 2) return candidate + window;
    if (candidate > expected + window / 2 && candidate >= window) return candidate - window;
    return candidate;
  }
}
