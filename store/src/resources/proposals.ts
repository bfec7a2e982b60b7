/** Proposals for the estate, and what of it no record shows. What a transaction sees of them is row-level security's to say. */

import type { EstateKind, NetworkType } from '@forewarn/model/estate';
import type { ProposalKind, ProposalSaid, ProposalState } from '@forewarn/model/proposal';
import type { LocalText } from '@forewarn/model/text';
import type { Transaction } from '../postgres/database.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

export type StoredProposal = {
  id: string;
  organisation: string;
  kind: ProposalKind;
  host: string;
  matter: string;
  said: ProposalSaid;
  base: number;
  confidence: number;
  firstSeen: number;
  lastSeen: number;
  count: number;
  log: string;
  sensor: string;
  seenBy: string;
  state: ProposalState;
  decidedAt: number | null;
  decidedBy: string | null;
  reason: string | null;
  itemKind: EstateKind | null;
  item: string | null;
};

/** What the intake writes; a decision is never its own. */
export type SeenProposal = Omit<StoredProposal, 'state' | 'decidedAt' | 'decidedBy' | 'reason' | 'itemKind' | 'item'>;

const columns = `id, organisation, kind, host, matter, said, base, confidence, first_seen as "firstSeen", last_seen as "lastSeen", count, log,
  sensor, seen_by as "seenBy", state, decided_at as "decidedAt", decided_by as "decidedBy", reason, item_kind as "itemKind", item`;

export function findProposals(tx: Transaction, ids: readonly string[]): Promise<StoredProposal[]> {
  return tx.query<StoredProposal>(`select ${columns} from estate_proposal where id = any($1) order by first_seen desc, id desc`, [
    ids,
  ]);
}

/** The same, and nobody else decides them meanwhile. */
export function lockProposals(tx: Transaction, ids: readonly string[]): Promise<StoredProposal[]> {
  return tx.query<StoredProposal>(`select ${columns} from estate_proposal where id = any($1) order by id for update`, [ids]);
}

/** New ones, and known ones with what they now are. */
export async function putProposals(tx: Transaction, proposals: readonly SeenProposal[]): Promise<void> {
  await tx.query(
    `insert into estate_proposal (id, organisation, kind, host, matter, said, base, confidence, first_seen, last_seen, count, log, sensor, seen_by)
     select id, organisation, kind, host, matter, said, base, confidence, "firstSeen", "lastSeen", count, log, sensor, "seenBy"
     from jsonb_to_recordset($1::jsonb) as one (id text, organisation text, kind text, host text, matter text, said jsonb, base double precision,
       confidence double precision, "firstSeen" double precision, "lastSeen" double precision, count integer, log text, sensor text, "seenBy" text)
     on conflict (id) do update set said = excluded.said, base = excluded.base, confidence = excluded.confidence,
       first_seen = excluded.first_seen, last_seen = excluded.last_seen, count = excluded.count,
       log = excluded.log, sensor = excluded.sensor, seen_by = excluded.seen_by`,
    [JSON.stringify(proposals)],
  );
}

/** How many are open in an organisation, and how many of them others' sensors have shown. */
export async function countOpen(tx: Transaction, organisation: string): Promise<{ open: number; foreign: number }> {
  const [row] = await tx.query<{ open: number; foreign: number }>(
    `select count(*)::int as open, (count(*) filter (where seen_by <> organisation))::int as foreign
     from estate_proposal where organisation = $1 and state = 'open'`,
    [organisation],
  );
  return row!;
}

/** An accepted one whose item is gone from the register is open again, as if nobody had decided. */
export async function reopenProposals(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx.query(
    `update estate_proposal set state = 'open', decided_at = null, decided_by = null, reason = null, item_kind = null, item = null where id = any($1)`,
    [ids],
  );
}

/** Takes away open ones that the register answers by now. */
export async function dropProposals(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx.query(`delete from estate_proposal where id = any($1) and state = 'open'`, [ids]);
}

export type ProposalsAsked = PageAsked & {
  state: ProposalState;
  kind?: ProposalKind | undefined;
  organisation?: string | undefined;
  /** Part of the address, the name or the product. */
  text?: string | undefined;
};

function conditionsOf(asked: Omit<ProposalsAsked, 'limit' | 'cursor' | 'kind'>): Conditions {
  const where = new Conditions().and('state = ?', asked.state);
  if (asked.organisation !== undefined) where.and('organisation = ?', asked.organisation);
  const text = asked.text?.toLowerCase();
  if (text !== undefined)
    where.and(
      `strpos(lower(host), ?) > 0 or strpos(lower(matter), ?) > 0 or strpos(lower(concat_ws(' ', said->>'name', said->>'vendor', said->>'product')), ?) > 0`,
      text,
      text,
      text,
    );
  return where;
}

