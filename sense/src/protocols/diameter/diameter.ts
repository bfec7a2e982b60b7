/**
 * Diameter (RFC 6733), one record a message, over TCP and SCTP.
 *
 *      0         1        4       5          8             12           16           20
 *     ┌─────────┬────────┬───────┬──────────┬─────────────┬────────────┬────────────┬──────────────────────────────┐
 *     │ version │ length │ flags │ command  │ application │ hop by hop │ end to end │ AVP: code, flags, length, …  │
 *     └─────────┴────────┴───────┴──────────┴─────────────┴────────────┴────────────┴──────────────────────────────┘
 *
 * Of the attributes those that name elements, results and subscribers are read; locations, keys, credentials and texts never.
 */

import type { Seconds } from '@forewarn/base/time';
import type { DiameterRecord } from '@forewarn/model/records/telecom';
import { printable, tbcd, word32 } from '../digits.ts';
import { Frames, type FrameTaker } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { applications, commands } from './codes.ts';

const headerBytes = 20;
const messageBytesMax = 1_048_576;
const keptBytesMax = 8_192;
const listMax = 16;
const textBytesMax = 256;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'diameter.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes',
    why: 'Answers with subscription data have some 10 KB; what states more than a megabyte is no Diameter.',
  },
  {
    name: 'diameter.keptBytesMax',
    value: keptBytesMax,
    unit: 'bytes kept per direction',
    why: 'What is read stands in front, before the data of the subscription; attributes behind it are passed over.',
  },
  {
    name: 'diameter.listMax',
    value: listMax,
    unit: 'agents of a route, identities of a subscriber',
    why: 'A message passes three or four agents; a subscriber has two or three identities.',
  },
  { name: 'diameter.textBytesMax', value: textBytesMax, unit: 'bytes', why: 'Names of hosts have at most 255 (RFC 1035).' },
] as const;

// Bits of the header (RFC 6733 §3).
const REQUEST = 0x80;
const ERROR = 0x20;
const RETRANSMITTED = 0x10;

/** 3GPP, as a vendor. */
const threeGpp = 10_415;

class DiameterParser implements ProtocolParser, FrameTaker {
  readonly #flow: FlowView;
  readonly #emit: Emit;
  #frames: [Frames, Frames] | undefined;
  #confirmed = false;
  #told = 0;

  constructor(flow: FlowView, emit: Emit) {
    this.#flow = flow;
    this.#emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.#flow.transport === 'tcp') {
      this.#frames ??= [new Frames(keptBytesMax), new Frames(keptBytesMax)];
      this.#frames[direction].feed(this, direction, bytes, start, end, ts);
      return;
    }
    // SCTP keeps messages apart.
    const length = this.frameLength(bytes, start, end);
    if (length <= 0 || length > end - start) this.frameLost(direction, false, ts);
    else this.frame(direction, bytes, start, start + length, length, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.#frames ??= [new Frames(keptBytesMax), new Frames(keptBytesMax)];
    this.#frames[direction].gap(this, direction, length, ts);
  }

  finish(): void {
    for (const frames of this.#frames ?? []) frames.stop();
  }

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    if (bytes[start] !== 1) return -1;
    if (end - start < 5) return 0;
    const length = messageLength(bytes, start);
    return length < headerBytes || length > messageBytesMax || (length & 3) !== 0 || (bytes[start + 4]! & 15) !== 0 ? -1 : length;
  }

  frameShown(_bytes: Uint8Array, _start: number, _end: number, length: number): number {
    return Math.min(length, keptBytesMax);
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    if (end - start < headerBytes) return;
    const record = this.#flow.head(ts) as DiameterRecord;
    const flags = bytes[start + 4]!;
    const code = word32(bytes, start + 4) & 0xff_ffff;
    const application = word32(bytes, start + 8);
    record.is_orig = direction === 0;
    record.is_request = (flags & REQUEST) !== 0;
    record.command_code = code;
    record.command = commands[code] ?? `unknown-${code}`;
    record.application_id = application;
    const name = applications[application];
    if (name !== undefined) record.application = name;
    record.hop_by_hop_id = word32(bytes, start + 12);
    record.end_to_end_id = word32(bytes, start + 16);
    record.is_error = (flags & ERROR) !== 0;
    record.is_retransmission = (flags & RETRANSMITTED) !== 0;
    const right = attributes(bytes, start + headerBytes, end, (attribute, vendor, from, to) => {
      read(record, attribute, vendor, bytes, from, to);
    });
    // Attributes that the ceiling has cut are no fault of the sender.
    if (!right && end - start === length) this.#odd(1, 'diameter_malformed_attribute', ts, record.command);
    if (!this.#confirmed) {
      this.#confirmed = true;
      this.#emit.confirm();
    }
    this.#emit.record('diameter', record);
  }

  frameRest(): void {}
  frameMissing(): void {}

  frameLost(_direction: Direction, gap: boolean, ts: Seconds): void {
    if (!gap) this.#odd(2, 'diameter_malformed_message', ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return isMessage(bytes, start, end) === 'yes';
  }

