import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvOf } from '@forewarn/model/estate-sheet';
import { estateKinds } from '@forewarn/store/resources/estate';
import { putEstateImport } from '@forewarn/store/resources/estate-imports';
import { openListFiles } from '@forewarn/store/list-files';
import { createEstateImports } from './import-desk.ts';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate, hospitalIncident, smallEstate } from '../testing/estate.ts';

let trial: Trial;
const registrar = person('centre', 'administrator');
const liaison = person('hospital', 'liaison-officer');
const reader = person('hospital', 'analyst');

const asset = smallEstate.assets[0]!;
const pump = (n: number, more: object = {}) => ({
  ...asset,
  id: `hospital-pump-${n}`,
  name: { en: `Pump ${n}, "new"`, zh: `输液泵${n}` },
  addresses: ['10.20.2.1', '10.20.3.0/24'],
  names: [],
  ...more,
});
const dateline = (at: number): string => encodeURIComponent(new Date(at * 1000).toISOString());

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
});
afterAll(() => trial.end());

/** The end of an import of a file. */
async function imported(who: typeof liaison, query: string, text: string): Promise<any> {
  const response = await trial.app.request(`/api/v1/estate/imports?${query}`, {
    method: 'POST',
    headers: { ...(await trial.headersOf(who)), 'content-type': 'text/plain' },
    body: text,
  });
  const begun = (await response.json()) as { id: string };
  if (response.status !== 201) return begun;
  await trial.center.estateImports.settled();
  return (await trial.ask(who, 'GET', `/estate/imports/${begun.id}`)).body;
}

describe('one item', () => {
  test('is written, changed by whoever saw its newest edition, and removed; its history tells all of it', async () => {
    const path = '/assets/hospital-pump-1';
    const first = await trial.ask(liaison, 'PUT', path, { after: 0, item: pump(1) });
    expect([first.status, first.body.edition.version]).toEqual([200, 1]);
    const began = trial.clock.at;
    trial.clock.at += 60;
    const second = await trial.ask(liaison, 'PUT', path, { after: 1, item: pump(1, { importance: 'general' }) });
    expect(second.body).toMatchObject({ importance: 'general', edition: { version: 2 } });
    const late = await trial.ask(liaison, 'PUT', path, { after: 1, item: pump(1, { importance: 'important' }) });
    expect([late.status, late.body.code]).toEqual([409, 'estate.changed']);
    expect((await trial.ask(reader, 'GET', `${path}?at=${dateline(began)}`)).body.importance).toBe('special');
    expect((await trial.ask(liaison, 'DELETE', `${path}?after=1`)).body.code).toBe('estate.changed');
    trial.clock.at += 60;
    expect((await trial.ask(liaison, 'DELETE', `${path}?after=2`)).status).toBe(204);
    expect((await trial.ask(reader, 'GET', path)).status).toBe(404);
    const { items } = (await trial.ask(reader, 'GET', `${path}/history`)).body;
    expect(items.map((one: any) => [one.version, one.removed, one.item.importance])).toEqual([
      [2, true, 'general'],
      [1, false, 'special'],
    ]);
    expect(items[0].endedBy).toBe(items[0].by);
  });

  test.each<[string, object, string]>([
    ['a field of another shape', { importance: 'much' }, 'importance'],
    ['a network that is another’s', { network: 'clinic-lan' }, 'network'],
    ['a business that is not there', { businesses: ['hospital-care', 'hospital-car'] }, 'businesses'],
    ['another’s name', { names: ['www.clinic.example'] }, 'names'],
    ['another owner', { organisation: 'clinic' }, 'organisation'],
  ])('with %s is refused at its field', async (_, more, field) => {
    const { status, body } = await trial.ask(liaison, 'PUT', '/assets/hospital-pump-2', { after: 0, item: pump(2, more) });
    expect([status, body.code, body.place.field.split('.')[0]]).toEqual([422, 'estate.invalid', field]);
  });

  test('is not removed while something names it', async () => {
    const { body } = await trial.ask(liaison, 'DELETE', '/businesses/hospital-care?after=1');
    expect([body.code, body.detail]).toEqual(['estate.referred', 'It is named by assets/hospital-records.']);
    const organisation = await trial.ask(registrar, 'DELETE', '/organisations/health?after=1');
    expect(organisation.body.code).toBe('estate.referred');
  });
});

