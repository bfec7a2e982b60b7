/** A list is met in anybody's records, and read in those of a scope; what occurs nowhere costs no reading. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordTypes } from '@forewarn/model/records/index';
import type { PastValues } from './indicator-places.ts';
import { openRecords, type Records } from './records.ts';

const dir = mkdtempSync(join(tmpdir(), 'forewarn-past-indicators-'));
let records: Records;

const none: PastValues = { addresses: [], networks: [], domains: [], urls: [], hashes: [] };
const range = { from: 1_700_000_000, to: 1_700_200_000 };
const flows = 20_000;
const md5 = 'a'.repeat(32);
const sha256 = 'b'.repeat(64);

beforeAll(async () => {
  records = await openRecords({ dir, recordTypes });
  for (const [organisation, last] of [
    ['east', 7],
    ['west', 8],
  ] as const) {
    const envelope = {
      sensor: 's',
      organisation,
      link: null,
      networkType: 'computer',
      source: 'f',
      marking: 'TLP:AMBER',
    } as const;
    const conn = Array.from({ length: flows }, (_unused, n) => ({
      ts: range.from + n,
      uid: `C${organisation}${n}`,
      'id.orig_h': '10.0.0.1',
      'id.resp_h': n === 15_000 ? `192.0.2.${last}` : `198.51.100.${n % 50}`,
    }));
    const dns = [
      { ts: range.from + 5, uid: 'D1', query: `a.b.${organisation}.Example.`, answers: ['203.0.113.5', 'x.example'] },
      { ts: range.from + 100_000, uid: 'D2', query: 'other.test', answers: ['203.0.113.6'] },
    ];
    const files = [{ ts: range.from + 9, fuid: 'F', md5, sha256 }];
    await records.insertBatch(envelope, { id: organisation.repeat(16), source: 'f', logs: { conn, dns, files } });
  }
});
afterAll(async () => {
  await records.close();
  rmSync(dir, { recursive: true, force: true });
});

const found = async (values: Partial<PastValues>, scope: Parameters<Records['pastIndicators']['read']>[0], within = range) => {
  const met = await records.pastIndicators.meet({ ...none, ...values }, range);
  const { rows, cut } = await records.pastIndicators.read(scope, { met, range: within, limit: 100 });
  expect(cut).toBe(false);
  return rows.map((row) => `${String(row['_log'])} ${String(row['uid'] ?? row['fuid'])}`).sort();
};
const east = { organisations: ['east'] };

test.each<[string, Partial<PastValues>, string[]]>([
  ['an address', { addresses: ['192.0.2.7', '192.0.2.99'] }, ['conn Ceast15000']],
  ['an address of others only', { addresses: ['192.0.2.8'] }, []],
  ['a network', { networks: ['192.0.2.0/29', '2001:db8::/32'] }, ['conn Ceast15000']],
  ['an answer', { addresses: ['203.0.113.5'] }, ['dns D1']],
  ['a name above, whatever its case', { domains: ['east.example', 'test.example'] }, ['dns D1']],
  ['hashes, each by its length', { hashes: [sha256, md5, 'c'.repeat(40)] }, ['files F']],
  ['nothing', { addresses: ['192.0.2.200'], domains: ['nowhere.example'] }, []],
])('%s', async (_what, values, expected) => {
  expect(await found(values, east)).toEqual(expected);
});

test('a range leaves out what was met before or after it', async () => {
  const values = { addresses: ['203.0.113.5', '203.0.113.6'] };
  expect(await found(values, east, { from: range.from, to: range.from + 50_000 })).toEqual(['dns D1']);
  expect(await found(values, east, { from: range.from + 50_000, to: range.to })).toEqual(['dns D2']);
  const later = { from: range.from + 150_000, to: range.to };
  expect((await records.pastIndicators.meet({ ...none, ...values }, later)).size).toBe(0);
});

test('what occurs nowhere is told from the values, not from the records', async () => {
  const taken = { rows: 0, bytes: 0 };
  const met = await records.pastIndicators.meet({ ...none, addresses: ['192.0.2.200', '192.0.2.201'] }, range, taken);
  expect(met.size).toBe(0);
  expect(taken.rows).toBeGreaterThan(0);
  expect(taken.rows).toBeLessThan(flows / 50);
});
