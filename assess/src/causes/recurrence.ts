/** Causes over incidents: how often each came back, which are recurring, and which measures would have prevented most. Pure counting. */

import { formatInstant, type Seconds } from '@forewarn/base/time';
import type { CausedIncident, CauseView, MeasureView, Prevention } from '@forewarn/model/cause';
import type { Causes } from './taxonomy.ts';

const daySeconds = 86_400;

/** A year of months is what a page has room for, and what a yearly review asks for. */
const monthsShown = 12;
/** Incidents that are named for each cause; the list of incidents has them all. */
const incidentsShown = 20;

/** `2026-03`, in UTC. */
const monthOf = (at: Seconds): string => new Date(at * 1000).toISOString().slice(0, 7);

/** The present month and those before it, the oldest first. */
export function monthsUntil(at: Seconds, count = monthsShown): string[] {
  const now = new Date(at * 1000);
  return Array.from({ length: count }, (_, i) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - (count - 1 - i), 1)).toISOString().slice(0, 7),
  );
}

type Standing = Pick<Prevention, 'id' | 'measure' | 'causes' | 'state'>;

/** Each cause of closed incidents, the one that most incidents have first. An incident with a cause twice counts once. */
export function recurrence(
  { taxonomy }: Causes,
  incidents: readonly CausedIncident[],
  preventions: readonly Standing[],
  at: Seconds,
): CauseView[] {
  const since = at - taxonomy.recurring.withinDays * daySeconds;
  const months = monthsUntil(at);
  const byCause = new Map<string, CausedIncident[]>();
  for (const one of incidents) {
    const known = byCause.get(one.cause);
    if (known) known.push(one);
    else byCause.set(one.cause, [one]);
  }
  return [...byCause]
    .map(([cause, all]): CauseView => {
      // The leading part of an incident stands for it, should it name the cause as contributing as well.
      const own =
        [...new Map(all.toSorted((a, b) => Number(a.part === 'leading') - Number(b.part === 'leading')).map((one) => [one.incident, one])).values()] // oxfmt-ignore
          .sort((a, b) => b.closedAt - a.closedAt || (a.number < b.number ? 1 : -1));
      const levels = own.flatMap(({ level }) => (level === null ? [] : [level]));
      const counts = new Map(months.map((month) => [month, 0]));
      for (const { from } of own) {
        const month = monthOf(from);
        if (counts.has(month)) counts.set(month, counts.get(month)! + 1);
      }
      // The same root cause is what makes incidents recurring: what only contributed does not.
      const recent = own.filter(({ part, from }) => part === 'leading' && from > since && from <= at).length;
      const standing = preventions.filter((one) => one.causes.includes(cause));
      return {
        cause,
        leading: own.filter(({ part }) => part === 'leading').length,
        contributing: own.filter(({ part }) => part === 'contributing').length,
        organisations: new Set(own.flatMap(({ organisation }) => organisation ?? [])).size,
        gravest: levels.length === 0 ? null : Math.min(...levels),
        firstAt: formatInstant(Math.min(...own.map(({ from }) => from))),
        lastAt: formatInstant(Math.max(...own.map(({ from }) => from))),
        months: [...counts].map(([month, count]) => ({ month, count })),
        recurring: recent >= taxonomy.recurring.count,
        recent,
        preventions: {
          open: standing.filter(({ state }) => state !== 'done' && state !== 'dropped').length,
          done: standing.filter(({ state }) => state === 'done').length,
        },
        incidents: own.slice(0, incidentsShown).map(({ incident, number, part, closedAt, level, confidence }) => ({
          id: incident,
          number,
          part,
          closedAt: formatInstant(closedAt),
          level,
          confidence,
        })),
      };
    })
    .sort((a, b) => b.leading - a.leading || b.contributing - a.contributing || (a.cause < b.cause ? -1 : 1));
}

/** Measures of the taxonomy by how many of the incidents have a cause that they prevent. */
export function measuresFor(
  { causes, taxonomy }: Causes,
  incidents: readonly CausedIncident[],
  preventions: readonly Standing[],
): MeasureView[] {
  const met = new Set(incidents.map(({ cause }) => cause));
  return (
    taxonomy.measures
      .map(({ id }): MeasureView => {
        const prevents = [...met].filter((cause) => causes.get(cause)?.measures.includes(id));
        return {
          measure: id,
          incidents: new Set(incidents.filter(({ cause }) => prevents.includes(cause)).map(({ incident }) => incident)).size,
          causes: prevents.sort(),
          preventions: preventions.filter(({ measure, state }) => measure === id && state !== 'dropped').map((one) => one.id),
        };
      })
      .filter(({ incidents: count }) => count > 0)
      // Among equals the one against more causes, then the order of the catalogue.
      .sort((a, b) => b.incidents - a.incidents || b.causes.length - a.causes.length)
  );
}

/** Incidents with one of a preventive measure's causes; and of these those that began after it was done. */
export function effectOf(
  prevention: Pick<Prevention, 'causes' | 'doneAt' | 'state'>,
  incidents: readonly Pick<CausedIncident, 'incident' | 'cause' | 'from'>[],
): { incidents: number; cameBack: number } {
  const own = new Map(incidents.filter(({ cause }) => prevention.causes.includes(cause)).map((one) => [one.incident, one]));
  const { doneAt, state } = prevention;
  return {
    incidents: own.size,
    cameBack: doneAt === null || state !== 'done' ? 0 : [...own.values()].filter(({ from }) => from > doneAt).length,
  };
}
