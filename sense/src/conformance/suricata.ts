/**
 * Our records against the events that Suricata's own tests expect (suricata-verify: 556 checks of EVE output, each a count
 * and fields to match; parser events only).
 *
 * `events` says for each type of event which log of ours it is, and which column each of its fields. A check counts as
 * found where one record has all of its fields. How many events Suricata writes is not compared: it writes one for each
 * direction or message where Zeek's logs, and ours, have one record for a transaction. Checks that expect no event test
 * Suricata's configuration and are left out.
 *
 * A NEW PROTOCOL JOINS BY ONE ENTRY in `events`. Fields that stand nowhere are printed as not mapped.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join as path, relative } from 'node:path';
import { parse } from 'yaml';
import { recordType } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import { functionName as dnp3Function } from '../protocols/dnp3/codes.ts';
import { protocols } from '../protocols/index.ts';
import { dataRoot, filesBelow } from '../testing/dataset.ts';
import { emptyComparison, type Comparison, type Selection } from './comparison.ts';
import { address, contains, either, expectEvent, is, type Context, type Reading } from './expected.ts';
import { flowKey, frameOverhead, hasPorts } from './frames.ts';
import { recordsOf } from './records.ts';

const root = path(dataRoot, 'net/suricata-verify');

type Kind = { log: string; fields: { readonly [field: string]: Reading | undefined } };

const lower = (text: string): string => text.toLowerCase();

/** Ends of an event of a protocol, which may be written from either side. */
const ends = {
  src_ip: (theirs, record, context) => either('id.orig_h', 'id.resp_h')(address(String(theirs)), record, context),
  dest_ip: (theirs, record, context) => either('id.orig_h', 'id.resp_h')(address(String(theirs)), record, context),
  src_port: either('id.orig_p', 'id.resp_p'),
  dest_port: either('id.orig_p', 'id.resp_p'),
} satisfies { [field: string]: Reading };

/** Bytes of frames of one direction of a flow; of the inner frames, for what rides in a tunnel. */
function frameBytes(direction: 'orig' | 'resp'): Reading {
  return (theirs, record, context) => {
    const protocol = Number(record['ip_proto']);
    const [from, to] = direction === 'orig' ? ['orig', 'resp'] : ['resp', 'orig'];
    const port = (side: string): number => (hasPorts(protocol) ? Number(record[`id.${side}_p`]) : 0);
    const key = flowKey(protocol, String(record[`id.${from}_h`]), port(from!), String(record[`id.${to}_h`]), port(to!));
    const got = Number(record[`${direction}_ip_bytes`]) + (context.overhead().get(key) ?? 0);
    return { wanted: String(theirs), got: String(got), same: got === theirs };
  };
}

/** Whether a flag of TCP was seen, by the letters of the history. */
function flag(letters: RegExp): Reading {
  return (theirs, record) => {
    const got = letters.test(String(record['history'] ?? ''));
    return { wanted: String(theirs), got: `${got} (${record['history']})`, same: got === theirs };
  };
}

/** A field of the certificate that the server of a TLS record sent first. */
function certificate(column: string, translate: (theirs: string) => string): Reading {
  return (theirs, record, context) => {
    const print = (record['cert_chain_fps'] as readonly string[] | undefined)?.[0];
    const found: AnyRecord = context.records.get('x509')?.find((one) => one['fingerprint'] === print) ?? {};
    return is(column, translate)(theirs, found, context);
  };
}

/** The handshake that another protocol carried. */
const handshake =
  (column: string): Reading =>
  (theirs, record, context) =>
    is(column)(theirs, context.records.get('ssl')?.find((one) => one['uid'] === record['uid']) ?? {}, context);

/** A distinguished name in the order of RFC 4514, last part first. */
const name4514 = (text: string): string =>
  text
    .split(/, (?=[A-Za-z]+=)/)
    .map((part) => part.replaceAll(',', String.raw`\,`))
    .toReversed()
    .join(',');

const services: { readonly [appProto: string]: string } = {
  tls: 'ssl',
  dcerpc: 'dce_rpc',
  krb5: 'krb',
  pgsql: 'postgresql',
  ike: 'ipsec',
};

const tlsVersion = (text: string): string =>
  text === 'TLSv1' ? 'TLSv10' : text.replace(/^TLS (\d)\.(\d)/, 'TLSv$1$2').replace(' draft-', '-draft');

