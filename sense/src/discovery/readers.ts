/** What each log shows: one reader a log. A log that is not here shows nothing of what is there. */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import { pathTemplate } from './surface.ts';
import { parseVersion, saidMax } from './versions.ts';

/** A record to be told, and what it is the same by. */
export type Discovered = { log: string; key: string; record: AnyRecord };

/** What is told of a certificate beside where it was shown. */
export type Certificate = { subject?: string; issuer_subject?: string; serial?: string };

/** Where a reader brings what it found. */
export type Found = {
  isLocal(address: unknown): address is string;
  tell(found: Discovered, ts: Seconds): void;
  surface(found: Discovered, ts: Seconds): void;
  certificate(fingerprint: string, certificate: Certificate): void;
  shown(fingerprint: string, found: Discovered): void;
};

type Reader = (record: AnyRecord, ts: Seconds, found: Found) => void;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, saidMax) : undefined;

/** Only fields that are there. */
const some = (fields: { readonly [name: string]: AnyRecord[string] | undefined }): AnyRecord =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as AnyRecord;

function host(found: Found, address: unknown, ts: Seconds): void {
  if (found.isLocal(address)) found.tell({ log: 'known_hosts', key: address, record: { ts, host: address } }, ts);
}

function service(
  found: Found,
  { address, port, proto, name, ts }: { address: unknown; port: unknown; proto: string; name: string | undefined; ts: Seconds },
): void {
  if (!found.isLocal(address) || typeof port !== 'number') return;
  const said = name === undefined ? [] : [name.toUpperCase()];
  const record = { ts, host: address, port_num: port, port_proto: proto, service: said };
  found.tell({ log: 'known_services', key: `${address} ${port} ${proto} ${said.join()}`, record }, ts);
}

function program(
  found: Found,
  { type, address, port, said, ts }: { type: string; address: unknown; port?: unknown; said: unknown; ts: Seconds },
): void {
  const unparsed = text(said);
  if (unparsed === undefined || !found.isLocal(address)) return;
  const { name, numbers, addl } = parseVersion(unparsed);
  const [major, minor, minor2, minor3] = numbers;
  const record = some({
    ts,
    host: address,
    host_p: typeof port === 'number' ? port : undefined,
    software_type: type,
    name,
    'version.major': major,
    'version.minor': minor,
    'version.minor2': minor2,
    'version.minor3': minor3,
    'version.addl': addl,
    unparsed_version: unparsed,
  });
  found.tell({ log: 'software', key: `${address} ${type} ${name ?? ''} ${numbers.join('.')} ${addl ?? ''}`, record }, ts);
}

type Device = {
  host?: unknown;
  mac?: unknown;
  name?: unknown;
  vendor?: unknown;
  product?: unknown;
  version?: unknown;
  serial?: unknown;
};

function device(found: Found, by: string, said: Device, ts: Seconds): void {
  const address = found.isLocal(said.host) ? said.host : undefined;
  const mac = text(said.mac);
  const rest = some({
    name: text(said.name),
    vendor: text(said.vendor),
    product: text(said.product),
    version: text(said.version),
    serial: text(said.serial),
  });
  if ((address === undefined && mac === undefined) || Object.keys(rest).length === 0) return;
  const record = some({ ts, host: address, mac, ...rest, by });
  found.tell({ log: 'known_devices', key: `${by} ${address ?? ''} ${mac ?? ''} ${JSON.stringify(rest)}`, record }, ts);
}

/** States of TCP in which both sides opened it (Zeek's words). */
const opened: ReadonlySet<unknown> = new Set(['S1', 'SF', 'S2', 'S3', 'RSTO', 'RSTR']);

