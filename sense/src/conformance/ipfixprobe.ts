/**
 * Our flows and records against ipfixprobe's flow tables (24 tables of 19 captures, one for each of its plugins).
 *
 * Several plugins cut a flow at each transaction, so that both sides are added up by pair of ends before packets and
 * bytes (of IP, as ours) are compared. `fields` maps the columns of the plugins to ours: each value of theirs must be
 * among ours of the same pair of ends. A NEW PROTOCOL JOINS BY ITS LINES there.
 */

import { readFileSync } from 'node:fs';
import { basename, join as path } from 'node:path';
import { recordType } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import { dataRoot } from '../testing/dataset.ts';
import { emptyComparison, note, type Comparison, type Selection } from './comparison.ts';
import { flowKey, hasPorts } from './frames.ts';
import { recordsOf } from './records.ts';

const root = path(dataRoot, 'net/ipfixprobe');

type Mapped = { log: string; column: string | readonly string[]; as?: (value: string) => string | undefined };

const unlessEmpty = (text: string): string | undefined => (text === '' || text === '0' ? undefined : text);
/** Addresses of mail, which the tables give as they stand in the command. */
const mailbox = (text: string): string => text.trim().replaceAll(/[<>]/g, '');

const fields: { readonly [column: string]: Mapped | undefined } = {
  // Of an answer that names a host, the table gives that name instead of the question's.
  DNS_NAME: { log: 'dns', column: ['query', 'answers'], as: (text) => (text === '' ? undefined : text.toLowerCase()) },
  DNS_ID: { log: 'dns', column: 'trans_id' },
  HTTP_REQUEST_AGENT: { log: 'http', column: 'user_agent', as: unlessEmpty },
  HTTP_REQUEST_HOST: { log: 'http', column: 'host', as: unlessEmpty },
  HTTP_REQUEST_METHOD: { log: 'http', column: 'method', as: unlessEmpty },
  HTTP_REQUEST_URL: { log: 'http', column: 'uri', as: unlessEmpty },
  HTTP_RESPONSE_STATUS_CODE: { log: 'http', column: 'status_code', as: unlessEmpty },
  TLS_SNI: { log: 'ssl', column: 'server_name', as: unlessEmpty },
  TLS_JA3: { log: 'ssl', column: 'ja3', as: unlessEmpty },
  TLS_JA4: { log: 'ssl', column: 'ja4', as: unlessEmpty },
  QUIC_SNI: { log: 'quic', column: 'server_name', as: unlessEmpty },
  SMTP_DOMAIN: { log: 'smtp', column: 'helo', as: unlessEmpty },
  SMTP_FIRST_SENDER: { log: 'smtp', column: 'mailfrom', as: mailbox },
  SMTP_FIRST_RECIPIENT: { log: 'smtp', column: 'rcptto', as: mailbox },
  SIP_CALL_ID: { log: 'sip', column: 'call_id', as: unlessEmpty },
  SIP_REQUEST_URI: { log: 'sip', column: 'uri', as: unlessEmpty },
  SIP_USER_AGENT: { log: 'sip', column: 'user_agent', as: unlessEmpty },
  NTP_VERSION: { log: 'ntp', column: 'version' },
  NTP_MODE: { log: 'ntp', column: 'mode' },
  NTP_STRATUM: { log: 'ntp', column: 'stratum' },
  // Lists of what all messages of a flow said, `urn:` left out; of one with a single value it is compared.
  SSDP_SERVER: { log: 'ssdp', column: 'server', as: (text) => /^([^;]+);$/.exec(text)?.[1] },
  SSDP_USER_AGENT: { log: 'ssdp', column: 'user_agent', as: (text) => /^([^;]+);$/.exec(text)?.[1] },
  SSDP_ST: {
    log: 'ssdp',
    column: 'target',
    as: (text) => text.replace(/^([^;]+);$/, 'urn:$1').replace(/^(?!urn:).*/, '') || undefined,
  },
  SSDP_NT: {
    log: 'ssdp',
    column: 'target',
    as: (text) => text.replace(/^([^;]+);$/, 'urn:$1').replace(/^(?!urn:).*/, '') || undefined,
  },
  MQTT_TOPICS: { log: 'mqtt_publish', column: 'topic', as: unlessEmpty },
};

/** A line of CSV, in which quoted values may hold commas. */
function cells(line: string): string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
    .map((match) => match[1]!)
    .slice(0, -1)
    .map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell));
}

