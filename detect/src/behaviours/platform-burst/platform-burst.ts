/** Bursts on a social platform, counted over all of its accounts: registrations, refused sign-ins, signs of takeover, scraping, failing federation. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { RecordReference } from '@forewarn/model/finding';
import type { AnyRecord } from '@forewarn/model/records/record';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, hourOf } from '../behaviour.ts';

/** Platforms and what is counted of them; a country's operators have some hundreds of realms. About 40 KB each when full: 40 MB. */
const seriesMax = 1_000;

/** Intervals that are compared: two days of ten minutes each, so that every hour of the day is among them. */
const intervalsMax = 288;

/** Addresses that are told apart in one interval; when there are more, it is no single one. */
const addressesMax = 256;

/** Intervals whose addresses are remembered: as late as records come, and more. */
const detailedMax = 6;

const referencesMax = 100;

/** A day: how late the first records of a platform's log may come. */
const lateMax = 86_400;

export type Kind = 'registration' | 'refused-sign-in' | 'takeover' | 'rate-limited' | 'federation';

/** What changes the keys to an account; whoever takes it over does these first. */
const takeovers = new Set(['password-change', 'email-change', 'second-factor-removed']);

/** What an event counts as; most count as nothing. */
export function kindOf(log: string, record: AnyRecord): Kind | undefined {
  const { 'event.action': action, 'event.outcome': outcome } = record;
  if (log === 'federation') return outcome === 'failure' ? 'federation' : undefined;
  if (action === 'rate-limited') return 'rate-limited';
  if (action === 'sign-in') return outcome === 'failure' ? 'refused-sign-in' : undefined;
  if (outcome === 'failure') return undefined;
  if (action === 'registration') return 'registration';
  return typeof action === 'string' && takeovers.has(action) ? 'takeover' : undefined;
}

const techniques: { readonly [kind in Kind]: readonly [technique: readonly string[], tactic: string] } = {
  registration: [['T1585.001'], 'resource-development'],
  'refused-sign-in': [['T1110'], 'credential-access'],
  takeover: [['T1098'], 'persistence'],
  'rate-limited': [['T1593.001'], 'reconnaissance'],
  federation: [[], 'impact'],
};

type Interval = { count: number; told: number; addresses: Map<string, number> | undefined; references: RecordReference[] };

type Series = {
  first: Seconds;
  newest: number;
  intervals: Map<number, Interval>;
  /** What is usual beside an interval, until there is another one: in a flood it is asked for with every event. */
  usual: { of: number; size: number; usual: number; watched: number } | undefined;
};

