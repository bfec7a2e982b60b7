/** Baselines over stored flows: what belongs to the hour is quiet, what does not is told once with its parts; reset, pinned, and seen by nobody else. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { hourSeconds, weekSeconds } from '@forewarn/detect/baselines/season';
import type { AnyRecord } from '@forewarn/model/records/record';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';
import { runSchedules } from '../schedules/run.ts';
import { unusualHour } from './unusual-hour.ts';

let trial: Trial;
const analyst = person('hospital', 'analyst');
const stranger = person('telecom', 'analyst');

const hour = hourSeconds;
/** The hour that is looked at. */
const now = 20_300 * 86_400 + 9 * hour;
const weeks = 6;
const quiet = '10.20.10.57';
const busy = '10.20.10.58';

/** Connections of a host in an hour, each to another host. */
function connections(host: string, at: number, count: number, failed = 0): AnyRecord[] {
  return Array.from({ length: count }, (_unused, index) => ({
    ts: at + (index * hour) / count,
    uid: `C${host}${at}${index}`,
    'id.orig_h': host,
    'id.orig_p': 50_000,
    'id.resp_h': `203.0.${index >> 8}.${index & 255}`,
    'id.resp_p': 443,
    proto: 'tcp',
    conn_state: index < failed ? 'S0' : 'SF',
    orig_bytes: 1_000,
    resp_bytes: 5_000,
  }));
}

let inserted = 0;
const insert = (organisation: string, conn: AnyRecord[]) =>
  trial.records.insertBatch(
    { organisation, sensor: 's', link: 'uplink', networkType: 'computer', source: 't', marking: 'TLP:AMBER' },
    { id: String(++inserted).padStart(64, '0'), source: 't', logs: { conn } },
  );

const run = () => runSchedules(trial.center, { correlations: [] }, unusualHour(trial.center.unusualHour));
let people = 0;
const another = (who: typeof analyst) => ({ ...who, account: `${who.account}-${++people}` });
const found = async (who = analyst) =>
  ((await trial.ask(another(who), 'GET', '/findings')).body.items as { [name: string]: any }[]).filter(
    ({ rule }) => rule.id === 'behaviour:unusual-hour',
  );
const baseline = async (subject: string, who = analyst) =>
  (
    await trial.ask(
      another(who),
      'GET',
      `/baselines?subject=${encodeURIComponent(subject)}&at=${new Date(now * 1000).toISOString()}`,
    )
  ).body;

beforeAll(async () => {
  trial = await openTrialCenter();
  trial.clock.at = now + hour;
  await fillEstate(trial.center);
  await trial.ask(person('hospital', 'administrator'), 'POST', '/sensors', {
    id: 'sensor-h',
    name: 'Sensor',
    organisation: 'hospital',
    link: null,
    networkType: 'computer',
    marking: 'TLP:AMBER',
  });
  for (let week = 1; week <= weeks; week++) {
    for (const shift of [-1, 0, 1]) {
      const at = now - week * weekSeconds + shift * hour;
      // One does much at this hour of every week, the other little.
      await insert('hospital', [...connections(quiet, at, 20), ...connections(busy, at, 700)]);
    }
  }
  await insert('hospital', [...connections(quiet, now, 900, 850), ...connections(busy, now, 900)]);
  await run();
});
afterAll(() => trial.end());

test('what is usual at the hour is quiet; what is not is a finding, once, with its parts', async () => {
  trial.clock.at = now + 2 * hour + 10;
  expect(await run()).toBeGreaterThan(0);
  const told = await found();
  // The link that carries both has as many that failed.
  expect(told.map(({ source }) => source).sort()).toEqual([quiet, 'uplink']);
  const finding = told.find(({ source }) => source === quiet);
  expect(finding).toMatchObject({
    source: quiet,
    level: 'medium',
    recordCount: 900,
    explanation: { text: 'detect.unusual-hour.host' },
  });
  expect(finding!['explanation'].values).toMatchObject({ subject: quiet, weeks: 6 });
  const said = JSON.stringify(finding!['explanation']);
  for (const measure of ['connections', 'peers', 'failed']) expect(said).toContain(`detect.unusual-hour.${measure}`);
  expect(finding!['records'].length).toBeGreaterThan(0);
  await run();
  expect(await found()).toHaveLength(2);
  expect(await found(stranger)).toEqual([]);
});

test('a baseline says what it rests on', async () => {
  const view = await baseline(`host ${busy}`);
  expect(view).toMatchObject({ organisation: 'hospital', decision: null });
  const connectionsOf = view.measures.find(({ measure }: { measure: string }) => measure === 'connections');
  expect(connectionsOf).toMatchObject({ value: 900, most: 700, weeks: 6, samples: 6 });
  expect(connectionsOf.usual).toBeCloseTo(700);
  expect(connectionsOf.confidence).toBeGreaterThan(0.5);
  expect(Date.parse(view.since) / 1000).toBe(now - weeks * weekSeconds - hour);
  // The service that both use stands outside; the link carries both.
  expect((await baseline('link uplink')).measures.length).toBe(4);
  // Another organisation knows nothing of it, whatever it asks for.
  expect((await baseline(`host ${busy}`, stranger)).measures).toEqual([]);
  const asked = await trial.ask(another(stranger), 'GET', `/baselines?subject=host%20${busy}&organisation=hospital`);
  expect(asked.status).toBe(404);
  expect((await trial.ask(another(analyst), 'GET', '/baselines?subject=account%20ann')).status).toBe(422);
});

test('it is reset and pinned with a reason, and let go', async () => {
  const address = `/baselines?subject=host%20${busy}`;
  const decide = (act: string) => trial.ask(another(analyst), 'PUT', address, { act, reason: 'It moved to new rooms.' });
  // Two weeks before: what was earlier counts no more, and two weeks are too few.
  trial.clock.at = now - 2 * weekSeconds - 2 * hour;
  expect((await decide('reset')).status).toBe(204);
  expect(await baseline(`host ${busy}`)).toMatchObject({
    measures: [],
    decision: { act: 'reset', reason: 'It moved to new rooms.' },
  });
  // Pinned then, the weeks before stay the measure.
  expect((await decide('pin')).status).toBe(204);
  const pinned = await baseline(`host ${busy}`);
  expect(pinned.decision.act).toBe('pin');
  expect(pinned.measures[0]).toMatchObject({ weeks: 4 });
  trial.clock.at = now + 3 * hour;
  expect((await trial.ask(another(analyst), 'DELETE', address)).status).toBe(204);
  expect((await trial.ask(another(analyst), 'DELETE', address)).status).toBe(404);
  expect((await baseline(`host ${busy}`)).decision).toBeNull();
  const { body } = await trial.ask(another(person('hospital', 'regulator')), 'GET', '/audit');
  const acts = body.items.map(({ action }: { action: string }) => action);
  for (const action of ['baseline.reset', 'baseline.pin', 'baseline.release']) expect(acts).toContain(action);
});
