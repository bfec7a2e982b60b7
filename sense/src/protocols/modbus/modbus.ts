/**
 * Modbus over TCP, written as Zeek's `modbus.log` writes it: one record for each request and each response, with the
 * address and quantity of a request beside it.
 *
 *      0        2        4        6      7      8
 *     ┌────────┬────────┬────────┬──────┬──────┬──────────────┐
 *     │ tid    │ 0      │ length │ unit │ func │ data …       │   MBAP header and PDU (Messaging on TCP/IP V1.0b §3.1)
 *     └────────┴────────┴────────┴──────┴──────┴──────────────┘
 *                                └──── length bytes ──────────┘
 *
 * Of each message at most 45 bytes are looked at; the rest is passed over without being kept. Values are kept of what is written only: what the plant is
 * told to be; of that the first sixteen registers.
 */

import type { Seconds } from '@forewarn/base/time';
import type { ModbusRecord } from '@forewarn/model/records/network';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { exceptionName, functionName, isKnownFunction } from './codes.ts';

/** Unit, function and at most 252 bytes of data (V1.1b3 §4.1). */
const messageBytesMax = 254;

/** Programming of Schneider controllers (function 90) agrees on longer messages, up to 1,024 bytes and a little. */
const programmingBytesMax = 1_152;

/** Registers of a request to write whose values are kept. */
const valuesMax = 16;

/** Header and function, address, quantity and size of WRITE_MULTIPLE_REGISTERS, and sixteen registers. */
const headBytes = 13 + 2 * valuesMax;

/** Header, function and the four fields of the longest request that is looked at (READ_WRITE_MULTIPLE_REGISTERS). */
const fieldsBytes = 17;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'modbus.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes behind the length field',
    why: 'The specification allows a PDU of 253 bytes behind the unit; a greater length is an oddity.',
  },
  {
    name: 'modbus.programmingBytesMax',
    value: programmingBytesMax,
    unit: 'bytes behind the length field, function 90',
    why: 'Controllers and their programming software agree on messages of up to 1,024 bytes.',
  },
  {
    name: 'modbus.headBytes',
    value: headBytes,
    unit: 'bytes per direction',
    why: 'All that is kept of a message that a segment has cut.',
  },
  {
    name: 'modbus.valuesMax',
    value: valuesMax,
    unit: 'registers of a request to write',
    why: 'Operators write one to a few registers; recipes of a hundred are seldom, and their first sixteen stand for them.',
  },
] as const;

const none = new Uint8Array(0);

/** What one direction is reading. */
class Side {
  /** What a segment has cut of a message; made when that first happens. */
  head: Uint8Array = none;
  have = 0;
  /** Bytes of the current message behind its head. */
  skip = 0;
  /** A boundary is lost: the next segment may begin with a message, or may not. */
  lost = false;
  /** The oddity of being lost was told. */
  told = false;
}

class ModbusParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Side, Side] = [new Side(), new Side()];
  /** The direction requests go: towards port 502, even where a capture began in the middle and took the server for the originator. */
  private readonly requests: Direction;
  private confirmed = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
    this.requests = flow.originatorPort === 502 && flow.responderPort !== 502 ? 1 : 0;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const side = this.sides[direction];
    let at = start;
    if (side.lost) {
      // Modbus sends whole messages in segments of their own: a plausible header at the front is a new beginning.
      if (!plausible(bytes, start, end)) return;
      side.lost = false;
      side.have = 0;
      side.skip = 0;
    }
    while (at < end) {
      if (side.skip > 0) {
        const length = Math.min(side.skip, end - at);
        side.skip -= length;
        at += length;
        continue;
      }
      if (side.have === 0 && end - at >= 8) {
        // The usual case: the head is here whole and need not be copied.
        const length = (bytes[at + 4]! << 8) | bytes[at + 5]!;
        if (!this.valid(side, bytes, at, ts)) return;
        const head = Math.min(6 + length, headBytes);
        if (end - at >= head) {
          this.message(direction, bytes, at, at + head, length, ts);
          side.skip = 6 + length - head;
          at += head;
          continue;
        }
      }
      if (side.head === none) side.head = new Uint8Array(headBytes);
      side.head[side.have++] = bytes[at++]!;
      if (side.have < 8) continue;
      if (side.have === 8 && !this.valid(side, side.head, 0, ts)) return;
      const length = (side.head[4]! << 8) | side.head[5]!;
      const head = Math.min(6 + length, headBytes);
      if (side.have < head) continue;
      this.message(direction, side.head, 0, head, length, ts);
      side.have = 0;
      side.skip = 6 + length - head;
    }
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    const side = this.sides[direction];
    if (side.lost) return;
    const message = side.have >= fieldsBytes ? (side.head[4]! << 8) | side.head[5]! : 0;
    const missing = 6 + message - side.have;
    if (message > 0 && length <= missing) {
      // The fields are here, only values are lost.
      this.message(direction, side.head, 0, side.have, message, ts);
      side.have = 0;
      side.skip = missing - length;
    } else if (length <= side.skip) side.skip -= length;
    else side.lost = true;
  }

  finish(ts: Seconds): void {
    for (const direction of [0, 1] as const) {
      const side = this.sides[direction];
      if (side.lost || side.have === 0) continue;
      this.emit.weird('modbus_truncated_message', ts);
      if (side.have >= 8) this.message(direction, side.head, 0, side.have, (side.head[4]! << 8) | side.head[5]!, ts);
    }
  }

  /** Checks protocol identifier and length; a wrong one ends the reading until a segment begins with a right one. */
  private valid(side: Side, bytes: Uint8Array, at: number, ts: Seconds): boolean {
    const length = (bytes[at + 4]! << 8) | bytes[at + 5]!;
    const wrong =
      bytes[at + 2] !== 0 || bytes[at + 3] !== 0
        ? 'modbus_bad_protocol_id'
        : length < 2 || length > lengthMax(bytes[at + 7]!)
          ? 'modbus_bad_length'
          : undefined;
    if (wrong === undefined) return true;
    side.lost = true;
    side.have = 0;
    if (!side.told) this.emit.weird(wrong, ts, wrong === 'modbus_bad_length' ? String(length) : undefined);
    side.told = true;
    return false;
  }

  /** `bytes[start, end)` is the head of a message that is `length + 6` bytes long. */
  private message(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    const code = bytes[start + 7]!;
    const request = direction === this.requests;
    const record = this.flow.head(ts) as ModbusRecord;
    record.tid = (bytes[start]! << 8) | bytes[start + 1]!;
    record.unit = bytes[start + 6]!;
    record.func = functionName(code);
    record.pdu_type = request ? 'REQ' : 'RESP';
    if (code & 0x80) {
      if (request) this.emit.weird('modbus_exception_in_request', ts, record.func);
      else if (end - start > 8) record.exception = exceptionName(bytes[start + 8]!);
      else this.emit.weird('modbus_truncated_message', ts, record.func);
    } else if (request) {
      this.request(record, bytes, start + 8, end, code, length - 2, ts);
    }
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    this.emit.record('modbus', record);
  }

  /** Address and quantity, as icsnpp-modbus logs them; `dataLength` is what the length field leaves for them. */
  private request(
    record: ModbusRecord,
    bytes: Uint8Array,
    at: number,
    end: number,
    code: number,
    dataLength: number,
    ts: Seconds,
  ): void {
    const shape = requestShapes[code];
    if (shape === undefined) return;
    if (dataLength < shape.bytes || end - at < shape.bytes) {
      this.emit.weird('modbus_truncated_message', ts, record.func);
      return;
    }
    record.address = (bytes[at + shape.addressAt]! << 8) | bytes[at + shape.addressAt + 1]!;
    if (shape.quantityAt < 0) {
      if (shape.quantityMax === 1) record.quantity = 1;
      // A coil is on by 0xff00 and off by 0 (§6.5); a register holds what follows (§6.6). A mask (§6.22) is no value.
      if (code === 0x05) record.request_values = [bytes[at + 2] === 0xff ? 1 : 0];
      else if (code === 0x06) record.request_values = [(bytes[at + 2]! << 8) | bytes[at + 3]!];
      return;
    }
    const quantity = (bytes[at + shape.quantityAt]! << 8) | bytes[at + shape.quantityAt + 1]!;
    record.quantity = quantity;
    if (code === 0x10 || code === 0x17) record.request_values = registers(bytes, at + shape.bytes, end, quantity);
    if (quantity === 0 || quantity > shape.quantityMax) this.emit.weird('modbus_bad_quantity', ts, `${record.func} ${quantity}`);
  }
}

/** The registers that follow, as many as were looked at. */
function registers(bytes: Uint8Array, at: number, end: number, quantity: number): number[] {
  const values: number[] = [];
  const count = Math.min(quantity, valuesMax);
  for (let i = at; i + 1 < end && values.length < count; i += 2) values.push((bytes[i]! << 8) | bytes[i + 1]!);
  return values;
}

type RequestShape = {
  /** Bytes of data that the request has at least. */
  bytes: number;
  addressAt: number;
  /** -1: the request has none. */
  quantityAt: number;
  /** V1.1b3 §6. */
  quantityMax: number;
};

