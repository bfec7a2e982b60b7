import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordType } from '@forewarn/model/records/index';
import { countBatch } from '@forewarn/store/resources/sensors';
import { readContentFiles, contentFolder } from '../content.ts';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';
import { coverageRulesOf } from './coverage.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
});
afterAll(() => trial.end());

const officer = person('centre', 'duty-officer');
type One = { type: string; state: string; sources: { id: string; state: string }[]; connect: { logs: string[] }[] };
const map = async (): Promise<One[]> => (await trial.ask(officer, 'GET', '/coverage')).body.types;
const computer = async () => (await map()).find(({ type }) => type === 'computer')!;
const batch = (log: string, lastAt: number) =>
  trial.center.database.system((tx) =>
    countBatch(tx, {
      sensor: 'hospital-sensor',
      organisation: 'hospital',
      at: trial.clock.at,
      records: 1,
      logs: [{ log, records: 1, lastAt, withheld: 0 }],
    }),
  );

test('blind at first; seen with the first record; silent when the stated time has passed without another; seen again', async () => {
  expect(await map()).toHaveLength(9);
  expect(await computer()).toMatchObject({ state: 'blind' });
  const within = trial.center.coverageRules.computer.within.value;
  await batch('conn', trial.clock.at);
  expect(await computer()).toMatchObject({ state: 'seen' });
  trial.clock.at += within;
  expect(await computer()).toMatchObject({ state: 'seen' });
  trial.clock.at += 1;
  expect(await computer()).toMatchObject({ state: 'silent' });
  await batch('windows', trial.clock.at - 1);
  const again = await computer();
  expect(again.state).toBe('seen');
  expect(again.connect.some(({ logs }) => logs.includes('windows') || logs.includes('conn'))).toBe(false);
});

test('what a sensor says of itself shows no network', async () => {
  trial.clock.at += 10_000;
  await batch('stats', trial.clock.at);
  expect(await computer()).toMatchObject({ state: 'silent' });
});

test('every log that the content names is declared', async () => {
  const rules = coverageRulesOf(await readContentFiles(contentFolder, ['coverage']));
  const named = Object.values(rules).flatMap(({ connect }) => connect.flatMap(({ logs }) => logs));
  expect(named.filter((log) => !recordType(log))).toEqual([]);
});
