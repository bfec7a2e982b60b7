/**
 * Sigma's documents (specification 2.1): rules about single events, compiled to the query algebra; correlations of rules
 * (`correlation.ts`); filters (`filter.ts`). A document is read wholly or refused with file, line and reason; what one says of others is
 * resolved by `collection.ts`.
 */

import { z } from 'zod';
import { Refusal, type Place } from '@forewarn/base/refusal';
import type { Predicate } from '@forewarn/model/query/query';
import { readText, type Path } from '@forewarn/model/yaml';
import { readCorrelation, type Correlation } from './correlation.ts';
import { compileSearches } from './detection.ts';
import {
  aboutOf,
  checked,
  Heading,
  LogSourceSchema,
  logSourceOf,
  ours,
  type About,
  type Refuse,
  type Source,
} from './document.ts';
import { readFilter, type Filter } from './filter.ts';
import type { LogSource, LogSources, Mapping } from './logsources.ts';

export type SigmaRule = About & {
  logsource: LogSource;
  logs: readonly string[];
  /** Which of its fields are called otherwise in which logs. */
  mappings: readonly Pick<Mapping, 'logs' | 'fields'>[];
  predicate: Predicate;
  cases: readonly RuleCase[];
  /** Whether it says something by itself: a rule that only serves correlations does not. */
  alone: boolean;
};

/** A record and whether the rule must match it. */
export type RuleCase = { about: string; record: { [field: string]: unknown }; matches: boolean };

const Document = Heading.extend({
  logsource: LogSourceSchema,
  detection: z.record(z.string(), z.unknown()),
  forewarn: z
    .strictObject({
      ...ours,
      cases: z
        .array(z.strictObject({ about: z.string(), record: z.record(z.string(), z.unknown()), matches: z.boolean() }))
        .optional(),
    })
    .optional(),
});

/** What one text holds; what its documents say of one another, and of others, is not yet looked up. */
export type LoadedRules = { rules: SigmaRule[]; correlations: Correlation[]; filters: Filter[]; refusals: Refusal[] };

/** Rules in one text; a file of many megabytes is no list of rules. */
const documentsMax = 10_000;

/** Reads every rule of a text. Never throws for what the text says: each rule compiles, or there is a refusal that says where and why. */
export function readRules(text: string, file: string, logSources: LogSources): LoadedRules {
  const loaded: LoadedRules = { rules: [], correlations: [], filters: [], refusals: [] };
  let line = 0;
  const documents = text.replaceAll('\r\n', '\n').split(/^---[ \t]*$/m);
  if (documents.length > documentsMax) {
    loaded.refusals.push(
      new Refusal('rule.size', `The file holds more than ${documentsMax} rules.`, { place: { file }, advice: 'Split it.' }),
    );
    return loaded;
  }
  for (const document of documents) {
    const lines = document.split('\n').length - 1;
    if (/^\s*[^#\s]/m.test(document)) {
      try {
        readDocument(document, file, line, logSources, loaded);
      } catch (error) {
        if (error instanceof Refusal) loaded.refusals.push(error);
        else throw error;
      }
    }
    line += lines;
  }
  return loaded;
}

function readDocument(text: string, file: string, line: number, logSources: LogSources, into: LoadedRules): void {
  const shift = (place: Place): Place => ({ ...place, file, ...(place.line === undefined ? {} : { line: place.line + line }) });
  const read = readText(text, file);
  if (!read.ok) {
    const first = read.refusals[0]!;
    throw new Refusal(first.code, first.message, { place: shift(first.place), advice: first.advice, cause: first });
  }
  const place = (path: Path): Place => shift(read.place(path));
  const refuse: Refuse = (code, message, path, advice) => {
    throw new Refusal(code, message, { place: place(path), advice });
  };
  const { value } = read;
  const source: Source = { value, place, refuse };
  const isMap = typeof value === 'object' && value !== null;
  if (isMap && 'action' in value) {
    const advice = 'Collections with "action" are of the old Sigma; write one rule for each document.';
    return refuse('rule.kind', 'This is a Sigma action, not a rule.', ['action'], advice);
  }
  if (isMap && 'correlation' in value) into.correlations.push(readCorrelation(source));
  else if (isMap && 'filter' in value) into.filters.push(readFilter(source));
  else into.rules.push(readRule(source, logSources));
}

function readRule(source: Source, logSources: LogSources): SigmaRule {
  const rule = checked(Document, source);
  const logsource = logSourceOf(rule.logsource, source.refuse);
  const mapping = logSources.resolve(logsource);
  const { also } = mapping;
  return {
    ...aboutOf(rule, rule.forewarn, source),
    logsource,
    logs: also ? [...mapping.logs, ...also.logs] : mapping.logs,
    mappings: also ? [mapping, also] : [mapping],
    predicate: compileSearches(rule.detection, mapping, source.refuse),
    cases: rule.forewarn?.cases ?? [],
    alone: true,
  };
}
