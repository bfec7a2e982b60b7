/** Large outbound transfers: a host sends far more than it is used to, to a place that hardly anybody else speaks with. See README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { RecordReference } from '@forewarn/model/finding';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, count, flowOf, hourOf, latenessMax } from '../behaviour.ts';

/** Pairs of inside host and outside address watched at once, about 500 bytes each: 100 MB when full. */
const pairsMax = 200_000;

/** Inside hosts whose habits are remembered, about 300 bytes each. */
const sourcesMax = 50_000;

const referencesMax = 100;

/** An hour's bytes between two addresses. */
type Hour = { hour: Seconds; out: number; in: number };

type Pair = {
  hours: Hour[];
  from: Seconds;
  to: Seconds;
  flows: number;
  references: RecordReference[];
  /** Hours in which it was large: from the third on it is a habit. */
  large: Set<Seconds>;
  window: Seconds | undefined;
};

/** What a host sends in an hour to its largest outside places, so that one place can be compared with the others. */
type Source = { since: Seconds; largest: { target: string; bytes: number }[] };

/** Places remembered of a host, largest first. */
const largestMax = 8;

export const outboundTransfer = behaviour({
  id: 'outbound-transfer',
  technique: ['T1048'],
  logs: ['conn', 'ipfix'],
  parameters: ['bytesMin', 'ratioMin', 'timesUsual', 'clientsMax', 'habitHours', 'historyWanted'],
  start({ parameters, inside, prevalence, rule, sight }) {
    const pairs = new BoundedMap<string, Pair>(pairsMax);
    const sources = new BoundedMap<string, Source>(sourcesMax);

    return {
      evictions: () => pairs.evictions + sources.evictions,
      push(log, record) {
        const flow = flowOf(log, record);
        if (!flow || inside(flow.source) !== 'inside' || inside(flow.target) !== 'outside') return;
        const out = count(record['orig_bytes']);
        const back = count(record['resp_bytes']);
        if (out === 0 && back === 0) return;
        const ended = flow.ts + count(record['duration']);
        let source = sources.touch(flow.source);
        if (!source) {
          source = { since: flow.ts, largest: [] };
          sources.set(flow.source, source);
        }
        source.since = Math.min(source.since, flow.ts);
        const key = `${flow.source} ${flow.target}`;
        let pair = pairs.touch(key);
        if (!pair) {
          pair = { hours: [], from: flow.ts, to: ended, flows: 0, references: [], large: new Set(), window: undefined };
          pairs.set(key, pair);
        }
        // A sum over this hour and the one before: a transfer does not mind the clock.
        const hour = hourOf(ended);
        let own = pair.hours.find((entry) => entry.hour === hour);
        if (!own) {
          own = { hour, out: 0, in: 0 };
          pair.hours.push(own);
          pair.hours.sort((a, b) => a.hour - b.hour);
          if (pair.hours.length > 2) pair.hours.shift();
          if (!pair.hours.includes(own)) return;
          if (pair.window === undefined || hour - pair.window > 3600) {
            pair.from = flow.ts;
            pair.flows = 0;
            pair.references = [];
            pair.window = undefined;
          }
        }
        own.out += out;
        own.in += back;
        pair.from = Math.min(pair.from, flow.ts);
        pair.to = Math.max(pair.to, ended);
        pair.flows++;
        if (out > back && pair.references.length < referencesMax) pair.references.push(flow.reference);
        let sent = 0;
        let received = 0;
        for (const entry of pair.hours) {
          if (entry.hour < hour - 3600) continue;
          sent += entry.out;
          received += entry.in;
        }
        const usual = remember(source, flow.target, sent);
        if (sent < parameters.bytesMin) return;
        // Producer/consumer ratio (Bullard and Gerth): 1 only sends, -1 only receives.
        const ratio = (sent - received) / (sent + received);
        if (ratio < parameters.ratioMin || sent < parameters.timesUsual * usual) return;
        if (prevalence.clientsOf(flow.target) > parameters.clientsMax) return;
        pair.large.add(hour);
        if (pair.large.size > 24) pair.large.delete(pair.large.values().next().value!);
        if (pair.large.size > parameters.habitHours) return;
        const first = pair.window === undefined;
        pair.window ??= hourOf(pair.from);
        const known = flow.ts - source.since;
        const names = prevalence.namesOf(flow.target);
        sight({
          rule,
          subject: key,
          window: pair.window,
          from: first ? pair.from : flow.ts,
          to: ended,
          technique: ['T1048'],
          tactic: ['exfiltration'],
          level: 'high',
          // Less sure of a host whose habits have been watched for a short time only.
          confidence: known >= parameters.historyWanted ? 0.75 : 0.55,
          explanation: {
            text: names.length > 0 ? 'detect.outbound-transfer.named' : 'detect.outbound-transfer.unnamed',
            values: {
              source: flow.source,
              target: flow.target,
              name: names[0] ?? '',
              megabytes: Math.round(sent / 100_000) / 10,
              received: Math.round(received / 100_000) / 10,
              flows: pair.flows,
              usual: Math.round(usual / 100_000) / 10,
              clients: prevalence.clientsOf(flow.target),
              hours: Math.round(known / 360) / 10,
            },
          },
          source: flow.source,
          targets: [flow.target],
          names,
          records: first ? pair.references : [flow.reference],
          recordCount: first ? pair.flows : 1,
          harm: 'confidentiality',
        });
      },
      advance(ts) {
        for (const [key, pair] of pairs.entries()) {
          // Habits are worth a day's memory; a pair that never was large, two hours.
          const keep = pair.large.size > 0 ? 86_400 : 7_200;
          if (pair.to + keep + latenessMax < ts) pairs.delete(key);
        }
      },
    };
  },
});

/** Notes what was sent to the place and answers the most that was sent to any other. */
function remember(source: Source, target: string, bytes: number): number {
  const { largest } = source;
  const known = largest.find((entry) => entry.target === target);
  if (known) known.bytes = Math.max(known.bytes, bytes);
  else if (largest.length < largestMax) largest.push({ target, bytes });
  else if (bytes > largest.at(-1)!.bytes) largest[largest.length - 1] = { target, bytes };
  largest.sort((a, b) => b.bytes - a.bytes);
  return largest.find((entry) => entry.target !== target)?.bytes ?? 0;
}
