/** One-time codes by time: RFC 6238 with SHA-1, six digits and thirty seconds, which every authenticator has. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Seconds } from '@forewarn/base/time';

const stepSeconds = 30;
const digits = 6;
/** RFC 6238 §5.2 recommends at most one step of delay; clocks of telephones also run ahead. */
const stepsAside = 1;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 §6, without padding, as authenticators take it. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(held >> bits) & 31];
      held &= (1 << bits) - 1;
    }
  }
  return bits > 0 ? text + alphabet[(held << (5 - bits)) & 31] : text;
}

/** The code of a step (RFC 4226 §5.3). */
export function codeAt(secret: Uint8Array, step: number, length = digits): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', secret).update(counter).digest();
  const offset = (hash.at(-1) as number) & 15;
  const number = hash.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** length).padStart(length, '0');
}

/**
 * The step a code is of, or undefined. A step that was used is not taken again (RFC 6238 §5.2): `lastStep` is the newest used
 * one, and the caller keeps the answer.
 */
export function verifyCode(secret: Uint8Array, code: string, at: Seconds, lastStep: number | null): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const now = Math.floor(at / stepSeconds);
  for (let step = now - stepsAside; step <= now + stepsAside; step += 1) {
    if (step <= (lastStep ?? -1)) continue;
    if (timingSafeEqual(Buffer.from(codeAt(secret, step)), Buffer.from(code))) return step;
  }
  return undefined;
}

/** What authenticators read from a QR code: https://github.com/google/google-authenticator/wiki/Key-Uri-Format */
export function otpauthUri({ issuer, account, secret }: { issuer: string; account: string; secret: Uint8Array }): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${digits}&period=${stepSeconds}`;
}
