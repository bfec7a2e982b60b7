/**
 * Sigma rules about single events (Sigma rules specification 2.1): read, checked, and compiled to the query algebra. A rule
 * compiles wholly or is refused with file, line and reason.
 */

import { z } from 'zod';
import { Refusal, type Place } from '@forewarn/base/refusal';
import { compile } from '@forewarn/model/query/evaluate';
import { escapePattern, type Predicate } from '@forewarn/model/query/query';
import { Finding } from '@forewarn/model/finding';
import { formatPath, readText, type Path } from '@forewarn/model/yaml';
import { ConditionError, parseCondition, type Condition } from './condition.ts';
import type { LogSources, Mapping, Part } from './logsources.ts';
import { ModifierError, compileItem } from './modifiers.ts';

export type Level = Finding['level'];

export type SigmaRule = {
  id: string;
  version: string;
  title: string;
  status: string;
  level: Level;
  /** ATT&CK technique ids and tactic names from the tags. */
  technique: readonly string[];
  tactic: readonly string[];
  logs: readonly string[];
  predicate: Predicate;
  /** Key of a sentence in the catalogues; rules of others have only their title. */
  explanation: string | undefined;
  harm: Finding['harm'];
  /** What makes it fire on harmless events, in its author's words. */
  falsePositives: readonly string[];
  cases: readonly RuleCase[];
  place: Place;
};

/** A record and whether the rule must match it. */
export type RuleCase = { about: string; record: { [field: string]: unknown }; matches: boolean };

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const;
const statuses = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'] as const;

/** What is read of a rule; other attributes (author, references, …) belong to people. */
const Document = z.looseObject({
  title: z.string().min(1).max(500),
  id: z.string().max(200).optional(),
  status: z.enum(statuses).optional(),
  level: z.enum(levels).optional(),
  date: z.string().optional(),
  modified: z.string().optional(),
  tags: z.array(z.string()).nullish(),
  falsepositives: z.union([z.string(), z.array(z.string())]).nullish(),
  taxonomy: z.string().optional(),
  logsource: z.looseObject({ product: z.string().nullish(), category: z.string().nullish(), service: z.string().nullish() }),
  detection: z.record(z.string(), z.unknown()),
  forewarn: z
    .strictObject({
      explanation: z.string().optional(),
      harm: z.enum(['confidentiality', 'integrity', 'availability', 'controllability']).optional(),
      cases: z
        .array(z.strictObject({ about: z.string(), record: z.record(z.string(), z.unknown()), matches: z.boolean() }))
        .optional(),
    })
    .optional(),
});

export type LoadedRules = { rules: SigmaRule[]; refusals: Refusal[] };

/** Rules in one text; a file of many megabytes is no list of rules. */
const documentsMax = 10_000;

