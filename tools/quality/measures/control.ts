/** Acts upon controllers among two days of a plant. */

import type { Random } from '@forewarn/prepare/random';
import { composed, type Line, type Measure, type Sign } from './measure.ts';
import { recordOf, restart, start } from './ordinary.ts';

const day = 86_400;
const master = '10.60.20.10';
const operator = '10.60.20.20';
const engineer = '10.60.20.50';
const historian = '10.60.40.10';
const intruder = '10.60.10.77';
const controller = (i: number): string => `10.60.30.${11 + i}`;

const modbus = (ts: number, from: string, to: string, func: string, more: object = {}): Line =>
  recordOf('modbus', ts, from, to, 502, { func, pdu_type: 'REQ', unit: 1, ...more });
const s7 = (ts: number, from: string, to: string, name: string, more: object = {}): Line =>
  recordOf('s7comm', ts, from, to, 102, { is_orig: true, rosctr_name: 'Job-Request', function_name: name, ...more });
const iec104 = (ts: number, from: string, to: string, type: string, more: object = {}): Line =>
  recordOf('iec104', ts, from, to, 2404, {
    is_orig: true,
    apci_type: 'I',
    'asdu.info_obj_type': type,
    'asdu.cause_tx': 'act',
    ...more,
  });
const setting = (ts: number, from: string, to: string, address: number, value: number): Line =>
  modbus(ts, from, to, 'WRITE_SINGLE_REGISTER', { address, quantity: 1, request_values: [Math.max(0, Math.round(value))] });

/** Three controllers of Modbus, two of S7, one of IEC 104: polled, set by operators, read by a historian, looked after by an engineer. */
export function plant(random: Random, days = 2): Line[] {
  restart();
  const lines: Line[] = [];
  const seconds = days * day;
  for (let t = 0; t < seconds; t += 180) {
    const at = start + t + random.draw([0, 5]);
    for (let i = 0; i < 3; i++) {
      lines.push(modbus(at, master, controller(i), 'READ_HOLDING_REGISTERS'));
      if (t % 900 === 0) lines.push(modbus(at + 1, master, controller(i), 'READ_COILS'));
    }
    for (const i of [3, 4]) lines.push(s7(at, master, controller(i), 'Read Variable'));
    lines.push(iec104(at, master, controller(5), t % 1_800 === 0 ? 'C_CS_NA_1' : 'C_IC_NA_1'));
    if (t % 540 === 0) for (let i = 0; i < 3; i++) lines.push(modbus(at + 9, historian, controller(i), 'READ_INPUT_REGISTERS'));
  }
  // Levels are set every quarter of an hour, each around a value of its own.
  for (let i = 0; i < 3; i++)
    for (const address of [40, 41])
      for (let t = random.draw([0, 900]); t < seconds; t += random.draw([600, 1_200]))
        lines.push(setting(start + t, operator, controller(i), address, 300 + 100 * i + address + 12 * random.normal()));
  // The engineer looks after each controller on each day, with what he always uses.
  for (let d = 0; d < days; d++)
    for (let i = 0; i < 3; i++) {
      const at = start + d * day + random.draw([3_600, 30_000]);
      for (const [n, func] of ['READ_HOLDING_REGISTERS', 'WRITE_MULTIPLE_REGISTERS', 'DIAGNOSTICS'].entries())
        lines.push(
          modbus(
            at + n,
            engineer,
            controller(i),
            func,
            n === 1 ? { address: 200 + random.whole(0, 20), request_values: [random.whole(0, 900)] } : {},
          ),
        );
    }
  return lines;
}

const answered = (line: Line): Line => ({
  ...line,
  record: {
    ...line.record,
    ts: (line.record['ts'] as number) + 0.02,
    is_orig: false,
    rosctr_name: 'ACK-Data',
    error_class: 'No error',
    pdu_type: 'RESP',
    'asdu.cause_tx': 'actcon',
  },
});

