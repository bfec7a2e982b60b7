import { expect, test } from 'vitest';
import { content, detect, record, say, type Line } from '../../testing/detection.ts';

const engineer = '10.60.20.50';
const controller = '10.60.30.11';
const day = 86_400;

const s7 = (ts: number, name: string, more: object = {}): Line =>
  record('s7comm', ts, engineer, controller, 102, { is_orig: true, rosctr_name: 'Job-Request', function_name: name, ...more });
const answer = (ts: number, name: string, error: string): Line =>
  s7(ts, name, { is_orig: false, rosctr_name: 'ACK-Data', error_class: error });
const only = content.behaviours.filter(({ behaviour }) => behaviour === 'program-change');
const own = (lines: Line[]) => detect(lines, { behaviours: only }).findings;

test('a stop is told at once, and as a loss when the controller obeys', () => {
  const { told } = detect([s7(1_000, 'PLC Stop'), answer(1_000.1, 'PLC Stop', 'No error')]);
  expect(told.map(({ level, harm, technique }) => [level, harm, technique[0]])).toEqual([
    ['high', null, 'T0858'],
    ['high', 'availability', 'T0858'],
  ]);
  expect(say(told.at(-1)!.explanation)).toContain(`${engineer} stopped the controller ${controller} (S7: PLC Stop); it obeyed.`);
});

test('by a stranger to a controller that was watched for long it is critical', () => {
  const watching = Array.from({ length: 30 }, (_, i) => s7(i * 3_600, 'Read Variable'));
  const findings = own([
    ...watching,
    s7(30 * 3_600, 'Request Download'),
    s7(30 * 3_600 + 1, 'PLC Stop'),
    answer(30 * 3_600 + 2, 'PLC Stop', 'No error'),
  ]);
  expect(findings.map(({ level, technique, confidence }) => [level, technique[0], confidence])).toEqual([
    ['high', 'T0843', 0.8],
    ['critical', 'T0858', 0.8],
  ]);
});

test('what is refused is no loss', () => {
  expect(own([answer(5, 'PLC Stop', 'Access error')])).toMatchObject([{ level: 'medium', harm: null }]);
});

test('who maintains controllers day by day is told low', () => {
  const lines = Array.from({ length: 5 }, (_, i) => s7(i * day + 1_000, 'Request Download'));
  const findings = own(lines);
  expect(findings.map(({ level }) => level)).toEqual(['high', 'high', 'high', 'low', 'low']);
  expect(say(findings[4]!.explanation)).toContain('4 earlier days');
});

test('reads and writes are no change of the controller itself', () => {
  expect(own([s7(1, 'Read Variable'), s7(2, 'Write Variable'), s7(3, 'Setup Communication')])).toEqual([]);
});