/** Those seen first last stand on top: new ones arrive there, and the others keep their order. */
export async function listProposals(tx: Transaction, asked: ProposalsAsked): Promise<Page<StoredProposal>> {
  const where = conditionsOf(asked);
  if (asked.kind !== undefined) where.and('kind = ?', asked.kind);
  const after = positionOf(asked.cursor);
  if (after) where.and('(first_seen, id) < (?::double precision, ?)', after[0], after[1]);
  const rows = await tx.query<StoredProposal>(
    `select ${columns} from estate_proposal ${where.sql} order by first_seen desc, id desc limit ${where.value(asked.limit + 1)}`,
    where.parameters,
  );
  return pageOf(
    rows,
    asked.limit,
    (row) => [row.firstSeen, row.id],
    (row) => row,
  );
}

/** How many there are of each kind. */
export async function countProposals(
  tx: Transaction,
  asked: Omit<ProposalsAsked, 'limit' | 'cursor' | 'kind'>,
): Promise<{ kind: ProposalKind; count: number }[]> {
  const where = conditionsOf(asked);
  return tx.query(`select kind, count(*)::int as count from estate_proposal ${where.sql} group by kind`, where.parameters);
}

/** The largest number that is open in one organisation that the transaction sees. */
export async function mostOpen(tx: Transaction): Promise<number> {
  const [row] = await tx.query<{ most: number }>(
    `select coalesce(max(n), 0)::int as most from (select count(*) as n from estate_proposal where state = 'open' group by organisation) c`,
  );
  return row!.most;
}

/** Open ones by id, from one on. */
export function openProposals(tx: Transaction, after: string, limit: number): Promise<StoredProposal[]> {
  return tx.query<StoredProposal>(
    `select ${columns} from estate_proposal where state = 'open' and id > $1 order by id limit $2`,
    [after, limit],
  );
}

export async function decideProposal(
  tx: Transaction,
  id: string,
  decision: {
    state: Exclude<ProposalState, 'open'>;
    at: number;
    by: string;
    reason: string;
    item: { kind: EstateKind; id: string } | null;
  },
): Promise<void> {
  await tx.query(
    `update estate_proposal set state = $2, decided_at = $3, decided_by = $4, reason = $5, item_kind = $6, item = $7 where id = $1`,
    [id, decision.state, decision.at, decision.by, decision.reason, decision.item?.kind ?? null, decision.item?.id ?? null],
  );
}

export type SeenSurface = { business: string; kind: 'web' | 'api'; name: string; organisation: string; at: number };

export async function putSurfacesSeen(tx: Transaction, seen: readonly SeenSurface[]): Promise<void> {
  await tx.query(
    `insert into surface_seen (business, kind, name, organisation, last_seen)
     select business, kind, name, organisation, at
     from jsonb_to_recordset($1::jsonb) as one (business text, kind text, name text, organisation text, at double precision)
     on conflict (business, kind, name) do update set last_seen = greatest(surface_seen.last_seen, excluded.last_seen)`,
    [JSON.stringify(seen)],
  );
}

export type BlindSurface = {
  business: string;
  businessName: LocalText;
  organisation: string;
  kind: 'web' | 'api';
  name: string;
  lastSeen: number | null;
};

/** Surfaces that traffic could show and that no record has shown since; the never seen ones first. */
export async function blindSurfaces(
  tx: Transaction,
  { since, most }: { since: number; most: number },
): Promise<{ items: BlindSurface[]; blind: number; all: number; unseeable: number }> {
  const items = await tx.query<BlindSurface>(
    `select b.id as business, b.name as "businessName", b.organisation, s->>'kind' as kind, s->>'name' as name, v.last_seen as "lastSeen"
     from business b cross join lateral jsonb_array_elements(b.surfaces) s
     left join surface_seen v on v.business = b.id and v.kind = s->>'kind' and v.name = s->>'name' and v.organisation = b.organisation
     where s->>'kind' in ('web', 'api') and coalesce(v.last_seen, -1) < $1
     order by v.last_seen nulls first, b.id, name limit $2`,
    [since, most],
  );
  const [count] = await tx.query<{ blind: number; all: number; unseeable: number }>(
    `select (count(*) filter (where s->>'kind' in ('web', 'api')))::int as all,
       (count(*) filter (where s->>'kind' in ('web', 'api') and coalesce(v.last_seen, -1) < $1))::int as blind,
       (count(*) filter (where s->>'kind' not in ('web', 'api')))::int as unseeable
     from business b cross join lateral jsonb_array_elements(b.surfaces) s
     left join surface_seen v on v.business = b.id and v.kind = s->>'kind' and v.name = s->>'name' and v.organisation = b.organisation`,
    [since],
  );
  return { items, ...count! };
}

