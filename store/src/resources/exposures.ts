/** Which components are exposed to which vulnerabilities: comparing (as the owner), and reading (in a scope). */

import { createHash } from 'node:crypto';
import type { Exposure } from '@forewarn/know/exposure/exposure';
import { namesOf } from '@forewarn/know/exposure/exposure';
import { readProduct, type Product } from '@forewarn/know/exposure/vulnerability';
import type { RemedyKind } from '@forewarn/model/exposure-api';
import type { LocalText } from '@forewarn/model/text';
import type { Transaction } from '../postgres/database.ts';
import { Conditions, pageOf, positionOf, type Page, type PageAsked } from './page.ts';

/** Components that are new or changed, with the marks of their changes. */
export function componentsDue(tx: Transaction, limit: number): Promise<{ component: string; mark: number }[]> {
  return tx.query(`select component, mark from component_due order by mark limit ${limit}`);
}

/** They are compared; whichever changed meanwhile has another mark and stays. */
export async function componentsDone(tx: Transaction, done: readonly { component: string; mark: number }[]): Promise<void> {
  await tx.query(
    `delete from component_due d using jsonb_to_recordset($1::jsonb) as x(component text, mark bigint)
     where d.component = x.component and d.mark = x.mark`,
    [JSON.stringify(done)],
  );
}

/** Has everything compared when the rules are not those of the last time. */
export async function noteRules(tx: Transaction, rules: string): Promise<void> {
  const hash = createHash('sha256').update(rules).digest('hex');
  const [before] = await tx.query<{ hash: string }>('select hash from exposure_rules');
  if (before?.hash === hash) return;
  await tx.query('delete from exposure_rules');
  await tx.query('insert into exposure_rules (hash) values ($1)', [hash]);
  await tx.query(
    'insert into vulnerability_due (vulnerability) select distinct vulnerability from vulnerability_fact on conflict do nothing',
  );
}

export type ComparedProduct = { id: number; product: Product };
export type ComparedComponent = ComparedProduct & { component: string };

type ComponentRow = {
  id: string;
  name: LocalText;
  vendor: string | null;
  version: string | null;
  purl: string | null;
  cpe: string | null;
};

/** Notes which product each component is, and gives it; components of the same words are one. */
export async function noteProducts(tx: Transaction, components: readonly string[]): Promise<ComparedComponent[]> {
  await byIndexes(tx);
  const rows = await tx.query<ComponentRow>('select id, name, vendor, version, purl, cpe from component where id = any($1)', [
    components,
  ]);
  const products = new Map<string, { hash: string; product: Product; names: string[] }>();
  const links: { component: string; hash: string }[] = [];
  for (const { id, name, vendor, version, purl, cpe } of rows) {
    const product: Product = {
      product: name.en,
      ...(vendor === null ? {} : { vendor }),
      ...(version === null ? {} : { version }),
      ...(purl === null ? {} : { purl }),
      ...(cpe === null ? {} : { cpe }),
    };
    const text = JSON.stringify(product);
    const hash = createHash('sha256').update(text).digest('base64url');
    if (!products.has(hash)) products.set(hash, { hash, product, names: namesOf(readProduct(product)!) });
    links.push({ component: id, hash });
  }
  await tx.query(
    `insert into compared_product (hash, product, names)
     select x.hash, x.product, array(select jsonb_array_elements_text(x.names))
     from jsonb_to_recordset($1::jsonb) as x(hash text, product jsonb, names jsonb) on conflict (hash) do nothing`,
    [JSON.stringify([...products.values()])],
  );
  await tx.query(
    `insert into component_product as c (component, product)
     select x.component, p.id from jsonb_to_recordset($1::jsonb) as x(component text, hash text) join compared_product p on p.hash = x.hash
     on conflict (component) do update set product = excluded.product where c.product <> excluded.product`,
    [JSON.stringify(links)],
  );
  const noted = await tx.query<ComparedProduct & { hash: string }>(
    'select id, hash, product from compared_product where hash = any($1)',
    [[...products.keys()]],
  );
  const byHash = new Map(noted.map(({ hash, id, product }) => [hash, { id, product }]));
  return links.map(({ component, hash }) => ({ component, ...byHash.get(hash)! }));
}

