/** Scans: a host that asks many hosts or ports and is mostly not answered. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { RecordReference } from '@forewarn/model/finding';
import type { Words } from '@forewarn/model/text';
import type { AnyRecord } from '@forewarn/model/records/record';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, count, flowOf, hourOf, latenessMax, type Flow } from '../behaviour.ts';

/** Sources watched at once. Every host that opens a connection is one; a large campus has fewer inside, and the rest are passers-by. */
const sourcesMax = 50_000;

/** Hosts remembered of one source; a scan that has met so many is told long since. */
const hostsMax = 4_096;

/** Ports remembered of one host. */
const portsMax = 1_024;

/** Pairs of host and port remembered of all sources, about 60 bytes each: 120 MB when full. */
const pairsMax = 2_000_000;

const referencesMax = 100;

type Host = { failed: Set<number>; answered: Set<number> };

type Source = {
  /** Logarithm of the likelihood ratio: scanner against benign. */
  walk: number;
  hosts: Map<string, Host>;
  pairs: number;
  failedHosts: number;
  failedPairs: number;
  /** First and last unanswered question. */
  firstFailure: Seconds;
  lastFailure: Seconds;
  ports: Map<number, number>;
  references: RecordReference[];
  window: Seconds | undefined;
};

/** Whether the question was answered; `undefined` when the flow says nothing about it. */
export function outcome(record: AnyRecord): 'answered' | 'failed' | undefined {
  const { proto, conn_state: state, history } = record;
  if (proto === 'icmp') {
    // An echo request: the type stands where ports do (RFC 792: 8, RFC 4443: 128).
    if (record['id.orig_p'] !== 8 && record['id.orig_p'] !== 128) return undefined;
    return count(record['resp_pkts']) > 0 ? 'answered' : 'failed';
  }
  if (proto !== 'tcp') return undefined;
  switch (state) {
    case 'S0':
      // A sensor that sees one direction only writes S0 for everything; then the originator goes on after its SYN.
      return typeof history === 'string' && /[ADF]/.test(history) ? undefined : 'failed';
    case 'SH':
      // A lone FIN is the rest of a connection that began before the capture, and has this state too.
      return typeof history === 'string' && !history.includes('S') ? undefined : 'failed';
    case 'REJ':
    case 'RSTOS0':
      return 'failed';
    case 'S1':
    case 'SF':
    case 'S2':
    case 'S3':
    case 'RSTO':
    case 'RSTR':
      return 'answered';
    default:
      return undefined;
  }
}

