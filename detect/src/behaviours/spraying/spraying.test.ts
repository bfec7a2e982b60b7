import { describe, expect, test } from 'vitest';
import { detect, record, say, type Line } from '../../testing/detection.ts';
import { tryOf } from './spraying.ts';

const login = (ts: number, source: string, client: string, refused = true, target = '10.0.0.10'): Line =>
  record('kerberos', ts, source, target, 88, {
    request_type: 'AS',
    client,
    success: !refused,
    ...(refused && { error_msg: 'KDC_ERR_PREAUTH_FAILED' }),
  });

const web = (ts: number, source: string, target: string, refused = true): Line =>
  record('http', ts, source, target, 80, { method: 'POST', uri: '/login', status_code: refused ? 401 : 200 });

const told = (lines: Iterable<Line>) => detect(lines).findings.filter(({ rule }) => rule.id === 'behaviour:spraying');

describe('many accounts', () => {
  const spray = (accounts: number, tries = 1): Line[] =>
    Array.from({ length: accounts * tries }, (_, i) => login(1_000 + i * 20, '10.0.0.66', `user${i % accounts}/OFFICE.EXAMPLE`));

  test('are told at the tenth, and none is named', () => {
    const findings = told(spray(30));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ source: '10.0.0.66', technique: ['T1110.003'], level: 'high' });
    expect(JSON.stringify(findings)).not.toContain('user');
    expect(say(findings[0]!.explanation)).toContain('different accounts');
    expect(say(findings[0]!.explanation, 'zh')).toContain('账户');
    expect(told(spray(9))).toEqual([]);
  });

  test('not many tries at few, and not a shared computer at which most are let in', () => {
    expect(told(spray(3, 20))).toEqual([]);
    const shared = Array.from({ length: 40 }, (_, i) => [
      login(1_000 + i * 40, '10.0.0.5', `u${i}`),
      login(1_010 + i * 40, '10.0.0.5', `u${i}`, false),
    ]).flat();
    expect(told(shared)).toEqual([]);
  });

  test('and not what begins every login', () => {
    const lines = Array.from({ length: 60 }, (_, i) =>
      record('kerberos', 1_000 + i, '10.0.0.5', '10.0.0.10', 88, {
        request_type: 'AS',
        client: `u${i}`,
        success: false,
        error_msg: 'KDC_ERR_PREAUTH_REQUIRED',
      }),
    );
    expect(told(lines)).toEqual([]);
  });
});

test('one source at many servers', () => {
  const findings = told(Array.from({ length: 12 }, (_, i) => web(1_000 + i * 30, '10.0.0.66', `10.0.1.${i + 1}`)));
  expect(findings.map(({ explanation }) => explanation.text)).toEqual(['detect.spraying.servers']);
  expect(told(Array.from({ length: 40 }, (_, i) => web(1_000 + i * 30, '10.0.0.66', `10.0.1.${(i % 3) + 1}`)))).toEqual([]);
});

test('many sources at one login, unless they are people who mistype', () => {
  const shared = Array.from({ length: 100 }, (_, i) => web(1_000 + i * 10, `203.0.113.${(i % 10) + 1}`, '10.0.1.1'));
  expect(told(shared).map(({ explanation }) => explanation.text)).toEqual(['detect.spraying.sources']);
  const people = Array.from({ length: 100 }, (_, i) => web(1_000 + i * 10, `10.0.3.${(i % 100) + 1}`, '10.0.1.1'));
  expect(told(people)).toEqual([]);
});

test('tries of other protocols', () => {
  expect(tryOf('ftp', { command: 'PASS', reply_code: 530, user: 'a' })?.refused).toBe(true);
  expect(tryOf('ntlm', { success: false, username: 'a' })?.refused).toBe(true);
  expect(tryOf('radius', { result: 'failed', username: 'a' })?.refused).toBe(true);
  expect(tryOf('ldap', { opcode: 'bind simple', result: 'invalid credentials', object: 'cn=a' })?.refused).toBe(true);
  expect(tryOf('ftp', { command: 'RETR', reply_code: 550, user: 'a' })).toBeUndefined();
  expect(tryOf('ntlm', {})).toBeUndefined();
  expect(tryOf('ftp', { command: 'PASS', reply_code: 530, user: 'secret-name' })?.account).not.toContain('secret');
});
