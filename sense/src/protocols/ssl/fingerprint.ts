/**
 * Fingerprints of TLS hellos, which stay the same for one program wherever it connects to.
 *
 * - JA3 and JA3S: MD5 over the hello's numbers in decimal, in the order in which they were sent (salesforce/ja3, BSD 3-clause).
 * - JA4, the TLS client part of the family alone: readable counts, then SHA-256 over the sorted suites and extensions
 *   (FoxIO, technical_details/JA4.md, BSD 3-clause).
 *
 * Lists are written as text into one buffer and hashed there: no string is made but the results.
 */

import { hash } from 'node:crypto';

/** TLSPlaintext.length (RFC 8446 §5.1): a hello in one record has no more, and real ones have up to 2,000 bytes. */
export const fingerprintBytesMax = 16_384;

/** How the hello was carried: TLS over TCP, DTLS, or QUIC; the first letter of JA4. */
export type Carrier = 't' | 'd' | 'q';

/** Where the parts of a hello stand in its bytes; an absent part begins and ends at the same place. */
export class HelloParts {
  start = 0;
  end = 0;
  /** The version field of the hello itself, which newer versions no longer use. */
  version = 0;
  ciphersAt = 0;
  ciphersEnd = 0;
  /** The extensions, up to the last one that is whole. */
  extensionsAt = 0;
  extensionsEnd = 0;
  hasServerName = false;
  groupsAt = 0;
  groupsEnd = 0;
  formatsAt = 0;
  formatsEnd = 0;
  signaturesAt = 0;
  signaturesEnd = 0;
  versionsAt = 0;
  versionsEnd = 0;
  /** The first name of the protocols offered (ALPN). */
  protocolAt = 0;
  protocolEnd = 0;

  reset(start: number, end: number): void {
    this.start = start;
    this.end = end;
    this.version = 0;
    this.ciphersAt = this.ciphersEnd = 0;
    this.extensionsAt = this.extensionsEnd = 0;
    this.hasServerName = false;
    this.groupsAt = this.groupsEnd = 0;
    this.formatsAt = this.formatsEnd = 0;
    this.signaturesAt = this.signaturesEnd = 0;
    this.versionsAt = this.versionsEnd = 0;
    this.protocolAt = this.protocolEnd = 0;
  }
}

/** RFC 8701: values that clients sprinkle in to keep servers tolerant; they change from flow to flow. */
const isGrease = (value: number): boolean => (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);

/** A number of two bytes is at most five digits and a separator, a number of one byte four: four times the hello holds any. */
const text = new Uint8Array(4 * fingerprintBytesMax + 64);
let length = 0;

const numbers = new Uint16Array(fingerprintBytesMax / 2);

const COMMA = 0x2c;
const DASH = 0x2d;
const UNDERSCORE = 0x5f;

function decimal(value: number): void {
  let divisor = 1;
  while (value / divisor >= 10) divisor *= 10;
  for (; divisor >= 1; divisor /= 10) text[length++] = 0x30 + (Math.floor(value / divisor) % 10);
}

function hexadecimal(value: number): void {
  for (let shift = 12; shift >= 0; shift -= 4) {
    const digit = (value >> shift) & 0xf;
    text[length++] = digit < 10 ? 0x30 + digit : 0x57 + digit;
  }
}

/** `4865-4866`: the 16-bit numbers from `at` to `end`. */
function decimals(bytes: Uint8Array, at: number, end: number): void {
  let first = true;
  for (; at + 2 <= end; at += 2) {
    const value = (bytes[at]! << 8) | bytes[at + 1]!;
    if (isGrease(value)) continue;
    if (!first) text[length++] = DASH;
    first = false;
    decimal(value);
  }
}

/** Types of extensions in their order. */
function extensionDecimals(bytes: Uint8Array, at: number, end: number): void {
  let first = true;
  while (at + 4 <= end) {
    const value = (bytes[at]! << 8) | bytes[at + 1]!;
    at += 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (isGrease(value)) continue;
    if (!first) text[length++] = DASH;
    first = false;
    decimal(value);
  }
}

/** JA3: `MD5("version,suites,extensions,groups,formats")`; `undefined` for a hello that is too long to be one. */
export function ja3(bytes: Uint8Array, hello: HelloParts): string | undefined {
  if (hello.end - hello.start > fingerprintBytesMax) return undefined;
  length = 0;
  decimal(hello.version);
  text[length++] = COMMA;
  decimals(bytes, hello.ciphersAt, hello.ciphersEnd);
  text[length++] = COMMA;
  extensionDecimals(bytes, hello.extensionsAt, hello.extensionsEnd);
  text[length++] = COMMA;
  decimals(bytes, hello.groupsAt, hello.groupsEnd);
  text[length++] = COMMA;
  for (let at = hello.formatsAt; at < hello.formatsEnd; at++) {
    if (at > hello.formatsAt) text[length++] = DASH;
    decimal(bytes[at]!);
  }
  return hash('md5', text.subarray(0, length), 'hex');
}

