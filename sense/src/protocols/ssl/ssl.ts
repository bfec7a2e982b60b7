/**
 * TLS 1.0 to 1.3 over TCP (SSL 3.0 and TLCP alike, SSL 2.0 as far as its hellos), written as Zeek's `ssl.log` and
 * `x509.log` write them.
 *
 *     segments ─▶ records (type, version, length) ─▶ handshake messages ─▶ handshake.ts
 *                      │
 *                      ├─ change cipher spec: this direction is encrypted
 *                      └─ a record after both are encrypted: established ─▶ ssl record; of the next some sizes are looked at
 */

import type { Seconds } from '@forewarn/base/time';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { CLIENT_HELLO, Handshake, handshakeBytesMax, SERVER_HELLO } from './handshake.ts';
import { alertName, handshakeLetters, isVersion13 } from './names.ts';
import { addedBytes, PaddedDns, recordsMax } from './padding.ts';

/** RFC 5246 §6.2.3: 2^14 bytes of content and 2,048 that protection may add. */
const recordBytesMax = 18_432;

/** The ceilings of the record layer, for the reference. */
export const limits = [
  { name: 'ssl.recordBytesMax', value: recordBytesMax, unit: 'bytes', why: 'RFC 5246 §6.2.3 allows no longer record.' },
  {
    name: 'ssl.recordsMax',
    value: recordsMax,
    unit: 'records after the handshake',
    why: 'A dozen exchanges of DNS over HTTPS: who has not shown their sizes by then does not pad.',
  },
] as const;

const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const HEARTBEAT = 24;

/** IANA's port of DNS over TLS (RFC 7858 §3.1). */
const DOMAIN_S = 853;

/** What one direction is reading. */
class Side {
  /** What segments have cut: five bytes of a record header, from 5 on two of an alert, from 7 on four of a message header. */
  readonly header = new Uint8Array(11);
  headerLength = 0;
  /** No record was read yet. */
  first = true;
  type = 0;
  /** Bytes of the current record that are still to come. */
  remaining = 0;
  encrypted = false;
  /** A boundary is lost: nothing of this direction can be read. */
  lost = false;
  /** A message was damaged: records are followed, messages are not. */
  skipMessages = false;
  alertLength = 0;
  messageHeaderLength = 0;
  messageLength = 0;
  messageRead = 0;
  buffer: Uint8Array | undefined = undefined;
}

/** Stands in for the sides of every flow that is done; nothing is read into it. */
const spent: readonly [Side, Side] = [new Side(), new Side()];

class SslParser implements ProtocolParser {
  private sides: readonly [Side, Side] = [new Side(), new Side()];
  private readonly handshake: Handshake;
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private done = false;
  /** Looks at what follows the handshake. */
  private inside: PaddedDns | undefined = undefined;
  /** A record that is no ciphertext was read. */
  private begun = false;

  constructor(flow: FlowView, emit: Emit) {
    this.handshake = new Handshake(flow, emit, 't');
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let at = start;
    if (!this.done) at = this.records(direction, bytes, start, end, ts);
    if (this.inside) this.look(this.inside, direction, bytes, at, end);
  }

  /** Reads records until the handshake is done; answers where that was. */
  private records(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): number {
    const side = this.sides[direction];
    let at = start;
    while (at < end && !this.done && !side.lost) {
      if (side.remaining === 0) {
        if (side.headerLength < 5) {
          side.header[side.headerLength++] = bytes[at++]!;
          if (side.headerLength === 2 && side.first && side.header[0]! >= 0x80) {
            // No record type has its top bit set: an SSL 2.0 hello, whose length stands in the first two bytes.
            side.first = false;
            side.type = -1;
            side.remaining = ((side.header[0]! & 0x7f) << 8) | side.header[1]!;
            side.headerLength = 0;
            side.messageHeaderLength = 4;
            side.messageLength = side.remaining;
            side.messageRead = 0;
          }
          if (side.headerLength < 5) continue;
        }
        this.recordHeader(direction, side, ts);
        continue;
      }
      const length = Math.min(side.remaining, end - at);
      this.content(direction, side, bytes, at, at + length, ts);
      side.remaining -= length;
      at += length;
    }
    return at;
  }

  private look(inside: PaddedDns, direction: Direction, bytes: Uint8Array, start: number, end: number): void {
    const answer = inside.data(direction, bytes, start, end);
    if (answer === undefined) return;
    if (answer !== 'no') this.emit.confirm(answer);
    this.inside = undefined;
  }

