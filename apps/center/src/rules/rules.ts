/** Rules: all that can tell findings, with what came of them; one, with its text, cases and exceptions. */

import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { page } from '@forewarn/model/api';
import { precisionOf, RuleDetail, RuleView } from '@forewarn/model/rule';
import type { RuleCounts } from '@forewarn/store/clickhouse/finding-search';
import { listExceptions } from '@forewarn/store/resources/noise';
import { route } from '../api/route.ts';
import type { Center } from '../center-parts.ts';
import { findingScopeOf } from '../findings/filter.ts';
import { exceptionView } from '../noise/exceptions.ts';
import { found } from '../refusals.ts';
import type { CataloguedRule } from './catalogue.ts';

/** Exceptions of one rule that its page shows. */
const exceptionsShown = 100;

const none = { 'true-positive': 0, 'false-positive': 0, expected: 0, undetermined: 0 };

/** What told findings and is not loaded now: indicators, which are values and no rules, and rules that are gone. */
const unlisted = ({ rule, name, kind }: RuleCounts): CataloguedRule => ({
  id: rule,
  kind: kind === 'behaviour' || kind === 'sigma' ? kind : 'indicator',
  name,
  version: null,
  level: null,
  technique: [],
  tactic: [],
  status: null,
  logs: [],
  tested: false,
  cases: null,
  source: null,
  path: null,
  falsePositives: [],
  results: [],
});

function withCounts(center: Center, rule: CataloguedRule, counts: RuleCounts | undefined) {
  const verdicts = (counts?.verdicts ?? none) as z.output<typeof RuleView>['verdicts'];
  const cost = rule.logs.length === 0 ? undefined : center.cost.microsOf(rule.id, rule.logs);
  return {
    ...rule,
    technique: [...new Set([...rule.technique, ...(counts?.techniques ?? [])])].sort(),
    hits: counts?.hits ?? 0,
    hidden: counts?.hidden ?? 0,
    lastHit: counts?.lastHit === undefined || counts.lastHit === null ? null : formatInstant(counts.lastHit),
    verdicts,
    precision: precisionOf(verdicts),
    costMicros: cost?.micros ?? null,
    samples: cost?.samples ?? 0,
  };
}

export const listOfRules = route({
  method: 'get',
  path: '/rules',
  access: 'findings:read',
  summary:
    'All that can tell findings: Sigma rules, correlations, behaviours and indicators that have; with hits, precision and cost.',
  answer: page(RuleView),
  async handle({ center, principal }) {
    await center.findings.settled();
    const counted = new Map((await center.records.findings.rules(findingScopeOf(principal))).map((one) => [one.rule, one]));
    const listed = [...center.rules.values()].map((rule) => withCounts(center, rule, counted.get(rule.id)));
    const others = [...counted.values()].filter(({ rule }) => !center.rules.has(rule));
    return {
      items: [...listed, ...others.map((one) => withCounts(center, unlisted(one), one))].map((one) => RuleView.parse(one)),
      next: null,
    };
  },
});

export const oneRule = route({
  method: 'get',
  path: '/rules/{id}',
  access: 'findings:read',
  summary: 'One rule: its text, its cases with their results, its exceptions.',
  params: z.object({ id: z.string().min(1).max(200) }),
  answer: RuleDetail,
  async handle({ center, principal, scope, params }) {
    await center.findings.settled();
    const [counts] = await center.records.findings.rules(findingScopeOf(principal), params.id);
    const rule = found(center.rules.get(params.id) ?? (counts && unlisted(counts)));
    const { items } = await center.database.scoped(scope, (tx) => listExceptions(tx, { rule: rule.id, limit: exceptionsShown }));
    return { ...withCounts(center, rule, counts), exceptions: items.map(exceptionView) };
  },
});
