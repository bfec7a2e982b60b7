/**
 * RADIUS, written as Zeek's `radius.log` writes it: one record an authentication.
 *
 *      0      1            2        4               20
 *     ┌──────┬────────────┬────────┬───────────────┬─────────────────────────────────────┐
 *     │ code │ identifier │ length │ authenticator │ attributes: type, length, value …   │   RFC 2865 §3
 *     └──────┴────────────┴────────┴───────────────┴─────────────────────────────────────┘
 *
 *     request ──▶ pending (by identifier) ──▶ accept, reject ──▶ record
 *        ▲                └── challenge ──▶ challenged (by State) ──┐
 *        └──────────────────── request with that State ◀───────────┘
 *
 * Passwords, challenges and EAP messages are passed over.
 */

import { formatAddress } from '@forewarn/base/ip';
import type { Seconds } from '@forewarn/base/time';
import type { RadiusRecord } from '@forewarn/model/records/radius';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { textOf } from '../text.ts';

const headerBytes = 20;
const messageBytesMax = 4_096;
const pendingMax = 256;
const challengedMax = 256;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'radius.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes',
    why: 'RFC 2865 §3; what states a greater length is no RADIUS.',
  },
  {
    name: 'radius.pendingMax',
    value: pendingMax,
    unit: 'unanswered requests per flow',
    why: 'An identifier has one byte (RFC 2865 §3).',
  },
  {
    name: 'radius.challengedMax',
    value: challengedMax,
    unit: 'challenged authentications per flow',
    why: 'As many as requests; each goes on within seconds. The oldest is written first.',
  },
] as const;

// Codes: RFC 2865 §4, RFC 2866, RFC 5176.
const ACCESS_REQUEST = 1;
const ACCESS_ACCEPT = 2;
const ACCESS_REJECT = 3;
const ACCESS_CHALLENGE = 11;
const codes: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 11, 12, 13, 40, 41, 42, 43, 44, 45]);

// Attributes: RFC 2865 §5, RFC 2868 §3.3, RFC 2869 §5.11.
const USER_NAME = 1;
const FRAMED_ADDRESS = 8;
const REPLY_MESSAGE = 18;
const STATE = 24;
const CALLING_STATION = 31;
const TUNNEL_CLIENT = 66;
const CONNECT_INFO = 77;

class RadiusParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly pending = new Map<number, RadiusRecord>();
  private challenged: Map<string, RadiusRecord> | undefined = undefined;
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(_direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const stated = statedEnd(bytes, start, end);
    const stop = stated < 0 ? start : attributesEnd(bytes, start + headerBytes, stated);
    if (stop !== stated) {
      if (!this.told) this.emit.weird('RADIUS_malformed_message', ts);
      this.told = true;
      if (stated < 0) return;
      // What stands before the first impossible attribute is read.
    }
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    const code = bytes[start]!;
    const id = bytes[start + 1]!;
    if (code === ACCESS_REQUEST) this.request(id, bytes, start + headerBytes, stop, ts);
    else if (code === ACCESS_ACCEPT || code === ACCESS_REJECT || code === ACCESS_CHALLENGE) {
      this.answer(code, id, bytes, start + headerBytes, stop, ts);
    }
  }

  gap(): void {}

  finish(): void {
    for (const record of this.pending.values()) this.write(record, 'unknown');
    for (const record of this.challenged?.values() ?? []) this.write(record, 'unknown');
    this.pending.clear();
    this.challenged = undefined;
  }

  private request(id: number, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const { challenged } = this;
    const state = challenged ? stateOf(bytes, start, end) : undefined;
    let record = state === undefined ? undefined : challenged!.get(state);
    const waiting = this.pending.get(id);
    if (record) {
      challenged!.delete(state!);
      if (waiting) this.write(waiting, 'unknown');
    } else if (waiting && repeats(waiting, bytes, start, end)) return;
    else {
      if (waiting) this.write(waiting, 'unknown');
      record = this.flow.head(ts) as RadiusRecord;
    }
    this.pending.set(id, record);
    for (let at = start; at < end; at += bytes[at + 1]!) {
      const from = at + 2;
      const to = at + bytes[at + 1]!;
      switch (bytes[at]) {
        case USER_NAME:
          record.username ??= textOf(bytes, from, to);
          break;
        case CALLING_STATION:
          if (record.mac === undefined) {
            const mac = hardwareAddress(bytes, from, to);
            if (mac !== undefined) record.mac = mac;
          }
          break;
        case TUNNEL_CLIENT:
          // A first byte up to 0x1f is the tag of a group of attributes.
          record.tunnel_client ??= textOf(bytes, from < to && bytes[from]! <= 0x1f ? from + 1 : from, to);
          break;
        case CONNECT_INFO:
          record.connect_info ??= textOf(bytes, from, to);
          break;
      }
    }
  }

  private answer(code: number, id: number, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const asked = this.pending.get(id);
    this.pending.delete(id);
    const record = asked ?? (this.flow.head(ts) as RadiusRecord);
    for (let at = start; at < end; at += bytes[at + 1]!) {
      const from = at + 2;
      const to = at + bytes[at + 1]!;
      if (bytes[at] === FRAMED_ADDRESS && to - from === 4) record.framed_addr ??= formatAddress(bytes, from, 4);
      else if (bytes[at] === REPLY_MESSAGE) record.reply_msg ??= textOf(bytes, from, to);
    }
    if (code === ACCESS_CHALLENGE) {
      this.challenge(record, stateOf(bytes, start, end));
      return;
    }
    if (asked && ts > record.ts) record.ttl = Math.round((ts - record.ts) * 1e6) / 1e6;
    this.write(record, code === ACCESS_ACCEPT ? 'success' : 'failed');
  }

  /** The authentication goes on with a request that repeats the challenge's State (RFC 2865 §5.24). */
  private challenge(record: RadiusRecord, state: string | undefined): void {
    const challenged = (this.challenged ??= new Map<string, RadiusRecord>());
    const key = state ?? '';
    const before = challenged.get(key);
    if (before) this.write(before, 'unknown');
    else if (challenged.size >= challengedMax) {
      for (const [oldest, one] of challenged) {
        challenged.delete(oldest);
        this.write(one, 'unknown');
        break;
      }
    }
    challenged.set(key, record);
  }

  private write(record: RadiusRecord, result: string): void {
    record.result = result;
    this.emit.record('radius', record);
  }
}

