import { describe, expect, test } from 'vitest';
import { chance, detect, record, say, type Line } from '../../testing/detection.ts';
import { defaultModel } from './model.ts';
import { features, modelSize, registered, scoreLabel } from './names.ts';

const host = '10.0.0.7';

const question = (ts: number, query: string, exists = false, client = host): Line =>
  record('dns', ts, client, '10.0.0.53', 53, {
    proto: 'udp',
    query,
    rcode: exists ? 0 : 3,
    ...(exists && { answers: ['198.51.100.7'] }),
  });

const made = (seed: number, length = 14): string => {
  const next = chance(seed);
  return Array.from({ length }, () => 'abcdefghijklmnopqrstuvwxyz'[Math.floor(next() * 26)]).join('');
};

const search = (count: number, client = host): Line[] =>
  Array.from({ length: count }, (_, i) => question(1_000 + i * 10, `${made(i + 1)}.com`, false, client));

describe('made-up names', () => {
  test('are told at the sixth that is missing', () => {
    const { findings } = detect(search(20));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ source: host, technique: ['T1568.002'], level: 'high' });
    expect(detect(search(5)).findings).toEqual([]);
    expect(say(findings[0]!.explanation)).toContain('names that do not exist');
    expect(say(findings[0]!.explanation, 'zh')).toContain('程序生成');
  });

  test('and the one that is answered is named', () => {
    const { findings } = detect([...search(12), question(2_000, `${made(99)}.net`, true)]);
    expect(findings[0]!.names).toContain(`${made(99)}.net`);
    expect(findings[0]!.explanation.text).toBe('detect.generated-names.answered');
  });

  test('not names that people chose, though they are missing', () => {
    const chosen = [
      'gardenshop',
      'oldmusic',
      'travelclub',
      'springhouse',
      'newsworld',
      'weatherblog',
      'mountainbike',
      'bookstore',
    ];
    expect(detect(chosen.map((name, i) => question(1_000 + i, `www.${name}.com`))).findings).toEqual([]);
  });

  test('not what exists, what many ask for, one label, own networks, or other scripts', () => {
    expect(detect(Array.from({ length: 20 }, (_, i) => question(1_000 + i, `${made(i)}.com`, true))).findings).toEqual([]);
    const all = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5'].flatMap((client) => search(20, client));
    expect(detect(all).findings.map(({ source }) => source)).not.toContain('10.0.0.5');
    expect(detect(Array.from({ length: 20 }, (_, i) => question(1_000 + i, made(i)))).findings).toEqual([]);
    expect(detect(Array.from({ length: 20 }, (_, i) => question(1_000 + i, `${made(i)}.local`))).findings).toEqual([]);
    expect(detect(Array.from({ length: 20 }, (_, i) => question(1_000 + i, `xn--${made(i)}.com`))).findings).toEqual([]);
  });
});

test('the registered part', () => {
  expect(registered('www.shop.example.co.uk')).toEqual({ label: 'example', domain: 'example.co.uk' });
  expect(registered('a.b.example.com.')).toEqual({ label: 'example', domain: 'example.com' });
  expect(registered('host.ddns.net')).toEqual({ label: 'host', domain: 'host.ddns.net' });
  for (const none of ['', 'one', '10.0.0.1', '1.0.0.10.in-addr.arpa', `${'a'.repeat(64)}.com`, '..', `${'a.'.repeat(200)}com`])
    expect(registered(none)).toBeUndefined();
});

test('the model holds every feature, and tells chance from words', () => {
  const model = defaultModel();
  expect(model.weights).toHaveLength(modelSize);
  for (const feature of features('q7-example')) expect(feature).toBeLessThan(modelSize);
  for (const name of ['wikipedia', 'hospital', 'newspaper', 'university']) expect(scoreLabel(model, name)).toBeLessThan(0);
  for (const name of ['xqzvkjwpfh', 'a8f3e1c09b7d', 'kq0qw6o2siwq']) expect(scoreLabel(model, name)).toBeGreaterThan(1.5);
});

test('hostile questions neither throw nor are told', () => {
  const hostile = ['', '.', '\u0000'.repeat(200), '$^.$^', 'a'.repeat(10_000), '-.-', '😀.com'];
  expect(detect(hostile.map((query, i) => question(1_000 + i, query))).findings).toEqual([]);
});
