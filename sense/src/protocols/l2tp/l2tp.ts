/**
 * The control channel of L2TP over UDP, versions 2 and 3: one `l2tp` record a message. Zeek has no log of it. What the tunnel
 * carries is followed by `sense/src/tunnel/l2tp.ts`, and never comes here.
 *
 *     flags and version 2 │ length 2 │ tunnel 2 │ session 2 │ Ns 2 │ Nr 2 │ attributes       version 2, RFC 2661 §3.1
 *     flags and version 2 │ length 2 │ control connection 4 │ Ns 2 │ Nr 2 │ attributes       version 3, RFC 3931 §3.2.1
 *
 *     M, H, length (10 bits) │ vendor 2 │ type 2 │ value                                     RFC 2661 §4.1
 */

import type { Seconds } from '@forewarn/base/time';
import type { L2tpRecord } from '@forewarn/model/records/l2tp';
import { formatAddress } from '@forewarn/base/ip';
import { printable, word16, word32 } from '../digits.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { messages, pseudowireName, resultName } from './codes.ts';

const attributesMax = 64;
const nameBytesMax = 64;

/** The ceilings of this parser, for the reference. A datagram bounds everything else. */
export const limits = [
  {
    name: 'l2tp.attributesMax',
    value: attributesMax,
    unit: 'attributes a message',
    why: 'Some seventy attributes are assigned, a message has at most some twenty; what is behind the last is not read.',
  },
  {
    name: 'l2tp.nameBytesMax',
    value: nameBytesMax,
    unit: 'bytes',
    why: 'Names of hosts and vendors as PPTP and DNS have them at most; what is longer is cut.',
  },
] as const;

const headBytes = 12;
const attributeHeadBytes = 6;

/** Attributes of no vendor (RFC 2661 §4.4, RFC 3931 §5.4). */
const MESSAGE = 0;
const RESULT = 1;
const PROTOCOL = 2;
const FIRMWARE = 6;
const HOST = 7;
const VENDOR = 8;
const TUNNEL = 9;
const CHALLENGE = 11;
const CAUSE = 12;
const SESSION = 14;
const ROUTER = 60;
const CONNECTION = 61;
const LOCAL_SESSION = 63;
const PSEUDOWIRE = 68;
const NONCE = 73;

/** Whether a head of a control message stands here: its bits, both numbers, version 2 or 3, its own length; 0 where not. */
function versionOf(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < headBytes || bytes[start] !== 0xc8) return 0;
  const version = bytes[start + 1]!;
  return version === 2 || version === 3 ? version : 0;
}

class L2tpParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    // Data of version 3, whose cookie only the two ends know.
    if (end - start >= 8 && (bytes[start]! & 0x80) === 0 && (bytes[start + 1]! & 15) === 3) return;
    const version = versionOf(bytes, start, end);
    const length = version === 0 ? 0 : word16(bytes, start + 2);
    if (length < headBytes) {
      this.malformed(ts);
      return;
    }
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    let whole = length === end - start;
    const stop = Math.min(end, start + length);
    // A message without attributes only acknowledges.
    if (stop - start === headBytes) return;
    const record = this.flow.head(ts) as L2tpRecord;
    record.is_orig = direction === 0;
    record.version = version;
    if (version === 2) {
      record.tunnel_id = word16(bytes, start + 4);
      record.session_id = word16(bytes, start + 6);
    } else record.tunnel_id = word32(bytes, start + 4);
    record.ns = word16(bytes, start + 8);
    record.nr = word16(bytes, start + 10);
    record.message_type = '';
    whole = attributes(record, bytes, start + headBytes, stop) && whole;
    if (record.message_type !== '' && record.message_type !== 'ACK') this.emit.record('l2tp', record);
    if (!whole || record.message_type === '') this.malformed(ts);
  }

  gap(): void {}

  finish(): void {}

  private malformed(ts: Seconds): void {
    if (!this.told) this.emit.weird('l2tp_bad_message', ts);
    this.told = true;
  }
}

/** Reads attributes; false where one does not fit. Values that are hidden stay so (RFC 2661 §4.3), and secrets are passed over. */
function attributes(record: L2tpRecord, bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  for (let i = 0; at < end; i++) {
    const length = at + attributeHeadBytes <= end ? word16(bytes, at) & 0x3ff : 0;
    if (length < attributeHeadBytes || at + length > end || i >= attributesMax) return false;
    const type = word16(bytes, at + 4);
    const isHidden = (bytes[at]! & 0x40) !== 0;
    const isOthers = word16(bytes, at + 2) !== 0;
    if (isHidden) record.hidden = (record.hidden ?? 0) + 1;
    else if (!isOthers) attribute(record, type, bytes, at + attributeHeadBytes, at + length);
    // The type of the message stands first.
    if (i === 0 && record.message_type === '') return false;
    at += length;
  }
  return true;
}

function attribute(record: L2tpRecord, type: number, bytes: Uint8Array, from: number, to: number): void {
  const length = to - from;
  switch (type) {
    case HOST:
      record.host_name = printable(bytes, from, Math.min(to, from + nameBytesMax));
      return;
    case VENDOR:
      record.vendor_name = printable(bytes, from, Math.min(to, from + nameBytesMax));
      return;
    case CHALLENGE:
    case NONCE:
      record.challenge = true;
      return;
  }
  if (length < 2) return;
  const value = word16(bytes, from);
  switch (type) {
    case MESSAGE:
      if (record.message_type === '') record.message_type = messages[value] ?? String(value);
      return;
    case RESULT:
      record.result_code = value;
      record.result = resultName(record.message_type, value) ?? String(value);
      if (length >= 4) record.error_code = word16(bytes, from + 2);
      return;
    case PROTOCOL:
      record.protocol_version = `${bytes[from]}.${bytes[from + 1]}`;
      return;
    case FIRMWARE:
      record.firmware = value;
      return;
    case TUNNEL:
      record.assigned_tunnel_id = value;
      return;
    case SESSION:
      record.assigned_session_id = value;
      return;
    case CAUSE:
      record.cause_code = value;
      return;
    case PSEUDOWIRE:
      record.pseudowire_type = pseudowireName(value);
      return;
  }
  if (length !== 4) return;
  if (type === CONNECTION) record.assigned_tunnel_id = word32(bytes, from);
  else if (type === LOCAL_SESSION) record.assigned_session_id = word32(bytes, from);
  else if (type === ROUTER) record.router_id = formatAddress(bytes, from, 4);
}

/** Bits, version, own length, and the type of the message in the first attribute; on its port without the last. */
function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  if (versionOf(bytes, start, end) === 0) return 'no';
  const length = word16(bytes, start + 2);
  if (usualPort) return length >= headBytes && length <= end - start ? 'yes' : 'no';
  if (length !== end - start || length < headBytes + 8) return 'no';
  const at = start + headBytes;
  const isType = word16(bytes, at) === 0x8008 && word32(bytes, at + 2) === 0;
  return isType && messages[word16(bytes, at + 6)] !== undefined ? 'yes' : 'no';
}

export const l2tp: Protocol = {
  service: 'l2tp',
  logs: ['l2tp'],
  transports: ['udp'],
  ports: [1701],
  probe,
  open: (flow, emit) => new L2tpParser(flow, emit),
};
