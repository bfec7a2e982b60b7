/**
 * QUIC over UDP, as far as anyone on the path can read it: the headers, and the hellos in Initial packets. Written as
 * Zeek's `quic.log` and `ssl.log` write them.
 *
 *     datagram ─▶ packets ─▶ long header ─▶ Initial ─▶ initial.ts ─▶ CRYPTO frames ─▶ hellos ─▶ ssl/handshake.ts
 *                    │           ├─ Handshake, 0-RTT: a letter of the history
 *                    │           └─ Retry, Version Negotiation: the record is written, another begins
 *                    └─ short header: counted; letters at 1, 2, 4, 8, …
 */

import type { Seconds } from '@forewarn/base/time';
import type { QuicRecord } from '@forewarn/model/records/quic';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { CLIENT_HELLO, Handshake, SERVER_HELLO } from '../ssl/handshake.ts';
import { Pieces } from '../ssl/pieces.ts';
import { textOf } from '../text.ts';
import { googleIdAt, googleServerName, googleVersionAt, isGoogleRefusal } from './google.ts';
import { InitialKeys, initialSecret } from './initial.ts';
import {
  earlyBytesMax,
  failuresMax,
  helloBytesMax,
  historyLettersMax,
  idBytesMax,
  openedMax,
  rangesMax,
  recordsMax,
} from './limits.ts';
import {
  ACK,
  ACK_WITH_COUNTS,
  after,
  CONNECTION_CLOSE,
  CRYPTO,
  HANDSHAKE,
  hexadecimal,
  INITIAL,
  integer,
  PADDING,
  PING,
  RETRY,
  skipAcknowledgement,
  value,
  wordAt,
  ZERO_RTT,
} from './packet.ts';
import { forcesNegotiation, type Version, versionName, versionOf } from './versions.ts';

/** RFC 9000 §14.1: clients fill up the datagrams of their first packets. */
const firstDatagramBytesMin = 1_200;

/** What one direction sent until its hello is complete. */
class Side {
  keys: InitialKeys | undefined = undefined;
  /** Where the keys belong to: after a change of version they are others. */
  version: Version | undefined = undefined;
  pieces: Pieces | undefined = undefined;
  /** Bytes of the CRYPTO stream that were read as messages. */
  read = 0;
  failures = 0;
  opened = 0;
  finished = false;
}

class QuicParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private record: QuicRecord | undefined = undefined;
  private history = '';
  private records = 0;
  private handshake: Handshake | undefined = undefined;
  /** Kept until both hellos are read. */
  private sides: readonly [Side, Side] | undefined = [new Side(), new Side()];
  /** The connection id that the keys come from, the secret that came from it, and the side that chose it. */
  private connectionId: Uint8Array | undefined = undefined;
  private secret: Uint8Array | undefined = undefined;
  private secretVersion: Version | undefined = undefined;
  private client: Direction | undefined = undefined;
  private clientShort = 0;
  private serverShort = 0;
  private opened = false;
  private discarded = 0;
  private confirmed = false;
  private complained = false;
  /** The first connection ids of the originator, as they stood in its packet: a Version Negotiation repeats them. */
  private offered: string | undefined = undefined;
  private unfamiliar = -1;
  private seen = 0;
  private begun = false;
  /** The flow is Google's QUIC, of which nothing but its first packet is read. */
  private google = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (!this.begun) {
      this.begun = true;
      this.google = this.isGoogle(bytes, start, end, ts);
    }
    if (this.google) return;
    let at = start;
    while (at < end) {
      const first = bytes[at]!;
      // Only Version Negotiation may come without the fixed bit (RFC 9000 §17.2.1).
      if (first >= 0xc0 || (first >= 0x80 && at + 5 <= end && wordAt(bytes, at + 1) === 0)) {
        at = this.longHeader(direction, bytes, at, end, ts);
        continue;
      }
      // Neither a short header nor anything else tells how long it is: the rest of the datagram is its own.
      if ((first & 0x40) !== 0) this.shortHeader(direction, ts);
      else if (this.opened && this.discarded++ < historyLettersMax) this.letter(direction, 'x', ts);
      return;
    }
  }

  gap(): void {
    // Datagrams that are lost leave no hole that anybody would tell of.
  }

  finish(_ts: Seconds): void {
    this.handshake?.write();
    this.handshake = undefined;
    this.write();
  }

  /** Writes the record of a flow of Google's QUIC: that it is one, and which. */
  private isGoogle(bytes: Uint8Array, start: number, end: number, ts: Seconds): boolean {
    const at = googleVersionAt(bytes, start, end);
    const idAt = at < 0 ? -1 : googleIdAt(at, start, end);
    if (idAt < 0) {
      if (!isGoogleRefusal(bytes, start, end)) return false;
      // Only the server was captured: neither the version nor the client's connection id is known, so there is no record.
      this.confirm();
      return true;
    }
    this.confirm();
    const version = textOf(bytes, at, at + 4);
    const id = hexadecimal(bytes, idAt, idAt + 8);
    const record: QuicRecord = { ...this.flow.head(ts), version, client_initial_dcid: id, history: 'U' };
    const name = googleServerName(bytes, at, end);
    if (name !== undefined) record.server_name = name;
    this.emit.record('quic', record);
    return true;
  }

  private shortHeader(direction: Direction, ts: Seconds): void {
    const count = direction === 0 ? ++this.clientShort : ++this.serverShort;
    if ((count & (count - 1)) === 0 && this.record) this.letter(direction, 'o', ts);
  }

  /** Reads one packet with a long header; answers where the next one begins. */
  private longHeader(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): number {
    const destinationAt = start + 6;
    const destinationEnd = destinationAt <= end ? destinationAt + bytes[start + 5]! : end;
    const sourceAt = destinationEnd + 1;
    const sourceEnd = destinationEnd < end ? sourceAt + bytes[destinationEnd]! : end + 1;
    if (sourceEnd > end) return this.broken(end, ts);
    const number = wordAt(bytes, start + 1);
    const version = versionOf(number);
    const header = { number, destinationAt, destinationEnd, sourceAt, sourceEnd };
    if (version === undefined) {
      this.unreadable(direction, bytes, header, end - start >= firstDatagramBytesMin, ts);
      return end;
    }
    if (destinationEnd - destinationAt > idBytesMax || sourceEnd - sourceAt > idBytesMax) return this.broken(end, ts);
    this.seen |= 1 << direction;
    if (this.seen === 3) this.confirm();
    const bits = (bytes[start]! >> 4) & 0x03;
    const type = version.second ? (bits + 3) & 0x03 : bits;
    if (type === RETRY) {
      if (!this.record) this.open(direction, bytes, header, ts);
      this.letter(direction, 'r', ts);
      this.write();
      this.reset();
      return end;
    }
    let at = sourceEnd;
    if (type === INITIAL) {
      if (!integer(bytes, at, end)) return this.broken(end, ts);
      at = after + value;
    }
    if (!integer(bytes, at, end) || after + value > end) return this.broken(end, ts);
    const numberAt = after;
    const next = after + value;
    this.open(direction, bytes, header, ts);
    this.letter(direction, type === INITIAL ? 'i' : type === ZERO_RTT ? 'z' : type === HANDSHAKE ? 'h' : 'r', ts);
    if (type === INITIAL) this.initial(direction, version, bytes, start, { ...header, numberAt, next }, ts);
    return next;
  }

  /** A version that cannot be read, or the server's answer to one: a record of its own. */
  private unreadable(
    direction: Direction,
    bytes: Uint8Array,
    header: { number: number; destinationAt: number; destinationEnd: number; sourceAt: number; sourceEnd: number },
    padded: boolean,
    ts: Seconds,
  ): void {
    const { number, destinationAt, destinationEnd, sourceAt, sourceEnd } = header;
    const destination = hexadecimal(bytes, destinationAt, destinationEnd);
    const source = hexadecimal(bytes, sourceAt, sourceEnd);
    if (number === 0) {
      // RFC 9000 §17.2.1: it repeats both connection ids the other way round, which nobody can do by chance.
      if (this.offered === undefined || this.offered !== `${source} ${destination}`) return;
      this.confirm();
    } else {
      if (direction === 0) this.offered ??= `${destination} ${source}`;
      if (forcesNegotiation(number) && padded) this.confirm();
    }
    // Repetitions of the same packet say nothing new.
    if (this.unfamiliar === number) return;
    this.unfamiliar = number;
    if (!this.record) this.open(direction, bytes, header, ts);
    this.letter(direction, 'u', ts);
    this.write();
    this.reset();
  }

  private initial(
    direction: Direction,
    version: Version,
    bytes: Uint8Array,
    start: number,
    header: { destinationAt: number; destinationEnd: number; numberAt: number; next: number },
    ts: Seconds,
  ): void {
    const side = this.sides?.[direction];
    if (side === undefined || side.finished || side.failures >= failuresMax || side.opened >= openedMax) return;
    const frames = this.openInitial(direction, side, version, bytes, start, header);
    if (frames === undefined) {
      side.failures++;
      if (this.client !== undefined) this.complain('QUIC_undecryptable_initial', ts);
      return;
    }
    side.opened++;
    this.opened = true;
    this.confirm();
    this.frames(direction, side, frames, ts);
  }

  private openInitial(
    direction: Direction,
    side: Side,
    version: Version,
    bytes: Uint8Array,
    start: number,
    header: { destinationAt: number; destinationEnd: number; numberAt: number; next: number },
  ): Uint8Array | undefined {
    const { numberAt, next } = header;
    if (this.connectionId !== undefined) {
      if (side.keys === undefined || side.version !== version) {
        if (this.secret === undefined || this.secretVersion !== version) {
          this.secret = initialSecret(version, this.connectionId);
          this.secretVersion = version;
        }
        side.keys = new InitialKeys(version, this.secret, direction === this.client);
        side.version = version;
      }
      return side.keys.open(bytes, start, numberAt, next);
    }
    // Who opens with the keys of its own destination is the client: nobody else can have chosen it.
    if (this.client !== undefined && direction !== this.client) return undefined;
    const connectionId = bytes.slice(header.destinationAt, header.destinationEnd);
    const secret = initialSecret(version, connectionId);
    const keys = new InitialKeys(version, secret, true);
    const frames = keys.open(bytes, start, numberAt, next);
    if (frames === undefined) return undefined;
    this.client = direction;
    this.connectionId = connectionId;
    this.secret = secret;
    this.secretVersion = version;
    side.keys = keys;
    side.version = version;
    side.failures = 0;
    return frames;
  }

  /** The frames that an Initial packet may have (RFC 9000 §17.2.2). */
  private frames(direction: Direction, side: Side, bytes: Uint8Array, ts: Seconds): void {
    const end = bytes.length;
    let at = 0;
    while (at < end) {
      const type = bytes[at++]!;
      switch (type) {
        case PADDING:
          // Most of a first packet is padding.
          while (at < end && bytes[at] === PADDING) at++;
          continue;
        case PING:
          continue;
        case ACK:
        case ACK_WITH_COUNTS:
          at = skipAcknowledgement(bytes, at, end, type === ACK_WITH_COUNTS);
          break;
        case CRYPTO: {
          if (!integer(bytes, at, end)) at = -1;
          else {
            const offset = value;
            if (!integer(bytes, after, end) || after + value > end) at = -1;
            else {
              at = after + value;
              this.crypto(direction, side, offset, bytes, after, at, ts);
            }
          }
          break;
        }
        case CONNECTION_CLOSE:
          this.letter(direction, 'c', ts);
          this.write();
          return;
        default:
          at = -1;
      }
      if (at < 0) {
        this.complain('QUIC_invalid_frame', ts);
        return;
      }
    }
  }

  private crypto(
    direction: Direction,
    side: Side,
    offset: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    ts: Seconds,
  ): void {
    if (side.finished) return;
    const pieces = (side.pieces ??= new Pieces(2 * helloBytesMax, rangesMax));
    const known = pieces.whole.length - side.read >= 4;
    if ((!known && offset + end - start > side.read + earlyBytesMax) || !pieces.add(offset, bytes, start, end)) {
      this.complain('QUIC_excessive_crypto', ts);
      return;
    }
    this.messages(direction, side, pieces.whole, ts);
  }

  private messages(direction: Direction, side: Side, stream: Uint8Array, ts: Seconds): void {
    while (!side.finished && stream.length - side.read >= 4) {
      const at = side.read;
      const type = stream[at]!;
      const length = (stream[at + 1]! << 16) | (stream[at + 2]! << 8) | stream[at + 3]!;
      if (length > helloBytesMax) {
        this.complain('QUIC_excessive_crypto', ts);
        side.finished = true;
        return;
      }
      if (stream.length - at - 4 < length) return;
      side.read = at + 4 + length;
      const handshake = (this.handshake ??= new Handshake(this.flow, this.emit, 'q'));
      handshake.message(direction, type, stream, at + 4, at + 4 + length, ts);
      if (type === CLIENT_HELLO) this.clientHello(direction, side, handshake, ts);
      else if (type === SERVER_HELLO) this.serverHello(direction, side, handshake, ts);
    }
  }

  private clientHello(direction: Direction, side: Side, handshake: Handshake, ts: Seconds): void {
    this.letter(direction, 's', ts);
    side.finished = true;
    const { record } = this;
    if (record === undefined) return;
    if (handshake.serverName !== undefined) record.server_name = handshake.serverName;
    const { clientProtocol } = handshake;
    if (clientProtocol === undefined) return;
    record.client_protocol = clientProtocol;
    // DNS over QUIC (RFC 9250 §4.1.1), and its drafts.
    if (clientProtocol === 'doq' || clientProtocol.startsWith('doq-')) this.emit.confirm('doq');
  }

  private serverHello(direction: Direction, side: Side, handshake: Handshake, ts: Seconds): void {
    this.letter(direction, 's', ts);
    if (handshake.awaitsHello) {
      // The client says hello once more, in the same stream.
      const client = this.sides?.[1 - direction];
      if (client) client.finished = false;
      return;
    }
    side.finished = true;
    // The rest is encrypted for the two alone: what was needed to read the hellos goes now.
    handshake.write();
    this.handshake = undefined;
    this.sides = undefined;
  }

  /** Begins a record, or takes over what a further packet tells of the connection ids. */
  private open(
    direction: Direction,
    bytes: Uint8Array,
    header: { number: number; destinationAt: number; destinationEnd: number; sourceAt: number; sourceEnd: number },
    ts: Seconds,
  ): void {
    const { number, destinationAt, destinationEnd, sourceAt, sourceEnd } = header;
    const record = (this.record ??= { ...this.flow.head(ts), version: versionName(number), history: '' } as QuicRecord);
    const source = hexadecimal(bytes, sourceAt, sourceEnd);
    if (direction === (this.client ?? 0)) {
      if (destinationEnd > destinationAt) record.client_initial_dcid ??= hexadecimal(bytes, destinationAt, destinationEnd);
      record.client_scid = source;
    } else record.server_scid = source;
  }

  private letter(direction: Direction, letter: string, ts: Seconds): void {
    if (!this.record || this.history.length >= historyLettersMax) return;
    this.history += direction === (this.client ?? 0) ? letter.toUpperCase() : letter;
    if (this.history.length === historyLettersMax) this.emit.weird('QUIC_max_history_length_reached', ts);
  }

  private write(): void {
    const { record } = this;
    if (record === undefined) return;
    record.history = this.history;
    this.record = undefined;
    this.history = '';
    if (this.records++ < recordsMax) this.emit.record('quic', record);
  }

  /** After a retry or another version the client begins anew, and so do the keys. */
  private reset(): void {
    if (this.records >= recordsMax) {
      this.sides = undefined;
      return;
    }
    this.connectionId = undefined;
    this.secret = undefined;
    this.sides = [new Side(), new Side()];
  }

  private broken(end: number, ts: Seconds): number {
    this.complain('QUIC_invalid_packet', ts);
    return end;
  }

  private complain(name: string, ts: Seconds): void {
    if (this.complained) return;
    this.complained = true;
    this.emit.weird(name, ts);
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm();
  }
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  if (end - start < 16) return 'no';
  if (googleVersionAt(bytes, start, end) >= 0) return 'yes';
  if (bytes[start]! < 0x40) return isGoogleRefusal(bytes, start, end) ? 'yes' : 'no';
  if (bytes[start]! < 0xc0) return 'no';
  const number = wordAt(bytes, start + 1);
  const version = versionOf(number);
  const destinationBytes = bytes[start + 5]!;
  if (destinationBytes > idBytesMax || start + 7 + destinationBytes > end) return 'no';
  const sourceBytes = bytes[start + 6 + destinationBytes]!;
  let at = start + 7 + destinationBytes + sourceBytes;
  if (sourceBytes > idBytesMax || at > end) return 'no';
  // Of a version that nobody knows only the form can be judged (RFC 8999 §5.1).
  if (version === undefined)
    return number !== 0 && (usualPort || (forcesNegotiation(number) && end - start >= firstDatagramBytesMin)) ? 'yes' : 'no';
  const bits = (bytes[start]! >> 4) & 0x03;
  const type = version.second ? (bits + 3) & 0x03 : bits;
  if (type === RETRY) return at + 16 <= end ? 'yes' : 'no';
  if (type === INITIAL) {
    if (!integer(bytes, at, end)) return 'no';
    at = after + value;
  }
  return integer(bytes, at, end) && value >= 20 && after + value <= end ? 'yes' : 'no';
}

export const quic: Protocol = {
  service: 'quic',
  logs: ['quic', 'ssl'],
  transports: ['udp'],
  ports: [443, 784, 853, 8853],
  probe,
  open: (flow, emit) => new QuicParser(flow, emit),
};
