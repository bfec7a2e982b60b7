/** Which first bytes are HTTP/1. */

import type { Direction, Probe } from '../protocol.ts';
import { asciiOf } from '../text.ts';
import { isDigit } from './letters.ts';

/** Methods that Zeek knows; others leave an oddity. */
export const methods: ReadonlySet<string> = new Set(
  'GET POST HEAD OPTIONS PUT DELETE TRACE CONNECT PATCH QUERY PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK POLL REPORT SUBSCRIBE BMOVE SEARCH'.split(
    ' ',
  ),
);

/** Methods that begin a flow on any port. */
const openers = [...methods].filter((method) => method !== 'POLL' && method !== 'COPY');

export function probe(bytes: Uint8Array, start: number, end: number, direction: Direction, usualPort: boolean): Probe {
  const length = end - start;
  if (length === 0) return 'more';
  if (direction === 1 || bytes[start] === 0x48) {
    const reply = prefix(bytes, start, end, 'HTTP/1.');
    if (reply === 'yes') return length < 13 ? 'more' : isDigit(bytes[start + 9]!) ? 'yes' : 'no';
    if (direction === 1) return reply;
  }
  // HTTP/2 begins with a line that looks like a request of version 1 and is none (RFC 9113 §3.4).
  if (prefix(bytes, start, end, 'PRI * HTTP/2.0') !== 'no') return length < 14 ? 'more' : 'no';
  let waits = false;
  for (const method of openers) {
    const answer = prefix(bytes, start, end, method);
    if (answer === 'more') waits = true;
    if (answer !== 'yes') continue;
    const at = start + method.length;
    if (at >= end) return 'more';
    if (bytes[at] !== 0x20 && bytes[at] !== 0x09) continue;
    return target(bytes, at + 1, end, usualPort);
  }
  if (waits) return 'more';
  return usualPort ? attempt(bytes, start, end) : 'no';
}

/** On its own ports a line that names HTTP or begins with a method is an attempt at a request. */
function attempt(bytes: Uint8Array, start: number, end: number): Probe {
  const answer = target(bytes, start, end, true);
  if (answer !== 'yes') return answer;
  const text = asciiOf(bytes, start, Math.min(end, start + 1_024));
  const line = text.slice(0, text.indexOf('\n') + 1 || undefined);
  return /http\//i.test(line) || methods.has(/^[A-Z]+/.exec(line)?.[0] ?? '') ? 'yes' : 'no';
}

/** Behind a known method: a line that ends in a version, or is not ended yet. */
function target(bytes: Uint8Array, start: number, end: number, usualPort: boolean): Probe {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === 0x0a) return usualPort || versioned(bytes, start, i) ? 'yes' : 'no';
    // Outside its ports a target of control bytes or of anything beyond ASCII is not taken for one.
    if (byte < 0x20 && byte !== 0x0d && byte !== 0x09) return 'no';
    if (byte > 0x7e && !usualPort) return 'no';
  }
  // A target of a kilobyte with nothing unprintable in it is proof enough behind a method.
  return end - start > 1_024 ? 'yes' : 'more';
}

function versioned(bytes: Uint8Array, start: number, lineEnd: number): boolean {
  const end = bytes[lineEnd - 1] === 0x0d ? lineEnd - 1 : lineEnd;
  return end - 8 >= start && asciiOf(bytes, end - 8, end - 3).toUpperCase() === 'HTTP/' && bytes[end - 2] === 0x2e;
}

function prefix(bytes: Uint8Array, start: number, end: number, word: string): Probe {
  const length = Math.min(end - start, word.length);
  for (let i = 0; i < length; i++) if (bytes[start + i] !== word.charCodeAt(i)) return 'no';
  return length === word.length ? 'yes' : 'more';
}