/** Products that have one of the names. */
export function productsNamed(tx: Transaction, names: readonly string[]): Promise<ComparedProduct[]> {
  return tx.query<ComparedProduct>('select id, product from compared_product where names && $1::text[]', [names]);
}

export type ComponentMatch = { component: string } & Pick<Exposure, 'is' | 'by'>;

/** A decision for a place: what of it is known, what comes out, and by when to act on it. */
export type PlaceDecision = {
  /** Empty: not known. */
  exposure: string;
  impact: string;
  floor: string;
  ceiling: string;
  /** `rankOf` of all but what differs from component to component. */
  rank: number;
  /** From the day of the decision on; null: nothing is due. */
  seconds: number | null;
};

/**
 * The order in which to act as one number: the surest decision, whether exposed or possibly, the gravest decision, what is due first (a day
 * each), what is most probable (thousandths), what is gravest by score. Fifteen digits are exact.
 *
 *     f p c ddddd ppp sss      floor · exposed · ceiling · days · probability · score
 */
const rankDigits = { floor: 1e13, exposed: 1e12, ceiling: 1e11, due: 1e6, probability: 1e3 } as const;

export const rankOf = (of: { floor: number; ceiling: number; probability: number; cvss: number }): number =>
  of.floor * rankDigits.floor +
  of.ceiling * rankDigits.ceiling +
  Math.min(999, Math.floor(of.probability * 1000)) * rankDigits.probability +
  Math.min(999, Math.floor(of.cvss * 99.9));

/** Ranks of one floor: from (inclusive) and to (exclusive). */
export const ranksOfFloor = (floor: number): readonly [number, number] => [
  floor * rankDigits.floor,
  (floor + 1) * rankDigits.floor,
];

export type Comparison = {
  vulnerability: string;
  found: readonly ComponentMatch[];
  places: readonly PlaceDecision[];
  /** The catalogue's date. */
  due: number | null;
  at: number;
};

/**
 * Has what follows in the transaction walk along indexes. Right after an import the planner knows nothing of the tables' sizes and would read all
 * components for the few that have a product: seconds instead of milliseconds.
 */
async function byIndexes(tx: Transaction): Promise<void> {
  await tx.query(
    `select set_config(name, 'off', true) from unnest(array['enable_hashjoin', 'enable_mergejoin', 'enable_seqscan']) name`,
  );
}

/** Components that are one of the products. */
export async function componentsOf(
  tx: Transaction,
  products: readonly number[],
): Promise<{ component: string; product: number }[]> {
  await byIndexes(tx);
  return tx.query('select component, product from component_product where product = any($1::int[])', [products]);
}

/** What is exposed now: of components, or to a vulnerability. */
export async function exposedNow(
  tx: Transaction,
  of: { components: readonly string[] } | { vulnerability: string },
): Promise<{ component: string; vulnerability: string }[]> {
  await byIndexes(tx);
  const [column, value] = 'components' in of ? ['component', of.components] : ['vulnerability', [of.vulnerability]];
  return tx.query(`select component, vulnerability from exposure where ${column} = any($1::text[])`, [value]);
}

