/** Hunts over the API: what is read is said, what cannot be asked is refused at its place, what is kept is one's own. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';

let trial: Trial;
const analyst = person('hospital', 'analyst');
const colleague = person('hospital', 'liaison-officer');
const officer = person('centre', 'duty-officer');

const at = 1_763_999_000;
const flow = (uid: string, seconds: number, bytes: number) => ({
  ts: at + seconds,
  uid,
  'id.orig_h': '10.20.10.57',
  'id.orig_p': 50_000,
  'id.resp_h': uid === 'C3' ? '10.20.10.1' : '203.0.113.9',
  'id.resp_p': 443,
  proto: 'tcp',
  orig_bytes: bytes,
});

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  await trial.records.insertBatch(
    { organisation: 'hospital', sensor: 's', link: null, networkType: 'computer', source: 't', marking: 'TLP:AMBER' },
    {
      id: 'a'.repeat(64),
      source: 't',
      logs: {
        conn: [flow('C1', 0, 5_000_000), flow('C2', 10, 7_000_000), flow('C3', 20, 9_000_000), flow('C4', 30, 1)],
        dns: [
          {
            ts: at,
            uid: 'C9',
            'id.orig_h': '10.20.10.57',
            'id.orig_p': 1,
            'id.resp_h': '10.20.10.1',
            'id.resp_p': 53,
            proto: 'udp',
            query: 'evil.example',
          },
        ],
      },
    },
  );
});
afterAll(() => trial.end());

const run = (text: string, who = analyst, more = {}) => trial.ask(who, 'POST', '/hunts/run', { text, ...more });

test('a question is answered, with what it read', async () => {
  const { status, body } = await run(
    `conn | where id.resp_p == 443 and orig_bytes > 1mb and not(ipv4_is_private(id.resp_h))
     | summarize n = count(), sum(orig_bytes) by host = id.resp_h, bin(ts, 1h) | where n > 1`,
  );
  expect(status).toBe(200);
  expect(body).toMatchObject({
    columns: [
      { field: 'id.resp_h', name: 'host', type: 'addr' },
      { field: 'window', name: 'ts', type: 'time' },
      { field: 'n', name: 'n', type: 'count' },
      { field: 'sum_orig_bytes', name: 'sum_orig_bytes', type: 'count' },
    ],
    rows: [{ 'id.resp_h': '203.0.113.9', window: Math.floor(at / 3600) * 3600, n: 2, sum_orig_bytes: 12_000_000 }],
    bin: { name: 'ts', seconds: 3600 },
    grouped: true,
    more: false,
  });
  expect(body.read.rows).toBe(4);
  expect(body.read.bytes).toBeGreaterThan(0);
});

test('records come newest first, cut where no number was asked for, and words are looked for in all logs', async () => {
  const { body } = await run('conn | project ts, uid | take 2');
  expect(body.rows.map(({ uid }: { uid: string }) => uid)).toEqual(['C4', 'C3']);
  expect(body.more).toBe(false);
  const found = await run('search "evil.example"');
  expect(found.body.rows).toMatchObject([{ _log: 'dns', query: 'evil.example' }]);
});

test('what a question says of the time counts before the range of the page', async () => {
  const range = { from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' };
  expect((await run('conn | count', analyst, range)).body.rows).toEqual([]);
  const asked = await run('conn | where ts >= ago(1d) and ts < now() | count', analyst, range);
  expect(asked.body.rows).toEqual([{ Count: 4 }]);
});

test('what is not taken is refused where it stands', async () => {
  const { status, body } = await run('conn | where prot == "tcp"');
  expect([status, body.code, body.place]).toEqual([422, 'query.kql', { offset: 13, column: 14 }]);
});

test('a hunt is kept for oneself or shared, changed by its owner alone, and each act stands in the audit', async () => {
  const own = { name: 'Large', text: 'conn | where orig_bytes > 1mb', shared: false };
  const saved = await trial.ask(analyst, 'POST', '/hunts', own);
  expect(saved).toMatchObject({ status: 201, body: { ...own, own: true } });
  const listed = async (who = colleague) =>
    (await trial.ask(who, 'GET', '/hunts')).body.items.map(({ name }: { name: string }) => name);
  expect(await listed()).toEqual([]);
  const path = `/hunts/${saved.body.id}`;
  expect((await trial.ask(colleague, 'PUT', path, own)).status).toBe(404);
  expect((await trial.ask(analyst, 'PUT', path, { ...own, shared: true })).status).toBe(200);
  expect(await listed()).toEqual(['Large']);
  // Shared is: with the own organisation.
  expect(await listed(officer)).toEqual([]);
  expect((await trial.ask(colleague, 'PUT', path, own)).status).toBe(403);
  expect((await trial.ask(colleague, 'DELETE', path)).status).toBe(403);
  expect((await trial.ask(analyst, 'POST', '/hunts', { ...own, text: 'conn | extend x = 1' })).status).toBe(422);
  expect((await trial.ask(analyst, 'DELETE', path)).status).toBe(204);
  expect(await listed()).toEqual([]);
  const { body } = await trial.ask(person('hospital', 'administrator'), 'GET', '/audit');
  expect(body.items.map(({ action }: { action: string }) => action)).toEqual(
    expect.arrayContaining(['hunt.save', 'hunt.change', 'hunt.remove']),
  );
});

test('a hunt becomes the skeleton of a rule', async () => {
  const { status, body } = await trial.ask(analyst, 'POST', '/hunts/rule', {
    name: 'Large uploads',
    text: 'conn | where orig_bytes > 1mb',
  });
  expect(status).toBe(200);
  expect(body.yaml).toContain('orig_bytes|gt: 1000000');
});
