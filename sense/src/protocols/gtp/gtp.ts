/**
 * The control plane of GTP, one record a message: version 1 (3GPP TS 29.060) and version 2 (TS 29.274), and the path messages of the
 * user plane (TS 29.281). Subscribers' packets are tunnels and read elsewhere (`sense/src/tunnel/gtp.ts`).
 *
 *      0        1      2        4           8          10
 *     ┌────────┬──────┬────────┬───────────┬──────────┬──────┐
 *     │ 1 PT … │ type │ length │ TEID      │ sequence │ … IE │   version 1; the sequence where a bit says so
 *     ├────────┼──────┼────────┼───────────┼──────────┴──┬───┴──┐
 *     │ 2 P T  │ type │ length │ TEID, where T is set    │ seq. │   version 2; P: another message follows
 *     └────────┴──────┴────────┴─────────────────────────┴──────┘
 *
 * Locations (user location, routing and serving areas, cells) are passed over.
 */

import type { Seconds } from '@forewarn/base/time';
import type { GtpRecord } from '@forewarn/model/records/telecom';
import { word16, word32 } from '../digits.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { causes1, causes2, messages1, messages2 } from './codes.ts';
import { elements1, elements2, endpointsMax } from './elements.ts';

const messagesMax = 4;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'gtp.messagesMax',
    value: messagesMax,
    unit: 'messages of one datagram',
    why: 'One message may ride behind another (TS 29.274 §5.5.1); more are not allowed.',
  },
  {
    name: 'gtp.endpointsMax',
    value: endpointsMax,
    unit: 'tunnel endpoints of one message',
    why: 'A session has up to eleven bearers; further endpoints are passed over.',
  },
] as const;

const TPDU = 255;

class GtpParser implements ProtocolParser {
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
        if (!this.#told) this.#emit.weird('gtp_malformed_message', ts);
        this.#told = true;
        return;
      }
      if (bytes[at + 1] !== TPDU) this.#message(direction, bytes, at, stop, ts);
      // In version 2 a bit says that another message follows.
      if (bytes[at]! >> 5 !== 2 || !(bytes[at]! & 0x10)) return;
      at = stop;
    }
  }

  gap(): void {}
  finish(): void {}

  #message(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const bits = bytes[start]!;
    const two = bits >> 5 === 2;
    const type = bytes[start + 1]!;
    const record = this.#flow.head(ts) as GtpRecord;
    record.is_orig = direction === 0;
    record.version = two ? 2 : 1;
    record.message_type = type;
    record.message = (two ? messages2 : messages1)[type] ?? `unknown-${type}`;
    let at = start + 8;
    if (two) {
      if (bits & 8) {
        record.teid = word32(bytes, start + 4);
        at += 4;
      }
      record.sequence = (bytes[at - 4]! << 16) | word16(bytes, at - 3);
    } else {
      record.teid = word32(bytes, start + 4);
      if (bits & 7) {
        if (bits & 2) record.sequence = word16(bytes, at);
        at = extensionsEnd(bytes, start, end);
      }
    }
    const right = two ? elements2(record, bytes, at, end, 0) : elements1(record, bytes, at, end);
    if (!right && !this.#told) {
      this.#told = true;
      this.#emit.weird('gtp_malformed_element', ts, record.message);
    }
    if (record.cause !== undefined) {
      record.cause_name = (two ? causes2 : causes1)[record.cause] ?? `unknown-${record.cause}`;
    }
    if (!this.#confirmed) {
      this.#confirmed = true;
      this.#emit.confirm();
    }
    this.#emit.record('gtp', record);
  }
}

/** Behind the sequence number and the extension headers of version 1; -1 where they do not fit. */
function extensionsEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start + 12;
  if (at > end) return -1;
  let next = bytes[start]! & 4 ? bytes[at - 1]! : 0;
  // Each extension has at least four bytes, so that this ends.
  while (next !== 0) {
    const length = at < end ? bytes[at]! * 4 : 0;
    if (length === 0 || at + length > end) return -1;
    at += length;
    next = bytes[at - 1]!;
  }
  return at;
}

/** Where the message ends by its own length; -1 where it is none. */
function messageEnd(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 8) return -1;
  const bits = bytes[start]!;
  if (bits >> 5 === 2) {
    const stop = start + 4 + word16(bytes, start + 2);
    return stop > end || stop < start + (bits & 8 ? 12 : 8) ? -1 : stop;
  }
  // Version 1, protocol type GTP; GTP' (charging) is another protocol.
  if (bits >> 4 !== 3) return -1;
  const stop = start + 8 + word16(bytes, start + 2);
  return stop > end || (bits & 7 && extensionsEnd(bytes, start, stop) < 0) ? -1 : stop;
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const bits = bytes[start]!;
  if (bits >> 5 !== 2 && bits >> 4 !== 3) return 'no';
  const stop = messageEnd(bytes, start, end);
  if (stop < 0) return 'no';
  const two = bits >> 5 === 2;
  const type = bytes[start + 1]!;
  if ((two ? messages2 : messages1)[type] === undefined) return 'no';
  if (usualPort) return 'yes';
  // Spare bits are zero, and the length is that of the datagram, unless another message follows.
  if (two ? bits & 7 : bits & 8) return 'no';
  return stop === end && end - start >= 12 ? 'yes' : 'no';
}

export const gtp: Protocol = {
  service: 'gtp',
  logs: ['gtp'],
  transports: ['udp'],
  ports: [2123, 2152],
  probe,
  open: (flow, emit) => new GtpParser(flow, emit),
};
