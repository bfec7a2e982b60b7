/**
 * Which logs have records of whom in which hours of time: a page lists the logs of a range, and to ask each log's table costs some milliseconds,
 * of thirty logs most of what a page may take. An hour that has records keeps them, and a batch that comes again changes nothing, so it is
 * enough to remember hours. Bounded: some bytes for each day, log and whose records they are.
 */

import type { RecordRange, RecordScope } from './scope.ts';

/** Whose records: what a scope tells apart. */
export type Owner = { readonly organisation: string; readonly link: string | null; readonly marking: string };

/** Of a log and an owner: for each day, a bit for each of its hours; and the newest instant that came while we watched. */
type Hours = { readonly owner: Owner; readonly days: Map<number, number>; newest: number; told: boolean };

/** Ten years of days. Captures may claim any time, and beyond this nothing more is remembered: the table is asked. */
const daysMax = 3_653;
/** Of the records of one owner and log that were there before: the hours of as many days. */
export const hoursMax = daysMax * 24;

const hourSeconds = 3_600;

export class Presence {
  readonly #logs = new Map<string, Map<string, Hours>>();
  /** Logs of which everything that was there before is known. */
  readonly #known = new Set<string>();

  #hoursOf(log: string, owner: Owner): Hours {
    let owners = this.#logs.get(log);
    if (!owners) this.#logs.set(log, (owners = new Map()));
    const key = JSON.stringify([owner.organisation, owner.link, owner.marking]);
    let hours = owners.get(key);
    if (!hours) owners.set(key, (hours = { owner, days: new Map(), newest: -Infinity, told: true }));
    return hours;
  }

  /** Records of an owner at some instants came, or are about to. */
  add(log: string, owner: Owner, instants: Iterable<number>): void {
    const hours = this.#hoursOf(log, owner);
    let before = NaN;
    for (const instant of instants) {
      if (instant > hours.newest) hours.newest = instant;
      const hour = Math.floor(instant / hourSeconds);
      if (hour === before) continue;
      before = hour;
      this.#set(hours, hour);
    }
  }

  /** What a log's table held when it was opened: its owners, and the hours in which each has records. */
  know(log: string, found: readonly { owner: Owner; hours: readonly number[] }[]): void {
    for (const { owner, hours } of found) {
      const all = this.#hoursOf(log, owner);
      for (const hour of hours) this.#set(all, hour);
    }
    this.#known.add(log);
  }

  #set(hours: Hours, hour: number): void {
    const day = Math.floor(hour / 24);
    const bits = hours.days.get(day);
    if (bits === undefined && hours.days.size >= daysMax) hours.told = false;
    else hours.days.set(day, (bits ?? 0) | (1 << (hour - day * 24)));
  }

  /** Whether a log has records in a range that a scope lets through; undefined: its table must be asked. */
  has(log: string, scope: RecordScope, range: RecordRange): boolean | undefined {
    if (!this.#known.has(log)) return undefined;
    let perhaps = false;
    for (const { owner, days, newest, told } of this.#logs.get(log)?.values() ?? []) {
      if (!isIn(owner, scope)) continue;
      if (newest >= range.from && newest < range.to) return true;
      if (!told) perhaps = true;
      for (const [day, bits] of daysBetween(days, range)) {
        for (let hour = 0; hour < 24; hour++) {
          if ((bits & (1 << hour)) === 0) continue;
          const from = (day * 24 + hour) * hourSeconds;
          if (from >= range.from && from + hourSeconds <= range.to) return true;
          if (from + hourSeconds > range.from && from < range.to) perhaps = true;
        }
      }
    }
    return perhaps ? undefined : false;
  }
}

function* daysBetween(days: ReadonlyMap<number, number>, range: RecordRange): Iterable<readonly [number, number]> {
  const first = Math.floor(range.from / (24 * hourSeconds));
  const last = Math.floor(range.to / (24 * hourSeconds));
  if (last - first >= days.size) {
    for (const entry of days) if (entry[0] >= first && entry[0] <= last) yield entry;
    return;
  }
  for (let day = first; day <= last; day++) {
    const bits = days.get(day);
    if (bits !== undefined) yield [day, bits];
  }
}

/** As `scopeSql` lets through. */
function isIn({ organisation, link, marking }: Owner, scope: RecordScope): boolean {
  if (scope === 'all') return true;
  if (!scope.organisations.includes(organisation)) return false;
  if (scope.links && (link === null || !scope.links.includes(link))) return false;
  return !scope.markings || (scope.markings as readonly string[]).includes(marking);
}
