/**
 * HART-IP: field devices of plants over UDP and TCP, written with the main columns of icsnpp-hart-ip.
 *
 *      0         1      2    3        4          6
 *     ┌─────────┬──────┬────┬────────┬──────────┬────────┬──────┐
 *     │ version │ type │ id │ status │ sequence │ length │ body │   length of all, head included (FieldComm TS10085)
 *     └─────────┴──────┴────┴────────┴──────────┴────────┴──────┘
 *     token passing: ┌───────────┬──────────────────┬───────────┬─────────┬───────┬───────────────────────────┬───────┐
 *                    │ delimiter │ address (1 or 5) │ expansion │ command │ count │ code, status (answers), … │ check │
 *                    └───────────┴──────────────────┴───────────┴─────────┴───────┴───────────────────────────┴───────┘
 */

import type { Seconds } from '@forewarn/base/time';
import type { HartIpGeneralRecord } from '@forewarn/model/records/hart';
import { Frames, type FrameTaker } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { commandName, deviceStatus, frameName, identifierName, isIdentifier, isType, statusName, typeName } from './codes.ts';

/** A frame of HART has at most 255 bytes of data; direct messages carry several commands of which the first are not read on. */
const shownBytesMax = 512;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'hart_ip.shownBytesMax',
    value: shownBytesMax,
    unit: 'bytes of a message, per direction',
    why: 'A frame of HART has at most 255 bytes of data; the rest of a longer message is passed over.',
  },
] as const;

const headBytes = 8;
const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

/** Answers of devices, asked for or by themselves. */
const acknowledgement = 6;
const burst = 1;

class HartIpParser implements ProtocolParser, FrameTaker {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Frames, Frames] = [new Frames(shownBytesMax), new Frames(shownBytesMax)];
  private confirmed = false;
  private told = 0;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.flow.transport === 'tcp') {
      this.sides[direction].feed(this, direction, bytes, start, end, ts);
      return;
    }
    if (!isHead(bytes, start, end) || u16(bytes, start + 6) > end - start) {
      this.weird(1, 'hart_ip_bad_message', ts);
      return;
    }
    this.frame(direction, bytes, start, start + u16(bytes, start + 6), u16(bytes, start + 6), ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.sides[direction].gap(this, direction, length, ts);
  }

  finish(_ts: Seconds): void {
    for (const side of this.sides) side.stop();
  }

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < headBytes) return 0;
    return isHead(bytes, start, end) ? u16(bytes, start + 6) : -1;
  }

  frameShown(_bytes: Uint8Array, _start: number, _end: number, length: number): number {
    return Math.min(length, shownBytesMax);
  }

  frameRest(): void {}
  frameMissing(): void {}

  frameLost(_direction: Direction, gap: boolean, ts: Seconds): void {
    if (!gap) this.weird(1, 'hart_ip_bad_message', ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return isHead(bytes, start, end);
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    const identifier = bytes[start + 2]!;
    const record = this.flow.head(ts) as HartIpGeneralRecord;
    record.is_orig = direction === 0;
    record.header_version = bytes[start]!;
    record.header_message_type_message_type = typeName(bytes[start + 1]! & 15);
    record.header_message_id = identifierName(identifier);
    record.header_status_code = statusName(bytes[start + 3]!);
    record.header_sequence_number = u16(bytes, start + 4);
    record.header_length = length;
    const body = start + headBytes;
    if (identifier === 0 && end - body >= 5) {
      record.session_initiate_master_type = bytes[body]!;
      record.session_initiate_inactivity_close_timer = u16(bytes, body + 1) * 65_536 + u16(bytes, body + 3);
    } else if (identifier === 3 && end > body && !token(record, bytes, body, end)) this.weird(2, 'hart_ip_truncated_message', ts);
    this.emit.record('hart_ip_general', record);
  }

  private weird(bit: number, name: string, ts: Seconds): void {
    if (this.told & bit) return;
    this.told |= bit;
    this.emit.weird(name, ts);
  }
}

