/** Folders of earlier versions: their tables lack columns and what is kept beside the rows, and have records. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { RecordType } from '@forewarn/model/records/record';
import { openEngine, type Engine } from './engine.ts';
import { openRecords } from './records.ts';

const dir = mkdtempSync(join(tmpdir(), 'forewarn-tables-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const column = (type: 'time' | 'string' | 'addr' | 'count') => ({ type, class: 'technical' as const, means: 'Something.' });
const type = {
  log: 'older',
  means: 'A log that has grown.',
  source: 'none',
  columns: { ts: column('time'), uid: column('string'), 'id.orig_h': column('addr'), since: column('count') },
} as const satisfies RecordType;

/** As the first version made it: without the column `since`, without the projection, with coarser filters. */
const earlier = `create table forewarn.older (ts Float64, uid Nullable(String), \`id.orig_h\` Nullable(String),
    _organisation LowCardinality(String), _sensor LowCardinality(String), _link LowCardinality(Nullable(String)),
    _network_type LowCardinality(String), _source LowCardinality(String), _batch LowCardinality(String),
    _marking LowCardinality(String), _row UInt32, index \`by_id.orig_h\` \`id.orig_h\` type bloom_filter(0.01) granularity 4,
    projection forgotten (select uid, count() group by uid))
  engine = MergeTree partition by toYear(toDateTime(least(greatest(ts, 946684800), 4102444799), 'UTC')) order by ts
  settings non_replicated_deduplication_window = 100`;

const scope = { organisations: ['east'] };
const range = { from: 1_700_000_000, to: 1_700_100_000 };
const one = (sql: string) => ({ sql, parameters: {} });

async function untilMade(engine: Engine): Promise<void> {
  for (;;) {
    const [[left]] = (await engine.read(one('select count() from system.mutations where not is_done'))) as [[string]];
    if (Number(left) === 0) return;
    await new Promise((go) => setTimeout(go, 50));
  }
}

test('a folder of an earlier version opens with its records, gets what it lacks, and takes new ones', async () => {
  const engine = openEngine(dir);
  await engine.write('create database forewarn');
  await engine.write(earlier);
  await engine.write(
    `insert into forewarn.older select 1700000000 + number, concat('C', toString(number)), '10.0.0.1', if(number % 2 = 0, 'east', 'west'),
      's', null, 'computer', 'f', 'b', 'TLP:AMBER', number from numbers(50000)`,
  );
  let records = await openRecords({ dir, recordTypes: [type] });
  const uid = { kind: 'text', field: 'uid', op: 'equals', value: 'c40000' } as const;
  const look = async () => {
    expect(await records.count(scope, { log: 'older', range })).toBe(25_000);
    const counted = await records.histogram(scope, { log: 'older', range, buckets: 4 });
    expect(counted).toEqual([12_500, 12_500, 0, 0]);
    const { items } = await records.search(scope, { log: 'older', range, where: uid, limit: 5 });
    expect(items.map((row) => row['uid'])).toEqual(['C40000']);
  };
  // At once, while it is being made or not begun, and afterwards.
  await look();
  await untilMade(engine);
  await look();
  const kept = await engine.read(
    one(`select name, granularity from system.data_skipping_indices where table = 'older'
      union all select name, 0 from system.projections where table = 'older'`),
  );
  expect(kept.map(([name, granularity]) => [name, Number(granularity)]).sort()).toEqual([
    ['by_id.orig_h', 1],
    ['by_small_uid', 1],
    ['by_uid', 1],
    ['minutes', 0],
  ]);
  const parts = await engine.read(one(`select countIf(empty(projections)) from system.parts where table = 'older' and active`));
  expect(Number(parts[0]![0])).toBe(0);

  const envelope = {
    sensor: 's',
    organisation: 'east',
    link: null,
    networkType: 'computer',
    source: 'f',
    marking: 'TLP:AMBER',
  } as const;
  const batch = { id: 'a'.repeat(64), source: 'f', logs: { older: [{ ts: 1_700_000_060, uid: 'Cnew', since: 7 }] } };
  await records.insertBatch(envelope, batch);
  await records.insertBatch(envelope, batch);
  expect((await records.flow(scope, 'Cnew'))['older']).toMatchObject([{ since: 7 }]);
  expect(await records.count(scope, { log: 'older', range })).toBe(25_001);

  // A process that ended before older rows had theirs: the next one has it made.
  await engine.write(`alter table forewarn.older clear projection minutes`).catch(() => undefined);
  await records.close();
  records = await openRecords({ dir, recordTypes: [type] });
  await untilMade(engine);
  const lacking = await engine.read(one(`select countIf(empty(projections)) from system.parts where table = 'older' and active`));
  expect(Number(lacking[0]![0])).toBe(0);
  expect(await records.count(scope, { log: 'older', range })).toBe(25_001);
  await records.close();
  await engine.close();
});
