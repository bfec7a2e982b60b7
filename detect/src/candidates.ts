/**
 * Findings that belong together: of one inside host, and of the hosts it acted upon, within some hours. A group whose named weights
 * add up becomes a candidate for an incident, with the reasons in words; a single weak finding stays what it is.
 */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Seconds } from '@forewarn/base/time';
import { ruleName, type Finding, type IncidentCandidate } from '@forewarn/model/finding';
import type { Words } from '@forewarn/model/text';
import { readContent } from '@forewarn/model/yaml';
import { BoundedMap } from './bounded.ts';
import { createInside } from './inside.ts';

const Settings = z.strictObject({
  candidates: z.strictObject({
    version: z.string(),
    window: z.number().positive(),
    threshold: z.number().positive(),
    weights: z.strictObject({
      level: z.strictObject({
        informational: z.number(),
        low: z.number(),
        medium: z.number(),
        high: z.number(),
        critical: z.number(),
      }),
      stage: z.number(),
      harm: z.number(),
      kinds: z.number(),
      host: z.number(),
    }),
    repeat: z.number().min(0).max(1),
    spread: z.number().positive(),
  }),
});

export type CandidateSettings = z.infer<typeof Settings>['candidates'];

/** Reads the weights; throws the first refusal with file and line. */
export function readCandidateSettings(text: string, file: string): CandidateSettings {
  const read = readContent(Settings, text, file);
  if (!read.ok) throw read.refusals[0]!;
  return read.value.candidates;
}

export type CandidateSink = {
  /** A group that is worth proposing, each time it has changed; the id stays. */
  candidate(candidate: IncidentCandidate): void;
  /** Two groups have met: what was proposed as `gone` is now part of `into`. */
  merged?(gone: string, into: string): void;
};

export type Candidates = {
  /** Takes a finding, or a newer state of one. */
  push(finding: Finding): void;
  /** Record time: groups to which nothing can be added any more are forgotten. */
  advance(ts: Seconds): void;
};

/** Groups kept open; each is an inside host with signs, and a country's worst day has fewer. */
const groupsMax = 50_000;

/** Findings of one group, as many as a candidate may name. */
const findingsMax = 10_000;

const hostsMax = 1_000;

/** An outside source that reached for more inside hosts than this is a scan of the neighbourhood and no tie between them. */
const tiesMax = 5;

type Group = {
  id: string;
  findings: Map<string, Finding>;
  hosts: Set<string>;
  from: Seconds;
  to: Seconds;
  proposed: boolean;
};

export function createCandidates(options: {
  settings: CandidateSettings;
  localNetworks?: readonly string[];
  sink: CandidateSink;
}): Candidates {
  const { settings, sink } = options;
  const inside = createInside(options.localNetworks);
  /** Host to its latest group; a host's older group, past the window, is found by its findings only. */
  const byHost = new Map<string, Group>();
  const byFinding = new Map<string, Group>();
  const groups = new BoundedMap<string, Group>(groupsMax, (_, group) => drop(group));

  const drop = (group: Group): void => {
    for (const host of group.hosts) if (byHost.get(host) === group) byHost.delete(host);
    for (const id of group.findings.keys()) byFinding.delete(id);
  };

  const near = (group: Group, finding: Finding): boolean =>
    finding.from - group.to <= settings.window && group.from - finding.to <= settings.window;

  /** The inside hosts that a finding is about. */
  const hostsOf = (finding: Finding): string[] => {
    if (inside(finding.source) === 'inside') return [finding.source];
    const targets = finding.targets.filter((target) => inside(target) === 'inside');
    if (targets.length > 0 && targets.length <= tiesMax) return targets;
    return finding.source === '' ? [] : [finding.source];
  };

  /** Groups of hosts that acted upon the host shortly before: what is found there may have come from them. */
  const callers = (host: string, finding: Finding): Group[] => {
    const found: Group[] = [];
    for (const [, group] of groups.entries()) {
      if (group.hosts.has(host) || !near(group, finding)) continue;
      for (const earlier of group.findings.values()) {
        if (
          earlier.source !== host &&
          earlier.from <= finding.from &&
          finding.from - earlier.to <= settings.spread &&
          earlier.targets.includes(host)
        ) {
          found.push(group);
          break;
        }
      }
    }
    return found;
  };

  const merge = (into: Group, from: Group): void => {
    for (const [id, finding] of from.findings) {
      if (into.findings.size >= findingsMax) break;
      into.findings.set(id, finding);
      byFinding.set(id, into);
    }
    for (const host of from.hosts) {
      if (into.hosts.size < hostsMax) into.hosts.add(host);
      byHost.set(host, into);
    }
    into.from = Math.min(into.from, from.from);
    into.to = Math.max(into.to, from.to);
    groups.delete(from.id);
    if (from.proposed) sink.merged?.(from.id, into.id);
  };

  return {
    push(finding) {
      let group = byFinding.get(finding.id);
      if (!group) {
        const hosts = hostsOf(finding);
        if (hosts.length === 0) return;
        const met = new Set<Group>();
        for (const host of hosts) {
          const own = byHost.get(host);
          if (own && near(own, finding)) met.add(own);
          for (const caller of callers(host, finding)) met.add(caller);
        }
        // The oldest group stays, so that its id does.
        const [first, ...others] = [...met].sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1));
        if (first) group = first;
        else {
          // The host and the finding that began it: the same findings in the same order give the same id again.
          const id = createHash('sha256')
            .update(JSON.stringify(['candidate', hosts[0], finding.id]))
            .digest('hex')
            .slice(0, 32);
          group = { id, findings: new Map(), hosts: new Set(), from: finding.from, to: finding.to, proposed: false };
          groups.set(id, group);
        }
        for (const other of others) merge(group, other);
        for (const host of hosts) {
          if (group.hosts.size < hostsMax) group.hosts.add(host);
          byHost.set(host, group);
        }
        if (group.findings.size >= findingsMax) return;
        byFinding.set(finding.id, group);
      }
      group.findings.set(finding.id, finding);
      group.from = Math.min(group.from, finding.from);
      group.to = Math.max(group.to, finding.to);
      groups.touch(group.id);
      const { weight, reasons } = weigh([...group.findings.values()], group.hosts, settings);
      if (weight < settings.threshold && !group.proposed) return;
      group.proposed = true;
      sink.candidate({
        id: group.id,
        from: group.from,
        to: group.to,
        findings: [...group.findings.keys()],
        hosts: [...group.hosts],
        weight,
        reasons,
      });
    },
    advance(ts) {
      for (const [id, group] of groups.entries()) {
        if (group.to + settings.window < ts) {
          groups.delete(id);
          drop(group);
        }
      }
    },
  };
}

