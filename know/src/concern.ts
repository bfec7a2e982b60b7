/**
 * Whom something concerns: addresses and names against the registered estate. Findings ask it with the organisation whose sensor
 * saw them, warnings with their scope. An estate is compiled once and asked many times.
 *
 *     const index = compileEstate(estate);
 *     index.concerned({ addresses: ['198.51.100.7'], names: [], seenBy: 'hospital' });
 *     index.audience({ addresses: [], names: ['portal.example'], businesses: ['hospital-booking'], sectors: ['health'] });
 */

import { parseNetwork, type Network as AddressNetwork } from '@forewarn/base/ip';
import { sectorName, type Asset, type Business, type Estate, type Network, type Organisation } from '@forewarn/model/estate';
import type { Words } from '@forewarn/model/text';
import type { WarningScope } from '@forewarn/model/warning';
import { AddressIndex, isLocal } from './addresses.ts';
import { domainOf, upwards } from './names.ts';

export type Concerned = {
  organisation: string;
  network?: string;
  asset?: string;
  businesses: string[];
  reasons: Words[];
};

export type Concern = { organisation: string; reasons: Words[] };

export type EstateIndex = {
  /** What of the estate the addresses and names are, the most particular first: an asset before the network around it. */
  concerned(asked: { addresses: readonly string[]; names: readonly string[]; seenBy?: string }): Concerned[];
  /** Whom a warning's scope reaches, and why; one entry an organisation. */
  audience(scope: WarningScope): Concern[];
  /** Businesses that a scope names, or that stand on what it names. */
  businessesOf(scope: WarningScope): string[];
  /** Whose businesses rely on these, through as many others as it may be; one entry an organisation. */
  dependents(affected: Iterable<string>): Concern[];
  /** Whose the address is; `undefined` when it is nobody's or not one organisation's alone. */
  ownerOf(address: string, seenBy?: string): string | undefined;
  organisation(id: string): Organisation | undefined;
  organisations(): readonly Organisation[];
  asset(id: string): Asset | undefined;
  business(id: string): Business | undefined;
  readonly centre: Organisation | undefined;
};

/** Reasons kept for one organisation: a warning for a whole range must not answer with a thousand sentences. */
const reasonsMax = 20;

type Place =
  | { kind: 'network'; network: Network; registered: string }
  | { kind: 'asset'; asset: Asset; registered: string }
  | { kind: 'surface'; business: Business; registered: string };

const organisationOf = (place: Place): string =>
  place.kind === 'network'
    ? place.network.organisation
    : place.kind === 'asset'
      ? place.asset.organisation
      : place.business.organisation;

export function compileEstate(estate: Estate): EstateIndex {
  const steps = compiling(estate);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same for a large estate, with a pause every few milliseconds, in which others are answered. */
export async function compileEstateAside(estate: Estate, pause: () => Promise<void>): Promise<EstateIndex> {
  const steps = compiling(estate);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await pause();
  }
}

/** Places between two pauses. */
const placesOfStep = 2_000;

