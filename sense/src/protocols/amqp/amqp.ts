/**
 * AMQP over TCP: two protocols of one name, told apart by the first eight bytes.
 *
 *     A M Q P 0 0 9 1                                                    A M Q P 0|3 1 0 0
 *
 *     ┌──────┬─────────┬────────┬───────────┬──────┐   0-9-1             ┌────────┬──────┬──────┬─────────┬──────────────┐   1.0
 *     │ type │ channel │ length │ payload … │ 0xce │                     │ length │ doff │ type │ channel │ performative │
 *     └──────┴─────────┴────────┴───────────┴──────┘                     └────────┴──────┴──────┴─────────┴──────────────┘
 *
 * One record for each sign-in, and one for each command that moves a message or changes what the broker has. Of messages their length;
 * what they say is passed over.
 */

import type { Seconds } from '@forewarn/base/time';
import type { AmqpConnectRecord, AmqpRecord } from '@forewarn/model/records/amqp';
import { Frames, type FrameTaker } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { Fields } from './fields.ts';
import { Links } from './links.ts';
import { isClass, methodOf } from './methods.ts';
import { plainUser } from './plain.ts';
import { descriptor } from './values.ts';

const headBytesMax = 4_096;
const channelsMax = 64;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'amqp.headBytesMax',
    value: headBytesMax,
    unit: 'bytes per direction',
    why: 'Of a frame no more is read: what clients and brokers tell of themselves is about 1 KB. What is behind is passed over.',
  },
  {
    name: 'amqp.channelsMax',
    value: channelsMax,
    unit: 'channels per direction',
    why: 'Channels on which a message has begun; clients use a few. The oldest beyond is written without its length.',
  },
] as const;

const methodFrame = 1;
const headerFrame = 2;
const bodyFrame = 3;
const heartbeatFrame = 8;
const endOctet = 0xce;

/** One for all flows: it holds nothing between calls. */
const fields = new Fields();

