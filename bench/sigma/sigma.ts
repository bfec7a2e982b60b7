#!/usr/bin/env node
/**
 * How many events a second pass the rules: the network rules over network records, and the whole public rule set over Windows events. Usage:
 * `node bench/sigma/sigma.ts [--data DIR] [--windows] [--every N] [--json]`. The question and the figures are in README.md.
 */

import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { assembleDetection } from '@forewarn/detect/content';
import { readRules, type SigmaRule } from '@forewarn/detect/sigma/rule';
import { createRuleSet } from '@forewarn/detect/sigma/ruleset';
import { compile } from '@forewarn/model/query/evaluate';
import type { Predicate } from '@forewarn/model/query/query';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createEngine } from '@forewarn/sense/engine';
import { protocols } from '@forewarn/sense/protocols/index';
import { generate } from '@forewarn/prepare/generate';
import { writePcap } from '@forewarn/prepare/pcap';
import { detectionFiles, loadScenarios } from '../../tools/quality/measure.ts';
import { realEvents } from './events.ts';
import { runSqlite } from './sqlite.ts';

const root = resolve(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    every: { type: 'string', default: '1' },
    windows: { type: 'boolean' },
    json: { type: 'boolean' },
  },
});
const data = values.data ?? process.env['FOREWARN_DATA_SET'] ?? join(root, '../shared/data');

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

/** A copy of the rule that wants other texts: each letter within is another one; what sorts the events (channel, number) stays. */
function mutated(rule: SigmaRule, round: number): SigmaRule {
  const change = (text: string): string =>
    text.replaceAll(/[b-y]/gi, (letter, at: number) =>
      at % 3 === round % 3 ? String.fromCharCode(letter.charCodeAt(0) + ((round + at) % 2 ? 1 : -1)) : letter,
    );
  const walk = (predicate: Predicate): Predicate => {
    switch (predicate.kind) {
      case 'and':
      case 'or':
        return { ...predicate, of: predicate.of.map(walk) };
      case 'not':
        return { ...predicate, of: walk(predicate.of) };
      case 'text':
        if (sorting.has(predicate.field) || typeof predicate.value !== 'string') return predicate;
        return { ...predicate, value: change(predicate.value) };
      case 'in':
        if (sorting.has(predicate.field)) return predicate;
        return { ...predicate, values: predicate.values.map((value) => (typeof value === 'string' ? change(value) : value)) };
      default:
        return predicate;
    }
  };
  return { ...rule, id: `${rule.id}/${round}`, predicate: walk(rule.predicate) };
}

const sorting = new Set(['Channel', 'EventID', 'Provider_Name']);

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

const seconds = (began: NodeJS.CpuUsage): number => {
  const spent = process.cpuUsage(began);
  return (spent.user + spent.system) / 1e6;
};

/** Passes measured after one that warms up; the median is told. */
const passes = 5;

function rateOf(rules: readonly SigmaRule[], events: readonly Event[], count: number): { rates: number[]; matches: number } {
  const set = createRuleSet(rules);
  let matches = 0;
  const pass = (of: number): number => {
    const began = process.cpuUsage();
    for (let i = 0; i < of; i++) {
      const event = events[i % events.length]!;
      matches += set.match(event.log, event.record).length;
    }
    return seconds(began);
  };
  pass(Math.min(count, events.length));
  matches = 0;
  const rates = Array.from({ length: passes }, () => count / pass(count)).sort((a, b) => a - b);
  return { rates, matches: matches / passes };
}

function measure(
  name: string,
  rules: readonly SigmaRule[],
  events: readonly Event[],
  count: number,
): { [column: string]: string | number } {
  const { rates, matches } = rateOf(rules, events, count);
  // Every rule asked about every event of its log, as a plain loop does; on few events, since it is slow. It must find the same.
  const alone = rules.map((rule) => ({ id: rule.id, logs: new Set(rule.logs), test: compile(rule.predicate) }));
  const few = events.filter((_, i) => i % Math.ceil(events.length / 1_000) === 0);
  const began = process.cpuUsage();
  const expected = few.map(({ log, record }) =>
    alone
      .filter(({ logs, test }) => logs.has(log) && test(record))
      .map(({ id }) => id)
      .join(),
  );
  const loop = few.length / seconds(began);
  const set = createRuleSet(rules);
  const differing = few.filter(
    ({ log, record }, i) =>
      set
        .match(log, record)
        .map(({ id }) => id)
        .join() !== expected[i],
  ).length;
  if (differing > 0) throw new Error(`${name}: ${differing} of ${few.length} events have other matches than in the plain loop.`);
  return {
    name,
    rules: rules.length,
    events: count,
    matches,
    perSecond: Math.round(rates[passes >> 1]!),
    slowest: Math.round(rates[0]!),
    fastest: Math.round(rates.at(-1)!),
    plainLoopPerSecond: Math.round(loop),
    nsPerCharacter: yardstick(),
  };
}

const all = publicRules();
const networkLogs = new Set(['conn', 'dns', 'http', 'ssl', 'x509', 'modbus']);
const network = [...content.rules, ...all.filter((rule) => rule.logs.some((log) => networkLogs.has(log)))];
const windows = all.filter(({ logs }) => logs.includes('windows'));
const results: { [column: string]: string | number }[] = [];
if (!values.windows) results.push(measure('network rules on network records', network, networkEvents(), 300_000));

const real = realEvents(data).filter((_, i) => i % Number(values.every) === 0);
const events = real.map((record): Event => ({ log: 'windows', record }));
results.push(measure('whole public rule set on Windows events as they are', all, events, events.length));
const tenfold = [...all, ...Array.from({ length: 9 }, (_, i) => all.map((rule) => mutated(rule, i + 1))).flat()];
const ten = rateOf(tenfold, events, events.length);
results.push({
  name: 'the same with ten times the rules (mutated copies)',
  rules: tenfold.length,
  events: events.length,
  matches: ten.matches,
  perSecond: Math.round(ten.rates[passes >> 1]!),
  slowest: Math.round(ten.rates[0]!),
  fastest: Math.round(ten.rates.at(-1)!),
  nsPerCharacter: yardstick(),
});

// The same events and rules in SQLite, once: Zircolite's way. Of each rule, the events that it holds for are counted on both sides.
const sqlite = runSqlite(windows, real);
const set = createRuleSet(windows);
const counted = new Map<string, number>();
for (const record of real) for (const { id } of set.match('windows', record)) counted.set(id, (counted.get(id) ?? 0) + 1);
const other = [...sqlite.matches].filter(([id, count]) => count !== (counted.get(id) ?? 0));
results.push({
  name: 'SQLite: a table of the events, each rule a query',
  rules: sqlite.expressible,
  events: real.length,
  matches: [...sqlite.matches.values()].reduce((sum, count) => sum + count, 0),
  perSecond: Math.round(real.length / (sqlite.insertSeconds + sqlite.rulesSeconds)),
  nsPerCharacter: yardstick(),
});
if (values.json) console.log(JSON.stringify(results, null, 2));
else {
  console.table(results);
  console.log(
    `SQLite: ${sqlite.expressible} of ${windows.length} rules can be said in SQL; ${sqlite.insertSeconds.toFixed(1)} s to insert, ${sqlite.rulesSeconds.toFixed(1)} s to ask.`,
  );
  console.log(`${other.length} rules hold for another number of events there.`);
  for (const [id, count] of other.slice(0, 20))
    console.log(`  ${windows.find((rule) => rule.id === id)!.title}: ${count}, here ${counted.get(id) ?? 0}`);
}
