/** What is kept of links: the editions of their policies. */

import type { Link } from '@forewarn/model/estate';
import type { Finding } from '@forewarn/model/finding';
import type { LinkPolicy } from '@forewarn/model/link';
import type { Transaction } from '../postgres/database.ts';

export type PolicyEdition = { link: string; version: number; policy: LinkPolicy; at: number; by: string };

const columns = 'link, version, policy, at, by';

/** The newest policy of each of the links that has any. */
export function newestPolicies(tx: Transaction, links: readonly string[]): Promise<PolicyEdition[]> {
  return tx.query<PolicyEdition>(
    `select distinct on (link) ${columns} from link_policy where link = any($1) order by link, version desc`,
    [links],
  );
}

/** The editions of one link's policy, newest first. */
export function policiesOf(tx: Transaction, link: string, limit: number): Promise<PolicyEdition[]> {
  return tx.query<PolicyEdition>(`select ${columns} from link_policy where link = $1 order by version desc limit $2`, [
    link,
    limit,
  ]);
}

/** Of a link by its id: its part in the estate, and the newest policy. Undefined: there is no such link. */
export async function linkWithPolicy(
  tx: Transaction,
  id: string,
): Promise<{ role: Link['role']; newest: PolicyEdition | undefined } | undefined> {
  const [row] = await tx.query<{ role: Link['role'] }>('select role from link where id = $1', [id]);
  return row && { role: row.role, newest: (await policiesOf(tx, id, 1))[0] };
}

/** Adds an edition after the newest, which must be `after` (0: none); undefined when somebody else was faster. */
export async function addPolicy(
  tx: Transaction,
  edition: Omit<PolicyEdition, 'version'> & { organisation: string; after: number },
): Promise<number | undefined> {
  const rows = await tx.query<{ version: number }>(
    `insert into link_policy (link, organisation, version, policy, at, by)
     select $1, $2, $3::integer + 1, $4, $5, $6
     where coalesce((select max(version) from link_policy where link = $1), 0) = $3::integer
     on conflict (link, version) do nothing returning version`,
    [edition.link, edition.organisation, edition.after, JSON.stringify(edition.policy), edition.at, edition.by],
  );
  return rows[0]?.version;
}

/** Findings that sensors saw in a range of seconds, by sensor and level; those of closed incidents are left out. */
export function openFindingCounts(
  tx: Transaction,
  { sensors, from, to }: { sensors: readonly string[]; from: number; to: number },
): Promise<{ sensor: string; level: Finding['level']; count: number }[]> {
  return tx.query(
    `select f.sensor, f.level, count(*)::int as count from finding f
     where f.sensor = any($1) and f.hidden_by is null and f.to_at >= $2 and f.from_at < $3
       and not exists (select from incident_finding i join incident c on c.id = i.incident where i.finding = f.id and c.state = 'closed')
     group by 1, 2`,
    [sensors, from, to],
  );
}