/** Reads a frame of HART; false where it is cut. */
function token(record: HartIpGeneralRecord, bytes: Uint8Array, start: number, end: number): boolean {
  const delimiter = bytes[start]!;
  const isUnique = (delimiter & 0x80) !== 0;
  const kind = delimiter & 7;
  record.token_passing_pdu_delimiter_address_type = isUnique ? 'Unique Address' : 'Polling Address';
  record.token_passing_pdu_delimiter_frame_type = frameName(kind);
  let at = start + 1 + (isUnique ? 5 : 1);
  if (at > end) return false;
  // Its upper two bits say which master asks and whether the device publishes.
  if (isUnique) {
    record.token_passing_pdu_address_v6 =
      (bytes[start + 1]! & 0x3f).toString(16).padStart(2, '0') + Buffer.prototype.hexSlice.call(bytes, start + 2, at);
  } else record.token_passing_pdu_address_v4 = bytes[start + 1]! & 0x3f;
  at += (delimiter >> 5) & 3;
  if (end - at < 2) return false;
  let command = bytes[at]!;
  const count = bytes[at + 1]!;
  record.token_passing_pdu_byte_count = count;
  let data = at + 2;
  const stop = Math.min(end, data + count);
  const isWhole = data + count < end;
  if ((kind === acknowledgement || kind === burst) && stop - data >= 2) {
    record.token_passing_pdu_contents_response_response_code = bytes[data]!;
    // An error of communication has no status of the device behind it.
    if ((bytes[data]! & 0x80) === 0) record.token_passing_pdu_contents_response_device_status = deviceStatus(bytes[data + 1]!);
    data += 2;
  }
  // Command 31 has the number of a longer one in its data.
  if (command === 31 && stop - data >= 2) command = u16(bytes, data);
  record.token_passing_pdu_command_number = commandName(command);
  record.token_passing_pdu_command_code = command;
  // Who a device is: 254, its type, revisions, and its number.
  if (command === 0 && stop - data >= 12 && bytes[data] === 254) {
    record.device_type = `0x${Buffer.prototype.hexSlice.call(bytes, data + 1, data + 3)}`;
    record.device_revision = bytes[data + 5]!;
    record.software_revision = bytes[data + 6]!;
    record.device_id = Buffer.prototype.hexSlice.call(bytes, data + 9, data + 12);
  }
  return isWhole;
}

/** Versions 1 and 2, a kind and an identifier that exist, and a length with a head in it. */
const isHead = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= headBytes &&
  (bytes[start] === 1 || bytes[start] === 2) &&
  isType(bytes[start + 1]!) &&
  isIdentifier(bytes[start + 2]!) &&
  u16(bytes, start + 6) >= headBytes;

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const have = end - start;
  if ((bytes[start] !== 1 && bytes[start] !== 2) || (have > 1 && !isType(bytes[start + 1]!))) return 'no';
  if (have > 2 && !isIdentifier(bytes[start + 2]!)) return 'no';
  if (have < headBytes) return 'more';
  if (!isHead(bytes, start, end)) return 'no';
  if (usualPort) return 'yes';
  return fits(bytes, start, u16(bytes, start + 6)) ? (have < needed(bytes, start) ? 'more' : proven(bytes, start, end)) : 'no';
}

/** Elsewhere the length must be that of the message, and a frame of HART must have the sum of its bytes behind it. */
function fits(bytes: Uint8Array, start: number, length: number): boolean {
  if (bytes[start + 1]! > 2 || bytes[start + 3]! > 17) return false;
  const identifier = bytes[start + 2]!;
  return identifier === 0 ? length === 13 : identifier === 3 ? length >= 13 && length <= 280 : false;
}

const needed = (bytes: Uint8Array, start: number): number => u16(bytes, start + 6);

function proven(bytes: Uint8Array, start: number, end: number): Probe {
  const length = u16(bytes, start + 6);
  const isAnswer = bytes[start + 1] === 1;
  if (bytes[start + 2] === 0) {
    // A session begins: who asks is a primary or secondary master, and waits some seconds to some minutes.
    return length === end - start && bytes[start + 8]! <= 1 && bytes[start + 9] === 0 && bytes[start + 10]! < 0x40 ? 'yes' : 'no';
  }
  const kind = bytes[start + headBytes]! & 0x1f;
  if (kind !== (isAnswer ? acknowledgement : bytes[start + 1] === 0 ? 2 : burst)) return 'no';
  let sum = 0;
  for (let at = start + headBytes; at < start + length; at++) sum ^= bytes[at]!;
  return sum === 0 ? 'yes' : 'no';
}

/** Over UDP a message is a datagram. */
function probeDatagram(bytes: Uint8Array, start: number, end: number, direction: Direction, usualPort: boolean): Probe {
  if (!isHead(bytes, start, end) || (usualPort ? u16(bytes, start + 6) > end - start : u16(bytes, start + 6) !== end - start))
    return 'no';
  return probe(bytes, start, end, direction, usualPort) === 'yes' ? 'yes' : 'no';
}

export const hartIp: Protocol = {
  service: 'hart_ip',
  logs: ['hart_ip_general'],
  transports: ['udp'],
  ports: [5094],
  probe: probeDatagram,
  open: (flow, emit) => new HartIpParser(flow, emit),
};

export const hartIpOverTcp: Protocol = {
  service: 'hart_ip',
  logs: ['hart_ip_general'],
  transports: ['tcp'],
  ports: [5094],
  probe,
  open: (flow, emit) => new HartIpParser(flow, emit),
};
