/**
 * IEC 60870-5-104: telecontrol over TCP, in the columns of zeek-iec104. Each message is an `iec104` record with its type, cause and the
 * addresses of its objects, each command in it an `iec104_control` record.
 *
 *      0    1        2                    6      7     8       9    10          12
 *     ┌────┬────────┬────────────────────┬──────┬─────┬───────┬────┬───────────┬────────────────────────────┬┄
 *     │ 68 │ length │ control (I, S, U)  │ type │ VSQ │ cause │ OA │ address   │ object address (3) element │
 *     └────┴────────┴────────────────────┴──────┴─────┴───────┴────┴───────────┴────────────────────────────┴┄
 *                    APCI, 4 bytes        ASDU: in I only; numbers have their lowest byte first
 */

import type { Seconds } from '@forewarn/base/time';
import type { Iec104ControlRecord, Iec104Record } from '@forewarn/model/records/iec104';
import { Frames, type FrameTaker } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { causeName, commandName, elementBytes, isType, isUnnumbered, typeName, unnumberedName } from './codes.ts';

/** Start, length and 253 bytes (IEC 60870-5-104 §5). */
const messageBytesMax = 255;

/** Stretches of bytes that are no message, of a direction. */
const junkMax = 16;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'iec104.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes per direction',
    why: 'IEC 60870-5-104 §5 has messages of 253 bytes behind the length, with 127 objects at most.',
  },
  {
    name: 'iec104.junkMax',
    value: junkMax,
    unit: 'stretches per direction',
    why: 'Bytes that are no message are passed over up to the next start; a direction with more of them is not read on.',
  },
] as const;

const apciBytes = 6;
const startByte = 0x68;

const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);
const u24 = (bytes: Uint8Array, at: number): number => u16(bytes, at) | (bytes[at + 2]! << 16);

class Iec104Parser implements ProtocolParser, FrameTaker {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Frames, Frames] = [new Frames(messageBytesMax), new Frames(messageBytesMax)];
  private readonly junk: [number, number] = [0, 0];
  private confirmed = false;
  private truncatedTold = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
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

  /** What is no message is one of a single byte, so that reading goes on with the next start (§5: receivers look for it). */
  frameLength(bytes: Uint8Array, start: number, end: number): number {
    if (bytes[start] !== startByte) return 1;
    if (end - start < 2) return 0;
    const length = bytes[start + 1]!;
    return length < 4 || length > 253 ? 1 : length + 2;
  }

  frameShown(_bytes: Uint8Array, _start: number, _end: number, length: number): number {
    return length;
  }

  frameRest(): void {}
  frameMissing(): void {}
  frameLost(): void {}

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return isMessage(bytes, start, end);
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    if (length === 1) {
      this.nonsense(direction, ts);
      return;
    }
    // A new stretch of nonsense is counted as one.
    this.junk[direction] &= ~1;
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    const record = this.flow.head(ts) as Iec104Record;
    record.is_orig = direction === 0;
    record.apdu_len = length - 2;
    const control = bytes[start + 2]!;
    if ((control & 3) === 3) {
      record.apci_type = 'U';
      record.apci_function = unnumberedName(control >> 2);
      this.emit.record('iec104', record);
      return;
    }
    record.apci_rx = u16(bytes, start + 4) >> 1;
    if ((control & 1) === 1) {
      record.apci_type = 'S';
      this.emit.record('iec104', record);
      return;
    }
    record.apci_type = 'I';
    record.apci_tx = u16(bytes, start + 2) >> 1;
    this.asdu(record, bytes, start + apciBytes, end, ts);
  }

  /** Counts stretches: the lowest bit says that one goes on. */
  private nonsense(direction: Direction, ts: Seconds): void {
    if (this.junk[direction] & 1) return;
    if (this.junk[direction] === 0) this.emit.weird('iec104_no_start', ts);
    this.junk[direction] += 3;
    if (this.junk[direction] >> 1 >= junkMax) this.sides[direction].stop();
  }

  private asdu(record: Iec104Record, bytes: Uint8Array, at: number, end: number, ts: Seconds): void {
    const have = end - at;
    const type = have > 0 ? bytes[at]! : -1;
    if (have > 0) record['asdu.info_obj_type'] = typeName(type);
    if (have > 1) {
      record['asdu.seq'] = bytes[at + 1]! >> 7;
      record['asdu.num_ix'] = bytes[at + 1]! & 0x7f;
    }
    if (have > 2) {
      record['asdu.cause_tx'] = causeName(bytes[at + 2]! & 0x3f);
      record['asdu.negative'] = (bytes[at + 2]! >> 6) & 1;
      record['asdu.test'] = bytes[at + 2]! >> 7;
    }
    if (have > 3) record['asdu.originator_address'] = bytes[at + 3]!;
    if (have < 6) {
      this.truncated(ts);
      this.emit.record('iec104', record);
      return;
    }
    record['asdu.common_address'] = u16(bytes, at + 4);
    const count = bytes[at + 1]! & 0x7f;
    const isSequence = bytes[at + 1]! >> 7 === 1;
    const size = elementBytes(type);
    const addresses: number[] = [];
    const elements: number[] = [];
    let from = at + 6;
    if (size < 0) {
      // Of an element whose length is not known, only the first address is.
      if (count > 0 && end - from >= 3) addresses.push(u24(bytes, from));
    } else {
      let address = 0;
      for (let i = 0; i < count; i++) {
        if (!isSequence || i === 0) {
          if (end - from < 3) break;
          address = u24(bytes, from);
          from += 3;
        } else address++;
        if (end - from < size) {
          this.truncated(ts);
          break;
        }
        addresses.push(address);
        elements.push(from);
        from += size;
      }
      if (addresses.length < count) this.truncated(ts);
    }
    if (addresses.length > 0) record['asdu.info_obj_addr'] = addresses;
    this.emit.record('iec104', record);
    // Commands: what a point of the plant is told to do, and how the station answers.
    if ((type >= 45 && type <= 51) || (type >= 58 && type <= 64)) {
      elements.forEach((element, i) => this.control(record, type, addresses[i]!, bytes, element, ts));
    }
  }

  private control(of: Iec104Record, type: number, address: number, bytes: Uint8Array, at: number, ts: Seconds): void {
    const record = this.flow.head(ts) as Iec104ControlRecord;
    record.is_orig = of.is_orig!;
    record.info_obj_type = typeName(type);
    record.cause_tx = of['asdu.cause_tx']!;
    record.negative = of['asdu.negative'] === 1;
    record.common_address = of['asdu.common_address']!;
    record.info_obj_addr = address;
    const plain = type >= 58 ? type - 13 : type;
    // Set points have their qualifier behind the value, bit strings none.
    const qualifier = plain <= 47 ? bytes[at]! : plain === 50 ? bytes[at + 4]! : plain < 50 ? bytes[at + 2]! : 0;
    const command = commandName(type, qualifier);
    if (command !== undefined) record.command = command;
    if (plain !== 51) record.select = (qualifier & 0x80) !== 0;
    if (plain === 48) record.value = ((u16(bytes, at) << 16) >> 16) / 32_768;
    else if (plain === 49) record.value = (u16(bytes, at) << 16) >> 16;
    else if (plain === 50) {
      const value = floatOf(bytes, at);
      if (Number.isFinite(value)) record.value = value;
    } else if (plain === 51) record.value = (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;
    this.emit.record('iec104_control', record);
  }

  private truncated(ts: Seconds): void {
    if (this.truncatedTold) return;
    this.truncatedTold = true;
    this.emit.weird('iec104_truncated_message', ts);
  }
}

