/** Every row of icsnpp-s7comm's own baselines stands among our records; what we write besides is named in README.md. */

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createEngine } from '../../engine.ts';
import { protocols } from '../index.ts';

const data = join(
  process.env['FOREWARN_DATA_SET'] ?? resolve(import.meta.dirname, '../../../../../shared/data'),
  'net/s7comm/tests',
);

/** Copies of addresses that `is_orig` tells, and what depends on the reading. */
const left = new Set([
  'ts',
  'uid',
  'duration',
  'source_h',
  'source_p',
  'destination_h',
  'destination_p',
  'local_orig',
  'local_resp',
  'tunnel_parents',
]);

function rowsOf(file: string): { fields: string[]; rows: string[] } {
  const lines = readFileSync(file, 'utf8').split('\n');
  const all = lines
    .find((line) => line.startsWith('#fields'))!
    .split('\t')
    .slice(1);
  const fields = all.filter((field) => !left.has(field));
  const rows = lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split('\t'));
  return { fields, rows: rows.map((row) => all.flatMap((field, i) => (left.has(field) ? [] : [row[i]!])).join('\t')) };
}

const text = (value: AnyRecord[string]): string =>
  value === undefined ? '-' : value === true ? 'T' : value === false ? 'F' : String(value);

describe.skipIf(!existsSync(data))('icsnpp-s7comm', () => {
  test.each([
    ['s7comm_plus', ['conn', 'cotp', 's7comm', 's7comm_plus'], 0],
    ['s7ident', ['cotp', 's7comm'], 4],
    ['snap7', ['conn', 'cotp', 's7comm', 's7comm_read_szl', 's7comm_upload_download'], 4],
  ] as const)('%s', (name, logs, besides) => {
    const records = new Map<string, AnyRecord[]>();
    const sink = {
      record(log: string, record: AnyRecord): void {
        const before = records.get(log);
        if (before) before.push(record);
        else records.set(log, [record]);
      },
    };
    const engine = createEngine({ sink, protocols });
    engine.push(readFileSync(join(data, 'traces', `${name}.pcap`)));
    engine.end();
    let more = 0;
    for (const log of logs) {
      const { fields, rows } = rowsOf(join(data, 'baseline', `analyzer.${name}`, `${log}.log`));
      const ours = (records.get(log) ?? []).map((record) => fields.map((field) => text(record[field])).join('\t'));
      for (const row of rows) {
        const at = ours.indexOf(row);
        expect(at, `${log}: ${row}`).toBeGreaterThanOrEqual(0);
        ours.splice(at, 1);
      }
      more += ours.length;
    }
    expect(more).toBe(besides);
  });
});