const conn: Reader = (record, ts, found) => {
  const { proto } = record;
  if (proto !== 'tcp' && proto !== 'udp' && proto !== 'sctp') return;
  const answered = typeof record['resp_bytes'] === 'number' && record['resp_bytes'] > 0;
  // A datagram that nobody answered may bear any address; an open connection needs an answer to be opened.
  if (proto === 'tcp' ? !opened.has(record['conn_state']) : !answered) return;
  host(found, record['id.orig_h'], ts);
  host(found, record['id.resp_h'], ts);
  const end = { address: record['id.resp_h'], port: record['id.resp_p'], proto, ts };
  const names = (text(record['service']) ?? '').split(',').filter((name) => name !== '');
  // Channels that another conversation announced are no services of their own.
  if (names.includes('ftp-data') || names.includes('irc-dcc-data')) return;
  if (names.length === 0 && proto === 'tcp') service(found, { ...end, name: undefined });
  for (const name of names) service(found, { ...end, name });
};

/** The server answered: its service is there, though the connection may last for hours before its own record comes. */
function answers(found: Found, record: AnyRecord, of: { name: string; proto?: string; ts: Seconds }): void {
  const { name, ts, proto = text(record['proto']) ?? 'tcp' } = of;
  host(found, record['id.orig_h'], ts);
  host(found, record['id.resp_h'], ts);
  service(found, { address: record['id.resp_h'], port: record['id.resp_p'], proto, name, ts });
}

/** What answers an operation: found, moved, or only for who may. A place that is not there is no surface. */
const isThere = (status: unknown): boolean => typeof status === 'number' && ((status >= 200 && status < 400) || status === 401);

function place(
  found: Found,
  record: AnyRecord,
  of: { service: string; name?: unknown; method?: unknown; path?: string | undefined; status?: unknown; ts: Seconds },
): void {
  const address = record['id.resp_h'];
  const port = record['id.resp_p'];
  if (!found.isLocal(address) || typeof port !== 'number') return;
  const name = text(of.name)?.toLowerCase();
  const method = text(of.method);
  const one = some({
    ts: of.ts,
    host: address,
    port_num: port,
    service: of.service,
    name,
    method,
    path: of.path,
    status_code: typeof of.status === 'number' ? of.status : undefined,
  });
  const key = `${address} ${port} ${of.service} ${name ?? ''} ${method ?? ''} ${of.path ?? ''}`;
  found.surface({ log: 'api_surface', key, record: one }, of.ts);
}

const http: Reader = (record, ts, found) => {
  if (record['status_code'] !== undefined) answers(found, record, { name: 'http', proto: 'tcp', ts });
  program(found, { type: 'HTTP::BROWSER', address: record['id.orig_h'], said: record['user_agent'], ts });
  const target = text(record['uri']);
  const path = target === undefined ? undefined : pathTemplate(target);
  if (path === undefined || !isThere(record['status_code'])) return;
  place(found, record, {
    service: 'http',
    name: record['host'],
    method: record['method'],
    path,
    status: record['status_code'],
    ts,
  });
};

const ssl: Reader = (record, ts, found) => {
  if (record['established'] !== true) return;
  answers(found, record, { name: 'ssl', proto: 'tcp', ts });
  if (text(record['server_name']) !== undefined) place(found, record, { service: 'ssl', name: record['server_name'], ts });
  const fingerprint = Array.isArray(record['cert_chain_fps']) ? (record['cert_chain_fps'] as unknown[])[0] : undefined;
  const address = record['id.resp_h'];
  const port = record['id.resp_p'];
  if (typeof fingerprint !== 'string' || !found.isLocal(address) || typeof port !== 'number') return;
  found.shown(fingerprint, {
    log: 'known_certs',
    key: `${address} ${port} ${fingerprint}`,
    record: { ts, host: address, port_num: port },
  });
};

const x509: Reader = (record, _ts, found) => {
  const fingerprint = text(record['fingerprint']);
  // A certificate of an authority or of a client is nobody's service.
  if (fingerprint === undefined || record['client_cert'] === true || record['host_cert'] === false) return;
  found.certificate(
    fingerprint,
    some({
      subject: text(record['certificate.subject']),
      issuer_subject: text(record['certificate.issuer']),
      serial: text(record['certificate.serial']),
    }),
  );
};

/** `SSH-2.0-OpenSSH_9.7 Debian` without what says the protocol's version. */
const sshProgram = (said: unknown): string | undefined => text(said)?.replace(/^SSH-[\d.]+-/, '');

