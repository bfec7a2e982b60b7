/** Networks and the links between them as numbers, for what is computed over all of them. */

/**
 * An undirected graph in which several links may join the same two nodes. The links of node `n` are `link[i]` towards `neighbour[i]`, for `i` from
 * `start[n]` to before `start[n + 1]`. A link from a node to itself is a link, but leads nowhere.
 */
export type Graph = {
  readonly nodes: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly start: Int32Array;
  readonly neighbour: Int32Array;
  readonly link: Int32Array;
};

/** Ends of links, by the number of the node, from 0 to before `nodes`. Throws where an end is no node: a fault of the caller. */
export function graphOf(nodes: number, links: readonly { from: number; to: number }[]): Graph {
  const from = Int32Array.from(links, (link) => link.from);
  const to = Int32Array.from(links, (link) => link.to);
  const start = new Int32Array(nodes + 1);
  for (let e = 0; e < from.length; e++) {
    if (!(from[e]! >= 0 && from[e]! < nodes && to[e]! >= 0 && to[e]! < nodes)) throw new Error(`Link ${e} ends at no node.`);
    if (from[e] === to[e]) continue;
    start[from[e]! + 1]!++;
    start[to[e]! + 1]!++;
  }
  for (let n = 0; n < nodes; n++) start[n + 1]! += start[n]!;
  const filled = start.slice();
  const neighbour = new Int32Array(start[nodes]!);
  const link = new Int32Array(start[nodes]!);
  for (let e = 0; e < from.length; e++) {
    if (from[e] === to[e]) continue;
    for (const [one, other] of [
      [from[e]!, to[e]!],
      [to[e]!, from[e]!],
    ] as const) {
      neighbour[filled[one]!] = other;
      link[filled[one]!++] = e;
    }
  }
  return { nodes, from, to, start, neighbour, link };
}