/** Where a request keeps its address and quantity. Of READ_WRITE_MULTIPLE_REGISTERS the written part is taken: it changes the plant. */
const requestShapes: { readonly [code: number]: RequestShape } = {
  0x01: { bytes: 4, addressAt: 0, quantityAt: 2, quantityMax: 2_000 },
  0x02: { bytes: 4, addressAt: 0, quantityAt: 2, quantityMax: 2_000 },
  0x03: { bytes: 4, addressAt: 0, quantityAt: 2, quantityMax: 125 },
  0x04: { bytes: 4, addressAt: 0, quantityAt: 2, quantityMax: 125 },
  0x05: { bytes: 4, addressAt: 0, quantityAt: -1, quantityMax: 1 },
  0x06: { bytes: 4, addressAt: 0, quantityAt: -1, quantityMax: 1 },
  0x0f: { bytes: 5, addressAt: 0, quantityAt: 2, quantityMax: 1_968 },
  0x10: { bytes: 5, addressAt: 0, quantityAt: 2, quantityMax: 123 },
  0x16: { bytes: 6, addressAt: 0, quantityAt: -1, quantityMax: 1 },
  0x17: { bytes: 9, addressAt: 4, quantityAt: 6, quantityMax: 121 },
  0x18: { bytes: 2, addressAt: 0, quantityAt: -1, quantityMax: 0 },
};

const lengthMax = (code: number): number => ((code & 0x7f) === 0x5a ? programmingBytesMax : messageBytesMax);

/** A header whose protocol identifier and length are right. */
function plausible(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 8 || bytes[start + 2] !== 0 || bytes[start + 3] !== 0) return false;
  const length = (bytes[start + 4]! << 8) | bytes[start + 5]!;
  return length >= 2 && length <= lengthMax(bytes[start + 7]!);
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const have = end - start;
  for (const zero of [2, 3, 4]) if (have > zero && bytes[start + zero] !== 0) return 'no';
  // On port 502 a wrong length is an oddity of Modbus, elsewhere a sign that it is not Modbus.
  if (have > 5 && (bytes[start + 5]! < 2 || bytes[start + 5]! > messageBytesMax)) return usualPort ? 'yes' : 'no';
  if (have < 8) return 'more';
  const length = bytes[start + 5]!;
  const code = bytes[start + 7]!;
  if (usualPort) return 'yes';
  // Elsewhere the message must be one that the specification knows, of the length that its function asks for.
  if (!isKnownFunction(code) || (code & 0x7f) > 0x2b) return 'no';
  if (have < Math.min(6 + length, headBytes)) return 'more';
  if (have > 6 + length && !(have >= 6 + length + 4 && bytes[start + 8 + length] === 0 && bytes[start + 9 + length] === 0))
    return 'no';
  // Which side asks is not known yet: a capture may begin in the middle, or the client may sit on port 502 itself.
  return requestFits(bytes, start, length, code) || responseFits(bytes, start, length, code) ? 'yes' : 'no';
}

function requestFits(bytes: Uint8Array, start: number, length: number, code: number): boolean {
  const shape = requestShapes[code];
  if (shape === undefined)
    return code === 0x2b
      ? length === 5 && bytes[start + 8] === 0x0e
      : code === 0x07 || code === 0x0b || code === 0x11
        ? length === 2
        : false;
  if (shape.quantityAt < 0) return length === 2 + shape.bytes;
  const at = start + 8 + shape.quantityAt;
  const quantity = (bytes[at]! << 8) | bytes[at + 1]!;
  if (quantity === 0 || quantity > shape.quantityMax) return false;
  if (code <= 4) return length === 6;
  const count = bytes[at + 2]!;
  return count === (code === 0x0f ? (quantity + 7) >> 3 : quantity * 2) && length === 2 + shape.bytes + count;
}

function responseFits(bytes: Uint8Array, start: number, length: number, code: number): boolean {
  if (code & 0x80) return length === 3 && bytes[start + 8]! >= 1 && bytes[start + 8]! <= 11;
  if (code <= 4 || code === 0x17) return length >= 4 && bytes[start + 8] === length - 3;
  if (code === 5 || code === 6 || code === 0x0f || code === 0x10) return length === 6;
  return code === 0x16 ? length === 8 : false;
}

export const modbus: Protocol = {
  service: 'modbus',
  logs: ['modbus'],
  transports: ['tcp'],
  ports: [502],
  probe,
  open: (flow, emit) => new ModbusParser(flow, emit),
};
