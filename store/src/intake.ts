/**
 * Takes batches in, from the acknowledgement to the findings. Every step may be repeated, so that a process may be killed between any two:
 *
 *     accept ─▶ spool file, synced ─▶ row `received` ─▶ acknowledged
 *                                          │
 *                records into ClickHouse ◀─┘  dropped there when they came before (batch id)
 *                          │
 *                   row `stored` ─▶ detect ─▶ findings and row `detected` in one transaction ─▶ spool file removed
 *
 *     const intake = await openIntake({ dir: join(DATA, 'spool'), database, records, keep, detect, clock });
 *     const acknowledgement = await intake.accept(envelope, batch);
 */

import type { Clock } from '@forewarn/base/time';
import { Refusal } from '@forewarn/base/refusal';
import type { Acknowledgement, Batch, Envelope } from '@forewarn/model/batch';
import type { Records } from './clickhouse/records.ts';
import { limits } from './limits.ts';
import type { Database, Transaction } from './postgres/database.ts';
import { countBatch, type LogCount } from './resources/sensors.ts';
import { openSpool, type SpooledBatch } from './spool.ts';

/** What follows from a batch: computed outside of any transaction, written inside one, together with the batch's state. */
export type Detect = (envelope: Envelope, batch: Batch) => Promise<(tx: Transaction) => Promise<void>>;

/** What of a batch may be kept: `classifyBatch` of `guard/classes`, with the policy of the envelope's link. */
export type Keep = (envelope: Envelope, batch: Batch) => Kept | Promise<Kept>;
export type Kept = {
  batch: Batch;
  refused: number;
  odd: number;
  /** Fields of open-ended logs that no policy lets in, by log. */
  withheld?: { readonly [log: string]: number };
};

export type IntakeOptions = {
  dir: string;
  database: Database;
  records: Pick<Records, 'insertBatch'>;
  keep: Keep;
  detect: Detect;
  clock: Clock;
  onFault?: (fault: Error) => void;
  /** Told after each batch whose records and findings are written. */
  onBatch?: (envelope: Envelope, batch: Batch) => void;
  /** First wait after a failure; a test may have less patience. */
  retryMs?: number;
  free?: () => number;
};

export type Intake = {
  /** On the disk, and dropped when it came before, when it resolves. Refusals: `intake.full`, `store.disk.full`, `store.busy`. */
  accept(envelope: Envelope, batch: Batch): Promise<Acknowledgement>;
  /** Resolves when everything accepted so far is stored and looked at. */
  settled(): Promise<void>;
  /** Waits for the batch at hand; the others are taken up at the next start. */
  close(): Promise<void>;
};

type Row = { state: 'received' | 'stored' | 'detected' | 'failed'; records: number };

const recordsOf = (batch: Batch): number => Object.values(batch.logs).reduce((sum, list) => sum + list.length, 0);

/** What a batch has of each log, and when the newest of it was; records without an instant count as of now. */
function logsOf({ logs }: Batch, withheld: Kept['withheld'], now: number): LogCount[] {
  return Object.entries(logs).flatMap(([log, records]) => {
    if (records.length === 0) return [];
    const instants = records.flatMap(({ ts }) => (typeof ts === 'number' ? ts : []));
    const newest = instants.reduce((last, ts) => Math.max(last, ts), 0);
    return [{ log, records: records.length, lastAt: instants.length === 0 ? now : newest, withheld: withheld?.[log] ?? 0 }];
  });
}

