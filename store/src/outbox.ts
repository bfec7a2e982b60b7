/**
 * The outbox: a message is written in the transaction of what it tells of, and delivered afterwards – at least once, in
 * order, also after a kill. So an incident in one store and the mail about it are never two hopeful writes.
 *
 *     const outbox = openOutbox({ database, clock, deliver: async ({ seq, topic, payload }) => { … } });
 *     await database.scoped(scope, async (tx) => {
 *       await …;                                                    // the change
 *       await outbox.add(tx, 'warning.issued', { warning: id });    // and what must follow
 *     });
 *
 * `deliver` may see the same message twice (the process ended between the delivery and its mark): make it idempotent, by `seq` or by
 * what it does. When it throws, the message is tried again with growing waits and those behind it wait; after many attempts it is put
 * aside and told to `onFault`.
 */

import type { Json } from '@forewarn/base/canonical';
import type { Clock } from '@forewarn/base/time';
import { limits } from './limits.ts';
import type { Database, Transaction } from './postgres/database.ts';

export type Message = { readonly seq: number; readonly at: number; readonly topic: string; readonly payload: Json };

export type Outbox = {
  add(tx: Transaction, topic: string, payload: Json): Promise<void>;
  /** Resolves when nothing is left to deliver. */
  settled(): Promise<void>;
  /** Waits for the delivery at hand. */
  close(): Promise<void>;
};

export type OutboxOptions = {
  database: Database;
  clock: Clock;
  deliver: (message: Message) => Promise<void>;
  onFault?: (fault: Error) => void;
  retryMs?: number;
};

/** Opens the outbox and delivers what an earlier process left. */
export function openOutbox({ database, clock, deliver, onFault, retryMs = 500 }: OutboxOptions): Outbox {
  const life: { closed: boolean; working: Promise<void> | undefined } = { closed: false, working: undefined };
  let more = true;
  let stopWaiting: (() => void) | undefined;

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      if (life.closed) return resolve();
      const timer = setTimeout(resolve, ms);
      stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** Whether to go on with the next one. */
  async function deliverOne(message: Message & { attempts: number }): Promise<boolean> {
    try {
      await deliver(message);
    } catch (cause) {
      const attempts = message.attempts + 1;
      const given = attempts >= limits.outboxAttempts.value;
      onFault?.(
        new Error(`Message ${message.seq} (${message.topic}) was not delivered${given ? ' and is put aside' : ''}.`, { cause }),
      );
      await database.system((tx) =>
        tx.query('update outbox set attempts = $2, failed = $3 where seq = $1', [
          message.seq,
          attempts,
          given ? String(cause) : null,
        ]),
      );
      if (!given) await pause(Math.min(retryMs * 2 ** (attempts - 1), limits.retryMsMax.value));
      return given;
    }
    await database.system((tx) => tx.query('delete from outbox where seq = $1', [message.seq]));
    return true;
  }

  async function work(): Promise<void> {
    while (more && !life.closed) {
      more = false;
      const messages = await database.system((tx) =>
        tx.query<Message & { attempts: number }>(
          'select seq, at, topic, payload, attempts from outbox where failed is null order by seq limit $1',
          [limits.outboxPage.value],
        ),
      );
      if (messages.length === limits.outboxPage.value) more = true;
      for (const message of messages) {
        if (life.closed) return;
        if (!(await deliverOne(message))) {
          more = true;
          break;
        }
      }
    }
  }

  function wake(): void {
    more = true;
    if (life.working || life.closed) return;
    life.working = work()
      .catch(async (cause: unknown) => {
        onFault?.(new Error('The outbox could not be read.', { cause }));
        more = true;
        await pause(limits.retryMsMax.value);
      })
      .finally(() => {
        life.working = undefined;
        if (more) wake();
      });
  }

  wake();

  return {
    async add(tx, topic, payload) {
      await tx.query('insert into outbox (at, topic, payload) values ($1, $2, $3)', [
        clock.now(),
        topic,
        JSON.stringify(payload),
      ]);
      tx.afterCommit(wake);
    },
    async settled() {
      while (life.working && !life.closed) await life.working;
    },
    async close() {
      life.closed = true;
      stopWaiting?.();
      await life.working;
    },
  };
}
