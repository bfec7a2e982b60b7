/** What a client answers to PLAIN (RFC 4616): three texts that zeros part. The third is the password and stays where it is. */

import { textOf } from '../text.ts';

/** The account; `undefined` where the bytes are no such answer. */
export function plainUser(bytes: Uint8Array, start: number, end: number): string | undefined {
  const from = bytes.subarray(start, end).indexOf(0);
  const to = from < 0 ? -1 : bytes.subarray(start + from + 1, end).indexOf(0);
  return to < 0 ? undefined : textOf(bytes, start + from + 1, start + from + 1 + to);
}
