/**
 * MQTT 3.1, 3.1.1 and 5, written as Zeek's `mqtt_connect`, `mqtt_publish` and `mqtt_subscribe` write it, and
 * `mqtt_disconnect` beside them. Payloads, of wills too, and passwords are passed over where they lie.
 *
 *      0      1 … 4        then
 *     ┌──────┬───────────┬──────────────────────────────┬─────────────┐
 *     │ type │ remaining │ names, numbers, (5) properties │ payload …   │
 *     │ flags│ length    │                                │             │
 *     └──────┴───────────┴──────────────────────────────┴─────────────┘
 *
 * Messages that need acknowledgements are held until those were seen, as Zeek does.
 */

import type { Seconds } from '@forewarn/base/time';
import type {
  MqttConnectRecord,
  MqttDisconnectRecord,
  MqttPublishRecord,
  MqttSubscribeRecord,
} from '@forewarn/model/records/mqtt';
import { Frames, type FrameTaker } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { connectStatus, qosName, reasonName, versionName } from './codes.ts';
import { Packet, readProperties, type Properties } from './fields.ts';

const headBytesMax = 4_096;
const pendingMax = 256;
const pendingSeconds = 5;
const topicsMax = 64;
const aliasesMax = 64;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'mqtt.headBytesMax',
    value: headBytesMax,
    unit: 'bytes per direction',
    why: 'Of a packet no more is read: topics and names are some dozens of bytes. What is behind is passed over.',
  },
  {
    name: 'mqtt.pendingMax',
    value: pendingMax,
    unit: 'unacknowledged messages per flow',
    why: 'Brokers allow 20 (mosquitto) to 100 (AWS) at a time; the oldest beyond is written as incomplete.',
  },
  {
    name: 'mqtt.pendingSeconds',
    value: pendingSeconds,
    unit: 's',
    why: 'How long acknowledgements are waited for; Zeek waits as long.',
  },
  {
    name: 'mqtt.topicsMax',
    value: topicsMax,
    unit: 'topics per request',
    why: 'Written of one subscription; clients ask for some few at a time.',
  },
  {
    name: 'mqtt.aliasesMax',
    value: aliasesMax,
    unit: 'topic aliases per direction',
    why: 'Brokers allow 10 (mosquitto) to 65; beyond it a topic is empty.',
  },
] as const;

const connect = 1;
const connack = 2;
const publish = 3;
const puback = 4;
const pubrec = 5;
const pubrel = 6;
const pubcomp = 7;
const subscribe = 8;
const suback = 9;
const unsubscribe = 10;
const unsuback = 11;
const pingreq = 12;
const pingresp = 13;
const disconnect = 14;

/** One for all flows: it holds nothing between calls. */
const cursor = new Packet();

/** A message that waits for its acknowledgements: by whom it was sent, and how far the exchange has come. */
type Waiting = { record: MqttPublishRecord; qos: number; received: boolean; released: boolean };

