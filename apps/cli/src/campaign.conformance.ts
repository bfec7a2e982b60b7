/**
 * From events to one incident candidate: a public campaign against LSASS, told three times (the host's events, Zeek's logs, the capture), and what
 * rules say beside the truth on all events of the public attack sets.
 */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { contentFolder, readContentFiles } from '@forewarn/center/content';
import { createCandidates } from '@forewarn/detect/candidates';
import { assembleDetection } from '@forewarn/detect/content';
import { createDetector } from '@forewarn/detect/detector';
import { createCollection } from '@forewarn/detect/sigma/collection';
import { readRules } from '@forewarn/detect/sigma/rule';
import type { Finding, IncidentCandidate } from '@forewarn/model/finding';
import type { AnyRecord } from '@forewarn/model/records/record';
import { captureKind } from '@forewarn/sense/capture/kind';
import { createEngine } from '@forewarn/sense/engine';
import { recogniseLog } from '@forewarn/sense/logs/read';
import { protocols } from '@forewarn/sense/protocols/index';

const root = new URL('../../../', import.meta.url).pathname;
const host = join(process.env['FOREWARN_DATA_SET'] ?? join(root, '../shared/data'), 'host');
const sets = join(host, 'security-datasets');
const present = existsSync(sets) && existsSync(join(host, 'sigma'));
if (!present) console.log(`not run: the data set is missing (${sets})`);

type Line = { log: string; record: AnyRecord };

/** The files of a ZIP archive, by its central directory. */
function members(zip: Buffer): { name: string; bytes: Buffer }[] {
  const files: { name: string; bytes: Buffer }[] = [];
  let at = zip.readUInt32LE(zip.lastIndexOf(Buffer.from('PK\u0005\u0006')) + 16);
  for (let i = zip.readUInt16LE(zip.lastIndexOf(Buffer.from('PK\u0005\u0006')) + 10); i > 0; i--) {
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [number, number, number];
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(from, from + zip.readUInt32LE(at + 20));
    if (!name.endsWith('/') && !name.startsWith('__MACOSX/'))
      files.push({ name, bytes: zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed });
    at += 46 + nameLength + extra + comment;
  }
  return files;
}

function recordsOf({ name, bytes }: { name: string; bytes: Buffer }): Line[] {
  const lines: Line[] = [];
  const sink = { record: (log: string, record: AnyRecord) => void lines.push({ log, record }) };
  if (['pcap', 'pcapng'].includes(captureKind(bytes))) {
    const engine = createEngine({ sink, protocols, uidSeed: 1 });
    engine.push(bytes);
    engine.end();
    return lines;
  }
  const file = name.split('/').at(-1)!;
  const reading = recogniseLog(bytes.subarray(0, 65_536), file)?.open({ name: file }, sink);
  // In pieces: a whole log of 100 MB need not be one string.
  for (let at = 0; at < bytes.length; at += 1 << 20) reading?.push(bytes.subarray(at, at + (1 << 20)));
  reading?.end();
  return lines;
}

const archive = (file: string): Line[] => members(readFileSync(join(sets, file))).flatMap(recordsOf);

const timeOf = ({ record }: Line): number => (typeof record['ts'] === 'number' ? record['ts'] : 0);

/**
 * Who packed the host's events lost the half of the day and the time zone: they say 09:53 where Sysmon's own field for the start of a process says
 * 04:53 the next day, as the capture does. Whole hours, from Sysmon's field.
 */
function withTrueTime(lines: Line[]): Line[] {
  const differences = lines
    .filter(({ record }) => record['EventID'] === 1 && typeof record['UtcTime'] === 'string')
    .map((line) => Date.parse(`${String(line.record['UtcTime']).replace(' ', 'T')}Z`) / 1000 - timeOf(line))
    .sort((a, b) => a - b);
  const hours = Math.round(differences[differences.length >> 1]! / 3600);
  return lines.map(({ log, record }) => ({ log, record: { ...record, ts: Number(record['ts']) + hours * 3600 } }));
}

/** The public rules besides the product's own. */
async function detection() {
  const files = await readContentFiles(contentFolder, ['rules', 'behaviours', 'indicators']);
  const { content } = assembleDetection(files);
  const published = globSync('sigma/rules*/**/*.yml', { cwd: host })
    .sort()
    .map((file) => readRules(readFileSync(join(host, file), 'utf8'), file, content.logSources));
  return { content, ...createCollection([...content.documents, ...published], content.logSources) };
}

function look(lines: Line[], { content, rules, correlations }: Awaited<ReturnType<typeof detection>>) {
  const findings = new Map<string, Finding>();
  const candidates = new Map<string, IncidentCandidate>();
  const grouping = createCandidates({
    settings: content.candidates,
    addressOf: (name) => detector.addressOf(name),
    sink: {
      candidate: (candidate) => void candidates.set(candidate.id, candidate),
      merged: (gone) => void candidates.delete(gone),
    },
  });
  const detector = createDetector({
    rules,
    correlations,
    behaviours: content.behaviours,
    tacticOf: content.tacticOf,
    sink: (finding) => {
      findings.set(finding.id, finding);
      grouping.push(finding);
    },
  });
  for (const { log, record } of lines.sort((a, b) => timeOf(a) - timeOf(b))) detector.push(log, record);
  detector.end();
  return { findings: [...findings.values()], candidates: [...candidates.values()] };
}

