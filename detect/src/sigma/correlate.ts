/**
 * Correlations on a stream of records. What they mean, exactly:
 *
 * - An event is a record that one of the rules holds for, at the record's time. Events that lack a field to group by belong to no group; those
 *   that lack the field whose values are looked at (for sums, averages and percentiles: a number there) are not looked at.
 * - *Window*: the events of a group that lie no further apart than the time span, both ends included. Where a condition has only lower
 *   bounds (gt, gte), every window that ends with an event is looked at: it slides. With an upper bound (lt, lte, eq, neq) a window must be over
 *   before it can be judged: it begins with the first event that is in none before, and is judged once, when its time and that of late
 *   events is over.
 * - *temporal*: how many of the rules have an event in the window. *temporal_ordered*: an event of each, each no earlier than that of
 *   the rule before it.
 * - *value_percentile*: with `percentile`, that percentile of the numbers (nearest rank); without it, the share of the event's own value among
 *   all values of the window, in percent, looked at with every event, whatever the bound.
 * - *Late events* are put where they belong, and all windows with them are looked at again, as long as they come within `lateness`.
 * - A correlation that refers to another hears each time that it holds, at the record at which it does – but one that counts, once a time
 *   span of the other.
 */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import { BoundedMap } from '../bounded.ts';
import type { Listened, ResolvedCorrelation } from './collection.ts';
import { groupEventsMax, holds } from './correlation.ts';

