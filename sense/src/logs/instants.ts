/** Instants as logs write them. */

import type { Seconds } from '@forewarn/base/time';

const written =
  /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s?(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i;

/**
 * RFC 3339, ISO 8601 with a comma or a space, with or without a zone (then UTC), to the microsecond. `undefined` when it is none: a date that no
 * calendar has is none either.
 */
export function instantOfText(text: string): Seconds | undefined {
  const parts = text.length <= 40 ? written.exec(text) : null;
  if (!parts) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = parts;
  return instantOf({
    year: Number(year),
    month: Number(month),
    day: Number(day),
    seconds: Number(hour) * 3600 + Number(minute) * 60 + Number(second),
    fraction: fraction === '' ? 0 : Math.round(Number(`0.${fraction}`) * 1e6) / 1e6,
    zoneSeconds: zoneSeconds(zone),
  });
}

/** `+0100`, `-05:00`, `Z` → seconds east of Greenwich. */
export function zoneSeconds(zone: string): number {
  const parts = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (!parts) return 0;
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 3600 + Number(parts[3]) * 60);
}

/** A date and the seconds of its day. `undefined` where the calendar has none; a leap second (60) is the next one's first. */
export function instantOf(of: {
  year: number;
  month: number;
  day: number;
  seconds: number;
  fraction: number;
  zoneSeconds: number;
}): Seconds | undefined {
  if (of.month < 1 || of.month > 12 || of.day < 1 || of.day > 31 || of.seconds > 86_400) return undefined;
  const date = new Date(Date.UTC(of.year, of.month - 1, of.day));
  // Years before 100 are taken for those of the last century.
  if (of.year < 100) date.setUTCFullYear(of.year, of.month - 1, of.day);
  if (date.getUTCDate() !== of.day) return undefined;
  const whole = date.getTime() / 1000 + of.seconds - of.zoneSeconds;
  return of.fraction === 0 ? whole : Math.round((whole + of.fraction) * 1e6) / 1e6;
}

const secondsOfDay = 86_400;

/** An instant whose line does not name the year: of the years in which it is not later than `at`, the last. */
export function instantBefore(of: Omit<Parameters<typeof instantOf>[0], 'year'>, at: Seconds | undefined): Seconds | undefined {
  if (at === undefined) return undefined;
  const year = new Date(at * 1000).getUTCFullYear();
  // A day's tolerance for clocks, and for zones that the line does not name; on New Year's Eve next year's may be right.
  for (const candidate of [year + 1, year, year - 1]) {
    const ts = instantOf({ ...of, year: candidate });
    if (ts !== undefined && ts <= at + secondsOfDay) return ts;
  }
  return undefined;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** `Oct` → 10; 0 when it is no month. */
export const monthOf = (name: string): number => months.indexOf(name.toLowerCase()) + 1;

/** Later than any instant in seconds (the year 5138), earlier than any in milliseconds that a log of ours has (1973). */
const secondsMax = 1e11;

/** A number as instants are counted by logs: seconds, milliseconds, microseconds or nanoseconds since 1970, told by their size. */
export function instantOfNumber(value: number): Seconds | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined;
  if (value < secondsMax) return value;
  if (value < secondsMax * 1e3) return value / 1e3;
  if (value < secondsMax * 1e6) return value / 1e6;
  return value < secondsMax * 1e9 ? Math.round(value / 1e3) / 1e6 : undefined;
}

/** Of a number, of a text that is a number, or of a written instant. */
export function instantOfValue(value: unknown): Seconds | undefined {
  if (typeof value === 'number') return instantOfNumber(value);
  if (typeof value !== 'string') return undefined;
  if (/^\d{9,19}(?:\.\d{1,9})?$/.test(value)) return instantOfNumber(Number(value));
  return instantOfText(value);
}

/** Rounded to microseconds as `printf` does it, a half to the even side. */
export function microseconds(value: number): number {
  if (Number.isInteger(value) || Math.abs(value) > 2 ** 33) return value;
  const whole = Math.floor(Math.abs(value) * 1e6);
  const half = Math.abs(value) * 1e6 - whole;
  return (Math.sign(value) * (whole + (half > 0.5 || (half === 0.5 && whole % 2 === 1) ? 1 : 0))) / 1e6;
}
