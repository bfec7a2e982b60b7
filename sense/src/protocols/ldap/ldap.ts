/**
 * LDAP over TCP and UDP (CLDAP), written as Zeek's `ldap.log` and `ldap_search.log` write it: one record for each operation with its
 * result. After a SASL bind the messages may travel in a security layer, which is opened where it only signs:
 *
 *     ┌────┬────────┬────────────┬───────────────────┬──────────────┐
 *     │ 30 │ length │ message id │ operation in BER  │ controls …   │   RFC 4511 §4.1.1
 *     └────┴────────┴────────────┴───────────────────┴──────────────┘
 *     ┌────────────┬─────────────────────────────┬──────────────────┐
 *     │ length (4) │ 05 04 flags …  or signature │ messages         │   RFC 4513 §5.2.1.7, RFC 4121 §4.2.6.2, [MS-NLMP] 2.2.2.9
 *     └────────────┴─────────────────────────────┴──────────────────┘
 */

import type { Seconds } from '@forewarn/base/time';
import { elementLength } from '../der.ts';
import { type FrameTaker, Frames } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { filterDepthMax, filterTextMax } from './filter.ts';
import { INTERMEDIATE_RESPONSE, operationName, SEARCH_RESULT_ENTRY, SEARCH_RESULT_REFERENCE } from './names.ts';
import { Operations, pendingMax } from './operations.ts';

/** Requests and results are read up to here; of found entries only the head. Windows bounds what it receives at 10 MB (MaxReceiveBuffer). */
const messageBytesMax = 69_632;

/** Longest message that is passed over; OpenLDAP and Windows refuse longer ones of known clients (16 MB, 10 MB). */
const messageLengthMax = 268_435_456;

/** Head of a found entry: sequence, identifier and tag of the operation. */
const entryHeadBytes = 24;

/** Bytes that tell whether an LDAP message begins, as far as it needs to be known inside a layer. */
const beginningBytes = 16;

/** GSS-API tokens in a security layer are bounded to three bytes of length (RFC 4752 §3.1). */
const wrapLengthMax = 16_777_216;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'ldap.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes per direction',
    why: 'A bind carries a token of at most 65,535 bytes, requests and results are shorter; of found entries only the head is kept.',
  },
  {
    name: 'ldap.messageLengthMax',
    value: messageLengthMax,
    unit: 'bytes per message',
    why: 'Servers refuse messages beyond 10 to 16 MB by default; a length beyond this is nonsense and ends the reading.',
  },
  {
    name: 'ldap.pendingMax',
    value: pendingMax,
    unit: 'unanswered operations per flow, and as many searches',
    why: 'Clients keep some dozens under way; when it is reached, the oldest is written without its result, with an oddity.',
  },
  {
    name: 'ldap.filterDepthMax',
    value: filterDepthMax,
    unit: 'filters in filters',
    why: 'Filters of directory tools nest below ten deep; deeper parts are written as an ellipsis.',
  },
  {
    name: 'ldap.filterTextMax',
    value: filterTextMax,
    unit: 'characters',
    why: 'Zeek 8 cuts text fields of its logs at this length.',
  },
] as const;

/** How a direction is read. */
const PLAIN = 0;
/** After a successful SASL bind: the next bytes tell whether a security layer is in use. */
const UNDECIDED = 1;
const LAYERED = 2;
type Mode = typeof PLAIN | typeof UNDECIDED | typeof LAYERED;

class Side implements FrameTaker {
  mode: Mode;
  readonly frames = new Frames(messageBytesMax);
  private readonly parser: LdapParser;
  private readonly direction: Direction;
  /** Messages inside the security layer. */
  private inner: Side | undefined;
  /** Whether what is left of the current token of the layer is messages, and how many bytes of it. */
  private clear = 0;

  constructor(parser: LdapParser, direction: Direction, mode: Mode) {
    this.parser = parser;
    this.direction = direction;
    this.mode = mode;
  }

  stop(): void {
    this.frames.stop();
    this.inner?.stop();
  }

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    if (this.mode === UNDECIDED) this.mode = bytes[start] === 0x30 ? PLAIN : LAYERED;
    if (this.mode === LAYERED) {
      if (end - start < 4) return 0;
      const length = bytes[start]! * 16_777_216 + ((bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!);
      return length > wrapLengthMax ? -1 : 4 + length;
    }
    if (bytes[start] !== 0x30) return -1;
    const length = elementLength(bytes, start, end);
    return length > messageLengthMax ? -1 : length;
  }

