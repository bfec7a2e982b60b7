/** In how many ways independent of one another the ends of a link are joined (Menger 1927, by augmenting paths: Ford and Fulkerson 1956). */

import type { Graph } from './graph.ts';

type Side = { seen: Int32Array; by: Int32Array; queue: Int32Array };

/** Ways that are told apart. With 16 the redundancy is 0.94; more of them change no order of work. */
export const waysMax = 16;

/**
 * Of each link, how many ways between its ends have no link in common, the link itself included: 1 is a bridge. Up to `waysMax`; of a link from a node
 * to itself 1, because nothing stands in for it.
 */
export function disjointWays(graph: Graph): Int32Array {
  const { nodes, from, to, start, neighbour, link } = graph;
  const ways = new Int32Array(from.length);
  /** By link: 0 unused, 1 from `from` to `to`, -1 the other way round. */
  const flow = new Int8Array(from.length);
  const used: number[] = [];
  /** Reached from the source, and from the target: in which search, and by which entry of the neighbours' list. */
  const sides = [0, 1].map(() => ({ seen: new Int32Array(nodes), by: new Int32Array(nodes), queue: new Int32Array(nodes) })) as [
    Side,
    Side,
  ];
  let search = 0;

  /**
   * One more way, over links that are free or carry the opposite; false when there is none. Looked for from both ends, a ring of neighbours at a time on
   * the side with fewer: ends of a link are near to one another, and most of the graph is never touched.
   */
  const augment = (source: number, target: number): boolean => {
    search++;
    const [ahead, behind] = sides;
    const done = [0, 0];
    const count = [1, 1];
    for (const [side, node] of [source, target].entries()) {
      sides[side]!.seen[node] = search;
      sides[side]!.queue[0] = node;
    }
    while (done[0]! < count[0]! && done[1]! < count[1]!) {
      const side = count[0]! - done[0]! <= count[1]! - done[1]! ? 0 : 1;
      const { seen, by, queue } = sides[side]!;
      for (const end = count[side]!; done[side]! < end; done[side]!++) {
        const at = queue[done[side]!]!;
        for (let k = start[at]!; k < start[at + 1]!; k++) {
          const next = neighbour[k]!;
          if (seen[next] === search) continue;
          const e = link[k]!;
          // From the target the way is walked against its direction.
          if (flow[e] === ((from[e] === at) === (side === 0) ? 1 : -1)) continue;
          seen[next] = search;
          by[next] = k;
          if (sides[1 - side]!.seen[next] === search) {
            for (let node = next; node !== source;) node = take(link[ahead.by[node]!]!, node, 0);
            for (let node = next; node !== target;) node = take(link[behind.by[node]!]!, node, 1);
            return true;
          }
          queue[count[side]!++] = next;
        }
      }
    }
    return false;
  };
  /** Sends one unit over the link, into the node or (1) out of it; answers the link's other end. */
  const take = (e: number, node: number, out: 0 | 1): number => {
    if (flow[e] === 0) used.push(e);
    flow[e]! += (to[e] === node) === (out === 0) ? 1 : -1;
    return to[e] === node ? from[e]! : to[e]!;
  };

  for (let e = 0; e < from.length; e++) {
    const [source, target] = [from[e]!, to[e]!];
    if (source === target) {
      ways[e] = 1;
      continue;
    }
    // No more ways than links at either end: the search that would find none is not made.
    const most = Math.min(start[source + 1]! - start[source]!, start[target + 1]! - start[target]!, waysMax);
    let found = 0;
    while (found < most && augment(source, target)) found++;
    ways[e] = found;
    for (const of of used) flow[of] = 0;
    used.length = 0;
  }
  return ways;
}
