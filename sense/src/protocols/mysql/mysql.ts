/**
 * MySQL and MariaDB, written as Zeek's `mysql.log` writes it: one record for the login and one for each command, with
 * its outcome.
 *
 *     3 bytes        1
 *     ┌─────────────┬──────┬───────────────────┐
 *     │ length (LE) │ seq  │ length bytes …    │      a packet (MySQL Internals, 14.1.2)
 *     └─────────────┴──────┴───────────────────┘
 *
 *     server: greeting ─▶ client: login ─▶ [TLS] ─▶ … ─▶ OK / ERR ─▶ client: command ─▶ server: OK / ERR / result set ─▶ …
 *
 * Answers to challenges, parameters of prepared statements and the rows of result sets are passed over unread.
 */

import type { Seconds } from '@forewarn/base/time';
import type { MysqlRecord } from '@forewarn/model/records/databases';
import { Portions } from '../portions.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { withoutSecrets } from '../statement.ts';
import { textOf } from '../text.ts';
import {
  CHANGE_USER,
  commandName,
  FIELD_LIST,
  hasText,
  isSilent,
  isStream,
  QUERY,
  QUIT,
  STATISTICS,
  STMT_FETCH,
  STMT_PREPARE,
} from './commands.ts';

/** Zeek 8 cuts text fields of its logs at this length (Log::default_max_field_string_bytes). */
const valueBytesMax = 4_096;

/** Command byte, query attributes and text of a command; account and database of a login. */
const requestBytesMax = valueBytesMax + 1;

/** Of an answer: type, two counts or an error code with state, and the message (512 bytes at most in MySQL's errmsg.h). */
const answerBytesMax = 600;

/** Of a row or a column, the first byte tells whether it is the end or an error; an error is read like any. */
const lookBytes = 9;

export const limits = [
  {
    name: 'mysql.requestBytesMax',
    value: requestBytesMax,
    unit: 'bytes per packet of the client',
    why: 'A command byte and the longest text field of a Zeek log; what follows is passed over.',
  },
  {
    name: 'mysql.answerBytesMax',
    value: answerBytesMax,
    unit: 'bytes per packet of the server',
    why: 'An error message has at most 512 bytes (MYSQL_ERRMSG_SIZE); rows are passed over.',
  },
] as const;

const CLIENT_COMPRESS = 0x20;
const CLIENT_PROTOCOL_41 = 0x200;
const CLIENT_SSL = 0x800;
const CLIENT_DEPRECATE_EOF = 0x1000000;
const CLIENT_ZSTD = 0x4000000;
const CLIENT_QUERY_ATTRIBUTES = 0x8000000;

/** The number of an error that is none (MariaDB, ERR_Packet: progress reporting). */
const progressReport = 0xffff;

/** A packet of this length is continued in the next. */
const fullPacket = 0xffffff;

/** Where the conversation stands. */
type Phase = 'greeting' | 'login' | 'authentication' | 'idle' | 'answer' | 'upload' | 'columns' | 'rows' | 'silent';

class Side extends Portions {
  /** Reading a header, or the body of a packet. */
  header = true;
  length = 0;
  sequence = 0;
  /** The next packet continues one that was full. */
  continued = false;
  /** The beginning of an error among rows, of which only the first bytes were asked for. */
  error: Uint8Array | undefined = undefined;
}

class MysqlParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Side, Side] = [new Side(4), new Side(4)];
  private phase: Phase = 'greeting';
  private serverFlags = 0;
  /** What both sides can. */
  private flags = 0;
  private command = -1;
  private columns = 0;
  private pending: MysqlRecord | undefined = undefined;
  private confirmed = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.sides[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, _ts: Seconds): void {
    const side = this.sides[direction];
    if (this.phase === 'silent' || side.gap(length)) return;
    this.quiet();
  }

  finish(_ts: Seconds): void {
    this.flush();
    this.quiet();
  }

  portion(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const side = this.sides[direction];
    if (side.header) {
      const length = bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16);
      const continued = side.continued;
      side.sequence = bytes[start + 3]!;
      side.length = length;
      side.continued = length === fullPacket;
      if (continued || length === 0) {
        side.skip = length;
        return;
      }
      const look = direction === 0 ? requestBytesMax : this.isLooking(direction) ? lookBytes : answerBytesMax;
      side.header = false;
      side.want(Math.min(length, look));
      return;
    }
    const { error } = side;
    const length = end - start;
    if (error === undefined && length < side.length && bytes[start] === 0xff && this.isLooking(direction)) {
      side.error = bytes.slice(start, end);
      side.want(Math.min(side.length, answerBytesMax) - length);
      return;
    }
    side.header = true;
    side.skip = side.length - length - (error?.length ?? 0);
    side.want(4);
    if (error) {
      side.error = undefined;
      const joined = new Uint8Array(error.length + length);
      joined.set(error);
      joined.set(bytes.subarray(start, end), error.length);
      this.failed(joined, 0, joined.length);
    } else if (direction === 0) this.request(side, bytes, start, end, ts);
    else this.answer(side, bytes, start, end, ts);
  }

  /** Columns and rows are only looked at. */
  private isLooking(direction: Direction): boolean {
    return direction === 1 && (this.phase === 'rows' || this.phase === 'columns');
  }

  private request(side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.phase === 'login') this.login(side, bytes, start, end, ts);
    // Answers to challenges, and the file of LOAD DATA LOCAL.
    else if (this.phase === 'authentication' || this.phase === 'greeting' || this.phase === 'upload') return;
    // Commands begin a new count.
    else if (side.sequence === 0) this.begin(bytes, start, end, ts);
  }

  /** Protocol::HandshakeResponse: the account; what stands behind it is never read. */
  private login(side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const length = end - start;
    const flags = length >= 2 ? bytes[start]! | (bytes[start + 1]! << 8) : 0;
    const modern = (flags & CLIENT_PROTOCOL_41) !== 0;
    const head = modern ? 32 : 5;
    if (length < head) {
      this.nonsense(ts, 'login');
      return;
    }
    const wide = modern ? flags | (bytes[start + 2]! << 16) | (bytes[start + 3]! << 24) : flags;
    // SSLRequest is a login that ends before its account.
    if (wide & CLIENT_SSL && side.length === head) {
      this.confirm();
      this.quiet();
      this.emit.giveWay(side.next, 'ssl');
      return;
    }
    this.flags = wide & this.serverFlags;
    this.confirm();
    this.open('login', this.account(bytes, start + head, end), ts);
    this.phase = 'authentication';
  }

  private account(bytes: Uint8Array, start: number, end: number): string {
    let stop = start;
    while (stop < end && bytes[stop] !== 0) stop++;
    return textOf(bytes, start, stop);
  }

  private begin(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.flush();
    const code = bytes[start]!;
    this.command = code;
    let argument = '';
    if (code === CHANGE_USER) argument = this.account(bytes, start + 1, end);
    else if (code === FIELD_LIST) argument = this.account(bytes, start + 1, end);
    else if (hasText(code)) {
      const from = code === QUERY && this.flags & CLIENT_QUERY_ATTRIBUTES ? behindAttributes(bytes, start + 1, end) : start + 1;
      const to = end > from && bytes[end - 1] === 0 ? end - 1 : end;
      argument = withoutSecrets(textOf(bytes, from, Math.min(to, from + valueBytesMax)), true);
    }
    this.open(commandName(code), argument, ts);
    if (isSilent(code)) this.flush();
    this.phase = code === CHANGE_USER ? 'authentication' : isSilent(code) ? 'idle' : 'answer';
    if (code === QUIT || isStream(code)) {
      this.flush();
      this.quiet();
    }
  }

  private answer(side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const first = bytes[start]!;
    switch (this.phase) {
      case 'greeting':
        this.greeting(side, bytes, start, end, ts);
        return;
      case 'authentication':
        // 0x01 is more data for the method of authentication, 0xfe a switch to another method.
        if (first === 0) this.authenticated(bytes, start, end);
        else if (first === 0xff) this.failed(bytes, start, end);
        return;
      case 'answer':
      case 'upload':
        this.outcome(side, bytes, start, end, ts);
        return;
      case 'columns':
        if (first === 0xff) this.failed(bytes, start, end);
        else if (isEnd(first, side.length)) {
          if (this.command === FIELD_LIST) this.done(0);
          else this.phase = 'rows';
        } else if (this.columns > 0 && --this.columns === 0 && this.flags & CLIENT_DEPRECATE_EOF) this.phase = 'rows';
        return;
      case 'rows':
        if (first === 0xff) this.failed(bytes, start, end);
        else if (first === 0xfe && (this.flags & CLIENT_DEPRECATE_EOF ? side.length < fullPacket : side.length < 9)) {
          this.afterRows(bytes, start, end);
        }
    }
  }

  /** Protocol::HandshakeV10: the version and what the server can. An error instead means that it does not talk to this host. */
  private greeting(side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const version = bytes[start]!;
    if (side.sequence !== 0 || (version !== 10 && version !== 9 && version !== 0xff)) {
      this.nonsense(ts, 'greeting');
      return;
    }
    this.confirm();
    if (version === 0xff) {
      this.quiet();
      return;
    }
    let at = start + 1;
    while (at < end && bytes[at] !== 0) at++;
    // Behind the version: connection id (4), challenge (8), filler, flags (2), character set, status (2), flags (2).
    at += 1 + 4 + 8 + 1;
    if (version === 10 && at + 2 <= end) {
      this.serverFlags = bytes[at]! | (bytes[at + 1]! << 8);
      if (at + 7 <= end) this.serverFlags |= (bytes[at + 5]! << 16) | (bytes[at + 6]! << 24);
    }
    this.phase = 'login';
  }

  private authenticated(bytes: Uint8Array, start: number, end: number): void {
    this.done(lengthEncoded(bytes, start + 1, end));
    // Behind a compressed session stand packets that only their unpacking would show.
    if (this.flags & (CLIENT_COMPRESS | CLIENT_ZSTD)) this.quiet();
  }

  /** The first packet of the answer to a command. */
  private outcome(side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const first = bytes[start]!;
    if (first === 0xff) this.failed(bytes, start, end);
    else if (this.command === STATISTICS) {
      this.flush();
      this.phase = 'idle';
    } else if (first === 0) this.done(this.command === STMT_PREPARE ? 0 : lengthEncoded(bytes, start + 1, end));
    else if (first === 0xfe && side.length < 9) this.done(0);
    else if (this.command === FIELD_LIST) this.phase = 'columns';
    else if (this.command === STMT_FETCH) this.phase = 'rows';
    // A local file is asked for; its content ends in an empty packet, and is answered with OK.
    else if (first === 0xfb) this.phase = 'upload';
    else {
      this.columns = lengthEncoded(bytes, start, end);
      if (this.columns === 0 || this.columns > 4_096) this.nonsense(ts, 'columns');
      else this.phase = 'columns';
    }
  }

  /** The end of a result set; the status says whether another follows (SERVER_MORE_RESULTS_EXISTS). */
  private afterRows(bytes: Uint8Array, start: number, end: number): void {
    let status = 0;
    if (this.flags & CLIENT_DEPRECATE_EOF) {
      let at = afterLengthEncoded(bytes, start + 1, end);
      at = afterLengthEncoded(bytes, at, end);
      if (at + 2 <= end) status = bytes[at]! | (bytes[at + 1]! << 8);
    } else if (end - start >= 5) status = bytes[start + 3]! | (bytes[start + 4]! << 8);
    if (status & 0x0008) this.phase = 'answer';
    else this.done(0);
  }

  private done(rows: number): void {
    const { pending } = this;
    this.phase = 'idle';
    if (!pending) return;
    pending.success = true;
    pending.rows = rows;
    this.flush();
  }

  /** ERR_Packet: a code, with protocol 4.1 a mark and the SQL state, and the message. */
  private failed(bytes: Uint8Array, start: number, end: number): void {
    const { pending, phase } = this;
    const code = end - start >= 3 ? bytes[start + 1]! | (bytes[start + 2]! << 8) : 0;
    // MariaDB tells how far it has come in the form of an error; the answer is still to come.
    if (code === progressReport) return;
    this.phase = 'idle';
    if (phase === 'authentication' && pending?.cmd === 'login') this.quiet();
    if (!pending) return;
    let at = start + 3;
    if (bytes[at] === 0x23) at += 6;
    const message = textOf(bytes, Math.min(at, end), end);
    pending.success = false;
    // A syntax error (1064) quotes the statement.
    pending.response = code === 1064 ? withoutSecrets(message, true) : message;
    this.flush();
  }

  private open(command: string, argument: string, ts: Seconds): void {
    const record = this.flow.head(ts) as MysqlRecord;
    record.cmd = command;
    record.arg = argument;
    this.pending = record;
  }

  private flush(): void {
    const { pending } = this;
    if (!pending) return;
    this.pending = undefined;
    this.emit.record('mysql', pending);
  }

  private nonsense(ts: Seconds, where: string): void {
    this.emit.weird('mysql_bad_packet', ts, where);
    this.flush();
    this.quiet();
  }

  private quiet(): void {
    this.phase = 'silent';
    this.sides[0].stop();
    this.sides[1].stop();
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm();
  }
}

