/** From the batches of a sensor to the register: proposed once, decided by a person, audited; what was refused stays refused. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Batch, Envelope } from '@forewarn/model/batch';
import type { Asset } from '@forewarn/model/estate';
import type { BlindSpots, ProposalList, ProposalOutcome, ProposalView } from '@forewarn/model/proposal';
import { writeEstate } from '@forewarn/store/resources/estate';
import { countBatch } from '@forewarn/store/resources/sensors';
import { openTrialCenter, person, type Person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';
import { foreignMax, openMax, proposalsWriter } from './intake.ts';

let trial: Trial;
const liaison = person('hospital', 'liaison-officer');
const administrator = person('hospital', 'administrator');
const analyst = person('hospital', 'analyst');
const officer = person('centre', 'duty-officer');
const stranger = person('stranger', 'liaison-officer');

const envelope = (organisation: string): Envelope => ({
  sensor: `${organisation}-sensor`,
  organisation,
  link: null,
  networkType: 'computer',
  source: 'x',
  marking: 'TLP:AMBER',
});

let batches = 0;
/** A batch as the pipeline takes it in, with everything that follows in one transaction. */
async function take(logs: Batch['logs'], organisation = 'hospital'): Promise<void> {
  const batch = { id: String(++batches).padStart(64, '0'), source: 'x', logs };
  await trial.center.database.system(await proposalsWriter(trial.center, envelope(organisation), batch));
}

const list = async (who: Person = liaison, search = ''): Promise<ProposalList> =>
  (await trial.ask(who, 'GET', `/proposals?limit=500${search}`)).body;
const proposal = async (kind: string, host: string, search = ''): Promise<ProposalView | undefined> =>
  (await list(liaison, search)).items.find((one) => one.kind === kind && one.host === host);
const post = async (who: Person, path: string, body: object): Promise<ProposalOutcome> => {
  const { status, text, body: answer } = await trial.ask(who, 'POST', path, body);
  if (status !== 200) throw new Error(text);
  return answer;
};
const accept = (proposals: { id: string; choice?: object }[], who = liaison) => post(who, '/proposals/accept', { proposals });
const item = async (path: string) => (await trial.ask(liaison, 'GET', path)).body;

const at = 1_763_999_000;
const ssh = { ts: at, host: '10.20.3.4', port_num: 22, port_proto: 'tcp', service: ['SSH'] };
const openSsh = {
  ts: at,
  host: '10.20.3.4',
  host_p: 22,
  software_type: 'SSH::SERVER',
  name: 'OpenSSH',
  'version.major': 9,
  'version.minor': 7,
  'version.addl': 'p1',
  unparsed_version: 'OpenSSH_9.7p1',
};

beforeAll(async () => {
  trial = await openTrialCenter();
  // Records of some days are past.
  trial.clock.at = at + 3 * 86_400;
  await fillEstate(trial.center);
});
afterAll(() => trial.end());

