/** Forecasts as they were made, and how they turned out. */

import type { KeptForecast } from '@forewarn/model/forecast';
import type { Transaction } from '../postgres/database.ts';

const columns = `f.id, f.incident, f.scheme, f.model, f.at, f.horizon as "horizonSeconds", f.due_at as "dueAt", f.now_level as "now", f.expected,
  f.lightest, f.gravest, f.courses, f.facts, f.scored_at as "scoredAt", f.actual, f.confirmed, f.outcomes`;

/** Two years of forecasts tell how well they do; older ones were made by another model. */
export const forecastsKeptSeconds = 730 * 86_400;
/** The newest that calibration is worked out of; ten thousand take some ten milliseconds, and more change no figure. */
const scoredMax = 10_000;
/** Of one incident, the newest that a page draws. */
const earlierMax = 60;

export const limits = [
  { name: 'forecasts.kept', value: forecastsKeptSeconds, unit: 'seconds', why: 'Two years tell how well forecasts do; older ones were made by another model.' },
  { name: 'forecasts.scored', value: scoredMax, unit: 'forecasts', why: 'The newest that calibration is worked out of; more change no figure.' },
]; // oxfmt-ignore

export type MadeForecast = Omit<KeptForecast, 'id' | 'scoredAt' | 'actual' | 'confirmed' | 'outcomes'>;

export async function addForecasts(tx: Transaction, made: readonly MadeForecast[]): Promise<void> {
  for (const one of made) {
    await tx.query(
      `insert into forecast (incident, scheme, model, at, horizon, due_at, now_level, expected, lightest, gravest, courses, facts)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        one.incident,
        one.scheme,
        one.model,
        one.at,
        one.horizonSeconds,
        one.dueAt,
        one.now,
        one.expected,
        one.lightest,
        one.gravest,
        JSON.stringify(one.courses),
        JSON.stringify(one.facts),
      ],
    );
  }
}

/** Incidents to forecast anew: open ones that changed since their newest forecast, or whose newest is older than `every` seconds. */
export async function incidentsToForecast(
  tx: Transaction,
  { at, every, apart, limit }: { at: number; every: number; apart: number; limit: number },
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `select i.id from incident i left join lateral (select max(at) as at from forecast f where f.incident = i.id) last on true
     where i.state = 'open' and (last.at is null or last.at <= $1::double precision - $2::double precision
       or (i.updated_at > last.at and last.at <= $1::double precision - $3::double precision))
     order by last.at nulls first, i.id limit $4`,
    [at, every, apart, limit],
  );
  return rows.map(({ id }) => id);
}

/** Forecasts whose moment was before `at` and that were not scored, the oldest first. */
export function forecastsToScore(tx: Transaction, at: number, limit: number): Promise<KeptForecast[]> {
  return tx.query<KeptForecast>(
    `select ${columns} from forecast f where f.scored_at is null and f.due_at <= $1 order by f.due_at, f.id limit $2`,
    [at, limit],
  );
}

export async function scoreForecast(
  tx: Transaction,
  id: string,
  { scoredAt, actual, confirmed, outcomes }: Pick<KeptForecast, 'scoredAt' | 'actual' | 'confirmed' | 'outcomes'>,
): Promise<void> {
  await tx.query('update forecast set scored_at = $2, actual = $3, confirmed = $4, outcomes = $5 where id = $1', [
    id,
    scoredAt,
    actual,
    confirmed,
    JSON.stringify(outcomes),
  ]);
}

/** Of one incident, the newest first. */
export function forecastsOf(tx: Transaction, incident: string): Promise<KeptForecast[]> {
  return tx.query<KeptForecast>(
    `select ${columns} from forecast f where f.incident = $1 order by f.at desc, f.horizon limit ${earlierMax}`,
    [incident],
  );
}

/** The newest forecasts of each of the incidents, by horizon. */
export async function newestForecasts(tx: Transaction, incidents: readonly string[]): Promise<Map<string, KeptForecast[]>> {
  const rows = await tx.query<KeptForecast>(
    `select ${columns} from forecast f join (select incident, max(at) as at from forecast where incident = any($1) group by incident) last
       on last.incident = f.incident and last.at = f.at
     order by f.incident, f.horizon`,
    [incidents],
  );
  const byIncident = new Map<string, KeptForecast[]>(incidents.map((id) => [id, []]));
  for (const row of rows) byIncident.get(row.incident)!.push(row);
  return byIncident;
}

/** Scored ones of a scheme that were confirmed, the newest first; and how many were not, and how many wait. */
export async function scoredForecasts(
  tx: Transaction,
  scheme: string,
  since: number,
): Promise<{ items: KeptForecast[]; unconfirmed: number; waiting: number }> {
  const items = await tx.query<KeptForecast>(
    `select ${columns} from forecast f where f.scheme = $1 and f.scored_at is not null and f.confirmed and f.due_at >= $2
     order by f.due_at desc, f.id limit ${scoredMax}`,
    [scheme, since],
  );
  const [counts] = await tx.query<{ unconfirmed: number; waiting: number }>(
    `select (count(*) filter (where scored_at is not null and not confirmed))::int as unconfirmed,
       (count(*) filter (where scored_at is null))::int as waiting from forecast where scheme = $1 and due_at >= $2`,
    [scheme, since],
  );
  return { items, ...counts! };
}

/** When each incident was contained or closed first after a moment, as its timeline has it. */
export async function endsOf(tx: Transaction, incidents: readonly string[]): Promise<Map<string, number[]>> {
  const rows = await tx.query<{ incident: string; at: number }>(
    `select incident, at from timeline where incident = any($1) and kind = 'state' and reference in ('contained', 'closed') order by at`,
    [incidents],
  );
  const byIncident = new Map<string, number[]>();
  for (const { incident, at } of rows) byIncident.set(incident, [...(byIncident.get(incident) ?? []), at]);
  return byIncident;
}

/** Numbers of incidents that the scope shows. */
export async function numbersOf(tx: Transaction, incidents: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ id: string; number: string }>('select id, number from incident where id = any($1)', [incidents]);
  return new Map(rows.map(({ id, number }) => [id, number]));
}

/** Forgets what is older than it is kept; at most so many at a time. */
export async function forgetForecasts(tx: Transaction, before: number, limit: number): Promise<void> {
  await tx.query('delete from forecast where id in (select id from forecast where due_at < $1 order by due_at limit $2)', [
    before,
    limit,
  ]);
}
