/** A distributed transport stream comes from elsewhere, or is another one. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Words } from '@forewarn/model/text';
import { BoundedMap } from '../../bounded.ts';
import { ageWords, sureness } from '../age.ts';
import { behaviour, count, flowOf, hourOf } from '../behaviour.ts';

/** Groups that are watched, about 3 KB each. A headend has some hundreds. */
const groupsMax = 10_000;

/** Sources of one group; redundant ones are two or three. */
const sourcesMax = 16;

type Source = { first: Seconds; last: Seconds };

/** What the stream is, as its tables say. */
type Identity = { stream: string; programs: string; services: string };

type Group = {
  first: Seconds;
  records: number;
  sources: Map<string, Source>;
  identity: Identity;
  pids: Set<number>;
  /** Mean rate, each record weighing a tenth. */
  bitrate: number;
  /** A change that is told, since when. */
  changedAt: Seconds | undefined;
  window: Seconds | undefined;
};

const listed = (value: AnyRecord[string]): string =>
  Array.isArray(value) ? (value as unknown[]).slice(0, 50).join(', ').slice(0, 500) : '';

const identityOf = (record: AnyRecord): Identity => ({
  stream: typeof record['transport_stream_id'] === 'number' ? String(record['transport_stream_id']) : '',
  programs: listed(record['programs']),
  services: listed(record['services']),
});

const pidsOf = (value: AnyRecord[string]): Set<number> =>
  new Set(Array.isArray(value) ? (value as unknown[]).filter((pid) => typeof pid === 'number').slice(0, 500) : []);

/** Common part of two sets (Jaccard): 1 alike, 0 nothing in common. */
function likeness(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  const common = a.intersection(b).size;
  const all = a.size + b.size - common;
  return all === 0 ? 1 : common / all;
}

export const streamReplaced = behaviour({
  id: 'stream-replaced',
  technique: ['T1565.002'],
  logs: ['mpeg_ts'],
  parameters: [
    'learnRecords',
    'learnSeconds',
    'seasonSeconds',
    'habitSeconds',
    'likenessMin',
    'rateChange',
    'togetherSeconds',
    'sureYoung',
    'sureOld',
    'sourceSure',
  ],
  start({ parameters, rule, sight }) {
    const groups = new BoundedMap<string, Group>(groupsMax);

    return {
      evictions: () => groups.evictions,
      push(log, record) {
        const flow = flowOf(log, record);
        // A file has no source, and few packets say little.
        if (!flow || record['carriage'] === 'file' || count(record['packets']) < 50) return;
        const [from, to, port] =
          record['is_orig'] === false ? [flow.target, flow.source, flow.sourcePort] : [flow.source, flow.target, flow.port];
        const { ts, reference } = flow;
        const key = `${to} ${port}`;
        const identity = identityOf(record);
        const pids = pidsOf(record['pids']);
        const rate = count(record['bitrate']);
        let group = groups.touch(key);
        if (!group) {
          group = {
            first: ts,
            records: 0,
            sources: new Map(),
            identity,
            pids,
            bitrate: rate,
            changedAt: undefined,
            window: undefined,
          };
          groups.set(key, group);
        }
        group.first = Math.min(group.first, ts);
        const age = ts - group.first;
        const isKnown = group.records >= parameters.learnRecords && age >= parameters.learnSeconds;
        const source = group.sources.get(from);
        const changes: string[] = [];
        // Tables that did not come in these ten seconds say nothing.
        for (const part of ['stream', 'programs', 'services'] as const)
          if (identity[part] !== '' && group.identity[part] !== '' && identity[part] !== group.identity[part]) changes.push(part);
        const isOther = changes.length > 0;
        if (pids.size > 0 && likeness(pids, group.pids) < parameters.likenessMin) changes.push('pids');
        if (rate > 0 && group.bitrate > 0 && Math.abs(rate - group.bitrate) > parameters.rateChange * group.bitrate)
          changes.push('rate');
        const isForeign = source === undefined;
        const others = [...group.sources].filter(([address]) => address !== from);
        const isTogether = isForeign && others.some(([, other]) => Math.abs(ts - other.last) <= parameters.togetherSeconds);

        if (!isKnown || (!isForeign && !isOther)) {
          if (isForeign && group.sources.size < sourcesMax) group.sources.set(from, { first: ts, last: ts });
          else if (source) source.last = Math.max(source.last, ts);
          group.records++;
          if (!isOther) Object.assign(group, { pids, changedAt: undefined });
          for (const part of ['stream', 'programs', 'services'] as const)
            if (identity[part] !== '' && (group.identity[part] === '' || !isKnown)) group.identity[part] = identity[part];
          if (rate > 0) group.bitrate = group.bitrate === 0 ? rate : 0.9 * group.bitrate + 0.1 * rate;
          return;
        }
        group.changedAt ??= ts;
        // What stays for a day has been seen by everybody: it is the stream now.
        if (ts - group.changedAt >= parameters.habitSeconds) {
          Object.assign(group, { identity, pids, bitrate: rate, changedAt: undefined });
          if (isForeign && group.sources.size < sourcesMax) group.sources.set(from, { first: ts, last: ts });
          return;
        }
        const isReplaced = isForeign && changes.length > 0;
        const window = group.window !== undefined && ts - group.window < 7_200 ? group.window : hourOf(group.changedAt);
        group.window = window;
        const what: Words = { text: `detect.stream-replaced.${changes[0] ?? 'alike'}` };
        sight({
          rule,
          subject: `${key} ${from}`,
          window,
          from: ts,
          to: ts + count(record['duration']),
          technique: ['T1565.002'],
          tactic: ['impact'],
          level: isReplaced ? 'critical' : isTogether || isOther ? 'high' : 'medium',
          confidence:
            isReplaced || isTogether
              ? sureness(age, { young: parameters.sureYoung, old: parameters.sureOld, full: parameters.seasonSeconds })
              : parameters.sourceSure,
          explanation: {
            text: isForeign
              ? isTogether
                ? 'detect.stream-replaced.together'
                : 'detect.stream-replaced.source'
              : 'detect.stream-replaced.content',
            values: {
              source: from,
              group: to,
              port,
              what,
              usual:
                others
                  .map(([address]) => address)
                  .slice(0, 3)
                  .join(', ') || from,
              programs: identity.services || identity.programs || '?',
              before: group.identity.services || group.identity.programs || '?',
              rate: Math.round(rate / 10_000) / 100,
              usualRate: Math.round(group.bitrate / 10_000) / 100,
              age: ageWords(age),
            },
          },
          source: from,
          targets: [to],
          names: [],
          records: [reference],
          recordCount: 1,
          // Whoever watches gets another programme than the broadcaster's.
          harm: isReplaced ? 'integrity' : null,
        });
      },
      advance() {
        // What a group carries is worth remembering for as long as there is room.
      },
    };
  },
});
