/**
 * Our records against Zeek 8's own baseline logs, row by row and field by field.
 *
 * Times and uids are masked in the baselines. A row is joined with a record of the same five-tuple (and, where several
 * transactions share one, by its key fields, which count ten times; or, for logs without a five-tuple, by those alone).
 * A row that finds no record on its tuple may still find one with the roles turned round: then `id.*` differ.
 *
 * A NEW PROTOCOL JOINS BY ONE LINE in `logs` below:
 *
 *     { log: 'ssh', keys: [], ignore: { cookie: 'never written' }, floor: 95 },
 *
 * - `log`: Zeek's name of the log, which is also the name of our record;
 * - `keys`: the fields that tell the transactions of one five-tuple apart (`trans_id`, `tid`, …);
 * - `ignore`: fields that are not compared, each with its reason (what is never written because it is secret or content;
 *   what the test's own script adds). `ignoredEverywhere` holds what no log can compare;
 * - `only`: a condition on a field, where only some of its values can be compared;
 * - `setAside`: tests (part of the name) that cannot be compared at all, each with its reason, printed with the result;
 * - `floor`: percent of fields that were equal when it was set; a change that falls below it fails the suite.
 *
 * By hand, with every difference: `node sense/src/conformance/compare.ts --source zeek --log ssh [--test half-duplex]`.
 * A difference that stays goes into `accepted.ts` with its reason, place and RFC; it counts as a difference all the same.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { recordType } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import { protocols } from '../protocols/index.ts';
import { dataRoot } from '../testing/dataset.ts';
import { emptyComparison, join, note, type Comparison, type Selection } from './comparison.ts';
import { recordsOf, type Records } from './records.ts';
import { readZeekLog, sameValue, shown, unescaped, type ZeekRow } from './zeek-log.ts';

type ZeekComparison = {
  log: string;
  keys: readonly string[];
  ignore: { readonly [field: string]: string };
  only?: { readonly [field: string]: (theirs: string, ours: string) => boolean };
  setAside?: { readonly [partOfTest: string]: string };
  /** Rows that are compared, where a test's own script has more written than Zeek does by itself. */
  rows?: (row: ZeekRow) => boolean;
  /** Our record as Zeek would write it, where the two mean the same by other values. */
  as?: (record: AnyRecord) => AnyRecord;
  floor: number;
};

const encrypted = 'the baseline needs session keys, or shows what stands inside the encryption';
const ownScript = "added by the test's own script";
const certificateOption = 'an option of Zeek that is off by default; x509 tells it by the fingerprint';

/** The services of our parsers as Zeek's `conn.service` names them. */
const ourServices = new Set([
  ...protocols.map((protocol) => protocol.service),
  'ayiya',
  'geneve',
  'gtpv1',
  'teredo',
  'vxlan',
  // What parsers confirm beside their own name, or instead of it.
  'ldap_tcp',
  'ldap_udp',
  'krb_tcp',
  'gssapi',
  'ntlm',
]);

