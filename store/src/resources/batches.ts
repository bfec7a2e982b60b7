/** Batches between their acknowledgement and the findings. */

import type { Transaction } from '../postgres/database.ts';

/** Ids of batches that were accepted and are not looked at yet. */
export async function waitingBatches(tx: Transaction): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(`select id from batch where state in ('received', 'stored')`);
  return rows.map(({ id }) => id);
}
