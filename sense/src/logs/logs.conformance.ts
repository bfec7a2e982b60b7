/**
 * The readers of logs against what is at hand: Zeek's logs in both forms, EVTX files beside their JSON, the events of public data sets. Every event is
 * read or refused with its place; the counts are printed.
 */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { captureKind } from '../capture/kind.ts';
import type { JsonObject } from './format.ts';
import { createLogIntake } from './intake.ts';
import { recogniseLog, type LogReport } from './read.ts';
import { eventOfJson } from './windows/event.ts';

const root = new URL('../../../', import.meta.url).pathname;
const data = process.env['FOREWARN_DATA_SET'] ?? join(root, '../shared/data');
const present = existsSync(data);
if (!present) console.log(`not run: the data set is missing (${data})`);

type Read = { records: { log: string; record: AnyRecord }[]; report: LogReport | undefined };

/** Pieces of an odd length, so that cutting is tried as well. */
const pieceBytes = 65_521;

function read(bytes: Uint8Array, name: string): Read {
  const records: Read['records'] = [];
  const log = recogniseLog(bytes.subarray(0, 65_536), name);
  const reading = log?.open({ name }, { record: (of, record) => void records.push({ log: of, record }) });
  for (let at = 0; at < bytes.length; at += pieceBytes) reading?.push(bytes.slice(at, at + pieceBytes));
  return { records, report: reading?.end() };
}

/** Counts without keeping: some files have a hundred thousand events. */
function count(bytes: Uint8Array, name: string): { report: LogReport | undefined; timeless: number; format: string | undefined } {
  let timeless = 0;
  const log = recogniseLog(bytes.subarray(0, 65_536), name);
  const reading = log?.open({ name }, { record: (_log, record) => void (timeless += record['ts'] === undefined ? 1 : 0) });
  for (let at = 0; at < bytes.length; at += pieceBytes) reading?.push(bytes.subarray(at, at + pieceBytes));
  return { report: reading?.end(), timeless, format: log?.format };
}

