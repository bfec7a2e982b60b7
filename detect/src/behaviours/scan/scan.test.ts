import { describe, expect, test } from 'vitest';
import { conn, detect, record, say, unanswered, type Line } from '../../testing/detection.ts';

const scanner = '10.0.0.66';

function sweep(hosts: number, port: number, from = 1_000, every = 0.2): Line[] {
  return Array.from({ length: hosts }, (_, i) => unanswered(from + i * every, scanner, `10.1.0.${i + 1}`, port));
}

describe('is told', () => {
  test('one port of many hosts: horizontal', () => {
    const { findings } = detect(sweep(40, 445));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ source: scanner, technique: ['T1046'], level: 'high', recordCount: 40, from: 1_000 });
    expect(findings[0]!.targets).toHaveLength(40);
    expect(findings[0]!.records).toHaveLength(40);
    expect(findings[0]!.explanation.text).toBe('detect.scan.horizontal');
    expect(say(findings[0]!.explanation)).toContain('40 hosts did not answer on port 445');
  });

  test('at the tenth host, not later', () => {
    const { told } = detect(sweep(10, 445));
    expect(told).toHaveLength(1);
    expect(detect(sweep(9, 445)).told).toEqual([]);
  });

  test('many ports of one host: vertical', () => {
    const { findings } = detect(
      Array.from({ length: 60 }, (_, i) => conn(1_000 + i, scanner, '10.1.0.1', i + 1, { conn_state: 'REJ', history: 'Sr' })),
    );
    expect(findings.map((finding) => finding.explanation.text)).toEqual(['detect.scan.vertical']);
  });

  test('many ports of many hosts: block', () => {
    const lines = Array.from({ length: 200 }, (_, i) =>
      unanswered(1_000 + i / 10, scanner, `10.1.0.${(i % 20) + 1}`, [22, 80, 443, 445, 502][Math.floor(i / 20) % 5]!),
    );
    const { findings } = detect(lines);
    expect(findings.map((finding) => finding.explanation.text)).toEqual(['detect.scan.block']);
    expect(findings[0]!.recordCount).toBe(200);
  });

  test('a ping sweep', () => {
    const lines = Array.from({ length: 30 }, (_, i) =>
      conn(1_000 + i, scanner, `10.1.0.${i + 1}`, 0, { proto: 'icmp', 'id.orig_p': 8, conn_state: 'OTH', resp_pkts: 0 }),
    );
    expect(detect(lines).findings).toHaveLength(1);
  });

  test('though a third of the hosts answer, and pages are read meanwhile', () => {
    const lines = Array.from({ length: 90 }, (_, i) =>
      i % 3 === 0 ? conn(1_000 + i, scanner, `10.1.0.${i + 1}`, 80) : unanswered(1_000 + i, scanner, `10.1.0.${i + 1}`, 80),
    ).flatMap((line, i) => ([3, 7, 30, 41, 77].includes(i) ? [line, conn(1_000 + i, scanner, '198.51.100.7', 443)] : [line]));
    expect(detect(lines).findings).toHaveLength(1);
  });

  test('slowly: one host in ten minutes', () => {
    expect(detect(sweep(20, 22, 1_000, 600)).findings.length).toBeGreaterThan(0);
  });

  test('records that come out of order', () => {
    const lines = sweep(40, 445).toReversed();
    expect(detect(lines).findings[0]).toMatchObject({ from: 1_000, recordCount: 40 });
  });

  test('again when it goes on after the hour, as one finding until it rests', () => {
    const { findings } = detect([...sweep(30, 22, 3_590), ...sweep(30, 22, 9_000)]);
    expect(findings).toHaveLength(2);
  });

  test('from outside at a low level', () => {
    const lines = Array.from({ length: 40 }, (_, i) => unanswered(1_000 + i, '203.0.113.5', `10.1.0.${i + 1}`, 23));
    expect(detect(lines).findings[0]).toMatchObject({ level: 'low', technique: ['T1595.001'] });
  });
});

describe('is not told', () => {
  const quiet = (lines: Line[]): void => expect(detect(lines).findings).toEqual([]);

  test('monitoring that asks many hosts all day, one of which is off', () => {
    const lines: Line[] = [];
    for (let round = 0; round < 60; round++) {
      for (let host = 1; host <= 30; host++) {
        const ts = 1_000 + round * 60 + host;
        lines.push(host === 7 ? unanswered(ts, '10.0.0.50', '10.1.0.7', 443) : conn(ts, '10.0.0.50', `10.1.0.${host}`, 443));
      }
    }
    quiet(lines);
  });

  test('one dead server that a program asks again and again', () => {
    quiet(Array.from({ length: 500 }, (_, i) => unanswered(1_000 + i, '10.0.0.9', '10.1.0.1', 8_080)));
  });

  test('pages with servers that are down, looked up by name before', () => {
    const lines: Line[] = [];
    for (let i = 1; i <= 40; i++) {
      lines.push(record('dns', 1_000 + i, '10.0.0.9', '10.0.0.1', 53, { query: `h${i}.example`, answers: [`198.51.100.${i}`] }));
      lines.push(unanswered(1_000 + i + 0.1, '10.0.0.9', `198.51.100.${i}`, 443));
    }
    quiet(lines);
  });

  test('peers of a file exchange, each on a port of its own, half of them gone', () => {
    quiet(
      Array.from({ length: 200 }, (_, i) =>
        (i % 2 ? conn : unanswered)(1_000 + i, '10.0.0.9', `198.51.100.${i + 1}`, 10_000 + i * 7),
      ),
    );
  });

  test('a sensor that sees one direction only', () => {
    quiet(
      Array.from({ length: 100 }, (_, i) =>
        conn(1_000 + i, '10.0.0.9', `198.51.100.${i + 1}`, 443, { conn_state: 'S0', history: 'SADF' }),
      ),
    );
  });

  test('announcements to everybody', () => {
    quiet(
      Array.from({ length: 100 }, (_, i) =>
        conn(1_000 + i, '10.0.0.9', `239.1.1.${i + 1}`, 1_900, { proto: 'udp', conn_state: 'S0' }),
      ),
    );
  });

  test('unanswered questions with so long between that each is forgotten', () => {
    // What is slower is another behaviour's.
    const { findings } = detect(sweep(30, 22, 1_000, 1_000));
    expect(findings.map(({ rule }) => rule.id)).toEqual(['behaviour:slow-scan']);
  });
});

test('the tables keep to their ceilings under a flood of sources', () => {
  function* flood(): Iterable<Line> {
    for (let i = 0; i < 60_000; i++)
      yield unanswered(1_000 + i / 1_000, `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`, '10.250.0.1', 80);
  }
  expect(detect(flood()).findings.filter(({ rule }) => rule.id === 'behaviour:scan')).toEqual([]);
});