  frameShown(bytes: Uint8Array, start: number, end: number, length: number): number {
    if (this.mode === LAYERED) {
      if (length < 20) return length;
      if (end - start < 20) return 0;
      // Of Kerberos a checksum may have been rotated before the messages; of NTLM their beginning tells whether they are sealed.
      const wrap = bytes[start + 4] === 5 && bytes[start + 5] === 4;
      const front = wrap ? Math.min((bytes[start + 10]! << 8) | bytes[start + 11]!, 256) : beginningBytes;
      return Math.min(length, 20 + front);
    }
    const tag = operationAt(bytes, start, end);
    if (tag === SEARCH_RESULT_ENTRY || tag === SEARCH_RESULT_REFERENCE || tag === INTERMEDIATE_RESPONSE) {
      return Math.min(length, end - start, entryHeadBytes);
    }
    return tag === 0 && end - start < Math.min(length, entryHeadBytes) ? 0 : length;
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    if (this.mode !== LAYERED) {
      this.parser.message(this.direction, bytes, start, end, length, ts);
      return;
    }
    this.clear = 0;
    if (length < 22 || end - start < 20) return;
    const token = start + 4;
    const body = length - 20;
    if (bytes[token] === 5 && bytes[token + 1] === 4) {
      // Wrap token of Kerberos: flags, ff, extra count, rotation, sequence. Sealed ones stay closed.
      if ((bytes[token + 2]! & 2) !== 0) return;
      const extra = (bytes[token + 4]! << 8) | bytes[token + 5]!;
      const rotation = (bytes[token + 6]! << 8) | bytes[token + 7]!;
      if (extra > body || (rotation !== 0 && rotation !== extra) || extra > 256) return;
      // The checksum stands behind the messages, or in front of them where it was rotated there; then it was shown already.
      this.clear = body - extra;
    } else if (bytes[token] === 1 && bytes[token + 1] === 0 && bytes[token + 2] === 0 && bytes[token + 3] === 0) {
      // Signature of NTLM. Signed messages go on where the last token ended, or begin like a message; sealed ones do neither.
      if (!this.inner?.frames.midway && begins(bytes, start + 20, end) === 'no') return;
      this.clear = body;
      this.frameRest(direction, bytes, start + 20, end, ts);
    }
  }

  frameRest(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.mode !== LAYERED || this.clear === 0) return;
    const stop = Math.min(end, start + this.clear);
    this.clear -= stop - start;
    if (stop === start) return;
    this.inner ??= new Side(this.parser, this.direction, PLAIN);
    this.inner.frames.feed(this.inner, direction, bytes, start, stop, ts);
  }

  frameMissing(direction: Direction, length: number, ts: Seconds): void {
    if (this.mode !== LAYERED || this.clear === 0) return;
    const gone = Math.min(this.clear, length);
    this.clear -= gone;
    if (this.inner && gone > 0) this.inner.frames.gap(this.inner, direction, gone, ts);
  }

  frameLost(_direction: Direction, gap: boolean, ts: Seconds): void {
    if (!gap) this.parser.odd('ldap_bad_message', ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    if (begins(bytes, start, end) === 'yes') {
      if (this.mode === UNDECIDED) this.mode = PLAIN;
      return this.mode === PLAIN;
    }
    if (this.mode === PLAIN || !wrapBegins(bytes, start, end)) return false;
    this.mode = LAYERED;
    return true;
  }
}

class LdapParser implements ProtocolParser {
  private readonly emit: Emit;
  private readonly overUdp: boolean;
  private readonly operations: Operations;
  private sides: [Side, Side] | undefined;
  private confirmed = false;
  private told: string | undefined;

  constructor(flow: FlowView, emit: Emit) {
    this.emit = emit;
    this.overUdp = flow.transport === 'udp';
    this.operations = new Operations(flow, emit);
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.overUdp) {
      this.datagram(direction, bytes, start, end, ts);
      return;
    }
    // The first bytes of a flow that is seen from its middle may lie in a security layer.
    this.sides ??= [new Side(this, 0, UNDECIDED), new Side(this, 1, UNDECIDED)];
    const side = this.sides[direction];
    side.frames.feed(side, direction, bytes, start, end, ts);
    if (!this.operations.startTlsAgreed) return;
    this.operations.startTlsAgreed = false;
    this.emit.giveWay(side.frames.next, 'ssl');
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    const side = this.sides?.[direction];
    side?.frames.gap(side, direction, length, ts);
  }

  finish(ts: Seconds): void {
    this.operations.finish(ts);
    for (const side of this.sides ?? []) side.stop();
  }

  /** A message, or its first bytes. */
  message(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    if (!this.operations.message(direction, bytes, start, end, ts)) {
      this.odd('ldap_bad_message', ts);
      return;
    }
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm(this.overUdp ? 'ldap_udp' : 'ldap_tcp');
    }
    if (length > messageBytesMax && end - start >= messageBytesMax) this.odd('ldap_message_too_long', ts);
    if (!this.sides) return;
    if (this.operations.startTlsAgreed) for (const side of this.sides) side.stop();
    if (!this.operations.saslAgreed) return;
    this.operations.saslAgreed = false;
    for (const side of this.sides) if (side.mode === PLAIN) side.mode = UNDECIDED;
  }

  odd(name: string, ts: Seconds): void {
    if (this.told === name) return;
    this.told = name;
    this.emit.weird(name, ts);
  }

  /** One or more messages, each whole (MS-ADTS 3.1.1.3.1.11). */
  private datagram(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let at = start;
    while (at < end) {
      const length = bytes[at] === 0x30 ? elementLength(bytes, at, end) : -1;
      if (length <= 0 || at + length > end) {
        this.odd('ldap_bad_message', ts);
        return;
      }
      this.message(direction, bytes, at, at + length, length, ts);
      at += length;
    }
  }
}