const ssh: Reader = (record, ts, found) => {
  if (text(record['server']) === undefined) return;
  answers(found, record, { name: 'ssh', proto: 'tcp', ts });
  program(found, {
    type: 'SSH::SERVER',
    address: record['id.resp_h'],
    port: record['id.resp_p'],
    said: sshProgram(record['server']),
    ts,
  });
  program(found, { type: 'SSH::CLIENT', address: record['id.orig_h'], said: sshProgram(record['client']), ts });
};

const dhcp: Reader = (record, ts, found) => {
  const address = record['assigned_addr'] ?? record['client_addr'];
  const said = { host: address, mac: record['mac'], name: record['client_fqdn'] ?? record['host_name'] };
  device(found, 'dhcp', { ...said, product: record['vendor_class'] }, ts);
  program(found, { type: 'DHCP::CLIENT', address, said: record['vendor_class'], ts });
};

/** Names that a segment gives itself: an answer of multicast DNS says which address a name has. */
const dns: Reader = (record, ts, found) => {
  if (record['rcode'] !== undefined && record['id.resp_p'] !== 5353) {
    const proto = text(record['proto']) ?? 'udp';
    answers(found, record, { name: 'dns', proto, ts });
  }
  const list = record['answers'];
  const type = record['qtype_name'];
  if (record['id.resp_p'] !== 5353 || !Array.isArray(list) || (type !== 'A' && type !== 'AAAA')) return;
  for (const address of list) device(found, 'dns', { host: address, name: record['query'] }, ts);
};

const ntlm: Reader = (record, ts, found) => {
  const server = record['server_dns_computer_name'] ?? record['server_nb_computer_name'];
  if (server === undefined) return;
  device(found, 'ntlm', { host: record['id.resp_h'], name: server }, ts);
  device(found, 'ntlm', { host: record['id.orig_h'], name: record['hostname'] }, ts);
};

const snmp: Reader = (record, ts, found) => {
  if (typeof record['get_responses'] !== 'number' || record['get_responses'] === 0) return;
  answers(found, record, { name: 'snmp', proto: 'udp', ts });
  device(found, 'snmp', { host: record['id.resp_h'], product: record['display_string'] }, ts);
};

const ssdp: Reader = (record, ts, found) => {
  const address = record[record['is_orig'] === true ? 'id.orig_h' : 'id.resp_h'];
  program(found, { type: 'UPNP::SERVER', address, said: record['server'], ts });
  program(found, { type: 'UPNP::CLIENT', address: record['id.orig_h'], said: record['user_agent'], ts });
};

const lldp: Reader = (record, ts, found) => {
  if (record['ttl'] === 0) return;
  const addresses = Array.isArray(record['management_addresses']) ? (record['management_addresses'] as unknown[]) : [];
  const version = record['software'] ?? record['firmware'];
  const product = record['model'] ?? record['system_description'];
  const said = { vendor: record['manufacturer'], product, version, serial: record['serial'], name: record['system_name'] };
  device(found, 'lldp', { host: addresses.find((one) => found.isLocal(one)), mac: record['mac_src'], ...said }, ts);
};

const profinetDcp: Reader = (record, ts, found) => {
  // A request names whom it looks for; only a station's own word, or its greeting, is one.
  if (record['service_type'] !== 'response' && record['service'] !== 'Hello') return;
  const vendor = typeof record['vendor_id'] === 'number' ? `0x${record['vendor_id'].toString(16).padStart(4, '0')}` : undefined;
  const said = { name: record['name_of_station'], vendor, product: record['type_of_station'] };
  device(found, 'profinet_dcp', { host: record['ip'], mac: record['mac_src'], ...said }, ts);
};

const cipIdentity: Reader = (record, ts, found) => {
  const sender = record[record['is_orig'] === true ? 'id.orig_h' : 'id.resp_h'];
  const said = { vendor: record['vendor_name'], product: record['product_name'] ?? record['device_type_name'] };
  device(found, 'cip_identity', { host: sender, ...said, version: record['revision'], serial: record['serial_number'] }, ts);
};

