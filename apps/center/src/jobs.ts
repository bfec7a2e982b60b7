/**
 * What time alone brings about: clocks that come due, exceptions that end, sensors that fall silent, packets that were kept long enough, and
 * changes that are old enough to forget.
 */

import { forgetChanges, changesKeptSeconds } from '@forewarn/store/resources/changes';
import { incidentsDue, nextClockAt } from '@forewarn/store/resources/clocks';
import { lockIncident } from '@forewarn/store/resources/incidents';
import { act, centreScope } from './act.ts';
import type { Center } from './center-parts.ts';
import { unusualHour } from './baselines/unusual-hour.ts';
import { gradeCampaignsDue } from './campaigns/routes.ts';
import { regradeByTable } from './grading/quantification.ts';
import { assess } from './incidents/assessment.ts';
import { expireExceptions } from './noise/expire.ts';
import { tidyPackets } from './packets/tidy.ts';
import { makeDueReports } from './reports/schedule.ts';
import { runSchedules } from './schedules/run.ts';
import { watchSilence } from './sensors/report.ts';
import { chaseWarnings } from './warnings/chase.ts';
import { checkWarnings } from './warnings/check.ts';

/** A clock is told within this time, even if nobody woke us for it. */
const sleepMsMax = 15_000;

/** Between two looks, so that a clock that cannot be settled does not spin. */
const sleepMsMin = 250;

/** Incidents of one look; the others follow in the next. */
const incidentsMax = 100;

const forgetEveryMs = 600_000;

/** Silence is told within a tenth of what makes it one. */
const silenceEveryMs = 15_000;

/** What runs on a schedule runs every quarter of an hour at most; a minute late is soon enough. */
const scheduleEveryMs = 60_000;

/** A table that was signed, or a campaign whose incidents changed, counts within this time. */
const regradeEveryMs = 5_000;

/** A request that nobody answers is told within a tenth of the time it had. */
const tidyEveryMs = 12_000;

/** Nobody is reminded more finely than by the half hour; word that is a quarter of a minute late is in time. */
const warnEveryMs = 15_000;

export type Jobs = {
  /** Looks now, without waiting for the timer; resolves when what was due is told. */
  look(): Promise<void>;
  close(): Promise<void>;
};

export function startJobs(center: Center): Jobs {
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();

  async function windDue(): Promise<void> {
    const scope = await centreScope(center);
    const due = await center.database.scoped(scope, (tx) => incidentsDue(tx, center.clock.now(), incidentsMax));
    const index = due.length === 0 ? undefined : await center.estate.index();
    for (const id of due) {
      if (closed || !index) return;
      await act(center, null, async (acting) => {
        const incident = await lockIncident(acting.tx, id);
        if (incident) await assess(acting, index, incident, false);
      });
    }
  }

  async function sleepMs(): Promise<number> {
    const scope = await centreScope(center);
    const next = await center.database.scoped(scope, nextClockAt);
    return next === null ? sleepMsMax : Math.min(sleepMsMax, Math.max(sleepMsMin, (next - center.clock.now()) * 1000));
  }

  function look(): Promise<void> {
    clearTimeout(timer);
    working = working
      .then(() => (closed ? undefined : windDue()))
      .then(() => (closed ? undefined : expireExceptions(center)))
      .then(sleepMs)
      .catch((error: unknown) => {
        if (!closed) center.log.error({ err: error }, 'clocks could not be wound');
        return sleepMsMax;
      })
      .then((ms) => {
        clearTimeout(timer);
        if (!closed) timer = setTimeout(look, ms);
      });
    return working;
  }

  /** One look at a time; a slow one is not overtaken. */
  let watching: Promise<unknown> = Promise.resolve();
  const silence = setInterval(() => {
    watching = watching.then(() =>
      closed
        ? undefined
        : watchSilence(center).catch(
            (error: unknown) => closed || center.log.error({ err: error }, 'sensors could not be looked at'),
          ),
    );
  }, silenceEveryMs);

  let tidying: Promise<unknown> = Promise.resolve();
  const tidy = setInterval(() => {
    tidying = tidying.then(() =>
      closed
        ? undefined
        : tidyPackets(center).catch(
            (error: unknown) => closed || center.log.error({ err: error }, 'packets could not be tidied'),
          ),
    );
  }, tidyEveryMs);

  let warning: Promise<unknown> | undefined;
  const warnings = setInterval(() => {
    // A look that takes longer than the interval is not overtaken.
    if (closed || warning) return;
    warning = chaseWarnings(center)
      .then(() => (closed ? undefined : checkWarnings(center)))
      .catch((error: unknown) => closed || center.log.error({ err: error }, 'warnings could not be looked at'))
      .finally(() => (warning = undefined));
  }, warnEveryMs);

  let regrading: Promise<unknown> | undefined;
  const regrade = setInterval(() => {
    if (closed || regrading) return;
    regrading = (async () => {
      do {
        if (closed) return;
      } while (await regradeByTable(center));
      await gradeCampaignsDue(center);
    })()
      .catch((error: unknown) => closed || center.log.error({ err: error }, 'incidents and campaigns could not be graded anew'))
      .finally(() => (regrading = undefined));
  }, regradeEveryMs);

  let scheduling: Promise<unknown> | undefined;
  const schedules = setInterval(() => {
    // A run that takes longer than the interval is not overtaken.
    if (closed || scheduling) return;
    scheduling = runSchedules(center, center.trials.rules, unusualHour(center.unusualHour))
      .catch((error: unknown) => closed || center.log.error({ err: error }, 'schedules could not be looked at'))
      .finally(() => (scheduling = undefined));
  }, scheduleEveryMs);

  let reporting: Promise<unknown> | undefined;
  const reports = setInterval(() => {
    if (closed || reporting) return;
    reporting = makeDueReports(center)
      .catch((error: unknown) => closed || center.log.error({ err: error }, 'reports could not be made'))
      .finally(() => (reporting = undefined));
  }, scheduleEveryMs);

  const forgetting = setInterval(() => {
    center.database
      .system((tx) => forgetChanges(tx, center.clock.now() - changesKeptSeconds))
      .catch((error: unknown) => closed || center.log.error({ err: error }, 'old changes could not be removed'));
  }, forgetEveryMs);

  void look();
  return {
    look,
    async close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(forgetting);
      clearInterval(silence);
      clearInterval(tidy);
      clearInterval(schedules);
      clearInterval(reports);
      await reporting;
      clearInterval(regrade);
      await regrading;
      clearInterval(warnings);
      await warning;
      await scheduling;
      await watching;
      await tidying;
      await working;
    },
  };
}
