/**
 * Internet Relay Chat (RFC 2812): `conn.service` names it, and STARTTLS leads into TLS. What people say there is not read:
 * the reading ends as soon as the server has welcomed the client, before anybody can speak.
 */

import type { Seconds } from '@forewarn/base/time';
import { Portions } from '../portions.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';

/** RFC 2812 §2.3 allows 512 bytes; capabilities of version 3 may be longer. */
const lineBytesMax = 512;

/** Lines of each side before the welcome; servers greet with about ten. */
const linesMax = 64;

export const limits = [
  {
    name: 'irc.lineBytesMax',
    value: lineBytesMax,
    unit: 'bytes per line',
    why: 'RFC 2812 §2.3; of a longer line the rest counts as another.',
  },
  {
    name: 'irc.linesMax',
    value: linesMax,
    unit: 'lines per direction',
    why: 'The registration takes about ten; behind it nothing is read.',
  },
] as const;

class IrcParser implements ProtocolParser {
  private readonly emit: Emit;
  /** Only the server says when TLS begins and when the client is welcome. */
  private readonly server = new Portions(1);
  private lines = 0;

  constructor(_flow: FlowView, emit: Emit) {
    this.emit = emit;
    this.server.wantLine(lineBytesMax);
    emit.confirm();
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (direction === 1) this.server.feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction): void {
    if (direction === 1) this.server.stop();
  }

  finish(): void {}

  portion(_direction: Direction, bytes: Uint8Array, start: number, end: number): void {
    const number = numeric(bytes, start, end);
    // 670 is the answer to STARTTLS, 1 the welcome.
    if (number === 670) {
      const { next } = this.server;
      this.server.stop();
      this.emit.giveWay(next, 'ssl');
    } else if (number === 1 || ++this.lines >= linesMax) this.server.stop();
  }
}

/** The number of a reply, `:server 001 nick …`, or -1. */
function numeric(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== 0x3a) return -1;
  let at = start;
  while (at < end && bytes[at] !== 0x20) at++;
  if (at + 4 >= end || bytes[at + 4] !== 0x20) return -1;
  let number = 0;
  for (let i = at + 1; i < at + 4; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

const word = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

/** How a client begins, by the first letter of its command. */
const openers: readonly Uint8Array[] = ['NICK ', 'CAP LS', 'CAP REQ ', 'CAP END', 'STARTTLS\r', 'STARTTLS\n'].map(word);
const user = word('USER ');
const pass = word('PASS ');
const greetings: readonly Uint8Array[] = ['NOTICE AUTH ', 'NOTICE * '].map(word);

const YES = 2;
const MORE = 1;
const NO = 0;

function begins(bytes: Uint8Array, start: number, end: number, text: Uint8Array): typeof YES | typeof MORE | typeof NO {
  const length = Math.min(end - start, text.length);
  for (let i = 0; i < length; i++) if (bytes[start + i] !== text[i]) return NO;
  return length === text.length ? YES : MORE;
}

/** Lines that only IRC has; `USER` and `PASS` alone are those of FTP and POP3 too. */
function probe(bytes: Uint8Array, start: number, end: number, direction: Direction, _usualPort: boolean): Probe {
  return direction === 0 ? clientProbe(bytes, start, end) : serverProbe(bytes, start, end);
}

function clientProbe(bytes: Uint8Array, start: number, end: number): Probe {
  const first = bytes[start];
  if (first !== 0x4e && first !== 0x43 && first !== 0x53 && first !== 0x55 && first !== 0x50) return 'no';
  let waits = false;
  for (const opener of openers) {
    const answer = begins(bytes, start, end, opener);
    if (answer === YES) return printable(bytes, start, end) ? 'yes' : 'no';
    if (answer === MORE) waits = true;
  }
  const asUser = begins(bytes, start, end, user);
  if (asUser === MORE || begins(bytes, start, end, pass) === MORE) waits = true;
  if (asUser === NO && begins(bytes, start, end, pass) !== YES) return waits ? 'more' : 'no';
  if (asUser === MORE) return 'more';
  const lineEnd = bytes.indexOf(0x0a, start);
  if (lineEnd < 0 || lineEnd >= end) return end - start > lineBytesMax || !printable(bytes, start, end) ? 'no' : 'more';
  // `USER name mode unused :real name` has four parameters.
  if (asUser === YES) return fields(bytes, start, lineEnd) >= 5 ? 'yes' : 'no';
  return lineEnd + 1 === end ? 'more' : clientProbe(bytes, lineEnd + 1, end);
}

function serverProbe(bytes: Uint8Array, start: number, end: number): Probe {
  for (const greeting of greetings) {
    const answer = begins(bytes, start, end, greeting);
    if (answer !== NO) return answer === YES ? 'yes' : 'more';
  }
  // `:server NOTICE …`, `:server CAP …` or `:server 020 …`
  if (bytes[start] !== 0x3a) return 'no';
  let at = start + 1;
  for (; at < end && bytes[at] !== 0x20; at++) {
    const byte = bytes[at]!;
    const isHost =
      byte === 0x2e || byte === 0x2d || (byte >= 0x30 && byte <= 0x3a) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);
    if (!isHost || at - start > 255) return 'no';
  }
  if (at === start + 1 && at < end) return 'no';
  if (end - at < 5) return 'more';
  if (numeric(bytes, start, end) >= 0) return 'yes';
  for (const command of commands) {
    const answer = begins(bytes, at + 1, end, command);
    if (answer !== NO) return answer === YES ? 'yes' : 'more';
  }
  return 'no';
}

const commands: readonly Uint8Array[] = ['NOTICE ', 'CAP '].map(word);

function printable(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte < 0x20 && byte !== 0x0d && byte !== 0x0a) return false;
  }
  return true;
}

/** Words of a line; what stands behind a colon is one. */
function fields(bytes: Uint8Array, start: number, end: number): number {
  let count = 1;
  for (let at = start + 1; at < end; at++) {
    if (bytes[at - 1] !== 0x20 || bytes[at] === 0x20) continue;
    count++;
    if (bytes[at] === 0x3a) break;
  }
  return count;
}

export const irc: Protocol = {
  service: 'irc',
  logs: [],
  transports: ['tcp'],
  ports: [6667, 6666, 6668, 6669, 7000],
  probe,
  open: (flow, emit) => new IrcParser(flow, emit),
};
