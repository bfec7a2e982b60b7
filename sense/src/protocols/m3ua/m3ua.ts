/**
 * SS7 over IP: M3UA (RFC 4666) and M2UA (RFC 3331), the messages of their own and the point codes of what they transfer; of SCCP in
 * it the headers, with TCAP and the operations of MAP and CAP.
 *
 *      0         1   2       3      4        8
 *     ┌─────────┬───┬───────┬──────┬────────┬──────────────────────────────────┐
 *     │ version │ 0 │ class │ type │ length │ parameter: tag, length, value …  │
 *     └─────────┴───┴───────┴──────┴────────┴──────────────────────────────────┘
 *
 * ISUP (who calls whom), short messages and arguments of operations are passed over.
 */

import type { Seconds } from '@forewarn/base/time';
import type { M3uaRecord, SccpRecord } from '@forewarn/model/records/telecom';
import { word16, word32 } from '../digits.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { messageName, userParts } from './codes.ts';
import { readSccp } from './sccp.ts';
import { componentsMax } from './tcap.ts';

const listMax = 32;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'm3ua.listMax',
    value: listMax,
    unit: 'routing contexts, affected point codes',
    why: 'A peer serves a few routes; an outage names the point codes behind one element, some dozens.',
  },
  {
    name: 'm3ua.componentsMax',
    value: componentsMax,
    unit: 'components of a TCAP message',
    why: 'A message has one to four operations; a segment of 270 bytes holds no more than some thirty.',
  },
] as const;

// Classes (RFC 4666 §3.1.2, RFC 3331 §3.1.3).
const TRANSFER = 1;
const MAUP = 6;

// Parameters (RFC 4666 §3.2, RFC 3331 §3.2).
const ROUTING_CONTEXT = 0x0006;
const ERROR_CODE = 0x000c;
const STATUS = 0x000d;
const AFFECTED = 0x0012;
const PROTOCOL_DATA = 0x0210;
const M2UA_DATA = 0x0300;
const M2UA_DATA_TTC = 0x0301;

const sccpUser = 3;

class M3uaParser implements ProtocolParser {
  readonly #flow: FlowView;
  readonly #emit: Emit;
  /** M2UA has a port and a class of its own; what else it says is said as in M3UA. */
  #adaptation: 'm3ua' | 'm2ua';
  #confirmed = 0;
  #told = 0;

