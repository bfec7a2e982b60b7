import { describe, expect, test } from 'vitest';
import { content, detect, record, say, type Line } from '../../testing/detection.ts';

const stranger = '203.0.113.77';
const exchange = '10.0.8.10';
const only = content.behaviours.filter(({ behaviour }) => behaviour === 'sip-enumeration');
const own = (lines: Iterable<Line>) => detect(lines, { behaviours: only }).findings;
const sip = (ts: number, method: string, name: string, status: number | undefined, more: { target?: string; agent?: string; source?: string } = {}): Line =>
  record('sip', ts, more.source ?? stranger, more.target ?? exchange, 5060, {
    is_orig: true, method, uri: name, request_to: name, ...(status && { status_code: status }), ...(more.agent && { user_agent: more.agent }),
  }); // oxfmt-ignore
const many = (count: number, make: (i: number) => Line): Line[] => Array.from({ length: count }, (_, i) => make(i));

describe('is told', () => {
  test('names one after the other at an exchange', () => {
    const findings = own(many(60, (i) => sip(1_000 + i, 'REGISTER', `ps-${i}`, i % 2 ? 404 : 403)));
    expect(findings).toMatchObject([
      { source: stranger, targets: [exchange], technique: ['T1087'], level: 'high', confidence: 0.75 },
    ]);
    expect(say(findings[0]!.explanation)).toContain(
      `tried 60 names at exchanges within 10 min, most at ${exchange}; 60 were refused`,
    );
  });
  test('many hosts, by a tool that names itself', () => {
    const findings = own(
      many(30, (i) => sip(1_000 + i, 'OPTIONS', 'ps-a', undefined, { target: `10.0.8.${i}`, agent: 'friendly-scanner' })),
    );
    expect(findings).toMatchObject([{ technique: ['T1595'], level: 'medium', confidence: 0.95 }]);
    expect(say(findings[0]!.explanation)).toContain('calls itself friendly-scanner');
  });
  test('from inside it is discovery, and graver', () => {
    expect(
      own(many(30, (i) => sip(1_000 + i, 'OPTIONS', 'ps-a', undefined, { target: `10.0.8.${i}`, source: '10.0.9.9' }))),
    ).toMatchObject([{ technique: ['T1046'], level: 'high' }]);
  });
});

describe('is not told', () => {
  const quiet = (lines: Line[]): void => expect(own(lines)).toEqual([]);
  test('an exchange that registers its telephones: asked for a proof, then served', () => {
    quiet(many(1_000, (i) => sip(1_000 + i / 10, 'REGISTER', `ps-${i >> 1}`, i % 2 ? 200 : 401)));
  });
  test('calls to many, some of whom are busy or unknown', () => {
    quiet(many(1_000, (i) => sip(1_000 + i / 5, 'INVITE', `ps-${i}`, [200, 486, 487, 404][i % 4])));
  });
  test('a monitor that asks its hosts, three of them down', () => {
    quiet(many(600, (i) => sip(1_000 + i, 'OPTIONS', 'ps-m', i % 20 < 3 ? undefined : 200, { target: `10.0.8.${i % 20}` })));
  });
  test('one telephone with an old password, for hours', () =>
    quiet(many(500, (i) => sip(1_000 + i * 30, 'REGISTER', 'ps-1', 403))));
  test('hostile records', () =>
    quiet([{ log: 'sip', record: { method: 'REGISTER' } }, sip(Number.NaN, 'REGISTER', 'x'.repeat(9_999), 404)]));
});
