/** Scans that no short look shows: a host that asks one after the other over a day, and many that share the asking. See README.md. */

import type { Seconds } from '@forewarn/base/time';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, flowOf, latenessMax, type Flow } from '../behaviour.ts';
import { Evidence } from '../evidence.ts';
import { outcome } from '../scan/scan.ts';

/** Pairs of source and port watched at once, 300 bytes as a rule, 20 KB when full of hosts. */
const seekersMax = 50_000;

/** Hosts remembered of all together, about 100 bytes each: 50 MB. */
const hostsMax = 500_000;

/** Hosts remembered of one; a scan that has met so many is told long since. */
const ownHostsMax = 1_024;

/** Networks under a shared scan watched at once, and sources remembered of each. */
const networksMax = 5_000;
const sourcesMax = 256;

type Seeker = {
  failed: Map<string, Seconds>;
  answered: Set<string>;
  /** Unanswered questions of late, to leave fast scans to the fast method. */
  late: Seconds[];
  evidence: Evidence;
};

type Network = { since: Seconds; last: Seconds; sources: Map<string, Set<string>>; evidence: Evidence };

/** The network around an address as scanners divide it: /24, or /64. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address.slice(0, address.lastIndexOf('.'));
  const [head = ''] = address.split('::');
  return head.split(':').slice(0, 4).join(':');
}

export const slowScan = behaviour({
  id: 'slow-scan',
  technique: ['T1046', 'T1595.001'],
  logs: ['conn', 'ipfix'],
  parameters: [
    'hostsMin',
    'within',
    'failedShare',
    'burstHosts',
    'burstWithin',
    'sharersMin',
    'sharerHosts',
    'sharedHosts',
    'overlapMax',
    'sharedWithin',
  ],
  start({ parameters, inside, prevalence, rule, sight }) {
    let held = 0;
    const seekers = new BoundedMap<string, Seeker>(seekersMax, (_, seeker) => {
      held -= seeker.failed.size;
    });
    const networks = new BoundedMap<string, Network>(networksMax);

    const pushSlow = (flow: Flow, answered: boolean): void => {
      const key = `${flow.source} ${flow.port}`;
      let seeker = seekers.touch(key);
      if (!seeker) {
        if (answered) return;
        seeker = { failed: new Map(), answered: new Set(), late: [], evidence: new Evidence() };
        seekers.set(key, seeker);
      }
      if (answered) {
        if (seeker.answered.size < ownHostsMax) seeker.answered.add(flow.target);
        return;
      }
      for (const [host, ts] of seeker.failed) {
        if (ts >= flow.ts - parameters.within) break;
        seeker.failed.delete(host);
        held--;
      }
      if (seeker.failed.has(flow.target) || seeker.failed.size >= ownHostsMax) return;
      while (seeker.late.length > 0 && seeker.late[0]! < flow.ts - parameters.burstWithin) seeker.late.shift();
      if (seeker.late.length < ownHostsMax) seeker.late.push(flow.ts);
      // A burst is a fast scan, which is told as one; what it met does not make a slow one.
      if (seeker.late.length >= parameters.burstHosts) {
        held -= seeker.failed.size;
        seeker.failed.clear();
        if (seeker.evidence.window === undefined) seeker.evidence = new Evidence();
        return;
      }
      seeker.failed.set(flow.target, flow.ts);
      seeker.evidence.add(flow);
      held++;
      while (held > hostsMax && seekers.size > 1) {
        const [oldest, old] = seekers.entries().next().value!;
        seekers.delete(oldest);
        seekers.evictions++;
        held -= old.failed.size;
      }
      const hosts = seeker.failed.size;
      if (hosts < parameters.hostsMin || hosts < parameters.failedShare * (hosts + seeker.answered.size)) return;
      const told = seeker.evidence.tell();
      if (!told) return;
      const fromInside = inside(flow.source) === 'inside';
      sight({
        rule,
        ...told,
        subject: key,
        technique: [fromInside ? 'T1046' : 'T1595.001'],
        tactic: [fromInside ? 'discovery' : 'reconnaissance'],
        level: fromInside ? 'medium' : 'informational',
        confidence: 0.7,
        explanation: {
          text: 'detect.slow-scan.one',
          values: {
            source: flow.source,
            port: flow.port,
            hosts,
            answered: seeker.answered.size,
            hours: Math.round((told.to - told.from) / 360) / 10,
            minutes: Math.max(1, Math.round((told.to - told.from) / 60 / Math.max(1, hosts - 1))),
          },
        },
        source: flow.source,
        targets: seeker.failed.keys(),
        names: [],
        harm: null,
      });
    };

    const pushShared = (flow: Flow): void => {
      const network = networkOf(flow.target);
      const fromInside = inside(flow.source) === 'inside';
      const key = `${fromInside ? 'in' : 'out'} ${network} ${flow.port}`;
      let of = networks.touch(key);
      if (!of || flow.ts - of.since > parameters.sharedWithin) {
        of = { since: flow.ts, last: flow.ts, sources: new Map(), evidence: new Evidence() };
        networks.set(key, of);
      }
      of.last = Math.max(of.last, flow.ts);
      let own = of.sources.get(flow.source);
      if (!own) {
        if (of.sources.size >= sourcesMax) return;
        own = new Set();
        of.sources.set(flow.source, own);
      }
      if (own.has(flow.target) || own.size >= parameters.burstHosts) return;
      own.add(flow.target);
      of.evidence.add(flow);
      const sharers = [...of.sources].filter(
        ([, hosts]) => hosts.size >= parameters.sharerHosts && hosts.size < parameters.burstHosts,
      );
      if (sharers.length < parameters.sharersMin) return;
      const all = new Set(sharers.flatMap(([, hosts]) => [...hosts]));
      const asked = sharers.reduce((sum, [, hosts]) => sum + hosts.size, 0);
      if (all.size < parameters.sharedHosts || asked > parameters.overlapMax * all.size) return;
      const told = of.evidence.tell();
      if (!told) return;
      const [first] = sharers.sort((a, b) => b[1].size - a[1].size || (a[0] < b[0] ? -1 : 1))[0]!;
      sight({
        rule,
        ...told,
        subject: key,
        technique: [fromInside ? 'T1046' : 'T1595.001'],
        tactic: [fromInside ? 'discovery' : 'reconnaissance'],
        level: fromInside ? 'high' : 'low',
        confidence: 0.7,
        explanation: {
          text: 'detect.slow-scan.shared',
          values: {
            sources: sharers.length,
            examples: sharers
              .slice(0, 5)
              .map(([address]) => address)
              .join(', '),
            network: flow.target.includes(':') ? `${network}::/64` : `${network}.0/24`,
            port: flow.port,
            hosts: all.size,
            overlap: Math.round((100 * (asked - all.size)) / asked),
            minutes: Math.max(1, Math.round((told.to - told.from) / 60)),
          },
        },
        source: first,
        targets: all,
        names: [],
        harm: null,
      });
    };

    return {
      evictions: () => seekers.evictions + networks.evictions,
      push(log, record) {
        const result = outcome(record);
        const flow = result && record['proto'] === 'tcp' ? flowOf(log, record) : undefined;
        if (!flow || inside(flow.target) === 'nowhere' || inside(flow.source) === 'nowhere') return;
        if (result === 'failed' && prevalence.lookedUp(flow.source, flow.target)) return;
        pushSlow(flow, result === 'answered');
        // Only own networks are watched for shared scans: of others the sensor sees a part only.
        if (result === 'failed' && inside(flow.target) === 'inside') pushShared(flow);
      },
      advance(ts) {
        for (const [key, seeker] of seekers.entries()) {
          const last = Math.max(seeker.evidence.to, seeker.late.at(-1) ?? -Infinity);
          if (last + parameters.within + latenessMax < ts) {
            held -= seeker.failed.size;
            seekers.delete(key);
          }
        }
        for (const [key, of] of networks.entries())
          if (of.last + parameters.sharedWithin + latenessMax < ts) networks.delete(key);
      },
    };
  },
});
