/** Rules and hunts tried on what is stored: what is told, whose records it is of, and that it can be cut, stopped and refused. */

import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import type { Trial as Shown } from '@forewarn/model/trials';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';
import { startTrial } from './trial.ts';

let trial: Trial;
const analyst = person('hospital', 'analyst');
const colleague = person('hospital', 'liaison-officer');
const stranger = person('telecom', 'analyst');
const officer = person('centre', 'duty-officer');

const day = 86_400;
const noon = 20_416 * day + day / 2;
const flow = (ts: number, host: string, port: number) => ({
  ts,
  uid: `C${ts}`,
  'id.orig_h': host,
  'id.orig_p': 50_000,
  'id.resp_h': '203.0.113.9',
  'id.resp_p': port,
  proto: 'tcp',
});

beforeAll(async () => {
  trial = await openTrialCenter();
  trial.clock.at = noon;
  await fillEstate(trial.center);
  const insert = (organisation: string, id: string, conn: object[]) =>
    trial.records.insertBatch(
      { organisation, sensor: 's', link: null, networkType: 'computer', source: 't', marking: 'TLP:AMBER' },
      { id: id.repeat(64), source: 't', logs: { conn: conn as never } },
    );
  await insert('hospital', 'a', [
    flow(noon - 3 * day, '10.20.10.1', 23),
    ...[0, 10, 20, 30].map((s) => flow(noon - day + s, '10.20.10.57', 23)),
    flow(noon - 40 * day, '10.20.10.1', 23),
    flow(noon - 100, '10.20.10.1', 443),
  ]);
  await insert('telecom', 'b', [flow(noon - 50, '10.40.1.1', 23)]);
});
afterAll(() => trial.end());

const telnet = `title: Telnet
id: 11111111-2222-4333-8444-555555555555
name: telnet
logsource: { product: zeek, service: conn }
detection: { flow: { id.resp_p: 23 }, condition: flow }
`;
const often = `${telnet}---
title: Telnet, often
correlation: { type: event_count, rules: [telnet], group-by: [id.orig_h], timespan: 1m, condition: { gte: 3 } }
`;

async function tried(body: object, who = analyst): Promise<Shown> {
  const started = await trial.ask(who, 'POST', '/trials', body);
  expect(started.status).toBe(201);
  for (;;) {
    const { status, body: now } = await trial.ask(who, 'GET', `/trials/${started.body.id}`);
    expect(status).toBe(200);
    if (now.state !== 'running') return now as Shown;
    await setTimeout(10);
  }
}

test('the text of a rule: hits by day, subjects, examples, and what was read', async () => {
  const done = await tried({ text: telnet });
  expect(done).toMatchObject({
    state: 'done',
    of: { kind: 'rule', title: 'Telnet' },
    hits: 5,
    days: [
      { day: '2025-11-21', hits: 1 },
      { day: '2025-11-23', hits: 4 },
    ],
    subjects: [
      { field: 'id.orig_h', value: '10.20.10.57', hits: 4 },
      { field: 'id.orig_h', value: '10.20.10.1', hits: 1 },
    ],
    logs: [{ log: 'conn', hits: 5 }],
    progress: 1,
    reached: done.from,
    missing: [],
    trouble: null,
  });
  expect(done.first).toBe(new Date((noon - 3 * day) * 1000).toISOString());
  expect(done.examples).toHaveLength(5);
  expect(done.examples[0]!.record).toMatchObject({ uid: `C${noon - day + 30}` });
  expect(done.read.rows).toBeGreaterThan(0);
  // The range that is asked for counts.
  expect(await tried({ text: telnet, from: new Date((noon - 60 * day) * 1000).toISOString() })).toMatchObject({ hits: 6 });
});

test('a correlation: its groups, and the records at which it held', async () => {
  const done = await tried({ text: often });
  expect(done).toMatchObject({
    state: 'done',
    of: { kind: 'correlation', title: 'Telnet, often' },
    hits: 2,
    subjects: [{ field: 'id.orig_h', value: '10.20.10.57', hits: 2 }],
  });
  expect(done.examples.map(({ record }) => record['ts'])).toEqual([noon - day + 30, noon - day + 20]);
});

