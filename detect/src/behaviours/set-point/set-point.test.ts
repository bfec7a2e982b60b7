import { describe, expect, test } from 'vitest';
import { chance, content, detect, record, say, type Line } from '../../testing/detection.ts';

const operator = '10.60.20.20';
const controller = '10.60.30.11';

const write = (ts: number, values: number[], more: object = {}): Line =>
  record('modbus', ts, operator, controller, 502, {
    func: 'WRITE_MULTIPLE_REGISTERS', pdu_type: 'REQ', unit: 1, address: 40, quantity: values.length, request_values: values, tid: 7, uid: 'Cone', ...more,
  }); // oxfmt-ignore
const answer = (ts: number, more: object = {}): Line =>
  record('modbus', ts, operator, controller, 502, {
    func: 'WRITE_MULTIPLE_REGISTERS',
    pdu_type: 'RESP',
    unit: 1,
    tid: 7,
    uid: 'Cone',
    ...more,
  });
const only = content.behaviours.filter(({ behaviour }) => behaviour === 'set-point');
const own = (lines: Line[]) => detect(lines, { behaviours: only }).findings;

const usual = (count: number, every = 60, seed = 1): Line[] => {
  const next = chance(seed);
  return Array.from({ length: count }, (_, i) => write(i * every, [500 + Math.round(40 * (next() + next() + next() - 1.5)), 3]));
};

describe('is told', () => {
  test('a value far outside, with range, age and number; the answer makes it a loss', () => {
    const findings = own([...usual(100), write(6_001, [900, 3]), answer(6_001.1)]);
    expect(findings).toMatchObject([
      { source: operator, targets: [controller], technique: ['T0836'], level: 'high', harm: 'controllability', recordCount: 2 },
    ]);
    expect(findings[0]!.confidence).toBeGreaterThan(0.55);
    expect(say(findings[0]!.explanation)).toMatch(
      /set the point 1\/40 of 10\.60\.30\.11 to 900\. All 100 values .* in 100 min lay between 4\d\d and 5\d\d/,
    );
  });

  test('below zero is no number near 65,535', () => {
    const around = Array.from({ length: 60 }, (_, i) => write(i * 60, [(65_536 + (i % 7) - 3) % 65_536]));
    expect(own([...around, write(3_601, [65_535])])).toEqual([]);
    expect(own([...around, write(3_601, [40])])).toHaveLength(1);
  });

  test('of IEC 104, OPC UA and BACnet', () => {
    const cases: [string, (value: number) => object][] = [
      [
        'iec104_control',
        (value) => ({ is_orig: true, info_obj_type: 'C_SE_NC_1', cause_tx: 'act', common_address: 1, info_obj_addr: 9, value }),
      ],
      [
        'opcua_binary_write',
        (value) => ({
          is_orig: true,
          request_id: 1,
          node_id_namespace_idx: 2,
          node_id_string: 'Speed',
          attribute_id_str: 'Value',
          value: String(value),
        }),
      ],
      [
        'bacnet_property',
        (value) => ({
          is_orig: true,
          pdu_service: 'write_property_request',
          object_type: 'analog-value',
          instance_number: 3,
          property: 'present-value',
          value: String(value),
        }),
      ],
    ];
    for (const [log, of] of cases) {
      const lines = Array.from({ length: 60 }, (_, i) => record(log, i * 60, operator, controller, 1, of(20 + (i % 5)) as never));
      expect([log, own([...lines, record(log, 3_601, operator, controller, 1, of(60) as never)]).length]).toEqual([log, 1]);
    }
  });
});

describe('is not told', () => {
  test('while the range is not known', () => {
    expect(own([...usual(20), write(1_300, [900, 3])])).toEqual([]);
    expect(own([...usual(60, 1), write(70, [900, 3])])).toEqual([]);
  });
  test('what is a little more than before, and what is refused is no loss', () => {
    expect(own([...usual(100), write(6_001, [575, 3])])).toEqual([]);
    expect(own([...usual(100), write(6_001, [900, 3]), answer(6_002, { exception: 'ILLEGAL_DATA_VALUE' })])).toMatchObject([
      { harm: null },
    ]);
  });
  test('a new habit after a day', () => {
    const after = Array.from({ length: 60 }, (_, i) => write(10_000 + i * 3_600, [900, 3]));
    const last = own([...usual(100), ...after]).at(-1)!;
    expect(last.to).toBeLessThan(10_000 + 30 * 3_600);
  });
  test('coils', () => {
    const coils = Array.from({ length: 100 }, (_, i) => write(i * 60, [0], { func: 'WRITE_SINGLE_COIL' }));
    expect(own([...coils, write(6_001, [1], { func: 'WRITE_SINGLE_COIL' })])).toEqual([]);
  });
});
