import { describe, expect, test } from 'vitest';
import { chance, content, detect, record, say, type Line } from '../../testing/detection.ts';

const encoder = '10.0.5.10';
const backup = '10.0.5.11';
const stranger = '10.0.9.66';
const only = content.behaviours.filter(({ behaviour }) => behaviour === 'stream-replaced');
const own = (lines: Iterable<Line>) => detect(lines, { behaviours: only }).findings;
const stream = (ts: number, source = encoder, more: object = {}): Line =>
  record('mpeg_ts', ts, source, '239.1.1.1', 5004, {
    is_orig: true, carriage: 'rtp', duration: 10, packets: 26_000, bitrate: 4_000_000, transport_stream_id: 7,
    programs: [101], services: ['City One'], pids: [0, 17, 256, 257, 258], ...more,
  }); // oxfmt-ignore
const usual = (seconds: number, source = encoder): Line[] =>
  Array.from({ length: seconds / 10 }, (_, i) => stream(i * 10, source));

describe('is told', () => {
  test('another source with another programme, as a loss', () => {
    const findings = own([...usual(3_600), stream(3_600, stranger, { services: ['Other'], bitrate: 2_000_000 })]);
    expect(findings).toMatchObject([
      { source: stranger, targets: ['239.1.1.1'], technique: ['T1565.002'], level: 'critical', harm: 'integrity' },
    ]);
    expect(say(findings[0]!.explanation)).toContain(
      'Services: Other (before: City One); 2 Mbit/s (before: 4). It was watched for 60 min',
    );
  });
  test('two sources at once, though their tables are alike', () => {
    expect(own([...usual(3_600), stream(3_601, stranger)])).toMatchObject([{ level: 'high', harm: null }]);
  });
  test('another source later is told medium, other content of the same high', () => {
    expect(own([...usual(3_600), stream(4_000, stranger)])).toMatchObject([{ level: 'medium', confidence: 0.4 }]);
    expect(own([...usual(3_600), stream(3_600, encoder, { programs: [9], services: ['Other'] })])).toMatchObject([
      { level: 'high', harm: null },
    ]);
  });
});

describe('is not told', () => {
  const quiet = (lines: Iterable<Line>): void => expect(own(lines)).toEqual([]);
  test('a stream as it is: rates that vary, tables that did not come, an event’s further sound', () => {
    const next = chance(2);
    quiet(
      Array.from({ length: 2_000 }, (_, i) =>
        stream(i * 10, encoder, {
          bitrate: 4e6 * (0.8 + 0.4 * next()),
          ...(i % 9 === 0 && { services: [] }),
          ...(i > 900 && { pids: [0, 17, 256, 257, 258, 259] }),
        }),
      ),
    );
  });
  test('a backup that was seen in the time of learning', () =>
    quiet([...usual(100), ...usual(100, backup), ...usual(5_000).slice(10), stream(5_001, backup)]));
  test('files, and bits of streams', () =>
    quiet([...usual(3_600), stream(3_600, stranger, { carriage: 'file' }), stream(3_600, stranger, { packets: 3 })]));
  test('a change that stayed for a day', () => {
    const after = Array.from({ length: 200 }, (_, i) => stream(4_000 + i * 900, stranger));
    expect(Math.max(...own([...usual(3_600), ...after]).map(({ to }) => to))).toBeLessThan(100_000);
  });
  test('hostile records', () =>
    quiet([
      { log: 'mpeg_ts', record: {} },
      ...usual(400),
      stream(Number.NaN, stranger),
      stream(500, encoder, { programs: 'x', pids: [null, 'y'] }),
    ]));
});
