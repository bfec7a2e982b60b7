/**
 * DCE-RPC over TCP and UDP. Over TCP it is the connection-oriented protocol, read by `RpcConversation`; named pipes of SMB use that
 * too. Over UDP it is the connectionless one, whose every datagram names interface and operation:
 *
 *      0   1      2       4      8          24           40           56     68      74       80
 *     ┌───┬──────┬───────┬──────┬──────────┬────────────┬────────────┬──────┬───────┬────────┬───────┐
 *     │ 4 │ type │ flags │ drep │ object   │ interface  │ activity   │ …    │ opnum │ length │ body  │   C706 §12.5
 *     └───┴──────┴───────┴──────┴──────────┴────────────┴────────────┴──────┴───────┴────────┴───────┘
 */

import type { Seconds } from '@forewarn/base/time';
import type { DceRpcRecord } from '@forewarn/model/records/windows';
import { type FrameTaker, Frames } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import {
  callBytes,
  contextsMax,
  headBytes,
  isCall,
  isPduHead,
  pduLength,
  pendingMax,
  RpcConversation,
  uuidText,
} from './conversation.ts';
import { endpointName, isEveryday, operationName } from './interfaces.ts';

/** The length of a PDU has sixteen bits. */
const pduBytesMax = 65_536;

/** Head of a connectionless PDU. */
const datagramHeadBytes = 80;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'dce_rpc.pduBytesMax',
    value: pduBytesMax,
    unit: 'bytes per direction',
    why: 'The length of a PDU has sixteen bits; of calls and answers only the head is kept, of bindings all.',
  },
  {
    name: 'dce_rpc.pendingMax',
    value: pendingMax,
    unit: 'unanswered calls per association',
    why: 'Clients keep one call under way, some a few dozen; when it is reached, the oldest is written without its answer.',
  },
  {
    name: 'dce_rpc.contextsMax',
    value: contextsMax,
    unit: 'presentation contexts per association',
    why: 'Windows offers two to four; calls in those beyond are named by the interface that was bound last.',
  },
] as const;

/** The connection-oriented protocol over a stream: a TCP flow, or a named pipe of SMB, whose name is then given. */
export class RpcStream implements ProtocolParser, FrameTaker {
  private readonly emit: Emit;
  private readonly pipe: boolean;
  private readonly conversation: RpcConversation;
  private readonly sides: [Frames, Frames] = [new Frames(pduBytesMax), new Frames(pduBytesMax)];
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit, pipe?: string) {
    this.emit = emit;
    this.pipe = pipe !== undefined;
    this.conversation = new RpcConversation(flow, emit, pipe);
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.sides[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.sides[direction].gap(this, direction, length, ts);
  }

  finish(_ts: Seconds): void {
    this.conversation.finish();
    for (const side of this.sides) side.stop();
  }

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    if (!isPduHead(bytes, start, end)) return -1;
    return end - start < headBytes ? 0 : pduLength(bytes, start);
  }

  frameShown(bytes: Uint8Array, start: number, _end: number, length: number): number {
    return isCall(bytes, start) ? Math.min(length, callBytes) : length;
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    if (!this.conversation.pdu(direction, bytes, start, end, length, ts) || this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm('dce_rpc');
  }

  frameRest(): void {}

  frameMissing(): void {}

  frameLost(_direction: Direction, gap: boolean, ts: Seconds): void {
    // A pipe may speak anything; only one that spoke DCE-RPC before is odd when it stops doing so.
    if (gap || this.told || (this.pipe && !this.confirmed)) return;
    this.told = true;
    this.emit.weird('dce_rpc_bad_pdu', ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return end - start >= headBytes && isPduHead(bytes, start, end);
  }
}

/** Connectionless calls: a request and its answer share activity and sequence number. */
class RpcDatagrams implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly calls = new Map<string, DceRpcRecord>();
  private confirmed = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(_direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (end - start < datagramHeadBytes || bytes[start] !== 4) return;
    const little = (bytes[start + 4]! & 0x10) !== 0;
    const type = bytes[start + 1]!;
    // Requests, responses, faults, rejections; pings and acknowledgements say nothing more.
    if (type > 10) return;
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    if (type !== 0 && type !== 2 && type !== 3 && type !== 6) return;
    const u16 = (at: number): number => (little ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!);
    const key = `${uuidText(bytes, start + 40, little)} ${u16(start + 64)} ${u16(start + 66)}`;
    if (type !== 0) {
      const record = this.calls.get(key);
      // A call may be answered in fragments; the first closes it.
      if (!record) return;
      this.calls.delete(key);
      record.rtt = Math.max(0, ts - record.ts);
      this.write(record);
      return;
    }
    // Fragments after the first, and repetitions, are the same call.
    if (this.calls.has(key) || u16(start + 76) !== 0) return;
    if (this.calls.size >= pendingMax) {
      const [oldest, waiting] = this.calls.entries().next().value!;
      this.calls.delete(oldest);
      this.write(waiting);
      this.emit.weird('dce_rpc_too_many_pending_calls', ts, String(pendingMax));
    }
    const uuid = uuidText(bytes, start + 24, little);
    const record = this.flow.head(ts) as DceRpcRecord;
    record.endpoint = endpointName(uuid);
    record.operation = operationName(uuid, u16(start + 68));
    this.calls.set(key, record);
  }

  gap(): void {}

  finish(_ts: Seconds): void {
    for (const record of this.calls.values()) this.write(record);
    this.calls.clear();
  }

  private write(record: DceRpcRecord): void {
    if (!isEveryday(record.endpoint!, record.operation!)) this.emit.record('dce_rpc', record);
  }
}

