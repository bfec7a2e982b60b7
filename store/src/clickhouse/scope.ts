/** Whose records, and of when: what every reading statement says first. */

import type { Tlp } from '@forewarn/model/markings';
import type { Predicate } from '@forewarn/model/query/query';
import { compilePredicate, type Fields, type Parameters } from './compile.ts';

/** Whose records may be read. There is no way to leave it out; an empty list sees nothing. */
export type RecordScope =
  | 'all'
  | { readonly organisations: readonly string[]; readonly links?: readonly string[]; readonly markings?: readonly Tlp[] };

/** Seconds UTC, `from` inclusive, `to` exclusive. */
export type RecordRange = { readonly from: number; readonly to: number };

/** What a scope lets through, as conditions that all must hold. */
export function scopeSql(scope: RecordScope, parameters: Parameters): string[] {
  if (scope === 'all') return [];
  const within = (column: string, values: readonly string[]) => `${column} in ${parameters.add('Array(String)', values)}`;
  return [
    within('_organisation', scope.organisations),
    ...(scope.links ? [within('_link', scope.links)] : []),
    ...(scope.markings ? [within('_marking', scope.markings)] : []),
  ];
}

/** The part of every statement that decides what may be read at all, then what was asked for. */
export function whereSql(
  scope: RecordScope,
  asked: { where?: Predicate | undefined; range?: { from?: number; to?: number } | undefined },
  fields: Fields,
  parameters: Parameters,
): string {
  const parts = scopeSql(scope, parameters);
  if (asked.range?.from !== undefined) parts.push(`ts >= ${parameters.add('Float64', asked.range.from)}`);
  if (asked.range?.to !== undefined) parts.push(`ts < ${parameters.add('Float64', asked.range.to)}`);
  if (asked.where) parts.push(compilePredicate(asked.where, fields, parameters));
  return parts.length === 0 ? 'true' : parts.join(' and ');
}
