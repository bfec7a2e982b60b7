/** Which scheme leads: the one whose level lists and the board show. */

import type { CompiledScheme } from '@forewarn/assess/grade';

/** The guide of the reporting measures, because its levels decide which clocks run. */
export const leadingScheme = 'cn-reporting-2025';

/** The leading scheme, then the others of its jurisdiction, then the rest; what was withdrawn comes last, the newest of the rest first. */
export function leadingFirst(schemes: readonly CompiledScheme[]): CompiledScheme[] {
  const own = schemes.find(({ scheme }) => scheme.id === leadingScheme)?.scheme.jurisdiction;
  const place = ({ scheme }: CompiledScheme): number => {
    if (scheme.id === leadingScheme) return 0;
    if (scheme.withdrawn !== undefined) return 3;
    return scheme.jurisdiction === own ? 1 : 2;
  };
  const dated = ({ scheme }: CompiledScheme): string => scheme.effective ?? '';
  return schemes.toSorted(
    (a, b) => place(a) - place(b) || dated(b).localeCompare(dated(a)) || a.scheme.id.localeCompare(b.scheme.id),
  );
}
