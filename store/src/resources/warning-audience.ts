/** Whom a warning reached and what became of it there: answers, measures done, reminders, climbs, and what inventory and traffic say since. */

import type { Words } from '@forewarn/model/text';
import type { ConcernCertainty } from '@forewarn/model/warning';
import type { WarningCounts } from '@forewarn/model/warning-view';
import type { NoticeKind } from '@forewarn/model/notice';
import type { Transaction } from '../postgres/database.ts';
import { pageOf, positionOf, type Page, type PageAsked } from './page.ts';
import type { Warning } from './warnings.ts';

export type Addressee = {
  organisation: string;
  edition: number;
  reasons: Words[];
  certainty: ConcernCertainty;
  part: 'warned' | 'overseer';
  deliveredAt: number;
  acknowledgedAt: number | null;
  acknowledgedBy: string | null;
  reminders: number;
  remindedAt: number | null;
  climbedAt: number | null;
  exposedThen: number | null;
  exposed: number | null;
  seenAt: number | null;
  checkedAt: number | null;
  done: { measure: string; at: number; evidence: string | null }[];
};

const columns = `a.organisation, a.edition, a.reasons, a.certainty, a.part, a.delivered_at as "deliveredAt",
  a.acknowledged_at as "acknowledgedAt", a.acknowledged_by as "acknowledgedBy", a.reminders, a.reminded_at as "remindedAt",
  a.climbed_at as "climbedAt", a.exposed_then as "exposedThen", a.exposed, a.seen_at as "seenAt", a.checked_at as "checkedAt",
  coalesce((select jsonb_agg(jsonb_build_object('measure', d.measure, 'at', d.at, 'evidence', d.evidence) order by d.at)
    from warning_done d where d.warning = a.warning and d.organisation = a.organisation), '[]') as done`;

export type Delivered = Pick<Addressee, 'organisation' | 'reasons' | 'certainty' | 'part' | 'exposedThen'>;

/**
 * Delivers an edition to organisations; an acknowledgement of an older edition no longer counts, and chasing begins anew. What was exposed when
 * it was first told stays.
 */
export async function deliver(
  tx: Transaction,
  warning: Pick<Warning, 'id' | 'owner' | 'edition'>,
  to: readonly Delivered[],
  at: number,
): Promise<void> {
  await tx.query(
    `insert into warning_audience as a (warning, organisation, owner, edition, reasons, delivered_at, certainty, part, exposed_then)
     select $1, x.organisation, $2, $3, x.reasons, $5, x.certainty, x.part, x."exposedThen"
     from jsonb_to_recordset($4::jsonb) as x(organisation text, reasons jsonb, certainty text, part text, "exposedThen" integer)
     on conflict (warning, organisation) do update set edition = excluded.edition, reasons = excluded.reasons,
       delivered_at = excluded.delivered_at, acknowledged_at = null, acknowledged_by = null, certainty = excluded.certainty,
       part = case when a.part = 'warned' then 'warned' else excluded.part end, reminders = 0, reminded_at = null, climbed_at = null, climbed_to = null,
       exposed_then = coalesce(a.exposed_then, excluded.exposed_then)`,
    [warning.id, warning.owner, warning.edition, JSON.stringify(to), at],
  );
}

/** Has whoever oversees somebody read the warning; who has it already is left as it is. */
export async function letOverseerRead(
  tx: Transaction,
  warning: Pick<Warning, 'id' | 'owner' | 'edition'>,
  { organisation, reasons, at }: { organisation: string; reasons: readonly Words[]; at: number },
): Promise<void> {
  await tx.query(
    `insert into warning_audience (warning, organisation, owner, edition, reasons, delivered_at, part)
     values ($1, $2, $3, $4, $5, $6, 'overseer') on conflict (warning, organisation) do nothing`,
    [warning.id, organisation, warning.owner, warning.edition, JSON.stringify(reasons), at],
  );
}

