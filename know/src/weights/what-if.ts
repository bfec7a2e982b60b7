/**
 * What falls when something is gone: links, nodes, networks, whole organisations, assets, services, or products by themselves, their maker, supplier or origin.
 * A service falls for those who no longer reach where it stands, when what it runs on is gone, or when a service that it depends on falls. The estate
 * does not say which of its assets a service cannot do without, so the answer is a span: least, if any one of them is enough, most, if it needs them
 * all. Likewise of what it depends on: at least for those of the worst of them, at most for those of all together.
 */

import type { Estate, replaceabilities, TakenKind } from '@forewarn/model/estate';
import { carriersOf, dependentsOf } from './carriers.ts';
import { graphOfEstate, joined, placeOfAsset, type EstateGraph } from './places.ts';

/** An organisation's networks, what stands in them, and the links that are its. */
export type Taken = { readonly [Kind in TakenKind]?: ReadonlySet<string> };

export type Span = { least: number; most: number };

export type Replaceability = (typeof replaceabilities)[number];

export type Fallen = {
  business: string;
  organisation: string;
  /** Of those that reached it before, the share that does not any more, by the capacity of their links; 0 to 1. */
  share: Span;
  /** Users served times the share. */
  users: Span;
  /** Its value an hour times the share. */
  cnyPerHour: Span;
  /** Whom it serves. */
  regions: readonly string[];
  /** Whether what is gone reaches it by itself, and not only by what it depends on. */
  itself: boolean;
  /** Services that fall and that it depends on, itself named or by others. */
  through: string[];
  /** How soon the worst of the products that are gone and that it rests on is replaced; null: no product is gone, or none tells. */
  lasts: Replaceability | null;
  toleratedOutageHours: number | null;
  /** Whether it is gone for longer than its users can do without it; null: not known. */
  outlasts: boolean | null;
};

/** Less than this is what rounding leaves. */
const shareMin = 1e-9;

/** Services through which one falls are named up to here; who opens one of them sees on. */
const throughMax = 20;

/** Steps over dependencies that are made for one answer, some tenths of a second; past them, what depends on the rest may fall wholly. */
const stepsMax = 5_000_000;

/** A term of replaceability in hours, from and to. */
const lastsHours: { readonly [term in Replaceability]: readonly [number, number] } = {
  days: [24, 7 * 24],
  weeks: [7 * 24, 30 * 24],
  months: [30 * 24, Infinity],
  none: [Infinity, Infinity],
};

export type Falls = (taken: Taken) => Fallen[];

/** Services that fall in part or wholly, the most users first. */
export const whatFalls = (estate: Estate, taken: Taken): Fallen[] => compileFalls(estate)(taken);