const isEnd = (first: number, length: number): boolean => first === 0xfe && length < 9;

/** A length-encoded integer (14.1.1.1); 0 where there is none. */
function lengthEncoded(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return 0;
  const first = bytes[at]!;
  if (first < 0xfb) return first;
  const width = first === 0xfc ? 2 : first === 0xfd ? 3 : first === 0xfe ? 8 : 0;
  if (at + 1 + width > end) return 0;
  let value = 0;
  for (let i = width; i > 0; i--) value = value * 256 + bytes[at + i]!;
  return Number.isSafeInteger(value) ? value : 0;
}

function afterLengthEncoded(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return end;
  const first = bytes[at]!;
  return at + 1 + (first === 0xfc ? 2 : first === 0xfd ? 3 : first === 0xfe ? 8 : 0);
}

/** Where the text of a COM_QUERY begins when attributes stand before it; attributes are not read. */
function behindAttributes(bytes: Uint8Array, start: number, end: number): number {
  const count = lengthEncoded(bytes, start, end);
  let at = afterLengthEncoded(bytes, start, end);
  at = afterLengthEncoded(bytes, at, end);
  if (count === 0 || count > 64) return Math.min(at, end);
  at += ((count + 7) >> 3) + 1;
  const types: number[] = [];
  for (let i = 0; i < count && at < end; i++) {
    types.push(bytes[at]!);
    at += 2;
    at = afterLengthEncoded(bytes, at, end) + lengthEncoded(bytes, at, end);
  }
  for (const type of types) at = afterValue(bytes, at, end, type);
  return Math.min(at, end);
}

