/** From the finding to the exception and back: preview, hiding, counting, lifting, expiry, verdicts – through the doors people use. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate, finding, hospitalIncident, recordFindings } from '../testing/estate.ts';
import { expireExceptions } from './expire.ts';

let trial: Trial;
const analyst = person('centre', 'analyst');
const hospital = person('hospital', 'analyst');
const regulator = person('centre', 'regulator');
const at = (seconds: number) => new Date(seconds * 1000).toISOString();

const scan = (id: string, more: Parameters<typeof finding>[1] = {}) =>
  finding(id, { rule: { id: 'behaviour:scan', version: '1', kind: 'behaviour', name: 'Scan' }, level: 'low', ...more });
const write = (...findings: ReturnType<typeof finding>[]) =>
  recordFindings(
    trial.center,
    findings.map((one) => ({ finding: one, sensor: 'hospital-sensor', seenBy: 'hospital' })),
  );
const must = async (who: typeof analyst, method: string, path: string, body?: unknown) => {
  const answer = await trial.ask(who, method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
  return answer.body;
};
const ids = async (query = '', who = analyst): Promise<string[]> =>
  (await must(who, 'GET', `/findings?limit=100${query}`)).items.map(({ id }: { id: string }) => id).sort();

const scanner = () => ({
  kind: 'exception',
  rule: 'behaviour:scan',
  entity: { kind: 'host', value: '10.20.10.57' },
  reason: 'Our own scanner.',
  until: at(trial.clock.at + 86_400),
});

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  await hospitalIncident(trial.center);
  await write(scan('a'), scan('b'), scan('other', { source: '10.20.10.58' }));
});
afterAll(() => trial.end());

test('a preview says what would have been hidden, and names in time what was confirmed', async () => {
  await must(analyst, 'POST', '/findings/verdicts', { findings: ['b'], verdict: 'true-positive', reason: 'Seen on the host.' });
  const preview = await must(analyst, 'POST', '/exceptions/preview', { ...scanner(), days: 7 });
  expect(preview).toMatchObject({ count: 2, levels: { low: 2 }, grave: { count: 1, findings: [{ id: 'b' }] } });
  expect(preview.rules).toEqual([{ rule: 'behaviour:scan', name: 'Scan', count: 2 }]);
  expect(preview.perDay).toEqual([{ at: '2025-11-24T00:00:00.000Z', count: 2 }]);
  expect(preview.effect.values).toMatchObject({ count: 1, grave: 1 });
  expect(await ids('&hidden=yes')).toEqual([]);
});

let made: { id: string };
test('made, it hides what was there if asked, then its like; both are counted and shown on demand', async () => {
  made = await must(analyst, 'POST', '/exceptions', { ...scanner(), pastDays: 7 });
  expect(made).toMatchObject({ hiddenNow: 1, hits: 1, state: 'active', owner: 'centre', centre: true });
  await write(scan('c'), scan('d', { source: '10.20.10.58' }));
  expect(await ids('&rule=behaviour:scan')).toEqual(['b', 'd', 'other']);
  expect(await ids('&hidden=yes')).toEqual(['a', 'c']);
  expect(await must(analyst, 'GET', `/findings/c`)).toMatchObject({ hiddenBy: made.id });
  expect(await must(analyst, 'GET', `/exceptions/${made.id}`)).toMatchObject({
    hits: 2,
    lastHitAt: at(trial.clock.at),
  });
  const { totals } = await must(analyst, 'GET', '/findings/groups?rule=behaviour:scan');
  expect(totals).toMatchObject({ count: 3, hidden: 2 });
});

test('the same finding with more evidence counts once; what it no longer covers is shown again', async () => {
  await write(scan('c', { recordCount: 9 }));
  expect(await must(analyst, 'GET', `/exceptions/${made.id}`)).toMatchObject({ hits: 2 });
  await write(scan('c', { to: trial.clock.at + 2 * 86_400 }));
  expect(await ids('&hidden=yes')).toEqual(['a']);
  await write(scan('c'));
  expect(await ids('&hidden=yes')).toEqual(['a', 'c']);
});

test('who confirms a hidden one shows it; what is in an incident is never hidden', async () => {
  await must(hospital, 'POST', '/findings/verdicts', { findings: ['c'], verdict: 'true-positive', reason: 'Not our scanner.' });
  expect(await ids('&hidden=yes')).toEqual(['a']);
  await write(scan('c', { recordCount: 11 }));
  expect(await ids('&hidden=yes')).toEqual(['a']);
  expect((await must(hospital, 'GET', '/findings/c/verdicts')).items).toMatchObject([
    { verdict: 'true-positive', reason: 'Not our scanner.', organisation: 'hospital' },
  ]);
  const wide = { kind: 'exception', condition: 'level:high', reason: 'Too wide.', until: at(trial.clock.at + 60) };
  const answer = await must(analyst, 'POST', '/exceptions', { ...wide, pastDays: 30 });
  expect(answer.hiddenNow).toBe(0);
  await must(analyst, 'POST', `/exceptions/${answer.id}/lift`, { reason: 'Made by mistake.' });
});

test('lifted with a reason, it shows what it hid, and hides no more; lifting twice is refused', async () => {
  const lifted = await must(analyst, 'POST', `/exceptions/${made.id}/lift`, { reason: 'The scanner is gone.', show: true });
  expect(lifted).toMatchObject({ state: 'lifted', ended: { reason: 'The scanner is gone.' } });
  await write(scan('e'));
  expect(await ids('&hidden=yes')).toEqual([]);
  const again = await trial.ask(analyst, 'POST', `/exceptions/${made.id}/lift`, { reason: 'Again.' });
  expect(again.body.code).toBe('noise.over');
});

test('it ends by itself, what it hid stays hidden, and the audit tells all of it', async () => {
  const snooze = await must(hospital, 'POST', '/exceptions', { ...scanner(), kind: 'snooze', until: at(trial.clock.at + 3_600) });
  await write(scan('f'));
  expect(await ids('&hidden=yes', hospital)).toEqual(['f']);
  trial.clock.at += 3_601;
  expect(await expireExceptions(trial.center)).toBe(1);
  expect(await must(hospital, 'GET', `/exceptions/${snooze.id}`)).toMatchObject({ state: 'expired', hits: 1 });
  await write(scan('g'));
  expect(await ids('&hidden=yes', hospital)).toEqual(['f']);
  const actions = (await must(person('centre', 'duty-officer'), 'GET', '/audit?limit=500')).items.map(
    ({ action }: { action: string }) => action,
  );
  for (const action of ['exception.make', 'exception.lift', 'exception.expire', 'finding.verdict'])
    expect(actions).toContain(action);
});

test('verdicts measure the rule that told them, with how many they are', async () => {
  await must(analyst, 'POST', '/findings/verdicts', {
    filter: { source: '10.20.10.58' },
    verdict: 'false-positive',
    reason: 'A printer.',
  });
  const rule = await must(analyst, 'GET', '/rules/behaviour:scan');
  expect(rule).toMatchObject({
    kind: 'behaviour',
    tested: true,
    verdicts: { 'true-positive': 2, 'false-positive': 2, expected: 0, undetermined: 0 },
    precision: { value: 0.5, n: 4 },
    path: 'behaviours/scan.yaml',
  });
  expect(rule.exceptions.length).toBeGreaterThan(1);
  expect(rule.source).toContain('behaviour: scan');
  const { items } = await must(analyst, 'GET', '/rules');
  for (const language of ['en', 'zh']) {
    const texts = await must(analyst, 'GET', `/languages/${language}`);
    const unnamed = items.filter(
      ({ id }: { id: string }) => id.startsWith('behaviour:') && !(id.replace('behaviour:', 'detect.behaviour.') in texts),
    );
    expect(unnamed).toEqual([]);
  }
  const sigma = items.filter(({ kind }: { kind: string }) => kind === 'sigma');
  expect(sigma.length).toBeGreaterThan(5);
  // Those without cases only serve correlations.
  expect(sigma.filter(({ tested, cases }: { tested: boolean; cases: { count: number } }) => tested !== cases.count > 0)).toEqual(
    [],
  );
});

test.each([
  [{}, 'noise.everything'],
  [{ rule: 'r', until: at(1_764_000_000 + 400 * 86_400) }, 'request.invalid'],
  [{ rule: 'r', until: at(1_000) }, 'request.invalid'],
  [{ rule: 'r', kind: 'snooze', until: at(1_764_000_000 + 40 * 86_400) }, 'request.invalid'],
  [{ rule: 'r', kind: 'window' }, 'request.invalid'],
  [{ condition: 'sorce:1' }, 'noise.field'],
  [{ condition: 'source:(' }, 'query.text'],
  [{ entity: { kind: 'network', value: '10.0.0.1/8' } }, 'noise.network'],
  [{ rule: 'r', kind: 'window', weekly: { days: [0], start: '02:00', minutes: 60, zone: 'Moon/Base' } }, 'request.invalid'],
])('what may not be is refused with its field: %j', async (more, code) => {
  const asked = { kind: 'exception', reason: 'None.', until: at(trial.clock.at + 60), ...more };
  const { status, body } = await trial.ask(analyst, 'POST', '/exceptions', asked);
  expect([status < 500, body.code]).toEqual([true, code]);
  expect(body.place.field).toBeTruthy();
});

test('who may only read neither hides nor judges', async () => {
  expect((await trial.ask(regulator, 'POST', '/exceptions', scanner())).status).toBe(403);
  const verdict = { findings: ['a'], verdict: 'expected', reason: 'None.' };
  expect((await trial.ask(regulator, 'POST', '/findings/verdicts', verdict)).status).toBe(403);
});

test('an organisation hides nothing that concerns another, whatever it writes', async () => {
  await must(hospital, 'POST', '/exceptions', { ...scanner(), entity: null });
  await write(scan('h', { source: '203.0.113.5', targets: ['10.20.1.21'] }), scan('i'));
  expect(await ids('&hidden=yes')).toEqual(['f', 'i']);
});
