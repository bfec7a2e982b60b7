/** What the estate's links weigh: the numbers of the content file, and the estate as a graph. */

import { z } from 'zod';
import type { Estate, Link } from '@forewarn/model/estate';
import { importances } from '@forewarn/model/estate';
import { readContent } from '@forewarn/model/yaml';
import { carriedShares } from './betweenness.ts';
import { graphOf, type Graph } from './graph.ts';
import { observationPoints } from './groups.ts';
import { entropyShares, combinedShares, inconsistencyMax, judgedShares } from './shares.ts';
import { linkWeights, weightParts, type ComputedWeight, type Shares, type WeightPart } from './weights.ts';

const Sourced = { source: z.string().min(1), confidence: z.enum(['H', 'M', 'U']) };

const File = z.strictObject({
  version: z.string().min(1),
  /** How many times as much the first part counts as the second; every pair once. */
  judgements: z.strictObject({
    pairs: z.array(
      z.strictObject({ one: z.enum(weightParts), other: z.enum(weightParts), times: z.number().min(1 / 9).max(9) }), // oxfmt-ignore
    ),
    ...Sourced,
  }),
  /** 1: the judgements alone; 0: what the figures tell apart alone. */
  judgementShare: z.strictObject({ value: z.number().min(0).max(1), ...Sourced }),
  /** How critical a service is that rests on an asset of the importance, 0 to 1. */
  criticality: z.strictObject({
    of: z.strictObject(Object.fromEntries(importances.map((name) => [name, z.number().min(0).max(1)]))),
    ...Sourced,
  }),
});

export type WeightRules = {
  version: string;
  /** By judgement alone, before the figures of an estate. */
  judged: Shares;
  inconsistency: number;
  judgementShare: number;
  criticality: { readonly [importance in (typeof importances)[number]]: number };
  confidence: 'H' | 'M' | 'U';
};

/** Reads `content/weights/links.yaml`; throws the refusals with file and line, and `know.judgement` where judgements do not fit. */
export function readWeightRules(text: string, path: string): WeightRules {
  const read = readContent(File, text, path);
  if (!read.ok) throw new AggregateError(read.refusals, 'content');
  const { judgements, judgementShare, criticality, version } = read.value;
  const matrix = weightParts.map((one) =>
    weightParts.map((other) => {
      if (one === other) return 1;
      const found = judgements.pairs.find((pair) => pair.one === one && pair.other === other);
      const back = judgements.pairs.find((pair) => pair.one === other && pair.other === one);
      return found?.times ?? (back ? 1 / back.times : Number.NaN);
    }),
  );
  const { shares, inconsistency } = judgedShares(matrix);
  if (inconsistency > inconsistencyMax) {
    throw new AggregateError(
      [new Error(`${path}: the judgements contradict one another (${inconsistency.toFixed(2)}).`)],
      'content',
    );
  }
  return {
    version,
    judged: sharesOf(shares),
    inconsistency,
    judgementShare: judgementShare.value,
    criticality: criticality.of as WeightRules['criticality'],
    confidence: judgements.confidence,
  };
}

const sharesOf = (values: readonly number[]): Shares =>
  Object.fromEntries(weightParts.map((part, i) => [part, values[i]!])) as { [part in WeightPart]: number };

export type WeighedLink = ComputedWeight & {
  link: Link;
  /** Services that pass the link, with the share of their way that does; the most critical first. */
  carries: { business: string; criticality: number; share: number }[];
};

export type WeighedEstate = {
  rules: WeightRules;
  /** What each part counts in this estate. */
  shares: Shares;
  links: WeighedLink[];
  graph: Graph;
  /** The node of each network that a link ends in. */
  nodes: ReadonlyMap<string, number>;
};

/** Services that are named of a link; the rest is counted in its criticality all the same. */
const carriesMax = 20;

/** A share below this is no service that the link carries: a hundredth of its way. */
const carriedMin = 0.01;

/**
 * Weighs all links of the estate. Networks are nodes; what goes between each two of them counts 1. A service goes between the networks of its assets and
 * all others, as much as their links have capacity, and is as critical as its most important asset. Inside an organisation there are wires that nobody registers: its networks that no link
 * ends in are one place, which is joined once to each part of its linked networks, where the part's first network stands.
 */
export function weighEstate(estate: Estate, rules: WeightRules): WeighedEstate {
  const { graph, nodes, mass } = graphOfEstate(estate);
  const criticality = new Float64Array(estate.links.length);
  const carries = estate.links.map((): WeighedLink['carries'] => []);
  for (const [business, { at, critical }] of services(estate, nodes, rules)) {
    const most = new Float64Array(estate.links.length);
    for (const node of at) {
      const shares = carriedShares(graph, node, (_, to) => mass[to]!);
      for (let e = 0; e < most.length; e++) most[e] = Math.max(most[e]!, shares[e]!);
    }
    for (const [e, share] of most.entries()) {
      if (share < carriedMin) continue;
      criticality[e] = Math.max(criticality[e]!, critical * share);
      carries[e]!.push({ business, criticality: critical, share });
    }
  }
  const figures = { capacity: estate.links.map(({ capacityMbps }) => capacityMbps), criticality };
  const judged = weightParts.map((part) => rules.judged[part]);
  const first = linkWeights(graph, figures, rules.judged);
  const told = entropyShares(first.map(({ parts }) => weightParts.map((part) => parts[part].scaled)));
  const shares = first.length < 2 ? rules.judged : sharesOf(combinedShares(judged, told, rules.judgementShare));
  return {
    rules,
    shares,
    graph,
    nodes,
    links: first.map(({ parts, ways }, e) => {
      const own = Object.fromEntries(
        weightParts.map((part) => [part, { ...parts[part], points: shares[part] * parts[part].scaled }]),
      ) as ComputedWeight['parts'];
      return {
        link: estate.links[e]!,
        ways,
        parts: own,
        weight: weightParts.reduce((sum, part) => sum + own[part].points, 0),
        carries: carries[e]!.sort(
          (a, b) => b.criticality * b.share - a.criticality * a.share || (a.business < b.business ? -1 : 1),
        ).slice(0, carriesMax),
      };
    }),
  };
}