  gap(direction: Direction, length: number, _ts: Seconds): void {
    this.inside = undefined;
    if (this.done) return;
    const side = this.sides[direction];
    if (length > side.remaining) {
      side.lost = true;
      side.buffer = undefined;
      return;
    }
    side.remaining -= length;
    if (side.type === HANDSHAKE || side.type === -1) side.skipMessages = true;
  }

  finish(_ts: Seconds): void {
    if (this.done) return;
    // A hello that was cut, by a snap length or by the end of the capture, is no less TLS: its first bytes proved it.
    if (this.sides.some((side) => side.type === HANDSHAKE && side.messageHeaderLength === 4 && side.header[7]! <= SERVER_HELLO)) {
      this.emit.confirm();
    }
    this.write();
  }

  private recordHeader(direction: Direction, side: Side, ts: Seconds): void {
    const { handshake } = this;
    const { header } = side;
    side.headerLength = 0;
    side.first = false;
    const type = header[0]!;
    const version = (header[1]! << 8) | header[2]!;
    const length = (header[3]! << 8) | header[4]!;
    const known = type >= CHANGE_CIPHER_SPEC && type <= HEARTBEAT && (header[1] === 3 || version === 0x0101);
    if (!known || length > recordBytesMax) {
      // Zeek gives up at the first record that is none, and so do we: the handshake is written as it stands.
      this.emit.weird('SSL_invalid_record', ts);
      this.write();
      return;
    }
    const closing = type === ALERT && length >= closingBytesMin;
    if ((type === APPLICATION_DATA || type === CHANGE_CIPHER_SPEC || closing) && !this.begun) {
      // The capture began in the midst of the flow: that it is TLS is all there is to know.
      this.emit.confirm();
      this.write();
      return;
    }
    this.begun = true;
    side.type = type;
    side.remaining = length;
    side.alertLength = 0;
    const newest = isVersion13(handshake.version);
    if (type === APPLICATION_DATA && newest && !handshake.awaitsHello) side.encrypted = true;
    if (side.encrypted && type !== CHANGE_CIPHER_SPEC) {
      if (this.sides[0].encrypted && this.sides[1].encrypted) {
        handshake.established(ts);
        this.nameInside();
        this.write();
      }
    } else if (type === APPLICATION_DATA && handshake.version >= 0 && !newest) {
      this.emit.weird('ssl_early_application_data', ts);
    } else if (type === HEARTBEAT) {
      handshake.letter(direction, 'b', ts);
    }
  }

  /** What TLS carries, where the hello, the port or later the sizes of records say that it is DNS. */
  private nameInside(): void {
    const { handshake, sides } = this;
    if (handshake.clientProtocol === 'dot' || this.flow.responderPort === DOMAIN_S) {
      this.emit.confirm('dot');
      return;
    }
    const added = addedBytes(isVersion13(handshake.version), handshake.cipher);
    // The other direction may be in the midst of a header, in rare cases: it is not looked at then.
    if (added === undefined || sides[0].headerLength > 0 || sides[1].headerLength > 0) return;
    this.inside = new PaddedDns(added, handshake.fromClient(0) ? 0 : 1, [sides[0].remaining, sides[1].remaining]);
  }

  private content(direction: Direction, side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    switch (side.type) {
      case HANDSHAKE:
        if (side.encrypted && this.handshake.version < 0 && isSecondHello(bytes, start, end, side.remaining)) {
          side.encrypted = false;
          this.handshake.askedAgain = true;
        }
        if (!side.encrypted && !side.skipMessages) this.messages(direction, side, bytes, start, end, ts);
        return;
      case -1:
        if (!side.skipMessages) this.messages(direction, side, bytes, start, end, ts);
        return;
      case ALERT:
        if (side.encrypted) return;
        for (let at = start; at < end && side.alertLength < 2; at++) {
          side.header[5 + side.alertLength++] = bytes[at]!;
          if (side.alertLength === 2) this.handshake.alert(direction, side.header[6]!, ts);
        }
        return;
      case CHANGE_CIPHER_SPEC:
        if (!side.encrypted) side.encrypted = this.handshake.cipherChanged(direction, ts);
    }
  }

