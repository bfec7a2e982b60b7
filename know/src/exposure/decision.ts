/**
 * Decision tables as data (SSVC, CERT/CC): values of some points give an outcome. What is not known leaves every outcome open that any value of it
 * allows: from the mildest to the gravest.
 */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { LocalText } from '@forewarn/model/text';
import { readContent } from '@forewarn/model/yaml';

const Table = z.strictObject({
  id: z.string(),
  title: LocalText,
  means: LocalText,
  source: z.string().min(1),
  confidence: z.enum(['H', 'M', 'U']),
  points: z.array(z.strictObject({ name: z.string(), version: z.string(), values: z.array(z.string()).min(2) })).min(1),
  /** The mildest first. */
  outcomes: z.array(z.string()).min(2),
  /** The values of the points in their order, and the outcome. */
  rows: z.array(z.array(z.string())).min(1),
});
export type DecisionTable = z.infer<typeof Table>;

const File = z.strictObject({ tables: z.array(Table).min(1) });

/**
 * Reads the tables of a content file; throws the refusals with file and line: a value that no point has, a combination that has no row, or
 * two.
 */
export function readDecisionTables(text: string, path: string): DecisionTable[] {
  const read = readContent(File, text, path);
  if (!read.ok) throw new AggregateError(read.refusals, 'content');
  const refusals: Refusal[] = [];
  for (const [t, { points, outcomes, rows }] of read.value.tables.entries()) {
    const refuse = (message: string, ...at: (string | number)[]): void =>
      void refusals.push(new Refusal('content.decision', message, { place: read.place(['tables', t, ...at]) }));
    const known = new Set<string>();
    for (const [r, row] of rows.entries()) {
      const wrong = row.find((value, i) => !(points[i]?.values ?? (i === points.length ? outcomes : [])).includes(value));
      if (row.length !== points.length + 1)
        refuse(`The row has ${row.length} values; ${points.length + 1} are needed.`, 'rows', r);
      else if (wrong !== undefined) refuse(`"${wrong}" is no value of its column.`, 'rows', r);
      const key = JSON.stringify(row.slice(0, -1));
      if (known.has(key)) refuse('The combination has a row already.', 'rows', r);
      known.add(key);
    }
    const combinations = points.reduce((all, { values }) => all * values.length, 1);
    if (known.size !== combinations) refuse(`${known.size} combinations have a row; there are ${combinations}.`, 'rows');
  }
  if (refusals.length > 0) throw new AggregateError(refusals, 'content');
  return read.value.tables;
}

export type Decision = {
  /** What is certain at least, and what is possible at most; equal when all that counts is known. */
  floor: string;
  ceiling: string;
  /** All outcomes that are open, the mildest first. */
  open: string[];
  /** Of the points that are not known, those whose value would close something, the most telling first. */
  missing: string[];
};

/** Decides by what is known of the points, by name. A value that the point has not is a fault of the caller. */
export function decide(
  { points, outcomes, rows }: DecisionTable,
  known: { readonly [point: string]: string | undefined },
): Decision {
  const fits = rows.filter((row) => points.every(({ name }, i) => known[name] === undefined || known[name] === row[i]));
  const open = outcomes.filter((outcome) => fits.some((row) => row.at(-1) === outcome));
  if (open.length === 0) throw new Error(`No row fits ${JSON.stringify(known)}.`);
  const spread = (of: readonly (readonly string[])[]): number => new Set(of.map((row) => row.at(-1))).size;
  const missing = points
    .flatMap(({ name, values }, i) => {
      if (known[name] !== undefined) return [];
      const left = values.map((value) => spread(fits.filter((row) => row[i] === value)));
      // What is still open on the average when this is known.
      return [{ name, left: left.reduce((sum, count) => sum + count, 0) / left.length }];
    })
    .filter(({ left }) => left < open.length)
    .sort((a, b) => a.left - b.left)
    .map(({ name }) => name);
  return { floor: open[0]!, ceiling: open.at(-1)!, open, missing };
}