/** False when the organisation is not in the audience or has acknowledged this edition already. */
export async function acknowledge(
  tx: Transaction,
  warning: string,
  { organisation, by, at }: { organisation: string; by: string; at: number },
): Promise<boolean> {
  const rows = await tx.query(
    `update warning_audience set acknowledged_at = $3, acknowledged_by = $4
     where warning = $1 and organisation = $2 and acknowledged_at is null returning warning`,
    [warning, organisation, at, by],
  );
  return rows.length === 1;
}

/** False when it was done before. */
export async function noteDone(
  tx: Transaction,
  warning: Pick<Warning, 'id' | 'owner'>,
  done: { organisation: string; measure: string; by: string; at: number; evidence: string | null },
): Promise<boolean> {
  const rows = await tx.query(
    `insert into warning_done (warning, organisation, owner, measure, at, by, evidence) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict do nothing returning warning`,
    [warning.id, done.organisation, warning.owner, done.measure, done.at, done.by, done.evidence],
  );
  return rows.length === 1;
}

/** Whom several warnings reached, as far as the scope shows: all of them, or `limit` of each (`first` before the others). */
export async function audiencesOf(
  tx: Transaction,
  warnings: readonly string[],
  cut?: { limit: number; first: string; of: readonly string[] | null },
): Promise<Map<string, Addressee[]>> {
  const parameters: unknown[] = [warnings];
  if (cut) parameters.push(cut.limit, cut.first, cut.of);
  const rows = await tx.query<Addressee & { warning: string }>(
    cut
      ? `select a.warning, ${columns} from unnest($1::text[]) as asked(id), lateral (select * from warning_audience x
           where x.warning = asked.id and ($4::text[] is null or x.organisation = any($4::text[]))
           order by x.organisation = $3 desc, x.organisation limit $2) a order by a.warning, a.organisation`
      : `select a.warning, ${columns} from warning_audience a where a.warning = any($1) order by a.organisation`,
    parameters,
  );
  const byWarning = new Map<string, Addressee[]>(warnings.map((id) => [id, []]));
  for (const { warning, ...addressee } of rows) byWarning.get(warning)!.push(addressee);
  return byWarning;
}

export const audienceStates = ['unacknowledged', 'possibly', 'undone', 'climbed', 'exposed', 'seen'] as const;
const inState: { readonly [state in (typeof audienceStates)[number]]: string } = {
  unacknowledged: `a.part = 'warned' and a.acknowledged_at is null`,
  possibly: `a.certainty = 'possibly'`,
  undone: `a.part = 'warned' and exists (select from warning w, jsonb_array_elements(w.body->'measures') m where w.id = a.warning
    and not exists (select from warning_done d where d.warning = a.warning and d.organisation = a.organisation and d.measure = m->>'id'))`,
  climbed: 'a.climbed_at is not null',
  exposed: 'a.exposed > 0',
  seen: 'a.seen_at is not null',
};

/** One warning's addressees by name, page by page. `of`: only these organisations. */
export async function listAudience(
  tx: Transaction,
  warning: string,
  asked: PageAsked & { state?: (typeof audienceStates)[number] | undefined; of: readonly string[] | null },
): Promise<Page<Addressee>> {
  const after = positionOf(asked.cursor, 'text');
  const rows = await tx.query<Addressee>(
    `select ${columns} from warning_audience a where a.warning = $1 and ($2::text is null or a.organisation > $2)
       and ($3::text[] is null or a.organisation = any($3::text[])) ${asked.state === undefined ? '' : `and ${inState[asked.state]}`}
     order by a.organisation limit $4`,
    [warning, after?.[1] ?? null, asked.of, asked.limit + 1],
  );
  return pageOf(
    rows,
    asked.limit,
    ({ organisation }) => [organisation, organisation],
    (row) => row,
  );
}

