/**
 * PFCP (3GPP TS 29.244), one record a message: how the control plane of a mobile core steers its user plane.
 *
 *      0        1      2        4                       12         15
 *     ┌────────┬──────┬────────┬───────────────────────┬──────────┬───────┐
 *     │ 1 … S  │ type │ length │ SEID, where S is set  │ sequence │ spare │  elements: type, length, value …
 *     └────────┴──────┴────────┴───────────────────────┴──────────┴───────┘
 *
 * What subscribers do – packet rules, usage reports, addresses of their devices – is passed over.
 */

import type { Seconds } from '@forewarn/base/time';
import type { PfcpRecord } from '@forewarn/model/records/telecom';
import { addressOf, labels, printable, tbcd, word16, word32 } from '../digits.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { causes, messages } from './codes.ts';

const messagesMax = 16;
const depthMax = 4;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'pfcp.messagesMax',
    value: messagesMax,
    unit: 'messages of one datagram',
    why: 'Messages may be bundled (TS 29.244 §6.5); a datagram of 1,500 bytes holds about as many small ones.',
  },
  {
    name: 'pfcp.depthMax',
    value: depthMax,
    unit: 'levels of grouped elements',
    why: 'The network instance stands two deep (packet rule, its detection); deeper ones are passed over.',
  },
] as const;

// Elements (TS 29.244 table 8.1.2-1).
const CAUSE = 19;
const NETWORK_INSTANCE = 22;
const OFFENDING = 40;
const F_SEID = 57;
const NODE_ID = 60;
const RECOVERY = 96;
const USER_ID = 141;
const APN_DNN = 159;
/** Create and update of packet, forwarding, reporting and QoS rules, and their removal. */
const rules: ReadonlySet<number> = new Set([1, 3, 6, 7, 9, 10, 13, 14, 15, 16, 17, 18, 85, 86, 87]);
/** Groups that hold a network instance: create and update of packet rules and of what they detect. */
const groups: ReadonlySet<number> = new Set([1, 2, 9]);

/** Seconds from 1900, NTP's epoch, to 1970. */
const ntpEpoch = 2_208_988_800;

class PfcpParser implements ProtocolParser {
  readonly #flow: FlowView;
  readonly #emit: Emit;
  #confirmed = false;
  #told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.#flow = flow;
    this.#emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let at = start;
    for (let n = 0; n < messagesMax && at < end; n++) {
      const stop = messageEnd(bytes, at, end);
      if (stop < 0) {
        this.#odd('pfcp_malformed_message', ts);
        return;
      }
      this.#message(direction, bytes, at, stop, ts);
      // A bit says that another message follows.
      if (!(bytes[at]! & 4)) return;
      at = stop;
    }
  }

  gap(): void {}
  finish(): void {}

  #odd(name: string, ts: Seconds, addl?: string): void {
    if (!this.#told) this.#emit.weird(name, ts, addl);
    this.#told = true;
  }

  #message(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const record = this.#flow.head(ts) as PfcpRecord;
    const type = bytes[start + 1]!;
    record.is_orig = direction === 0;
    record.message_type = type;
    record.message = messages[type] ?? `unknown-${type}`;
    let at = start + 8;
    if (bytes[start]! & 1) {
      record.seid = seidOf(bytes, start + 4);
      at += 8;
    }
    record.sequence = (bytes[at - 4]! << 16) | word16(bytes, at - 3);
    if (!elements(record, bytes, at, end, 0)) this.#odd('pfcp_malformed_element', ts, record.message);
    if (record.cause !== undefined) record.cause_name = causes[record.cause] ?? `unknown-${record.cause}`;
    if (!this.#confirmed) {
      this.#confirmed = true;
      this.#emit.confirm();
    }
    this.#emit.record('pfcp', record);
  }
}

const seidOf = (bytes: Uint8Array, at: number): string => Buffer.prototype.hexSlice.call(bytes, at, at + 8);

