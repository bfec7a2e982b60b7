/** Grades of incidents. Re-grading adds; what was graded before stays. */

import type { Grade } from '@forewarn/model/grade';
import type { Transaction } from '../postgres/database.ts';

export type StoredGrade = { at: number; grade: Grade };

export async function addGrade(tx: Transaction, incident: string, { at, grade }: StoredGrade): Promise<void> {
  await tx.query('insert into grade (incident, at, scheme, version, floor, ceiling, body) values ($1, $2, $3, $4, $5, $6, $7)', [
    incident,
    at,
    grade.scheme,
    grade.version,
    grade.floor,
    grade.ceiling,
    JSON.stringify(grade),
  ]);
}

/** The newest of each scheme. */
export function newestGrades(tx: Transaction, incident: string): Promise<StoredGrade[]> {
  return tx.query<StoredGrade>(
    `select distinct on (scheme) at, body as grade from grade where incident = $1 order by scheme, at desc, id desc`,
    [incident],
  );
}

/** Every grade there was, oldest first. */
export function gradesOf(tx: Transaction, incident: string): Promise<StoredGrade[]> {
  return tx.query<StoredGrade>('select at, body as grade from grade where incident = $1 order by at, id', [incident]);
}