class MqttParser implements ProtocolParser, FrameTaker {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Frames, Frames] = [new Frames(headBytesMax), new Frames(headBytesMax)];
  private client: Direction;
  private version = 4;
  private signIn: MqttConnectRecord | undefined;
  private published: Map<number, Waiting> | undefined;
  private subscribed: Map<number, MqttSubscribeRecord> | undefined;
  private readonly aliases: [Map<number, string> | undefined, Map<number, string> | undefined] = [undefined, undefined];
  private confirmed = false;
  private told = 0;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
    this.client = flow.originatorPort === 1883 && flow.responderPort !== 1883 ? 1 : 0;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.published || this.subscribed) this.expire(ts - pendingSeconds);
    this.sides[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.sides[direction].gap(this, direction, length, ts);
  }

  finish(ts: Seconds): void {
    if (this.sides[0].held > 0 || this.sides[1].held > 0) this.tell(1, 'mqtt_truncated_message', ts);
    for (const side of this.sides) side.stop();
    this.expire(Infinity);
    if (this.signIn) this.emit.record('mqtt_connect', this.signIn);
    this.signIn = undefined;
  }

  // ---- cutting --------------------------------------------------------------------------------------------------

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    const first = bytes[start]!;
    if (first < 0x10 || (first & 0xf6) === 0x36) return -1;
    for (let i = 0, length = 0; i < 4; i++) {
      if (start + 1 + i >= end) return 0;
      const byte = bytes[start + 1 + i]!;
      length += (byte & 0x7f) * 0x80 ** i;
      if (byte < 0x80) return lengthFits(first >> 4, length) ? 2 + i + length : -1;
    }
    return -1;
  }

  frameShown(bytes: Uint8Array, start: number, end: number, length: number): number {
    if (bytes[start]! >> 4 !== publish) return length;
    let at = start + 2;
    while (bytes[at - 1]! >= 0x80) at++;
    if (at + 2 > end) return 0;
    at += 2 + ((bytes[at]! << 8) | bytes[at + 1]!) + ((bytes[start]! & 6) === 0 ? 0 : 2);
    if (this.version === 5) {
      if (at >= end) return 0;
      cursor.on(bytes, at, Math.min(end, at + 4));
      const properties = cursor.variable();
      if (cursor.short && end - at < 4) return 0;
      at = cursor.at + properties;
    }
    return Math.min(at - start, length);
  }

  frameRest(): void {}

  frameMissing(): void {}

  frameLost(_direction: Direction, gap: boolean, ts: Seconds): void {
    if (!gap) this.tell(2, 'mqtt_bad_message', ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return wholePackets(bytes, start, end);
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    const first = bytes[start]!;
    const type = first >> 4;
    cursor.on(bytes, start + 1, end);
    const remaining = cursor.variable();
    this.read(direction, type, first & 15, remaining, end - start < length, ts);
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
  }

  /** One packet, of which the cursor stands behind the fixed header; `cut` where it goes on behind what is shown. */
  private read(direction: Direction, type: number, flags: number, remaining: number, cut: boolean, ts: Seconds): void {
    switch (type) {
      case connect:
        this.readConnect(direction, ts);
        break;
      case connack:
        this.readConnack(direction, ts);
        break;
      case publish:
        this.readPublish(direction, flags, remaining, ts);
        break;
      case puback:
      case pubrec:
      case pubrel:
      case pubcomp:
        this.readAnswer(direction, type, ts);
        break;
      case subscribe:
      case unsubscribe:
        this.client = direction;
        this.readSubscribe(type, ts);
        break;
      case suback:
      case unsuback:
        this.readSuback(type);
        break;
      case disconnect: {
        const record = this.flow.head(ts) as MqttDisconnectRecord;
        record.from_client = direction === this.client;
        record.reason_code = cursor.at < cursor.end ? cursor.byte() : 0;
        record.reason = reasonName(record.reason_code);
        if (cursor.at < cursor.end) {
          const { sessionExpiry } = readProperties(cursor);
          if (sessionExpiry !== undefined) record.session_expiry = sessionExpiry;
        }
        this.emit.record('mqtt_disconnect', record);
        break;
      }
      default:
    }
    if (cursor.short && !cut) this.tell(1, 'mqtt_truncated_message', ts);
  }

  // ---- packets --------------------------------------------------------------------------------------------------

  private readConnect(direction: Direction, ts: Seconds): void {
    if (this.signIn) this.emit.record('mqtt_connect', this.signIn);
    this.client = direction;
    const record = this.flow.head(ts) as MqttConnectRecord;
    record.proto_name = cursor.text();
    // Bridges between brokers set the highest bit of the level.
    this.version = cursor.byte() & 0x7f;
    record.proto_version = versionName(this.version);
    const flags = cursor.byte();
    record.clean_session = (flags & 2) !== 0;
    record.keep_alive = cursor.two();
    if (this.version === 5) {
      const { sessionExpiry, receiveMaximum, maximumPacketSize, topicAliasMaximum, authMethod } = readProperties(cursor);
      if (sessionExpiry !== undefined) record.session_expiry = sessionExpiry;
      if (receiveMaximum !== undefined) record.receive_maximum = receiveMaximum;
      if (maximumPacketSize !== undefined) record.maximum_packet_size = maximumPacketSize;
      if (topicAliasMaximum !== undefined) record.topic_alias_maximum = topicAliasMaximum;
      if (authMethod !== undefined) record.auth_method = authMethod;
    }
    record.client_id = cursor.text();
    if (flags & 4) {
      if (this.version === 5) readProperties(cursor);
      record.will_topic = cursor.text();
      record.will_qos = (flags >> 3) & 3;
      record.will_retain = (flags & 0x20) !== 0;
      cursor.passText();
    }
    if (flags & 0x80 && !cursor.short) record.username = cursor.text();
    record.has_password = (flags & 0x40) !== 0;
    this.signIn = record;
  }

  private readConnack(direction: Direction, ts: Seconds): void {
    this.client = (1 - direction) as Direction;
    const record = this.signIn ?? (this.flow.head(ts) as MqttConnectRecord);
    // Only version 5 has anything behind the code.
    if (!this.signIn && cursor.end - cursor.at > 2) this.version = 5;
    this.signIn = undefined;
    record.session_present = (cursor.byte() & 1) !== 0;
    record.return_code = cursor.byte();
    record.connect_status = connectStatus(record.return_code);
    if (this.version === 5 && cursor.at < cursor.end) {
      const { assignedClientId, sessionExpiry, serverKeepAlive } = readProperties(cursor);
      if (assignedClientId !== undefined) record.client_id = assignedClientId;
      if (sessionExpiry !== undefined) record.session_expiry = sessionExpiry;
      if (serverKeepAlive !== undefined) record.keep_alive = serverKeepAlive;
    }
    this.emit.record('mqtt_connect', record);
  }

  private readPublish(direction: Direction, flags: number, remaining: number, ts: Seconds): void {
    const began = cursor.at;
    const qos = (flags >> 1) & 3;
    let topic = cursor.text();
    const identifier = qos === 0 ? 0 : cursor.two();
    if (this.version === 5) topic = this.alias(direction, topic, readProperties(cursor));
    const record = this.flow.head(ts) as MqttPublishRecord;
    record.from_client = direction === this.client;
    record.retain = (flags & 1) !== 0;
    record.qos = qosName(qos);
    record.status = qos === 0 ? 'ok' : 'incomplete_qos';
    record.topic = topic;
    record.payload_len = Math.max(0, remaining - (cursor.at - began));
    if (flags & 8) record.dup = true;
    if (qos === 0) {
      this.emit.record('mqtt_publish', record);
      return;
    }
    const held = (this.published ??= new Map());
    // The two sides number their messages each for itself.
    const key = identifier | (direction << 16);
    const before = held.get(key);
    if (before) this.write(key, before);
    else if (held.size >= pendingMax) {
      const [oldest] = held;
      this.write(oldest![0], oldest![1]);
    }
    held.set(key, { record, qos, received: false, released: false });
  }

  /** A topic by its alias, or the alias that a topic gets from now on (MQTT 5.0 §3.3.2.3.4). */
  private alias(direction: Direction, topic: string, { topicAlias }: Properties): string {
    if (topicAlias === undefined) return topic;
    const known = (this.aliases[direction] ??= new Map());
    if (topic === '') return known.get(topicAlias) ?? '';
    if (known.size < aliasesMax || known.has(topicAlias)) known.set(topicAlias, topic);
    return topic;
  }

  private readAnswer(direction: Direction, type: number, _ts: Seconds): void {
    const identifier = cursor.two();
    const code = cursor.at < cursor.end ? cursor.byte() : undefined;
    // All but the release come from the receiver of the message.
    const sender = type === pubrel ? direction : 1 - direction;
    const key = identifier | (sender << 16);
    const waiting = this.published?.get(key);
    if (!waiting) return;
    if (code !== undefined) waiting.record.reason_code = Math.max(code, waiting.record.reason_code ?? 0);
    if (type === pubrec) waiting.received = true;
    else if (type === pubrel) waiting.released = true;
    const refused = type === pubrec && code !== undefined && code >= 0x80;
    const complete = waiting.qos === 1 ? type === puback : type === pubcomp && waiting.received && waiting.released;
    if (complete) waiting.record.status = 'ok';
    if (complete || refused) this.write(key, waiting);
  }

  private write(key: number, waiting: Waiting): void {
    this.published!.delete(key);
    this.emit.record('mqtt_publish', waiting.record);
  }

  private readSubscribe(type: number, ts: Seconds): void {
    const identifier = cursor.two();
    if (this.version === 5) readProperties(cursor);
    const topics: string[] = [];
    const levels: number[] = [];
    while (cursor.at < cursor.end && !cursor.short && topics.length < topicsMax) {
      topics.push(cursor.text());
      if (type === subscribe) levels.push(cursor.byte() & 3);
    }
    const record = this.flow.head(ts) as MqttSubscribeRecord;
    record.action = type === subscribe ? 'MQTT::SUBSCRIBE' : 'MQTT::UNSUBSCRIBE';
    record.topics = topics;
    if (type === subscribe) record.qos_levels = levels;
    record.ack = false;
    const held = (this.subscribed ??= new Map());
    const before = held.get(identifier) ?? (held.size >= pendingMax ? held.values().next().value : undefined);
    if (before) {
      for (const [key, one] of held) if (one === before) held.delete(key);
      this.emit.record('mqtt_subscribe', before);
    }
    held.set(identifier, record);
  }

  private readSuback(type: number): void {
    const identifier = cursor.two();
    const record = this.subscribed?.get(identifier);
    if (!record) return;
    this.subscribed!.delete(identifier);
    if (this.version === 5) readProperties(cursor);
    const codes: number[] = [];
    while (cursor.at < cursor.end && codes.length < topicsMax) codes.push(cursor.byte());
    if (codes.length > 0) record.reason_codes = codes;
    if (type === suback && codes.length > 0) record.granted_qos_level = codes[0]!;
    record.ack = true;
    this.emit.record('mqtt_subscribe', record);
  }

  /** Writes what was sent before the instant and still waits; the maps are in the order of sending. */
  private expire(before: Seconds): void {
    for (const [key, waiting] of this.published ?? []) {
      if (waiting.record.ts >= before) break;
      this.write(key, waiting);
    }
    for (const [key, record] of this.subscribed ?? []) {
      if (record.ts >= before) break;
      this.subscribed!.delete(key);
      this.emit.record('mqtt_subscribe', record);
    }
  }

  private tell(bit: number, name: string, ts: Seconds): void {
    if (this.told & bit) return;
    this.told |= bit;
    this.emit.weird(name, ts);
  }
}

