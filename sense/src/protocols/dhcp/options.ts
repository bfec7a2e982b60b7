/** Values of DHCP options as text, the same for both versions. */

import { textOf } from '../text.ts';

/** A value of DHCP cannot be longer; one of DHCPv6 could fill a datagram, and no real one comes near. */
export const textBytesMax = 255;

/** Text of at most that many bytes. */
export function shortText(bytes: Uint8Array, from: number, to: number): string {
  return textOf(bytes, from, Math.min(to, from + textBytesMax));
}

/** A name without the zero bytes that some clients put behind it. */
export function trimmed(bytes: Uint8Array, from: number, to: number): string {
  while (to > from && bytes[to - 1] === 0) to--;
  return shortText(bytes, from, to);
}

/** A name in labels without compression (RFC 1035 §3.1), with dots; what cannot be read, or is longer than a name, ends it. */
export function wireName(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  const end = Math.min(to, from + textBytesMax);
  for (let at = from; at < end && bytes[at] !== 0;) {
    const length = bytes[at]!;
    if (length > 63 || at + 1 + length > end) break;
    text += `${text === '' ? '' : '.'}${textOf(bytes, at + 1, at + 1 + length)}`;
    at += 1 + length;
  }
  return text;
}
