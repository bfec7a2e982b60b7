/** What a warning brought about: how long before the harm it was out, how soon those warned answered and acted, and whether the danger is gone there. */

import type { Seconds } from '@forewarn/base/time';
import type { WarningMeasure } from '@forewarn/model/warning';

export type EffectOf = {
  issuedAt: Seconds | null;
  liftedAt: Seconds | null;
  measures: readonly WarningMeasure[];
  /** Of the incidents that came of what it warned of; null: no harm is known. */
  harms: readonly { incident: string; number: string; harm: { from: Seconds; to: Seconds } | null }[];
  receipts: readonly {
    deliveredAt: Seconds;
    acknowledgedAt: Seconds | null;
    done: readonly { measure: string; at: Seconds }[];
    exposedThen: number | null;
    exposed: number | null;
    seenAt: Seconds | null;
  }[];
};

export type Spread = { least: Seconds; median: Seconds; most: Seconds };

export function effectOf({ issuedAt, liftedAt, measures, harms, receipts }: EffectOf, now: Seconds) {
  const harmed = harms.flatMap(({ harm, ...incident }) => (harm === null ? [] : [{ ...incident, harm }]));
  const leads =
    issuedAt === null
      ? []
      : harmed.map(({ incident, number, harm }) => ({
          incident,
          number,
          harm,
          least: harm.from - issuedAt,
          most: harm.to - issuedAt,
        }));
  const checked = receipts.filter(({ exposedThen }) => exposedThen !== null);
  const sum = (pick: (receipt: EffectOf['receipts'][number]) => number | null): number =>
    checked.reduce((all, one) => all + (pick(one) ?? 0), 0);
  const acknowledged = receipts.filter(({ acknowledgedAt }) => acknowledgedAt !== null);
  return {
    leads,
    leadSeconds: leads.length === 0 ? null : Math.min(...leads.map(({ least }) => least)),
    quietSeconds: issuedAt === null || leads.length > 0 ? null : (liftedAt ?? now) - issuedAt,
    acknowledged: {
      count: acknowledged.length,
      of: receipts.length,
      seconds: spreadOf(acknowledged.map(({ acknowledgedAt, deliveredAt }) => acknowledgedAt! - deliveredAt)),
    },
    measures: measures.map(({ id, dueAt, needs }) => {
      const given = dueAt === null || issuedAt === null ? null : dueAt - issuedAt;
      const done = receipts.flatMap(({ deliveredAt, done: all }) => {
        const one = all.find(({ measure }) => measure === id);
        return one ? [{ at: one.at, after: one.at - deliveredAt }] : [];
      });
      return {
        measure: id,
        givenSeconds: given,
        needsSeconds: needs,
        enough: given === null || needs === null ? null : given >= needs,
        done: done.length,
        inTime: dueAt === null ? done.length : done.filter(({ at }) => at <= dueAt).length,
        of: receipts.length,
        seconds: spreadOf(done.map(({ after }) => after)),
      };
    }),
    exposure:
      checked.length === 0
        ? null
        : {
            before: sum(({ exposedThen }) => exposedThen),
            now: sum(({ exposed }) => exposed),
            organisationsThen: checked.filter(({ exposedThen }) => exposedThen! > 0).length,
            organisationsNow: checked.filter(({ exposed }) => (exposed ?? 0) > 0).length,
          },
    seenAgain: receipts.filter(({ seenAt }) => seenAt !== null).length,
  };
}

/** Least, median (of an even number the lower one: it was measured) and most; null of nothing. */
export function spreadOf(seconds: readonly Seconds[]): Spread | null {
  if (seconds.length === 0) return null;
  const sorted = seconds.toSorted((a, b) => a - b);
  return { least: sorted[0]!, median: sorted[(sorted.length - 1) >> 1]!, most: sorted.at(-1)! };
}