/** The tag of the operation in the message at `start`; 0 where it cannot be seen. */
function operationAt(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 2) return 0;
  let at = start + 2 + (bytes[start + 1]! < 0x80 ? 0 : bytes[start + 1]! & 0x7f);
  if (at + 2 > end || bytes[at] !== 2) return 0;
  at += 2 + bytes[at + 1]!;
  return at < end ? bytes[at]! : 0;
}

/** Whether a message begins here whose identifier, operation and lengths agree with one another. */
function begins(bytes: Uint8Array, start: number, end: number): Probe {
  if (start >= end) return 'more';
  if (bytes[start] !== 0x30) return 'no';
  const length = elementLength(bytes, start, end);
  if (length <= 0) return length === 0 ? 'more' : 'no';
  if (length < 7 || length > messageLengthMax) return 'no';
  let at = start + 2 + (bytes[start + 1]! < 0x80 ? 0 : bytes[start + 1]! & 0x7f);
  if (at >= end) return 'more';
  if (bytes[at] !== 2) return 'no';
  if (at + 1 >= end) return 'more';
  const identifier = bytes[at + 1]!;
  if (identifier < 1 || identifier > 4) return 'no';
  at += 2 + identifier;
  if (at >= end) return 'more';
  const tag = bytes[at]!;
  if (operationName(tag) === undefined) return 'no';
  const inner = elementLength(bytes, at, end);
  if (inner <= 0) return inner === 0 ? 'more' : 'no';
  const rest = start + length - at - inner;
  // Behind the operation stand controls [0], or nothing.
  if (rest < 0 || (rest > 0 && rest < 4)) return 'no';
  if (rest > 0 && at + inner < end && bytes[at + inner] !== 0xa0) return 'no';
  const body = at + 2 + (bytes[at + 1]! < 0x80 ? 0 : bytes[at + 1]! & 0x7f);
  const wanted = firstOf(tag);
  if (wanted < 0 || inner <= 2) return 'yes';
  return body >= end ? 'more' : bytes[body] === wanted ? 'yes' : 'no';
}

/** The tag that an operation's content begins with, or -1 for any. */
function firstOf(tag: number): number {
  if (tag === 0x60) return 0x02;
  if (tag === 0x77) return 0x80;
  if (tag === 0x42 || tag === 0x4a || tag === 0x50 || tag === 0x79) return -1;
  if (tag === 0x63 || tag === 0x64 || tag === 0x66 || tag === 0x68 || tag === 0x6c || tag === 0x6e || tag === 0x73) return 0x04;
  return 0x0a;
}

/** A token of Kerberos in a security layer. */
function wrapBegins(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= 20 &&
    bytes[start] === 0 &&
    bytes[start + 4] === 5 &&
    bytes[start + 5] === 4 &&
    bytes[start + 7] === 0xff &&
    bytes[start + 6]! < 8
  );
}

function probe(bytes: Uint8Array, start: number, end: number, usualPort: boolean): Probe {
  if (start >= end) return 'more';
  if (bytes[start] === 0x30) return begins(bytes, start, end);
  if (!usualPort || bytes[start] !== 0) return 'no';
  // A flow that is seen from its middle, inside a security layer.
  if (end - start < 20) return 'more';
  return wrapBegins(bytes, start, end) ? 'yes' : 'no';
}

export const ldap: Protocol = {
  service: 'ldap',
  logs: ['ldap', 'ldap_search', 'ntlm', 'kerberos'],
  transports: ['tcp', 'udp'],
  ports: [389, 3268],
  probe: (bytes, start, end, _direction, usualPort) => probe(bytes, start, end, usualPort),
  open: (flow, emit) => new LdapParser(flow, emit),
};