class AmqpParser implements ProtocolParser, FrameTaker {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Frames, Frames] = [new Frames(headBytesMax), new Frames(headBytesMax)];
  private signIn: AmqpConnectRecord | undefined;
  /** The sign-in is written. */
  private signedIn = false;
  /** Messages whose length is not known yet, by direction and channel. */
  private readonly begun = new Map<number, AmqpRecord>();
  private readonly links: Links;
  private confirmed = false;
  private told = 0;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
    this.links = new Links((record) => this.emit.record('amqp', record));
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.sides[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.sides[direction].gap(this, direction, length, ts);
  }

  finish(ts: Seconds): void {
    if (this.sides[0].held > 0 || this.sides[1].held > 0) this.tell(1, 'amqp_truncated_message', ts);
    for (const side of this.sides) side.stop();
    for (const record of this.begun.values()) this.emit.record('amqp', record);
    this.begun.clear();
    this.links.end();
    this.writeSignIn();
  }

  // ---- cutting --------------------------------------------------------------------------------------------------

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < 8) return 0;
    return lengthOf(bytes, start);
  }

  frameShown(bytes: Uint8Array, start: number, _end: number, length: number): number {
    const first = bytes[start]!;
    if (first === bodyFrame || first === heartbeatFrame) return 8;
    // Of a message's header its length, and its media type, which is first if it is there.
    if (first === headerFrame) return Math.min(length, 8 + 14 + 256);
    return length;
  }

  frameRest(): void {}

  frameMissing(): void {}

  frameLost(_direction: Direction, gap: boolean, ts: Seconds): void {
    if (!gap) this.tell(2, 'amqp_bad_message', ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return wholeFrames(bytes, start, end);
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    const first = bytes[start]!;
    if (first === 0x41) this.opening(bytes, start, ts);
    else if (first === 0) this.performative(direction, bytes, start, end, length, ts);
    else {
      const channel = (bytes[start + 1]! << 8) | bytes[start + 2]!;
      if (end - start === length && bytes[end - 1] !== endOctet) {
        this.tell(2, 'amqp_bad_message', ts);
        return;
      }
      fields.on(bytes, start + 7, end - start === length ? end - 1 : end);
      if (first === methodFrame) this.method(direction, channel, ts);
      else if (first === headerFrame) this.contentHeader(direction, channel);
      if (fields.short && end - start === length && first === methodFrame) this.tell(1, 'amqp_truncated_message', ts);
    }
  }

  private connection(ts: Seconds, version: string): AmqpConnectRecord {
    if (!this.signIn) {
      this.signIn = this.flow.head(ts) as AmqpConnectRecord;
      this.signIn.version = version;
    }
    return this.signIn;
  }

  private writeSignIn(): void {
    if (this.signIn && !this.signedIn) this.emit.record('amqp_connect', this.signIn);
    this.signedIn = true;
  }

  /** Eight bytes of either side: which protocol it speaks. A broker that does not answers with the one it does. */
  private opening(bytes: Uint8Array, start: number, ts: Seconds): void {
    const [id, major, minor, revision] = bytes.subarray(start + 4, start + 8) as unknown as [number, number, number, number];
    const isOne = major === 1 && minor === 0 && id !== 1;
    this.connection(ts, isOne ? '1.0' : id === 0 ? `${major}-${minor}-${revision}` : `${minor}-${revision}`);
    if (isOne && id === 2) this.signIn!.mechanism = 'TLS';
  }

  // ---- 0-9-1 ----------------------------------------------------------------------------------------------------

  private method(direction: Direction, channel: number, ts: Seconds): void {
    const classId = fields.two();
    const methodId = fields.two();
    if (classId === 10) {
      this.connectionMethod(direction, methodId, ts);
      return;
    }
    const method = methodOf(classId, methodId);
    if (!method) return;
    const record = this.flow.head(ts) as AmqpRecord;
    record.is_orig = direction === 0;
    record.channel = channel;
    record.method = method.name;
    method.read(fields, record);
    if (!method.content) {
      this.emit.record('amqp', record);
      return;
    }
    const key = channel | (direction << 16);
    const before = this.begun.get(key) ?? (this.begun.size >= 2 * channelsMax ? this.begun.values().next().value : undefined);
    if (before) {
      for (const [place, one] of this.begun) if (one === before) this.begun.delete(place);
      this.emit.record('amqp', before);
    }
    this.begun.set(key, record);
  }

  private contentHeader(direction: Direction, channel: number): void {
    const key = channel | (direction << 16);
    const record = this.begun.get(key);
    if (!record) return;
    this.begun.delete(key);
    fields.skip(4);
    // Eight bytes of length, of which no message needs more than six.
    record.payload_len = fields.four() * 0x1_0000_0000 + fields.four();
    const flags = fields.two();
    if (flags & 0x8000 && !fields.short) {
      const type = fields.shortText();
      if (!fields.short) record.content_type = type;
    }
    this.emit.record('amqp', record);
  }

  private connectionMethod(direction: Direction, methodId: number, ts: Seconds): void {
    const record = this.connection(ts, '0-9-1');
    switch (methodId) {
      case 10: {
        fields.skip(2);
        const { product, version } = fields.table(fields.four());
        if (product !== '') record.server_product = `${product} ${version}`.trimEnd();
        record.mechanisms = fields.longText();
        break;
      }
      case 11: {
        const { product, version } = fields.table(fields.four());
        if (product !== '') record.client_product = `${product} ${version}`.trimEnd();
        record.mechanism = fields.shortText();
        const length = fields.four();
        credentials(record, record.mechanism, length);
        break;
      }
      case 40:
        record.vhost = fields.shortText();
        break;
      case 41:
        record.status = 'open';
        this.writeSignIn();
        break;
      case 50:
        // After the sign-in was written a farewell is a record of its own.
        if (this.signedIn) {
          const farewell = this.flow.head(ts) as AmqpRecord;
          farewell.is_orig = direction === 0;
          farewell.channel = 0;
          farewell.method = 'connection.close';
          farewell.reply_code = fields.two();
          farewell.reply_text = fields.shortText();
          this.emit.record('amqp', farewell);
        } else {
          record.status = 'refused';
          record.reply_code = fields.two();
          record.reply_text = fields.shortText();
          this.writeSignIn();
        }
        break;
      default:
    }
  }

  // ---- 1.0 ------------------------------------------------------------------------------------------------------

  private performative(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    const at = start + bytes[start + 4]! * 4;
    // An empty frame only says that its sender is there.
    if (at >= end) return;
    const code = descriptor(bytes, at, end);
    const channel = (bytes[start + 6]! << 8) | bytes[start + 7]!;
    if (code >= 0x40 && code <= 0x44) {
      this.links.sasl(this.connection(ts, '1.0'), code, bytes, at, end);
      if (this.signIn!.status === 'refused') this.writeSignIn();
    } else if (code === 0x10) {
      const record = this.connection(ts, '1.0');
      if (this.links.opened(record, direction, bytes, at, end)) {
        record.status = 'open';
        this.writeSignIn();
      }
    } else if (code >= 0x11 && code <= 0x18) {
      const head = (): AmqpRecord => {
        const record = this.flow.head(ts) as AmqpRecord;
        record.is_orig = direction === 0;
        record.channel = channel;
        return record;
      };
      this.links.performative(code, direction, channel, { bytes, at, end, rest: length - (end - start), head });
    } else this.tell(2, 'amqp_bad_message', ts);
  }

  private tell(bit: number, name: string, ts: Seconds): void {
    if (this.told & bit) return;
    this.told |= bit;
    this.emit.weird(name, ts);
  }
}

