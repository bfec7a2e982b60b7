/**
 * SNMP versions 1, 2c and 3, written as Zeek's `snmp.log` writes them: one record a session. Notifications (traps and informs) are
 * alarms, and have a record of that log each.
 *
 *     v1, v2c   SEQUENCE { version, community, PDU }                                             RFC 1157 §4, RFC 1901 §3
 *     v3        SEQUENCE { 3, SEQUENCE { id, size, flags, model }, security, scoped PDU }        RFC 3412 §6
 *                                                             SEQUENCE { engine, name, PDU }, or encrypted
 *     PDU       [n] { request, error, index, SEQUENCE of SEQUENCE { OID, value } }               RFC 3416 §3
 *
 * The community is a password and is passed over.
 */

import type { Seconds } from '@forewarn/base/time';
import type { SnmpRecord } from '@forewarn/model/records/snmp';
import { Der, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE } from '../der.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { textOf } from '../text.ts';
import { arcsMax, Notification, variablesMax } from './trap.ts';

const descriptionBytesMax = 255;
const userBytesMax = 32;

/** The ceilings of this parser, for the reference. A datagram bounds everything else. */
export const limits = [
  {
    name: 'snmp.descriptionBytesMax',
    value: descriptionBytesMax,
    unit: 'bytes',
    why: 'RFC 3418: sysDescr is a DisplayString of at most 255 characters; what is longer is cut.',
  },
  {
    name: 'snmp.userBytesMax',
    value: userBytesMax,
    unit: 'bytes',
    why: 'RFC 3414 §5: a user name has at most 32 bytes; what is longer is cut.',
  },
  {
    name: 'snmp.variablesMax',
    value: variablesMax,
    unit: 'identifiers a notification',
    why: 'Notifications in use carry up to some twenty values; further ones are counted by nobody.',
  },
  {
    name: 'snmp.arcsMax',
    value: arcsMax,
    unit: 'numbers of an identifier',
    why: 'RFC 2578 §3.5: an identifier has at most 128.',
  },
] as const;

const versions: { readonly [number: number]: string } = { 0: '1', 1: '2c', 3: '3' };

// Tags of PDUs (RFC 3416 §3, RFC 1157 §4.1).
const GET = 0xa0;
const GET_NEXT = 0xa1;
const RESPONSE = 0xa2;
const SET = 0xa3;
const TRAP_V1 = 0xa4;
const GET_BULK = 0xa5;
const INFORM = 0xa6;
const TRAP = 0xa7;
const REPORT = 0xa8;

const TIME_TICKS = 0x43;

class SnmpParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private record: SnmpRecord | undefined = undefined;
  private told = false;
  /** Nothing in the message at hand goes beyond its end. */
  private whole = true;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(_direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.whole = true;
    const outer = new Der(bytes, start, end);
    if (!this.step(outer, SEQUENCE) || !this.message(outer.inside(), ts) || !this.whole) this.malformed(ts);
  }

  gap(): void {}

  finish(): void {
    if (this.record) this.emit.record('snmp', this.record);
    this.record = undefined;
  }

  /** Version, then community and PDU or what version 3 has; false where that is no SNMP or ends early. */
  private message(message: Der, ts: Seconds): boolean {
    const version = message.expect(INTEGER) ? versions[small(message)] : undefined;
    if (version === undefined) return false;
    if (version === '3') return this.third(message, ts);
    return message.expect(OCTET_STRING) && this.pdu(message, version, ts);
  }

  private third(message: Der, ts: Seconds): boolean {
    if (!message.expect(SEQUENCE) || !message.expect(OCTET_STRING)) return false;
    this.session('3', ts);
    this.user(message.inside());
    if (message.bytes[message.at] === OCTET_STRING) return this.step(message, OCTET_STRING);
    if (!this.step(message, SEQUENCE)) return false;
    const scoped = message.inside();
    return scoped.expect(OCTET_STRING) && scoped.expect(OCTET_STRING) && this.pdu(scoped, '3', ts);
  }

  /** The user of the user-based security model (RFC 3414 §2.4): the fourth of its parameters. Discovery sends none. */
  private user(security: Der): void {
    const { record } = this;
    if (!record || record.username !== undefined || !security.expect(SEQUENCE)) return;
    const parameters = security.inside();
    if (!parameters.expect(OCTET_STRING) || !parameters.expect(INTEGER) || !parameters.expect(INTEGER)) return;
    if (!parameters.expect(OCTET_STRING) || parameters.to === parameters.from) return;
    record.username = textOf(parameters.bytes, parameters.from, Math.min(parameters.to, parameters.from + userBytesMax));
  }

  /** The PDU at the cursor; false where it is none or ends early. */
  private pdu(at: Der, version: string, ts: Seconds): boolean {
    const tag = at.bytes[at.at]!;
    if (at.at >= at.end || tag < GET || tag > REPORT || !this.step(at, tag)) return false;
    const record = this.session(version, ts);
    const inside = at.inside();
    const isNotification = tag === TRAP_V1 || tag === TRAP || tag === INFORM;
    const notification = isNotification ? new Notification(this.flow.head(ts)) : undefined;
    // A trap of version 1 has other fields.
    if (tag === TRAP_V1) {
      if (!notification!.first(inside)) return false;
    } else for (let i = 0; i < 3; i++) if (!inside.expect(INTEGER)) return false;
    if (!this.step(inside, SEQUENCE)) return false;
    const bindings = inside.inside();
    let count = 0;
    while (bindings.expect(SEQUENCE)) {
      count++;
      if (tag === RESPONSE) described(record, bindings.inside(), ts);
      else notification?.value(bindings.inside());
    }
    if (notification) this.emit.record('alarm', notification.end());
    if (tag === GET || tag === GET_NEXT) record.get_requests += count;
    else if (tag === GET_BULK) record.get_bulk_requests += count;
    else if (tag === RESPONSE) record.get_responses += count;
    else if (tag === SET) record.set_requests += count;
    return bindings.at === bindings.end;
  }

  /** Steps to the element of the tag. One that goes beyond what is there is read as far as it goes, and is no longer `whole`. */
  private step(at: Der, tag: number): boolean {
    if (at.expect(tag)) return true;
    const from = at.at < at.end && at.bytes[at.at] === tag ? content(at.bytes, at.at, at.end) : -1;
    if (from < 0) return false;
    this.whole = false;
    at.tag = tag;
    at.from = from;
    at.to = at.end;
    at.at = at.end;
    return true;
  }

  private session(version: string, ts: Seconds): SnmpRecord {
    let { record } = this;
    if (!record) {
      record = this.flow.head(ts) as SnmpRecord;
      record.duration = 0;
      record.version = version;
      record.get_requests = 0;
      record.get_bulk_requests = 0;
      record.get_responses = 0;
      record.set_requests = 0;
      this.record = record;
      this.emit.confirm();
    }
    record.duration = Math.max(record.duration, Math.round((ts - record.ts) * 1e6) / 1e6);
    return record;
  }

  private malformed(ts: Seconds): void {
    if (!this.told) this.emit.weird('SNMP_malformed_message', ts);
    this.told = true;
  }
}

