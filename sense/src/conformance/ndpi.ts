/**
 * Our flows against nDPI's (`ndpiReader` on its own test captures, 6,086 flows):
 *
 * - `flows`: packets and bytes each way. nDPI counts captured bytes of frames; ours are IP bytes plus what `frames.ts` finds
 *   around them. nDPI keeps one flow for a pair of ends over the whole file, whatever lies between, and ICMP by hosts
 *   alone; ours of one pair are added up before they are compared.
 * - `services`: the protocol, where nDPI found it by content and it is one that we read (`services` below maps names).
 */

import { readFileSync } from 'node:fs';
import { basename, join as path } from 'node:path';
import type { AnyRecord } from '@forewarn/model/records/record';
import { protocols } from '../protocols/index.ts';
import { dataRoot } from '../testing/dataset.ts';
import { emptyComparison, note, type Comparison, type Selection } from './comparison.ts';
import { flowKey, frameOverhead, hasPorts } from './frames.ts';
import { recordsOf } from './records.ts';

type Flow = {
  n: number;
  l4: string;
  src: string;
  dst: string;
  pkts_c2s: number;
  bytes_c2s: number;
  pkts_s2c: number;
  bytes_s2c: number;
};
type Capture = { pcap: string; expected: string; flows: Flow[] };

const root = path(dataRoot, 'net/ndpi');

/**
 * Protocols of nDPI and ours; where either of two of ours is right, both stand with a bar between. nDPI joins two by a
 * dot (`TLS.Google`): the first that stands here counts.
 */
const services: { readonly [name: string]: string } = {
  AMQP: 'amqp',
  BACnet: 'bacnet',
  BGP: 'bgp',
  BitTorrent: 'bittorrent',
  CIP: 'cip',
  COAP: 'coap',
  DCERPC: 'dce_rpc',
  DHCP: 'dhcp',
  DHCPV6: 'dhcpv6|dhcp',
  DNP3: 'dnp3',
  DNS: 'dns',
  DTLS: 'dtls|ssl',
  Diameter: 'diameter',
  EthernetIP: 'enip',
  FTP_CONTROL: 'ftp',
  FTP_DATA: 'ftp-data',
  GTP: 'gtp',
  HTTP: 'http',
  HTTP2: 'http2|http',
  HTTP_Connect: 'http',
  HTTP_Proxy: 'http',
  'HART-IP': 'hart_ip',
  IEC60870: 'iec104',
  'IEEE-C37118': 'synchrophasor',
  IMAP: 'imap',
  IMAPS: 'ssl',
  IPSec: 'ipsec|esp',
  IRC: 'irc',
  'ISO9506-1-MMS': 'mms',
  Kerberos: 'krb|krb_tcp',
  LDAP: 'ldap|ldap_tcp|ldap_udp',
  LLMNR: 'dns',
  MDNS: 'dns',
  MQTT: 'mqtt',
  SSDP: 'ssdp',
  Modbus: 'modbus',
  'MsSQL-TDS': 'tds',
  MySQL: 'mysql',
  NTP: 'ntp',
  NetBIOS: 'dns|netbios-ns|netbios|netbios-ssn|netbiosssn|smb',
  'OPC-UA': 'opcua',
  OpenVPN: 'openvpn',
  PFCP: 'pfcp',
  POP3: 'pop3',
  PPTP: 'pptp',
  POPS: 'ssl',
  PostgreSQL: 'postgresql',
  QUIC: 'quic',
  RDP: 'rdp',
  Radius: 'radius',
  Redis: 'redis',
  RTCP: 'rtp',
  RTP: 'rtp',
  RTSP: 'rtsp',
  MPEG_TS: 'mpeg_ts',
  S7Comm: 's7comm',
  SIP: 'sip',
  SMBv1: 'smb',
  SMBv23: 'smb',
  SMPP: 'smpp',
  SMTP: 'smtp',
  SMTPS: 'ssl',
  SNMP: 'snmp',
  SOCKS: 'socks',
  SSH: 'ssh',
  STUN: 'stun',
  NetFlow: 'netflow|ipfix',
  sFlow: 'sflow',
  Syslog: 'syslog',
  TFTP: 'tftp',
  TLS: 'ssl',
  Tailscale: 'tailscale',
  Telnet: 'telnet',
  Teredo: 'teredo',
  VNC: 'rfb',
  WebSocket: 'websocket',
  WireGuard: 'wireguard',
};

const numbers: { readonly [name: string]: number } = {
  TCP: 6,
  UDP: 17,
  ICMP: 1,
  ICMPV6: 58,
  IGMP: 2,
  ESP: 50,
  AH: 51,
  OSPF: 89,
  VRRP: 112,
};

/** `10.0.0.1:80` or `[2001:db8::1]:80`. */
function end(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
}

/** An address as ndpiReader prints it: every single zero group of IPv6 is shortened, so that `::` may stand twice. */
const printed = (address: string): string => address.replaceAll(':0:', '::');

type Sums = { packets: Map<string, number>; bytes: Map<string, number> };

const add = (sums: Map<string, number>, key: string, value: number): void => void sums.set(key, (sums.get(key) ?? 0) + value);

/** What nDPI says of each flow of a capture, in the order of the flows: its protocol (`TLS.Google`), and how it knows. */
function verdicts(file: string): { named: string; confidence: string }[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes('[proto: '))
    .map((line) => ({
      // A tunnel around the flow stands before the number: `VXLAN:91.119/TLS.Facebook`.
      named: /\[proto: (?:[^\]/:]*:)?[\d.]+\/([^\]]+)\]/.exec(line)?.[1] ?? 'Unknown',
      confidence: /\[Confidence: ([^\]]*)\]/.exec(line)?.[1] ?? '',
    }));
}

