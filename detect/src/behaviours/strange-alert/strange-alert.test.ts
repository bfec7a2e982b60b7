import { describe, expect, test } from 'vitest';
import { content, detect, record, say, type Line } from '../../testing/detection.ts';

const only = content.behaviours.filter(({ behaviour }) => behaviour === 'strange-alert');
const own = (lines: Iterable<Line>) => detect(lines, { behaviours: only }).findings;
const hour = 3_600;
const alert = (ts: number, sender: string, more: object = {}, from = '198.51.100.20'): Line =>
  record('cap_alert', ts, from, '10.0.6.1', 443, {
    sender,
    status: 'Actual',
    msgType: 'Alert',
    info: 1,
    infos: 2,
    signed: true,
    severity: 'Moderate',
    urgency: 'Expected',
    ...more,
  });
const usual = Array.from({ length: 48 }, (_, i) => alert(i * hour, i % 2 ? 'weather.example' : 'floods.example'));

test.each([
  [
    'a strange sender',
    alert(48 * hour, 'king@alerts.example'),
    'medium',
    0.5,
    /for the first time \(signed.*48 warnings of 2 other senders/,
  ],
  [
    'a strange sender who does not sign among those who do',
    alert(48 * hour, 'x.example', { signed: false }),
    'high',
    0.5,
    /without signature/,
  ],
  ['a grave one', alert(48 * hour, 'x.example', { severity: 'Extreme', urgency: 'Immediate' }), 'high', 0.5, /first time/],
  ['a lost signature', alert(48 * hour, 'weather.example', { signed: false }), 'high', 0.8, /all 24 before were signed/],
  ['another way', alert(48 * hour, 'weather.example', {}, '203.0.113.66'), 'medium', 0.4, /203\.0\.113\.66 → 10\.0\.6\.1/],
])('%s is told', (_, line, level, confidence, text) => {
  const findings = own([...usual, line]);
  expect(findings).toMatchObject([{ level, confidence, technique: ['T1656'] }]);
  expect(say(findings[0]!.explanation)).toMatch(text);
});

describe('is not told', () => {
  const quiet = (lines: Line[]): void => expect(own(lines)).toEqual([]);
  test('what comes as ever, in both languages', () =>
    quiet([...usual, alert(48 * hour, 'weather.example'), alert(48 * hour, 'weather.example', { info: 2, signed: false })]));
  test('the first day, exercises and tests', () => {
    quiet([...usual.slice(0, 20), alert(20 * hour, 'x.example', { signed: false })]);
    quiet([...usual, alert(48 * hour, 'x.example', { status: 'Exercise' }), alert(48 * hour, 'y.example', { status: 'Test' })]);
  });
  test('senders who never signed', () =>
    quiet([
      ...usual.map((line) => ({ ...line, record: { ...line.record, signed: false } })),
      alert(48 * hour, 'weather.example', { signed: false }),
    ]));
  test('hostile records', () =>
    quiet([
      ...usual,
      { log: 'cap_alert', record: { ts: 1, sender: 7 as never } },
      alert(Number.NaN, 'x'),
      alert(49 * hour, 'x'.repeat(1_000)),
    ]));
});
