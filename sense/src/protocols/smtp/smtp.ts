/**
 * SMTP, written as Zeek's `smtp.log` writes it: one record for each message, or for what was tried without one. Commands
 * and replies are lines; between them stands the message, by dot or by length:
 *
 *     command ─▶ DATA ─▶ lines … ─▶ "." ─▶ command
 *             ├▶ BDAT n ─▶ n bytes ─▶ command            (RFC 3030)
 *             ├▶ AUTH ─▶ answers, which are not read ─▶ command
 *             └▶ STARTTLS ─▶ 220 ─▶ TLS                  (RFC 3207)
 *
 * The parts of a message become files with their coding undone. Texts of messages and answers of AUTH are never kept.
 */

import type { Seconds } from '@forewarn/base/time';
import type { SmtpRecord } from '@forewarn/model/records/mail';
import type { FileStream } from '../../files/files.ts';
import { type MimeHost, MimeReader } from '../../files/mime.ts';
import { beginsWith, lineEnd, Lines, mentions, replyCode, textFits } from '../lines.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { lineFeed, textOf } from '../text.ts';
import { addressOf, hostOf, listOf, mailboxesOf } from './addresses.ts';

/** RFC 5321 §4.5.3.1.4 allows 512 bytes, extensions more; Postfix takes 2,048. */
const lineBytesMax = 2_048;

/** Zeek 8 cuts text fields of its logs at this length. */
const valueCharactersMax = 4_096;

/** Zeek's `max_rcptto_addresses`, `max_to_addresses`, `max_cc_addresses`. */
const addressesMax = 1_000;

/** Hosts of the path; loops are broken after some hundred (RFC 5321 §6.3). */
const pathMax = 128;

/** Commands without a reply; pipelining (RFC 2920) sends a recipient each. */
const pendingMax = 1_000;

/** Files that one record names. */
const fuidsMax = 256;

/** Zeek's `max_invalid_mail_transactions`: after so many it is no SMTP. */
const invalidMax = 25;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'smtp.lineBytesMax',
    value: lineBytesMax,
    unit: 'bytes per command or reply',
    why: 'RFC 5321 allows 512, extensions more, Postfix 2,048; the rest of a longer line is passed over.',
  },
  {
    name: 'smtp.valueCharactersMax',
    value: valueCharactersMax,
    unit: 'characters per field',
    why: 'Zeek 8 cuts text fields at this length.',
  },
  {
    name: 'smtp.addressesMax',
    value: addressesMax,
    unit: 'addresses per field',
    why: "Zeek's max_rcptto_addresses and its siblings; mail servers take 100 to 1,000 recipients.",
  },
  { name: 'smtp.pathMax', value: pathMax, unit: 'hosts', why: 'RFC 5321 §6.3 breaks loops after a hundred hops.' },
  {
    name: 'smtp.pendingMax',
    value: pendingMax,
    unit: 'commands without a reply',
    why: 'RFC 2920 lets a client send all recipients before the first reply; servers take some hundred.',
  },
  {
    name: 'smtp.fuidsMax',
    value: fuidsMax,
    unit: 'files per record',
    why: 'Files that the record of a message names; all have records.',
  },
  {
    name: 'smtp.invalidMax',
    value: invalidMax,
    unit: 'transactions out of order',
    why: "Zeek's max_invalid_mail_transactions; whatever goes on so is no SMTP, and is read no further.",
  },
] as const;

const COMMAND = 0;
const DATA = 1;
const BDAT = 2;
const AUTH = 3;
type State = typeof COMMAND | typeof DATA | typeof BDAT | typeof AUTH;

/** Where in a line of the message the client is: inside, at its start, behind a dot there, behind dot and CR. */
const INSIDE = 0;
const AT_START = 1;
const DOT = 2;
const DOT_CR = 3;

const verbs =
  'HELO EHLO LHLO MAIL RCPT DATA BDAT RSET VRFY EXPN HELP NOOP QUIT AUTH STARTTLS TURN ETRN SEND SOML SAML XFORWARD XCLIENT X-ANONYMOUSTLS BURL'.split(
    ' ',
  );
const verbSet: ReadonlySet<string> = new Set(verbs);

