import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyEstate, type Asset, type Network, type Organisation } from '@forewarn/model/estate';
import type { Scope } from '../postgres/database.ts';
import { openTrial, type Trial } from '../trial.ts';
import { findRegistered, historyOf, listEstate, readEstate, removeEstate, searchEstate, writeEstate } from './estate.ts';

let trial: Trial;
const centre: Scope = { organisation: 'centre', centre: true, account: 'officer' };
const hospital: Scope = { organisation: 'hospital', centre: false, account: 'liaison' };
const clinic: Scope = { organisation: 'clinic', centre: false, account: 'stranger' };

const name = (en: string, zh = en) => ({ en, zh });
const organisation = (id: string, kind: Organisation['kind'] = 'operator'): Organisation => ({
  id,
  name: name(`Name of ${id}`),
  kind,
  sector: 'health',
  region: 'north',
  reporter: 'network-operator',
  overseenBy: null,
  contact: '',
});
const lan = (owner: string): Network => ({
  id: `${owner}-lan`,
  organisation: owner,
  name: name('Ward network', '病房网络'),
  type: 'computer',
  addresses: ['10.20.0.0/16'],
  domains: [`${owner}.example`],
});
const pump = (n: number, more: Partial<Asset> = {}): Asset => ({
  id: `hospital-pump-${n}`,
  organisation: 'hospital',
  network: 'hospital-lan',
  name: name(`Pump ${n}`, `输液泵${n}`),
  kind: 'controller',
  importance: 'general',
  addresses: [`10.20.1.${n}`],
  names: [`pump${n}.ward.hospital.example`],
  businesses: n % 2 === 0 ? ['hospital-care'] : [],
  ...more,
});

const write = (estate: Parameters<typeof writeEstate>[1], at: number, by = 'liaison') =>
  trial.database.scoped(centre, (tx) => writeEstate(tx, estate, { at, by }));
const ids = async (scope: Scope, asked: Omit<Parameters<typeof listEstate>[2], 'limit'>): Promise<string[]> =>
  (await trial.database.scoped(scope, (tx) => listEstate(tx, 'assets', { limit: 100, ...asked }))).items.map(
    ({ item }) => item.id,
  );

beforeAll(async () => {
  trial = await openTrial();
  await write({ organisations: [organisation('centre', 'centre'), organisation('hospital'), organisation('clinic')] }, 100);
  await write({ networks: [lan('hospital'), lan('clinic')], assets: [1, 2, 3, 4].map((n) => pump(n)) }, 100);
});
afterAll(() => trial.end());

describe('lists', () => {
  test.each<[string, string[]]>([
    ['pump 3', ['hospital-pump-3']],
    ['PÚMP 4', ['hospital-pump-4']],
    ['10.20.1.2', ['hospital-pump-2']],
    ['10.20.', ['hospital-pump-1', 'hospital-pump-2', 'hospital-pump-3', 'hospital-pump-4']],
    ['20.1', []],
    ['ward.hospital', ['hospital-pump-1', 'hospital-pump-2', 'hospital-pump-3', 'hospital-pump-4']],
    ['液泵', ['hospital-pump-1', 'hospital-pump-2', 'hospital-pump-3', 'hospital-pump-4']],
    ['输液泵2', ['hospital-pump-2']],
    ['泵液', []],
    ["' | !:*", []],
    ["pump's\\", []],
  ])('a search for %s', async (text, expected) => {
    expect(await ids(centre, { text })).toEqual(expected);
    expect(await ids(clinic, { text })).toEqual([]);
  });

  test('filters by a field, and by what a list holds', async () => {
    expect(await ids(hospital, { filters: { businesses: 'hospital-care' } })).toEqual(['hospital-pump-2', 'hospital-pump-4']);
    expect(await ids(hospital, { filters: { network: 'hospital-lan', importance: 'special' } })).toEqual([]);
    expect(await ids(hospital, { filters: { kind: 'controller' }, organisation: 'hospital' })).toHaveLength(4);
  });

  test('goes on after a page, whatever the question', async () => {
    for (const asked of [{}, { text: 'pump' }, { at: 150 }]) {
      const first = await trial.database.scoped(hospital, (tx) => listEstate(tx, 'assets', { limit: 3, ...asked }));
      expect(first.items).toHaveLength(3);
      expect(await ids(hospital, { ...asked, cursor: first.next! })).toEqual(['hospital-pump-4']);
    }
  });

  test('the search of everything names what it is', async () => {
    const hits = await trial.database.scoped(hospital, (tx) => searchEstate(tx, 'ward', 10));
    expect(hits.map(({ kind, id }) => [kind, id])).toEqual([
      ['networks', 'hospital-lan'],
      ...[1, 2, 3, 4].map((n) => ['assets', `hospital-pump-${n}`]),
    ]);
  });
});

