/** Numbers that people read aloud on the telephone: FW-2026-0001 for incidents, EW-2026-0001 for early warnings, CP-2026-0001 for campaigns, SR-2026-0001 for reports. */

import type { Transaction } from '../postgres/database.ts';

export type Series = 'FW' | 'EW' | 'CP' | 'SR';

/** The next number of a year; each is given once, in order, because the row is locked until the commit. */
export async function nextNumber(tx: Transaction, series: Series, year: number): Promise<string> {
  const [row] = await tx.query<{ last: number }>(
    `insert into number_series (series, year, last) values ($1, $2, 1)
     on conflict (series, year) do update set last = number_series.last + 1 returning last`,
    [series, year],
  );
  return `${series}-${year}-${String(row!.last).padStart(4, '0')}`;
}