class SmtpParser implements ProtocolParser, MimeHost {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly commands = new Lines(lineBytesMax);
  private readonly replies = new Lines(lineBytesMax);
  private state: State = COMMAND;
  /** Commands that wait for a reply, oldest first; the greeting answers the empty one. */
  private readonly pending: string[] = [''];
  private record: SmtpRecord | undefined = undefined;
  private active = false;
  private helo: string | undefined = undefined;
  private messages = 0;
  private entities = 0;
  private mailSeen = false;
  private rcptSeen = false;
  private lastChunk = false;
  private invalid = 0;
  private confirmed = false;
  private stopped = false;
  /** A gap in the message: its end may have been lost. */
  private holed = false;

  private mime: MimeReader | undefined = undefined;
  private place: typeof INSIDE | typeof AT_START | typeof DOT | typeof DOT_CR = AT_START;
  private lastByte = 0x0a;
  private strayDot = false;
  private chunk = 0;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let at = start;
    while (at < end && !this.stopped) {
      if (direction === 0 && this.state === DATA) {
        at = this.message(bytes, at, end, ts);
        continue;
      }
      if (direction === 0 && this.state === BDAT) {
        const length = Math.min(this.chunk, end - at);
        this.content(bytes, at, at + length, ts);
        at += length;
        this.chunk -= length;
        if (this.chunk === 0) this.chunkDone(ts);
        continue;
      }
      const lines = direction === 0 ? this.commands : this.replies;
      if (lines.lost && at === start && beginsLine(direction, bytes, at, end)) lines.resume();
      const next = lines.take(bytes, at, end);
      if (next < 0) return;
      at = next;
      if (direction === 0) this.command(lines.bytes, lines.start, lines.end, ts);
      else if (this.reply(lines.bytes, lines.start, lines.end, ts)) {
        this.stopped = true;
        this.emit.giveWay(at, 'ssl');
      }
    }
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    if (this.stopped) return;
    if (direction === 1) {
      this.replies.lose();
      this.pending.length = 0;
      return;
    }
    if (this.state === BDAT) {
      const inside = Math.min(length, this.chunk);
      this.mime?.gap(inside, ts);
      this.chunk -= inside;
      if (this.chunk === 0) this.chunkDone(ts);
      if (length > inside) this.commands.lose();
    } else if (this.state === DATA) {
      this.mime?.gap(length, ts);
      this.place = INSIDE;
      this.holed = true;
    } else this.commands.lose();
  }

  finish(ts: Seconds): void {
    this.mime?.end(ts, false);
    this.mime = undefined;
    if (this.active && this.record) this.emit.record('smtp', this.record);
    this.record = undefined;
    this.stopped = true;
  }

  // ---- commands -------------------------------------------------------------------------------------------------

  private command(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.state === AUTH) {
      // The answer to a challenge is a secret and not looked at.
      this.push('***', ts);
      return;
    }
    let from = start;
    while (from < end && isBlank(bytes[from]!)) from++;
    let at = from;
    while (at < end && !isBlank(bytes[at]!)) at++;
    const verb = at - from <= 16 ? textOf(bytes, from, at).toUpperCase() : '';
    if (!verbSet.has(verb)) {
      // It may be the answer to a challenge that was not seen, so that its text is not shown.
      if (end > start) this.emit.weird('smtp_unknown_command', ts);
      this.push('?', ts);
      return;
    }
    while (at < end && isBlank(bytes[at]!)) at++;
    const record = (this.record ??= this.open(ts));
    this.confirm(verb);
    switch (verb) {
      case 'HELO':
      case 'EHLO':
      case 'LHLO':
        // One without a name is refused, and the name before it stays.
        if (at < end) this.helo = textOf(bytes, at, end);
        if (this.helo !== undefined) record.helo = this.helo;
        break;
      case 'MAIL':
        if (beginsWith(bytes, at, end, 'FROM:')) this.mailFrom(textOf(bytes, at + 5, end), ts);
        break;
      case 'RCPT':
        if (beginsWith(bytes, at, end, 'TO:')) this.recipient(textOf(bytes, at + 3, end), ts);
        break;
      case 'DATA':
        this.validate(ts);
        this.begin(ts);
        this.place = AT_START;
        this.lastByte = 0x0a;
        this.strayDot = false;
        this.holed = false;
        this.state = DATA;
        break;
      case 'BDAT':
        this.validate(ts);
        this.chunkSize(textOf(bytes, at, end), ts);
        break;
      case 'RSET':
        this.abandon(ts);
        this.mailSeen = false;
        this.rcptSeen = false;
    }
    // The reply to the last chunk is the reply to the message.
    if (!this.stopped) this.push(verb === 'BDAT' && this.lastChunk ? '.' : verb, ts);
  }

  private mailFrom(text: string, ts: Seconds): void {
    // The last message is written now, if its acknowledgement was not seen.
    if (this.active) this.write(ts);
    const record = (this.record ??= this.open(ts));
    const [first] = mailboxesOf(text);
    if (first !== undefined) record.mailfrom = first;
    this.active = true;
    this.mailSeen = true;
    this.rcptSeen = false;
  }

  private recipient(text: string, ts: Seconds): void {
    const record = this.record!;
    const list = (record.rcptto ??= []) as string[];
    for (const one of mailboxesOf(text.replace(/\sORCPT=\S*/i, ''))) {
      if (list.includes(one)) continue;
      if (list.length >= addressesMax) this.emit.weird('smtp_too_many_rcptto_addresses', ts);
      else list.push(one);
    }
    this.active = true;
    this.rcptSeen = true;
    if (!this.mailSeen) this.outOfOrder('rcpt to missing mail from', ts);
  }

  private validate(ts: Seconds): void {
    if (!this.rcptSeen) this.outOfOrder('data missing rcpt to', ts);
  }

  private outOfOrder(what: string, ts: Seconds): void {
    this.emit.weird('smtp_mail_transaction_invalid', ts, what);
    if (++this.invalid <= invalidMax) return;
    this.emit.weird('smtp_excessive_invalid_mail_transactions', ts);
    this.finish(ts);
  }

  private chunkSize(text: string, ts: Seconds): void {
    this.lastChunk = false;
    const match = /^(\d+)(?:\s+(LAST))?$/i.exec(text.trim());
    const size = match ? Number(match[1]) : -1;
    if (size < 0) this.emit.weird('smtp_invalid_bdat_command', ts, text.slice(0, 64));
    else if (!Number.isSafeInteger(size)) this.emit.weird('smtp_huge_bdat_chunk', ts, match![1]!.slice(0, 64));
    else {
      if (!this.mime) this.begin(ts);
      this.chunk = size;
      this.lastChunk = match![2] !== undefined;
      if (this.lastChunk) {
        this.mailSeen = false;
        this.rcptSeen = false;
      }
      if (size > 0) this.state = BDAT;
      else this.chunkDone(ts);
    }
  }

  private chunkDone(ts: Seconds): void {
    this.state = COMMAND;
    if (!this.lastChunk) return;
    this.mime?.end(ts, true);
    this.mime = undefined;
  }

  private push(verb: string, ts: Seconds): void {
    if (this.pending.length < pendingMax) this.pending.push(verb);
    else {
      this.emit.weird('smtp_excessive_pending_cmds', ts);
      this.pending.length = 0;
    }
  }

  // ---- replies --------------------------------------------------------------------------------------------------

  /** One line of a reply; whether TLS begins behind it. */
  private reply(bytes: Uint8Array, start: number, end: number, ts: Seconds): boolean {
    const code = replyCode(bytes, start, end);
    if (code < 100 || code > 599) {
      if (end > start) this.emit.weird('smtp_reply_code_out_of_range', ts);
      return false;
    }
    // The lines before the last one of a reply say nothing that is recorded.
    if (end - start > 3 && bytes[start + 3] === 0x2d) return false;
    let at = start + 3;
    while (at < end && isBlank(bytes[at]!)) at++;
    const record = (this.record ??= this.open(ts));
    // Where the capture begins behind the greeting, the first reply is another's.
    if (this.pending[0] === '' && this.pending.length > 1 && code !== 220 && code !== 421 && code !== 554) this.pending.shift();
    const verb = this.pending.shift() ?? '';
    // A challenge is a secret of the two.
    record.last_reply = code === 334 ? '334' : `${code} ${textOf(bytes, at, end)}`;
    if (verb === 'DATA') {
      if (code !== 354 && this.state === DATA) this.abandon(ts);
    } else if (verb === 'AUTH' || verb === '***') this.state = code === 334 ? AUTH : COMMAND;
    else if (verb === '.') this.answered(ts);
    else if (this.state === DATA && this.holed && code >= 200 && code !== 354) {
      // The server has seen an end that was lost here.
      this.mime?.end(ts, false);
      this.mime = undefined;
      this.state = COMMAND;
      this.commands.lose();
      this.answered(ts);
    } else if (code === 220 && (verb === 'STARTTLS' || verb === 'X-ANONYMOUSTLS')) {
      record.tls = true;
      this.active = true;
      return true;
    }
    return false;
  }

  private answered(ts: Seconds): void {
    this.messages++;
    this.write(ts);
  }

  // ---- the message ----------------------------------------------------------------------------------------------

  private begin(ts: Seconds): void {
    // DATA behind chunks of which none was the last: what they began is over.
    this.mime?.end(ts, false);
    this.mime = new MimeReader(this);
  }

  /** No message comes after all. */
  private abandon(ts: Seconds): void {
    this.mime?.end(ts, false);
    this.mime = undefined;
    if (this.state === DATA || this.state === BDAT) this.state = COMMAND;
  }

  private content(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (end > start) this.mime?.data(bytes, start, end, ts);
  }

  /** Lines of a message: a dot before a line is taken off, one that stands alone ends it (RFC 5321 §4.5.2). */
  private message(bytes: Uint8Array, start: number, end: number, ts: Seconds): number {
    let at = start;
    while (at < end) {
      const byte = bytes[at]!;
      if (this.place === AT_START) {
        if (byte === 0x2e) {
          this.place = DOT;
          at++;
          continue;
        }
      } else if (this.place === DOT) {
        if (byte === 0x0d) {
          this.place = DOT_CR;
          at++;
          continue;
        }
        if (byte === 0x0a) return this.messageDone(at, true, ts);
      } else if (this.place === DOT_CR) {
        if (byte === 0x0a) return this.messageDone(at, this.strayDot, ts);
        this.content(loneCr, 0, 1, ts);
      }
      // On to the next line that begins with a dot.
      this.place = INSIDE;
      let scan = at;
      for (;;) {
        const stop = lineFeed(bytes, scan, end);
        if (stop < 0) {
          this.content(bytes, at, end, ts);
          this.lastByte = bytes[end - 1]!;
          return end;
        }
        scan = stop + 1;
        if (scan < end && bytes[scan] !== 0x2e) continue;
        this.strayDot = (stop > at ? bytes[stop - 1] : this.lastByte) !== 0x0d;
        this.content(bytes, at, scan, ts);
        this.lastByte = 0x0a;
        this.place = AT_START;
        at = scan;
        break;
      }
    }
    return at;
  }

  private messageDone(at: number, stray: boolean, ts: Seconds): number {
    // Servers differ in what else ends a message, and so mail is smuggled in mail.
    if (stray) this.emit.weird('smtp_end_of_data_without_crlf', ts);
    this.mime?.end(ts, true);
    this.mime = undefined;
    this.state = COMMAND;
    this.mailSeen = false;
    this.rcptSeen = false;
    this.push('.', ts);
    return at + 1;
  }

  header(entity: number, name: string, value: string, ts: Seconds): void {
    const { record } = this;
    if (entity !== 1 || !record) return;
    const text = value.length > valueCharactersMax ? value.slice(0, valueCharactersMax) : value;
    switch (name) {
      case 'message-id':
        record.msg_id = text;
        return;
      case 'received': {
        if (record.first_received !== undefined) record.second_received = record.first_received;
        record.first_received = text;
        const host = hostOf(text);
        const path = record.path as string[];
        if (host !== undefined && path.at(-1) !== host && path.length < pathMax) path.push(host);
        return;
      }
      case 'in-reply-to':
        record.in_reply_to = text;
        return;
      case 'subject':
        record.subject = text;
        return;
      case 'from':
        record.from = text;
        return;
      case 'reply-to':
        record.reply_to = text;
        return;
      case 'date':
        record.date = text;
        return;
      case 'to':
      case 'cc': {
        const list = (record[name] ??= []) as string[];
        for (const one of listOf(value, addressesMax)) if (!list.includes(one)) list.push(one);
        if (list.length < addressesMax) return;
        list.length = addressesMax;
        this.emit.weird(name === 'to' ? 'smtp_too_many_to_addresses' : 'smtp_too_many_cc_addresses', ts);
        return;
      }
      case 'x-originating-ip': {
        const address = addressOf(text);
        if (address !== undefined) record.x_originating_ip = address;
        return;
      }
      case 'x-mailer':
      case 'user-agent':
      case 'x-user-agent':
        record.user_agent = text;
    }
  }

  file(entity: number, name: string | undefined, _range: string | undefined, ts: Seconds): FileStream {
    // As in Zeek: parts of all messages of the flow are numbered through.
    const depth = this.entities + entity;
    this.highest = Math.max(this.highest, entity);
    const file = this.emit.file({ source: 'SMTP', direction: 0, ts, depth, ...(name === undefined ? {} : { name }) });
    const fuids = this.record?.fuids as string[] | undefined;
    if (fuids && fuids.length < fuidsMax) fuids.push(file.id);
    return file;
  }

  private highest = 0;

  weird(name: string, ts: Seconds): void {
    this.emit.weird(name, ts);
  }

  // ---- the record -----------------------------------------------------------------------------------------------

  private open(ts: Seconds): SmtpRecord {
    const record = this.flow.head(ts) as SmtpRecord;
    record.trans_depth = this.messages + 1;
    if (this.helo !== undefined) record.helo = this.helo;
    record.path = [record['id.resp_h'], record['id.orig_h']];
    record.tls = false;
    record.fuids = [];
    this.active = false;
    return record;
  }

  /** Writes the record at hand, if the client did anything, and begins the next. */
  private write(ts: Seconds): void {
    if (this.active && this.record) this.emit.record('smtp', this.record);
    this.entities += this.highest;
    this.highest = 0;
    this.record = this.open(ts);
  }

  private confirm(verb: string): void {
    if (this.confirmed || verb === 'HELP' || verb === 'NOOP') return;
    this.confirmed = true;
    this.emit.confirm();
  }
}