/** Writes which components are exposed to a vulnerability. Gives the organisations of which something changed, to be counted (`countExposures`). */
export async function writeExposures(tx: Transaction, asked: Comparison): Promise<string[]> {
  const { vulnerability, found, places, due, at } = asked;
  if (found.length === 0) return [];
  await byIndexes(tx);
  const rows = await tx.query<{ organisation: string }>(
    `with found as (
       select c.id as component, c.asset, c.organisation, m.certainty, m.matched, d.floor, d.ceiling, d.rank, d.seconds,
         coalesce(o.since, $4) as since, case when o.floor = d.floor then o.decided else $4 end as decided
       from unnest($2::text[], $6::text[], $7::text[]) as m(component, certainty, matched)
       join component c on c.id = m.component
       join jsonb_to_recordset($3::jsonb) as d(exposure text, impact text, floor text, ceiling text, rank float8, seconds float8)
         on d.exposure = coalesce(c.exposure, '') and d.impact = coalesce(c.impact, '')
       -- By its key, which no planner can take for another index.
       left join exposure o on o.id = $1 || '~' || c.id),
     dated as (select *, least($5::float8, decided + seconds) as due from found),
     put as (
       insert into exposure as e (id, vulnerability, component, asset, organisation, certainty, matched, floor, ceiling, since, decided, due,
         due_by, rank)
       select $1 || '~' || component, $1, component, asset, organisation, certainty, matched, floor, ceiling, since, decided, due,
         case when due is null then null when due = $5 then 'catalogue' else 'decision' end,
         rank + case when certainty = 'exposed' then ${rankDigits.exposed} else 0 end
           + case when due is null then 0 else greatest(0, 99999 - floor(due / 86400)) * ${rankDigits.due} end
       from dated
       on conflict (id) do update set asset = excluded.asset, organisation = excluded.organisation, certainty = excluded.certainty,
         matched = excluded.matched, floor = excluded.floor, ceiling = excluded.ceiling, decided = excluded.decided, due = excluded.due,
         due_by = excluded.due_by, rank = excluded.rank
       where (e.asset, e.organisation, e.certainty, e.matched, e.floor, e.ceiling, e.due, e.due_by, e.rank) is distinct from
         (excluded.asset, excluded.organisation, excluded.certainty, excluded.matched, excluded.floor, excluded.ceiling, excluded.due,
          excluded.due_by, excluded.rank)
       returning organisation)
     select distinct organisation from put`,
    [
      vulnerability,
      found.map(({ component }) => component),
      JSON.stringify(places),
      at,
      due,
      found.map(({ is }) => is),
      found.map(({ by }) => by),
    ],
  );
  return rows.map(({ organisation }) => organisation);
}

/** Takes back exposures. Gives the organisations of which something changed, to be counted. */
export async function removeExposures(tx: Transaction, vulnerability: string, components: readonly string[]): Promise<string[]> {
  if (components.length === 0) return [];
  await byIndexes(tx);
  const rows = await tx.query<{ organisation: string }>(
    `with gone as (delete from exposure where id in (select $1 || '~' || c from unnest($2::text[]) c) returning organisation)
     select distinct organisation from gone`,
    [vulnerability, components],
  );
  return rows.map(({ organisation }) => organisation);
}

/** Counts the exposures to a vulnerability anew: of organisations, or of all. */
export async function countExposures(tx: Transaction, vulnerability: string, organisations?: readonly string[]): Promise<void> {
  const those = 'vulnerability = $1 and ($2::text[] is null or organisation = any($2::text[]))';
  const parameters = [vulnerability, organisations ?? null];
  await tx.query(`delete from exposure_count where ${those}`, parameters);
  await tx.query(
    `insert into exposure_count (vulnerability, organisation, certainty, floor, count, open, due)
     select $1, organisation, certainty, floor, count(*), count(*) filter (where remedy is null), min(due) filter (where remedy is null)
     from exposure where ${those} group by organisation, certainty, floor`,
    parameters,
  );
}

export type ExposureRow = {
  id: string;
  vulnerability: string;
  title: string;
  exploited: boolean;
  ransomware: boolean;
  score: number | null;
  cvss: number | null;
  component: string;
  name: LocalText;
  version: string | null;
  asset: string;
  assetName: LocalText;
  organisation: string;
  certainty: Exposure['is'];
  matched: Exposure['by'];
  floor: string;
  ceiling: string;
  since: number;
  due: number | null;
  dueBy: 'catalogue' | 'decision' | null;
  rank: number;
  remedy: RemedyKind | null;
  remedyUntil: number | null;
};

export type ExposuresAsked = PageAsked & {
  organisation?: string | undefined;
  vulnerability?: string | undefined;
  asset?: string | undefined;
  certainty?: Exposure['is'] | undefined;
  /** Ranks from (inclusive) to (exclusive): of one floor. */
  ranks?: readonly [number, number] | undefined;
  /** Something was done about it, or not. */
  handled?: boolean | undefined;
  /** In the id or title of the vulnerability. */
  text?: string | undefined;
  /** Due before. */
  dueBefore?: number | undefined;
};

