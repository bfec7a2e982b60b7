/** Abuse of own systems against others: an inside host floods, sends mail everywhere, or tries strangers by the dozen. See README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, count, flowOf, latenessMax, type Flow } from '../behaviour.ts';
import { Evidence } from '../evidence.ts';
import { outcome } from '../scan/scan.ts';

/** Entries of each table: inside hosts, or pairs of them with a place, that do something of the kind now; at most 10 KB each. */
const entriesMax = 20_000;

/** Strangers remembered of one host and port. */
const strangersMax = 512;

/** Hosts that answer mail themselves. */
const mailServersMax = 10_000;

const day = 86_400;

type Flood = { since: Seconds; flows: number; packets: number; answers: number; evidence: Evidence };
type Crowd = { strangers: Map<string, { ts: Seconds; failed: boolean }>; evidence: Evidence; days: Set<number> };

export const outboundAbuse = behaviour({
  id: 'outbound-abuse',
  technique: ['T1498', 'T1566', 'T1595'],
  logs: ['conn', 'ipfix'],
  parameters: [
    'floodWithin',
    'floodFlows',
    'floodPackets',
    'floodAnswers',
    'mailHosts',
    'mailWithin',
    'habitDays',
    'strangers',
    'strangersFailed',
    'strangersWithin',
  ],
  start({ parameters, inside, prevalence, rule, sight }) {
    const floods = new BoundedMap<string, Flood>(entriesMax);
    const crowds = new BoundedMap<string, Crowd>(entriesMax);
    const mailServers = new BoundedMap<string, true>(mailServersMax);

    const pushFlood = (flow: Flow, record: AnyRecord, answered: boolean): void => {
      const key = `${flow.source} ${flow.target}`;
      let flood = floods.touch(key);
      if (!flood || flow.ts - flood.since > parameters.floodWithin) {
        const window = flood?.evidence.window;
        flood = {
          since: flow.ts,
          flows: 0,
          packets: 0,
          answers: 0,
          evidence: flood && window !== undefined ? flood.evidence : new Evidence(),
        };
        floods.set(key, flood);
      }
      flood.flows++;
      flood.packets += count(record['orig_pkts']);
      flood.answers += answered ? Math.max(1, count(record['resp_pkts'])) : 0;
      flood.evidence.add(flow);
      if (flood.flows < parameters.floodFlows && flood.packets < parameters.floodPackets) return;
      // What a peer answers is a transfer or a test, whatever its size.
      if (flood.answers > parameters.floodAnswers * flood.packets) return;
      tell('flood', key, flood.evidence, flow, [flow.target], {
        count: flood.flows,
        packets: flood.packets,
        answers: flood.answers,
      });
    };

    /** Notes a stranger that was asked on a port; answers the crowd of those within the window. */
    const stranger = (kind: string, flow: Flow, failed: boolean, within: Seconds): Crowd => {
      const key = `${kind} ${flow.source} ${flow.port}`;
      let crowd = crowds.touch(key);
      if (!crowd) {
        crowd = { strangers: new Map(), evidence: new Evidence(), days: new Set() };
        crowds.set(key, crowd);
      }
      for (const [address, { ts }] of crowd.strangers) {
        if (ts >= flow.ts - within && crowd.strangers.size < strangersMax) break;
        crowd.strangers.delete(address);
      }
      // After a rest it is another crowd.
      if (flow.ts - crowd.evidence.to > within) crowd.evidence = new Evidence();
      const known = crowd.strangers.get(flow.target);
      if (!known) {
        crowd.strangers.set(flow.target, { ts: flow.ts, failed });
        crowd.evidence.add(flow);
      } else if (!failed) known.failed = false;
      return crowd;
    };

    const tell = (
      kind: 'flood' | 'mail' | 'strangers',
      subject: string,
      evidence: Evidence,
      flow: Flow,
      targets: Iterable<string>,
      values: { [name: string]: number },
    ): void => {
      const told = evidence.tell();
      if (!told) return;
      sight({
        rule,
        ...told,
        subject: `${kind} ${subject}`,
        technique: [{ flood: 'T1498', mail: 'T1566', strangers: 'T1595' }[kind]],
        tactic: [{ flood: 'impact', mail: 'initial-access', strangers: 'reconnaissance' }[kind]],
        level: kind === 'flood' ? 'high' : 'medium',
        confidence: kind === 'flood' ? 0.8 : 0.6,
        explanation: {
          text: `detect.outbound-abuse.${kind}`,
          values: {
            source: flow.source,
            target: flow.target,
            port: flow.port,
            seconds: Math.max(1, Math.round(told.to - told.from)),
            ...values,
          },
        },
        source: flow.source,
        targets,
        names: [],
        harm: null,
      });
    };

    return {
      evictions: () => floods.evictions + crowds.evictions,
      push(log, record) {
        const flow = flowOf(log, record);
        if (!flow) return;
        const { proto } = record;
        const mailPort = flow.port === 25 || flow.port === 465 || flow.port === 587;
        if (mailPort && inside(flow.target) === 'inside' && count(record['resp_bytes']) > 0) mailServers.set(flow.target, true);
        if (inside(flow.source) !== 'inside' || inside(flow.target) !== 'outside') return;
        const result = proto === 'tcp' ? outcome(record) : undefined;
        const answered = proto === 'tcp' ? result === 'answered' : count(record['resp_pkts']) > 0;
        // A sensor that sees one direction only says nothing about answers.
        if (proto === 'tcp' && result === undefined) return;
        if (proto === 'tcp' || proto === 'udp' || proto === 'icmp') pushFlood(flow, record, answered);
        if (proto !== 'tcp') return;
        if (flow.port === 25) {
          if (mailServers.peek(flow.source)) return;
          const crowd = stranger('mail', flow, !answered, parameters.mailWithin);
          if (crowd.strangers.size < parameters.mailHosts) return;
          crowd.days.add(Math.floor(flow.ts / day));
          if (crowd.days.size > parameters.habitDays) return;
          tell('mail', flow.source, crowd.evidence, flow, crowd.strangers.keys(), { count: crowd.strangers.size });
        } else if (!prevalence.lookedUp(flow.source, flow.target)) {
          const crowd = stranger('strangers', flow, !answered, parameters.strangersWithin);
          const failed = [...crowd.strangers.values()].filter((of) => of.failed).length;
          if (crowd.strangers.size < parameters.strangers || failed < parameters.strangersFailed) return;
          tell('strangers', `${flow.source} ${flow.port}`, crowd.evidence, flow, crowd.strangers.keys(), {
            count: crowd.strangers.size,
            failed,
          });
        }
      },
      advance(ts) {
        for (const [key, { since }] of floods.entries())
          if (since + parameters.floodWithin + latenessMax < ts) floods.delete(key);
        for (const [key, { evidence, days }] of crowds.entries())
          if (evidence.to + (days.size > 0 ? 7 * day : parameters.mailWithin) + latenessMax < ts) crowds.delete(key);
      },
    };
  },
});
