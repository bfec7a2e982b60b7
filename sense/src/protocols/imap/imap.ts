/**
 * IMAP4 (RFC 3501, RFC 9051): recognised, followed to `STARTTLS`, and not recorded, as in Zeek. Of a line only the tag, the
 * first word and the length of a literal at its end are looked at; literals – mails, passwords – are passed over, but for the
 * parts of a mail that is fetched whole, which become files.
 *
 *     a1 APPEND box {310}⏎  310 bytes  ⏎         a2 STARTTLS⏎ ─▶ a2 OK ─▶ TLS
 */

import type { Seconds } from '@forewarn/base/time';
import type { FileStream } from '../../files/files.ts';
import { type MimeHost, MimeReader } from '../../files/mime.ts';
import { beginsWith, lineEnd, Lines, mentions, textFits } from '../lines.ts';
import type { Direction, Emit, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { asciiOf } from '../text.ts';

/** RFC 7162 §4 recommends 8,192 bytes for a line; of what is longer the end, and so a literal, is not seen. */
const lineBytesMax = 8_192;

/** Tags of real clients have up to about ten letters. */
const tagBytesMax = 32;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'imap.lineBytesMax',
    value: lineBytesMax,
    unit: 'bytes per line',
    why: 'RFC 7162 §4 recommends it; the rest of a longer line is passed over.',
  },
  { name: 'imap.tagBytesMax', value: tagBytesMax, unit: 'bytes', why: 'Real clients use up to about ten.' },
] as const;

const words =
  'CAPABILITY NOOP LOGOUT STARTTLS AUTHENTICATE LOGIN ENABLE SELECT EXAMINE CREATE DELETE RENAME SUBSCRIBE UNSUBSCRIBE LIST LSUB NAMESPACE STATUS APPEND IDLE CHECK CLOSE UNSELECT EXPUNGE SEARCH FETCH STORE COPY MOVE UID ID XLIST GETQUOTAROOT COMPRESS'.split(
    ' ',
  );
const known: ReadonlySet<string> = new Set(words);

class ImapParser implements ProtocolParser, MimeHost {
  private readonly emit: Emit;
  private readonly sides = [new Lines(lineBytesMax), new Lines(lineBytesMax)] as const;
  /** Bytes of a literal that are still to come, by direction. */
  private readonly literal: [number, number] = [0, 0];
  /** The literal of the server is a whole mail. */
  private mail: MimeReader | undefined;
  /** The rest of a line goes on behind a literal: it begins no command. */
  private readonly goesOn: [boolean, boolean] = [false, false];
  private tag = '';
  /** The tag of the STARTTLS that waits for its answer. */
  private upgrade: string | undefined = undefined;
  private confirmed = false;
  private stopped = false;
  /** The server has greeted, and the client has said nothing yet. */
  private greeted = false;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const lines = this.sides[direction];
    let at = start;
    while (at < end && !this.stopped) {
      const rest = this.literal[direction];
      if (rest > 0) {
        const length = Math.min(rest, end - at);
        this.literal[direction] -= length;
        if (direction === 1 && this.mail) {
          this.mail.data(bytes, at, at + length, ts);
          if (length === rest) this.endMail(ts, true);
        }
        at += length;
        continue;
      }
      at = lines.take(bytes, at, end);
      if (at < 0) return;
      if (this.line(direction, lines)) {
        this.stopped = true;
        this.emit.giveWay(at, 'ssl');
      }
    }
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    const inside = Math.min(length, this.literal[direction]);
    this.literal[direction] -= inside;
    if (direction === 1 && this.mail) {
      this.mail.gap(inside, ts);
      if (this.literal[1] === 0) this.endMail(ts, false);
    }
    if (inside === length) return;
    this.goesOn[direction] = false;
    this.sides[direction].lose();
  }

  finish(ts: Seconds): void {
    this.endMail(ts, false);
    this.stopped = true;
    // A server that greets and is not answered has told its protocol all the same.
    if (this.greeted && !this.confirmed) this.emit.confirm();
  }

  /** One line; whether TLS begins behind it. */
  private line(direction: Direction, { bytes, start, end, cut }: Lines): boolean {
    const continued = this.goesOn[direction];
    const length = cut ? -1 : literalLength(bytes, start, end);
    this.goesOn[direction] = length >= 0;
    this.greeted = direction === 1 && !this.confirmed;
    if (length > 0) {
      this.literal[direction] = length;
      if (direction === 1 && announcesMail(bytes, start, end)) this.mail = new MimeReader(this);
    }
    if (continued) return false;
    let space = start;
    while (space < end && bytes[space] !== 0x20) space++;
    if (space === start || space === end || space - start > tagBytesMax) return false;
    if (direction === 0) this.command(bytes, start, space, end);
    else return this.response(bytes, start, space, end);
    return false;
  }

  private endMail(ts: Seconds, complete: boolean): void {
    this.mail?.end(ts, complete);
    this.mail = undefined;
  }

  // What the reader of mails tells.

  header(): void {}

  file(entity: number, name: string | undefined, _range: string | undefined, ts: Seconds): FileStream {
    return this.emit.file({ source: 'IMAP', direction: 1, ts, depth: entity, ...(name === undefined ? {} : { name }) });
  }

  weird(name: string, ts: Seconds): void {
    this.emit.weird(name, ts);
  }

  private command(bytes: Uint8Array, start: number, space: number, end: number): void {
    let at = space + 1;
    while (at < end && at < space + 16 && bytes[at]! > 0x20) at++;
    const word = asciiOf(bytes, space + 1, at).toUpperCase();
    if (!known.has(word)) return;
    this.tag = asciiOf(bytes, start, space);
    if (word === 'STARTTLS') this.upgrade = this.tag;
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm();
  }

  private response(bytes: Uint8Array, start: number, space: number, end: number): boolean {
    const first = bytes[start]!;
    if (first === 0x2a || first === 0x2b) return false;
    const tag = asciiOf(bytes, start, space);
    if (tag === this.upgrade) {
      this.upgrade = undefined;
      return beginsWith(bytes, space + 1, end, 'OK');
    }
    // The server has refused the command, and its literal is not sent (RFC 9051 §4.3).
    if (tag === this.tag && this.goesOn[0] && !beginsWith(bytes, space + 1, end, 'OK')) {
      this.literal[0] = 0;
      this.goesOn[0] = false;
    }
    return false;
  }
}

