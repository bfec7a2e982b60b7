/** The one list of reference sources. */

import type { Comparison, Selection } from './comparison.ts';
import { compareZeek } from './zeek.ts';

export const sources: { readonly [name: string]: (selection?: Selection) => Promise<Comparison[]> } = { zeek: compareZeek };
