/**
 * Which records a rule's log source means. The table is content (`content/rules/logsources.yaml`): for each product,
 * category and service the logs, a condition that picks their records, and the names its fields have there.
 */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import type { Predicate } from '@forewarn/model/query/query';
import { parsePredicate } from '@forewarn/model/query/text';
import { readContent } from '@forewarn/model/yaml';
import type { Placeholders } from './modifiers.ts';

/** A part of a field: Zeek writes path and query of a request into one `uri`, web servers write them apart. */
const Part = z.enum(['path', 'query', 'extension']);
export type Part = z.infer<typeof Part>;

const FieldTarget = z.union([z.string(), z.strictObject({ field: z.string(), part: Part })]);

const Entry = z.strictObject({
  when: z.strictObject({ product: z.string().optional(), category: z.string().optional(), service: z.string().optional() }),
  /** `{service}` stands for the rule's own service. */
  logs: z.array(z.string()).min(1),
  /** In the text form of the query algebra. */
  where: z.string().optional(),
  fields: z.record(z.string(), FieldTarget).optional(),
  /** Another log that has the same under other names; `where` of both must tell their records apart. */
  also: z
    .strictObject({ logs: z.array(z.string()).min(1), where: z.string(), fields: z.record(z.string(), FieldTarget).optional() })
    .optional(),
  /** Where the mapping comes from. */
  source: z.string().optional(),
});

const File = z.strictObject({ logsources: z.array(Entry) });

export type LogSource = { product?: string; category?: string; service?: string };

/** What a log source was resolved to. */
export type Mapping = {
  logs: readonly string[];
  where: Predicate | undefined;
  fields: ReadonlyMap<string, { field: string; part: Part | undefined }>;
  /** Values of the placeholders that rules may name. */
  placeholders: Placeholders;
  /** Logs with other names for the same. */
  also?: Mapping | undefined;
};

export type LogSources = { resolve(source: LogSource): Mapping };

const PlaceholderFile = z.strictObject({
  placeholders: z.record(z.string().regex(/^[^%\s]+$/), z.array(z.string()).min(1).max(10_000)),
});

/** Reads the values of placeholders; throws the first refusal with file and line. */
export function readPlaceholders(text: string, file: string): Placeholders {
  const read = readContent(PlaceholderFile, text, file);
  if (!read.ok) throw read.refusals[0]!;
  return new Map(Object.entries(read.value.placeholders));
}

/** Reads the table; throws the first refusal with file and line. */
export function readLogSources(text: string, file: string, placeholders: Placeholders = new Map()): LogSources {
  const read = readContent(File, text, file);
  if (!read.ok) throw read.refusals[0]!;
  const predicateOf = (condition: string, path: (string | number)[]): Predicate => {
    try {
      return parsePredicate(condition);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal('content.schema', error.message, { place: read.place(path), advice: error.advice, cause: error });
    }
  };
  const fieldsOf = (targets: z.infer<typeof Entry>['fields']): Mapping['fields'] =>
    new Map(
      Object.entries(targets ?? {}).map(([from, to]) => [from, typeof to === 'string' ? { field: to, part: undefined } : to]),
    );
  const entries = read.value.logsources.map((entry, i) => ({
    ...entry,
    where: entry.where === undefined ? undefined : predicateOf(entry.where, ['logsources', i, 'where']),
    fields: fieldsOf(entry.fields),
    also: entry.also && {
      placeholders,
      logs: entry.also.logs,
      where: predicateOf(entry.also.where, ['logsources', i, 'also', 'where']),
      fields: fieldsOf(entry.also.fields),
    },
    weight: Object.keys(entry.when).length,
  }));
  // The entry that says most wins: {product: zeek, service: http} before {product: zeek}.
  entries.sort((a, b) => b.weight - a.weight);
  return {
    resolve(source) {
      for (const entry of entries) {
        const { product, category, service } = entry.when;
        if (product !== undefined && product !== source.product) continue;
        if (category !== undefined && category !== source.category) continue;
        if (service !== undefined && service !== source.service) continue;
        return {
          logs: entry.logs.map((log) => log.replace('{service}', source.service ?? '*')),
          where: entry.where,
          fields: entry.fields,
          placeholders,
          also: entry.also,
        };
      }
      // A source nobody mapped keeps its own field names, in a log that is named after it.
      const name = [source.product, source.category, source.service].filter((part) => part !== undefined).join('.');
      return { logs: [name], where: undefined, fields: new Map(), placeholders };
    },
  };
}
