/** Readings of the situation index: what was counted, and what came out. */

import type { SituationCell, SituationPart, SituationPlace, SituationRules } from '@forewarn/model/situation';
import type { LocalText } from '@forewarn/model/text';
import type { Transaction } from '../postgres/database.ts';

/** How long a reading is kept; a later one of the same instant keeps what is kept longer. */
export type Kept = 'now' | 'hour' | 'day';

export type Reading = { at: number; rules: SituationRules; kept: Kept };

/** Parts or cells of one transaction: a tenth of a second each, and others' requests between them. */
const writtenAtOnce = 250;

/**
 * Writes a reading: its rules, and those parts and values that are not what they were in the one before. `centre`: whose the wide places are. Each
 * call of `inTransaction` is a transaction of its own; the reading itself is written last, so that one that was cut short is none, and what it wrote
 * is what the next one begins with.
 */
export async function addReading(
  inTransaction: <Result>(work: (tx: Transaction) => Promise<Result>) => Promise<Result>,
  reading: Reading,
  parts: readonly SituationPart[],
  { cells, centre }: { cells: readonly SituationCell[]; centre: string },
): Promise<void> {
  const { at } = reading;
  for (let i = 0; i < parts.length; i += writtenAtOnce)
    await inTransaction((tx) => writeParts(tx, parts.slice(i, i + writtenAtOnce), at));
  for (let i = 0; i < cells.length; i += writtenAtOnce)
    await inTransaction((tx) => writeCells(tx, cells.slice(i, i + writtenAtOnce), { at, centre }));
  await inTransaction(async (tx) => {
    await tx.query('update situation_part set until_at = $2 where until_at is null and organisation <> all($1::text[])', [
      parts.map(({ organisation }) => organisation),
      at,
    ]);
    await tx.query(
      `insert into situation_value (dimension, key, organisation, at, body)
       select dimension, key, organisation, $2, null
       from (select distinct on (dimension, key) dimension, key, organisation, body from situation_value order by dimension, key, at desc) n
       where body is not null and dimension || ' ' || key <> all($1::text[])`,
      [cells.map(({ dimension, key }) => `${dimension} ${key}`), at],
    );
    await tx.query('insert into situation_reading (at, rules, kept) values ($1, $2, $3)', [
      at,
      JSON.stringify(reading.rules),
      reading.kept,
    ]);
  });
}

async function writeParts(tx: Transaction, parts: readonly SituationPart[], at: number): Promise<void> {
  // A body is written as it is read again, so that it can be compared as it stands.
  const written = JSON.stringify(parts.map((body) => ({ organisation: body.organisation, body })));
  await tx.query(
    `update situation_part p set until_at = $2 from jsonb_to_recordset($1::jsonb) as g(organisation text, body jsonb)
     where p.until_at is null and g.organisation = p.organisation and g.body <> p.body`,
    [written, at],
  );
  await tx.query(
    `insert into situation_part (organisation, from_at, body)
     select g.organisation, $2, g.body from jsonb_to_recordset($1::jsonb) as g(organisation text, body jsonb)
     where not exists (select from situation_part p where p.organisation = g.organisation and p.until_at is null)`,
    [written, at],
  );
}

async function writeCells(
  tx: Transaction,
  cells: readonly SituationCell[],
  { at, centre }: { at: number; centre: string },
): Promise<void> {
  const written = cells.map((body) => {
    return {
      dimension: body.dimension,
      key: body.key,
      organisation: body.dimension === 'organisation' ? body.key : centre,
      body,
    };
  });
  await tx.query(
    `insert into situation_value (dimension, key, organisation, at, body)
     select g.dimension, g.key, g.organisation, $2, g.body
     from jsonb_to_recordset($1::jsonb) as g(dimension text, key text, organisation text, body jsonb)
     left join lateral (select v.body from situation_value v where v.dimension = g.dimension and v.key = g.key order by v.at desc limit 1) n on true
     where g.body is distinct from n.body`,
    [JSON.stringify(written), at],
  );
}

/** The newest reading at an instant or before; the newest of all without one. */
export async function findReading(tx: Transaction, at?: number): Promise<Reading | undefined> {
  return (
    await tx.query<Reading>(
      'select at, rules, kept from situation_reading where $1::float8 is null or at <= $1 order by at desc limit 1',
      [at ?? null],
    )
  )[0];
}

