/**
 * Rules of many files together: what correlations and filters refer to is looked up, filters become part of the rules' conditions, and rules
 * that only serve a correlation are silent. Whatever refers to nothing is refused.
 */

import { Refusal } from '@forewarn/base/refusal';
import type { EventFields, WindowQuery, WindowSource } from '@forewarn/model/query/window';
import type { Correlation } from './correlation.ts';
import { compileSearches } from './detection.ts';
import { coversSource, filterPath, type Filter } from './filter.ts';
import type { LogSources } from './logsources.ts';
import type { LoadedRules, SigmaRule } from './rule.ts';

/** What a correlation listens to: a rule or another correlation, and what its own names are called there. */
export type Listened = {
  /** Its place in the list of the correlation. */
  index: number;
  /** What is grouped by and looked at is called so in the records of a log. */
  namesOf: (log: string) => EventFields;
};

export type ResolvedCorrelation = Correlation & {
  listens: ReadonlyMap<string, Listened>;
  /** The same as a query, with its rules in it: for what is stored. */
  window: WindowQuery;
};

export type Collection = {
  rules: SigmaRule[];
  /** Each after those that it refers to. */
  correlations: ResolvedCorrelation[];
  refusals: Refusal[];
};

/** Correlations of correlations of …; nobody reads deeper ones. */
const depthMax = 8;

/** Puts together what was read. Of two documents with one id the first counts and the other is refused. */
export function createCollection(loaded: readonly LoadedRules[], logSources: LogSources): Collection {
  const refusals = loaded.flatMap((one) => one.refusals);
  const byId = new Map<string, SigmaRule | Correlation>();
  const attempt = <T>(what: () => T): T | undefined => {
    try {
      return what();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusals.push(error);
      return undefined;
    }
  };
  const first = (one: SigmaRule | Correlation): boolean => {
    const other = byId.get(one.id);
    if (!other) {
      byId.set(one.id, one);
      return true;
    }
    refusals.push(
      new Refusal('rule.duplicate', `The id ${one.id} is also that of a rule in ${other.place.file}.`, {
        place: one.place,
        advice: 'Give it an id of its own.',
      }),
    );
    return false;
  };
  const rules = loaded.flatMap((one) => one.rules).filter(first);
  const correlations = loaded.flatMap((one) => one.correlations).filter(first);

  // By id, else by name, else by title; a name or title of two means neither.
  const called = new Map<string, SigmaRule | Correlation | null>();
  for (const kind of ['name', 'title'] as const) {
    const own = new Map<string, SigmaRule | Correlation | null>();
    for (const one of byId.values()) {
      const name = one[kind];
      if (name !== undefined) own.set(name, own.has(name) ? null : one);
    }
    for (const [name, one] of own) if (!called.has(name)) called.set(name, one);
  }
  const find = (reference: string): SigmaRule | Correlation | undefined =>
    byId.get(reference) ?? called.get(reference) ?? undefined;

  const added = new Map<SigmaRule, Filter[]>();
  for (const filter of loaded.flatMap((one) => one.filters)) {
    const covers = (rule: SigmaRule): boolean => coversSource(filter.logsource, rule.logsource);
    if (filter.rules === 'any') {
      for (const rule of rules) if (covers(rule)) push(added, rule, filter);
      continue;
    }
    for (const [i, reference] of filter.rules.entries()) {
      const rule = find(reference);
      attempt(() => {
        const path = [...filterPath, 'rules', i];
        if (!rule)
          return filter.refuse('rule.reference', `There is no rule "${reference}".`, path, 'Name a rule by id, name or title.');
        if ('type' in rule) return filter.refuse('rule.reference', `"${reference}" is a correlation.`, path, 'Filter its rules.');
        if (!covers(rule)) {
          const advice = 'Write a log source that the rule has, or a wider one.';
          return filter.refuse('rule.logsource', `"${rule.title}" is of another log source.`, ['logsource'], advice);
        }
        return push(added, rule, filter);
      });
    }
  }
  const filtered = rules.map((rule): SigmaRule => {
    const filters = added.get(rule);
    if (!filters) return rule;
    const of = filters.flatMap(
      ({ searches, refuse }) =>
        attempt(() => compileSearches(searches, logSources.resolve(rule.logsource), refuse, filterPath)) ?? [],
    );
    return { ...rule, predicate: { kind: 'and', of: [rule.predicate, ...of] } };
  });

  const filteredById = new Map(filtered.map((rule) => [rule.id, rule]));

  // Each correlation after those that it refers to; one that comes back to itself never gets there.
  const resolved = new Map<string, ResolvedCorrelation & { depth: number }>();
  const refused = new Set<string>();
  let waiting = correlations;
  while (waiting.length > 0) {
    const later: Correlation[] = [];
    for (const one of waiting) {
      const targets = one.rules.map(find);
      const missing = targets.findIndex((target) => !target || refused.has(target.id));
      if (missing < 0 && targets.some((target) => target && 'type' in target && !resolved.has(target.id))) {
        later.push(one);
        continue;
      }
      const made = attempt(() => {
        if (missing >= 0) {
          const advice = 'Name a rule or correlation that is loaded, by id, name or title.';
          return one.refuse(
            'rule.reference',
            `There is no rule "${one.rules[missing]}".`,
            ['correlation', 'rules', missing],
            advice,
          );
        }
        const depth = 1 + Math.max(...targets.map((target) => resolved.get(target!.id)?.depth ?? 0));
        if (depth > depthMax) {
          return one.refuse(
            'rule.correlation.depth',
            `Correlations refer to one another ${depth} deep.`,
            ['correlation', 'rules'],
            'Write fewer.',
          );
        }
        const ofTargets = targets as (SigmaRule | Correlation)[];
        const listens = listensOf(one, ofTargets);
        const { type, seconds, bounds, percentile } = one;
        const of = ofTargets.map((target) => sourceOf(target, listens.get(target.id)!, filteredById, resolved));
        return { ...one, depth, listens, window: { type, seconds, bounds, percentile, of } };
      });
      if (made) resolved.set(made.id, made);
      else refused.add(one.id);
    }
    if (later.length === waiting.length) {
      for (const one of later) {
        attempt(() =>
          one.refuse('rule.reference', 'The correlation refers to itself.', ['correlation', 'rules'], 'Break the circle.'),
        );
      }
      break;
    }
    waiting = later;
  }

  const silent = new Set<string>();
  for (const { generate, listens } of resolved.values()) if (!generate) for (const id of listens.keys()) silent.add(id);
  return {
    rules: filtered.map((rule) => (silent.has(rule.id) ? { ...rule, alone: false } : rule)),
    correlations: [...resolved.values()].map((one) => (silent.has(one.id) ? { ...one, alone: false } : one)),
    refusals,
  };
}

