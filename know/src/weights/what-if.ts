/**
 * What falls when links, networks or whole organisations are gone: services whose networks the others can no longer reach. The estate does not say which of a
 * service's networks it cannot do without, so the answer is a span: least, if any one of them is enough, most, if it needs them all.
 */

import type { Estate } from '@forewarn/model/estate';
import { graphOfEstate } from './estate.ts';
import type { Graph } from './graph.ts';

export type Taken = {
  links?: ReadonlySet<string>;
  networks?: ReadonlySet<string>;
  /** All their networks, and the links that are theirs. */
  organisations?: ReadonlySet<string>;
};

export type Span = { least: number; most: number };

export type Fallen = {
  business: string;
  organisation: string;
  /** Of those that reached it before, the share that does not any more, by the capacity of their links; 0 to 1. */
  share: Span;
  /** Users served times the share. */
  users: Span;
  /** Its value an hour times the share. */
  cnyPerHour: Span;
};

/** Less than this is what rounding leaves. */
const shareMin = 1e-9;

/** Services that fall in part or wholly, the most users first. */
export function whatFalls(estate: Estate, taken: Taken): Fallen[] {
  const { graph, nodes, networksAt, mass } = graphOfEstate(estate);
  const goneNetworks = new Set(taken.networks);
  for (const { id, organisation } of estate.networks) if (taken.organisations?.has(organisation)) goneNetworks.add(id);
  // Several networks may be one place; it is gone when all of them are.
  const goneNodes = new Set<number>();
  for (const [node, networks] of networksAt)
    if (networks.length > 0 && networks.every((id) => goneNetworks.has(id))) goneNodes.add(node);
  const goneLinks = new Set<number>();
  for (const [e, link] of estate.links.entries()) {
    if (taken.links?.has(link.id) || taken.organisations?.has(link.organisation)) goneLinks.add(e);
  }
  const before = partsOf(graph, new Set(), new Set());
  const after = partsOf(graph, goneLinks, goneNodes);
  // Use is taken as spread by the capacity of the links that end in a network.
  const reachedBefore = new Map<number, number>();
  const reachedAfter = new Map<number, number>();
  for (const [node, used] of mass.entries()) {
    reachedBefore.set(before[node]!, (reachedBefore.get(before[node]!) ?? 0) + used);
    if (!goneNodes.has(node)) reachedAfter.set(after[node]!, (reachedAfter.get(after[node]!) ?? 0) + used);
  }
  const networksOf = new Map<string, Set<string>>();
  for (const { network, businesses } of estate.assets) {
    for (const business of businesses) {
      const known = networksOf.get(business);
      if (known) known.add(network);
      else networksOf.set(business, new Set([network]));
    }
  }
  const fallen: Fallen[] = [];
  for (const { id, organisation, usersServed, valuePerHourCny } of estate.businesses) {
    const places = [...(networksOf.get(id) ?? [])].flatMap((network) => {
      const node = nodes.get(network);
      return node === undefined ? [] : [{ node, gone: goneNetworks.has(network) }];
    });
    if (places.length === 0) continue;
    // Parts do not overlap, so it is enough to count what lies in each that the service stands in.
    const byPart = Map.groupBy(places, ({ node }) => before[node]!);
    const standing = new Set(places.filter(({ gone }) => !gone).map(({ node }) => after[node]!));
    const was = sumOf(byPart.keys(), reachedBefore);
    const some = sumOf(standing, reachedAfter);
    let all = 0;
    for (const together of byPart.values()) {
      const left = new Set(together.map(({ node, gone }) => (gone ? -1 : after[node]!)));
      if (left.size === 1) all += sumOf(left, reachedAfter);
    }
    const share = { least: 1 - some / was, most: 1 - all / was };
    if (share.most < shareMin) continue;
    const times = (value: number): Span => ({ least: value * share.least, most: value * share.most });
    fallen.push({ business: id, organisation, share, users: times(usersServed), cnyPerHour: times(valuePerHourCny) });
  }
  return fallen.sort((a, b) => b.users.most - a.users.most || b.share.most - a.share.most || (a.business < b.business ? -1 : 1));
}

function sumOf(parts: Iterable<number>, counts: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const part of parts) sum += counts.get(part) ?? 0;
  return sum;
}

/** Which nodes are joined: equal numbers. A node that is gone is joined to none. */
function partsOf(
  { nodes, start, neighbour, link }: Graph,
  goneLinks: ReadonlySet<number>,
  goneNodes: ReadonlySet<number>,
): Int32Array {
  const part = new Int32Array(nodes).fill(-1);
  const queue = new Int32Array(nodes);
  let parts = 0;
  for (let first = 0; first < nodes; first++) {
    if (part[first]! >= 0) continue;
    part[first] = parts;
    if (!goneNodes.has(first)) {
      queue[0] = first;
      let count = 1;
      for (let i = 0; i < count; i++) {
        const at = queue[i]!;
        for (let k = start[at]!; k < start[at + 1]!; k++) {
          const next = neighbour[k]!;
          if (part[next]! >= 0 || goneNodes.has(next) || goneLinks.has(link[k]!)) continue;
          part[next] = parts;
          queue[count++] = next;
        }
      }
    }
    parts++;
  }
  return part;
}
