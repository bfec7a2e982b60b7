/** A controller's program, firmware or mode is changed, or it is told to be silent. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import { BoundedMap } from '../../bounded.ts';
import { ageWords } from '../age.ts';
import { behaviour, hourOf } from '../behaviour.ts';
import { actOf, controlLogs, type ActKind } from '../control-acts.ts';

/** Hosts that changed controllers, with the days on which they did, about 300 bytes each. */
const habitsMax = 20_000;

/** Controllers and since when they are watched, about 100 bytes each. */
const controllersMax = 50_000;

/** Days of a habit that are remembered; the question is about fewer. */
const daysMax = 16;

const day = 86_400;

type Change = Exclude<ActKind, 'read' | 'write' | 'other'>;

/** ATT&CK for ICS, and what is lost when the controller obeys. */
const changes: {
  readonly [kind in Change]: { technique: string; tactic: string; harm: 'availability' | 'controllability' | null };
} = {
  program: { technique: 'T0843', tactic: 'lateral-movement', harm: 'controllability' },
  firmware: { technique: 'T0857', tactic: 'persistence', harm: 'controllability' },
  stop: { technique: 'T0858', tactic: 'execution', harm: 'availability' },
  start: { technique: 'T0858', tactic: 'execution', harm: null },
  restart: { technique: 'T0816', tactic: 'inhibit-response-function', harm: 'availability' },
  silence: { technique: 'T0804', tactic: 'inhibit-response-function', harm: 'availability' },
};

export const programChange = behaviour({
  id: 'program-change',
  technique: ['T0804', 'T0816', 'T0843', 'T0857', 'T0858'],
  logs: controlLogs,
  parameters: ['habitDays', 'watchedSeconds', 'unknownConfidence', 'strangeConfidence', 'habitConfidence'],
  start({ parameters, rule, sight }) {
    const habits = new BoundedMap<string, Set<number>>(habitsMax);
    const watched = new BoundedMap<string, Seconds>(controllersMax);

    return {
      evictions: () => habits.evictions + watched.evictions,
      push(log, record) {
        const act = actOf(log, record);
        if (!act) return;
        const { flow, protocol, master, controller, name, kind, answer } = act;
        const { ts } = flow;
        const since = watched.touch(controller);
        if (since === undefined || ts < since) watched.set(controller, ts);
        if (kind === 'read' || kind === 'write' || kind === 'other') return;
        const age = ts - (since ?? ts);
        // Whoever maintains one controller of a plant maintains the others as well.
        const key = `${protocol} ${master}`;
        let days = habits.touch(key);
        if (!days) {
          days = new Set();
          habits.set(key, days);
        }
        const today = Math.floor(ts / day);
        const before = [...days].filter((other) => other < today).length;
        if (answer !== 'refused') days.add(today);
        if (days.size > daysMax) days.delete(Math.min(...days));
        const isHabit = before >= parameters.habitDays;
        const isLong = age >= parameters.watchedSeconds;
        const { technique, tactic, harm } = changes[kind];
        sight({
          rule,
          subject: `${key} ${kind}`,
          window: hourOf(ts),
          from: ts,
          to: ts,
          technique: [technique],
          tactic: [tactic],
          level: isHabit ? 'low' : answer === 'refused' ? 'medium' : answer === 'done' && isLong ? 'critical' : 'high',
          // What was asked is certain; whether it was agreed upon is not known here.
          confidence: isHabit ? parameters.habitConfidence : isLong ? parameters.strangeConfidence : parameters.unknownConfidence,
          explanation: {
            text: isHabit ? 'detect.program-change.habit' : 'detect.program-change.strange',
            values: {
              source: master,
              target: controller,
              protocol,
              name,
              what: { text: `detect.program-change.${kind}` },
              days: before,
              age: ageWords(age),
              answer: { text: `detect.program-change.${answer ?? 'asked'}` },
            },
          },
          source: master,
          targets: [controller],
          names: [],
          records: [flow.reference],
          recordCount: 1,
          // A habit is maintenance, and maintenance is no loss.
          harm: answer === 'done' && !isHabit ? harm : null,
        });
      },
      advance() {
        // Who maintains controllers is worth remembering for as long as there is room.
      },
    };
  },
});
