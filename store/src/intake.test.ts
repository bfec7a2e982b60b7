import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Batch } from '@forewarn/model/batch';
import { openIntake, type Detect, type Intake } from './intake.ts';
import { limits } from './limits.ts';
import { openOutbox, type Message } from './outbox.ts';
import { batchOf, envelope, openAll, recordsEach } from './testing/ingest-until-killed.ts';
import { logsOfSensors } from './resources/sensors.ts';
import { openTrial, type Trial } from './trial.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await openTrial();
  await trial.database.script(
    `insert into organisation values ('hospital-east', '{}', 'operator', 'health', 'r', 'network-operator', null, '');
     insert into sensor (id, organisation, name, network_type, marking, created_at) values ('s1', 'hospital-east', 's1', 'computer', 'TLP:AMBER', 0)`,
  );
});
afterAll(() => trial.end());

const clock = { now: () => 1_700_000_000 };
let folders = 0;
const faults: string[] = [];

/** An intake of its own folder; `stored` are the batches that reached the record store. */
async function open(
  more: { insert?: (batch: Batch) => Promise<number>; detect?: Detect; free?: () => number; dir?: string } = {},
) {
  const stored: string[] = [];
  const dir = more.dir ?? join(trial.dir, `spool-${folders++}`);
  const intake: Intake = await openIntake({
    dir,
    database: trial.database,
    records: {
      insertBatch: async (_envelope, batch) => {
        const count = (await more.insert?.(batch)) ?? 1;
        stored.push(batch.id);
        return count;
      },
    },
    keep: (_envelope, batch) => ({ batch, refused: 0, odd: 0, withheld: { ntp: 2 } }),
    detect: more.detect ?? (() => Promise.resolve(() => Promise.resolve())),
    clock,
    onFault: (fault) => void faults.push(fault.message),
    retryMs: 5,
    ...(more.free ? { free: more.free } : {}),
  });
  return { intake, stored, dir };
}
const states = () =>
  trial.database
    .system((tx) => tx.query<{ id: string; state: string }>('select id, state from batch'))
    .then((rows) => new Map(rows.map(({ id, state }) => [id, state])));

test('a batch is acknowledged once and as a repetition ever after; the sensor counts it once', async () => {
  const { intake, stored, dir } = await open();
  const batch = batchOf(1);
  const both = await Promise.all([intake.accept(envelope, batch), intake.accept(envelope, batch)]);
  expect(both.map(({ repeated }) => repeated)).toEqual([false, true]);
  await intake.settled();
  expect(await intake.accept(envelope, batch)).toEqual({ batch: batch.id, records: recordsEach, repeated: true });
  await intake.close();
  const again = await open({ dir });
  expect((await again.intake.accept(envelope, batch)).repeated).toBe(true);
  await again.intake.settled();
  await again.intake.close();
  expect([...stored, ...again.stored]).toEqual([batch.id]);
  expect(readdirSync(dir)).toEqual(['failed']);
  expect((await states()).get(batch.id)).toBe('detected');
  const [sensor] = await trial.database.system((tx) => tx.query(`select records, last_batch_at from sensor where id = 's1'`));
  expect(sensor).toEqual({ records: recordsEach, last_batch_at: clock.now() });
});

test('of each log it is known how much came, how much of it was withheld and when the newest record was, once for each batch, never later than its arrival', async () => {
  const { intake } = await open();
  const record = (ts: number) => ({ ts });
  const batch = { ...batchOf(70), logs: { ntp: [record(5), record(9), record(7)], ssh: [record(1_800_000_000)], ftp: [] } };
  await intake.accept(envelope, batch);
  await intake.accept(envelope, batch);
  await intake.accept(envelope, { ...batchOf(71), logs: { ntp: [record(3)], x509: [{ ts: -1e300 }] } });
  const logs = (await trial.database.system((tx) => logsOfSensors(tx))).get(envelope.sensor);
  const seen = logs?.filter(({ log }) => ['ftp', 'ntp', 'ssh', 'x509'].includes(log));
  expect(seen).toEqual([
    { log: 'ntp', records: 4, lastAt: 9, withheld: 4 },
    { log: 'ssh', records: 1, lastAt: clock.now(), withheld: 0 },
    { log: 'x509', records: 1, lastAt: 0, withheld: 0 },
  ]);
});

test('an acknowledged batch is in the spool even when nothing else works, and is taken up at the next start', async () => {
  const broken = await open({ insert: () => Promise.reject(new Error('no store')) });
  const batch = batchOf(2);
  expect(await broken.intake.accept(envelope, batch)).toMatchObject({ repeated: false });
  expect(readdirSync(broken.dir).join()).toContain(batch.id);
  await broken.intake.close();
  const next = await open({ dir: broken.dir });
  await next.intake.settled();
  expect(next.stored).toEqual([batch.id]);
  expect((await states()).get(batch.id)).toBe('detected');
  await next.intake.close();
});

test('a batch that makes us fail is put aside, and those behind it go on', async () => {
  const bad = batchOf(3);
  const good = batchOf(4);
  const { intake, dir } = await open({
    detect: (_envelope, batch) =>
      batch.id === bad.id ? Promise.reject(new Error('a rule broke')) : Promise.resolve(() => Promise.resolve()),
  });
  faults.length = 0;
  await intake.accept(envelope, bad);
  await intake.accept(envelope, good);
  await intake.settled();
  expect((await states()).get(bad.id)).toBe('failed');
  expect((await states()).get(good.id)).toBe('detected');
  expect(readdirSync(join(dir, 'failed')).join()).toContain(bad.id);
  expect(faults).toHaveLength(limits.batchAttempts.value + 1);
  expect((await intake.accept(envelope, bad)).repeated).toBe(true);
  await intake.close();
});

