/**
 * Windows of the query algebra: several events within a time that say something together. Sigma's correlations are written in them; `detect`
 * looks at them on the stream, `store` compiles them to ClickHouse SQL, and both pass the cases of `window-cases.ts`.
 *
 * What they mean, exactly:
 *
 * - An *event* is a record that the condition of one of the sources holds for, at the record's time. Events that lack a field to group by belong
 *   to no group; those that lack a field whose values are looked at (for sums, averages and percentiles: a number there, or a text that is
 *   one) are not looked at. An empty text is none, a vector of one element is that element, a longer one is a value as a whole; groups and
 *   values are compared as texts, so that 80 in one log and "80" in another are the same.
 * - *Window*: the events of a group that lie no further apart than the time span, both ends included. Where a condition has only lower
 *   bounds (gt, gte), every window that ends with an event is looked at: it slides. With an upper bound (lt, lte, eq, neq) a window must be over
 *   before it can be judged: it begins with the first event that is in none before, and is judged once.
 * - *Ties*: events of one instant belong to the same windows, and are in any order.
 * - `temporal`: how many of the sources have an event in the window. `temporal_ordered`: an event of each, each no earlier than that of the
 *   source before it.
 * - `value_percentile`: with `percentile`, that percentile of the numbers (nearest rank); without it, the share of the event's own value among
 *   all values of the window, in percent, looked at with every event, whatever the bound.
 * - *Chains*: a window as a source gives an event each time that it holds, at the record at which it does (the newest of the window), but to one
 *   that counts (all but the temporal ones) once a time span of its own.
 *
 * Where time has passed for all that may still come, both engines say the same, but for what follows from the order in which things come: the
 * stream speaks at the moment at which a window holds and cannot take it back, so an average, a share, a percentile or a sum with negative numbers
 * that held until a late event (or another of the same instant) came is told there and is not found in what is stored. Events that come later
 * than the stream waits, and those beyond its ceilings, are found in what is stored alone.
 */

import type { Seconds } from '@forewarn/base/time';
import type { Predicate } from './query.ts';

export const windowTypes = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_percentile',
] as const;
export type WindowType = (typeof windowTypes)[number];

export const boundOperators = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;
export type BoundOperator = (typeof boundOperators)[number];
export type Bound = { readonly op: BoundOperator; readonly value: number };

/** What a window is about: the same in a Sigma correlation and in a query. */
export type WindowShape = {
  readonly type: WindowType;
  readonly seconds: Seconds;
  /** All must hold. */
  readonly bounds: readonly Bound[];
  /** value_percentile: which percentile of the numbers is compared; without it, the share of the value among all, in percent. */
  readonly percentile: number | undefined;
};

/** Fields of an event by their names there: what it is grouped by, and whose values are looked at; several are one value together. */
export type EventFields = { readonly by: readonly string[]; readonly values: readonly string[] };

export type WindowQuery = WindowShape & { readonly of: readonly WindowSource[] };

export type WindowSource =
  | { readonly kind: 'records'; readonly parts: readonly WindowPart[] }
  | ({ readonly kind: 'window'; readonly window: WindowQuery } & EventFields);

/** Records of some logs that call their fields the same; `*` stands for all logs. */
export type WindowPart = EventFields & { readonly logs: readonly string[]; readonly where: Predicate };

/** Whether it counts events, rather than asking which of them there are. */
export const counts = ({ type }: Pick<WindowShape, 'type'>): boolean => type !== 'temporal' && type !== 'temporal_ordered';

/** Whether a window must be over before it can be judged. */
export const isClosing = ({ type, bounds, percentile }: WindowShape): boolean =>
  !(type === 'value_percentile' && percentile === undefined) &&
  type !== 'temporal_ordered' &&
  bounds.some(({ op }) => op !== 'gt' && op !== 'gte');

/** Whether the values are numbers. */
export const isNumeric = ({ type, percentile }: WindowShape): boolean =>
  type === 'value_sum' || type === 'value_avg' || (type === 'value_percentile' && percentile !== undefined);

/**
 * How long before an instant events may lie that decide about what holds then: the time span, and those of the windows that it is a chain of.
 * A closing window begins where the one before ended, however long ago; that is not in it.
 */
export function reach(window: WindowQuery): Seconds {
  const below = window.of.map((source) => (source.kind === 'window' ? reach(source.window) + source.window.seconds : 0));
  return window.seconds + Math.max(0, ...below);
}

/** Whether a number satisfies all of the bounds. */
export function holds(bounds: readonly Bound[], number: number): boolean {
  return bounds.every(({ op, value }) => {
    switch (op) {
      case 'gt':
        return number > value;
      case 'gte':
        return number >= value;
      case 'lt':
        return number < value;
      case 'lte':
        return number <= value;
      case 'eq':
        return number === value;
      default:
        return number !== value;
    }
  });
}