describe('the inbox', () => {
  test('what the register has is not proposed; what it lacks is, once, with its evidence', async () => {
    await take({ known_hosts: [{ ts: at, host: '10.20.1.21' }], known_services: [ssh], software: [openSsh] });
    await take({ known_hosts: [{ ts: at + 90_000, host: '10.20.3.4' }] });
    const { items, totals } = await list();
    expect(items.map(({ kind }) => kind).toSorted()).toEqual(['host', 'product', 'service']);
    expect(totals).toMatchObject({ open: 3, kinds: { host: 1, service: 1, product: 1, name: 0, surface: 0 }, full: false });
    const host = items.find(({ kind }) => kind === 'host')!;
    expect(host).toMatchObject({
      host: '10.20.3.4',
      count: 3,
      said: { role: 'server' },
      asset: null,
      draft: { item: { kind: 'assets', id: 'hospital-10-20-3-4' }, creates: true, needs: null },
      record: { log: 'known_hosts', sensor: 'hospital-sensor' },
      firstSeen: new Date(at * 1000).toISOString(),
    });
    expect(host.confidence).toBeGreaterThan(0.9);
    expect(host.why.map(({ text }) => text)).toContain('know.proposal.why.no-asset');
    expect(await list(stranger)).toMatchObject({ items: [], totals: { open: 0 } });
    expect((await list(officer, '&organisation=hospital&kind=host')).items).toHaveLength(1);
    expect((await list(liaison, '&text=openssh')).items).toHaveLength(1);
  });

  test('host, service and product are accepted together and stand in the register, audited', async () => {
    const { items } = await list();
    expect((await trial.ask(analyst, 'POST', '/proposals/accept', { proposals: [{ id: items[0]!.id }] })).status).toBe(403);
    const outcome = await accept(items.map(({ id }) => ({ id })));
    expect(outcome.faults).toEqual([]);
    expect(outcome.decided.map(({ item: written }) => written?.kind)).toEqual(['assets', 'applications', 'components']);
    expect(await item('/assets/hospital-10-20-3-4')).toMatchObject({
      kind: 'server',
      addresses: ['10.20.3.4'],
      network: 'hospital-lan',
    });
    const component = outcome.decided[2]!.item!.id;
    expect(await item(`/components/${component}`)).toMatchObject({ asset: 'hospital-10-20-3-4', version: '9.7p1' });
    expect((await list()).items).toEqual([]);
    expect((await list(liaison, '&state=accepted')).items).toHaveLength(3);
    const { items: audit } = (await trial.ask(administrator, 'GET', '/audit?action=proposal.accept')).body;
    expect(audit).toHaveLength(3);
    expect(audit[0].actor).toBe((await trial.ask(liaison, 'GET', '/me')).body.account);
    // Twice is once.
    const again = await accept([{ id: items[0]!.id }]);
    expect(again).toMatchObject({ decided: [], faults: [{ message: { text: 'know.proposal.fault.decided' } }] });
    // And what was accepted is proposed no more.
    await take({ known_services: [ssh], software: [openSsh] });
    expect((await list()).items).toEqual([]);
  });

  test('a new version of a component is put in its place', async () => {
    await take({ software: [{ ...openSsh, 'version.minor': 9, 'version.addl': 'p2' }] });
    const newer = (await proposal('product', '10.20.3.4'))!;
    expect(newer).toMatchObject({ draft: { creates: false }, asset: { id: 'hospital-10-20-3-4' } });
    await accept([{ id: newer.id }]);
    expect(await item(`/components/${newer.draft.item!.id}`)).toMatchObject({ version: '9.9p2' });
  });

  test('what was refused stays refused, until somebody takes that back', async () => {
    await take({ known_hosts: [{ ts: at, host: '10.20.3.9' }] });
    const { id } = (await proposal('host', '10.20.3.9'))!;
    expect((await trial.ask(liaison, 'POST', '/proposals/refuse', { proposals: [id], reason: ' ' })).status).toBe(422);
    await post(liaison, '/proposals/refuse', { proposals: [id], reason: 'A guest of the congress.' });
    await take({ known_hosts: [{ ts: at + 86_400, host: '10.20.3.9' }] });
    expect(await proposal('host', '10.20.3.9')).toBeUndefined();
    const refused = await proposal('host', '10.20.3.9', '&state=refused');
    expect(refused).toMatchObject({ count: 2, decided: { reason: 'A guest of the congress.' } });
    await post(liaison, `/proposals/${id}/reopen`, {});
    expect(await proposal('host', '10.20.3.9')).toMatchObject({ id, decided: null });
  });

  test('merged, it is a further address of what is there', async () => {
    const { id } = (await proposal('host', '10.20.3.9'))!;
    const { items } = (await trial.ask(liaison, 'GET', `/proposals/${id}/candidates?text=records`)).body;
    expect(items).toMatchObject([{ id: 'hospital-records', near: true }]);
    const unknown = await post(liaison, `/proposals/${id}/merge`, { item: 'stranger-x' });
    expect(unknown.faults).toMatchObject([{ message: { text: 'know.proposal.fault.item' } }]);
    await post(liaison, `/proposals/${id}/merge`, { item: 'hospital-records' });
    expect(await item('/assets/hospital-records')).toMatchObject({ addresses: ['10.20.1.21', '10.20.3.9'] });
    expect(await proposal('host', '10.20.3.9', '&state=merged')).toMatchObject({
      decided: { item: { kind: 'assets', id: 'hospital-records' } },
    });
  });

  test('a surface becomes one of the asset’s business; of a name that is another’s nothing is proposed', async () => {
    const surface = { ts: at, host: '10.20.1.21', port_num: 443, service: 'ssl' };
    await take({
      api_surface: [
        { ...surface, name: 'pay.hospital.example' },
        { ...surface, name: 'portal.clinic.example' },
      ],
    });
    const { items } = await list(liaison, '&kind=surface');
    expect(items.map(({ said }) => said.surface?.name)).toEqual(['pay.hospital.example']);
    expect(items[0]).toMatchObject({ draft: { item: { kind: 'businesses', id: 'hospital-care' } } });
    await accept([{ id: items[0]!.id }]);
    const { surfaces } = await item('/businesses/hospital-care');
    expect(surfaces).toContainEqual({ kind: 'web', name: 'pay.hospital.example' });
  });

  test('what lies in no registered network asks for one, and an address that is not the organisation’s is not taken', async () => {
    await take({ known_hosts: [{ ts: at, host: '192.0.2.77' }] });
    const outside = (await proposal('host', '192.0.2.77'))!;
    expect(outside.draft.needs).toBe('network');
    expect((await accept([{ id: outside.id }])).faults).toMatchObject([
      { message: { text: 'know.proposal.fault.needs-network' } },
    ]);
    const claimed = await accept([{ id: outside.id, choice: { network: 'hospital-lan' } }]);
    expect(claimed.faults).toMatchObject([{ message: { text: 'know.import.public-address' } }]);
    expect((await accept([{ id: outside.id, choice: { network: 'hospital-lan', item: 'clinic-host' } }])).decided).toEqual([]);
  });

  test('what somebody registers otherwise leaves the inbox by itself', async () => {
    await take({ known_hosts: [{ ts: at, host: '10.20.4.1' }] });
    expect(await proposal('host', '10.20.4.1')).toBeDefined();
    const asset: Asset = {
      id: 'hospital-printer',
      organisation: 'hospital',
      network: 'hospital-lan',
      name: { en: 'Printer', zh: '打印机' },
      kind: 'other',
      importance: 'general',
      addresses: ['10.20.4.1'],
      names: [],
      businesses: [],
    };
    await trial.center.database.system(async (tx) => {
      await writeEstate(tx, { assets: [asset] });
    });
    trial.center.estate.forget();
    expect(await proposal('host', '10.20.4.1')).toBeUndefined();
  });

  test('another’s sensor shows what is in a network to whose network it is, and fills no inbox', async () => {
    const host = (n: number) => ({ ts: at, host: `198.51.100.${n % 128}` });
    await take({ known_hosts: [host(5)] }, 'stranger');
    const shown = (await proposal('host', '198.51.100.5'))!;
    // Whose sensor it was is not the hospital's to know.
    expect(shown.record).toBeNull();
    expect((await list(officer, '&organisation=hospital&text=198.51.100.5')).items[0]!.record?.sensor).toBe('stranger-sensor');
    expect((await list(stranger)).items).toEqual([]);
    const services = Array.from({ length: foreignMax + 50 }, (_unused, n) => ({
      ...host(6),
      port_num: n + 1,
      port_proto: 'tcp',
      service: ['HTTP'],
    }));
    await take({ known_services: services }, 'stranger');
    const { totals } = await list(liaison, '&text=198.51.100');
    expect(totals.open).toBe(foreignMax);
  });

  test('a full inbox takes no more, and says so', async () => {
    const services = Array.from({ length: openMax }, (_unused, n) => ({
      ts: at,
      host: '10.20.7.7',
      port_num: n + 1,
      port_proto: 'udp',
      service: ['X'],
    }));
    await take({ known_services: services });
    const { totals } = await list();
    expect(totals).toMatchObject({ open: openMax, full: true });
  });
});

