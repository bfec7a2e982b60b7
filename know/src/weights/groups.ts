/**
 * Links that one point can watch together: all that end at the same node. Points are proposed one after the other, each where the most weight is not
 * yet watched (the greedy way to a maximum coverage; G. Nemhauser, L. Wolsey, M. Fisher 1978: never below 1 − 1/e of the best).
 */

import type { Graph } from './graph.ts';

export type ObservationPoint = {
  node: number;
  /** All links that end here. */
  links: number[];
  /** Of them, those that neither what is there now nor a point before this one watches. */
  gained: number[];
  /** Weight of `gained`, as a share of all links' weight. */
  gain: number;
  /** Share of all links' weight that is watched with this point and those before it. */
  coverage: number;
};

export type ObservationPlan = {
  points: ObservationPoint[];
  /** Share of the weight that is watched now. */
  before: number;
  /** Links that are watched now and at none of the points: what would be lost if the points took the place of what is there. */
  lost: number[];
  /** Their weight, as a share of all. */
  loss: number;
};

/** Proposes at most `pointsMax` points; none that watches fewer than two links, since one link needs no group. */
export function observationPoints(
  { nodes, from, to }: Graph,
  weights: ArrayLike<number>,
  watchedNow: ReadonlySet<number>,
  pointsMax: number,
): ObservationPlan {
  const count = from.length;
  let all = 0;
  for (let e = 0; e < count; e++) all += weights[e]!;
  const share = (links: Iterable<number>): number => {
    let sum = 0;
    for (const e of links) sum += weights[e]!;
    return all > 0 ? sum / all : 0;
  };
  const at: number[][] = Array.from({ length: nodes }, () => []);
  for (let e = 0; e < count; e++) {
    at[from[e]!]!.push(e);
    if (to[e] !== from[e]) at[to[e]!]!.push(e);
  }
  const gains = new Float64Array(nodes);
  for (let n = 0; n < nodes; n++) for (const e of at[n]!) if (!watchedNow.has(e)) gains[n]! += weights[e]!;
  const watched = new Set(watchedNow);
  const before = share(watched);
  const points: ObservationPoint[] = [];
  const left = new Set(at.flatMap((links, node) => (links.length > 1 ? [node] : [])));
  while (points.length < pointsMax) {
    let best = -1;
    for (const node of left) if (best < 0 || gains[node]! > gains[best]! + 1e-12) best = node;
    if (best < 0 || !(gains[best]! > 1e-12)) break;
    left.delete(best);
    const gained = at[best]!.filter((e) => !watched.has(e));
    for (const e of gained) {
      watched.add(e);
      gains[from[e]!]! -= weights[e]!;
      if (to[e] !== from[e]) gains[to[e]!]! -= weights[e]!;
    }
    points.push({ node: best, links: at[best]!, gained, gain: share(gained), coverage: share(watched) });
  }
  const seen = new Set(points.flatMap(({ links }) => links));
  const lost = [...watchedNow].filter((e) => !seen.has(e)).sort((a, b) => a - b);
  return { points, before, lost, loss: share(lost) };
}