test('a loaded rule by its id, and a hunt', async () => {
  const [rule] = trial.center.trials.rules.rules;
  expect(await tried({ rule: rule!.id })).toMatchObject({ state: 'done', of: { id: rule!.id, title: rule!.title } });
  expect(await tried({ hunt: 'conn | where id.resp_p == 23' })).toMatchObject({ of: { kind: 'query' }, hits: 5 });
});

test('it sees what its asker may see, and is his alone', async () => {
  expect(await tried({ text: telnet }, stranger)).toMatchObject({ hits: 1, subjects: [{ value: '10.40.1.1' }] });
  expect(await tried({ text: telnet }, officer)).toMatchObject({ hits: 6 });
  const { id } = await tried({ text: telnet });
  const unknown = await trial.ask(colleague, 'GET', '/trials/00000000-0000-4000-8000-000000000000');
  for (const method of ['GET', 'DELETE']) {
    const foreign = await trial.ask(colleague, method, `/trials/${id}`);
    expect([foreign.status, foreign.body.code]).toEqual([404, unknown.body.code]);
  }
  expect((await trial.ask(analyst, 'DELETE', `/trials/${id}`)).status).toBe(204);
});

test('starting one is in the audit', async () => {
  await tried({ text: telnet });
  const { body } = await trial.ask(person('hospital', 'regulator'), 'GET', '/audit?action=rule.try');
  expect(body.items[0]).toMatchObject({ action: 'rule.try', detail: { kind: 'rule', title: 'Telnet' } });
});

test('what is no rule is refused at its line', async () => {
  const of = async (body: object) => (await trial.ask(analyst, 'POST', '/trials', body)).body;
  expect(await of({ text: telnet.replace('condition: flow', 'condition: other') })).toMatchObject({
    code: 'rule.condition',
    place: { file: 'rule.yml', line: 5 },
  });
  expect(await of({ text: telnet.replace('id.resp_p: 23', "service|re: '(a)\\1'") })).toMatchObject({ place: { line: 5 } });
  expect((await of({ rule: 'nothing' })).code).toBe('not-found');
  expect((await of({})).code).toBe('request.invalid');
  expect((await of({ text: telnet, hunt: 'conn' })).code).toBe('request.invalid');
});

test('a slice that takes too long is cut; what cannot be done is told', async () => {
  const asked: number[] = [];
  const slow = (secondsMin: number) =>
    startTrial({
      records: {
        ...trial.records,
        query: (...args: Parameters<typeof trial.records.query>) => trial.records.query(...args),
        past: {
          ...trial.records.past,
          days: async (scope, of, taken) => {
            const seconds = of.range.to - of.range.from;
            asked.push(seconds);
            if (seconds > secondsMin) throw new Refusal('records.timeout', 'Too long.', { advice: '' });
            return trial.records.past.days(scope, of, taken);
          },
        },
      },
      scope: 'all',
      tried: {
        kind: 'rule',
        id: null,
        title: 'x',
        parts: [{ log: 'conn', where: { kind: 'text', field: 'id.resp_p', op: 'equals', value: 23 } }],
      },
      range: { from: noon - 2 * day, to: noon },
      id: 'x',
      watch: () => 0,
      secondsMax: 1,
    });
  const cut = slow(day / 2);
  await cut.done;
  expect(cut.shown()).toMatchObject({ state: 'done', hits: 5 });
  expect(asked[0]).toBe(day);
  const never = slow(1);
  await never.done;
  expect(never.shown()).toMatchObject({ state: 'failed', trouble: { code: 'records.timeout' }, hits: 0 });
  const stopped = slow(Infinity);
  stopped.stop();
  await stopped.done;
  expect(stopped.shown().state).toBe('stopped');
});
