#!/usr/bin/env node
/**
 * How long does the Findings page wait for its data? A million findings of a month, in both stores, the centre's API over them in this
 * process, and what the page asks, timed. The question and the figures are in README.md.
 *
 *     node bench/pages/findings.ts [--findings 1000000] [--rounds 7] [--as centre|operator]
 */

import { parseArgs } from 'node:util';
import { openTrialCenter, person } from '@forewarn/center/testing/center';
import { findingRecord } from '@forewarn/model/finding-fields';
import type { Finding } from '@forewarn/model/finding';
import { writeEstate } from '@forewarn/store/resources/estate';
import { addSensor } from '@forewarn/store/resources/sensors';
import { envelopeOf, estate, sensors } from './estate.ts';

const { values } = parseArgs({
  options: {
    findings: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '7' },
    as: { type: 'string', default: 'centre' },
  },
});
const total = Number(values.findings);
const rounds = Number(values.rounds);
const until = 1_764_000_000;
const days = 30;
const levels = ['informational', 'low', 'low', 'low', 'medium', 'medium', 'high', 'critical'] as const;
const techniques = ['T1046', 'T1110', 'T1071', 'T1048', 'T1595', 'T1021', 'T0855', 'T1190'];

/** Every finding follows from its number: 300 rules, of which some tell most; 20,000 hosts, of which some are loud. */
function findingOf(n: number): { finding: Finding; sensor: (typeof sensors)[number] } {
  let state = (n * 2_654_435_761) >>> 0;
  const next = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const skewed = (below: number): number => Math.floor((next(below) * next(below)) / below);
  const rule = skewed(300);
  const source = skewed(20_000);
  const to = until - days * 86_400 + ((n + 1) / total) * days * 86_400;
  const sensor = sensors[next(sensors.length)]!;
  const target = `192.0.2.${next(250)}`;
  return {
    sensor,
    finding: {
      id: n.toString(16).padStart(32, '0'),
      from: to - next(3_600),
      to,
      rule: { id: `rule-${rule}`, version: '1', kind: 'sigma', name: `Rule ${rule}` },
      technique: [techniques[rule % techniques.length]!],
      tactic: ['discovery'],
      level: levels[rule % levels.length]!,
      confidence: 0.5,
      explanation: { text: 'detect.sigma.flow', values: { rule: `Rule ${rule}`, source: 's', target, port: next(65_536) } },
      source: `10.${source >> 12}.${(source >> 6) & 63}.${source & 63}`,
      targets: [target],
      names: next(4) === 0 ? [`host-${next(5_000)}.example`] : [],
      records: [{ log: 'conn', uid: `C${n}`, ts: to }],
      recordCount: 1 + next(50),
      harm: null,
    },
  };
}

