/** An account is opened because of a finding alone, in its time and organisation, and each look stands in the audit. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { putFinding } from '@forewarn/store/resources/findings';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate, finding } from '../testing/estate.ts';

let trial: Trial;
const analyst = person('hospital', 'analyst');
const officer = person('centre', 'duty-officer');
const at = 1_763_999_000;
const purpose = 'Whose sign-in the finding shows.';

const signIn = (ts: number, source: string) => ({
  ts,
  uid: `C${ts}`,
  'id.orig_h': source,
  'id.orig_p': 50_000,
  'id.resp_h': '10.20.10.1',
  'id.resp_p': 445,
  username: 'p:0123456789abcdef',
});

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  for (const [index, organisation] of ['hospital', 'clinic'].entries()) {
    await trial.records.insertBatch(
      { organisation, sensor: 's', link: null, networkType: 'computer', source: 't', marking: 'TLP:AMBER' },
      {
        id: String(index).repeat(64),
        source: 't',
        logs: { ntlm: [signIn(at, `10.20.10.5${index}`), signIn(at - 86_400, '10.20.10.99')] },
      },
    );
  }
  const seen = finding('finding-1', { from: at - 60, to: at + 60, source: '10.20.10.50' });
  const access = [{ organisation: 'hospital', part: 'source' }] as const;
  await trial.center.database.system((tx) => putFinding(tx, { finding: seen, access, sensor: null, at }));
});
afterAll(() => trial.end());

const look = (body: object, who = analyst) =>
  trial.ask(who, 'POST', '/account-looks', { account: 'p:0123456789abcdef', purpose, ...body });

test.each([
  ['the finding', analyst],
  ['the finding, by the centre, of whom it is about alone', officer],
])('in the time of %s', async (_, who) => {
  const { status, body } = await look({ finding: 'finding-1' }, who);
  expect(status).toBe(201);
  expect(body.logs).toMatchObject([{ log: 'ntlm', records: 1 }]);
  expect(body.hosts).toEqual([{ log: 'ntlm', field: 'id.orig_h', value: '10.20.10.50', records: 1 }]);
  const opened = await trial.ask(who, 'POST', '/hunts/run', { text: body.logs[0].hunt });
  expect(opened.status).toBe(200);
});

test('not without a reason, nor for a finding of another, nor by who sets up the machines', async () => {
  expect((await look({})).status).toBe(422);
  expect((await look({ finding: 'finding-1', purpose: '' })).status).toBe(422);
  expect((await look({ finding: 'finding-1' }, person('clinic', 'analyst'))).status).toBe(404);
  expect((await look({ finding: 'finding-1' }, person('hospital', 'administrator'))).status).toBe(403);
});

test('each look stands in the audit with its purpose', async () => {
  const { body } = await trial.ask(person('hospital', 'administrator'), 'GET', '/audit');
  const looks = body.items.filter(({ action }: { action: string }) => action === 'account.look');
  expect(looks).toHaveLength(1);
  expect(looks[0]).toMatchObject({ object: 'finding/finding-1', detail: { account: 'p:0123456789abcdef', purpose } });
});
