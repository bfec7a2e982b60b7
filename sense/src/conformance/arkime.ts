/**
 * Our flows and records against Arkime's sessions (506 sessions of its own tests, with everything its parsers read).
 *
 * - `sessions`: packets each way, bytes of frames each way, the community id, and VLANs. Arkime cuts a session where we
 *   cut a flow otherwise, so ours of one pair of ends are added up before they are compared, as theirs are.
 * - one comparison for each kind of field in `fields` below: every value of theirs must be among ours of the same flow.
 *
 * A NEW PROTOCOL JOINS BY ITS LINES in `fields`: Arkime's field, our log and column, and how a value is translated.
 */

import { readFileSync } from 'node:fs';
import { basename, join as path } from 'node:path';
import { recordType } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import { protocols } from '../protocols/index.ts';
import { dataRoot, filesBelow } from '../testing/dataset.ts';
import { emptyComparison, note, type Comparison, type Selection } from './comparison.ts';
import { address } from './expected.ts';
import { flowKey, frameOverhead, hasPorts } from './frames.ts';
import { recordsOf } from './records.ts';

const root = path(dataRoot, 'net/arkime');

type Json = { [name: string]: Json } & Json[] & string;

type Mapped = {
  theirs: string;
  log: string;
  column: string | readonly string[];
  as?: (value: string) => string | undefined;
  protocol?: string;
  /** Ours is compared in small letters. */
  fold?: true;
  /** Theirs stands within ours. */
  loose?: true;
  /** Another log that may have it. */
  beside?: string;
};

const lower = (text: string): string => text.toLowerCase();

/** Arkime's TLS versions as Zeek names them. */
const tls = (text: string): string | undefined =>
  text.startsWith('TLSv1') ? text.replace(/^TLSv1$/, 'TLSv10').replace('.', '') : undefined;

const underscored = (text: string): string => text.replaceAll('-', '_');

/** Exchanges of ISAKMP as Arkime writes them. */
const exchanges: { readonly [name: string]: string } = {
  'identity-protection': 'Identity Protection',
  'quick-mode': 'Quick Mode',
  aggressive: 'Aggressive',
  informational: 'Informational',
  'ike-sa-init': 'IKE_SA_INIT',
  'ike-auth': 'IKE_AUTH',
};

