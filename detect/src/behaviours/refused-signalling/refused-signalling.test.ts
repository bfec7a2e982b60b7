import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { chance, detect, record, say, type Line } from '../../testing/detection.ts';

const outside = '203.0.113.9';
const server = '10.70.1.2';

const many = (count: number, make: (i: number) => Line): Line[] => Array.from({ length: count }, (_, i) => make(i));

const sip = (ts: number, status: number, method = 'REGISTER', from = outside, to = server): Line =>
  record('sip', ts, from, to, 5_060, { is_orig: true, method, status_code: status, uri: 'sip:1000@example.org', request_from: 'sip:1000@example.org' }); // oxfmt-ignore
/** The answer of `answerer`; the flow may be opened by either. */
const answer = (log: string, ts: number, more: AnyRecord, from = server, to = outside): Line =>
  record(log, ts, from, to, 2_123, { is_orig: true, ...more });

describe('is told', () => {
  test('registrations that are refused, one telephone after the other', () => {
    const { findings } = detect(many(60, (i) => sip(1_000 + i, i % 2 ? 403 : 404)));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      rule: { id: 'behaviour:refused-signalling' },
      source: outside,
      targets: [server],
      level: 'medium',
      technique: ['T1110'],
      recordCount: 60,
      harm: null,
    });
    expect(say(findings[0]!.explanation)).toBe(
      '10.70.1.2 refused 203.0.113.9 60 times within 59 s (registrations by SIP), 100 % of its answers; the last code was 403. Other elements that ask it: 0, refused in 0 % of cases.',
    );
    expect(say(findings[0]!.explanation, 'zh')).toContain('SIP 注册');
    expect(JSON.stringify(findings)).not.toContain('1000@');
  });

  test('at the fiftieth, not earlier', () => {
    expect(detect(many(49, (i) => sip(1_000 + i, 403))).findings).toEqual([]);
    expect(detect(many(50, (i) => sip(1_000 + i, 403))).findings).toHaveLength(1);
  });

  test('calls to numbers that are tried, five hundred of them: high', () => {
    const { findings } = detect(many(500, (i) => sip(1_000 + i, 404, 'INVITE')));
    expect(findings[0]).toMatchObject({ level: 'high', technique: [], tactic: ['reconnaissance'] });
  });

  test.each([
    ['gtp', { version: 2, message: 'create_session_response', cause: 84 }],
    ['gtp', { version: 1, message: 'create_pdp_context_response', cause: 219 }],
    ['pfcp', { message: 'session_establishment_response', cause: 64 }],
    ['diameter', { is_request: false, application_id: 16_777_251, result_code: 5_001 }],
    ['sccp', { tcap: 'end', application: 'map', components: ['error'], error_codes: [1] }],
  ])('%s: whoever answers, it is about the one that asks', (log, of) => {
    const { findings } = detect(many(50, (i) => answer(log, 1_000 + i, of as AnyRecord)));
    expect(findings[0]).toMatchObject({ source: outside, targets: [server] });
    // The same on a flow that the asker opened.
    const other = detect(many(50, (i) => answer(log, 1_000 + i, { ...(of as AnyRecord), is_orig: false }, outside, server)));
    expect(other.findings[0]).toMatchObject({ source: outside, targets: [server] });
  });

  test('associations that nobody answers: ten are enough', () => {
    const { findings } = detect(
      many(10, (i) => record('sctp', 1_000 + i, outside, server, 2_905, { state: i % 2 ? 'aborted' : 'attempted' })),
    );
    expect(findings[0]).toMatchObject({ source: outside });
    expect(say(findings[0]!.explanation)).toContain('associations of SCTP');
  });

  test('an element that refuses everybody is itself at fault, and lost', () => {
    const lines = many(300, (i) =>
      answer(
        'diameter',
        1_000 + i / 10,
        { is_request: false, application_id: 16_777_251, result_code: 3_002 },
        server,
        `10.70.2.${i % 4}`,
      ),
    );
    const { findings } = detect(lines);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ source: server, harm: 'availability', level: 'high', tactic: ['impact'] });
    expect(say(findings[0]!.explanation)).toContain('refuses nearly everybody');
  });

  test('one that is refused among many that are served', () => {
    const lines = many(400, (i) =>
      i % 4 === 0
        ? answer('gtp', 1_000 + i / 10, { version: 2, message: 'create_session_response', cause: 84 })
        : answer(
            'gtp',
            1_000 + i / 10,
            { version: 2, message: 'create_session_response', cause: 16 },
            server,
            `10.70.2.${i % 4}`,
          ),
    );
    const { findings } = detect(lines);
    expect(findings.map(({ source }) => source)).toEqual([outside]);
    expect(say(findings[0]!.explanation)).toContain('Other elements that ask it: 3, refused in 0 % of cases');
  });

  test('records that come out of order', () => {
    const lines = many(60, (i) => sip(1_000 + i, 403)).toReversed();
    expect(detect(lines).findings[0]).toMatchObject({ from: 1_000, to: 1_059 });
  });
});

describe('is not told', () => {
  const quiet = (lines: Line[]): void => expect(detect(lines).findings).toEqual([]);

  test('registrations in order: asked for a proof, then served', () => {
    quiet(many(2_000, (i) => sip(1_000 + i / 10, i % 2 ? 200 : 401)));
  });

  test('calls as people make them: busy, no answer, hung up', () => {
    const next = chance(7);
    quiet(
      many(3_000, (i) => {
        const ts = 1_000 + i / 10;
        if (i % 2 === 0) return sip(ts, 407, 'INVITE');
        return sip(ts, [200, 200, 200, 486, 487, 480, 603, 404][Math.floor(next() * 8)]!, 'INVITE');
      }),
    );
  });

  test('telephones that are off', () => {
    quiet(
      many(500, (i) => answer('sccp', 1_000 + i, { tcap: 'end', application: 'map', components: ['error'], error_codes: [27] })),
    );
  });

  test('the keeping of a link, provisional answers, messages that are no answers', () => {
    quiet([
      ...many(100, (i) => answer('diameter', 1_000 + i, { is_request: false, application_id: 0, result_code: 5_010 })),
      ...many(100, (i) => sip(2_000 + i, 183, 'INVITE')),
      ...many(100, (i) => answer('gtp', 3_000 + i, { version: 2, message: 'echo_response', cause: 64 })),
      ...many(100, (i) => record('sctp', 4_000 + i, outside, server, 2_905, { state: 'midstream' })),
    ]);
  });

  test('refusals so slow that an old telephone makes them', () => {
    quiet(many(500, (i) => sip(1_000 + i * 30, 403)));
  });

  test('a peer with few refusals among many answers', () => {
    quiet(
      many(1_000, (i) =>
        answer('gtp', 1_000 + i / 2, { version: 2, message: 'create_session_response', cause: i % 3 ? 16 : 73 }),
      ),
    );
  });

  test('hostile records', () => {
    quiet([
      { log: 'gtp', record: {} },
      { log: 'sip', record: { method: 'REGISTER', status_code: 403 } },
      ...many(100, (i) => answer('sccp', i, { tcap: 'end', application: 'map', components: [], error_codes: 7 as never })),
      ...many(100, () => sip(Number.NaN, 403)),
    ]);
  });
});

test('state keeps its ceiling under a flood of elements', () => {
  const lines = function* (): Iterable<Line> {
    for (let i = 0; i < 15_000; i++) yield sip(1_000 + i / 1_000, 403, 'REGISTER', `203.0.${(i >> 8) & 255}.${i & 255}`);
  };
  expect(detect(lines()).findings).toEqual([]);
});
