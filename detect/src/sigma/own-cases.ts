/** A rule's own cases: records that it must hold for, and records that it must not. */

import { compile } from '@forewarn/model/query/evaluate';
import type { AnyRecord } from '@forewarn/model/records/record';
import { latenessMax } from '../behaviours/behaviour.ts';
import type { ResolvedCorrelation } from './collection.ts';
import { createCorrelator, type Correlated } from './correlate.ts';
import type { About } from './document.ts';
import type { SigmaRule } from './rule.ts';

export type CaseResult = { rule: About; about: string; expected: boolean; holds: boolean };

/** Runs the cases of rules and correlations, in their order. */
export function runOwnCases(rules: readonly SigmaRule[], correlations: readonly ResolvedCorrelation[]): CaseResult[] {
  const results: CaseResult[] = [];
  for (const rule of rules) {
    const matches = compile(rule.predicate);
    for (const { about, record, matches: expected } of rule.cases) {
      results.push({ rule, about, expected, holds: matches(record as AnyRecord) });
    }
  }
  for (const correlation of correlations) {
    for (const { about, records, matches: expected } of correlation.cases) {
      let holds = false;
      const stream = createStream(rules, correlations, (told) => void (holds ||= told.correlation === correlation));
      // A record of a case is in the log that it names, or in the first of a rule's.
      for (const { _log: log, ...record } of records) {
        stream.push(typeof log === 'string' ? log : undefined, record as AnyRecord);
      }
      stream.end();
      results.push({ rule: correlation, about, expected, holds });
    }
  }
  return results;
}

/** Rules and correlations on records given one by one. */
function createStream(
  rules: readonly SigmaRule[],
  correlations: readonly ResolvedCorrelation[],
  tell: (told: Correlated) => void,
): { push(log: string | undefined, record: AnyRecord): void; end(): void } {
  const tests = rules.map((rule) => ({ rule, matches: compile(rule.predicate) }));
  const correlator = createCorrelator(correlations, { lateness: latenessMax, tell });
  return {
    push(log, record) {
      for (const { rule, matches } of tests) {
        if (log !== undefined && !rule.logs.includes(log) && !rule.logs.includes('*')) continue;
        if (matches(record)) correlator.push(rule.id, log ?? rule.logs[0]!, record, () => undefined);
      }
    },
    end: () => correlator.end(),
  };
}
