import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, cutAll, flowOf, hex, run } from '../trial.ts';
import { cipIo, enip, enipOverUdp } from './enip.ts';

const flow = flowOf('tcp', 44818);

const u16 = (value: number): number[] => [value & 255, value >> 8];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];

/** A message of EtherNet/IP. */
function message(command: number, data: readonly number[], status = 0): Uint8Array {
  return Uint8Array.from([
    ...u16(command),
    ...u16(data.length),
    ...u32(7),
    ...u32(status),
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    ...u32(0),
    ...data,
  ]);
}
/** A CIP message outside of any connection. */
const unconnected = (text: string): Uint8Array => {
  const cip = [...hex(text)];
  return message(0x6f, [...u32(0), ...u16(10), ...u16(2), ...u32(0), ...u16(0xb2), ...u16(cip.length), ...cip]);
};
const there = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });
const back = (bytes: Uint8Array): Arrival => ({ direction: 1, ts: 2, bytes });
const cip = (...arrivals: Arrival[]) =>
  run(enip, flow, arrivals)
    .records.filter(({ log }) => log === 'cip')
    .map(({ record }) => record);
const weirds = (...arrivals: Arrival[]) => run(enip, flow, arrivals).weirds.map(({ name }) => name);

describe('paths (volume 1 appendix C)', () => {
  const cases: [string, string, object][] = [
    [
      'a class, an instance and an attribute of a byte each',
      '0e 03 2001 2401 3007',
      { class_id: '0x01', instance_id: '0x01', attribute_id: '0x07' },
    ],
    ['of two bytes, each with one between', '0e 04 21001a03 25002024', { class_id: '0x31a', instance_id: '0x2420' }],
    ['of four bytes', '0e 04 2067 2600 01000080', { class_id: '0x67', instance_id: '0x80000001' }],
    [
      'a tag in a program: the last class is meant',
      '03 06 2068 25002024 206b 25000100',
      { class_id: '0x6b', instance_id: '0x01' },
    ],
    ['behind a port and an address', '0e 05 1104 31302e31 2001 2401', { class_id: '0x01' }],
    ['a name of odd length', '4c 04 9105 4c6576656c00', { symbol: 'Level', cip_service: 'Read Data' }],
  ];
  for (const [title, text, expected] of cases) {
    test(`${title}`, () => {
      expect(cip(there(unconnected(text)))).toMatchObject([{ direction: 'request', ...expected }]);
    });
  }
});

test('services that share a code are told by the class, in answers by that of the request', () => {
  const close = there(unconnected('4e 02 2006 2401 0a0e0000'));
  expect(cip(close, back(unconnected('ce 00 00 00')))).toMatchObject([
    { cip_service: 'Forward Close', direction: 'request' },
    { cip_service: 'Forward Close', direction: 'response', cip_status: 'Success' },
  ]);
  expect(cip(there(unconnected('4e 02 2072 2401 00')))).toMatchObject([{ cip_service: 'Read Write Modify Data' }]);
});

test('why a connection was refused', () => {
  expect(cip(back(unconnected('d4 00 01 01 0001')))).toMatchObject([
    {
      cip_status: 'Connection Failure',
      cip_extended_status_code: '0x0100',
      cip_extended_status: 'Connection in use or duplicate Forward Open',
    },
  ]);
});

test('cyclic data: the connection and its running number, not the data', () => {
  const bytes = hex('0200 0280 0800 787b3a00 28cb5e04 b100 0600 0300fdffffff');
  const outcome = run(cipIo, flowOf('udp', 2222), [{ direction: 1, ts: 1, bytes }]);
  expect(outcome.records).toMatchObject([
    { log: 'cip_io', record: { is_orig: false, connection_id: '0x003a7b78', sequence_number: 73_321_256, data_length: 6 } },
  ]);
  expect(JSON.stringify(outcome.records)).not.toContain('0300fdff');
  expect(outcome.services).toEqual(['cip']);
  expect(cipIo.probe(bytes, 0, bytes.length, 0, false)).toBe('yes');
});

test('any cutting gives the same records', () => {
  const arrivals = [
    there(message(0x65, [1, 0, 0, 0])),
    there(unconnected('0a 02 2002 2401 0200 0600 0c00 0302 2001 2401 0302 2069 2400')),
    back(unconnected('8a 00 00 00 0200 0600 0a00 83000000 83000000')),
  ];
  const whole = run(enip, flow, arrivals);
  expect(whole.records.filter(({ log }) => log === 'cip')).toHaveLength(6);
  expect(whole.weirds).toEqual([]);
  expect(whole.services).toEqual(['enip', 'cip']);
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 30 }), (places) => {
      const outcome = run(enip, flow, cutAll(arrivals, places));
      expect(outcome).toEqual(whole);
    }),
  );
});

test('damaged bytes never throw, and a message gives no more records than a packet has room for', () => {
  const good = [...unconnected('0a 02 2002 2401 0300 0800 0e00 1400 0302 2001 2401 0302 2069 2400 0a02 2002 2401 0000')];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 8 }), (changes) => {
      const bytes = Uint8Array.from([...good, ...good]);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      expect(run(enip, flow, [there(bytes), back(bytes)]).records.length).toBeLessThan(32);
    }),
    { numRuns: 2_000 },
  );
});

test('what is wrong is told once', () => {
  const wrong = message(0x6f, [...u32(0), ...u16(0), ...u16(2), ...u16(0), ...u16(999)]);
  expect(weirds(there(wrong), there(wrong))).toEqual(['enip_bad_message']);
  expect(weirds(there(unconnected('03 7f 2001')), there(unconnected('03 7f 2001')))).toEqual(['cip_truncated_message']);
});

describe('probe', () => {
  const ask = (bytes: Uint8Array, usual: boolean, protocol = enip) => protocol.probe(bytes, 0, bytes.length, 0, usual);
  test('elsewhere the length must fit the command', () => {
    expect(ask(message(0x65, [1, 0, 0, 0]), false)).toBe('yes');
    expect(ask(message(0x65, [1, 0, 0, 0, 0]), false)).toBe('no');
    expect(ask(unconnected('0e 02 2001 2401'), false)).toBe('yes');
    expect(ask(message(0x65, [1, 0, 0, 0]).subarray(0, 10), false)).toBe('more');
    expect(ask(new Uint8Array(64), false)).toBe('no');
    expect(ask(new Uint8Array(24), true)).toBe('yes');
  });
  test('a datagram is one message', () => {
    expect(ask(message(0x63, []), false, enipOverUdp)).toBe('yes');
    expect(ask(Uint8Array.from([...message(0x63, []), 1]), true, enipOverUdp)).toBe('no');
  });
});
