import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, cut, flowOf, hex, run } from '../trial.ts';
import { functionName } from './codes.ts';
import { modbus } from './modbus.ts';

const flow = flowOf('tcp', 502);
const there = (text: string): Arrival => ({ direction: 0, ts: 1, bytes: hex(text) });
const back = (text: string): Arrival => ({ direction: 1, ts: 2, bytes: hex(text) });
const records = (...arrivals: Arrival[]) => run(modbus, flow, arrivals).records.map(({ record }) => record);
const weirds = (...arrivals: Arrival[]) => run(modbus, flow, arrivals).weirds.map(({ name }) => name);

describe('requests, after the examples of the specification (V1.1b3 §6)', () => {
  const cases: [string, string, object][] = [
    ['read coils', '01 0013 0013', { func: 'READ_COILS', address: 0x13, quantity: 0x13 }],
    ['read holding registers', '03 006b 0003', { func: 'READ_HOLDING_REGISTERS', address: 0x6b, quantity: 3 }],
    ['write single coil', '05 00ac ff00', { func: 'WRITE_SINGLE_COIL', address: 0xac, quantity: 1, request_values: [1] }],
    ['write single register', '06 0001 0003', { func: 'WRITE_SINGLE_REGISTER', address: 1, quantity: 1, request_values: [3] }],
    ['write multiple coils', '0f 0013 000a 02 cd01', { func: 'WRITE_MULTIPLE_COILS', address: 0x13, quantity: 10 }],
    [
      'write multiple registers',
      '10 0001 0002 04 000a 0102',
      { func: 'WRITE_MULTIPLE_REGISTERS', address: 1, quantity: 2, request_values: [10, 258] },
    ],
    [
      'of many registers the first sixteen',
      `10 0001 0014 28 ${'0007'.repeat(20)}`,
      { quantity: 20, request_values: Array.from({ length: 16 }, () => 7) },
    ],
    ['mask write register', '16 0004 00f2 0025', { func: 'MASK_WRITE_REGISTER', address: 4, quantity: 1 }],
    [
      'read and write registers: the written part',
      '17 0003 0006 000e 0003 06 00ff 00ff 00ff',
      { func: 'READ_WRITE_MULTIPLE_REGISTERS', address: 0xe, quantity: 3, request_values: [255, 255, 255] },
    ],
    ['read FIFO queue', '18 04de', { func: 'READ_FIFO_QUEUE', address: 0x4de }],
    ['read device identification', '2b 0e 01 00', { func: 'ENCAP_INTERFACE_TRANSPORT' }],
  ];
  for (const [title, pdu, expected] of cases) {
    test(`${title}`, () => {
      const data = hex(pdu);
      const message = Uint8Array.from([0x15, 0x01, 0, 0, 0, data.length + 1, 0xff, ...data]);
      const outcome = run(modbus, flow, [{ direction: 0, ts: 1, bytes: message }]);
      expect(outcome.weirds).toEqual([]);
      expect(outcome.records).toMatchObject([{ record: { tid: 0x1501, unit: 255, pdu_type: 'REQ', ...expected } }]);
      expect(modbus.probe(message, 0, message.length, 0, false)).toBe('yes');
    });
  }
});

test('responses carry neither address nor quantity, exceptions their name', () => {
  const [answer, refusal] = records(back('0001 0000 0005 01 03 02 1234'), back('0002 0000 0003 01 83 02'));
  expect(answer).toMatchObject({ func: 'READ_HOLDING_REGISTERS', pdu_type: 'RESP' });
  expect(answer).not.toHaveProperty('address');
  expect(refusal).toMatchObject({ func: 'READ_HOLDING_REGISTERS_EXCEPTION', exception: 'ILLEGAL_DATA_ADDRESS' });
});

test('names of functions', () => {
  expect([0x5a, 0x90, 0x9c, 0x63].map(functionName)).toEqual([
    'PROGRAM_UNITY',
    'WRITE_MULTIPLE_REGISTERS_EXCEPTION',
    'unknown-156',
    'unknown-99',
  ]);
});