/** Reads elements; false where one does not fit. */
function elements(record: PfcpRecord, bytes: Uint8Array, start: number, end: number, depth: number): boolean {
  for (let at = start; at < end;) {
    if (at + 4 > end) return false;
    const type = word16(bytes, at);
    const from = at + 4;
    const to = from + word16(bytes, at + 2);
    if (to > end) return false;
    at = to;
    if (depth === 0 && rules.has(type)) record.rules = (record.rules ?? 0) + 1;
    if (groups.has(type)) {
      if (depth < depthMax && !elements(record, bytes, from, to, depth + 1)) return false;
    } else if (to > from) element(record, type, bytes, from, to, depth);
  }
  return true;
}

function element(record: PfcpRecord, type: number, bytes: Uint8Array, from: number, to: number, depth: number): void {
  switch (type) {
    case CAUSE:
      if (depth === 0) record.cause ??= bytes[from]!;
      break;
    case NETWORK_INSTANCE:
    case APN_DNN:
      // The network instance is often the name of the data network, with or without lengths of its labels.
      record.dnn ??= labels(bytes, from, to);
      break;
    case OFFENDING:
      if (to - from >= 2) record.offending_ie ??= word16(bytes, from);
      break;
    case F_SEID:
      if (record.peer_seid === undefined && to - from >= 9) {
        record.peer_seid = seidOf(bytes, from + 1);
        const four = bytes[from]! & 2 ? addressOf(bytes, from + 9, 4, to) : undefined;
        const six = bytes[from]! & 1 ? addressOf(bytes, from + (four === undefined ? 9 : 13), 16, to) : undefined;
        const hosts = [four, six].filter((host) => host !== undefined);
        if (hosts.length > 0) record.peer_address = hosts;
      }
      break;
    case NODE_ID: {
      const kind = bytes[from]! & 15;
      const node = kind === 2 ? labels(bytes, from + 1, to) : addressOf(bytes, from + 1, kind === 0 ? 4 : 16, to);
      if (node !== undefined && node !== '') record.node_id ??= node;
      break;
    }
    case RECOVERY:
      if (to - from >= 4) record.recovery ??= word32(bytes, from) - ntpEpoch;
      break;
    case USER_ID:
      user(record, bytes, from, to);
      break;
  }
}

/** User ID (TS 29.244 §8.2.101): flags, then each value with its length. */
function user(record: PfcpRecord, bytes: Uint8Array, from: number, to: number): void {
  let at = from + 1;
  for (const [bit, column] of [
    [1, 'imsi'],
    [2, 'imei'],
    [4, 'msisdn'],
    [8, 'nai'],
  ] as const) {
    if (!(bytes[from]! & bit)) continue;
    const stop = at < to ? at + 1 + bytes[at]! : to + 1;
    if (stop > to) return;
    record[column] ??= column === 'nai' ? printable(bytes, at + 1, stop) : tbcd(bytes, at + 1, stop);
    at = stop;
  }
}

/** Where the message ends by its own length; -1 where it is none. */
function messageEnd(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 8 || bytes[start]! >> 5 !== 1) return -1;
  const stop = start + 4 + word16(bytes, start + 2);
  return stop > end || stop < start + (bytes[start]! & 1 ? 16 : 8) ? -1 : stop;
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  if (bytes[start]! >> 5 !== 1 || bytes[start]! & 0x18) return 'no';
  const stop = messageEnd(bytes, start, end);
  if (stop < 0 || messages[bytes[start + 1]!] === undefined) return 'no';
  if (usualPort) return 'yes';
  // Messages of sessions name one, others none; the length is that of the datagram.
  return stop === end && bytes[start + 1]! >= 50 === ((bytes[start]! & 1) === 1) && end - start > 12 ? 'yes' : 'no';
}

export const pfcp: Protocol = {
  service: 'pfcp',
  logs: ['pfcp'],
  transports: ['udp'],
  ports: [8805],
  probe,
  open: (flow, emit) => new PfcpParser(flow, emit),
};
