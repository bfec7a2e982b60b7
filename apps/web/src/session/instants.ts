/** Instants and spans as people read them. Twenty-four hours, seconds, and the zone is always said somewhere near. */

import { useMemo } from 'react';
import { useTexts, type Texts } from './language.tsx';
import { useZone } from './view.ts';

export type Zone = 'utc' | 'local';

export function zoneName(zone: Zone): string {
  if (zone === 'utc') return 'UTC';
  const minutes = -new Date().getTimezoneOffset();
  if (minutes === 0) return 'UTC+0';
  const hours = Math.trunc(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}

const two = (value: number) => String(value).padStart(2, '0');

/** `2026-11-22 03:04:05`: the one form that sorts, copies and reads alike in both languages. */
export function writeInstant(ms: number, zone: Zone, digits: 0 | 3 | 6 = 0): string {
  if (!Number.isFinite(ms)) return '–';
  const shifted = new Date(zone === 'utc' ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000);
  if (Number.isNaN(shifted.getTime())) return '–';
  const base = `${shifted.getUTCFullYear()}-${two(shifted.getUTCMonth() + 1)}-${two(shifted.getUTCDate())} ${two(shifted.getUTCHours())}:${two(shifted.getUTCMinutes())}:${two(shifted.getUTCSeconds())}`;
  if (digits === 0) return base;
  const fraction = (((ms / 1000) % 1) + 1) % 1;
  return base + fraction.toFixed(digits).slice(1);
}

/** What a field `datetime-local` takes: the instant in a zone, to the second. */
export const writeField = (ms: number, zone: Zone): string => writeInstant(ms, zone).replace(' ', 'T');

/** The instant that a field `datetime-local` gives, typed in a zone; null while it is not whole. */
export function instantOfField(text: string, zone: Zone): string | null {
  const ms = Date.parse(zone === 'utc' ? `${text}Z` : text);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

/** The last second of a day (`2026-11-23`) in a zone; null where there is no such day. */
export const endOfDay = (day: string, zone: Zone): string | null =>
  /^\d{4}-\d\d-\d\d$/.test(day) ? instantOfField(`${day}T23:59:59`, zone) : null;

export type Instants = {
  zone: Zone;
  /** Date and time to the second. */
  full: (instant: string | number) => string;
  /** The time alone when it is today, else month-day and minutes. */
  short: (instant: string | number) => string;
  /** With microseconds, for records. */
  exact: (seconds: number) => string;
};

const msOf = (instant: string | number) => (typeof instant === 'number' ? instant : Date.parse(instant));

export function useInstants(): Instants {
  const zone = useZone();
  return useMemo(
    () => ({
      zone,
      full: (instant) => writeInstant(msOf(instant), zone),
      short: (instant) => {
        const text = writeInstant(msOf(instant), zone);
        return text.slice(0, 10) === writeInstant(Date.now(), zone).slice(0, 10) ? text.slice(11) : text.slice(5, 16);
      },
      exact: (seconds) => writeInstant(seconds * 1000, zone, 6),
    }),
    [zone],
  );
}

/** A span in its two greatest units. */
export function span(seconds: number, { t, n }: Pick<Texts, 't' | 'n'>): string {
  const s = Math.max(0, Math.round(seconds));
  if (s > 86_400) {
    const hours = Math.floor((s % 86_400) / 3600);
    return hours === 0
      ? t('web.span.days', { days: n(Math.floor(s / 86_400)) })
      : t('web.span.daysHours', { days: n(Math.floor(s / 86_400)), hours });
  }
  if (s >= 3600) {
    const minutes = Math.floor((s % 3600) / 60);
    return minutes === 0
      ? t('web.span.hours', { hours: Math.floor(s / 3600) })
      : t('web.span.hoursMinutes', { hours: Math.floor(s / 3600), minutes });
  }
  if (s >= 60) {
    const rest = s % 60;
    return rest === 0
      ? t('web.span.minutes', { minutes: Math.floor(s / 60) })
      : t('web.span.minutesSeconds', { minutes: Math.floor(s / 60), seconds: rest });
  }
  return t('web.span.seconds', { seconds: s });
}

export function useSpan(): (seconds: number) => string {
  const texts = useTexts();
  return (seconds) => span(seconds, texts);
}

/** A countdown's figures: `03:59:07`, with days before them when there are any. */
export function figures(seconds: number, { t }: Pick<Texts, 't'>): string {
  const s = Math.abs(Math.trunc(seconds));
  const clock = `${two(Math.floor((s % 86_400) / 3600))}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
  return s >= 86_400 ? t('web.span.daysClock', { days: Math.floor(s / 86_400), clock }) : clock;
}
