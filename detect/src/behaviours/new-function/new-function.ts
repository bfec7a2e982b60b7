/** A function that was never asked on a link, or of a controller, where much was. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import { BoundedMap } from '../../bounded.ts';
import { ageWords, sureness } from '../age.ts';
import { behaviour, hourOf } from '../behaviour.ts';
import { actOf, controlLogs } from '../control-acts.ts';

/** Links and controllers whose functions are remembered, about 1 KB each: 50 MB when full. A large plant has some thousands of each. */
const habitsMax = 50_000;

/** Functions of one habit; the richest protocol has some forty, and beyond it nothing is called new. */
const functionsMax = 64;

/** Functions are compared with those of their kind: who reads every second says nothing of how he writes. */
const kinds = ['read', 'write', 'other'] as const;
type Kind = (typeof kinds)[number];

/** What was asked so far. An occasion is a minute in which a function was asked: a burst of one is not many. */
type Habit = {
  first: Seconds;
  occasions: { [kind in Kind]: number };
  /** Functions that had one occasion. */
  once: { [kind in Kind]: number };
  functions: Map<string, { occasions: number; minute: number }>;
};

/** How well the habit was known when something new came. */
type Known = { age: Seconds; occasions: number; chance: number };

export const newFunction = behaviour({
  id: 'new-function',
  technique: ['T0855', 'T0861'],
  logs: controlLogs,
  parameters: ['learnSeconds', 'noneSeconds', 'surpriseMax', 'seasonSeconds', 'surenessYoung', 'surenessOld'],
  start({ parameters, rule, sight }) {
    const habits = new BoundedMap<string, Habit>(habitsMax);

    /** Notes the function; answers the habit as it was before, when it was known well enough that a new function means something. */
    const note = (key: string, name: string, kind: Kind, ts: Seconds): Known | undefined => {
      let habit = habits.touch(key);
      if (!habit) {
        const none = { read: 0, write: 0, other: 0 };
        habit = { first: ts, occasions: none, once: { ...none }, functions: new Map() };
        habits.set(key, habit);
      }
      const minute = Math.floor(ts / 60);
      habit.first = Math.min(habit.first, ts);
      const seen = habit.functions.get(name);
      if (seen) {
        if (minute <= seen.minute) return undefined;
        seen.minute = minute;
        habit.occasions[kind]++;
        if (++seen.occasions === 2) habit.once[kind]--;
        return undefined;
      }
      if (habit.functions.size >= functionsMax) return undefined;
      const { occasions, once } = habit;
      const age = ts - habit.first;
      const all = occasions.read + occasions.write + occasions.other;
      // Good (1953): what was seen once tells how likely the next is one that was never seen; at the least one in all.
      const chance = Math.max(1, once[kind]) / (occasions[kind] + 1);
      // The first of its kind has nothing to be compared with but the time without one.
      const isKnown =
        occasions[kind] === 0
          ? age >= parameters.noneSeconds && 1 / (all + 1) <= parameters.surpriseMax
          : age >= parameters.learnSeconds && chance <= parameters.surpriseMax;
      const known = { age, occasions: all, chance: occasions[kind] === 0 ? 1 / (all + 1) : chance };
      habit.functions.set(name, { occasions: 1, minute });
      occasions[kind]++;
      once[kind]++;
      return isKnown ? known : undefined;
    };

    return {
      evictions: () => habits.evictions,
      push(log, record) {
        const act = actOf(log, record);
        if (!act || act.answer === 'refused') return;
        // DNP3 tells request and answer in one record; of all others only what is asked is counted.
        if (act.answer !== undefined && log !== 'dnp3') return;
        const { flow, protocol, master, controller, name, kind } = act;
        // Changes to the controller itself are told by another behaviour, whether they are new or not.
        if (kind !== 'read' && kind !== 'write' && kind !== 'other') return;
        const ofLink = note(`${protocol} ${master} ${controller}`, name, kind, flow.ts);
        const ofController = note(`${protocol} * ${controller}`, name, kind, flow.ts);
        const habit = ofController ?? ofLink;
        if (!habit) return;
        const { age, occasions, chance } = habit;
        sight({
          rule,
          // One function that one host now asks of many controllers is one finding an hour.
          subject: `${protocol} ${master} ${name}`,
          window: hourOf(flow.ts),
          from: flow.ts,
          to: flow.ts,
          technique: kind === 'write' ? ['T0855'] : kind === 'read' ? ['T0861'] : ['T0855'],
          tactic: [kind === 'read' ? 'collection' : 'impair-process-control'],
          level: kind === 'read' ? 'low' : kind === 'write' && ofController && age >= parameters.noneSeconds ? 'high' : 'medium',
          confidence: sureness(age, {
            young: parameters.surenessYoung,
            old: parameters.surenessOld,
            full: parameters.seasonSeconds,
          }),
          explanation: {
            text: ofController ? 'detect.new-function.controller' : 'detect.new-function.link',
            values: {
              source: master,
              target: controller,
              protocol,
              name,
              age: ageWords(age),
              occasions,
              chance: Math.max(1, Math.round(1 / chance)),
            },
          },
          source: master,
          targets: [controller],
          names: [],
          records: [flow.reference],
          recordCount: 1,
          harm: null,
        });
      },
      advance() {
        // What a controller is asked is worth remembering for as long as there is room.
      },
    };
  },
});
