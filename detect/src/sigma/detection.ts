/** The detection part of a document (Sigma rules specification 2.1, "Detection"): searches and a condition, as a predicate. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { compile } from '@forewarn/model/query/evaluate';
import { escapePattern, type Predicate } from '@forewarn/model/query/query';
import type { Path } from '@forewarn/model/yaml';
import { ConditionError, parseCondition, type Condition } from './condition.ts';
import type { Refuse } from './document.ts';
import type { Mapping, Part } from './logsources.ts';
import { ModifierError, compileItem } from './modifiers.ts';

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/** The detection under the names that its fields have in the logs of a mapping. `path` is where the detection stands. */
export function compileSearches(
  detection: { [name: string]: unknown },
  mapping: Mapping,
  refuse: Refuse,
  path: Path = ['detection'],
): Predicate {
  const own = compileDetection(detection, mapping, refuse, path);
  const { also } = mapping;
  const predicate: Predicate = also ? { kind: 'or', of: [own, compileDetection(detection, also, refuse, path)] } : own;
  try {
    // Compiling shows regular expressions and networks that cannot be.
    compile(predicate);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refuse('rule.value', error.message, findField(detection, error.place.field, path), error.advice);
  }
  return predicate;
}

function compileDetection(detection: { [name: string]: unknown }, mapping: Mapping, refuse: Refuse, at: Path): Predicate {
  const { condition, ...rest } = detection;
  const searches = new Map<string, Predicate>();
  for (const [name, search] of Object.entries(rest)) {
    if (name === 'timeframe')
      refuse(
        'rule.timeframe',
        'A time frame needs an aggregation, which a rule about single events has not.',
        [...at, name],
        'Write a correlation.',
      );
    searches.set(name, compileSearch(search, [...at, name], mapping, refuse));
  }
  if (condition === undefined) refuse('rule.condition', 'The detection has no condition.', at, 'Write condition: selection.');
  const conditions = Array.isArray(condition) ? (condition as unknown[]) : [condition];
  const names = [...searches.keys()];
  const of = conditions.map((text, i): Predicate => {
    const path = Array.isArray(condition) ? [...at, 'condition', i] : [...at, 'condition'];
    if (typeof text !== 'string')
      return refuse('rule.condition', 'A condition must be a text.', path, 'Write condition: selection.');
    try {
      return combine(parseCondition(text, names), searches);
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      return refuse(
        'rule.condition',
        `In the condition, at character ${error.offset + 1}: ${error.message}.`,
        path,
        `The rule's searches are ${names.join(', ')}.`,
      );
    }
  });
  const matched: Predicate = of.length === 1 ? of[0]! : { kind: 'or', of };
  return mapping.where ? { kind: 'and', of: [mapping.where, matched] } : matched;
}

function combine(condition: Condition, searches: ReadonlyMap<string, Predicate>): Predicate {
  switch (condition.kind) {
    case 'search':
      return searches.get(condition.name)!;
    case 'not':
      return { kind: 'not', of: combine(condition.of, searches) };
    default:
      return { kind: condition.kind, of: condition.of.map((part) => combine(part, searches)) };
  }
}

/** A search: a map (all of its items), a list of maps (any), or a list of keywords (any). */
function compileSearch(search: unknown, path: Path, mapping: Mapping, refuse: Refuse): Predicate {
  if (Array.isArray(search)) {
    if (search.length === 0)
      return refuse('rule.search', 'The search is empty and would match nothing.', path, 'Fill it or take it away.');
    const of = search.map((part: unknown, i) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? compileSearch(part, [...path, i], mapping, refuse)
        : compileField('', part, [...path, i], mapping, refuse),
    );
    return of.length === 1 ? of[0]! : { kind: 'or', of };
  }
  if (typeof search === 'object' && search !== null) {
    const items = Object.entries(search);
    if (items.length === 0)
      return refuse('rule.search', 'The search is empty and would match everything.', path, 'Fill it or take it away.');
    const of = items.map(([key, value]) => compileField(key, value, [...path, key], mapping, refuse));
    return of.length === 1 ? of[0]! : { kind: 'and', of };
  }
  return compileField('', search, path, mapping, refuse);
}

function compileField(key: string, value: unknown, path: Path, mapping: Mapping, refuse: Refuse): Predicate {
  const [name, ...modifiers] = key.split('|');
  const elements: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const element of elements) {
    if (!Scalar.safeParse(element).success)
      return refuse(
        'rule.value',
        'A value must be a text, a number, true, false or null.',
        path,
        'Write a list of values, not of maps.',
      );
  }
  const target = mapping.fields.get(name!);
  try {
    const predicate = compileItem(name === '' ? '' : (target?.field ?? name!), modifiers, value, mapping.placeholders);
    return target?.part === undefined ? predicate : within(predicate, target.part);
  } catch (error) {
    if (!(error instanceof ModifierError)) throw error;
    return refuse('rule.modifier', `${error.message}.`, path, 'See the Sigma appendix on modifiers 2.1.');
  }
}

/**
 * A comparison with a part of a field, where the record has only the whole: path and query meet at the first question mark.
 * `contains` is asked of the whole, which can only find more; the others are exact.
 */
function within(predicate: Predicate, part: Part): Predicate {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return { kind: predicate.kind, of: predicate.of.map((inner) => within(inner, part)) };
    case 'not':
      return { kind: 'not', of: within(predicate.of, part) };
    case 'in':
      return {
        kind: 'or',
        of: predicate.values.map((value) =>
          within(
            { kind: 'text', field: predicate.field, op: 'equals', value, ...(predicate.cased ? { cased: true } : {}) },
            part,
          ),
        ),
      };
    case 'text': {
      const { op } = predicate;
      const value = op === 'like' ? String(predicate.value) : escapePattern(String(predicate.value));
      const like = (pattern: string): Predicate => ({
        kind: 'text',
        field: predicate.field,
        op: 'like',
        value: pattern,
        ...(predicate.cased ? { cased: true } : {}),
      });
      const before = op === 'contains' || op === 'endswith' ? '*' : '';
      const after = op === 'contains' || op === 'startswith' ? '*' : '';
      if (part === 'extension')
        return { kind: 'or', of: [like(`*.${before}${value}${after}`), like(`*.${before}${value}${after}\\?*`)] };
      if (part === 'query') {
        // Some servers log the query with its question mark, some without: rules are written for both.
        const body = value.replace(/^(\\\?|\?)/, '');
        if (op === 'contains') return like(`*${value}*`);
        return like(`*\\?${before}${body}${after}`);
      }
      if (op === 'contains' || op === 'startswith') return like(`${before}${value}${after}`);
      return { kind: 'or', of: [like(before + value), like(`${before}${value}\\?*`)] };
    }
    default:
      return predicate;
  }
}

/** The first item of the detection that asks for the field, so that a refusal points at its line. */
function findField(detection: { [name: string]: unknown }, field: string | undefined, root: Path): Path {
  const open: { value: unknown; path: Path }[] = [{ value: detection, path: root }];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { value, path } = next;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(key) : key];
      if (field !== undefined && key.split('|')[0] === field) return at;
      open.push({ value: inner, path: at });
    }
  }
  return root;
}
