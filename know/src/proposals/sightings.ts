/**
 * What a record of discovery shows of the estate, before anybody asks whether it is known: one sighting for each thing. Sightings with the same
 * place and the same matter are the same thing seen again.
 *
 *     sightings('known_services', { ts, host: '10.20.1.21', port_num: 443, port_proto: 'tcp', service: ['SSL'] })
 *     → host 10.20.1.21 · service 443/tcp SSL
 */

import { parseAddress } from '@forewarn/base/ip';
import type { Seconds } from '@forewarn/base/time';
import type { ProposalKind, ProposalSaid } from '@forewarn/model/proposal';
import type { AnyRecord } from '@forewarn/model/records/record';
import { domainOf } from '../names.ts';

export type Sighting = {
  kind: ProposalKind;
  /** An address, or the hardware address of a device that told none. */
  host: string;
  /** What it is, within its place; '' for the place itself. */
  matter: string;
  said: ProposalSaid;
  log: string;
  ts: Seconds;
  /** How surely one such record means that the thing is there: 0 to 1. */
  base: number;
};

/** Longer names are descriptions; the register takes names up to this. */
const nameMax = 120;

const text = (value: unknown, most = nameMax): string | undefined => {
  if (typeof value !== 'string') return undefined;
  const clean = value
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, most);
  // A cut may leave half of a character behind.
  return clean === '' ? undefined : clean.toWellFormed().replace(/\uFFFD$/, '');
};

/** Addresses that mean something only on their own wire name no host of a register. */
const onWire = (bytes: Uint8Array): boolean =>
  bytes.length === 4 ? bytes[0] === 169 && bytes[1] === 254 : bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80;

const addressOf = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined;
  const bytes = parseAddress(value);
  return bytes && !onWire(bytes) ? value : undefined;
};

/** A name with a dot that is no address: single words are names of machines, and say nothing beyond their segment. */
const hostName = (value: unknown): string | undefined => {
  const name = typeof value === 'string' ? domainOf(value.replace(/:\d{1,5}$/, '')) : undefined;
  return name !== undefined && name.includes('.') && /[a-z]/i.test(name) && parseAddress(name) === undefined ? name : undefined;
};

/** Ports that a system gives out for a moment (RFC 6335 §6): what answers there without a name is seldom a service. */
const dynamicPort = 49_152;

type Reader = (record: AnyRecord, at: { log: string; ts: Seconds }) => Sighting[];

const hostSighting = (host: string, said: ProposalSaid, base: number, at: { log: string; ts: Seconds }): Sighting => ({
  kind: 'host',
  host,
  matter: '',
  said,
  base,
  ...at,
});

const knownHosts: Reader = (record, at) => {
  const host = addressOf(record['host']);
  return host === undefined ? [] : [hostSighting(host, {}, 0.8, at)];
};

const knownServices: Reader = (record, at) => {
  const host = addressOf(record['host']);
  const port = record['port_num'];
  const proto = text(record['port_proto'], 10);
  if (host === undefined || typeof port !== 'number' || proto === undefined) return [];
  const names = Array.isArray(record['service']) ? (record['service'] as unknown[]).map((one) => text(one, 40)) : [];
  const service = names.find((name) => name !== undefined)?.toLowerCase();
  if (service === undefined && port >= dynamicPort) return [hostSighting(host, {}, 0.8, at)];
  const said = { port, proto, ...(service === undefined ? {} : { service }) };
  return [
    hostSighting(host, { role: 'server' }, 0.9, at),
    { kind: 'service', host, matter: `${port}/${proto}`, said, base: service === undefined ? 0.5 : 0.85, ...at },
  ];
};

const knownCerts: Reader = (record, at) => {
  const host = addressOf(record['host']);
  const common = typeof record['subject'] === 'string' ? /(?:^|[,/]\s*)CN\s*=\s*([^,/+]{1,253})/i.exec(record['subject']) : null;
  const name = hostName(common?.[1]?.trim());
  if (host === undefined || name === undefined) return [];
  return [{ kind: 'name', host, matter: name, said: { name, by: 'certificate' }, base: 0.8, ...at }];
};

const knownModbus: Reader = (record, at) => {
  const host = addressOf(record['host']);
  if (host === undefined) return [];
  const slave = record['device_type'] === 'Known::MODBUS_SLAVE';
  return [hostSighting(host, { role: slave ? 'controller' : 'controlling' }, 0.9, at)];
};

/** Clients say what they like; a server that says its version is asked by many. */
const serverType = /SERVER$/;
/** What a lease is asked with names the system's own client, in no version that a vulnerability would name. */
const noProduct: ReadonlySet<unknown> = new Set(['DHCP::CLIENT']);

const software: Reader = (record, at) => {
  const host = addressOf(record['host']);
  const product = text(record['name']);
  const type = text(record['software_type'], 60);
  if (host === undefined || type === undefined) return [];
  const server = serverType.test(type);
  const found = [hostSighting(host, { role: server ? 'server' : 'client' }, 0.8, at)];
  if (product === undefined || noProduct.has(type)) return found;
  const numbers = ['version.major', 'version.minor', 'version.minor2', 'version.minor3'].flatMap((field) =>
    typeof record[field] === 'number' ? String(record[field]) : [],
  );
  const more = text(record['version.addl'], 20);
  const version =
    numbers.length === 0
      ? undefined
      : `${numbers.join('.')}${more !== undefined && /^(?:p|rc|beta|alpha)\d{1,3}$/.test(more) ? more : ''}`;
  const base = (server ? 0.75 : 0.55) - (version === undefined ? 0.2 : 0);
  const said = { product, ...(version === undefined ? {} : { version }), type, ...quoted(record['unparsed_version']) };
  return [...found, { kind: 'product', host, matter: matterOf(product, version), said, base, ...at }];
};

