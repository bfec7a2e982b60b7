/**
 * Correlations on a stream of records: the engine of `model/query/window.ts`, where it stands what they mean. What is the stream's own:
 *
 * - *Late events* are put where they belong, and all windows with them are looked at again, as long as they come within `lateness` of record time,
 *   and at most `lateWindowsMax` windows for one. What comes later is looked at as far as its window is still there.
 * - A window with an upper bound is judged when its time and that of late events is over. A chain of it hears of it then, at the instant of its
 *   newest event, so it waits that much longer for its own.
 * - Of a group the newest `groupEventsMax` events are kept, of all groups together `eventsMax`, and `groupsMax` groups; what goes is counted.
 * - Of events that are not the newest of their group the records are not kept, but for the fields that chains ask for. What a late event makes
 *   hold is told with the newest record that is still there.
 * - Chains that count hear of a window once a time span of its own, in the order in which it held here; what is stored knows the order of time alone.
 */

import type { Seconds } from '@forewarn/base/time';
import { numberOf as decimalOf } from '@forewarn/model/query/evaluate';
import { counts, holds, isClosing, isNumeric, type WindowShape } from '@forewarn/model/query/window';
import type { AnyRecord } from '@forewarn/model/records/record';
import { BoundedMap } from '../bounded.ts';
import type { Listened, ResolvedCorrelation } from './collection.ts';
import { groupEventsMax } from './correlation.ts';

/** What runs here: a correlation, by the ids of what it listens to. */
export type Correlating = WindowShape & { readonly id: string; readonly listens: ReadonlyMap<string, Listened> };

/** What holds at a record. */
export type Correlated<C extends Correlating = ResolvedCorrelation> = {
  correlation: C;
  /** Values of the fields to group by. */
  group: readonly (string | number | boolean)[];
  /** What was compared with the condition. */
  number: number;
  /** Of the window; references as they were given, the first and the newest. */
  from: Seconds;
  to: Seconds;
  references: readonly unknown[];
  /** Events of the window that no earlier telling had. */
  fresh: number;
  /** The record at which it holds. */
  log: string;
  record: AnyRecord;
};

export type Correlator = {
  /** The rule holds for the record. `reference` names the record in what is told. */
  push(rule: string, log: string, record: AnyRecord, reference: () => unknown): void;
  /** Record time has come to `ts`: windows that are over are judged, and what no window can need is forgotten. */
  advance(ts: Seconds): void;
  /** No more records: all windows are over. */
  end(): void;
  /** Groups and events that had to go before their time. */
  readonly evictions: () => number;
};

export type CorrelatorOptions<C extends Correlating = ResolvedCorrelation> = {
  /** How late an event may come, in record time. */
  lateness: Seconds;
  tell: (correlated: Correlated<C>) => void;
};

/** Groups of all correlations together: some 300 bytes each when small. */
const groupsMax = 100_000;

/** Events of all groups together: about 150 bytes each, so at most 150 MB. */
const eventsMax = 1_000_000;

/** Windows that are looked at again for one late event. */
const lateWindowsMax = 1_000;

/** What is told of a window names so many records at most. */
const referencesMax = 100;

type Event = {
  ts: Seconds;
  /** What is counted: the rule's place, a value, or a number. */
  key: string | number;
  reference: unknown;
  told: boolean;
  log: string;
  /** Of the newest instant of a window alone, and else what chains ask for: a record is ten times as large as all else. */
  record: AnyRecord | undefined;
  /** Chains have heard of it. */
  handedOn: boolean;
};

/** The event at which something holds. */
type Told = Event & { record: AnyRecord };

/** The events of one group, in order of time. */
class Group {
  readonly values: readonly (string | number | boolean)[];
  events: Event[] = [];
  /** The first event of the window that ends with the newest. */
  first = 0;
  /** How often each key is in that window. */
  readonly counts = new Map<string | number, number>();
  sum = 0;
  /** temporal_ordered: the latest possible begin of a chain that has come to each rule, and which rules the newest instant has. */
  chain: Float64Array | undefined;
  readonly instant = { ts: -Infinity, rules: new Set<number>() };
  /** Where the window begins that the newest event is in, if it must be over to be judged. */
  begin = -Infinity;
  /** When it last told a correlation that counts. */
  handedOn = -Infinity;

