import { describe, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { predicateCases, queryCases } from './cases.ts';
import { compile } from './evaluate.ts';
import { parsePredicate, parseQuery, printPredicate, printQuery } from './text.ts';

describe('reads', () => {
  test.each([
    ['service:dns', { kind: 'text', field: 'service', op: 'equals', value: 'dns' }],
    ['id.orig_h:10.0.0.0/8', { kind: 'cidr', field: 'id.orig_h', network: '10.0.0.0/8' }],
    ['id.orig_h:2001:db8::/32', { kind: 'cidr', field: 'id.orig_h', network: '2001:db8::/32' }],
    ['id.orig_h:2001:db8::1', { kind: 'text', field: 'id.orig_h', op: 'equals', value: '2001:db8::1' }],
    ['not query:*.example', { kind: 'not', of: { kind: 'text', field: 'query', op: 'like', value: '*.example' } }],
    ['query:"*.example"', { kind: 'text', field: 'query', op: 'equals', value: '*.example' }],
    ['history:*', { kind: 'exists', field: 'history' }],
    ['id.resp_p:(22, 3389)', { kind: 'in', field: 'id.resp_p', values: [22, 3389] }],
    [
      'host:(a*, b)',
      {
        kind: 'or',
        of: [
          { kind: 'text', field: 'host', op: 'like', value: 'a*' },
          { kind: 'text', field: 'host', op: 'equals', value: 'b' },
        ],
      },
    ],
    ['method==GET', { kind: 'text', field: 'method', op: 'equals', value: 'GET', cased: true }],
    ['orig_bytes>=1e6', { kind: 'order', field: 'orig_bytes', op: 'gte', value: 1_000_000 }],
    ['ts<2026-11-22T08:00:00Z', { kind: 'order', field: 'ts', op: 'lt', value: 1_795_334_400 }],
    ['uri~/\\.(exe|dll)$/i', { kind: 'regex', field: 'uri', pattern: '\\.(exe|dll)$', flags: ['i'] }],
    ['uri~/a\\/b/', { kind: 'regex', field: 'uri', pattern: 'a/b', flags: [] }],
    ['user_agent contains "curl/8 (x)"', { kind: 'text', field: 'user_agent', op: 'contains', value: 'curl/8 (x)' }],
    ['host endswith cased Example', { kind: 'text', field: 'host', op: 'endswith', value: 'Example', cased: true }],
    ['orig_bytes>$resp_bytes', { kind: 'fieldref', field: 'orig_bytes', op: 'gt', other: 'resp_bytes' }],
    ['id.orig_h:$id.resp_h', { kind: 'fieldref', field: 'id.orig_h', op: 'equals', other: 'id.resp_h' }],
    ['evil.example', { kind: 'keyword', op: 'contains', value: 'evil.example' }],
    ['"two words"', { kind: 'keyword', op: 'contains', value: 'two words' }],
    ['~/^x/', { kind: 'keyword', op: 'regex', value: '^x', flags: [] }],
    ['uri:/login?next=a:b', { kind: 'text', field: 'uri', op: 'like', value: '/login?next=a:b' }],
    ['AA:true', { kind: 'text', field: 'AA', op: 'equals', value: true }],
    ['trans_id:007', { kind: 'text', field: 'trans_id', op: 'equals', value: '007' }],
    ['hour(ts)>=22', { kind: 'date', field: 'ts', part: 'hour', op: 'gte', value: 22 }],
    ['not week( `odd name` ):5', { kind: 'not', of: { kind: 'date', field: 'odd name', part: 'week', op: 'equals', value: 5 } }],
    [
      'hour (ts:*)',
      {
        kind: 'and',
        of: [
          { kind: 'keyword', op: 'contains', value: 'hour' },
          { kind: 'exists', field: 'ts' },
        ],
      },
    ],
    ['`odd name`:x', { kind: 'text', field: 'odd name', op: 'equals', value: 'x' }],
  ])('%s', (text, expected) => {
    expect(parsePredicate(text)).toEqual(expected);
  });

  test('and binds tighter than or, not tighter than and', () => {
    const a = { kind: 'exists', field: 'a' };
    const b = { kind: 'exists', field: 'b' };
    const c = { kind: 'exists', field: 'c' };
    expect(parsePredicate('a:* or b:* and not c:*')).toEqual({
      kind: 'or',
      of: [a, { kind: 'and', of: [b, { kind: 'not', of: c }] }],
    });
    expect(parsePredicate('(a:* or b:*) c:*')).toEqual({ kind: 'and', of: [{ kind: 'or', of: [a, b] }, c] });
    expect(parsePredicate('A:* OR b:*')).toEqual({ kind: 'or', of: [{ kind: 'exists', field: 'A' }, b] });
  });

  test('a query with its stages', () => {
    expect(
      parseQuery(
        'status_code:401 | count as tries, distinct host by id.orig_h every 5m | having tries>20 | sort tries desc, id.orig_h | limit 10',
        ['http'],
      ),
    ).toEqual({
      from: ['http'],
      where: { kind: 'text', field: 'status_code', op: 'equals', value: 401 },
      group: {
        by: ['id.orig_h'],
        every: 300,
        aggregates: [
          { kind: 'count', as: 'tries' },
          { kind: 'distinct', field: 'host', as: 'distinct_host' },
        ],
      },
      having: { kind: 'order', field: 'tries', op: 'gt', value: 20 },
      order: [{ field: 'tries', descending: true }, { field: 'id.orig_h' }],
      limit: 10,
    });
    expect(parseQuery('', ['conn'])).toEqual({ from: ['conn'] });
    expect(parseQuery('| logs dns, http', ['conn'])).toEqual({ from: ['dns', 'http'] });
  });
});

describe('writes what it reads back with the same meaning', () => {
  test.each(predicateCases)('$name', ({ record, predicate, expected }) => {
    const text = printPredicate(predicate);
    const back = parsePredicate(text);
    expect({ text, holds: compile(back)(record) }).toEqual({ text, holds: expected });
    // Written again it does not change.
    expect(printPredicate(back)).toBe(text);
  });

  test.each(queryCases)('$name', ({ query }) => {
    const { range: _range, ...rest } = query;
    expect(parseQuery(printQuery(rest), ['other'])).toEqual(rest);
  });
});

describe('refuses, with the position', () => {
  test.each([
    ['', 0],
    ['service:', 7],
    ['service:dns and', 15],
    ['(service:dns', 0],
    ['service:dns)', 11],
    ['id.orig_h:10.0.0.1/8', 10],
    ['a:"x', 2],
    ['bytes>many', 6],
    ['uri~/(/', 6],
    ['uri~/a(?=b)/', 8],
    ['uri~x', 4],
    ['a:(x, y', 7],
    ['a:1 | frobnicate', 6],
    ['a:1 | count every 5x', 18],
    ['a:1 | limit 0', 12],
    ['not '.repeat(100) + 'a:1', 256],
  ])('%s', (text, offset) => {
    const refusal = (() => {
      try {
        parseQuery(text, []);
        parsePredicate(text);
        return undefined;
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(Refusal);
    expect((refusal as Refusal).place.offset).toBe(offset);
    expect((refusal as Refusal).advice).not.toBe('');
  });
});
