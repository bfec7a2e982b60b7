import { describe, expect, test } from 'vitest';
import { conn, detect, record, say, type Line } from '../../testing/detection.ts';

const source = '10.0.0.66';
const server = '10.0.1.20';

const answer = (ts: number, status: number, more: { uri?: string; source?: string } = {}): Line =>
  record('http', ts, more.source ?? source, server, 80, {
    method: 'POST',
    host: 'portal.example',
    uri: more.uri ?? '/login',
    status_code: status,
  });

const guesses = (count: number, every = 1, from = 1_000): Line[] =>
  Array.from({ length: count }, (_, i) => answer(from + i * every, 401));

describe('guesses at a page', () => {
  test('many refusals in a short time are told', () => {
    const { findings } = detect(guesses(60));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      source,
      targets: [server],
      names: ['portal.example'],
      technique: ['T1110.001'],
      level: 'high',
      harm: null,
      recordCount: 60,
    });
    expect(say(findings[0]!.explanation)).toContain('was refused 60 times at portal.example');
  });

  test('at the twentieth', () => {
    expect(detect(guesses(19)).findings).toEqual([]);
    expect(detect(guesses(20)).findings).toHaveLength(1);
  });

  test('one that fits is a loss, told at once', () => {
    const { told, findings } = detect([...guesses(40), answer(1_041, 302)]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ level: 'critical', harm: 'confidentiality', technique: ['T1110.001', 'T1078'] });
    expect(told.at(-1)!.to).toBe(1_041);
    expect(say(findings[0]!.explanation)).toContain('a guessed password fits');
  });

  test('a page elsewhere on the server is no login', () => {
    expect(detect([...guesses(40), answer(1_041, 200, { uri: '/favicon.ico' })]).findings[0]!.harm).toBeNull();
  });

  test('the query does not hide that it is one page', () => {
    const lines = Array.from({ length: 40 }, (_, i) => answer(1_000 + i, 401, { uri: `/login?p=${i}` }));
    expect(detect(lines).findings).toHaveLength(1);
  });
});

describe('is not told', () => {
  const quiet = (lines: Line[]): void => expect(detect(lines).findings).toEqual([]);

  test('people who mistype', () => {
    const lines: Line[] = [];
    for (let person = 1; person <= 30; person++) {
      for (let i = 0; i < 3; i++) lines.push(answer(1_000 + person * 20 + i * 4, 401, { source: `10.0.0.${person}` }));
      lines.push(answer(1_000 + person * 20 + 14, 302, { source: `10.0.0.${person}` }));
    }
    quiet(lines);
  });

  test('basic authentication, which begins with a refusal', () => {
    quiet(Array.from({ length: 200 }, (_, i) => answer(1_000 + i, i % 2 ? 200 : 401, { uri: '/api' })));
  });

  test('two refusals for each answer, as NTLM does', () => {
    quiet(Array.from({ length: 300 }, (_, i) => answer(1_000 + i, i % 3 === 2 ? 200 : 401, { uri: '/api' })));
  });

  test('a job with an old password, every minute all day', () => quiet(guesses(600, 60)));

  test('pages that are not there', () => {
    quiet(Array.from({ length: 200 }, (_, i) => answer(1_000 + i, 404, { uri: `/p${i}` })));
  });
});

describe('logins that are connections', () => {
  const login = (ts: number, bytes: number, seconds = 2): Line =>
    conn(ts, source, server, 22, { service: 'ssh', orig_bytes: bytes, resp_bytes: bytes, duration: seconds });

  test('many short equal ones are told, with less confidence', () => {
    const { findings } = detect(Array.from({ length: 40 }, (_, i) => login(1_000 + i * 3, 1_500 + (i % 5) * 16)));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ level: 'medium', confidence: 0.5, harm: null });
  });

  test('and a longer one after them', () => {
    const lines = Array.from({ length: 40 }, (_, i) => login(1_000 + i * 3, 1_500 + (i % 5) * 16));
    const { findings } = detect([...lines, login(1_125, 60_000, 200)]);
    expect(findings[0]).toMatchObject({ level: 'high', harm: 'confidentiality' });
  });

  test('sessions of different length are work', () => {
    expect(detect(Array.from({ length: 100 }, (_, i) => login(1_000 + i * 3, 1_500 * (1 + ((i * 7) % 11)), 3))).findings).toEqual(
      [],
    );
  });

  test('monitoring that looks whether the port is open', () => {
    expect(detect(Array.from({ length: 100 }, (_, i) => login(1_000 + i * 5, 0, 0.1))).findings).toEqual([]);
  });
});
