/**
 * Passive discovery: what passing records show of the own networks – hosts, services, certificates, software, devices, and surfaces that can be asked
 * for – as records of their own, each told once a day. Nobody is asked anything, and only what answered counts: a scan discovers nothing that is not
 * there. Hosts elsewhere, and persons, are no object of it.
 */

import { contains, parseAddress, type Network } from '@forewarn/base/ip';
import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import { Once } from './once.ts';
import { readers, type Certificate, type Discovered } from './readers.ts';

const declared = {
  intervalSeconds: {
    value: 86_400,
    unit: 's',
    why: 'An entity is told once a day, as Zeek does (Known::host_store_expiry and its siblings are one day).',
  },
  hostsMax: {
    value: 65_536,
    unit: 'hosts',
    why: 'A whole IPv4 /16 in a day; about 5 MB of memory. Beyond it no new one is told until others are a day old.',
  },
  servicesMax: { value: 65_536, unit: 'services', why: 'As many as hosts: most offer one or none, servers a dozen.' },
  certsMax: {
    value: 16_384,
    unit: 'certificates on a port',
    why: 'Servers with TLS of a large organisation, some with several certificates.',
  },
  softwareMax: { value: 65_536, unit: 'programs of a host', why: 'As many as hosts: three programs on each of twenty thousand.' },
  devicesMax: {
    value: 16_384,
    unit: 'devices',
    why: 'A campus with its telephones and printers; a control network has some hundreds.',
  },
  surfacesMax: { value: 32_768, unit: 'surfaces', why: 'A hundred applications with some hundreds of operations each.' },
  surfacesPerServiceMax: {
    value: 512,
    unit: 'paths of a service',
    why: 'An API has some hundreds of operations; what has more names its paths by data, and the rest is told as {…}. One service cannot fill the table of all.',
  },
  certificatesHeld: {
    value: 1_024,
    unit: 'certificates',
    why: 'The record of a certificate stands beside that of its handshake, before or after it; between the two a busy line has some hundreds of others.',
  },
  addressesHeld: {
    value: 65_536,
    unit: 'addresses',
    why: 'Whether an address is an own one is remembered, because it is asked for each record; the memory starts anew when it is full.',
  },
} as const;

/** All ceilings, for the reference page. */
export const limits = Object.entries(declared).map(([name, limit]) => ({ name: `discovery.${name}`, ...limit }));

const max = Object.fromEntries(Object.entries(declared).map(([name, { value }]) => [name, value])) as {
  [Name in keyof typeof declared]: number;
};

export type Discovery = {
  /** Looks at a record that was written; what it newly shows is emitted in turn. Never throws. */
  see(log: string, record: AnyRecord): void;
};

export type DiscoveryOptions = {
  /** The own networks; what lies elsewhere is not told. */
  networks: readonly Network[];
  /** Takes a record that was discovered; it is not shown again. */
  record: (log: string, record: AnyRecord) => void;
  /** Told once an interval and log that a table is full: from then on new entities are missing. */
  full: (log: string, ts: Seconds) => void;
};

export function createDiscovery({ networks, record, full }: DiscoveryOptions): Discovery {
  const tables: { readonly [log: string]: Once } = {
    known_hosts: new Once(max.hostsMax, max.intervalSeconds),
    known_services: new Once(max.servicesMax, max.intervalSeconds),
    known_certs: new Once(max.certsMax, max.intervalSeconds),
    software: new Once(max.softwareMax, max.intervalSeconds),
    known_devices: new Once(max.devicesMax, max.intervalSeconds),
    known_modbus: new Once(max.hostsMax, max.intervalSeconds),
    api_surface: new Once(max.surfacesMax, max.intervalSeconds),
  };
  const fulls = new Once(64, max.intervalSeconds);
  const locals = new Map<string, boolean>();
  const perService = new Map<string, { until: Seconds; paths: number }>();
  const certificates = new Map<string, Certificate>();
  const wanted = new Map<string, Discovered[]>();

  function isLocal(address: unknown): address is string {
    if (typeof address !== 'string') return false;
    let local = locals.get(address);
    if (local === undefined) {
      const bytes = parseAddress(address);
      local = bytes !== undefined && networks.some((network) => contains(network, bytes));
      if (locals.size >= max.addressesHeld) locals.clear();
      locals.set(address, local);
    }
    return local;
  }

  function tell({ log, key, record: one }: Discovered, ts: Seconds): void {
    const told = tables[log]!.see(key, ts);
    if (told === 'new') record(log, one);
    else if (told === 'full' && fulls.see(log, ts) === 'new') full(log, ts);
  }

  /** A service with more paths than operations: the rest is one surface. */
  function surface(found: Discovered, ts: Seconds): void {
    if (tables['api_surface']!.has(found.key, ts)) return;
    const { host, port_num, name, path } = found.record;
    if (path !== undefined) {
      const service = `${String(host)} ${String(port_num)} ${String(name)}`;
      let count = perService.get(service);
      if (!count || ts >= count.until) {
        if (perService.size >= max.servicesMax) perService.clear();
        perService.set(service, (count = { until: ts + max.intervalSeconds, paths: 0 }));
      }
      if (count.paths >= max.surfacesPerServiceMax) {
        const rest: AnyRecord = { ...found.record, path: '/{…}' };
        tell({ log: 'api_surface', key: `${service} ${String(rest['method'])} …`, record: rest }, ts);
        return;
      }
      count.paths++;
    }
    tell(found, ts);
  }

  /** A bounded memory, of which what came first goes first. */
  function hold<T>(map: Map<string, T>, key: string, value: T): void {
    map.delete(key);
    if (map.size >= max.certificatesHeld) map.delete(map.keys().next().value as string);
    map.set(key, value);
  }

  const found = {
    isLocal,
    tell,
    surface,
    certificate(fingerprint: string, certificate: Certificate) {
      hold(certificates, fingerprint, certificate);
      for (const waiting of wanted.get(fingerprint) ?? []) this.shown(fingerprint, waiting);
      wanted.delete(fingerprint);
    },
    shown(fingerprint: string, waiting: Discovered) {
      const known = certificates.get(fingerprint);
      if (known) tell({ ...waiting, record: { ...waiting.record, ...known } }, Number(waiting.record['ts']));
      else {
        const others = wanted.get(fingerprint) ?? [];
        // The same certificate on many ports, and none of them with its record: it will not come.
        if (others.length < 16) hold(wanted, fingerprint, [...others, waiting]);
      }
    },
  };

  return {
    see(log, one) {
      const read = readers[log];
      const { ts } = one;
      if (read && typeof ts === 'number') read(one, ts, found);
    },
  };
}
