/** Names that a program made up: a host asks for many that do not exist and look like chance. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, flowOf, latenessMax } from '../behaviour.ts';
import { Evidence } from '../evidence.ts';
import { defaultModel } from './model.ts';
import { registered, scoreLabel } from './names.ts';

/** Clients watched at once, at most 4 KB each: 80 MB when all are full. Only clients that were told of a missing name are kept. */
const clientsMax = 20_000;

/** Registered names remembered of a client; more than any threshold. */
const domainsMax = 200;

/** Clients remembered of a missing name: what many ask for is a habit of the network, and the questions are all about fewer. */
const askersMax = 50_000;

type Client = {
  /** Missing names: when last, and how much they look made up. */
  domains: Map<string, { ts: Seconds; score: number }>;
  evidence: Evidence;
  /** A made-up name that was answered, once many were not. */
  answered: string | undefined;
};

export const generatedNames = behaviour({
  id: 'generated-names',
  technique: ['T1568.002'],
  logs: ['dns'],
  parameters: ['scoreMin', 'namesMin', 'shareMin', 'within', 'clientsMax'],
  start({ parameters, inside, rule, sight }) {
    const model = defaultModel();
    const clients = new BoundedMap<string, Client>(clientsMax);
    const askers = new BoundedMap<string, Set<string>>(askersMax);

    return {
      evictions: () => clients.evictions,
      push(log, record) {
        const { query, rcode, rcode_name: result, answers } = record;
        const missing = rcode === 3 || result === 'NXDOMAIN';
        const answered = Array.isArray(answers) && answers.length > 0;
        if ((!missing && !answered) || typeof query !== 'string') return;
        const flow = flowOf(log, record);
        if (!flow || inside(flow.source) !== 'inside') return;
        let client = clients.touch(flow.source);
        // Only who was told of a missing name is looked at.
        if (!client && !missing) return;
        const own = registered(query);
        if (!own) return;
        const score = scoreLabel(model, own.label);
        if (!client) {
          client = { domains: new Map(), evidence: new Evidence(), answered: undefined };
          clients.set(flow.source, client);
        }
        if (!missing) {
          if (client.evidence.window === undefined || score < parameters.scoreMin || client.domains.has(own.domain)) return;
          client.answered = own.domain;
        } else {
          const known = askers.touch(own.domain);
          if (!known) askers.set(own.domain, new Set([flow.source]));
          else if (known.size <= parameters.clientsMax) known.add(flow.source);
          if (known && known.size > parameters.clientsMax) return;
          for (const [domain, { ts }] of client.domains) if (ts < flow.ts - parameters.within) client.domains.delete(domain);
          if (client.domains.size >= domainsMax && !client.domains.has(own.domain)) return;
          client.domains.set(own.domain, { ts: flow.ts, score });
          if (score < parameters.scoreMin) return;
        }
        client.evidence.add(flow);
        const made = [...client.domains].filter(([, { score: of }]) => of >= parameters.scoreMin);
        const begun = client.evidence.window !== undefined;
        if (!begun && (made.length < parameters.namesMin || made.length < parameters.shareMin * client.domains.size)) return;
        const told = client.evidence.tell();
        if (!told) return;
        const names = made.map(([domain]) => domain);
        if (client.answered !== undefined) names.unshift(client.answered);
        sight({
          rule,
          ...told,
          subject: flow.source,
          technique: ['T1568.002'],
          tactic: ['command-and-control'],
          level: 'high',
          confidence: client.answered === undefined ? 0.75 : 0.85,
          explanation: {
            text: client.answered === undefined ? 'detect.generated-names.missing' : 'detect.generated-names.answered',
            values: {
              source: flow.source,
              count: made.length,
              all: client.domains.size,
              minutes: Math.max(1, Math.round((told.to - told.from) / 60)),
              examples: made
                .slice(-3)
                .map(([domain]) => domain)
                .join(', '),
              name: client.answered ?? '',
            },
          },
          source: flow.source,
          targets: [],
          names,
          harm: null,
        });
      },
      advance(ts) {
        for (const [address, { domains, evidence }] of clients.entries()) {
          const last = Math.max(evidence.to, ...[...domains.values()].map((domain) => domain.ts));
          if (last + parameters.within + latenessMax < ts) clients.delete(address);
        }
      },
    };
  },
});