  constructor(values: readonly (string | number | boolean)[]) {
    this.values = values;
  }

  take({ key }: Event): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    if (typeof key === 'number') this.sum += key;
  }

  leave({ key }: Event): void {
    const left = this.counts.get(key)! - 1;
    if (left > 0) this.counts.set(key, left);
    else this.counts.delete(key);
    // Nothing is left of sums of nothing.
    if (typeof key === 'number') this.sum = this.counts.size === 0 ? 0 : this.sum - key;
  }
}

type Running<C> = {
  correlation: C;
  listened: Listened;
  /** Its place in the order of the correlations, and how long it waits for late events. */
  place: number;
  lateness: Seconds;
};

/** Runs correlations, given each after those that it listens to. */
export function createCorrelator<C extends Correlating>(correlations: readonly C[], options: CorrelatorOptions<C>): Correlator {
  const { tell } = options;
  const listeners = new Map<string, Running<C>[]>();
  // A window that must be over is told when it is, to chains that wait so much longer.
  const waits = new Map<string, Seconds>();
  const byId = new Map(correlations.map((correlation) => [correlation.id, correlation]));
  for (const [place, correlation] of correlations.entries()) {
    let lateness = options.lateness;
    for (const id of correlation.listens.keys()) {
      const heard = byId.get(id);
      if (heard) lateness = Math.max(lateness, waits.get(id)! + (isClosing(heard) ? heard.seconds : 0));
    }
    waits.set(correlation.id, lateness);
    for (const [id, listened] of correlation.listens) {
      const running = { correlation, listened, place, lateness };
      const own = listeners.get(id);
      if (own) own.push(running);
      else listeners.set(id, [running]);
    }
  }
  const asked = fieldsOfChains(correlations, listeners);
  /** Leaves of a record what chains ask for. */
  const release = ({ id }: C, event: Event): void => {
    const names = asked.get(id);
    const { record } = event;
    if (!names || !record) event.record = undefined;
    else event.record = Object.fromEntries(names.flatMap((name) => (name in record ? [[name, record[name]]] : [])));
  };
  /** The instant is over: what holds later holds at other records. */
  const leaveInstant = (correlation: C, of: readonly Event[], ts: Seconds): void => {
    for (let i = of.length - 1; i >= 0 && of[i]!.ts === ts; i--) release(correlation, of[i]!);
  };
  /** Some chain hears of windows that are over, so the groups are gone through in the order of the correlations. */
  const inOrder = correlations.some(({ id }) => listeners.has(id) && isClosing(byId.get(id)!));
  let now = -Infinity;
  let events = 0;
  let cut = 0;
  const groups = new BoundedMap<string, { running: Running<C>; group: Group }>(groupsMax, (_, { group }) => {
    events -= group.events.length;
  });

  function push(rule: string, log: string, record: AnyRecord, reference: () => unknown): void {
    const own = listeners.get(rule);
    const { ts } = record;
    if (!own || typeof ts !== 'number' || !Number.isFinite(ts)) return;
    for (const running of own) pushTo(running, ts, log, record, reference);
  }

  function pushTo(running: Running<C>, ts: Seconds, log: string, record: AnyRecord, reference: () => unknown): void {
    const { by, values: looked } = running.listened.namesOf(log);
    const values = by.map((name) => scalar(record[name]));
    if (values.includes(undefined)) return;
    const key = keyOf(running, looked, record);
    if (key === undefined) return;
    const event = { ts, key, reference: reference(), told: false, log, record, handedOn: false };
    add(running, values as (string | number | boolean)[], event);
  }

  function add(running: Running<C>, values: readonly (string | number | boolean)[], event: Event): void {
    const { correlation, lateness } = running;
    // Too late for any window that is still open.
    if (event.ts < now - lateness - correlation.seconds) return;
    const name = JSON.stringify([correlation.id, ...values.map(String)]);
    let entry = groups.touch(name);
    if (!entry) groups.set(name, (entry = { running, group: new Group(values) }));
    const { group } = entry;
    events++;
    const own = group.events;
    const isNewest = own.length === 0 || own.at(-1)!.ts <= event.ts;
    const before = own.at(-1);
    if (isClosing(correlation)) {
      if (isNewest) {
        if (event.ts > group.begin + correlation.seconds) group.begin = event.ts;
        else if (before) release(correlation, before);
        own.push(event);
      } else own.splice(after(own, event.ts), 0, event);
    } else if (isNewest) {
      // Only the newest instant can still become that at which something holds.
      if (before && before.ts < event.ts) leaveInstant(correlation, own, before.ts);
      own.push(event);
      group.take(event);
      slide(correlation, group, event.ts);
      forget(running, group);
      look(correlation, group, own.length - 1);
    } else addLate(correlation, group, event);
    if (own.length > groupEventsMax) {
      cut++;
      dropFirst(group, 1);
    }
    while (events > eventsMax) {
      const [oldest, { group: old }] = groups.entries().next().value!;
      cut += old.events.length;
      events -= old.events.length;
      groups.delete(oldest);
    }
  }

  /** Moves the window's begin to what lies within the time span of its end. */
  function slide({ seconds }: C, group: Group, end: Seconds): void {
    while (group.events[group.first]!.ts < end - seconds) group.leave(group.events[group.first++]!);
  }

  /** Forgets what late events cannot need either. */
  function forget({ correlation: { seconds }, lateness }: Running<C>, group: Group): void {
    const oldest = Math.min(now, group.events.at(-1)!.ts) - seconds - lateness;
    let gone = 0;
    while (gone < group.first && group.events[gone]!.ts < oldest) gone++;
    // In portions: taking one off the front of a list moves all the others.
    if (gone > 64 && gone * 2 > group.events.length) dropFirst(group, gone);
  }

  function dropFirst(group: Group, count: number): void {
    for (let i = group.first; i < count; i++) group.leave(group.events[i]!);
    group.events.splice(0, count);
    group.first = Math.max(0, group.first - count);
    events -= count;
  }

  function addLate(correlation: C, group: Group, event: Event): void {
    const own = group.events;
    const at = after(own, event.ts);
    own.splice(at, 0, event);
    if (at >= group.first) {
      if (event.ts >= own.at(-1)!.ts - correlation.seconds) group.take(event);
      else group.first++;
    } else group.first++;
    group.chain = undefined;
    // Each window that ends no later than the time span after it has it now.
    let looked = 0;
    for (let end = at; end < own.length && own[end]!.ts <= event.ts + correlation.seconds && looked < lateWindowsMax; end++) {
      if (own[end + 1]?.ts === own[end]!.ts) continue;
      looked++;
      const window = new Group(group.values);
      window.events = own.slice(0, end + 1);
      const from = own[end]!.ts - correlation.seconds;
      while (window.events[window.first]!.ts < from) window.first++;
      for (let i = window.first; i <= end; i++) window.take(window.events[i]!);
      const number = numberAt(correlation, window);
      if (number !== undefined) tellOf(correlation, group, window.first, end, number);
    }
    if (own.at(-1) !== event) release(correlation, event);
  }

  /** What the condition is about, of the window that ends with the event; undefined where it has none. */
  function numberOf(correlation: C, group: Group, event: Event): number | undefined {
    const size = group.events.length - group.first;
    switch (correlation.type) {
      case 'event_count':
        return size;
      case 'value_count':
      case 'temporal':
        return group.counts.size;
      case 'value_sum':
        return group.sum;
      case 'value_avg':
        return group.sum / size;
      case 'value_percentile':
        if (correlation.percentile === undefined) return (100 * group.counts.get(event.key)!) / size;
        return percentileOf(group.counts, size, correlation.percentile);
      default:
        return chained(correlation, group) ? correlation.listens.size : undefined;
    }
  }

  /** Whether the newest event ends a chain of all rules in their order, within the time span. */
  function chained({ listens, seconds }: C, group: Group): boolean {
    const { instant } = group;
    const newest = group.events.at(-1)!;
    let fresh: readonly Event[] = [newest];
    if (!group.chain) {
      fresh = group.events.slice(group.first);
      instant.ts = -Infinity;
    }
    const chain = (group.chain ??= new Float64Array(listens.size).fill(-Infinity));
    for (const { key, ts } of fresh) {
      if (ts > instant.ts) instant.rules.clear();
      instant.ts = ts;
      instant.rules.add(key as number);
      // Events of one instant are in order, whichever came first.
      for (let rule = key as number; instant.rules.has(rule); rule++) {
        const begin = rule === 0 ? ts : chain[rule - 1]!;
        if (begin > chain[rule]!) chain[rule] = begin;
      }
    }
    return instant.rules.has(listens.size - 1) && chain[listens.size - 1]! >= newest.ts - seconds;
  }

  /** The number for which the window that ends with the newest event holds. */
  function numberAt(correlation: C, window: Group): number | undefined {
    const { events: own } = window;
    const ownShare = correlation.type === 'value_percentile' && correlation.percentile === undefined;
    // Each event asks for the share of its own value, and one of the same instant changes it.
    for (let i = own.length - 1; i >= 0 && own[i]!.ts === own.at(-1)!.ts; i--) {
      const number = numberOf(correlation, window, own[i]!);
      if (number !== undefined && holds(correlation.bounds, number)) return number;
      if (!ownShare || own.length - i >= lateWindowsMax) break;
    }
    return undefined;
  }

  function look(correlation: C, group: Group, end: number): void {
    const number = numberAt(correlation, group);
    if (number !== undefined) tellOf(correlation, group, group.first, end, number);
  }

  function tellOf(correlation: C, group: Group, first: number, end: number, number: number): void {
    const window = group.events.slice(first, end + 1);
    // Late events may have moved the windows away from the records that were kept.
    const last: Told = window.findLast((event): event is Told => event.record !== undefined) ?? {
      ...window.at(-1)!,
      record: { ts: window.at(-1)!.ts },
    };
    let fresh = 0;
    for (const event of window) {
      if (event.told) continue;
      event.told = true;
      fresh++;
    }
    const { log, record } = last;
    const named =
      window.length <= referencesMax ? window : [...window.slice(0, referencesMax / 2), ...window.slice(-referencesMax / 2)];
    const references = named.map(({ reference }) => reference);
    const told = {
      correlation,
      group: group.values,
      number,
      from: window[0]!.ts,
      to: window.at(-1)!.ts,
      references,
      fresh,
      log,
      record,
    };
    tell(told);
    if (!listeners.has(correlation.id)) return;
    // Events of one instant hold together, though those before the last of them came when it did not hold yet.
    for (const event of window) if (event.ts === last.ts) handOn(correlation, group, event);
  }

  /** Chains hear of it; those that count, once in a time span. */
  function handOn(correlation: C, group: Group, event: Event): void {
    const { ts, log, record, reference } = event;
    if (event.handedOn || !record) return;
    event.handedOn = true;
    const isDue = ts >= group.handedOn + correlation.seconds;
    if (isDue) group.handedOn = ts;
    for (const running of listeners.get(correlation.id)!) {
      if (isDue || !counts(running.correlation)) pushTo(running, ts, log, record, () => reference);
    }
  }

  /** Judges windows that are over, the group's first ones first. */
  function close(correlation: C, group: Group, upTo: Seconds): void {
    const { seconds, bounds } = correlation;
    while (group.events.length > 0 && group.events[0]!.ts + seconds < upTo) {
      const window = new Group(group.values);
      const end = after(group.events, group.events[0]!.ts + seconds);
      window.events = group.events.slice(0, end);
      for (const event of window.events) window.take(event);
      const number = numberOf(correlation, window, window.events.at(-1)!);
      if (number !== undefined && holds(bounds, number)) tellOf(correlation, group, 0, end - 1, number);
      group.events.splice(0, end);
      events -= end;
    }
  }

  function advance(ts: Seconds): void {
    if (ts <= now) return;
    const all = inOrder ? byPlace(groups.entries()) : groups.entries();
    for (const [name, { running, group }] of all) {
      const { correlation, lateness } = running;
      if (isClosing(correlation)) close(correlation, group, ts - lateness);
      const last = group.events.at(-1);
      // A chain may be told of something in this very turn.
      if ((last && last.ts >= ts - lateness - correlation.seconds) || (inOrder && ts === Infinity)) continue;
      events -= group.events.length;
      groups.delete(name);
    }
    now = ts;
  }

  /** The groups of each correlation after those of the ones that it listens to, with those that come up meanwhile. */
  function* byPlace(entries: Iterable<[string, { running: Running<C>; group: Group }]>) {
    const places = Map.groupBy(entries, ([, { running }]) => running.place);
    for (const place of correlations.keys()) {
      // A closing window makes events of its chains, whose groups are looked for again.
      if (isClosing(correlations[place]!)) {
        for (const entry of groups.entries()) if (entry[1].running.place === place) yield entry;
      } else yield* places.get(place) ?? [];
    }
  }

  return {
    push,
    advance,
    end: () => advance(Infinity),
    evictions: () => groups.evictions + cut,
  };
}

