/**
 * What is there: hosts, services, certificates, software, devices and surfaces of the own networks, as passing traffic shows them. Zeek's names where
 * Zeek has the log; `known_devices` goes further than Zeek's, and `api_surface` has no like there.
 */

import { connectionColumns, type Column, type RecordOf, type RecordType } from './record.ts';

const { ts } = connectionColumns;
const host: Column & { always: true; type: 'addr' } = {
  type: 'addr',
  class: 'technical',
  always: true,
  means: 'The host: an address of an own network.',
};
const text = (means: string) => ({ type: 'string', class: 'technical', means }) as const;
const port_num = { type: 'port', class: 'technical', always: true, means: 'Port of the service.' } as const;

export const known_hosts = {
  log: 'known_hosts',
  means: 'A host of an own network has taken part in a conversation that both sides spoke in; told once a day.',
  source: 'Zeek policy/protocols/conn/known-hosts',
  columns: { ts, host },
} as const satisfies RecordType;

export const known_services = {
  log: 'known_services',
  means: 'A host of an own network has answered on a port; told once a day for each service that speaks there.',
  source: 'Zeek policy/protocols/conn/known-services',
  columns: {
    ts,
    host,
    port_num,
    port_proto: { type: 'enum', class: 'technical', always: true, means: 'tcp, udp or sctp.' },
    service: {
      type: 'vector[string]',
      class: 'technical',
      always: true,
      means: 'What was spoken, in capitals; empty: nothing known.',
    },
  },
} as const satisfies RecordType;

export const known_certs = {
  log: 'known_certs',
  means: 'A host of an own network has shown a certificate; told once a day.',
  source: 'Zeek policy/protocols/ssl/known-certs',
  columns: {
    ts,
    host,
    port_num,
    subject: text('Subject of the certificate.'),
    issuer_subject: text('Subject of who signed it.'),
    serial: text('Its serial number in hexadecimal.'),
  },
} as const satisfies RecordType;

export const software = {
  log: 'software',
  means:
    'A host of an own network runs a program that said its name; told once a day for each version. It is about the host, never about who uses it.',
  source: 'Zeek base/frameworks/software and the policy/protocols scripts that feed it',
  columns: {
    ts,
    host,
    host_p: { type: 'port', class: 'technical', means: 'Port of a server.' },
    software_type: {
      type: 'enum',
      class: 'technical',
      always: true,
      means: 'HTTP::BROWSER, SSH::SERVER, SSH::CLIENT, SMTP::MAIL_CLIENT and the like.',
    },
    name: text('Name of the program.'),
    'version.major': { type: 'count', class: 'technical', means: 'First number of its version.' },
    'version.minor': { type: 'count', class: 'technical', means: 'Second number.' },
    'version.minor2': { type: 'count', class: 'technical', means: 'Third number.' },
    'version.minor3': { type: 'count', class: 'technical', means: 'Fourth number.' },
    'version.addl': text('What stands behind the numbers: p1, Ubuntu, Windows NT 10.0.'),
    unparsed_version: text('All that the program said of itself.'),
  },
} as const satisfies RecordType;

export const known_modbus = {
  log: 'known_modbus',
  means: 'A host of an own network speaks Modbus as a master or as a slave; told once a day.',
  source: 'Zeek policy/protocols/modbus/known-masters-slaves',
  columns: {
    ts,
    host,
    device_type: { type: 'enum', class: 'technical', always: true, means: 'Known::MODBUS_MASTER or Known::MODBUS_SLAVE.' },
  },
} as const satisfies RecordType;

export const known_devices = {
  log: 'known_devices',
  means: 'A device has said who it is, in the protocol that `by` names; told once a day, and when it says something else.',
  source: 'Zeek policy/misc/known-devices for ts and mac; the other columns are ours',
  columns: {
    ts,
    host: { type: 'addr', class: 'technical', means: 'Its address in an own network, where it is known.' },
    mac: text('Its hardware address, where it is known.'),
    name: text('Its name.'),
    vendor: text('Its maker.'),
    product: text('What it is: model, kind, description.'),
    version: text('Version of its firmware or software.'),
    serial: text('Its serial number.'),
    by: { type: 'enum', class: 'technical', always: true, means: 'The log that tells it: dhcp, lldp, snmp, cip_identity, …' },
  },
} as const satisfies RecordType;

export const api_surface = {
  log: 'api_surface',
  means: 'Something of an own network can be asked for: an application by its name, or a path and method of it; told once a day.',
  source: 'No log of Zeek; made from http, grpc, coap, rtsp and ssl records',
  columns: {
    ts,
    host,
    port_num,
    service: { type: 'enum', class: 'technical', always: true, means: 'http, grpc, coap, rtsp or ssl.' },
    name: text('Name that was asked for: Host header, or server name of TLS.'),
    method: text('Method; absent where only the name was seen.'),
    path: text('Path without query, with {id} for what is a number, a long word, a token or an address.'),
    status_code: { type: 'count', class: 'technical', means: 'The first answer that was seen.' },
  },
} as const satisfies RecordType;

export type KnownHostsRecord = RecordOf<typeof known_hosts>;
export type KnownServicesRecord = RecordOf<typeof known_services>;
export type KnownCertsRecord = RecordOf<typeof known_certs>;
export type SoftwareRecord = RecordOf<typeof software>;
export type KnownModbusRecord = RecordOf<typeof known_modbus>;
export type KnownDevicesRecord = RecordOf<typeof known_devices>;
export type ApiSurfaceRecord = RecordOf<typeof api_surface>;