/** The length in `{123}`, `{123+}` or `~{123}` at the end of a line, or -1. */
function literalLength(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 3 || bytes[end - 1] !== 0x7d) return -1;
  let at = end - 2;
  if (bytes[at] === 0x2b || bytes[at] === 0x2d) at--;
  let length = 0;
  let unit = 1;
  const last = at;
  for (; at >= start && last - at < 15; at--) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) break;
    length += digit * unit;
    unit *= 10;
  }
  return at < last && at >= start && bytes[at] === 0x7b ? length : -1;
}

/** Whether the literal behind this line is a whole mail: `* 1 FETCH (… BODY[] {1234}` or `RFC822 {1234}` (RFC 9051 §7.5.2). */
function announcesMail(bytes: Uint8Array, start: number, end: number): boolean {
  let at = end;
  while (at > start && bytes[at - 1] !== 0x20) at--;
  return wholeMails.some((word) => at - 1 - word.length > start && beginsWith(bytes, at - 1 - word.length, end, word));
}

const wholeMails = ['BODY[]', 'RFC822'];

const greetings = ['* OK', '* PREAUTH', '* BYE'];

function probe(bytes: Uint8Array, start: number, end: number, direction: Direction, usualPort: boolean): Probe {
  if (direction === 1) {
    const greets = textFits(bytes, start, end, greetings);
    if (greets !== 'yes') return greets;
    const stop = lineEnd(bytes, start, end);
    if (stop === -2) return 'no';
    if (stop === -1) return 'more';
    return usualPort || mentions(bytes, start, stop, 'IMAP') ? 'yes' : 'more';
  }
  // A tag of letters and digits, a space, a command.
  let at = start;
  while (at < end && at - start <= tagBytesMax && isTagByte(bytes[at]!)) at++;
  if (at === end) return at - start <= tagBytesMax ? 'more' : 'no';
  if (at === start || bytes[at] !== 0x20) return 'no';
  const fits = textFits(bytes, at + 1, end, words);
  if (fits !== 'yes') return fits;
  const stop = lineEnd(bytes, start, end);
  if (stop === -2) return 'no';
  if (stop === -1) return 'more';
  // Off the usual ports only what nothing else says behind one word.
  return usualPort || textFits(bytes, at + 1, end, ['CAPABILITY\r', 'STARTTLS\r', 'AUTHENTICATE ', 'LOGIN ']) === 'yes'
    ? 'yes'
    : 'more';
}

/** Letters, digits and the few signs that clients put into tags. */
const isTagByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x2e ||
  byte === 0x5f;

export const imap: Protocol = {
  service: 'imap',
  logs: ['files'],
  transports: ['tcp'],
  ports: [143],
  probe,
  open: (_flow, emit) => new ImapParser(emit),
};
