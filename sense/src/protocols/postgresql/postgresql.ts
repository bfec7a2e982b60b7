/**
 * PostgreSQL, frontend/backend protocol 3, written as Zeek's `postgresql.log` writes it: one record for the request of
 * TLS, the start, each query and the end.
 *
 *     the first message of the client          every other message
 *     ┌────────────┬────────────┬─────┐        ┌──────┬────────────┬─────┐
 *     │ length (4) │ code (4)   │ …   │        │ type │ length (4) │ …   │      the length counts itself
 *     └────────────┴────────────┴─────┘        └──────┴────────────┴─────┘
 *
 * The code is version 3 or a request for TLS, GSSAPI or cancelling (PostgreSQL documentation 55.7). Passwords, tokens,
 * parameters, keys for cancelling, rows and copied data are passed over unread.
 */

import type { Seconds } from '@forewarn/base/time';
import type { PostgresqlRecord } from '@forewarn/model/records/databases';
import { Portions } from '../portions.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { withoutSecrets } from '../statement.ts';
import { textOf } from '../text.ts';

/** PostgreSQL refuses a longer first message (MAX_STARTUP_PACKET_LENGTH). */
const startBytesMax = 10_000;

/** Zeek 8 cuts text fields of its logs at this length (Log::default_max_field_string_bytes). */
const valueBytesMax = 4_096;

/** PostgreSQL allocates no longer message (MaxAllocSize). */
const messageBytesMax = 0x3fffffff;

export const limits = [
  {
    name: 'postgresql.startBytesMax',
    value: startBytesMax,
    unit: 'bytes',
    why: 'PostgreSQL refuses a longer first message (MAX_STARTUP_PACKET_LENGTH).',
  },
  {
    name: 'postgresql.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes per message',
    why: 'PostgreSQL allocates no longer message (MaxAllocSize); a longer one is nonsense.',
  },
  {
    name: 'postgresql.valueBytesMax',
    value: valueBytesMax,
    unit: 'bytes per statement or error',
    why: 'Zeek 8 cuts text fields at this length; what follows is passed over.',
  },
] as const;

const CANCEL = 80877102;
const TLS = 80877103;
const GSSAPI = 80877104;

/** Fields of errors and notices (PostgreSQL documentation 55.8), with Zeek's names. */
const fieldNames: { readonly [letter: string]: string } = {
  S: 'SeverityLocalized',
  V: 'Severity',
  C: 'Code',
  M: 'Message',
  D: 'Detail',
  H: 'Hint',
  P: 'Position',
  p: 'InternalPosition',
  q: 'InternalQuery',
  W: 'Where',
  s: 'Schema',
  t: 'Table',
  c: 'Column',
  d: 'Data',
  n: 'Constraint',
  F: 'File',
  L: 'Line',
  R: 'Routine',
};

/** Methods of authentication by number, with Zeek's names. */
const methodNames: { readonly [method: number]: string } = {
  2: 'KerberosV5',
  3: 'CleartextPassword',
  5: 'MD5Password',
  7: 'GSSAPI',
  8: 'GSSAPIContinue',
  9: 'SSPI',
  10: 'SASL',
  11: 'SASLContinue',
  12: 'SASLFinal',
};

/** What a direction reads next. */
type Reading = 'start' | 'parameters' | 'process' | 'permission' | 'header' | 'length' | 'body';

class Side extends Portions {
  reading: Reading;
  type = 0;
  length = 0;

  constructor(bytes: number, reading: Reading) {
    super(bytes);
    this.reading = reading;
  }

  ask(reading: Reading, bytes: number): void {
    this.reading = reading;
    this.want(bytes);
  }
}

class PostgresqlParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Side, Side] = [new Side(8, 'start'), new Side(5, 'header')];
  private user: string | undefined = undefined;
  private database: string | undefined = undefined;
  private application: string | undefined = undefined;
  private current: PostgresqlRecord | undefined = undefined;
  /** Rows of the current query; -1 before the first query. */
  private rows = -1;
  private confirmed = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.sides[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, _ts: Seconds): void {
    if (!this.sides[direction].gap(length)) this.quiet();
  }

  finish(_ts: Seconds): void {
    this.flush();
  }

  portion(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const side = this.sides[direction];
    switch (side.reading) {
      case 'start':
        this.start(side, u32(bytes, start), u32(bytes, start + 4), ts);
        return;
      case 'parameters':
        this.parameters(side, bytes, start, end, ts);
        return;
      case 'process':
        this.cancel(u32(bytes, start), ts);
        return;
      case 'permission':
        this.permission(side, bytes[start]!, ts);
        return;
      case 'header':
        side.type = bytes[start]!;
        this.header(direction, side, u32(bytes, start + 1), bytes, ts);
        return;
      case 'length':
        this.header(direction, side, u32(bytes, start), bytes, ts);
        return;
      case 'body':
        side.skip = side.length - (end - start);
        side.ask('header', 5);
        this.message(direction, side.type, bytes, start, end, ts);
    }
  }

  /** The first message, or that behind a refused request for TLS or GSSAPI. */
  private start(side: Side, length: number, code: number, ts: Seconds): void {
    if (length === 8 && (code === TLS || code === GSSAPI)) {
      this.confirm();
      this.at(ts).frontend = code === TLS ? 'ssl_request' : 'gssenc_request';
      this.sides[1].ask('permission', 1);
    } else if (code === CANCEL && length >= 16 && length <= 268) {
      this.confirm();
      side.ask('process', 4);
    } else if (code >>> 16 === 3 && length > 8 && length <= startBytesMax) side.ask('parameters', length - 8);
    else this.nonsense('start', ts);
  }

  /** Who asks the server to cancel a query names its process; the key beside it is a secret. */
  private cancel(process: number, ts: Seconds): void {
    const record = this.at(ts);
    record.frontend = 'cancel_request';
    record.frontend_arg = String(process);
    this.flush();
    this.quiet();
  }

  private parameters(side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.confirm();
    this.at(ts).frontend = 'startup';
    for (let at = start; at < end && bytes[at] !== 0;) {
      const nameEnd = zero(bytes, at, end);
      const valueEnd = zero(bytes, nameEnd + 1, end);
      const name = textOf(bytes, at, nameEnd);
      const value = textOf(bytes, nameEnd + 1, Math.min(valueEnd, nameEnd + 1 + valueBytesMax));
      if (name === 'user') this.user = value;
      else if (name === 'database') this.database = value;
      else if (name === 'application_name') this.application = value;
      at = valueEnd + 1;
    }
    side.ask('header', 5);
  }

  /** The answer to a request for TLS or GSSAPI is a single byte. */
  private permission(side: Side, letter: number, ts: Seconds): void {
    const { current } = this;
    const tls = current?.frontend === 'ssl_request';
    if (letter === 0x45) {
      // Servers of before TLS answer with an error message.
      side.type = letter;
      side.ask('length', 4);
      return;
    }
    const granted = letter === (tls ? 0x53 : 0x47);
    if (!current || (!granted && letter !== 0x4e)) {
      this.nonsense('permission', ts);
      return;
    }
    current.backend = tls ? 'ssl_reply' : 'gssenc_reply';
    current.backend_arg = String.fromCharCode(letter);
    current.success = granted;
    this.flush();
    if (!granted) {
      this.sides[0].ask('start', 8);
      side.ask('header', 5);
      return;
    }
    this.quiet();
    if (tls) this.emit.giveWay(side.next, 'ssl');
  }

  private header(direction: Direction, side: Side, length: number, bytes: Uint8Array, ts: Seconds): void {
    const known = direction === 0 ? isFrontend(side.type) : isBackend(side.type);
    if (!known || length < 4 || length > messageBytesMax) {
      this.nonsense(direction === 0 ? 'frontend' : 'backend', ts);
      return;
    }
    side.length = length - 4;
    const look = Math.min(side.length, direction === 0 ? frontendLook(side.type) : backendLook(side.type));
    if (look > 0) {
      side.ask('body', look);
      return;
    }
    side.skip = side.length;
    side.ask('header', 5);
    this.message(direction, side.type, bytes, 0, 0, ts);
  }

  private message(direction: Direction, type: number, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (direction === 0) this.ask(type, bytes, start, end, ts);
    else this.answer(type, bytes, start, end, ts);
  }

  private ask(type: number, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    switch (type) {
      case Q:
        this.query('simple_query', bytes, start, end, ts);
        return;
      case P: {
        // Parse: the name of the statement, its text, the types of its parameters.
        const from = zero(bytes, start, end) + 1;
        this.query('parse', bytes, from, end, ts);
        return;
      }
      case E:
        // Execute of what was parsed long before: its text is not here.
        if (this.current) return;
        this.at(ts).frontend = 'execute';
        this.rows = 0;
        return;
      case X:
        this.flush();
        this.at(ts).frontend = 'terminate';
        this.flush();
    }
  }

  private query(frontend: string, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.flush();
    const record = this.at(ts);
    record.frontend = frontend;
    record.frontend_arg = withoutSecrets(textOf(bytes, start, Math.min(zero(bytes, start, end), start + valueBytesMax)), false);
    this.rows = 0;
  }

  private answer(type: number, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    switch (type) {
      case R:
        if (end - start >= 4) this.authentication(this.at(ts), u32(bytes, start));
        return;
      case D:
        this.at(ts);
        this.rows = Math.max(this.rows, 0) + 1;
        return;
      case N:
        append(this.at(ts), fieldsOf(bytes, start, end));
        return;
      case E: {
        const record = this.at(ts);
        record.backend = record.backend === undefined ? 'error' : `${record.backend},error`;
        append(record, fieldsOf(bytes, start, end));
        record.success = false;
        this.flush();
        return;
      }
      case Z:
        this.ready(bytes[start]!);
    }
  }

  private authentication(record: PostgresqlRecord, method: number): void {
    if (method === 0) {
      record.backend = 'auth_ok';
      record.success = true;
      return;
    }
    record.backend = record.backend === undefined ? 'auth_request' : `${record.backend},auth_request`.slice(0, valueBytesMax);
    append(record, methodNames[method] ?? `UnknownAuthId${method}`);
  }

  /** ReadyForQuery: what was asked is done; in a failed transaction (`E`) it was not. */
  private ready(status: number): void {
    const { current } = this;
    if (!current) return;
    if (current.success === undefined) current.success = status === 0x49 || status === 0x54;
    if (this.rows >= 0) current.rows = this.rows;
    this.rows = -1;
    this.flush();
  }

  /** The record of what is going on. */
  private at(ts: Seconds): PostgresqlRecord {
    return (this.current ??= this.flow.head(ts) as PostgresqlRecord);
  }

  private flush(): void {
    const { current } = this;
    if (!current) return;
    this.current = undefined;
    if (this.user !== undefined) current.user = this.user;
    if (this.database !== undefined) current.database = this.database;
    if (this.application !== undefined) current.application_name = this.application;
    this.emit.record('postgresql', current);
  }

  private nonsense(where: string, ts: Seconds): void {
    this.emit.weird('postgresql_bad_message', ts, where);
    this.quiet();
  }

  private quiet(): void {
    this.sides[0].stop();
    this.sides[1].stop();
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm();
  }
}

