/**
 * Rules on the stream and rules over what is stored find the same: all events of hosts and clouds in the data set, all public rules and our own.
 * What is compared is what a centre would have kept with every grant, so that both engines see the same values.
 */

import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { assembleDetection } from '@forewarn/detect/content';
import { readRules, type SigmaRule } from '@forewarn/detect/sigma/rule';
import { createRuleSet } from '@forewarn/detect/sigma/ruleset';
import { contentFolder, readContentFiles } from '@forewarn/center/content';
import { classify } from '@forewarn/guard/classes';
import { undeclaredColumn, widened } from '@forewarn/model/records/open';
import { recordType, recordTypes } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import { captureKind } from '@forewarn/sense/capture/kind';
import { recogniseLog } from '@forewarn/sense/logs/read';
import { createLogIntake } from '@forewarn/sense/logs/intake';
import { openRecords } from '@forewarn/store/clickhouse/records';

const data = join(process.env['FOREWARN_DATA_SET'] ?? join(import.meta.dirname, '../../../../shared/data'), 'host');
const present = existsSync(data);
if (!present) console.log(`not run: the data set is missing (${data})`);

type Event = { log: string; record: AnyRecord };

/** The events of all files, file by file; captures among them are left out. */
function* files(): Generator<{ name: string; events: Event[] }> {
  const folder = join(data, 'security-datasets');
  for (const archive of globSync('**/*.zip', { cwd: folder }).sort()) {
    const events: Event[] = [];
    for (const { name, bytes } of members(readFileSync(join(folder, archive)))) {
      if (!name.startsWith('__MACOSX/') && !['pcap', 'pcapng'].includes(captureKind(bytes) ?? ''))
        events.push(...eventsOf(bytes, name));
    }
    yield { name: archive, events };
  }
  const samples = join(data, 'evtx-attack-samples');
  for (const file of globSync('**/*.evtx', { cwd: samples }).sort()) {
    yield { name: file, events: eventsOf(readFileSync(join(samples, file)), file) };
  }
  const cloud: Event[] = [];
  const intake = createLogIntake({ name: 'cloud' }, { record: (log, record) => cloud.push({ log, record }) });
  for (const line of readFileSync(join(data, 'cloud-audit/labelled_events.jsonl'), 'utf8').trim().split('\n')) {
    intake.event((JSON.parse(line) as { event: { [name: string]: unknown } }).event as never);
  }
  yield { name: 'cloud-audit', events: cloud };
}

function eventsOf(bytes: Buffer, name: string): Event[] {
  const events: Event[] = [];
  const reading = recogniseLog(bytes, name.split('/').at(-1)!)?.open(
    { name },
    { record: (log, record) => events.push({ log, record }) },
  );
  reading?.push(bytes);
  reading?.end();
  return events;
}

/** What a centre with every grant keeps of a record. */
function kept({ log, record }: Event): AnyRecord | undefined {
  const type = recordType(log);
  if (!type) return undefined;
  const grants = [...Object.keys(type.columns), undeclaredColumn].map((field) => ({ log, field, purpose: '', until: 1 }));
  return classify(record, type, { grants: grants as never, now: 0, pseudonym: (value) => value }).record;
}

const perBatch = 5_000;

