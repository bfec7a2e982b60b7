/**
 * Findings that belong together: of one inside host, and of the hosts it acted upon, within some hours. A group whose named weights
 * add up becomes a candidate for an incident, with the reasons in words; a single weak finding stays what it is.
 */

import { createHash } from 'node:crypto';
import type { Seconds } from '@forewarn/base/time';
import type { Finding, IncidentCandidate } from '@forewarn/model/finding';
import { BoundedMap } from './bounded.ts';
import type { CandidateSettings } from './candidates/settings.ts';
import { tiesMax, weigh } from './candidates/weigh.ts';
import { createInside } from './inside.ts';

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

/**
 * A group of up to so many findings is weighed anew with each; a larger one when it has grown by a twentieth, or when a finding shows more
 * than before: a thousandth repeat changes no weight that anybody could see, and weighing ten thousand findings takes some milliseconds.
 */
const weighedAlways = 256;

type Group = {
  id: string;
  findings: Map<string, Finding>;
  hosts: Set<string>;
  /** Inside hosts that its findings act upon. */
  reaches: Set<string>;
  from: Seconds;
  to: Seconds;
  proposed: boolean;
  /** What it amounted to when it was weighed last, with so many findings. */
  weighed: { findings: number; of: ReturnType<typeof weigh> } | undefined;
};

export function createCandidates(options: {
  settings: CandidateSettings;
  localNetworks?: readonly string[];
  /** The address that a host's name means, as far as it is known by now (`hosts.ts`). */
  addressOf?: (host: string) => string;
  sink: CandidateSink;
}): Candidates {
  const { settings, sink, addressOf = (host) => host } = options;
  const inside = createInside(options.localNetworks);
  /** Host to its latest group; a host's older group, past the window, is found by its findings only. */
  const byHost = new Map<string, Group>();
  const byFinding = new Map<string, Group>();
  /** Inside hosts that were acted upon, and the groups of those who did. */
  const reached = new Map<string, Set<Group>>();
  const groups = new BoundedMap<string, Group>(groupsMax, (_, group) => drop(group));

  const drop = (group: Group): void => {
    for (const host of group.hosts) if (byHost.get(host) === group) byHost.delete(host);
    for (const id of group.findings.keys()) if (byFinding.get(id) === group) byFinding.delete(id);
    for (const target of group.reaches) {
      const groupsOf = reached.get(target)!;
      groupsOf.delete(group);
      if (groupsOf.size === 0) reached.delete(target);
    }
  };

  const near = (group: Group, finding: Finding): boolean =>
    finding.from - group.to <= settings.window && group.from - finding.to <= settings.window;

  /** The inside hosts that a finding is about, by their addresses where these are known. */
  const hostsOf = (finding: Finding): string[] => {
    const source = addressOf(finding.source);
    if (inside(source) === 'inside') return [source];
    const targets = finding.targets.filter((target) => inside(target) === 'inside');
    if (targets.length > 0 && targets.length <= tiesMax) return targets;
    return finding.source === '' ? [] : [finding.source];
  };

  /** Groups of hosts that acted upon the host shortly before: what is found there may have come from them. */
  const callers = (host: string, finding: Finding): Group[] =>
    [...(reached.get(host) ?? [])].filter((group) => {
      if (group.hosts.has(host) || !near(group, finding)) return false;
      for (const earlier of group.findings.values()) {
        if (
          addressOf(earlier.source) !== host &&
          earlier.from <= finding.from &&
          finding.from - earlier.to <= settings.spread &&
          earlier.targets.includes(host)
        )
          return true;
      }
      return false;
    });

  const reach = (group: Group, finding: Finding): void => {
    for (const target of finding.targets) {
      if (group.reaches.has(target) || group.reaches.size >= hostsMax || inside(target) !== 'inside') continue;
      group.reaches.add(target);
      const groupsOf = reached.get(target);
      if (groupsOf) groupsOf.add(group);
      else reached.set(target, new Set([group]));
    }
  };

  const merge = (into: Group, from: Group): void => {
    for (const [id, finding] of from.findings) {
      if (into.findings.size >= findingsMax) break;
      into.findings.set(id, finding);
      byFinding.set(id, into);
      reach(into, finding);
    }
    for (const host of from.hosts) {
      if (into.hosts.size < hostsMax) into.hosts.add(host);
      byHost.set(host, into);
    }
    into.from = Math.min(into.from, from.from);
    into.to = Math.max(into.to, from.to);
    groups.delete(from.id);
    drop(from);
    into.weighed = undefined;
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
          // A name whose address became known since has a group of its own still.
          for (const own of [byHost.get(host), byHost.get(finding.source)]) if (own && near(own, finding)) met.add(own);
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
          group = {
            id,
            findings: new Map(),
            hosts: new Set(),
            reaches: new Set(),
            from: finding.from,
            to: finding.to,
            proposed: false,
            weighed: undefined,
          };
          groups.set(id, group);
        }
        for (const other of others) merge(group, other);
        for (const host of hosts) {
          if (host !== finding.source) group.hosts.delete(finding.source);
          if (group.hosts.size < hostsMax) group.hosts.add(host);
          byHost.set(host, group);
        }
        if (group.findings.size >= findingsMax) return;
        byFinding.set(finding.id, group);
      }
      const before = group.findings.get(finding.id);
      group.findings.set(finding.id, finding);
      reach(group, finding);
      group.from = Math.min(group.from, finding.from);
      group.to = Math.max(group.to, finding.to);
      groups.touch(group.id);
      const known = group.weighed;
      const small = group.findings.size <= weighedAlways || !known || group.findings.size > known.findings * 1.05;
      const graver = finding.harm !== (before?.harm ?? null) || finding.level !== (before?.level ?? finding.level);
      const weighed = small || graver ? weigh([...group.findings.values()], group.hosts, settings, inside) : known.of;
      if (weighed !== known?.of) group.weighed = { findings: group.findings.size, of: weighed };
      if (weighed.weight < settings.threshold && !group.proposed) return;
      group.proposed = true;
      sink.candidate({
        id: group.id,
        from: group.from,
        to: group.to,
        findings: [...group.findings.keys()],
        hosts: [...group.hosts],
        ...weighed,
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