/** The newest instants at which readings of one kind were taken. */
export async function lastReadings(tx: Transaction): Promise<{ [kept in Kept]: number | null }> {
  const rows = await tx.query<{ kept: Kept; at: number }>('select kept, max(at) as at from situation_reading group by kept');
  const of = (kept: Kept): number | null => rows.find((row) => row.kept === kept)?.at ?? null;
  return { now: of('now'), hour: of('hour'), day: of('day') };
}

/** What counted in a reading, as far as the scope shows: a page of organisations after one, by their ids. */
export async function partsAt(
  tx: Transaction,
  at: number,
  { after, limit }: { after: string; limit: number },
): Promise<SituationPart[]> {
  const rows = await tx.query<{ body: SituationPart }>(
    `select body from situation_part where from_at <= $1 and (until_at is null or until_at > $1) and organisation collate "C" > $2
     order by organisation collate "C" limit $3`,
    [at, after, limit],
  );
  return rows.map(({ body }) => body);
}

/** What came out at an instant for the places that the scope shows, the worst first: all but organisations, or organisations alone. */
export async function cellsAt(
  tx: Transaction,
  at: number,
  { organisations, limit }: { organisations: boolean; limit: number },
): Promise<SituationCell[]> {
  const rows = await tx.query<{ body: SituationCell }>(
    `select body from (select distinct on (dimension, key) body from situation_value
       where at <= $1 and (dimension = 'organisation') = $2 order by dimension, key, at desc) newest
     where body is not null order by (body->>'floor')::float8 desc, (body->>'ceiling')::float8 desc, body->>'key' limit $3`,
    [at, organisations, limit],
  );
  return rows.map(({ body }) => body);
}

/** What places were at an instant, as far as the scope shows. */
export async function cellsOfPlaces(tx: Transaction, places: readonly SituationPlace[], at: number): Promise<SituationCell[]> {
  const rows = await tx.query<{ body: SituationCell | null }>(
    `select v.body from unnest($1::text[], $2::text[]) as p(dimension, key), lateral
       (select body from situation_value v where v.dimension = p.dimension and v.key = p.key and v.at <= $3 order by v.at desc limit 1) v`,
    [places.map(({ dimension }) => dimension), places.map(({ key }) => key), at],
  );
  return rows.flatMap(({ body }) => body ?? []);
}

/** Names of those of the organisations that the scope shows. */
export async function organisationNames(tx: Transaction, ids: readonly string[]): Promise<Map<string, LocalText>> {
  const rows = await tx.query<{ id: string; name: LocalText }>('select id, name from organisation where id = any($1)', [ids]);
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** How a place went: what it was at the beginning, and each change until the end. */
export async function valuesOf(
  tx: Transaction,
  { dimension, key }: SituationPlace,
  { from, to, limit }: { from: number; to: number; limit: number },
): Promise<{ at: number; cell: SituationCell }[]> {
  const rows = await tx.query<{ at: number; body: SituationCell | null }>(
    `(select $3::float8 as at, body from situation_value where dimension = $1 and key = $2 and at <= $3 order by at desc limit 1)
     union all
     (select at, body from situation_value where dimension = $1 and key = $2 and at > $3 and at <= $4 order by at desc limit $5)
     order by at`,
    [dimension, key, from, to, limit],
  );
  return rows.flatMap(({ at, body }) => (body === null ? [] : [{ at, cell: body }]));
}

/**
 * Removes readings that were kept long enough, and what no reading shows any more. A value may not go while it still holds, so the newest one
 * before the oldest reading of each place stays.
 */
export async function tidyReadings(tx: Transaction, before: { [kept in Kept]: number }): Promise<void> {
  await tx.query(
    `delete from situation_reading where (kept = 'now' and at < $1) or (kept = 'hour' and at < $2) or (kept = 'day' and at < $3)`,
    [before.now, before.hour, before.day],
  );
  await tx.query(
    `delete from situation_part p where until_at is not null and until_at < $1
       and not exists (select from situation_reading r where r.at >= p.from_at and r.at < p.until_at)`,
    [before.now],
  );
  await tx.query(
    `delete from situation_value v using (select dimension, key, at, lead(at) over (partition by dimension, key order by at) as next
         from situation_value) n
     where n.dimension = v.dimension and n.key = v.key and n.at = v.at and n.next is not null and n.next < $1
       and not exists (select from situation_reading r where r.at >= n.at and r.at < n.next)`,
    [before.now],
  );
}
