/** An incident from its findings to its closing, through the API, in the stores it really has. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { candidate, fillEstate, finding, hospitalIncident, recordFindings } from '../testing/estate.ts';
import { startJobs } from '../jobs.ts';
import { openIncident } from './open.ts';

let trial: Trial;
let id: string;
const officer = person('centre', 'duty-officer');
const liaison = person('hospital', 'liaison-officer');
const department = person('health', 'duty-officer');
const departmentLiaison = person('health', 'liaison-officer');
const telecom = person('telecom', 'liaison-officer');

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  id = await hospitalIncident(trial.center);
});
afterAll(() => trial.end());

const get = async (who = officer) => (await trial.ask(who, 'GET', `/incidents/${id}`)).body;
const post = async (path: string, body: unknown, who = officer) => {
  const answer = await trial.ask(who, 'POST', `/incidents/${id}${path}`, body);
  expect(answer.text.includes('"code"') ? answer.body : undefined).toBeUndefined();
  return answer.body;
};
const leading = (view: any) => view.grades.find((one: any) => one.scheme === 'cn-reporting-2025');
const clock = (view: any, duty: string) => view.clocks.find((one: any) => one.duty === duty);

describe('an incident opened from findings', () => {
  test('has a number, a grade, a lead and a running clock at once', async () => {
    const view = await get();
    expect(view.number).toBe('FW-2025-0001');
    expect(view.organisations).toEqual(['hospital']);
    expect(view.lead.organisation).toBe('centre');
    expect(view.title).toEqual({
      text: 'center.incident.title.2',
      values: {
        host: '10.20.10.57',
        tactic1: { text: 'detect.tactic.discovery' },
        tactic2: { text: 'detect.tactic.exfiltration' },
      },
    });
    expect(leading(view)).toMatchObject({ floor: 4, ceiling: 1 });
    expect(view.grades.length).toBe(trial.center.schemes.length);
    expect(view.stage.stage).toBe('during');
    expect(view.stage.harmAt.from).toBe(new Date(1_763_999_400_000).toISOString());
    // Reportable from level III: whether the duty applies is still open, so its clock waits with its start known.
    expect(clock(view, 'cii-operator-report')).toMatchObject({
      organisation: 'hospital',
      reporter: 'cii-operator',
      state: 'waiting',
    });
    expect(view.facts.map(({ fact, by }: any) => [fact, by])).toContainEqual(['system_importance', 'forewarn']);
    expect(view.timeline.some(({ kind, reference }: any) => kind === 'event' && reference === 'found')).toBe(true);
  });

  test('is opened once, and takes more findings of its group', async () => {
    await recordFindings(trial.center, [
      { finding: finding('finding-3', { tactic: ['impact'] }), sensor: 'hospital-sensor', seenBy: 'hospital' },
    ]);
    const again = await openIncident(trial.center, candidate('candidate-1', ['finding-1', 'finding-3']));
    expect(again).toEqual({ incident: id, fresh: false });
    expect((await get()).findings).toBe(3);
  });

  test('weighs as much as the heaviest link it was seen on, for those who see that link', async () => {
    const put = await trial.ask(person('hospital', 'administrator'), 'PUT', '/links/hospital-link/weight', {
      after: 0,
      weight: 0.83,
      reason: 'The only line of the intensive care.',
    });
    expect(put.status).toBe(201);
    expect((await get()).weight).toBe(0.83);
    const inList = async (who: typeof officer) =>
      (await trial.ask(who, 'GET', '/incidents')).body.items.map(({ weight }: { weight: number | null }) => weight);
    expect(await inList(officer)).toEqual([0.83]);
    expect(await inList(liaison)).toEqual([0.83]);
    expect((await inList(telecom)).filter((weight: number | null) => weight !== null)).toEqual([]);
  });
});

describe('a fact', () => {
  test('grades anew: a number of people moves the floor and starts the law’s clock', async () => {
    const before = await get();
    const view = await post('/facts', { fact: 'people_affected', value: 150_000, source: 'hospital register' });
    expect(leading(view).floor).toBe(3);
    expect(leading(view).fired[0]).toMatchObject({ fact: 'people_affected', value: '150000 persons', level: 3 });
    const running = clock(view, 'cii-operator-report');
    expect(running.state).toBe('running');
    expect(Date.parse(running.dueAt) - Date.parse(running.startedAt)).toBe(3_600_000);
    expect(view.timeline.filter(({ kind }: any) => kind === 'grade').length).toBeGreaterThan(
      before.timeline.filter(({ kind }: any) => kind === 'grade').length,
    );
  });

  test('is superseded by a newer one and kept', async () => {
    const view = await post('/facts', { fact: 'people_affected', value: { min: 150_000, max: 200_000 }, source: 'second count' });
    const stated = view.facts.filter(({ fact }: any) => fact === 'people_affected');
    expect(stated.map(({ superseded, value }: any) => [superseded, value])).toEqual([
      [false, { min: 150_000, max: 200_000 }],
      [true, 150_000],
    ]);
  });

  test('that is a class of the content of information is a person’s choice, noted as handed over, and moves no grade', async () => {
    const before = await get();
    const view = await post('/facts', { fact: 'incident_class', value: ['04006', '02002'], source: 'duty officer' });
    expect(
      view.timeline.filter(({ text }: any) => text.text === 'center.fact.handed-over').map(({ text }: any) => text.values),
    ).toEqual([{ classes: '04006' }]);
    expect(view.grades.map(({ scheme, floor, ceiling }: any) => [scheme, floor, ceiling])).toEqual(
      before.grades.map(({ scheme, floor, ceiling }: any) => [scheme, floor, ceiling]),
    );
    expect(view.grades.flatMap(({ missing }: any) => missing).map(({ fact }: any) => fact)).not.toContain('incident_class');
  });

  test('that cannot be is refused with its field', async () => {
    const wrong = await trial.ask(officer, 'POST', `/incidents/${id}/facts`, { fact: 'people_afected', value: 1, source: 's' });
    expect(wrong.status).toBe(422);
    expect(wrong.body.detail + (wrong.body.advice ?? '')).toContain('people_affected');
    const negative = await trial.ask(officer, 'POST', `/incidents/${id}/facts`, {
      fact: 'people_affected',
      value: -1,
      source: 's',
    });
    expect(negative.body).toMatchObject({ status: 422, code: 'facts.value' });
    expect(negative.body.place.field).toContain('people_affected');
  });
});

describe('clocks', () => {
  test('become due soon and missed as time passes, and tell so', async () => {
    const started = trial.clock.at;
    const job = startJobs(trial.center);
    try {
      trial.clock.at = started + 3_000;
      await job.look();
      expect(clock(await get(), 'cii-operator-report').state).toBe('due-soon');
      trial.clock.at = started + 3_601;
      await job.look();
      expect(clock(await get(), 'cii-operator-report').state).toBe('missed');
      const { timeline } = await get();
      expect(timeline.map(({ text }: any) => text.text)).toContain('center.clock.missed');
    } finally {
      await job.close();
    }
  });

  test('a late report is recorded as late', async () => {
    const at = new Date(trial.clock.at * 1000).toISOString();
    const view = await post('/events', { event: 'reported', at, note: 'by telephone' }, liaison);
    expect(clock(view, 'cii-operator-report')).toMatchObject({ state: 'missed', metAt: at });
  });

  test('what has not happened yet is not recorded', async () => {
    const at = new Date((trial.clock.at + 3_600) * 1000).toISOString();
    const answer = await trial.ask(officer, 'POST', `/incidents/${id}/events`, { event: 'reported', at });
    expect(answer.body).toMatchObject({ status: 422, place: { field: 'at' } });
  });
});

describe('responsibility', () => {
  test('the lead passes when it is accepted, and never is nobody’s', async () => {
    let view = await post('/responsibilities', { organisation: 'health', part: 'lead', reason: 'It oversees the hospital.' });
    expect(view.lead.organisation).toBe('centre');
    // Asked, it sees that the incident is, and no more.
    expect(await get(departmentLiaison)).toMatchObject({ hosts: [], facts: [], decisions: [] });
    view = await post('/responsibilities/answer', { part: 'lead', answer: 'accept' }, department);
    expect(view.lead.organisation).toBe('health');
    expect(view.hosts).toContain('10.20.10.57');
  });

  test('refusing needs a reason; only who was asked answers', async () => {
    await post('/responsibilities', { organisation: 'telecom', part: 'support' });
    const path = `/incidents/${id}/responsibilities/answer`;
    expect((await trial.ask(telecom, 'POST', path, { part: 'support', answer: 'refuse' })).body.place.field).toBe('reason');
    expect((await trial.ask(liaison, 'POST', path, { part: 'support', answer: 'accept' })).body.code).toBe(
      'responsibility.not-asked',
    );
    const view = await post('/responsibilities/answer', { part: 'support', answer: 'accept' }, telecom);
    // A supporter sees facts, but no host that is another's.
    expect(view.facts.length).toBeGreaterThan(0);
    expect(JSON.stringify(view)).not.toContain('10.20.10.57');
    expect(view.clocks).toEqual([]);
    expect(view.findings).toBe(0);
  });

  test('a participant is no lead: it asks nobody and closes nothing', async () => {
    const hospitalOfficer = person('hospital', 'duty-officer');
    const ask = { organisation: 'telecom', part: 'support' };
    expect((await trial.ask(hospitalOfficer, 'POST', `/incidents/${id}/responsibilities`, ask)).status).toBe(403);
    expect((await trial.ask(liaison, 'POST', `/incidents/${id}/state`, { state: 'closed', reason: 'over' })).status).toBe(403);
  });
});

describe('tasks, decisions, the end', () => {
  test('a task is given to who takes part, and done by it', async () => {
    let view = await post('/tasks', { title: 'Block the server', organisation: 'telecom' });
    const task = view.tasks[0];
    expect((await trial.ask(liaison, 'PATCH', `/incidents/${id}/tasks/${task.id}`, { state: 'done' })).status).toBe(403);
    view = (await trial.ask(telecom, 'PATCH', `/incidents/${id}/tasks/${task.id}`, { state: 'done', result: 'Blocked.' })).body;
    expect(view.tasks[0]).toMatchObject({ state: 'done', organisation: 'telecom' });
    const outside = { title: 'x', organisation: 'stranger' };
    expect((await trial.ask(officer, 'POST', `/incidents/${id}/tasks`, outside)).body.place.field).toBe('organisation');
  });

  test('a decision chooses one of its options', async () => {
    const decision = {
      question: 'Disconnect?',
      options: ['yes', 'no'],
      reasons: 'Data is leaving.',
      dissent: 'The wards need it.',
    };
    const wrong = await trial.ask(officer, 'POST', `/incidents/${id}/decisions`, { ...decision, chosen: 'maybe' });
    expect(wrong.body.code).toBe('decision.chosen');
    const view = await post('/decisions', { ...decision, chosen: 'yes' });
    expect(view.decisions[0]).toMatchObject({ chosen: 'yes', dissent: 'The wards need it.', organisation: 'centre' });
  });

  test('it is contained, closed with its cause, and not opened again by a finding', async () => {
    let view = await post('/state', { state: 'contained', reason: 'Blocked.' });
    expect(view).toMatchObject({ state: 'contained', stage: { stage: 'after' } });
    const refused = async (body: object) =>
      (await trial.ask(officer, 'POST', `/incidents/${id}/state`, { state: 'closed', reason: 'Cleaned.', ...body })).body.code;
    const known = { kind: 'known', cause: 'phishing', text: 'A mail led to a false page.', confidence: 'high' };
    expect(await refused({})).toBe('incident.cause');
    expect(await refused({ cause: { kind: 'unknown', reason: '  ' } })).toBe('request.invalid');
    expect(await refused({ cause: known })).toBe('incident.evidence');
    expect(await refused({ cause: { ...known, cause: 'fate' } })).toBe('request.invalid');
    const evidence = [{ kind: 'finding', reference: 'finding-1' }];
    view = await post('/state', { state: 'closed', reason: 'Cleaned.', cause: { ...known, evidence } });
    expect(view).toMatchObject({ state: 'closed', cause: { cause: 'phishing', text: 'A mail led to a false page.' } });
    await openIncident(trial.center, candidate('candidate-1', ['finding-1', 'finding-2', 'finding-3']));
    expect((await get()).state).toBe('closed');
    expect((await trial.ask(officer, 'POST', `/incidents/${id}/state`, { state: 'contained', reason: 'x' })).status).toBe(409);
  });

  test('everything that was done stands in the audit, whose chain holds', async () => {
    const { items } = (await trial.ask(person('centre', 'administrator'), 'GET', '/audit?limit=500')).body;
    const actions = new Set(items.map(({ action }: any) => action));
    for (const action of [
      'incident.open',
      'incident.extend',
      'incident.fact',
      'incident.event',
      'responsibility.assign',
      'responsibility.accept',
      'task.create',
      'task.change',
      'decision.record',
      'incident.contain',
      'incident.close',
    ])
      expect(actions).toContain(action);
    const own = (await trial.ask(person('telecom', 'duty-officer'), 'GET', '/audit')).body.items;
    // Numbered as its own: the gaps of the chain would tell how much others do.
    expect(own.map(({ seq }: any) => seq)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(own.map(({ action }: any) => action).filter((action: string) => !/^(account|session)/.test(action))).toEqual([
      'task.change',
      'responsibility.accept',
    ]);
    expect(await trial.center.audit.verify()).toMatchObject({ intact: true });
  });
});
