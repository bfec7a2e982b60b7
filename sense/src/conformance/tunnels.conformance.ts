/**
 * Key exchanges, tunnels and SNMP notifications message by message against tshark: the cases of their protocols made into captures, and
 * the captures of the data set that have them.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { exchanges } from '../protocols/ipsec/codes.ts';
import { messages as l2tpMessages } from '../protocols/l2tp/codes.ts';
import { opcodeNames } from '../protocols/openvpn/packets.ts';
import { types as pptpTypes } from '../protocols/pptp/pptp.ts';
import { readCase } from '../protocols/trial.ts';
import { dataRoot } from '../testing/dataset.ts';
import { conversation, ethernet, pcap, udp } from '../testing/packets.ts';
import { recordsOf } from './records.ts';

const hasTshark = spawnSync('tshark', ['-version']).error === undefined;
if (!hasTshark) console.warn('not run: tshark is not installed');

const folder = mkdtempSync(join(tmpdir(), 'forewarn-tunnels-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Rows = string[];

/** How a protocol is read twice: tshark's filter and fields into rows, and our records into the same. */
type Kind = {
  log: string;
  filter: string;
  fields: readonly string[];
  theirs: (row: readonly string[]) => Rows;
  ours: (record: AnyRecord) => Rows;
  cases: readonly string[];
  captures: readonly string[];
};

const number = (text: string): string => (text === '' ? '' : String(Number(text)));

const kinds: readonly Kind[] = [
  {
    log: 'ipsec',
    filter: 'isakmp',
    fields: ['isakmp.ispi', 'isakmp.rspi', 'isakmp.exchangetype', 'isakmp.messageid', 'isakmp.length', 'isakmp.version'],
    theirs: ([first, second, exchange, id, length, version]) =>
      // A keepalive is of the protocol for tshark too, and has none of its fields.
      first === '' ? [] : [`${first} ${second} ${exchanges[Number(exchange)]} ${number(id!)} ${length} ${Number(version) >> 4}`],
    ours: (record) => [
      `${record['initiator_spi']} ${record['responder_spi']} ${record['exchange']} ${record['message_id']} ${record['length']} ${record['maj_ver']}`,
    ],
    cases: ['ipsec/version-1', 'ipsec/version-2', 'ipsec/behind-address-translation'],
    captures: [
      'ndpi/pcap/esp.pcapng',
      'ndpi/pcap/ah.pcapng',
      'ndpi/pcap/ipsec_isakmp_esp.pcap',
      'arkime/IKEv1.pcap',
      'suricata-verify/ikev1/input.pcap',
    ],
  },
  {
    log: 'wireguard',
    filter: 'wg',
    fields: ['wg.type', 'wg.sender', 'wg.receiver'],
    theirs: ([type, sender, receiver]) =>
      type === '1'
        ? [`initiation ${number(sender!)}`]
        : type === '2'
          ? [`response ${number(sender!)} ${number(receiver!)}`]
          : ['data'],
    // Numbers are those of the latest handshake; a capture with one has all.
    ours: (record) => [
      ...(record['initiations'] === 1 ? [`initiation ${record['sender_index']}`] : []),
      ...(record['responses'] === 1 ? [`response ${record['receiver_index']} ${record['sender_index']}`] : []),
      ...Array.from({ length: Number(record['data']) }, () => 'data'),
    ],
    cases: [],
    captures: ['ndpi/pcap/protonvpn.pcap'],
  },
  {
    log: 'openvpn',
    filter: 'openvpn',
    fields: ['openvpn.opcode', 'openvpn.sessionid'],
    theirs: ([opcode]) => [opcodeNames[Number(opcode)]!],
    ours: (record) => [...(record['opcodes'] as readonly string[])],
    cases: ['openvpn/tls-crypt-v2-unanswered'],
    captures: ['ndpi/pcap/openvpn-tlscrypt.pcap'],
  },
  {
    log: 'l2tp',
    filter: 'l2tp.type == 1',
    fields: ['l2tp.avp.message_type', 'l2tp.tunnel', 'l2tp.ccid', 'l2tp.Ns', 'l2tp.Nr', 'l2tp.avp.host_name', 'l2tp.result_code'],
    theirs: ([type, tunnel, connection, sent, expected, host, result]) =>
      // Acknowledgements have no record of ours.
      type === '' || type === '20'
        ? []
        : [
            `${l2tpMessages[Number(type)]} ${number(tunnel === '' ? connection! : tunnel!)} ${sent} ${expected} ${host} ${result}`,
          ],
    ours: (record) => [
      `${record['message_type']} ${record['tunnel_id']} ${record['ns']} ${record['nr']} ${record['host_name'] ?? ''} ${record['result_code'] ?? ''}`,
    ],
    cases: ['l2tp/version-2', 'l2tp/version-3'],
    captures: [],
  },
  {
    log: 'pptp',
    filter: 'pptp',
    fields: ['pptp.control_message_type', 'pptp.host_name', 'pptp.vendor_name'],
    theirs: ([type, host, vendor]) => {
      // Echoes have no record of ours; the second of two messages in a segment has only its type.
      const [first, ...more] = type!.split(',').filter((one) => one !== '5' && one !== '6');
      return first === undefined ? [] : [`${first} ${host} ${vendor}`, ...more.map((one) => `${one}  `)];
    },
    ours: (record) => [
      `${pptpTypes.findIndex(([name]) => name === record['message_type'])} ${record['host_name'] ?? ''} ${record['vendor_name'] ?? ''}`,
    ],
    cases: ['pptp/refused'],
    captures: ['ndpi/pcap/pptp.pcap'],
  },
  {
    log: 'alarm',
    filter: 'snmp',
    fields: ['snmp.name', 'snmp.agent_addr', 'snmp.enterprise', 'snmp.specific_trap'],
    theirs: ([names, agent]) => {
      const values = names!.split(',').filter((name) => name !== '' && !isEnvelope(name));
      return [`${values.map((name) => name.split('.').slice(0, 32).join('.')).join(' ')} ${agent ?? ''}`];
    },
    ours: (record) => [`${((record['variables'] ?? []) as readonly string[]).join(' ')} ${record['agent'] ?? ''}`],
    cases: ['snmp/alarm-mib', 'snmp/trap'],
    captures: [],
  },
];

