/** Secrets that are shown once and kept as hashes, and secrets that must be read again and are sealed. */

import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

const secretBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** What a secret is for stands at its beginning, so that scanners find leaked ones and people know what they hold. */
export type SecretKind = 'fw' | 'fws' | 'fwl' | 'fwc' | 'fwf';
/** API token, sensor's token, sign-in link, session cookie, reader of a feed. */
export const secretKinds = { token: 'fw', sensor: 'fws', link: 'fwl', session: 'fwc', feed: 'fwf' } as const satisfies {
  [kind: string]: SecretKind;
};

/** 256 random bits: `fw_…`. As they cannot be guessed a plain hash keeps them. */
export function makeSecret(kind: SecretKind, random: (bytes: number) => Uint8Array): string {
  return `${kind}_${Buffer.from(random(secretBytes)).toString('base64url')}`;
}

const shape = /^(fw|fws|fwl|fwc|fwf)_[\w-]{43}$/;

/** The kind of what may be a secret of ours; undefined for anything else. */
export function kindOf(secret: string): SecretKind | undefined {
  return shape.exec(secret)?.[1] as SecretKind | undefined;
}

/** What is kept of it. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Encrypts and authenticates (AES-256-GCM, NIST SP 800-38D) for what `purpose` says; opened elsewhere it fails. */
export function seal(
  { key, purpose, random }: { key: Uint8Array; purpose: string; random: (bytes: number) => Uint8Array },
  plain: Uint8Array,
): string {
  const nonce = random(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url');
}

/** Throws when the key or the purpose is another, or a bit was changed. */
export function unseal({ key, purpose }: { key: Uint8Array; purpose: string }, sealed: string): Uint8Array {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes)).setAAD(Buffer.from(purpose));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
}