const columns = `e.id, e.vulnerability, v.title, v.exploited is not null as exploited,
  coalesce((v.exploited->>'ransomware')::boolean, false) as ransomware, v.score, v.cvss,
  e.component, c.name, c.version, e.asset, a.name as "assetName", e.organisation, e.certainty, e.matched, e.floor, e.ceiling,
  e.since, e.due, e.due_by as "dueBy", e.rank, e.remedy, e.remedy_until as "remedyUntil"`;
const joined = `e join vulnerability v on v.id = e.vulnerability join component c on c.id = e.component join asset a on a.id = e.asset`;

/** Vulnerabilities that a searched word may mean; a word that more of them have says nothing. */
const meantMax = 1_000;

/** In the order in which to act. */
export async function listExposures(tx: Transaction, asked: ExposuresAsked): Promise<Page<ExposureRow>> {
  const where = new Conditions();
  const after = positionOf(asked.cursor);
  // Two conditions, so that the first can bound the walk along the index.
  if (after) where.and('rank <= ?::float8', after[0]).and('rank < ?::float8 or id > ?', after[0], after[1]);
  if (asked.organisation !== undefined) where.and('organisation = ?', asked.organisation);
  if (asked.vulnerability !== undefined) where.and('vulnerability = ?', asked.vulnerability);
  if (asked.asset !== undefined) where.and('asset = ?', asked.asset);
  if (asked.certainty !== undefined) where.and('certainty = ?', asked.certainty);
  if (asked.ranks) where.and('rank >= ?::float8 and rank < ?::float8', ...asked.ranks);
  if (asked.handled !== undefined) where.and(asked.handled ? 'remedy is not null' : 'remedy is null');
  if (asked.text !== undefined) {
    const meant = `select v.id from vulnerability v where strpos(lower(v.id || ' ' || v.title), ?) > 0 limit ${meantMax}`;
    where.and(`vulnerability = any(array(${meant}))`, asked.text.toLowerCase());
  }
  if (asked.dueBefore !== undefined) where.and('due < ?::float8', asked.dueBefore);
  // The page first, and then what its rows are called.
  const rows = await tx.query<ExposureRow>(
    `select ${columns} from (select * from exposure ${where.sql} order by rank desc, id limit ${where.value(asked.limit + 1)})
     ${joined} order by e.rank desc, e.id`,
    where.parameters,
  );
  return pageOf(rows, asked.limit, ({ rank, id }) => [rank, id], (row) => row); // oxfmt-ignore
}

export async function findExposure(tx: Transaction, id: string): Promise<ExposureRow | undefined> {
  return (await tx.query<ExposureRow>(`select ${columns} from (select * from exposure where id = $1) ${joined}`, [id]))[0];
}

export type ExposureCount = {
  key: string;
  certainty: Exposure['is'];
  floor: string;
  count: number;
  open: number;
  due: number | null;
};

/** How many are exposed, by decision: of all, or by organisation of one vulnerability, or by vulnerability. */
export function exposureCounts(
  tx: Transaction,
  asked: { by: 'all' | 'organisation' | 'vulnerability'; organisation?: string | undefined; vulnerabilities?: readonly string[] },
): Promise<ExposureCount[]> {
  const where = new Conditions();
  if (asked.organisation !== undefined) where.and('organisation = ?', asked.organisation);
  if (asked.vulnerabilities) where.and('vulnerability = any(?::text[])', asked.vulnerabilities);
  const key = asked.by === 'all' ? `''` : asked.by;
  return tx.query<ExposureCount>(
    `select ${key} as key, certainty, floor, sum(count)::int as count, sum(open)::int as open, min(due) as due
     from exposure_count ${where.sql} group by 1, 2, 3 order by 1, 2, 3`,
    where.parameters,
  );
}

/** Organisations with exposures to any of the vulnerabilities, handled or not; to which, how many surely and how many possibly. */
export function organisationsExposed(
  tx: Transaction,
  vulnerabilities: readonly string[],
): Promise<{ organisation: string; vulnerability: string; sure: number; possibly: number }[]> {
  return tx.query(
    `select organisation, vulnerability, coalesce(sum(count) filter (where certainty = 'exposed'), 0)::int as sure,
       coalesce(sum(count) filter (where certainty = 'possibly'), 0)::int as possibly from exposure_count
     where vulnerability = any($1::text[]) group by 1, 2 order by 1, 2`,
    [vulnerabilities],
  );
}
