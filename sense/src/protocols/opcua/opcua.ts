/**
 * OPC UA over TCP in its binary encoding, written with the main columns of icsnpp-opcua-binary.
 *
 *      0       3         4        8          12       16         20        24
 *     ┌───────┬─────────┬────────┬──────────┬────────┬──────────┬─────────┬──────────────────────────┬┄
 *     │ MSG   │ F, C, A │ length │ channel  │ token  │ sequence │ request │ type of the message, body │
 *     └───────┴─────────┴────────┴──────────┴────────┴──────────┴─────────┴──────────────────────────┴┄
 *      OPN has policy, certificate and thumbprint in place of the token; HEL, ACK and ERR have neither (OPC 10000-6 §6.7, §7.1)
 */

import type { Seconds } from '@forewarn/base/time';
import type { OpcuaBinaryRecord } from '@forewarn/model/records/opcua';
import { Frames, type FrameTaker } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { isRequest, serviceName, statusName } from './codes.ts';
import { kindOf, Reader, textLettersMax } from './reader.ts';
import { nodesMax, Services } from './services.ts';

/** A channel is opened with a chain of certificates; requests name some hundred nodes. */
const shownBytesMax = 16_384;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'opcua.shownBytesMax',
    value: shownBytesMax,
    unit: 'bytes of a message, per direction',
    why: 'Certificates of a chain and requests for some hundred nodes; the rest of a message is passed over.',
  },
  {
    name: 'opcua.nodesMax',
    value: nodesMax,
    unit: 'nodes of a message',
    why: 'Servers commonly allow more; the first tell what is asked.',
  },
  {
    name: 'opcua.textLettersMax',
    value: textLettersMax,
    unit: 'letters',
    why: 'Addresses and names of nodes; longer texts are cut.',
  },
] as const;

/** Three letters as a number. */
const code = (letters: string): number => (letters.charCodeAt(0) << 16) | (letters.charCodeAt(1) << 8) | letters.charCodeAt(2);
const hello = code('HEL');
const acknowledge = code('ACK');
const message = code('MSG');
const openChannel = code('OPN');
const closeChannel = code('CLO');
const plain: readonly number[] = [hello, acknowledge, code('ERR'), code('RHE')];

/** Greater than any chunk that servers accept. */
const messageBytesMax = 16_777_216;

