/** Numbers and names as telephone networks write them. */

import { formatAddress } from '@forewarn/base/ip';
import { asciiOf } from './text.ts';

/** Digits of one number that are read: E.164 has 15, an IMEI with its version 16. */
const digitsMax = 32;

const symbols = '0123456789*#abc';

/** Telephony BCD (3GPP TS 29.002 §17.7.8): the lower half of each byte first, a filler of ones at the end. */
export function tbcd(bytes: Uint8Array, start: number, end: number): string {
  let digits = '';
  for (let at = start; at < end && digits.length < digitsMax; at++) {
    const low = bytes[at]! & 15;
    if (low === 15) break;
    digits += symbols[low];
    const high = bytes[at]! >> 4;
    if (high === 15) break;
    digits += symbols[high];
  }
  return digits;
}

/** A name of labels with their lengths before them, as access point names have it (3GPP TS 23.003 §9.1); some write plain text. */
export function labels(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let at = start;
  while (at < end && text.length < 256) {
    const length = bytes[at]!;
    if (length === 0 || length > 63 || at + 1 + length > end) break;
    text += `${text === '' ? '' : '.'}${printable(bytes, at + 1, at + 1 + length)}`;
    at += 1 + length;
  }
  return at >= end && text !== '' ? text : printable(bytes, start, Math.min(end, start + 256));
}

/** Text of what may be no text: every byte that does not print becomes a question mark. */
export function printable(bytes: Uint8Array, start: number, end: number): string {
  return start >= end ? '' : asciiOf(bytes, start, end).replaceAll(/[^\x20-\x7e]/g, '?');
}

/** Four or sixteen bytes as an address; nothing where they are neither, or do not fit. */
export function addressOf(bytes: Uint8Array, start: number, length: number, end: number): string | undefined {
  if ((length !== 4 && length !== 16) || start + length > end) return undefined;
  return formatAddress(bytes, start, length);
}

/** Four bytes as a number. */
export const word32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

/** Two bytes as a number. */
export const word16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
