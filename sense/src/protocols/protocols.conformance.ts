/**
 * The protocols through the engine, against other people's readings of the same captures.
 *
 * - dns, http, ssl, x509 and modbus records against Zeek's own baseline logs, field by field. Times and uids are masked
 *   there, so a row is compared with the record of ours that agrees most, the five-tuple counting ten times.
 * - Modbus functions, transactions, units, exceptions and addresses against tshark's dissection, message by message.
 *
 * What is not compared, and why:
 * - Logs of tests whose protocol arrives inside another that is not read here (STARTTLS, DTLS, QUIC, RDP), or that need keys.
 * - `password` (never written), identifiers of files, and columns that a test's own script adds (`auth`, `addl`, …).
 */

import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { readCapture } from '../read.ts';
import { dataRoot, hasData } from '../testing/dataset.ts';
import { protocols } from './index.ts';

type Baseline = { test: string; trace: string; expected: string[]; zeek_command: string[]; plain: boolean };

const root = join(dataRoot, 'net/zeek');

/** Tests that are left out, by a part of their name. */
const leftOut: { readonly [part: string]: string } = {
  starttls: 'TLS begins inside another protocol',
  'ftp-auth-tls': 'TLS begins inside FTP',
  'xmpp.': 'TLS begins inside XMPP',
  'rdp.': 'TLS begins inside RDP, or certificates stand in RDP itself',
  'quic.': 'the hellos are encrypted in QUIC',
  dtls: 'DTLS over UDP',
  'ssl.decryption': 'needs the session keys',
  'modbus.exception_handling':
    'a fuzzed capture: the first packet is a SYN with FIN and data from port 502, sequence numbers jump by 2^31',
};

/** Differences that stay, by test and field, with the reason. They count as differences all the same. */
const known: readonly { test: string; fields: RegExp; reason: string }[] = [
  {
    test: 'dns.flip',
    fields: /^id\./,
    reason: 'both ports are 53; Zeek turns the roles round when the first message is an answer',
  },
  { test: 'http.missing-zlib-header', fields: /^response_body_len$/, reason: 'a deflate body counts as sent, Zeek unpacks it' },
  {
    test: 'http.deeply-nested-mime',
    fields: /^orig_mime_types$/,
    reason: 'types of the parts of a multipart body are not listed',
  },
  { test: 'ssl.tls13-experiment', fields: /^resumed$/, reason: 'Zeek takes the echoed session id of 0x7e01 for a resumption' },
  {
    test: 'core.tunnels.teredo',
    fields: /./,
    reason: 'the relay uses another port than 3544, where the engine does not look for Teredo',
  },
];

const ignored =
  /^(?:ts|uid|tags|password|.*fuids|.*filenames|validation_status|auth|addl|client_(?:subject|issuer)|certificate\.tbs_sig_alg)$/;
const tupleFields = new Set([
  'id.orig_h',
  'id.orig_p',
  'id.resp_h',
  'id.resp_p',
  'fingerprint',
  'trans_id',
  'trans_depth',
  'tid',
  'func',
  'pdu_type',
]);

function readRows(path: string): { fields: string[]; rows: string[][] } {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('###'));
  const header = lines.find((line) => line.startsWith('#fields'));
  // Some tests cut columns out and keep their names without the mark.
  const bare = header === undefined ? lines.shift()! : undefined;
  const fields = bare === undefined ? header!.split('\t').slice(1) : bare.split('\t');
  return { fields, rows: lines.filter((line) => !line.startsWith('#')).map((line) => line.split('\t')) };
}

/** A value of ours as Zeek's TSV writer shows it, without its escapes. */
function shown(value: AnyRecord[string], field: string): string {
  if (value === undefined) return '-';
  if (Array.isArray(value))
    return value.length === 0 ? '(empty)' : value.map((each) => shown(each as string | number, field)).join(',');
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (typeof value === 'number') return /^(?:rtt|TTLs|certificate\.not_valid)/.test(field) ? value.toFixed(6) : String(value);
  return value === '' ? '(empty)' : String(value);
}

