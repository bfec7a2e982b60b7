/** The trials of a running centre: a few at once, in memory, each seen by who asked for it alone. */

import { randomUUID } from 'node:crypto';
import { Refusal } from '@forewarn/base/refusal';
import type { DetectionContent } from '@forewarn/detect/content';
import type { Trial } from '@forewarn/model/trials';
import type { RecordRange, Records, RecordScope } from '@forewarn/store/clickhouse/records';
import { startTrial, type RunningTrial, type Tried } from './trial.ts';

/** At once and account: one looked at and one beside it. */
const runningMax = 2;

/** At once of all accounts: a reading session of three stays free for look-ups. */
const runningOfAllMax = 2;

/** Kept of one account: who compares editions of a rule has some. */
const keptMax = 20;

/** Kept after its end: a page that is left open asks again when somebody comes back to it. */
const keptSeconds = 1_800;

/** A month of a hundred million flows takes some minutes; longer ones are for a schedule. */
const trialSeconds = 600;

export type TrialDesk = {
  readonly rules: Pick<DetectionContent, 'rules' | 'correlations' | 'documents' | 'logSources'>;
  start(account: string, asked: { scope: RecordScope; tried: Tried; range: RecordRange }): Trial;
  find(account: string, id: string): Trial | undefined;
  /** Whether there was one to stop. */
  stop(account: string, id: string): boolean;
  close(): Promise<void>;
};

type Kept = { account: string; trial: RunningTrial; endedAt: number | undefined };

export function createTrialDesk({
  records,
  rules,
  watch,
  onFault,
}: {
  records: Records;
  rules: TrialDesk['rules'];
  /** Seconds that only go on. */
  watch: () => number;
  onFault: (fault: unknown) => void;
}): TrialDesk {
  const kept = new Map<string, Kept>();
  const running = (): Kept[] => [...kept.values()].filter(({ endedAt }) => endedAt === undefined);

  function forget(account: string): void {
    for (const [id, { endedAt }] of kept) if (endedAt !== undefined && watch() - endedAt > keptSeconds) kept.delete(id);
    const over = [...kept].filter(([, one]) => one.account === account && one.endedAt !== undefined);
    for (const [id] of over.slice(0, Math.max(0, over.length - keptMax + 1))) kept.delete(id);
  }

  return {
    rules,
    start(account, { scope, tried, range }) {
      forget(account);
      const all = running();
      if (all.filter((one) => one.account === account).length >= runningMax || all.length >= runningOfAllMax) {
        throw new Refusal('trial.many', 'As many trials as may run at once do so already.', {
          advice: 'Wait for one to end, or stop yours.',
        });
      }
      const id = randomUUID();
      const trial = startTrial({ records, scope, tried, range, id, watch, secondsMax: trialSeconds });
      const one: Kept = { account, trial, endedAt: undefined };
      kept.set(id, one);
      void trial.done.catch(onFault).finally(() => (one.endedAt = watch()));
      return trial.shown();
    },
    find(account, id) {
      const one = kept.get(id);
      return one?.account === account ? one.trial.shown() : undefined;
    },
    stop(account, id) {
      const one = kept.get(id);
      if (one?.account !== account) return false;
      one.trial.stop();
      return true;
    },
    async close() {
      const all = running();
      for (const { trial } of all) trial.stop();
      await Promise.all(all.map(({ trial }) => trial.done.catch(() => undefined)));
    },
  };
}
