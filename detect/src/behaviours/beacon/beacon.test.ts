import { describe, expect, test } from 'vitest';
import { chance, conn, detect, record, say, type Line } from '../../testing/detection.ts';
import { regularity } from './beacon.ts';

const host = '10.0.0.66';
const server = '203.0.113.9';

/** Check-ins of one host; `jitter` is the share by which an interval is longer or shorter. */
function beacon(
  options: {
    count?: number;
    every?: number;
    jitter?: number;
    bytes?: number;
    spread?: number;
    seed?: number;
    source?: string;
    target?: string;
  } = {},
): Line[] {
  const { count = 30, every = 60, jitter = 0.1, bytes = 400, spread = 0.02, seed = 1, source = host, target = server } = options;
  const random = chance(seed);
  const lines: Line[] = [];
  let ts = 1_000;
  for (let i = 0; i < count; i++) {
    lines.push(conn(ts, source, target, 443, { orig_bytes: Math.round(bytes * (1 + spread * (2 * random() - 1))) }));
    ts += every * (1 + jitter * (2 * random() - 1));
  }
  return lines;
}

describe('is told', () => {
  test.each([0, 0.1, 0.2, 0.3])('with a jitter of %s', (jitter) => {
    for (let seed = 1; seed <= 20; seed++) expect(detect(beacon({ jitter, seed })).findings).toHaveLength(1);
  });

  test('with what it is and whom it speaks to', () => {
    const hello = record('ssl', 1_000, host, server, 443, { server_name: 'sync.example' });
    const { findings } = detect([hello, ...beacon()]);
    expect(findings[0]).toMatchObject({
      source: host,
      targets: [server],
      names: ['sync.example'],
      technique: ['T1071'],
      recordCount: 30,
    });
    expect(say(findings[0]!.explanation)).toMatch(/reports to sync\.example .* like a clock: 30 check-ins, one every (59|60|61)/);
  });

  test('at the tenth check-in at the latest', () => {
    expect(detect(beacon({ count: 7 })).findings).toEqual([]);
    expect(detect(beacon({ count: 10 })).findings).toHaveLength(1);
  });

  test('though some check-ins are lost and the host browses meanwhile', () => {
    const random = chance(5);
    const lines = beacon({ count: 60 }).filter(() => random() > 0.15);
    for (let i = 0; i < 200; i++)
      lines.push(
        conn(1_000 + random() * 3_000, host, `198.51.100.${1 + Math.floor(random() * 50)}`, 443, {
          orig_bytes: Math.round(random() * 5_000) + 1,
        }),
      );
    lines.sort((a, b) => (a.record['ts'] as number) - (b.record['ts'] as number));
    expect(detect(lines).findings.map((finding) => finding.targets)).toEqual([[server]]);
  });

  test('records that come in disorder', () => {
    const lines = beacon({ count: 40 });
    for (let i = 0; i + 3 < lines.length; i += 4) [lines[i], lines[i + 3]] = [lines[i + 3]!, lines[i]!];
    expect(detect(lines).findings).toHaveLength(1);
  });
});

describe('is not told', () => {
  const quiet = (lines: Line[]): void => expect(detect(lines).findings).toEqual([]);

  test('gaps of chance, even with equal sizes: hardly one in a thousand', () => {
    let accused = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const random = chance(seed);
      let ts = 1_000;
      const lines = Array.from({ length: 60 }, () =>
        conn((ts += -60 * Math.log(1 - random())), host, server, 443, { orig_bytes: 500 }),
      );
      accused += detect(lines).findings.length;
    }
    expect(accused).toBeLessThanOrEqual(1);
  });

  test('browsing in bursts', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = chance(seed);
      let ts = 1_000;
      const lines: Line[] = [];
      for (let visit = 0; visit < 15; visit++) {
        ts += -400 * Math.log(1 - random());
        for (let i = 0; i < 4; i++)
          lines.push(conn(ts + random() * 8, host, server, 443, { orig_bytes: 400 + Math.round(random() * 4_000) }));
      }
      quiet(lines.sort((a, b) => (a.record['ts'] as number) - (b.record['ts'] as number)));
    }
  });

  test('what many hosts do', () => {
    const lines = Array.from({ length: 10 }, (_, i) => beacon({ source: `10.0.0.${i + 1}`, seed: i, every: 300 })).flat();
    quiet(lines.sort((a, b) => (a.record['ts'] as number) - (b.record['ts'] as number)));
  });

  test('many addresses of one name that many hosts call', () => {
    const lines: Line[] = [];
    for (let i = 1; i <= 10; i++) {
      lines.push(record('ssl', 900, `10.0.0.${i}`, `203.0.113.${i}`, 443, { server_name: 'telemetry.example' }));
      lines.push(...beacon({ source: `10.0.0.${i}`, target: `203.0.113.${i}`, seed: i }));
    }
    quiet(lines.sort((a, b) => (a.record['ts'] as number) - (b.record['ts'] as number)));
  });

  test('clocks being set', () => {
    quiet(
      Array.from({ length: 60 }, (_, i) =>
        conn(1_000 + i * 64, host, server, 123, { proto: 'udp', orig_bytes: 48, resp_bytes: 48 }),
      ),
    );
  });

  test('inside servers', () => quiet(beacon({ target: '10.9.9.9' })));

  test('a connection that stays open and is renewed', () => {
    quiet(Array.from({ length: 40 }, (_, i) => conn(1_000 + i * 110, host, server, 853, { duration: 105, orig_bytes: 3_000 })));
  });

  test('large reports', () => quiet(beacon({ bytes: 200_000, count: 20 })));

  test('a server that never answers: another behaviour tells of vain calls', () => {
    const calls = Array.from({ length: 60 }, (_, i) =>
      conn(1_000 + i * 60, host, server, 443, { conn_state: 'S0', history: 'S', resp_pkts: 0, orig_bytes: 0 }),
    );
    expect(detect(calls).findings.map(({ rule }) => rule.id)).toEqual(['behaviour:reconnecting']);
  });
});

test('regularity: the numbers behind the score', () => {
  const steady = regularity(
    Array.from({ length: 20 }, (_, i) => ({ ts: i * 60, bytes: 100, seconds: 1 })),
    0.35,
  );
  expect(steady).toMatchObject({ interval: 60, jitter: 0, sizeSpread: 0, score: 1 });
  const doubled = regularity(
    Array.from({ length: 20 }, (_, i) => ({ ts: i % 2 ? i * 60 : i * 60 - 40, bytes: i % 2 ? 100 : 900, seconds: 1 })),
    0.35,
  );
  expect(doubled.score).toBeLessThan(0.65);
});
