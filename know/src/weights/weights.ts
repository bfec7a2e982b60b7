/**
 * How much depends on a link: `w = a·B' + b·C' + c·K + d·(1 − R)`. B' is what passes it of all that is sent (edge betweenness, brought to 0 to 1), C' its
 * capacity as a share of the largest, K how critical the services are that it carries, and 1 − R how alone it stands: one over the ways between
 * its ends that have no link in common. The shares a to d add up to 1.
 */

import type { Graph } from './graph.ts';
import { linkBetweenness, type Demand } from './betweenness.ts';
import { disjointWays } from './redundancy.ts';
import { scaledToOne } from './shares.ts';

export const weightParts = ['betweenness', 'capacity', 'criticality', 'singleness'] as const;
export type WeightPart = (typeof weightParts)[number];
export type Shares = { readonly [part in WeightPart]: number };

/** One part of a weight: as it was found, brought to 0 to 1, and how much of the weight it makes. */
export type Part = { found: number; scaled: number; points: number };

export type ComputedWeight = {
  /** 0 to 1. */
  weight: number;
  parts: { [part in WeightPart]: Part };
  /** Ways between its ends without a common link, itself included; 1: nothing stands in for it. */
  ways: number;
};

/**
 * Weights in the order of the graph's links; of as many as there are capacities, while those after them are ways only. `capacity` in one unit for
 * all, `criticality` from 0 to 1. The found values: pairs that pass (or demand), the capacity, the criticality, the ways.
 */
export function linkWeights(
  graph: Graph,
  of: { capacity: ArrayLike<number>; criticality: ArrayLike<number>; demand?: Demand | undefined },
  shares: Shares,
): ComputedWeight[] {
  const count = of.capacity.length;
  const betweenness = linkBetweenness(graph, of.demand).subarray(0, count);
  const passing = scaledToOne(betweenness);
  const ways = disjointWays(graph);
  let largest = 0;
  for (let e = 0; e < count; e++) largest = Math.max(largest, of.capacity[e]!);
  return Array.from({ length: count }, (_, e) => {
    const part = (name: WeightPart, found: number, scaled: number): Part => ({ found, scaled, points: shares[name] * scaled });
    const parts = {
      betweenness: part('betweenness', betweenness[e]!, passing[e]!),
      capacity: part('capacity', of.capacity[e]!, largest > 0 ? of.capacity[e]! / largest : 0),
      criticality: part('criticality', of.criticality[e]!, of.criticality[e]!),
      singleness: part('singleness', ways[e]!, 1 / ways[e]!),
    };
    return { weight: weightParts.reduce((sum, name) => sum + parts[name].points, 0), parts, ways: ways[e]! };
  });
}