export const logs: readonly ZeekComparison[] = [
  {
    log: 'conn',
    keys: [],
    ignore: {
      ip_proto: 'compared as `proto`',
      local_orig: 'depends on the networks set',
      local_resp: 'depends on the networks set',
      orig_l2_addr: 'added by a script of policy',
      resp_l2_addr: 'added by a script of policy',
      failed_service: 'added by a script of policy',
    },
    only: {
      // Zeek's services that we have no parser for cannot agree; that we name more than Zeek is a difference.
      service: (theirs, ours) =>
        theirs === '-'
          ? ours !== '-'
          : theirs.split(',').every((one) => ourServices.has(one) || ourServices.has(one.replace('-', ''))),
    },
    // SCTP's ports, which Zeek leaves 0, stand in our records, because its own Community ID needs them.
    as: (record) => (record['proto'] === 'unknown_transport' ? { ...record, 'id.orig_p': 0, 'id.resp_p': 0 } : record),
    setAside: {
      'core.skip_analyzer': "the test's script switches the analyzers of tunnels off",
      'netcontrol.packetfilter': "the test's script filters packets out",
      'logging.field-extension': "the test's script adds columns to every log",
    },
    floor: 98,
  },
  { log: 'tunnel', keys: ['action'], ignore: {}, floor: 98 },
  { log: 'dns', keys: ['trans_id'], ignore: { auth: ownScript, addl: ownScript }, floor: 99 },
  { log: 'http', keys: ['trans_depth'], ignore: {}, setAside: { 'ssl.decryption': encrypted }, floor: 96 },
  { log: 'mqtt_connect', keys: ['client_id'], ignore: { will_payload: 'content, never written' }, floor: 100 },
  { log: 'mqtt_publish', keys: ['topic', 'payload_len'], ignore: { payload: 'content, never written' }, floor: 100 },
  { log: 'mqtt_subscribe', keys: ['action', 'topics'], ignore: {}, floor: 100 },
  { log: 'smtp', keys: ['trans_depth'], ignore: {}, floor: 99 },
  {
    log: 'ftp',
    keys: ['command', 'arg'],
    ignore: {},
    // Tests that have every command recorded: those that ours records are compared.
    rows: (row) => /^(?:APPE|DELE|RETR|STOR|STOU|ACCT|PORT|PASV|EPRT|EPSV|PASS|AUTH)$/.test(row.values.get('command')!),
    setAside: {
      'ftp-max-arg-length': "the test's script shortens arguments",
      'ftp-max-user-length': "the test's script shortens users",
    },
    floor: 99,
  },
  {
    log: 'files',
    keys: ['source', 'seen_bytes', 'depth'],
    ignore: {
      analyzers: 'names of analyzers that the test attached',
      local_orig: 'depends on the networks set',
      overflow_bytes: 'bytes that analyzers of Zeek had no room for',
      extracted: 'files are never stored',
      extracted_cutoff: 'files are never stored',
      extracted_size: 'files are never stored',
      parent_fuid: 'random in Zeek',
      ...Object.fromEntries(['md5', 'sha1', 'sha256'].map((hash) => [hash, 'only where the test asks for it; compared there'])),
    },
    setAside: {
      'logging-input-analysis': "a file of the test's disk",
      'files.zip.': 'archives are not opened',
      smb: 'read by another protocol',
      'concurrent-range-requests': 'ranges over several connections are several files',
      'file-info-multiple-conns': 'ranges over several connections are several files',
    },
    floor: 98,
  },
  {
    log: 'ssl',
    keys: [],
    ignore: {
      validation_status: ownScript,
      subject: certificateOption,
      issuer: certificateOption,
      client_subject: certificateOption,
      client_issuer: certificateOption,
    },
    setAside: {
      'ssl.decryption': encrypted,
    },
    floor: 99,
  },
  {
    log: 'x509',
    keys: ['fingerprint'],
    ignore: {},
    setAside: {},
    floor: 99,
  },
  { log: 'quic', keys: ['client_initial_dcid'], ignore: {}, floor: 100 },
  {
    log: 'modbus',
    keys: ['tid', 'func', 'pdu_type'],
    ignore: {},
    setAside: {
      'modbus.exception_handling':
        'a fuzzed capture: the first packet is a SYN with FIN and data from port 502, sequence numbers jump by 2^31',
    },
    floor: 100,
  },
  { log: 'dnp3', keys: ['fc_request', 'fc_reply', 'iin'], ignore: {}, floor: 99.8 },
  {
    log: 'kerberos',
    keys: ['request_type', 'client'],
    ignore: {
      client_cert_subject: 'certificates of PKINIT are not read',
      client_cert_fuid: 'certificates of PKINIT are not read',
      server_cert_subject: 'certificates of PKINIT are not read',
      server_cert_fuid: 'certificates of PKINIT are not read',
      auth_ticket_sha256: 'hashes of tickets are not written',
      new_ticket_sha256: 'hashes of tickets are not written',
    },
    floor: 100,
  },
  {
    log: 'known_services',
    keys: ['host', 'port_num', 'port_proto', 'service'],
    ignore: {},
    // Five rows are all there are, and two of them are no services (accepted.ts).
    floor: 60,
  },
  { log: 'ssh', keys: [], ignore: { direction: 'not written: it follows from local_orig and local_resp' }, floor: 98 },
  { log: 'ntp', keys: ['xmt_time'], ignore: {}, floor: 99 },
  { log: 'dhcp', keys: ['mac', 'msg_types'], ignore: { uids: 'random in Zeek' }, floor: 100 },
  { log: 'snmp', keys: [], ignore: { community: 'secret, never written' }, floor: 100 },
  { log: 'radius', keys: [], ignore: {}, floor: 100 },
  { log: 'ntlm', keys: [], ignore: {}, floor: 98 },
  {
    log: 'smb_files',
    keys: ['action', 'name', 'times.changed'],
    ignore: { fuid: 'random in Zeek' },
    setAside: { 'smb.smb2-read-write': "the test's script logs reads and writes too" },
    floor: 99,
  },
  { log: 'smb_mapping', keys: ['path'], ignore: {}, floor: 100 },
  { log: 'dce_rpc', keys: ['endpoint', 'operation'], ignore: {}, floor: 100 },
  { log: 'ldap', keys: ['message_id'], ignore: {}, floor: 98 },
  {
    log: 'ldap_search',
    keys: ['message_id'],
    ignore: { attributes: "shown by Zeek only where a test's script asks for it" },
    floor: 99,
  },
  { log: 'mysql', keys: ['cmd', 'arg'], ignore: {}, floor: 100 },
  { log: 'postgresql', keys: ['frontend', 'frontend_arg'], ignore: {}, floor: 99 },
  {
    log: 'redis',
    keys: ['cmd.name', 'cmd.key'],
    ignore: {},
    setAside: { 'redis.excessive-pipelining': "the test's script lets five commands wait" },
    floor: 100,
  },
  { log: 'socks', keys: [], ignore: {}, floor: 100 },
  { log: 'websocket', keys: [], ignore: {}, floor: 100 },
  { log: 'rdp', keys: [], ignore: {}, floor: 100 },
  { log: 'rfb', keys: [], ignore: {}, floor: 97 },
  { log: 'syslog', keys: ['message'], ignore: {}, floor: 100 },
  { log: 'sip', keys: ['method', 'status_code'], ignore: {}, floor: 95 },
];

