/** Row-level security: every table has it, forced; every policy counts; what is history stays. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTrial, type Trial } from '../trial.ts';
import type { Scope } from '../postgres/database.ts';
import { fill } from './testing/fill.ts';
import { fillExposure } from './testing/fill-exposure.ts';

const centre: Scope = { organisation: 'centre', centre: true, account: 'officer' };
const owner: Scope = { organisation: 'owner', centre: false, account: 'o' };
const helper: Scope = { organisation: 'helper', centre: false, account: 'h' };
const stranger: Scope = { organisation: 'stranger', centre: false, account: 's' };

let trial: Trial;
beforeAll(async () => {
  trial = await openTrial();
  await trial.database.scoped(centre, fill);
  await trial.database.system(fillExposure);
});
afterAll(() => trial.end());

const count = (scope: Scope, table: string): Promise<number> =>
  trial.database.scoped(scope, async (tx) => (await tx.query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]!.n);

type Policy = { tablename: string; policyname: string; cmd: string };
const policies = (): Promise<Policy[]> =>
  trial.database.system((tx) =>
    tx.query<Policy>(`select tablename, policyname, cmd from pg_policies where schemaname = 'public' order by 1, 2`),
  );

/** What the owner's incident, estate, finding, draft and warning must not let a stranger see. */
const hidden = [
  'asset',
  'baseline_decision',
  'business',
  'campaign',
  'campaign_grade',
  'campaign_incident',
  'candidate_incident',
  'channel_endpoint',
  'channel_setting',
  'cause_chain',
  'clock',
  'decision',
  'estate_edition',
  'estate_import',
  'estate_proposal',
  'exception',
  'exposure',
  'exposure_count',
  'fact',
  'feed_token',
  'finding',
  'finding_access',
  'finding_placement',
  'finding_verdict',
  'forecast',
  'grade',
  'grouping_decision',
  'incident',
  'incident_access',
  'incident_cause',
  'incident_event',
  'incident_finding',
  'incident_participant',
  'indicator_allowed',
  'indicator_list',
  'link',
  'link_policy',
  'link_weight',
  'network',
  'notice',
  'notice_content',
  'notice_delivery',
  'number_series',
  'packet_request',
  'prevention',
  'prevention_event',
  'remedy',
  'report',
  'report_copy',
  'responsibility_event',
  'saved_hunt',
  'schedule',
  'sensor',
  'sensor_log',
  'sensor_settings',
  'sensor_state',
  'situation_part',
  'situation_value',
  'surface_seen',
  'task',
  'task_event',
  'timeline',
  'warning',
  'warning_audience',
  'warning_chase',
  'warning_done',
  'warning_event',
  'warning_proposal',
] as const;

describe('row-level security', () => {
  test('is on and forced for every table that requests can reach', async () => {
    const open = await trial.database.system((tx) =>
      tx.query(
        `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind in ('r', 'p') and has_table_privilege('app', c.oid, 'select,insert,update,delete')
           and not (c.relrowsecurity and c.relforcerowsecurity) order by 1`,
      ),
    );
    // The audit's head holds a number and a hash, which whoever adds an entry must move on; the outbox can only be added to.
    expect(open).toEqual([{ relname: 'audit_head' }, { relname: 'outbox' }]);
    const [outbox] = await trial.database.system((tx) =>
      tx.query(`select has_table_privilege('app', 'outbox', 'select,update,delete') as more`),
    );
    expect(outbox).toEqual({ more: false });
  });

  test.each(hidden)('%s: the centre sees rows, a stranger none', async (table) => {
    expect(await count(centre, table)).toBeGreaterThan(0);
    expect(await count(stranger, table)).toBe(0);
  });

  test('a stranger knows the centre, the departments and himself by name, and no operator', async () => {
    const names = await trial.database.scoped(stranger, (tx) =>
      tx.query<{ id: string }>('select id from organisation order by id'),
    );
    expect(names.map(({ id }) => id)).toEqual(['centre', 'department', 'stranger']);
  });

  test('a participant knows the others of the incident, and not their findings, estate or clocks', async () => {
    const names = await trial.database.scoped(helper, (tx) =>
      tx.query<{ id: string }>('select id from organisation order by id'),
    );
    expect(names.map(({ id }) => id)).toEqual(['centre', 'department', 'helper', 'owner']);
    expect(await count(helper, 'incident')).toBe(1);
    expect(await count(helper, 'fact')).toBe(1);
    for (const table of ['finding', 'incident_finding', 'network', 'clock', 'warning'])
      expect(await count(helper, table)).toBe(0);
  });

  test('the lead sees all clocks of the incident', async () => {
    await trial.database.scoped(centre, (tx) => tx.query(`update incident set lead = 'helper'`));
    expect(await count(helper, 'clock')).toBe(1);
    await trial.database.scoped(centre, (tx) => tx.query(`update incident set lead = 'centre'`));
  });

  test('a draft is its author’s; an issued warning is seen by whom it reached, who sees himself only', async () => {
    expect(await count(owner, 'warning')).toBe(1);
    await trial.database.scoped(centre, async (tx) => {
      await tx.query(`update warning set state = 'issued'`);
      await tx.query(`insert into warning_audience (warning, organisation, owner, edition, reasons, delivered_at)
        select id, 'helper', owner, 1, '[]', 1 from warning`);
    });
    expect(await count(helper, 'warning')).toBe(1);
    expect(await count(helper, 'warning_audience')).toBe(1);
    expect(await count(helper, 'warning_event')).toBe(0);
    expect(await count(stranger, 'warning')).toBe(0);
    await trial.database.system(async (tx) => {
      await tx.query(`delete from warning_audience where organisation = 'helper'`);
      await tx.query(`update warning set state = 'draft'`);
    });
  });

  test('history is written once: no update, no removal, not even by the centre', async () => {
    for (const table of [
      'fact',
      'grade',
      'incident_event',
      'responsibility_event',
      'task_event',
      'decision',
      'timeline',
      'warning_chase',
      'warning_done',
      'warning_event',
      'finding_verdict',
      'grouping_decision',
      'cause_chain',
      'prevention_event',
      'campaign_grade',
    ]) {
      await expect(trial.database.scoped(centre, (tx) => tx.query(`delete from ${table}`))).rejects.toMatchObject({
        state: '42501',
      });
      await expect(trial.database.scoped(centre, (tx) => tx.query(`update ${table} set at = 0`))).rejects.toMatchObject({
        state: '42501',
      });
    }
  });

  test('no incident is without a lead', async () => {
    await expect(trial.database.scoped(centre, (tx) => tx.query('update incident set lead = null'))).rejects.toMatchObject({
      state: '23502',
    });
  });
});

