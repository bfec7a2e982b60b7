/** Findings: the rows that count. Who sees one stands in `finding_access`. */

import type { Finding } from '@forewarn/model/finding';
import type { Verdict } from '@forewarn/model/noise';
import type { Transaction } from '../postgres/database.ts';

export type FindingPart = 'source' | 'target' | 'seen';
export type FindingAccess = { organisation: string; part: FindingPart };

/** A finding with those who may see it, as far as the scope shows them, and its incident. */
export type StoredFinding = Finding & {
  organisations: string[];
  incident: string | null;
  sensor: string | null;
  /** What hides it, and what a person said it was. */
  hiddenBy: string | null;
  verdict: Verdict | null;
  /** The scope's own part in it; empty for a member of the centre that has none. */
  parts: FindingPart[];
};

type Row = {
  body: Finding;
  sensor: string | null;
  hidden_by: string | null;
  verdict: Verdict | null;
  organisations: string[] | null;
  incident: string | null;
  parts: FindingPart[] | null;
};

const columns = `f.body, f.sensor, f.hidden_by, f.verdict,
  (select array_agg(distinct a.organisation order by a.organisation) from finding_access a where a.finding = f.id) as organisations,
  (select array_agg(a.part) from finding_access a where a.finding = f.id and a.organisation = app_organisation()) as parts,
  (select min(i.incident) from incident_finding i where i.finding = f.id) as incident`;

const finding = (row: Row): StoredFinding => ({
  ...row.body,
  organisations: row.organisations ?? [],
  incident: row.incident,
  sensor: row.sensor,
  hiddenBy: row.hidden_by,
  verdict: row.verdict,
  parts: row.parts ?? [],
});

/**
 * Writes a finding, or a later edition of it: the same id with more evidence. Says whether it is new, and what hides it now and did before.
 * Access is only ever added, and the time of its evidence only ever widened. What an incident holds or a person confirmed is not hidden.
 */
export async function putFinding(
  tx: Transaction,
  {
    finding: body,
    access,
    sensor,
    at,
    hiddenBy = null,
  }: { finding: Finding; access: readonly FindingAccess[]; sensor: string | null; at: number; hiddenBy?: string | null },
): Promise<{ fresh: boolean; hiddenBy: string | null; before: string | null }> {
  const [row] = await tx.query<{ fresh: boolean; hidden_by: string | null; before: string | null }>(
    `insert into finding (id, from_at, to_at, recorded_at, level, rule, source, sensor, body, hidden_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (id) do update set from_at = least(finding.from_at, excluded.from_at),
       to_at = greatest(finding.to_at, excluded.to_at), level = excluded.level, body = excluded.body,
       hidden_by = case when finding.verdict = 'true-positive'
         or exists (select from incident_finding i where i.finding = finding.id) then null else excluded.hidden_by end
     returning (xmax = 0) as fresh, hidden_by, old.hidden_by as before`,
    [body.id, body.from, body.to, at, body.level, body.rule.id, body.source, sensor, JSON.stringify(body), hiddenBy],
  );
  for (const { organisation, part } of access) {
    await tx.query(`insert into finding_access (finding, organisation, part) values ($1, $2, $3) on conflict do nothing`, [
      body.id,
      organisation,
      part,
    ]);
  }
  return { fresh: row!.fresh, hiddenBy: row!.hidden_by, before: row!.before };
}

export async function findFinding(tx: Transaction, id: string): Promise<StoredFinding | undefined> {
  const [row] = await tx.query<Row>(`select ${columns} from finding f where f.id = $1`, [id]);
  return row && finding(row);
}

/** Several by id, in the order of their evidence; those the scope does not show are missing. */
export async function findFindings(tx: Transaction, ids: readonly string[]): Promise<StoredFinding[]> {
  const rows = await tx.query<Row>(`select ${columns} from finding f where f.id = any($1) order by f.from_at, f.id`, [ids]);
  return rows.map(finding);
}

/**
 * The first finding that has to do with a flow, of one or of an incident's: the flow's record is among its evidence, or the host that
 * it is about is one of the flow's ends, within its time and an hour around it. The finding must have been seen by a sensor of the
 * flow's organisation: the private addresses of another are other machines.
 */
export async function findingAbout(
  tx: Transaction,
  bound: { finding: string } | { incident: string },
  flow: { organisation: string; uid: string; addresses: readonly string[]; from: number; to: number },
): Promise<string | undefined> {
  const one = 'finding' in bound;
  const rows = await tx.query<{ id: string }>(
    `select f.id from finding f join sensor s on s.id = f.sensor
     where ${one ? 'f.id = $1' : 'exists (select from incident_finding i where i.finding = f.id and i.incident = $1)'}
       and s.organisation = $2
       and (f.body->'records' @> jsonb_build_array(jsonb_build_object('uid', $3::text))
         or (f.source = any($4) and f.from_at <= $6::double precision + $7 and f.to_at >= $5::double precision - $7))
     order by f.from_at, f.id limit 1`,
    [one ? bound.finding : bound.incident, flow.organisation, flow.uid, flow.addresses, flow.from, flow.to, aroundFindingSeconds],
  );
  return rows[0]?.id;
}

/** So long before and after a finding its host's other flows belong to looking into it. */
export const aroundFindingSeconds = 3_600;

/** Findings by level and bucket, for the situation page. `from` and `bucketSeconds` are seconds. */
export async function countFindings(
  tx: Transaction,
  range: { from: number; bucketSeconds: number; buckets: number },
): Promise<{ level: Finding['level']; bucket: number; count: number }[]> {
  return tx.query(
    `select level, floor((to_at - $1::double precision) / $2::double precision)::int as bucket, count(*)::int as count
     from finding where hidden_by is null and to_at >= $1 and to_at < $1::double precision + $2::double precision * $3::int group by 1, 2`,
    [range.from, range.bucketSeconds, range.buckets],
  );
}
