import { describe, expect, test } from 'vitest';
import { content, detect, record, say, type Line } from '../../testing/detection.ts';

const only = content.behaviours.filter(({ behaviour }) => behaviour === 'silent-source');
const own = (lines: Iterable<Line>) =>
  detect(
    [...lines].sort((a, b) => (a.record['ts'] as number) - (b.record['ts'] as number)),
    { behaviours: only },
  ).findings;
const day = 86_400;
const answer = (ts: number, controller: string): Line =>
  record('modbus', ts, '10.60.20.10', controller, 502, { func: 'READ_COILS', pdu_type: 'RESP' });
const answers = (controller: string, from: number, to: number, every = 300): Line[] =>
  Array.from({ length: Math.floor((to - from) / every) }, (_, i) => answer(from + i * every, controller));

describe('is told', () => {
  test('a controller that answers no more, and when it does again', () => {
    const others = [...answers('10.60.30.1', 0, 3 * day), ...answers('10.60.30.2', 0, 3 * day)];
    const lines = [...others, ...answers('10.60.30.3', 0, 2 * day)];
    const findings = own(lines);
    expect(findings).toMatchObject([
      { source: '10.60.30.3', targets: ['10.60.20.10'], level: 'high', harm: 'availability', technique: ['T0826'] },
    ]);
    expect(say(findings[0]!.explanation)).toMatch(
      /has been silent for \d+ min; 2 others of its kind still speak. In 48 h and 576 records its longest silence was 5 min/,
    );
    const back = own([...lines, ...answers('10.60.30.3', 2 * day + 7_200, 3 * day)]);
    expect(back).toHaveLength(1);
    expect(say(back[0]!.explanation)).toContain('speaks again after 2 h');
  });
  test('a stream', () => {
    const stream = (ts: number, group: string): Line =>
      record('mpeg_ts', ts, '10.75.0.1', group, 5004, { is_orig: true, carriage: 'udp', packets: 9 });
    const lines: Line[] = [];
    for (let ts = 0; ts < 2 * day; ts += 300)
      lines.push(stream(ts, '239.1.1.1'), ...(ts < 1.5 * day ? [stream(ts, '239.1.1.2')] : []));
    expect(own(lines).map(({ source, targets }) => `${source} ${targets.join()}`)).toContain('10.75.0.1 239.1.1.2');
  });
});

describe('is not told', () => {
  const quiet = (lines: Iterable<Line>): void => expect(own(lines)).toEqual([]);
  test('when all are silent, and the only one', () => {
    const later = record('conn', 3 * day, '10.0.0.1', '10.0.0.2', 80, {});
    quiet([...answers('10.60.30.1', 0, 2 * day), ...answers('10.60.30.2', 0, 2 * day), later]);
    quiet([...answers('10.60.30.1', 0, 2 * day), later]);
  });
  test('in the first day, who speaks seldom, a pause as every night', () => {
    const others = [...answers('10.60.30.1', 0, 4 * day), ...answers('10.60.30.2', 0, 4 * day)];
    quiet([...others, ...answers('10.60.30.3', 0, day / 2)]);
    quiet([...others, ...answers('10.60.30.3', 0, 2 * day, 3_600)]);
    quiet([...others, ...[0, 1, 2, 3].flatMap((d) => answers('10.60.30.3', d * day, d * day + 50_000))]);
  });
  test('hostile records', () =>
    quiet([
      { log: 'modbus', record: { ts: 1 } },
      { log: 'mqtt_publish', record: { ts: 2, from_client: true, 'id.orig_h': 7 as never } },
      answer(Number.NaN, 'x'),
    ]));
});