/** Whether a packet of the type may be so long. */
function lengthFits(type: number, length: number): boolean {
  if (type === pingreq || type === pingresp) return length === 0;
  if (type === connect) return length >= 10;
  if (type === disconnect || type === 15) return true;
  return length >= (type === publish || type === subscribe || type === unsubscribe || type === suback ? 3 : 2);
}

/** Whether the flags are those that the type must have (MQTT 3.1.1 §2.2.2); version 3.1 marks repetitions. */
function flagsFit(first: number): boolean {
  const type = first >> 4;
  if (type === publish) return (first & 6) !== 6;
  const flags = type === pubrel || type === subscribe || type === unsubscribe ? first & 7 : first & 15;
  return type > 0 && flags === (type === pubrel || type === subscribe || type === unsubscribe ? 2 : 0);
}

/** Length of the packet at `at` where its header is right and it lies in `bytes` whole, else 0. */
function packetLength(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 2 || !flagsFit(bytes[at]!) || bytes[at] === 0xf0) return 0;
  cursor.on(bytes, at + 1, Math.min(end, at + 5));
  const remaining = cursor.variable();
  const length = cursor.at - at + remaining;
  return cursor.short || !lengthFits(bytes[at]! >> 4, remaining) || length > end - at ? 0 : length;
}