/** How many of whom several warnings reached, as far as the scope shows. `of`: only these organisations. */
export async function audienceCounts(
  tx: Transaction,
  warnings: readonly string[],
  of: readonly string[] | null,
): Promise<Map<string, WarningCounts>> {
  const rows = await tx.query<WarningCounts & { warning: string }>(
    `with asked as (select id, array(select m->>'id' from jsonb_array_elements(body->'measures') m) as measures from warning where id = any($1)),
       done as (select d.warning, d.organisation, count(*) as n from warning_done d join asked on asked.id = d.warning
         where d.measure = any(asked.measures) group by 1, 2)
     select a.warning, count(*) filter (where a.part = 'warned')::int as warned,
       count(*) filter (where a.part = 'warned' and a.certainty = 'possibly')::int as possibly,
       count(a.acknowledged_at) filter (where a.part = 'warned')::int as acknowledged,
       count(*) filter (where a.part = 'warned' and d.n > 0 and d.n = cardinality(asked.measures))::int as done,
       count(*) filter (where a.reminders > 0)::int as reminded, count(a.climbed_at)::int as climbed
     from warning_audience a join asked on asked.id = a.warning
       left join done d on d.warning = a.warning and d.organisation = a.organisation
     where $2::text[] is null or a.organisation = any($2::text[]) group by 1`,
    [warnings, of],
  );
  const counted = new Map(rows.map(({ warning, ...counts }) => [warning, counts]));
  const none = { warned: 0, possibly: 0, acknowledged: 0, done: 0, reminded: 0, climbed: 0 };
  return new Map(warnings.map((id) => [id, counted.get(id) ?? none]));
}

export type Chase = {
  organisation: string;
  recipient: string;
  edition: number;
  kind: NoticeKind;
  measure: string | null;
  count: number;
  at: number;
};

/** Keeps what was sent, and says so at its addressee. Each step once: a second time is passed over. */
export async function addChases(
  tx: Transaction,
  warning: Pick<Warning, 'id' | 'owner'>,
  chases: readonly Chase[],
): Promise<void> {
  if (chases.length === 0) return;
  await tx.query(
    `insert into warning_chase (warning, organisation, recipient, owner, edition, kind, measure, count, at)
     select $1, x.organisation, x.recipient, $2, x.edition, x.kind, coalesce(x.measure, ''), x.count, x.at
     from jsonb_to_recordset($3::jsonb) as x(organisation text, recipient text, edition integer, kind text, measure text, count integer, at float8)
     on conflict do nothing`,
    [warning.id, warning.owner, JSON.stringify(chases)],
  );
  const counted = [...Map.groupBy(chases, ({ organisation }) => organisation)].map(([organisation, all]) => {
    const [climbs, reminders] = [true, false].map((up) => all.filter(({ kind }) => (kind === 'warning-escalated') === up));
    return {
      organisation,
      reminders: reminders!.length,
      reminded: reminders!.at(-1)?.at ?? null,
      climbed: climbs![0]?.at ?? null,
      climber: climbs![0]?.recipient ?? null,
    };
  });
  await tx.query(
    `update warning_audience a set reminders = a.reminders + x.reminders, reminded_at = coalesce(x.reminded, a.reminded_at),
       climbed_at = coalesce(a.climbed_at, x.climbed), climbed_to = coalesce(a.climbed_to, x.climber)
     from unnest($2::text[], $3::integer[], $4::float8[], $5::float8[], $6::text[]) as x(organisation, reminders, reminded, climbed, climber)
     where a.warning = $1 and a.organisation = x.organisation`,
    [
      warning.id,
      counted.map((one) => one.organisation),
      counted.map((one) => one.reminders),
      counted.map((one) => one.reminded),
      counted.map((one) => one.climbed),
      counted.map((one) => one.climber),
    ],
  );
}

/** The last first. */
export function chasesOf(tx: Transaction, warning: string, asked: { edition?: number; limit: number }): Promise<Chase[]> {
  return tx.query<Chase>(
    `select organisation, recipient, edition, kind, nullif(measure, '') as measure, count, at from warning_chase
     where warning = $1 and ($2::int is null or edition = $2) order by at desc, organisation, kind limit ${asked.limit}`,
    [warning, asked.edition ?? null],
  );
}

export async function countChases(
  tx: Transaction,
  warning: string,
  of: readonly string[] | null,
): Promise<{ reminders: number; climbs: number }> {
  const [row] = await tx.query<{ reminders: number; climbs: number }>(
    `select count(*) filter (where kind <> 'warning-escalated')::int as reminders, count(*) filter (where kind = 'warning-escalated')::int as climbs
     from warning_chase where warning = $1 and ($2::text[] is null or organisation = any($2::text[]))`,
    [warning, of],
  );
  return row!;
}

