/**
 * X.509 certificates (RFC 5280) written in DER (X.690). Structure, names, dates, keys and extensions are real; the
 * signatures are noise of the right shape, since nobody in a capture verifies them.
 */

import { createECDH, createHash } from 'node:crypto';
import type { Random } from '../random.ts';

const tlv = (tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array => {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  const bytes = new Uint8Array(1 + head.length + length);
  bytes[0] = tag;
  bytes.set(head, 1);
  let at = 1 + head.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};

const sequence = (...parts: readonly Uint8Array[]): Uint8Array => tlv(0x30, ...parts);
const set = (...parts: readonly Uint8Array[]): Uint8Array => tlv(0x31, ...parts);
const octets = (part: Uint8Array): Uint8Array => tlv(0x04, part);
const bits = (part: Uint8Array, unused = 0): Uint8Array => tlv(0x03, [unused], part);
const boolean = (value: boolean): Uint8Array => tlv(0x01, [value ? 0xff : 0]);
const nothing = tlv(0x05);
const utf8 = (text: string): Uint8Array => tlv(0x0c, new TextEncoder().encode(text));

/** A positive number: a leading zero where the first bit is set, none where it is not needed (X.690 §8.3). */
function integer(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const body = bytes.subarray(start);
  return body[0]! & 0x80 ? tlv(0x02, [0], body) : tlv(0x02, body);
}

function identifier(text: string): Uint8Array {
  const [first, second, ...rest] = text.split('.').map(Number) as [number, number, ...number[]];
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tlv(0x06, bytes);
}

/** UTCTime until 2049, GeneralizedTime from then on: RFC 5280 §4.1.2.5. */
function time(at: number): Uint8Array {
  const digits = new Date(Math.floor(at) * 1000).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return Number(digits.slice(0, 4)) < 2050
    ? tlv(0x17, new TextEncoder().encode(digits.slice(2)))
    : tlv(0x18, new TextEncoder().encode(digits));
}

export type DistinguishedName = { country?: string; organisation?: string; common: string };

function name({ country, organisation, common }: DistinguishedName): Uint8Array {
  const part = (oid: string, value: Uint8Array): Uint8Array => set(sequence(identifier(oid), value));
  return sequence(
    ...(country ? [part('2.5.4.6', tlv(0x13, new TextEncoder().encode(country)))] : []),
    ...(organisation ? [part('2.5.4.10', utf8(organisation))] : []),
    part('2.5.4.3', utf8(common)),
  );
}

export type KeyKind = 'rsa' | 'ec';

export type CertificateRequest = {
  subject: DistinguishedName;
  issuer: DistinguishedName;
  /** DNS names; none for a signer. */
  names: readonly string[];
  key: KeyKind;
  /** The issuer's kind of key, by which the certificate is signed. */
  signedWith: KeyKind;
  authority?: boolean;
  notBefore: number;
  notAfter: number;
  random: Random;
};

const signatureAlgorithm = (kind: KeyKind): Uint8Array =>
  kind === 'rsa' ? sequence(identifier('1.2.840.113549.1.1.11'), nothing) : sequence(identifier('1.2.840.10045.4.3.2'));

/** A signature value of the right shape: 256 bytes for RSA-2048, two numbers of 32 bytes for ECDSA on P-256. */
export function signatureOf(kind: KeyKind, random: Random): Uint8Array {
  if (kind === 'ec') return sequence(integer(random.bytes(32)), integer(random.bytes(32)));
  const value = random.bytes(256);
  // Below the modulus, whose first bit is set.
  value[0]! &= 0x7f;
  return value;
}

function publicKey(kind: KeyKind, random: Random): Uint8Array {
  if (kind === 'ec') {
    const pair = createECDH('prime256v1');
    const secret = random.bytes(32);
    // Below the order of the curve, and not zero.
    secret[0] = 1;
    pair.setPrivateKey(secret);
    const algorithm = sequence(identifier('1.2.840.10045.2.1'), identifier('1.2.840.10045.3.1.7'));
    return sequence(algorithm, bits(new Uint8Array(pair.getPublicKey())));
  }
  const modulus = random.bytes(256);
  modulus[0]! |= 0x80;
  modulus[255]! |= 1;
  const key = sequence(integer(modulus), integer(Uint8Array.of(1, 0, 1)));
  return sequence(sequence(identifier('1.2.840.113549.1.1.1'), nothing), bits(key));
}

/** The certificate in DER. */
export function certificate(request: CertificateRequest): Uint8Array {
  const { random, authority = false } = request;
  const key = publicKey(request.key, random.split('key'));
  const keyName = new Uint8Array(createHash('sha1').update(key).digest());
  const extension = (oid: string, value: Uint8Array, critical = false): Uint8Array =>
    sequence(identifier(oid), ...(critical ? [boolean(true)] : []), octets(value));
  const extensions = [
    // digitalSignature (and keyEncipherment for RSA); a signer signs certificates and lists.
    extension(
      '2.5.29.15',
      authority
        ? bits(Uint8Array.of(0x06), 1)
        : request.key === 'rsa'
          ? bits(Uint8Array.of(0xa0), 5)
          : bits(Uint8Array.of(0x80), 7),
      true,
    ),
    ...(authority ? [] : [extension('2.5.29.37', sequence(identifier('1.3.6.1.5.5.7.3.1')))]),
    extension('2.5.29.19', authority ? sequence(boolean(true)) : sequence(), true),
    extension('2.5.29.14', octets(keyName)),
    ...(request.names.length > 0
      ? [extension('2.5.29.17', sequence(...request.names.map((one) => tlv(0x82, new TextEncoder().encode(one)))))]
      : []),
  ];
  const serial = random.bytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x01;
  const body = sequence(
    tlv(0xa0, integer(Uint8Array.of(2))),
    integer(serial),
    signatureAlgorithm(request.signedWith),
    name(request.issuer),
    sequence(time(request.notBefore), time(request.notAfter)),
    name(request.subject),
    key,
    tlv(0xa3, sequence(...extensions)),
  );
  return sequence(body, signatureAlgorithm(request.signedWith), bits(signatureOf(request.signedWith, random)));
}