/** Fields that no log can compare. */
const ignoredEverywhere: { readonly [field: string]: string } = {
  ts: 'masked in the baselines',
  uid: 'random in Zeek',
  tags: 'set by scripts',
  password: 'never written',
  fuid: 'random in Zeek',
  fuids: 'random in Zeek',
  orig_fuids: 'random in Zeek',
  resp_fuids: 'random in Zeek',
  cert_chain_fuids: 'random in Zeek',
  client_cert_chain_fuids: 'random in Zeek',
  tunnel_parents: 'compared by their number',
};

type Baseline = { test: string; trace: string; expected: string[]; zeek_command: string[]; plain: boolean };

const root = path(dataRoot, 'net/zeek');

const tuple = ['id.orig_h', 'id.orig_p', 'id.resp_h', 'id.resp_p'] as const;

/** Compares one log of one test. */
function compareLog(spec: ZeekComparison, comparison: Comparison, test: string, file: string, ours: readonly AnyRecord[]): void {
  const { fields, types, rows: all } = readZeekLog(file, spec.log);
  const rows = spec.rows ? all.filter(spec.rows) : all;
  const typeOf = new Map(fields.map((field, i) => [field, types[i] ?? 'string']));
  const compared = fields.filter((field) => ignoredEverywhere[field] === undefined && spec.ignore[field] === undefined);
  const columns = recordType(spec.log)?.columns ?? {};
  const weights = new Map(compared.map((field) => [field, spec.keys.includes(field) ? 10 : 1]));
  const theirs = new Map(rows.map((row) => [row, new Map(compared.map((field) => [field, unescaped(row.values.get(field)!)]))]));
  const shownOf = new Map<AnyRecord, Map<string, string>>();
  const ourText = (record: AnyRecord): Map<string, string> => {
    let text = shownOf.get(record);
    if (!text) {
      text = new Map(
        compared.map((field) => [field, columns[field] === undefined ? '(no column)' : shown(record[field], typeOf.get(field)!)]),
      );
      shownOf.set(record, text);
    }
    return text;
  };
  const score = (row: ZeekRow, record: AnyRecord): number => {
    const their = theirs.get(row)!;
    const our = ourText(record);
    let points = 0;
    for (const field of compared) {
      if (sameValue(their.get(field)!, our.get(field)!, typeOf.get(field)!)) points += weights.get(field)!;
    }
    return points;
  };
  const perfect = (): number => [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const onTuple = tuple.filter((field) => fields.includes(field));
  const first = join(
    rows,
    ours,
    (row) => onTuple.map((field) => row.values.get(field)!).join(' '),
    (record) => onTuple.map((field) => String(record[field] ?? '-')).join(' '),
    score,
    perfect,
  );
  let { joined, left } = first;
  if (onTuple.length === tuple.length && joined.size < rows.length) {
    const turned = ['id.resp_h', 'id.resp_p', 'id.orig_h', 'id.orig_p'] as const;
    const second = join(
      rows.filter((row) => !joined.has(row)),
      left,
      (row) => turned.map((field) => row.values.get(field)!).join(' '),
      (record) => tuple.map((field) => String(record[field] ?? '-')).join(' '),
      score,
      perfect,
    );
    for (const [row, record] of second.joined) joined.set(row, record);
    left = second.left;
  }
  for (const row of rows) {
    const record = joined.get(row);
    comparison.records++;
    if (!record) comparison.missing++;
    const their = theirs.get(row)!;
    for (const field of compared) {
      const wanted = their.get(field)!;
      const got = record && ourText(record).get(field)!;
      const can = spec.only?.[field];
      if (can && got !== undefined && !can(wanted, got)) continue;
      note(
        comparison,
        test,
        `row ${row.number}`,
        field,
        wanted,
        got,
        got !== undefined && sameValue(wanted, got, typeOf.get(field)!),
      );
    }
    if (record && fields.includes('tunnel_parents')) {
      const parents = row.values.get('tunnel_parents')!;
      const wanted = parents === '-' || parents === '(empty)' ? '0' : String(parents.split(',').length);
      const got = String((record['tunnel_parents'] as readonly string[] | undefined)?.length ?? 0);
      note(comparison, test, `row ${row.number}`, 'tunnel_parents', wanted, got);
    }
  }
  comparison.extra += left.length;
  for (const record of left) {
    const place = compared.map((field) => ourText(record).get(field)!).join(' ');
    comparison.extras.push(`${test}: ${place.slice(0, 240)}`);
  }
}

/** Where the command says which hosts are told: all, or some networks. Else ours are the private ones. */
function ownNetworks(command: string): { networks?: readonly string[] } {
  if (/_tracking = ALL_HOSTS/.test(command)) return { networks: ['0.0.0.0/0', '::/0'] };
  const named = /Site::local_nets *\+?= *\{ *([^}]+?) *\}/.exec(command)?.[1];
  return named === undefined ? {} : { networks: named.split(/ *, */) };
}

