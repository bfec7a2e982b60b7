/** All that can tell findings, as it was loaded: rules with their text and their cases' results, behaviours with their numbers. */

import type { DetectionContent } from '@forewarn/detect/content';
import { behaviours } from '@forewarn/detect/behaviours/index';
import { runOwnCases } from '@forewarn/detect/sigma/own-cases';
import type { About } from '@forewarn/detect/sigma/document';
import { unusualHourSettings } from '../baselines/unusual-hour.ts';
import type { ContentFile } from '@forewarn/model/content';
import type { RuleDetail } from '@forewarn/model/rule';

/** What of a rule does not change while the centre runs. */
export type CataloguedRule = Pick<
  RuleDetail,
  | 'id'
  | 'kind'
  | 'name'
  | 'version'
  | 'level'
  | 'technique'
  | 'tactic'
  | 'status'
  | 'logs'
  | 'tested'
  | 'cases'
  | 'source'
  | 'path'
  | 'falsePositives'
  | 'results'
>;

export type RuleCatalogue = ReadonlyMap<string, CataloguedRule>;

/** Reads and judges every rule once: the cases of the product's own take some milliseconds. */
export function createRuleCatalogue(detection: DetectionContent, files: Iterable<ContentFile>): RuleCatalogue {
  const texts = new Map([...files].map(({ path, text }) => [path, text]));
  const results = new Map<string, RuleDetail['results']>();
  for (const { rule, about, expected, holds } of runOwnCases(detection.rules, detection.correlations)) {
    const own = results.get(rule.id) ?? [];
    own.push({ about, expected, holds });
    results.set(rule.id, own);
  }
  const catalogue = new Map<string, CataloguedRule>();
  const add = (kind: 'sigma' | 'correlation', rule: About, logs: readonly string[]): void => {
    const own = results.get(rule.id) ?? [];
    const passed = own.filter(({ expected, holds }) => expected === holds).length;
    const path = rule.place.file ?? null;
    catalogue.set(rule.id, {
      id: rule.id,
      kind,
      name: rule.title,
      version: rule.version,
      level: rule.level,
      technique: [...rule.technique],
      tactic: [...rule.tactic],
      status: rule.status,
      logs: [...logs],
      // A rule that must never hold shows nothing: one case at least says what it holds for.
      tested: passed === own.length && own.some(({ expected }) => expected),
      cases: { count: own.length, passed },
      source: path === null ? null : documentAt(texts.get(path), rule.place.line ?? 1),
      path,
      falsePositives: [...rule.falsePositives],
      results: own,
    });
  };
  const byId = new Map(detection.rules.map((rule) => [rule.id, rule]));
  for (const rule of detection.rules) add('sigma', rule, rule.logs);
  for (const correlation of detection.correlations) {
    const heard = [...correlation.listens.keys()].flatMap((id) => byId.get(id)?.logs ?? []);
    add('correlation', correlation, [...new Set(heard)]);
  }
  const measured = new Map(behaviours.map((behaviour) => [behaviour.id, behaviour]));
  const scheduled = unusualHourSettings(texts);
  for (const settings of [...detection.behaviours, ...Object.values(detection.sensors), scheduled]) {
    const path = `behaviours/${settings.behaviour}.yaml`;
    const id = `behaviour:${settings.behaviour}`;
    catalogue.set(id, {
      id,
      kind: 'behaviour',
      name: settings.name,
      version: settings.version,
      level: null,
      technique: [...(measured.get(settings.behaviour)?.technique ?? [])],
      tactic: [],
      status: null,
      logs: settings === scheduled ? ['conn'] : [...(measured.get(settings.behaviour)?.logs ?? [])],
      // The table of detection quality has every behaviour, and CI fails when one falls; rules about sensors have tests of their own.
      tested: measured.has(settings.behaviour),
      cases: null,
      source: texts.get(path) ?? null,
      path,
      falsePositives: [],
      results: [],
    });
  }
  return catalogue;
}

/** Of a file with several documents, the one with that line. */
function documentAt(text: string | undefined, line: number): string | null {
  if (text === undefined) return null;
  let first = 1;
  for (const document of text.replaceAll('\r\n', '\n').split(/^---[ \t]*$/m)) {
    const lines = document.split('\n').length - 1;
    if (line >= first && line <= first + lines) return document.trim() === '' ? text : document.replace(/^\n/, '');
    first += lines;
  }
  return text;
}
