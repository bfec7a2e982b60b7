/**
 * DTLS 1.0 to 1.3 over UDP, and the version before them that OpenSSL spoke, written as TLS is: into `ssl` and `x509`.
 *
 *     datagram ─▶ records (type, version, epoch, number, length) ─▶ handshake fragments ─▶ messages ─▶ ssl/handshake.ts
 *                     │
 *                     ├─ change cipher spec, a later epoch, or a ciphertext header of 1.3: this direction is encrypted
 *                     └─ a record after both are encrypted: established ─▶ ssl record; nothing more is read
 *
 * Datagrams of other protocols share the flow in WebRTC (RFC 7983): what is no DTLS by its first byte is passed over.
 */

import type { Seconds } from '@forewarn/base/time';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { CLIENT_HELLO, Handshake, HELLO_VERIFY_REQUEST, SERVER_HELLO } from '../ssl/handshake.ts';
import { isVersion13 } from '../ssl/names.ts';
import { Pieces } from '../ssl/pieces.ts';

/** Bytes of one message that came in fragments. */
const messageBytesMax = 32_768;

/** Messages of one direction that wait for fragments. */
const fragmentedMessagesMax = 4;

/** Separate ranges of one message. */
const fragmentRangesMax = 64;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'dtls.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes per message',
    why: 'Twice what Zeek puts together; a chain of certificates over datagrams has some thousands. A longer message has only its letter.',
  },
  {
    name: 'dtls.fragmentedMessagesMax',
    value: fragmentedMessagesMax,
    unit: 'messages per direction',
    why: 'A flight has at most five messages (RFC 6347 §4.2.4) and rarely more than one is fragmented; the oldest is given up.',
  },
  {
    name: 'dtls.fragmentRangesMax',
    value: fragmentRangesMax,
    unit: 'ranges per message',
    why: 'Fragments come nearly in order; those that would make more holes than this are passed over.',
  },
] as const;

const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const HEARTBEAT = 24;
/** Ciphertext with a connection id, whose length only the two ends know (RFC 9146 §4). */
const CIPHERTEXT_WITH_ID = 25;
const ACK = 26;

const recordHeaderBytes = 13;
const fragmentHeaderBytes = 12;

/** RFC 9147 §4: 001CSLEE begins a ciphertext of version 1.3. */
const isUnifiedHeader = (first: number): boolean => (first & 0xe0) === 0x20;

/** 1.0, 1.2 and 1.3 (which calls itself 1.2 in the clear), and OpenSSL's version before its 0.9.8f. */
const isVersion = (major: number, minor: number): boolean =>
  (major === 0xfe && minor >= 0xfc) || (major === 0x01 && minor === 0x00);

/** A message of which some fragments have come. */
type Fragmented = { sequence: number; type: number; length: number; pieces: Pieces };

/** What one direction is reading. */
class Side {
  encrypted = false;
  fragmented: Fragmented[] | undefined = undefined;
}

class DtlsParser implements ProtocolParser {
  private readonly emit: Emit;
  private readonly handshake: Handshake;
  private readonly sides: readonly [Side, Side] = [new Side(), new Side()];
  private done = false;
  private confirmed = false;
  private complained = false;

  constructor(flow: FlowView, emit: Emit) {
    this.emit = emit;
    this.handshake = new Handshake(flow, emit, 'd');
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let at = start;
    while (at < end && !this.done) {
      const first = bytes[at]!;
      if (isUnifiedHeader(first)) {
        at = this.unifiedRecord(direction, bytes, at, end, ts);
        continue;
      }
      if (first < CHANGE_CIPHER_SPEC || first > ACK) return;
      const from = at + recordHeaderBytes;
      const to = from <= end ? from + ((bytes[from - 2]! << 8) | bytes[from - 1]!) : end + 1;
      if (first === CIPHERTEXT_WITH_ID && from <= end && isVersion(bytes[at + 1]!, bytes[at + 2]!)) {
        this.ciphertext(direction, ts);
        return;
      }
      if (to > end || !isVersion(bytes[at + 1]!, bytes[at + 2]!)) {
        this.complain('DTLS_invalid_record', ts);
        return;
      }
      const epoch = (bytes[at + 3]! << 8) | bytes[at + 4]!;
      if (epoch > 0) this.ciphertext(direction, ts);
      else this.plaintext(direction, first, bytes, from, to, ts);
      at = to;
    }
  }

  gap(): void {
    // Datagrams that are lost leave no hole that anybody would tell of.
  }

  finish(_ts: Seconds): void {
    if (!this.done) this.handshake.write();
    this.done = true;
  }

  /** A ciphertext of version 1.3; answers where the next record begins. */
  private unifiedRecord(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): number {
    if (!isVersion13(this.handshake.version)) return end;
    const first = bytes[start]!;
    this.ciphertext(direction, ts);
    // With a connection id, or without a length, the record ends with the datagram as far as we can tell.
    const hasId = (first & 0x10) !== 0;
    const hasLength = (first & 0x04) !== 0;
    if (hasId || !hasLength) return end;
    const lengthAt = start + ((first & 0x08) === 0 ? 2 : 3);
    if (lengthAt + 2 > end) return end;
    return Math.min(end, lengthAt + 2 + ((bytes[lengthAt]! << 8) | bytes[lengthAt + 1]!));
  }

