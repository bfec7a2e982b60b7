/** Long connections: a flow that stays open for hours to a place of its own. See README.md. */

import type { Seconds } from '@forewarn/base/time';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, count, flowOf, latenessMax } from '../behaviour.ts';

/** Pairs whose long connections are remembered, about 200 bytes each. */
const pairsMax = 50_000;

/** A day: connections to the same place on several days are a habit. */
const day = 86_400;

type Pair = { open: { from: Seconds; to: Seconds }[]; days: Set<number>; last: Seconds };

/** Pieces remembered of a pair; exporters and sensors cut a long connection so. */
const piecesMax = 48;

export const longConnection = behaviour({
  id: 'long-connection',
  technique: ['T1571', 'T1572'],
  logs: ['conn', 'ipfix'],
  parameters: ['noteSeconds', 'longSeconds', 'gapMax', 'clientsMax', 'habitDays'],
  start({ parameters, inside, prevalence, rule, sight }) {
    const pairs = new BoundedMap<string, Pair>(pairsMax);
    return {
      evictions: () => pairs.evictions,
      push(log, record) {
        const duration = count(record['duration']);
        const { proto } = record;
        if (proto !== 'tcp' && proto !== 'udp') return;
        const flow = flowOf(log, record);
        if (!flow || inside(flow.source) === 'nowhere') return;
        const broadcast = inside(flow.target) === 'nowhere' || flow.target.endsWith('.255');
        // Between inside hosts long connections are everyday: file servers, databases, controllers.
        if (inside(flow.target) === 'inside' && !broadcast) return;
        if (!broadcast && (inside(flow.source) !== 'inside' || count(record['resp_pkts']) === 0)) return;
        const key = `${flow.source} ${flow.target} ${flow.port} ${proto}`;
        let pair = pairs.touch(key);
        if (duration < parameters.noteSeconds / 4 && !pair) return;
        if (!pair) {
          pair = { open: [], days: new Set(), last: flow.ts };
          pairs.set(key, pair);
        }
        // Sensors and exporters write a long connection in pieces: they are joined when one follows the other.
        const from = flow.ts;
        const to = flow.ts + duration;
        const before = pair.open.find((piece) => from <= piece.to + parameters.gapMax && to >= piece.from - parameters.gapMax);
        if (before) {
          before.from = Math.min(before.from, from);
          before.to = Math.max(before.to, to);
        } else {
          pair.open.push({ from, to });
          if (pair.open.length > piecesMax) pair.open.shift();
        }
        pair.last = Math.max(pair.last, to);
        const piece = before ?? pair.open.at(-1)!;
        const seconds = piece.to - piece.from;
        if (seconds < parameters.noteSeconds) return;
        pair.days.add(Math.floor(piece.from / day));
        if (pair.days.size > 30) pair.days.delete(pair.days.values().next().value!);
        if (!broadcast && prevalence.clientsOf(flow.target) > parameters.clientsMax) return;
        const habit = pair.days.size > parameters.habitDays;
        const long = seconds >= parameters.longSeconds && !broadcast && !habit;
        const names = prevalence.namesOf(flow.target);
        sight({
          rule,
          subject: key,
          // One a day: what stands open again and again is one thing.
          window: Math.floor(piece.from / day) * day,
          from: piece.from,
          to: piece.to,
          technique: ['T1571', 'T1572'],
          tactic: ['command-and-control'],
          // Meetings, chats and terminals stand open as well: from `longSeconds` on it is worth a look, never more.
          level: long ? 'low' : 'informational',
          confidence: long ? 0.5 : 0.3,
          explanation: {
            text: broadcast
              ? 'detect.long-connection.broadcast'
              : names.length > 0
                ? 'detect.long-connection.named'
                : 'detect.long-connection.unnamed',
            values: {
              source: flow.source,
              target: flow.target,
              name: names[0] ?? '',
              port: flow.port,
              hours: Math.round(seconds / 360) / 10,
              megabytes: Math.round((count(record['orig_bytes']) + count(record['resp_bytes'])) / 100_000) / 10,
              clients: prevalence.clientsOf(flow.target),
            },
          },
          source: flow.source,
          targets: [flow.target],
          names,
          records: [flow.reference],
          recordCount: 1,
          harm: null,
        });
      },
      advance(ts) {
        for (const [key, { last, days }] of pairs.entries()) {
          // A habit is worth a week's memory.
          if (last + (days.size > 0 ? 7 * day : parameters.gapMax) + latenessMax < ts) pairs.delete(key);
        }
      },
    };
  },
});
