/** What an organisation's register has already, compiled for the questions of proposals: is this known, and where does it belong? */

import { parseAddress, parseNetwork, type Network as AddressNetwork } from '@forewarn/base/ip';
import type { Asset, Business, Component, Estate, EstateItem, EstateKind, Network } from '@forewarn/model/estate';
import { AddressIndex } from '../addresses.ts';
import type { Sighting } from './sightings.ts';

export type KnownEstate = {
  readonly organisation: string;
  /** The asset that a host is: by its address, or by its name where it has none. */
  assetOf(host: string, name?: string): Asset | undefined;
  /** The network around it. */
  networkOf(host: string): Network | undefined;
  /** Where a thing stands: the host, or the range of addresses that is registered as one asset, in which machines are not told apart. */
  placeOf(host: string): string;
  /** Whether the register has what was seen. */
  has(sighting: Pick<Sighting, 'kind' | 'host' | 'said'>): boolean;
  /** A component of the asset with the same product in another version. */
  componentOf(asset: string, product: string): Component | undefined;
  businessesOf(asset: Asset): readonly Business[];
  item<Kind extends EstateKind>(kind: Kind, id: string): EstateItem<Kind> | undefined;
  items(kind: EstateKind): readonly EstateItem[];
  isTaken(id: string): boolean;
  /** Takes in what was written meanwhile. */
  note<Kind extends EstateKind>(kind: Kind, item: EstateItem<Kind>): void;
};

const isRange = ({ bytes, prefix }: AddressNetwork): boolean => prefix < bytes.length * 8;

const push = <Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void => {
  const there = map.get(key);
  if (there) there.push(value);
  else map.set(key, [value]);
};

/** The host that a surface is asked at: the name before its path. */
const surfaceHost = (name: string): string => name.split('/', 1)[0]!.toLowerCase();

const sameText = (a: string | undefined, b: string | undefined): boolean => (a ?? '').toLowerCase() === (b ?? '').toLowerCase();

/** Protocols of web surfaces: who registered the surface knows that they are spoken there. */
const webServices: ReadonlySet<string> = new Set(['http', 'ssl', 'http2', 'quic']);

