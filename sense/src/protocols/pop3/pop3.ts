/**
 * POP3 (RFC 1939): recognised, followed to `STLS` (RFC 2595), and not recorded, as in Zeek. What the client says is looked
 * at for its first word only; the parts of a mail that is fetched become files; answers of AUTH are passed over.
 */

import type { Seconds } from '@forewarn/base/time';
import type { FileStream } from '../../files/files.ts';
import type { MimeHost } from '../../files/mime.ts';
import { beginsWith, lineEnd, Lines, mentions, textFits } from '../lines.ts';
import type { Direction, Emit, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { DottedMail } from './mail.ts';

/** RFC 2449 §4 allows 255 bytes for a command and 512 for a reply; of a line of a mail its beginning is enough. */
const lineBytesMax = 512;

/** Commands without a reply; a client that pipelines (RFC 2449 §6.6) fetches some hundred mails in one go. */
const pendingMax = 1_024;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'pop3.lineBytesMax',
    value: lineBytesMax,
    unit: 'bytes per line',
    why: 'RFC 2449 §4 allows 512 for a reply, 255 for a command.',
  },
  {
    name: 'pop3.pendingMax',
    value: pendingMax,
    unit: 'commands without a reply',
    why: 'A client that pipelines fetches some hundred mails in one go; beyond it replies are no longer told apart.',
  },
] as const;

const commands = 'USER PASS APOP AUTH QUIT STAT LIST RETR DELE NOOP LAST TOP RSET UIDL CAPA STLS XSND XTND UTF8 LANG'.split(' ');
const known: ReadonlySet<string> = new Set(commands);

/** Commands with a reply of several lines; the second list only without an argument. */
const lengthy: ReadonlySet<string> = new Set(['TOP', 'CAPA']);
const lengthyAlone: ReadonlySet<string> = new Set(['LIST', 'UIDL', 'AUTH']);

const SHORT = 0;
const LENGTHY = 1;
const TLS = 2;
const MAIL = 3;
type Kind = typeof SHORT | typeof LENGTHY | typeof TLS | typeof MAIL;

class Pop3Parser implements ProtocolParser, MimeHost {
  private readonly emit: Emit;
  private readonly commands = new Lines(lineBytesMax);
  private readonly replies = new Lines(lineBytesMax);
  /** What the replies to come will be like; the first is the greeting. */
  private pending: Kind[] = [SHORT];
  /** In a reply of several lines. */
  private within = false;
  /** In a mail. */
  private mail: DottedMail | undefined;
  /** The next line of the client answers a challenge. */
  private challenged = false;
  private synced = true;
  private confirmed = false;
  private stopped = false;
  /** The server has greeted, and the client has said nothing yet. */
  private greeted = false;
  private spoke = false;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const lines = direction === 0 ? this.commands : this.replies;
    let at = start;
    while (at < end && !this.stopped) {
      if (direction === 1 && this.mail) {
        at = this.mail.take(bytes, at, end, ts);
        if (at < 0) return;
        this.mail = undefined;
        continue;
      }
      at = lines.take(bytes, at, end);
      if (at < 0) return;
      if (direction === 0) this.command(lines.bytes, lines.start, lines.end, ts);
      else if (this.reply(lines.bytes, lines.start, lines.end, ts)) {
        this.stopped = true;
        this.emit.giveWay(at, 'ssl');
      }
    }
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    if (direction === 1 && this.mail) {
      // Where the mail ends is no longer known.
      this.mail.gap(length, ts);
      this.mail.end(ts, false);
      this.mail = undefined;
    }
    // Which reply belongs to which command is no longer known; STLS is still found, because nothing comes between.
    (direction === 0 ? this.commands : this.replies).lose();
    this.pending = [];
    this.synced = false;
    if (direction === 1) this.within = false;
  }

  finish(ts: Seconds): void {
    this.mail?.end(ts, false);
    this.mail = undefined;
    // A server that greets and is not answered has told its protocol all the same.
    if (this.greeted && !this.stopped && !this.confirmed) this.emit.confirm();
    this.stopped = true;
  }

  private command(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.greeted = false;
    this.spoke = true;
    if (this.challenged) {
      this.challenged = false;
      return;
    }
    let at = start;
    while (at < end && bytes[at]! > 0x20) at++;
    const word = at - start <= 4 ? wordAt(bytes, start, at) : '';
    if (!known.has(word)) {
      if (this.confirmed && end > start) this.emit.weird('pop3_client_command_unknown', ts);
      return;
    }
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    while (at < end && bytes[at] === 0x20) at++;
    const long = lengthy.has(word) || (lengthyAlone.has(word) && at === end);
    if (this.pending.length >= pendingMax) {
      this.pending = [];
      this.synced = false;
    }
    // Out of step only the command at hand is waited for.
    if (!this.synced) this.pending.length = 0;
    this.pending.push(word === 'STLS' ? TLS : word === 'RETR' ? MAIL : long ? LENGTHY : SHORT);
  }

  /** One line of the server; whether TLS begins behind it. */
  private reply(bytes: Uint8Array, start: number, end: number, ts: Seconds): boolean {
    if (this.within) {
      if (end - start === 1 && bytes[start] === 0x2e) this.within = false;
      return false;
    }
    const good = beginsWith(bytes, start, end, '+OK');
    if (good || beginsWith(bytes, start, end, '-ERR')) {
      this.challenged = false;
      this.greeted = !this.spoke;
      const kind = this.pending.shift();
      if (good && kind === TLS) return true;
      this.within = good && kind === LENGTHY;
      if (good && kind === MAIL) this.mail = new DottedMail(this);
      return false;
    }
    if (bytes[start] === 0x2b && (end - start === 1 || bytes[start + 1] === 0x20)) {
      this.challenged = true;
      return false;
    }
    // Behind a gap it may be the rest of a mail.
    if (!this.synced) return false;
    this.stopped = true;
    this.emit.weird('pop3_server_command_unknown', ts);
    return false;
  }

  // What the reader of mails tells.

  header(): void {}

  file(entity: number, name: string | undefined, _range: string | undefined, ts: Seconds): FileStream {
    return this.emit.file({ source: 'POP3', direction: 1, ts, depth: entity, ...(name === undefined ? {} : { name }) });
  }

  weird(name: string, ts: Seconds): void {
    this.emit.weird(name, ts);
  }
}