  /** Handshake messages out of record contents: whole ones are read in place, split ones are put together. */
  private messages(direction: Direction, side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let at = start;
    while (at < end && !this.done && !side.skipMessages) {
      if (side.messageHeaderLength < 4) {
        side.header[7 + side.messageHeaderLength++] = bytes[at++]!;
        if (side.messageHeaderLength < 4) continue;
        side.messageLength = (side.header[8]! << 16) | (side.header[9]! << 8) | side.header[10]!;
        side.messageRead = 0;
        if (side.messageLength > 0) continue;
      }
      const need = side.messageLength - side.messageRead;
      const length = Math.min(need, end - at);
      if (length === need && side.messageRead === 0) {
        side.messageHeaderLength = 0;
        this.message(direction, side, bytes, at, at + length, ts);
      } else {
        this.collect(side, bytes, at, at + length);
        side.messageRead += length;
        if (length === need) {
          side.messageHeaderLength = 0;
          const kept = Math.min(side.messageLength, handshakeBytesMax);
          this.message(direction, side, side.buffer ?? bytes, 0, kept, ts);
          // Certificates are long and come once; what is kept between messages is small.
          if (side.buffer && side.buffer.length > 4_096) side.buffer = undefined;
        }
      }
      at += length;
    }
  }

  private collect(side: Side, bytes: Uint8Array, start: number, end: number): void {
    const room = handshakeBytesMax - side.messageRead;
    const length = Math.min(end - start, room);
    if (length <= 0) return;
    const need = side.messageRead + length;
    if (side.buffer === undefined || side.buffer.length < need) {
      const larger = new Uint8Array(Math.min(handshakeBytesMax, Math.max(1_024, need * 2)));
      if (side.buffer) larger.set(side.buffer.subarray(0, side.messageRead));
      side.buffer = larger;
    }
    side.buffer.set(bytes.subarray(start, start + length), side.messageRead);
  }

  private message(direction: Direction, side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (side.type === -1) {
      this.oldHello(direction, bytes, start, end, ts);
      return;
    }
    const type = side.header[7]!;
    if (side.messageLength > handshakeBytesMax) this.handshake.messageTooLong(direction, type, side.messageLength, ts);
    else this.handshake.message(direction, type, bytes, start, end, ts);
  }

  /** SSL 2.0 (draft-hickman-netscape-ssl-00 §2.5): clients offered later versions in it too (RFC 5246 §E.2). */
  private oldHello(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const type = bytes[start]!;
    if (direction === 0 && type === 1 && end - start >= 9) {
      this.handshake.oldClientHello(ts);
      return;
    }
    if (direction === 1 && type === 4 && end - start >= 11) {
      const version = (bytes[start + 3]! << 8) | bytes[start + 4]!;
      const at = start + 11 + ((bytes[start + 5]! << 8) | bytes[start + 6]!);
      const suite = at + 3 <= end ? (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]! : undefined;
      this.handshake.oldServerHello(version, suite, ts);
      this.write();
      return;
    }
    this.emit.weird('SSL_invalid_record', ts);
    this.write();
  }

  /** Writes what is known, once, and lets go of everything. */
  private write(): void {
    this.done = true;
    // The flow may live for days after its handshake: what was needed to read it goes now.
    this.sides = spent;
    this.handshake.write();
  }
}

/**
 * A client hello behind a change of cipher: where the server's side was not captured, the only trace of its HelloRetryRequest
 * (RFC 8446 §D.4: the change stands before the second hello). The encrypted Finished of TLS 1.2 that stands there otherwise
 * does not begin with a type, the length of the record and a version.
 */
const isSecondHello = (bytes: Uint8Array, start: number, end: number, length: number): boolean =>
  end - start >= 6 &&
  bytes[start] === CLIENT_HELLO &&
  ((bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!) + 4 === length &&
  bytes[start + 4] === 3 &&
  bytes[start + 5]! <= 3;

const versionLow = (byte: number): boolean => byte <= 4;

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const length = end - start;
  if (length === 0) return 'more';
  const first = bytes[start]!;
  if (first >= 0x80) return probeOld(bytes, start, end);
  if (first === APPLICATION_DATA) return probeMiddle(bytes, start, end);
  if (first === CHANGE_CIPHER_SPEC) return probeChange(bytes, start, end);
  if (first !== HANDSHAKE && first !== ALERT) return 'no';
  if (length < 3) return 'more';
  const tlcp = bytes[start + 1] === 1 && bytes[start + 2] === 1;
  if (!tlcp && (bytes[start + 1] !== 3 || !versionLow(bytes[start + 2]!))) return 'no';
  if (length < 5) return 'more';
  const recordLength = (bytes[start + 3]! << 8) | bytes[start + 4]!;
  if (first === ALERT) {
    if (recordLength !== 2) return probeClosing(bytes, start, end, recordLength);
    if (length < 7) return 'more';
    const level = bytes[start + 5]!;
    return (level === 1 || level === 2) && !alertName(bytes[start + 6]!).startsWith('unknown') ? 'yes' : 'no';
  }
  if (recordLength < 4 || recordLength > recordBytesMax) return 'no';
  if (length < 6) return 'more';
  const type = bytes[start + 5]!;
  if (type !== CLIENT_HELLO && type !== SERVER_HELLO && !(usualPort && handshakeLetters[type] !== undefined)) return 'no';
  // A record may be as short as its sender likes; the version of the hello then stands in the next one.
  if (recordLength < 6) return usualPort ? 'yes' : 'no';
  if (length < 11) return 'more';
  if (bytes[start + 6]! > 1) return 'no';
  if (type > SERVER_HELLO) return 'yes';
  const major = bytes[start + 9]!;
  const minor = bytes[start + 10]!;
  return (major === 3 && versionLow(minor)) || (tlcp && major === 1 && minor === 1) || major === 0x7f || major === 0x7e
    ? 'yes'
    : 'no';
}

