/** Vain calls: a host asks one outside server again and again, and is always refused or not answered. See README.md. */

import type { Seconds } from '@forewarn/base/time';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, flowOf, latenessMax } from '../behaviour.ts';
import { Evidence } from '../evidence.ts';
import { outcome } from '../scan/scan.ts';

/** Pairs of inside host and outside server watched at once, about 3 KB each when told. */
const pairsMax = 50_000;

type Pair = { evidence: Evidence; failed: number; last: Seconds };

export const reconnecting = behaviour({
  id: 'reconnecting',
  technique: ['T1008', 'T1071'],
  logs: ['conn', 'ipfix'],
  parameters: ['callsMin', 'within', 'clientsMax', 'stubborn'],
  start({ parameters, inside, prevalence, rule, sight }) {
    const pairs = new BoundedMap<string, Pair>(pairsMax);
    return {
      evictions: () => pairs.evictions,
      push(log, record) {
        if (record['proto'] !== 'tcp') return;
        const result = outcome(record);
        const flow = result && flowOf(log, record);
        if (!flow || inside(flow.source) !== 'inside' || inside(flow.target) !== 'outside') return;
        const key = `${flow.source} ${flow.target} ${flow.port}`;
        if (result === 'answered') {
          pairs.delete(key);
          return;
        }
        let pair = pairs.touch(key);
        if (!pair || flow.ts - pair.last > parameters.within) {
          pair = { evidence: new Evidence(), failed: 0, last: flow.ts };
          pairs.set(key, pair);
        }
        pair.failed++;
        pair.last = Math.max(pair.last, flow.ts);
        pair.evidence.add(flow);
        if (pair.failed < parameters.callsMin || prevalence.clientsOf(flow.target) > parameters.clientsMax) return;
        const told = pair.evidence.tell();
        if (!told) return;
        sight({
          rule,
          ...told,
          subject: key,
          technique: ['T1071', 'T1008'],
          tactic: ['command-and-control'],
          // A program whose server is gone does so too; who goes on for hundreds of times at a port of its own is worth a look.
          level: pair.failed >= parameters.stubborn && flow.port !== 443 && flow.port !== 80 ? 'medium' : 'low',
          confidence: pair.failed >= parameters.stubborn ? 0.55 : 0.4,
          explanation: {
            text: 'detect.reconnecting.calls',
            values: {
              source: flow.source,
              target: flow.target,
              port: flow.port,
              count: pair.failed,
              minutes: Math.max(1, Math.round((told.to - told.from) / 60)),
              seconds: Math.round((10 * (told.to - told.from)) / Math.max(1, pair.failed - 1)) / 10,
            },
          },
          source: flow.source,
          targets: [flow.target],
          names: prevalence.namesOf(flow.target),
          harm: null,
        });
      },
      advance(ts) {
        for (const [key, { last }] of pairs.entries()) if (last + parameters.within + latenessMax < ts) pairs.delete(key);
      },
    };
  },
});