test('several messages in a segment, and any split of them, give the same records', () => {
  const bytes = hex(
    '0001 0000 0006 01 01 0000 0008  0002 0000 0013 01 10 0001 0006 0c 000102030405060708090a0b  0003 0000 0004 01 18 04de  0004 0000 0002 01 07',
  );
  const whole = run(modbus, flow, [{ direction: 0, ts: 1, bytes }]);
  expect(whole.records.map(({ record }) => record.tid)).toEqual([1, 2, 3, 4]);
  expect(whole.weirds).toEqual([]);
  fc.assert(
    fc.property(fc.array(fc.nat(100), { maxLength: 30 }), (places) => {
      expect(run(modbus, flow, cut({ direction: 0, ts: 1, bytes }, places))).toEqual(whole);
    }),
  );
});

describe('what is wrong', () => {
  test('another protocol identifier', () => {
    expect(weirds(there('0001 0001 0006 01 01 0000 0008'), there('0001 0001 0006 01 01 0000 0008'))).toEqual([
      'modbus_bad_protocol_id',
    ]);
  });
  test('a length no message can have', () => {
    expect(weirds(there('0001 0000 0001 01 01'))).toEqual(['modbus_bad_length']);
    expect(weirds(there('0001 0000 00ff 01 01'))).toEqual(['modbus_bad_length']);
    expect(weirds(there(`0001 0000 00ff 01 5a ${'00'.repeat(253)}`))).toEqual([]);
    expect(weirds(there('0001 0000 ffff 01 01'))).toEqual(['modbus_bad_length']);
  });
  test('a quantity that is not allowed', () => {
    expect(weirds(there('0001 0000 0006 01 03 0000 007e'))).toEqual(['modbus_bad_quantity']);
    expect(weirds(there('0001 0000 0006 01 01 0000 0000'))).toEqual(['modbus_bad_quantity']);
  });
  test('data that are too short', () => {
    expect(weirds(there('0001 0000 0004 01 03 0000'))).toEqual(['modbus_truncated_message']);
  });
  test('an exception that asks', () => {
    expect(weirds(there('0001 0000 0003 01 83 02'))).toEqual(['modbus_exception_in_request']);
  });
  test('reading goes on with the next good segment', () => {
    expect(records(there('0001 0000 ffff 0101'), there('0002 0000 0006 01 01 0000 0008'))).toMatchObject([{ tid: 2 }]);
  });
  test('after a gap too, and a gap inside data costs nothing', () => {
    expect(
      records(
        there('0001 0000 0017 01 10 0001 0008 10 0001 0002'),
        { direction: 0, ts: 1, missing: 12 },
        there('0002 0000 0002 01 07'),
        { direction: 0, ts: 1, missing: 50 },
        there('0009 0000 0002 01 07'),
      ),
    ).toMatchObject([{ tid: 1 }, { tid: 2 }, { tid: 9 }]);
  });
});

test('requests go towards port 502 even where the server was taken for the originator', () => {
  const { records: written } = run(modbus, flowOf('tcp', 40_001, 502), [back('0001 0000 0006 01 01 0000 0008')]);
  expect(written).toMatchObject([{ record: { pdu_type: 'REQ', quantity: 8 } }]);
});

test('mutated bytes never throw and hold nothing', () => {
  const good = hex('0001 0000 0006 01 01 0000 0008 0002 0000 000d 01 10 0001 0003 06 000102030405 0003 0000 0003 01 83 02');
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(255)), { maxLength: 8 }), (changes) => {
      const bytes = Uint8Array.from(good);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      expect(
        run(modbus, flow, [
          { direction: 0, ts: 1, bytes },
          { direction: 1, ts: 1, bytes },
        ]).records.length,
      ).toBeLessThan(16);
    }),
    { numRuns: 2_000 },
  );
});

describe('probe', () => {
  const ask = (text: string, usual: boolean, direction: 0 | 1 = 0) => {
    const bytes = hex(text);
    return modbus.probe(bytes, 0, bytes.length, direction, usual);
  };
  test('waits for a header, and refuses early what cannot be one', () => {
    expect(ask('0001 0000', true)).toBe('more');
    expect(ask('1603 01', true)).toBe('no');
    expect(ask('4745 5420 2f20', true)).toBe('no');
  });
  test('off its port the length must fit the function', () => {
    expect(ask('0001 0000 0006 01 03 0000 0001', false)).toBe('yes');
    expect(ask('0001 0000 0007 01 03 0000 0001 00', false)).toBe('no');
    expect(ask('0001 0000 0005 01 03 02 1234', false, 1)).toBe('yes');
    expect(ask('0001 0000 0006 01 63 0000 0001', false)).toBe('no');
    expect(ask('0001 0000 0006 01 63 0000 0001', true)).toBe('yes');
  });
});
