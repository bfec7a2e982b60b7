/** Weights of links at the centre: computed, set by a person with a reason, and taken back; others' services are not named. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LinkWeightView } from '@forewarn/model/api';
import type { Estate } from '@forewarn/model/estate';
import { writeEstate } from '@forewarn/store/resources/estate';
import { weighEstate } from '@forewarn/know/weights/estate';
import { contentFolder, readContentFiles } from '../content.ts';
import { weigh } from '../estate/weighing.ts';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate, smallEstate } from '../testing/estate.ts';
import { weightRulesOf } from './weights.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
});
afterAll(() => trial.end());

const officer = person('centre', 'duty-officer');
const administrator = person('hospital', 'administrator');
const weight = async (who = administrator): Promise<LinkWeightView> =>
  (await trial.ask(who, 'GET', '/links/hospital-link')).body.weight;

test('a weight opens to its parts; a person sets another with a reason, and takes it back', async () => {
  const computed = await weight();
  expect(computed.value).toBe(computed.computed);
  expect(computed.parts.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(computed.value, 3);
  const put = (body: unknown) => trial.ask(administrator, 'PUT', '/links/hospital-link/weight', body);
  expect((await put({ after: 0, weight: 0.95, reason: ' ' })).status).toBe(422);
  expect((await put({ after: 0, weight: 0.95, reason: 'The only line of the intensive care.' })).status).toBe(201);
  expect(await weight()).toMatchObject({
    value: 0.95,
    depth: 'packets',
    computed: computed.computed,
    set: { version: 1, reason: 'The only line of the intensive care.' },
  });
  expect((await put({ after: 0, weight: 0.1, reason: 'Too late.' })).body.code).toBe('link.weight.changed');
  expect((await put({ after: 1, weight: null, reason: 'A second line was laid.' })).status).toBe(201);
  expect((await weight()).value).toBe(computed.value);
  expect((await put({ after: 2, weight: 0.49, reason: 'Half of it moved.' })).status).toBe(201);
  expect(await weight()).toMatchObject({ value: 0.49, depth: 'elements' });
  const acts = (await trial.ask(administrator, 'GET', '/audit')).body.items as { action: string }[];
  expect(acts.filter(({ action }) => action === 'link.weight')).toHaveLength(3);
});

test('a maker is taken away: who owns its products reads what falls, others nothing; a service shows what it rests on', async () => {
  const ask = async (who: typeof administrator, path: string) => (await trial.ask(who, 'GET', path)).body;
  const fallen = await ask(administrator, '/what-if?makers=Records%20Works');
  expect(fallen).toMatchObject({
    count: 1,
    others: 0,
    fallen: [
      { business: 'hospital-care', share: { least: 1, most: 1 }, regions: ['north'], itself: true, through: [], lasts: null },
    ],
    regions: [{ region: 'north', services: 1, users: { least: 1000, most: 1000 } }],
  });
  const stranger = person('stranger', 'administrator');
  expect(await ask(stranger, '/what-if?makers=Records%20Works')).toMatchObject({ count: 0, others: 0 });
  expect(await ask(stranger, '/what-if?assets=hospital-records')).toMatchObject({ count: 0, others: 0 });
  expect((await ask(administrator, '/reliances')).items[0]).toMatchObject({
    kind: 'makers',
    id: 'Records Works',
    share: 1,
    falling: 1,
  });
  expect(await ask(administrator, '/businesses/hospital-care/picture')).toMatchObject({
    assets: [{ id: 'hospital-records' }],
    products: [{ id: 'hospital-suite' }],
    others: 0,
    left: 0,
  });
  const { links, elsewhere } = await ask(administrator, '/topology');
  expect(links.map(({ id }: { id: string }) => id)).toEqual(['hospital-link']);
  expect(elsewhere).toEqual([]);
});

test('two links of one network are proposed as one point, to who sees them', async () => {
  const [link] = smallEstate.links;
  const second = { ...link!, id: 'hospital-second', to: 'clinic-lan' };
  const estate: Partial<Estate> = { links: [second] };
  await trial.center.database.system((tx) => writeEstate(tx, estate));
  trial.center.estate.forget();
  const { body } = await trial.ask(person('centre', 'administrator'), 'GET', '/observation-points');
  expect(body.points[0]).toMatchObject({ network: link!.from, links: ['hospital-link', 'hospital-second'] });
  expect((await trial.ask(officer, 'GET', '/links')).body.items).toHaveLength(3);
});

test('a large estate is weighed in a thread, with the same answer', async () => {
  const rules = weightRulesOf(await readContentFiles(contentFolder, ['weights']));
  const [link] = smallEstate.links;
  const links = Array.from({ length: 600 }, (_, i) => ({
    ...link!,
    id: `link-${i}`,
    from: `n${i % 40}`,
    to: `n${(i * 7 + 1) % 40}`,
  }));
  const estate = { ...smallEstate, links };
  const here = weighEstate(estate, rules);
  const there = await weigh(estate, rules);
  expect(there.links.map((one) => one.weight)).toEqual(here.links.map((one) => one.weight));
  expect(there.nodes).toEqual(here.nodes);
});
