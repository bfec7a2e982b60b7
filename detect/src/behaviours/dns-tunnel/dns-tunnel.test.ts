import { describe, expect, test } from 'vitest';
import { chance, detect, record, say, type Line } from '../../testing/detection.ts';
import { entropy } from './dns-tunnel.ts';

const host = '10.0.0.7';

const question = (ts: number, query: string, answers: string[] = [], client = host): Line =>
  record('dns', ts, client, '10.0.0.53', 53, { proto: 'udp', query, qtype_name: 'TXT', rcode: 0, answers });

const next = chance(7);
const text = (length: number, alphabet = 'abcdefghijklmnopqrstuvwxyz234567'): string =>
  Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join('');

const upward = (count: number, client = host, every = 1): Line[] =>
  Array.from({ length: count }, (_, i) => question(1_000 + i * every, `${text(60)}.${text(30)}.t.example`, ['ok'], client));

describe('a tunnel', () => {
  test('upwards is told once 4 KB went out in new names', () => {
    const { findings } = detect(upward(100));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ source: host, names: ['t.example'], technique: ['T1071.004', 'T1048'], level: 'high' });
    expect(detect(upward(60)).findings).toEqual([]);
    expect(say(findings[0]!.explanation)).toContain('below t.example by DNS');
    expect(say(findings[0]!.explanation, 'zh')).toContain('t.example');
  });

  test('downwards by its answers', () => {
    const lines = Array.from({ length: 300 }, (_, i) =>
      question(1_000 + i, `${i.toString(36)}${text(5)}.t.example`, [text(180)]),
    );
    expect(detect(lines).findings.map(({ technique }) => technique)).toEqual([['T1071.004']]);
  });

  test('not when the same names come again, when it takes a day, or when many hosts do so', () => {
    const few = upward(30);
    expect(
      detect(
        Array.from({ length: 40 }, (_, i) =>
          few.map(({ log, record: of }) => ({ log, record: { ...of, ts: 1_000 + i * 60 } })),
        ).flat(),
      ).findings,
    ).toEqual([]);
    expect(detect(upward(100, host, 4_000)).findings).toEqual([]);
    const all = Array.from({ length: 8 }, (_, i) => upward(100, `10.0.0.${i + 1}`)).flat();
    expect(detect(all).findings.map(({ source }) => source)).not.toContain('10.0.0.8');
  });

  test('not keys and policies of mail', () => {
    const lines = Array.from({ length: 400 }, (_, i) =>
      question(1_000 + i, `${text(30)}._domainkey.sender.example`, [`v=DKIM1; k=rsa; p=${text(300)}`]),
    );
    expect(detect(lines).findings).toEqual([]);
  });
});

test('a dense text answer is noted, once in an hour', () => {
  const dense = text(400, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/');
  const { findings } = detect([question(1_000, 'x.example.com', [dense]), question(1_010, 'x.example.com', [dense])]);
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({ level: 'informational', recordCount: 2 });
  expect(detect([question(1_000, 'x.example.com', ['a'.repeat(400)])]).findings).toEqual([]);
});

test('entropy', () => {
  expect(entropy('aaaa')).toBeCloseTo(0);
  expect(entropy('abcd')).toBe(2);
});
