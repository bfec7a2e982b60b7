/** Links that end at nodes: what a network with nodes is as a place, and what falls without one of them. */

import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { emptyEstate, type Estate } from '@forewarn/model/estate';
import { readWeightRules, weighEstate } from './estate.ts';
import { graphOfEstate } from './places.ts';
import { reliances } from './reliance.ts';
import { whatFalls, type Taken } from './what-if.ts';
import { linkWeights, type Shares } from './weights.ts';

const rules = readWeightRules(
  readFileSync(new URL('../../../content/weights/links.yaml', import.meta.url), 'utf8'),
  'weights/links.yaml',
);
const name = { en: 'x', zh: 'x' };
type Of<K extends keyof Estate> = Estate[K][number];
const network = (id: string, organisation: string): Of<'networks'> => ({ id, organisation, name, type: 'computer', addresses: [], domains: [] }); // oxfmt-ignore
const node = (id: string, at: string, organisation = 'carrier'): Of<'nodes'> => ({ id, organisation, network: at, name, kind: 'router' }); // oxfmt-ignore
const link = (id: string, from: string, to: string): Of<'links'> => ({ id, organisation: 'carrier', name, tier: 'backbone', role: 'primary', capacityMbps: 100, from, to }); // oxfmt-ignore
const asset = (id: string, at: string, over: Partial<Of<'assets'>> = {}): Of<'assets'> => ({ id, organisation: 'carrier', network: at, name, kind: 'server', importance: 'special', addresses: [], names: [], businesses: [], ...over }); // oxfmt-ignore
const business = (id: string, over: Partial<Of<'businesses'>> = {}): Of<'businesses'> => ({ id, organisation: 'carrier', name, usersServed: 100, valuePerHourCny: 10, surfaces: [], ...over }); // oxfmt-ignore
const product = (id: string, maker: string, over: Partial<Of<'products'>> = {}): Of<'products'> => ({ id, organisation: 'carrier', name, maker, ...over }); // oxfmt-ignore

/** A ring of three nodes; an office at one of them, another at the network itself, nobody knows where. */
const ring: Estate = {
  ...emptyEstate(),
  networks: [network('ring', 'carrier'), network('office', 'one'), network('shop', 'two')],
  nodes: [node('a', 'ring'), node('b', 'ring'), node('c', 'ring'), node('unlinked', 'ring')],
  links: [
    link('ab', 'a', 'b'),
    link('bc', 'b', 'c'),
    link('ca', 'c', 'a'),
    link('office-line', 'office', 'b'),
    link('shop-line', 'shop', 'ring'),
  ],
};