/**
 * Each policy counts: it is opened to everybody, and the attempt that it stands against must then succeed. A policy that
 * could be opened without a visible effect would be decoration, and its removal by mistake would go unseen.
 */
describe('every policy', () => {
  /** What tells a row of the owner; the series of numbers are nobody's but the centre's. */
  const mark = (table: string): string => (table === 'number_series' ? 'FW' : 'owner');

  const ownersRow = async (table: string): Promise<{ [column: string]: unknown }> =>
    (
      await trial.database.system((tx) =>
        tx.query<{ row: { [column: string]: unknown } }>(
          `select to_jsonb(t) as row from ${table} t where strpos(to_jsonb(t)::text, '${mark(table)}') > 0 limit 1`,
        ),
      )
    )[0]?.row ?? {};

  /** What a stranger could do to the owner's rows in a table; each must be nothing while the policies stand. */
  const attempts: { [command: string]: (table: string) => Promise<number> } = {
    SELECT: (table) => count(stranger, `${table} t where strpos(to_jsonb(t)::text, '${mark(table)}') > 0`),
    INSERT: async (table) => {
      const row = JSON.stringify(await ownersRow(table));
      try {
        // A row that the owner has already, told apart by its key: what the database says of it shows whether the policy let it by.
        await trial.database.scoped(stranger, (tx) =>
          tx.query(`insert into ${table} select * from jsonb_populate_record(null::${table}, $1)`, [row]),
        );
        return 1;
      } catch (error) {
        const { state } = error as { state?: string };
        // 42501: the policy; 23505: past the policy, stopped by the key.
        if (state === '42501') return 0;
        if (state === '23505') return 1;
        throw error;
      }
    },
    UPDATE: (table) => blind(table, `update ${table} set @ = (jsonb_populate_record(null::${table}, $1)).@`),
    DELETE: (table) => blind(table, `delete from ${table}`),
  };

  /** A statement that reads no column of the table, so that only its own policy applies; counted by the rows that it changed, and undone. */
  async function blind(table: string, statement: string): Promise<number> {
    const row = await ownersRow(table);
    // Any column that others do not point at will do.
    const column = Object.keys(row).findLast(
      (name) => !['id', 'organisation', 'number', 'series', 'year', 'incident', 'warning'].includes(name),
    )!;
    let changed = 0;
    const undo = new Error('Undone on purpose.');
    try {
      await trial.database.scoped(stranger, async (tx) => {
        const changes = async (): Promise<number> => {
          const [counted] = await tx.query<{ n: number }>(
            `select (pg_stat_get_xact_tuples_updated(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid))::int as n
             from pg_class c where c.oid = '${table}'::regclass`,
          );
          return counted!.n;
        };
        // The counters run on over transactions until they are collected.
        const before = await changes();
        await tx.query(statement.replaceAll('@', column), statement.includes('$1') ? [JSON.stringify(row)] : []);
        changed = (await changes()) - before;
        throw undo;
      });
    } catch (error) {
      // 23503, foreign_key_violation: past the policy, stopped by what points at the row.
      if ((error as { state?: string }).state === '23503') return 1;
      if (error !== undo) throw error;
    }
    return changed;
  }

  test('stands against something, and its loss is seen', async () => {
    // Facts of vulnerabilities are published, and when the situation was read by which rules: whoever is signed in reads them.
    const all = (await policies()).filter(
      ({ tablename, policyname }) => !['audit', 'vulnerability'].includes(tablename) && policyname !== 'situation_reading_read',
    );
    expect(all.length).toBeGreaterThan(40);
    const silent: string[] = [];
    for (const { tablename, policyname, cmd } of all) {
      const attempt = attempts[cmd]!;
      expect(await attempt(tablename), `${policyname} stands`).toBe(0);
      const [text] = await trial.database.system((tx) =>
        tx.query<{ qual: string | null; with_check: string | null }>(
          `select qual, with_check from pg_policies where tablename = '${tablename}' and policyname = '${policyname}'`,
        ),
      );
      const opened = [text!.qual === null ? '' : 'using (true)', text!.with_check === null ? '' : 'with check (true)'].join(' ');
      const restored = [
        text!.qual === null ? '' : `using (${text!.qual})`,
        text!.with_check === null ? '' : `with check (${text!.with_check})`,
      ].join(' ');
      await trial.database.script(`alter policy ${policyname} on ${tablename} ${opened}`);
      const after = await attempt(tablename);
      await trial.database.script(`alter policy ${policyname} on ${tablename} ${restored}`);
      if (after === 0) silent.push(policyname);
    }
    expect(silent).toEqual([]);
  });
});
