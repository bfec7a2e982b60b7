/**
 * Time passing: clocks that have become due soon or were missed are wound again and told. One timer, set to the next moment at which
 * anything changes; every minute at the latest, so that a computer that slept catches up.
 */

import type { Logger } from 'pino';
import { incidentsDue, nextClockAt } from '@forewarn/store/resources/clocks';
import { changesKeptSeconds, forgetChanges } from '@forewarn/store/resources/changes';
import { lockIncident } from '@forewarn/store/resources/incidents';
import { act, centreScope } from '../act.ts';
import type { Center } from '../center-parts.ts';
import { assess } from './assessment.ts';

/** Incidents that are wound in one turn; the next turn follows at once when there are more. */
const turnMax = 50;
const longestMs = 60_000;
const shortestMs = 50;

export type ClockJob = { /** Looks now: a clock was started or moved. */ look(): void; close(): Promise<void> };

export function startClockJob(center: Center, log: Logger): ClockJob {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let running: Promise<void> = Promise.resolve();

  async function turn(): Promise<void> {
    let waitMs = longestMs;
    try {
      const scope = await centreScope(center);
      const now = center.clock.now();
      const { due, next } = await center.database.scoped(scope, async (tx) => {
        await forgetChanges(tx, now - changesKeptSeconds);
        return { due: await incidentsDue(tx, now, turnMax), next: await nextClockAt(tx) };
      });
      const index = await center.estate.index();
      for (const id of due) {
        if (closed) return;
        await act(center, null, async (acting) => {
          const incident = await lockIncident(acting.tx, id);
          if (incident) await assess(acting, index, incident, false);
        });
      }
      const ahead = due.length > 0 ? 0 : next === null ? longestMs : (next - center.clock.now()) * 1000;
      waitMs = Math.min(longestMs, Math.max(shortestMs, ahead));
    } catch (error) {
      if (!closed) log.error({ err: error }, 'clocks could not be wound; tried again in a minute');
    }
    if (!closed) timer = setTimeout(go, waitMs);
  }

  const go = (): void => {
    clearTimeout(timer);
    running = running.then(() => (closed ? undefined : turn()));
  };
  go();
  return {
    look: go,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