/** Compares the selected logs with all baselines of Zeek that have them; each capture is read once. */
export async function compareZeek(selection: Selection = {}): Promise<Comparison[]> {
  const index = JSON.parse(readFileSync(path(root, 'index.json'), 'utf8')) as Baseline[];
  const chosen = logs.filter((spec) => selection.name === undefined || spec.log === selection.name);
  const results = new Map(chosen.map((spec) => [spec.log, emptyComparison('zeek', spec.log)]));
  for (const baseline of index) {
    if (!baseline.trace || !existsSync(path(root, baseline.trace))) continue;
    if (selection.test !== undefined && !baseline.test.includes(selection.test)) continue;
    let records: Records | undefined;
    for (const spec of chosen) {
      const file = baseline.expected.find((one) => one.endsWith(`/${spec.log}.log`));
      if (file === undefined) continue;
      const comparison = results.get(spec.log)!;
      const reason = Object.entries(spec.setAside ?? {}).find(([part]) => baseline.test.includes(part))?.[1];
      if (reason) {
        comparison.setAside.push({ test: baseline.test, reason });
        continue;
      }
      const command = baseline.zeek_command.join(' ');
      // Where the command is not known the test is compared as our own default reads it.
      records ??= await recordsOf(path(root, baseline.trace), {
        ...ownNetworks(command),
        checksums: command === '' || /\s-C\b/.test(command) ? 'ignore' : 'verify',
      });
      comparison.tests++;
      const ours = records.get(spec.log) ?? [];
      compareLog(spec, comparison, baseline.test, path(root, file), spec.as ? ours.map(spec.as) : ours);
    }
  }
  return [...results.values()];
}

/** The floors by log, for the suite. */
export const zeekFloors: ReadonlyMap<string, number> = new Map(logs.map((spec) => [spec.log, spec.floor]));
