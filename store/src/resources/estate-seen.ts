/** Whose things a transaction sees. */

import type { Transaction } from '../postgres/database.ts';

/** Organisations whose items the scope shows: what is read from memory is sifted by them, as row-level security sifts the tables. */
export async function organisationsSeen(tx: Transaction): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ id: string }>('select id from organisation where app_sees(id)');
  return new Set(rows.map(({ id }) => id));
}