export const controls: readonly Measure[] = [
  composed({
    behaviour: 'new-function',
    on: 'plant',
    about:
      'after two days a historian that only read writes, a master uses a function that nobody used, another one sets points of S7 and IEC 104; operators and an engineer do what they always do.',
    compose: (random) => {
      const lines = plant(random.split('plant'));
      const at = start + 2 * day + 60;
      lines.push(
        modbus(at, historian, controller(0), 'WRITE_SINGLE_COIL'),
        modbus(at + 10, master, controller(1), 'READ_FILE_RECORD'),
        s7(at + 20, master, controller(3), 'Write Variable'),
        iec104(at + 30, master, controller(5), 'C_SE_NC_1'),
      );
      const signs: Sign[] = [
        { id: 'historian writes', source: historian, target: controller(0), from: at },
        { id: 'unused function', source: master, target: controller(1), from: at + 10 },
        { id: 'S7 write', source: master, target: controller(3), from: at + 20 },
        { id: 'IEC 104 set point', source: master, target: controller(5), from: at + 30 },
      ];
      return { lines, signs };
    },
  }),
  composed({
    behaviour: 'program-change',
    on: 'plant',
    about:
      'an office computer stops a controller, loads a program and restarts a station; once the engineer loads a program as well, which nothing on the wire tells from it.',
    compose: (random) => {
      const lines = plant(random.split('plant'));
      const at = start + 2 * day + 60;
      const stop = s7(at, intruder, controller(3), 'PLC Stop');
      const load = modbus(at + 60, intruder, controller(0), 'PROGRAM_UNITY');
      const renew = iec104(at + 120, intruder, controller(5), 'C_RP_NA_1');
      lines.push(stop, answered(stop), load, answered(load), renew, answered(renew));
      lines.push(s7(start + day + random.draw([0, 9_000]), engineer, controller(4), 'Request Download'));
      return {
        lines,
        signs: [
          { id: 'stop', source: intruder, target: controller(3), from: at, harmAt: at + 0.02 },
          { id: 'program', source: intruder, target: controller(0), from: at + 60, harmAt: at + 60.02 },
          { id: 'restart', source: intruder, target: controller(5), from: at + 120, harmAt: at + 120.02 },
        ],
      };
    },
  }),
  composed({
    behaviour: 'set-point',
    on: 'plant',
    about:
      'the operator’s station sets levels to twice their height, to zero, and outside by ten standard deviations; operators vary them, and move one by a fifth for good.',
    compose: (random) => {
      const lines = plant(random.split('plant'));
      const at = start + 2 * day + 60;
      for (let t = 0; t < 20; t++) lines.push(setting(start + 1.5 * day + t * 900 + 7, operator, controller(0), 41, 341 + 30));
      lines.push(
        setting(at, operator, controller(0), 40, 680),
        setting(at + 4_000, operator, controller(1), 40, 0),
        setting(at + 8_000, operator, controller(2), 40, 540 + 120),
      );
      return {
        lines,
        signs: [0, 1, 2].map((i) => ({ id: `level ${i + 1}`, source: operator, target: controller(i), from: at + i * 4_000 })),
      };
    },
  }),
  composed({
    behaviour: 'silent-source',
    on: 'plant',
    about:
      'after three days two of eight controllers answer no more; all pause for ten minutes now and then, one each night for six hours, and all for two hours once.',
    compose: (random) => {
      restart();
      const lines: Line[] = [];
      const at = start + 3 * day + random.draw([0, 7_200]);
      const pauses = Array.from({ length: 8 }, () => Array.from({ length: 6 }, () => random.draw([0, 4 * day])));
      for (let t = 0; t < 4 * day; t += 240)
        for (let i = 0; i < 8; i++) {
          const now = start + t + random.draw([0, 20]);
          const isQuiet =
            (i < 2 && now > at) ||
            pauses[i]!.some((pause) => t >= pause && t < pause + 600) ||
            (i === 7 && t % day > 60_000 && t % day < 81_600) ||
            (t > 2 * day && t < 2 * day + 7_200);
          if (!isQuiet) lines.push(modbus(now, master, controller(i), 'READ_COILS', { pdu_type: 'RESP' }));
        }
      return { lines, signs: [0, 1].map((i) => ({ id: `controller ${i + 1}`, source: controller(i), from: at })) };
    },
  }),
];
