import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { chance, detect, say, type Line } from '../../testing/detection.ts';

const event = (ts: number, action: string, more: AnyRecord = {}): Line => ({
  log: 'platform_event',
  record: {
    ts,
    'service.type': 'mastodon',
    'event.action': action,
    'event.outcome': 'success',
    'user.name': 'mastodon//ada',
    ...more,
  },
});
const federation = (ts: number, outcome: string): Line => ({
  log: 'federation',
  record: { ts, 'service.type': 'synapse', hostname: 'm1', 'event.outcome': outcome, peer: 'b.example' },
});

/** So many events an interval of ten minutes, over hours. */
function steady(hours: number, each: number, make: (ts: number) => Line, from = 0): Line[] {
  const lines: Line[] = [];
  for (let interval = 0; interval < hours * 6; interval++)
    for (let i = 0; i < each; i++) lines.push(make(from + interval * 600 + (i * 600) / each));
  return lines;
}

const refused = { 'event.outcome': 'failure' };

describe('is told', () => {
  test('registrations from many addresses, about the platform and nobody', () => {
    const lines = [
      ...steady(25, 5, (ts) => event(ts, 'registration')),
      ...Array.from({ length: 90 }, (_, i) => event(90_000 + i * 5, 'registration', { 'source.ip': `203.0.113.${i}` })),
    ];
    const { findings } = detect(lines);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ rule: { id: 'behaviour:platform-burst' }, source: 'mastodon', technique: ['T1585.001'], level: 'medium', recordCount: 90, harm: null }); // oxfmt-ignore
    expect(say(findings[0]!.explanation)).toBe(
      'mastodon: 90 registrations within 10 min, from 90 addresses of which none made most of them. In 95 % of the other intervals of the last 25 h there were at most 5.',
    );
    expect(say(findings[0]!.explanation, 'zh')).toContain('90 次注册');
    expect(JSON.stringify(findings)).not.toContain('ada');
  });

  test('refused sign-ins from one address, twenty times the usual: high, and about it', () => {
    const lines = [
      ...steady(26, 10, (ts) => event(ts, 'sign-in', refused)),
      ...Array.from({ length: 300 }, (_, i) => event(93_600 + i, 'sign-in', { ...refused, 'source.ip': '203.0.113.7' })),
    ];
    const { findings } = detect(lines);
    expect(findings[0]).toMatchObject({ source: '203.0.113.7', targets: ['mastodon'], level: 'high', technique: ['T1110'] });
    expect(say(findings[0]!.explanation)).toContain('300 of them from 203.0.113.7');
  });

  test.each([
    ['password-change', 'T1098'],
    ['second-factor-removed', 'T1098'],
    ['email-change', 'T1098'],
    ['rate-limited', 'T1593.001'],
  ])('%s', (action, technique) => {
    const lines = [...steady(26, 1, (ts) => event(ts, action)), ...steady(1, 60, (ts) => event(ts, action), 93_600).slice(0, 60)];
    expect(detect(lines).findings[0]).toMatchObject({ technique: [technique] });
  });

  test('what never happened in a day of watching', () => {
    const lines = [
      ...steady(26, 1, (ts) => event(ts, 'api-request')),
      ...Array.from({ length: 60 }, (_, i) => event(93_600 + i, 'second-factor-removed')),
    ];
    expect(detect(lines).findings[0]).toMatchObject({ recordCount: 60 });
  });

  test('federation that fails is a loss', () => {
    const lines = [...steady(26, 2, (ts) => federation(ts, 'failure')), ...Array.from({ length: 80 }, (_, i) => federation(93_600 + i, 'failure'))]; // oxfmt-ignore
    expect(detect(lines).findings[0]).toMatchObject({ source: 'synapse m1', harm: 'availability' });
  });

  test('a burst in a log that comes hours late, by its own time', () => {
    const usual = steady(30, 5, (ts) => event(ts, 'registration'));
    const burst = Array.from({ length: 80 }, (_, i) => event(90_000 + i, 'registration'));
    expect(detect([...usual, ...burst]).findings[0]).toMatchObject({ from: 90_000 });
  });

  test('bursts before do not make it usual', () => {
    const lines = steady(48, 5, (ts) => event(ts, 'registration'));
    for (const at of [90_000, 120_000, 150_000])
      lines.push(...Array.from({ length: 80 }, (_, i) => event(at + i, 'registration')));
    lines.sort((a, b) => (a.record['ts'] as number) - (b.record['ts'] as number));
    expect(detect(lines).findings).toHaveLength(3);
  });
});

describe('is not told', () => {
  const quiet = (lines: Line[]): void => expect(detect(lines).findings).toEqual([]);

  test('day and night: the morning is twenty times the night', () => {
    const next = chance(11);
    const lines: Line[] = [];
    for (let interval = 0; interval < 6 * 24 * 3; interval++) {
      const hour = (interval / 6) % 24;
      const mean = 5 + 95 * Math.max(0, Math.sin(((hour - 6) / 24) * 2 * Math.PI));
      const count = Math.round(mean * (0.7 + 0.6 * next()));
      for (let i = 0; i < count; i++) lines.push(event(interval * 600 + (i * 600) / count, 'sign-in', refused));
    }
    quiet(lines);
  });

  test('a source that is new, in its first morning', () => {
    quiet([...steady(8, 1, (ts) => event(ts, 'registration')), ...steady(4, 300, (ts) => event(ts, 'registration'), 28_800)]);
  });

  test('few events, however unusual', () => {
    quiet([
      ...steady(24, 1, (ts) => event(ts, 'registration')),
      ...Array.from({ length: 40 }, (_, i) => event(86_400 + i, 'registration')),
    ]);
  });

  test('requests, sign-ins that fit, exchanges that work', () => {
    const lines = [
      ...steady(26, 1, (ts) => event(ts, 'api-request')),
      ...Array.from({ length: 500 }, (_, i) => event(93_600 + i, i % 2 ? 'api-request' : 'sign-in')),
      ...Array.from({ length: 500 }, (_, i) => federation(93_600 + i, 'success')),
    ];
    quiet(lines);
  });

  test('each platform by itself', () => {
    const lines = steady(12, 5, (ts) => event(ts, 'registration'));
    for (let i = 0; i < 90; i++)
      lines.push(event(43_200 + i, 'registration', { 'service.type': 'keycloak', realm: `r${i % 9}` }));
    quiet(lines);
  });

  test('hostile records', () => {
    quiet([
      { log: 'platform_event', record: {} },
      ...Array.from({ length: 200 }, (_, i) =>
        event(i % 2 ? Number.NaN : 1e300, 'registration', { 'service.type': 7, realm: ['x'] }),
      ),
      ...Array.from({ length: 2_000 }, (_, i) => event(1, 'registration', { realm: 'x'.repeat(i) })),
    ]);
  });
});