/** Opens the spool and takes up what an earlier process left. */
export async function openIntake(options: IntakeOptions): Promise<Intake> {
  const { database, records, keep, detect, clock } = options;
  const spool = openSpool(options.dir, options.free);
  const queue: string[] = [];
  /** The same batch twice at the same moment waits for itself. */
  const arriving = new Map<string, Promise<Acknowledgement>>();
  const life: { closed: boolean; working: Promise<void> | undefined } = { closed: false, working: undefined };
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

  const find = (tx: Transaction, id: string) =>
    tx.query<Row>('select state, records from batch where id = $1', [id]).then(([row]) => row);

  /** Registers a batch that is on the disk; the sensor's count goes up with the row, once. */
  async function register({ envelope, batch, receivedAt, refused, odd, withheld }: SpooledBatch): Promise<boolean> {
    const count = recordsOf(batch);
    return database.system(async (tx) => {
      const added = await tx.query(
        `insert into batch (id, sensor, organisation, state, received_at, records, refused, odd)
         values ($1, $2, $3, 'received', $4, $5, $6, $7) on conflict (id) do nothing returning id`,
        [batch.id, envelope.sensor, envelope.organisation, receivedAt, count, refused, odd],
      );
      const { sensor, organisation } = envelope;
      if (added.length > 0)
        await countBatch(tx, { sensor, organisation, at: receivedAt, records: count, logs: logsOf(batch, withheld, receivedAt) });
      return added.length > 0;
    });
  }

  async function take(envelope: Envelope, given: Batch): Promise<Acknowledgement> {
    const before = await database.system((tx) => find(tx, given.id));
    // A row whose file is gone before it was stored (a disk that was restored) is taken as new.
    if (before && (spool.has(given.id) || before.state === 'detected' || before.state === 'failed')) {
      return { batch: given.id, records: before.records, repeated: true };
    }
    const { batch, ...counts } = await keep(envelope, given);
    const spooled: SpooledBatch = { envelope, batch, receivedAt: clock.now(), ...counts };
    await spool.add(spooled);
    const isNew = await register(spooled);
    queue.push(batch.id);
    wake();
    return { batch: batch.id, records: recordsOf(batch), repeated: !isNew };
  }

  async function carryOn(id: string): Promise<void> {
    // It may stand in the queue twice: left by an earlier process, and sent again before its turn.
    if (!spool.has(id)) return;
    const spooled = await spool.read(id);
    const { envelope, batch } = spooled;
    let row = await database.system((tx) => find(tx, id));
    if (!row) {
      // The process ended between the file and the row.
      await register(spooled);
      row = { state: 'received', records: 0 };
    }
    if (row.state === 'received') {
      await records.insertBatch(envelope, batch);
      await database.system((tx) => tx.query(`update batch set state = 'stored' where id = $1`, [id]));
    }
    if (row.state === 'received' || row.state === 'stored') {
      const write = await detect(envelope, batch);
      await database.system(async (tx) => {
        await write(tx);
        await tx.query(`update batch set state = 'detected' where id = $1`, [id]);
      });
    }
    await spool.remove(id);
    options.onBatch?.(envelope, batch);
  }

  async function work(): Promise<void> {
    for (let failures = 0, waitMs = options.retryMs ?? 500; !life.closed && queue.length > 0;) {
      const id = queue[0] as string;
      try {
        await carryOn(id);
        queue.shift();
        failures = 0;
        waitMs = options.retryMs ?? 500;
      } catch (cause) {
        options.onFault?.(new Error(`The batch ${id} could not be processed.`, { cause }));
        // Room and time come back by themselves; anything else is this batch's own, and must not stop the others.
        if (!(cause instanceof Refusal)) failures += 1;
        if (failures >= limits.batchAttempts.value) {
          await giveUp(id);
          queue.shift();
          failures = 0;
        } else {
          await pause(waitMs);
          waitMs = Math.min(waitMs * 2, limits.retryMsMax.value);
        }
      }
    }
  }

  async function giveUp(id: string): Promise<void> {
    try {
      await database.system((tx) => tx.query(`update batch set state = 'failed' where id = $1`, [id]));
      await spool.putAside(id);
      options.onFault?.(new Error(`The batch ${id} was put aside after ${limits.batchAttempts.value} attempts.`));
    } catch (cause) {
      options.onFault?.(new Error(`The batch ${id} could not be put aside.`, { cause }));
    }
  }

  function wake(): void {
    if (life.working || life.closed) return;
    life.working = work().finally(() => {
      life.working = undefined;
      if (queue.length > 0) wake();
    });
  }

  await database.system((tx) =>
    tx.query(`delete from batch where received_at < $1 and state in ('detected', 'failed')`, [
      clock.now() - limits.batchDays.value * 86_400,
    ]),
  );
  queue.push(...spool.waiting());
  wake();

  return {
    accept(envelope, batch) {
      if (life.closed)
        return Promise.reject(
          new Refusal('intake.closed', 'The centre is stopping.', { advice: 'Send the batch again in some seconds.' }),
        );
      const same = arriving.get(batch.id);
      if (same) return same.then((first) => ({ ...first, repeated: true }));
      const mine = take(envelope, batch).finally(() => arriving.delete(batch.id));
      arriving.set(batch.id, mine);
      return mine;
    },
    async settled() {
      while (life.working && !life.closed) await life.working;
    },
    async close() {
      life.closed = true;
      stopWaiting?.();
      await Promise.allSettled(arriving.values());
      await life.working;
    },
  };
}
