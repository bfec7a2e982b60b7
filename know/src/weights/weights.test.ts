/** Links of known graphs have known weights; relabelling changes nothing; a second way never makes the first weigh more. */

import { UndirectedGraph } from 'graphology';
import centrality from 'graphology-metrics/centrality/index.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { carriedShares, efficiency, linkBetweenness } from './betweenness.ts';
import { graphOf } from './graph.ts';
import { observationPoints } from './groups.ts';
import { disjointWays } from './redundancy.ts';
import { combinedShares, entropyShares, inconsistencyMax, judgedShares } from './shares.ts';
import { linkWeights, type Shares } from './weights.ts';

const links = (...pairs: readonly (readonly [number, number])[]) => pairs.map(([from, to]) => ({ from, to }));
const path = graphOf(4, links([0, 1], [1, 2], [2, 3]));
const star = graphOf(5, links([0, 1], [0, 2], [0, 3], [0, 4]));
const ring = graphOf(5, links([0, 1], [1, 2], [2, 3], [3, 4], [4, 0]));
/** Two exchanges joined to one another and to two providers each; a customer at each provider, one of them at two. */
const provider = graphOf(
  10,
  links([0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 4], [3, 5], [2, 6], [3, 6], [4, 7], [5, 8], [6, 9]),
);
const shares: Shares = { betweenness: 0.4, capacity: 0.2, criticality: 0.3, singleness: 0.1 };
const even = (graph: { from: Int32Array }) => ({
  capacity: graph.from.map(() => 1_000),
  criticality: graph.from.map(() => 0),
});

describe('what passes a link', () => {
  test('path, star and ring as in the textbooks', () => {
    expect([...linkBetweenness(path)]).toEqual([3, 4, 3]);
    expect([...linkBetweenness(star)]).toEqual([4, 4, 4, 4]);
    // Each link lies between its ends, and on the one short way of two pairs.
    expect([...linkBetweenness(ring)]).toEqual([3, 3, 3, 3, 3]);
  });

  test('links side by side share; a link from a node to itself carries nothing', () => {
    expect([...linkBetweenness(graphOf(2, links([0, 1], [1, 0], [1, 1])))]).toEqual([0.5, 0.5, 0]);
  });

  test('by demand: what is sent between two nodes counts as often', () => {
    const between = (one: number, other: number): number => (one + other === 3 && one * other === 0 ? 10 : 0);
    expect([...linkBetweenness(path, between)]).toEqual([10, 10, 10]);
    expect([...carriedShares(path, 1)]).toEqual([1 / 3, 2 / 3, 1 / 3]);
  });

  test('as a library counts it, on random graphs', () => {
    fc.assert(
      fc.property(randomGraph(14), ({ nodes, pairs }) => {
        const library = new UndirectedGraph();
        for (let n = 0; n < nodes; n++) library.addNode(n);
        const simple = pairs.filter(({ from, to }) => from !== to && !library.hasEdge(from, to) && library.addEdge(from, to));
        const theirs = centrality.edgeBetweenness(library, { getEdgeWeight: null, normalized: false }) as {
          [edge: string]: number;
        };
        const ours = linkBetweenness(graphOf(nodes, simple));
        for (const [e, { from, to }] of simple.entries()) expect(ours[e]).toBeCloseTo(theirs[library.edge(from, to)!]!, 9);
      }),
    );
  });

  test('efficiency: a path of three nodes has (1 + 1 + ½) / 3, and loses by each link', () => {
    const three = graphOf(3, links([0, 1], [1, 2]));
    expect(efficiency(three)).toBeCloseTo(5 / 6);
    expect(efficiency(three, new Set([0]))).toBeCloseTo(1 / 3);
    expect(efficiency(graphOf(1, []))).toBe(0);
  });
});

