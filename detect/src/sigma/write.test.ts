import { describe, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { parseKql } from '@forewarn/model/kql/kql';
import { predicateCases } from '@forewarn/model/query/cases';
import { compile } from '@forewarn/model/query/evaluate';
import type { Predicate, Query } from '@forewarn/model/query/query';
import { recordTypes } from '@forewarn/model/records/index';
import { createCollection } from './collection.ts';
import { readLogSources } from './logsources.ts';
import { readRules } from './rule.ts';
import { writeRule } from './write.ts';

const sources = readLogSources('logsources:\n  - when: { product: zeek }\n    logs: ["{service}"]\n', 'logsources.yaml');
const heading = {
  id: '5d1d0c3e-0000-4000-8000-000000000001',
  title: 'Hunt',
  description: 'As written.',
  author: 'A',
  date: '2026-11-22',
};
const written = (query: Query) => {
  const collection = createCollection([readRules(writeRule(heading, query), 'hunt.yaml', sources)], sources);
  expect(collection.refusals).toEqual([]);
  return collection;
};
const refused = (query: Query): string => {
  try {
    writeRule(heading, query);
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
  return 'taken';
};
/** Sigma compares no column's size with another's, and says neither "all" nor "none". */
const saidNot = (predicate: Predicate): boolean =>
  predicate.kind === 'and' || predicate.kind === 'or'
    ? predicate.of.length === 0 || predicate.of.some(saidNot)
    : predicate.kind === 'not'
      ? saidNot(predicate.of)
      : (predicate.kind === 'in' && predicate.values.length === 0) ||
        (predicate.kind === 'fieldref' && ['lt', 'lte', 'gt', 'gte'].includes(predicate.op));

describe('a rule that is read back holds for the same records', () => {
  test.each(predicateCases.filter(({ predicate }) => !saidNot(predicate)))(
    '$log: $name',
    ({ log, record, predicate, expected }) => {
      const query: Query = { from: [log], where: predicate };
      const [rule] = written(query).rules;
      expect(rule!.logs).toEqual([log]);
      expect(compile(rule!.predicate)(record)).toBe(expected);
    },
  );
});

test.each(predicateCases.filter(({ predicate }) => saidNot(predicate)))('$name: refused', ({ log, predicate }) => {
  expect(refused({ from: [log], where: predicate })).toContain('Sigma has no words');
});

test('a count over groups becomes a correlation', () => {
  const { query } = parseKql(
    'conn | where conn_state == "S0" | summarize hosts = dcount(id.resp_h) by id.orig_h, bin(ts, 90m) | where hosts >= 50',
    { now: 0, recordTypes },
  );
  const [correlation] = written(query).correlations;
  expect(correlation).toMatchObject({ type: 'value_count', seconds: 5400, bounds: [{ op: 'gte', value: 50 }] });
});

test.each([
  ['conn | where local_orig | summarize n = count() by proto | where n > 5', 'a count without a span of time'],
  ['conn | summarize n = count() by proto, bin(ts, 1h)', 'all records'],
  ['conn | where proto == "tcp" | summarize n = count() by bin(ts, 1h)', 'groups without one bound'],
  ['union conn, dns | where uid == "C"', 'several logs'],
])('%s is refused', (text, reason) => {
  expect(refused(parseKql(text, { now: 0, recordTypes }).query)).toContain(reason);
});
