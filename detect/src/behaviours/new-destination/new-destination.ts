/** First seen: a host of steady habits speaks with an outside place that nobody here has spoken with. See README.md. */

import type { Seconds } from '@forewarn/base/time';
import { BoundedMap } from '../../bounded.ts';
import { ageWords, sureness } from '../age.ts';
import { behaviour, count, flowOf, hourOf } from '../behaviour.ts';
import { networkOf } from '../slow-scan/slow-scan.ts';

/** Inside hosts whose habits are remembered, at most 6 KB each: 300 MB at the very worst, 30 MB as a rule. */
const hostsMax = 50_000;

/** Places that make a habit; a host with more browses. */
const placesMax = 64;

/** New places in a day that leave a habit steady; a host with more is changing its habits, and that has been said. */
const perDay = 3;
const day = 86_400;

type Host = {
  since: Seconds;
  places: Set<string>;
  browses: boolean;
  /** When the last new places came. */
  lately: Seconds[];
  /** Hours in which it was seen, and the newest of them: a host that was met twice with a week between is no acquaintance. */
  hours: number;
  hour: Seconds;
};

export const newDestination = behaviour({
  id: 'new-destination',
  technique: ['T1071'],
  logs: ['conn', 'ipfix'],
  parameters: [
    'learnSeconds',
    'learnHours',
    'fullSeconds',
    'steadySeconds',
    'steadyHours',
    'steadyPlaces',
    'habitMax',
    'surenessYoung',
    'surenessOld',
  ],
  start({ parameters, inside, prevalence, rule, sight }) {
    const hosts = new BoundedMap<string, Host>(hostsMax);
    return {
      evictions: () => hosts.evictions,
      push(log, record) {
        const { proto } = record;
        if ((proto !== 'tcp' && proto !== 'udp') || record['continued'] === true) return;
        const flow = flowOf(log, record);
        if (!flow || inside(flow.source) !== 'inside' || inside(flow.target) !== 'outside') return;
        // A place is where something came back from.
        if (count(record['orig_bytes']) === 0 || count(record['resp_bytes']) === 0) return;
        let host = hosts.touch(flow.source);
        if (!host) {
          host = { since: flow.ts, places: new Set(), browses: false, lately: [], hours: 0, hour: -Infinity };
          hosts.set(flow.source, host);
        }
        host.since = Math.min(host.since, flow.ts);
        if (host.browses) return;
        const hour = hourOf(flow.ts);
        if (hour > host.hour) {
          host.hour = hour;
          host.hours++;
        }
        const place = networkOf(flow.target);
        if (host.places.has(place)) return;
        const before = host.places.size;
        const rest = flow.ts - host.since;
        host.places.add(place);
        // A host that meets new places all day has no steady habits.
        host.lately = host.lately.filter((ts) => ts > flow.ts - day);
        host.lately.push(flow.ts);
        if (host.places.size > placesMax) {
          host.browses = true;
          host.places.clear();
          return;
        }
        if (rest < parameters.learnSeconds || host.hours < parameters.learnHours || before === 0 || before > parameters.habitMax)
          return;
        // What others here speak with is no stranger.
        if (prevalence.clientsOf(flow.target) > 1) return;
        if (host.lately.length > perDay) return;
        const names = prevalence.namesOf(flow.target);
        const steady =
          rest >= parameters.steadySeconds && host.hours >= parameters.steadyHours && before <= parameters.steadyPlaces;
        sight({
          rule,
          subject: `${flow.source} ${place}`,
          window: hour,
          from: flow.ts,
          to: flow.ts + count(record['duration']),
          technique: ['T1071'],
          tactic: ['command-and-control'],
          level: steady ? 'low' : 'informational',
          confidence: sureness(rest, {
            young: parameters.surenessYoung,
            old: parameters.surenessOld,
            full: parameters.fullSeconds,
          }),
          explanation: {
            text: names.length > 0 ? 'detect.new-destination.named' : 'detect.new-destination.unnamed',
            values: {
              source: flow.source,
              target: flow.target,
              name: names[0] ?? '',
              port: flow.port,
              places: before,
              age: ageWords(rest),
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
      advance() {
        // Habits are kept while there is room: a host that rests at the week-end is the same on Monday.
      },
    };
  },
});
