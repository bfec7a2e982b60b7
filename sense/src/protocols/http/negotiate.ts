/** Logins of Windows networks in headers of HTTP: `Negotiate` (RFC 4559) and `NTLM` ([MS-NTHT]), each with a token in base64. */

import type { Seconds } from '@forewarn/base/time';
import { SecurityTokens } from '../gssapi/gssapi.ts';
import type { Direction, Emit, FlowView } from '../protocol.ts';
import { asciiOf } from '../text.ts';

const schemes = ['negotiate ', 'ntlm '];

/** Where the token behind a scheme begins, or -1 where the value is of another scheme or has none. */
export function tokenAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++;
  for (const scheme of schemes) {
    let i = 0;
    while (i < scheme.length && at + i < end && (bytes[at + i]! | 0x20) === (scheme.charCodeAt(i) | 0x20)) i++;
    if (i === scheme.length && at + i < end) return at + i;
  }
  return -1;
}

/** The logins of one flow: the tokens of both sides, and what the status of the answers says of them. */
export class Negotiation {
  private readonly tokens: SecurityTokens;
  /** The latest request carried a token; so did its answer. */
  private asked = false;
  private challenged = false;

  constructor(flow: FlowView, emit: Emit) {
    this.tokens = new SecurityTokens(flow, emit);
  }

  /** `bytes[start, end)`: the token, and nothing behind it. */
  token(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (!this.tokens.base64(direction, asciiOf(bytes, start, end), ts)) return;
    if (direction === 0) this.asked = true;
    else this.challenged = true;
  }

  /** The headers of an answer are complete. Who is asked to log in again, and not challenged, was refused. */
  status(code: number): void {
    const { asked, challenged } = this;
    this.challenged = false;
    if (!asked || code < 200) return;
    this.asked = false;
    const refused = code === 401 || code === 407;
    if (!refused || !challenged) this.tokens.outcome(!refused);
  }

  finish(): void {
    this.tokens.finish();
  }
}
