/** The scenarios seed by seed, with every miss and every false finding named: what one looks at when a figure has fallen. */

import { loadDetection, loadScenarios, measure, type Quality } from './measure.ts';

/** Prints, and answers whether a step was missed or a benign host accused. */
export function printSeeds(values: { seeds: string; scenario: string | undefined; json: boolean | undefined }): boolean {
  const [first, last] = values.seeds.split('-').map(Number) as [number, number | undefined];
  const detection = loadDetection();
  const results: Quality[] = [];
  for (const scenario of loadScenarios()) {
    if (values.scenario !== undefined && scenario.id !== values.scenario) continue;
    for (let seed = first; seed <= (last ?? first); seed++) {
      results.push(measure(scenario, seed, detection));
      const { steps, stray, onBenign } = results.at(-1)!;
      if (!values.json) {
        for (const { step } of steps.filter(({ found }) => !found))
          console.log(`missed: ${scenario.id} seed ${seed}: ${step.id}`);
        for (const finding of new Set([...onBenign, ...stray])) {
          const whose = onBenign.includes(finding) ? 'benign host' : 'no step';
          console.log(
            `false (${whose}): ${scenario.id} seed ${seed}: ${finding.rule.name}: ${finding.source} → ${finding.targets.slice(0, 3).join(', ')} ${JSON.stringify(finding.explanation.values)}`,
          );
        }
      }
    }
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
  return summary.some(({ recall, onBenign }) => recall < 1 || onBenign > 0);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
