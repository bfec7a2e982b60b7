#!/usr/bin/env node
/**
 * How good detection is: for every behaviour precision, recall, delay and lead on the scenarios, on composed traffic and on the data labelled
 * by others where it is there (`npm run quality`).
 *
 * `--behaviour ID` takes one behaviour only; `--write` writes `docs/detection-quality.md`; `--json` prints the rows; `--no-data` leaves out the labelled data.
 * `--benign SEEDS` counts findings on composed traffic in which nobody does anything unsafe, per million records;
 * `--seeds 1-30 [--scenario ID]` looks at scenarios seed by seed and names every miss and false finding; `--captures DIR` looks at the captures below DIR
 * and prints what was found in how many records. Exit code 1 when a figure is worse than in the committed table.
 */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printBenign } from './quality/benign.ts';
import { lookAtCaptures } from './quality/captures.ts';
import { loadDetection, loadScenarios } from './quality/measure.ts';
import { measures } from './quality/measures/index.ts';
import { dataFolder, type Row } from './quality/measures/measure.ts';
import { allRisks } from './quality/measures/ndpi.ts';
import { byBehaviour, runScenario, wholeScenario, type ScenarioRow } from './quality/scenarios.ts';
import { printSeeds } from './quality/seeds.ts';
import { fallen, line, lineHeading, readTable, writeTable } from './quality/table.ts';

const { values } = parseArgs({
  options: {
    behaviour: { type: 'string' },
    write: { type: 'boolean' },
    data: { type: 'boolean', default: true },
    seeds: { type: 'string' },
    scenario: { type: 'string' },
    json: { type: 'boolean' },
    captures: { type: 'string' },
    benign: { type: 'string' },
  },
  allowNegative: true,
});

if (values.benign !== undefined) printBenign(Number(values.benign));
else if (values.captures !== undefined) await printCaptures(values.captures);
else if (values.seeds !== undefined || values.scenario !== undefined) {
  if (printSeeds({ seeds: values.seeds ?? '1-30', scenario: values.scenario, json: values.json })) process.exitCode = 1;
} else await printAll();

async function printAll(): Promise<void> {
  if (values.write && (values.behaviour !== undefined || !values.data))
    throw new Error('The table is written whole: --write alone.');
  const detection = loadDetection();
  const rows: Row[] = [];
  const scenarios: ScenarioRow[] = [];
  const print = (row: Row): void => {
    rows.push(row);
    if (!values.json) console.log(line(row));
  };
  if (!values.json) console.log(lineHeading);
  if (values.behaviour === undefined) {
    for (const scenario of loadScenarios()) {
      const runs = runScenario(scenario, detection);
      scenarios.push(wholeScenario(runs));
      byBehaviour(scenario, runs).forEach(print);
    }
  }
  for (const measure of measures) {
    if (values.behaviour !== undefined && measure.behaviour !== values.behaviour) continue;
    if (measure.kind === 'data' && !values.data) continue;
    const row = await measure.run(detection);
    if (row) print(row);
    else if (values.write)
      throw new Error(`The table holds ${measure.behaviour} on ${measure.on}, whose data is not here: nothing was written.`);
    else if (!values.json) console.log(`${measure.behaviour} on ${measure.on}: the data is not here`);
  }
  if (values.json) console.log(JSON.stringify({ rows, scenarios }, null, 2));
  if (values.write) {
    const risks = (await allRisks(detection)) ?? [];
    const loudness = [];
    for (const folder of ['net/ndpi', 'net/zeek', 'net/tcpdump', 'net/ipfixprobe']) {
      const { files, records: of, findings } = await lookAtCaptures(join(dataFolder, folder), detection);
      const names = new Map<string, { noted: number; told: number }>();
      for (const { finding } of findings) {
        const counts = names.get(finding.rule.name) ?? { noted: 0, told: 0 };
        counts[finding.level === 'informational' ? 'noted' : 'told']++;
        names.set(finding.rule.name, counts);
      }
      loudness.push({ folder, captures: files, records: of, names });
    }
    writeTable(rows, scenarios, new Date().toISOString().slice(0, 10), { risks, loudness });
  }
  const { rows: committed } = readTable();
  const worse = rows.flatMap((row) => fallen(row, committed));
  for (const text of worse) console.error(text);
  if (worse.length > 0) process.exitCode = 1;
}

async function printCaptures(folder: string): Promise<void> {
  const { files, records, findings, unread } = await lookAtCaptures(folder, loadDetection());
  for (const { file, finding } of findings)
    console.log(
      `${finding.rule.name.padEnd(40)} ${finding.level.padEnd(13)} ${finding.source} → ${finding.targets.slice(0, 2).join(', ')}  ${file}`,
    );
  console.log(
    `\n${files} captures (${unread} are none), ${records} records, ${findings.length} findings: ${((findings.length * 1e6) / records).toFixed(1)} per million records`,
  );
  for (const [name, of] of Object.entries(Object.groupBy(findings, ({ finding }) => finding.rule.name)).sort(
    (a, b) => b[1]!.length - a[1]!.length,
  )) {
    console.log(`  ${name.padEnd(44)} ${of!.length} in ${new Set(of!.map(({ file }) => file)).size} captures`);
  }
}
