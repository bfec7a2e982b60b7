/**
 * The Remote Desktop Protocol as far as it is set up in clear, written as Zeek's `rdp.log` writes it: one record for each
 * connection, and an `x509` record for each certificate that the server sends under RDP's own encryption.
 *
 *     client  X.224 connection request: cookie, protocols    server  X.224 connection confirm: protocol, or why not
 *             ─▶ TLS begins here, where the server chose it
 *     client  MCS connect initial: client data               server  MCS connect response: server data
 *             ─▶ what follows is not read
 *
 * Every message stands in a TPKT: 03 00 length(2). (MS-RDPBCGR 1.3.1.1, 2.2.1.)
 */

import type { Seconds } from '@forewarn/base/time';
import type { RdpRecord } from '@forewarn/model/records/remote-access';
import { Portions } from '../portions.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { certificateRecord, fingerprintOf, knownCertificate } from '../ssl/certificates.ts';
import { textOf } from '../text.ts';
import {
  buildName,
  certificateTypeName,
  encryptionLevelName,
  encryptionMethodName,
  failureName,
  highColorDepthName,
  keyboardName,
  resultName,
  securityProtocolName,
} from './names.ts';

/** Messages of the setting up are 0.3 to 3 KB long, with chains of certificates up to 8. */
const messageBytesMax = 16_384;

/** MS-RDPBCGR 2.2.1.3.4 allows 31. */
const channelsMax = 31;

/** MS-RDPELE 2.2.1.4.2 allows 2 to 200; servers send two or three. */
const certificatesMax = 16;

export const limits = [
  {
    name: 'rdp.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes per message',
    why: 'Messages of the setting up have 0.3 to 3 KB, with chains of certificates up to 8; a longer one ends the reading.',
  },
  { name: 'rdp.channelsMax', value: channelsMax, unit: 'channels', why: 'MS-RDPBCGR 2.2.1.3.4 allows 31.' },
  {
    name: 'rdp.certificatesMax',
    value: certificatesMax,
    unit: 'certificates',
    why: 'Servers send two or three; a message has no room for many more.',
  },
] as const;

class Side extends Portions {
  header = true;
}

class RdpParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Side, Side] = [new Side(4), new Side(4)];
  private record: RdpRecord | undefined = undefined;
  private confirmed = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.sides[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, _ts: Seconds): void {
    if (!this.sides[direction].gap(length)) this.done();
  }

  finish(_ts: Seconds): void {
    this.done();
  }

  portion(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const side = this.sides[direction];
    if (side.header) {
      const length = (bytes[start + 2]! << 8) | bytes[start + 3]!;
      if (bytes[start] !== 3 || length < 7 || length > messageBytesMax) {
        this.nonsense('TPKT', ts);
        return;
      }
      side.header = false;
      side.want(length - 4);
      return;
    }
    side.header = true;
    side.want(4);
    // X.224: the length of its header, then the kind of message.
    const kind = bytes[start + 1]! & 0xf0;
    const data = start + 1 + bytes[start]!;
    if (data > end) this.nonsense('X.224', ts);
    else if (direction === 0 && kind === CONNECTION_REQUEST) this.request(bytes, start + 7, data, ts);
    else if (direction === 1 && kind === CONNECTION_CONFIRM) this.confirmation(side, bytes, start + 7, data, ts);
    else if (kind === DATA && bytes[data] === 0x7f) this.connect(direction, bytes, data, end, ts);
  }

  /** X.224 connection request (2.2.1.1): a cookie or a token in a line, and the protocols of the client. */
  private request(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const record = this.at(ts);
    record.cookie = '';
    if (!isAt(bytes, start, end, cookiePrefix)) return;
    let stop = start + cookiePrefix.length;
    while (stop < end && bytes[stop] !== 0x0d) stop++;
    record.cookie = textOf(bytes, start + cookiePrefix.length, stop);
  }

  /** X.224 connection confirm (2.2.1.2): the protocol that the server chose, or why there is none. */
  private confirmation(side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const record = this.at(ts);
    this.confirm();
    if (end - start < 8) return;
    const value = u32(bytes, start + 4);
    if (bytes[start] === NEGOTIATION_FAILURE) record.result = failureName(value);
    else if (bytes[start] === NEGOTIATION_RESPONSE) {
      record.security_protocol = securityProtocolName(value);
      if (value === 0) return;
      record.result = 'encrypted';
      this.done();
      this.emit.giveWay(side.next, 'ssl');
    }
  }

  /** MCS connect initial and connect response: their user data are blocks behind the mark of a conference (T.124). */
  private connect(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const mark = direction === 0 ? clientMark : serverMark;
    let at = start;
    while (at + mark.length < end && !isAt(bytes, at, end, mark)) at++;
    if (at + mark.length >= end) {
      this.nonsense('MCS', ts);
      return;
    }
    const record = this.at(ts);
    this.confirm();
    // The result of the conference stands five bytes before the mark (T.124 ConferenceCreateResponse).
    if (direction === 1) record.result = resultName((bytes[at - 4]! >> 4) & 7);
    at += mark.length;
    at += bytes[at]! & 0x80 ? 2 : 1;
    while (at + 4 <= end) {
      const type = bytes[at]! | (bytes[at + 1]! << 8);
      const length = bytes[at + 2]! | (bytes[at + 3]! << 8);
      if (length < 4 || at + length > end) {
        this.emit.weird('RDP_bad_data_block', ts);
        break;
      }
      if (type === CS_CORE) clientCore(record, bytes, at + 4, at + length);
      else if (type === CS_NET) this.channels(record, bytes, at + 4, at + length, ts);
      else if (type === SC_SECURITY) this.security(record, bytes, at + 4, at + length, ts);
      at += length;
    }
    if (direction === 1) this.done();
  }

  /** 2.2.1.3.4: names of eight bytes, padded with zeros, each with four bytes of options. */
  private channels(record: RdpRecord, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (end - start < 4) return;
    const count = u32(bytes, start);
    if (count > channelsMax) this.emit.weird('RDP_channels_requested_exceeds_max', ts, String(count));
    const names: string[] = [];
    for (let at = start + 4; at + 12 <= end && names.length < Math.min(count, channelsMax); at += 12) {
      let stop = at;
      while (stop < at + 8 && bytes[stop] !== 0) stop++;
      names.push(textOf(bytes, at, stop));
    }
    record.client_channels = names;
  }

  /** 2.2.1.4.3: method and level, a random number that is passed over, and the certificate. */
  private security(record: RdpRecord, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (end - start < 8) return;
    record.encryption_method = encryptionMethodName(u32(bytes, start));
    record.encryption_level = encryptionLevelName(u32(bytes, start + 4));
    if (end - start < 16) return;
    let at = start + 16 + u32(bytes, start + 8);
    const stop = Math.min(end, at + u32(bytes, start + 12));
    if (at + 4 > stop) return;
    const version = u32(bytes, at);
    const type = version & 0x7fffffff;
    record.cert_type = certificateTypeName(type);
    record.cert_permanent = version < 0x80000000;
    if (type === 1) record.cert_count = 1;
    if (type !== 2 || at + 8 > stop) return;
    const count = Math.min(u32(bytes, at + 4), certificatesMax);
    at += 8;
    for (let i = 0; i < count && at + 4 <= stop; i++) {
      const length = u32(bytes, at);
      at += 4;
      if (at + length > stop) {
        this.emit.weird('RDP_bad_data_block', ts);
        return;
      }
      record.cert_count++;
      // The chain begins with its authority and ends with the server (MS-RDPELE 2.2.1.4.2.1).
      this.certificate(bytes, at, at + length, i === count - 1, ts);
      at += length;
    }
  }

  private certificate(bytes: Uint8Array, start: number, end: number, host: boolean, ts: Seconds): void {
    const fingerprint = fingerprintOf(bytes, start, end);
    const certificate = knownCertificate(fingerprint, bytes, start, end);
    if (certificate) this.emit.record('x509', certificateRecord(certificate, fingerprint, { host, client: false }, ts));
    else this.emit.weird('SSL_unreadable_certificate', ts, fingerprint);
  }

  private at(ts: Seconds): RdpRecord {
    if (this.record) return this.record;
    this.record = this.flow.head(ts) as RdpRecord;
    this.record.cert_count = 0;
    return this.record;
  }

  private done(): void {
    this.sides[0].stop();
    this.sides[1].stop();
    const { record } = this;
    this.record = undefined;
    if (record) this.emit.record('rdp', record);
  }

  private nonsense(where: string, ts: Seconds): void {
    this.emit.weird('RDP_bad_message', ts, where);
    this.done();
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm();
  }
}

