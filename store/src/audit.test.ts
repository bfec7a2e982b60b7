import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { nextEntry, type Act } from '@forewarn/guard/audit';
import { openAudit, verifyAudit, type Audit } from './audit.ts';
import type { Scope } from './postgres/database.ts';
import { listAudit } from './resources/audit-list.ts';
import { openTrial, type Trial } from './trial.ts';

const east: Scope = { organisation: 'hospital-east', centre: false, account: 'a' };
const centre: Scope = { organisation: 'centre', centre: true, account: 'c' };
const act = (action: string, detail: Act['detail'] = {}, organisation = 'hospital-east'): Act => ({
  organisation,
  actor: 'a',
  demo: false,
  action,
  object: 'incident/1',
  detail,
});

let trial: Trial;
let audit: Audit;
let file: string;
const faults: string[] = [];
const open = () =>
  openAudit({
    file,
    database: trial.database,
    clock: { now: () => 1_700_000_000.25 },
    onFault: (fault) => void faults.push(fault.message),
  });

beforeAll(async () => {
  trial = await openTrial();
  file = join(trial.dir, 'audit.head');
  audit = await open();
  for (let index = 1; index <= 20; index += 1) {
    await trial.database.scoped(east, (tx) =>
      audit.record(
        tx,
        act('task.done', { index, note: 'ünïcode \u0000 \ud800 中文', big: 1e30, small: -0, list: [1, { b: 1, a: null }] }),
      ),
    );
  }
  await trial.database.scoped(centre, (tx) => audit.record(tx, act('warning.issue', {}, 'centre')));
});
afterAll(() => trial.end());

/** Runs an attacker's SQL, with the trigger out of the way, and what undoes it afterwards. */
const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const back of undo.splice(0)) await back();
  // oxlint-disable-next-line vitest/no-standalone-expect -- Each forgery must be undone, or the next test would find this one.
  expect(await audit.verify()).toMatchObject({ intact: true });
});
const forge = (sql: string) =>
  trial.database.script(`set session_replication_role = replica; ${sql}; set session_replication_role = origin`);

test('a chain that was only added to is whole, whatever its texts', async () => {
  expect(await audit.verify()).toMatchObject({ intact: true, entries: 21, lag: 0, seq: null, trouble: null });
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(22);
});

test('an organisation reads its own entries', async () => {
  const actions = (scope: Scope) =>
    trial.database.scoped(scope, (tx) => tx.query<{ action: string }>('select distinct action from audit order by action'));
  expect(await actions(east)).toEqual([{ action: 'task.done' }]);
  expect(await actions(centre)).toEqual([{ action: 'task.done' }, { action: 'warning.issue' }]);
});

test('an entry cannot be changed or taken out, by a request or by the owner', async () => {
  for (const sql of [`update audit set actor = 'b' where seq = 1`, 'delete from audit where seq = 1', 'truncate audit']) {
    await expect(trial.database.scoped(centre, (tx) => tx.query(sql))).rejects.toMatchObject({ state: '42501' });
    await expect(trial.database.system((tx) => tx.query(sql))).rejects.toThrow(/only ever added to/);
  }
});

test('an act that is rolled back leaves no entry, and the chain goes on', async () => {
  await trial.database
    .scoped(east, async (tx) => {
      await audit.record(tx, act('task.done'));
      throw new Error('no');
    })
    .catch(() => undefined);
  expect(await audit.verify()).toMatchObject({ intact: true, entries: 21 });
});

test.each([
  [
    'a letter of a detail',
    `update audit set detail = jsonb_set(detail, '{note}', '"x"') where seq = 7`,
    `update audit set detail = (select detail from audit where seq = 6) || '{"index": 7}' where seq = 7`,
    'guard.audit.changed',
    7,
  ],
  [
    'the actor',
    `update audit set actor = 'b' where seq = 3`,
    `update audit set actor = 'a' where seq = 3`,
    'guard.audit.changed',
    3,
  ],
  [
    'the time',
    `update audit set at = at + 1e-6 where seq = 3`,
    `update audit set at = 1700000000.25 where seq = 3`,
    'guard.audit.changed',
    3,
  ],
])('changing %s is found and the place is told', async (_what, sql, back, text, seq) => {
  await forge(sql);
  undo.push(() => forge(back));
  expect(await audit.verify()).toMatchObject({ intact: false, seq, trouble: { text } });
});

test('taking out entries in the middle or at the end is found', async () => {
  await forge('create table kept_rows as select * from audit');
  undo.push(() => forge('truncate audit; insert into audit select * from kept_rows; drop table kept_rows'));
  await forge('delete from audit where seq = 10');
  expect(await audit.verify()).toMatchObject({ intact: false, seq: 10, trouble: { text: 'guard.audit.missing' } });
  await forge('delete from audit where seq >= 10');
  expect(await audit.verify()).toMatchObject({ intact: false, seq: 10, trouble: { text: 'guard.audit.cut' } });
});