describe.skipIf(!present)('the LSASS campaign', async () => {
  const loaded = present ? await detection() : undefined;
  const folder = 'compound/LSASS_campaign_01/metasploit_logonpasswords_lsass_memory_dump';

  test('host events, Zeek logs and capture become one candidate, its techniques in the order of the campaign', () => {
    const events = withTrueTime(archive(`${folder}.zip`));
    const lines = [...events, ...archive(`${folder}_zeek_logs.zip`), ...archive(`${folder}_pcapng.zip`)];
    expect(events.length).toBe(53_698);
    const { findings, candidates } = look(lines, loaded!);
    const clock = (at: number): string => new Date(at * 1000).toISOString().slice(11, 19);
    for (const { hosts, weight, findings: of, signs, course } of candidates) {
      console.log(`${hosts.join(', ')}: weight ${weight}, ${of.length} findings, ${signs} signs`);
      for (const step of course) console.log(`  ${clock(step.at)} ${step.tactic} ${step.technique.join(' ')}`);
    }
    expect(candidates.map(({ hosts }) => hosts)).toEqual([['192.168.1.41']]);
    const [candidate] = candidates;
    const own = findings.filter(({ id }) => candidate!.findings.includes(id)).sort((a, b) => a.from - b.from);
    // Of the host's own log, under its name, and of the network, under its address.
    expect(new Set(own.map(({ source }) => source))).toEqual(new Set(['MKT01.pandalab.com', '192.168.1.41']));
    expect(own.length).toBe(findings.length);

    // As the campaign went; what was prepared elsewhere (T1587, T1608) left no event. Injection and reading of LSASS are one step.
    const steps = [['T1204'], ['T1082'], ['T1033'], ['T1057'], ['T1134'], ['T1055', 'T1003']];
    const first = steps.flatMap((step) =>
      step.map((wanted) => own.find(({ technique }) => technique.some((one) => one.startsWith(wanted)))),
    );
    const late = (wanted: string): number => own.findLast(({ technique }) => technique.includes(wanted))?.from ?? NaN;
    expect(first.every((one) => one !== undefined)).toBe(true);
    const order = ['T1204', 'T1082', 'T1033', 'T1057', 'T1134'].map(
      (wanted) => own.find(({ technique }) => technique.some((one) => one.startsWith(wanted)))!.from,
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(late('T1003.001')).toBeGreaterThan(order.at(-1)!);
    expect(own.find(({ technique }) => technique.includes('T1055'))!.from).toBeGreaterThan(order.at(-1)!);
    expect(candidate!.tactics).toEqual(expect.arrayContaining(['execution', 'discovery', 'credential-access']));
    expect(candidate!.abuse).toEqual([]);
  });

  test('on all events of the attack sets: findings beside the named techniques, per million events', () => {
    const index = JSON.parse(readFileSync(join(sets, 'index.json'), 'utf8')) as { file: string; techniques: string[] }[];
    const named = new Map(index.map(({ file, techniques }) => [file, new Set(techniques.map((one) => one.split('.')[0]!))]));
    const beside = new Map<Finding['level'], number>();
    const right = new Map<Finding['level'], number>();
    const recognised = { sets: 0, of: 0 };
    let events = 0;
    for (const file of globSync('**/*.zip', { cwd: sets }).sort()) {
      const lines = archive(file).filter(({ log }) => !['conn', 'dns', 'weird'].includes(log));
      const own = lines.filter(({ log }) => log === 'windows' || log === 'cloudtrail' || log === 'auditd');
      if (own.length === 0) continue;
      events += own.length;
      const techniques = named.get(file) ?? new Set();
      const { findings } = look(own, loaded!);
      let met = false;
      for (const { level, technique } of findings) {
        const hit = technique.some((one) => techniques.has(one.split('.')[0]!));
        met ||= hit;
        const into = hit ? right : beside;
        into.set(level, (into.get(level) ?? 0) + 1);
      }
      recognised.of++;
      if (met) recognised.sets++;
    }
    console.log(`${events} events; ${recognised.sets} of ${recognised.of} sets have a finding of a technique they name`);
    // An upper bound: whatever a set does not name counts as false here, though much of it is the attack all the same.
    for (const level of ['critical', 'high', 'medium', 'low', 'informational'] as const) {
      const per = Math.round(((beside.get(level) ?? 0) * 1e6) / events);
      console.log(
        `  ${level}: ${right.get(level) ?? 0} findings of named techniques, ${beside.get(level) ?? 0} beside them: ${per} per million`,
      );
    }
    expect(events).toBeGreaterThan(200_000);
    expect(recognised.sets / recognised.of).toBeGreaterThan(0.6);
    const grave = (beside.get('critical') ?? 0) + (beside.get('high') ?? 0);
    expect((grave * 1e6) / events).toBeLessThan(500);
  });
});
