/** Facts of vulnerabilities, of each source and put together. They are published ones: no scope stands before them. */

import type { Probability } from '@forewarn/know/exposure/exploited';
import type { Exploited, Vulnerability } from '@forewarn/know/exposure/vulnerability';
import { namesMeant } from '@forewarn/know/exposure/exposure';
import type { Transaction } from '../postgres/database.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

export type FactSource = { source: string; sha256: string; at: number };

/** What is known of a vulnerability, of all its sources. */
export type KnownVulnerability = {
  id: string;
  title: string;
  published: number | null;
  cvss: number | null;
  points: { readonly [point: string]: string };
  sources: FactSource[];
  exploited: Exploited | null;
  probability: Probability | null;
  changed: number;
};

/** Written at a time: some hundred kilobytes of parameters. */
const rowsAtOnce = 5_000;

const chunks = <T>(rows: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(rows.length / rowsAtOnce) }, (_, i) => rows.slice(i * rowsAtOnce, (i + 1) * rowsAtOnce));

/** Writes what a source says, in place of what it said before, and notes that it is to be compared. As the owner. */
export async function writeFacts(
  tx: Transaction,
  vulnerabilities: readonly Vulnerability[],
  { sha256, at }: { sha256: string; at: number },
): Promise<void> {
  for (const some of chunks(vulnerabilities)) {
    // Of two entries of one file with the same id the later counts.
    const records = [...new Map(some.map((one) => [`${one.id}\n${one.source}`, one])).values()];
    await tx.query(
      `insert into vulnerability_fact (vulnerability, source, record, sha256, at)
       select r->>'id', r->>'source', r, $2, $3 from jsonb_array_elements($1::jsonb) r
       on conflict (vulnerability, source) do update set record = excluded.record, sha256 = excluded.sha256, at = excluded.at`,
      [JSON.stringify(records), sha256, at],
    );
    await noteVulnerabilities(tx, records.map(({ id }) => id)); // oxfmt-ignore
  }
}

/** The catalogue as it stands now: what it no longer names is no longer known to be exploited. */
export async function writeExploited(tx: Transaction, exploited: readonly Exploited[]): Promise<void> {
  const entries = JSON.stringify([...new Map(exploited.map((one) => [one.id, one])).values()]);
  const changed = await tx.query<{ id: string }>(
    `with new as (select r->>'id' as id, r as entry from jsonb_array_elements($1::jsonb) r),
       gone as (delete from vulnerability_exploited e where not exists (select from new where new.id = e.id) returning id),
       put as (insert into vulnerability_exploited as e (id, entry) select id, entry from new
         on conflict (id) do update set entry = excluded.entry where e.entry is distinct from excluded.entry returning id)
     select id from gone union select id from put`,
    [entries],
  );
  await noteVulnerabilities(tx, changed.map(({ id }) => id), true); // oxfmt-ignore
}

export async function writeScores(tx: Transaction, scores: readonly [string, Probability][]): Promise<void> {
  for (const some of chunks(scores)) {
    const changed = await tx.query<{ id: string }>(
      `insert into vulnerability_score as s (id, score, percentile)
       select r->>0, (r->>1)::float8, (r->>2)::float8 from jsonb_array_elements($1::jsonb) r
       on conflict (id) do update set score = excluded.score, percentile = excluded.percentile
       where s.score is distinct from excluded.score or s.percentile is distinct from excluded.percentile returning id`,
      [JSON.stringify(some.map(([id, { score, percentile }]) => [id, score, percentile]))],
    );
    await noteVulnerabilities(tx, changed.map(({ id }) => id), true); // oxfmt-ignore
  }
}

/** Has vulnerabilities compared; with `known` only those of which there are facts. */
async function noteVulnerabilities(tx: Transaction, ids: readonly string[], known = false): Promise<void> {
  await tx.query(
    `insert into vulnerability_due (vulnerability) select id from unnest($1::text[]) id
     ${known ? 'where exists (select from vulnerability_fact f where f.vulnerability = id)' : ''} on conflict do nothing`,
    [ids],
  );
}

export type VulnerabilityImport = {
  format: string;
  name: string;
  edition: string | null;
  sha256: string;
  bytes: number;
  items: number;
  at: number;
  by: string;
};

/** Keeps the newest of each format. */
export async function noteImport(tx: Transaction, one: VulnerabilityImport): Promise<void> {
  await tx.query(
    `insert into vulnerability_import (format, name, edition, sha256, bytes, items, at, by) values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (format) do update set name = $2, edition = $3, sha256 = $4, bytes = $5, items = $6, at = $7, by = $8`,
    [one.format, one.name, one.edition, one.sha256, one.bytes, one.items, one.at, one.by],
  );
}

export function vulnerabilityImports(tx: Transaction): Promise<VulnerabilityImport[]> {
  return tx.query<VulnerabilityImport>(
    'select format, name, edition, sha256, bytes, items, at, by from vulnerability_import order by format',
  );
}

/** Vulnerabilities that wait to be compared. */
export async function vulnerabilitiesDue(tx: Transaction, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `select vulnerability as id from vulnerability_due order by vulnerability limit ${limit}`,
  );
  return rows.map(({ id }) => id);
}

