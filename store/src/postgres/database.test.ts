import { afterAll, beforeAll, expect, test } from 'vitest';
import { join } from 'node:path';
import { Refusal } from '@forewarn/base/refusal';
import { migrations } from '../migrations/index.ts';
import { openTrial, type Trial } from '../trial.ts';
import { openPostgres, StatementFault, type Scope } from './database.ts';
import { migrate, type Migration } from './migrations.ts';
import { prepareDatabaseTemplate } from './template.ts';

const notes: Migration = {
  id: 'test-notes',
  sql: `create table note (id int primary key, organisation text not null, body jsonb);
    alter table note enable row level security;
    alter table note force row level security;
    create policy own on note using (app_sees(organisation)) with check (app_sees(organisation));
    grant select, insert, update on note to app;
    create table hidden (id int)`,
};
const list = [...migrations, notes];
const east: Scope = { organisation: 'hospital-east', centre: false, account: 'a' };
const west: Scope = { organisation: 'water-west', centre: false, account: 'b' };
const centre: Scope = { organisation: 'centre', centre: true, account: 'c' };

let trial: Trial;
let room = true;
const faults: string[] = [];
beforeAll(async () => {
  trial = await openTrial({
    migrations: list,
    free: () => (room ? 1e12 : 0),
    onFault: (fault) => void faults.push(fault.message),
  });
});
afterAll(() => trial.end());

test('each organisation reads and writes its own rows, the centre reads all', async () => {
  const { database } = trial;
  const add = (scope: Scope, id: number, organisation: string) =>
    database.scoped(scope, (tx) => tx.query('insert into note (id, organisation) values ($1, $2)', [id, organisation]));
  await add(east, 1, 'hospital-east');
  await add(west, 2, 'water-west');
  await expect(add(west, 3, 'hospital-east')).rejects.toMatchObject({ state: '42501' });
  const seen = (scope: Scope) => database.scoped(scope, (tx) => tx.query<{ id: number }>('select id from note order by id'));
  expect(await seen(east)).toEqual([{ id: 1 }]);
  expect(await seen(west)).toEqual([{ id: 2 }]);
  expect(await seen(centre)).toEqual([{ id: 1 }, { id: 2 }]);
  expect(await database.scoped(east, (tx) => tx.query(`update note set body = '{}' where id = 2 returning id`))).toEqual([]);
});

test('the role of requests reaches no table that was not granted, and makes none', async () => {
  await expect(trial.database.scoped(centre, (tx) => tx.query('select * from hidden'))).rejects.toThrow(/permission denied/);
  await expect(trial.database.scoped(centre, (tx) => tx.query('create table own (id int)'))).rejects.toThrow(/permission denied/);
  await expect(trial.database.scoped(centre, (tx) => tx.query('delete from note'))).rejects.toThrow(/permission denied/);
});

test('nothing of a scope is left for the next transaction', async () => {
  await trial.database.scoped(centre, (tx) => tx.query('select 1'));
  const [row] = await trial.database.system((tx) =>
    tx.query(`select current_user as role, app_organisation() as organisation, app_centre() as centre`),
  );
  expect(row).toEqual({ role: 'postgres', organisation: null, centre: false });
});

