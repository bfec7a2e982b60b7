import { expect, test } from 'vitest';
import { detect, say, type Line } from '../../testing/detection.ts';

const arp = (ts: number, SPA: string, SHA: string, TPA: string, more: { [name: string]: string } = {}): Line => ({
  log: 'arp',
  record: {
    ts,
    arp_type: 'request',
    mac_src: SHA,
    mac_dst: 'ff:ff:ff:ff:ff:ff',
    SPA,
    SHA,
    TPA,
    THA: '00:00:00:00:00:00',
    ...more,
  },
});

const gateway = '02:00:00:00:00:01';
const thief = '02:00:00:00:00:66';
const settled = Array.from({ length: 10 }, (_, i) => arp(1_000 + i * 60, '10.0.0.1', gateway, '10.0.0.9'));

test('an address in use that is claimed by another, twice', () => {
  const claims = (count: number, from = 1_600) =>
    Array.from({ length: count }, (_, i) =>
      arp(from + i, '10.0.0.1', thief, '10.0.0.9', { arp_type: 'reply', mac_dst: '02:00:00:00:00:09' }),
    );
  const { findings } = detect([...settled, ...claims(2)]);
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({ source: '10.0.0.1', level: 'medium', technique: ['T1557.002'] });
  expect(say(findings[0]!.explanation)).toContain(thief);
  expect(say(findings[0]!.explanation, 'zh')).toContain(gateway);
  expect(detect([...settled, ...claims(1)]).findings).toEqual([]);
  // The owner is gone since long: the address was given to another.
  expect(detect([...settled, ...claims(5, 9_000)]).findings).toEqual([]);
  // Routers that share an address.
  expect(
    detect([
      ...settled,
      arp(1_600, '10.0.0.1', '00:00:5e:00:01:05', '10.0.0.9'),
      arp(1_601, '10.0.0.1', '00:00:5e:00:01:05', '10.0.0.9'),
    ]).findings,
  ).toEqual([]);
});

test('what nobody asked for, and who is sought outside, are noted', () => {
  const { findings } = detect([
    arp(1_000, '10.0.0.15', thief, '10.0.0.15', { arp_type: 'reply' }),
    arp(1_001, '10.0.0.15', thief, '198.51.100.7'),
    arp(1_002, '10.0.0.15', thief, '10.0.0.1'),
  ]);
  expect(findings.map(({ level, explanation }) => [level, explanation.text])).toEqual([
    ['informational', 'detect.arp-claims.unasked'],
    ['informational', 'detect.arp-claims.outside'],
  ]);
});

test('hostile messages are left alone', () => {
  const hostile = [
    arp(Number.NaN, 'x', 'y', 'z'),
    arp(1, '0.0.0.0', thief, '198.51.100.1'),
    arp(1, 'a'.repeat(100), thief, 'b'),
    arp(1, '10.0.0.1', 'no mac', '198.51.100.1'),
  ];
  expect(detect(hostile).findings).toEqual([]);
});
