import { expect, test } from 'vitest';
import { conn, detect, say, type Line } from '../../testing/detection.ts';
import { homes } from './ports.ts';

const host = '10.0.0.7';
const place = '198.51.100.7';
const told = (lines: Iterable<Line>) => detect(lines).findings.filter(({ rule }) => rule.id === 'behaviour:wrong-port');
const levels = (port: number, service: string, target = place) =>
  told([conn(1_000, host, target, port, { service })]).map(({ level }) => level);

test('by protocol, port and direction', () => {
  expect(levels(443, 'ssh')).toEqual(['medium']);
  expect(levels(2_222, 'ssh')).toEqual(['low']);
  expect(levels(2_222, 'ssh', '10.0.0.9')).toEqual(['informational']);
  expect(levels(4_444, 'http')).toEqual(['informational']);
  expect(levels(22, 'ssh')).toEqual([]);
  expect(levels(8_080, 'http')).toEqual([]);
});

test('TLS may carry anything at its own port, and what nobody registered may be anywhere', () => {
  expect(levels(443, 'ssl,http')).toEqual([]);
  expect(levels(8_883, 'ssl,mqtt')).toEqual([]);
  expect(levels(40_000, 'bittorrent')).toEqual([]);
  expect(levels(1, 'constructor')).toEqual([]);
});

test('told once a day a pair, with its count; not what everybody does', () => {
  const [finding, ...more] = told(
    Array.from({ length: 20 }, (_, i) => conn(1_000 + i * 60, host, place, 443, { service: 'ssh' })),
  );
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ recordCount: 20, technique: ['T1571'] });
  expect(say(finding!.explanation)).toContain('ssh is at home at 22');
  expect(say(finding!.explanation, 'zh')).toContain('ssh');
  const all = Array.from({ length: 6 }, (_, i) => conn(1_000 + i, `10.0.0.${i + 1}`, place, 443, { service: 'ssh' }));
  expect(told(all).map(({ source }) => source)).not.toContain('10.0.0.6');
});

test('every home is a port', () => {
  for (const ports of homes.values()) for (const port of ports) expect(port > 0 && port < 65_536).toBe(true);
});
