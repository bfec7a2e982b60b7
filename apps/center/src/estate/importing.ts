/** Whether an import is being written: then nothing else of the estate is, so that what was checked still holds. */

import { Refusal } from '@forewarn/base/refusal';
import type { Center } from '../center-parts.ts';

/** Refusal: `estate.importing`. */
export function checkNotImporting(center: Pick<Center, 'estateImports'>): void {
  if (!center.estateImports.writing) return;
  throw new Refusal('estate.importing', 'An import is being written to the estate.', { advice: 'Try again in a minute.' });
}
