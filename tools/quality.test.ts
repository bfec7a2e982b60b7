/** Detection on the scenarios, the first seeds: every malicious step found, no benign host accused. `npm run quality` takes thirty seeds. */

import { describe, expect, test } from 'vitest';
import { loadDetection, loadScenarios, measure } from './quality/measure.ts';

const detection = loadDetection();
const scenarios = loadScenarios();

describe.each(scenarios)('$id', (scenario) => {
  test.each([1, 2, 3, 4, 5, 6])('seed %i', (seed) => {
    const { steps, onBenign, stray, findings, candidates, evictions, truth } = measure(scenario, seed, detection);
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.filter(({ found }) => !found).map(({ step }) => step.id)).toEqual([]);
    expect(onBenign.map((finding) => `${finding.rule.name}: ${finding.source}`)).toEqual([]);
    expect(stray.map((finding) => `${finding.rule.name}: ${finding.source}`)).toEqual([]);
    // Steps of harm carry it, so that `harmAt` can follow.
    for (const { step, found } of steps) {
      const shown = findings.filter((finding) => finding.harm === step.harm && finding.source === found!.source);
      expect(step.harm === 'none' || shown.length > 0).toBe(true);
    }
    // One course of events, one candidate, and no benign host among its hosts.
    expect(candidates.length).toBe(1);
    expect(candidates[0]!.hosts.filter((host) => truth.benign.includes(host))).toEqual([]);
    expect(evictions).toBe(0);
  });
});

test('the measure can fail: without rules, indicators and behaviours nothing is found', () => {
  const none = { ...detection, content: { ...detection.content, rules: [], behaviours: [] } };
  const { steps } = measure(scenarios[0]!, 1, none);
  expect(steps.filter(({ found }) => !found).length).toBeGreaterThan(2);
});