const events: { readonly [type: string]: Kind | undefined } = {
  flow: {
    log: 'conn',
    fields: {
      src_ip: is('id.orig_h', address),
      dest_ip: is('id.resp_h', address),
      src_port: is('id.orig_p'),
      dest_port: is('id.resp_p'),
      proto: is('proto', (text) => lower(text).replace('ipv6-', '')),
      app_proto: contains('service', (text) => services[text] ?? text),
      'flow.pkts_toserver': is('orig_pkts'),
      'flow.pkts_toclient': is('resp_pkts'),
      'flow.bytes_toserver': frameBytes('orig'),
      'flow.bytes_toclient': frameBytes('resp'),
      'flow.age': (theirs, record) => {
        // Suricata takes the difference of whole seconds.
        const began = Math.floor(Number(record['ts']));
        const ended = Math.floor(Number(record['ts']) + Number(record['duration'] ?? 0) + 1e-7);
        return { wanted: String(theirs), got: String(ended - began), same: ended - began === theirs };
      },
      vlan: (theirs, record) => {
        const got = [record['vlan'], record['inner_vlan']].filter((one) => one !== undefined).join(', ');
        const wanted = (theirs as number[]).join(', ');
        return { wanted, got, same: wanted === got };
      },
      icmp_type: is('id.orig_p'),
      icmp_code: (theirs) => ({ wanted: String(theirs), got: String(theirs), same: true }),
      'tcp.syn': flag(/[sh]/i),
      'tcp.fin': flag(/f/i),
      'tcp.rst': flag(/r/i),
      // An acknowledgement in a RST does not show in the history, so `tcp.ack` is not compared.
    },
  },
  tls: {
    log: 'ssl',
    fields: {
      ...ends,
      'tls.sni': is('server_name'),
      'tls.version': is('version', tlsVersion),
      'tls.subject': certificate('certificate.subject', name4514),
      'tls.issuerdn': certificate('certificate.issuer', name4514),
      'tls.serial': certificate('certificate.serial', (text) => text.replaceAll(':', '').replace(/^00(?=.)/, '')),
      'tls.notbefore': certificate('certificate.not_valid_before', (text) => String(Date.parse(`${text}Z`) / 1000)),
      'tls.notafter': certificate('certificate.not_valid_after', (text) => String(Date.parse(`${text}Z`) / 1000)),
      'tls.ja3.hash': is('ja3'),
      'tls.ja4': is('ja4'),
    },
  },
  http: {
    log: 'http',
    fields: {
      ...ends,
      'http.url': is('uri'),
      'http.http_method': is('method'),
      'http.status': (theirs, record) => {
        // A status below 200 is an informational answer before the final one.
        const got = `${record['status_code']} ${record['info_code'] ?? ''}`;
        return { wanted: String(theirs), got, same: got.split(' ').includes(String(theirs)) };
      },
      'http.hostname': (theirs, record) => {
        // Suricata leaves the port of the Host header out.
        const got = String(record['host']).replace(/:\d+$/, '');
        return { wanted: String(theirs), got, same: got === theirs };
      },
      'http.version': is('version', (text) => (text === '2' ? '2' : text)),
      'http.protocol': is('version', (text) => text.replace('HTTP/', '')),
    },
  },
  dns: {
    log: 'dns',
    fields: {
      ...ends,
      'dns.id': is('trans_id'),
      'dns.queries[0].rrname': is('query', lower),
      'dns.queries[0].rrtype': is('qtype_name'),
      'dns.rrname': is('query', lower),
      'dns.rrtype': is('qtype_name'),
      'dns.rcode': is('rcode_name'),
      'dns.ra': is('RA'),
      'dns.rd': is('RD'),
      'dns.answers[0].rdata': contains('answers'),
      'dns.answers[1].rdata': contains('answers'),
      'dns.answers[2].rdata': contains('answers'),
      'dns.grouped.A[0]': contains('answers'),
      'dns.grouped.A[1]': contains('answers'),
      'dns.grouped.CNAME[0]': contains('answers'),
      'dns.grouped.NS[0]': contains('answers'),
      'dns.grouped.TXT[0]': contains('answers'),
      'dns.answers[0].ttl': is('TTLs'),
      'dns.answers[1].ttl': is('TTLs'),
      'dns.answers[2].ttl': is('TTLs'),
    },
  },
  smtp: {
    log: 'smtp',
    fields: {
      ...ends,
      'smtp.helo': is('helo'),
      'smtp.mail_from': is('mailfrom', (text) => text.replaceAll(/[<>]/g, '')),
      'smtp.rcpt_to[0]': is('rcptto', (text) => text.replaceAll(/[<>]/g, '')),
      'email.from': is('from'),
      'email.to[0]': is('to'),
      'email.cc[0]': is('cc'),
    },
  },
  fileinfo: {
    log: 'files',
    fields: {
      ...ends,
      'fileinfo.filename': contains('filename'),
      'fileinfo.size': is('seen_bytes'),
      'fileinfo.sha256': is('sha256'),
      app_proto: is('source', (text) => text.toUpperCase()),
      'fileinfo.gaps': (theirs, record) => {
        const got = Number(record['missing_bytes'] ?? 0) > 0;
        return { wanted: String(theirs), got: String(got), same: got === theirs };
      },
    },
  },
  dcerpc: { log: 'dce_rpc', fields: { ...ends } },
  dnp3: {
    log: 'dnp3',
    fields: {
      ...ends,
      // A record of ours is a request with its response.
      'dnp3.application.function_code': (theirs, record, context) =>
        either('fc_request', 'fc_reply')(dnp3Function(Number(theirs)), record, context),
      'dnp3.src': either('master_address', 'outstation_address'),
      'dnp3.dst': either('master_address', 'outstation_address'),
    },
  },
  dhcp: {
    log: 'dhcp',
    fields: {
      'dhcp.dhcp_type': is('msg_types', (text) => text.toUpperCase()),
      'dhcp.assigned_ip': is('assigned_addr'),
      'dhcp.id': is('trans_id'),
      'dhcp.vendor_class_identifier': is('vendor_class'),
      'dhcp.dns_servers[0]': is('dns_servers'),
      'dhcp.routers[0]': is('routers'),
    },
  },
  ftp: {
    log: 'ftp',
    fields: {
      ...ends,
      'ftp.command': is('command'),
      'ftp.command_data': contains('arg'),
      'ftp.completion_code': is('reply_code'),
    },
  },
  ike: {
    log: 'ipsec',
    fields: {
      ...ends,
      'ike.init_spi': is('initiator_spi'),
      'ike.resp_spi': is('responder_spi'),
      'ike.exchange_type': is('exchange_type'),
      'ike.alg_enc': contains('suites', (text) => ({ EncAesCbc: 'AES_CBC' })[text] ?? text),
      'ike.alg_hash': contains('suites', (text) => ({ HashSha: '/SHA/' })[text] ?? text),
      'ike.alg_auth': contains('suites', (text) => ({ AuthPreSharedKey: 'PSK' })[text] ?? text),
      'ike.alg_dh': contains('suites', (text) => ({ GroupAlternate1024BitModpGroup: 'MODP_1024' })[text] ?? text),
    },
  },
  smb: {
    log: 'smb_files',
    fields: { ...ends, 'smb.filename': is('name'), 'smb.size': is('size') },
  },
  // Commands without a file are events for Suricata; Zeek's logs, and ours, have the flow.
  'smb command': { log: 'conn', fields: { ...ends, event_type: contains('service') } },
  // One event of MQTT has the fields of its packet; acknowledgements and pings are no records of ours.
  'mqtt connect': {
    log: 'mqtt_connect',
    fields: {
      ...ends,
      'mqtt.connect.protocol_string': is('proto_name'),
      'mqtt.connect.protocol_version': is('proto_version', (text) => ({ 3: '3.1', 4: '3.1.1', 5: '5.0' })[text] ?? text),
      'mqtt.connect.flags.username': (theirs, record) => {
        const got = record['username'] !== undefined;
        return { wanted: String(theirs), got: String(got), same: got === theirs };
      },
      'mqtt.connect.flags.password': is('has_password'),
      'mqtt.connect.flags.will': (theirs, record) => {
        const got = record['will_topic'] !== undefined;
        return { wanted: String(theirs), got: String(got), same: got === theirs };
      },
      'mqtt.connect.flags.clean_session': is('clean_session'),
      'mqtt.connect.client_id': is('client_id'),
      'mqtt.connect.username': is('username'),
      'mqtt.connect.will.topic': is('will_topic'),
      'mqtt.connect.properties.maximum_packet_size': is('maximum_packet_size'),
      'mqtt.connect.properties.receive_maximum': is('receive_maximum'),
      'mqtt.connect.properties.session_expiry_interval': is('session_expiry'),
      'mqtt.connect.properties.topic_alias_maximum': is('topic_alias_maximum'),
      'mqtt.connect.properties.authentication_method': is('auth_method'),
    },
  },
  'mqtt connack': {
    log: 'mqtt_connect',
    fields: { ...ends, 'mqtt.connack.session_present': is('session_present'), 'mqtt.connack.return_code': is('return_code') },
  },
  'mqtt publish': {
    log: 'mqtt_publish',
    fields: {
      ...ends,
      'mqtt.publish.qos': is('qos', (text) => ['at most once', 'at least once', 'exactly once'][Number(text)]!),
      'mqtt.publish.retain': is('retain'),
      'mqtt.publish.topic': is('topic'),
    },
  },
  'mqtt subscribe': {
    log: 'mqtt_subscribe',
    fields: {
      ...ends,
      'mqtt.subscribe.topics': (theirs, record) => {
        const levels = record['qos_levels'] as readonly number[] | undefined;
        const got = JSON.stringify(
          (record['topics'] as readonly string[] | undefined)?.map((topic, i) => ({ topic, qos: levels?.[i] })),
        );
        return { wanted: JSON.stringify(theirs), got, same: got === JSON.stringify(theirs) };
      },
    },
  },
  'mqtt suback': {
    log: 'mqtt_subscribe',
    fields: {
      ...ends,
      'mqtt.suback.qos_granted': (theirs, record) => {
        const got = JSON.stringify(record['reason_codes']);
        return { wanted: JSON.stringify(theirs), got, same: got === JSON.stringify(theirs) };
      },
    },
  },
  'mqtt unsubscribe': {
    log: 'mqtt_subscribe',
    fields: {
      ...ends,
      'mqtt.unsubscribe.topics': (theirs, record) => {
        const got = JSON.stringify(record['topics']);
        return { wanted: JSON.stringify(theirs), got, same: got === JSON.stringify(theirs) };
      },
    },
  },
  'mqtt disconnect': {
    log: 'mqtt_disconnect',
    fields: {
      ...ends,
      'mqtt.disconnect.reason_code': is('reason_code'),
      'mqtt.disconnect.properties.session_expiry_interval': is('session_expiry'),
    },
  },
  snmp: { log: 'snmp', fields: { ...ends, 'snmp.version': is('version', (text) => (text === '2' ? '2c' : text)) } },
  arp: {
    log: 'arp',
    fields: {
      'arp.opcode': is('arp_type'),
      'arp.src_mac': is('SHA'),
      'arp.src_ip': is('SPA'),
      'arp.dest_mac': is('THA'),
      'arp.dest_ip': is('TPA'),
    },
  },
  quic: {
    log: 'quic',
    fields: {
      ...ends,
      'quic.ja4': handshake('ja4'),
      'quic.extensions[4].values[0]': is('client_protocol'),
      'quic.extensions[7].values[0]': is('server_name'),
    },
  },
  ldap: {
    log: 'ldap',
    fields: {
      ...ends,
      'ldap.request.message_id': is('message_id'),
      'ldap.request.operation': is('opcode', (text) => text.replace('_request', '').replace('del', 'delete')),
    },
  },
  rdp: {
    log: 'rdp',
    fields: {
      ...ends,
      'rdp.cookie': is('cookie'),
      'rdp.client.desktop_height': is('desktop_height'),
      'rdp.client.client_name': is('client_name'),
      'rdp.client.build': is('client_build'),
      'rdp.client.id': is('client_dig_product_id'),
      'rdp.channels[0]': is('client_channels'),
      'rdp.channels[1]': is('client_channels'),
      'rdp.channels[2]': is('client_channels'),
    },
  },
  rfb: {
    log: 'rfb',
    fields: {
      ...ends,
      'rfb.server_protocol_version.major': is('server_major_version'),
      'rfb.server_protocol_version.minor': is('server_minor_version'),
      'rfb.client_protocol_version.major': is('client_major_version'),
      'rfb.client_protocol_version.minor': is('client_minor_version'),
      'rfb.authentication.security_type': is('authentication_method', (text) => (text === '1' ? 'None' : text)),
      'rfb.screen_shared': is('share_flag'),
      'rfb.framebuffer.width': is('width'),
      'rfb.framebuffer.height': is('height'),
    },
  },
  ssh: { log: 'ssh', fields: { ...ends } },
  pgsql: {
    log: 'postgresql',
    fields: { ...ends, 'pgsql.request.startup_parameters.user': is('user') },
  },
  tftp: { log: 'tftp', fields: { ...ends } },
};