/** Where each service's assets are, and how critical it is. */
function services(
  estate: Estate,
  nodes: ReadonlyMap<string, number>,
  rules: WeightRules,
): Map<string, { at: Set<number>; critical: number }> {
  const found = new Map<string, { at: Set<number>; critical: number }>();
  for (const { network, importance, businesses } of estate.assets) {
    const node = nodes.get(network);
    for (const business of businesses) {
      let service = found.get(business);
      if (!service) found.set(business, (service = { at: new Set(), critical: 0 }));
      if (node !== undefined) service.at.add(node);
      service.critical = Math.max(service.critical, rules.criticality[importance]);
    }
  }
  return found;
}

/** A network that no registered link ends in is used as well, Mbit/s. */
const massOfNetwork = 1;

/** The links of the estate first, in its order; after them the wires that nobody registers. */
export function graphOfEstate(estate: Estate): {
  graph: Graph;
  /** The node of each network. */
  nodes: Map<string, number>;
  /** The networks of each node; an organisation's inner place may have none. */
  networksAt: Map<number, string[]>;
  /** Of each node, how much of all use is there: the capacity of the links that end in it, and `massOfNetwork` for each of its networks. */
  mass: Float64Array;
} {
  const nodes = new Map<string, number>();
  for (const { from, to } of estate.links)
    for (const network of [from, to]) if (!nodes.has(network)) nodes.set(network, nodes.size);
  const ends = estate.links.map(({ from, to }) => ({ from: nodes.get(from)!, to: nodes.get(to)! }));
  /** Of linked nodes, the first that the links of the same organisation join to it. */
  const root = Array.from({ length: nodes.size }, (_, node) => node);
  const rootOf = (node: number): number => (root[node] === node ? node : (root[node] = rootOf(root[node]!)));
  const owner = new Map(estate.networks.map(({ id, organisation }) => [id, organisation]));
  for (const { from, to } of estate.links) {
    if (owner.get(from) !== owner.get(to)) continue;
    const [one, other] = [rootOf(nodes.get(from)!), rootOf(nodes.get(to)!)];
    root[Math.max(one, other)] = Math.min(one, other);
  }
  let count = nodes.size;
  const inner: { from: number; to: number }[] = [];
  const places = new Map<string, { node: number; joined: Set<number> }>();
  for (const { id, organisation } of estate.networks) {
    let place = places.get(organisation);
    if (!place) places.set(organisation, (place = { node: count++, joined: new Set() }));
    const node = nodes.get(id);
    if (node === undefined) nodes.set(id, place.node);
    else if (!place.joined.has(rootOf(node))) {
      place.joined.add(rootOf(node));
      inner.push({ from: place.node, to: node });
    }
  }
  const networksAt = new Map<number, string[]>(Array.from({ length: count }, (_, node) => [node, []]));
  for (const [network, node] of nodes) networksAt.get(node)!.push(network);
  const mass = new Float64Array(count);
  for (const [node, { length }] of networksAt) mass[node] = length * massOfNetwork;
  for (const [e, { from, to }] of ends.entries()) {
    mass[from]! += estate.links[e]!.capacityMbps;
    if (to !== from) mass[to]! += estate.links[e]!.capacityMbps;
  }
  return { graph: graphOf(count, [...ends, ...inner]), nodes, networksAt, mass };
}

export type EstatePoint = { network: string; links: string[]; gained: string[]; gain: number; coverage: number };
export type EstatePlan = { points: EstatePoint[]; before: number; lost: string[]; loss: number };

/** Points proposed at networks, from which several links can be watched together. `watched` are the links that have a sensor now. */
export function proposePoints(
  { links, graph, nodes }: WeighedEstate,
  weightOf: (link: WeighedLink) => number,
  watched: ReadonlySet<string>,
  pointsMax: number,
): EstatePlan {
  const count = links.length;
  const names = new Map<number, string>();
  for (const [network, node] of nodes) if (!names.has(node)) names.set(node, network);
  const now = new Set(links.flatMap(({ link }, e) => (watched.has(link.id) ? [e] : [])));
  const registered = { ...graph, from: graph.from.subarray(0, count), to: graph.to.subarray(0, count) };
  const plan = observationPoints(registered, links.map(weightOf), now, pointsMax);
  const ids = (of: readonly number[]): string[] => of.map((e) => links[e]!.link.id);
  return {
    ...plan,
    lost: ids(plan.lost),
    points: plan.points.map(({ node, links: seen, gained, gain, coverage }) => ({
      network: names.get(node)!,
      links: ids(seen),
      gained: ids(gained),
      gain,
      coverage,
    })),
  };
}