/** Reads every rule of a text. Never throws for what the text says: each rule compiles, or there is a refusal that says where and why. */
export function readRules(text: string, file: string, logSources: LogSources): LoadedRules {
  const rules: SigmaRule[] = [];
  const refusals: Refusal[] = [];
  let line = 0;
  const documents = text.replaceAll('\r\n', '\n').split(/^---[ \t]*$/m);
  if (documents.length > documentsMax) {
    return {
      rules,
      refusals: [
        new Refusal('rule.size', `The file holds more than ${documentsMax} rules.`, { place: { file }, advice: 'Split it.' }),
      ],
    };
  }
  for (const document of documents) {
    const lines = document.split('\n').length - 1;
    if (/^\s*[^#\s]/m.test(document)) {
      try {
        rules.push(readRule(document, file, line, logSources));
      } catch (error) {
        if (error instanceof Refusal) refusals.push(error);
        else throw error;
      }
    }
    line += lines;
  }
  return { rules, refusals };
}

function readRule(text: string, file: string, line: number, logSources: LogSources): SigmaRule {
  const shift = (place: Place): Place => ({ ...place, file, ...(place.line === undefined ? {} : { line: place.line + line }) });
  const read = readText(text, file);
  if (!read.ok) {
    const first = read.refusals[0]!;
    throw new Refusal(first.code, first.message, { place: shift(first.place), advice: first.advice, cause: first });
  }
  const place = (path: Path): Place => shift(read.place(path));
  const refuse = (code: string, message: string, path: Path, advice: string): never => {
    throw new Refusal(code, message, { place: place(path), advice });
  };
  const value = read.value;
  if (typeof value === 'object' && value !== null) {
    for (const [key, advice] of [
      ['correlation', 'Correlations of rules are not evaluated yet.'],
      ['filter', 'Write the exclusion into the rule: Sigma filters are not evaluated yet.'],
      ['action', 'Collections with "action" are of the old Sigma; write one rule for each document.'],
    ] as const) {
      if (key in value) refuse('rule.kind', `This is a Sigma ${key}, not a rule about single events.`, [key], advice);
    }
  }
  const parsed = Document.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    return refuse('rule.schema', `${formatPath(path)}: ${issue.message}.`, path, 'See the Sigma rules specification 2.1.');
  }
  const rule = parsed.data;
  if (rule.taxonomy !== undefined && rule.taxonomy !== 'sigma') {
    return refuse('rule.taxonomy', `The taxonomy "${rule.taxonomy}" is not known.`, ['taxonomy'], 'Use the taxonomy sigma.');
  }
  const { product, category, service } = rule.logsource;
  if (!product && !category && !service) {
    return refuse('rule.logsource', 'The log source names no product, category or service.', ['logsource'], 'Name one.');
  }
  const mapping = logSources.resolve({
    ...(product ? { product } : {}),
    ...(category ? { category } : {}),
    ...(service ? { service } : {}),
  });
  const own = compileDetection(rule.detection, mapping, refuse);
  const { also } = mapping;
  const predicate: Predicate = also ? { kind: 'or', of: [own, compileDetection(rule.detection, also, refuse)] } : own;
  try {
    // Compiling shows regular expressions and networks that cannot be.
    compile(predicate);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const at = findField(rule.detection, error.place.field);
    return refuse('rule.value', error.message, at, error.advice);
  }
  const tags = rule.tags ?? [];
  const falsePositives = rule.falsepositives ?? [];
  return {
    id: rule.id ?? rule.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    version: rule.modified ?? rule.date ?? '0',
    title: rule.title,
    status: rule.status ?? 'experimental',
    level: rule.level ?? 'medium',
    technique: tags
      .map((tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase())
      .filter((id) => id !== undefined),
    // Everything else in ATT&CK's name space that is no group, software or technique is a tactic.
    tactic: tags
      .map((tag) => /^attack\.([a-z][a-z_-]+)$/i.exec(tag)?.[1]?.replaceAll('_', '-'))
      .filter((name) => name !== undefined),
    logs: also ? [...mapping.logs, ...also.logs] : mapping.logs,
    predicate,
    explanation: rule.forewarn?.explanation,
    harm: rule.forewarn?.harm ?? null,
    falsePositives: typeof falsePositives === 'string' ? [falsePositives] : falsePositives,
    cases: rule.forewarn?.cases ?? [],
    place: place(['title']),
  };
}

type Refuse = (code: string, message: string, path: Path, advice: string) => never;

function compileDetection(detection: { [name: string]: unknown }, mapping: Mapping, refuse: Refuse): Predicate {
  const { condition, ...rest } = detection;
  const searches = new Map<string, Predicate>();
  for (const [name, search] of Object.entries(rest)) {
    if (name === 'timeframe')
      refuse(
        'rule.timeframe',
        'A time frame needs an aggregation, which a rule about single events has not.',
        ['detection', name],
        'Write a correlation.',
      );
    searches.set(name, compileSearch(search, ['detection', name], mapping, refuse));
  }
  if (condition === undefined)
    refuse('rule.condition', 'The detection has no condition.', ['detection'], 'Write condition: selection.');
  const conditions = Array.isArray(condition) ? (condition as unknown[]) : [condition];
  const names = [...searches.keys()];
  const of = conditions.map((text, i): Predicate => {
    const path = Array.isArray(condition) ? ['detection', 'condition', i] : ['detection', 'condition'];
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
    const predicate = compileItem(name === '' ? '' : (target?.field ?? name!), modifiers, value);
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
function findField(detection: { [name: string]: unknown }, field: string | undefined): Path {
  const open: { value: unknown; path: Path }[] = [{ value: detection, path: ['detection'] }];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { value, path } = next;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(key) : key];
      if (field !== undefined && key.split('|')[0] === field) return at;
      open.push({ value: inner, path: at });
    }
  }
  return ['detection'];
}