function* compiling(estate: Estate): Generator<undefined, EstateIndex> {
  const organisations = new Map(estate.organisations.map((one) => [one.id, one]));
  const assets = new Map(estate.assets.map((one) => [one.id, one]));
  const businesses = new Map(estate.businesses.map((one) => [one.id, one]));
  yield;
  const addresses = new AddressIndex<Place>([]);
  const byOwner = new Map<string, (readonly [string, Place])[]>();
  const registeredAddresses = addressPlaces(estate);
  for (let i = 0; i < registeredAddresses.length; i += placesOfStep) {
    yield;
    const some = registeredAddresses.slice(i, i + placesOfStep);
    addresses.take(some);
    for (const one of some) {
      const owner = organisationOf(one[1]);
      const own = byOwner.get(owner);
      if (own) own.push(one);
      else byOwner.set(owner, [one]);
    }
  }
  yield;
  addresses.order();
  const names = new Map<string, Place[]>();
  for (const [i, [name, place]] of namePlaces(estate).entries()) {
    if (i % placesOfStep === 0) yield;
    const domain = domainOf(name);
    if (domain === undefined) continue;
    const there = names.get(domain);
    if (there) there.push(place);
    else names.set(domain, [place]);
  }
  yield;
  // Labels turned round, so that what stands below a name stands behind it.
  const turned = [...names.keys()].map((name) => [turn(name), name] as const).sort(([a], [b]) => (a < b ? -1 : 1));

  /** The address, or nothing when it is local and another organisation's. */
  function places(address: string, seenBy: string | undefined): Place[] {
    const network = parseNetwork(address);
    if (!network) return [];
    const found = addresses.longest(network);
    // 10.0.0.1 is somebody else in every organisation: only who saw it can say whose it is.
    return seenBy !== undefined && isLocal(network) ? longestOf(seenBy, address) : found;
  }

  /** Who relies on a business, the other way round than it is registered; made when it is first asked for. */
  let relying: Map<string, Business[]> | undefined;
  function reliesOn(id: string): readonly Business[] {
    if (!relying) {
      relying = new Map();
      for (const business of estate.businesses) {
        for (const on of business.dependsOn ?? []) {
          const there = relying.get(on);
          if (there) there.push(business);
          else relying.set(on, [business]);
        }
      }
    }
    return relying.get(id) ?? [];
  }

  /** What of the estate an address of a scope means: what lies inside, or what it lies in. */
  function placesOfAddress(address: string): Place[] {
    const network = parseNetwork(address);
    if (!network) return [];
    const inside = addresses.inside(network);
    if (isLocal(network)) return [...inside, ...holders(network, inside)];
    return inside.length > 0 ? inside : addresses.longest(network);
  }

  const perOrganisation = new Map<string, AddressIndex<Place>>();
  function longestOf(organisation: string, address: string): Place[] {
    let index = perOrganisation.get(organisation);
    if (!index) {
      index = new AddressIndex(byOwner.get(organisation) ?? []);
      perOrganisation.set(organisation, index);
    }
    return index.longest(parseNetwork(address)!);
  }

  /** Who else holds a local network around this one, each by its longest: 10.0.0.1 may be any of theirs. */
  function holders(network: AddressNetwork, inside: readonly Place[]): Place[] {
    const met = new Set(inside.map(organisationOf));
    const found: Place[] = [];
    for (const level of addresses.around(network)) {
      const fresh = level.filter((place) => !met.has(organisationOf(place)));
      for (const place of fresh) met.add(organisationOf(place));
      found.push(...fresh);
    }
    return found;
  }

  function namePlacesOf(text: string): Place[] {
    const domain = domainOf(text);
    if (domain === undefined) return [];
    for (const name of upwards(domain)) {
      const found = names.get(name);
      if (!found) continue;
      // A host's name says nothing of the names below it; a domain's does.
      const meant = name === domain ? found : found.filter((place) => place.kind === 'network');
      if (meant.length > 0) return meant;
    }
    return [];
  }

  function below(text: string): Place[] {
    const domain = domainOf(text);
    if (domain === undefined) return [];
    const start = `${turn(domain)}.`;
    let low = 0;
    let high = turned.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (turned[middle]![0] < start) low = middle + 1;
      else high = middle;
    }
    const found: Place[] = [];
    for (let i = low; i < turned.length && turned[i]![0].startsWith(start); i++) found.push(...names.get(turned[i]![1])!);
    return found;
  }

  return {
    concerned({ addresses: askedAddresses, names: askedNames, seenBy }) {
      const found = new Map<string, Concerned>();
      const add = (place: Place, reason: Words): void => {
        const key = `${place.kind}\n${place.kind === 'network' ? place.network.id : place.kind === 'asset' ? place.asset.id : place.business.id}`;
        const there = found.get(key);
        if (there) {
          if (there.reasons.length < reasonsMax) there.reasons.push(reason);
        } else found.set(key, { organisation: organisationOf(place), ...idsOf(place), reasons: [reason] });
      };
      for (const address of askedAddresses)
        for (const place of places(address, seenBy)) add(place, addressReason(address, place));
      for (const name of askedNames) for (const place of namePlacesOf(name)) add(place, nameReason(name, place));
      return [...found.values()].sort((a, b) => particular(b) - particular(a));
    },
    audience(scope) {
      const found = new Map<string, Words[]>();
      const add = (organisation: string, reason: Words): void => {
        const reasons = found.get(organisation);
        if (!reasons) found.set(organisation, [reason]);
        else if (reasons.length < reasonsMax) reasons.push(reason);
      };
      for (const address of scope.addresses) {
        for (const place of placesOfAddress(address)) add(organisationOf(place), addressReason(address, place));
      }
      for (const name of scope.names) {
        for (const place of [...namePlacesOf(name), ...below(name)]) add(organisationOf(place), nameReason(name, place));
      }
      for (const id of scope.businesses) {
        const business = businesses.get(id);
        if (business) add(business.organisation, { text: 'know.concern.business', values: { business: id } });
        for (const asset of estate.assets) {
          if (asset.businesses.includes(id) && asset.organisation !== business?.organisation) {
            add(asset.organisation, { text: 'know.concern.carries', values: { business: id, asset: asset.id } });
          }
        }
      }
      const regions = new Set(scope.regions ?? []);
      const asns = new Set(scope.asns ?? []);
      for (const network of regions.size + asns.size === 0 ? [] : estate.networks) {
        for (const asn of network.asns ?? []) {
          if (asns.has(asn)) add(network.organisation, { text: 'know.concern.asn', values: { asn, network: network.id } });
        }
        if (network.region !== undefined && regions.has(network.region)) {
          const { region, id } = network;
          add(network.organisation, { text: 'know.concern.region-network', values: { region, network: id } });
        }
      }
      for (const organisation of regions.size === 0 ? [] : estate.organisations) {
        if (organisation.kind === 'centre' || !regions.has(organisation.region)) continue;
        add(organisation.id, { text: 'know.concern.region', values: { region: organisation.region } });
      }
      for (const organisation of estate.organisations) {
        // The centre issues and the departments oversee; a sector's warning is for those who run something in it.
        if (organisation.kind === 'centre' || !scope.sectors.includes(organisation.sector)) continue;
        add(organisation.id, { text: 'know.concern.sector', values: { sector: sectorName(organisation.sector) } });
      }
      return [...found].map(([organisation, reasons]) => ({ organisation, reasons: unique(reasons) }));
    },
    businessesOf(scope) {
      const found = new Set(scope.businesses.filter((id) => businesses.has(id)));
      const met = [
        ...scope.addresses.flatMap(placesOfAddress),
        ...scope.names.flatMap((name) => [...namePlacesOf(name), ...below(name)]),
      ];
      for (const place of met) for (const id of idsOf(place).businesses) found.add(id);
      return [...found];
    },
    dependents(affected) {
      const met = new Set(affected);
      const found = new Map<string, Words[]>();
      const next = [...met];
      // Each business once, so that a circle of reliance ends.
      for (let on = next.pop(); on !== undefined; on = next.pop()) {
        for (const { id, organisation } of reliesOn(on)) {
          const reasons = found.get(organisation);
          // It has registered itself on what it relies; of what lies behind that it does not learn.
          const reason = { text: 'know.concern.relies', values: { business: id, on } };
          if (!reasons) found.set(organisation, [reason]);
          else if (reasons.length < reasonsMax) reasons.push(reason);
          if (met.has(id)) continue;
          met.add(id);
          next.push(id);
        }
      }
      return [...found].map(([organisation, reasons]) => ({ organisation, reasons }));
    },
    ownerOf(address, seenBy) {
      const owners = new Set(places(address, seenBy).map(organisationOf));
      return owners.size === 1 ? [...owners][0] : undefined;
    },
    organisation: (id) => organisations.get(id),
    organisations: () => estate.organisations,
    asset: (id) => assets.get(id),
    business: (id) => businesses.get(id),
    centre: estate.organisations.find(({ kind }) => kind === 'centre'),
  };
}

