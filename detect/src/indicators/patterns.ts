/**
 * Patterns of observations on the stream: one record, or several together, after one another, within a time, so many times.
 *
 * Every part of a pattern remembers the newest ways in which it was seen; a record that fits a part is joined with what the others remember. So
 * the work for a record is bounded, whatever the pattern: of each part `rememberedMax` ways are kept, and a sign of which the first
 * observation lies behind so many others of its part is missed (`forgotten` counts them). Records may come in any order; what is after what
 * is told by their times.
 */

import type { Seconds } from '@forewarn/base/time';
import type { RecordReference } from '@forewarn/model/finding';
import type { Watched } from '@forewarn/model/indicator';
import { compileIn, type RecordView } from '@forewarn/model/query/evaluate';

/** Ways that one part remembers; two of them make at most the square of it to look at for a record. */
export const rememberedMax = 64;

/** Times that one part may have to be repeated; each is remembered. */
export const repeatsMax = 1_000;

/** Parts of one pattern; the longest of public feeds join some tens of single values, which stand in the table instead. */
export const partsMax = 200;

/** Observations that one way may join: those of a thousand repeated pairs. */
const joinedMax = 2_000;

/** One record that fits a part: what a finding says of it, not all of it. */
export type Observation = { readonly id: number; readonly ts: Seconds; readonly reference: RecordReference };

/** Observations that together fit, each another record. */
export type Way = { readonly first: Seconds; readonly last: Seconds; readonly of: readonly Observation[] };

export type RunningPattern = {
  /** Logs that it looks at. */
  readonly logs: ReadonlySet<string>;
  /** Looks at the record that the view is set to; the closest way in which the whole pattern holds by it, if it does. */
  push(log: string, ts: Seconds, refer: () => RecordReference): Way | undefined;
  readonly forgotten: number;
};

/** Why a pattern cannot be looked for, or `undefined`. Its predicates are compiled when it starts. */
export function checkPattern(watched: Watched): string | undefined {
  let parts = 0;
  const open: { node: Watched; repeated: number }[] = [{ node: watched, repeated: 1 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, repeated } = next;
    if (++parts > partsMax) return `The pattern has more than ${partsMax} parts.`;
    if (node.kind === 'see') {
      if (node.of.length === 0) return 'A part of the pattern looks at nothing.';
    } else if (node.kind === 'and' || node.kind === 'or' || node.kind === 'followed')
      open.push({ node: node.of[0], repeated }, { node: node.of[1], repeated });
    else if (node.kind === 'within' || node.kind === 'repeats' || node.kind === 'between') {
      const times = node.kind === 'repeats' ? node.times : 1;
      if (repeated * times > repeatsMax) return `More than ${repeatsMax} repetitions are not remembered.`;
      open.push({ node: node.of, repeated: repeated * times });
    }
  }
  return undefined;
}

/** A record that is being looked at. */
type Seen = { readonly log: string; readonly ts: Seconds; readonly observed: () => Observation };

/** A part of a running pattern: given a record, the new ways in which it holds. */
type Part = (seen: Seen) => Way[];

