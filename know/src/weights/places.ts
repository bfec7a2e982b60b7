/** The estate as a graph: places that links join, and the wires that nobody registers. */

import type { Asset, Estate } from '@forewarn/model/estate';
import { networkOfEnd } from '../ends.ts';
import { graphOf, type Graph } from './graph.ts';

/** A network that no registered link ends in is used as well, Mbit/s. */
const massOfNetwork = 1;

/** A wire that nobody registers: between a place and one of the members of a part that registered links join; the first of them, while it stands. */
export type Wire = { place: number; members: readonly number[] };

export type EstateGraph = {
  /** The links of the estate first, in its order; after them the wires. */
  graph: Graph;
  /** The graph's node of each network. */
  nodes: Map<string, number>;
  /** The graph's node of each registered node; one that no link ends in stands at its network's. */
  points: Map<string, number>;
  /** The networks of each of the graph's nodes; a registered node and an organisation's inner place may have none. */
  networksAt: Map<number, string[]>;
  /** Of each of the graph's nodes, how much of all use is there: the capacity of the links that end in it, and `massOfNetwork` for each of its networks. */
  mass: Float64Array;
  wires: Wire[];
};

/**
 * Inside a network, and inside an organisation, there are wires that nobody registers, and they are taken as the fewest that join everything:
 *
 * - Links that end at a network itself end somewhere in it, nobody knows where: at the network's own place, where its assets stand of which no node is
 *   told. Nodes of the network that links inside it join to one another are a part; each part is wired once to the network's own place, at its first
 *   node by id. So a ring of nodes stays a ring: the network is no short way between them.
 * - An organisation's networks that no link ends in are one place, which is wired once to each part of its linked networks, where the part's first
 *   network stands.
 */
export function graphOfEstate(estate: Pick<Estate, 'networks' | 'nodes' | 'links'>): EstateGraph {
  const networkOf = networkOfEnd(estate);
  const registered = new Set(estate.nodes.map(({ id }) => id));
  const nodes = new Map<string, number>();
  const points = new Map<string, number>();
  let count = 0;
  const nodeOf = (end: string): number => {
    const map = registered.has(end) ? points : nodes;
    let node = map.get(end);
    if (node === undefined) map.set(end, (node = count++));
    return node;
  };
  const ends = estate.links.map(({ from, to }) => ({ from: nodeOf(from), to: nodeOf(to) }));
  const wires: Wire[] = [];
  const linked = [...points].sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [id] of linked) {
    const network = networkOf(id);
    if (!nodes.has(network)) nodes.set(network, count++);
  }
  const inside = joined(count);
  for (const [e, { from, to }] of estate.links.entries())
    if (networkOf(from) === networkOf(to)) inside.join(ends[e]!.from, ends[e]!.to);
  for (const [place, parts] of Map.groupBy(linked, ([id]) => nodes.get(networkOf(id))!)) {
    const own = inside.rootOf(place);
    for (const [root, members] of Map.groupBy(parts, ([, node]) => inside.rootOf(node)))
      if (root !== own) wires.push({ place, members: members.map(([, node]) => node) });
  }

  /** Of linked networks, the first that the links of the same organisation join to it. */
  const between = joined(count);
  const owner = new Map(estate.networks.map(({ id, organisation }) => [id, organisation]));
  for (const { from, to } of estate.links) {
    const [one, other] = [networkOf(from), networkOf(to)];
    if (owner.get(one) === owner.get(other)) between.join(nodes.get(one)!, nodes.get(other)!);
  }
  const places = new Map<string, { node: number; parts: Map<number, number[]> }>();
  for (const { id, organisation } of estate.networks) {
    let place = places.get(organisation);
    if (!place) places.set(organisation, (place = { node: count++, parts: new Map() }));
    const node = nodes.get(id);
    if (node === undefined) {
      nodes.set(id, place.node);
      continue;
    }
    const root = between.rootOf(node);
    const members = place.parts.get(root);
    if (members) members.push(node);
    else place.parts.set(root, [node]);
  }
  for (const { node, parts } of places.values())
    for (const members of parts.values()) wires.push({ place: node, members: members.sort((a, b) => a - b) });
  for (const { id, network } of estate.nodes) {
    if (points.has(id)) continue;
    const node = nodes.get(network);
    if (node !== undefined) points.set(id, node);
  }

  const networksAt = new Map<number, string[]>(Array.from({ length: count }, (_, node) => [node, []]));
  for (const [network, node] of nodes) networksAt.get(node)!.push(network);
  const mass = new Float64Array(count);
  for (const [node, { length }] of networksAt) mass[node] = length * massOfNetwork;
  for (const [e, { from, to }] of ends.entries()) {
    mass[from]! += estate.links[e]!.capacityMbps;
    if (to !== from) mass[to]! += estate.links[e]!.capacityMbps;
  }
  const inner = wires.map(({ place, members }) => ({ from: place, to: members[0]! }));
  return { graph: graphOf(count, [...ends, ...inner]), nodes, points, networksAt, mass, wires };
}

/** Where an asset stands: at its node, else in its network. */
export function placeOfAsset(
  { network, node }: Pick<Asset, 'network' | 'node'>,
  { nodes, points }: Pick<EstateGraph, 'nodes' | 'points'>,
): number | undefined {
  return (node === undefined ? undefined : points.get(node)) ?? nodes.get(network);
}

/** Which of `count` things are joined with one another: equal roots; the root is the smallest of its part. */
export function joined(count: number): { join(one: number, other: number): void; rootOf(thing: number): number } {
  const root = Int32Array.from({ length: count }, (_, thing) => thing);
  const rootOf = (thing: number): number => {
    let at = thing;
    while (root[at] !== at) {
      root[at] = root[root[at]!]!;
      at = root[at]!;
    }
    return at;
  };
  return {
    rootOf,
    join(one, other) {
      const [a, b] = [rootOf(one), rootOf(other)];
      root[Math.max(a, b)] = Math.min(a, b);
    },
  };
}