function probe(bytes: Uint8Array, start: number, end: number, usualPort: boolean): Probe {
  if (start >= end) return 'more';
  if (bytes[start] === 5) return probeStream(bytes, start, end, usualPort);
  return bytes[start] === 4 && probeDatagram(bytes, start, end) ? 'yes' : 'no';
}

/** A flow begins with a binding; on port 135, or where it was seen from its middle, with anything that has a right head. */
function probeStream(bytes: Uint8Array, start: number, end: number, usualPort: boolean): Probe {
  if (!isPduHead(bytes, start, end)) return 'no';
  if (end - start < headBytes) return 'more';
  const type = bytes[start + 2]!;
  const length = pduLength(bytes, start);
  const little = (bytes[start + 4]! & 0x10) !== 0;
  const token = little ? bytes[start + 10]! | (bytes[start + 11]! << 8) : (bytes[start + 10]! << 8) | bytes[start + 11]!;
  if (token + headBytes > length) return 'no';
  if (usualPort) return 'yes';
  if (type === 11) return length >= 72 ? 'yes' : 'no';
  // The head alone proves 45 bits; a length that matches what came makes it certain.
  return length === end - start || type === 12 || type === 14 || type === 15 || type === 16 ? 'yes' : 'no';
}

function probeDatagram(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < datagramHeadBytes || bytes[start + 1]! > 10) return false;
  // flags2 has two bits in use; the order of integers as above; floating point IEEE.
  if ((bytes[start + 3]! & 0xfc) !== 0 || (bytes[start + 4]! & 0xef) !== 0 || bytes[start + 5] !== 0 || bytes[start + 6] !== 0)
    return false;
  const little = (bytes[start + 4]! & 0x10) !== 0;
  const length = little ? bytes[start + 74]! | (bytes[start + 75]! << 8) : (bytes[start + 74]! << 8) | bytes[start + 75]!;
  return datagramHeadBytes + length <= end - start && (length > 0 || end - start === datagramHeadBytes);
}

export const dce_rpc: Protocol = {
  service: 'dce_rpc',
  logs: ['dce_rpc', 'ntlm', 'kerberos'],
  transports: ['tcp', 'udp'],
  ports: [135],
  probe: (bytes, start, end, _direction, usualPort) => probe(bytes, start, end, usualPort),
  open: (flow, emit) => (flow.transport === 'tcp' ? new RpcStream(flow, emit) : new RpcDatagrams(flow, emit)),
};