const unescape = (text: string): string =>
  text.replace(/\\(?:x([0-9a-f]{2})|\\)/g, (_, pair?: string) =>
    pair === undefined ? '\\' : String.fromCharCode(Number.parseInt(pair, 16)),
  );

async function recordsOf(path: string, log: string, checksums: 'ignore' | 'verify'): Promise<AnyRecord[]> {
  const records: AnyRecord[] = [];
  await readCapture(createReadStream(path), {
    sink: { record: (name, record) => (name === log ? void records.push(record) : undefined) },
    protocols,
    checksums,
    file: path,
    fault: (service, error) => {
      throw new Error(`${service} threw`, { cause: error });
    },
  });
  return records;
}

/** Floors of agreement in percent that were reached; a change that falls below one fails. */
const floors: { readonly [log: string]: number } = { dns: 99, http: 97, ssl: 99, x509: 100, modbus: 100 };

describe.skipIf(!hasData)('logs of Zeek', () => {
  const index = hasData ? (JSON.parse(readFileSync(join(root, 'index.json'), 'utf8')) as Baseline[]) : [];
  for (const log of Object.keys(floors)) {
    test(`${log} agrees field by field`, async () => {
      const perField = new Map<string, { agree: number; all: number }>();
      const lines: string[] = [];
      let agree = 0;
      let all = 0;
      let rowCount = 0;
      let extra = 0;
      for (const baseline of index) {
        const file = baseline.expected.find((path) => path.endsWith(`/${log}.log`));
        if (file === undefined || !baseline.trace) continue;
        const reason = Object.entries(leftOut).find(([part]) => baseline.test.includes(part));
        if (reason) {
          lines.push(`  left out ${baseline.test}: ${reason[1]}`);
          continue;
        }
        const { fields, rows } = readRows(join(root, file));
        const ignore = baseline.zeek_command.length === 0 || /\s-C\b/.test(baseline.zeek_command.join(' '));
        const ours = await recordsOf(join(root, baseline.trace), log, ignore ? 'ignore' : 'verify');
        const free = new Set(ours);
        const compared = fields.filter((field) => !ignored.test(field));
        for (const row of rows) {
          rowCount++;
          const score = (record: AnyRecord): number =>
            compared.reduce((sum, field) => {
              const same = shown(record[field], field) === unescape(row[fields.indexOf(field)]!);
              return sum + (same ? (tupleFields.has(field) ? 10 : 1) : 0);
            }, 0);
          let best: AnyRecord | undefined;
          for (const record of free) if (best === undefined || score(record) > score(best)) best = record;
          if (best) free.delete(best);
          for (const field of compared) {
            const wanted = unescape(row[fields.indexOf(field)]!);
            const got = best ? shown(best[field], field) : '(no record)';
            const count = perField.get(field) ?? { agree: 0, all: 0 };
            count.all++;
            all++;
            if (wanted === got) {
              count.agree++;
              agree++;
            } else {
              const why = known.find((each) => baseline.test.includes(each.test) && each.fields.test(field))?.reason;
              lines.push(
                `  ${baseline.test} ${field}: Zeek ${wanted.slice(0, 80)}, ours ${got.slice(0, 80)}${why ? ` – ${why}` : ''}`,
              );
            }
            perField.set(field, count);
          }
        }
        extra += free.size;
        if (free.size > 0) lines.push(`  ${baseline.test}: ${free.size} more records than Zeek`);
      }
      const percent = (100 * agree) / all;
      const worst = [...perField]
        .filter(([, count]) => count.agree < count.all)
        .map(([field, count]) => `${field} ${count.agree}/${count.all}`);
      console.log(
        [
          `${log}: ${agree} of ${all} fields agree (${percent.toFixed(2)} %), ${rowCount} rows, ${extra} more of ours`,
          `  below 100 %: ${worst.join(', ') || 'none'}`,
          ...lines,
        ].join('\n'),
      );
      expect(rowCount).toBeGreaterThan(10);
      expect(percent).toBeGreaterThanOrEqual(floors[log]!);
    });
  }
});

