/**
 * Carries findings to their search: what changed is noted in PostgreSQL with the change itself, goes to ClickHouse, and then its note is taken
 * away. A kill between the two only carries it again, and a later edition of a row takes the place of the earlier one.
 */

import type { FindingSearch } from '@forewarn/store/clickhouse/finding-search';
import type { Database } from '@forewarn/store/postgres/database';
import { allDue, findingsDue, forgetDue } from '@forewarn/store/resources/finding-due';

export type FindingCarrier = {
  /** Something was committed. */
  wake(): void;
  /** Resolves when all that was noted before is carried over, or after `ms`: a page rather shows what is there than waits. */
  settled(ms?: number): Promise<void>;
  close(): Promise<void>;
};

/** A finding with its evidence is about a kilobyte; so many are read, written and forgotten in a tenth of a second. */
const atOnce = 2_000;

/** What nobody woke us for is carried over within this time. */
const sleepMs = 5_000;

/** A flood of findings is carried over at some ten thousand a second; who asks meanwhile waits no longer than this. */
const patienceMs = 1_000;

export function openFindingCarrier(database: Database, search: FindingSearch, onFault: (fault: unknown) => void): FindingCarrier {
  let closed = false;
  let checked = false;
  let working: Promise<void> | undefined;
  let again = false;

  async function carry(): Promise<void> {
    if (!checked) {
      // A search that is empty beside findings has lost what it knew, or was never told.
      if ((await search.count()) === 0) await database.system(allDue);
      checked = true;
    }
    do {
      again = false;
      for (;;) {
        if (closed) return;
        const due = await database.system((tx) => findingsDue(tx, atOnce));
        if (due.length === 0) break;
        await search.put(due);
        await database.system((tx) => forgetDue(tx, due));
      }
    } while (again);
  }

  function work(): Promise<void> {
    again = true;
    working ??= carry()
      .catch((fault: unknown) => closed || onFault(fault))
      .then(() => undefined)
      .finally(() => (working = undefined));
    return working;
  }

  const timer = setInterval(() => void work(), sleepMs);
  timer.unref();

  return {
    wake: () => void (closed || work()),
    async settled(ms = patienceMs) {
      let waiting: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => (waiting = setTimeout(resolve, ms)));
      await Promise.race([work(), patience]);
      clearTimeout(waiting);
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await working;
    },
  };
}
