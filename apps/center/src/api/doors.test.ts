import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';
import { createApp } from './app.ts';

let trial: Trial;
const workbench = mkdtempSync(join(tmpdir(), 'forewarn-workbench-'));

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  writeFileSync(join(workbench, 'index.html'), '<title>Forewarn</title>');
});
afterAll(async () => {
  await trial.end();
  rmSync(workbench, { recursive: true });
});

/** What the server says of the socket. */
const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } });
const appWith = (doors: { loopback?: boolean; behindProxy?: boolean }) =>
  createApp(trial.center, {
    doors: { loopback: false, behindProxy: false, tls: false, ...doors },
    workbench,
    ready: async () => true,
  });

test.each(['/', '/incidents', '/metrics', '/api/v1/languages/en'])(
  'a centre on loopback answers no other name at %s',
  async (path) => {
    const ask = async (host: string) => {
      const response = await appWith({ loopback: true }).request(path, { headers: { host } }, from('127.0.0.1'));
      return { status: response.status, text: await response.text() };
    };
    const foreign = await ask('rebound.example:8080');
    expect([foreign.status, JSON.parse(foreign.text)]).toEqual([403, expect.objectContaining({ code: 'origin.foreign' })]);
    expect((await ask('127.0.0.1:8080')).status).toBe(200);
  },
);

test('metrics are read on the own machine without a token, and not through a proxy there', async () => {
  const ask = async (address: string | undefined, headers: { [name: string]: string } = {}) =>
    (await appWith({ behindProxy: true }).request('/metrics', { headers }, address === undefined ? {} : from(address))).status;
  for (const own of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) expect([own, await ask(own)]).toEqual([own, 200]);
  for (const other of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1', undefined])
    expect([other, await ask(other)]).toEqual([other, 401]);
  expect(await ask('127.0.0.1', { 'x-forwarded-host': 'centre.example' })).toBe(401);
});

test('metrics from elsewhere need the centre’s audit:read', async () => {
  const ask = async (who: Parameters<Trial['headersOf']>[0]) =>
    (await appWith({}).request('/metrics', { headers: await trial.headersOf(who) }, from('192.0.2.7'))).status;
  expect(await ask(person('centre', 'regulator'))).toBe(200);
  expect(await ask(person('centre', 'analyst'))).toBe(403);
  // It would learn from the counts what others do.
  expect(await ask(person('hospital', 'administrator'))).toBe(403);
});

test('a page about an address is the page, a file that is not there is not', async () => {
  const ask = async (path: string) => (await appWith({}).request(path, {}, from('192.0.2.7'))).status;
  expect(await ask('/entities/host/10.20.10.57')).toBe(200);
  expect(await ask('/entities/service/10.20.10.57%3A443%2Ftcp')).toBe(200);
  expect(await ask('/assets/missing.js')).toBe(404);
  expect(await ask('/missing.txt')).toBe(404);
});