/** Behind a gap: does the segment begin with a known command, or with a reply code? */
function beginsLine(direction: Direction, bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && at < start + 16 && bytes[at]! > 0x20) at++;
  if (direction === 0) return verbSet.has(textOf(bytes, start, at).toUpperCase());
  return at === start + 3 && replyCode(bytes, start, end) >= 200;
}

const loneCr = Uint8Array.of(0x0d);
const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09;

/** Commands that open a session or a message, enough to know SMTP by on any port. */
const openers = ['EHLO ', 'HELO ', 'LHLO ', 'EHLO\r', 'HELO\r', 'EHLO\n', 'HELO\n', 'MAIL FROM:'];
const others = ['QUIT\r', 'NOOP\r', 'RSET\r', 'STARTTLS\r', 'AUTH ', 'VRFY ', 'EXPN ', 'HELP\r'];
const greetings = ['220 ', '220-', '554 ', '554-', '421 ', '421-'];

function probe(bytes: Uint8Array, start: number, end: number, direction: Direction, usualPort: boolean): Probe {
  if (direction === 0) {
    const opens = textFits(bytes, start, end, openers);
    if (opens === 'no' && usualPort && textFits(bytes, start, end, others) !== 'no') return 'yes';
    if (opens !== 'yes') return opens;
    const stop = lineEnd(bytes, start, end);
    return stop === -2 ? 'no' : stop === -1 ? 'more' : 'yes';
  }
  const greets = textFits(bytes, start, end, greetings);
  if (greets !== 'yes') return greets;
  const stop = lineEnd(bytes, start, end);
  if (stop === -2) return 'no';
  if (stop === -1) return 'more';
  // FTP greets with the same numbers. Off the usual ports a greeting that does not name its protocol waits for the client.
  if (mentions(bytes, start + 4, stop, 'FTP')) return 'no';
  return usualPort || mentions(bytes, start + 4, stop, 'SMTP') || mentions(bytes, start + 4, stop, 'LMTP') ? 'yes' : 'more';
}

export const smtp: Protocol = {
  service: 'smtp',
  logs: ['smtp', 'files'],
  transports: ['tcp'],
  ports: [25, 587, 2525],
  probe,
  open: (flow, emit) => new SmtpParser(flow, emit),
};
