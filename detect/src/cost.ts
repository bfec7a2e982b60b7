/**
 * What each rule costs, sampled: of one record in some hundreds the time of every question is taken, and that of the others is not. So the meter
 * itself costs a count for each record.
 */

/** Of so many records one is timed: at 100,000 a second that is 100 samples a second, for a thousandth of the time. */
export const sampledOf = 1_024;

/** Rules and logs that are told apart; what comes beyond is not timed. The public set has 3,757 rules. */
const namesMax = 20_000;

export type CostMeter = {
  /** Whether the record that comes now is timed; counts it for its log if so. */
  due(log: string): boolean;
  /** Runs and times something of a rule's. */
  time<Result>(rule: string, work: () => Result): Result;
  /** Microseconds for each record of its logs; undefined until some were timed. */
  microsOf(rule: string, logs: readonly string[]): { micros: number; samples: number } | undefined;
};

/** `now`: milliseconds of a clock that only goes forward, as fine as there is. */
export function createCostMeter(now: () => number, every = sampledOf): CostMeter {
  const millis = new Map<string, number>();
  const samples = new Map<string, number>();
  let count = 0;
  const add = (to: Map<string, number>, name: string, what: number): void => {
    const before = to.get(name);
    if (before === undefined && to.size >= namesMax) return;
    to.set(name, (before ?? 0) + what);
  };
  return {
    due(log) {
      count++;
      if (count % every !== 0) return false;
      add(samples, log, 1);
      return true;
    },
    time(rule, work) {
      const begun = now();
      const result = work();
      add(millis, rule, now() - begun);
      return result;
    },
    microsOf(rule, logs) {
      const everywhere = logs.includes('*');
      let seen = 0;
      for (const [log, n] of samples) if (everywhere || logs.includes(log)) seen += n;
      return seen === 0 ? undefined : { micros: ((millis.get(rule) ?? 0) * 1_000) / seen, samples: seen };
    },
  };
}