/** The same for many questions about one estate. */
export function compileFalls(estate: Estate): Falls {
  const places = graphOfEstate(estate);
  const carriers = carriersOf(estate);
  const dependents = dependentsOf(estate);
  const standsAt = estate.assets.map((asset) => placeOfAsset(asset, places));
  const nobody = new Set<number>();
  const before = partsOf(places, nobody, nobody);
  const reachedBefore = massOf(places, before, nobody);
  const regionOf = new Map(estate.organisations.map(({ id, region }) => [id, region]));
  const indexOf = new Map(estate.assets.map(({ id }, i) => [id, i]));
  const businessesOf = new Map<number, Set<string>>();
  for (const [business, assets] of carriers.assets) {
    for (const i of assets) {
      const known = businessesOf.get(i);
      if (known) known.add(business);
      else businessesOf.set(i, new Set([business]));
    }
  }

  return (taken) => {
    const products = productsGone(estate, taken);
    const organisations = taken.organisations ?? new Set();
    const networks = new Set(taken.networks);
    for (const { id, organisation } of estate.networks) if (organisations.has(organisation)) networks.add(id);
    const nodes = new Set(taken.nodes);
    for (const { id, network } of estate.nodes) if (networks.has(network)) nodes.add(id);
    const links = new Set<number>();
    for (const [e, { id, organisation }] of estate.links.entries())
      if (taken.links?.has(id) || organisations.has(organisation)) links.add(e);

    /** Assets that are gone for certain, and with how long it lasts; and those of which a component is. */
    const gone = new Map<number, Replaceability | null>();
    const perhaps = new Map<number, Replaceability | null>();
    for (const [i, { id, network, node, product }] of estate.assets.entries()) {
      if (product !== undefined && products.has(product)) gone.set(i, products.get(product)!);
      else if (networks.has(network) || (node !== undefined && nodes.has(node)) || taken.assets?.has(id)) gone.set(i, null);
    }
    if (products.size > 0) {
      for (const { asset, product } of estate.components) {
        const i = indexOf.get(asset);
        if (i === undefined || product === undefined || !products.has(product)) continue;
        perhaps.set(i, longer(perhaps.get(i) ?? null, products.get(product)!));
      }
    }
    const cut = links.size > 0 || nodes.size > 0 || networks.size > 0;
    const goneNodes = nodesGone(places, networks, nodes);
    const after = cut ? partsOf(places, links, goneNodes) : before;
    const reachedAfter = cut ? massOf(places, after, goneNodes) : reachedBefore;

    const touched = new Set<string>(taken.businesses);
    for (const i of [...gone.keys(), ...perhaps.keys()]) for (const business of businessesOf.get(i) ?? []) touched.add(business);
    for (const { product, businesses } of estate.applications)
      if (product !== undefined && products.has(product)) for (const business of businesses) touched.add(business);

    const own = new Map<string, { share: Span; lasts: Replaceability | null }>();
    for (const { id } of estate.businesses) {
      if (!cut && !touched.has(id)) continue;
      const fallen = taken.businesses?.has(id) ? { share: { least: 1, most: 1 }, lasts: null } : ownFall(id);
      if (fallen && fallen.share.most >= shareMin) own.set(id, fallen);
    }
    const spread = spreadOver(own, dependents);
    const fallen: Fallen[] = [];
    for (const { id, organisation, usersServed, valuePerHourCny, regions, toleratedOutageHours } of estate.businesses) {
      const { share, lasts, through } = spread.get(id) ?? {};
      if (!share || share.most < shareMin) continue;
      const times = (value: number): Span => ({ least: value * share.least, most: value * share.most });
      const home = regionOf.get(organisation);
      fallen.push({
        business: id,
        organisation,
        share,
        users: times(usersServed),
        cnyPerHour: times(valuePerHourCny),
        regions: regions ?? (home === undefined ? [] : [home]),
        itself: own.has(id),
        through: through!.slice(0, throughMax),
        lasts: lasts!,
        toleratedOutageHours: toleratedOutageHours ?? null,
        outlasts: outlasts(lasts!, toleratedOutageHours),
      });
    }
    return fallen.sort(
      (a, b) => b.users.most - a.users.most || b.share.most - a.share.most || (a.business < b.business ? -1 : 1),
    );

    /** The fall of a service by where it stands and what it runs on. */
    function ownFall(business: string): { share: Span; lasts: Replaceability | null } | undefined {
      const assets = [...(carriers.assets.get(business) ?? [])];
      let lasts: Replaceability | null = null;
      for (const i of assets) lasts = longer(lasts, longer(gone.get(i) ?? null, perhaps.get(i) ?? null));
      const applications = [...(carriers.applications.get(business) ?? [])].map((i) => estate.applications[i]!);
      const without = applications.filter(({ product }) => product !== undefined && products.has(product));
      for (const { product } of without) lasts = longer(lasts, products.get(product!)!);
      const placed = assets.flatMap((i) => {
        const node = standsAt[i];
        return node === undefined ? [] : [{ node, gone: gone.has(i), perhaps: perhaps.has(i) }];
      });
      if (placed.length === 0) {
        // Nobody knows where it stands; its programs may be gone all the same.
        if (without.length === 0) return undefined;
        return { share: { least: without.length === applications.length ? 1 : 0, most: 1 }, lasts };
      }
      // Parts do not overlap, so it is enough to count what lies in each that the service stands in.
      const byPart = Map.groupBy(placed, ({ node }) => before[node]!);
      const standing = new Set(placed.filter((one) => !one.gone).map(({ node }) => after[node]!));
      const was = sumOf(byPart.keys(), reachedBefore);
      const some = applications.length > 0 && without.length === applications.length ? 0 : sumOf(standing, reachedAfter);
      let all = 0;
      for (const together of without.length > 0 ? [] : byPart.values()) {
        const left = new Set(together.map((one) => (one.gone || one.perhaps ? -1 : after[one.node]!)));
        if (left.size === 1) all += sumOf(left, reachedAfter);
      }
      return { share: { least: 1 - some / was, most: 1 - all / was }, lasts };
    }
  };
}

type Spread = { share: Span; lasts: Replaceability | null; through: string[] };

