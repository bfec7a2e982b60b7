/** The evidence that Slips' own tests expect (net/slips/expected.json), and its hand-labelled flows. */

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createDetector } from '@forewarn/detect/detector';
import type { Finding } from '@forewarn/model/finding';
import type { AnyRecord } from '@forewarn/model/records/record';
import { recogniseLog } from '@forewarn/sense/logs/read';
import { dataFolder, labelled, type Line, type Measure, type Trial } from './measure.ts';

const folder = join(dataFolder, 'net/slips');

/** Reads a log of a known format; fields that were added for labels stay in its records. */
export function readLog(path: string): Line[] {
  const bytes = readFileSync(path);
  const lines: Line[] = [];
  const log = recogniseLog(bytes.subarray(0, 65_536), path.slice(path.lastIndexOf('/') + 1));
  if (!log) throw new Error(`${path} is no log.`);
  const reading = log.open(
    { name: path.slice(path.lastIndexOf('/') + 1) },
    { record: (of, record) => void lines.push({ log: of, record }) },
  );
  reading.push(bytes);
  reading.end();
  return lines;
}

/** Zeek's logs of a folder, together. */
const readFolder = (path: string): Line[] =>
  readdirSync(path)
    .filter((name) => /^(conn|dns|ssl|x509|http|arp|smtp|files)\.log/.test(name))
    .flatMap((name) => (name === 'arp.log' ? readArp(join(path, name)) : readLog(join(path, name))));

/** Slips' own ARP script names its fields otherwise. */
function readArp(path: string): Line[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { [name: string]: string | number })
    .map((of) => ({
      log: 'arp',
      record: {
        ts: of['ts'],
        arp_type: of['operation'],
        mac_src: of['src_mac'],
        mac_dst: of['dst_mac'],
        SPA: of['orig_h'],
        SHA: of['orig_hw'],
        TPA: of['resp_h'],
        THA: of['resp_hw'],
      } as AnyRecord,
    }));
}

/** Argus' flows as text: flags of both sides are joined by "_", letters in the order of its manual (ra(1), state). */
export function readArgus(path: string): Line[] {
  const [head = '', ...rest] = readFileSync(path, 'utf8').split('\n');
  const separator = head.includes('\t') ? '\t' : ',';
  const names = head.split(separator);
  return rest
    .filter((line) => line.trim() !== '')
    .flatMap((line, i) => {
      const parts = line.split(separator);
      const of = Object.fromEntries(names.map((name, at) => [name, parts[at]?.trim() ?? '']));
      if (!['tcp', 'udp', 'icmp'].includes(of['Proto']!)) return [];
      const bytes = Number(of['TotBytes']);
      const sent = Number(of['SrcBytes']);
      const packets = Number(of['TotPkts']);
      const forth = of['SrcPkts'] ? Number(of['SrcPkts']) : Math.ceil(packets / 2);
      const [asked = '', answered = ''] = (of['State'] ?? '').split('_');
      const state =
        of['Proto'] !== 'tcp'
          ? undefined
          : of['State'] === 'REQ' || (answered === '' && packets <= 1)
            ? { conn_state: 'S0', history: 'S' }
            : answered === 'RA' || answered === 'R'
              ? { conn_state: 'REJ', history: 'Sr' }
              : asked.includes('S') && answered.includes('S')
                ? { conn_state: 'SF', history: 'ShADadFf' }
                : undefined;
      const record: AnyRecord = {
        ts: Date.parse(`${of['StartTime']!.replaceAll('/', '-').replace(' ', 'T')}Z`) / 1000,
        uid: `A${i}`,
        duration: Number(of['Dur']),
        proto: of['Proto']!,
        'id.orig_h': of['SrcAddr']!,
        'id.orig_p': Number(of['Sport']),
        'id.resp_h': of['DstAddr']!,
        'id.resp_p': Number(of['Dport']),
        orig_bytes: sent,
        resp_bytes: bytes - sent,
        orig_pkts: forth,
        resp_pkts: packets - forth,
        ...state,
      };
      return [{ log: 'conn', record }];
    });
}

type Input = {
  path: string;
  read: (path: string) => Line[];
  id: string;
  source?: string;
  target?: string;
  localNetworks?: string[];
};