/** JA3S: `MD5("version,suite,extensions")` of a server's hello. */
export function ja3s(
  bytes: Uint8Array,
  version: number,
  cipher: number,
  extensionsAt: number,
  extensionsEnd: number,
): string | undefined {
  if (extensionsEnd - extensionsAt > fingerprintBytesMax) return undefined;
  length = 0;
  decimal(version);
  text[length++] = COMMA;
  decimal(cipher);
  text[length++] = COMMA;
  extensionDecimals(bytes, extensionsAt, extensionsEnd);
  return hash('md5', text.subarray(0, length), 'hex');
}

/** JA4: `t13d1516h2_8daaf6152771_e5627efa2ab1`; `undefined` for a hello that is too long to be one. */
export function ja4(carrier: Carrier, bytes: Uint8Array, hello: HelloParts): string | undefined {
  if (hello.end - hello.start > fingerprintBytesMax) return undefined;
  let suites = 0;
  for (let at = hello.ciphersAt; at + 2 <= hello.ciphersEnd; at += 2) {
    const value = (bytes[at]! << 8) | bytes[at + 1]!;
    if (!isGrease(value)) numbers[suites++] = value;
  }
  length = 0;
  sortedNumbers(suites);
  const suiteHash = textHash();

  let extensions = 0;
  let listed = 0;
  for (let at = hello.extensionsAt; at + 4 <= hello.extensionsEnd;) {
    const value = (bytes[at]! << 8) | bytes[at + 1]!;
    at += 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (isGrease(value)) continue;
    extensions++;
    // The server's name and the protocols stand in the readable part: one program, one hash, wherever it goes.
    if (value !== 0 && value !== 16) numbers[listed++] = value;
  }
  length = 0;
  sortedNumbers(listed);
  let separator = UNDERSCORE;
  for (let at = hello.signaturesAt; at + 2 <= hello.signaturesEnd; at += 2) {
    const value = (bytes[at]! << 8) | bytes[at + 1]!;
    if (isGrease(value)) continue;
    text[length++] = separator;
    separator = COMMA;
    hexadecimal(value);
  }
  const extensionHash = textHash();
  const name = hello.hasServerName ? 'd' : 'i';
  return `${carrier}${offeredVersion(carrier, bytes, hello)}${name}${twoDigits(suites)}${twoDigits(extensions)}${protocolEnds(bytes, hello)}_${suiteHash}_${extensionHash}`;
}

/** Writes the first numbers of the list, sorted, in hexadecimal with commas. */
function sortedNumbers(count: number): void {
  numbers.subarray(0, count).sort();
  for (let i = 0; i < count; i++) {
    if (i > 0) text[length++] = COMMA;
    hexadecimal(numbers[i]!);
  }
}

/** Twelve digits of SHA-256 over what was written; zeros where nothing was. */
const textHash = (): string => (length === 0 ? '000000000000' : hash('sha256', text.subarray(0, length), 'hex').slice(0, 12));

const twoDigits = (count: number): string => (count > 99 ? '99' : count < 10 ? `0${count}` : String(count));

/** The newest version that is offered: in the list of versions where there is one, else in the hello's own field. */
function offeredVersion(carrier: Carrier, bytes: Uint8Array, hello: HelloParts): string {
  let version = 0;
  for (let at = hello.versionsAt; at + 2 <= hello.versionsEnd; at += 2) {
    const value = (bytes[at]! << 8) | bytes[at + 1]!;
    if (isGrease(value)) continue;
    // DTLS counts downwards (RFC 9147 §5.3).
    if (version === 0 || (carrier === 'd' ? value < version : value > version)) version = value;
  }
  switch (version || hello.version) {
    case 0x0304:
      return '13';
    case 0x0303:
      return '12';
    case 0x0302:
      return '11';
    case 0x0301:
      return '10';
    case 0x0300:
      return 's3';
    case 0x0002:
      return 's2';
    case 0xfeff:
      return 'd1';
    case 0xfefd:
      return 'd2';
    case 0xfefc:
      return 'd3';
  }
  return '00';
}

const isAlphanumeric = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);

/**
 * First and last character of the first protocol offered; those of its hexadecimal form where they are no letters or digits.
 * Beyond ASCII the text of JA4 asks for the same, but its makers' programs and test vectors write 99, and a fingerprint is
 * there to be compared with theirs.
 */
function protocolEnds(bytes: Uint8Array, hello: HelloParts): string {
  if (hello.protocolEnd <= hello.protocolAt) return '00';
  const first = bytes[hello.protocolAt]!;
  const last = bytes[hello.protocolEnd - 1]!;
  if (first > 0x7f) return '99';
  if (isAlphanumeric(first) && isAlphanumeric(last)) return String.fromCharCode(first, last);
  return `${(first >> 4).toString(16)}${(last & 0xf).toString(16)}`;
}
