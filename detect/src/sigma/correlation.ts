/**
 * Sigma's correlations (correlation rules specification 2.1), as they are written: which rules, within which time, grouped by what, and
 * what must hold. What they refer to is looked up by `collection.ts`; what they mean on a stream says `correlate.ts`.
 */

import { z } from 'zod';
import { boundOperators, windowTypes, type Bound, type WindowShape } from '@forewarn/model/query/window';
import { aboutOf, checked, Heading, ours, type About, type Refuse, type Source } from './document.ts';

export type Correlation = About &
  WindowShape & {
    /** Ids, names or titles of rules and correlations, in their order. */
    rules: readonly string[];
    groupBy: readonly string[];
    /** A name to group by, and what it is called in the records of each rule. */
    aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
    /** As it was written. */
    timespan: string;
    /** Of what values are counted, added up or compared; several are one value together. */
    fields: readonly string[];
    /** The rules say something by themselves, too. */
    generate: boolean;
    /** Whether it says something by itself: one that only serves another does not. */
    alone: boolean;
    cases: readonly CorrelationCase[];
    refuse: Refuse;
  };

/** Records in the order in which they come, and whether the correlation must hold at one of them. A record may name its log as `_log`. */
export type CorrelationCase = { about: string; records: readonly { [field: string]: unknown }[]; matches: boolean };

/** Records of a group that are kept; a condition that needs more could never hold. */
export const groupEventsMax = 10_000;

/** A year and a day. A centre runs those that are longer than its stream remembers over what is stored. */
const secondsMax = 366 * 86_400;

const rulesMax = 64;
const unitSeconds: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

const Condition = z.strictObject({
  gt: z.number().optional(),
  gte: z.number().optional(),
  lt: z.number().optional(),
  lte: z.number().optional(),
  eq: z.number().optional(),
  neq: z.number().optional(),
  field: z.union([z.string().min(1).max(256), z.array(z.string().min(1).max(256)).min(1).max(8)]).optional(),
  percentile: z.number().min(0).max(100).optional(),
});

const Document = Heading.extend({
  correlation: z.strictObject({
    type: z.enum(windowTypes),
    rules: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(rulesMax)]),
    'group-by': z.union([z.string().min(1), z.array(z.string().min(1)).max(16)]).optional(),
    timespan: z.string(),
    aliases: z.record(z.string(), z.record(z.string(), z.string().min(1))).optional(),
    condition: Condition.optional(),
    generate: z.boolean().optional(),
  }),
  generate: z.boolean().optional(),
  forewarn: z
    .strictObject({
      ...ours,
      cases: z
        .array(
          z.strictObject({
            about: z.string(),
            records: z.array(z.looseObject({ ts: z.number() })).min(1),
            matches: z.boolean(),
          }),
        )
        .optional(),
    })
    .optional(),
});

export function readCorrelation(source: Source): Correlation {
  const { refuse } = source;
  const document = checked(Document, source);
  const { correlation } = document;
  const { type, timespan, condition } = correlation;
  const rules = typeof correlation.rules === 'string' ? [correlation.rules] : correlation.rules;
  const at = (name: string) => ['correlation', name];

  const span = /^(\d{1,9})([smhdw])$/.exec(timespan);
  const seconds = span ? Number(span[1]) * unitSeconds[span[2]!]! : 0;
  if (seconds <= 0 || seconds > secondsMax) {
    refuse(
      'rule.correlation.timespan',
      `"${timespan}" is no time span up to ${secondsMax / 86_400} days.`,
      at('timespan'),
      'Write a number and s, m, h or d, as 90m.',
    );
  }

  const { field, percentile, ...limits } = condition ?? {};
  const fields = field === undefined ? [] : typeof field === 'string' ? [field] : field;
  const bounds: Bound[] = boundOperators.flatMap((op) => (limits[op] === undefined ? [] : [{ op, value: limits[op] }]));
  const needsField = type.startsWith('value_');
  if (needsField !== fields.length > 0) {
    refuse(
      'rule.correlation.field',
      needsField ? `A ${type} needs the field whose values it looks at.` : `A ${type} looks at no field.`,
      at('condition'),
      needsField ? 'Write field: in the condition.' : 'Take field: out of the condition, or write value_count.',
    );
  }
  if (fields.length > 1 && type !== 'value_count') {
    refuse('rule.correlation.field', `A ${type} looks at one field.`, at('condition'), 'Name one.');
  }
  if (percentile !== undefined && type !== 'value_percentile') {
    refuse('rule.correlation.condition', `A ${type} has no percentile.`, at('condition'), 'Take it out.');
  }
  const isTemporal = type === 'temporal' || type === 'temporal_ordered';
  if (bounds.length === 0 && !isTemporal) {
    refuse(
      'rule.correlation.condition',
      `A ${type} needs a number to compare with.`,
      at('condition'),
      `Write ${boundOperators.join(', ')}.`,
    );
  }
  const counts = type === 'event_count' || type === 'value_count';
  const most = Math.max(...bounds.filter(({ op }) => op !== 'neq').map(({ value }) => value), 0);
  if (counts && most >= groupEventsMax) {
    refuse(
      'rule.correlation.limit',
      `So many as ${most} events of one group are not kept; at most ${groupEventsMax - 1} can be counted.`,
      at('condition'),
      'Ask for fewer, or for a shorter time.',
    );
  }
  if (type === 'temporal_ordered' && !bounds.every(({ op, value }) => (op === 'gte' || op === 'eq') && value === rules.length)) {
    refuse(
      'rule.correlation.condition',
      'Rules in order are always all of the rules.',
      at('condition'),
      'Take the condition out; or write a correlation of fewer rules.',
    );
  }
  const aliases = new Map(Object.entries(correlation.aliases ?? {}).map(([alias, of]) => [alias, new Map(Object.entries(of))]));
  const groupBy = correlation['group-by'] ?? [];
  return {
    ...aboutOf(document, document.forewarn, source),
    type,
    rules,
    groupBy: typeof groupBy === 'string' ? [groupBy] : groupBy,
    aliases,
    timespan,
    seconds,
    fields,
    bounds: isTemporal && bounds.length === 0 ? [{ op: 'gte', value: rules.length }] : bounds,
    percentile,
    generate: correlation.generate ?? document.generate ?? false,
    alone: true,
    cases: document.forewarn?.cases ?? [],
    refuse,
  };
}