  private ciphertext(direction: Direction, ts: Seconds): void {
    if (this.handshake.version < 0 && !this.confirmed) {
      // Seen from its middle: that it is DTLS is certain, of the handshake nothing is known.
      this.confirmed = true;
      this.emit.confirm();
    }
    this.sides[direction].encrypted = true;
    if (this.handshake.version < 0 || !this.sides[0].encrypted || !this.sides[1].encrypted) return;
    this.handshake.established(ts);
    this.handshake.write();
    this.done = true;
    this.sides[0].fragmented = undefined;
    this.sides[1].fragmented = undefined;
  }

  private plaintext(direction: Direction, type: number, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const side = this.sides[direction];
    switch (type) {
      case HANDSHAKE:
        this.fragments(direction, side, bytes, start, end, ts);
        return;
      case ALERT:
        if (!side.encrypted && end - start >= 2) this.handshake.alert(direction, bytes[start + 1]!, ts);
        return;
      case CHANGE_CIPHER_SPEC:
        if (!side.encrypted) side.encrypted = this.handshake.cipherChanged(direction, ts);
        return;
      case HEARTBEAT:
        this.handshake.letter(direction, 'b', ts);
        return;
      case APPLICATION_DATA:
        if (this.handshake.version >= 0) this.complain('ssl_early_application_data', ts);
    }
  }

  /** The fragments of one record (RFC 6347 §4.2.2): whole messages are read in place, others are put together. */
  private fragments(direction: Direction, side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    for (let at = start; at < end;) {
      const from = at + fragmentHeaderBytes;
      if (from > end) {
        this.complain('DTLS_invalid_fragment', ts);
        return;
      }
      const type = bytes[at]!;
      const length = (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
      const sequence = (bytes[at + 4]! << 8) | bytes[at + 5]!;
      const offset = (bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!;
      const to = from + ((bytes[at + 9]! << 16) | (bytes[at + 10]! << 8) | bytes[at + 11]!);
      if (to > end || offset + to - from > length) {
        this.complain('DTLS_invalid_fragment', ts);
        return;
      }
      if (to - from === length) this.handshake.message(direction, type, bytes, from, to, ts);
      else if (length <= messageBytesMax) {
        const message = this.fragmented(side, sequence, type, length);
        message.pieces.add(offset, bytes, from, to);
        const { whole } = message.pieces;
        if (whole.length === length) {
          side.fragmented = side.fragmented?.filter((each) => each !== message);
          this.handshake.message(direction, type, whole, 0, length, ts);
        }
      } else if (offset === 0) this.handshake.messageTooLong(direction, type, length, ts);
      at = to;
    }
  }

  /** The message that a fragment belongs to. */
  private fragmented(side: Side, sequence: number, type: number, length: number): Fragmented {
    const waiting = (side.fragmented ??= []);
    const known = waiting.find((each) => each.sequence === sequence && each.type === type && each.length === length);
    if (known) return known;
    if (waiting.length >= fragmentedMessagesMax) waiting.shift();
    const message = { sequence, type, length, pieces: new Pieces(length, fragmentRangesMax) };
    waiting.push(message);
    return message;
  }

  private complain(name: string, ts: Seconds): void {
    if (this.complained) return;
    this.complained = true;
    this.emit.weird(name, ts);
  }
}

function probe(bytes: Uint8Array, start: number, end: number): Probe {
  const first = bytes[start]!;
  if (first !== HANDSHAKE && first !== APPLICATION_DATA) return 'no';
  const from = start + recordHeaderBytes;
  if (from > end || !isVersion(bytes[start + 1]!, bytes[start + 2]!)) return 'no';
  const to = from + ((bytes[from - 2]! << 8) | bytes[from - 1]!);
  if (to > end) return 'no';
  const epoch = (bytes[start + 3]! << 8) | bytes[start + 4]!;
  // Later epochs are ciphertext: the header alone has to prove it, with the length of the datagram and numbers of some sense.
  if (epoch > 0) return epoch < 16 && bytes[start + 5] === 0 && bytes[start + 6] === 0 && to === end ? 'yes' : 'no';
  if (first !== HANDSHAKE || from + fragmentHeaderBytes > to) return 'no';
  const type = bytes[from]!;
  if (type !== CLIENT_HELLO && type !== SERVER_HELLO && type !== HELLO_VERIFY_REQUEST) return 'no';
  const length = (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!;
  const offset = (bytes[from + 6]! << 16) | (bytes[from + 7]! << 8) | bytes[from + 8]!;
  const fragment = (bytes[from + 9]! << 16) | (bytes[from + 10]! << 8) | bytes[from + 11]!;
  return from + fragmentHeaderBytes + fragment <= to && offset + fragment <= length ? 'yes' : 'no';
}

export const dtls: Protocol = {
  service: 'dtls',
  logs: ['ssl', 'x509'],
  transports: ['udp'],
  ports: [443, 853, 4433, 5684],
  probe,
  open: (flow, emit) => new DtlsParser(flow, emit),
};
