/** Reports of sensors, what is found from them, and settings: through the centre's own routes. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SensorReport } from '@forewarn/model/sensor';
import { render } from '@forewarn/model/text';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';
import { watchSilence } from './report.ts';

let trial: Trial;
let token = '';
const administrator = person('hospital', 'administrator');
const analyst = person('hospital', 'analyst');
const stranger = person('stranger', 'administrator');

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  ({ token } = (await trial.ask(administrator, 'POST', '/sensors/hospital-sensor/token')).body);
});
afterAll(() => trial.end());

async function report(stats: object, more: Partial<SensorReport> = {}) {
  const body: SensorReport = {
    input: 'interface',
    startedAt: trial.clock.at - 100,
    stopping: false,
    settings: { version: 0, refused: null },
    stats: {
      ts: trial.clock.at,
      span: 60,
      input: 'interface eth1',
      version: '0.1.0',
      pkts_proc: 6_000,
      pkts_link: 6_000,
      pkts_dropped: 0,
      ...stats,
    },
    lost: { batches: 0, records: 0 },
    ...more,
  };
  const response = await trial.app.request('/api/v1/intake/reports', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as any };
}
const view = async () => (await trial.ask(analyst, 'GET', '/sensors/hospital-sensor')).body;
const findings = async (who = analyst) =>
  ((await trial.ask(who, 'GET', '/findings')).body.items as any[]).filter(({ source }) => source === 'hospital-sensor');

test('a report is the sensor’s state; the answer brings the centre’s clock', async () => {
  expect((await view()).state).toBe('never');
  const { status, body } = await report({
    clock_skew: 0.5,
    clock_within: 0.01,
    trouble: ['clock', 'no such trouble'],
    nonsense: 1,
  });
  expect([status, body]).toEqual([200, { now: trial.clock.at, settings: null, packets: null }]);
  expect(await view()).toMatchObject({
    state: 'trouble',
    troubles: ['clock'],
    report: { packetsPerSecond: 100, dropped: 0, droppedShare: 0, input: 'interface eth1', clock: { skewSeconds: 0.5 } },
    settings: { wanted: 0, inForce: 0, refused: null },
  });
  await report({});
  expect((await view()).state).toBe('working');
});

test('a report without a time is refused; a person’s token brings none', async () => {
  expect((await report({ ts: 'now' })).status).toBe(422);
  const { status } = await trial.ask(administrator, 'POST', '/intake/reports', {});
  expect(status).toBe(403);
});

test('silence is found for the sensor’s organisation alone, in both languages, and is over with the next report', async () => {
  expect(await watchSilence(trial.center)).toBe(0);
  trial.clock.at += 181;
  expect(await watchSilence(trial.center)).toBe(1);
  expect(await watchSilence(trial.center)).toBe(0);
  expect((await view()).state).toBe('silent');
  const [found] = await findings();
  expect(found).toMatchObject({
    rule: { id: 'behaviour:silent-sensor' },
    organisations: ['hospital'],
  });
  const { texts } = trial.center.content;
  expect(render(found.explanation, texts.en, 'en')).toBe(
    'The sensor hospital-sensor has not been heard of for 3 min: what happens on its line is not seen.',
  );
  expect(render(found.explanation, texts.zh, 'zh')).toMatch(/^探针 hospital-sensor 已 3 分钟没有消息/);
  expect(await findings(stranger)).toEqual([]);
  trial.clock.at += 400;
  await report({});
  const after = await findings();
  expect(after).toHaveLength(1);
  expect(after[0]).toMatchObject({ id: found.id, explanation: { text: 'detect.sensor.silent-over' } });
});

test('drops are a finding that grows', async () => {
  await report({ pkts_dropped: 600 });
  trial.clock.at += 60;
  await report({ pkts_dropped: 900, lost_records: 20 });
  const found = (await findings()).filter(({ rule }) => rule.id === 'behaviour:dropping-sensor');
  expect(found).toHaveLength(1);
  const { texts } = trial.center.content;
  expect(render(found[0].explanation, texts.en, 'en')).toBe(
    'The sensor hospital-sensor loses part of its traffic: 1,500 packets dropped (12.5 %), 20 records dropped because its spool was full.',
  );
  expect(render(found[0].explanation, texts.zh, 'zh')).not.toMatch(/\[|\{/);
});

test('settings: set by an administrator, pushed with the next answer, acknowledged or refused, all of it audited', async () => {
  const set = (who: typeof analyst, after: number, values: object) =>
    trial.ask(who, 'PUT', '/sensors/hospital-sensor/settings', { after, values });
  expect((await set(analyst, 0, {})).status).toBe(403);
  expect((await set(administrator, 0, { filter: '-w /etc/passwd' })).status).toBe(422);
  expect((await set(administrator, 0, { filter: 'a\nb' })).status).toBe(422);
  expect((await set(administrator, 0, { filter: 'not port 22', snapLength: 200 })).body).toMatchObject({ version: 1 });
  const late = await set(administrator, 0, { filter: '' });
  expect([late.status, late.body.code]).toEqual([409, 'sensor.settings.changed']);

  const { body } = await report({});
  expect(body.settings).toMatchObject({ version: 1, values: { filter: 'not port 22', snapLength: 200, fileHashes: true } });
  const acknowledged = await report({}, { settings: { version: 1, refused: null } });
  expect(acknowledged.body.settings).toBe(null);
  expect((await view()).settings).toEqual({ wanted: 1, inForce: 1, refused: null });

  await set(administrator, 1, { filter: 'nonsense' });
  await report({}, { settings: { version: 1, refused: { version: 2, reason: 'syntax error' } } });
  expect((await view()).settings).toEqual({ wanted: 2, inForce: 1, refused: { version: 2, reason: 'syntax error' } });
  expect((await view()).editions.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
  const { items } = (await trial.ask(administrator, 'GET', '/audit')).body as { items: { action: string }[] };
  const actions = items.map(({ action }) => action).filter((action) => action.startsWith('sensor.settings'));
  expect(actions.toSorted()).toEqual(['sensor.settings', 'sensor.settings', 'sensor.settings.follow', 'sensor.settings.refuse']);
});
