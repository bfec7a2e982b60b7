/** Whose records, and of when: what every reading statement says first. */

import type { Tlp } from '@forewarn/model/markings';
import type { Parameters } from './compile.ts';

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