/** Fields of a record that chains, and chains of those, take when a correlation holds at it; of those that none hears of, none. */
function fieldsOfChains<C extends Correlating>(
  correlations: readonly C[],
  listeners: ReadonlyMap<string, readonly Running<C>[]>,
): ReadonlyMap<string, readonly string[]> {
  const asked = new Map<string, readonly string[]>();
  // Each stands after those that it listens to.
  for (const { id } of correlations.toReversed()) {
    const own = listeners.get(id);
    if (!own) continue;
    const names = own.flatMap(({ listened, correlation }) => {
      const { by, values } = listened.namesOf('');
      return [...by, ...values, ...(asked.get(correlation.id) ?? [])];
    });
    asked.set(id, [...new Set(['ts', ...names])]);
  }
  return asked;
}

/** The place behind all events up to the instant. */
function after(events: readonly Event[], ts: Seconds): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events[middle]!.ts <= ts) low = middle + 1;
    else high = middle;
  }
  return low;
}

function keyOf<C extends Correlating>(
  { correlation, listened }: Running<C>,
  fields: readonly string[],
  record: AnyRecord,
): string | number | undefined {
  const { type } = correlation;
  if (!counts(correlation)) return listened.index;
  if (type === 'event_count') return '';
  const values = fields.map((field) => scalar(record[field]));
  if (values.includes(undefined)) return undefined;
  if (!isNumeric(correlation)) return values.length === 1 ? String(values[0]) : JSON.stringify(values.map(String));
  const number = decimalOf(values[0]!);
  return Number.isFinite(number) ? number : undefined;
}

/** Vectors of one element are that element; a missing or empty value is none. */
function scalar(value: AnyRecord[string]): string | number | boolean | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'object') return value as string | number | boolean;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.length === 1 ? scalar(value[0] as string | number) : JSON.stringify(value.map(String));
}

/** The nearest rank: the smallest number that so many percent do not exceed. */
function percentileOf(times: ReadonlyMap<string | number, number>, size: number, percentile: number): number {
  const rank = Math.max(1, Math.ceil((percentile / 100) * size));
  let seen = 0;
  for (const [number, count] of [...times].sort(([a], [b]) => Number(a) - Number(b))) {
    seen += count;
    if (seen >= rank) return Number(number);
  }
  return NaN;
}
