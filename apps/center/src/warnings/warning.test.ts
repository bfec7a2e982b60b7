/** A warning from its draft to its lifting, through the one exit, to exactly those it concerns. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTrialCenter, person, type Person, type Trial } from '../testing/center.ts';
import { fillEstate, hospitalIncident } from '../testing/estate.ts';

let trial: Trial;
let incident: string;
const officer = person('centre', 'duty-officer');
const hospital = person('hospital', 'liaison-officer');
const clinic = person('clinic', 'liaison-officer');
const stranger = person('stranger', 'liaison-officer');
const department = person('health', 'duty-officer');

const draft = {
  colour: 'orange',
  incidentType: 'phishing',
  title: { en: 'Look out', zh: '注意' },
  startTime: '2025-11-24T16:00:00.000Z',
  possibleScope: 'Hospitals.',
  mattersToNote: 'It imitates a mailbox renewal.',
  measuresToTake: 'Block it.',
  measuresDeadline: '2025-11-25T16:00:00.000Z',
  scope: {
    addresses: ['198.51.100.7', '203.0.113.5', '192.0.2.99'],
    names: ['hospital.example', 'evil.test'],
    businesses: [],
    sectors: [],
  },
};

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  incident = await hospitalIncident(trial.center);
});
afterAll(() => trial.end());

const ask = (who: Person, method: string, path: string, body?: unknown) => trial.ask(who, method, path, body);
const make = async (who: Person, more: object = {}) => {
  const { status, body } = await ask(who, 'POST', '/warnings', { ...draft, ...more });
  expect(status).toBe(201);
  return body;
};
const organisations = (list: { organisation: string }[]) => list.map(({ organisation }) => organisation).sort();

describe('a warning', () => {
  let id: string;

  test('is drafted for nobody’s eyes but its author’s', async () => {
    const view = await make(officer, { incident });
    id = view.id;
    expect(view).toMatchObject({ number: 'EW-2025-0001', state: 'draft', marking: 'TLP:AMBER', audience: [], issuedAt: null });
    expect((await ask(hospital, 'GET', `/warnings/${id}`)).status).toBe(404);
  });

  test('names its recipients and why before anything leaves', async () => {
    const { body } = await ask(officer, 'POST', `/warnings/${id}/preview`);
    expect(organisations(body.matched)).toEqual(['clinic', 'hospital']);
    expect(body.matched.find((one: any) => one.organisation === 'clinic').reasons).toEqual([
      { text: 'know.concern.network-address', values: { address: '203.0.113.5', network: '203.0.113.0/25' } },
    ]);
    expect(body.recipients.map(({ recipient, allowed, reason }: any) => [recipient, allowed, reason.text]).sort()).toEqual([
      ['clinic', true, 'share.egress.concerned'],
      ['hospital', true, 'share.egress.concerned'],
    ]);
    expect((await ask(clinic, 'GET', '/warnings')).body.items).toEqual([]);
  });

  test('issued by a person, reaches exactly those; each sees itself and its own of the scope', async () => {
    const { body } = await ask(officer, 'POST', `/warnings/${id}/issue`);
    expect(body).toMatchObject({ state: 'issued' });
    expect(organisations(body.audience)).toEqual(['clinic', 'hospital']);
    const seen = (await ask(clinic, 'GET', `/warnings/${id}`)).body;
    expect(organisations(seen.audience)).toEqual(['clinic']);
    // The intruders' name and a public address that is nobody's stay; the hospital's do not.
    expect(seen.scope).toEqual({ addresses: ['203.0.113.5', '192.0.2.99'], names: ['evil.test'], businesses: [], sectors: [] });
    expect(seen.incident).toBe(null);
    // What is not shown is not found: a search would spell it out.
    const found = async (who: Person, q: string) => (await ask(who, 'GET', `/warnings?q=${q}`)).body.items.length;
    expect([await found(clinic, 'mailbox'), await found(clinic, '198.51'), await found(officer, '198.51')]).toEqual([1, 0, 1]);
    expect((await ask(hospital, 'GET', `/warnings/${id}`)).body.incident).toBe(incident);
    expect((await ask(stranger, 'GET', `/warnings/${id}`)).status).toBe(404);
    expect((await ask(officer, 'POST', `/warnings/${id}/issue`)).body.code).toBe('warning.state');
  });

  test('stands in the incident it came from, and moves the ratio of acting before harm', async () => {
    const view = (await ask(officer, 'GET', `/incidents/${incident}`)).body;
    expect(view.warnings).toEqual([id]);
    expect(view.timeline.map(({ text }: any) => text.text)).toContain('center.warning.issued');
    expect((await ask(officer, 'GET', '/situation')).body.responseRatio).toEqual({ before: 0, of: 1, averted: 0, unknown: 0 });
  });

  test('is acknowledged by whom it reached, once an edition', async () => {
    const acknowledged = (await ask(clinic, 'POST', `/warnings/${id}/acknowledge`)).body;
    expect(acknowledged.audience[0].acknowledgedAt).not.toBe(null);
    expect((await ask(clinic, 'POST', `/warnings/${id}/acknowledge`)).status).toBe(409);
    expect((await ask(department, 'POST', `/warnings/${id}/acknowledge`)).status).toBe(404);
  });

  test('adjusted, is delivered anew and asks for a new acknowledgement', async () => {
    const { body } = await ask(officer, 'POST', `/warnings/${id}/adjust`, { colour: 'red', reason: 'It spreads.' });
    expect(body).toMatchObject({ state: 'adjusted', colour: 'red' });
    expect(body.audience.every(({ acknowledgedAt }: any) => acknowledgedAt === null)).toBe(true);
    expect((await ask(clinic, 'POST', `/warnings/${id}/acknowledge`)).status).toBe(200);
  });

  test('is not adjusted past the exit: whoever has it would read what is not for it', async () => {
    const scope = { ...draft.scope, addresses: ['198.51.100.7'] };
    const { body } = await ask(officer, 'POST', `/warnings/${id}/adjust`, { scope, mattersToNote: 'Secret.', reason: 'x' });
    expect(body.code).toBe('warning.narrowed');
    expect((await ask(clinic, 'GET', `/warnings/${id}`)).body.mattersToNote).toBe(draft.mattersToNote);
  });

  test('is lifted with a reason, and then only read', async () => {
    expect((await ask(officer, 'POST', `/warnings/${id}/lift`, {})).status).toBe(422);
    expect((await ask(officer, 'POST', `/warnings/${id}/lift`, { reason: 'Over.' })).body).toMatchObject({ state: 'lifted' });
    expect((await ask(officer, 'POST', `/warnings/${id}/adjust`, { reason: 'x' })).body.code).toBe('warning.lifted');
    expect((await ask(clinic, 'GET', `/warnings/${id}`)).body.state).toBe('lifted');
  });

  test('every decision of the exit stands in the audit', async () => {
    const { items } = (await ask(person('centre', 'administrator'), 'GET', '/audit?action=egress&limit=500')).body;
    // Two recipients when issued, two when adjusted; one when adjusting was refused.
    expect(items.map(({ action, detail }: any) => [action, detail.recipient]).sort()).toEqual([
      ['egress.allow', 'clinic'],
      ['egress.allow', 'clinic'],
      ['egress.allow', 'hospital'],
      ['egress.allow', 'hospital'],
      ['egress.allow', 'hospital'],
    ]);
  });
});

describe('who may', () => {
  test('TLP:RED reaches nobody’s pages, and says so', async () => {
    const { id } = await make(officer, { marking: 'TLP:RED' });
    const preview = (await ask(officer, 'POST', `/warnings/${id}/preview`)).body;
    expect(preview.recipients.every(({ allowed, reason }: any) => !allowed && reason.text === 'share.egress.red')).toBe(true);
    const issued = await ask(officer, 'POST', `/warnings/${id}/issue`);
    expect(issued.body.code).toBe('warning.audience');
    expect((await ask(officer, 'GET', `/warnings/${id}`)).body.state).toBe('draft');
    // Nothing left, and that it was tried is known.
    const { items } = (await ask(officer, 'GET', '/audit?action=egress.deny')).body;
    expect(items.map(({ detail }: any) => detail.recipient).sort()).toEqual(['clinic', 'hospital']);
  });

  test('a department warns those it oversees, and learns of no others', async () => {
    const { id } = await make(department, {
      scope: { addresses: ['198.51.100.7', '10.30.0.1'], names: ['stranger.example'], businesses: [], sectors: [] },
    });
    const preview = (await ask(department, 'POST', `/warnings/${id}/preview`)).body;
    expect(organisations(preview.matched)).toEqual(['hospital']);
    const { body } = await ask(department, 'POST', `/warnings/${id}/issue`);
    expect(organisations(body.audience)).toEqual(['hospital']);
    expect((await ask(stranger, 'GET', '/warnings')).body.items).toEqual([]);
  });

  test('an operator drafts, and the centre issues', async () => {
    const { id } = await make(person('clinic', 'analyst'));
    expect((await ask(person('clinic', 'duty-officer'), 'POST', `/warnings/${id}/issue`)).status).toBe(403);
    expect((await ask(hospital, 'GET', `/warnings/${id}`)).status).toBe(404);
    const { body } = await ask(officer, 'POST', `/warnings/${id}/issue`);
    expect(organisations(body.audience)).toEqual(['clinic', 'hospital']);
    // It learns nothing of whose the addresses are that it guessed.
    const own = (await ask(person('clinic', 'analyst'), 'GET', `/warnings/${id}`)).body;
    expect(organisations(own.audience)).toEqual(['clinic']);
  });

  test('a scope that cannot be matched is refused with its field', async () => {
    const scope = { ...draft.scope, addresses: ['198.51.100.300'] };
    expect((await ask(officer, 'POST', '/warnings', { ...draft, scope })).body.place.field).toBe('scope.addresses');
  });

  test('a warning of an incident that one does not see is refused as of one that is not there', async () => {
    const foreign = await ask(person('clinic', 'analyst'), 'POST', '/warnings', { ...draft, incident });
    const absent = await ask(person('clinic', 'analyst'), 'POST', '/warnings', { ...draft, incident: 'no-such' });
    expect([foreign.status, foreign.text]).toEqual([404, absent.text]);
  });
});