/** What holds at a record. */
export type Correlated = {
  correlation: ResolvedCorrelation;
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

export type CorrelatorOptions = {
  /** How late an event may come, in record time. */
  lateness: Seconds;
  tell: (correlated: Correlated) => void;
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
  /** Of the newest of a window alone: a record is ten times as large as all else. */
  record: AnyRecord | undefined;
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

type Running = {
  correlation: ResolvedCorrelation;
  listened: Listened;
};

export function createCorrelator(correlations: readonly ResolvedCorrelation[], options: CorrelatorOptions): Correlator {
  const { lateness, tell } = options;
  const listeners = new Map<string, Running[]>();
  const counting = new Set<string>();
  for (const correlation of correlations) {
    for (const [id, listened] of correlation.listens) {
      const own = listeners.get(id);
      if (own) own.push({ correlation, listened });
      else listeners.set(id, [{ correlation, listened }]);
    }
    const { type } = correlation;
    if (type !== 'temporal' && type !== 'temporal_ordered') for (const id of correlation.listens.keys()) counting.add(id);
  }
  let now = -Infinity;
  let events = 0;
  let cut = 0;
  const groups = new BoundedMap<string, { correlation: ResolvedCorrelation; group: Group }>(groupsMax, (_, { group }) => {
    events -= group.events.length;
  });

  function push(rule: string, log: string, record: AnyRecord, reference: () => unknown): void {
    const own = listeners.get(rule);
    if (!own) return;
    const { ts } = record;
    if (typeof ts !== 'number' || !Number.isFinite(ts)) return;
    for (const { correlation, listened } of own) {
      const values = correlation.groupBy.map((name) => scalar(listened.valueOf(name, log, record)));
      if (values.includes(undefined)) continue;
      const key = keyOf(correlation, listened, log, record);
      if (key === undefined) continue;
      add(correlation, values as (string | number | boolean)[], { ts, key, reference: reference(), told: false, log, record });
    }
  }

  function add(correlation: ResolvedCorrelation, values: readonly (string | number | boolean)[], event: Event): void {
    const name = JSON.stringify([correlation.id, values]);
    let entry = groups.touch(name);
    if (!entry) groups.set(name, (entry = { correlation, group: new Group(values) }));
    const { group } = entry;
    // Too late for any window that is still open.
    if (event.ts < now - lateness - correlation.seconds) return;
    events++;
    const own = group.events;
    const isNewest = own.length === 0 || own.at(-1)!.ts <= event.ts;
    const before = own.at(-1);
    if (isClosing(correlation)) {
      if (isNewest) {
        if (event.ts > group.begin + correlation.seconds) group.begin = event.ts;
        else if (before) before.record = undefined;
        own.push(event);
      } else own.splice(after(own, event.ts), 0, event);
    } else if (isNewest) {
      if (before) before.record = undefined;
      own.push(event);
      group.take(event);
      slide(correlation, group, event.ts);
      forget(correlation, group);
      look(correlation, group, own.length - 1, numberOf(correlation, group, event));
    } else addLate(correlation, group, event);
    // Only the newest can still become the record at which something holds, and only closing windows look back.
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
  function slide({ seconds }: ResolvedCorrelation, group: Group, end: Seconds): void {
    while (group.events[group.first]!.ts < end - seconds) group.leave(group.events[group.first++]!);
  }

  /** Forgets what late events cannot need either. */
  function forget({ seconds }: ResolvedCorrelation, group: Group): void {
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

  function addLate(correlation: ResolvedCorrelation, group: Group, event: Event): void {
    const own = group.events;
    const at = after(own, event.ts);
    own.splice(at, 0, event);
    if (at >= group.first) {
      if (event.ts >= own.at(-1)!.ts - correlation.seconds) group.take(event);
      else group.first++;
    } else group.first++;
    group.chain = undefined;
    // Each window that ends with an event no later than the time span after it has it now.
    const last = Math.min(own.length, at + lateWindowsMax);
    for (let end = at; end < last && own[end]!.ts <= event.ts + correlation.seconds; end++) {
      const window = new Group(group.values);
      window.events = own.slice(0, end + 1);
      window.first = 0;
      const from = own[end]!.ts - correlation.seconds;
      while (window.events[window.first]!.ts < from) window.first++;
      for (let i = window.first; i <= end; i++) window.take(window.events[i]!);
      const number = numberOf(correlation, window, own[end]!);
      if (number !== undefined && holds(correlation.bounds, number)) {
        tellOf(correlation, group, window.first, end, number);
        // The same again for each event after it would say nothing new.
        break;
      }
    }
    if (own.at(-1) !== event) event.record = undefined;
  }

  /** What the condition is about, of the window that ends with the event; undefined where it has none. */
  function numberOf(correlation: ResolvedCorrelation, group: Group, event: Event): number | undefined {
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
        return chained(correlation, group) ? correlation.rules.length : undefined;
    }
  }

  /** Whether the newest event ends a chain of all rules in their order, within the time span. */
  function chained({ rules, seconds }: ResolvedCorrelation, group: Group): boolean {
    const { instant } = group;
    const newest = group.events.at(-1)!;
    let fresh: readonly Event[] = [newest];
    if (!group.chain) {
      fresh = group.events.slice(group.first);
      instant.ts = -Infinity;
    }
    const chain = (group.chain ??= new Float64Array(rules.length).fill(-Infinity));
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
    return instant.rules.has(rules.length - 1) && chain[rules.length - 1]! >= newest.ts - seconds;
  }

  function look(correlation: ResolvedCorrelation, group: Group, end: number, number: number | undefined): void {
    if (number !== undefined && holds(correlation.bounds, number)) tellOf(correlation, group, group.first, end, number);
  }

  function tellOf(correlation: ResolvedCorrelation, group: Group, first: number, end: number, number: number): void {
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
    handOn(correlation, group, last);
  }

  /** Correlations of this one hear of it. */
  function handOn(correlation: ResolvedCorrelation, group: Group, { ts, log, record, reference }: Told): void {
    if (!listeners.has(correlation.id)) return;
    if (counting.has(correlation.id)) {
      if (ts < group.handedOn + correlation.seconds) return;
      group.handedOn = ts;
    }
    push(correlation.id, log, record, () => reference);
  }

  /** Judges windows that are over, the group's first ones first. */
  function close(correlation: ResolvedCorrelation, group: Group, upTo: Seconds): void {
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
    now = ts;
    for (const [name, { correlation, group }] of groups.entries()) {
      if (isClosing(correlation)) close(correlation, group, ts - lateness);
      const last = group.events.at(-1);
      if (last && last.ts >= ts - lateness - correlation.seconds) continue;
      events -= group.events.length;
      groups.delete(name);
    }
  }

  return {
    push,
    advance,
    end: () => advance(Infinity),
    evictions: () => groups.evictions + cut,
  };
}

/** Whether a window must be over before it can be judged. */
const isClosing = ({ type, bounds, percentile }: ResolvedCorrelation): boolean =>
  !(type === 'value_percentile' && percentile === undefined) &&
  bounds.some(({ op }) => op !== 'gt' && op !== 'gte') &&
  type !== 'temporal_ordered';

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

function keyOf(
  correlation: ResolvedCorrelation,
  { index, valueOf }: Listened,
  log: string,
  record: AnyRecord,
): string | number | undefined {
  const { type, fields, percentile } = correlation;
  if (type === 'temporal' || type === 'temporal_ordered') return index;
  if (type === 'event_count') return '';
  const values = fields.map((field) => scalar(valueOf(field, log, record)));
  if (values.includes(undefined)) return undefined;
  if (type === 'value_count' || (type === 'value_percentile' && percentile === undefined)) {
    return values.length === 1 ? String(values[0]) : JSON.stringify(values);
  }
  // As in the query algebra, a text that is a decimal number is one.
  const [value] = values;
  const number = typeof value === 'string' && /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Vectors of one element are that element; a missing or empty value is none. */
function scalar(value: AnyRecord[string]): string | number | boolean | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'object') return value as string | number | boolean;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.length === 1 ? (value[0] as string | number) : JSON.stringify(value);
}

/** The nearest rank: the smallest number that so many percent do not exceed. */
function percentileOf(counts: ReadonlyMap<string | number, number>, size: number, percentile: number): number {
  const rank = Math.max(1, Math.ceil((percentile / 100) * size));
  let seen = 0;
  for (const [number, count] of [...counts].sort(([a], [b]) => Number(a) - Number(b))) {
    seen += count;
    if (seen >= rank) return Number(number);
  }
  return NaN;
}
