/** Grades of incidents. Re-grading adds; what was graded before stays. */

import type { Grade, Mark } from '@forewarn/model/grade';
import type { Transaction } from '../postgres/database.ts';

export type StoredGrade = { at: number; grade: Grade };

/** `digest`: of the whole grade, as the audit has it. */
export async function addGrade(
  tx: Transaction,
  incident: string,
  { at, grade, digest }: StoredGrade & { digest: string },
): Promise<void> {
  await tx.query(
    'insert into grade (incident, at, scheme, version, floor, ceiling, body, digest) values ($1, $2, $3, $4, $5, $6, $7, $8)',
    [incident, at, grade.scheme, grade.version, grade.floor, grade.ceiling, JSON.stringify(grade), digest],
  );
}

/** The newest of each scheme. */
export function newestGrades(tx: Transaction, incident: string): Promise<(StoredGrade & { digest: string | null })[]> {
  return tx.query(
    `select distinct on (scheme) at, body as grade, digest from grade where incident = $1 order by scheme, at desc, id desc`,
    [incident],
  );
}

/** A grade without its reasons, and its seal. */
export type GradeLine = {
  at: number;
  scheme: string;
  version: string;
  floor: number | null;
  ceiling: number | null;
  confidence: Mark;
  digest: string | null;
  /** The whole grade, where it is asked for. */
  body: Grade | null;
};

/** The newest grades, oldest first; one row more than asked when there are more. */
export async function gradeLines(
  tx: Transaction,
  incident: string,
  { limit, whole }: { limit: number; whole: boolean },
): Promise<GradeLine[]> {
  const rows = await tx.query<GradeLine>(
    `select at, scheme, version, floor, ceiling, body->>'confidence' as confidence, digest, ${whole ? 'body' : 'null as body'} from grade
     where incident = $1 order by at desc, id desc limit $2`,
    [incident, limit + 1],
  );
  return rows.toReversed();
}

/** What was sealed of an incident's grades, or of the table's editions: the entries of the audit in their order. */
export function sealsOf(
  tx: Transaction,
  action: 'incident.graded' | 'quantification.sign',
  objects: readonly string[],
): Promise<{ seq: number; object: string; at: number; detail: unknown }[]> {
  return tx.query(
    `select seq, object, at, detail from audit
     where action = $1 and action in ('incident.graded', 'quantification.sign') and object = any ($2::text[]) order by seq`,
    [action, objects],
  );
}
