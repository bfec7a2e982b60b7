import { describe, expect, test } from 'vitest';
import { chance, content, detect, record, say, type Line } from '../../testing/detection.ts';

const master = '10.60.20.10';
const engineer = '10.60.20.50';
const controller = '10.60.30.11';
const only = content.behaviours.filter(({ behaviour }) => behaviour === 'new-function');
const own = (lines: Iterable<Line>) => detect(lines, { behaviours: only }).findings;

const modbus = (ts: number, source: string, func: string): Line =>
  record('modbus', ts, source, controller, 502, { func, pdu_type: 'REQ', unit: 1 });

const polling = (seconds: number, every = 5): Line[] =>
  Array.from({ length: Math.floor(seconds / every) }, (_, i) => modbus(i * every, master, 'READ_HOLDING_REGISTERS'));

const day = 86_400;

describe('is told', () => {
  test('a first write where a day of reading was seen, with age and chance', () => {
    const findings = own([...polling(day + 600, 30), modbus(day + 600, master, 'WRITE_MULTIPLE_REGISTERS')]);
    expect(findings).toMatchObject([{ source: master, targets: [controller], technique: ['T0855'], level: 'high' }]);
    expect(findings[0]!.confidence).toBeCloseTo(0.46, 1);
    expect(say(findings[0]!.explanation)).toContain('which nobody had on 1,450 occasions in 24 h');
    expect(say(findings[0]!.explanation)).toContain('once in 1,451');
  });

  test('after two hours a further function among known ones', () => {
    const findings = own([...polling(7_200), modbus(7_200, master, 'READ_FIFO_QUEUE')]);
    expect(findings).toMatchObject([{ level: 'low', confidence: 0.4 }]);
  });

  test('a function that is new on the link, though others ask for it', () => {
    const writes = Array.from({ length: 150 }, (_, i) => modbus(i * 61, master, 'WRITE_SINGLE_COIL'));
    const others = Array.from({ length: 50 }, (_, i) => modbus(i * 100 + 1, engineer, 'WRITE_SINGLE_REGISTER'));
    const lines = [...writes, ...others].sort((a, b) => (a.record['ts'] as number) - (b.record['ts'] as number));
    expect(own(lines)).toEqual([]);
    expect(own([...lines, modbus(10_001, master, 'WRITE_SINGLE_REGISTER')])).toMatchObject([{ source: master, level: 'medium' }]);
  });

  test('in each of the protocols', () => {
    const cases: [string, object, object][] = [
      ['dnp3', { fc_request: 'READ', fc_reply: 'RESPONSE' }, { fc_request: 'DIRECT_OPERATE' }],
      ['iec104', { is_orig: true, 'asdu.info_obj_type': 'C_IC_NA_1' }, { is_orig: true, 'asdu.info_obj_type': 'C_DC_NA_1' }],
      ['s7comm', { is_orig: true, function_name: 'Read Variable' }, { is_orig: true, function_name: 'Write Variable' }],
      ['cip', { direction: 'request', cip_service: 'Read Data' }, { direction: 'request', cip_service: 'Write Data' }],
      ['opcua_binary', { identifier_str: 'ReadRequest' }, { identifier_str: 'WriteRequest' }],
      [
        'bacnet',
        { is_orig: true, pdu_type: 'CONFIRMED_REQUEST', pdu_service: 'read_property' },
        { is_orig: true, pdu_type: 'CONFIRMED_REQUEST', pdu_service: 'write_property' },
      ],
    ];
    for (const [log, usual, strange] of cases) {
      const lines = Array.from({ length: 300 }, (_, i) => record(log, i * 300, master, controller, 1_000, usual as never));
      expect([log, own([...lines, record(log, 90_001, master, controller, 1_000, strange as never)]).length]).toEqual([log, 1]);
    }
  });
});

describe('is not told', () => {
  test('while little is known: the first day of writes, and links that speak seldom', () => {
    expect(own([...polling(7_200), modbus(7_201, master, 'WRITE_SINGLE_COIL')])).toEqual([]);
    expect(own([...polling(90_000, 1_000), modbus(90_001, master, 'WRITE_SINGLE_COIL')])).toEqual([]);
    // A burst is one occasion.
    expect(own([...polling(60, 0.1), ...polling(2 * day, 1_800), modbus(2 * day, master, 'WRITE_SINGLE_COIL')])).toEqual([]);
  });

  test('where new functions are usual', () => {
    const next = chance(3);
    const lines: Line[] = [];
    for (let i = 0; i < 800; i++) lines.push(modbus(i * 61, master, `FUNCTION_${Math.floor(60 * next() ** 4)}`));
    // Functions that came once say how likely others are.
    expect(own(lines).length).toBeLessThan(3);
  });

  test('what the controller refuses', () => {
    const refused = record('modbus', day + 600, master, controller, 502, {
      func: 'WRITE_SINGLE_COIL_EXCEPTION',
      pdu_type: 'RESP',
    });
    expect(own([...polling(day + 600, 30), refused])).toEqual([]);
  });
});
