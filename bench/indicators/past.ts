#!/usr/bin/env node
/**
 * How long the past is searched for a new list: values are asked of a week of flows and of what parsers made of them, day after day, as the
 * centre does.
 *
 *     node bench/indicators/past.ts [--flows 2000000] [--copies 1] [--values 1000] [--met 10] [--rounds 3] [--data DIR] [--json]
 */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { recordTypes } from '@forewarn/model/records/index';
import { openEngine } from '@forewarn/store/clickhouse/engine';
import { openRecords } from '@forewarn/store/clickhouse/records';
import { printTable } from '../capture/run.ts';
import { days, fill, until } from '../pages/fill.ts';

const { values: asked } = parseArgs({
  options: {
    flows: { type: 'string', default: '2000000' },
    copies: { type: 'string', default: '1' },
    values: { type: 'string', default: '1000' },
    met: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    data: { type: 'string' },
    json: { type: 'boolean' },
  },
});
const flows = Number(asked.flows);
const count = Number(asked.values);
const copies = Number(asked.copies);
const dir = asked.data ?? join(tmpdir(), `forewarn-bench-past-${flows}${copies > 1 ? `x${copies}` : ''}`);
mkdirSync(dir, { recursive: true });
await fill(dir, flows, (text) => process.stderr.write(`${text}\n`));
if (copies > 1 && !existsSync(join(dir, 'copied'))) await copy();

/** The same records so many times, each in parts of its own: what is read and compared is as much as of so many more, and what is met as often. */
async function copy(): Promise<void> {
  const engine = openEngine(join(dir, 'clickhouse'));
  const read = (sql: string) => engine.read({ sql, parameters: {} });
  const logs = await read(`select distinct table from system.parts where database = 'forewarn' and active`);
  // In one part each, so that no merge of many runs beside what is measured.
  for (const [log] of logs) await engine.write(`optimize table forewarn.${String(log)} final`);
  const partitions = await read(
    `select distinct table, partition_id from system.parts where database = 'forewarn' and active and rows > 1000`,
  );
  for (const [log, id] of partitions) {
    const [table, once] = [`forewarn.${String(log)}`, `forewarn.once_${String(log)}`];
    await engine.write(`create table ${once} as ${table}`);
    await engine.write(`alter table ${once} attach partition id '${String(id)}' from ${table}`);
    for (let i = 1; i < copies; i++) await engine.write(`alter table ${table} attach partition id '${String(id)}' from ${once}`);
    await engine.write(`drop table ${once} sync`);
  }
  await engine.close();
  writeFileSync(join(dir, 'copied'), '');
}

const records = await openRecords({ dir: join(dir, 'clickhouse'), recordTypes });
try {
  const range = { from: until - days * 86_400, to: until };
  // A few that occur, and the rest as lists have them: addresses of nobody, names of nobody, hashes of nothing.
  const noon = { from: range.from + 43_200, to: range.from + 43_260 };
  /** Of what one minute shows, that of which the day has least: a list that meets what everybody visits is another question. */
  async function rare(log: string, field: string): Promise<string[]> {
    const rows = await records.query('all', { from: [log], range: noon, order: [{ field: 'ts' }], limit: 300 });
    const counted: [string, number][] = [];
    for (const value of new Set(rows.map((row) => String(row[field])))) {
      const where = { kind: 'text', field, op: 'equals', value, cased: true } as const;
      counted.push([value, await records.count('all', { log, where, range: { from: noon.from, to: noon.from + 7_200 } })]);
    }
    const few = counted.sort((one, other) => one[1] - other[1]).slice(0, 40);
    for (const each of few) {
      const where = { kind: 'text', field, op: 'equals', value: each[0], cased: true } as const;
      each[1] = await records.count('all', { log, where, range: { from: range.from, to: range.from + 86_400 } });
    }
    few.sort((one, other) => one[1] - other[1]);
    return few.slice(0, Math.ceil(Number(asked.met) / 2)).map(([value]) => value);
  }
  const made = <T>(share: number, of: (i: number) => T): T[] =>
    Array.from({ length: Math.round(count * share) }, (_unused, i) => of(i));
  const values = {
    addresses: [...(await rare('conn', 'id.resp_h')), ...made(0.5, (i) => `198.18.${i >> 8}.${i & 255}`)],
    networks: made(0.01, (i) => `198.19.${i}.0/24`),
    domains: [...(await rare('dns', 'query')), ...made(0.35, (i) => `c2-${i}.listed.example`)],
    urls: made(0.05, (i) => `http://dropper-${i}.example/x`),
    hashes: made(0.09, (i) => i.toString(16).padStart(64, '0')),
  };
  const rows: string[][] = [];
  const results: object[] = [];
  for (let round = 1; round <= Number(asked.rounds); round++) {
    const taken = { rows: 0, bytes: 0 };
    const cpu = process.cpuUsage();
    const began = performance.now();
    let found = 0;
    const met = await records.pastIndicators.meet(values, range, taken);
    const meeting = (performance.now() - began) / 1_000;
    for (let from = range.from; from < range.to; from += 86_400) {
      const part = await records.pastIndicators.read('all', { met, range: { from, to: from + 86_400 }, limit: 10_000 }, taken);
      found += part.rows.length;
    }
    const seconds = (performance.now() - began) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    const cpuSeconds = (user + system) / 1e6;
    results.push({ flows: flows * copies, values: count, round, meeting, seconds, cpuSeconds, ...taken, found });
    rows.push([
      String(round),
      meeting.toFixed(2),
      seconds.toFixed(2),
      cpuSeconds.toFixed(2),
      taken.rows.toLocaleString('en'),
      (taken.bytes / 1e6).toFixed(0),
      String(found),
    ]);
  }
  if (asked.json) for (const result of results) console.log(JSON.stringify(result));
  else printTable(['round', 's to meet', 's', 's CPU', 'rows read', 'MB read', 'records found'], rows, 0);
} finally {
  await records.close();
}
