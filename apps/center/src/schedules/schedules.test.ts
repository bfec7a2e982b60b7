/** What runs on a schedule: findings of windows that the stream would forget, and of hunts; each part of time once, whatever happens. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCollection } from '@forewarn/detect/sigma/collection';
import { readRules } from '@forewarn/detect/sigma/rule';
import type { AnyRecord } from '@forewarn/model/records/record';
import { listSchedules } from '@forewarn/store/resources/schedules';
import type { Center } from '../center-parts.ts';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';
import { isScheduled, runSchedules, streamed } from './run.ts';

let trial: Trial;
const analyst = person('hospital', 'analyst');
const stranger = person('telecom', 'analyst');

const hour = 3_600;
const day = 24 * hour;
const start = 20_400 * day;

const text = `title: Sign-in refused
name: refused
logsource: { product: zeek, service: ssh }
detection: { s: { auth_success: false }, condition: s }
---
title: Guessed slowly
id: slow
level: high
correlation: { type: event_count, rules: [refused], group-by: [id.orig_h], timespan: 3d, condition: { gte: 4 } }
---
title: Guessed at once
id: quick
correlation: { type: event_count, rules: [refused], group-by: [id.orig_h], timespan: 5m, condition: { gte: 4 } }
`;

const refused = (ts: number, host = '10.20.10.57'): AnyRecord => ({
  ts,
  uid: `C${ts}${host}`,
  'id.orig_h': host,
  'id.orig_p': 50_000,
  'id.resp_h': '10.20.10.1',
  'id.resp_p': 22,
  auth_success: false,
});

let inserted = 0;
const insert = (organisation: string, ssh: AnyRecord[]) =>
  trial.records.insertBatch(
    { organisation, sensor: 's', link: null, networkType: 'computer', source: 't', marking: 'TLP:AMBER' },
    { id: String(++inserted).padStart(64, '0'), source: 't', logs: { ssh } },
  );

let detection: ReturnType<typeof createCollection>;
const run = (center: Center = trial.center) => runSchedules(center, detection);
/** A session lives half a day, and days pass here: somebody else of the same organisation. */
let people = 0;
const another = (who: typeof analyst) => ({ ...who, account: `${who.account}-${++people}` });
const findings = async (who = analyst) =>
  (await trial.ask(another(who), 'GET', '/findings')).body.items as { [name: string]: any }[];
const rows = () => trial.center.database.system(listSchedules);

beforeAll(async () => {
  trial = await openTrialCenter();
  trial.clock.at = start;
  await fillEstate(trial.center);
  const { logSources } = trial.center.trials.rules;
  detection = createCollection([readRules(text, 'slow.yml', logSources)], logSources);
  await trial.ask(person('hospital', 'administrator'), 'POST', '/sensors', {
    id: 'sensor-h',
    name: 'Sensor',
    organisation: 'hospital',
    link: null,
    networkType: 'computer',
    marking: 'TLP:AMBER',
  });
  await run();
});
afterAll(() => trial.end());

test('the stream leaves to the schedule what it would forget, and nothing else', () => {
  expect(detection.refusals).toEqual([]);
  expect(detection.correlations.map((one) => [one.id, isScheduled(one)])).toEqual([
    ['slow', true],
    ['quick', false],
  ]);
  const content = { ...trial.center.trials.rules, correlations: detection.correlations } as never;
  expect(streamed(content).correlations.map(({ id }) => id)).toEqual(['quick']);
});