  #odd(bit: number, name: string, ts: Seconds, addl?: string): void {
    if ((this.#told & bit) !== 0) return;
    this.#told |= bit;
    this.#emit.weird(name, ts, addl);
  }
}

const messageLength = (bytes: Uint8Array, start: number): number =>
  (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!;

/** Shows each attribute (RFC 6733 §4.1) with its vendor, 0 for none; false where one does not fit. */
function attributes(
  bytes: Uint8Array,
  start: number,
  end: number,
  show: (code: number, vendor: number, from: number, to: number) => void,
): boolean {
  for (let at = start; at < end;) {
    if (at + 8 > end) return false;
    const length = messageLength(bytes, at + 4);
    const head = bytes[at + 4]! & 0x80 ? 12 : 8;
    if (length < head || at + length > end) return false;
    show(word32(bytes, at), head === 12 ? word32(bytes, at + 8) : 0, at + head, at + length);
    at += (length + 3) & ~3;
  }
  return true;
}

function read(record: DiameterRecord, code: number, vendor: number, bytes: Uint8Array, from: number, to: number): void {
  if (vendor !== 0) {
    // MSISDN of 3GPP, in telephony BCD (TS 29.329 §6.3.2).
    if (vendor === threeGpp && code === 701) subscription(record, tbcd(bytes, from, to));
    return;
  }
  switch (code) {
    case 1:
      record.user_name ??= text(bytes, from, to);
      break;
    case 30:
    case 493:
      // Called-Station-Id, Service-Selection (RFC 5778): the access point name. Where it is the number or address that was called, it is left out.
      if (isName(bytes, from, to)) record.called_station ??= text(bytes, from, to);
      break;
    case 263:
      record.session_id ??= text(bytes, from, to);
      break;
    case 264:
      record.origin_host ??= text(bytes, from, to);
      break;
    case 268:
      record.result_code ??= number(bytes, from, to);
      break;
    case 269:
      record.product_name ??= text(bytes, from, to);
      break;
    case 273:
      record.disconnect_cause ??= number(bytes, from, to);
      break;
    case 282:
      if ((record.route?.length ?? 0) < listMax) record.route = [...(record.route ?? []), text(bytes, from, to)];
      break;
    case 283:
      record.destination_realm ??= text(bytes, from, to);
      break;
    case 293:
      record.destination_host ??= text(bytes, from, to);
      break;
    case 296:
      record.origin_realm ??= text(bytes, from, to);
      break;
    case 297:
      // Experimental-Result: vendor and code.
      attributes(bytes, from, to, (inner, _vendor, innerFrom, innerTo) => {
        if (inner === 298) record.result_code ??= number(bytes, innerFrom, innerTo);
        else if (inner === 266) record.result_vendor ??= number(bytes, innerFrom, innerTo);
      });
      break;
    case 416:
      record.request_type ??= number(bytes, from, to);
      break;
    case 443:
      // Subscription-Id: kind and value.
      attributes(bytes, from, to, (inner, _vendor, innerFrom, innerTo) => {
        if (inner === 444) subscription(record, text(bytes, innerFrom, innerTo));
      });
      break;
  }
}

function subscription(record: DiameterRecord, value: string): void {
  if (value !== '' && (record.subscription_id?.length ?? 0) < listMax) {
    record.subscription_id = [...(record.subscription_id ?? []), value];
  }
}

/** Whether the text is a name of something: it has a letter, and no sign of an address. */
function isName(bytes: Uint8Array, from: number, to: number): boolean {
  let letters = false;
  for (let at = from; at < Math.min(to, from + textBytesMax); at++) {
    const byte = bytes[at]!;
    if (byte === 0x40 || byte === 0x3a) return false;
    if ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) letters = true;
  }
  return letters;
}

const text = (bytes: Uint8Array, from: number, to: number): string => printable(bytes, from, Math.min(to, from + textBytesMax));

const number = (bytes: Uint8Array, from: number, to: number): number => (to - from >= 4 ? word32(bytes, from) : 0);

function isMessage(bytes: Uint8Array, start: number, end: number): Probe {
  if (bytes[start] !== 1) return 'no';
  if (end - start < headerBytes) {
    return end - start > 4 && (bytes[start + 4]! & 15 || bytes[start + 3]! & 3 || messageLength(bytes, start) > messageBytesMax)
      ? 'no'
      : 'more';
  }
  const length = messageLength(bytes, start);
  if (length < headerBytes || length > messageBytesMax || (length & 3) !== 0 || (bytes[start + 4]! & 15) !== 0) return 'no';
  if (length === headerBytes) return commands[word32(bytes, start + 4) & 0xff_ffff] === undefined ? 'no' : 'yes';
  if (end - start < headerBytes + 8) return 'more';
  // The first attribute fits into the message, and its reserved bits are zero.
  const first = messageLength(bytes, start + headerBytes + 4);
  return first >= 8 && first <= length - headerBytes && (bytes[start + headerBytes + 4]! & 0x1f) === 0 ? 'yes' : 'no';
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, _usualPort: boolean): Probe {
  return isMessage(bytes, start, end);
}

export const diameter: Protocol = {
  service: 'diameter',
  logs: ['diameter'],
  transports: ['tcp', 'sctp'],
  ports: [3868],
  payloads: [46],
  probe,
  open: (flow, emit) => new DiameterParser(flow, emit),
};
