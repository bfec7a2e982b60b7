/** Values of DHCP options as text, the same for both versions. */

import { textOf } from '../text.ts';

/** A name without the zero bytes that some clients put behind it. */
export function trimmed(bytes: Uint8Array, from: number, to: number): string {
  while (to > from && bytes[to - 1] === 0) to--;
  return textOf(bytes, from, to);
}

/** A name in labels without compression (RFC 1035 §3.1), with dots; what cannot be read ends it. */
export function wireName(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to && bytes[at] !== 0;) {
    const length = bytes[at]!;
    if (length > 63 || at + 1 + length > to) break;
    text += `${text === '' ? '' : '.'}${textOf(bytes, at + 1, at + 1 + length)}`;
    at += 1 + length;
  }
  return text;
}