test('cutting the end together with the mark in the database is found by the heads outside', async () => {
  await forge('create table kept_rows as select * from audit; create table kept_head as select * from audit_head');
  undo.push(() =>
    forge(`truncate audit; insert into audit select * from kept_rows; drop table kept_rows;
      delete from audit_head; insert into audit_head select * from kept_head; drop table kept_head`),
  );
  await forge('delete from audit where seq > 19; update audit_head set seq = 19, hash = (select hash from audit where seq = 19)');
  expect(await audit.verify()).toMatchObject({
    intact: false,
    seq: 20,
    trouble: { text: 'guard.audit.cut', values: { head: 21 } },
  });
});

test('a chain that was rewritten with right hashes throughout is found by the heads outside', async () => {
  await forge('create table kept_rows as select * from audit; create table kept_head as select * from audit_head');
  undo.push(() =>
    forge(`truncate audit; insert into audit select * from kept_rows; drop table kept_rows;
      delete from audit_head; insert into audit_head select * from kept_head; drop table kept_head`),
  );
  const entries = await trial.database.scoped(centre, (tx) => listAudit(tx, { limit: 100 }));
  let previous = { seq: 14, hash: entries.find(({ seq }) => seq === 14)!.hash };
  for (const entry of entries.filter(({ seq }) => seq > 14).toReversed()) {
    const forged = nextEntry(previous, { ...entry, actor: 'nobody' }, entry.at);
    await forge(
      `update audit set actor = 'nobody', previous = '${forged.previous}', hash = '${forged.hash}' where seq = ${forged.seq}`,
    );
    previous = forged;
  }
  await forge(`update audit_head set hash = '${previous.hash}'`);
  expect(await audit.verify()).toMatchObject({ intact: false, seq: 15, trouble: { text: 'guard.audit.head' } });
});

test('the file outside missing or unreadable is found', async () => {
  const text = readFileSync(file);
  undo.push(() => writeFileSync(file, text));
  rmSync(file);
  expect(await verifyAudit({ file, database: trial.database })).toMatchObject({
    intact: false,
    trouble: { text: 'guard.audit.heads-missing' },
  });
  writeFileSync(file, `${text.toString().slice(0, 300)}\n${text.toString()}`);
  expect(await verifyAudit({ file, database: trial.database })).toMatchObject({
    intact: false,
    trouble: { text: 'guard.audit.heads-unreadable' },
  });
});

test.each([
  ['missing', () => rmSync(file)],
  ['empty', () => writeFileSync(file, '')],
  ['cut inside its first line', () => writeFileSync(file, '{"seq":0,')],
])('a file outside that is %s beside entries is trouble, and a start does not fill it again', async (_what, spoil) => {
  await audit.close();
  const text = readFileSync(file);
  undo.push(async () => {
    writeFileSync(file, text);
    audit = await open();
  });
  spoil();
  const found = { intact: false, trouble: { text: 'guard.audit.heads-missing' } };
  expect(await verifyAudit({ file, database: trial.database })).toMatchObject(found);
  const started = await open();
  expect(faults.splice(0)).toEqual([expect.stringMatching(/heads-missing/)]);
  expect(await started.verify()).toMatchObject(found);
  await started.close();
  expect(existsSync(file) ? readFileSync(file, 'utf8') : '').not.toContain('"hash"');
});

test('a process that ended between commit and head raises no alarm; the head is written at the next start', async () => {
  await audit.close();
  await trial.database.scoped(east, async (tx) => {
    await audit.record(tx, act('task.open'));
    await audit.record(tx, act('task.done'));
  });
  appendFileSync(file, '{"seq":23,"ha');
  expect(await verifyAudit({ file, database: trial.database })).toMatchObject({ intact: true, entries: 23, lag: 2 });
  audit = await open();
  expect(await audit.verify()).toMatchObject({ intact: true, entries: 23, lag: 0 });
  await trial.database.scoped(east, (tx) => audit.record(tx, act('task.open')));
  expect(await audit.verify()).toMatchObject({ intact: true, entries: 24, lag: 0 });
  expect(faults).toEqual([]);
});

test('after a start on a damaged chain the file outside is left alone', async () => {
  await audit.close();
  const text = readFileSync(file, 'utf8');
  const hash = '0'.repeat(64);
  writeFileSync(file, `${text}${JSON.stringify({ seq: 25, hash })}\n`);
  const damaged = await open();
  expect(faults.splice(0)).toEqual([expect.stringMatching(/entry 25 was written, the database ends with 24/)]);
  expect(await damaged.verify()).toMatchObject({ intact: false, seq: 25, trouble: { text: 'guard.audit.cut' } });
  writeFileSync(file, text);
  audit = await open();
});
