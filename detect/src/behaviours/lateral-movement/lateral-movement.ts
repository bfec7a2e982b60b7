/** Movement between inside hosts: a host reaches others by remote administration that it never reached, or starts programs there. See README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import { BoundedMap } from '../../bounded.ts';
import { ageWords, sureness } from '../age.ts';
import { behaviour, count, flowOf, latenessMax, type Flow } from '../behaviour.ts';
import { Evidence } from '../evidence.ts';

/** Inside hosts whose habits are remembered, about 10 KB when full: 200 MB at the very worst, 20 MB as a rule. */
const sourcesMax = 20_000;

/** Hosts and services that one host is known to administer. */
const knownMax = 512;

/** Servers whose clients are counted, and clients counted of each. */
const serversMax = 20_000;
const clientsCounted = 16;

/** Pairs that started something on another host. */
const pairsMax = 10_000;

/** Remote administration: SSH, RPC, SMB, RDP, WinRM. */
const services: { readonly [port: number]: string } = {
  22: 'SSH',
  135: 'RPC',
  445: 'SMB',
  3389: 'RDP',
  5985: 'WinRM',
  5986: 'WinRM',
};

/** Calls that run something on the other host, or take its secrets: interface and operation, with ATT&CK's technique. */
const calls: readonly { endpoint: RegExp; operation: RegExp; technique: string; tactic: string }[] = [
  {
    endpoint: /^svcctl$/,
    operation: /^R?(?:CreateService|StartService|ChangeServiceConfig)/,
    technique: 'T1569.002',
    tactic: 'execution',
  },
  {
    endpoint: /^(?:atsvc|ITaskSchedulerService)$/i,
    operation: /^(?:NetrJobAdd|SchRpcRegisterTask|SchRpcRun)/,
    technique: 'T1053.005',
    tactic: 'execution',
  },
  { endpoint: /^IWbemServices$/i, operation: /^ExecMethod/, technique: 'T1047', tactic: 'execution' },
  { endpoint: /^drsuapi$/, operation: /^DRSGetNCChanges$/, technique: 'T1003.006', tactic: 'credential-access' },
  { endpoint: /^winreg$/, operation: /^BaseRegSaveKey/, technique: 'T1003.002', tactic: 'credential-access' },
];

type Source = {
  since: Seconds;
  /** Hosts and services it reached before, and those that are new within the window. */
  known: Set<string>;
  fresh: Map<string, { ts: Seconds; target: string; service: string }>;
  evidence: Evidence;
};

