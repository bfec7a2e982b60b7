/**
 * How much of what is sent passes a link: U. Brandes, "A faster algorithm for betweenness centrality" (2001) and "On variants of shortest-path
 * betweenness centrality" (2008). The way is the one with the fewest links; several equally short ones share.
 */

import type { Graph } from './graph.ts';

/** How much goes between two nodes (traffic, users); the same both ways. */
export type Demand = (from: number, to: number) => number;

const each: Demand = () => 1;

/**
 * Betweenness of each link, of unordered pairs of nodes: on a path of four nodes 3, 4, 3. Without `demand` each pair counts 1. Links beside one
 * another are ways of their own and share.
 *
 * Takes nodes × links steps and memory for both once: 2,000 nodes and 10,000 links are 20 million steps.
 */
export function linkBetweenness(graph: Graph, demand: Demand = each): Float64Array {
  const sums = new Float64Array(graph.from.length);
  const walk = walker(graph, demand);
  for (let source = 0; source < graph.nodes; source++) walk(source, sums);
  // Each pair was met from both of its ends.
  return sums.map((sum) => sum / 2);
}

/** Of all that goes between a node and those it reaches, the share that passes each link: 1 on a node's only link. */
export function carriedShares(graph: Graph, node: number, demand: Demand = each): Float64Array {
  const sums = new Float64Array(graph.from.length);
  const all = walker(graph, demand)(node, sums);
  return all > 0 ? sums.map((sum) => sum / all) : sums;
}

/** Adds to `sums` what passes each link from one node to all; answers how much that is. */
function walker({ nodes, start, neighbour, link }: Graph, demand: Demand): (source: number, sums: Float64Array) => number {
  const distance = new Int32Array(nodes);
  const ways = new Float64Array(nodes);
  const passes = new Float64Array(nodes);
  const reached = new Int32Array(nodes);
  return (source, sums) => {
    distance.fill(-1);
    ways.fill(0);
    passes.fill(0);
    distance[source] = 0;
    ways[source] = 1;
    reached[0] = source;
    let count = 1;
    for (let i = 0; i < count; i++) {
      const at = reached[i]!;
      for (let k = start[at]!; k < start[at + 1]!; k++) {
        const next = neighbour[k]!;
        if (distance[next]! < 0) {
          distance[next] = distance[at]! + 1;
          reached[count++] = next;
        }
        if (distance[next] === distance[at]! + 1) ways[next]! += ways[at]!;
      }
    }
    let all = 0;
    // From the farthest back: what ends at a node and what passes it came over the links that led to it.
    for (let i = count - 1; i > 0; i--) {
      const at = reached[i]!;
      const ends = demand(source, at);
      all += ends;
      const share = (ends + passes[at]!) / ways[at]!;
      for (let k = start[at]!; k < start[at + 1]!; k++) {
        const before = neighbour[k]!;
        if (distance[before] !== distance[at]! - 1) continue;
        const carried = ways[before]! * share;
        sums[link[k]!]! += carried;
        passes[before]! += carried;
      }
    }
    return all;
  };
}

/**
 * Global efficiency (V. Latora, M. Marchiori, 2001): the mean of one over the distance of all pairs, 0 where there is no way. `without` leaves links
 * out, so that the loss of efficiency of a link is `1 - efficiency(graph, new Set([link])) / efficiency(graph)`.
 */
export function efficiency({ nodes, start, neighbour, link }: Graph, without?: ReadonlySet<number>): number {
  if (nodes < 2) return 0;
  const distance = new Int32Array(nodes);
  const reached = new Int32Array(nodes);
  let sum = 0;
  for (let source = 0; source < nodes; source++) {
    distance.fill(-1);
    distance[source] = 0;
    reached[0] = source;
    let count = 1;
    for (let i = 0; i < count; i++) {
      const at = reached[i]!;
      if (i > 0) sum += 1 / distance[at]!;
      for (let k = start[at]!; k < start[at + 1]!; k++) {
        const next = neighbour[k]!;
        if (distance[next]! >= 0 || without?.has(link[k]!)) continue;
        distance[next] = distance[at]! + 1;
        reached[count++] = next;
      }
    }
  }
  return sum / (nodes * (nodes - 1));
}