class OpcuaParser implements ProtocolParser, FrameTaker {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Frames, Frames] = [new Frames(shownBytesMax), new Frames(shownBytesMax)];
  private readonly services: Services;
  /** The request whose message goes on in the next chunk, or -1. */
  private readonly continues: [number, number] = [-1, -1];
  /** The channel was opened with a policy: what follows may be encrypted. */
  private secured = false;
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
    this.services = new Services(flow, emit);
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.sides[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.sides[direction].gap(this, direction, length, ts);
  }

  finish(_ts: Seconds): void {
    for (const side of this.sides) side.stop();
  }

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < 8) return 0;
    return isHead(bytes, start, end) ? lengthOf(bytes, start) : -1;
  }

  frameShown(_bytes: Uint8Array, _start: number, _end: number, length: number): number {
    return Math.min(length, shownBytesMax);
  }

  frameRest(): void {}
  frameMissing(): void {}

  frameLost(direction: Direction, gap: boolean, ts: Seconds): void {
    this.continues[direction] = -1;
    if (!gap) this.bad(ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return isHead(bytes, start, end);
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    const kind = kindOf(bytes, start);
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    const record = this.flow.head(ts) as OpcuaBinaryRecord;
    record.is_orig = direction === 0;
    record.msg_type = kind;
    record.is_final = String.fromCharCode(bytes[start + 3]!);
    record.msg_size = length;
    const reader = new Reader(bytes, start + 8, end);
    if (kind === 'HEL' || kind === 'ACK') {
      record.version = reader.u32();
      record.rcv_buf_size = reader.u32();
      record.snd_buf_size = reader.u32();
      record.max_msg_size = reader.u32();
      record.max_chunk_cnt = reader.u32();
      if (kind === 'HEL') record.endpoint_url = reader.string();
    } else if (kind === 'ERR' || record.is_final === 'A') {
      if (kind !== 'ERR') reader.skip(16);
      record.error = reader.u32();
      record.reason = reader.string();
      record.status_code = statusName(record.error);
    } else if (kind === 'RHE') {
      record.server_uri = reader.string();
      record.endpoint_url = reader.string();
    } else {
      this.message(direction, record, kind, reader, end - start < length);
      return;
    }
    if (reader.failed) this.bad(ts);
    this.emit.record('opcua_binary', record);
  }

  /** OPN, MSG and CLO: a message of a service, or a part of it. */
  private message(direction: Direction, record: OpcuaBinaryRecord, kind: string, reader: Reader, isCut: boolean): void {
    const { ts } = record;
    record.sec_channel_id = reader.u32();
    if (kind === 'OPN') {
      record.sec_policy_uri = reader.string();
      record.snd_cert_len = reader.skipBytes();
      reader.skipBytes();
      this.secured = !record.sec_policy_uri.endsWith('#None');
    } else reader.skip(4);
    // Behind a policy the numbers are legible only if messages are signed and not encrypted: then a known service follows them.
    const [sequence, request] = [reader.u32(), reader.u32()];
    const isContinued = !this.secured && this.continues[direction] === request;
    this.continues[direction] = !this.secured && record.is_final === 'C' ? request : -1;
    if (isContinued) {
      record.seq_number = sequence;
      record.request_id = request;
      this.emit.record('opcua_binary', record);
      return;
    }
    const type = reader.nodeId();
    const id = !reader.failed && type.namespace === 0 ? (type.numeric ?? -1) : -1;
    const name = serviceName(id);
    if (this.secured && name === undefined) {
      this.emit.record('opcua_binary', record);
      return;
    }
    record.seq_number = sequence;
    record.request_id = request;
    if (reader.failed) {
      this.bad(ts);
      this.emit.record('opcua_binary', record);
      return;
    }
    record.namespace_idx = type.namespace;
    if (type.numeric !== undefined) record.identifier = type.numeric;
    if (name === undefined) {
      this.emit.record('opcua_binary', record);
      return;
    }
    record.identifier_str = name;
    if (isRequest(id)) {
      // Who asks is told by a secret that the server gave: it is not written.
      reader.nodeId();
      reader.skip(8);
      record.req_hdr_request_handle = reader.u32();
      reader.skip(4);
      reader.skipString();
      reader.skip(4);
      reader.extension();
    } else {
      reader.skip(8);
      record.res_hdr_request_handle = reader.u32();
      record.status_code = statusName(reader.u32());
    }
    this.emit.record('opcua_binary', record);
    this.services.read(record, id, reader);
    if (reader.failed && !isCut && record.is_final === 'F') this.bad(ts);
  }

  private bad(ts: Seconds): void {
    if (this.told) return;
    this.told = true;
    this.emit.weird('opcua_bad_message', ts);
  }
}

const lengthOf = (bytes: Uint8Array, start: number): number =>
  (bytes[start + 4]! | (bytes[start + 5]! << 8) | (bytes[start + 6]! << 16) | (bytes[start + 7]! << 24)) >>> 0;

/** A kind of message that exists, whether it is the last part, and a length that may be. */
function isHead(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 8) return false;
  const part = bytes[start + 3]!;
  if (part !== 0x46 && part !== 0x43 && part !== 0x41) return false;
  const kind = (bytes[start]! << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]!;
  const length = lengthOf(bytes, start);
  if (length > messageBytesMax) return false;
  // Only messages of services come in parts.
  if (kind === message) return length >= 24;
  return part === 0x46 && (kind === openChannel || kind === closeChannel ? length >= 24 : length >= 16 && plain.includes(kind));
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const first = bytes[start]!;
  // H, A, E, R, O, C, M.
  if (
    first !== 0x48 &&
    first !== 0x41 &&
    first !== 0x45 &&
    first !== 0x52 &&
    first !== 0x4f &&
    first !== 0x43 &&
    first !== 0x4d
  ) {
    return 'no';
  }
  const have = end - start;
  if (have >= 4 && bytes[start + 3] !== 0x46 && bytes[start + 3] !== 0x43 && bytes[start + 3] !== 0x41) return 'no';
  if (have < 8) return 'more';
  if (!isHead(bytes, start, end)) return 'no';
  if (usualPort) return 'yes';
  const length = lengthOf(bytes, start);
  const kind = (first << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]!;
  if (kind === hello) return length >= 32 && length <= 4_128 ? 'yes' : 'no';
  if (kind === acknowledge) return length === 28 ? 'yes' : 'no';
  return length <= (plain.includes(kind) ? 8_192 : 65_536) ? 'yes' : 'no';
}

export const opcua: Protocol = {
  service: 'opcua',
  logs: [
    'opcua_binary',
    'opcua_binary_opensecure_channel',
    'opcua_binary_create_session',
    'opcua_binary_activate_session',
    'opcua_binary_read',
    'opcua_binary_write',
    'opcua_binary_call',
  ],
  transports: ['tcp'],
  ports: [4840, 4843],
  probe,
  open: (flow, emit) => new OpcuaParser(flow, emit),
};