/** Packets one behind the other that fill the piece: by chance about one piece of noise in a thousand looks so. */
function wholePackets(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  // A handful is proof enough.
  for (let i = 0; i < 16 && at < end; i++) {
    const length = packetLength(bytes, at, end);
    if (length === 0) return false;
    at += length;
  }
  return true;
}

/**
 * What tells a flow that is met in its middle, on any port: packets that fill the piece, one of them a message to a topic of at least
 * four printable characters. Noise looks so less than once in ten million pieces.
 */
function middle(bytes: Uint8Array, start: number, end: number): Probe {
  for (let at = start, i = 0; i < 16; i++) {
    if (at >= end) return 'more';
    const length = packetLength(bytes, at, end);
    if (length === 0) return 'no';
    if (bytes[at]! >> 4 === publish) return topicAt(bytes, at, at + length) && at + length === end ? 'yes' : 'no';
    at += length;
  }
  return 'no';
}

function topicAt(bytes: Uint8Array, at: number, end: number): boolean {
  cursor.on(bytes, at + 1, end);
  cursor.variable();
  const length = cursor.two();
  if (length < 4 || length > end - cursor.at) return false;
  for (let i = cursor.at; i < cursor.at + length; i++) if (bytes[i]! < 0x20 || bytes[i]! > 0x7e) return false;
  return true;
}

/** `MQTT` with level 4 or 5, `MQIsdp` with level 3; bridges set the highest bit of the level. */
function connectAt(bytes: Uint8Array, at: number, end: number): Probe {
  // The length's bytes, of which the last is below 128.
  let place = at + 1;
  while (place < end && place < at + 4 && bytes[place]! >= 0x80) place++;
  if (place >= end) return 'more';
  if (bytes[place]! >= 0x80) return 'no';
  place++;
  if (place < end && bytes[place] !== 0) return 'no';
  if (place + 1 >= end) return 'more';
  const length = bytes[place + 1]!;
  if (length !== 4 && length !== 6) return 'no';
  const name = length === 4 ? mqttName : mqisdpName;
  for (let i = 0; i < length; i++) {
    if (place + 2 + i >= end) return 'more';
    if (bytes[place + 2 + i] !== name[i]) return 'no';
  }
  return 'yes';
}

const mqttName = [0x4d, 0x51, 0x54, 0x54] as const;
const mqisdpName = [0x4d, 0x51, 0x49, 0x73, 0x64, 0x70] as const;

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  if (end <= start) return 'more';
  const first = bytes[start]!;
  if (first === 0x10) return connectAt(bytes, start, end);
  if (!flagsFit(first)) return 'no';
  if (!usualPort) return middle(bytes, start, end);
  return wholePackets(bytes, start, end) ? 'yes' : 'more';
}

export const mqtt: Protocol = {
  service: 'mqtt',
  logs: ['mqtt_connect', 'mqtt_publish', 'mqtt_subscribe', 'mqtt_disconnect'],
  transports: ['tcp'],
  ports: [1883],
  probe,
  open: (flow, emit) => new MqttParser(flow, emit),
};