test('a sign of days is found once, grows, and is told by whom and when', async () => {
  await insert(
    'hospital',
    [0, 20, 40].map((hours) => refused(start + hours * hour)),
  );
  trial.clock.at = start + 45 * hour;
  expect(await run()).toBeGreaterThan(0);
  expect((await findings()).filter(({ rule }) => rule.id === 'slow')).toEqual([]);
  await insert('hospital', [refused(start + 50 * hour)]);
  trial.clock.at = start + 60 * hour;
  await run();
  const [found, ...others] = (await findings()).filter(({ rule }) => rule.id === 'slow');
  expect(others).toEqual([]);
  expect(found).toMatchObject({ source: '10.20.10.57', level: 'high', targets: ['10.20.10.1'], recordCount: 4 });
  expect(Date.parse(found!['to']) / 1000).toBe(start + 50 * hour);
  expect(found!['records']).toHaveLength(4);
  const row = (await rows()).find(({ organisation }) => organisation === 'hospital');
  expect(row).toMatchObject({ kind: 'correlation', rule: 'slow', organisation: 'hospital', trouble: null });
  expect(row!.until).toBeLessThanOrEqual(start + 59 * hour);
  expect(row!.until).toBeGreaterThan(start + 55 * hour);
  // Nobody else's.
  expect((await findings(stranger)).filter(({ rule }) => rule.id === 'slow')).toEqual([]);
  expect((await trial.ask(another(stranger), 'GET', '/schedules')).body.items).toEqual([]);
  expect((await trial.ask(another(analyst), 'GET', '/schedules')).body.items).toMatchObject([
    { of: 'slow', latenessSeconds: hour },
  ]);
});

test('what could not be written is looked at again, and found once', async () => {
  await insert(
    'hospital',
    [0, 1, 2, 3].map((hours) => refused(start + (80 + hours) * hour, '10.20.10.58')),
  );
  trial.clock.at = start + 90 * hour;
  const before = await rows();
  const broken: Center = {
    ...trial.center,
    pipeline: {
      ...trial.center.pipeline,
      consider: async () => async () => {
        throw new Error('the power is gone');
      },
    },
    log: { ...trial.center.log, error: () => undefined } as never,
  };
  expect(await run(broken)).toBe(0);
  expect((await rows()).map(({ until }) => until)).toEqual(before.map(({ until }) => until));
  expect((await rows())[0]!.trouble).toMatchObject({ code: 'schedule.failed' });
  const of58 = async () => (await findings()).filter(({ source }) => source === '10.20.10.58');
  expect(await of58()).toEqual([]);
  trial.clock.at += hour;
  expect(await run()).toBeGreaterThan(0);
  expect(await of58()).toHaveLength(1);
  // Two at once: one of them moves each row on.
  trial.clock.at += 4 * hour;
  const moved = await Promise.all([run(), run()]);
  expect(moved.reduce((sum, one) => sum + one, 0)).toBe(before.length);
  expect(await of58()).toHaveLength(1);
});

test('a hunt that runs on a schedule: its rows are findings; it stops when it is removed', async () => {
  const hunter = another(analyst);
  const { body: hunt } = await trial.ask(hunter, 'POST', '/hunts', {
    name: 'Refused often',
    text: 'ssh | where auth_success == false | summarize n = count() by id.orig_h | where n > 1',
    shared: false,
  });
  const put = (who = hunter) => trial.ask(who, 'PUT', `/hunts/${hunt.id}/schedule`, { everySeconds: 3_600, level: 'low' });
  expect((await put(another(stranger))).status).toBe(404);
  expect((await put()).status).toBe(204);
  const from = Math.floor((trial.clock.at - hour) / hour) * hour;
  await insert('hospital', [
    refused(from + 10, '10.20.10.60'),
    refused(from + 20, '10.20.10.60'),
    refused(from + 30, '10.20.10.61'),
  ]);
  trial.clock.at = from + 3 * hour;
  await run();
  const found = (await findings()).filter(({ rule }) => rule.id === `hunt:${hunt.id}`);
  expect(found).toMatchObject([{ source: '10.20.10.60', level: 'low', rule: { name: 'Refused often' } }]);
  await trial.ask(hunter, 'DELETE', `/hunts/${hunt.id}`);
  trial.clock.at += 3 * hour;
  await run();
  expect((await rows()).filter(({ kind }) => kind === 'hunt')).toEqual([]);
});
