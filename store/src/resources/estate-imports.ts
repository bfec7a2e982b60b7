/** Imports of the estate that take a while: how far each has come, and what was wrong. */

import type { EstateKind } from '@forewarn/model/estate';
import type { Words } from '@forewarn/model/text';
import type { Transaction } from '../postgres/database.ts';

export const importStates = ['reading', 'checking', 'writing', 'done', 'faulty', 'failed', 'cancelled'] as const;
export type EstateImportState = (typeof importStates)[number];

export type EstateImport = {
  id: string;
  organisation: string;
  kind: EstateKind;
  format: 'csv' | 'json';
  name: string;
  /** Nothing is written, whatever is found. */
  check: boolean;
  state: EstateImportState;
  rows: { total: number | null; checked: number; written: number };
  /** The first of them; `faultCount` are all. */
  faults: { line: number; field: string; message: Words }[];
  faultCount: number;
  at: number;
  endedAt: number | null;
  by: string;
  /** The file as it was kept, by its content. */
  sha256: string;
};

export async function putEstateImport(tx: Transaction, one: EstateImport): Promise<void> {
  await tx.query(
    `insert into estate_import (id, organisation, at, state, job) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set state = excluded.state, job = excluded.job`,
    [one.id, one.organisation, one.at, one.state, JSON.stringify(one)],
  );
}

export async function findEstateImport(tx: Transaction, id: string): Promise<EstateImport | undefined> {
  return (await tx.query<{ job: EstateImport }>('select job from estate_import where id = $1', [id]))[0]?.job;
}

/** The newest first. */
export async function listEstateImports(tx: Transaction, limit: number, organisation?: string): Promise<EstateImport[]> {
  const rows = await tx.query<{ job: EstateImport }>(
    `select job from estate_import where $2::text is null or organisation = $2 order by at desc, id limit $1`,
    [limit, organisation ?? null],
  );
  return rows.map(({ job }) => job);
}

/** Imports that had not come to their end, the oldest first: what a stop of the centre left. */
export async function openEstateImports(tx: Transaction): Promise<EstateImport[]> {
  const rows = await tx.query<{ job: EstateImport }>(
    `select job from estate_import where state in ('reading', 'checking', 'writing') order by at, id`,
  );
  return rows.map(({ job }) => job);
}