const fields: readonly Mapped[] = [
  { theirs: 'isakmp.initiatorSpi', log: 'ipsec', column: 'initiator_spi' },
  { theirs: 'isakmp.responderSpi', log: 'ipsec', column: 'responder_spi' },
  { theirs: 'isakmp.exchangeType', log: 'ipsec', column: 'exchange', as: (text) => exchanges[text] ?? text },
  { theirs: 'isakmp.version', log: 'ipsec', column: 'maj_ver', as: (text) => text.slice(0, 1) },
  { theirs: 'dns.queryHost', log: 'dns', column: 'query', as: (text) => (text === '<root>' ? undefined : lower(text)) },
  { theirs: 'dns.qt', log: 'dns', column: 'qtype_name', as: (text) => (text === 'ANY' ? '*' : text) },
  { theirs: 'dns.status', log: 'dns', column: 'rcode_name' },
  { theirs: 'dns.ip', log: 'dns', column: 'answers', as: address },
  { theirs: 'http.method', log: 'http', column: 'method' },
  { theirs: 'http.statuscode', log: 'http', column: ['status_code', 'info_code'] },
  { theirs: 'http.useragent', log: 'http', column: 'user_agent' },
  // Arkime also puts the names of TLS and QUIC hellos here.
  { theirs: 'http.host', log: 'http', column: 'host', protocol: 'http', loose: true },
  { theirs: 'http.user', log: 'http', column: 'username' },
  { theirs: 'tls.version', log: 'ssl', column: 'version', as: tls },
  { theirs: 'tls.cipher', log: 'ssl', column: 'cipher' },
  { theirs: 'tls.ja3', log: 'ssl', column: 'ja3' },
  { theirs: 'tls.ja3s', log: 'ssl', column: 'ja3s' },
  { theirs: 'tls.ja4', log: 'ssl', column: 'ja4' },
  // Arkime writes versions of SSH in small letters.
  { theirs: 'ssh.version', log: 'ssh', column: ['client', 'server'], fold: true },
  { theirs: 'ssh.hassh', log: 'ssh', column: 'hassh' },
  { theirs: 'ssh.hasshServer', log: 'ssh', column: 'hasshServer' },
  { theirs: 'email.smtpHello', log: 'smtp', column: 'helo' },
  { theirs: 'email.src', log: 'smtp', column: ['from', 'mailfrom'], protocol: 'smtp', loose: true },
  { theirs: 'email.dst', log: 'smtp', column: ['to', 'rcptto', 'cc'], protocol: 'smtp', loose: true },
  { theirs: 'email.id', log: 'smtp', column: 'msg_id', protocol: 'smtp', loose: true },
  // Arkime counts a relay's wrapping as a message; we write the message inside.
  { theirs: 'dhcp.type', log: 'dhcp', column: 'msg_types', as: (text) => (text.startsWith('RELAY_') ? undefined : text) },
  { theirs: 'dhcp.host', log: 'dhcp', column: 'host_name' },
  { theirs: 'ntp.version', log: 'ntp', column: 'version' },
  { theirs: 'krb5.realm', log: 'kerberos', column: ['client', 'service'], loose: true },
  { theirs: 'ldap.bindname', log: 'ldap', column: 'object' },
  { theirs: 'mysql.user', log: 'mysql', column: 'arg' },
  { theirs: 'postgresql.user', log: 'postgresql', column: 'user' },
  { theirs: 'postgresql.db', log: 'postgresql', column: 'database' },
  { theirs: 'quic.host', log: 'quic', column: 'server_name' },
  { theirs: 'radius.user', log: 'radius', column: 'username' },
  { theirs: 'smb.filename', log: 'smb_files', column: 'name' },
  { theirs: 'smb.share', log: 'smb_mapping', column: 'path' },
  { theirs: 'snmp.version', log: 'snmp', column: 'version', as: (text) => (text === '2' ? '2c' : text) },
  { theirs: 'socks.host', log: 'socks', column: 'request.name' },
  { theirs: 'irc.nick', log: 'irc', column: 'nick' },
  { theirs: 'mqtt.clientId', log: 'mqtt_connect', column: 'client_id' },
  { theirs: 'mqtt.topic', log: 'mqtt_publish', beside: 'mqtt_subscribe', column: ['topic', 'topics'] },
  { theirs: 'sip.method', log: 'sip', column: 'method' },
  { theirs: 'sip.callid', log: 'sip', column: 'call_id' },
  { theirs: 'diameter.cmd', log: 'diameter', column: 'command_code', as: (text) => /\((\d+)\)/.exec(text)?.[1] },
  { theirs: 'diameter.app', log: 'diameter', column: 'application_id', as: (text) => /\((\d+)\)/.exec(text)?.[1] },
  { theirs: 'diameter.originHost', log: 'diameter', column: 'origin_host' },
  { theirs: 'diameter.originRealm', log: 'diameter', column: 'origin_realm' },
  { theirs: 'diameter.resultCode', log: 'diameter', column: 'result_code' },
  { theirs: 'sctp.protoId', log: 'sctp', column: 'payload_protocols' },
  { theirs: 'm3ua.si', log: 'm3ua', column: 'service_indicator' },
  { theirs: 'sccp.src', log: 'sccp', column: 'calling_pc' },
  { theirs: 'sccp.dst', log: 'sccp', column: 'called_pc' },
  { theirs: 'tcap.opcode', log: 'sccp', column: 'operation_codes' },
  { theirs: 'modbus.transactionid', log: 'modbus', column: 'tid' },
  { theirs: 'modbus.unitid', log: 'modbus', column: 'unit' },
  { theirs: 'bacnet.service', log: 'bacnet', column: 'pdu_service', as: underscored },
  // Arkime says "error" where the standard says Error PDU.
  { theirs: 'bacnet.apduType', log: 'bacnet', column: 'pdu_type', as: (text) => underscored(text).toUpperCase(), loose: true },
  { theirs: 'bacnet.function', log: 'bacnet', column: 'bvlc_function', as: underscored, fold: true, loose: true },
  // Names that are announced, and names that are read as a property.
  { theirs: 'bacnet.objectName', log: 'bacnet_discovery', column: ['object_name', 'value'], beside: 'bacnet_property' },
  { theirs: 'opcua.endpointUrl', log: 'opcua_binary', column: 'endpoint_url' },
  { theirs: 'opcua.securityPolicyUri', log: 'opcua_binary', column: 'sec_policy_uri' },
];