const four = new DataView(new ArrayBuffer(4));

/** IEEE 754 short, lowest byte first. */
function floatOf(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 4; i++) four.setUint8(i, bytes[at + i]!);
  return four.getFloat32(0, true);
}

/** A message whose control field is one that is sent: numbers and functions with their fixed bits, and known types. */
function isMessage(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < apciBytes || bytes[start] !== startByte) return false;
  const length = bytes[start + 1]!;
  const control = bytes[start + 2]!;
  if ((control & 3) === 3) {
    return (
      length === 4 && isUnnumbered(control >> 2) && bytes[start + 3] === 0 && bytes[start + 4] === 0 && bytes[start + 5] === 0
    );
  }
  if ((bytes[start + 4]! & 1) !== 0) return false;
  if ((control & 1) === 1) return length === 4 && control === 1 && bytes[start + 3] === 0;
  // At least one object, of a known type and cause, from an address that is no broadcast of nothing.
  if (length < 13 || length > 253 || end - start < 12) return false;
  const type = bytes[start + 6]!;
  const count = bytes[start + 7]! & 0x7f;
  const cause = bytes[start + 8]! & 0x3f;
  if (!isType(type) || count === 0 || cause === 0 || cause > 47) return false;
  const size = elementBytes(type);
  if (size < 0) return true;
  return length === 10 + (bytes[start + 7]! >> 7 === 1 ? 3 + count * size : count * (3 + size));
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  if (bytes[start] !== startByte) return 'no';
  const have = end - start;
  if (have < apciBytes) return have > 1 && (bytes[start + 1]! < 4 || bytes[start + 1]! > 253) ? 'no' : 'more';
  const length = bytes[start + 1]!;
  if (length < 4 || length > 253) return 'no';
  const control = bytes[start + 2]!;
  if ((control & 1) === 0) {
    if (have < 12 && length >= 13) return 'more';
    return isMessage(bytes, start, end) ? 'yes' : 'no';
  }
  return isMessage(bytes, start, end) ? 'yes' : usualPort && (control & 3) === 3 ? 'yes' : 'no';
}

export const iec104: Protocol = {
  service: 'iec104',
  logs: ['iec104', 'iec104_control'],
  transports: ['tcp'],
  ports: [2404],
  probe,
  open: (flow, emit) => new Iec104Parser(flow, emit),
};
