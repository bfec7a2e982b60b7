/** A protocol away from its port: told by content, not by number. See README.md. */

import type { Finding } from '@forewarn/model/finding';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, count, flowOf, latenessMax } from '../behaviour.ts';
import { Evidence } from '../evidence.ts';
import { controlling, homes, openEverywhere } from './ports.ts';

/** Pairs told or being counted, about 3 KB each. */
const pairsMax = 50_000;

const day = 86_400;

export const wrongPort = behaviour({
  id: 'wrong-port',
  technique: ['T1571'],
  logs: ['conn'],
  parameters: ['clientsMax'],
  start({ parameters, inside, prevalence, rule, sight }) {
    const pairs = new BoundedMap<string, Evidence>(pairsMax);
    return {
      evictions: () => pairs.evictions,
      push(log, record) {
        const { service } = record;
        if (typeof service !== 'string' || service === '' || service.length > 200) return;
        const names = service.split(',');
        // Of nested protocols (TLS in which HTTP) each must be away from home: TLS may carry anything at its own port.
        const found = names.find((name) => homes.has(name));
        if (found === undefined) return;
        const flow = flowOf(log, record);
        if (!flow || inside(flow.source) === 'nowhere' || inside(flow.target) === 'nowhere') return;
        if (names.some((name) => homes.get(name)?.includes(flow.port) || homes.get(name)?.includes(flow.sourcePort))) return;
        if (count(record['orig_bytes']) === 0 && count(record['resp_bytes']) === 0) return;
        const outward = inside(flow.source) === 'inside' && inside(flow.target) === 'outside';
        if (outward && prevalence.clientsOf(flow.target) > parameters.clientsMax) return;
        const key = `${flow.source} ${flow.target} ${flow.port} ${found}`;
        let evidence = pairs.touch(key);
        if (!evidence || flow.ts - evidence.from > day) {
          evidence = new Evidence();
          pairs.set(key, evidence);
        }
        evidence.add(flow);
        const told = evidence.tell();
        if (!told) return;
        const control = controlling.has(found);
        const hidden = openEverywhere.has(flow.port);
        const level: Finding['level'] = control && hidden && outward ? 'medium' : control && outward ? 'low' : 'informational';
        sight({
          rule,
          ...told,
          subject: key,
          technique: ['T1571'],
          tactic: ['command-and-control'],
          level,
          confidence: level === 'medium' ? 0.6 : level === 'low' ? 0.5 : 0.3,
          explanation: {
            text: hidden ? 'detect.wrong-port.hidden' : 'detect.wrong-port.away',
            values: {
              source: flow.source,
              target: flow.target,
              port: flow.port,
              service: found,
              home: homes.get(found)!.slice(0, 4).join(', '),
              count: evidence.count,
            },
          },
          source: flow.source,
          targets: [flow.target],
          names: prevalence.namesOf(flow.target),
          harm: null,
        });
      },
      advance(ts) {
        for (const [key, { to }] of pairs.entries()) if (to + day + latenessMax < ts) pairs.delete(key);
      },
    };
  },
});