/** Account of what a client answers to PLAIN (RFC 4616) or AMQPLAIN; the password stays where it is. */
function credentials(record: AmqpConnectRecord, mechanism: string, length: number): void {
  const end = Math.min(fields.end, fields.at + length);
  if (mechanism === 'PLAIN') {
    const user = plainUser(fields.bytes, fields.at, end);
    if (user !== undefined) record.username = user;
    record.has_password = user !== undefined;
  } else if (mechanism === 'AMQPLAIN') {
    const { login, password } = fields.table(length);
    if (login !== '') record.username = login;
    record.has_password = password;
  }
}

/** Length of the frame at `at`, of which eight bytes are there; -1 where none is. */
function lengthOf(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first === 0x41) return bytes[at + 1] === 0x4d && bytes[at + 2] === 0x51 && bytes[at + 3] === 0x50 ? 8 : -1;
  if (first === 0) {
    const length = (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    return length >= 8 && bytes[at + 4]! >= 2 && bytes[at + 4]! * 4 <= length && bytes[at + 5]! <= 1 ? length : -1;
  }
  if (first !== methodFrame && first !== headerFrame && first !== bodyFrame && first !== heartbeatFrame) return -1;
  const length = ((bytes[at + 3]! << 24) | (bytes[at + 4]! << 16) | (bytes[at + 5]! << 8) | bytes[at + 6]!) >>> 0;
  return length <= 0x7fff_ffff ? 8 + length : -1;
}

/** Frames one behind the other that fill the piece, with their ends and classes right. */
function wholeFrames(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  for (let i = 0; i < 16 && at < end; i++) {
    const length = end - at < 8 ? -1 : lengthOf(bytes, at);
    if (length < 0 || length > end - at) return false;
    const first = bytes[at]!;
    if (first === 0) {
      const body = at + bytes[at + 4]! * 4;
      if (length > 8) {
        const code = descriptor(bytes, body, at + length);
        if (!((code >= 0x10 && code <= 0x18) || (code >= 0x40 && code <= 0x44))) return false;
      }
    } else if (first !== 0x41) {
      if (bytes[at + length - 1] !== endOctet) return false;
      const classed = first === methodFrame || first === headerFrame;
      if (classed && (length < 12 || !isClass((bytes[at + 7]! << 8) | bytes[at + 8]!))) return false;
    }
    at += length;
  }
  return true;
}

function probe(bytes: Uint8Array, start: number, end: number): Probe {
  const first = bytes[start]!;
  const have = end - start;
  if (first === 0x41) {
    for (let i = 1; i < 4 && i < have; i++) if (bytes[start + i] !== 'AMQP'.charCodeAt(i)) return 'no';
    if (have < 8) return 'more';
    const [id, major, minor] = [bytes[start + 4]!, bytes[start + 5]!, bytes[start + 6]!];
    return id <= 3 && major <= 9 && minor <= 10 ? 'yes' : 'no';
  }
  // Met in its middle: frames from end to end. A heartbeat alone, or one of 1.0 that is empty, proves little.
  if (first !== 0 && first !== methodFrame && first !== headerFrame && first !== bodyFrame) return 'no';
  if (have < 12) return 'no';
  return wholeFrames(bytes, start, end) ? 'yes' : 'no';
}

export const amqp: Protocol = {
  service: 'amqp',
  logs: ['amqp_connect', 'amqp'],
  transports: ['tcp'],
  ports: [5672],
  probe,
  open: (flow, emit) => new AmqpParser(flow, emit),
};