function addressPlaces(estate: Estate): (readonly [string, Place])[] {
  return [
    ...estate.networks.flatMap((network) =>
      network.addresses.map((registered) => [registered, { kind: 'network', network, registered }] as const),
    ),
    ...estate.assets.flatMap((asset) =>
      asset.addresses.map((registered) => [registered, { kind: 'asset', asset, registered }] as const),
    ),
  ];
}

function namePlaces(estate: Estate): (readonly [string, Place])[] {
  return [
    ...estate.networks.flatMap((network) =>
      network.domains.map((registered) => [registered, { kind: 'network', network, registered }] as const),
    ),
    ...estate.assets.flatMap((asset) =>
      asset.names.map((registered) => [registered, { kind: 'asset', asset, registered }] as const),
    ),
    ...estate.businesses.flatMap((business) =>
      business.surfaces
        // Only these surfaces are named by hosts; a desk or an app in a shop is not.
        .filter(({ kind }) => kind === 'web' || kind === 'api')
        // An interface for programs may stand below a path: whoever asks for it asks for its host.
        .map(({ name: registered }) => [registered.split('/', 1)[0]!, { kind: 'surface', business, registered }] as const),
    ),
  ];
}

const turn = (name: string): string => name.split('.').toReversed().join('.');

function idsOf(place: Place): Pick<Concerned, 'network' | 'asset' | 'businesses'> {
  if (place.kind === 'network') return { network: place.network.id, businesses: [] };
  if (place.kind === 'asset') return { network: place.asset.network, asset: place.asset.id, businesses: place.asset.businesses };
  return { businesses: [place.business.id] };
}

const particular = (one: Concerned): number => (one.asset === undefined ? 0 : 2) + (one.businesses.length > 0 ? 1 : 0);

function addressReason(address: string, place: Place): Words {
  return place.kind === 'asset'
    ? { text: 'know.concern.asset-address', values: { address, asset: place.asset.id } }
    : { text: 'know.concern.network-address', values: { address, network: place.registered } };
}

function nameReason(name: string, place: Place): Words {
  if (place.kind === 'asset') return { text: 'know.concern.asset-name', values: { name, asset: place.asset.id } };
  if (place.kind === 'surface') return { text: 'know.concern.surface', values: { name, business: place.business.id } };
  return { text: 'know.concern.domain', values: { name, domain: place.registered } };
}

function unique(reasons: readonly Words[]): Words[] {
  return [...new Map(reasons.map((reason) => [JSON.stringify(reason), reason])).values()];
}