export const platformBurst = behaviour({
  id: 'platform-burst',
  technique: ['T1098', 'T1110', 'T1585.001', 'T1593.001'],
  logs: ['platform_event', 'federation'],
  parameters: ['interval', 'watchedMin', 'burstMin', 'usualShare', 'factor', 'highFactor'],
  start({ parameters, rule, sight }) {
    const all = new BoundedMap<string, Series>(seriesMax);
    /** Since when a platform's log comes: an hour in which nothing was counted has been watched too. */
    const since = new BoundedMap<string, Seconds>(seriesMax);

    /** The count that so many of the other intervals do not exceed; those without an event count too. */
    const usualOf = (series: Series, except: number): { usual: number; watched: number } => {
      const known = series.usual;
      if (known?.of === except && known.size === series.intervals.size) return known;
      const from = Math.max(Math.floor(series.first / parameters.interval), series.newest - intervalsMax + 1);
      const watched = Math.max(0, series.newest - from);
      const counts: number[] = [];
      for (const [number, { count }] of series.intervals) if (number !== except && number >= from) counts.push(count);
      counts.sort((a, b) => a - b);
      const empty = Math.max(0, watched - counts.length);
      const place = Math.ceil(parameters.usualShare * watched) - 1 - empty;
      const usual = place < 0 ? 0 : (counts[Math.min(place, counts.length - 1)] ?? 0);
      series.usual = { of: except, size: series.intervals.size, usual, watched };
      return series.usual;
    };

    const trim = (series: Series): void => {
      for (const [number, interval] of series.intervals) {
        if (number <= series.newest - intervalsMax) series.intervals.delete(number);
        else if (number <= series.newest - detailedMax) {
          interval.addresses = undefined;
          interval.references = [];
        }
      }
    };

    return {
      evictions: () => all.evictions + since.evictions,
      push(log, record) {
        const kind = kindOf(log, record);
        const { ts, 'service.type': service, realm, hostname, 'source.ip': address, uid } = record;
        if (typeof ts !== 'number' || !Number.isFinite(ts) || ts < 0) return;
        const platform = nameOf(service, realm, hostname);
        const source = `${log} ${platform}`;
        const seenSince = since.touch(source) ?? ts;
        // Logs come in pieces and late, but not by more; an older time is a wrong clock.
        const first = seenSince - ts > lateMax ? seenSince : Math.min(seenSince, ts);
        since.set(source, first);
        if (!kind) return;
        const key = `${kind} ${platform}`;
        const number = Math.floor(ts / parameters.interval);
        let series = all.touch(key);
        if (!series) {
          series = { first, newest: number, intervals: new Map(), usual: undefined };
          all.set(key, series);
        }
        // One event from far ahead would make all others old.
        if (number > series.newest + intervalsMax && series.intervals.size > 0) series.intervals.clear();
        series.first = Math.min(series.first, first);
        if (number <= series.newest - intervalsMax) return;
        let interval = series.intervals.get(number);
        if (!interval) {
          interval = { count: 0, told: 0, addresses: new Map(), references: [] };
          series.intervals.set(number, interval);
          series.newest = Math.max(series.newest, number);
          trim(series);
        }
        interval.count++;
        if (typeof address === 'string' && interval.addresses) {
          const known = interval.addresses.get(address);
          if (known !== undefined || interval.addresses.size < addressesMax) interval.addresses.set(address, (known ?? 0) + 1);
        }
        const reference: RecordReference = { log, uid: typeof uid === 'string' ? uid.slice(0, 64) : '', ts };
        if (interval.references.length < referencesMax) interval.references.push(reference);
        if (interval.count < parameters.burstMin) return;
        const { usual, watched } = usualOf(series, number);
        if (watched * parameters.interval < parameters.watchedMin || interval.count < parameters.factor * Math.max(1, usual))
          return;
        const begun = interval.told > 0;
        const newly = interval.count - interval.told;
        interval.told = interval.count;
        const [top, most] = mostOf(interval.addresses);
        const isOne = top !== undefined && most * 2 > interval.count;
        const [technique, tactic] = techniques[kind];
        sight({
          rule,
          subject: key,
          window: hourOf(number * parameters.interval),
          from: number * parameters.interval,
          to: ts,
          technique,
          tactic: [tactic],
          level: interval.count >= parameters.highFactor * Math.max(1, usual) ? 'high' : 'medium',
          confidence: 0.6,
          explanation: {
            text: isOne ? 'detect.platform-burst.one' : 'detect.platform-burst.many',
            values: {
              platform,
              what: { text: `detect.platform-burst.${kind}` },
              count: interval.count,
              minutes: Math.round(parameters.interval / 60),
              usual,
              share: Math.round(100 * parameters.usualShare),
              hours: Math.round((watched * parameters.interval) / 3600),
              addresses: interval.addresses?.size ?? 0,
              address: top ?? '',
              most,
            },
          },
          source: isOne ? top : platform,
          targets: isOne ? [platform] : [],
          names: [],
          records: begun ? [reference] : interval.references,
          recordCount: newly,
          harm: kind === 'federation' ? 'availability' : null,
        });
      },
      advance() {
        // What is usual is worth remembering for as long as there is room.
      },
    };
  },
});

/** `mastodon` or, where it says which of several, `keycloak test`. */
function nameOf(...parts: readonly AnyRecord[string][]): string {
  const [service, realm, host] = parts.map((part) => (typeof part === 'string' ? part.slice(0, 128).replaceAll(' ', '_') : ''));
  return [service === '' ? 'platform' : service, realm === '' ? host : realm].filter((part) => part !== '').join(' ');
}

function mostOf(addresses: ReadonlyMap<string, number> | undefined): [address: string | undefined, count: number] {
  let top: string | undefined;
  let most = 0;
  for (const [address, count] of addresses ?? []) if (count > most) [top, most] = [address, count];
  return [top, most];
}