/** A request that was sent again has its identifier and its user. */
function repeats(record: RadiusRecord, bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += bytes[at + 1]!) {
    if (bytes[at] === USER_NAME) return record.username === textOf(bytes, at + 2, at + bytes[at + 1]!);
  }
  return record.username === undefined;
}

/** The State as a key; it is opaque, and never written. */
function stateOf(bytes: Uint8Array, start: number, end: number): string | undefined {
  for (let at = start; at < end; at += bytes[at + 1]!) {
    if (bytes[at] === STATE) return Buffer.prototype.latin1Slice.call(bytes, at + 2, at + bytes[at + 1]!);
  }
  return undefined;
}

/** Twelve hexadecimal digits with any of `-`, `:` and `.` between them (RFC 3580 §3.21 and its usual variants); else nothing. */
function hardwareAddress(bytes: Uint8Array, from: number, to: number): string | undefined {
  if (to - from < 12 || to - from > 17) return undefined;
  let digits = '';
  for (let at = from; at < to; at++) {
    const byte = bytes[at]! | 0x20;
    if ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66)) digits += String.fromCharCode(byte);
    else if (bytes[at] !== 0x2d && bytes[at] !== 0x3a && bytes[at] !== 0x2e) return undefined;
  }
  return digits.length === 12 ? digits.replace(/..(?=.)/g, '$&:') : undefined;
}

/** Where the message ends by its own length, or -1 when its code or length cannot be. */
function statedEnd(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < headerBytes || !codes.has(bytes[start]!)) return -1;
  const length = (bytes[start + 2]! << 8) | bytes[start + 3]!;
  return length < headerBytes || length > messageBytesMax || start + length > end ? -1 : start + length;
}

/** How far the attributes are possible: to the end, unless one has the type 0 or a length that does not fit. */
function attributesEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at + 2 <= end && bytes[at] !== 0 && bytes[at + 1]! >= 2 && at + bytes[at + 1]! <= end) at += bytes[at + 1]!;
  return at;
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const stated = statedEnd(bytes, start, end);
  if (stated < 0) return 'no';
  if (usualPort) return 'yes';
  // Bytes behind the stated length are padding (RFC 2865 §3), which nobody sends; on a foreign port they are a sign against it.
  return stated === end && stated > start + headerBytes && attributesEnd(bytes, start + headerBytes, stated) === stated
    ? 'yes'
    : 'no';
}

export const radius: Protocol = {
  service: 'radius',
  logs: ['radius'],
  transports: ['udp'],
  ports: [1812, 1813, 1645, 1646, 3799],
  probe,
  open: (flow, emit) => new RadiusParser(flow, emit),
};
