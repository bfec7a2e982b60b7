/** Facts of incidents: statements in the order they were made. A newer one of the same fact supersedes, none is removed. */

import type { FactValue } from '@forewarn/model/facts';
import type { FactHow } from '@forewarn/model/grading-api';
import type { Transaction } from '../postgres/database.ts';

export type FactStatement = {
  id: string;
  fact: string;
  value: FactValue;
  source: string;
  /** Followed from findings or the estate, not stated by a person. */
  derived: boolean;
  by: string;
  organisation: string;
  at: number;
  enteredAt: number;
  /** How it was computed; null for what was stated. */
  how: FactHow | null;
};

export async function addFact(
  tx: Transaction,
  incident: string,
  fact: Omit<FactStatement, 'id' | 'how'> & { how?: FactHow },
): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `insert into fact (incident, fact, value, source, derived, by, organisation, at, entered_at, how)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id`,
    [
      incident,
      fact.fact,
      JSON.stringify(fact.value),
      fact.source,
      fact.derived,
      fact.by,
      fact.organisation,
      fact.at,
      fact.enteredAt,
      fact.how === undefined ? null : JSON.stringify(fact.how),
    ],
  );
  return row!.id;
}

/** All statements, oldest first. */
export function factsOf(tx: Transaction, incident: string): Promise<FactStatement[]> {
  return tx.query<FactStatement>(
    `select id, fact, value, source, derived, by, organisation, at, entered_at as "enteredAt", how from fact
     where incident = $1 order by entered_at, id`,
    [incident],
  );
}
