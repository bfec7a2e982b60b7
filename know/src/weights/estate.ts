/** What the estate's links weigh: the numbers of the content file, and the estate as a graph. */

import { z } from 'zod';
import type { Estate, Link } from '@forewarn/model/estate';
import { importances } from '@forewarn/model/estate';
import { readContent } from '@forewarn/model/yaml';
import { carriedShares } from './betweenness.ts';
import { carriersOf, mostOfDependents } from './carriers.ts';
import type { Graph } from './graph.ts';
import { observationPoints } from './groups.ts';
import { graphOfEstate, placeOfAsset, type EstateGraph } from './places.ts';
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
  /** From which weight on packets are proposed to be kept. */
  packetsFrom: z.strictObject({ value: z.number().min(0).max(1), ...Sourced }),
});

export type WeightRules = {
  version: string;
  /** By judgement alone, before the figures of an estate. */
  judged: Shares;
  inconsistency: number;
  judgementShare: number;
  criticality: { readonly [importance in (typeof importances)[number]]: number };
  packetsFrom: number;
  confidence: 'H' | 'M' | 'U';
};

/** Reads `content/weights/links.yaml`; throws the refusals with file and line, and `know.judgement` where judgements do not fit. */
export function readWeightRules(text: string, path: string): WeightRules {
  const read = readContent(File, text, path);
  if (!read.ok) throw new AggregateError(read.refusals, 'content');
  const { judgements, judgementShare, criticality, packetsFrom, version } = read.value;
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
    packetsFrom: packetsFrom.value,
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
  /** The graph's node of each network. */
  nodes: ReadonlyMap<string, number>;
  /** The graph's node of each registered node. */
  points: ReadonlyMap<string, number>;
};

/** Services that are named of a link; the rest is counted in its criticality all the same. */
const carriesMax = 20;

/** A share below this is no service that the link carries: a hundredth of its way. */
const carriedMin = 0.01;

/**
 * Weighs all links of the estate. Networks, and the nodes of them that links end in, are places (`graphOfEstate`); what goes between each two of them counts
 * 1. A service goes between the places of its assets and all others, as much as their links have capacity.
 */
export function weighEstate(estate: Estate, rules: WeightRules): WeighedEstate {
  const { graph, nodes, points, mass } = graphOfEstate(estate);
  const criticality = new Float64Array(estate.links.length);
  const carries = estate.links.map((): WeighedLink['carries'] => []);
  for (const [business, { at, critical }] of services(estate, { nodes, points }, rules)) {
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
    points,
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

/** Where each service's assets are, and how critical it is: as is stated of it, else as its most important asset; and never less than a service that depends on it. */
function services(
  estate: Estate,
  graph: Pick<EstateGraph, 'nodes' | 'points'>,
  rules: WeightRules,
): Map<string, { at: Set<number>; critical: number }> {
  const found = new Map<string, { at: Set<number>; critical: number }>();
  const own = new Map<string, number>();
  for (const { id, importance } of estate.businesses) if (importance) own.set(id, rules.criticality[importance]);
  const stated = new Set(own.keys());
  for (const [business, assets] of carriersOf(estate).assets) {
    const at = new Set<number>();
    for (const i of assets) {
      const asset = estate.assets[i]!;
      const node = placeOfAsset(asset, graph);
      if (node !== undefined) at.add(node);
      if (stated.has(business)) continue;
      own.set(business, Math.max(own.get(business) ?? 0, rules.criticality[asset.importance]));
    }
    found.set(business, { at, critical: 0 });
  }
  const dependencies = new Map(estate.businesses.map(({ id, dependsOn }) => [id, dependsOn ?? []]));
  for (const [business, critical] of mostOfDependents(own, dependencies)) {
    const service = found.get(business);
    if (service) service.critical = critical;
  }
  return found;
}

/** `network` is the network, or the node of one, where the point would be. */
export type EstatePoint = { network: string; links: string[]; gained: string[]; gain: number; coverage: number };
export type EstatePlan = { points: EstatePoint[]; before: number; lost: string[]; loss: number };

/** Points proposed at networks, from which several links can be watched together. `watched` are the links that have a sensor now. */
export function proposePoints(
  { links, graph, nodes, points }: WeighedEstate,
  weightOf: (link: WeighedLink) => number,
  watched: ReadonlySet<string>,
  pointsMax: number,
): EstatePlan {
  const count = links.length;
  const names = new Map<number, string>();
  for (const [network, node] of [...nodes, ...points]) if (!names.has(node)) names.set(node, network);
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