/** sysUpTime.0 and snmpTrapOID.0 stand in every notification of the later versions. */
const isEnvelope = (name: string): boolean => name === '1.3.6.1.2.1.1.3.0' || name === '1.3.6.1.6.3.1.1.4.1.0';

/** A case as a capture; answers the file and how tshark is told the protocol on a foreign port. */
function captureOf(name: string, protocol: string): { file: string; decode: string[] } {
  const [service, which] = name.split('/') as [string, string];
  const path = new URL(`../protocols/${service}/cases/${which}/bytes.txt`, import.meta.url);
  const { transport, port, arrivals } = readCase(readFileSync(path, 'utf8'));
  const sent = arrivals.flatMap((one) => ('bytes' in one ? [one] : []));
  const ends = { from: '192.0.2.1', to: '198.51.100.1' };
  const back = { from: ends.to, to: ends.from };
  const packets =
    transport === 'tcp'
      ? conversation(
          ends,
          { source: 40_000, destination: port },
          sent.map(({ direction, bytes }) => ({ from: direction === 0 ? 'client' : 'server', payload: bytes })),
        )
      : sent.map(({ direction, ts, bytes }) => ({
          ts,
          bytes: ethernet(
            direction === 0
              ? udp(ends, { source: 40_000, destination: port }, bytes)
              : udp(back, { source: port, destination: 40_000 }, bytes),
          ),
        }));
  const file = join(folder, `${service}-${which}.pcap`);
  writeFileSync(file, pcap(packets));
  // tshark looks for IKE and ESP on port 4500 by itself.
  return { file, decode: port === 4500 ? [] : ['-d', `${transport}.port==${port},${protocol}`] };
}

function tsharkRows({ filter, fields, theirs }: Kind, file: string, decode: readonly string[]): Rows {
  const given = [
    '-r',
    file,
    ...decode,
    '-o',
    'tcp.desegment_tcp_streams:true',
    '-Y',
    filter,
    '-T',
    'fields',
    '-E',
    'separator=|',
  ];
  const { stdout } = spawnSync('tshark', [...given, ...fields.flatMap((field) => ['-e', field])], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : theirs(line.split('|'))));
}

const protocolNames: { readonly [log: string]: string } = { ipsec: 'isakmp', wireguard: 'wg', alarm: 'snmp' };

describe.skipIf(!hasTshark).each(kinds)('$log', (kind) => {
  const compare = async (file: string, decode: readonly string[]) => {
    const wanted = tsharkRows(kind, file, decode);
    const got = ((await recordsOf(file)).get(kind.log) ?? []).flatMap(kind.ours);
    // Of a record for a whole flow the order of kinds is told, and how many there are of each.
    const unordered = kind.log === 'wireguard';
    const once = kind.log === 'openvpn';
    const shown = (rows: Rows): Rows => (once ? [...new Set(rows)] : unordered ? rows.toSorted() : rows);
    expect(wanted.length).toBeGreaterThan(0);
    expect(shown(got)).toEqual(shown(wanted));
    console.log(`${kind.log}: ${wanted.length} messages as tshark reads them`);
  };
  test.each(kind.cases)('case %s', async (name) => {
    const { file, decode } = captureOf(name, protocolNames[kind.log] ?? kind.log);
    await compare(file, decode);
  });
  const present = kind.captures.filter((name) => existsSync(join(dataRoot, 'net', name)));
  test.skipIf(present.length === 0).each(kind.captures)('capture %s', async (name) => {
    await compare(join(dataRoot, 'net', name), []);
  });
});
