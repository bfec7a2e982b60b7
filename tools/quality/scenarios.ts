/** What each behaviour finds in the scenarios, and how long before the harm the first finding came. */

import type { Scenario } from '@forewarn/prepare/scenario/language';
import { parseInstant } from '@forewarn/base/time';
import { measure, tellsStep, type loadDetection, type Quality } from './measure.ts';
import { middle, seeds, type Row } from './measures/measure.ts';

/** The behaviour that shall find a step, by what the step does. A step that none is named for is found by rules and indicators. */
const finders: { readonly [activity: string]: string } = {
  scan: 'scan',
  beacon: 'beacon',
  guess: 'brute-force',
  transfer: 'outbound-transfer',
  'modbus-command': 'new-writer',
  's7-change': 'program-change',
  reflect: 'reflection',
  'syn-flood': 'flood',
  'sip-search': 'sip-enumeration',
  'sip-register': 'refused-signalling',
  'sip-call': 'toll-fraud',
};

export type ScenarioRow = {
  scenario: string;
  seeds: number;
  steps: number;
  found: number;
  findings: number;
  /** Findings that belong to no step. */
  wrong: number;
  /** Middle of the seconds from the first finding to the harm; the shortest beside it. */
  lead: number | undefined;
  leadLeast: number | undefined;
};

export function runScenario(scenario: Scenario, detection: ReturnType<typeof loadDetection>): Quality[] {
  return seeds.map((seed) => measure(scenario, seed, detection));
}

/** The scenario as a whole: steps found by whatever, and the lead. */
export function wholeScenario(runs: readonly Quality[]): ScenarioRow {
  const leads = runs.flatMap(({ steps, findings }) => {
    const harm = Math.min(...steps.filter(({ step }) => step.harm !== 'none').map(({ step }) => parseInstant(step.from)));
    const first = Math.min(
      ...findings.filter((finding) => steps.some(({ step }) => tellsStep(finding, step))).map(({ toldAt }) => toldAt),
    );
    return Number.isFinite(harm) && Number.isFinite(first) ? [harm - first] : [];
  });
  return {
    scenario: runs[0]!.scenario,
    seeds: runs.length,
    steps: runs.reduce((sum, { steps }) => sum + steps.length, 0),
    found: runs.reduce((sum, { steps }) => sum + steps.filter(({ found }) => found).length, 0),
    findings: runs.reduce((sum, { findings }) => sum + findings.length, 0),
    wrong: runs.reduce((sum, { stray }) => sum + stray.length, 0),
    lead: middle(leads),
    leadLeast: leads.length === 0 ? undefined : Math.min(...leads),
  };
}

/** The scenario by behaviour: one row for each that shall find a step of it or has told something. */
export function byBehaviour(scenario: Scenario, runs: readonly Quality[]): Row[] {
  const finderOf = new Map(scenario.steps.map((step) => [step.id, finders[step.do]]));
  const behaviours = new Set([
    ...[...finderOf.values()].filter((id) => id !== undefined),
    ...runs.flatMap(({ findings }) =>
      findings.flatMap(({ rule, level }) =>
        rule.kind === 'behaviour' && level !== 'informational' ? [rule.id.slice('behaviour:'.length)] : [],
      ),
    ),
  ]);
  return [...behaviours].sort().map((behaviour) => {
    const row = { records: 0, expected: 0, found: 0, findings: 0, wrong: 0 };
    const delays: number[] = [];
    const leads: number[] = [];
    const missed = new Set<string>();
    for (const { steps, findings, records } of runs) {
      const own = findings.filter(({ rule }) => rule.id === `behaviour:${behaviour}`);
      row.records += records;
      row.findings += own.length;
      row.wrong += own.filter((finding) => !steps.some(({ step }) => tellsStep(finding, step))).length;
      const harm = Math.min(...steps.filter(({ step }) => step.harm !== 'none').map(({ step }) => parseInstant(step.from)));
      for (const { step } of steps) {
        if (finderOf.get(step.id) !== behaviour) continue;
        row.expected++;
        const times = own.filter((finding) => tellsStep(finding, step)).map(({ toldAt }) => toldAt);
        if (times.length === 0) {
          missed.add(step.id);
          continue;
        }
        row.found++;
        delays.push(Math.min(...times) - parseInstant(step.from));
        if (Number.isFinite(harm)) leads.push(harm - Math.min(...times));
      }
    }
    return {
      behaviour,
      on: scenario.id,
      kind: 'scenario' as const,
      about: scenario.title.en,
      ...row,
      others: 0,
      delay: middle(delays),
      lead: middle(leads),
      missed: [...missed],
    };
  });
}