test('a transaction that throws, or that swallowed the failure of a statement, leaves nothing', async () => {
  const { database } = trial;
  await expect(
    database.scoped(east, async (tx) => {
      await tx.query(`insert into note values (10, 'hospital-east')`);
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  await expect(
    database.scoped(east, async (tx) => {
      await tx.query(`insert into note values (11, 'hospital-east')`);
      await tx.query(`insert into note values (11, 'hospital-east')`).catch(() => undefined);
    }),
  ).rejects.toBeInstanceOf(StatementFault);
  expect(await database.system((tx) => tx.query('select id from note where id >= 10'))).toEqual([]);
});

test('a transaction in which something slow is awaited is ended, and the next one goes on', async () => {
  let late: Promise<unknown> | undefined;
  const slowness = Promise.withResolvers<void>();
  const slow = trial.database.scoped(east, async (tx) => {
    await tx.query(`insert into note values (20, 'hospital-east')`);
    await slowness.promise;
    late = tx.query('select 1');
    await late;
  });
  await expect(slow).rejects.toThrow(/open for 5000 ms/);
  expect(await trial.database.system((tx) => tx.query('select id from note where id = 20'))).toEqual([]);
  slowness.resolve();
  await new Promise(setImmediate);
  expect(late).toBeDefined();
  await expect(late).rejects.toThrow(/open for 5000 ms/);
});

test('a transaction cannot be used after its end', async () => {
  let kept: { query(sql: string): Promise<unknown> } | undefined;
  await trial.database.scoped(east, async (tx) => void (kept = tx));
  await expect(kept?.query('select 1')).rejects.toThrow(/is over/);
});

test('values keep their types both ways', async () => {
  const body = { text: '中文 \u0000'.slice(0, 3), list: [1, { a: null }] };
  const [row] = await trial.database.system((tx) =>
    tx.query(
      `select $1::int8 as count, $2::jsonb as body, $3::bytea as bytes, $4::timestamptz as at, $5::text[] as names, $6::float8 as seconds`,
      [5_000_000_000, JSON.stringify(body), new Uint8Array([0, 255]), new Date(1e12), ['a,b', '"'], 1_700_000_000.123456],
    ),
  );
  expect(row).toEqual({
    count: 5_000_000_000,
    body,
    bytes: new Uint8Array([0, 255]),
    at: new Date(1e12),
    names: ['a,b', '"'],
    seconds: 1_700_000_000.123456,
  });
});

test('every commit that wrote is put on the disk before it is acknowledged', async () => {
  const before = await trial.database.syncs();
  for (let id = 100; id < 120; id += 1) {
    await trial.database.system((tx) => tx.query(`insert into note values ($1, 'hospital-east')`, [id]));
  }
  expect((await trial.database.syncs()) - before).toBeGreaterThanOrEqual(20);
});

test('a full disk refuses writes, names the place, keeps what was there and goes on reading', async () => {
  room = false;
  const write = trial.database.scoped(east, (tx) => tx.query(`insert into note values (30, 'hospital-east')`));
  await expect(write).rejects.toMatchObject({ code: 'store.disk.full', place: { file: join(trial.dir, 'postgres') } });
  expect(await trial.database.scoped(east, (tx) => tx.query('select id from note where id = 1'))).toEqual([{ id: 1 }]);
  room = true;
  await trial.database.scoped(east, (tx) => tx.query(`insert into note values (30, 'hospital-east')`));
});

test('tidying gives the room of deleted rows back', async () => {
  const { database } = trial;
  await database.script(
    'create table waste (body text); insert into waste select repeat(md5(i::text), 10) from generate_series(1, 1000) i; delete from waste',
  );
  const bytes = async () =>
    (await database.system((tx) => tx.query<{ bytes: number }>(`select pg_relation_size('waste') as bytes`)))[0]?.bytes;
  expect(await bytes()).toBeGreaterThan(100_000);
  await database.tidy();
  expect(await bytes()).toBe(0);
});

test('what follows a commit runs only after a commit, and its failure is told but undoes nothing', async () => {
  const seen: string[] = [];
  await trial.database.system(async (tx) => {
    tx.afterCommit(() => void seen.push('after'));
    tx.afterCommit(() => {
      throw new Error('no room for the head');
    });
    await tx.query(`insert into note values (40, 'hospital-east')`);
    seen.push('inside');
  });
  await trial.database
    .system(async (tx) => {
      tx.afterCommit(() => void seen.push('never'));
      throw new Error('no');
    })
    .catch(() => undefined);
  expect(seen).toEqual(['inside', 'after']);
  expect(faults.at(-1)).toMatch(/commit stands/);
  expect(await trial.database.system((tx) => tx.query('select id from note where id = 40'))).toHaveLength(1);
});

test('more waiting transactions than a second can serve are refused', async () => {
  const asked = Array.from({ length: 1_200 }, () => trial.database.system((tx) => tx.query('select 1')).catch((error) => error));
  const refused = (await Promise.all(asked)).filter((answer) => answer instanceof Refusal);
  expect(refused).toHaveLength(200);
  expect(refused[0]).toMatchObject({ code: 'store.busy' });
});

test('applied migrations are kept over a reopening; a changed one and one of the future are refused', async () => {
  const { database, dir } = trial;
  await migrate(database, list);
  const changed = [...migrations, { ...notes, sql: `${notes.sql};` }];
  await expect(migrate(database, changed)).rejects.toMatchObject({
    code: 'store.migration.changed',
    place: { field: 'test-notes' },
  });
  await expect(migrate(database, migrations)).rejects.toMatchObject({ code: 'store.migration.unknown' });
  const broken: Migration = { id: 'test-broken', sql: 'create table half (id int); select * from nowhere' };
  await expect(migrate(database, [...list, broken])).rejects.toThrow(/nowhere/);
  expect(await database.system((tx) => tx.query(`select to_regclass('half') as half`))).toEqual([{ half: null }]);
  await database.close();
  trial.database = await openPostgres({ dir: join(dir, 'postgres'), template: await prepareDatabaseTemplate() });
  await migrate(trial.database, list);
  expect(await trial.database.system((tx) => tx.query('select id from note where id < 3 order by id'))).toEqual([
    { id: 1 },
    { id: 2 },
  ]);
});

test('a first start without room says so', async () => {
  const dir = join(trial.dir, 'no-room', 'postgres');
  // A template that cannot be unpacked ends the thread, as a write on a full disk does.
  const starting = openPostgres({ dir, template: join(trial.dir, 'no-such-template'), free: () => 0 });
  await expect(starting).rejects.toMatchObject({ code: 'store.disk.full' });
});