describe('a file', () => {
  test('with wrong rows changes nothing, and tells each of them', async () => {
    const text = csvOf('assets', [
      pump(10),
      pump(11, { network: 'hospital-lam' }),
      pump(12, { importance: 'much' }),
      pump(13, { addresses: ['10.20.2.999'] }),
    ]);
    const shapes = await imported(liaison, 'kind=assets&format=csv', text);
    expect([shapes.state, shapes.faults.map((one: any) => [one.line, one.field])]).toEqual([
      'faulty',
      [
        [4, 'importance'],
        [5, 'addresses'],
      ],
    ]);
    const mended = text.replace('much', 'general').replace('10.20.2.999', '10.20.2.99');
    for (const who of [liaison, registrar]) {
      const named = await imported(who, 'kind=assets&format=csv', mended);
      expect([named.state, named.faultCount, named.faults[0]]).toEqual([
        'faulty',
        1,
        { line: 3, field: 'network', message: { text: 'know.import.reference', values: { id: 'hospital-lam' } } },
      ]);
    }
    expect((await trial.ask(liaison, 'GET', '/assets?q=pump')).body.items).toEqual([]);
    const whole = mended.replace('hospital-lam', 'hospital-lan');
    expect((await imported(liaison, 'kind=assets&format=csv&check=true', whole)).state).toBe('done');
    expect((await trial.ask(liaison, 'GET', '/assets?q=pump')).body.items).toEqual([]);
    const done = await imported(liaison, 'kind=assets&format=csv&name=pumps.csv', whole);
    expect([done.state, done.rows]).toEqual(['done', { total: 4, checked: 4, written: 4 }]);
    expect((await trial.ask(liaison, 'GET', '/assets?q=pump')).body.items).toHaveLength(4);
  });

  test('an id that is another’s, an organisation that oversees itself and a second centre are told', async () => {
    const [clinic] = smallEstate.organisations.filter(({ id }) => id === 'clinic');
    const taken = [{ ...asset, id: 'hospital-records', organisation: 'clinic', network: 'clinic-lan', businesses: [] }];
    const texts = async (kind: string, items: object[]) =>
      (await imported(registrar, `kind=${kind}&format=json`, JSON.stringify(items))).faults.map((one: any) => one.message.text);
    expect(await texts('assets', taken)).toEqual(['know.import.taken']);
    const circle = [
      { ...clinic, id: 'a', overseenBy: 'b' },
      { ...clinic, id: 'b', overseenBy: 'a' },
    ];
    expect(await texts('organisations', circle)).toEqual(['know.import.circle']);
    expect(await texts('organisations', [{ ...clinic, id: 'c', kind: 'centre' }])).toEqual(['know.import.centre']);
  });

  test('whoever is named may stand further down in it', async () => {
    const [clinic] = smallEstate.organisations.filter(({ id }) => id === 'clinic');
    const file = [
      { ...clinic, id: 'new-clinic', overseenBy: 'new-office' },
      { ...clinic, id: 'new-office', kind: 'department' },
    ];
    expect((await imported(registrar, 'kind=organisations&format=json', JSON.stringify(file))).state).toBe('done');
  });

  test.each(['csv', 'json'])('as it is exported it can be imported again, and changes nothing (%s)', async (format) => {
    for (const kind of estateKinds) {
      const response = await trial.app.request(`/api/v1/estate/export?kind=${kind}&format=${format}`, {
        headers: await trial.headersOf(registrar),
      });
      const text = await response.text();
      const { items } = (await trial.ask(registrar, 'GET', `${kind === 'links' ? '/estate/links' : `/${kind}`}?limit=500`)).body;
      const again = await imported(registrar, `kind=${kind}&format=${format}`, text);
      expect([kind, again.state, again.rows.written, again.faults]).toEqual([kind, 'done', items.length, []]);
      const after = await trial.ask(registrar, 'GET', `${kind === 'links' ? '/estate/links' : `/${kind}`}?limit=500`);
      expect(after.body.items).toEqual(items);
    }
  });

  test('that a stop broke off goes on after it', async () => {
    const { center } = trial;
    const dir = await mkdtemp(join(tmpdir(), 'forewarn-imports-'));
    const files = openListFiles(dir);
    const { sha256 } = await files.put(JSON.stringify([pump(20), pump(21)]));
    const begun = { organisation: 'hospital', by: 'somebody', kind: 'assets', format: 'json', name: '', check: false } as const;
    const rows = { total: 2, checked: 2, written: 1 };
    const left = {
      ...begun,
      id: 'left',
      sha256,
      state: 'writing',
      rows,
      faults: [],
      faultCount: 0,
      at: 1,
      endedAt: null,
    } as const;
    await center.database.system((tx) => putEstateImport(tx, { ...left, faults: [] }));
    await trial.ask(liaison, 'PUT', '/assets/hospital-pump-20', { after: 0, item: pump(20) });
    const desk = createEstateImports(() => center, files);
    await desk.resume();
    await desk.settled();
    expect((await trial.ask(liaison, 'GET', '/estate/imports/left')).body).toMatchObject({ state: 'done', rows: { written: 2 } });
    const [one, other] = [20, 21].map((n) => trial.ask(liaison, 'GET', `/assets/hospital-pump-${n}`));
    expect([(await one!).body.edition.version, (await other!).body.edition.by]).toEqual([1, 'somebody']);
    expect(await files.read(sha256)).toBe(undefined);
    await rm(dir, { recursive: true });
  });
});

