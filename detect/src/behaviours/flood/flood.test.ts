import { describe, expect, test } from 'vitest';
import { chance, conn, content, detect, say, unanswered, type Line } from '../../testing/detection.ts';

const server = '10.0.0.80';
const only = content.behaviours.filter(({ behaviour }) => behaviour === 'flood');
const own = (lines: Iterable<Line>) => detect(lines, { behaviours: only }).findings;
const syn = (ts: number, source: string, target = server, more: object = {}): Line =>
  conn(ts, source, target, 443, { conn_state: 'S1', history: 'Sh', orig_bytes: 0, resp_bytes: 0, ...more });
const forged = (i: number): string => `203.${i & 127}.${(i >> 7) & 255}.9`;
const customers = (seconds: number, perSecond: number): Line[] =>
  Array.from({ length: seconds * perSecond }, (_, i) => conn(i / perSecond, `198.51.${i % 200}.7`, server, 443));

describe('is told', () => {
  test('connections that nobody completes, from many, once and growing', () => {
    const attack = Array.from({ length: 3_000 }, (_, i) => syn(1_200 + i / 50, forged(i)));
    const findings = own([...customers(1_200, 1), ...attack]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ targets: [server], harm: 'availability', level: 'high' });
    expect(findings[0]!.technique).toContain('T1498.001');
    expect(findings[0]!.recordCount).toBeGreaterThan(2_800);
    expect(say(findings[0]!.explanation)).toMatch(/from many addresses.*In 2\d min of watching the most were \d\d in a minute/);
  });

  test('packets that nobody answers', () => {
    const attack = Array.from({ length: 400 }, (_, i) =>
      conn(1_200 + i / 10, forged(i), server, 9_000 + i, {
        proto: 'udp',
        conn_state: 'S0',
        history: 'D',
        orig_pkts: 200,
        orig_bytes: 200_000,
        resp_pkts: 0,
        resp_bytes: 0,
      }),
    );
    expect(own(attack)).toMatchObject([{ targets: [server], technique: ['T1498.001'] }]);
  });
});

describe('is not told', () => {
  const quiet = (lines: Iterable<Line>): void => expect(own(lines)).toEqual([]);
  test('a crowd of people, who complete their connections', () => quiet(customers(600, 60)));
  test('own hosts that flood others: another behaviour tells them', () =>
    quiet(Array.from({ length: 2_000 }, (_, i) => unanswered(1_200 + i / 50, `10.0.0.${i % 3}`, '203.0.113.80', 80))));
  test('a scan of one host and of many', () => {
    quiet([
      ...Array.from({ length: 5_000 }, (_, i) => unanswered(i / 100, '203.0.113.9', server, i)),
      ...Array.from({ length: 5_000 }, (_, i) => unanswered(i / 100, '203.0.113.9', `10.0.${i >> 8}.${i & 255}`, 443)),
    ]);
  });
  test('a stream of pictures from one camera, reports from many', () => {
    const next = chance(9);
    const camera = Array.from({ length: 60 }, (_, i) =>
      conn(i * 60, '10.0.3.3', '10.0.0.9', 5_004, { proto: 'udp', history: 'D', orig_pkts: 90_000, resp_pkts: 0, resp_bytes: 0 }),
    );
    const reports = Array.from({ length: 6_000 }, (_, i) =>
      conn(i / 2, `10.1.${i % 200}.1`, '10.0.0.8', 514, {
        proto: 'udp',
        history: 'D',
        orig_pkts: Math.ceil(9 * next()),
        resp_pkts: 0,
        resp_bytes: 0,
      }),
    );
    quiet([...camera, ...reports]);
  });
  test('a server that is down for an hour, as busy as it ever was', () => {
    const down = Array.from({ length: 30_000 }, (_, i) => unanswered(1_200 + i / 20, `198.51.${i % 200}.7`, server, 443));
    quiet([...customers(1_200, 20), ...down]);
  });
  test('hostile records', () =>
    quiet([
      { log: 'conn', record: { proto: 'tcp' } },
      syn(Number.NaN, forged(1)),
      syn(1, forged(1), server, { history: 'S'.repeat(9_999) }),
    ]));
});

test('state keeps its ceiling under a flood of targets', () => {
  const lines = function* (): Iterable<Line> {
    for (let i = 0; i < 110_000; i++)
      yield unanswered(i / 10_000, '203.0.113.9', `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 443);
  };
  expect(own(lines())).toEqual([]);
});