function ports(record: AnyRecord): [number, number] {
  return hasPorts(Number(record['ip_proto'])) ? [Number(record['id.orig_p']), Number(record['id.resp_p'])] : [0, 0];
}

/** Compares flows and services with the expected flows of all captures. */
export async function compareNdpi(selection: Selection = {}): Promise<Comparison[]> {
  const captures = JSON.parse(readFileSync(path(root, 'flows.json'), 'utf8')) as Capture[];
  const flows = emptyComparison('ndpi', 'flows');
  const content = emptyComparison('ndpi', 'services');
  // Some are read within another.
  const ours = new Set([...protocols.map((protocol) => protocol.service), 'teredo', 's7comm', 'mms', 'tailscale']);
  const notRead = new Map<string, number>();
  for (const capture of captures) {
    const test = basename(capture.pcap);
    if (selection.test !== undefined && !test.includes(selection.test)) continue;
    const file = path(root, capture.pcap);
    const records = (await recordsOf(file)).get('conn') ?? [];
    const around = new Map([...frameOverhead(file, 'captured')].map(([key, bytes]) => [printed(key), bytes]));
    const sums: Sums = { packets: new Map(), bytes: new Map() };
    const servicesOf = new Map<string, Set<string>>();
    for (const record of records) {
      const protocol = Number(record['ip_proto']);
      const [originPort, responsePort] = ports(record);
      const [origin, response] = [printed(String(record['id.orig_h'])), printed(String(record['id.resp_h']))];
      const there = flowKey(protocol, origin, originPort, response, responsePort);
      const back = flowKey(protocol, response, responsePort, origin, originPort);
      add(sums.packets, there, Number(record['orig_pkts']));
      add(sums.bytes, there, Number(record['orig_ip_bytes']));
      add(sums.packets, back, Number(record['resp_pkts']));
      add(sums.bytes, back, Number(record['resp_ip_bytes']));
      for (const service of String(record['service'] ?? '').split(',')) {
        if (service === '') continue;
        for (const key of [there, back]) servicesOf.set(key, (servicesOf.get(key) ?? new Set()).add(service));
      }
    }
    const theirs = capture.flows.map((flow) => {
      const [from, to] = [end(flow.src), end(flow.dst)];
      const protocol = numbers[flow.l4] ?? Number(flow.l4);
      const there = flowKey(protocol, from.host, from.port, to.host, to.port);
      const back = flowKey(protocol, to.host, to.port, from.host, from.port);
      return { flow, there, back };
    });
    // Several flows of theirs on one pair of ends (VLANs, for one) are added up too.
    const wanted: Sums = { packets: new Map(), bytes: new Map() };
    for (const { flow, there, back } of theirs) {
      add(wanted.packets, there, flow.pkts_c2s);
      add(wanted.bytes, there, flow.bytes_c2s);
      add(wanted.packets, back, flow.pkts_s2c);
      add(wanted.bytes, back, flow.bytes_s2c);
    }
    const verdict = verdicts(path(root, capture.expected));
    for (const comparison of [flows, content]) comparison.tests++;
    theirs.forEach(({ flow, there, back }, i) => {
      const place = `flow ${flow.n} ${flow.l4} ${flow.src} ${flow.dst}`;
      flows.records++;
      const known = sums.packets.has(there);
      if (!known) flows.missing++;
      const own = (key: string, kind: keyof Sums): string | undefined => {
        if (!known) return undefined;
        return String((sums[kind].get(key) ?? 0) + (kind === 'bytes' ? (around.get(key) ?? 0) : 0));
      };
      note(flows, test, place, 'packets there', String(wanted.packets.get(there)), own(there, 'packets'));
      note(flows, test, place, 'packets back', String(wanted.packets.get(back)), own(back, 'packets'));
      note(flows, test, place, 'bytes there', String(wanted.bytes.get(there)), own(there, 'bytes'));
      note(flows, test, place, 'bytes back', String(wanted.bytes.get(back)), own(back, 'bytes'));
      if (!known) return;
      const got = [...(servicesOf.get(there) ?? [])];
      const { named, confidence } = verdict[i] ?? { named: 'Unknown', confidence: '' };
      const expected = named.split('.').flatMap((part) => services[part] ?? [])[0];
      // ESP and AH without UDP are protocols of IP: `ip_proto` says so, and no service.
      const isService = flow.l4 !== 'ESP' && flow.l4 !== 'AH';
      if (confidence !== 'DPI' || expected === undefined || !isService) {
        if (got.length > 0) content.extras.push(`${test} ${place}: ours ${got.join(',')}, nDPI ${named} (${confidence})`);
      } else if (!expected.split('|').some((one) => ours.has(one))) notRead.set(expected, (notRead.get(expected) ?? 0) + 1);
      else {
        content.records++;
        const found = expected.split('|').some((one) => got.includes(one));
        note(content, test, place, expected, expected, got.join(',') || '-', found);
      }
    });
  }
  content.extra = content.extras.length;
  for (const [service, count] of notRead) content.setAside.push({ test: `${count} flows`, reason: `${service} is not read yet` });
  return [flows, content].filter((one) => selection.name === undefined || one.name === selection.name);
}
