/** The one list of reference sources. */

import type { Comparison, Selection } from './comparison.ts';
import { compareNdpi } from './ndpi.ts';
import { compareZeek } from './zeek.ts';

export const sources: { readonly [name: string]: (selection?: Selection) => Promise<Comparison[]> } = {
  zeek: compareZeek,
  ndpi: compareNdpi,
};