describe('a network with nodes', () => {
  test('a ring stays a ring: the network is no short way between its nodes', () => {
    const ways = weighEstate(ring, rules).links.map(({ ways: each }) => each);
    expect(ways).toEqual([2, 2, 2, 1, 1]);
    const { graph, points, nodes, wires } = graphOfEstate(ring);
    // Once inside the ring, and once inside each organisation.
    expect(wires.map(({ members }) => members.length)).toEqual([3, 1, 1, 1]);
    expect(points.get('unlinked')).toBe(nodes.get('ring'));
    expect(graph.from.length).toBe(ring.links.length + wires.length);
  });

  test('parts that no link joins are joined by the network; a link to the network itself is the wire', () => {
    const parts: Estate = { ...ring, links: [link('ab', 'a', 'b'), link('office-line', 'office', 'c'), link('c', 'c', 'ring')] };
    expect(graphOfEstate(parts).wires.slice(0, -2)).toHaveLength(1);
    const falls = whatFalls(
      { ...parts, assets: [asset('x', 'ring', { node: 'a', businesses: ['x'] })], businesses: [business('x')] },
      { links: new Set(['c']) },
    );
    // The office reached it over c and the network.
    expect(falls[0]!.share.least).toBeGreaterThan(0);
  });

  test('other order of nodes and links: the same weights', () => {
    const turned: Estate = { ...ring, nodes: ring.nodes.toReversed(), links: ring.links.toReversed() };
    const weights = (estate: Estate) =>
      Object.fromEntries(weighEstate(estate, rules).links.map(({ link: { id }, weight }) => [id, weight]));
    for (const [id, weight] of Object.entries(weights(turned))) expect(weight).toBeCloseTo(weights(ring)[id]!, 9);
  });

  test('a second line beside a link never raises the link’s share, wherever the two end', () => {
    const shares: Shares = { betweenness: 0.4, capacity: 0.2, criticality: 0.3, singleness: 0.1 };
    const ends = ['n0', 'n1', 'n2', 'n3', 'p0', 'p1', 'p2', 'p3', 'p4', 'p5'];
    const end = fc.constantFrom(...ends);
    fc.assert(
      fc.property(fc.array(fc.tuple(end, end), { minLength: 1, maxLength: 20 }), fc.nat(), (pairs, choice) => {
        const of = choice % pairs.length;
        if (pairs[of]![0] === pairs[of]![1]) return;
        const share = (all: readonly [string, string][]): number => {
          const { graph } = graphOfEstate({
            networks: [0, 1, 2, 3].map((n) => network(`n${n}`, `o${n % 2}`)),
            nodes: [0, 1, 2, 3, 4, 5].map((p) => node(`p${p}`, `n${p % 3}`)),
            links: all.map(([from, to], e) => link(`l${e}`, from, to)),
          });
          const even = { capacity: all.map(() => 1), criticality: all.map(() => 0) };
          const weights = linkWeights(graph, even, shares).map(({ weight }) => weight);
          return weights[of]! / weights.reduce((sum, weight) => sum + weight, 0);
        };
        expect(share([...pairs, pairs[of]!])).toBeLessThanOrEqual(share(pairs) + 1e-9);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what falls', () => {
  const estate: Estate = {
    ...ring,
    assets: [
      asset('at-b', 'ring', { node: 'b', businesses: ['mail'], product: 'switch-one' }),
      asset('anywhere', 'ring', { businesses: ['web'] }),
    ],
    products: [
      product('switch-one', 'North', { origin: 'SE', replaceability: 'months', supplier: 'Dealer' }),
      product('library', 'South', { replaceability: 'days' }),
    ],
    components: [{ id: 'lib', organisation: 'carrier', name, asset: 'anywhere', product: 'library' }],
    businesses: [
      business('mail', { toleratedOutageHours: 4 }),
      business('web', { toleratedOutageHours: 400 }),
      business('shop', { dependsOn: ['mail'], toleratedOutageHours: 1_000 }),
      business('club', { dependsOn: ['shop', 'web', 'club'], regions: ['north', 'south'] }),
    ],
  };
  const falls = (taken: Taken) => Object.fromEntries(whatFalls(estate, taken).map((one) => [one.business, one]));

  test('one link of the ring: nothing; a node: what stands there, and what depends on it however far', () => {
    expect(falls({ links: new Set(['ab']) })).toEqual({});
    const fallen = falls({ nodes: new Set(['b']) });
    expect(fallen['mail']).toMatchObject({ share: { least: 1, most: 1 }, itself: true, lasts: null, outlasts: null });
    // Of 1,003 Mbit/s, 300 end at the node, and behind it the office has 101.
    expect(fallen['web']!.share).toEqual({ least: expect.closeTo(401 / 1003), most: expect.closeTo(401 / 1003) });
    expect(fallen['shop']).toMatchObject({ share: { least: 1, most: 1 }, through: ['mail'] });
    expect(fallen['club']).toMatchObject({ share: { least: 1, most: 1 }, regions: ['north', 'south'] });
  });

  test('the first node of a ring: the network itself is reached by the next', () => {
    expect(falls({ nodes: new Set(['a']) })['web']!.share.most).toBeLessThan(0.5);
  });

  test('a maker, a supplier and an origin are their products, for as long as those are missed', () => {
    for (const taken of [
      { makers: new Set(['North']) },
      { suppliers: new Set(['Dealer']) },
      { origins: new Set(['SE']) },
      { products: new Set(['switch-one']) },
    ]) {
      const fallen = falls(taken);
      expect(Object.keys(fallen)).toEqual(['club', 'mail', 'shop']);
      expect(fallen['mail']).toMatchObject({ share: { least: 1, most: 1 }, lasts: 'months', outlasts: true });
      // Months may be fewer hours than those a thousand.
      expect(fallen['shop']).toMatchObject({ lasts: 'months', outlasts: null });
    }
  });

  test('a component may be what its asset cannot do without, or not', () => {
    expect(falls({ makers: new Set(['South']) })['web']).toMatchObject({
      share: { least: 0, most: 1 },
      lasts: 'days',
      outlasts: false,
    });
  });

  test('services without any of their applications fall, with one of them perhaps', () => {
    const application = (id: string, of: string): Of<'applications'> => ({ id, organisation: 'carrier', name, assets: ['anywhere'], businesses: ['web'], product: of, importance: 'general' }); // oxfmt-ignore
    const with2 = { ...estate, applications: [application('one', 'switch-one'), application('two', 'library')] };
    const share = (taken: Taken) => whatFalls(with2, taken).find((one) => one.business === 'web')!.share;
    expect(share({ products: new Set(['switch-one']) })).toEqual({ least: 0, most: 1 });
    expect(share({ products: new Set(['switch-one', 'library']) })).toEqual({ least: 1, most: 1 });
  });

  test('a circle of services ends, and a service that is gone takes those that depend on it', () => {
    const circle: Estate = {
      ...emptyEstate(),
      businesses: [business('a', { dependsOn: ['b'] }), business('b', { dependsOn: ['c'] }), business('c', { dependsOn: ['a'] })],
    };
    expect(whatFalls(circle, { businesses: new Set(['b']) }).map(({ business: id, share }) => [id, share.least])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ]);
  });

  test('on what single things it relies', () => {
    const found = reliances(estate, weighEstate(estate, rules));
    expect(found.find(({ id }) => id === 'North')).toMatchObject({
      kind: 'makers',
      share: 0.5,
      products: 1,
      assets: 1,
      falls: 3,
      falling: 3,
      users: { least: 300, most: 300 },
      lasts: 'months',
    });
    const ties = found.filter(({ kind }) => kind === 'links').map(({ id }) => id);
    expect(ties.toSorted()).toEqual(['office-line', 'shop-line']);
    expect(found.filter(({ kind }) => kind === 'nodes').map(({ id }) => id)[0]).toBe('b');
    expect(reliances(estate, weighEstate(estate, rules), () => false)).toEqual([]);
  });
});
