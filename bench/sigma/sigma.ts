#!/usr/bin/env node
/**
 * How many events a second pass the rules: the network rules over network records, and the whole public rule set over Windows events. Usage:
 * `node bench/sigma/sigma.ts [--data DIR] [--events N] [--json]`. The question and the figures are in README.md.
 */

import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { assembleDetection } from '@forewarn/detect/content';
import { readRules, type SigmaRule } from '@forewarn/detect/sigma/rule';
import { createRuleSet } from '@forewarn/detect/sigma/ruleset';
import { eventOfJson } from '@forewarn/sense/logs/windows/event';
import { compile } from '@forewarn/model/query/evaluate';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createEngine } from '@forewarn/sense/engine';
import { protocols } from '@forewarn/sense/protocols/index';
import { generate } from '@forewarn/prepare/generate';
import { writePcap } from '@forewarn/prepare/pcap';
import { detectionFiles, loadScenarios } from '../../tools/quality/measure.ts';

const root = resolve(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: { data: { type: 'string' }, events: { type: 'string', default: '300000' }, json: { type: 'boolean' } },
});
const data = values.data ?? process.env['FOREWARN_DATA_SET'] ?? join(root, '../shared/data');
const wanted = Number(values.events);

type Event = { log: string; record: AnyRecord };

const { content } = assembleDetection(detectionFiles());

function publicRules(): SigmaRule[] {
  return globSync('host/sigma/rules*/**/*.yml', { cwd: data })
    .sort()
    .flatMap((file) => readRules(readFileSync(join(data, file), 'utf8'), file, content.logSources).rules);
}

/** Records of a generated scenario, in the mixture the capture engine makes. */
function networkEvents(): Event[] {
  const events: Event[] = [];
  const [scenario] = loadScenarios();
  const engine = createEngine({ sink: { record: (log, record) => events.push({ log, record }) }, protocols, uidSeed: 1 });
  for (const chunk of writePcap(generate(scenario!, { seed: 1 }).packets)) engine.push(chunk);
  engine.end();
  return events;
}

/** The regression events of the public rules, and harmless ones made of them by other values: nineteen of twenty match nothing. */
function windowsEvents(): Event[] {
  const attacks = globSync('host/sigma/regression_data/**/*.json', { cwd: data })
    .sort()
    .flatMap((file) => {
      const text = readFileSync(join(data, file), 'utf8');
      return text
        .split(/\n(?=\{)/)
        .map((part) => eventOfJson((JSON.parse(part) as { Event: { [name: string]: unknown } }).Event)!);
    });
  const harmless = [
    'C:\\Program Files\\Office\\WINWORD.EXE',
    'C:\\Windows\\System32\\svchost.exe',
    'C:\\Program Files\\Browser\\browser.exe',
    'C:\\Windows\\explorer.exe',
  ];
  const events: Event[] = [];
  for (let i = 0; events.length < 20_000; i++) {
    const record = { ...attacks[i % attacks.length]! };
    if (i % 20 !== 0) {
      const image = harmless[i % harmless.length]!;
      for (const field of ['Image', 'ParentImage', 'SourceImage', 'TargetImage']) if (field in record) record[field] = image;
      for (const field of ['CommandLine', 'ParentCommandLine'])
        if (field in record)
          record[field] =
            `"${image}" -k netsvcs -p -s Service${i % 97} /n "C:\\Users\\user${i % 31}\\Documents\\report ${i % 1009}.docx"`;
      for (const field of ['TargetFilename', 'TargetObject', 'ImageLoaded'])
        if (field in record) record[field] = `C:\\Users\\user${i % 31}\\AppData\\Local\\App\\cache\\${i % 4001}.tmp`;
      for (const field of ['OriginalFileName', 'Description', 'Details', 'Hashes'])
        if (field in record) record[field] = `value ${i % 997}`;
    }
    events.push({ log: 'windows', record });
  }
  return events;
}

/** Nanoseconds for one character of a plain hashing loop: how busy the machine is. */
function yardstick(): number {
  const text = 'c:\\windows\\system32\\svchost.exe -k netsvcs '.repeat(3);
  let window = 0;
  const loop = (rounds: number): void => {
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < text.length; i++) window = Math.imul((window << 8) | (text.charCodeAt(i) & 0xff), 0x9e3779b1) >>> 8;
    }
  };
  loop(20_000);
  const began = process.cpuUsage();
  loop(100_000);
  const spent = process.cpuUsage(began);
  return Math.round((((spent.user + spent.system) * 1000) / 100_000 / text.length) * 100) / 100 + (window === -1 ? 1 : 0);
}

function measure(name: string, rules: readonly SigmaRule[], events: readonly Event[]): object {
  const set = createRuleSet(rules);
  let matches = 0;
  const pass = (count: number): number => {
    const began = process.cpuUsage();
    for (let i = 0; i < count; i++) {
      const event = events[i % events.length]!;
      matches += set.match(event.log, event.record).length;
    }
    const spent = process.cpuUsage(began);
    return (spent.user + spent.system) / 1e6;
  };
  pass(events.length);
  matches = 0;
  const rates = Array.from({ length: 5 }, () => wanted / pass(wanted)).sort((a, b) => a - b);

  // Every rule asked about every event of its log, as a plain loop does; on few events, since it is slow.
  const alone = rules.map((rule) => ({ logs: new Set(rule.logs), test: compile(rule.predicate) }));
  const few = events.slice(0, 2_000);
  let loopMatches = 0;
  const began = process.cpuUsage();
  for (const { log, record } of few) for (const rule of alone) if (rule.logs.has(log) && rule.test(record)) loopMatches++;
  const spent = process.cpuUsage(began);
  return {
    name,
    rules: rules.length,
    events: wanted,
    matches: matches / 5,
    perSecond: Math.round(rates[2]!),
    slowest: Math.round(rates[0]!),
    fastest: Math.round(rates[4]!),
    plainLoopPerSecond: Math.round(few.length / ((spent.user + spent.system) / 1e6)),
    loopMatches,
    nsPerCharacter: yardstick(),
  };
}

const all = publicRules();
const networkLogs = new Set(['conn', 'dns', 'http', 'ssl', 'x509', 'modbus']);
const network = [...content.rules, ...all.filter((rule) => rule.logs.some((log) => networkLogs.has(log)))];
const results = [
  measure('network rules on network records', network, networkEvents()),
  measure('the whole public rule set on Windows events', all, windowsEvents()),
];
if (values.json) console.log(JSON.stringify(results, null, 2));
else console.table(results);
