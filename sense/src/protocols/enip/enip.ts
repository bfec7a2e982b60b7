/**
 * EtherNet/IP: sessions over TCP and UDP port 44818, and the cyclic data of CIP connections over UDP port 2222, written with the columns
 * of icsnpp-enip. All numbers have their lowest byte first.
 *
 *      0         2        4         8        12              20        24
 *     ┌─────────┬────────┬─────────┬────────┬───────────────┬─────────┬────────┐
 *     │ command │ length │ session │ status │ context       │ options │ data … │   encapsulation (volume 2 §2-3.1)
 *     └─────────┴────────┴─────────┴────────┴───────────────┴─────────┴────────┘
 *     data of Send RR Data and Send Unit Data: interface, timeout, number of items, items { type, length, bytes }
 */

import type { Seconds } from '@forewarn/base/time';
import type { CipIdentityRecord, CipIoRecord, EnipRecord } from '@forewarn/model/records/enip';
import { Frames, type FrameTaker } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { textOf } from '../text.ts';
import { Cip, cipLimits } from './cip.ts';
import { commandName, deviceTypeName, hexOf, isCommand, isStatus, statusName, vendorName } from './codes.ts';

/** Encapsulation, items, and a message of the largest connection. */
const shownBytesMax = 4_608;

/** Devices answer List Identity with one item; a gateway with a few. */
const itemsMax = 16;

export const limits = [
  {
    name: 'enip.shownBytesMax',
    value: shownBytesMax,
    unit: 'bytes of a message, per direction',
    why: 'The largest connection of CIP carries 4,000 bytes; the rest is room for its heads.',
  },
  {
    name: 'enip.itemsMax',
    value: itemsMax,
    unit: 'items in a message',
    why: 'A message has two items, or four with addresses of sockets.',
  },
  ...cipLimits,
] as const;

const headBytes = 24;

const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);
const u32 = (bytes: Uint8Array, at: number): number => (u16(bytes, at) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

const listIdentity = 0x63;
const sendRrData = 0x6f;
const sendUnitData = 0x70;

class EnipParser implements ProtocolParser, FrameTaker {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Frames, Frames] = [new Frames(shownBytesMax), new Frames(shownBytesMax)];
  private readonly cip: Cip;
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
    this.cip = new Cip(flow, emit);
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.flow.transport === 'tcp') {
      this.sides[direction].feed(this, direction, bytes, start, end, ts);
      return;
    }
    if (!isHead(bytes, start, end)) {
      this.bad(ts);
      return;
    }
    this.frame(direction, bytes, start, end, headBytes + u16(bytes, start + 2), ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.sides[direction].gap(this, direction, length, ts);
  }

  finish(_ts: Seconds): void {
    for (const side of this.sides) side.stop();
  }

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < headBytes) return 0;
    return isHead(bytes, start, end) ? headBytes + u16(bytes, start + 2) : -1;
  }

  frameShown(_bytes: Uint8Array, _start: number, _end: number, length: number): number {
    return Math.min(length, shownBytesMax);
  }

  frameRest(): void {}
  frameMissing(): void {}

  frameLost(_direction: Direction, gap: boolean, ts: Seconds): void {
    if (!gap) this.bad(ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return isHead(bytes, start, end);
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    const command = u16(bytes, start);
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm('enip');
    }
    const context = Buffer.prototype.hexSlice.call(bytes, start + 12, start + 20);
    const record = this.flow.head(ts) as EnipRecord;
    record.is_orig = direction === 0;
    record.enip_command_code = hexOf(command, 2);
    record.enip_command = commandName(command);
    record.length = length - headBytes;
    record.session_handle = hexOf(u32(bytes, start + 4), 8);
    record.enip_status = statusName(u32(bytes, start + 8));
    record.sender_context = `0x${context}`;
    record.options = hexOf(u32(bytes, start + 20), 8);
    this.emit.record('enip', record);
    const data = start + headBytes;
    if (command === listIdentity && end - data >= 2) this.identities(direction, bytes, data, end, ts);
    else if ((command === sendRrData || command === sendUnitData) && end > data) {
      if (end - data < 8) this.bad(ts);
      else this.items(direction, bytes, data + 6, end, context, ts);
    }
  }

  /** Common Packet Format (volume 2 §2-6): an item of address and one of data. */
  private items(direction: Direction, bytes: Uint8Array, start: number, end: number, context: string, ts: Seconds): void {
    const count = u16(bytes, start);
    let at = start + 2;
    let connection = '';
    for (let i = 0; i < count && i < itemsMax; i++) {
      if (end - at < 4 || u16(bytes, at + 2) > end - at - 4) {
        this.bad(ts);
        return;
      }
      const type = u16(bytes, at);
      const from = at + 4;
      const to = from + u16(bytes, at + 2);
      at = to;
      if (type === 0x00a1 && to - from >= 4) connection = hexOf(u32(bytes, from), 8);
      // Both ends number a connection otherwise, so that its number joins no request and response; its count does.
      else if (type === 0x00b1 && connection !== '' && to - from > 2) {
        this.cip.message(direction, bytes, from + 2, to, u16(bytes, from), `c${u16(bytes, from)}`, ts);
      } else if (type === 0x00b2) this.cip.message(direction, bytes, from, to, -1, context, ts);
    }
  }

  /** Answers to List Identity: who a device says it is (volume 2 §2-4.2). */
  private identities(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const count = u16(bytes, start);
    let at = start + 2;
    for (let i = 0; i < count && i < itemsMax; i++) {
      if (end - at < 4 || u16(bytes, at + 2) > end - at - 4) {
        this.bad(ts);
        return;
      }
      const from = at + 4;
      const to = from + u16(bytes, at + 2);
      if (u16(bytes, at) === 0x0c && to - from >= 34) {
        const record = this.flow.head(ts) as CipIdentityRecord;
        record.is_orig = direction === 0;
        record.encapsulation_version = u16(bytes, from);
        // Alone of all numbers the socket's have their highest byte first.
        record.socket_port = (bytes[from + 4]! << 8) | bytes[from + 5]!;
        record.socket_address = `${bytes[from + 6]}.${bytes[from + 7]}.${bytes[from + 8]}.${bytes[from + 9]}`;
        record.vendor_id = u16(bytes, from + 18);
        record.vendor_name = vendorName(record.vendor_id);
        record.device_type_id = u16(bytes, from + 20);
        record.device_type_name = deviceTypeName(record.device_type_id);
        record.product_code = u16(bytes, from + 22);
        record.revision = `${bytes[from + 24]}.${bytes[from + 25]}`;
        record.device_status = hexOf(u16(bytes, from + 26), 4);
        record.serial_number = hexOf(u32(bytes, from + 28), 8);
        const nameEnd = Math.min(to, from + 33 + bytes[from + 32]!);
        record.product_name = textOf(bytes, from + 33, nameEnd);
        if (nameEnd < to) record.device_state = hexOf(bytes[nameEnd]!, 4);
        this.cip.confirm();
        this.emit.record('cip_identity', record);
      }
      at = to;
    }
  }

  private bad(ts: Seconds): void {
    if (this.told) return;
    this.told = true;
    this.emit.weird('enip_bad_message', ts);
  }
}

