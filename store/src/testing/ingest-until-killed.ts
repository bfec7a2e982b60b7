/**
 * A process that takes batches in until it is killed. Prints a line a batch it acknowledged; the batches are numbered, and
 * number n is the same in every process. Started by `intake.test.ts` with the data folder and the first number.
 */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Envelope } from '@forewarn/model/batch';
import { recordTypes } from '@forewarn/model/records/index';
import { openAudit } from '../audit.ts';
import { openRecords } from '../clickhouse/records.ts';
import { lockDataFolder } from '../folder.ts';
import { openIntake } from '../intake.ts';
import { migrations } from '../migrations/index.ts';
import { openOutbox } from '../outbox.ts';
import { openPostgres } from '../postgres/database.ts';
import { migrate, type Migration } from '../postgres/migrations.ts';
import { prepareDatabaseTemplate } from '../postgres/template.ts';

export const envelope: Envelope = {
  sensor: 's1',
  organisation: 'hospital-east',
  link: null,
  networkType: 'computer',
  source: 'eth0',
  marking: 'TLP:AMBER',
};

export const recordsEach = 30;

/** Batch number n: records of three logs and of two years, so that several parts are written. */
export function batchOf(n: number) {
  const record = (index: number) => ({
    ts: (index % 2 === 0 ? 1_650_000_000 : 1_700_000_000) + n,
    uid: `C${n}-${index}`,
    'id.orig_h': '10.0.0.1',
    'id.orig_p': 1,
    'id.resp_h': '10.0.0.2',
    'id.resp_p': 2,
  });
  const list = Array.from({ length: recordsEach / 3 }, (_unused, index) => record(index));
  return {
    id: createHash('sha256').update(String(n)).digest('hex'),
    source: 'eth0',
    logs: { conn: list, dns: list, http: list },
  };
}

/** Every findings' write of a batch is a row here; a second one for the same batch would be seen. */
const seen: Migration = {
  id: 'test-seen',
  sql: 'create table seen (batch text not null); create table delivered (seq bigint not null)',
};
export const testMigrations: readonly Migration[] = [...migrations, seen];

export async function openAll(dir: string) {
  const folder = lockDataFolder(dir);
  const database = await openPostgres({ dir: join(dir, 'postgres'), template: await prepareDatabaseTemplate() });
  await migrate(database, testMigrations);
  const clock = { now: () => Date.now() / 1000 };
  const faults: Error[] = [];
  const onFault = (fault: Error) => void faults.push(fault);
  const audit = await openAudit({ file: join(dir, 'audit.head'), database, clock, onFault });
  const records = await openRecords({ dir: join(dir, 'clickhouse'), recordTypes });
  const outbox = openOutbox({
    database,
    clock,
    onFault,
    deliver: ({ seq }) => database.system(async (tx) => void (await tx.query('insert into delivered values ($1)', [seq]))),
  });
  const intake = await openIntake({
    dir: join(dir, 'spool'),
    database,
    records,
    clock,
    onFault,
    keep: (_envelope, batch) => ({ batch, refused: 0, odd: 0 }),
    detect: (_envelope, batch) =>
      Promise.resolve(async (tx) => {
        await tx.query('insert into seen values ($1)', [batch.id]);
        await outbox.add(tx, 'finding', { batch: batch.id });
        await audit.record(tx, {
          organisation: 'hospital-east',
          actor: 'sensor',
          demo: false,
          action: 'finding',
          object: batch.id,
          detail: {},
        });
      }),
  });
  return {
    database,
    records,
    intake,
    outbox,
    audit,
    faults,
    async close() {
      await intake.close();
      await outbox.close();
      await audit.close();
      await records.close();
      await database.close();
      folder.release();
    },
  };
}

if (import.meta.main) {
  const [dir, first] = process.argv.slice(2);
  if (dir === undefined) throw new Error('Name the data folder.');
  const { intake, faults } = await openAll(dir);
  process.stdout.write('open\n');
  for (let n = Number(first); ; n += 1) {
    const { repeated } = await intake.accept(envelope, batchOf(n));
    process.stdout.write(`${n} ${repeated ? 'repeated' : 'new'}\n`);
    for (const fault of faults.splice(0)) process.stderr.write(`${fault.message} ${String(fault.cause)}\n`);
  }
}
