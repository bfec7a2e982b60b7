import { describe, expect, test } from 'vitest';
import { conn, content, detect, record, say, type Line } from '../../testing/detection.ts';

const gateway = '10.80.0.1';
const day = 86_400;
const only = content.behaviours.filter(({ behaviour }) => behaviour === 'gtp-abuse');
const own = (lines: Iterable<Line>) => detect(lines, { behaviours: only }).findings;
const partner = (i: number): string => `198.51.100.${i + 1}`;
const gtp = (ts: number, source: string, message: string, more: object = {}): Line =>
  record('gtp', ts, source, gateway, 2123, { is_orig: true, version: 2, message, ...more });
const usual = (days = 2): Line[] =>
  Array.from({ length: days * 288 }, (_, i) => gtp(i * 300, partner(i % 5), i % 7 ? 'create_session_request' : 'echo_request'));

describe('is told', () => {
  test('a partner whom nobody knows, with the age of what is known', () => {
    const findings = own([...usual(), gtp(2 * day, '203.0.113.66', 'create_session_request')]);
    expect(findings).toMatchObject([{ source: '203.0.113.66', targets: [gateway], level: 'high' }]);
    expect(say(findings[0]!.explanation)).toContain('In 2 days of watching 5 partners asked that element');
    expect(own([...usual(), gtp(2 * day, '203.0.113.66', 'echo_request')])).toMatchObject([{ level: 'medium' }]);
  });
  test('sessions by the thousand', () => {
    const lines = Array.from({ length: 2_000 }, (_, i) => gtp(2 * day + i / 40, partner(1), 'create_session_request'));
    const findings = own([...usual(), ...lines]);
    expect(findings).toMatchObject([{ source: partner(1), technique: ['T1499'], harm: 'availability' }]);
  });
  test('sessions that are not there', () => {
    const lines = Array.from({ length: 120 }, (_, i) => [
      gtp(2 * day + i / 4, partner(2), 'delete_session_request'),
      gtp(2 * day + i / 4, partner(2), 'delete_session_response', { is_orig: false, cause: 64 }),
    ]).flat();
    expect(own([...usual(), ...lines])).toMatchObject([{ source: partner(2), targets: [gateway] }]);
  });
  test('the core, from within a tunnel', () => {
    const tunnel = record('tunnel', 1, partner(0), gateway, 2152, {
      tunnel_type: 'Tunnel::GTPv1',
      action: 'Tunnel::DISCOVER',
      uid: 'Ctunnel',
    });
    const inner = (port: number, parents: string[]): Line =>
      conn(5, '10.200.0.4', gateway, port, { proto: 'udp', tunnel_parents: parents as never });
    expect(own([tunnel, inner(2123, ['Ctunnel'])])).toMatchObject([{ source: '10.200.0.4', technique: ['T1572'] }]);
    expect(own([tunnel, inner(2123, ['Cgre']), inner(53, ['Ctunnel'])])).toEqual([]);
  });
});

describe('is not told', () => {
  const quiet = (lines: Line[]): void => expect(own(lines)).toEqual([]);
  test('ordinary days, a restart of a link, partners of the first day, own elements', () => {
    quiet([
      ...usual(1),
      gtp(day / 2, '203.0.113.66', 'create_session_request'),
      gtp(2 * day, '10.80.0.9', 'create_session_request'),
      ...Array.from({ length: 300 }, (_, i) => gtp(2 * day + i / 6, partner(1), 'create_session_request')),
    ]);
  });
  test('hostile records', () =>
    quiet([
      { log: 'gtp', record: {} },
      gtp(Number.NaN, partner(1), 'create_session_request'),
      { log: 'conn', record: { proto: 'udp', tunnel_parents: [1, 2] } },
    ]));
});

test('state keeps its ceiling under a flood of partners', () => {
  const lines = function* (): Iterable<Line> {
    for (let i = 0; i < 55_000; i++) yield gtp(i / 1_000, `203.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 'echo_request');
  };
  expect(own(lines())).toEqual([]);
});