  constructor(flow: FlowView, emit: Emit) {
    this.#flow = flow;
    this.#emit = emit;
    this.#adaptation = flow.responderPort === 2904 || flow.originatorPort === 2904 ? 'm2ua' : 'm3ua';
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const stop = messageEnd(bytes, start, end);
    if (stop < 0) {
      this.#odd(1, 'm3ua_malformed_message', ts);
      return;
    }
    if (!(this.#confirmed & 1)) {
      this.#confirmed |= 1;
      this.#emit.confirm();
    }
    const group = bytes[start + 2]!;
    if (group === MAUP) this.#adaptation = 'm2ua';
    else if (group === TRANSFER) this.#adaptation = 'm3ua';
    const record = this.#flow.head(ts) as M3uaRecord;
    record.is_orig = direction === 0;
    record.adaptation = this.#adaptation;
    record.message = messageName(group, bytes[start + 3]!);
    let [userFrom, userTo] = [0, 0];
    for (let at = start + 8; at < stop;) {
      const length = at + 4 <= stop ? word16(bytes, at + 2) : 0;
      if (length < 4 || at + length > stop) {
        this.#odd(1, 'm3ua_malformed_message', ts, record.message);
        break;
      }
      const from = at + 4;
      const to = at + length;
      const user = parameter(record, word16(bytes, at), bytes, from, to);
      if (user > 0) [userFrom, userTo] = [user, to];
      at += (length + 3) & ~3;
    }
    this.#emit.record('m3ua', record);
    if (record.service_indicator === sccpUser && userTo > userFrom) this.#sccp(record, bytes, userFrom, userTo, ts);
  }

  gap(): void {}
  finish(): void {}

  #sccp(carrier: M3uaRecord, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const record = this.#flow.head(ts) as SccpRecord;
    record.is_orig = carrier.is_orig;
    if (carrier.opc !== undefined) record.opc = carrier.opc;
    if (carrier.dpc !== undefined) record.dpc = carrier.dpc;
    const answer = readSccp(record, bytes, start, end);
    if (answer === 'sccp') this.#odd(2, 'sccp_malformed_message', ts, record.message);
    else if (answer === 'tcap') this.#odd(4, 'tcap_malformed_message', ts, record.tcap);
    if (!(this.#confirmed & 2)) {
      this.#confirmed |= 2;
      this.#emit.confirm('sccp');
    }
    this.#emit.record('sccp', record);
  }

  #odd(bit: number, name: string, ts: Seconds, addl?: string): void {
    if (this.#told & bit) return;
    this.#told |= bit;
    this.#emit.weird(name, ts, addl);
  }
}

/** Reads a parameter; answers where the message of a user part begins in it, or 0. */
function parameter(record: M3uaRecord, tag: number, bytes: Uint8Array, from: number, to: number): number {
  switch (tag) {
    case ROUTING_CONTEXT: {
      const contexts: number[] = [];
      for (let at = from; at + 4 <= to && contexts.length < listMax; at += 4) contexts.push(word32(bytes, at));
      record.routing_context ??= contexts;
      return 0;
    }
    case ERROR_CODE:
      if (to - from >= 4) record.error_code ??= word32(bytes, from);
      return 0;
    case STATUS:
      if (to - from >= 4) record.status ??= `${word16(bytes, from)}.${word16(bytes, from + 2)}`;
      return 0;
    case AFFECTED: {
      const codes: number[] = [];
      for (let at = from; at + 4 <= to && codes.length < listMax; at += 4) codes.push(word32(bytes, at) & 0xff_ffff);
      record.affected ??= codes;
      return 0;
    }
    case PROTOCOL_DATA: {
      if (to - from < 12 || record.opc !== undefined) return 0;
      record.opc = word32(bytes, from);
      record.dpc = word32(bytes, from + 4);
      record.network_indicator = bytes[from + 9]!;
      record.sls = bytes[from + 11]!;
      serve(record, bytes[from + 8]!);
      return from + 12;
    }
    case M2UA_DATA:
      return signalUnit(record, bytes, from, to);
    case M2UA_DATA_TTC:
      // In Japan's form a length indicator comes first.
      return signalUnit(record, bytes, from + 1, to);
    default:
      return 0;
  }
}

/** Service information octet and routing label of ITU-T Q.704 §2.2: 14 bits, 14 bits, 4 bits, the lowest first. */
function signalUnit(record: M3uaRecord, bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 5 || record.opc !== undefined) return 0;
  const label = (bytes[from + 1]! | (bytes[from + 2]! << 8) | (bytes[from + 3]! << 16) | (bytes[from + 4]! << 24)) >>> 0;
  record.dpc = label & 0x3fff;
  record.opc = (label >>> 14) & 0x3fff;
  record.sls = label >>> 28;
  record.network_indicator = bytes[from]! >> 6;
  serve(record, bytes[from]! & 15);
  return from + 5;
}

function serve(record: M3uaRecord, indicator: number): void {
  record.service_indicator = indicator;
  record.user_part = userParts[indicator] ?? `unknown-${indicator}`;
}

/** Where the message ends by its own length; -1 where it is none. Some leave the padding of the last parameter out of it. */
function messageEnd(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 8 || bytes[start] !== 1 || bytes[start + 1] !== 0) return -1;
  const length = word32(bytes, start + 4);
  return length < 8 || length > end - start || end - start - length > 3 ? -1 : start + length;
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, _usualPort: boolean): Probe {
  if (bytes[start] !== 1 || end - start < 8 || bytes[start + 2]! > 10) return 'no';
  return messageEnd(bytes, start, end) < 0 ? 'no' : 'yes';
}

export const m3ua: Protocol = {
  service: 'm3ua',
  logs: ['m3ua', 'sccp'],
  transports: ['sctp'],
  ports: [2905, 2904],
  payloads: [3, 2],
  probe,
  open: (flow, emit) => new M3uaParser(flow, emit),
};
