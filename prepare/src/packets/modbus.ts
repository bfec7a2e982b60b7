/** Modbus/TCP: MODBUS Application Protocol V1.1b3, MODBUS Messaging on TCP/IP V1.0b §3.1. */

export type ModbusRequest =
  | {
      kind: 'readCoils' | 'readDiscreteInputs' | 'readHoldingRegisters' | 'readInputRegisters';
      address: number;
      quantity: number;
    }
  | { kind: 'writeSingleCoil'; address: number; on: boolean }
  | { kind: 'writeSingleRegister'; address: number; value: number }
  | { kind: 'writeMultipleRegisters'; address: number; values: readonly number[] }
  | { kind: 'writeMultipleCoils'; address: number; values: readonly boolean[] };

export const functionCodes = {
  readCoils: 1,
  readDiscreteInputs: 2,
  readHoldingRegisters: 3,
  readInputRegisters: 4,
  writeSingleCoil: 5,
  writeSingleRegister: 6,
  writeMultipleCoils: 15,
  writeMultipleRegisters: 16,
} as const;

export type Header = { transaction: number; unit: number };

const frame = ({ transaction, unit }: Header, pdu: readonly number[]): Uint8Array =>
  Uint8Array.from([...two(transaction), 0, 0, ...two(pdu.length + 1), unit, ...pdu]);

const two = (value: number): [number, number] => [(value >>> 8) & 0xff, value & 0xff];

const packBits = (bits: readonly boolean[]): number[] => {
  const bytes = Array.from({ length: Math.ceil(bits.length / 8) }, () => 0);
  bits.forEach((on, i) => {
    if (on) bytes[i >> 3]! |= 1 << (i & 7);
  });
  return bytes;
};

export function modbusRequest(header: Header, request: ModbusRequest): Uint8Array {
  const start = [functionCodes[request.kind], ...two(request.address)];
  switch (request.kind) {
    case 'writeSingleCoil':
      return frame(header, [...start, request.on ? 0xff : 0, 0]);
    case 'writeSingleRegister':
      return frame(header, [...start, ...two(request.value)]);
    case 'writeMultipleRegisters':
      return frame(header, [...start, ...two(request.values.length), request.values.length * 2, ...request.values.flatMap(two)]);
    case 'writeMultipleCoils': {
      const bytes = packBits(request.values);
      return frame(header, [...start, ...two(request.values.length), bytes.length, ...bytes]);
    }
    default:
      return frame(header, [...start, ...two(request.quantity)]);
  }
}

/** The answer; `value` gives what a register holds (a coil is on when it is odd). */
export function modbusResponse(header: Header, request: ModbusRequest, value: (address: number) => number): Uint8Array {
  const code = functionCodes[request.kind];
  switch (request.kind) {
    case 'readCoils':
    case 'readDiscreteInputs': {
      const bits = Array.from({ length: request.quantity }, (_, i) => (value(request.address + i) & 1) === 1);
      const bytes = packBits(bits);
      return frame(header, [code, bytes.length, ...bytes]);
    }
    case 'readHoldingRegisters':
    case 'readInputRegisters': {
      const values = Array.from({ length: request.quantity }, (_, i) => value(request.address + i));
      return frame(header, [code, request.quantity * 2, ...values.flatMap(two)]);
    }
    case 'writeSingleCoil':
    case 'writeSingleRegister':
      // An echo of the request.
      return modbusRequest(header, request);
    default:
      return frame(header, [code, ...two(request.address), ...two(request.values.length)]);
  }
}

/** An exception: 1 illegal function, 2 illegal address, 6 busy. */
export const modbusException = (header: Header, request: ModbusRequest, code: number): Uint8Array =>
  frame(header, [functionCodes[request.kind] | 0x80, code]);