test.skipIf(!present)(
  'every rule finds the same events on the stream and in what is stored',
  async () => {
    const began = process.hrtime.bigint();
    const seconds = (): string => (Number(process.hrtime.bigint() - began) / 1e9).toFixed(1);
    const { content } = assembleDetection(await readContentFiles(contentFolder, ['rules', 'behaviours', 'indicators']));
    const rules: SigmaRule[] = [
      ...content.rules,
      ...globSync('sigma/rules*/**/*.yml', { cwd: data })
        .sort()
        .flatMap((file) => readRules(readFileSync(join(data, file), 'utf8'), file, content.logSources).rules),
    ];
    const set = createRuleSet(rules);
    const place = new Map(rules.map((rule, index) => [rule, index]));

    const dir = mkdtempSync(join(tmpdir(), 'forewarn-past-'));
    const records = await openRecords({ dir, recordTypes });
    try {
      const streamed = new Map<string, { count: number; first: number; last: number }>();
      const logs = new Map<string, number>();
      let events = 0;
      let seenWhole = 0;
      const lost: string[] = [];
      let seenKept = 0;
      let number = 0;
      for (const { name, events: all } of files()) {
        const organisation = `${number++} ${name}`.slice(0, 200);
        const batches = new Map<string, AnyRecord[]>();
        for (const event of all) {
          const record = kept(event);
          if (!record) continue;
          events++;
          logs.set(event.log, (logs.get(event.log) ?? 0) + 1);
          const onWhole = [...set.match(event.log, event.record)];
          seenWhole += onWhole.length;
          const ts = Number(record['ts']);
          const onKept = [...set.match(event.log, widened(record))];
          for (const rule of onWhole) if (!onKept.includes(rule)) lost.push(`${name}: ${rule.title}`);
          for (const rule of onKept) {
            seenKept++;
            const key = `${organisation}\n${event.log}\n${place.get(rule)}`;
            const seen = streamed.get(key);
            if (!seen) streamed.set(key, { count: 1, first: ts, last: ts });
            else {
              seen.count++;
              seen.first = Math.min(seen.first, ts);
              seen.last = Math.max(seen.last, ts);
            }
          }
          const own = batches.get(event.log);
          if (own) own.push(record);
          else batches.set(event.log, [record]);
        }
        for (const [log, own] of batches) {
          for (let from = 0; from < own.length; from += perBatch) {
            const id = createHash('sha256').update(`${organisation} ${log} ${from}`).digest('hex');
            await records.insertBatch(
              { organisation, sensor: 'sensor', link: null, networkType: 'computer', source: 'data', marking: 'TLP:AMBER' },
              { id, source: 'data', logs: { [log]: own.slice(from, from + perBatch) } },
            );
          }
        }
      }
      console.log(
        `${events} events of ${logs.size} logs in ${number} files, ${rules.length} rules; kept and streamed after ${seconds()} s`,
      );

      const stored = new Map<string, { count: number; first: number; last: number }>();
      const read = { rows: 0, bytes: 0 };
      for (const log of logs.keys()) {
        const own = rules.flatMap((rule, index) => (rule.logs.includes(log) || rule.logs.includes('*') ? [index] : []));
        const asked = { log, conditions: own.map((index) => rules[index]!.predicate), range: { from: -1e12, to: 1e12 } };
        for (const { organisation, condition, ...tally } of await records.past.tally('all', asked, read)) {
          stored.set(`${organisation}\n${log}\n${own[condition]}`, tally);
        }
      }
      console.log(
        `${seenKept} hits of rules (${seenWhole} on whole records); ${(read.rows / 1e6).toFixed(1)} M rows, ${(read.bytes / 1e9).toFixed(1)} GB read; all after ${seconds()} s`,
      );
      for (const line of lost.slice(0, 20)) console.log(`  not on what is kept: ${line}`);
      const differing = [...new Set([...streamed.keys(), ...stored.keys()])].filter(
        (key) => JSON.stringify(streamed.get(key)) !== JSON.stringify(stored.get(key)),
      );
      const lines = differing.map((key) => {
        const [organisation, log, index] = key.split('\n');
        const rule = rules[Number(index)]!;
        return `${organisation} ${log} ${rule.title} (${rule.place.file}): streamed ${JSON.stringify(streamed.get(key))}, stored ${JSON.stringify(stored.get(key))}`;
      });
      for (const line of lines.slice(0, 50)) console.log(`  ${line}`);
      expect(events).toBeGreaterThan(218_000);
      expect(lines.length).toBe(0);
    } finally {
      await records.close();
      rmSync(dir, { recursive: true, force: true });
    }
  },
  1_800_000,
);

/** The members of an archive. */
function members(zip: Buffer): { name: string; bytes: Buffer }[] {
  const found: { name: string; bytes: Buffer }[] = [];
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006'));
  let at = zip.readUInt32LE(end + 16);
  for (let i = zip.readUInt16LE(end + 10); i > 0; i--) {
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [number, number, number];
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(from, from + zip.readUInt32LE(at + 20));
    if (!name.endsWith('/')) found.push({ name, bytes: zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed });
    at += 46 + nameLength + extra + comment;
  }
  return found;
}
