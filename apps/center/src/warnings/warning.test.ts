/** A warning from its draft to its lifting, through the one exit, to exactly those it concerns. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTrialCenter, person, type Person, type Trial } from '../testing/center.ts';
import { fillEstate, finding, hospitalIncident, recordFindings } from '../testing/estate.ts';
import { chaseWarnings } from './chase.ts';
import { checkWarnings } from './check.ts';

let trial: Trial;
let incident: string;
const officer = person('centre', 'duty-officer');
const second = person('centre', 'administrator');
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
    // Whoever wrote it neither approves nor issues it.
    expect((await ask(officer, 'POST', `/warnings/${id}/approve`)).body.code).toBe('warning.approval');
    expect((await ask(officer, 'POST', `/warnings/${id}/issue`)).body.code).toBe('warning.approval');
    expect((await ask(second, 'POST', `/warnings/${id}/approve`)).body).toMatchObject({ state: 'approved', audience: [] });
    expect((await ask(hospital, 'GET', `/warnings/${id}`)).status).toBe(404);
    const { body } = await ask(officer, 'POST', `/warnings/${id}/issue`);
    expect(body).toMatchObject({ state: 'issued', approvedBy: expect.any(String), counts: { warned: 2, acknowledged: 0 } });
    expect(organisations(body.audience)).toEqual(['clinic', 'hospital']);
    const seen = (await ask(clinic, 'GET', `/warnings/${id}`)).body;
    expect(organisations(seen.audience)).toEqual(['clinic']);
    // The intruders' name and a public address that is nobody's stay; the hospital's do not.
    expect(seen.scope).toEqual({ addresses: ['203.0.113.5', '192.0.2.99'], names: ['evil.test'], businesses: [], sectors: [] });
    expect(seen).toMatchObject({ incident: null, author: null, approvedBy: null, counts: { warned: 1 } });
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
    const proposed = await ask(officer, 'POST', `/warnings/${id}/adjust`, { colour: 'red', reason: 'It spreads.' });
    expect(proposed.body).toMatchObject({
      state: 'issued',
      colour: 'orange',
      proposed: { colour: 'red', reason: 'It spreads.' },
    });
    expect((await ask(clinic, 'GET', `/warnings/${id}`)).body).toMatchObject({ colour: 'orange', proposed: null });
    expect((await ask(officer, 'POST', `/warnings/${id}/approve`)).body.code).toBe('warning.approval');
    const { body } = await ask(second, 'POST', `/warnings/${id}/approve`);
    expect(body).toMatchObject({ state: 'adjusted', colour: 'red', proposed: null });
    expect(body.audience.every(({ acknowledgedAt }: any) => acknowledgedAt === null)).toBe(true);
    expect((await ask(clinic, 'POST', `/warnings/${id}/acknowledge`)).status).toBe(200);
  });

  test('is not adjusted past the exit: whoever has it would read what is not for it', async () => {
    const scope = { ...draft.scope, addresses: ['198.51.100.7'] };
    const change = { scope, mattersToNote: 'Secret.', reason: 'x', alone: 'Night.' };
    const { body } = await ask(officer, 'POST', `/warnings/${id}/adjust`, change);
    expect(body.code).toBe('warning.narrowed');
    expect((await ask(clinic, 'GET', `/warnings/${id}`)).body.mattersToNote).toBe(draft.mattersToNote);
  });

  test('traffic that names what it names, after it was told, shows at whom', async () => {
    const at = trial.clock.at + 10;
    const again = finding('finding-again', { from: at, to: at, names: ['evil.test'] });
    await recordFindings(trial.center, [{ finding: again, sensor: 'hospital-sensor', seenBy: 'hospital' }]);
    const { audience } = (await ask(officer, 'POST', `/warnings/${id}/check`)).body;
    expect(audience.map(({ organisation, check }: any) => [organisation, check.exposed, check.seenAt !== null])).toEqual([
      ['clinic', null, false],
      ['hospital', null, true],
    ]);
  });

  test('is lifted with a reason, and then only read', async () => {
    expect((await ask(officer, 'POST', `/warnings/${id}/lift`, {})).status).toBe(422);
    expect((await ask(officer, 'POST', `/warnings/${id}/lift`, { reason: 'Over.' })).body).toMatchObject({ state: 'lifted' });
    expect((await ask(officer, 'POST', `/warnings/${id}/adjust`, { reason: 'x' })).body.code).toBe('warning.lifted');
    expect((await ask(clinic, 'GET', `/warnings/${id}`)).body.state).toBe('lifted');
  });

  test('every decision of the exit stands in the audit', async () => {
    const { items } = (await ask(second, 'GET', '/audit?action=egress&limit=500')).body;
    // Issued, adjusted and lifted to both; adjusting past the exit would have reached the hospital alone.
    const named = items.map(({ action, detail }: any) => [action, (detail.recipients ?? [detail.recipient]).toSorted().join()]);
    const both = ['egress.allow', 'clinic,hospital'];
    expect(named.toSorted()).toEqual([both, both, both, ['egress.allow', 'hospital']]);
  });
});

describe('who may', () => {
  test('TLP:RED reaches nobody’s pages, and says so', async () => {
    const { id } = await make(officer, { marking: 'TLP:RED' });
    const preview = (await ask(officer, 'POST', `/warnings/${id}/preview`)).body;
    expect(preview.recipients.every(({ allowed, reason }: any) => !allowed && reason.text === 'share.egress.red')).toBe(true);
    const issued = await ask(second, 'POST', `/warnings/${id}/issue`);
    expect(issued.body.code).toBe('warning.audience');
    expect((await ask(officer, 'GET', `/warnings/${id}`)).body.state).toBe('draft');
    // Nothing left, and that it was tried is known.
    const { items } = (await ask(officer, 'GET', '/audit?action=egress.deny')).body;
    expect(items.flatMap(({ detail }: any) => detail.recipients).sort()).toEqual(['clinic', 'hospital']);
  });

  test('a department warns those it oversees, and learns of no others', async () => {
    const { id } = await make(department, {
      scope: { addresses: ['198.51.100.7', '10.30.0.1'], names: ['stranger.example'], businesses: [], sectors: [] },
    });
    const preview = (await ask(department, 'POST', `/warnings/${id}/preview`)).body;
    expect(organisations(preview.matched)).toEqual(['hospital']);
    // Two duty officers are needed; at night one is, with a reason that stands in it.
    expect((await ask(department, 'POST', `/warnings/${id}/issue-alone`, {})).status).toBe(422);
    const { body } = await ask(department, 'POST', `/warnings/${id}/issue-alone`, { reason: 'Night.' });
    expect(body).toMatchObject({ alone: 'Night.', approvedBy: null });
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

  test('a draft is dropped with a reason by those who may write it, and is not issued after that', async () => {
    const { id, number } = await make(person('clinic', 'analyst'));
    const dropping = (who: Person, reason = 'Nobody is exposed.') => ask(who, 'POST', `/warnings/${id}/drop`, { reason });
    expect((await dropping(hospital)).status).toBe(403);
    expect((await dropping(person('hospital', 'analyst'))).status).toBe(404);
    expect((await dropping(officer, ' ')).status).toBe(422);
    expect((await dropping(person('clinic', 'analyst'))).body).toMatchObject({ number, state: 'dropped', issuedAt: null });
    expect((await ask(officer, 'POST', `/warnings/${id}/issue`)).body.code).toBe('warning.dropped');
    expect((await ask(officer, 'PUT', `/warnings/${id}`, draft)).body.code).toBe('warning.dropped');
    const listed = (await ask(officer, 'GET', '/warnings?state=dropped')).body.items;
    expect(listed.map((one: any) => one.id)).toEqual([id]);
    const { steps } = (await ask(officer, 'GET', `/warnings/${id}/course`)).body;
    expect(steps).toMatchObject([{ kind: 'draft' }, { kind: 'drop', reason: 'Nobody is exposed.' }]);
    expect((await ask(officer, 'GET', '/audit?action=warning.drop')).body.items).toMatchObject([
      { object: `warning/${number}`, detail: { reason: 'Nobody is exposed.' } },
    ]);
    // Whoever has a warning is told that it is lifted; it cannot vanish.
    const issued = await make(officer);
    await ask(second, 'POST', `/warnings/${issued.id}/issue`);
    expect((await ask(officer, 'POST', `/warnings/${issued.id}/drop`, { reason: 'x' })).body.code).toBe('warning.state');
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

describe('a warning of a product in a range of versions', () => {
  const hour = 3_600;
  const administrator = person('centre', 'administrator');
  let id: string;
  const scope = {
    addresses: [],
    names: [],
    businesses: [],
    sectors: [],
    products: [{ vendor: 'Maker', product: 'Edge', from: '2.0', before: '2.4' }],
  };
  const bring = async (kind: string, items: object[]) => {
    const { body } = await ask(officer, 'POST', '/estate/import', { kind, format: 'json', text: JSON.stringify(items) });
    expect(body.faults).toEqual([]);
    trial.center.estate.forget();
  };
  const edge = (organisation: string, version?: string) => ({
    id: `${organisation}-edge`,
    organisation,
    name: { en: 'Edge', zh: 'Edge' },
    asset: `${organisation}-box`,
    vendor: 'Maker',
    ...(version === undefined ? {} : { version }),
  });
  const told = (kind: string) =>
    trial.center.database.system((tx) =>
      tx.query<{ organisation: string }>(`select organisation from notice where kind = $1 and subject = $2 order by 1`, [
        kind,
        id,
      ]),
    );
  const course = async () => (await ask(officer, 'GET', `/warnings/${id}/course`)).body;

  test('names those who have it, and apart those who possibly have', async () => {
    await bring(
      'assets',
      ['hospital', 'clinic', 'stranger'].map((organisation) => ({
        id: `${organisation}-box`,
        organisation,
        network: `${organisation}-lan`,
        name: { en: 'Box', zh: '盒' },
        kind: 'server',
        importance: 'general',
        addresses: [],
        names: [],
        businesses: [],
      })),
    );
    await bring('components', [edge('hospital', '2.3'), edge('clinic'), edge('stranger', '2.4')]);
    await trial.center.exposures.desk.settled();
    const dueAt = new Date((trial.clock.at + 20 * hour) * 1000).toISOString();
    const { measuresToTake: _text, measuresDeadline: _deadline, colour: _colour, ...rest } = draft;
    const measures = [{ id: 'update', text: 'Install 2.4.', dueAt, needsSeconds: 24 * hour }];
    const made = await ask(officer, 'POST', '/warnings', { ...rest, urgency: 'exposure', scope, measures });
    // Nothing is known of it: the rules propose the mildest colour.
    expect(made.body).toMatchObject({ colour: 'blue', colourReason: { text: 'assess.colour.otherwise' } });
    id = made.body.id;
    const { body } = await ask(officer, 'POST', `/warnings/${id}/preview`);
    expect(body.matched.map(({ organisation, certainty, name }: any) => [organisation, certainty, name.en]).toSorted()).toEqual([
      ['clinic', 'possibly', 'Name of clinic'],
      ['hospital', 'sure', 'Name of hospital'],
    ]);
    const redrafted = await ask(officer, 'PUT', `/warnings/${id}`, {
      ...rest,
      urgency: 'exposure',
      colour: 'red',
      colourBecause: 'It is exploited abroad.',
      scope,
      measures,
    });
    expect(redrafted.body).toMatchObject({ colour: 'red', colourReason: { text: 'assess.colour.chosen.because' } });
    const issued = await ask(administrator, 'POST', `/warnings/${id}/issue`);
    expect(issued.body).toMatchObject({
      counts: { warned: 2, possibly: 1 },
      measures: [{ givenSeconds: 20 * hour, needsSeconds: 24 * hour, enough: false }],
    });
    expect((await told('warning-issued')).map(({ organisation }) => organisation)).toEqual(['clinic', 'hospital']);
    expect((await ask(stranger, 'GET', `/warnings/${id}`)).status).toBe(404);
  });

  test('who answers is left in peace; who does not is reminded once a span, and then its overseer reads the warning', async () => {
    await ask(hospital, 'POST', `/warnings/${id}/acknowledge`);
    const done = await ask(hospital, 'POST', `/warnings/${id}/measures`, { measure: 'update', evidence: 'Ticket 7' });
    expect(done.body.audience[0].done).toMatchObject([{ measure: 'update', evidence: 'Ticket 7' }]);
    expect((await ask(hospital, 'POST', `/warnings/${id}/measures`, { measure: 'pray' })).body.code).toBe('warning.measure');
    expect(await chaseWarnings(trial.center)).toBe(0);
    trial.clock.at += hour;
    await chaseWarnings(trial.center);
    expect(await chaseWarnings(trial.center)).toBe(0);
    expect(await told('warning-reminder')).toEqual([{ organisation: 'clinic' }]);
    expect((await ask(department, 'GET', `/warnings/${id}`)).status).toBe(404);
    trial.clock.at += hour;
    await chaseWarnings(trial.center);
    expect(await told('warning-escalated')).toEqual([{ organisation: 'health' }]);
    const seen = (await ask(department, 'GET', `/warnings/${id}`)).body;
    expect(organisations(seen.audience)).toEqual(['clinic', 'health']);
    const { counts } = (await ask(officer, 'GET', `/warnings/${id}`)).body;
    expect(counts).toMatchObject({ warned: 2, acknowledged: 1, reminded: 1, climbed: 1 });
    // It reads, and is not itself warned.
    expect((await ask(department, 'POST', `/warnings/${id}/acknowledge`)).status).toBe(403);
    const silent = (await ask(officer, 'GET', `/warnings/${id}/audience?state=unacknowledged`)).body;
    expect(organisations(silent.items)).toEqual(['clinic']);
  });

  test('the inventory says where it is mended, and a finding where it was seen again', async () => {
    await bring('components', [edge('hospital', '2.4')]);
    await trial.center.exposures.desk.settled();
    trial.clock.at += hour;
    expect(await checkWarnings(trial.center)).toBeGreaterThan(0);
    const { items } = (await ask(officer, 'GET', `/warnings/${id}/audience`)).body;
    expect(
      items.flatMap(({ organisation, check }: any) => (check ? [[organisation, check.exposedThen, check.exposed]] : [])),
    ).toEqual([
      ['clinic', 1, 1],
      ['hospital', 1, 0],
    ]);
    expect((await course()).effect.exposure).toEqual({ before: 2, now: 1, organisationsThen: 2, organisationsNow: 1 });
  });

  test('lifted, tells those it reached, and shows its lead, which harm of an incident that came of it would end', async () => {
    expect((await course()).effect).toMatchObject({ leadSeconds: null, quietSeconds: 3 * hour });
    await ask(officer, 'POST', `/warnings/${id}/lift`, { reason: 'Mended.' });
    // The overseer that was told of the silence is told that it is over.
    expect((await told('warning-lifted')).map(({ organisation }) => organisation)).toEqual(['clinic', 'health', 'hospital']);
    trial.clock.at += hour;
    const { effect, steps, chases } = await course();
    expect(effect).toMatchObject({
      quietSeconds: 3 * hour,
      acknowledged: { count: 1, of: 2 },
      measures: [{ measure: 'update', done: 1, inTime: 1, enough: false }],
      chased: { reminders: 2, climbs: 1 },
    });
    expect(steps.map(({ kind }: any) => kind)).toEqual(['draft', 'draft', 'issue', 'lift']);
    expect(chases.length).toBe(3);
    const linked = await ask(officer, 'POST', `/warnings/${id}/incident`, { incident });
    expect(linked.body.incident).toBe(incident);
    expect((await course()).effect).toMatchObject({ quietSeconds: null, leadSeconds: expect.any(Number) });
  });
});