test('the findings of a batch and its state are one: when the write fails neither is there', async () => {
  let attempts = 0;
  const batch = batchOf(5);
  const { intake } = await open({
    detect: (_envelope, { id }) =>
      Promise.resolve(async (tx) => {
        await tx.query(`insert into outbox (at, topic, payload) values (0, 'half', '{}')`);
        attempts += 1;
        if (id === batch.id && attempts < 3) throw new Error('between');
      }),
  });
  await intake.accept(envelope, batch);
  await intake.settled();
  await intake.close();
  expect(await trial.database.system((tx) => tx.query(`delete from outbox where topic = 'half' returning seq`))).toHaveLength(1);
});

test('a full spool and a full disk refuse the batch and write nothing', async () => {
  const { intake, dir } = await open({ free: () => 0 });
  await expect(intake.accept(envelope, batchOf(6))).rejects.toMatchObject({ code: 'store.disk.full' });
  expect(readdirSync(dir)).toEqual(['failed']);
  expect((await states()).has(batchOf(6).id)).toBe(false);
  await intake.close();
});

test('the outbox delivers in order, tries again, and delivers what an earlier one left', async () => {
  const delivered: Message[] = [];
  let failing = 2;
  const add = async (outbox: ReturnType<typeof openOutbox>, name: string) =>
    trial.database.scoped({ organisation: 'hospital-east', centre: false, account: 'a' }, (tx) =>
      outbox.add(tx, 'test', { name }),
    );
  const idle = openOutbox({ database: trial.database, clock, deliver: () => Promise.reject(new Error('down')), retryMs: 60_000 });
  await add(idle, 'one');
  await add(idle, 'two');
  await idle.close();
  const outbox = openOutbox({
    database: trial.database,
    clock,
    retryMs: 5,
    deliver: (message) => {
      if (failing-- > 0) return Promise.reject(new Error('down'));
      delivered.push(message);
      return Promise.resolve();
    },
  });
  await add(outbox, 'three');
  await trial.database
    .system(async (tx) => {
      await outbox.add(tx, 'test', { name: 'never' });
      throw new Error('rolled back');
    })
    .catch(() => undefined);
  await outbox.settled();
  expect(delivered.map(({ payload }) => payload)).toEqual([{ name: 'one' }, { name: 'two' }, { name: 'three' }]);
  await outbox.close();
});

test('a message that can never be delivered is put aside and told', async () => {
  const told: string[] = [];
  const delivered: unknown[] = [];
  const outbox = openOutbox({
    database: trial.database,
    clock,
    retryMs: 0,
    onFault: (fault) => void told.push(fault.message),
    deliver: ({ payload }) => {
      if (payload === 'poison') return Promise.reject(new Error('no'));
      delivered.push(payload);
      return Promise.resolve();
    },
  });
  await trial.database.system(async (tx) => {
    await outbox.add(tx, 'test', 'poison');
    await outbox.add(tx, 'test', 'behind');
  });
  await outbox.settled();
  expect(delivered).toEqual(['behind']);
  expect(told.at(-1)).toMatch(/put aside/);
  await outbox.close();
});

test('killed at any moment: what was acknowledged is stored once, looked at once, delivered, and the audit holds', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'forewarn-kill-'));
  const script = new URL('testing/ingest-until-killed.ts', import.meta.url).pathname;
  const acknowledged = new Set<number>();
  let first = 0;
  // Killed when it has told so many: in the middle of what comes next, with some batches stored, some not, one half.
  for (const told of [4, 15, 8]) {
    const child = spawn(process.execPath, [script, dir, String(first)], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    let errors = '';
    child.stderr.on('data', (chunk) => (errors += String(chunk)));
    child.stdout.on('data', (chunk) => {
      output += String(chunk);
      if (output.split('\n').length > told) child.kill('SIGKILL');
    });
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    expect({ code, signal, errors }).toEqual({ code: null, signal: 'SIGKILL', errors: '' });
    for (const line of output.split('\n')) if (/^\d+ (new|repeated)$/.test(line)) acknowledged.add(Number.parseInt(line, 10));
    // The next process sends the last few again, acknowledged or not.
    first = Math.max(0, acknowledged.size - 2);
  }
  expect(acknowledged.size).toBeGreaterThan(0);

  const all = await openAll(dir);
  await all.intake.settled();
  await all.outbox.settled();
  const seen = await all.database.system((tx) => tx.query<{ batch: string }>('select batch from seen'));
  const kept = await all.database.system((tx) =>
    tx.query<{ id: string; state: string; records: number }>('select id, state, records from batch'),
  );
  for (const n of acknowledged) expect(kept.some(({ id }) => id === batchOf(n).id)).toBe(true);
  expect(kept.every(({ state, records }) => state === 'detected' && records === recordsEach)).toBe(true);
  expect(new Set(seen.map(({ batch }) => batch)).size).toBe(seen.length);
  expect(seen).toHaveLength(kept.length);
  for (const log of ['conn', 'dns', 'http'])
    expect(await all.records.count('all', { log })).toBe((kept.length * recordsEach) / 3);
  const delivered = await all.database.system((tx) => tx.query<{ seq: number }>('select distinct seq from delivered'));
  expect(delivered).toHaveLength(kept.length);
  expect(await all.audit.verify()).toMatchObject({ intact: true, entries: kept.length, lag: 0 });
  expect(all.faults).toEqual([]);
  await all.close();
  rmSync(dir, { recursive: true, force: true });
}, 180_000);
