import { describe, expect, test } from 'vitest';
import { detect, record, say, type Line } from '../../testing/detection.ts';

const master = '10.60.20.10';
const controller = '10.60.30.11';

const modbus = (ts: number, source: string, func: string, more: { target?: string; answer?: boolean } = {}): Line =>
  record('modbus', ts, source, more.target ?? controller, 502, { func, pdu_type: more.answer ? 'RESP' : 'REQ', unit: 1 });

const polling = (from: number, to: number, source = master, target = controller): Line[] =>
  Array.from({ length: Math.floor((to - from) / 5) }, (_, i) =>
    modbus(from + i * 5, source, 'READ_HOLDING_REGISTERS', { target }),
  );

describe('is told', () => {
  test('a command from where nobody commands', () => {
    const { findings, told } = detect([
      ...polling(0, 2_000),
      modbus(2_001, '10.60.10.7', 'WRITE_SINGLE_COIL'),
      modbus(2_001.1, '10.60.10.7', 'WRITE_SINGLE_COIL', { answer: true }),
    ]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      source: '10.60.10.7',
      targets: [controller],
      technique: ['T0855'],
      level: 'critical',
      harm: 'controllability',
      recordCount: 2,
    });
    // Asked first, obeyed then.
    expect(told.map((finding) => finding.harm)).toEqual([null, 'controllability']);
    expect(say(findings[0]!.explanation)).toContain('No host of its network 10.60.10.0/24 regularly speaks with controllers');
  });

  test('one finding for all the controllers it commands', () => {
    const targets = ['10.60.30.11', '10.60.30.12', '10.60.30.13'];
    const lines = [
      ...targets.flatMap((target) => polling(0, 2_000, master, target)),
      ...targets.map((target, i) => modbus(2_001 + i, '10.60.10.7', 'WRITE_MULTIPLE_REGISTERS', { target })),
    ];
    lines.sort((a, b) => (a.record['ts'] as number) - (b.record['ts'] as number));
    expect(detect(lines).findings.map((finding) => finding.targets)).toEqual([targets]);
  });

  test('a refused command is no loss', () => {
    const lines = [
      ...polling(0, 2_000),
      modbus(2_001, '10.60.10.7', 'WRITE_SINGLE_COIL'),
      modbus(2_001.1, '10.60.10.7', 'WRITE_SINGLE_COIL_EXCEPTION', { answer: true }),
    ];
    expect(detect(lines).findings[0]!.harm).toBeNull();
  });

  test('though it goes on for long: what is told does not become regular', () => {
    const lines = [
      ...polling(0, 4_000),
      ...Array.from({ length: 300 }, (_, i) => modbus(2_000 + i * 5, '10.60.10.7', 'WRITE_SINGLE_REGISTER')),
    ];
    lines.sort((a, b) => (a.record['ts'] as number) - (b.record['ts'] as number));
    expect(detect(lines).findings[0]!.recordCount).toBe(300);
  });

  test('a new station of the control room, after a week of watching', () => {
    const week = 8 * 86_400;
    const lines = [
      ...polling(0, 2_000),
      ...polling(week, week + 1_000),
      modbus(week + 1_001, '10.60.20.99', 'WRITE_SINGLE_COIL'),
    ];
    expect(detect(lines).findings[0]).toMatchObject({ level: 'high', confidence: 0.6 });
  });
});

describe('is not told', () => {
  const quiet = (lines: Line[]): void =>
    expect(detect(lines.sort((a, b) => (a.record['ts'] as number) - (b.record['ts'] as number))).findings).toEqual([]);

  test('a regular master that writes', () => quiet([...polling(0, 2_000), modbus(2_001, master, 'WRITE_SINGLE_COIL')]));
  test('an operator beside the master', () =>
    quiet([...polling(0, 2_000), modbus(2_001, '10.60.20.21', 'WRITE_SINGLE_REGISTER')]));
  test('reading from elsewhere', () => quiet([...polling(0, 2_000), modbus(2_001, '10.60.10.7', 'READ_COILS')]));
  test('the first minutes of a capture, when everybody is new', () =>
    quiet([...polling(0, 60), modbus(61, '10.60.10.7', 'WRITE_SINGLE_COIL')]));
  test('a plant that nobody polls', () =>
    quiet([modbus(1_000, '10.60.10.7', 'WRITE_SINGLE_COIL'), modbus(5_000, '10.60.10.7', 'WRITE_SINGLE_COIL')]));
});

test('in other protocols as well', () => {
  const stranger = '10.60.10.7';
  const cases: [string, (name: string) => object, string, string][] = [
    ['iec104', (name) => ({ is_orig: true, 'asdu.info_obj_type': name, 'asdu.cause_tx': 'act' }), 'C_IC_NA_1', 'C_SC_NA_1'],
    ['dnp3', (name) => ({ fc_request: name, fc_reply: 'RESPONSE', iin: 0 }), 'READ', 'DIRECT_OPERATE'],
    ['s7comm', (name) => ({ is_orig: true, rosctr_name: 'Job-Request', function_name: name }), 'Read Variable', 'Write Variable'],
    ['cip', (name) => ({ direction: 'request', cip_service: name }), 'Read Data', 'Write Data'],
    ['opcua_binary', (name) => ({ identifier_str: name }), 'ReadRequest', 'WriteRequest'],
    [
      'bacnet',
      (name) => ({ is_orig: true, pdu_type: 'CONFIRMED_REQUEST', pdu_service: name }),
      'read_property',
      'write_property',
    ],
  ];
  for (const [log, of, read, write] of cases) {
    const lines = Array.from({ length: 400 }, (_, i) => record(log, i * 5, master, controller, 1_000, of(read) as never));
    const { findings } = detect([...lines, record(log, 2_001, stranger, controller, 1_000, of(write) as never)]);
    expect([log, findings.map(({ rule, source }) => [rule.id, source])]).toEqual([log, [['behaviour:new-writer', stranger]]]);
  }
});