/** One behaviour on several inputs, of each one piece of evidence is expected; the rest of an input has no label. */
const evidence = (behaviour: string, about: string, inputs: readonly Input[]): Measure =>
  labelled({
    behaviour,
    on: 'net/slips',
    about,
    path: 'net/slips',
    read: async () =>
      inputs.map(({ path, read, id, source, target, localNetworks }): Trial => {
        const lines = read(join(folder, path));
        return {
          lines,
          signs: [{ id, from: -Infinity, ...(source !== undefined && { source }), ...(target !== undefined && { target }) }],
          ...(localNetworks && { localNetworks }),
          partial: true,
        };
      }),
  });

const evidenceAbout =
  'evidence that Slips’ tests expect (GPL-2, expected.json); what else is in its inputs has no label and is not judged.';

const handLabelled: Measure = {
  behaviour: 'reconnecting',
  on: 'net/slips test18',
  kind: 'data',
  about:
    '767 flows labelled by hand (719 of RemcosRAT, whose master refuses every call): a flow is accused when a finding above informational is about its two hosts and its time.',
  run: async ({ content }) => {
    const path = join(folder, 'test18-malicious-ctu-sme-11-win/zeek-labeled');
    if (!existsSync(path)) return undefined;
    const lines = ['conn', 'dns', 'ssl'].flatMap((log) => readLog(join(path, `${log}.log.labeled`)));
    const findings = new Map<string, Finding>();
    const detector = createDetector({
      behaviours: content.behaviours,
      sink: (finding) => void findings.set(finding.id, finding),
    });
    for (const { log, record } of lines) detector.push(log, record);
    detector.end();
    const told = [...findings.values()].filter(({ level }) => level !== 'informational');
    const flows = lines.filter(({ log }) => log === 'conn').map(({ record }) => record);
    const accused = flows.filter((flow) =>
      told.some(
        ({ source, targets, from, to }) =>
          source === flow['id.orig_h'] &&
          targets.includes(String(flow['id.resp_h'])) &&
          Number(flow['ts']) >= from - 1 &&
          Number(flow['ts']) <= to + 1,
      ),
    );
    const bad = (flow: AnyRecord) => String(flow['label']).startsWith('Malicious');
    const malicious = flows.filter(bad);
    const found = accused.filter(bad).length;
    const wrong = accused.length - found;
    const first = Math.min(...malicious.map((flow) => Number(flow['ts'])));
    return {
      behaviour: 'reconnecting',
      on: 'net/slips test18',
      kind: 'data',
      about: handLabelled.about,
      records: flows.length,
      expected: malicious.length,
      found,
      findings: accused.length,
      wrong,
      others: 0,
      delay: Math.min(...told.map(({ from }) => from)) - first,
      lead: undefined,
      missed: [],
      note: `Flows, not findings: F1 ${((2 * found) / (malicious.length + accused.length)).toFixed(4)}.`,
    };
  },
};

export const slips: readonly Measure[] = [
  evidence('scan', evidenceAbout, [
    {
      id: 'vertical, 45.33.32.156',
      path: 'port-scans/vertical/conn.log',
      read: readLog,
      source: '192.168.1.9',
      target: '45.33.32.156',
    },
    {
      id: 'test3, port 3389',
      path: 'test3-mixed.binetflow',
      read: readArgus,
      source: '46.166.151.160',
      localNetworks: ['147.32.0.0/16'],
    },
    { id: 'test4, port 81', path: 'test4-malicious.binetflow', read: readArgus, source: '192.168.2.12' },
    { id: 'test6, vertical', path: 'test6-malicious.suricata.json', read: readLog, target: '192.168.1.129' },
  ]),
  // Slips calls it a scan; more than half of the hosts answer, so that no test of answers would: it is a list that is worked off.
  evidence('outbound-abuse', evidenceAbout, [
    { id: 'horizontal, port 80', path: 'port-scans/horizontal/conn.log', read: readLog, source: '10.0.2.112' },
  ]),
  evidence('long-connection', evidenceAbout, [
    { id: 'test2', path: 'test2-malicious.binetflow', read: readArgus },
    { id: 'test5', path: 'test5-mixed.binetflow', read: readArgus },
  ]),
  evidence('arp-claims', evidenceAbout, [
    { id: 'test9, outside', path: 'test9-mixed-zeek-dir', read: readFolder, source: '192.168.1.15', target: '69.220.152.0' },
    { id: 'test9, unsolicited', path: 'test9-mixed-zeek-dir', read: readFolder, source: '192.168.1.15' },
  ]),
  evidence('dns-tunnel', evidenceAbout, [{ id: 'test10, text answer', path: 'test10-mixed-zeek-dir/dns.log', read: readLog }]),
  handLabelled,
];