type Blind = { id: string; organisation: string; name: LocalText; lastAt: number | null };
export type BlindNetwork = Blind & { type: NetworkType };
export type BlindLink = Blind & { role: 'primary' | 'secondary' };

/** When each sensor that the transaction sees last had a record of traffic, and where its line ends. How a sensor fares tells nothing of what it watches. */
const sources = `source as (
  select s.id, s.organisation, s.link, s.network_type as type, max(g.last_at) filter (where g.log <> 'stats') as last_at
  from sensor s left join sensor_log g on g.sensor = s.id group by s.id)`;

/**
 * Networks that no sensor sees, or has not within the time of their type: one is seen by a sensor of its organisation that is registered for its type,
 * or whose line ends in it.
 */
export async function blindNetworks(
  tx: Transaction,
  { now, within, most }: { now: number; within: ReadonlyMap<NetworkType, number>; most: number },
): Promise<{ items: BlindNetwork[]; blind: number; all: number }> {
  const rows = await tx.query<BlindNetwork & { blind: number; all: number }>(
    `with ${sources}, ended as (
       select s.organisation, coalesce(d.network, e.place) as network, max(s.last_at) as last_at
       from source s join link l on l.id = s.link
       cross join lateral (values (l.from_network), (l.to_network)) as e (place)
       left join node d on d.id = e.place group by 1, 2),
     typed as (select organisation, type, max(last_at) as last_at from source group by 1, 2),
     state as (
       select n.id, n.organisation, n.name, n.type, greatest(e.last_at, t.last_at) as last_at from network n
       left join ended e on e.network = n.id and e.organisation = n.organisation
       left join typed t on t.type = n.type and t.organisation = n.organisation),
     blind as (select s.* from state s join unnest($1::text[], $2::double precision[]) as w (type, within) on w.type = s.type
       where s.last_at is null or $3::double precision - s.last_at > w.within)
     select b.id, b.organisation, b.name, b.type, b.last_at as "lastAt", (select count(*) from blind)::int as blind, (select count(*) from network)::int as all
     from blind b order by b.last_at nulls first, b.id limit $4`,
    [[...within.keys()], [...within.values()], now, most],
  );
  return { items: rows.map(({ blind: _blind, all: _all, ...row }) => row), ...(await countsOf(tx, rows, 'network')) };
}

/** Links on which no sensor sits, or one that has fallen silent: within the shortest time that its sensors' types allow. */
export async function blindLinks(
  tx: Transaction,
  { now, within, most }: { now: number; within: ReadonlyMap<NetworkType, number>; most: number },
): Promise<{ items: BlindLink[]; blind: number; all: number }> {
  const rows = await tx.query<BlindLink & { blind: number; all: number }>(
    `with ${sources}, watched as (
       select s.link, max(s.last_at) as last_at, min(w.within) as within from source s
       join unnest($1::text[], $2::double precision[]) as w (type, within) on w.type = s.type where s.link is not null group by 1),
     blind as (select l.id, l.organisation, l.name, l.role, w.last_at from link l left join watched w on w.link = l.id
       where w.last_at is null or $3::double precision - w.last_at > w.within)
     select b.id, b.organisation, b.name, b.role, b.last_at as "lastAt", (select count(*) from blind)::int as blind, (select count(*) from link)::int as all
     from blind b order by b.role, b.last_at nulls first, b.id limit $4`,
    [[...within.keys()], [...within.values()], now, most],
  );
  return { items: rows.map(({ blind: _blind, all: _all, ...row }) => row), ...(await countsOf(tx, rows, 'link')) };
}

/** Without a blind one there is no row that says how many there are. */
async function countsOf(
  tx: Transaction,
  [first]: readonly { blind: number; all: number }[],
  table: 'network' | 'link',
): Promise<{ blind: number; all: number }> {
  if (first) return { blind: first.blind, all: first.all };
  const [row] = await tx.query<{ all: number }>(`select count(*)::int as all from ${table}`);
  return { blind: 0, all: row!.all };
}
