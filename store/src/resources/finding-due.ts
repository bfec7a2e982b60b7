/** Findings that changed since the search was told of them. Triggers note them; whoever carries them over takes the notes away. */

import { findingRecord } from '@forewarn/model/finding-fields';
import type { Finding } from '@forewarn/model/finding';
import type { SearchedFinding } from '../clickhouse/finding-search.ts';
import type { Transaction } from '../postgres/database.ts';

type Row = {
  id: string;
  edition: number;
  recorded_at: number;
  from_at: number;
  to_at: number;
  body: Finding;
  sensor: string | null;
  link: string | null;
  network_type: string | null;
  seen_by: string | null;
  organisations: string[] | null;
  whole: string[] | null;
  incident: string | null;
  incident_seen_by: string[] | null;
  hidden_by: string | null;
  verdict: string | null;
};

/** The next so many of them, the oldest note first. For the system alone. */
export async function findingsDue(tx: Transaction, most: number): Promise<SearchedFinding[]> {
  const rows = await tx.query<Row>(
    `select f.id, d.edition, f.recorded_at, f.from_at, f.to_at, f.body, f.sensor, s.link, s.network_type, a.seen_by, a.organisations, a.whole,
       f.hidden_by, f.verdict, i.incident,
       (select array_agg(x.organisation) from incident_access x where x.incident = i.incident) as incident_seen_by
     from (select finding, edition from finding_due order by edition limit $1) d
     join finding f on f.id = d.finding
     left join sensor s on s.id = f.sensor
     left join lateral (select array_agg(distinct organisation) as organisations,
         array_agg(distinct organisation) filter (where part <> 'target') as whole,
         min(organisation) filter (where part = 'seen') as seen_by
       from finding_access x where x.finding = f.id) a on true
     left join lateral (select min(x.incident) as incident from incident_finding x where x.finding = f.id) i on true
     order by d.edition`,
    [most],
  );
  return rows.map((row) => ({
    id: row.id,
    edition: Number(row.edition),
    recordedAt: row.recorded_at,
    fields: findingRecord(
      { ...row.body, from: row.from_at, to: row.to_at },
      {
        organisations: row.organisations ?? [],
        sensor: row.sensor,
        link: row.link,
        networkType: row.network_type,
      },
    ),
    seenBy: row.seen_by,
    whole: row.whole ?? [],
    incident: row.incident,
    incidentSeenBy: row.incident_seen_by ?? [],
    hiddenBy: row.hidden_by,
    verdict: row.verdict,
  }));
}

/** Takes away the notes of what was carried over; what changed again meanwhile has a later one, which stays. */
export async function forgetDue(tx: Transaction, carried: readonly { id: string; edition: number }[]): Promise<void> {
  await tx.query(
    `delete from finding_due d using unnest($1::text[], $2::bigint[]) as c (finding, edition)
     where d.finding = c.finding and d.edition = c.edition`,
    [carried.map(({ id }) => id), carried.map(({ edition }) => edition)],
  );
}

/** Whether there are any, and all of them anew where the search has lost what it knew. */
export async function anyDue(tx: Transaction): Promise<boolean> {
  return (await tx.query('select 1 from finding_due limit 1')).length > 0;
}

export async function allDue(tx: Transaction): Promise<void> {
  await tx.query('insert into finding_due (finding) select id from finding on conflict do nothing');
}
