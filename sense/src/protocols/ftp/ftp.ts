/**
 * FTP, written as Zeek's `ftp.log` writes it: one record for a transfer, a deletion, a login and each announcement of a data
 * flow, with its reply. The data flows are read by `ftp-data`.
 *
 *     control   PASV ─▶ 227 (host,port) ─▶ expect ┐      RETR a ─▶ 150 … 226
 *     data                                        └─▶ bytes of the file ──┘
 *
 * Passwords are never looked at.
 */

import type { Seconds } from '@forewarn/base/time';
import type { FtpRecord } from '@forewarn/model/records/ftp';
import { beginsWith, lineEnd, Lines, mentions, replyCode, textFits } from '../lines.ts';
import type { Direction, Emit, ExpectedFlow, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { textOf } from '../text.ts';
import { extendedPlaceOf, pathBelow, type Place, placeOf, quotedPath } from './places.ts';
import { answers, isCommand } from './replies.ts';

/** The longest path that Linux takes (PATH_MAX), and the command before it. */
const lineBytesMax = 4_352;

/** Zeek's `FTP::max_command_length`; the longest known has eight. */
const commandBytesMax = 100;

/** Zeek's `max_arg_length` and `max_reply_msg_length`. */
const valueCharactersMax = 4_096;

/** Zeek's `max_user_length`. */
const userCharactersMax = 128;

/** Zeek's `max_pending_commands`. */
const pendingMax = 20;

/** Characters of a reply that are searched for what it may answer. */
const searchedMax = 256;

/** Zeek waits five minutes for a data flow. */
const expectSeconds = 300;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'ftp.lineBytesMax',
    value: lineBytesMax,
    unit: 'bytes per command or reply',
    why: 'The longest path that Linux takes, and the command before it; the rest of a longer line is passed over.',
  },
  {
    name: 'ftp.commandBytesMax',
    value: commandBytesMax,
    unit: 'bytes',
    why: "Zeek's max_command_length; the longest known has eight.",
  },
  { name: 'ftp.valueCharactersMax', value: valueCharactersMax, unit: 'characters per field', why: "Zeek's max_arg_length." },
  {
    name: 'ftp.userCharactersMax',
    value: userCharactersMax,
    unit: 'characters',
    why: "Zeek's max_user_length; each record repeats it.",
  },
  { name: 'ftp.pendingMax', value: pendingMax, unit: 'commands without a reply', why: "Zeek's max_pending_commands." },
  {
    name: 'ftp.expectSeconds',
    value: expectSeconds,
    unit: 's',
    why: 'Zeek waits five minutes for a data flow that was announced.',
  },
] as const;

/** Commands that are recorded: Zeek's, and logins and changes to TLS. */
const recorded: ReadonlySet<string> = new Set('APPE DELE RETR STOR STOU ACCT PORT PASV EPRT EPSV PASS AUTH'.split(' '));

/** Commands whose argument is a file or folder. */
const onFiles: ReadonlySet<string> = new Set('APPE CWD DELE MKD RETR RMD RNFR RNTO STOR STOU REST SIZE MDTM'.split(' '));

/** Commands whose argument is a secret; it is never turned into text. */
const secret: ReadonlySet<string> = new Set(['PASS', 'ACCT', 'ADAT', 'MIC', 'CONF', 'ENC']);

type Command = { ts: Seconds; name: string; arg: string; consumed: boolean };

class FtpParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly commands = new Lines(lineBytesMax);
  private readonly replies = new Lines(lineBytesMax);
  private pending: Command[] | undefined = undefined;
  /** The command that the latest reply answers. */
  private current: Command | undefined = undefined;
  private code = -1;
  private message = '';
  /** The code of a reply of several lines that is not over. */
  private continued = 0;
  private user = '<unknown>';
  private folder = '.';
  private fileSize = -1;
  private channel: { passive: boolean; orig: string; resp: string; port: number } | undefined = undefined;
  private announced: ExpectedFlow | undefined = undefined;
  private confirmed = false;
  private told = false;
  private stopped = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const lines = direction === 0 ? this.commands : this.replies;
    let at = start;
    if (lines.lost && beginsLine(direction, bytes, start, end)) lines.resume();
    while (at < end && !this.stopped) {
      at = lines.take(bytes, at, end);
      if (at < 0) return;
      if (lines.end === lines.start) continue;
      if (direction === 0) this.command(lines.bytes, lines.start, lines.end, ts);
      else if (this.reply(lines.bytes, lines.start, lines.end, ts)) {
        this.stopped = true;
        this.emit.giveWay(at, 'ssl');
      }
    }
  }

  gap(direction: Direction, _length: number, _ts: Seconds): void {
    if (direction === 0) this.commands.lose();
    else {
      this.replies.lose();
      this.continued = 0;
    }
  }

  finish(_ts: Seconds): void {
    // Behind a reply without a command after it, and for commands without a reply.
    for (const command of this.pending ?? []) this.write(command);
    this.pending = [];
    this.stopped = true;
  }

  // ---- commands -------------------------------------------------------------------------------------------------

  private command(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let from = start;
    // Telnet's interrupts come before ABOR (RFC 959 §4.1.3).
    while (from < end && (isBlank(bytes[from]!) || bytes[from]! >= 0xf0)) from++;
    let at = from;
    while (at < end && bytes[at]! > 0x20 && bytes[at]! < 0x7f) at++;
    if (at - from < 3 || (at < end && !isBlank(bytes[at]!))) {
      if (this.confirmed) this.emit.weird('FTP_invalid_command', ts);
      return;
    }
    if (at - from > commandBytesMax) {
      if (this.confirmed) this.emit.weird('FTP_max_command_length_exceeded', ts, `${at - from}`);
      return;
    }
    const name = textOf(bytes, from, at).toUpperCase();
    while (at < end && isBlank(bytes[at]!)) at++;
    this.confirm();

    const pending = this.session(ts);
    if (this.current && this.code >= 0 && this.take(this.current)) this.write(this.current);
    if (pending.length >= pendingMax) {
      this.emit.weird('FTP_too_many_pending_commands', ts, String(pending.length));
      return;
    }
    const arg = !secret.has(name) ? textOf(bytes, at, Math.min(end, at + valueCharactersMax)) : at < end ? '<hidden>' : '';
    pending.push({ ts, name, arg, consumed: false });
    if (name === 'USER') this.user = arg.slice(0, userCharactersMax);
    else if (name === 'PORT') this.active(placeOf(arg), ts);
    else if (name === 'EPRT') this.active(extendedPlaceOf(arg), ts);
  }

  /** The client will be called back. */
  private active(place: Place | undefined, ts: Seconds): void {
    if (!place) return;
    const head = this.flow.head(ts);
    const host = place.host === '' ? head['id.orig_h'] : place.host;
    this.channel = { passive: false, orig: head['id.resp_h'], resp: host, port: place.port };
    // A client that names another host has the server attack that one (RFC 2577 §3).
    if (host !== head['id.orig_h']) this.emit.weird('FTP_port_of_another_host', ts, host);
    else this.expect(host, place.port, ts);
  }

  private expect(host: string, port: number, ts: Seconds): void {
    // Ports of services are not given to data: nobody shall hide a flow to one behind an announcement (RFC 2577 §3).
    if (port < 1_024) {
      this.emit.weird('FTP_port_of_a_service', ts, String(port));
      return;
    }
    this.announced = { transport: 'tcp', host, port, service: 'ftp-data', until: ts + expectSeconds };
    this.emit.expect(this.announced);
  }

  // ---- replies --------------------------------------------------------------------------------------------------

  /** One line of a reply; whether TLS begins behind it. */
  private reply(bytes: Uint8Array, start: number, end: number, ts: Seconds): boolean {
    let code = replyCode(bytes, start, end);
    let at = start;
    let more = false;
    if (this.continued > 0) {
      if (code === this.continued && end - start > 3 && bytes[start + 3] === 0x20) {
        this.continued = 0;
        at += 4;
      } else {
        // A line within: some servers end such a reply with another code, and that line counts.
        if (code < 100 || bytes[start + 3] !== 0x20 || end - start < 14) return false;
        code = 0;
        more = true;
      }
    } else if (code < 100 || (end - start > 3 && bytes[start + 3] !== 0x20 && bytes[start + 3] !== 0x2d)) {
      if (!this.told) this.emit.weird('FTP_invalid_reply', ts);
      this.told = true;
      return false;
    } else {
      if (bytes[start + 3] === 0x2d && end - start > 3) {
        this.continued = code;
        more = true;
      }
      at = Math.min(end, start + 4);
    }
    while (at < end && isBlank(bytes[at]!)) at++;
    const pending = this.session(ts);
    const text = textOf(bytes, at, Math.min(end, at + valueCharactersMax));
    const command = this.answered(code, text);
    this.current = command;
    this.code = code;
    // Challenges of a security exchange are secrets of the two (RFC 2228).
    this.message = code === 334 || code === 335 || code === 235 ? '' : text;
    if (more || !command) return false;
    this.consequences(command, code, text, ts);
    if (pending.length > 1) {
      this.take(command);
      this.write(command);
    }
    return code === 234 && command.name === 'AUTH' && /^(?:TLS|SSL)/i.test(command.arg);
  }

  private consequences(command: Command, code: number, text: string, ts: Seconds): void {
    const { name } = command;
    if ((code === 150 && name === 'RETR') || (code === 213 && name === 'SIZE')) {
      const number = text.match(/\d+/g)?.at(-1);
      if (number !== undefined && number.length < 16) this.fileSize = Number(number);
    } else if ((code === 227 && name === 'PASV') || (code === 229 && name === 'EPSV')) {
      const place = code === 227 ? placeOf(text) : extendedPlaceOf(text);
      if (!place) return;
      const head = this.flow.head(ts);
      const host = place.host === '' ? head['id.resp_h'] : place.host;
      this.channel = { passive: true, orig: head['id.orig_h'], resp: host, port: place.port };
      this.expect(host, place.port, ts);
    }
    if (command.consumed) return;
    if (name === 'CWD' && code === 250) this.folder = pathBelow(this.folder, command.arg);
    else if (name === 'CDUP' && (code === 200 || code === 250)) this.folder = pathBelow(this.folder, '..');
    else if ((name === 'PWD' || name === 'XPWD') && code === 257) this.folder = quotedPath(text) ?? this.folder;
    else return;
    this.folder = this.folder.slice(0, valueCharactersMax);
    command.consumed = true;
  }

  /** The command that a reply most likely answers; the oldest where several would do. */
  private answered(code: number, text: string): Command | undefined {
    let best: Command | undefined;
    let bestScore = -1;
    // Long texts are not searched: a crafted pair would cost the product of their lengths.
    const said = text.slice(0, searchedMax);
    for (const command of this.pending!) {
      let score = answers(command.name, code) ? 100 : 0;
      if (said.includes(command.name)) score += 20;
      if (command.arg !== '' && command.arg.length <= searchedMax && said.includes(command.arg)) score += 10;
      if (score <= bestScore) continue;
      best = command;
      bestScore = score;
    }
    return best;
  }

  // ---- the record -----------------------------------------------------------------------------------------------

  private session(ts: Seconds): Command[] {
    // The greeting answers a command that nobody sent.
    return (this.pending ??= [{ ts, name: '<init>', arg: '', consumed: false }]);
  }

  private take(command: Command): boolean {
    const place = this.pending!.indexOf(command);
    if (place >= 0) this.pending!.splice(place, 1);
    return place >= 0;
  }

  private write(command: Command): void {
    const { channel, announced, fileSize } = this;
    this.channel = undefined;
    this.fileSize = -1;
    // The file belongs to the transfer, also where it began before the transfer was asked for.
    const file = channel ? undefined : announced?.file;
    if (file) delete announced!.file;
    if (!recorded.has(command.name)) return;
    const record = this.flow.head(command.ts) as FtpRecord;
    record.user = this.user;
    record.command = command.name;
    const arg = onFiles.has(command.name) ? this.url(record['id.resp_h'], command.arg) : command.arg;
    if (arg !== '') record.arg = arg.slice(0, valueCharactersMax);
    if (command === this.current && this.code >= 0) {
      record.reply_code = this.code;
      record.reply_msg = this.message;
    }
    if (fileSize >= 0) record.file_size = fileSize;
    if (channel) {
      record['data_channel.passive'] = channel.passive;
      record['data_channel.orig_h'] = channel.orig;
      record['data_channel.resp_h'] = channel.resp;
      record['data_channel.resp_p'] = channel.port;
    }
    if (file) {
      record.fuid = file.id;
      if (file.mediaType !== undefined) record.mime_type = file.mediaType;
    }
    this.emit.record('ftp', record);
  }

  private url(host: string, arg: string): string {
    const path = pathBelow(this.folder, arg);
    return `ftp://${host.includes(':') ? `[${host}]` : host}${path.startsWith('/') ? '' : '/'}${path}`;
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm();
  }
}