const bacnetDiscovery: Reader = (record, ts, found) => {
  if (!/^i[-_]am$/i.test(String(record['pdu_service']))) return;
  const sender = record[record['is_orig'] === true ? 'id.orig_h' : 'id.resp_h'];
  const number = record['instance_number'];
  const name = typeof number === 'number' ? `device ${number}` : undefined;
  device(found, 'bacnet_discovery', { host: sender, vendor: record['vendor'], name }, ts);
};

const modbus: Reader = (record, ts, found) => {
  if (record['pdu_type'] !== 'RESP') return;
  answers(found, record, { name: 'modbus', proto: 'tcp', ts });
  for (const [side, role] of [
    ['id.orig_h', 'Known::MODBUS_MASTER'],
    ['id.resp_h', 'Known::MODBUS_SLAVE'],
  ] as const) {
    const address = record[side];
    if (!found.isLocal(address)) continue;
    found.tell({ log: 'known_modbus', key: `${address} ${role}`, record: { ts, host: address, device_type: role } }, ts);
  }
};

/** gRPC's status of a method that is not there (`UNIMPLEMENTED`). */
const grpcUnimplemented = 12;

const grpc: Reader = (record, ts, found) => {
  const { service: name, method, status, host: authority } = record;
  if (text(name) === undefined || text(method) === undefined || typeof status !== 'number' || status === grpcUnimplemented)
    return;
  // Names of services and methods stand in a contract between programs: they hold no data.
  place(found, record, {
    service: 'grpc',
    name: authority,
    method: 'POST',
    path: text(`/${String(name)}/${String(method)}`),
    status,
    ts,
  });
};

const coap: Reader = (record, ts, found) => {
  // Devices ask as often as they are asked; of a flow that the server began nothing is said here.
  if (record['is_orig'] !== true || !String(record['code']).startsWith('2.')) return;
  answers(found, record, { name: 'coap', proto: 'udp', ts });
  const path = text(record['uri_path']);
  const template = path === undefined ? undefined : pathTemplate(path.startsWith('/') ? path : `/${path}`);
  if (template !== undefined)
    place(found, record, { service: 'coap', name: record['uri_host'], method: record['method'], path: template, ts });
};

const rtsp: Reader = (record, ts, found) => {
  program(found, { type: 'RTSP::CLIENT', address: record['id.orig_h'], said: record['user_agent'], ts });
  program(found, { type: 'RTSP::SERVER', address: record['id.resp_h'], port: record['id.resp_p'], said: record['server'], ts });
  const target = text(record['uri']);
  const path = target === undefined ? undefined : pathTemplate(target);
  if (path === undefined || !isThere(record['status_code'])) return;
  answers(found, record, { name: 'rtsp', proto: 'tcp', ts });
  place(found, record, { service: 'rtsp', method: record['method'], path, status: record['status_code'], ts });
};

/** A program that its protocol names, on the side of the client. */
const client =
  (type: string): Reader =>
  (record, ts, found) =>
    program(found, { type, address: record['id.orig_h'], said: record['user_agent'], ts });

/** A service whose record says by a field that it answered. */
const answering =
  (name: string, field: string, proto: string): Reader =>
  (record, ts, found) => {
    if (record[field] !== undefined) answers(found, record, { name, proto, ts });
  };

export const readers: { readonly [log: string]: Reader } = {
  conn,
  http,
  ssl,
  x509,
  ssh,
  dhcp,
  dns,
  ntlm,
  snmp,
  ssdp,
  lldp,
  profinet_dcp: profinetDcp,
  cip_identity: cipIdentity,
  bacnet_discovery: bacnetDiscovery,
  modbus,
  grpc,
  coap,
  rtsp,
  smtp: client('SMTP::MAIL_CLIENT'),
  mqtt_connect: answering('mqtt', 'connect_status', 'tcp'),
  dnp3: answering('dnp3', 'fc_reply', 'tcp'),
};
