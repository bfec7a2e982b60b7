import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, cutAll, flowOf, hex, run } from '../trial.ts';
import { causeName } from './codes.ts';
import { iec104 } from './iec104.ts';

const flow = flowOf('tcp', 2404);
const there = (text: string): Arrival => ({ direction: 0, ts: 1, bytes: hex(text) });
const of = (log: string, ...arrivals: Arrival[]) =>
  run(iec104, flow, arrivals)
    .records.filter((one) => one.log === log)
    .map(({ record }) => record);
const weirds = (...arrivals: Arrival[]) => run(iec104, flow, arrivals).weirds.map(({ name }) => name);

describe('commands (IEC 60870-5-101 §7.3.2)', () => {
  const cases: [string, string, object][] = [
    ['single', '2d 01 06 00 0300 e90300 01', { command: 'On', select: false, info_obj_addr: 1001 }],
    [
      'single with time',
      '3a 01 06 00 0300 e90300 80 552a1e0d160b18',
      { info_obj_type: 'C_SC_TA_1', command: 'Off', select: true },
    ],
    ['step', '2f 01 06 00 0300 e90300 02', { command: 'Higher' }],
    ['normalised set point', '30 01 06 00 0300 e90300 00c0 00', { value: -0.5, select: false }],
    ['scaled set point', '31 01 06 00 0300 e90300 feff 80', { value: -2, select: true }],
    ['floating set point', '32 01 06 00 0300 e90300 00009142 00', { value: 72.5 }],
    ['bits', '33 01 06 00 0300 e90300 ffffffff', { value: 4_294_967_295 }],
  ];
  for (const [title, asdu, expected] of cases) {
    test(`${title}`, () => {
      const body = hex(asdu);
      const message = Uint8Array.from([0x68, body.length + 4, 2, 0, 2, 0, ...body]);
      const outcome = run(iec104, flow, [{ direction: 0, ts: 1, bytes: message }]);
      expect(outcome.weirds).toEqual([]);
      expect(outcome.records).toMatchObject([
        { log: 'iec104', record: { apci_tx: 1, apci_rx: 1 } },
        { log: 'iec104_control', record: { common_address: 3, cause_tx: 'act', negative: false, ...expected } },
      ]);
      expect(iec104.probe(message, 0, message.length, 0, false)).toBe('yes');
    });
  }
});

test('a set point that is no number has no value', () => {
  const [record] = of('iec104_control', there('68 12 0000 0000 32 01 06 00 0300 e90300 0000c07f 00'));
  expect(record).toMatchObject({ info_obj_addr: 1001 });
  expect(record).not.toHaveProperty('value');
});

test('measured values are not written', () => {
  const records = of('iec104', there('68 12 0000 0000 0d 01 03 00 0300 e90300 00009142 00'));
  expect(records).toMatchObject([{ 'asdu.info_obj_type': 'M_ME_NC_1', 'asdu.cause_tx': 'spont', 'asdu.test': 0 }]);
  expect(JSON.stringify(records)).not.toContain('72.5');
});

test('causes', () => {
  expect([3, 10, 20, 21, 36, 37, 38, 47, 63].map(causeName)).toEqual([
    'spont',
    'actterm',
    'inrogen',
    'inro1',
    'inro16',
    'reqcogen',
    'reqco1',
    'unknown object address',
    'unknown-63',
  ]);
});

test('objects beyond the message are told and not invented', () => {
  const arrival = there('68 0e 0000 0000 01 05 03 00 0300 010000 01');
  expect(of('iec104', arrival)).toMatchObject([{ 'asdu.num_ix': 5, 'asdu.info_obj_addr': [1] }]);
  expect(weirds(arrival, arrival)).toEqual(['iec104_truncated_message']);
});

test('a direction with nothing but nonsense is not read on', () => {
  const arrivals = Array.from({ length: 40 }, () => there('00 68 04 43000000'));
  expect(weirds(...arrivals)).toEqual(['iec104_no_start']);
  expect(of('iec104', ...arrivals).length).toBeLessThan(17);
});

test('any cutting gives the same records', () => {
  const arrivals = [
    there('680407000000 680e0000000064010600030000000014 ff 68 04 01 00 02 00'),
    there('68 0e 0000 0000 2d 01 06 00 0300 e90300 01'),
  ];
  const whole = run(iec104, flow, arrivals);
  expect(whole.records).toHaveLength(5);
  fc.assert(
    fc.property(fc.array(fc.nat(60), { maxLength: 30 }), (places) => {
      expect(run(iec104, flow, cutAll(arrivals, places))).toEqual(whole);
    }),
  );
});

test('after a gap reading goes on with a segment that begins with a message', () => {
  const arrivals: Arrival[] = [
    there('68 0e 0000 0000 2d 01'),
    { direction: 0, ts: 1, missing: 10 },
    there('0300 e90300 01'),
    there('680443000000'),
  ];
  expect(of('iec104', ...arrivals)).toMatchObject([{ apci_function: 'TESTFR act' }]);
});

describe('probe', () => {
  const ask = (text: string, usual: boolean) => {
    const bytes = hex(text);
    return iec104.probe(bytes, 0, bytes.length, 0, usual);
  };
  test('the control field must be one that is sent', () => {
    expect(ask('680407000000', false)).toBe('yes');
    expect(ask('680417000000', false)).toBe('no');
    expect(ask('68040100 0200', false)).toBe('yes');
    expect(ask('6804', false)).toBe('more');
    expect(ask('6803', false)).toBe('no');
    expect(ask('68 0e 0000 0000 2d 01 06 00', false)).toBe('more');
    expect(ask('68 0f 0000 0000 2d 01 06 00 0300 e90300 01 00', false)).toBe('no');
  });
});