/** Arkime's names of protocols and our services. */
const services: { readonly [name: string]: string } = {
  bacnet: 'bacnet',
  dcerpc: 'dce_rpc',
  dhcp: 'dhcp',
  dhcpv6: 'dhcpv6|dhcp',
  diameter: 'diameter',
  dnp3: 'dnp3',
  dns: 'dns',
  dtls: 'dtls|ssl',
  ftp: 'ftp',
  http: 'http|http2',
  imap: 'imap',
  irc: 'irc',
  isakmp: 'ipsec',
  krb5: 'krb|krb_tcp',
  ldap: 'ldap|ldap_tcp',
  llmnr: 'dns',
  mdns: 'dns',
  m2ua: 'm3ua',
  m3ua: 'm3ua',
  modbus: 'modbus',
  mqtt: 'mqtt',
  mysql: 'mysql',
  nbns: 'dns|netbios-ns',
  ntp: 'ntp',
  opcua: 'opcua',
  pop3: 'pop3',
  postgresql: 'postgresql',
  quic: 'quic',
  radius: 'radius',
  rdp: 'rdp',
  s7comm: 's7comm',
  sip: 'sip',
  smb: 'smb',
  smtp: 'smtp',
  snmp: 'snmp',
  socks: 'socks',
  ssh: 'ssh',
  syslog: 'syslog',
  telnet: 'telnet',
  tftp: 'tftp',
  tls: 'ssl',
};

/** All values at a dotted path, through lists. */
function valuesAt(json: Json | undefined, steps: readonly string[]): string[] {
  if (json === undefined || json === null) return [];
  if (Array.isArray(json)) return json.flatMap((one) => valuesAt(one as Json, steps));
  if (steps.length === 0) return [String(json)];
  return typeof json === 'object' ? valuesAt(json[steps[0]!], steps.slice(1)) : [];
}

type Session = { body: Json };
type Sums = { packets: number; bytes: number };