export const lateralMovement = behaviour({
  id: 'lateral-movement',
  technique: ['T1003.002', 'T1003.006', 'T1021', 'T1021.002', 'T1047', 'T1053.005', 'T1569.002'],
  logs: ['conn', 'ipfix', 'dce_rpc'],
  parameters: ['hostsMin', 'within', 'learnSeconds', 'fullSeconds', 'commonClients', 'surenessYoung', 'surenessOld'],
  start({ parameters, inside, rule, sight }) {
    const sources = new BoundedMap<string, Source>(sourcesMax);
    const servers = new BoundedMap<string, Set<string>>(serversMax);
    const started = new BoundedMap<string, Evidence>(pairsMax);
    let firstAt = Infinity;

    const pushCall = (flow: Flow, record: AnyRecord): void => {
      const { endpoint, operation } = record;
      if (typeof endpoint !== 'string' || typeof operation !== 'string') return;
      const call = calls.find((of) => of.endpoint.test(endpoint.slice(0, 64)) && of.operation.test(operation.slice(0, 64)));
      if (!call) return;
      const key = `${flow.source} ${flow.target} ${call.technique}`;
      let evidence = started.touch(key);
      if (!evidence) {
        evidence = new Evidence();
        started.set(key, evidence);
      }
      evidence.add(flow);
      const told = evidence.tell();
      if (!told) return;
      sight({
        rule,
        ...told,
        subject: key,
        technique: [call.technique, 'T1021.002'],
        tactic: [call.tactic, 'lateral-movement'],
        // Administrators and their tools do so every day; copying a directory's secrets is done by its controllers among themselves only.
        level: call.technique === 'T1003.006' || call.technique === 'T1003.002' ? 'medium' : 'low',
        confidence: 0.5,
        explanation: {
          text: 'detect.lateral-movement.call',
          values: {
            source: flow.source,
            target: flow.target,
            endpoint: endpoint.slice(0, 64),
            operation: operation.slice(0, 64),
            count: evidence.count,
          },
        },
        source: flow.source,
        targets: [flow.target],
        names: [],
        harm: null,
      });
    };

    return {
      evictions: () => sources.evictions + servers.evictions,
      push(log, record) {
        const flow = flowOf(log, record);
        if (!flow || inside(flow.source) !== 'inside' || inside(flow.target) !== 'inside' || flow.source === flow.target) return;
        if (log === 'dce_rpc') {
          pushCall(flow, record);
          return;
        }
        const service = services[flow.port];
        // Only who was let in has moved; a refused or silent host is the scan's matter.
        if (
          service === undefined ||
          record['proto'] !== 'tcp' ||
          count(record['orig_bytes']) === 0 ||
          count(record['resp_bytes']) === 0
        )
          return;
        firstAt = Math.min(firstAt, flow.ts);
        // Servers that many use are no step: file servers, directories.
        const server = `${flow.target} ${service}`;
        const clients = servers.touch(server);
        if (!clients) servers.set(server, new Set([flow.source]));
        else if (clients.size < clientsCounted) clients.add(flow.source);
        let source = sources.touch(flow.source);
        if (!source) {
          source = { since: flow.ts, known: new Set(), fresh: new Map(), evidence: new Evidence() };
          sources.set(flow.source, source);
        }
        source.since = Math.min(source.since, flow.ts);
        if (source.known.has(server)) return;
        const watched = flow.ts - firstAt;
        for (const [key, { ts }] of source.fresh) {
          if (ts >= flow.ts - parameters.within) break;
          source.fresh.delete(key);
          if (source.known.size < knownMax) source.known.add(key);
        }
        // While the network is learned everything is new.
        if (watched < parameters.learnSeconds) {
          if (source.known.size < knownMax) source.known.add(server);
          return;
        }
        if (source.fresh.has(server) || source.fresh.size >= knownMax) return;
        if (source.fresh.size === 0) source.evidence = new Evidence();
        source.fresh.set(server, { ts: flow.ts, target: flow.target, service });
        source.evidence.add(flow);
        const steps = [...source.fresh].filter(([key]) => (servers.peek(key)?.size ?? 0) <= parameters.commonClients);
        const hosts = new Set(steps.map(([, { target }]) => target));
        // Who administers many as a habit may take more on.
        const usual = new Set([...source.known].map((key) => key.split(' ')[0])).size;
        if (hosts.size < parameters.hostsMin || hosts.size <= usual / 2) return;
        const told = source.evidence.tell();
        if (!told) return;
        sight({
          rule,
          ...told,
          subject: flow.source,
          technique: ['T1021'],
          tactic: ['lateral-movement'],
          level: 'medium',
          confidence: sureness(watched, {
            young: parameters.surenessYoung,
            old: parameters.surenessOld,
            full: parameters.fullSeconds,
          }),
          explanation: {
            text: 'detect.lateral-movement.fan-out',
            values: {
              source: flow.source,
              hosts: hosts.size,
              services: [...new Set(steps.map(([, of]) => of.service))].sort().join(', '),
              usual,
              minutes: Math.max(1, Math.round((told.to - told.from) / 60)),
              age: ageWords(watched),
            },
          },
          source: flow.source,
          targets: hosts,
          names: [],
          harm: null,
        });
      },
      advance(ts) {
        // Habits are kept as long as there is room; only what was started is forgotten after a day.
        for (const [key, { to }] of started.entries()) if (to + 86_400 + latenessMax < ts) started.delete(key);
      },
    };
  },
});
