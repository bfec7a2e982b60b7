/** Somebody looks for telephones and exchanges by SIP: many hosts, or many names at one. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { RecordReference } from '@forewarn/model/finding';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, hourOf, latenessMax } from '../behaviour.ts';
import { messageOf } from '../inner-signalling/inner-signalling.ts';

/** Elements that ask, watched at once, some 20 KB each when full: 100 MB at the worst. */
const askersMax = 5_000;

/** Names or hosts remembered of one, as numbers: enough to tell many from few. */
const namesMax = 500;

const referencesMax = 50;

/** Answers that say: there is nobody of that name, or not without the right password. */
const refusals = new Set([401, 403, 404, 407, 410, 484, 604]);

/** Names that tools for such searches give themselves as a rule. */
const tools = /friendly-scanner|sipvicious|sipcli|sip-scan|sundayddr|vaxsip|pplsip|eyebeam scanner|iwar|sivus|gulp/i;

type Asked = { ts: Seconds; reached: boolean };
type Asker = {
  hosts: Map<string, Asked>;
  names: Map<string, Asked>;
  references: RecordReference[];
  tool: string;
  from: Seconds;
  window: Seconds | undefined;
};

export const sipEnumeration = behaviour({
  id: 'sip-enumeration',
  technique: ['T1046', 'T1087', 'T1595'],
  logs: ['sip'],
  parameters: ['within', 'namesMin', 'hostsMin', 'refusedShare', 'sure', 'toolSure'],
  start({ parameters, inside, rule, sight }) {
    const askers = new BoundedMap<string, Asker>(askersMax);

    const note = (of: Map<string, Asked>, key: string, ts: Seconds, reached: boolean): void => {
      const known = of.get(key);
      of.delete(key);
      if (of.size >= namesMax) of.delete(of.keys().next().value!);
      of.set(key, { ts, reached: reached || (known?.reached ?? false) });
    };

    /** Those that were asked within the window, and how many of them never answered as one answers an acquaintance. */
    const count = (of: Map<string, Asked>, since: Seconds): { all: number; missed: number } => {
      let all = 0;
      let missed = 0;
      for (const [key, asked] of of) {
        if (asked.ts < since) of.delete(key);
        else {
          all++;
          if (!asked.reached) missed++;
        }
      }
      return { all, missed };
    };

    return {
      evictions: () => askers.evictions,
      push(log, record) {
        const { method, status_code: status, uri, request_to: to, user_agent: agent } = record;
        if (method !== 'REGISTER' && method !== 'INVITE' && method !== 'OPTIONS' && method !== 'SUBSCRIBE') return;
        if (typeof status === 'number' && status < 200) return;
        const message = messageOf(log, record);
        if (!message) return;
        const { sender, receiver, flow } = message;
        const { ts, reference } = flow;
        let asker = askers.touch(sender);
        if (!asker) {
          asker = { hosts: new Map(), names: new Map(), references: [], tool: '', from: ts, window: undefined };
          askers.set(sender, asker);
        }
        if (typeof agent === 'string') asker.tool = tools.exec(agent.slice(0, 200))?.[0] ?? asker.tool;
        // Who is busy or does not pick up is there; who asks for a proof may be there.
        const isReached = typeof status === 'number' && status < 500 && !refusals.has(status);
        note(asker.hosts, receiver, ts, isReached);
        // A name may be a pseudonym: it is compared, never read.
        const name = method === 'REGISTER' ? to : uri;
        if (typeof name === 'string' && typeof status === 'number' && (isReached || refusals.has(status)))
          note(asker.names, `${receiver} ${name.slice(0, 100)}`, ts, isReached);
        if (isReached) return;
        if (asker.references.length < referencesMax) asker.references.push(reference);
        const since = ts - parameters.within;
        // Counting walks over some hundreds: only when there may be enough.
        const names = asker.names.size >= parameters.namesMin ? count(asker.names, since) : { all: 0, missed: 0 };
        const hosts = asker.hosts.size >= parameters.hostsMin ? count(asker.hosts, since) : { all: 0, missed: 0 };
        const isNames = names.missed >= parameters.namesMin && names.missed >= parameters.refusedShare * names.all;
        const isHosts = hosts.missed >= parameters.hostsMin && hosts.missed >= parameters.refusedShare * hosts.all;
        if (!isNames && !isHosts) return;
        const begun = asker.window !== undefined && ts - asker.window < 7_200;
        if (!begun) asker.window = hourOf(ts);
        const isOutside = inside(sender) !== 'inside';
        sight({
          rule,
          subject: `${sender} ${isHosts ? 'hosts' : 'names'}`,
          window: asker.window!,
          from: begun ? ts : Math.max(asker.from, since),
          to: ts,
          technique: isHosts ? [isOutside ? 'T1595' : 'T1046'] : ['T1087'],
          tactic: [isHosts && isOutside ? 'reconnaissance' : 'discovery'],
          level: isOutside && isHosts ? 'medium' : 'high',
          confidence: asker.tool === '' ? parameters.sure : parameters.toolSure,
          explanation: {
            text: `detect.sip-enumeration.${isHosts ? 'hosts' : 'names'}${asker.tool === '' ? '' : '-tool'}`,
            values: {
              source: sender,
              target: receiver,
              count: isHosts ? hosts.missed : names.missed,
              of: isHosts ? hosts.all : names.all,
              minutes: Math.round(parameters.within / 60),
              tool: asker.tool,
            },
          },
          source: sender,
          targets: [receiver],
          names: [],
          records: begun ? [reference] : asker.references,
          recordCount: begun ? 1 : Math.max(1, isHosts ? hosts.missed : names.missed),
          harm: null,
        });
      },
      advance(ts) {
        for (const [key, { names, hosts }] of askers.entries()) {
          const last = Math.max(...[...names.values(), ...hosts.values()].map((asked) => asked.ts), -Infinity);
          if (last + parameters.within + latenessMax < ts) askers.delete(key);
        }
      },
    };
  },
});