const quoted = (value: unknown): { quote?: string } => {
  const quote = text(value, 256);
  return quote === undefined ? {} : { quote };
};

const matterOf = (product: string, version: string | undefined): string => `${product.toLowerCase()} ${version ?? ''}`;

/** What a device that tells of itself in this log is, as a rule. */
const rolesBy: { readonly [by: string]: ProposalSaid['role'] } = {
  lldp: 'network-device',
  cip_identity: 'controller',
  bacnet_discovery: 'controller',
  profinet_dcp: 'controller',
};

const knownDevices: Reader = (record, at) => {
  const by = text(record['by'], 40) ?? '';
  const address = addressOf(record['host']);
  const host = address ?? text(record['mac'], 40);
  // A lease names a telephone as its owner calls it, and that is about a person.
  if (host === undefined || by === 'dhcp') return address === undefined ? [] : [hostSighting(address, {}, 0.7, at)];
  const name = text(record['name']);
  const vendor = text(record['vendor']);
  const product = text(record['product']);
  const version = text(record['version'], 60);
  const role = rolesBy[by];
  const said: ProposalSaid = {
    by,
    ...(role === undefined ? {} : { role }),
    ...(name === undefined ? {} : { name }),
    ...(vendor === undefined ? {} : { vendor }),
    ...(product === undefined ? {} : { product }),
  };
  // Of what has neither an address nor a name nothing can be registered that anybody would find again.
  if (address === undefined && name === undefined) return [];
  const found = [hostSighting(host, said, 0.85, at)];
  const full = hostName(name);
  if (address !== undefined && full !== undefined)
    found.push({ kind: 'name', host, matter: full, said: { name: full, by }, base: 0.7, ...at });
  if (product !== undefined) {
    const parts = {
      product,
      by,
      // Without an address the name is what tells the device.
      ...(address === undefined && name !== undefined ? { name } : {}),
      ...(vendor === undefined ? {} : { vendor }),
      ...(version === undefined ? {} : { version }),
    };
    found.push({
      kind: 'product',
      host,
      matter: matterOf(product, version),
      said: parts,
      base: version === undefined ? 0.6 : 0.8,
      ...at,
    });
  }
  return found;
};

/** Segments with which the path of an interface begins; what stands before and in them is its base. */
const interfaceWord = /^(?:api|apis|rest|rpc|graphql|fhir|odata|soap|ws|v\d{1,2}(?:\.\d{1,2})?(?:(?:alpha|beta)\d{0,2})?)$/i;
/** How deep a base may lie: `/shop/api/v1`. */
const baseSegments = 4;

/** The base of an interface that a path belongs to: up to its last word of interfaces, or nothing. */
export function interfaceBase(path: string): string | undefined {
  const segments = path.split('/').slice(1, 1 + baseSegments);
  const last = segments.findLastIndex((segment) => interfaceWord.test(segment));
  return last < 0 ? undefined : `/${segments.slice(0, last + 1).join('/')}`;
}

const apiSurface: Reader = (record, at) => {
  const host = addressOf(record['host']);
  if (host === undefined) return [];
  const { path } = record;
  const service = text(record['service'], 40);
  const name = hostName(record['name']);
  const who = name ?? host;
  const found: Sighting[] = [];
  const add = (kind: 'web' | 'api', surface: string, base: number): void => {
    const said = {
      surface: { kind, name: surface },
      ...(name === undefined ? {} : { name }),
      ...(service === undefined ? {} : { service }),
    };
    found.push({ kind: 'surface', host, matter: `${kind} ${surface}`, said, base, ...at });
  };
  // What asks for a name may ask for any: a handshake was at least answered under it.
  if (name !== undefined && (service === 'http' || service === 'ssl')) add('web', name, service === 'ssl' ? 0.75 : 0.65);
  if (typeof path !== 'string') return found;
  if (service === 'http') {
    const base = interfaceBase(path);
    if (base !== undefined) add('api', `${who}${base}`.slice(0, nameMax), 0.75);
  } else if (service === 'grpc') {
    const contract = path.split('/')[1];
    if (contract) add('api', `${who}/${contract}`.slice(0, nameMax), 0.85);
  } else if (service === 'coap') {
    const first = path.split('/')[1];
    add('api', `${who}/${first ?? ''}`.slice(0, nameMax), 0.7);
  }
  return found;
};

const readers: { readonly [log: string]: Reader } = {
  known_hosts: knownHosts,
  known_services: knownServices,
  known_certs: knownCerts,
  known_modbus: knownModbus,
  software,
  known_devices: knownDevices,
  api_surface: apiSurface,
};

/** Logs that show something of the estate. */
export const discoveryLogs: readonly string[] = Object.keys(readers);

/** What the record shows; nothing for other logs and for what is no record of its log. Never throws. */
export function sightings(log: string, record: AnyRecord): Sighting[] {
  const read = Object.hasOwn(readers, log) ? readers[log] : undefined;
  const { ts } = record;
  if (!read || typeof ts !== 'number' || !Number.isFinite(ts)) return [];
  return read(record, { log, ts });
}