function wordAt(bytes: Uint8Array, start: number, end: number): string {
  let word = '';
  for (let at = start; at < end; at++) word += String.fromCharCode(bytes[at]!);
  return word.toUpperCase();
}

/** First commands of clients that nothing else begins with; USER is that of FTP too, where the server speaks otherwise. */
const openers = ['CAPA\r', 'STLS\r', 'APOP ', 'UIDL\r', 'STAT\r', 'CAPA\n'];
const others = ['USER ', 'PASS ', 'AUTH', 'QUIT\r', 'LIST', 'RETR ', 'NOOP\r', 'DELE ', 'TOP '];

function probe(bytes: Uint8Array, start: number, end: number, direction: Direction, usualPort: boolean): Probe {
  if (direction === 0) {
    const opens = textFits(bytes, start, end, openers);
    if (opens !== 'no') return opens;
    const fits = textFits(bytes, start, end, others);
    return usualPort || fits !== 'yes' ? fits : 'more';
  }
  const greets = textFits(bytes, start, end, ['+OK', '-ERR']);
  if (greets !== 'yes') return greets;
  const stop = lineEnd(bytes, start, end);
  if (stop === -2) return 'no';
  if (stop === -1) return 'more';
  const behind = bytes[start + (bytes[start] === 0x2b ? 3 : 4)]!;
  if (behind !== 0x20 && behind !== 0x0d && behind !== 0x0a) return 'no';
  // Others say +OK too: off the usual ports a greeting that does not name its protocol waits for the client.
  if (usualPort || mentions(bytes, start, stop, 'POP')) return 'yes';
  // Or for its next answer, behind a greeting that says something.
  const again = textFits(bytes, stop + 1, end, ['+OK', '-ERR']);
  return again === 'yes' && stop - start > 6 ? 'yes' : again === 'no' && stop + 1 < end ? 'no' : 'more';
}

export const pop3: Protocol = {
  service: 'pop3',
  logs: ['files'],
  transports: ['tcp'],
  ports: [110],
  probe,
  open: (_flow, emit) => new Pop3Parser(emit),
};