/** Notes what inventory and traffic say now of all who were warned. */
export async function noteChecks(
  tx: Transaction,
  warning: string,
  checks: readonly { organisation: string; exposed: number | null; seenAt: number | null }[],
  at: number,
): Promise<void> {
  await tx.query(
    `update warning_audience a set exposed = x.exposed, seen_at = coalesce(x."seenAt", a.seen_at), checked_at = $3
     from unnest($2::text[], $4::integer[], $5::float8[]) as x(organisation, exposed, "seenAt")
     where a.warning = $1 and a.organisation = x.organisation`,
    // As arrays, whose length the planner sees: of JSON it expects a hundred rows, and compares each of thousands with each.
    [warning, checks.map((one) => one.organisation), at, checks.map((one) => one.exposed), checks.map((one) => one.seenAt)],
  );
}

/** Of each organisation that was told, the last finding after that which names one of the addresses or names. */
export async function seenSince(
  tx: Transaction,
  warning: string,
  { since, addresses, names }: { since: number; addresses: readonly string[]; names: readonly string[] },
): Promise<Map<string, number>> {
  if (addresses.length + names.length === 0) return new Map();
  const rows = await tx.query<{ organisation: string; at: number }>(
    `select a.organisation, max(f.to_at) as at from finding f join finding_access fa on fa.finding = f.id
       join warning_audience a on a.warning = $1 and a.organisation = fa.organisation and a.part = 'warned' and f.to_at > a.delivered_at
     where f.to_at > $2 and (f.source = any($3::text[]) or f.body->'targets' ?| $3::text[] or f.body->'names' ?| $4::text[])
     group by 1`,
    [warning, since, addresses, names],
  );
  return new Map(rows.map(({ organisation, at }) => [organisation, at]));
}

/** Open exposures by organisation: to any of the vulnerabilities, surely or possibly. */
export async function openExposures(tx: Transaction, vulnerabilities: readonly string[]): Promise<Map<string, number>> {
  if (vulnerabilities.length === 0) return new Map();
  const rows = await tx.query<{ organisation: string; open: number }>(
    'select organisation, sum(open)::int as open from exposure_count where vulnerability = any($1::text[]) group by 1',
    [vulnerabilities],
  );
  return new Map(rows.map(({ organisation, open }) => [organisation, open]));
}

/** Products that have one of the names, and whose components they are: for the audience of a warning, in the centre's scope. */
export async function productsNamedFor(tx: Transaction, names: readonly string[]): Promise<{ id: number; product: object }[]> {
  return tx.query('select id, product from products_named($1::text[])', [names]);
}

/** Whose components they are, how many, and, where it is asked for, on which assets. */
export async function holdersOf(
  tx: Transaction,
  products: readonly number[],
  withAssets: boolean,
): Promise<{ product: number; organisation: string; assets: string[]; count: number }[]> {
  return tx.query(
    `select product, organisation, ${withAssets ? 'array_agg(distinct asset)' : `array[]::text[]`} as assets, count(*)::int as count
     from components_of_products($1::int[]) group by 1, 2`,
    [products],
  );
}

/** Assets with components exposed to any of the vulnerabilities. */
export async function assetsExposed(tx: Transaction, vulnerabilities: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ asset: string }>('select distinct asset from exposure where vulnerability = any($1::text[])', [
    vulnerabilities,
  ]);
  return rows.map(({ asset }) => asset);
}

/** Whether something of special importance, or of an operator of critical infrastructure, is exposed, as far as the scope shows. */
export async function specialExposed(tx: Transaction, vulnerabilities: readonly string[]): Promise<boolean> {
  const [row] = await tx.query<{ special: boolean }>(
    `select exists (select from exposure e join asset a on a.id = e.asset join organisation o on o.id = e.organisation
       where e.vulnerability = any($1::text[]) and (a.importance = 'special' or o.reporter = 'cii-operator')) as special`,
    [vulnerabilities],
  );
  return row!.special;
}