function listensOf(correlation: Correlation, targets: readonly (SigmaRule | Correlation)[]): Map<string, Listened> {
  const { groupBy, fields, aliases, rules, refuse } = correlation;
  const listens = new Map<string, Listened>();
  for (const [index, target] of targets.entries()) {
    const aliased = (name: string): string => {
      const of = aliases.get(name);
      if (!of) return name;
      const field = [rules[index]!, target.name, target.id, target.title].map((called) => called && of.get(called)).find(Boolean);
      if (field) return field;
      return refuse(
        'rule.correlation.alias',
        `The alias "${name}" says nothing of "${rules[index]}".`,
        ['correlation', 'aliases', name],
        'Name its field there.',
      );
    };
    // What a correlation hands on is the record at which it held, under whatever names that has.
    const mappings = 'type' in target ? [] : target.mappings;
    const named = new Map([...groupBy, ...fields].map((name) => [name, aliased(name)]));
    for (const name of named.values()) {
      if (mappings.some(({ fields: mapped }) => mapped.get(name)?.part !== undefined)) {
        refuse(
          'rule.correlation.field',
          `"${name}" is only a part of a field in the records of "${target.title}".`,
          ['correlation'],
          'Take another field.',
        );
      }
    }
    const plain: EventFields = {
      by: groupBy.map((name) => named.get(name)!),
      values: fields.map((name) => named.get(name)!),
    };
    const perMapping = mappings.map(({ logs, fields: mapped }) => {
      const called = (name: string): string => mapped.get(name)?.field ?? name;
      return { logs, by: plain.by.map(called), values: plain.values.map(called) };
    });
    const namesOf = (log: string): EventFields =>
      perMapping.find(({ logs }) => logs.includes(log) || logs.includes('*')) ?? plain;
    if (listens.has(target.id)) {
      refuse(
        'rule.correlation.rules',
        `"${rules[index]}" stands there twice.`,
        ['correlation', 'rules', index],
        'Name each rule once.',
      );
    }
    listens.set(target.id, { index, namesOf });
  }
  return listens;
}

/** What a correlation listens to, as the source of a query. */
function sourceOf(
  target: SigmaRule | Correlation,
  { namesOf }: Listened,
  rules: ReadonlyMap<string, SigmaRule>,
  correlations: ReadonlyMap<string, ResolvedCorrelation>,
): WindowSource {
  if ('type' in target) {
    const { window } = correlations.get(target.id)!;
    const { by, values } = namesOf('');
    return { kind: 'window', window, by, values };
  }
  const { logs, predicate: where } = rules.get(target.id)!;
  const parts = Map.groupBy(logs, namesOf);
  return { kind: 'records', parts: [...parts].map(([{ by, values }, own]) => ({ logs: own, where, by, values })) };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