export function compileKnown(estate: Estate, organisation: string): KnownEstate {
  const own = <Kind extends EstateKind>(kind: Kind): EstateItem<Kind>[] =>
    (estate[kind] as (EstateItem<Kind> & { organisation?: string })[]).filter((item) => item.organisation === organisation);
  type Place = { asset: Asset; registered: string; range: boolean };
  const assets = own('assets');
  const addresses = new AddressIndex<Place>(
    assets.flatMap((asset) =>
      asset.addresses.flatMap((registered) => {
        const network = parseNetwork(registered);
        return network ? [[registered, { asset, registered, range: isRange(network) }] as const] : [];
      }),
    ),
  );
  const networks = new AddressIndex<Network>(
    own('networks').flatMap((network) => network.addresses.map((address) => [address, network] as const)),
  );
  const byKind = new Map<EstateKind, Map<string, EstateItem>>();
  const names = new Map<string, Asset[]>();
  const components = new Map<string, Component[]>();
  const applications = new Map<string, string[]>();
  const surfaces = new Map<string, { kind: string; name: string }[]>();
  /** Assets that came since. */
  const added = new Map<string, Asset>();

  function note<Kind extends EstateKind>(kind: Kind, item: EstateItem<Kind>): void {
    let items = byKind.get(kind);
    if (!items) byKind.set(kind, (items = new Map()));
    items.set(item.id, item);
    if (kind === 'assets') {
      const asset = item as Asset;
      for (const name of asset.names) push(names, name.toLowerCase(), asset);
    } else if (kind === 'components') {
      const component = item as Component;
      const others = (components.get(component.asset) ?? []).filter(({ id }) => id !== component.id);
      components.set(component.asset, [...others, component]);
    } else if (kind === 'applications') {
      const application = item as EstateItem<'applications'>;
      for (const asset of application.assets) push(applications, asset, `${application.id} ${application.name.en}`.toLowerCase());
    } else if (kind === 'businesses') {
      for (const surface of (item as Business).surfaces) push(surfaces, surfaceHost(surface.name), surface);
    }
  }
  for (const kind of Object.keys(estate) as EstateKind[]) for (const item of own(kind)) note(kind, item);

  const placed = (host: string): Place | undefined => {
    const bytes = parseAddress(host);
    return bytes && addresses.longest({ bytes, prefix: bytes.length * 8 })[0];
  };
  const current = (asset: Asset | undefined): Asset | undefined =>
    asset && ((byKind.get('assets')?.get(asset.id) as Asset | undefined) ?? asset);
  const assetOf = (host: string, name?: string): Asset | undefined =>
    current(
      added.get(host) ??
        placed(host)?.asset ??
        (parseAddress(host) || name === undefined ? undefined : names.get(name.toLowerCase())?.[0]),
    );
  const businessesOf = (asset: Asset): Business[] =>
    asset.businesses.flatMap((id) => (byKind.get('businesses')?.get(id) as Business | undefined) ?? []);

  function hasSurface({ surface }: Sighting['said']): boolean {
    if (!surface) return true;
    const { kind, name } = surface;
    return (surfaces.get(surfaceHost(name)) ?? []).some((known) => {
      const registered = known.name.toLowerCase();
      // Whoever registered an interface of a host knows of the host; who registered the host need not know of the interface.
      return (
        kind === 'web' ||
        name.toLowerCase() === registered ||
        (registered.includes('/') && name.toLowerCase().startsWith(`${registered}/`))
      );
    });
  }

  function hasService(asset: Asset, { port, service }: Sighting['said']): boolean {
    if (
      service !== undefined &&
      webServices.has(service) &&
      businessesOf(asset).some(({ surfaces: of }) => of.some(({ kind }) => kind !== 'desk'))
    )
      return true;
    const words = (applications.get(asset.id) ?? []).flatMap((text) => text.split(/[^a-z0-9]+/));
    return words.includes(String(port)) || (service !== undefined && words.includes(service.replaceAll(/[^a-z0-9]/g, '')));
  }

  return {
    organisation,
    assetOf,
    networkOf(host) {
      const bytes = parseAddress(host);
      return bytes && networks.longest({ bytes, prefix: bytes.length * 8 })[0];
    },
    placeOf(host) {
      const place = placed(host);
      return place?.range ? place.registered : host;
    },
    has({ kind, host, said }) {
      const asset = assetOf(host, said.name);
      if (kind === 'host') return asset !== undefined;
      if (kind === 'surface') return hasSurface(said);
      // Machines of a range are not told apart, and neither are their names and what they offer.
      if ((kind === 'name' || kind === 'service') && placed(host)?.range) return true;
      if (kind === 'name') {
        const name = said.name?.toLowerCase() ?? '';
        return names.has(name) || surfaces.has(name);
      }
      if (!asset) return false;
      if (kind === 'service') return hasService(asset, said);
      return (components.get(asset.id) ?? []).some(
        (known) => sameText(known.name.en, said.product) && (said.version === undefined || sameText(known.version, said.version)),
      );
    },
    componentOf: (asset, product) => components.get(asset)?.find(({ name }) => sameText(name.en, product)),
    businessesOf,
    item: <Kind extends EstateKind>(kind: Kind, id: string) => byKind.get(kind)?.get(id) as EstateItem<Kind> | undefined,
    items: (kind) => [...(byKind.get(kind)?.values() ?? [])],
    isTaken: (id) => [...byKind.values()].some((items) => items.has(id)),
    note(kind, item) {
      note(kind, item);
      if (kind === 'assets') for (const address of (item as Asset).addresses) added.set(address, item as Asset);
    },
  };
}
