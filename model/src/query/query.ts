/**
 * One small algebra for rules, hunts, behaviours, indicator patterns and the query bar. `detect` runs it on the stream
 * (`evaluate.ts`), `store` compiles it to ClickHouse SQL; both pass the cases of `cases.ts`, so that a rule hunts the
 * past unchanged.
 *
 * What a predicate means, exactly:
 *
 * - *Two truths.* A predicate is true or false, never unknown. A field that is missing, null or an empty vector makes
 *   every comparison with it false, and `not` of that comparison true. (In SQL: `ifNull(…, false)` round each
 *   comparison, below any `not`.) An empty text is a value: it exists and equals ''.
 * - *Vectors.* A comparison with a vector is true when any of its elements makes it true; so `not` means: no element.
 * - *Texts.* A comparison of text reads numbers as their shortest decimal form (80, 0.5) and truth values as `true` and
 *   `false`; so `id.resp_p` contains "80" may be asked. `equals`, `in` and `fieldref` compare two numbers as numbers.
 * - *Numbers.* `lt`, `lte`, `gt`, `gte` read a text as a number when it is written in decimal (`-12.5`, `1e3`), and are
 *   false when it is not. Truth values are not numbers.
 * - *Case.* Unless `cased`, letters are folded to lower case one by one (Unicode simple lower case, ClickHouse
 *   `lowerUTF8`); nothing else is normalised.
 * - *Characters* are Unicode code points, for `?` in patterns and for `.` in regular expressions.
 * - *Regular expressions* are searched, not anchored, case-sensitive unless flagged, and written in RE2's syntax: without look-around
 *   and back-references, so that both engines run in time linear in the value, whatever a hostile value holds. Only the first
 *   `matchedCharactersMax` characters of a value are looked at.
 * - *Parts of dates* are taken of numbers (seconds since 1970, in UTC) and of texts that begin as ISO 8601 dates (`2026-11-22T08:00`, or with a space
 *   between), as they are written, whatever zone follows; weeks are those of ISO 8601. Years from 1900 to 2299; all else has no parts.
 * - *Addresses.* `cidr` is true for texts that are addresses of the network's family inside it, and false for all else.
 * - Field names are exact; a field that the record type does not have is missing.
 */

import { z } from 'zod';

/**
 * Longer values are cut for regular expressions. The longest field that rules of the public set look into is
 * a PowerShell script block of 32,766 characters (the size of one Windows event); the next power of two leaves room.
 */
export const matchedCharactersMax = 65_536;

/** Deepest nesting of and, or, not that is accepted; the deepest public rule has 9. */
export const predicateDepthMax = 64;

export type Scalar = string | number | boolean;

/** `like` matches the whole value against a pattern: `*` any run, `?` one character, `\*`, `\?`, `\\` those characters. */
export type TextOperator = 'equals' | 'contains' | 'startswith' | 'endswith' | 'like';
export type OrderOperator = 'lt' | 'lte' | 'gt' | 'gte';
export type RegexFlag = 'i' | 'm' | 's';
export const dateParts = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const;
export type DatePart = (typeof dateParts)[number];

export type Predicate =
  /** All of them; of none: true. */
  | { kind: 'and'; of: readonly Predicate[] }
  /** Any of them; of none: false. */
  | { kind: 'or'; of: readonly Predicate[] }
  | { kind: 'not'; of: Predicate }
  | { kind: 'text'; field: string; op: TextOperator; value: Scalar; cased?: boolean }
  | { kind: 'order'; field: string; op: OrderOperator; value: number }
  /** A part of a date, compared as a number. */
  | { kind: 'date'; field: string; part: DatePart; op: 'equals' | OrderOperator; value: number }
  /** Equals one of the values: `in` with ten thousand values costs one look-up. */
  | { kind: 'in'; field: string; values: readonly Scalar[]; cased?: boolean }
  /** `i` ignores case, `m` lets ^ and $ stand at lines, `s` lets the dot match line ends. */
  | { kind: 'regex'; field: string; pattern: string; flags: readonly RegexFlag[] }
  /** `10.0.0.0/8`, `2001:db8::/32`. */
  | { kind: 'cidr'; field: string; network: string }
  /** The field has a value. */
  | { kind: 'exists'; field: string }
  /** The two fields of one record compared; false when either is missing. Any pair of vector elements may match. */
  | {
      kind: 'fieldref';
      field: string;
      op: 'equals' | 'contains' | 'startswith' | 'endswith' | OrderOperator;
      other: string;
      cased?: boolean;
    }
  /** Some field of the record, whichever, contains it (`contains`), is matched by the pattern (`like`) or the regular expression. */
  | { kind: 'keyword'; op: 'contains' | 'like'; value: string; cased?: boolean }
  | { kind: 'keyword'; op: 'regex'; value: string; flags: readonly RegexFlag[] };

const Field = z.string().min(1).max(200);
const ScalarSchema = z.union([z.string().max(matchedCharactersMax), z.number(), z.boolean()]);
const Flags = z.array(z.enum(['i', 'm', 's'])).max(3);
const ofMax = 10_000;