describe('ways without a common link', () => {
  test('a bridge has one, a ring two, a net of two tiers as many as it is wired for', () => {
    expect([...disjointWays(path)]).toEqual([1, 1, 1]);
    expect([...disjointWays(ring)]).toEqual([2, 2, 2, 2, 2]);
    expect([...disjointWays(graphOf(3, links([0, 1], [0, 1], [0, 1], [1, 2], [2, 2])))]).toEqual([3, 3, 3, 1, 1]);
    const ways = disjointWays(provider);
    expect(Array.from(ways.slice(-3))).toEqual([1, 1, 1]);
    expect(ways[0]).toBe(3);
    expect(ways[7]).toBe(2);
  });

  test('as the least number of links that part the ends, tried one by one', () => {
    fc.assert(
      fc.property(randomGraph(6, 9), ({ nodes, pairs }) => {
        const ways = disjointWays(graphOf(nodes, pairs));
        const expected = pairs.map(({ from, to }) => (from === to ? 1 : leastCut(nodes, pairs, from, to)));
        expect([...ways]).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe('shares', () => {
  test('judgements that agree give back what they came from, with no inconsistency', () => {
    const of = [0.6, 0.3, 0.1];
    const { shares: got, inconsistency, eigenvalue } = judgedShares(of.map((one) => of.map((other) => one / other)));
    for (const [i, value] of of.entries()) expect(got[i]).toBeCloseTo(value, 9);
    expect(inconsistency).toBeCloseTo(0, 9);
    expect(eigenvalue).toBeCloseTo(3, 9);
  });

  test('Saaty’s example of three criteria, and one that contradicts itself', () => {
    const { shares: got, eigenvalue, inconsistency } = judgedShares([
      [1, 1 / 3, 5],
      [3, 1, 7],
      [1 / 5, 1 / 7, 1],
    ]); // oxfmt-ignore
    // The characteristic polynomial of three such criteria is λ³ − 3λ² − (x + 1/x − 2), with x = 5 / (1/3 · 7).
    const x = 15 / 7;
    expect(eigenvalue ** 3 - 3 * eigenvalue ** 2).toBeCloseTo(x + 1 / x - 2, 9);
    expect(got.map((value) => Math.round(value * 1000) / 1000)).toEqual([0.279, 0.649, 0.072]);
    expect(eigenvalue).toBeCloseTo(3.0649, 3);
    expect(inconsistency).toBeLessThan(inconsistencyMax);
    const circle = judgedShares([
      [1, 5, 1 / 5],
      [1 / 5, 1, 5],
      [5, 1 / 5, 1],
    ]); // oxfmt-ignore
    expect(circle.inconsistency).toBeGreaterThan(inconsistencyMax);
  });

  test('what is no judgement is refused with its place', () => {
    expect(() => judgedShares([[1, 2], [2, 1]])).toThrow(/Row 1, column 2/); // oxfmt-ignore
    expect(() => judgedShares([[1, 10], [0.1, 1]])).toThrow(/between 1\/9 and 9/); // oxfmt-ignore
    expect(() => judgedShares([[1, 2]])).toThrow(/Row 1 has 2 values/);
  });

  test('entropy: a column that is the same for all counts nothing, and all add up to 1', () => {
    const got = entropyShares([
      [1, 5, 0],
      [2, 5, 0],
      [3, 5, 9],
    ]);
    expect(got[1]).toBe(0);
    expect(got.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1);
    // A column in which one row stands out says more than one in even steps.
    expect(got[2]).toBeGreaterThan(got[0]!);
    expect(entropyShares([[1, 1], [1, 1]])).toEqual([0.5, 0.5]); // oxfmt-ignore
  });

  test('combined: t leans to judgement or to figures', () => {
    expect(combinedShares([0.7, 0.3], [0.2, 0.8], 1)).toEqual([0.7, 0.3]);
    expect(combinedShares([0.7, 0.3], [0.2, 0.8], 0)).toEqual([0.2, 0.8]);
    const [one, other] = combinedShares([0.7, 0.3], [0.2, 0.8]);
    expect(one! + other!).toBeCloseTo(1);
    expect(one! / other!).toBeCloseTo(Math.sqrt(0.14 / 0.24));
  });
});

describe('weights', () => {
  test('the middle of a path weighs most; each part is shown', () => {
    const weights = linkWeights(path, even(path), shares);
    expect(weights.map(({ weight }) => weight)).toEqual(
      [0.2 + 0.1, 0.4 + 0.2 + 0.1, 0.2 + 0.1].map((value) => expect.closeTo(value)),
    );
    expect(weights[1]!.parts.betweenness).toEqual({ found: 4, scaled: 1, points: 0.4 });
    expect(weights[1]!.parts.singleness).toEqual({ found: 1, scaled: 1, points: 0.1 });
  });

  test('two tiers of providers: the customer with one line depends on it more than one with two', () => {
    const weights = linkWeights(provider, even(provider), shares).map(({ weight }) => weight);
    expect(weights[5]).toBeGreaterThan(weights[7]!);
    expect(weights[6]).toBeGreaterThan(weights[8]!);
  });

  test('another order of nodes and links changes nothing', () => {
    fc.assert(
      fc.property(randomGraph(12), fc.infiniteStream(fc.nat()), ({ nodes, pairs }, stream) => {
        const names = shuffled(nodes, stream);
        const order = shuffled(pairs.length, stream);
        const moved = order.map((e) => ({ from: names[pairs[e]!.to]!, to: names[pairs[e]!.from]! }));
        const capacity = pairs.map((_, e) => 1 + (e % 5));
        const criticality = pairs.map((_, e) => (e % 3) / 3);
        const before = linkWeights(graphOf(nodes, pairs), { capacity, criticality }, shares);
        const after = linkWeights(
          graphOf(nodes, moved),
          { capacity: order.map((e) => capacity[e]!), criticality: order.map((e) => criticality[e]!) },
          shares,
        );
        for (const [i, e] of order.entries()) expect(after[i]!.weight).toBeCloseTo(before[e]!.weight, 9);
      }),
    );
  });

  test('a second line beside a link never raises the link’s share of all weight', () => {
    fc.assert(
      fc.property(randomGraph(10), fc.nat(), ({ nodes, pairs }, choice) => {
        const of = choice % pairs.length;
        if (pairs[of]!.from === pairs[of]!.to) return;
        const share = (all: readonly { from: number; to: number }[]): number => {
          const graph = graphOf(nodes, all);
          const weights = linkWeights(graph, even(graph), shares).map(({ weight }) => weight);
          return weights[of]! / weights.reduce((sum, weight) => sum + weight, 0);
        };
        expect(share([...pairs, pairs[of]!])).toBeLessThanOrEqual(share(pairs) + 1e-9);
      }),
      { numRuns: 500 },
    );
  });
});

describe('points from which several links can be watched', () => {
  test('the middle of a star watches all', () => {
    const plan = observationPoints(star, [1, 1, 1, 1], new Set(), 5);
    expect(plan).toMatchObject({ before: 0, loss: 0, points: [{ node: 0, links: [0, 1, 2, 3], gain: 1, coverage: 1 }] });
  });

  test('what is watched already is no gain, and what no point sees would be lost', () => {
    // 0–1, 1–2, 1–3 around node 1; 4–5 apart is watched by a sensor of its own.
    const graph = graphOf(6, links([0, 1], [1, 2], [1, 3], [4, 5]));
    const plan = observationPoints(graph, [0.2, 0.3, 0.1, 0.4], new Set([0, 3]), 5);
    expect(plan.before).toBeCloseTo(0.6);
    expect(plan.points).toMatchObject([{ node: 1, links: [0, 1, 2], gained: [1, 2] }]);
    expect(plan.points[0]!.gain).toBeCloseTo(0.4);
    expect(plan.points[0]!.coverage).toBeCloseTo(1);
    expect(plan.lost).toEqual([3]);
    expect(plan.loss).toBeCloseTo(0.4);
  });
});

function randomGraph(nodesMax: number, linksMax = 30) {
  return fc.integer({ min: 2, max: nodesMax }).chain((nodes) => {
    const node = fc.nat(nodes - 1);
    const pair = fc.record({ from: node, to: node });
    return fc.record({ nodes: fc.constant(nodes), pairs: fc.array(pair, { minLength: 1, maxLength: linksMax }) });
  });
}

function shuffled(count: number, stream: Iterator<number>): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = (stream.next().value as number) % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** The fewest links whose loss parts the two: all sets of links, the smallest first. */
function leastCut(nodes: number, pairs: readonly { from: number; to: number }[], from: number, to: number): number {
  let least = Infinity;
  for (let set = 0; set < 1 << pairs.length; set++) {
    let size = 0;
    for (let rest = set; rest > 0; rest &= rest - 1) size++;
    if (size >= least) continue;
    const group = Array.from({ length: nodes }, (_, n) => n);
    const root = (n: number): number => (group[n] === n ? n : (group[n] = root(group[n]!)));
    for (const [e, pair] of pairs.entries()) if ((set & (1 << e)) === 0) group[root(pair.from)] = root(pair.to);
    if (root(from) !== root(to)) least = size;
  }
  return least;
}
