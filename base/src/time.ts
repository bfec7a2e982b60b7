/**
 * Instants and spans. Inside the product an instant is a number of seconds since 1970-01-01T00:00:00Z with
 * microseconds in the fraction (as Zeek's `ts`), and on every border an RFC 3339 text in UTC. A double carries
 * microseconds exactly until the year 2255.
 */

import { Refusal } from './refusal.ts';

/** Seconds since the epoch, UTC. */
export type Seconds = number;

/** RFC 3339 in UTC with milliseconds: `2025-11-01T00:00:00.000Z`. */
export function formatInstant(at: Seconds): string {
  return new Date(Math.round(at * 1000)).toISOString();
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Reads RFC 3339 with an explicit offset; refuses a local time, because a deadline without a zone is a guess. */
export function parseInstant(text: string, field?: string): Seconds {
  const ms = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new Refusal('time.instant', `"${text}" is not an instant.`, {
      ...(field === undefined ? {} : { place: { field } }),
      advice: 'Write it as 2026-11-22T08:00:00Z or with an offset such as +08:00.',
    });
  }
  return ms / 1000;
}

const SPAN = /^P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Reads an ISO 8601 span of days, hours, minutes and seconds (`PT72H`, `P30D`); months and years have no length. */
export function parseSpan(text: string, field?: string): Seconds {
  const match = SPAN.exec(text);
  if (!match || text === 'P' || text.endsWith('T')) {
    throw new Refusal('time.span', `"${text}" is not a span of time.`, {
      ...(field === undefined ? {} : { place: { field } }),
      advice: 'Write it as PT72H, PT30M or P30D.',
    });
  }
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [number, number, number, number];
  return days * 86_400 + hours * 3_600 + minutes * 60 + seconds;
}

/** A source of the present. Everything below `apps` receives one, so that a replay is exact. */
export type Clock = { now(): Seconds };