/** The place behind a value of the binary protocol (14.7.2); a type of unknown width ends the text. */
function afterValue(bytes: Uint8Array, at: number, end: number, type: number): number {
  if (type === 0x06) return at;
  if (type === 0x01) return at + 1;
  if (type === 0x02 || type === 0x0d) return at + 2;
  if (type === 0x03 || type === 0x04 || type === 0x09) return at + 4;
  if (type === 0x05 || type === 0x08) return at + 8;
  if (type === 0x07 || (type >= 0x0a && type <= 0x0c)) return at + 1 + (bytes[at] ?? 0);
  return afterLengthEncoded(bytes, at, end) + lengthEncoded(bytes, at, end);
}

/** The server speaks first: a packet with number 0 that holds protocol 10 and a version of printable characters. */
function probe(bytes: Uint8Array, start: number, end: number, direction: Direction, usualPort: boolean): Probe {
  if (direction === 0) return 'no';
  const have = end - start;
  if (have > 2 && bytes[start + 2] !== 0) return 'no';
  if (have > 3 && bytes[start + 3] !== 0) return 'no';
  if (have < 5) return 'more';
  const length = bytes[start]! | (bytes[start + 1]! << 8);
  const version = bytes[start + 4]!;
  if (version === 0xff) return usualPort && length > 3 && length < answerBytesMax && have <= length + 4 ? 'yes' : 'no';
  if (version !== 10 || length < 20 || length > 512) return 'no';
  let at = start + 5;
  for (; at < end && bytes[at] !== 0; at++) {
    if (bytes[at]! < 0x20 || bytes[at]! > 0x7e || at - start > 100) return 'no';
  }
  if (at === end) return 'more';
  // A version begins with a digit: 5.7.1, 8.0.36, 5.5.5-10.6.4-MariaDB.
  if (at - start < 8 || bytes[start + 5]! < 0x30 || bytes[start + 5]! > 0x39) return 'no';
  return 'yes';
}

export const mysql: Protocol = {
  service: 'mysql',
  logs: ['mysql'],
  transports: ['tcp'],
  ports: [3306],
  probe,
  open: (flow, emit) => new MysqlParser(flow, emit),
};