const D = 0x44;
const E = 0x45;
const N = 0x4e;
const P = 0x50;
const Q = 0x51;
const R = 0x52;
const X = 0x58;
const Z = 0x5a;

/** Types of messages (PostgreSQL documentation 55.7). */
const frontends = new Set([...'BCDEFHPQSXcdfp'].map((letter) => letter.charCodeAt(0)));
const backends = new Set([...'123ACDEGHIKNRSTVWZcdnstv'].map((letter) => letter.charCodeAt(0)));
const isFrontend = (type: number): boolean => frontends.has(type);
const isBackend = (type: number): boolean => backends.has(type);

/** How many bytes of a message are looked at. */
const frontendLook = (type: number): number => (type === Q || type === P ? valueBytesMax + 64 : 0);
const backendLook = (type: number): number => (type === E || type === N ? valueBytesMax : type === R ? 4 : type === Z ? 1 : 0);

function append(record: PostgresqlRecord, text: string): void {
  record.backend_arg = (record.backend_arg === undefined ? text : `${record.backend_arg},${text}`).slice(0, valueBytesMax);
}

/** `SeverityLocalized=ERROR,Code=42P01,…` */
function fieldsOf(bytes: Uint8Array, start: number, end: number): string {
  const fields: string[] = [];
  for (let at = start; at < end && bytes[at] !== 0;) {
    const letter = String.fromCharCode(bytes[at]!);
    const stop = zero(bytes, at + 1, end);
    fields.push(`${fieldNames[letter] ?? `UnknownErrorId${letter}`}=${withoutSecrets(textOf(bytes, at + 1, stop), false)}`);
    at = stop + 1;
  }
  return fields.join(',');
}

/** The place of the next zero byte, or `end`. */
function zero(bytes: Uint8Array, start: number, end: number): number {
  let at = Math.min(start, end);
  while (at < end && bytes[at] !== 0) at++;
  return at;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** The client speaks first: a length and one of the four codes, which are 32 bits of proof. */
function probe(bytes: Uint8Array, start: number, end: number, direction: Direction, _usualPort: boolean): Probe {
  if (direction === 1) return 'no';
  const have = end - start;
  if (bytes[start] !== 0 || (have > 1 && bytes[start + 1] !== 0)) return 'no';
  if (have < 8) return 'more';
  const length = u32(bytes, start);
  const code = u32(bytes, start + 4);
  if (code === TLS || code === GSSAPI) return length === 8 && have === 8 ? 'yes' : 'no';
  if (code === CANCEL) return length >= 16 && length <= 268 ? 'yes' : 'no';
  if (code >>> 16 !== 3 || length < 9 || length > startBytesMax) return 'no';
  // Behind the version stands the name of a parameter; `user` is the one that must be there.
  for (let at = start + 8; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0) return at > start + 9 ? 'yes' : 'no';
    if (byte !== 0x5f && byte !== 0x2e && (byte < 0x61 || byte > 0x7a)) return 'no';
    if (at > start + 72) return 'no';
  }
  return 'more';
}

export const postgresql: Protocol = {
  service: 'postgresql',
  logs: ['postgresql'],
  transports: ['tcp'],
  ports: [5432],
  probe,
  open: (flow, emit) => new PostgresqlParser(flow, emit),
};
