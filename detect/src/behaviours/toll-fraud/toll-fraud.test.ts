import { describe, expect, test } from 'vitest';
import { chance, content, detect, record, say, type Line } from '../../testing/detection.ts';

const exchange = '10.0.8.10';
const trunk = '198.51.100.5';
const day = 86_400;
const only = content.behaviours.filter(({ behaviour }) => behaviour === 'toll-fraud');
const own = (lines: Iterable<Line>) => detect(lines, { behaviours: only }).findings;

const call = (ts: number, code: string | undefined, status = 200, more: object = {}): Line =>
  record('sip', ts, exchange, trunk, 5060, {
    is_orig: true,
    method: 'INVITE',
    status_code: status,
    uri: `ps-${ts}`,
    ...(code && { called_code: code }),
    ...more,
  });

/** Days of an office that calls from eight to six by UTC, a tenth of it abroad, to two countries. */
const office = (days: number, seed = 1): Line[] => {
  const next = chance(seed);
  const lines: Line[] = [];
  for (let i = 0; i < days; i++)
    for (let n = 0; n < 400; n++)
      lines.push(call(i * day + 8 * 3_600 + next() * 36_000, next() < 0.1 ? (next() < 0.5 ? '+44' : '+1212') : undefined));
  return lines.sort((a, b) => (a.record['ts'] as number) - (b.record['ts'] as number));
};
const burst = (from: number, count: number, codes: string[], status = 200): Line[] =>
  Array.from({ length: count }, (_, i) => call(from + i * 9, codes[i % codes.length], status));

describe('is told', () => {
  test('many calls at night to places that were never called, with what was usual', () => {
    const findings = own([...office(5), ...burst(5 * day + 2 * 3_600, 60, ['+252', '+371'])]);
    expect(findings).toMatchObject([
      { source: exchange, targets: [trunk], technique: ['T1496'], level: 'high', harm: 'controllability' },
    ]);
    expect(findings[0]!.confidence).toBeGreaterThan(0.8);
    expect(say(findings[0]!.explanation)).toMatch(
      /at an hour in which it hardly ever calls; \d\d answered, 100 % to places it never called before: \+252 \(\d\d\), \+371/,
    );
  });
  test('by day as well', () => {
    expect(own([...office(3), ...burst(3 * day + 11 * 3_600, 40, ['+252'])])).toHaveLength(1);
  });
  test('before habits are known services of the world only', () => {
    expect(own(burst(1_000, 40, ['+979', '+882']))).toHaveLength(1);
    expect(own(burst(1_000, 40, ['+252']))).toEqual([]);
  });
  test('what nobody answers costs nothing yet', () => {
    expect(own([...office(3), ...burst(3 * day + 3_600, 40, ['+252'], 503)])).toMatchObject([{ level: 'medium', harm: null }]);
  });
});

describe('is not told', () => {
  const quiet = (lines: Iterable<Line>): void => expect(own(lines)).toEqual([]);
  test('weeks of an office', () => quiet(office(21, 7)));
  test('a wholesale carrier that calls everywhere all the time', () => {
    const next = chance(5);
    quiet(Array.from({ length: 30_000 }, (_, i) => call(i * 10, `+${200 + Math.floor(400 * next() ** 3)}`)));
  });
  test('a busy day abroad to known countries, demands for proof, provisional answers', () => {
    quiet([
      ...office(4),
      ...burst(4 * day + 10 * 3_600, 30, ['+44']),
      ...Array.from({ length: 200 }, (_, i) => call(4 * day + 50_000 + i, '+252', [180, 401, 407][i % 3])),
    ]);
  });
  test('hostile records', () =>
    quiet([
      { log: 'sip', record: { method: 'INVITE', called_code: '+252' } },
      call(Number.NaN, '+252'),
      call(1, 'x'.repeat(99)),
    ]));
});
