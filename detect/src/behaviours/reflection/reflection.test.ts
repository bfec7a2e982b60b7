import { describe, expect, test } from 'vitest';
import { chance, conn, content, detect, say, type Line } from '../../testing/detection.ts';

const server = '10.0.0.53';
const host = '10.0.0.66';
const victim = '203.0.113.7';
const only = content.behaviours.filter(({ behaviour }) => behaviour === 'reflection');
const own = (lines: Iterable<Line>) => detect(lines, { behaviours: only }).findings;
const udp = (ts: number, source: string, target: string, port: number, asked: number, back: number, more: object = {}): Line =>
  conn(ts, source, target, port, {
    proto: 'udp',
    conn_state: 'SF',
    history: 'Dd',
    orig_bytes: asked,
    resp_bytes: back,
    duration: 5,
    ...more,
  });

describe('is told', () => {
  test('an own server that answers much to whom asked little, with factor and victims', () => {
    const lines = [victim, '203.0.113.9'].flatMap((of) =>
      Array.from({ length: 40 }, (_, i) => udp(1_000 + i * 2, of, server, 53, 600, 24_000)),
    );
    const findings = own(lines);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      source: server,
      targets: [victim, '203.0.113.9'],
      technique: ['T1498.002'],
      harm: 'availability',
      level: 'high',
    });
    expect(say(findings[0]!.explanation)).toMatch(/as DNS it sent 203\.0\.113\.\d [\d.]+ MB within 120 s, 40 times/);
  });

  test('answers of many that an own host did not ask for, however the flow was turned', () => {
    const lines = Array.from({ length: 60 }, (_, i) => {
      const from = `198.51.${i}.5`;
      return i % 2
        ? udp(1_020 + i / 10, from, host, 40_000, 30_000, 0, { 'id.orig_p': 11_211, history: 'D', resp_pkts: 0 })
        : udp(1_020 + i / 10, host, from, 123, 0, 30_000, { history: '^d' });
    });
    const findings = own(lines);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ targets: [host], confidence: 0.9, harm: 'availability' });
    expect(say(findings[0]!.explanation)).toContain('(NTP, memcached)');
  });
});

describe('is not told', () => {
  const quiet = (lines: Line[]): void => expect(own(lines)).toEqual([]);
  test('an authoritative server for a busy resolver, a time server, a server of big files over TFTP inside', () => {
    quiet([
      ...Array.from({ length: 2_000 }, (_, i) => udp(1_000 + i / 10, '198.51.100.1', server, 53, 45, 190)),
      ...Array.from({ length: 5_000 }, (_, i) => udp(1_000 + i / 100, `198.51.${i % 200}.1`, server, 123, 48, 48)),
      udp(1_000, host, server, 69, 100, 90_000_000),
    ]);
  });
  test('own hosts that ask resolvers, and late answers', () => {
    const next = chance(4);
    quiet([
      ...Array.from({ length: 3_000 }, (_, i) =>
        udp(1_000 + i / 20, host, `198.51.100.${i % 40}`, 53, 60, Math.round(2_000 * next())),
      ),
      ...Array.from({ length: 300 }, (_, i) =>
        udp(1_000 + i / 5, `198.51.100.${i % 40}`, host, 40_000, 300, 0, { 'id.orig_p': 53 }),
      ),
    ]);
  });
  test('hostile records', () => {
    quiet([
      { log: 'conn', record: { proto: 'udp' } },
      udp(Number.NaN, victim, server, 53, 1, 1e12),
      udp(1, victim, server, 53, Number.NaN, -1),
    ]);
  });
});

test('state keeps its ceiling under a flood of forged addresses', () => {
  const lines = function* (): Iterable<Line> {
    for (let i = 0; i < 120_000; i++)
      yield udp(1_000 + i / 10_000, `203.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, server, 53, 60, 3_000);
  };
  expect(own(lines())).toEqual([]);
});