describe.skipIf(!present)('logs', () => {
  test("Zeek's logs: both forms give equal records", () => {
    const folder = join(data, 'net/zeek-logs');
    let equal = 0;
    let all = 0;
    const differing: string[] = [];
    for (const file of globSync('tsv/*.log.gz', { cwd: folder }).sort()) {
      const name = /([a-z0-9_]+)\.log\.gz$/.exec(file)![1]!;
      const tsv = read(gunzipSync(readFileSync(join(folder, file))), `${name}.log`);
      const json = read(gunzipSync(readFileSync(join(folder, `json/${name}.json.gz`))), `${name}.json`);
      expect([tsv.report!.refused, json.report!.refused]).toEqual([{}, {}]);
      expect(json.records.length).toBe(tsv.records.length);
      const same = tsv.records.filter((record, i) => isDeepStrictEqual(record, json.records[i])).length;
      if (same < tsv.records.length) differing.push(`${name}: ${tsv.records.length - same}`);
      equal += same;
      all += tsv.records.length;
    }
    console.log(`net/zeek-logs: ${equal} of ${all} events equal in both forms`);
    expect(differing).toEqual([]);
    expect(all).toBeGreaterThan(60_000);
  });

  test('EVTX: the regression events are those of their JSON', () => {
    const folder = join(data, 'host/sigma/regression_data');
    let equal = 0;
    let exactly = 0;
    let all = 0;
    const differing: string[] = [];
    for (const file of globSync('**/*.evtx', { cwd: folder }).sort()) {
      const { records, report } = read(readFileSync(join(folder, file)), file);
      expect(report!.refused).toEqual({});
      const expected = read(readFileSync(join(folder, file.replace(/evtx$/, 'json'))), 'events.json').records;
      expect(records.length).toBe(expected.length);
      for (const [i, { record }] of records.entries()) {
        all++;
        const of = expected[i]!.record;
        if (isDeepStrictEqual(record, of)) exactly++;
        const names = [...new Set([...Object.keys(record), ...Object.keys(of)])];
        const wrong = names.filter((name) => !alike(record[name], of[name], name));
        if (wrong.length === 0) equal++;
        else
          differing.push(
            `${file} ${wrong.join(' ')}: ${wrong.map((name) => `${String(record[name])} | ${String(of[name])}`).join('; ')}`,
          );
      }
    }
    console.log(
      `host/sigma: ${equal} of ${all} EVTX events equal to their JSON, ${exactly} to the last space at the end of a text`,
    );
    for (const line of differing) console.log(`  ${line}`);
    expect(all).toBe(126);
    // One JSON has been edited by hand: `Explorer.exe` where its file says `Explorer.EXE`.
    expect(differing.filter((line) => !line.includes('ad691d92-15f2-4181-9aa4-723c74f9ddc3'))).toEqual([]);
  });

  test('EVTX: every attack sample is read', () => {
    const folder = join(data, 'host/evtx-attack-samples');
    const files = globSync('**/*.evtx', { cwd: folder }).sort();
    let records = 0;
    const refused: string[] = [];
    for (const file of files) {
      const { report, timeless } = count(readFileSync(join(folder, file)), file);
      expect(timeless).toBe(0);
      records += report!.records;
      if (Object.keys(report!.refused).length > 0) refused.push(`${file}: ${JSON.stringify(report!.refused)}`);
    }
    console.log(
      `host/evtx-attack-samples: ${files.length} files, ${records} events, ${refused.length} files with refused events`,
    );
    for (const line of refused) console.log(`  ${line}`);
    expect(files.length).toBe(277);
    expect(refused).toEqual([]);
  });

  test('cloud audit: every event is read', () => {
    const lines = readFileSync(join(data, 'host/cloud-audit/labelled_events.jsonl'), 'utf8').trim().split('\n');
    const byType = new Map<string, Map<string, number>>();
    let records = 0;
    for (const line of lines) {
      const { event, log_types: types } = JSON.parse(line) as { event: JsonObject; log_types: string[] };
      const own = byType.get(types.join(' ')) ?? new Map<string, number>();
      byType.set(types.join(' '), own);
      const intake = createLogIntake(
        { name: 'other' },
        {
          record(log) {
            records++;
            own.set(log, (own.get(log) ?? 0) + 1);
          },
        },
      );
      intake.event(event);
      expect(intake.account().refused).toEqual({});
    }
    console.log(`host/cloud-audit: ${records} of ${lines.length} events read`);
    for (const [types, logs] of byType) console.log(`  ${types}: ${[...logs].map(([log, n]) => `${log} ${n}`).join(', ')}`);
    expect(records).toBe(552);
  });

  test('security data sets: every event of every log is read', () => {
    const folder = join(data, 'host/security-datasets');
    const formats = new Map<string, number>();
    let records = 0;
    let timeless = 0;
    let jsonLines = 0;
    const wrong: string[] = [];
    for (const archive of globSync('**/*.zip', { cwd: folder }).sort()) {
      for (const { name, bytes } of members(readFileSync(join(folder, archive)))) {
        if (name.startsWith('__MACOSX/') || ['pcap', 'pcapng'].includes(captureKind(bytes))) continue;
        const one = count(bytes, name.split('/').at(-1)!);
        formats.set(one.format ?? 'unknown', (formats.get(one.format ?? 'unknown') ?? 0) + 1);
        const lines = name.endsWith('.json')
          ? bytes
              .toString('latin1')
              .split('\n')
              .filter((line) => line.trim() !== '').length
          : undefined;
        if (lines !== undefined) jsonLines += lines;
        const short = lines !== undefined && one.report?.records !== lines;
        if (!one.report || Object.keys(one.report.refused).length > 0 || short)
          wrong.push(`${name}: ${one.report?.records} of ${lines ?? '?'} ${JSON.stringify(one.report?.refused)}`);
        records += one.report?.records ?? 0;
        timeless += one.timeless;
      }
    }
    console.log(`host/security-datasets: ${records} events read (${jsonLines} lines of JSON), ${timeless} without a time`);
    console.log(`  files: ${[...formats].map(([format, n]) => `${format} ${n}`).join(', ')}`);
    for (const line of wrong) console.log(`  ${line}`);
    expect(wrong).toEqual([]);
  });

  test('a damaged EVTX file gives what is whole', () => {
    const file = join(data, 'host/evtx-attack-samples/UACME_59_Sysmon.evtx');
    const whole = readFileSync(file);
    const { records } = read(whole, 'x.evtx');
    for (let at = 4_096; at < whole.length; at += 997) {
      const damaged = Buffer.from(whole);
      damaged.fill(0xff, at, Math.min(at + 16, damaged.length));
      const { records: left, report } = read(damaged, 'x.evtx');
      expect(left.length).toBeLessThanOrEqual(records.length);
      expect(left.length === records.length || Object.keys(report!.refused).length > 0).toBe(true);
      read(damaged.subarray(0, at), 'x.evtx');
    }
  });

  test('as a record of Windows, JSON is what it says', () => {
    const [file] = globSync('host/sigma/regression_data/**/*.json', { cwd: data }).sort();
    const { Event } = JSON.parse(readFileSync(join(data, file!), 'utf8')) as { Event: JsonObject };
    expect(eventOfJson(Event)).toMatchObject({ EventID: expect.any(Number) as number, Channel: expect.any(String) as string });
  });
});

/** Who made the JSON cut spaces from the end of texts, and in one file wrote times to 100 nanoseconds. */
function alike(a: AnyRecord[string], b: AnyRecord[string], name: string): boolean {
  if (name === 'ts') return Math.abs(Number(a) - Number(b)) < 2e-6;
  if (typeof a === 'string' && typeof b === 'string')
    return a.trimEnd() === b.trimEnd() || a === b.replace(/(\.\d{6})\d{1,3}Z$/, '$1Z');
  return isDeepStrictEqual(a, b);
}

/** The files of a ZIP archive, by its central directory. */
function members(zip: Buffer): { name: string; bytes: Buffer }[] {
  const files: { name: string; bytes: Buffer }[] = [];
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006'));
  let at = zip.readUInt32LE(end + 16);
  for (let i = zip.readUInt16LE(end + 10); i > 0; i--) {
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [number, number, number];
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(from, from + zip.readUInt32LE(at + 20));
    if (!name.endsWith('/')) files.push({ name, bytes: zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed });
    at += 46 + nameLength + extra + comment;
  }
  return files;
}
