/** Open proposals that the register answers by now – an import, an edit, an accepted one of the same host – are taken away. */

import type { Estate } from '@forewarn/model/estate';
import { dropProposals, openProposals } from '@forewarn/store/resources/proposals';
import type { Center } from '../center-parts.ts';
import { knownOf } from './known.ts';

/** Rows of one look: each is held against a compiled register, some milliseconds for all. */
const rowsMax = 1_000;

const settled = new WeakMap<Estate, Promise<void>>();

/** Resolves when the inbox fits the register as it is; once for each edition of it. */
export async function settleProposals(center: Center): Promise<void> {
  const estate = await center.estate.whole();
  let done = settled.get(estate);
  if (!done) {
    settled.set(estate, (done = settle(center)));
    done.catch(() => settled.delete(estate));
  }
  return done;
}

async function settle(center: Center): Promise<void> {
  for (let after = ''; ;) {
    const rows = await center.database.system((tx) => openProposals(tx, after, rowsMax));
    const answered: string[] = [];
    for (const row of rows) if ((await knownOf(center, row.organisation)).has(row)) answered.push(row.id);
    if (answered.length > 0) await center.database.system((tx) => dropProposals(tx, answered));
    if (rows.length < rowsMax) return;
    after = rows.at(-1)!.id;
  }
}
