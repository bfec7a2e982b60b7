/** Saved hunts. Whoever asks sees his own, and what colleagues of his organisation share. */

import type { Transaction } from '../postgres/database.ts';

export type SavedHunt = {
  id: string;
  organisation: string;
  account: string;
  name: string;
  text: string;
  shared: boolean;
  createdAt: number;
  changedAt: number;
};

export type HuntReader = { account: string; organisation: string };

/** Of one person: a list that is looked through, not an archive. */
export const savedHuntsMax = 200;
/** Of a list: what a person and his colleagues keep. */
const listedMax = 1_000;

export const limits = [
  {
    name: 'hunts.saved',
    value: savedHuntsMax,
    unit: 'hunts',
    why: 'Of one person: a list that is looked through, not an archive.',
  },
  { name: 'hunts.listed', value: listedMax, unit: 'hunts', why: 'What a person and his colleagues keep.' },
];

const columns = 'id, organisation, account, name, text, shared, created_at as "createdAt", changed_at as "changedAt"';
/** Members of the centre see every organisation's rows, and still only the own ones are theirs. */
const readable = 'organisation = $1 and (shared or account = $2)';

export function listHunts(tx: Transaction, { account, organisation }: HuntReader): Promise<SavedHunt[]> {
  return tx.query<SavedHunt>(
    `select ${columns} from saved_hunt where ${readable} order by account <> $2, lower(name), id limit ${listedMax}`,
    [organisation, account],
  );
}

export async function findHunt(
  tx: Transaction,
  { account, organisation }: HuntReader,
  id: string,
): Promise<SavedHunt | undefined> {
  return (
    await tx.query<SavedHunt>(`select ${columns} from saved_hunt where ${readable} and id = $3`, [organisation, account, id])
  )[0];
}

export async function countHunts(tx: Transaction, { account, organisation }: HuntReader): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    'select count(*)::int as n from saved_hunt where organisation = $1 and account = $2',
    [organisation, account],
  );
  return row!.n;
}

export async function addHunt(tx: Transaction, hunt: Omit<SavedHunt, 'id' | 'changedAt'>): Promise<SavedHunt> {
  const { organisation, account, name, text, shared, createdAt } = hunt;
  const [row] = await tx.query<SavedHunt>(
    `insert into saved_hunt (organisation, account, name, text, shared, created_at, changed_at)
     values ($1, $2, $3, $4, $5, $6, $6) returning ${columns}`,
    [organisation, account, name, text, shared, createdAt],
  );
  return row!;
}

export async function changeHunt(
  tx: Transaction,
  id: string,
  { name, text, shared, at }: { name: string; text: string; shared: boolean; at: number },
): Promise<SavedHunt | undefined> {
  const [row] = await tx.query<SavedHunt>(
    `update saved_hunt set name = $2, text = $3, shared = $4, changed_at = $5 where id = $1 returning ${columns}`,
    [id, name, text, shared, at],
  );
  return row;
}

export async function removeHunt(tx: Transaction, id: string): Promise<void> {
  await tx.query('delete from saved_hunt where id = $1', [id]);
}
