/** Campaigns: many incidents as one matter, with the grades of all of them together. Read and written by the centre alone. */

import type { FactValue } from '@forewarn/model/facts';
import type { Transaction } from '../postgres/database.ts';
import type { StoredGrade } from './grades.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

export type Campaign = {
  id: string;
  number: string;
  name: string;
  note: string;
  state: 'open' | 'closed';
  createdAt: number;
  createdBy: string;
  changedAt: number;
};

export type CampaignMember = {
  incident: string;
  at: number;
  by: string;
  reason: string;
  removedAt: number | null;
  removedBy: string | null;
  removedReason: string | null;
};

const columns = `c.id, c.number, c.name, c.note, c.state, c.created_at as "createdAt", c.created_by as "createdBy", c.changed_at as "changedAt"`;

export async function addCampaign(tx: Transaction, campaign: Omit<Campaign, 'id' | 'changedAt' | 'state'>): Promise<string> {
  const { number, name, note, createdAt, createdBy } = campaign;
  const [row] = await tx.query<{ id: string }>(
    `insert into campaign (number, name, note, state, created_at, created_by, changed_at, stale)
     values ($1, $2, $3, 'open', $4, $5, $4, true) returning id`,
    [number, name, note, createdAt, createdBy],
  );
  return row!.id;
}

export async function saveCampaign(
  tx: Transaction,
  { id, name, note, state, changedAt }: Pick<Campaign, 'id' | 'name' | 'note' | 'state' | 'changedAt'>,
): Promise<void> {
  await tx.query('update campaign set name = $2, note = $3, state = $4, changed_at = $5 where id = $1', [
    id,
    name,
    note,
    state,
    changedAt,
  ]);
}

export async function findCampaign(tx: Transaction, id: string): Promise<Campaign | undefined> {
  const [row] = await tx.query<Campaign>(`select ${columns} from campaign c where c.id = $1`, [id]);
  return row;
}

export async function lockCampaign(tx: Transaction, id: string): Promise<Campaign | undefined> {
  const [row] = await tx.query<Campaign>(`select ${columns} from campaign c where c.id = $1 for update`, [id]);
  return row;
}

/** With how many incidents each has, the last changed first. */
export async function listCampaigns(
  tx: Transaction,
  asked: PageAsked & { state?: Campaign['state'] | undefined; incident?: string | undefined },
): Promise<Page<Campaign & { incidents: number }>> {
  const where = new Conditions();
  const after = positionOf(asked.cursor);
  if (after) where.and('(c.changed_at, c.id) < (?::double precision, ?)', after[0], after[1]);
  if (asked.state !== undefined) where.and('c.state = ?', asked.state);
  if (asked.incident !== undefined)
    where.and(
      'exists (select from campaign_incident m where m.campaign = c.id and m.incident = ? and m.removed_at is null)',
      asked.incident,
    );
  const rows = await tx.query<Campaign & { incidents: number }>(
    `select ${columns}, (select count(*)::int from campaign_incident m where m.campaign = c.id and m.removed_at is null) as incidents
     from campaign c ${where.sql} order by c.changed_at desc, c.id desc limit ${where.value(asked.limit + 1)}`,
    where.parameters,
  );
  return pageOf(
    rows,
    asked.limit,
    ({ changedAt, id }) => [changedAt, id],
    (row) => row,
  );
}

/** Every incident that belongs or once did, in the order in which they came. */
export function membersOf(tx: Transaction, campaign: string): Promise<CampaignMember[]> {
  return tx.query<CampaignMember>(
    `select incident, at, by, reason, removed_at as "removedAt", removed_by as "removedBy", removed_reason as "removedReason"
     from campaign_incident where campaign = $1 order by at, id`,
    [campaign],
  );
}

/** Adds incidents that do not belong yet; answers which were added. */
export async function addMembers(
  tx: Transaction,
  campaign: string,
  incidents: readonly string[],
  { at, by, reason }: { at: number; by: string; reason: string },
): Promise<string[]> {
  const rows = await tx.query<{ incident: string }>(
    `insert into campaign_incident (campaign, incident, at, by, reason) select $1, id, $3, $4, $5 from unnest($2::text[]) id
     on conflict (campaign, incident) where removed_at is null do nothing returning incident`,
    [campaign, incidents, at, by, reason],
  );
  return rows.map(({ incident }) => incident);
}

/** Takes incidents out; they stay in the history. */
export async function removeMembers(
  tx: Transaction,
  campaign: string,
  incidents: readonly string[],
  { at, by, reason }: { at: number; by: string; reason: string },
): Promise<number> {
  const rows = await tx.query(
    `update campaign_incident set removed_at = $3, removed_by = $4, removed_reason = $5
     where campaign = $1 and incident = any ($2::text[]) and removed_at is null returning incident`,
    [campaign, incidents, at, by, reason],
  );
  return rows.length;
}

/** The newest statement of each fact of each incident; an incident that states nothing has no rows. */
export function newestFactsOf(
  tx: Transaction,
  incidents: readonly string[],
): Promise<{ incident: string; fact: string; value: FactValue }[]> {
  return tx.query(
    `select distinct on (incident, fact) incident, fact, value from fact where incident = any ($1::text[])
     order by incident, fact, entered_at desc, id desc`,
    [incidents],
  );
}

/** An incident changed: campaigns it belongs to are to be graded anew. */
export async function touchCampaigns(tx: Transaction, incident: string): Promise<void> {
  await tx.query(
    `update campaign set stale = true where not stale and id in
       (select campaign from campaign_incident where incident = $1 and removed_at is null)`,
    [incident],
  );
}

/** Campaigns that are to be graded anew. */
export async function staleCampaigns(tx: Transaction, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>('select id from campaign where stale order by id limit $1', [limit]);
  return rows.map(({ id }) => id);
}

export async function settleCampaign(tx: Transaction, id: string): Promise<void> {
  await tx.query('update campaign set stale = false where id = $1', [id]);
}

export async function addCampaignGrade(tx: Transaction, campaign: string, { at, grade }: StoredGrade): Promise<void> {
  await tx.query(
    'insert into campaign_grade (campaign, at, scheme, version, floor, ceiling, body) values ($1, $2, $3, $4, $5, $6, $7)',
    [campaign, at, grade.scheme, grade.version, grade.floor, grade.ceiling, JSON.stringify(grade)],
  );
}

/** Every grade there was, oldest first. */
export function campaignGradesOf(tx: Transaction, campaign: string): Promise<StoredGrade[]> {
  return tx.query<StoredGrade>('select at, body as grade from campaign_grade where campaign = $1 order by at, id', [campaign]);
}

/** The newest of each scheme of several campaigns. */
export function newestCampaignGrades(
  tx: Transaction,
  campaigns: readonly string[],
): Promise<{ campaign: string; scheme: string; floor: number | null; ceiling: number | null }[]> {
  return tx.query(
    `select distinct on (campaign, scheme) campaign, scheme, floor, ceiling from campaign_grade where campaign = any ($1::text[])
     order by campaign, scheme, at desc, id desc`,
    [campaigns],
  );
}
