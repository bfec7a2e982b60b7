/**
 * Detection on the scenarios and on composed traffic, with the seeds of the committed table: every malicious step found, no benign host accused,
 * and no figure below that of `docs/detection-quality.md`.
 */

import { describe, expect, test } from 'vitest';
import { behaviours } from '@forewarn/detect/behaviours/index';
import { loadDetection, loadScenarios, measure, type Quality } from './quality/measure.ts';
import { measures } from './quality/measures/index.ts';
import { seeds } from './quality/measures/measure.ts';
import { byBehaviour, wholeScenario } from './quality/scenarios.ts';
import { fallen, readTable } from './quality/table.ts';

const detection = loadDetection();
const scenarios = loadScenarios();
const committed = readTable();

describe.each(scenarios)('$id', (scenario) => {
  const runs: Quality[] = [];

  test.each(seeds)('seed %i', (seed) => {
    const run = measure(scenario, seed, detection);
    runs.push(run);
    const { steps, onBenign, stray, findings, candidates, evictions, truth } = run;
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.filter(({ found }) => !found).map(({ step }) => step.id)).toEqual([]);
    expect(onBenign.map((finding) => `${finding.rule.name}: ${finding.source}`)).toEqual([]);
    expect(stray.map((finding) => `${finding.rule.name}: ${finding.source}`)).toEqual([]);
    // Steps of harm carry it, so that `harmAt` can follow.
    for (const { step, found } of steps) {
      const shown = findings.filter((finding) => finding.harm === step.harm && finding.source === found!.source);
      expect(step.harm === 'none' || shown.length > 0).toBe(true);
    }
    // One course of events, one candidate, and no benign host among its hosts but those that were acted upon.
    expect(candidates.length).toBe(1);
    expect(
      candidates[0]!.hosts.filter((host) => truth.benign.includes(host) && !truth.steps.some((step) => step.dst.includes(host))),
    ).toEqual([]);
    expect(evictions).toBe(0);
  });

  test('is as good as the committed table says', () => {
    expect(runs).toHaveLength(seeds.length);
    expect(byBehaviour(scenario, runs).flatMap((row) => fallen(row, committed.rows))).toEqual([]);
    const whole = wholeScenario(runs);
    expect(committed.scenarios).toContainEqual({ scenario: whole.scenario, found: whole.found, wrong: whole.wrong });
  });
});

test.each(measures.filter(({ kind }) => kind === 'composed'))(
  '$behaviour on $on is as good as the committed table says',
  async (of) => {
    const row = (await of.run(detection))!;
    expect(fallen(row, committed.rows)).toEqual([]);
    expect(row.expected).toBeGreaterThan(0);
  },
);

test('every behaviour has a measure or finds a step', () => {
  const measured = new Set(committed.rows.map(({ behaviour }) => behaviour));
  expect(behaviours.map(({ id }) => id).filter((id) => !measured.has(id))).toEqual([]);
  // Labelled rows stand in the table as well, so that a table written without the data cannot be committed.
  for (const { behaviour, on } of measures) expect(committed.rows).toContainEqual(expect.objectContaining({ behaviour, on }));
});

describe('the measure can fail', () => {
  const none = { ...detection, content: { ...detection.content, rules: [], behaviours: [] } };

  test('without rules, indicators and behaviours nothing is found', () => {
    const { steps } = measure(scenarios[0]!, 1, none);
    expect(steps.filter(({ found }) => !found).length).toBeGreaterThan(2);
  });

  test('and a figure that falls is named', async () => {
    const row = (await measures[0]!.run(none))!;
    expect(row.found).toBe(0);
    expect(fallen(row, committed.rows)).toEqual([expect.stringContaining('0 found, the table has')]);
    expect(fallen({ ...row, found: row.expected, wrong: 1000 }, committed.rows)).toEqual([expect.stringContaining('1000 wrong')]);
    expect(fallen({ ...row, on: 'nothing known' }, committed.rows)).toEqual([expect.stringContaining('stands in no table')]);
  });
});