/** 1.3.6.1.2.1.1, the system group (RFC 3418). */
const systemGroup = [0x2b, 0x06, 0x01, 0x02, 0x01, 0x01];

/** sysDescr.0 and sysUpTime.0 out of one variable binding. */
function described(record: SnmpRecord, binding: Der, ts: Seconds): void {
  if (!binding.expect(OBJECT_IDENTIFIER) || binding.to - binding.from !== 8) return;
  const { bytes, from } = binding;
  for (let i = 0; i < 6; i++) if (bytes[from + i] !== systemGroup[i]) return;
  if (bytes[from + 7] !== 0) return;
  const which = bytes[from + 6]!;
  if (!binding.next()) return;
  if (which === 1 && binding.tag === OCTET_STRING) {
    record.display_string = textOf(bytes, binding.from, Math.min(binding.to, binding.from + descriptionBytesMax));
  } else if (which === 3 && binding.tag === TIME_TICKS && binding.to - binding.from <= 5) {
    let ticks = 0;
    for (let at = binding.from; at < binding.to; at++) ticks = ticks * 256 + bytes[at]!;
    record.up_since = Math.round((ts - ticks / 100) * 1e6) / 1e6;
  }
}

/** The current integer where it has one byte, else -1. */
const small = (at: Der): number => (at.to - at.from === 1 ? at.bytes[at.from]! : -1);

/** Where the content of the element at `at` begins, or -1; its stated length is left in `contentLength`. Without an object, for the probe. */
function content(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return -1;
  let length = bytes[at + 1]!;
  let from = at + 2;
  if (length >= 0x80) {
    let count = length & 0x7f;
    if (count === 0 || count > 4 || from + count > end) return -1;
    length = 0;
    while (count-- > 0) length = length * 256 + bytes[from++]!;
  }
  contentLength = length;
  return from;
}

let contentLength = 0;

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  if (bytes[start] !== SEQUENCE) return 'no';
  let at = content(bytes, start, end);
  // A message fills its datagram; on its own port it may be cut, or have bytes behind it.
  if (at < 0 || (at + contentLength !== end && !usualPort)) return 'no';
  if (at + 5 > end || bytes[at] !== INTEGER || bytes[at + 1] !== 1) return 'no';
  const version = bytes[at + 2]!;
  at += 3;
  if (version === 3) {
    if (bytes[at] !== SEQUENCE) return 'no';
    const header = content(bytes, at, end);
    return header >= 0 && bytes[header] === INTEGER && contentLength >= 10 && contentLength <= 24 ? 'yes' : 'no';
  }
  if (version > 1 || bytes[at] !== OCTET_STRING) return 'no';
  const community = content(bytes, at, end);
  at = community + contentLength;
  if (community < 0 || at >= end || bytes[at]! < GET || bytes[at]! > REPORT) return 'no';
  const pdu = content(bytes, at, end);
  return pdu >= 0 && (usualPort || pdu + contentLength <= end) ? 'yes' : 'no';
}

export const snmp: Protocol = {
  service: 'snmp',
  logs: ['snmp', 'alarm'],
  transports: ['udp'],
  ports: [161, 162],
  probe,
  open: (flow, emit) => new SnmpParser(flow, emit),
};
