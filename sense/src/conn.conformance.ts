/**
 * `conn` against Zeek 8's own baselines: each test of Zeek that runs without an extra script and compares a whole
 * `conn.log` is read by our engine, and every row is compared on its five-tuple, field by field.
 *
 * Reasons for which rows or fields differ, and why we leave them so:
 * - Outer flows of GRE and IP-in-IP: Zeek writes none, we do, so that `tunnel_parents` leads somewhere. Rows of ours
 *   without a row of Zeek's are printed, not compared.
 * - Packets with a wrong checksum, where Zeek verifies: Zeek does not count them (`orig_pkts` 0), we count every packet.
 * - Segmentation offloading leaves the IP length 0: Zeek adds 0 to `orig_ip_bytes`, we and tshark the frame's length.
 * - A datagram in fragments: Zeek counts the length of the joined datagram, we and tshark the lengths of its pieces.
 * - The letter X of `history` (a limit of Zeek's analysis was reached) is not ours; SCTP's ports, which Zeek leaves 0,
 *   stand in our records, because its Community ID needs them.
 * - `service` is compared only where Zeek names nothing but protocols that we read.
 * - `zeek -b` knows fewer server ports than a full Zeek, so that it guesses other roles for flows seen in their middle.
 */

import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { protocols } from './protocols/index.ts';
import { readCapture } from './read.ts';
import { dataRoot, hasData } from './testing/dataset.ts';

type Baseline = { test: string; trace: string; expected: string[]; zeek_command: string[]; plain: boolean };

const root = join(dataRoot, 'net/zeek');

const fields = [
  'proto',
  'duration',
  'orig_bytes',
  'resp_bytes',
  'conn_state',
  'missed_bytes',
  'history',
  'orig_pkts',
  'orig_ip_bytes',
  'resp_pkts',
  'resp_ip_bytes',
  'ip_proto',
  'service',
] as const;

/** Floors of agreement, in percent, that we have reached; a change that falls below one fails. */
const floors: { [field: string]: number } = {
  proto: 100,
  duration: 100,
  orig_bytes: 100,
  resp_bytes: 100,
  conn_state: 100,
  missed_bytes: 100,
  history: 99,
  orig_pkts: 98,
  orig_ip_bytes: 95,
  resp_pkts: 100,
  resp_ip_bytes: 100,
  ip_proto: 100,
  service: 85,
};

/** Private networks, which Zeek counts as local unless told otherwise. */
const networks = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  '169.254.0.0/16',
  'fe80::/10',
  '::1',
  'fc00::/7',
];

function readLog(path: string): Map<string, string>[] {
  const rows: Map<string, string>[] = [];
  let names: string[] = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line.startsWith('#fields')) names = line.split('\t').slice(1);
    else if (line !== '' && !line.startsWith('#') && names.length > 0) {
      const values = line.split('\t');
      if (values.length === names.length) rows.push(new Map(names.map((name, i) => [name, values[i]!])));
    }
  }
  return rows;
}

function text(record: AnyRecord, field: string): string {
  const value = record[field];
  if (value === undefined) return '-';
  if (field === 'duration') return Number(value).toFixed(6);
  return String(value);
}

const tuple = (get: (field: string) => string): string =>
  // Zeek writes no ports for SCTP.
  get('ip_proto') === '132'
    ? [get('proto'), get('id.orig_h'), get('id.resp_h')].join(' ')
    : [get('proto'), get('id.orig_h'), get('id.orig_p'), get('id.resp_h'), get('id.resp_p')].join(' ');

describe.skipIf(!hasData)('conn.log of Zeek', () => {
  test('agrees field by field', async () => {
    const index = JSON.parse(readFileSync(join(root, 'index.json'), 'utf8')) as Baseline[];
    const agree = new Map<string, number>();
    const compared = new Map<string, number>();
    const differences: string[] = [];
    const missing: string[] = [];
    const extra: string[] = [];
    let rows = 0;
    let tests = 0;
    for (const baseline of index) {
      const log = baseline.expected.find((path) => path.endsWith('/conn.log'));
      if (!baseline.plain || !log || !baseline.trace) continue;
      const theirs = readLog(join(root, log));
      if (theirs.length === 0 || !theirs[0]!.has('id.orig_h')) continue;
      tests++;
      const command = baseline.zeek_command.join(' ');
      const ours: AnyRecord[] = [];
      await readCapture(createReadStream(join(root, baseline.trace)), {
        sink: { record: (name, record) => (name === 'conn' ? ours.push(record) : undefined) },
        protocols,
        networks,
        checksums: /\s-C\b/.test(command) ? 'ignore' : 'verify',
        file: baseline.trace,
      });
      const byTuple = new Map<string, AnyRecord[]>();
      for (const record of ours.sort((a, b) => Number(a['ts']) - Number(b['ts']))) {
        const key = tuple((field) => text(record, field));
        byTuple.set(key, [...(byTuple.get(key) ?? []), record]);
      }
      for (const row of theirs) {
        const key = tuple((field) => row.get(field) ?? '-');
        const candidates = byTuple.get(key) ?? [];
        // Times are masked in the baselines: of several flows on one tuple, the one that agrees most is meant.
        const score = (record: AnyRecord): number => fields.filter((field) => row.get(field) === text(record, field)).length;
        const best = candidates.toSorted((a, b) => score(b) - score(a))[0];
        rows++;
        if (!best) {
          missing.push(`${baseline.test}: ${key}`);
          continue;
        }
        byTuple.set(
          key,
          candidates.filter((record) => record !== best),
        );
        for (const field of fields) {
          const their = row.get(field);
          if (their === undefined) continue;
          const our = text(best, field);
          if (field === 'service') {
            const known = new Set(protocols.map((protocol) => protocol.service));
            if (their === '-' ? our === '-' : !their.split(',').every((one) => known.has(one.replace('-', '')))) continue;
          }
          compared.set(field, (compared.get(field) ?? 0) + 1);
          if (our === their) agree.set(field, (agree.get(field) ?? 0) + 1);
          else
            differences.push(
              `${baseline.test}: ${key}: ${field} ${our}, Zeek ${their} (${text(best, 'history')}, Zeek ${row.get('history') ?? '?'})`,
            );
        }
      }
      for (const left of byTuple.values())
        for (const record of left) extra.push(`${baseline.test}: ${tuple((field) => text(record, field))}`);
    }
    console.log(`${tests} baselines, ${rows} rows, ${missing.length} without ours, ${extra.length} of ours without theirs`);
    const table: string[] = [];
    for (const field of fields) {
      const share = (100 * (agree.get(field) ?? 0)) / (compared.get(field) ?? 1);
      table.push(`${field.padEnd(14)} ${share.toFixed(2).padStart(6)} %  of ${compared.get(field) ?? 0}`);
    }
    console.log(table.join('\n'));
    if (process.env['CONN_DIFFERENCES']) {
      console.log(
        [...missing.map((line) => `missing ${line}`), ...extra.map((line) => `extra ${line}`), ...differences].join('\n'),
      );
    }
    const below = Object.entries(floors).filter(
      ([field, floor]) => (100 * (agree.get(field) ?? 0)) / (compared.get(field) ?? 1) < floor,
    );
    expect(below).toEqual([]);
    expect(missing).toEqual([]);
    expect(rows).toBeGreaterThan(180);
  });
});

test.skipIf(hasData)('not run: the data set is absent', () => {});
