/**
 * Hands changes to those who wait for them. Each organisation that somebody of is reading is asked for once, in its own scope, so
 * that row-level security decides what it hears of; its readers share the answer.
 */

import { randomUUID } from 'node:crypto';
import type { Database, Scope } from '@forewarn/store/postgres/database';
import { changeIdAt, changesAfter, changesReadMax, type Change } from '@forewarn/store/resources/changes';

export type ChangeHub = {
  /** Something was committed; readers are told shortly. */
  wake(): void;
  /**
   * Calls `tell` with changes after `after` (a change's id, or a moment in seconds) until the result is called. Changes come in
   * order, each once.
   */
  read(scope: Scope, after: string | number, tell: (changes: readonly Change[]) => void): () => void;
  readonly readers: number;
  close(): void;
};

/** Many changes come together; a screen need not hear of them more than ten times a second. */
const settleMs = 100;

type Reader = { tell: (changes: readonly Change[]) => void; after: string };

export function createChangeHub(database: Database, onFault: (fault: unknown) => void): ChangeHub {
  const groups = new Map<string, { scope: Scope; readers: Map<string, Reader>; busy: boolean; again: boolean }>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function serve(group: NonNullable<ReturnType<typeof groups.get>>): Promise<void> {
    if (group.busy) {
      group.again = true;
      return;
    }
    group.busy = true;
    try {
      do {
        group.again = false;
        const waiting = [...group.readers.values()];
        if (waiting.length === 0 || closed) break;
        const oldest = waiting.map(({ after }) => after).reduce((a, b) => (a < b ? a : b));
        const changes = await database.scoped(group.scope, (tx) => changesAfter(tx, oldest));
        const last = changes.at(-1)?.id;
        for (const reader of waiting) {
          const news = changes.filter(({ id }) => id > reader.after);
          if (last !== undefined && last > reader.after) reader.after = last;
          if (news.length > 0) reader.tell(news);
        }
        // A full page means there may be more.
        if (changes.length >= changesReadMax) group.again = true;
      } while (group.again);
    } catch (fault) {
      if (!closed) onFault(fault);
    } finally {
      group.busy = false;
    }
  }

  const serveAll = (): void => {
    timer = undefined;
    for (const group of groups.values()) void serve(group);
  };

  return {
    wake() {
      if (!closed) timer ??= setTimeout(serveAll, settleMs);
    },
    read(scope, after, tell) {
      // A group's scope carries no account: the rows that are seen depend on the organisation alone.
      const key = JSON.stringify([scope.organisation, scope.centre]);
      const group = groups.get(key) ?? { scope: { ...scope, account: 'changes' }, readers: new Map(), busy: false, again: false };
      groups.set(key, group);
      const id = randomUUID();
      group.readers.set(id, { tell, after: typeof after === 'string' ? after : changeIdAt(after) });
      void serve(group);
      return () => {
        group.readers.delete(id);
        if (group.readers.size === 0) groups.delete(key);
      };
    },
    get readers() {
      return [...groups.values()].reduce((sum, { readers }) => sum + readers.size, 0);
    },
    close() {
      closed = true;
      clearTimeout(timer);
      groups.clear();
    },
  };
}
