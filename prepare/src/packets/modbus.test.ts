import { expect, test } from 'vitest';
import { modbusException, modbusRequest, modbusResponse } from './modbus.ts';

const header = { transaction: 1, unit: 17 };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

// The examples of MODBUS Application Protocol V1.1b3 §6, behind the header of MODBUS/TCP.
test('§6.3 read holding registers', () => {
  const request = { kind: 'readHoldingRegisters', address: 107, quantity: 3 } as const;
  expect(hex(modbusRequest(header, request))).toBe('0001000000061103006b0003');
  expect(hex(modbusResponse(header, request, (address) => ({ 107: 0x022b, 108: 0, 109: 0x64 })[address]!))).toBe(
    '000100000009110306022b00000064',
  );
  expect(hex(modbusException(header, request, 2))).toBe('000100000003118302');
});

test('§6.5 write single coil, §6.6 write single register', () => {
  const coil = { kind: 'writeSingleCoil', address: 172, on: true } as const;
  expect(hex(modbusRequest(header, coil)).slice(14)).toBe('0500acff00');
  expect(modbusResponse(header, coil, () => 0)).toEqual(modbusRequest(header, coil));
  expect(hex(modbusRequest(header, { kind: 'writeSingleRegister', address: 1, value: 3 })).slice(14)).toBe('0600010003');
});

test('§6.11 write multiple coils, §6.12 write multiple registers', () => {
  // 1100 1101 01: coils 20 to 29.
  const values = [1, 0, 1, 1, 0, 0, 1, 1, 1, 0].map((bit) => bit === 1);
  const coils = { kind: 'writeMultipleCoils', address: 19, values } as const;
  expect(hex(modbusRequest(header, coils)).slice(14)).toBe('0f0013000a02cd01');
  expect(hex(modbusResponse(header, coils, () => 0)).slice(14)).toBe('0f0013000a');
  const registers = { kind: 'writeMultipleRegisters', address: 1, values: [0x0a, 0x0102] } as const;
  expect(hex(modbusRequest(header, registers)).slice(14)).toBe('100001000204000a0102');
  expect(hex(modbusResponse(header, registers, () => 0)).slice(14)).toBe('1000010002');
});