/** A command and a status that exist, and options that are nothing (volume 2 §2-3.6). */
const isHead = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= headBytes &&
  bytes[start + 1] === 0 &&
  isCommand(bytes[start]!) &&
  isStatus(u32(bytes, start + 8)) &&
  u32(bytes, start + 20) === 0;

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const have = end - start;
  const command = bytes[start]!;
  if (!isCommand(command) || (have > 1 && bytes[start + 1] !== 0)) return 'no';
  // Nothing but zeros is a NOP by its form; it proves nothing elsewhere.
  if (command === 0 && !usualPort) return 'no';
  if (have >= 12 && !isStatus(u32(bytes, start + 8))) return 'no';
  if (have < headBytes) return 'more';
  if (!isHead(bytes, start, end)) return 'no';
  const length = u16(bytes, start + 2);
  if (usualPort) return 'yes';
  switch (command) {
    case 0x65:
      return length === 4 ? 'yes' : 'no';
    case 0x66:
      return length === 0 ? 'yes' : 'no';
    case sendRrData:
    case sendUnitData:
      // The interface of CIP is 0; an item of address comes first.
      if (have < headBytes + 8) return length === 0 && u32(bytes, start + 8) !== 0 ? 'yes' : have === headBytes ? 'more' : 'no';
      return length >= 16 && u32(bytes, start + headBytes) === 0 && u16(bytes, start + headBytes + 6) <= 4 ? 'yes' : 'no';
    default:
      return length <= 512 ? 'yes' : 'no';
  }
}

/** Over UDP a message is a datagram. */
function probeDatagram(bytes: Uint8Array, start: number, end: number, direction: Direction, usualPort: boolean): Probe {
  if (!isHead(bytes, start, end) || headBytes + u16(bytes, start + 2) !== end - start) return 'no';
  return probe(bytes, start, end, direction, usualPort) === 'yes' ? 'yes' : 'no';
}

const enipLogs = ['enip', 'cip', 'cip_identity'];

export const enip: Protocol = {
  service: 'enip',
  logs: enipLogs,
  transports: ['tcp'],
  ports: [44818],
  probe,
  open: (flow, emit) => new EnipParser(flow, emit),
};

export const enipOverUdp: Protocol = {
  service: 'enip',
  logs: enipLogs,
  transports: ['udp'],
  ports: [44818],
  probe: probeDatagram,
  open: (flow, emit) => new EnipParser(flow, emit),
};

/**
 * Cyclic data of a connection: two items, the connection with a running number, and the data. What the data mean is agreed when the
 * connection is opened; they are not written.
 */
class CipIoParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (!isIo(bytes, start, end)) {
      if (!this.told) this.emit.weird('enip_bad_message', ts);
      this.told = true;
      return;
    }
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm('cip');
    }
    const record = this.flow.head(ts) as CipIoRecord;
    record.is_orig = direction === 0;
    record.connection_id = hexOf(u32(bytes, start + 6), 8);
    record.sequence_number = u32(bytes, start + 10);
    record.data_length = u16(bytes, start + 16);
    this.emit.record('cip_io', record);
  }

  gap(): void {}
  finish(): void {}
}

/** Two items, the first a sequenced address of eight bytes, the second connected data to the end. */
const isIo = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= 18 &&
  u16(bytes, start) === 2 &&
  u16(bytes, start + 2) === 0x8002 &&
  u16(bytes, start + 4) === 8 &&
  u16(bytes, start + 14) === 0x00b1 &&
  u16(bytes, start + 16) <= end - start - 18;

export const cipIo: Protocol = {
  service: 'cip',
  logs: ['cip_io'],
  transports: ['udp'],
  ports: [2222],
  probe: (bytes, start, end) => (isIo(bytes, start, end) ? 'yes' : 'no'),
  open: (flow, emit) => new CipIoParser(flow, emit),
};
