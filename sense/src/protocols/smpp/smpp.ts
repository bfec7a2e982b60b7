/**
 * SMPP (3.4 and 5.0), one record a message: who sends short messages through whom, and with what success. The short message itself is
 * passed over, and so are passwords.
 *
 *      0        4          8        12         16
 *     ┌────────┬──────────┬────────┬──────────┬────────────────────────────────────┐
 *     │ length │ command  │ status │ sequence │ body: strings with a zero, numbers  │
 *     └────────┴──────────┴────────┴──────────┴────────────────────────────────────┘
 */

import type { Seconds } from '@forewarn/base/time';
import type { SmppRecord } from '@forewarn/model/records/telecom';
import { printable, word32 } from '../digits.ts';
import { Frames, type FrameTaker } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { commands, statuses } from './codes.ts';

const headerBytes = 16;
const messageBytesMax = 262_144;
const keptBytesMax = 512;
const textBytesMax = 64;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'smpp.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes',
    why: 'A payload parameter has up to 65,535 bytes, and a message to many has 254 addresses; what states more is no SMPP.',
  },
  {
    name: 'smpp.keptBytesMax',
    value: keptBytesMax,
    unit: 'bytes kept per direction',
    why: 'What is read stands before the short message: addresses of up to 65 bytes, dates, numbers.',
  },
  { name: 'smpp.textBytesMax', value: textBytesMax, unit: 'bytes', why: 'The longest address (data_sm) has 65 with its zero.' },
] as const;

const RESPONSE = 0x8000_0000;
const SUBMIT = 4;
const DELIVER = 5;
const SUBMIT_MULTI = 0x21;
const DATA = 0x103;
const binds: ReadonlySet<number> = new Set([1, 2, 9]);

class SmppParser implements ProtocolParser, FrameTaker {
  readonly #flow: FlowView;
  readonly #emit: Emit;
  readonly #frames: readonly [Frames, Frames] = [new Frames(keptBytesMax), new Frames(keptBytesMax)];
  #confirmed = false;
  #told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.#flow = flow;
    this.#emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.#frames[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.#frames[direction].gap(this, direction, length, ts);
  }

  finish(): void {
    for (const frames of this.#frames) frames.stop();
  }

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < 4) return bytes[start] === 0 ? 0 : -1;
    const length = word32(bytes, start);
    if (length < headerBytes || length > messageBytesMax) return -1;
    if (end - start < 8) return 0;
    return commands[word32(bytes, start + 4)] === undefined ? -1 : length;
  }

  frameShown(_bytes: Uint8Array, _start: number, _end: number, length: number): number {
    return Math.min(length, keptBytesMax);
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    const record = this.#flow.head(ts) as SmppRecord;
    const command = word32(bytes, start + 4);
    const status = word32(bytes, start + 8);
    record.is_orig = direction === 0;
    record.command_id = command;
    record.command = commands[command] ?? `unknown-${command}`;
    record.sequence = word32(bytes, start + 12);
    if (command >= RESPONSE) {
      record.status = status;
      record.status_name = statuses[status] ?? `unknown-${status}`;
    }
    const body = new Body(bytes, start + headerBytes, end);
    const kind = command >= RESPONSE ? command - RESPONSE : command;
    if (binds.has(kind)) bind(record, body, command >= RESPONSE);
    else if (command === SUBMIT || command === DELIVER) shortMessage(record, body, true);
    else if (command === DATA) dataMessage(record, body);
    else if (command === SUBMIT_MULTI) shortMessage(record, body, false);
    // A message that is wholly there and ends in the middle of a field.
    if (body.broken && end - start === length) this.#odd(ts, record.command);
    if (!this.#confirmed) {
      this.#confirmed = true;
      this.#emit.confirm();
    }
    this.#emit.record('smpp', record);
  }

  frameRest(): void {}
  frameMissing(): void {}

  frameLost(_direction: Direction, gap: boolean, ts: Seconds): void {
    if (!gap) this.#odd(ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return isMessage(bytes, start, end) === 'yes';
  }

  #odd(ts: Seconds, addl?: string): void {
    if (!this.#told) this.#emit.weird('smpp_malformed_message', ts, addl);
    this.#told = true;
  }
}

