/** What a trial is about: a loaded rule, the text of one, or a hunt. */

import { Refusal } from '@forewarn/base/refusal';
import type { DetectionContent } from '@forewarn/detect/content';
import { createCollection, type ResolvedCorrelation } from '@forewarn/detect/sigma/collection';
import { readRules, type SigmaRule } from '@forewarn/detect/sigma/rule';
import { parseKql } from '@forewarn/model/kql/kql';
import { recordType, recordTypes } from '@forewarn/model/records/index';
import type { Tried } from './trial.ts';

type Rules = Pick<DetectionContent, 'rules' | 'correlations' | 'documents' | 'logSources'>;

/** A rule of those that are loaded, by id. */
export function triedRule({ rules, correlations }: Rules, id: string): Tried | undefined {
  const rule = rules.find((one) => one.id === id);
  if (rule) return ofRule(rule);
  const correlation = correlations.find((one) => one.id === id);
  return correlation && ofCorrelation(correlation);
}

/**
 * The rule of a text: the last correlation in it, else the last rule. What it refers to is looked up in the text and among the loaded rules; where
 * both have one id, the text's counts. Refusals: those of the rules (`rule.*`, `yaml.*`), with the line.
 */
export function triedText({ documents, logSources }: Rules, text: string, file: string): Tried {
  const own = readRules(text, file, logSources);
  const { rules, correlations, refusals } = createCollection([own, ...documents], logSources);
  const refused = refusals.filter(({ place }) => place.file === file);
  if (refused.length > 0) throw refused[0]!;
  const mine = <Rule extends SigmaRule | ResolvedCorrelation>(of: readonly Rule[]): Rule | undefined =>
    of
      .filter(({ place }) => place.file === file)
      .toSorted((a, b) => (a.place.line ?? 0) - (b.place.line ?? 0))
      .at(-1);
  const correlation = mine(correlations);
  if (correlation) return ofCorrelation(correlation);
  const rule = mine(rules);
  if (rule) return ofRule(rule);
  throw new Refusal('rule.kind', 'The text holds no rule.', {
    place: { file },
    advice: 'Write one Sigma rule, or rules and a correlation of them.',
  });
}

/** The records that a hunt asks for, whatever it makes of them then. Refusals: those of the hunt language. */
export function triedHunt(text: string, now: number, searched: readonly string[]): Tried {
  const { query } = parseKql(text, { now, recordTypes, searched });
  return {
    kind: 'query',
    id: null,
    title: text.slice(0, 200),
    parts: query.from.map((log) => ({ log, where: query.where ?? { kind: 'and', of: [] } })),
  };
}

function ofRule({ id, title, logs, predicate: where }: SigmaRule): Tried {
  const known = logs.includes('*') ? recordTypes.map(({ log }) => log) : logs.filter((log) => recordType(log));
  return { kind: 'rule', id, title, parts: known.map((log) => ({ log, where })) };
}

const ofCorrelation = ({ id, title, window, groupBy }: ResolvedCorrelation): Tried => ({
  kind: 'correlation',
  id,
  title,
  window,
  groupBy,
});
