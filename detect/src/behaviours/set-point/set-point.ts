/** A set point is written far outside of what was ever written to it. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import { BoundedMap } from '../../bounded.ts';
import { ageWords, sureness } from '../age.ts';
import { behaviour, flowOf, hourOf } from '../behaviour.ts';
import { obeyedOf, pointLogs, writingOf } from './points.ts';

/** Points whose range is remembered, about 250 bytes each: 50 MB when full. A large plant has some ten thousands that are ever written. */
const pointsMax = 200_000;

/** Requests about which there is a finding and whose answer is awaited; answers come within seconds. */
const awaitedMax = 5_000;

/** What was written to one point. What lay outside is no part of it until it has become a habit. */
type Range = { first: Seconds; count: number; low: number; high: number; outside: number; outsideSince: Seconds };

export const setPoint = behaviour({
  id: 'set-point',
  technique: ['T0836'],
  logs: pointLogs,
  parameters: [
    'valuesMin',
    'learnSeconds',
    'marginShare',
    'marginLeast',
    'habitValues',
    'habitSeconds',
    'seasonSeconds',
    'sureLeast',
  ],
  start({ parameters, rule, sight }) {
    const ranges = new BoundedMap<string, Range>(pointsMax);
    const awaited = new BoundedMap<string, { window: Seconds; explanation: Parameters<typeof sight>[0]['explanation'] }>(
      awaitedMax,
    );

    /** Takes a value in, or answers the range that it lies outside of. */
    const take = (key: string, value: number, ts: Seconds): Range | undefined => {
      const range = ranges.touch(key);
      if (!range) {
        ranges.set(key, { first: ts, count: 1, low: value, high: value, outside: 0, outsideSince: ts });
        return undefined;
      }
      const span = range.high - range.low;
      const margin = Math.max(
        parameters.marginShare * span,
        parameters.marginLeast * Math.max(Math.abs(range.low), Math.abs(range.high)),
        1,
      );
      const isKnown = range.count >= parameters.valuesMin && ts - range.first >= parameters.learnSeconds;
      if (isKnown && (value > range.high + margin || value < range.low - margin)) {
        const before = { ...range };
        if (range.outside === 0) range.outsideSince = ts;
        range.outside++;
        // What goes on for long is how the plant is run now: it is learned, and told no more.
        if (range.outside >= parameters.habitValues && ts - range.outsideSince >= parameters.habitSeconds)
          Object.assign(range, { low: Math.min(range.low, value), high: Math.max(range.high, value), outside: 0 });
        return before;
      }
      range.count++;
      range.low = Math.min(range.low, value);
      range.high = Math.max(range.high, value);
      return undefined;
    };

    return {
      evictions: () => ranges.evictions + awaited.evictions,
      push(log, record) {
        const flow = flowOf(log, record);
        if (!flow) return;
        const turned = log === 'bacnet_property' && record['is_orig'] === false;
        const [source, target] = turned ? [flow.target, flow.source] : [flow.source, flow.target];
        const common = (window: Seconds) => ({
          rule,
          subject: `${source} ${target}`,
          window,
          from: flow.ts,
          to: flow.ts,
          technique: ['T0836'],
          tactic: ['impair-process-control'],
          level: 'high' as const,
          source,
          targets: [target],
          names: [],
          records: [flow.reference],
          recordCount: 1,
        });
        const writing = writingOf(log, record);
        if (!writing) {
          const token = obeyedOf(log, record);
          const key = `${log} ${flow.uid} ${token}`;
          const asked = token === undefined ? undefined : awaited.peek(key);
          if (!asked) return;
          awaited.delete(key);
          // Asked is not done: only the answer shows that the plant was told so.
          sight({ ...common(asked.window), confidence: 0, explanation: asked.explanation, harm: 'controllability' });
          return;
        }
        for (const { object, value } of writing.points) {
          const range = take(`${log} ${target} ${object}`, value, flow.ts);
          if (!range) continue;
          const age = flow.ts - range.first;
          // Wilks (1941): of values from one source the next lies outside of all n before with a chance of 2 in n + 1.
          const sure = 1 - 2 / (range.count + 1);
          const explanation = {
            text: 'detect.set-point.outside',
            values: { source, target, object, value, low: range.low, high: range.high, count: range.count, age: ageWords(age) },
          };
          const window = hourOf(flow.ts);
          awaited.set(`${log} ${flow.uid} ${writing.token}`, { window, explanation });
          sight({
            ...common(window),
            confidence: sureness(age, {
              young: sure * parameters.sureLeast,
              old: Math.min(0.95, sure),
              full: parameters.seasonSeconds,
            }),
            explanation,
            harm: null,
          });
        }
      },
      advance() {
        // Ranges are worth remembering for as long as there is room.
      },
    };
  },
});