/** Reads the fields of a body one after the other. Behind its end all are empty. */
class Body {
  broken = false;
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get empty(): boolean {
    return this.#at >= this.#end;
  }

  /** A number of one byte. */
  number(): number {
    if (this.#at < this.#end) return this.#bytes[this.#at++]!;
    this.broken = true;
    return 0;
  }

  /** Passes a string over; nothing of it is kept. */
  pass(): void {
    while (this.#at < this.#end && this.#bytes[this.#at] !== 0) this.#at++;
    if (this.#at >= this.#end) this.broken = true;
    else this.#at++;
  }

  text(): string {
    const from = this.#at;
    this.pass();
    const to = this.broken ? this.#at : this.#at - 1;
    return printable(this.#bytes, from, Math.min(to, from + textBytesMax));
  }
}

function bind(record: SmppRecord, body: Body, isResponse: boolean): void {
  // A refusal may have no body.
  if (isResponse && body.empty) return;
  record.system_id = body.text();
  if (isResponse) return;
  // The password.
  body.pass();
  const type = body.text();
  if (type !== '') record.system_type = type;
  record.interface_version = body.number();
}

/** submit_sm and deliver_sm (SMPP 3.4 §4.4.1); of a message to many the receivers are not read. */
function shortMessage(record: SmppRecord, body: Body, oneReceiver: boolean): void {
  source(record, body);
  if (!oneReceiver) return;
  destination(record, body);
  record.esm_class = body.number();
  // Protocol and priority, delivery time and validity.
  body.number();
  body.number();
  body.pass();
  body.pass();
  record.registered_delivery = body.number();
  body.number();
  record.data_coding = body.number();
  // The number of a message that is stored at the centre, then the length; the short message behind it is not looked at.
  body.number();
  record.message_bytes = body.number();
}

/** data_sm (SMPP 3.4 §4.7.1), whose text is a parameter. */
function dataMessage(record: SmppRecord, body: Body): void {
  source(record, body);
  destination(record, body);
  record.esm_class = body.number();
  record.registered_delivery = body.number();
  record.data_coding = body.number();
}

function source(record: SmppRecord, body: Body): void {
  const type = body.text();
  if (type !== '') record.service_type = type;
  record.source_ton = body.number();
  body.number();
  record.source_addr = body.text();
}

function destination(record: SmppRecord, body: Body): void {
  record.destination_ton = body.number();
  body.number();
  record.destination_addr = body.text();
}

function isMessage(bytes: Uint8Array, start: number, end: number): Probe {
  if (bytes[start] !== 0) return 'no';
  if (end - start < headerBytes) return end - start > 1 && bytes[start + 1]! > 3 ? 'no' : 'more';
  const length = word32(bytes, start);
  const command = word32(bytes, start + 4);
  const status = word32(bytes, start + 8);
  if (length < headerBytes || length > messageBytesMax || commands[command] === undefined) return 'no';
  // Requests have the status 0; those of responses go up to 0x4ff (SMPP 5.0 §4.7.6). Sequences begin at 1.
  if (command < RESPONSE ? status !== 0 : status > 0x4ff) return 'no';
  const sequence = word32(bytes, start + 12);
  return sequence <= 0x7fff_ffff && (sequence > 0 || command >= RESPONSE) ? 'yes' : 'no';
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, _usualPort: boolean): Probe {
  return isMessage(bytes, start, end);
}

export const smpp: Protocol = {
  service: 'smpp',
  logs: ['smpp'],
  transports: ['tcp'],
  ports: [2775],
  probe,
  open: (flow, emit) => new SmppParser(flow, emit),
};