describe.skipIf(!hasData)('tshark', () => {
  const captures: [string, string][] = [
    ['net/zeek/traces/modbus/fuzz-1011.pcap', 'net/tshark-fields/zeek/traces/modbus/fuzz-1011.pcap.json'],
    ['net/zeek/traces/modbus/fuzz-72.pcap', 'net/tshark-fields/zeek/traces/modbus/fuzz-72.pcap.json'],
    [
      'net/zeek/traces/modbus/modbus-and-non-modbus-p502.pcap',
      'net/tshark-fields/zeek/traces/modbus/modbus-and-non-modbus-p502.pcap.json',
    ],
    ['net/ndpi/pcap/modbus.pcap', 'net/tshark-fields/ndpi/pcap/modbus.pcap.json'],
    [
      'net/iti-ics/pcaps/ModbusTCP/Modbus/modbus_test_2.pcap',
      'net/iti-ics/tshark-fields/ModbusTCP/Modbus/modbus_test_2.pcap.json',
    ],
  ];
  /** Messages that tshark shows and we do not, by capture: it dissects every packet by itself, where we follow a stream whose numbers were fuzzed. */
  const missingMax: { readonly [capture: string]: number } = { 'net/zeek/traces/modbus/fuzz-72.pcap': 17 };
  test('sees the same Modbus messages', async () => {
    const { functionName, exceptionName } = await import('./modbus/codes.ts');
    for (const [capture, truth] of captures) {
      if (!existsSync(join(dataRoot, truth))) continue;
      const { columns, rows } = (
        JSON.parse(readFileSync(join(dataRoot, truth), 'utf8')) as { modbus: { columns: string[]; rows: (string | number)[][] } }
      ).modbus;
      const ours = await recordsOf(join(dataRoot, capture), 'modbus', 'ignore');
      const left = new Map<string, number>();
      for (const record of ours) {
        const request = record['pdu_type'] === 'REQ';
        const ends = [`${record['id.orig_h']} ${record['id.orig_p']}`, `${record['id.resp_h']} ${record['id.resp_p']}`];
        const forward = request === (record['id.resp_p'] === 502);
        const key = [
          forward ? ends[0] : ends[1],
          record['tid'],
          record['unit'],
          record['func'],
          record['exception'] ?? '',
          record['address'] ?? '',
          /COILS$|DISCRETE/.test(String(record['func'])) && request ? 'coils' : (record['quantity'] ?? ''),
        ].join(' ');
        left.set(key, (left.get(key) ?? 0) + 1);
      }
      const missing: string[] = [];
      for (const row of rows) {
        const at = (column: string): string => String(row[columns.indexOf(column)] ?? '');
        const exception = at('modbus.exception_code');
        const code = Number(at('modbus.func_code')) | (exception === '' ? 0 : 0x80);
        // tshark shows the address in responses to writes too, and the value of a single write as no quantity.
        const request = at('dport') === '502';
        const single = code === 5 || code === 6;
        // The data set holds the count of registers (`word_cnt`), not that of coils (`bit_cnt`).
        const coils = code === 1 || code === 2 || code === 15;
        const key = [
          `${at('src')} ${at('sport')}`,
          at('mbtcp.trans_id'),
          at('mbtcp.unit_id'),
          functionName(code),
          exception === '' ? '' : exceptionName(Number(exception)),
          request ? at('modbus.reference_num') : '',
          request ? (single ? '1' : coils ? 'coils' : at('modbus.word_cnt')) : '',
        ].join(' ');
        const count = left.get(key) ?? 0;
        if (count === 0) missing.push(key);
        else left.set(key, count - 1);
      }
      const more = [...left].filter(([, count]) => count > 0);
      console.log(
        [
          `modbus ${capture}: ${rows.length - missing.length} of ${rows.length} messages of tshark, ${more.length} kinds more of ours`,
          ...missing.slice(0, 20).map((key) => `  only tshark: ${key}`),
          ...more.slice(0, 20).map(([key]) => `  only ours: ${key}`),
        ].join('\n'),
      );
      expect(missing.length).toBeLessThanOrEqual(missingMax[capture] ?? 0);
    }
  });
});
