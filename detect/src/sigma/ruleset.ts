/**
 * Many rules over one stream. Asking every rule about every record costs the number of rules; here each rule first names texts of which one must be in
 * the record for the rule to hold, all those texts are looked for at once, and only rules whose text was found are asked. So the cost
 * grows with the rules that match, not with the rules there are. Where most rules of a log demand a value of one or two fields (a channel, a number of
 * an event), records are sorted by these first, and each sort has an index of its own.
 */

import type { AnyRecord } from '@forewarn/model/records/record';
import type { CostMeter } from '../cost.ts';
import { collect, demands } from './necessary.ts';
import type { SigmaRule } from './rule.ts';
import { createLogRules, type LogRules } from './rule-index.ts';

export type RuleSet = {
  readonly rules: readonly SigmaRule[];
  /** The rules that hold for the record, in the order they were given. The array is reused by the next call. */
  match(log: string, record: AnyRecord): readonly SigmaRule[];
  /** The same, with the time of every rule that was asked. */
  matchTimed(log: string, record: AnyRecord, cost: CostMeter): readonly SigmaRule[];
};

/** Compiles the rules for matching. */
export function createRuleSet(rules: readonly SigmaRule[]): RuleSet {
  const frequency = new Map<string, number>();
  for (const rule of rules) {
    const own = new Set<string>();
    collect(rule.predicate, own);
    for (const key of own) frequency.set(key, (frequency.get(key) ?? 0) + 1);
  }
  const byLog = new Map<string, LogRules>();
  const rulesOf = (log: string): LogRules => {
    let own = byLog.get(log);
    if (!own) {
      own = createSortedRules(
        rules.filter((rule) => rule.logs.includes(log) || rule.logs.includes('*')),
        frequency,
      );
      // Log names come from files; a ceiling keeps a file with a million names from a million tables.
      if (byLog.size < 1_000) byLog.set(log, own);
    }
    return own;
  };
  return {
    rules,
    match: (log, record) => rulesOf(log)(record),
    matchTimed: (log, record, cost) => rulesOf(log)(record, cost),
  };
}

/** Fields by which records of one log are sorted. Windows events have two: the channel and the number. */
const sortersMax = 2;

/** With fewer rules a sort saves nothing. */
const sortedRulesMin = 32;

/** Sorts remembered for one log; Windows has some thousand channels and numbers. Beyond it all rules are looked at together. */
const sortsMax = 10_000;

/** Longer values are no sort: a file of hostile ones must not fill the table with them. */
const sortLengthMax = 256;

function createSortedRules(rules: readonly SigmaRule[], frequency: ReadonlyMap<string, number>): LogRules {
  const demanded = rules.map(({ predicate }) => demands(predicate));
  const counts = new Map<string, number>();
  for (const fields of demanded) for (const field of fields.keys()) counts.set(field, (counts.get(field) ?? 0) + 1);
  const sorters = [...counts]
    .filter(([, count]) => count >= sortedRulesMin && count >= rules.length / 2)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, sortersMax)
    .map(([field]) => field);
  let whole: LogRules | undefined;
  const all: LogRules = (record, cost) => (whole ??= createLogRules(rules, frequency))(record, cost);
  if (sorters.length === 0) return all;
  const bySort: Sorts = new Map();
  let sorts = 0;
  /** Different sorts may leave the same rules. */
  const byRules = new Map<string, LogRules>();
  const rulesFor = (values: readonly SortValue[]): LogRules => {
    const texts = values.map((value) => (value === undefined ? undefined : String(value).toLowerCase()));
    const fitting: number[] = [];
    for (const [i, fields] of demanded.entries()) {
      // A record that lacks the field has no value that a rule could demand.
      const fits = (field: string, at: number): boolean => {
        const demandedTexts = fields.get(field);
        return !demandedTexts || (texts[at] !== undefined && demandedTexts.has(texts[at]));
      };
      if (sorters.every(fits)) fitting.push(i);
    }
    const named = fitting.join();
    let own = byRules.get(named);
    if (!own) {
      const some = fitting.map((i) => rules[i]!);
      own = createLogRules(some, frequency);
      byRules.set(named, own);
    }
    return own;
  };
  const [firstField, secondField] = sorters;
  return (record, cost) => {
    const first = sortValue(record, firstField!);
    const second = secondField === undefined ? undefined : sortValue(record, secondField);
    // Of a list each element counts, and long values are no sort.
    if (first === null || second === null) return all(record, cost);
    let seconds = bySort.get(first);
    let own = seconds?.get(second);
    if (!own) {
      if (sorts >= sortsMax) return all(record, cost);
      sorts++;
      own = rulesFor(secondField === undefined ? [first] : [first, second]);
      if (!seconds) bySort.set(first, (seconds = new Map<SortValue, LogRules>()));
      seconds.set(second, own);
    }
    return own(record, cost);
  };
}

type SortValue = string | number | boolean | undefined;
type Sorts = Map<SortValue, Map<SortValue, LogRules>>;

/** The value by which the record is sorted; null when it is none. */
function sortValue(record: AnyRecord, field: string): SortValue | null {
  const value: unknown = record[field];
  switch (typeof value) {
    case 'string':
      return value.length <= sortLengthMax ? value : null;
    case 'number':
    case 'boolean':
      return value;
    case 'undefined':
      return undefined;
    default:
      return value === null ? undefined : null;
  }
}