test('blind spots: surfaces that no record shows, networks and links that nobody sees', async () => {
  const blind = async (search = ''): Promise<BlindSpots> => (await trial.ask(liaison, 'GET', `/blind-spots${search}`)).body;
  const before = await blind();
  expect(before.surfaces.map(({ name, lastSeen }) => [name, lastSeen])).toContainEqual(['www.hospital.example', null]);
  expect(before.networks).toMatchObject([{ id: 'hospital-lan', state: 'blind' }]);
  expect(before.links).toMatchObject([{ id: 'hospital-link', state: 'blind', role: 'primary' }]);
  const now = trial.clock.at;
  const count = (lastAt: number) =>
    trial.center.database.system((tx) =>
      countBatch(tx, {
        sensor: 'hospital-sensor',
        organisation: 'hospital',
        at: now,
        records: 1,
        logs: [{ log: 'conn', records: 1, lastAt, withheld: 0 }],
      }),
    );
  const shown = (ts: number) => take({ http: [{ ts, host: 'WWW.hospital.example:8080', uri: '/' }] }, 'stranger');
  // Shown long ago is blind within seven days, and not within thirty.
  await count(now - 9 * 86_400);
  await shown(now - 9 * 86_400);
  const late = await blind('?days=7');
  expect(late.surfaces.find(({ name }) => name === 'www.hospital.example')?.lastSeen).toBe(
    new Date((now - 9 * 86_400) * 1000).toISOString(),
  );
  expect(late.networks).toMatchObject([{ id: 'hospital-lan', state: 'silent' }]);
  expect((await blind('?days=30')).surfaces.map(({ name }) => name)).not.toContain('www.hospital.example');
  await count(now);
  await shown(now - 60);
  const after = await blind();
  expect(after.surfaces.map(({ name }) => name)).not.toContain('www.hospital.example');
  expect(after).toMatchObject({
    networks: [],
    links: [],
    totals: { networks: { blind: 0, all: 1 }, links: { blind: 0, all: 1 } },
  });
});