/** The sum of named weights, and each as a reason, largest first. */
export function weigh(
  findings: readonly Finding[],
  hosts: ReadonlySet<string>,
  settings: CandidateSettings,
): { weight: number; reasons: Words[] } {
  const { weights } = settings;
  const reasons: { weight: number; words: Words }[] = [];
  const levels = ['critical', 'high', 'medium', 'low', 'informational'] as const;
  // Findings of one rule tell the same thing again: each further one counts less.
  const seen = new Map<string, number>();
  const ordered = [...findings].sort(
    (a, b) => levels.indexOf(a.level) - levels.indexOf(b.level) || b.confidence - a.confidence || (a.id < b.id ? -1 : 1),
  );
  const perLevel = new Map<string, { weight: number; count: number; rules: Map<string, string | Words> }>();
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
    const values = { count, level: { text: `detect.level.${level}` }, rules: [...rules.values()].slice(0, 5) };
    reasons.push({ weight, words: { text: 'detect.candidate.level', values } });
  }
  const strong = findings.filter((finding) => finding.level !== 'informational');
  const tactics = new Set(strong.flatMap((finding) => finding.tactic));
  if (tactics.size > 1) {
    reasons.push({
      weight: weights.stage * (tactics.size - 1),
      words: {
        text: 'detect.candidate.stages',
        values: { count: tactics.size, tactics: [...tactics].map((tactic) => ({ text: `detect.tactic.${tactic}` })) },
      },
    });
  }
  const harm = findings.find((finding) => finding.harm !== null)?.harm;
  if (harm)
    reasons.push({
      weight: weights.harm,
      words: { text: 'detect.candidate.harm', values: { harm: { text: `detect.harm.${harm}` } } },
    });
  const kinds = new Set(strong.map((finding) => finding.rule.kind));
  if (kinds.size > 1) {
    const [one, other] = [...kinds].sort();
    reasons.push({
      weight: weights.kinds * (kinds.size - 1),
      words: {
        text: 'detect.candidate.kinds',
        values: {
          kinds: {
            text: 'detect.candidate.kind-pair',
            values: { one: { text: `detect.kind.${one!}` }, other: { text: `detect.kind.${other!}` } },
          },
        },
      },
    });
  }
  if (hosts.size > 1) {
    reasons.push({
      weight: weights.host * Math.min(hosts.size - 1, tiesMax),
      words: { text: 'detect.candidate.hosts', values: { count: hosts.size, hosts: [...hosts].slice(0, 5) } },
    });
  }
  reasons.sort((a, b) => b.weight - a.weight);
  const weight = reasons.reduce((sum, reason) => sum + reason.weight, 0);
  return { weight: Math.round(weight * 100) / 100, reasons: reasons.map(({ words }) => words) };
}
