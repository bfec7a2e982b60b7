/** By when to act: days for each outcome of the table that decides, as data with their source. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { readContent } from '@forewarn/model/yaml';
import { decide, type DecisionTable } from './decision.ts';

const File = z.strictObject({
  version: z.string().min(1),
  table: z.string(),
  outcomes: z
    .array(
      z.strictObject({
        outcome: z.string(),
        /** Null: nothing is due. */
        days: z.number().int().min(1).max(3_650).nullable(),
        source: z.string().min(1),
        confidence: z.enum(['H', 'M', 'U']),
      }),
    )
    .min(1),
});

/** What decides on exposures, and by when to act on each outcome. */
export type ExposureRules = {
  version: string;
  table: DecisionTable;
  deadlines: ReadonlyMap<string, { days: number | null; source: string; confidence: 'H' | 'M' | 'U' }>;
};

/** Reads the content file; throws the refusals with file and line: an unknown table, an outcome that the table has not, or that has no line. */
export function readExposureRules(text: string, path: string, tables: readonly DecisionTable[]): ExposureRules {
  const read = readContent(File, text, path);
  if (!read.ok) throw new AggregateError(read.refusals, 'content');
  const { version, table: id, outcomes } = read.value;
  const refuse = (message: string, ...at: (string | number)[]): never => {
    throw new AggregateError([new Refusal('content.decision', message, { place: read.place(at) })], 'content');
  };
  const table = tables.find((one) => one.id === id) ?? refuse(`There is no table "${id}".`, 'table');
  const foreign = outcomes.findIndex(({ outcome }) => !table.outcomes.includes(outcome));
  if (foreign >= 0) refuse(`"${outcomes[foreign]!.outcome}" is no outcome of the table.`, 'outcomes', foreign);
  const missing = table.outcomes.find((outcome) => outcomes.filter((one) => one.outcome === outcome).length !== 1);
  if (missing !== undefined) refuse(`"${missing}" needs one line.`, 'outcomes');
  // Where nothing is known, something must come out: a table without rows would fail here and not at night.
  decide(table, {});
  return { version, table, deadlines: new Map(outcomes.map(({ outcome, ...rest }) => [outcome, rest])) };
}