/** Ciphertext, where a capture begins in the midst of a flow: a record and, where it is whole, the beginning of the next. */
function probeMiddle(bytes: Uint8Array, start: number, end: number): Probe {
  if (end - start < 5) return 'more';
  const minor = bytes[start + 2]!;
  if (bytes[start + 1] !== 3 || minor < 1 || minor > 3) return 'no';
  const length = (bytes[start + 3]! << 8) | bytes[start + 4]!;
  // No cipher adds less than sixteen bytes.
  if (length <= 16 || length > recordBytesMax) return 'no';
  const next = start + 5 + length;
  if (next >= end) return 'yes';
  const follows = bytes[next] === APPLICATION_DATA || bytes[next] === ALERT || bytes[next] === HANDSHAKE;
  return follows && (next + 3 > end || (bytes[next + 1] === 3 && bytes[next + 2] === minor)) ? 'yes' : 'no';
}

/** An encrypted alert has two bytes and what a cipher adds: a nonce, padding, a digest of at most 48 bytes. */
const closingBytesMin = 18;
const closingBytesMax = 80;

/** The encrypted alert that closes a connection, where nothing else of it was captured: a record that ends with its segment. */
function probeClosing(bytes: Uint8Array, start: number, end: number, length: number): Probe {
  if (length < closingBytesMin || length > closingBytesMax || bytes[start + 1] !== 3 || bytes[start + 2]! > 3) return 'no';
  const next = start + 5 + length;
  if (end < next) return 'more';
  return end === next || (bytes[next] === ALERT && (end === next + 1 || bytes[next + 1] === 3)) ? 'yes' : 'no';
}

/** A change of cipher, where the hellos before it were not captured: six bytes that are always the same, then another record. */
function probeChange(bytes: Uint8Array, start: number, end: number): Probe {
  const minor = bytes[start + 2]!;
  if (end - start > 1 && bytes[start + 1] !== 3) return 'no';
  if (end - start > 5) {
    const whole = minor <= 3 && bytes[start + 3] === 0 && bytes[start + 4] === 1 && bytes[start + 5] === 1;
    if (!whole) return 'no';
  }
  if (end - start < 9) return 'more';
  const follows = bytes[start + 6]! >= CHANGE_CIPHER_SPEC && bytes[start + 6]! <= APPLICATION_DATA;
  return follows && bytes[start + 7] === 3 && bytes[start + 8] === minor ? 'yes' : 'no';
}

/** An SSL 2.0 client hello: its three lengths must add up to that of the message. */
function probeOld(bytes: Uint8Array, start: number, end: number): Probe {
  if (end - start < 3) return 'more';
  if (bytes[start + 2] !== 1) return 'no';
  if (end - start < 11) return 'more';
  const length = ((bytes[start]! & 0x7f) << 8) | bytes[start + 1]!;
  const version = (bytes[start + 3]! << 8) | bytes[start + 4]!;
  const ciphers = (bytes[start + 5]! << 8) | bytes[start + 6]!;
  const session = (bytes[start + 7]! << 8) | bytes[start + 8]!;
  const challenge = (bytes[start + 9]! << 8) | bytes[start + 10]!;
  if (version !== 2 && (version < 0x0300 || version > 0x0303)) return 'no';
  const fits = ciphers > 0 && ciphers % 3 === 0 && (session === 0 || session === 16) && challenge >= 16 && challenge <= 32;
  return fits && 9 + ciphers + session + challenge === length ? 'yes' : 'no';
}

export const ssl: Protocol = {
  service: 'ssl',
  logs: ['ssl', 'x509'],
  transports: ['tcp'],
  ports: [443, 563, 585, 614, 636, 989, 990, 992, 993, 995, 5223],
  probe,
  open: (flow, emit) => new SslParser(flow, emit),
};
