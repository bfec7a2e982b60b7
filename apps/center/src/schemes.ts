/** Which scheme leads: the one whose level lists and the board show. */

import type { CompiledScheme } from '@forewarn/assess/grade';

/** The guide of the reporting measures, because its levels decide which clocks run. */
export const leadingScheme = 'cn-reporting-2025';

export function leadingFirst(schemes: readonly CompiledScheme[]): CompiledScheme[] {
  return schemes.toSorted((a, b) => Number(b.scheme.id === leadingScheme) - Number(a.scheme.id === leadingScheme));
}