const ours = new Set(protocols.map((protocol) => protocol.service));

/** Fields that say nothing of the traffic. */
const unspoken = new Set([
  // The community ids of these tests are made with a seed of 7; `community-id.ts` compares those without.
  'community_id',
  'event_type',
  'pcap_cnt',
  'tx_id',
  'proto',
  'pkt_src',
  'has-key',
  'not-has-key',
]);

type Check = { filter?: { count: number; match: { [field: string]: unknown } } };

/** Compares with the checks of all tests, a comparison for each type of event. */
export async function compareSuricata(selection: Selection = {}): Promise<Comparison[]> {
  const results = new Map<string, Comparison>();
  const unmapped = new Map<string, Map<string, number>>();
  for (const file of filesBelow(root, (name) => name === 'test.yaml')) {
    const folder = path(file, '..');
    const test = relative(root, folder);
    if (selection.test !== undefined && !test.includes(selection.test)) continue;
    const description = parse(readFileSync(file, 'utf8')) as { checks?: Check[]; pcap?: string };
    const capture = path(folder, 'input.pcap');
    const checks = (description.checks ?? []).flatMap((check, i) => {
      const { count, match } = check.filter ?? { count: 0, match: {} };
      const type = String(match['event_type'] ?? (Object.keys(match).some((key) => key.startsWith('pop3.')) ? 'pop3' : ''));
      return count > 0 && type !== '' && (selection.name === undefined || selection.name === type) ? [{ i, match, type }] : [];
    });
    if (checks.length === 0 || !existsSync(capture)) continue;
    const records = await recordsOf(capture);
    let overhead: ReturnType<typeof frameOverhead> | undefined;
    const context: Context = { records, overhead: () => (overhead ??= frameOverhead(capture, 'inner')) };
    const seen = new Set<string>();
    for (const { i, match, type } of checks) {
      const comparison = results.get(type) ?? emptyComparison('suricata', type);
      results.set(type, comparison);
      const packet = Object.keys(match).find((field) => field.startsWith('mqtt.'));
      const named = packet === undefined ? type : `mqtt ${packet.split('.')[1]}`;
      const kind = events[type === 'smb' && match['smb.filename'] === undefined ? 'smb command' : named];
      if (kind === undefined || recordType(kind.log) === undefined) {
        const reason = kind === undefined ? 'no log of ours is mapped to this event' : `no records of ${kind.log} yet`;
        comparison.setAside.push({ test: `${test} check ${i + 1}`, reason });
        continue;
      }
      if (!seen.has(type)) comparison.tests++;
      seen.add(type);
      const wishes = [];
      for (const [field, theirs] of Object.entries(match)) {
        const reading = kind.fields[field];
        // A protocol that we have no parser for cannot be named.
        if (type === 'flow' && field === 'app_proto' && !ours.has(services[String(theirs)] ?? String(theirs))) {
          comparison.setAside.push({ test: `${test} check ${i + 1}`, reason: `${String(theirs)} is not read` });
          continue;
        }
        if (reading) wishes.push({ field, theirs, reading });
        else if (!unspoken.has(field)) {
          const counts = unmapped.get(type) ?? new Map<string, number>();
          unmapped.set(type, counts.set(field, (counts.get(field) ?? 0) + 1));
        }
      }
      expectEvent(comparison, test, `check ${i + 1}`, records.get(kind.log) ?? [], wishes, context);
    }
  }
  for (const [type, counts] of unmapped) {
    const fields = [...counts].map(([field, count]) => (count === 1 ? field : `${field} (${count})`));
    results
      .get(type)!
      .setAside.push({ test: `${fields.length} fields`, reason: `not mapped: ${fields.slice(0, 40).join(', ')}` });
  }
  return [...results.values()].toSorted((a, b) => b.records - a.records);
}