const trial = await openTrialCenter({ checkAnswers: false });
const { center } = trial;
trial.clock.at = until;
const say = (text: string): void => void process.stderr.write(`${text}\n`);
try {
  await center.database.system(async (tx) => {
    await writeEstate(tx, estate);
    for (const sensor of sensors) {
      const { organisation, link, networkType, marking } = envelopeOf(sensor);
      await addSensor(tx, { id: sensor.id, organisation, name: sensor.id, link, networkType, marking, createdAt: 1 });
    }
  });
  // What the triggers would note is put into the search beside, as the carrier does it.
  await center.database.script('alter table finding disable trigger user; alter table finding_access disable trigger user;');
  const chunk = 10_000;
  const begun = performance.now();
  for (let at = 0; at < total; at += chunk) {
    const some = Array.from({ length: Math.min(chunk, total - at) }, (_unused, i) => findingOf(at + i));
    await center.records.findings.put(
      some.map(({ finding, sensor }, i) => {
        const { organisation, link, networkType } = envelopeOf(sensor);
        return {
          id: finding.id,
          edition: at + i,
          recordedAt: finding.to,
          fields: findingRecord(finding, { organisations: [organisation], sensor: sensor.id, link, networkType }),
          seenBy: organisation,
          whole: [organisation],
          incident: (at + i) % 500 === 0 ? 'incident' : null,
          incidentSeenBy: [],
          hiddenBy: (at + i) % 20 === 0 ? 'exception' : null,
          verdict: (at + i) % 100 === 0 ? 'false-positive' : null,
        };
      }),
    );
    await center.database.system(async (tx) => {
      const bodies = JSON.stringify(
        some.map(({ finding, sensor }) => ({ finding, sensor: sensor.id, organisation: envelopeOf(sensor).organisation })),
      );
      await tx.query(
        `insert into finding (id, from_at, to_at, recorded_at, level, rule, source, sensor, body)
         select f->'finding'->>'id', (f->'finding'->>'from')::float8, (f->'finding'->>'to')::float8, (f->'finding'->>'to')::float8,
           f->'finding'->>'level', f->'finding'->'rule'->>'id', f->'finding'->>'source', f->>'sensor', f->'finding' from jsonb_array_elements($1::jsonb) f`,
        [bodies],
      );
      await tx.query(
        `insert into finding_access (finding, organisation, part)
         select f->'finding'->>'id', f->>'organisation', 'seen' from jsonb_array_elements($1::jsonb) f`,
        [bodies],
      );
    });
    if ((at / chunk) % 10 === 9) say(`${at + chunk} findings, ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  }
  await center.database.tidy();

  const asker = values.as === 'operator' ? person(envelopeOf(sensors[0]!).organisation, 'analyst') : person('centre', 'analyst');
  const instant = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const month = `from=${instant(until - days * 86_400)}&to=${instant(until)}`;
  const day = `from=${instant(until - 86_400)}&to=${instant(until)}`;
  const link = envelopeOf(sensors[0]!).link;
  const exception = { kind: 'exception', rule: 'rule-3', reason: 'None at all.', until: instant(until + 86_400), days: 30 };
  const views: [string, string, object?][] = [
    ['groups by rule and source, a day', `/findings/groups?limit=100&${day}`],
    ['groups by rule and source, the month', `/findings/groups?limit=100&${month}`],
    ['groups by rule', `/findings/groups?limit=100&by=rule&${month}`],
    ['groups by source', `/findings/groups?limit=100&by=source&${month}`],
    ['groups by target', `/findings/groups?limit=100&by=target&${month}`],
    ['groups by technique', `/findings/groups?limit=100&by=technique&${month}`],
    ['groups by level', `/findings/groups?limit=100&by=level&${month}`],
    ['groups of one link', `/findings/groups?limit=100&${month}&link=${link}`],
    ['groups of a network type, gravest level', `/findings/groups?limit=100&${month}&networkType=control&level=critical`],
    [
      'groups of what a condition shows',
      `/findings/groups?limit=100&${month}&q=${encodeURIComponent('names:*.example and not source:10.0.0.0/16')}`,
    ],
    ['hidden ones among them', `/findings/groups?limit=100&${month}&hidden=all`],
    ['the newest 50', `/findings?limit=50&${month}`],
    ['50 of one rule and source', `/findings?limit=50&${month}&rule=rule-0&source=10.0.0.0`],
    ['50 with a word', `/findings?limit=50&${month}&q=host-4711.example`],
    ['all rules with their counts', '/rules'],
    ['one rule', '/rules/rule-3'],
    ['preview of an exception, 30 days', '/exceptions/preview', exception],
  ];
  const ask = async (path: string, body?: object): Promise<void> => {
    const { status, text } = await trial.ask(asker, body ? 'POST' : 'GET', path, body);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  };
  for (const [, path, body] of views.slice(0, 3)) await ask(path, body);
  console.log('| view | first ms | p50 ms | max ms | CPU ms |\n| ---- | -------: | -----: | -----: | -----: |');
  for (const [view, path, body] of views) {
    const times: number[] = [];
    const cpu: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const before = process.cpuUsage();
      const started = performance.now();
      await ask(path, body);
      times.push(performance.now() - started);
      const { user, system } = process.cpuUsage(before);
      cpu.push((user + system) / 1000);
    }
    const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1]!;
    const ms = [times[0]!, median(times), Math.max(...times), median(cpu)].map((one) => one.toFixed(0));
    console.log(`| ${[view, ...ms].join(' | ')} |`);
  }
} finally {
  await trial.end();
}
