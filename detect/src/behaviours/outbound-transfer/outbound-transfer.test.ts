import { describe, expect, test } from 'vitest';
import { conn, detect, record, say, type Line } from '../../testing/detection.ts';

const host = '10.0.0.66';
const drop = '203.0.113.9';

const upload = (
  ts: number,
  bytes: number,
  more: { source?: string; target?: string; back?: number; duration?: number } = {},
): Line =>
  conn(ts, more.source ?? host, more.target ?? drop, 443, {
    orig_bytes: bytes,
    resp_bytes: more.back ?? 5_000,
    duration: more.duration ?? 30,
  });

const history = (source = host): Line[] =>
  Array.from({ length: 30 }, (_, i) => upload(i * 200, 100_000, { source, target: `198.51.100.${i + 1}`, back: 2_000_000 }));

describe('is told', () => {
  test('far more than usual to a place nobody else speaks with, as a loss', () => {
    const hello = record('ssl', 6_999, host, drop, 443, { server_name: 'files.example' });
    const { findings } = detect([...history(), hello, upload(7_000, 12_000_000)]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      source: host,
      targets: [drop],
      names: ['files.example'],
      technique: ['T1048'],
      harm: 'confidentiality',
      level: 'high',
      confidence: 0.75,
      from: 7_000,
    });
    expect(say(findings[0]!.explanation)).toContain('sent 12 MB to files.example');
  });

  test('in many small connections', () => {
    const lines = Array.from({ length: 60 }, (_, i) => upload(7_000 + i * 20, 200_000));
    expect(detect([...history(), ...lines]).findings).toHaveLength(1);
  });

  test('across the hour', () => {
    expect(detect([...history(), upload(7_100, 3_000_000), upload(7_300, 3_000_000)]).findings).toHaveLength(1);
  });

  test('with lower confidence when the host is hardly known', () => {
    expect(detect([upload(7_000, 12_000_000)]).findings[0]!.confidence).toBe(0.55);
  });
});

describe('is not told', () => {
  const quiet = (lines: Line[]): void => expect(detect(lines).findings).toEqual([]);

  test('downloads', () => quiet([...history(), upload(7_000, 6_000_000, { back: 900_000_000 })]));
  test('what stays inside', () => quiet([...history(), upload(7_000, 50_000_000, { target: '10.9.0.1' })]));
  test('no more than the host sends elsewhere', () =>
    quiet([...history(), upload(6_900, 5_000_000, { target: '198.51.100.1', back: 90_000_000 }), upload(7_000, 12_000_000)]));
  test('a place that many use', () => {
    const others = [1, 2, 3, 4].map((i) => upload(6_000 + i, 20_000, { source: `10.0.0.${i}` }));
    quiet([...history(), ...others, upload(7_000, 12_000_000)]);
  });
  test('little', () => quiet([...history(), upload(7_000, 900_000)]));
});

test('a habit is told on its first days only', () => {
  const lines: Line[] = [];
  for (let day = 0; day < 10; day++)
    lines.push(
      ...history().map(({ log, record: of }) => ({ log, record: { ...of, ts: (of['ts'] as number) + day * 40_000 } })),
      upload(day * 40_000 + 7_000, 12_000_000),
    );
  expect(detect(lines).findings).toHaveLength(3);
});