export async function compareArkime(selection: Selection = {}): Promise<Comparison[]> {
  const results = new Map<string, Comparison>();
  const comparisonOf = (name: string): Comparison => {
    const comparison = results.get(name) ?? emptyComparison('arkime', name);
    results.set(name, comparison);
    return comparison;
  };
  const readable = fields.filter((field) => recordType(field.log) !== undefined);
  const ours = new Set(protocols.map((protocol) => protocol.service));
  for (const file of filesBelow(root, (name) => name.endsWith('.test'))) {
    const test = basename(file, '.test');
    if (selection.test !== undefined && !test.includes(selection.test)) continue;
    const sessions = (JSON.parse(readFileSync(file, 'utf8')) as { sessions3: Session[] }).sessions3;
    const capture = file.replace(/\.test$/, '.pcap');
    const records = await recordsOf(capture);
    const overhead = frameOverhead(capture, 'wire');
    const sums = new Map<string, Sums>();
    const flows = new Map<string, AnyRecord[]>();
    const add = (to: Map<string, Sums>, key: string, packets: number, bytes: number): void => {
      const sum = to.get(key) ?? { packets: 0, bytes: 0 };
      to.set(key, { packets: sum.packets + packets, bytes: sum.bytes + bytes });
    };
    for (const record of records.get('conn') ?? []) {
      const protocol = Number(record['ip_proto']);
      const [from, to] = [String(record['id.orig_h']), String(record['id.resp_h'])];
      const [fromPort, toPort] = hasPorts(protocol) ? [Number(record['id.orig_p']), Number(record['id.resp_p'])] : [0, 0];
      const there = flowKey(protocol, from, fromPort, to, toPort);
      const back = flowKey(protocol, to, toPort, from, fromPort);
      add(sums, there, Number(record['orig_pkts']), Number(record['orig_ip_bytes']));
      add(sums, back, Number(record['resp_pkts']), Number(record['resp_ip_bytes']));
      for (const key of new Set([there, back])) flows.set(key, [...(flows.get(key) ?? []), record]);
    }
    const byFlow = new Map<string, AnyRecord[]>();
    for (const [log, list] of records) {
      if (log === 'conn' || log === 'weird') continue;
      for (const record of list) {
        // A record of DHCP belongs to several flows.
        const uids = record['uids'] ?? record['uid'];
        if (uids === undefined) continue;
        for (const uid of [uids].flat()) {
          const key = `${log} ${uid}`;
          const held = byFlow.get(key);
          if (held) held.push(record);
          else byFlow.set(key, [record]);
        }
      }
    }
    const wanted = new Map<string, Sums>();
    const keyed = sessions.flatMap(({ body }, i) => {
      const at = (name: string): string | undefined => valuesAt(body, name.split('.'))[0];
      const protocol = Number(at('ipProtocol'));
      const [source, destination] = [at('source.ip'), at('destination.ip')];
      // Sessions of ARP, IS-IS and LLDP have no addresses.
      if (source === undefined || destination === undefined) return [];
      const ported = hasPorts(protocol);
      const [from, to] = [address(source), address(destination)];
      const there = flowKey(
        protocol,
        from,
        ported ? Number(at('source.port')) : 0,
        to,
        ported ? Number(at('destination.port')) : 0,
      );
      const back = flowKey(
        protocol,
        to,
        ported ? Number(at('destination.port')) : 0,
        from,
        ported ? Number(at('source.port')) : 0,
      );
      add(wanted, there, Number(at('source.packets')), Number(at('source.bytes')));
      add(wanted, back, Number(at('destination.packets')), Number(at('destination.bytes')));
      return [{ body, at, there, back, place: `session ${i + 1} ${there}` }];
    });
    const comparison = comparisonOf('sessions');
    comparison.tests++;
    for (const { body, at, there, back, place } of keyed) {
      comparison.records++;
      const own = flows.get(there);
      if (!own) comparison.missing++;
      for (const [direction, key] of [
        ['source', there],
        ['destination', back],
      ] as const) {
        const sum = own && (sums.get(key) ?? { packets: 0, bytes: 0 });
        const theirs = wanted.get(key)!;
        note(comparison, test, place, `${direction}.packets`, String(theirs.packets), sum && String(sum.packets));
        note(
          comparison,
          test,
          place,
          `${direction}.bytes`,
          String(theirs.bytes),
          sum && String(sum.bytes + (overhead.get(key) ?? 0)),
        );
      }
      const id = at('network.community_id');
      if (id !== undefined) {
        const ids = own?.map((record) => String(record['community_id']));
        note(comparison, test, place, 'community_id', id, ids && (ids.includes(id) ? id : ids.join(' ')));
      }
      for (const vlan of valuesAt(body, ['network', 'vlan', 'id'])) {
        const vlans = own?.flatMap((record) =>
          [record['vlan'], record['inner_vlan']].filter((one) => one !== undefined).map(String),
        );
        note(comparison, test, place, 'vlan', vlan, vlans && (vlans.includes(vlan) ? vlan : vlans.join(' ') || '-'));
      }
      if (!own) continue;
      const named = new Set(own.flatMap((record) => String(record['service'] ?? '').split(',')));
      for (const name of valuesAt(body, ['protocol'])) {
        const service = services[name];
        if (service === undefined || !service.split('|').some((one) => ours.has(one))) continue;
        const content = comparisonOf('services');
        content.records++;
        const same = service.split('|').some((one) => named.has(one));
        note(content, test, place, service, service, [...named].join(',') || '-', same);
      }
      for (const { theirs, log, column, as, protocol, fold, loose, beside } of readable) {
        if (protocol !== undefined && !valuesAt(body, ['protocol']).includes(protocol)) continue;
        const values = new Set(
          valuesAt(body, theirs.split('.')).flatMap((value) => {
            const translated = as ? as(value) : value;
            return translated === undefined ? [] : [translated];
          }),
        );
        if (values.size === 0) continue;
        const logOf = comparisonOf(log);
        logOf.records++;
        const columns = typeof column === 'string' ? [column] : column;
        const found = own.flatMap((flow) => [log, beside].flatMap((one) => byFlow.get(`${one} ${flow['uid']}`) ?? []));
        const got = found.flatMap((record) =>
          columns.flatMap((one) =>
            record[one] === undefined
              ? []
              : ([record[one]].flat() as (string | number)[]).map(fold ? (value) => lower(String(value)) : String),
          ),
        );
        if (found.length === 0) logOf.missing++;
        for (const value of values) {
          const same = loose ? got.some((one) => one.includes(value)) : got.includes(value);
          note(logOf, test, place, theirs, value, found.length === 0 ? undefined : got.join(' ') || '-', same);
        }
      }
    }
  }
  return [...results.values()].filter((one) => selection.name === undefined || one.name === selection.name);
}
