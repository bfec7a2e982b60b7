/** DNS tunnels: much is said below one registered name, in questions, answers or both. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, flowOf, hourOf, latenessMax, type Flow } from '../behaviour.ts';
import { Evidence } from '../evidence.ts';
import { registered } from '../generated-names/names.ts';

/** Pairs of client and registered name watched at once; 50 KB when full of names, 300 bytes as a rule: 30 MB. */
const pairsMax = 100_000;

/** Names remembered of all pairs together, about 100 bytes each: 100 MB. */
const namesMax = 1_000_000;

/** Registered names whose clients are counted. */
const domainsMax = 50_000;

/** Answers of one message that are looked at. */
const answersMax = 50;

/** Letters and digits that names carry; a question carries at most this many bits a character (32 symbols of base32, case does not survive). */
const bitsPerCharacter = 5;

/** Kinds of answers that carry text or bytes of the server's choosing. */
const carriers = new Set(['TXT', 'NULL', 'PRIVATE', '*', 'CNAME', 'MX', 'SRV']);

/** Policies of mail and keys of certificates: long, dense, and public. */
const published =
  /(?:^|\.)(?:_domainkey|_dmarc|_acme-challenge|_mta-sts|_smtp\._tls|_spf)\.|^(?:_domainkey|_dmarc)|v=spf1|v=dkim1|k=rsa|v=dmarc1|site-verification/i;

type Pair = { hour: Seconds; names: Set<string>; up: number; down: number; characters: number; evidence: Evidence };

/** Bits per character of a text (Shannon 1948), from its own characters. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const of of counts.values()) bits -= (of / text.length) * Math.log2(of / text.length);
  return bits;
}

export const dnsTunnel = behaviour({
  id: 'dns-tunnel',
  technique: ['T1048', 'T1071.004'],
  logs: ['dns'],
  parameters: ['upMin', 'downMin', 'namesMin', 'lengthMin', 'clientsMax', 'denseLength', 'denseEntropy'],
  start({ parameters, inside, rule, sight }) {
    let held = 0;
    const pairs = new BoundedMap<string, Pair>(pairsMax, (_, pair) => {
      held -= pair.names.size;
    });
    /** Clients that say much below a name: a service that many use so is no tunnel. */
    const clients = new BoundedMap<string, Set<string>>(domainsMax);
    const dense = new BoundedMap<string, Evidence>(pairsMax);

    const pushDense = (flow: Flow, query: string, texts: readonly string[]): void => {
      const longest = texts.reduce((a, b) => (b.length > a.length ? b : a), '');
      if (longest.length < parameters.denseLength || published.test(query) || published.test(longest)) return;
      const bits = entropy(longest);
      if (bits < parameters.denseEntropy) return;
      const key = `${flow.source} ${query.slice(0, 255)} ${hourOf(flow.ts)}`;
      let evidence = dense.touch(key);
      if (!evidence) {
        evidence = new Evidence();
        dense.set(key, evidence);
      }
      evidence.add(flow);
      const told = evidence.tell();
      if (!told) return;
      sight({
        rule,
        ...told,
        subject: `text ${flow.source} ${query.slice(0, 255)}`,
        technique: ['T1071.004'],
        tactic: ['command-and-control'],
        // Keys, descriptions of printers and lists of services look so too: by itself this says little.
        level: 'informational',
        confidence: 0.3,
        explanation: {
          text: 'detect.dns-tunnel.text',
          values: {
            source: flow.source,
            name: query.slice(0, 255),
            characters: longest.length,
            bits: Math.round(bits * 10) / 10,
          },
        },
        source: flow.source,
        targets: [],
        names: [query.slice(0, 255)],
        harm: null,
      });
    };

    const downOf = (record: AnyRecord, texts: readonly string[]): number =>
      carriers.has(String(record['qtype_name'] ?? '')) ? texts.reduce((sum, text) => sum + text.length, 0) : 0;

    return {
      evictions: () => pairs.evictions,
      push(log, record) {
        const query = record['query'];
        if (typeof query !== 'string' || query.length > 512) return;
        const flow = flowOf(log, record);
        if (!flow || inside(flow.source) === 'nowhere') return;
        const answers = record['answers'];
        const texts = Array.isArray(answers)
          ? (answers.slice(0, answersMax) as unknown[]).filter((answer) => typeof answer === 'string')
          : [];
        pushDense(flow, query, texts);
        const own = registered(query);
        if (!own || published.test(query) || inside(flow.source) !== 'inside') return;
        // What stands before the registered part is the client's to choose.
        const name = query.slice(0, Math.max(0, query.length - own.domain.length - 1)).toLowerCase();
        const down = downOf(record, texts);
        if (name.length === 0 && down === 0) return;
        const key = `${flow.source} ${own.domain}`;
        let pair = pairs.touch(key);
        // A pair that rested for an hour begins anew.
        if (!pair || flow.ts - pair.evidence.to > 3_600) {
          if (pair) held -= pair.names.size;
          pair = { hour: hourOf(flow.ts), names: new Set(), up: 0, down: 0, characters: 0, evidence: new Evidence() };
          pairs.set(key, pair);
        }
        if (!pair.names.has(name)) {
          pair.names.add(name);
          pair.up += (name.length * bitsPerCharacter) / 8;
          pair.characters += name.length;
          held++;
          while (held > namesMax && pairs.size > 1) {
            const [oldest, old] = pairs.entries().next().value!;
            pairs.delete(oldest);
            pairs.evictions++;
            held -= old.names.size;
          }
        } else if (down === 0 && pair.evidence.window === undefined) return;
        pair.down += down;
        pair.evidence.add(flow);
        const length = pair.characters / pair.names.size;
        const upward = pair.up >= parameters.upMin && pair.names.size >= parameters.namesMin && length >= parameters.lengthMin;
        const downward = pair.down >= parameters.downMin && pair.names.size >= parameters.namesMin;
        if (!upward && !downward) return;
        const users = clients.touch(own.domain);
        if (!users) clients.set(own.domain, new Set([flow.source]));
        else if (users.size <= parameters.clientsMax) users.add(flow.source);
        if (users && users.size > parameters.clientsMax) return;
        const told = pair.evidence.tell();
        if (!told) return;
        sight({
          rule,
          ...told,
          subject: key,
          technique: upward && pair.up > pair.down ? ['T1071.004', 'T1048'] : ['T1071.004'],
          tactic: upward && pair.up > pair.down ? ['command-and-control', 'exfiltration'] : ['command-and-control'],
          level: 'high',
          confidence: upward && downward ? 0.9 : 0.8,
          explanation: {
            text: 'detect.dns-tunnel.talk',
            values: {
              source: flow.source,
              name: own.domain,
              names: pair.names.size,
              up: Math.round(pair.up),
              down: pair.down,
              length: Math.round(length),
              minutes: Math.max(1, Math.round((pair.evidence.to - pair.evidence.from) / 60)),
            },
          },
          source: flow.source,
          targets: [],
          names: [own.domain],
          harm: null,
        });
      },
      advance(ts) {
        for (const [key, pair] of pairs.entries()) {
          if (pair.evidence.to + 3_600 + latenessMax < ts) {
            held -= pair.names.size;
            pairs.delete(key);
          }
        }
        for (const [key, evidence] of dense.entries()) if (evidence.to + 3_600 + latenessMax < ts) dense.delete(key);
      },
    };
  },
});