/** Behind a gap: does the segment begin with a known command, or with a reply code? */
function beginsLine(direction: Direction, bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && at < start + 8 && bytes[at]! > 0x20) at++;
  if (direction === 0) return isCommand(textOf(bytes, start, at).toUpperCase());
  return at === start + 3 && replyCode(bytes, start, end) >= 100 && bytes[at] === 0x20;
}

const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09;

/** First commands of clients; USER is that of POP3 too, so that the server's first words are heard before it is believed. */
const openers = ['AUTH TLS', 'AUTH SSL', 'AUTH GSSAPI', 'FEAT\r', 'SYST\r', 'USER '];
const others = [
  'PASS ',
  'PASV\r',
  'PORT ',
  'EPSV',
  'EPRT ',
  'TYPE ',
  'CWD ',
  'PWD\r',
  'RETR ',
  'STOR ',
  'LIST',
  'QUIT\r',
  'OPTS ',
  'HOST ',
];
const greetings = ['220 ', '220-', '120 ', '421 ', '421-', '331 ', '230 ', '230-'];

function probe(bytes: Uint8Array, start: number, end: number, direction: Direction, usualPort: boolean): Probe {
  if (direction === 0) {
    const opens = textFits(bytes, start, end, openers);
    if (opens === 'no') return usualPort ? textFits(bytes, start, end, others) : 'no';
    if (opens === 'more') return 'more';
    const stop = lineEnd(bytes, start, end);
    if (stop === -2) return 'no';
    if (stop === -1) return 'more';
    return usualPort || beginsWith(bytes, start, end, 'AUTH ') ? 'yes' : 'more';
  }
  const greets = textFits(bytes, start, end, greetings);
  if (greets !== 'yes') return greets;
  const stop = lineEnd(bytes, start, end);
  if (stop === -2) return 'no';
  if (stop === -1) return 'more';
  if (mentions(bytes, start + 4, stop, 'SMTP')) return 'no';
  // What answers USER and PASS is said by nothing else.
  const login = bytes[start] === 0x33 || bytes[start + 1] === 0x33;
  if (usualPort || login || mentions(bytes, start + 4, stop, 'FTP')) return 'yes';
  // A greeting that could be anybody's, and then an answer to USER.
  for (let line = stop + 1; line > 0 && line < end; line = lineEnd(bytes, line, end) + 1) {
    const code = replyCode(bytes, line, end);
    if (code === 331 || code === 230) return 'yes';
    if (code !== 0 && code !== 220) return 'no';
  }
  return 'more';
}

export const ftp: Protocol = {
  service: 'ftp',
  logs: ['ftp'],
  transports: ['tcp'],
  ports: [21, 2121, 2811],
  probe,
  open: (flow, emit) => new FtpParser(flow, emit),
};
