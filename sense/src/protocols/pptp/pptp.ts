/**
 * The control channel of PPTP: one `pptp` record a message. Zeek has no log of it. The tunnel itself is GRE, which
 * `sense/src/tunnel/gre.ts` follows.
 *
 *     length 2 │ 1: control 2 │ 0x1a2b3c4d 4 │ type 2 │ 0 2 │ fields of fixed places              RFC 2637 §2
 */

import type { Seconds } from '@forewarn/base/time';
import type { PptpRecord } from '@forewarn/model/records/l2tp';
import { printable, word16, word32 } from '../digits.ts';
import { Portions } from '../portions.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';

const magic = 0x1a2b3c4d;
const headBytes = 12;
const nameBytes = 64;

/** Types of messages, by their numbers, and the length of each. */
export const types: readonly (readonly [name: string, bytes: number])[] = [
  ['', 0],
  ['Start-Control-Connection-Request', 156],
  ['Start-Control-Connection-Reply', 156],
  ['Stop-Control-Connection-Request', 16],
  ['Stop-Control-Connection-Reply', 16],
  ['Echo-Request', 16],
  ['Echo-Reply', 20],
  ['Outgoing-Call-Request', 168],
  ['Outgoing-Call-Reply', 32],
  ['Incoming-Call-Request', 220],
  ['Incoming-Call-Reply', 24],
  ['Incoming-Call-Connected', 28],
  ['Call-Clear-Request', 16],
  ['Call-Disconnect-Notify', 148],
  ['WAN-Error-Notify', 40],
  ['Set-Link-Info', 24],
];
const START_REQUEST = 1;
const START_REPLY = 2;
const STOP_REQUEST = 3;
const ECHO_REQUEST = 5;
const ECHO_REPLY = 6;
const OUTGOING_REPLY = 8;
const INCOMING_REPLY = 10;
const CONNECTED = 11;
const DISCONNECT = 13;
const LINK_INFO = 15;

const messageBytesMax = 220;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'pptp.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes',
    why: 'RFC 2637 §2.9: the longest of its messages, each of which has one length; what states another is none.',
  },
] as const;

class PptpParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private sides: [Side | undefined, Side | undefined] = [undefined, undefined];
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    (this.sides[direction] ??= new Side()).feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number): void {
    const side = (this.sides[direction] ??= new Side());
    if (!side.gap(length)) side.stop();
  }

  finish(): void {}

  portion(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const side = this.sides[direction]!;
    if (side.type === 0) {
      const type = typeOf(bytes, start);
      if (type === 0) {
        if (!this.told) this.emit.weird('pptp_bad_message', ts);
        this.told = true;
        side.stop();
        return;
      }
      if (!this.confirmed) {
        this.confirmed = true;
        this.emit.confirm();
      }
      side.type = type;
      side.want(types[type]![1] - headBytes);
      return;
    }
    const { type } = side;
    side.type = 0;
    side.want(headBytes);
    // They only say that the other end is still there.
    if (type === ECHO_REQUEST || type === ECHO_REPLY) return;
    const record = this.flow.head(ts) as PptpRecord;
    record.is_orig = direction === 0;
    record.message_type = types[type]![0];
    fields(record, type, bytes, start);
    this.emit.record('pptp', record);
  }
}

class Side extends Portions {
  /** The type of the message whose rest is waited for. */
  type = 0;

  constructor() {
    super(headBytes);
  }
}

/** The type of the message whose head stands at `at`; 0 where it is none. */
function typeOf(bytes: Uint8Array, at: number): number {
  if (word16(bytes, at + 2) !== 1 || word32(bytes, at + 4) !== magic) return 0;
  const type = word16(bytes, at + 8);
  return types[type]?.[1] === word16(bytes, at) ? type : 0;
}

/** What stands behind the head (RFC 2637 §2.1 to §2.15); numbers that were dialled are passed over. */
function fields(record: PptpRecord, type: number, bytes: Uint8Array, at: number): void {
  if (type === START_REQUEST || type === START_REPLY) {
    record.version = `${bytes[at]}.${bytes[at + 1]}`;
    if (type === START_REPLY) result(record, bytes, at + 2);
    record.firmware = word16(bytes, at + 14);
    const host = name(bytes, at + 16);
    if (host !== '') record.host_name = host;
    const vendor = name(bytes, at + 16 + nameBytes);
    if (vendor !== '') record.vendor_name = vendor;
  } else if (type <= STOP_REQUEST + 1) {
    // The reason of a request stands where a reply has its result.
    record.result_code = bytes[at]!;
    if (type !== STOP_REQUEST) record.error_code = bytes[at + 1]!;
  } else if (type === CONNECTED || type === LINK_INFO) record.peer_call_id = word16(bytes, at);
  else {
    record.call_id = word16(bytes, at);
    if (type === OUTGOING_REPLY || type === INCOMING_REPLY) {
      record.peer_call_id = word16(bytes, at + 2);
      result(record, bytes, at + 4);
      if (type === OUTGOING_REPLY) record.cause_code = word16(bytes, at + 6);
    } else if (type === DISCONNECT) {
      result(record, bytes, at + 2);
      record.cause_code = word16(bytes, at + 4);
    }
  }
}

function result(record: PptpRecord, bytes: Uint8Array, at: number): void {
  record.result_code = bytes[at]!;
  record.error_code = bytes[at + 1]!;
}

/** A name in a place of 64 bytes, with zeros behind it. */
function name(bytes: Uint8Array, at: number): string {
  let end = at;
  while (end < at + nameBytes && bytes[end] !== 0) end++;
  return printable(bytes, at, end);
}

function probe(bytes: Uint8Array, start: number, end: number): Probe {
  if (bytes[start] !== 0) return 'no';
  for (let i = 0; i < magicPlace.length && start + 2 + i < end; i++) if (bytes[start + 2 + i] !== magicPlace[i]) return 'no';
  if (end - start < headBytes) return 'more';
  return typeOf(bytes, start) === 0 ? 'no' : 'yes';
}

/** What stands behind the length in every message. */
const magicPlace = [0, 1, 0x1a, 0x2b, 0x3c, 0x4d];

export const pptp: Protocol = {
  service: 'pptp',
  logs: ['pptp'],
  transports: ['tcp'],
  ports: [1723],
  probe,
  open: (flow, emit) => new PptpParser(flow, emit),
};
