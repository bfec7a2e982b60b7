import { describe, expect, test } from 'vitest';
import { content, detect, record, say, type Line } from '../../testing/detection.ts';

const broker = '10.0.4.1';
const app = '10.0.4.20';
const gateway = '10.0.4.30';
const only = content.behaviours.filter(({ behaviour }) => behaviour === 'mass-command');
const own = (lines: Iterable<Line>) => detect(lines, { behaviours: only }).findings;
const publish = (ts: number, source: string, topic: string, more: object = {}): Line =>
  record('mqtt_publish', ts, source, broker, 1883, { from_client: true, topic, payload_len: 20, ...more });
const subscribe = (ts: number, source: string, topics: string[], more: object = {}): Line =>
  record('mqtt_subscribe', ts, source, broker, 1883, { action: 'MQTT::SUBSCRIBE', topics, ack: true, ...more });

/** A gateway that tells of fifty meters each minute, and an application that commands one now and then. */
const usual = (seconds: number): Line[] => {
  const lines: Line[] = [];
  for (let ts = 0; ts < seconds; ts += 60) {
    for (let i = 0; i < 50; i++) lines.push(publish(ts + i / 10, gateway, `site/meter${i}/state`));
    if (ts % 600 === 0) lines.push(publish(ts + 6, app, `site/meter${ts % 50}/set`));
  }
  return lines;
};

describe('is told', () => {
  test('commands to many devices by one that commands seldom, with its habit', () => {
    const lines = Array.from({ length: 60 }, (_, i) => publish(7_202 + i / 10, app, `site/meter${i}/set`));
    const findings = own([...usual(7_200), ...lines]);
    expect(findings).toMatchObject([
      { source: app, targets: [broker], technique: ['T0855'], level: 'high', names: ['site/+/set'], recordCount: 60 },
    ]);
    expect(say(findings[0]!.explanation)).toContain(
      'to 60 devices by 10.0.4.1 within 60 s (topics site/+/set). In 2 h of knowing it the most were 1',
    );
  });
  test('a client that just came, less surely', () => {
    const lines = Array.from({ length: 60 }, (_, i) => publish(7_202 + i / 10, '10.0.9.9', `site/meter${i}/state`));
    const [finding] = own([...usual(7_200), ...lines]);
    expect(finding).toMatchObject({ level: 'medium', confidence: 0.35 });
  });
  test('who listens to everything for the first time', () => {
    const findings = own([
      ...usual(7_200),
      subscribe(7_201, '10.0.9.9', ['a/b', '#']),
      subscribe(7_202, '203.0.113.5', ['$SYS/#']),
    ]);
    expect(findings.map(({ source, level, technique }) => [source, level, technique[0]])).toEqual([
      ['10.0.9.9', 'medium', 'T0801'],
      ['203.0.113.5', 'high', 'T0801'],
    ]);
  });
});

describe('is not told', () => {
  const quiet = (lines: Iterable<Line>): void => expect(own(lines)).toEqual([]);
  test('a gateway as ever, a day of commands, what a broker passes on', () => {
    quiet([
      ...usual(20_000),
      ...Array.from({ length: 60 }, (_, i) => publish(20_001 + i / 10, broker, `site/meter${i}/set`, { from_client: false })),
    ]);
  });
  test('while the broker is not known, and one that always listened', () => {
    quiet([
      ...Array.from({ length: 60 }, (_, i) => publish(10 + i / 10, app, `site/meter${i}/set`)),
      subscribe(12, app, ['#']),
      ...usual(7_200).slice(400),
      subscribe(7_201, app, ['#']),
    ]);
  });
  test('patterns of a part, what was refused, many topics of one device', () => {
    quiet([
      ...usual(7_200),
      subscribe(7_201, '10.0.9.9', ['site/+/state', 'site/#', '+']),
      subscribe(7_201, '10.0.9.8', ['#'], { granted_qos_level: 128 }),
      ...Array.from({ length: 15 }, (_, i) => publish(7_202 + i, '10.0.9.9', `site/one/${i}`)),
    ]);
  });
  test('hostile topics', () => {
    quiet(Array.from({ length: 3_000 }, (_, i) => publish(7_300 + i / 100, app, `${'/'.repeat(i % 300)}${'x'.repeat(i)}`)));
    quiet([{ log: 'mqtt_publish', record: { topic: 'a', from_client: true } }, subscribe(Number.NaN, app, ['#'])]);
  });
});

test('state keeps its ceiling under a flood of clients', () => {
  const lines = function* (): Iterable<Line> {
    for (let i = 0; i < 55_000; i++) yield publish(i / 1_000, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 'a/b');
  };
  expect(own(lines())).toEqual([]);
});
