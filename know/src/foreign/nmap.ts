/**
 * What somebody's own inventory run with nmap says (its XML, `-oX`, nmap.dtd): hosts that were up become assets, programs that named themselves
 * become components. Nothing here asks a network anything.
 */

import { parseNetwork } from '@forewarn/base/ip';
import { AddressIndex } from '../addresses.ts';
import { parseCpe, cpeParts, cpeValue } from '../exposure/packages.ts';
import { domainOf } from '../names.ts';
import { Ids, within, type Draft, type Drafts } from './draft.ts';
import { xmlEvents } from './xml.ts';

/** A network of /16 has 65,536 hosts; what is more is given in parts. */
export const hostsMax = 65_536;
/** A host with all its ports open has as many. */
const servicesMax = 65_536;
/** Programs of one report; a sheet holds as many. */
const componentsMax = 100_000;

type Service = { port: string; product: string; version: string | undefined; cpes: string[] };
type Host = { up: boolean; addresses: string[]; names: string[]; vendor: string; services: Service[]; device: string };

/** Device types of nmap's fingerprints (`osclass type`), where one of ours says the same. */
const kinds: { readonly [type: string]: string } = {
  router: 'network-device',
  'broadband router': 'network-device',
  switch: 'network-device',
  firewall: 'network-device',
  bridge: 'network-device',
  hub: 'network-device',
  WAP: 'network-device',
  'load balancer': 'network-device',
  'VoIP gateway': 'network-device',
  'security-misc': 'network-device',
  proxy: 'server',
  'proxy server': 'server',
  'storage-misc': 'server',
  'print server': 'server',
  'remote management': 'controller',
  'power-device': 'controller',
  webcam: 'sensor',
};

/**
 * Reads a report. `networks` are those that are registered: a host stands in the one that holds its address most narrowly, and in none
 * where none does – its row is then completed by a person.
 */
export function readNmap(
  text: string,
  { organisation, networks }: { organisation: string; networks: readonly { id: string; addresses: readonly string[] }[] },
): Drafts {
  const index = new AddressIndex(networks.flatMap(({ id, addresses }) => addresses.map((address) => [address, id] as const)));
  const ids = new Ids();
  const assets: Draft[] = [];
  const components: Draft[] = [];
  const notes: Drafts['notes'] = [];
  let isReport = false;
  let left = 0;
  for (const host of hostsOf(text, {
    report: () => (isReport = true),
    broken: (line) => notes.push({ text: 'know.foreign.xml', values: { line } }),
  })) {
    const name = host.names[0];
    const address = host.addresses[0];
    if (!host.up || (name === undefined && address === undefined)) continue;
    if (assets.length >= hostsMax) {
      left++;
      continue;
    }
    const shown = name ?? address!;
    const id = ids.next(organisation, name?.split('.')[0] ?? address!);
    const network = host.addresses
      .map((each) => parseNetwork(each))
      .flatMap((each) => (each ? index.longest(each) : []))[0]; // oxfmt-ignore
    assets.push({
      id,
      organisation,
      network: network ?? '',
      name: { en: shown, zh: shown },
      kind: kinds[host.device] ?? (host.services.length > 0 ? 'server' : 'other'),
      importance: 'general',
      addresses: host.addresses,
      names: host.names,
      businesses: [],
    });
    const seen = new Set<string>();
    for (const service of host.services) {
      const component = componentOf(service);
      const key = JSON.stringify(component);
      // One program often listens on many ports.
      if (!component || seen.has(key) || components.length >= componentsMax) continue;
      seen.add(key);
      components.push({ id: ids.next(id, component.name.en), organisation, asset: id, ...component });
    }
  }
  if (!isReport) notes.push({ text: 'know.foreign.nmap' });
  if (left > 0) notes.push({ text: 'know.foreign.more', values: { count: left, max: hostsMax } });
  return { items: { assets, components }, notes };
}

function componentOf({ product, version, cpes }: Service) {
  // Of several names nmap gives the operating system's too; the program's is `a`.
  const cpe = cpes.map((each) => parseCpe(each)).find((each) => each?.part === 'a');
  if (product === '') return undefined;
  const vendor = cpe && cpe.vendor !== '*' && cpe.vendor !== '-' ? cpeValue(cpe.vendor) : undefined;
  return {
    name: { en: product.slice(0, 200), zh: product.slice(0, 200) },
    ...(vendor === undefined ? {} : { vendor: vendor.slice(0, 200) }),
    ...(version === undefined ? {} : { version }),
    ...(cpe ? { cpe: `cpe:2.3:${cpeParts.map((part) => formatted(cpe[part])).join(':')}`.slice(0, 500) } : {}),
  };
}

/** Periods and hyphens of a value stand in a formatted string as they are (NISTIR 7695, 6.2); a hyphen alone would mean that there is none. */
const formatted = (value: string): string => (value === '\\-' ? value : value.replaceAll(/\\([.-])/g, '$1'));

function* hostsOf(text: string, say: { report(): void; broken(line: number): void }): Generator<Host> {
  let host: Host | undefined;
  let port: { id: string; open: boolean; service: Service | undefined } | undefined;
  let inCpe = false;
  for (const event of xmlEvents(text)) {
    if (event.kind === 'broken') {
      say.broken(event.line);
      return;
    }
    if (event.kind === 'text') {
      if (inCpe && port?.service && port.service.cpes.length < 10) port.service.cpes.push(event.text.trim());
      continue;
    }
    if (event.kind === 'close') {
      if (event.name === 'cpe') inCpe = false;
      else if (event.name === 'port' && host) {
        if (port?.open && port.service && host.services.length < servicesMax) host.services.push(port.service);
        port = undefined;
      } else if (event.name === 'host' && host) {
        yield host;
        host = undefined;
      }
      continue;
    }
    const { name, attributes } = event;
    if (name === 'nmaprun') say.report();
    else if (name === 'host') host = { up: true, addresses: [], names: [], vendor: '', services: [], device: '' };
    else if (!host) continue;
    else if (name === 'status') host.up = attributes['state'] !== 'down';
    else if (name === 'address')
      take(host.addresses, attributes['addrtype'] === 'mac' ? undefined : addressOf(attributes['addr']));
    else if (name === 'hostname') take(host.names, domainOf(attributes['name'] ?? ''));
    // The first match is the best; the device's type stands in its classes.
    else if (name === 'osclass') host.device ||= attributes['type'] ?? '';
    else if (name === 'port') port = { id: attributes['portid'] ?? '', open: false, service: undefined };
    else if (name === 'state' && port) port.open = attributes['state'] === 'open';
    else if (name === 'service' && port) {
      port.service = {
        port: port.id,
        product: within(attributes['product'], 200) ?? '',
        version: within(attributes['version'], 200),
        cpes: [],
      };
    } else if (name === 'cpe') inCpe = true;
  }
}

const addressOf = (text: string | undefined): string | undefined => (text !== undefined && parseNetwork(text) ? text : undefined);

/** An asset holds a thousand of each (`model/estate.ts`). */
function take(list: string[], value: string | undefined): void {
  if (value !== undefined && list.length < 1000 && !list.includes(value)) list.push(value);
}