describe('editions', () => {
  test('what is the same stays as it is', async () => {
    await write({ assets: [pump(1)] }, 200, 'somebody-else');
    const one = await trial.database.scoped(hospital, (tx) => findRegistered(tx, 'assets', 'hospital-pump-1'));
    expect(one!.edition).toEqual({ version: 1, since: 100, by: 'liaison' });
  });

  test('of an instant: an item, a list and the whole stand as they stood, after changes, removal and return', async () => {
    const before = await trial.database.scoped(hospital, (tx) => readEstate(tx));
    await write({ assets: [pump(1, { importance: 'special', addresses: ['10.20.9.9'] }), pump(5)] }, 300);
    const gone = { id: 'hospital-pump-2', version: 1, at: 400, by: 'officer' };
    expect(await trial.database.scoped(centre, (tx) => removeEstate(tx, 'assets', { ...gone, version: 7 }))).toBe(false);
    expect(await trial.database.scoped(centre, (tx) => removeEstate(tx, 'assets', gone))).toBe(true);
    await write({ assets: [pump(2, { kind: 'sensor' })] }, 500);

    const at = async (instant: number, id: string) =>
      (await trial.database.scoped(hospital, (tx) => findRegistered(tx, 'assets', id, instant)))?.item;
    expect([await at(99, 'hospital-pump-1'), await at(299, 'hospital-pump-1')]).toEqual([undefined, pump(1)]);
    expect((await at(300, 'hospital-pump-1'))!.importance).toBe('special');
    expect([await at(399, 'hospital-pump-2'), await at(400, 'hospital-pump-2')]).toEqual([pump(2), undefined]);
    expect((await at(500, 'hospital-pump-2'))!.kind).toBe('sensor');

    expect(await ids(hospital, { at: 450 })).toEqual([1, 3, 4, 5].map((n) => `hospital-pump-${n}`));
    expect(await ids(hospital, { at: 250, text: '10.20.1.1' })).toEqual(['hospital-pump-1']);
    expect(await ids(hospital, { text: '10.20.1.1' })).toEqual([]);
    expect(await ids(hospital, { at: 250, filters: { kind: 'sensor' } })).toEqual([]);
    expect(await ids(hospital, { at: 250, filters: { importance: 'general', businesses: 'hospital-care' } })).toEqual([
      'hospital-pump-2',
      'hospital-pump-4',
    ]);
    expect(await trial.database.scoped(hospital, (tx) => readEstate(tx, 250))).toEqual(before);
    expect(await trial.database.scoped(hospital, (tx) => readEstate(tx, 50))).toEqual(emptyEstate());
  });

  test('a history tells who, when and what, and is its owner’s', async () => {
    const history = await trial.database.scoped(hospital, (tx) => historyOf(tx, 'assets', 'hospital-pump-2', 10));
    expect(history.map(({ edition, until, endedBy, removed, item }) => [edition, until, endedBy, removed, item.kind])).toEqual([
      [{ version: 2, since: 500, by: 'liaison' }, null, null, false, 'sensor'],
      [{ version: 1, since: 100, by: 'liaison' }, 400, 'officer', true, 'controller'],
    ]);
    expect(await trial.database.scoped(clinic, (tx) => historyOf(tx, 'assets', 'hospital-pump-2', 10))).toEqual([]);
  });

  test('an id that stands is not taken over', async () => {
    const taken = { ...pump(3), organisation: 'clinic', network: 'clinic-lan' };
    expect(await write({ assets: [taken] }, 600)).toEqual([{ kind: 'assets', id: 'hospital-pump-3' }]);
    expect(await ids(clinic, {})).toEqual([]);
  });
});