export const scan = behaviour({
  id: 'scan',
  technique: ['T1046', 'T1595.001'],
  logs: ['conn', 'ipfix'],
  parameters: ['answeredBenign', 'answeredScanner', 'falsePositives', 'detection', 'hostsMin', 'portsMin', 'idle'],
  start({ parameters, inside, prevalence, rule, sight }) {
    const onFailure = Math.log((1 - parameters.answeredScanner) / (1 - parameters.answeredBenign));
    const onAnswer = Math.log(parameters.answeredScanner / parameters.answeredBenign);
    const upper = Math.log(parameters.detection / parameters.falsePositives);
    const lower = Math.log((1 - parameters.detection) / (1 - parameters.falsePositives));
    let pairs = 0;
    const sources = new BoundedMap<string, Source>(sourcesMax, (_, source) => {
      pairs -= source.pairs;
    });

    const forget = (source: Source): void => {
      pairs -= source.pairs;
      Object.assign(source, fresh());
    };

    const add = (source: Source, flow: Flow, answered: boolean): void => {
      let host = source.hosts.get(flow.target);
      if (!host) {
        // Only the first contact with a host is a step of the walk: later ones depend on it.
        source.walk = Math.max(lower, source.walk + (answered ? onAnswer : onFailure));
        if (source.hosts.size >= hostsMax) return;
        host = { failed: new Set(), answered: new Set() };
        source.hosts.set(flow.target, host);
        source.pairs++;
        pairs++;
      }
      const ports = answered ? host.answered : host.failed;
      if (ports.has(flow.port) || ports.size >= portsMax) return;
      if (!answered) {
        if (host.failed.size === 0) source.failedHosts++;
        source.failedPairs++;
        source.ports.set(flow.port, (source.ports.get(flow.port) ?? 0) + 1);
      }
      ports.add(flow.port);
      source.pairs++;
      pairs++;
    };

    return {
      evictions: () => sources.evictions,
      push(log, record) {
        const result = outcome(record);
        const flow = result && flowOf(log, record);
        if (!flow || inside(flow.target) === 'nowhere' || inside(flow.source) === 'nowhere') return;
        if (result === 'failed' && prevalence.lookedUp(flow.source, flow.target)) return;
        let source = sources.touch(flow.source);
        if (!source) {
          source = fresh();
          sources.set(flow.source, source);
        }
        // What failed long ago has nothing to do with what fails now.
        if (flow.ts - source.lastFailure > parameters.idle && source.failedPairs > 0) forget(source);
        const before = source.failedPairs;
        add(source, flow, result === 'answered');
        while (pairs > pairsMax && sources.size > 1) {
          const [oldest, old] = sources.entries().next().value!;
          sources.delete(oldest);
          sources.evictions++;
          pairs -= old.pairs;
        }
        if (result === 'answered') {
          // The walk says benign: as with a new host, what failed before does not count any more.
          if (source.walk <= lower && source.window === undefined && source.failedPairs > 0) forget(source);
          return;
        }
        if (source.failedPairs === before && source.window === undefined) return;
        source.firstFailure = Math.min(source.firstFailure, flow.ts);
        source.lastFailure = Math.max(source.lastFailure, flow.ts);
        if (source.references.length < referencesMax) source.references.push(flow.reference);
        // Scanners ask many hosts for one service; peers of a file exchange are asked for a port of their own each.
        const wide =
          source.walk >= upper &&
          source.failedHosts >= parameters.hostsMin &&
          (source.ports.get(flow.port) ?? 0) >= parameters.hostsMin;
        const own = source.hosts.get(flow.target);
        const deep = own !== undefined && own.failed.size >= parameters.portsMin && own.failed.size >= 2 * own.answered.size;
        if (source.window === undefined && !wide && !deep) return;
        const first = source.window === undefined;
        source.window ??= hourOf(source.firstFailure);
        const fromInside = inside(flow.source) === 'inside';
        sight({
          rule,
          subject: flow.source,
          window: source.window,
          from: source.firstFailure,
          to: source.lastFailure,
          // Active Scanning before an intrusion, Network Service Discovery after it.
          technique: [fromInside ? 'T1046' : 'T1595.001'],
          tactic: [fromInside ? 'discovery' : 'reconnaissance'],
          // The whole Internet is scanned all day; a scan from inside has somebody behind it.
          level: fromInside ? 'high' : 'low',
          confidence: fromInside ? 0.9 : 0.8,
          explanation: explain(flow.source, source, parameters),
          source: flow.source,
          targets: first ? failedHosts(source) : [flow.target],
          names: [],
          records: first ? source.references : [flow.reference],
          recordCount: first ? source.failedPairs : 1,
          harm: null,
        });
      },
      advance(ts) {
        for (const [address, source] of sources.entries()) {
          if (source.lastFailure + parameters.idle + latenessMax < ts) {
            pairs -= source.pairs;
            sources.delete(address);
          }
        }
      },
    };
  },
});

function fresh(): Source {
  return {
    walk: 0,
    hosts: new Map(),
    pairs: 0,
    failedHosts: 0,
    failedPairs: 0,
    firstFailure: Infinity,
    lastFailure: -Infinity,
    ports: new Map(),
    references: [],
    window: undefined,
  };
}

function* failedHosts(source: Source): Iterable<string> {
  for (const [address, host] of source.hosts) if (host.failed.size > 0) yield address;
}

function explain(address: string, source: Source, parameters: { answeredScanner: number }): Words {
  const ports = [...source.ports].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const hosts = source.failedHosts;
  // Few hosts and many ports: vertical; many hosts and few ports: horizontal; both: block (Staniford et al. 2002).
  const shape = hosts <= 3 ? 'vertical' : ports.length <= 3 ? 'horizontal' : 'block';
  const answered = source.hosts.size - hosts;
  return {
    text: `detect.scan.${shape}`,
    values: {
      source: address,
      hosts,
      failed: source.failedPairs,
      answered: Math.max(0, answered),
      ports: ports.length,
      portList: ports
        .slice(0, 8)
        .map(([port]) => port)
        .join(', '),
      seconds: Math.max(1, Math.round(source.lastFailure - source.firstFailure)),
      expected: Math.round(parameters.answeredScanner * 100),
    },
  };
}
