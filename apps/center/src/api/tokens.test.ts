import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';

let trial: Trial;
const analyst = person('hospital', 'analyst');

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
});
afterAll(() => trial.end());

const make = (permissions: unknown) => trial.ask(analyst, 'POST', '/tokens', { name: 'Script', permissions });

test('a token has the permissions that were named, and no others', async () => {
  const made = await make(['findings:read', 'findings:read']);
  expect(made.status).toBe(201);
  const ask = async (path: string) =>
    (await trial.app.request(`/api/v1${path}`, { headers: { authorization: `Bearer ${made.body.token}` } })).status;
  expect([await ask('/findings'), await ask('/incidents')]).toEqual([200, 403]);
});

test('a token has no permission that its owner has not, none that is unknown, and some', async () => {
  expect(await make(['findings:read', 'warnings:issue'])).toMatchObject({
    status: 403,
    body: { code: 'permission.denied', place: { field: 'permissions' } },
  });
  for (const wrong of [[], ['everything'], 'findings:read']) expect((await make(wrong)).status).toBe(422);
});

test('a sensor’s token sends records, and asks nothing that people ask', async () => {
  const { token } = (await trial.ask(person('centre', 'administrator'), 'POST', '/sensors/hospital-sensor/token')).body;
  const ask = async (path: string) =>
    (await trial.app.request(`/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
  for (const path of ['/me', '/people', '/tokens', '/events', '/search?q=hospital', '/situation', '/findings'])
    expect([path, await ask(path)]).toEqual([path, 403]);
  const sent = await trial.app.request('/api/v1/intake/batches', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{}',
  });
  expect(sent.status).toBe(422);
});
