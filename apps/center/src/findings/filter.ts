/** What a list of findings is narrowed by, the same for lists, groups and acts on all that a filter shows. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { Finding } from '@forewarn/model/finding';
import { NetworkType } from '@forewarn/model/estate';
import { verdicts } from '@forewarn/model/noise';
import type { Predicate } from '@forewarn/model/query/query';
import { parsePredicate } from '@forewarn/model/query/text';
import type { FindingFilter, FindingScope } from '@forewarn/store/clickhouse/finding-search';
import { RangeQuery } from '../api/shapes.ts';
import type { Principal } from '../ports.ts';

const Name = z.string().min(1).max(300);

export const FilterQuery = RangeQuery.extend({
  q: z
    .string()
    .max(20_000)
    .optional()
    .describe('A condition in the text form of the query algebra, over the fields of a finding.'),
  level: Finding.shape.level.optional(),
  rule: Name.optional(),
  source: z.string().max(300).optional(),
  target: z.string().max(300).optional(),
  technique: z.string().max(64).optional(),
  organisation: Name.optional(),
  link: z.string().max(100).optional(),
  sensor: Name.optional(),
  networkType: NetworkType.optional(),
  incident: Name.optional(),
  verdict: z.enum([...verdicts, 'none']).optional(),
  hidden: z.enum(['no', 'yes', 'all']).optional().describe('Hidden findings: left out, alone, or among the others.'),
  hiddenBy: Name.optional(),
});

export const findingScopeOf = ({ centre, organisation }: Pick<Principal, 'centre' | 'organisation'>): FindingScope =>
  centre ? 'all' : { organisation };

/** As the search takes it. Findings of an incident are shown all, hidden or not. */
export function filterOf({ q, ...rest }: z.output<typeof FilterQuery>): FindingFilter {
  const where = conditionOf(q, 'q');
  return {
    ...rest,
    ...(rest.incident !== undefined && rest.hidden === undefined ? { hidden: 'all' as const } : {}),
    ...(where ? { where } : {}),
  };
}

function conditionOf(text: string | undefined, field: string): Predicate | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  try {
    return parsePredicate(text);
  } catch (error) {
    // The place is a character of the condition; the field says of which parameter.
    if (error instanceof Refusal) {
      throw new Refusal(error.code, error.message, { place: { ...error.place, field }, advice: error.advice });
    }
    throw error;
  }
}
