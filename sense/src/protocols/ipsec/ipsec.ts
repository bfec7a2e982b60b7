/**
 * IKE and ISAKMP, the key exchange of IPsec, versions 1 and 2, written as corelight's package zeek-spicy-ipsec writes its
 * `ipsec` log: one record a message. Over port 4500, and over TCP, ESP passes beside it and is only named.
 *
 *     UDP 500    IKE                                                                  RFC 2408, 2409; RFC 7296
 *     UDP 4500   four zeros, IKE │ ESP (its SPI is never zero) │ one byte 0xff        RFC 3948
 *     TCP        "IKETCP", then length 2, four zeros and IKE │ length 2, ESP          RFC 9329
 *
 *     IKE        initiator SPI 8, responder SPI 8, next payload 1, version 1, exchange 1, flags 1, message id 4, length 4
 */

import type { Seconds } from '@forewarn/base/time';
import type { IpsecRecord } from '@forewarn/model/records/ipsec';
import { word16, word32 } from '../digits.ts';
import { Portions } from '../portions.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { exchanges } from './codes.ts';
import { payloadsMax, readPayloads, transformsMax } from './payloads.ts';
import { vendorBytesMax } from './vendors.ts';

/** The ceilings of this parser, for the reference. A datagram bounds everything else. */
export const limits = [
  {
    name: 'ipsec.payloadsMax',
    value: payloadsMax,
    unit: 'payloads a message',
    why: 'Real messages have up to twenty, most of them vendor ids; what is behind the last is not read.',
  },
  {
    name: 'ipsec.transformsMax',
    value: transformsMax,
    unit: 'proposals and transforms a message',
    why: 'Clients that offer all they know have some hundred; scanners have sent 255 in one proposal, its most.',
  },
  {
    name: 'ipsec.vendorBytesMax',
    value: vendorBytesMax,
    unit: 'bytes',
    why: 'The longest known vendor ids have 40 bytes or are a sentence of some 60; what is longer is cut.',
  },
] as const;

const headBytes = 28;
const markerBytes = 4;

const isMarked = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 0;

/** A header of IKE stands here: version 1 or 2, an exchange there is, a first SPI; as proof, no flag that there is not. */
function isIke(bytes: Uint8Array, at: number, end: number, proof: boolean): boolean {
  if (at + headBytes > end) return false;
  const version = bytes[at + 17]! >> 4;
  if (version !== 1 && version !== 2) return false;
  const exchange = bytes[at + 18]!;
  if (exchanges[exchange] === undefined || exchange >= 34 !== (version === 2)) return false;
  // Encryption, commit and authentication in version 1; initiator, version and response in version 2. Who receives others passes over them.
  if (proof && (bytes[at + 19]! & (version === 1 ? 0xf8 : 0xc7)) !== 0) return false;
  return !isMarked(bytes, at) || !isMarked(bytes, at + 4);
}

class IpsecParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private sides: [Side | undefined, Side | undefined] = [undefined, undefined];
  private confirmed = false;
  private carries = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.flow.transport === 'tcp') {
      (this.sides[direction] ??= new Side(direction)).feed(this, direction, bytes, start, end, ts);
    } else this.message(direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number): void {
    const side = (this.sides[direction] ??= new Side(direction));
    if (!side.gap(length)) side.stop();
  }

  finish(): void {}

  /** Of a stream: its beginning, a length, or what has that length. */
  portion(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const side = this.sides[direction]!;
    if (side.reading === 'prefix') side.ask('length', 2);
    else if (side.reading === 'length') {
      // The length counts itself.
      const length = word16(bytes, start) - 2;
      if (length <= 0) {
        this.malformed(ts);
        side.stop();
      } else side.ask('message', length);
    } else {
      side.ask('length', 2);
      this.message(direction, bytes, start, end, ts);
    }
  }

  private message(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const length = end - start;
    // A NAT's entry is kept alive (RFC 3948 §2.3).
    if (length === 1 && bytes[start] === 0xff) return;
    if (length >= markerBytes + headBytes && isMarked(bytes, start)) {
      this.ike(direction, bytes, start + markerBytes, end, ts);
    } else if (isIke(bytes, start, end, false) && (word32(bytes, start + 24) === length || this.flow.responderPort === 500)) {
      this.ike(direction, bytes, start, end, ts);
    } else if (length >= 8 && !isMarked(bytes, start) && this.flow.responderPort !== 500) this.esp();
    else this.malformed(ts);
  }

  /** Encrypted payload: nothing in it is looked at. */
  private esp(): void {
    if (this.carries) return;
    this.carries = true;
    this.emit.confirm('esp');
  }

  private ike(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (!isIke(bytes, start, end, false)) {
      this.malformed(ts);
      return;
    }
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    const record = this.flow.head(ts) as IpsecRecord;
    record.is_orig = direction === 0;
    record.initiator_spi = Buffer.prototype.hexSlice.call(bytes, start, start + 8);
    record.responder_spi = Buffer.prototype.hexSlice.call(bytes, start + 8, start + 16);
    record.maj_ver = bytes[start + 17]! >> 4;
    record.min_ver = bytes[start + 17]! & 15;
    record.exchange_type = bytes[start + 18]!;
    record.exchange = exchanges[record.exchange_type]!;
    const flags = bytes[start + 19]!;
    record.flag_e = (flags & 1) !== 0;
    record.flag_c = (flags & 2) !== 0;
    record.flag_a = (flags & 4) !== 0;
    record.flag_i = (flags & 8) !== 0;
    record.flag_v = (flags & 16) !== 0;
    record.flag_r = (flags & 32) !== 0;
    record.message_id = word32(bytes, start + 20);
    record.length = word32(bytes, start + 24);
    const stop = Math.min(end, start + record.length);
    let whole = record.length === end - start;
    // In version 1 a flag says that all behind the header is encrypted.
    if (!(record.maj_ver === 1 && record.flag_e) && stop >= start + headBytes) {
      whole = readPayloads(record, bytes[start + 16]!, bytes, start + headBytes, stop) && whole;
    }
    this.emit.record('ipsec', record);
    if (!whole) this.malformed(ts);
  }

  private malformed(ts: Seconds): void {
    if (!this.told) this.emit.weird('ipsec_bad_message', ts);
    this.told = true;
  }
}

/** One direction of a stream. Only who connected says that it is IKE. */
class Side extends Portions {
  reading: 'prefix' | 'length' | 'message';

  constructor(direction: Direction) {
    super(direction === 0 ? prefix.length : 2);
    this.reading = direction === 0 ? 'prefix' : 'length';
  }

  ask(reading: 'length' | 'message', bytes: number): void {
    this.reading = reading;
    this.want(bytes);
  }
}

const prefix = Uint8Array.from('IKETCP', (letter) => letter.charCodeAt(0));

/** An IKE message that fills its datagram proves itself; on its port it may lie about its length. */
function probeIke(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const length = end - start;
  if (length < headBytes) return 'no';
  const at = length >= markerBytes + headBytes && isMarked(bytes, start) ? start + markerBytes : start;
  if (!isIke(bytes, at, end, !usualPort)) return 'no';
  return usualPort || word32(bytes, at + 24) === end - at ? 'yes' : 'no';
}

/**
 * Beside IKE, ESP: whole words, an SPI beyond the reserved ones (RFC 4303 §2.1), a number that a new tunnel has. WireGuard,
 * which some put on this port, begins with a small number and three zeros, lower byte first.
 */
function probeTraversal(bytes: Uint8Array, start: number, end: number, direction: Direction, usualPort: boolean): Probe {
  if (!usualPort) return 'no';
  const length = end - start;
  if (length === 1) return bytes[start] === 0xff ? 'yes' : 'no';
  if (probeIke(bytes, start, end, direction, true) === 'yes') return 'yes';
  if (length < 28 || (length & 3) !== 0) return 'no';
  const spi = word32(bytes, start);
  const sequence = word32(bytes, start + 4);
  return spi > 255 && (spi & 0xffffff) !== 0 && sequence > 0 && sequence < 0x1000_0000 ? 'yes' : 'no';
}

function probeStream(bytes: Uint8Array, start: number, end: number, direction: Direction): Probe {
  if (direction !== 0) return 'no';
  const length = Math.min(prefix.length, end - start);
  for (let i = 0; i < length; i++) if (bytes[start + i] !== prefix[i]) return 'no';
  return length < prefix.length ? 'more' : 'yes';
}

const open = (flow: FlowView, emit: Emit): ProtocolParser => new IpsecParser(flow, emit);

export const ipsec: Protocol = { service: 'ipsec', logs: ['ipsec'], transports: ['udp'], ports: [500], probe: probeIke, open };

/** Behind address translation (RFC 3948). */
export const ipsecTraversal: Protocol = { ...ipsec, ports: [4500], probe: probeTraversal };

/** Where UDP does not pass (RFC 9329). */
export const ipsecOverTcp: Protocol = { ...ipsec, transports: ['tcp'], ports: [4500], probe: probeStream };