/** The schema, for queries that come over a border (API, saved views). Depth is checked by `predicateDepth`. */
export const Predicate: z.ZodType<Predicate> = z.lazy(() =>
  z.union([
    z.strictObject({ kind: z.literal('and'), of: z.array(Predicate).max(ofMax) }),
    z.strictObject({ kind: z.literal('or'), of: z.array(Predicate).max(ofMax) }),
    z.strictObject({ kind: z.literal('not'), of: Predicate }),
    z.strictObject({
      kind: z.literal('text'),
      field: Field,
      op: z.enum(['equals', 'contains', 'startswith', 'endswith', 'like']),
      value: ScalarSchema,
      cased: z.boolean().optional(),
    }),
    z.strictObject({ kind: z.literal('order'), field: Field, op: z.enum(['lt', 'lte', 'gt', 'gte']), value: z.number() }),
    z.strictObject({
      kind: z.literal('date'),
      field: Field,
      part: z.enum(dateParts),
      op: z.enum(['equals', 'lt', 'lte', 'gt', 'gte']),
      value: z.number(),
    }),
    z.strictObject({
      kind: z.literal('in'),
      field: Field,
      values: z.array(ScalarSchema).max(100_000),
      cased: z.boolean().optional(),
    }),
    z.strictObject({ kind: z.literal('regex'), field: Field, pattern: z.string().max(10_000), flags: Flags }),
    z.strictObject({ kind: z.literal('cidr'), field: Field, network: z.string().max(60) }),
    z.strictObject({ kind: z.literal('exists'), field: Field }),
    z.strictObject({
      kind: z.literal('fieldref'),
      field: Field,
      op: z.enum(['equals', 'contains', 'startswith', 'endswith', 'lt', 'lte', 'gt', 'gte']),
      other: Field,
      cased: z.boolean().optional(),
    }),
    z.strictObject({
      kind: z.literal('keyword'),
      op: z.enum(['contains', 'like']),
      value: z.string().max(10_000),
      cased: z.boolean().optional(),
    }),
    z.strictObject({ kind: z.literal('keyword'), op: z.literal('regex'), value: z.string().max(10_000), flags: Flags }),
  ]),
) as z.ZodType<Predicate>;

/** How deep and, or and not are nested; a bare comparison has 1. Does not recurse, so that it may look at anything. */
export function predicateDepth(predicate: Predicate): number {
  let deepest = 0;
  const open: { predicate: Predicate; depth: number }[] = [{ predicate, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    deepest = Math.max(deepest, next.depth);
    const { predicate: at, depth } = next;
    if (at.kind === 'not') open.push({ predicate: at.of, depth: depth + 1 });
    else if (at.kind === 'and' || at.kind === 'or') for (const part of at.of) open.push({ predicate: part, depth: depth + 1 });
  }
  return deepest;
}

/**
 * One number of a group. `count` counts records; `distinct` counts different values of a field that exists (each
 * element of a vector is a value); `sum`, `avg`, `min`, `max` take numbers and leave out records without one. A `sum` of
 * nothing is 0, an `avg`, `min` or `max` of nothing is missing.
 */
export type Aggregate =
  | { kind: 'count'; as: string }
  | { kind: 'distinct' | 'sum' | 'avg' | 'min' | 'max'; field: string; as: string };

/**
 * Records of the logs, in a range of time, that the predicate holds for; grouped when `group` is there.
 *
 * A group is made of the records with equal values in the fields of `by` (a missing value is a value of its own, null)
 * and, with `every`, in the same window: windows start at whole multiples of `every` seconds since 1970, and the row
 * carries its start as `window`. Rows of an ungrouped query are the records themselves with their log as `_log`.
 */
export type Query = {
  from: readonly string[];
  where?: Predicate;
  /** Seconds UTC on `ts`: from inclusive, to exclusive. */
  range?: { from?: number; to?: number };
  group?: { by: readonly string[]; every?: number; aggregates: readonly Aggregate[] };
  /** A predicate over a group's row: `by` fields, aggregates by their `as`, `window`. */
  having?: Predicate;
  order?: readonly { field: string; descending?: boolean }[];
  limit?: number;
  /** Only these fields of the rows, beside `_log`; the others are not read. Order may name others. */
  columns?: readonly string[];
};

const AggregateSchema: z.ZodType<Aggregate> = z.union([
  z.strictObject({ kind: z.literal('count'), as: Field }),
  z.strictObject({ kind: z.enum(['distinct', 'sum', 'avg', 'min', 'max']), field: Field, as: Field }),
]);

export const Query: z.ZodType<Query> = z.strictObject({
  from: z.array(z.string().max(64)).min(1).max(64),
  where: Predicate.optional(),
  range: z.strictObject({ from: z.number().optional(), to: z.number().optional() }).optional(),
  group: z
    .strictObject({
      by: z.array(Field).max(16),
      every: z.number().positive().optional(),
      aggregates: z.array(AggregateSchema).min(1).max(32),
    })
    .optional(),
  having: Predicate.optional(),
  order: z
    .array(z.strictObject({ field: Field, descending: z.boolean().optional() }))
    .max(8)
    .optional(),
  limit: z.number().int().positive().max(1_000_000).optional(),
  columns: z.array(Field).min(1).max(200).optional(),
}) as z.ZodType<Query>;

/** One piece of a `like` pattern. */
export type PatternPart = { literal: string } | { any: true } | { one: true };

/** Reads a `like` pattern. A backslash before any other character than `*`, `?` and `\` is itself. Runs of `*` are one. */
export function parsePattern(pattern: string): PatternPart[] {
  const parts: PatternPart[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') parts.push({ literal });
    literal = '';
  };
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    const next = pattern[i + 1];
    if (c === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next;
      i++;
    } else if (c === '*') {
      flush();
      if (!(parts.length > 0 && 'any' in parts.at(-1)!)) parts.push({ any: true });
    } else if (c === '?') {
      flush();
      parts.push({ one: true });
    } else literal += c;
  }
  flush();
  return parts;
}

/** Writes text so that a `like` pattern takes it literally. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[\\*?]/g, '\\$&');
}