const CONNECTION_REQUEST = 0xe0;
const CONNECTION_CONFIRM = 0xd0;
const DATA = 0xf0;
const NEGOTIATION_RESPONSE = 2;
const NEGOTIATION_FAILURE = 3;
const CS_CORE = 0xc001;
const CS_NET = 0xc003;
const SC_SECURITY = 0x0c02;

const cookiePrefix = Uint8Array.from(Buffer.from('Cookie: mstshash=', 'latin1'));
const clientMark = Uint8Array.from(Buffer.from('Duca', 'latin1'));
const serverMark = Uint8Array.from(Buffer.from('McDn', 'latin1'));

function isAt(bytes: Uint8Array, at: number, end: number, word: Uint8Array): boolean {
  if (end - at < word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

/** 2.2.1.3.2; fields beyond the keyboard were added over time, and a client may end its block after any of them. */
function clientCore(record: RdpRecord, bytes: Uint8Array, start: number, end: number): void {
  const length = end - start;
  if (length < 48) return;
  record.desktop_width = u16(bytes, start + 4);
  record.desktop_height = u16(bytes, start + 6);
  record.keyboard_layout = keyboardName(u32(bytes, start + 12));
  record.client_build = buildName(u32(bytes, start + 16));
  record.client_name = wide(bytes, start + 20, start + 52, end);
  if (length < 138) return;
  const wantsTrueColor = length >= 142 && (u16(bytes, start + 140) & 0x0002) !== 0;
  record.requested_color_depth = wantsTrueColor ? '32bit' : highColorDepthName(u16(bytes, start + 136));
  record.client_dig_product_id = length >= 206 ? wide(bytes, start + 142, start + 206, end) : '';
}

/** UTF-16 up to a zero. */
function wide(bytes: Uint8Array, start: number, stop: number, end: number): string {
  let text = '';
  for (let at = start; at + 1 < Math.min(stop, end); at += 2) {
    const unit = u16(bytes, at);
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  return text.toWellFormed();
}

const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);
const u32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

/** TPKT and an X.224 connection request that holds a cookie or asks for protocols; other users of X.224 have other parameters. */
function probe(bytes: Uint8Array, start: number, end: number, direction: Direction, usualPort: boolean): Probe {
  if (direction === 1 || bytes[start] !== 3) return 'no';
  const have = end - start;
  if (have > 1 && bytes[start + 1] !== 0) return 'no';
  if (have < 11) return 'more';
  const length = (bytes[start + 2]! << 8) | bytes[start + 3]!;
  if (
    bytes[start + 5] !== CONNECTION_REQUEST ||
    bytes[start + 6] !== 0 ||
    bytes[start + 7] !== 0 ||
    bytes[start + 4] !== length - 5
  )
    return 'no';
  if (length === 11) return usualPort ? 'yes' : 'no';
  const at = start + 11;
  if (have < 13) return 'more';
  if (bytes[at] === 1) {
    // The negotiation request: its length is 8.
    if (have < 15) return 'more';
    return bytes[at + 2] === 8 && bytes[at + 3] === 0 ? 'yes' : 'no';
  }
  const known = bytes[at] === 0x43 ? cookieStart : bytes[at] === 0x74 ? routingStart : undefined;
  if (!known) return 'no';
  for (let i = 0; i < known.length; i++) {
    if (at + i === end) return 'more';
    if (bytes[at + i] !== known[i]) return 'no';
  }
  return 'yes';
}

const cookieStart = cookiePrefix.subarray(0, 8);
const routingStart = Uint8Array.from(Buffer.from('tsv://', 'latin1'));

export const rdp: Protocol = {
  service: 'rdp',
  logs: ['rdp', 'x509'],
  transports: ['tcp'],
  ports: [3389],
  probe,
  open: (flow, emit) => new RdpParser(flow, emit),
};
