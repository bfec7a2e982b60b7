/** Causes and forecasts through the API: a chain that people write, causes that add up and come back, forecasts that are kept and scored. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startForecasts } from '../forecasts/desk.ts';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate, hospitalIncident } from '../testing/estate.ts';

let trial: Trial;
let id: string;
const officer = person('centre', 'duty-officer');
const liaison = person('hospital', 'liaison-officer');
const telecom = person('telecom', 'liaison-officer');

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  id = await hospitalIncident(trial.center);
});
afterAll(() => trial.end());

const ok = async (who: typeof officer, method: string, path: string, body?: unknown) => {
  const answer = await trial.ask(who, method, path, body);
  expect(answer.text.includes('"code"') ? answer.body : undefined).toBeUndefined();
  return answer.body;
};
const root = (more: object = {}) => ({
  id: 'mail',
  role: 'root',
  reality: 'happened',
  cause: 'phishing',
  text: 'A mail was opened on 10.20.10.57.',
  at: null,
  confidence: 'high',
  evidence: [{ kind: 'finding', reference: 'finding-1', note: 'Scan' }],
  follows: [],
  ...more,
});

describe('the chain of causes', () => {
  test('is proposed from findings, losses and dependencies, in the reader’s language', async () => {
    const { version, steps, proposed } = await ok(officer, 'GET', `/incidents/${id}/causes`);
    expect({ version, steps }).toEqual({ version: 0, steps: [] });
    // The findings show no technique of a cause; that data was lost is a fact, and the service rests on the server that was hit.
    expect(proposed.map(({ id: step, role, reality }: any) => [step, role, reality])).toContainEqual([
      'lost-confidentiality',
      'effect',
      'happened',
    ]);
    const may = (await ok(officer, 'GET', `/incidents/${id}/causes?language=zh`)).proposed.filter(
      ({ reality }: any) => reality === 'may',
    );
    for (const { text } of may) expect(text).toMatch(/可能中断/);
  });

  test('is written by editions: who was slower is told, and what it says is checked', async () => {
    const put = (who: typeof officer, body: object) => trial.ask(who, 'PUT', `/incidents/${id}/causes`, body);
    const chain = await put(liaison, { after: 0, steps: [root(), root({ id: 'sent', role: 'step', cause: null, text: 'Data left.', confidence: 'medium', follows: ['mail'] })] }); // oxfmt-ignore
    expect(chain.body).toMatchObject({ version: 1, by: expect.any(String), confidence: 'medium' });
    expect((await put(officer, { after: 0, steps: [root()] })).body).toMatchObject({ status: 409, code: 'cause.changed' });
    expect((await put(officer, { after: 1, steps: [root({ evidence: [] })] })).body).toMatchObject({
      code: 'cause.chain',
      place: { field: 'steps[0].evidence' },
    });
    expect((await put(officer, { after: 1, steps: [root({ cause: 'fate' })] })).body.code).toBe('cause.chain');
    const view = await ok(officer, 'GET', `/incidents/${id}`);
    expect(view.timeline.map(({ text }: any) => text.text)).toContain('center.cause.written');
  });

  test('is for who takes part: a supporter reads no host that is another’s, who is only told reads nothing', async () => {
    await ok(officer, 'POST', `/incidents/${id}/responsibilities`, { organisation: 'telecom', part: 'inform' });
    expect(await ok(telecom, 'GET', `/incidents/${id}/causes`)).toMatchObject({ steps: [], proposed: [], by: null });
    const body = { after: 1, steps: [] };
    expect((await trial.ask(telecom, 'PUT', `/incidents/${id}/causes`, body)).body.code).toBe('permission.denied');
    await ok(officer, 'POST', `/incidents/${id}/responsibilities`, { organisation: 'telecom', part: 'support' });
    await ok(telecom, 'POST', `/incidents/${id}/responsibilities/answer`, { part: 'support', answer: 'accept' });
    const { steps, proposed } = await ok(telecom, 'GET', `/incidents/${id}/causes`);
    expect(steps[0].text).toBe('A mail was opened on •••.');
    expect(JSON.stringify([steps, proposed])).not.toContain('10.20.');
  });
});

describe('a forecast', () => {
  const look = async (seconds = 0) => {
    trial.clock.at += seconds;
    const desk = startForecasts(trial.center);
    await desk.look();
    await desk.close();
  };

  test('is made of an open incident, anew when it changes and at most once a minute, and shown with its reasons', async () => {
    await ok(liaison, 'POST', `/incidents/${id}/facts`, { fact: 'cii_total_outage_hours', value: 0.5, source: 'log' });
    await look();
    await look(1);
    const { earlier, points, because, scheme, model } = await ok(officer, 'GET', `/incidents/${id}/forecast`);
    expect(earlier.map(({ horizonSeconds, due }: any) => [horizonSeconds, due])).toEqual([
      [3600, false],
      [21_600, false],
      [86_400, false],
    ]);
    expect({ scheme, confidence: model.confidence }).toEqual({ scheme: 'cn-reporting-2025', confidence: 'U' });
    expect(points[2].facts.map(({ fact, movement }: any) => [fact, movement])).toContainEqual([
      'cii_total_outage_hours',
      'lasting',
    ]);
    expect(because.map(({ text }: any) => text)).toContain('assess.forecast.lasting');
    const other = await ok(officer, 'GET', `/incidents/${id}/forecast?scheme=gbz-20986-2007`);
    expect(other.scheme).toBe('gbz-20986-2007');
    expect((await trial.ask(officer, 'GET', `/incidents/${id}/forecast?scheme=none`)).status).toBe(422);
    expect((await ok(officer, 'GET', '/forecasts')).items).toMatchObject([{ incident: id, points: [{}, {}, {}] }]);
    // It changed by the forecast of a minute ago, not by itself: nothing new is made.
    await ok(liaison, 'POST', `/incidents/${id}/facts`, { fact: 'people_affected', value: 2000, source: 'log' });
    await look(1);
    expect((await ok(officer, 'GET', `/incidents/${id}/forecast`)).earlier).toHaveLength(3);
    await look(60);
    expect((await ok(officer, 'GET', `/incidents/${id}/forecast`)).earlier).toHaveLength(6);
  });

  test('is scored when its moment has come, by what was known for it', async () => {
    trial.clock.at += 1;
    await ok(liaison, 'POST', `/incidents/${id}/facts`, { fact: 'people_affected', value: 1_200_000, source: 'register' });
    await look(3600 - 1);
    expect((await ok(officer, 'GET', '/forecast-calibration')).count).toBe(0);
    await look(1000);
    const told = await ok(officer, 'GET', '/forecast-calibration');
    expect(told).toMatchObject({ count: 2, unconfirmed: 0, horizons: [{ horizonSeconds: 3600, count: 2 }] });
    expect(told.recent[0]).toMatchObject({ incident: id, actual: 2, confirmed: true, due: true });
    expect(told.facts.map(({ fact }: any) => fact)).toContain('people_affected');
    expect(told.waiting).toBeGreaterThan(0);
    // Who does not see the incident sees no forecast of it, and counts none.
    expect(await ok(person('stranger', 'liaison-officer'), 'GET', '/forecast-calibration')).toMatchObject({
      count: 0,
      waiting: 0,
    });
  });
});

describe('causes over incidents', () => {
  const close = async (cause: object) => {
    const opened = await ok(liaison, 'POST', '/incidents', { title: 'Another' });
    await ok(officer, 'POST', `/incidents/${opened.id}/state`, { state: 'closed', reason: 'Over.', cause });
    return opened.id as string;
  };
  const phishing = { kind: 'known', cause: 'phishing', text: 'A mail.', contributing: ['stolen-credentials'], confidence: 'low' };

  test('add up to what recurs, to measures, and to what came back after one was done', async () => {
    const first = await close(phishing);
    await close(phishing);
    await close({ kind: 'unknown', reason: 'The logs were gone.' });
    const found = await ok(liaison, 'GET', '/causes');
    expect(found).toMatchObject({ closed: 3, unknown: 1 });
    expect(found.causes.map(({ cause, leading, contributing, recurring }: any) => [cause, leading, contributing, recurring])).toEqual([
      ['phishing', 2, 0, true],
      ['stolen-credentials', 0, 2, false],
    ]); // oxfmt-ignore
    expect(found.measures[0]).toMatchObject({ measure: 'strong-sign-in', incidents: 2 });
    expect((await ok(person('stranger', 'liaison-officer'), 'GET', '/causes')).closed).toBe(0);

    const proposed = { title: 'Keys for all', measure: 'strong-sign-in', causes: ['phishing'], owner: 'IT service' };
    const prevention = await ok(liaison, 'POST', '/preventions', proposed);
    expect(prevention).toMatchObject({ state: 'proposed', incidents: 2, cameBack: 0, organisation: 'hospital' });
    const path = `/preventions/${prevention.id}/state`;
    expect(await ok(liaison, 'POST', path, { state: 'done' })).toMatchObject({ state: 'done', cameBack: 0 });
    trial.clock.at += 10;
    await close(phishing);
    const [row] = (await ok(liaison, 'GET', '/preventions')).items;
    expect(row).toMatchObject({ incidents: 3, cameBack: 1 });
    expect(row.history.map(({ state }: any) => state)).toEqual(['proposed', 'done']);
    expect((await trial.ask(liaison, 'POST', path, { state: 'dropped', reason: 'r' })).body).toMatchObject({ status: 409, code: 'prevention.state' }); // oxfmt-ignore
    expect((await trial.ask(liaison, 'POST', path, { state: 'doing' })).body.code).toBe('prevention.reason');

    // What is opened again counts no more until it is closed again.
    await ok(officer, 'POST', `/incidents/${first}/state`, { state: 'open', reason: 'It goes on.' });
    expect((await ok(liaison, 'GET', '/causes')).causes[0]).toMatchObject({ cause: 'phishing', leading: 2 });
  });

  test('others are proposed measures by the centre alone; what is not there is refused', async () => {
    const body = { title: 't', causes: ['flood'], owner: 'o' };
    expect((await trial.ask(liaison, 'POST', '/preventions', { ...body, organisation: 'clinic' })).status).toBe(403);
    expect((await trial.ask(officer, 'POST', '/preventions', { ...body, causes: ['fate'] })).body.place.field).toBe('causes');
    expect((await trial.ask(officer, 'POST', '/preventions', { ...body, measure: 'wish' })).body.place.field).toBe('measure');
    await ok(officer, 'POST', '/preventions', { ...body, organisation: 'clinic' });
    expect((await ok(liaison, 'GET', '/preventions')).items).toHaveLength(1);
    expect((await ok(officer, 'GET', '/preventions')).items).toHaveLength(2);
  });
});
