/** What a group of findings amounts to: named weights added up, each said in words, and where in an attack's course it stands. */

import type { Seconds } from '@forewarn/base/time';
import { ruleName, type Finding, type IncidentCandidate } from '@forewarn/model/finding';
import type { Words } from '@forewarn/model/text';
import type { Inside } from '../inside.ts';
import { abuseOf } from './abuse.ts';
import { courseOf, tacticsOf } from './course.ts';
import type { CandidateSettings } from './settings.ts';

/** An outside source that reached for more inside hosts than this is a scan of the neighbourhood and no tie between them. */
export const tiesMax = 5;

/** Names of rules and hosts that one sentence names. */
const namedMax = 5;

const levels = ['critical', 'high', 'medium', 'low', 'informational'] as const;

/** Findings that say the same of the same host: how many there are, beside the one that stands for them. */
export type Sign = { rule: Finding['rule']; source: string; findings: Finding[] };

/** The different signs among findings, the gravest first; duplicates of one collapse into it. */
export function signsOf(findings: readonly Finding[]): Sign[] {
  const signs = new Map<string, Sign>();
  const ordered = [...findings].sort(
    (a, b) => levels.indexOf(a.level) - levels.indexOf(b.level) || b.confidence - a.confidence || (a.id < b.id ? -1 : 1),
  );
  for (const finding of ordered) {
    const key = `${finding.rule.id}\n${finding.source}`;
    const sign = signs.get(key);
    if (sign) sign.findings.push(finding);
    else signs.set(key, { rule: finding.rule, source: finding.source, findings: [finding] });
  }
  return [...signs.values()];
}

/** When harm began by what the findings show, `null` while none shows a loss. */
export function harmOf(findings: readonly Finding[]): Seconds | null {
  const shown = findings.filter(({ harm }) => harm !== null).map(({ from }) => from);
  return shown.length === 0 ? null : Math.min(...shown);
}

type Weighed = Pick<IncidentCandidate, 'weight' | 'reasons' | 'course' | 'tactics' | 'signs' | 'harmAt' | 'abuse'>;

const actsOnOthers = (kind: string, { abuse }: CandidateSettings): boolean =>
  abuse.some(({ id, whose }) => id === kind && whose === 'source');

/** The sum of named weights, each as a reason, largest first; and what the group shows. The order of the findings does not matter. */
export function weigh(
  findings: readonly Finding[],
  hosts: ReadonlySet<string>,
  settings: CandidateSettings,
  inside: Inside,
): Weighed {
  const { weights } = settings;
  const reasons: { weight: number; words: Words }[] = [];
  const signs = signsOf(findings);
  const add = (weight: number, text: string, values: Words['values']): void =>
    void reasons.push({ weight, words: { text, ...(values ? { values } : {}) } });

  // Findings of one rule tell the same thing again: each further one counts less.
  const seen = new Map<string, number>();
  const perLevel = new Map<string, { weight: number; count: number; rules: Map<string, string | Words> }>();
  const ordered = [...findings].sort(
    (a, b) => levels.indexOf(a.level) - levels.indexOf(b.level) || b.confidence - a.confidence || (a.id < b.id ? -1 : 1),
  );
  for (const finding of ordered) {
    const again = seen.get(finding.rule.id) ?? 0;
    seen.set(finding.rule.id, again + 1);
    const entry = perLevel.get(finding.level) ?? { weight: 0, count: 0, rules: new Map<string, string | Words>() };
    entry.weight += weights.level[finding.level] * finding.confidence * settings.repeat ** again;
    entry.count++;
    entry.rules.set(finding.rule.id, ruleName(finding.rule));
    perLevel.set(finding.level, entry);
  }
  for (const [level, { weight, count, rules }] of perLevel) {
    if (weight === 0) continue;
    add(weight, 'detect.candidate.level', {
      count,
      level: { text: `detect.level.${level}` },
      rules: [...rules.values()].slice(0, namedMax),
    });
  }

  const course = courseOf(findings, settings);
  const tactics = tacticsOf(course, settings);
  if (tactics.length > 1) {
    add(weights.stage * (tactics.length - 1), 'detect.candidate.stages', {
      count: tactics.length,
      tactics: tactics.map((tactic) => ({ text: `detect.tactic.${tactic}` })),
    });
  }
  const harm = [...findings].sort((a, b) => a.from - b.from).find((finding) => finding.harm !== null)?.harm;
  if (harm) add(weights.harm, 'detect.candidate.harm', { harm: { text: `detect.harm.${harm}` } });

  const kinds = new Set(findings.filter(({ level }) => level !== 'informational').map(({ rule }) => rule.kind));
  if (kinds.size > 1) {
    const [one, other] = [...kinds].sort();
    add(weights.kinds * (kinds.size - 1), 'detect.candidate.kinds', {
      kinds: {
        text: 'detect.candidate.kind-pair',
        values: { one: { text: `detect.kind.${one!}` }, other: { text: `detect.kind.${other!}` } },
      },
    });
  }

  const abused = new Map<string, Set<string>>();
  for (const finding of findings) {
    const abuse = abuseOf(finding, settings, inside);
    if (!abuse) continue;
    const own = abused.get(abuse.kind) ?? new Set();
    for (const host of abuse.hosts) own.add(host);
    abused.set(abuse.kind, own);
  }
  // Who harms others and is commanded from outside does it for somebody.
  const harming = new Set([...abused].flatMap(([kind, own]) => (actsOnOthers(kind, settings) ? [...own] : [])));
  for (const finding of findings) {
    if (!harming.has(finding.source) || !finding.tactic.includes('command-and-control')) continue;
    const own = abused.get('botnet-member') ?? new Set();
    abused.set('botnet-member', own.add(finding.source));
  }
  // One host used in two ways is one more reason, and not another weight.
  for (const [i, [kind, own]] of [...abused].sort(([a], [b]) => (a < b ? -1 : 1)).entries()) {
    add(i === 0 ? weights.abuse : 0, 'candidate.abused', {
      kind: { text: `candidate.abuse.${kind}` },
      hosts: [...own].sort().slice(0, namedMax),
    });
  }
  if (hosts.size > 1) {
    add(weights.host * Math.min(hosts.size - 1, tiesMax), 'detect.candidate.hosts', {
      count: hosts.size,
      hosts: [...hosts].slice(0, namedMax),
    });
  }
  // What repeats is said once, with how often; it adds nothing.
  if (findings.length > signs.length) add(0, 'candidate.repeats', { signs: signs.length, findings: findings.length });

  reasons.sort((a, b) => b.weight - a.weight);
  const weight = reasons.reduce((sum, reason) => sum + reason.weight, 0);
  return {
    weight: Math.round(weight * 100) / 100,
    reasons: reasons.map(({ words }) => words),
    course,
    tactics,
    signs: signs.length,
    harmAt: harmOf(findings),
    abuse: [...abused.keys()].sort(),
  };
}
