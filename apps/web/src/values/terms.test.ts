import { describe, expect, test } from 'vitest';
import { equalTo, filterOf, opposite, readQuery, withCondition, writeQuery } from './terms.ts';

describe('query as pills', () => {
  test('terms joined by and are pills, each with its negation', () => {
    const { terms } = readQuery('service:dns and not id.orig_h:10.0.0.0/8');
    expect(terms.map(({ text, negated }) => [text, negated])).toEqual([
      ['service:dns', false],
      ['not id.orig_h:10.0.0.0/8', true],
    ]);
  });

  test('a query with or at its top is one pill, and joins another in brackets', () => {
    const [either] = readQuery('id.resp_p:22 or id.resp_p:3389').terms;
    const [other] = readQuery('proto:tcp').terms;
    expect(readQuery(writeQuery([either!, other!])).terms).toHaveLength(2);
  });

  test('what cannot be read says where and what to do', () => {
    const { terms, refusal } = readQuery('service:(dns');
    expect(terms).toEqual([]);
    expect(refusal?.advice).not.toBe('');
  });

  test('an included value is added once and takes its exclusion away', () => {
    const once = withCondition('', equalTo('id.orig_h', '2001:db8::1'));
    expect(readQuery(once).terms).toHaveLength(1);
    expect(withCondition(once, equalTo('id.orig_h', '2001:db8::1'))).toBe(once);
    const excluded = withCondition(once, opposite(equalTo('id.orig_h', '2001:db8::1')));
    expect(readQuery(excluded).terms.map(({ negated }) => negated)).toEqual([true]);
  });

  test.each(['a b', 'x"y', '10.0.0.1', '203.0.113.0/24', 'and', '*', '-', '', '5', 'true', 'C:\\x'])(
    'the value %j survives being written and read',
    (value) => {
      const [term] = readQuery(withCondition('', equalTo('host', value))).terms;
      expect(term?.predicate).toMatchObject({ kind: 'text', op: 'equals', field: 'host' });
      expect(String((term!.predicate as { value: unknown }).value)).toBe(value);
    },
  );
});

describe('lists filtered on the page', () => {
  const incidents = [
    { number: 'FW-2026-0001', state: 'open', grade: { floor: 2 }, organisations: ['hospital-east', 'health'] },
    { number: 'FW-2026-0002', state: 'closed', grade: null, organisations: ['water-north'] },
  ];
  const numbers = (query: string) => incidents.filter(filterOf(query, () => 'East Hospital')).map(({ number }) => number);

  test('by field, by nested field, by what a person reads', () => {
    expect(numbers('state:open')).toEqual(['FW-2026-0001']);
    expect(numbers('grade.floor<=2')).toEqual(['FW-2026-0001']);
    expect(numbers('not grade.floor:*')).toEqual(['FW-2026-0002']);
    expect(numbers('organisations:health')).toEqual(['FW-2026-0001']);
    expect(numbers('"east hospital"')).toHaveLength(2);
  });

  test('an unreadable query filters nothing', () => {
    expect(numbers('state:(')).toHaveLength(2);
  });
});