export async function vulnerabilityDone(tx: Transaction, id: string): Promise<void> {
  await tx.query('delete from vulnerability_due where vulnerability = $1', [id]);
}

/** What all sources say, put together: the first of cve.org names it, the highest score counts, and every entry is compared. */
export type WholeVulnerability = KnownVulnerability & { affected: Vulnerability['affected'] };

/** Read in the order of their sources, so that the same facts always give the same whole. */
export async function wholeVulnerabilities(tx: Transaction, ids: readonly string[]): Promise<WholeVulnerability[]> {
  const facts = await tx.query<{ record: Vulnerability; sha256: string; at: number }>(
    `select record, sha256, at from vulnerability_fact where vulnerability = any($1)
     order by vulnerability, (source = 'cve.org') desc, source`,
    [ids],
  );
  const exploited = await tx.query<{ entry: Exploited }>('select entry from vulnerability_exploited where id = any($1)', [ids]);
  const scores = await tx.query<{ id: string } & Probability>(
    'select id, score, percentile from vulnerability_score where id = any($1)',
    [ids],
  );
  const entryOf = new Map(exploited.map(({ entry }) => [entry.id, entry]));
  const scoreOf = new Map(scores.map(({ id, score, percentile }) => [id, { score, percentile }]));
  const whole = new Map<string, WholeVulnerability>();
  for (const { record, sha256, at } of facts) {
    const source = { source: record.source, sha256, at };
    const there = whole.get(record.id);
    if (!there) {
      whole.set(record.id, {
        ...record,
        sources: [source],
        exploited: entryOf.get(record.id) ?? null,
        probability: scoreOf.get(record.id) ?? null,
        changed: at,
      });
      continue;
    }
    whole.set(record.id, {
      ...there,
      published: there.published ?? record.published,
      cvss: there.cvss === null ? record.cvss : Math.max(there.cvss, record.cvss ?? 0),
      points: { ...record.points, ...there.points },
      affected: [...there.affected, ...record.affected],
      sources: [...there.sources, source],
      changed: Math.max(there.changed, at),
    });
  }
  return [...whole.values()];
}

/** Writes the whole and the names by which it is found. */
export async function writeWhole(tx: Transaction, one: WholeVulnerability): Promise<void> {
  await tx.query(
    `insert into vulnerability (id, title, published, cvss, points, sources, exploited, score, percentile, changed)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (id) do update set title = $2, published = $3, cvss = $4, points = $5, sources = $6, exploited = $7, score = $8,
       percentile = $9, changed = $10`,
    [
      one.id,
      one.title,
      one.published,
      one.cvss,
      JSON.stringify(one.points),
      JSON.stringify(one.sources),
      one.exploited && JSON.stringify(one.exploited),
      one.probability?.score ?? null,
      one.probability?.percentile ?? null,
      one.changed,
    ],
  );
  const names = [...new Set(one.affected.flatMap((entry) => namesMeant(entry)))];
  await tx.query('delete from vulnerability_name where vulnerability = $1 and name <> all($2::text[])', [one.id, names]);
  await tx.query(
    'insert into vulnerability_name (name, vulnerability) select name, $1 from unnest($2::text[]) name on conflict do nothing',
    [one.id, names],
  );
}

/** Vulnerabilities that may mean products of these names. */
export async function vulnerabilitiesNamed(tx: Transaction, names: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    'select distinct vulnerability as id from vulnerability_name where name = any($1::text[]) order by 1',
    [names],
  );
  return rows.map(({ id }) => id);
}

const columns = `v.id, v.title, v.published, v.cvss, v.points, v.sources, v.exploited, v.changed,
  case when v.score is null then null else jsonb_build_object('score', v.score, 'percentile', v.percentile) end as probability`;

/** The newest first. `exposed`: only those to which something is exposed that the transaction sees. */
export async function listVulnerabilities(
  tx: Transaction,
  { limit, cursor, text, exposed }: PageAsked & { text?: string | undefined; exposed?: boolean | undefined },
): Promise<Page<KnownVulnerability>> {
  const where = new Conditions();
  const after = positionOf(cursor);
  if (after) where.and('(-coalesce(v.published, 0), v.id) > (-?::float8, ?)', after[0], after[1]);
  if (text !== undefined) where.and(`strpos(lower(v.id || ' ' || v.title), ?) > 0`, text.toLowerCase());
  if (exposed) where.and('exists (select from exposure_count c where c.vulnerability = v.id)');
  const rows = await tx.query<KnownVulnerability>(
    `select ${columns} from vulnerability v ${where.sql}
     order by coalesce(v.published, 0) desc, v.id limit ${where.value(limit + 1)}`,
    where.parameters,
  );
  return pageOf(rows, limit, ({ published, id }) => [published ?? 0, id], (row) => row); // oxfmt-ignore
}

export function findVulnerabilities(tx: Transaction, ids: readonly string[]): Promise<KnownVulnerability[]> {
  return tx.query<KnownVulnerability>(`select ${columns} from vulnerability v where id = any($1)`, [ids]);
}