/** Starts a pattern. Predicates that cannot be compiled throw their refusal. */
export function startPattern(watched: Watched, view: RecordView): RunningPattern {
  const logs = new Set<string>();
  let forgotten = 0;

  const remember = (held: Way[], news: readonly Way[], max = rememberedMax): void => {
    for (const way of news) {
      held.push(way);
      if (held.length > max) {
        held.shift();
        forgotten++;
      }
    }
  };

  const start = (node: Watched): Part => {
    switch (node.kind) {
      case 'see': {
        const byLog = new Map<string, (() => boolean)[]>();
        for (const { log, where } of node.of) {
          logs.add(log);
          byLog.set(log, [...(byLog.get(log) ?? []), compileIn(view, where)]);
        }
        return ({ log, ts, observed }) =>
          byLog.get(log)?.some((matches) => matches()) ? [{ first: ts, last: ts, of: [observed()] }] : [];
      }
      case 'or': {
        const [left, right] = [start(node.of[0]), start(node.of[1])];
        return (seen) => bounded([...left(seen), ...right(seen)]);
      }
      case 'and':
      case 'followed': {
        const [left, right] = [start(node.of[0]), start(node.of[1])];
        const [heldLeft, heldRight]: [Way[], Way[]] = [[], []];
        const ordered = node.kind === 'followed';
        return (seen) => {
          const [newLeft, newRight] = [left(seen), right(seen)];
          const news: Way[] = [];
          const pair = (a: Way, b: Way): void => {
            if (ordered && a.last > b.first) return;
            const way = join([a, b]);
            if (way) news.push(way);
          };
          for (const a of newLeft) for (const b of heldRight) pair(a, b);
          for (const b of newRight) for (const a of heldLeft) pair(a, b);
          for (const a of newLeft) for (const b of newRight) pair(a, b);
          remember(heldLeft, newLeft);
          remember(heldRight, newRight);
          return bounded(news);
        };
      }
      case 'within': {
        const part = start(node.of);
        return (seen) => part(seen).filter(({ first, last }) => last - first < node.seconds);
      }
      case 'between': {
        const part = start(node.of);
        return (seen) => part(seen).filter(({ first, last }) => first >= node.from && last < node.to);
      }
      case 'repeats': {
        const part = start(node.of);
        const held: Way[] = [];
        return (seen) => {
          const news: Way[] = [];
          for (const way of part(seen)) {
            const near = held.filter((other) => disjoint(way, other)).toSorted((a, b) => distance(a, way) - distance(b, way));
            const chosen = apart(way, near, node.times);
            const joined = chosen && join(chosen);
            if (joined) news.push(joined);
            remember(held, [way], Math.max(rememberedMax, node.times));
          }
          return bounded(news);
        };
      }
    }
  };

  const root = start(watched);
  let number = 0;
  return {
    logs,
    get forgotten() {
      return forgotten;
    },
    push(log, ts, refer) {
      let seen: Observation | undefined;
      return root({ log, ts, observed: () => (seen ??= { id: ++number, ts, reference: refer() }) })[0];
    },
  };
}

/** `times` ways that share no record, the new one and those nearest to it in time. */
function apart(way: Way, near: readonly Way[], times: number): Way[] | undefined {
  const chosen = [way];
  const taken = new Set(way.of.map(({ id }) => id));
  for (const other of near) {
    if (chosen.length >= times) break;
    if (other.of.some(({ id }) => taken.has(id))) continue;
    chosen.push(other);
    for (const { id } of other.of) taken.add(id);
  }
  return chosen.length >= times ? chosen : undefined;
}

const distance = (a: Way, b: Way): number => Math.max(Math.abs(a.first - b.first), Math.abs(a.last - b.last));

const disjoint = (a: Way, b: Way): boolean => !a.of.some(({ id }) => b.of.some((other) => other.id === id));

/** Several ways as one; `undefined` when two share a record, since each part is another observation. */
function join(ways: readonly Way[]): Way | undefined {
  const ids = new Set<number>();
  const of: Observation[] = [];
  for (const way of ways) {
    for (const seen of way.of) {
      if (ids.has(seen.id) || of.length >= joinedMax) return undefined;
      ids.add(seen.id);
      of.push(seen);
    }
  }
  return {
    first: Math.min(...ways.map(({ first }) => first)),
    last: Math.max(...ways.map(({ last }) => last)),
    of: of.toSorted((a, b) => a.ts - b.ts),
  };
}

/** The closest ways first, and not more than are remembered. */
function bounded(ways: Way[]): Way[] {
  if (ways.length <= 1) return ways;
  return ways.toSorted((a, b) => a.last - a.first - (b.last - b.first)).slice(0, rememberedMax);
}