describe('files of other formats', () => {
  test("a report of nmap becomes rows in the own networks, and nothing is registered; another's are refused", async () => {
    const host = '<host><status state="up"/><address addr="10.20.1.77" addrtype="ipv4"/></host>';
    const report = { format: 'nmap', text: `<nmaprun>${host}</nmaprun>` };
    const { status, body } = await trial.ask(liaison, 'POST', '/estate/read', report);
    expect(status).toBe(200);
    expect(body.sheets).toMatchObject([{ kind: 'assets', text: expect.stringContaining(',hospital,hospital-lan,') }]);
    expect((await trial.ask(liaison, 'GET', '/assets/hospital-10-20-1-77')).status).toBe(404);
    const foreign = await trial.ask(liaison, 'POST', '/estate/read', { ...report, organisation: 'clinic' });
    expect(foreign.status).toBe(403);
  });

  test('a bill of materials and a database of addresses too; what is none is told', async () => {
    const bill = JSON.stringify({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [{ type: 'library', name: 'left-pad' }],
    });
    const read = await trial.ask(liaison, 'POST', '/estate/read', { format: 'cyclonedx', text: bill, asset: 'hospital-records' });
    expect(read.body.sheets).toMatchObject([{ kind: 'components', text: expect.stringContaining('hospital-records-left-pad') }]);
    const nothing = await trial.ask(liaison, 'POST', '/estate/read', { format: 'cyclonedx', text: '{' });
    expect(nothing.body).toEqual({ sheets: [], notes: [{ text: 'know.foreign.cyclonedx' }] });

    const regions = async (body: Uint8Array) => {
      const headers = { ...(await trial.headersOf(liaison)), 'content-type': 'application/octet-stream' };
      return (await trial.app.request('/api/v1/estate/regions', { method: 'POST', headers, body })).json();
    };
    const key = (name: string): number[] => [0x40 | name.length, ...Buffer.from(name)];
    // One node whose two sides lead to one record: wherever an address is, it is in CN. The form is that of `know/src/foreign/mmdb.ts`.
    const everywhere = [0xe1, ...key('country'), 0xe1, ...key('iso_code'), ...key('CN')];
    const about = { node_count: 1, record_size: 24, ip_version: 6, binary_format_major_version: 2 };
    const metadata = Object.entries(about).flatMap(([name, value]) => [...key(name), 0xa1, value]);
    const database = Uint8Array.from([
      0,
      0,
      17,
      0,
      0,
      17,
      ...Array<number>(16).fill(0),
      ...everywhere,
      0xab,
      0xcd,
      0xef,
      ...Buffer.from('MaxMind.com'),
      0xe4,
      ...metadata,
    ]);
    expect(await regions(database)).toMatchObject({
      sheets: [{ kind: 'networks', text: expect.stringMatching(/^hospital-lan,.*,CN,\r$/m) }],
      notes: [{ text: 'know.foreign.regions', values: { count: 1 } }, { text: 'know.foreign.located' }],
    });
    expect(await regions(Uint8Array.of(1, 2, 3))).toEqual({ sheets: [], notes: [{ text: 'know.foreign.mmdb' }] });
  });
});

// Last, because a month passes and what others ask for is gone.
test('an incident of last month shows the estate of last month after today’s edits', async () => {
  const incident = await hospitalIncident(trial.center);
  const before = (await trial.ask(reader, 'GET', `/incidents/${incident}/estate`)).body;
  expect(before.items.map((one: any) => [one.kind, one.item.id, one.since])).toContainEqual(['assets', 'hospital-records', null]);
  // Nobody is signed in for a month.
  const editor = person('hospital', 'duty-officer');
  const later = person('hospital', 'administrator');
  trial.clock.at += 31 * 86_400;
  const moved = { ...asset, addresses: ['10.20.1.99'], importance: 'general', businesses: [] };
  expect((await trial.ask(editor, 'PUT', '/assets/hospital-records', { after: 1, item: moved })).status).toBe(200);
  const care = { ...smallEstate.businesses[0]!, usersServed: 5 };
  expect((await trial.ask(editor, 'PUT', '/businesses/hospital-care', { after: 1, item: care })).status).toBe(200);
  expect((await trial.ask(editor, 'DELETE', '/assets/hospital-records?after=2')).status).toBe(204);

  const after = (await trial.ask(later, 'GET', `/incidents/${incident}/estate`)).body;
  expect(after.at).toBe(before.at);
  const same = (items: any[]) => items.map(({ kind, hosts, item }) => ({ kind, hosts, item }));
  expect(same(after.items)).toEqual(same(before.items));
  const byId = new Map(after.items.map((one: any) => [one.item.id, one]));
  expect((byId.get('hospital-records') as any).since).toBe('removed');
  expect((byId.get('hospital-care') as any).since).toBe('changed');
  const supporter = person('stranger', 'analyst');
  expect((await trial.ask(supporter, 'GET', `/incidents/${incident}/estate`)).status).toBe(404);
});
