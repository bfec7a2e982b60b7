/** Exposure in the centre: files come in, components change, and everybody reads his own in the order in which to act. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EstateItem } from '@forewarn/model/estate';
import { writeEstate } from '@forewarn/store/resources/estate';
import { exposureCounts } from '@forewarn/store/resources/exposures';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';

const officer = person('centre', 'duty-officer');
const liaison = person('hospital', 'liaison-officer');
const regulator = person('hospital', 'regulator');
const stranger = person('stranger', 'liaison-officer');

const name = (en: string) => ({ en, zh: en });
const component = (id: string, more: Partial<EstateItem<'components'>> = {}): EstateItem<'components'> => ({
  id: `hospital-${id}`,
  organisation: 'hospital',
  asset: 'hospital-records',
  name: name('Gateway'),
  vendor: 'Maker',
  ...more,
});

const record = (id: string, more: object = {}) => ({
  dataType: 'CVE_RECORD',
  dataVersion: '5.1',
  cveMetadata: { cveId: id, state: 'PUBLISHED', datePublished: '2025-11-20T00:00:00Z' },
  containers: {
    cna: {
      title: `Trouble ${id}`,
      affected: [
        { vendor: 'Maker', product: 'Gateway', defaultStatus: 'unaffected', versions: [{ version: '0', status: 'affected', lessThan: '2.4', versionType: 'custom' }] }, // oxfmt-ignore
      ],
      ...more,
    },
  },
});
const points = (...options: object[]) => ({ metrics: [{ other: { type: 'ssvc', content: { options } } }] });
const catalogue = (...ids: string[]) => ({
  catalogVersion: '2025.11.24',
  vulnerabilities: ids.map((cveID) => ({ cveID, dateAdded: '2025-11-20', dueDate: '2025-12-11', requiredAction: 'Patch.', knownRansomwareCampaignUse: 'Known' })), // oxfmt-ignore
});

let trial: Trial;
const settled = () => trial.center.exposures.desk.settled();
const bring = async (value: unknown, file = 'file.json') => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const answer = await trial.ask(officer, 'POST', '/vulnerabilities/import', { name: file, text });
  await settled();
  return answer;
};
const write = async (...components: EstateItem<'components'>[]) => {
  await trial.center.database.system((tx) => writeEstate(tx, { components }));
  await settled();
};
const list = async (query = '', who = liaison) => (await trial.ask(who, 'GET', `/exposures?${query}`)).body.items;
const told = (items: any[]) => items.map((one) => [one.component.id, one.vulnerability.id, one.certainty, one.decision.floor]);

const [first, second] = ['CVE-2025-10001', 'CVE-2025-10002'];

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  await write(
    component('edge', { version: '2.3', exposure: 'open', impact: 'very high' }),
    component('inner', { version: '2.3', exposure: 'small', impact: 'low' }),
    component('mended', { version: '2.4', exposure: 'open', impact: 'very high' }),
    component('unsaid', {}),
  );
});
afterAll(() => trial.end());

describe('facts come in', () => {
  test('a record: who is exposed, surely or possibly; a mended version is not named', async () => {
    const { status, body } = await bring(record(first, points({ Exploitation: 'none' }, { Automatable: 'no' })));
    expect([status, body]).toEqual([200, expect.objectContaining({ format: 'cve', vulnerabilities: 1, refused: 0 })]);
    expect(told(await list())).toEqual([
      ['hospital-edge', first, 'exposed', 'scheduled'],
      ['hospital-inner', first, 'exposed', 'defer'],
      ['hospital-unsaid', first, 'possibly', 'defer'],
    ]);
    expect(told(await list('certainty=possibly'))).toEqual([['hospital-unsaid', first, 'possibly', 'defer']]);
    expect(told(await list('decision=scheduled'))).toEqual([['hospital-edge', first, 'exposed', 'scheduled']]);
    const [edge] = await list('decision=scheduled');
    // Sixty days from when it was first known here.
    expect([edge.since, edge.due, edge.dueBy]).toEqual(['2025-11-24T16:00:00.000Z', '2026-01-23T16:00:00.000Z', 'decision']);
  });

  test('the catalogue says that it is exploited: the decision rises, and its date counts where it is earlier', async () => {
    await bring(catalogue(first), 'kev.json');
    const items = await list('certainty=exposed');
    expect(told(items)).toEqual([
      ['hospital-edge', first, 'exposed', 'immediate'],
      ['hospital-inner', first, 'exposed', 'scheduled'],
    ]);
    // Three days of the decision come before the catalogue's day, and that before sixty days.
    expect(items.map(({ due, dueBy }: any) => [due, dueBy])).toEqual([
      ['2025-11-27T16:00:00.000Z', 'decision'],
      ['2025-12-12T00:00:00.000Z', 'catalogue'],
    ]);
    expect(items[0].vulnerability).toMatchObject({ exploited: true, ransomware: true });
    await bring(catalogue(), 'kev.json');
    expect(told(await list('certainty=exposed'))[0]![3]).toBe('scheduled');
    await bring(catalogue(first), 'kev.json');
  });

  test('scores, an advisory that adds a product, a table with a wrong line', async () => {
    await bring(`#model_version:v1,score_date:2025-11-24\ncve,epss,percentile\n${first},0.42,0.97\n`, 'epss.csv');
    expect((await list('certainty=exposed'))[0].vulnerability.probability).toBe(0.42);
    const { body } = await bring(
      `id,vendor,product,before,exploitation\n${second},Maker,Gateway,2.5,sometimes\n${second},Maker,Gateway,2.5,\n`,
      'vendor.csv',
    );
    expect(body).toMatchObject({ format: 'table', vulnerabilities: 1, refused: 1, refusals: [{ line: 2 }] });
    expect(told(await list(`vulnerability=${second}&certainty=exposed`)).map(([id]) => id)).toContain('hospital-mended');
    const one = (await trial.ask(liaison, 'GET', `/vulnerabilities/${first}`)).body;
    expect(one).toMatchObject({
      probability: { score: 0.42 },
      exploited: { due: '2025-12-11' },
      sources: [{ source: 'cve.org' }],
    });
    expect(one.organisations.map(({ organisation }: any) => organisation)).toEqual(['hospital']);
  });

  test('what a source withdraws is withdrawn', async () => {
    await bring(`id,vendor,product,before\n${second},Maker,Gateway,1.0\n`, 'vendor.csv');
    expect(told(await list(`vulnerability=${second}&certainty=exposed`))).toEqual([]);
  });

  test('only the centre brings them, and what is no such file is refused', async () => {
    const body = { name: 'x', text: JSON.stringify(record(first)) };
    expect((await trial.ask(liaison, 'POST', '/vulnerabilities/import', body)).status).toBe(403);
    expect(await bring({ hello: 1 })).toMatchObject({ status: 422, body: { code: 'exposure.cve' } });
    expect((await bring('id\n')).status).toBe(200);
  });
});

describe('components change', () => {
  test('a new version is compared; what is gone is exposed to nothing', async () => {
    await write(component('edge', { version: '2.4', exposure: 'open', impact: 'very high' }));
    expect(told(await list('certainty=exposed')).map(([id]) => id)).toEqual(['hospital-inner']);
    await write(component('edge', { version: '2.3', exposure: 'open', impact: 'very high' }));
    expect(told(await list('certainty=exposed')).map(([id]) => id)).toEqual(['hospital-edge', 'hospital-inner']);
    await trial.center.database.system((tx) => tx.query(`delete from component where id = 'hospital-edge'`));
    expect(told(await list('certainty=exposed')).map(([id]) => id)).toEqual(['hospital-inner']);
    await write(component('edge', { version: '2.3', exposure: 'open', impact: 'very high' }));
  });

  test('counts say what the list says, of all and by vulnerability', async () => {
    const { counts } = (await trial.ask(liaison, 'GET', '/exposure-summary')).body;
    const items: any[] = await list('state=all&limit=500');
    for (const { certainty, decision, count, open } of counts) {
      const those = items.filter((one) => one.certainty === certainty && one.decision.floor === decision);
      expect([those.length, those.filter(({ remedy }) => remedy === null).length]).toEqual([count, open]);
    }
    expect(counts.reduce((sum: number, one: any) => sum + one.count, 0)).toBe(items.length);
    const { items: shown } = (await trial.ask(liaison, 'GET', '/vulnerabilities?exposed=true')).body;
    expect(shown.map(({ id }: any) => id).toSorted()).toEqual(
      [...new Set(items.map(({ vulnerability }) => vulnerability.id))].toSorted(),
    );
  });

  test('pages continue after a key and leave nothing out', async () => {
    const whole = told(await list('state=all&limit=500'));
    const parts: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await trial.ask(liaison, 'GET', `/exposures?state=all&limit=1${cursor && `&cursor=${cursor}`}`);
      parts.push(...told(body.items));
      cursor = body.next;
    }
    expect(parts).toEqual(whole);
  });

  test('another organisation sees none of it, and the centre all', async () => {
    expect(await list('', stranger)).toEqual([]);
    expect((await trial.ask(stranger, 'GET', '/exposure-summary')).body.counts).toEqual([]);
    expect((await trial.ask(stranger, 'GET', `/vulnerabilities/${first}`)).body.organisations).toEqual([]);
    expect((await list('', officer)).length).toBe((await list()).length);
  });
});

describe('a warning for those who are exposed', () => {
  const draft = {
    colour: 'orange',
    incidentType: 'vulnerability',
    title: { en: 'Mend the gateway', zh: '修补网关' },
    startTime: '2025-11-24T16:00:00Z',
    possibleScope: 'gateways',
    mattersToNote: 'It is exploited.',
    measuresToTake: 'Install 2.4.',
  };
  const scope = { addresses: [], names: [], businesses: [], sectors: [] };

  test('reaches whoever has the component, says why, and is seen by nobody else', async () => {
    const made = await trial.ask(officer, 'POST', '/warnings', { ...draft, scope: { ...scope, vulnerabilities: [first] } });
    expect(made.status).toBe(201);
    const path = `/warnings/${made.body.id}`;
    const { matched } = (await trial.ask(officer, 'POST', `${path}/preview`)).body;
    expect(matched).toMatchObject([
      {
        organisation: 'hospital',
        certainty: 'sure',
        reasons: [
          { text: 'know.concern.exposed', values: { vulnerability: first, count: 2 } },
          { text: 'know.concern.exposed.possibly', values: { vulnerability: first, count: 1 } },
        ],
      },
    ]);
    const issued = await trial.ask(person('centre', 'administrator'), 'POST', `${path}/issue`);
    expect(issued.body.audience.map(({ organisation }: any) => organisation)).toEqual(['hospital']);
    expect((await trial.ask(liaison, 'GET', path)).body.scope.vulnerabilities).toEqual([first]);
    expect((await trial.ask(stranger, 'GET', path)).status).toBe(404);
  });

  test('of what nobody has, it reaches nobody', async () => {
    const made = await trial.ask(officer, 'POST', '/warnings', {
      ...draft,
      scope: { ...scope, vulnerabilities: ['CVE-2020-0001'] },
    });
    const issued = await trial.ask(person('centre', 'administrator'), 'POST', `/warnings/${made.body.id}/issue`);
    expect(issued.body.code).toBe('warning.audience');
  });
});

describe('what is done about an exposure', () => {
  const id = encodeURIComponent(`${first}~hospital-edge`);
  const remedy = (body: object, who = liaison) => trial.ask(who, 'POST', `/exposures/${id}/remedy`, body);
  const isOpen = async () => (await list('certainty=exposed')).some((one: any) => one.component.id === 'hospital-edge');

  test('one exposure says why it is decided so, and what is not known', async () => {
    const { body } = await trial.ask(liaison, 'GET', `/exposures/${encodeURIComponent(`${first}~hospital-unsaid`)}`);
    expect(body.points).toEqual([
      { name: 'Exploitation', value: 'active' },
      { name: 'System Exposure', value: null },
      { name: 'Automatable', value: 'no' },
      { name: 'Human Impact', value: null },
    ]);
    expect(body.missing.toSorted()).toEqual(['Human Impact', 'System Exposure']);
    expect(body.deadline).toMatchObject({ confidence: expect.stringMatching(/[HMU]/), source: expect.stringMatching(/./) });
  });

  test('accepted until a day: handled, then open again by itself; each stands in the audit', async () => {
    const until = '2025-11-24T17:00:00.000Z';
    expect((await remedy({ kind: 'accepted', reason: 'Separated.' })).status).toBe(422);
    expect((await remedy({ kind: 'accepted', reason: 'Separated.', until: '2020-01-01T00:00:00.000Z' })).status).toBe(422);
    expect((await remedy({ kind: 'accepted', reason: 'Separated.', until }, regulator)).status).toBe(403);
    expect((await remedy({ kind: 'accepted', reason: 'Separated.', until }, stranger)).status).toBe(404);
    const { status, body } = await remedy({ kind: 'accepted', reason: 'Separated.', until });
    expect([status, body.remedy]).toEqual([201, { kind: 'accepted', until }]);
    expect(await isOpen()).toBe(false);
    expect((await list('state=handled')).map((one: any) => one.component.id)).toEqual(['hospital-edge']);
    trial.clock.at = Date.parse(until) / 1000;
    await settled();
    expect(await isOpen()).toBe(true);
    const entries = await trial.center.database.system((tx) => tx.query<{ action: string }>(`select distinct action from audit`));
    const actions = entries.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['exposure.remedy', 'vulnerabilities.import']));
  });

  test('patched in a version stays handled when it is compared again; taken back it is open', async () => {
    expect((await remedy({ kind: 'patched', reason: 'Vendor’s fix.' })).status).toBe(422);
    expect((await remedy({ kind: 'patched', version: '2.3-hotfix1', reason: 'Vendor’s fix.' })).status).toBe(201);
    await bring(record(first, points({ Exploitation: 'none' }, { Automatable: 'yes' })));
    expect(await isOpen()).toBe(false);
    const { body } = await remedy({ kind: 'reopened', reason: 'It did not hold.' });
    expect(body.remedies.map(({ kind }: any) => kind)).toEqual(['reopened', 'patched', 'reopened', 'accepted']);
    expect(await isOpen()).toBe(true);
    const counts = await trial.center.database.system((tx) => exposureCounts(tx, { by: 'all' }));
    expect(counts.every(({ count, open }) => count === open)).toBe(true);
  });
});
