/** Words for what the API names. */

import type { Verdict } from '@forewarn/model/noise';
import type { Grouping } from './queries.ts';

export const groupingKeys: { [by in Grouping]: string } = {
  'rule-source': 'noise.by.ruleSource',
  rule: 'noise.by.rule',
  source: 'noise.by.source',
  target: 'noise.by.target',
  technique: 'noise.by.technique',
  level: 'noise.by.level',
  link: 'noise.by.link',
  organisation: 'noise.by.organisation',
};

export const verdictKeys: { [verdict in Verdict]: string } = {
  'true-positive': 'noise.verdict.truePositive',
  'false-positive': 'noise.verdict.falsePositive',
  expected: 'noise.verdict.expected',
  undetermined: 'noise.verdict.undetermined',
};

export const verdictMeans: { [verdict in Verdict]: string } = {
  'true-positive': 'noise.verdict.truePositive.means',
  'false-positive': 'noise.verdict.falsePositive.means',
  expected: 'noise.verdict.expected.means',
  undetermined: 'noise.verdict.undetermined.means',
};

export const kindKeys = { exception: 'noise.kind.exception', window: 'noise.kind.window', snooze: 'noise.kind.snooze' } as const;
export const stateKeys = { active: 'noise.state.active', lifted: 'noise.state.lifted', expired: 'noise.state.expired' } as const;
export const entityKeys = {
  host: 'noise.entity.host',
  network: 'noise.entity.network',
  domain: 'noise.entity.domain',
  service: 'noise.entity.service',
} as const;