/** Carries falls on to what depends on them, however far: at least the worst of them, at most their sum. */
function spreadOver(
  own: ReadonlyMap<string, { share: Span; lasts: Replaceability | null }>,
  dependents: ReadonlyMap<string, readonly string[]>,
): Map<string, Spread> {
  const spread = new Map<string, Spread>();
  for (const [id, { share, lasts }] of own) spread.set(id, { share: { ...share }, lasts, through: [] });
  let steps = 0;
  /** Everything that depends on one of the services, each once. */
  const reach = (from: readonly string[], on: (business: string, spread: Spread) => void): void => {
    const met = new Set(from);
    const open = [...from];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const next of dependents.get(at) ?? []) {
        steps++;
        if (met.has(next)) continue;
        met.add(next);
        open.push(next);
        let known = spread.get(next);
        if (!known) spread.set(next, (known = { share: { least: 0, most: 0 }, lasts: null, through: [] }));
        on(next, known);
      }
    }
  };
  const sources = [...own].sort(([, a], [, b]) => b.share.most - a.share.most);
  for (const [i, [id, { share, lasts }]] of sources.entries()) {
    if (steps > stepsMax) {
      reach(
        sources.slice(i).map(([source]) => source),
        (_, one) => void (one.share.most = 1),
      );
      break;
    }
    reach([id], (_, one) => {
      one.share.least = Math.max(one.share.least, share.least);
      one.share.most = Math.min(1, one.share.most + share.most);
      one.lasts = longer(one.lasts, lasts);
      if (one.through.length < throughMax) one.through.push(id);
    });
  }
  return spread;
}

/** Products that are gone, each with how soon it is replaced. */
function productsGone(estate: Estate, { products, makers, suppliers, origins }: Taken): Map<string, Replaceability | null> {
  const gone = new Map<string, Replaceability | null>();
  for (const { id, maker, supplier, origin, replaceability } of estate.products) {
    const is =
      products?.has(id) ||
      makers?.has(maker) ||
      (supplier !== undefined && suppliers?.has(supplier)) ||
      (origin !== undefined && origins?.has(origin));
    if (is) gone.set(id, replaceability ?? null);
  }
  return gone;
}

/** Several networks and nodes may be one place; it is gone when all of them are. */
function nodesGone({ networksAt, points }: EstateGraph, networks: ReadonlySet<string>, nodes: ReadonlySet<string>): Set<number> {
  const gone = new Set<number>();
  for (const [node, here] of networksAt) if (here.length > 0 && here.every((id) => networks.has(id))) gone.add(node);
  for (const id of nodes) {
    const node = points.get(id);
    if (node !== undefined && networksAt.get(node)!.length === 0) gone.add(node);
  }
  return gone;
}

const order: readonly (Replaceability | null)[] = [null, 'days', 'weeks', 'months', 'none'];
const longer = (one: Replaceability | null, other: Replaceability | null): Replaceability | null =>
  order.indexOf(one) >= order.indexOf(other) ? one : other;

function outlasts(lasts: Replaceability | null, toleratedHours: number | undefined): boolean | null {
  if (lasts === null || toleratedHours === undefined) return null;
  const [least, most] = lastsHours[lasts];
  if (least > toleratedHours) return true;
  return most <= toleratedHours ? false : null;
}

function sumOf(parts: Iterable<number>, counts: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const part of parts) sum += counts.get(part) ?? 0;
  return sum;
}

/** Use is taken as spread by the capacity of the links that end at a place; what of it lies in each part. */
function massOf({ mass }: EstateGraph, part: Int32Array, gone: ReadonlySet<number>): Map<number, number> {
  const sums = new Map<number, number>();
  for (const [node, used] of mass.entries()) if (!gone.has(node)) sums.set(part[node]!, (sums.get(part[node]!) ?? 0) + used);
  return sums;
}

/** Which places are joined: equal numbers. One that is gone is joined to none; a wire to it leads to the next that stands of its part. */
function partsOf(
  { graph: { nodes, from, to }, wires }: EstateGraph,
  goneLinks: ReadonlySet<number>,
  goneNodes: ReadonlySet<number>,
): Int32Array {
  const parts = joined(nodes);
  const links = from.length - wires.length;
  for (let e = 0; e < links; e++)
    if (!goneLinks.has(e) && !goneNodes.has(from[e]!) && !goneNodes.has(to[e]!)) parts.join(from[e]!, to[e]!);
  for (const { place, members } of wires) {
    if (goneNodes.has(place)) continue;
    const member = members.find((one) => !goneNodes.has(one));
    if (member !== undefined) parts.join(place, member);
  }
  return Int32Array.from({ length: nodes }, (_, node) => parts.rootOf(node));
}
