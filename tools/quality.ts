#!/usr/bin/env node
/**
 * Precision, recall and delay of detection on the scenarios, seeds 1 to 30 (`npm run quality`). Options: `--seeds 1-30`, `--scenario ID`,
 * `--json`. Exit code 1 when a step was missed or a benign host accused.
 *
 * `--captures DIR` looks at the captures below DIR instead and prints what was found in how many records.
 */

import { parseArgs } from 'node:util';
import { lookAtCaptures } from './quality/captures.ts';
import { loadDetection, loadScenarios, measure, type Quality } from './quality/measure.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1-30' },
    scenario: { type: 'string' },
    json: { type: 'boolean' },
    captures: { type: 'string' },
  },
});
if (values.captures !== undefined) {
  const { files, records, findings, unread } = await lookAtCaptures(values.captures, loadDetection());
  for (const { file, finding } of findings)
    console.log(
      `${finding.rule.name.padEnd(40)} ${finding.level.padEnd(9)} ${finding.source} → ${finding.targets.slice(0, 2).join(', ')}  ${file}`,
    );
  console.log(
    `\n${files} captures (${unread} are none), ${records} records, ${findings.length} findings: ${((findings.length * 1e6) / records).toFixed(1)} per million records`,
  );
  for (const [name, of] of Object.entries(Object.groupBy(findings, ({ finding }) => finding.rule.name)).sort(
    (a, b) => b[1]!.length - a[1]!.length,
  )) {
    console.log(`  ${name.padEnd(44)} ${of!.length} in ${new Set(of!.map(({ file }) => file)).size} captures`);
  }
  process.exit(0);
}

const [first, last] = values.seeds.split('-').map(Number) as [number, number | undefined];
const detection = loadDetection();
const results: Quality[] = [];
for (const scenario of loadScenarios()) {
  if (values.scenario !== undefined && scenario.id !== values.scenario) continue;
  for (let seed = first; seed <= (last ?? first); seed++) {
    results.push(measure(scenario, seed, detection));
    const { steps, stray, onBenign } = results.at(-1)!;
    if (!values.json) {
      for (const { step } of steps.filter(({ found }) => !found)) console.log(`missed: ${scenario.id} seed ${seed}: ${step.id}`);
      for (const finding of new Set([...onBenign, ...stray])) {
        const whose = onBenign.includes(finding) ? 'benign host' : 'no step';
        console.log(
          `false (${whose}): ${scenario.id} seed ${seed}: ${finding.rule.name}: ${finding.source} → ${finding.targets.slice(0, 3).join(', ')} ${JSON.stringify(finding.explanation.values)}`,
        );
      }
    }
  }
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

const summary = Object.values(Object.groupBy(results, ({ scenario }) => scenario)).map((of) => {
  const runs = of!;
  const findings = runs.flatMap((run) => run.findings);
  const wrong = runs.flatMap((run) => run.stray);
  const steps = runs.flatMap((run) => run.steps);
  const found = steps.filter((step) => step.found);
  return {
    scenario: runs[0]!.scenario,
    seeds: runs.length,
    packets: runs.reduce((sum, run) => sum + run.packets, 0),
    records: runs.reduce((sum, run) => sum + run.records, 0),
    findings: findings.length,
    precision: findings.length === 0 ? 1 : (findings.length - wrong.length) / findings.length,
    recall: found.length / steps.length,
    onBenign: runs.reduce((sum, run) => sum + run.onBenign.length, 0),
    candidates: runs.reduce((sum, run) => sum + run.candidates.length, 0),
    steps: Object.values(Object.groupBy(steps, ({ step }) => step.id)).map((ofStep) => {
      const delays = ofStep!
        .map(({ delay }) => delay)
        .filter((delay) => delay !== undefined)
        .sort((a, b) => a - b);
      return {
        step: ofStep![0]!.step.id,
        found: delays.length,
        of: ofStep!.length,
        delayMedian: quantile(delays, 0.5),
        delayMax: quantile(delays, 1),
      };
    }),
  };
});

if (values.json) console.log(JSON.stringify(summary, null, 2));
else {
  for (const of of summary) {
    console.log(
      `\n${of.scenario}, ${of.seeds} seeds: ${of.packets} packets, ${of.records} records, ${of.findings} findings, ${of.candidates} incident candidates`,
    );
    console.log(
      `  precision ${of.precision.toFixed(4)}   recall ${of.recall.toFixed(4)}   findings on benign hosts ${of.onBenign}`,
    );
    for (const { step, found, of: all, delayMedian, delayMax } of of.steps) {
      console.log(
        `  ${step.padEnd(20)} found ${found}/${all}   delay median ${delayMedian.toFixed(1)} s, longest ${delayMax.toFixed(1)} s`,
      );
    }
  }
}
if (summary.some(({ recall, onBenign }) => recall < 1 || onBenign > 0)) process.exitCode = 1;