type Table = { output: string; input: string };
type Sums = { packets: number; bytes: number };

export async function compareIpfixprobe(selection: Selection = {}): Promise<Comparison[]> {
  const tables = JSON.parse(readFileSync(path(root, 'index.json'), 'utf8')) as Table[];
  const results = new Map<string, Comparison>();
  const comparisonOf = (name: string): Comparison => {
    const comparison = results.get(name) ?? emptyComparison('ipfixprobe', name);
    results.set(name, comparison);
    return comparison;
  };
  for (const { output, input } of tables) {
    const test = basename(output, '.csv');
    if (selection.test !== undefined && test !== selection.test) continue;
    const records = await recordsOf(path(root, input));
    const ours = new Map<string, Sums>();
    const theirs = new Map<string, Sums>();
    const uids = new Map<string, AnyRecord[]>();
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
      add(ours, there, Number(record['orig_pkts']), Number(record['orig_ip_bytes']));
      add(ours, back, Number(record['resp_pkts']), Number(record['resp_ip_bytes']));
      for (const key of new Set([there, back])) uids.set(key, [...(uids.get(key) ?? []), record]);
    }
    const lines = readFileSync(path(root, output), 'utf8').split('\n').filter(Boolean);
    const header = lines.find((line) => line.startsWith('ipaddr '));
    if (header === undefined) continue;
    const names = header.split(',').map((column) => column.split(' ')[1]!);
    // A plugin writes a flow once for each name or answer in it: a row that differs in nothing else is the same flow again.
    const told = new Set<string>();
    const rows = lines
      .filter((line) => line !== header)
      .map((line, i) => {
        const values = cells(line);
        const at = (name: string): string => values[names.indexOf(name)] ?? '';
        const protocol = Number(at('PROTOCOL'));
        const ports = hasPorts(protocol) ? [Number(at('SRC_PORT')), Number(at('DST_PORT'))] : [0, 0];
        const there = flowKey(protocol, at('SRC_IP'), ports[0]!, at('DST_IP'), ports[1]!);
        const back = flowKey(protocol, at('DST_IP'), ports[1]!, at('SRC_IP'), ports[0]!);
        const flow = `${there} ${at('TIME_FIRST')} ${at('TIME_LAST')} ${at('PACKETS')} ${at('PACKETS_REV')} ${at('VLAN_ID')}`;
        if (!told.has(flow)) {
          told.add(flow);
          add(theirs, there, Number(at('PACKETS')), Number(at('BYTES')));
          add(theirs, back, Number(at('PACKETS_REV')), Number(at('BYTES_REV')));
        }
        return { at, there, back, place: `row ${i + 1} ${there}` };
      });
    const flows = comparisonOf('flows');
    flows.tests++;
    for (const { at, there, back, place } of rows) {
      flows.records++;
      const own = uids.get(there);
      if (!own) flows.missing++;
      for (const [direction, key] of [
        ['', there],
        ['_REV', back],
      ] as const) {
        const sum = own && (ours.get(key) ?? { packets: 0, bytes: 0 });
        note(flows, test, place, `PACKETS${direction}`, String(theirs.get(key)!.packets), sum && String(sum.packets));
        note(flows, test, place, `BYTES${direction}`, String(theirs.get(key)!.bytes), sum && String(sum.bytes));
      }
      if (!own) continue;
      const vlan = at('VLAN_ID');
      if (vlan !== '') note(flows, test, place, 'VLAN_ID', vlan, String(own[0]!['vlan'] ?? 0));
      for (const name of names) {
        const mapped = fields[name];
        if (!mapped || recordType(mapped.log) === undefined) continue;
        const wanted = mapped.as ? mapped.as(at(name)) : at(name);
        if (wanted === undefined) continue;
        const comparison = comparisonOf(mapped.log);
        comparison.records++;
        const ids = new Set(own.map((flow) => flow['uid']));
        const found = (records.get(mapped.log) ?? []).filter((record) => ids.has(record['uid']));
        if (found.length === 0) comparison.missing++;
        const columns = typeof mapped.column === 'string' ? [mapped.column] : mapped.column;
        const values = found.flatMap((record) => columns.flatMap((column) => [record[column] ?? []].flat(2).map(String)));
        note(
          comparison,
          test,
          place,
          name,
          wanted,
          found.length === 0 ? undefined : values.join(' ') || '-',
          values.includes(wanted),
        );
      }
    }
  }
  return [...results.values()].filter((one) => selection.name === undefined || one.name === selection.name);
}
