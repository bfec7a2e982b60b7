/** From records of discovery to what stands in the register. */

import { expect, test } from 'vitest';
import { estateKinds, type Estate, type EstateItem, type EstateKind } from '@forewarn/model/estate';
import type { AnyRecord } from '@forewarn/model/records/record';
import { changed, confidenceOf, draft, idFor, merged, whyOf, type Draft } from './draft.ts';
import { compileKnown, type KnownEstate } from './known.ts';
import { interfaceBase, sightings } from './sightings.ts';

const both = (name: string) => ({ en: name, zh: name });
const common = { organisation: 'works', importance: 'general' as const, businesses: [] };
const estate: Estate = {
  organisations: [],
  networks: [
    { id: 'works-lan', organisation: 'works', name: both('LAN'), type: 'computer', addresses: ['10.0.0.0/16'], domains: [] },
  ],
  nodes: [],
  links: [],
  products: [],
  businesses: [
    {
      id: 'works-supply',
      organisation: 'works',
      name: both('Supply'),
      usersServed: 1,
      valuePerHourCny: 1,
      surfaces: [
        { kind: 'web', name: 'www.works.example' },
        { kind: 'api', name: 'www.works.example/api/v1' },
      ],
    },
  ],
  assets: [
    {
      ...common,
      id: 'works-web',
      network: 'works-lan',
      name: both('Web'),
      kind: 'server',
      addresses: ['10.0.0.1'],
      names: ['web.works.example'],
      businesses: ['works-supply'],
    },
    {
      ...common,
      id: 'works-desks',
      network: 'works-lan',
      name: both('Desks'),
      kind: 'workstation',
      addresses: ['10.0.9.0/24'],
      names: [],
    },
    {
      ...common,
      id: 'others-web',
      organisation: 'other',
      network: 'other-lan',
      name: both('Web'),
      kind: 'server',
      addresses: ['10.0.0.7'],
      names: [],
    },
  ],
  systems: [],
  data: [],
  applications: [{ ...common, id: 'works-mail', name: both('Mail'), assets: ['works-web'] }],
  components: [{ id: 'works-ssh', organisation: 'works', name: both('OpenSSH'), asset: 'works-web', version: '9.6p1' }],
};
const known = compileKnown(estate, 'works');

const seen = (log: string, record: AnyRecord) => sightings(log, { ts: 100, ...record });
const kinds = (log: string, record: AnyRecord) => seen(log, record).map(({ kind, matter }) => `${kind} ${matter}`.trim());

test('a record of each log shows what it is about', () => {
  expect(kinds('known_hosts', { host: '10.0.0.5' })).toEqual(['host']);
  const service = { host: '10.0.0.5', port_num: 502, port_proto: 'tcp', service: ['MODBUS'] };
  expect(kinds('known_services', service)).toEqual(['host', 'service 502/tcp']);
  // A port given out for a moment, in no known protocol: the host is there, the service is none.
  expect(kinds('known_services', { ...service, port_num: 50_123, service: [] })).toEqual(['host']);
  expect(kinds('known_certs', { host: '10.0.0.5', subject: 'CN=Portal.works.example,O=Works' })).toEqual([
    'name portal.works.example',
  ]);
  expect(kinds('known_certs', { host: '10.0.0.5', subject: 'CN=localhost' })).toEqual([]);
  const program = {
    host: '10.0.0.5',
    software_type: 'SSH::SERVER',
    name: 'OpenSSH',
    'version.major': 9,
    'version.minor': 7,
    'version.addl': 'p1',
  };
  expect(kinds('software', program)).toEqual(['host', 'product openssh 9.7p1']);
  expect(kinds('software', { ...program, 'version.addl': 'Ubuntu' })).toEqual(['host', 'product openssh 9.7']);
  const device = { host: '10.0.0.6', vendor: 'Siemens', product: 'S7-1200', version: '4.4', by: 'cip_identity', name: 'pump' };
  expect(kinds('known_devices', device)).toEqual(['host', 'product s7-1200 4.4']);
  expect(seen('known_devices', device)[0]!.said).toMatchObject({ role: 'controller', vendor: 'Siemens', name: 'pump' });
  expect(kinds('api_surface', { host: '10.0.0.5', service: 'ssl', name: 'portal.works.example' })).toEqual([
    'surface web portal.works.example',
  ]);
  expect(
    kinds('api_surface', { host: '10.0.0.5', service: 'http', name: 'portal.works.example', path: '/shop/api/v2/orders/{id}' }),
  ).toEqual(['surface web portal.works.example', 'surface api portal.works.example/shop/api/v2']);
  expect(kinds('api_surface', { host: '10.0.0.5', service: 'grpc', path: '/works.Pumps/Start' })).toEqual([
    'surface api 10.0.0.5/works.Pumps',
  ]);
});

test('what a person named, what is on one wire, and what is no record shows nothing', () => {
  expect(kinds('known_devices', { host: '10.0.0.6', name: 'Annas-telephone', by: 'dhcp' })).toEqual(['host']);
  expect(kinds('known_hosts', { host: '169.254.3.4' })).toEqual([]);
  expect(kinds('known_hosts', { host: 'fe80::1' })).toEqual([]);
  expect(kinds('known_devices', { mac: '00:11:22:33:44:55', product: 'Switch', by: 'lldp' })).toEqual([]);
  expect(sightings('known_hosts', { host: '10.0.0.5' })).toEqual([]);
  expect(sightings('conn', { ts: 1, 'id.orig_h': '10.0.0.5' })).toEqual([]);
  expect(sightings('toString', { ts: 1, host: '10.0.0.5' })).toEqual([]);
  for (const value of [null, 7, [], 'x'.repeat(1e5), '\u0000\u202e', '\ud800'])
    for (const log of ['known_hosts', 'known_services', 'known_certs', 'software', 'known_devices', 'api_surface']) {
      const fields = ['host', 'port_num', 'port_proto', 'service', 'subject', 'name', 'product', 'software_type', 'path', 'by'];
      const record = Object.fromEntries(fields.map((field) => [field, value])) as AnyRecord;
      for (const { said, matter } of [
        ...seen(log, record),
        ...seen(log, { ...record, host: '10.0.0.5', service: 'http', name: 'a.b' } as AnyRecord),
      ]) {
        expect(JSON.stringify(said).length + matter.length).toBeLessThan(1_000);
        expect(JSON.stringify([said, matter])).not.toMatch(/\\u0000|\\ud800/);
      }
    }
});

test('the base of an interface', () => {
  expect(interfaceBase('/api/v1/orders')).toBe('/api/v1');
  expect(interfaceBase('/graphql')).toBe('/graphql');
  expect(interfaceBase('/news/today')).toBeUndefined();
  expect(interfaceBase('/a/b/c/d/api')).toBeUndefined();
});

test('the register answers what it has, and only of its own organisation', () => {
  const has = (log: string, record: AnyRecord) => seen(log, record).map((one) => known.has(one));
  expect(has('known_hosts', { host: '10.0.0.1' })).toEqual([true]);
  expect(has('known_hosts', { host: '10.0.9.44' })).toEqual([true]);
  expect(has('known_hosts', { host: '10.0.0.7' })).toEqual([false]);
  // Who registered a web surface of the asset's business knows that the web is spoken there.
  expect(has('known_services', { host: '10.0.0.1', port_num: 443, port_proto: 'tcp', service: ['SSL'] })).toEqual([true, true]);
  expect(has('known_services', { host: '10.0.0.1', port_num: 22, port_proto: 'tcp', service: ['SSH'] })).toEqual([true, false]);
  const ssh = { host: '10.0.0.1', software_type: 'SSH::SERVER', name: 'OpenSSH', 'version.major': 9, 'version.minor': 6 };
  expect(has('software', { ...ssh, 'version.addl': 'p1' })).toEqual([true, true]);
  expect(has('software', { ...ssh, 'version.addl': 'p2' })).toEqual([true, false]);
  const surface = (name: string, path?: string) =>
    has('api_surface', { host: '10.0.0.1', service: 'http', name, ...(path === undefined ? {} : { path }) });
  expect(surface('www.works.example', '/api/v1/bills')).toEqual([true, true]);
  expect(surface('WWW.works.example:8080', '/api/v2/bills')).toEqual([true, false]);
  expect(surface('new.works.example')).toEqual([false]);
  // Machines of a range are one place.
  expect(known.placeOf('10.0.9.44')).toBe('10.0.9.0/24');
  expect(known.placeOf('10.0.0.5')).toBe('10.0.0.5');
});

/** The register after a draft. */
function after(before: Estate, made: Draft | undefined): KnownEstate {
  if (!made || made.needs !== null) throw new Error('It is no draft.');
  const items = structuredClone(before) as { [Kind in EstateKind]: EstateItem[] };
  for (const step of made.steps) {
    const item =
      step.do === 'write'
        ? step.item
        : changed(
            items[step.kind].find(({ id }) => id === step.id)!,
            step,
          );
    // What is drafted is valid.
    expect(estateKinds[step.kind].safeParse(item).error?.issues ?? []).toEqual([]);
    const list = items[step.kind];
    list.splice(0, list.length, ...list.filter(({ id }) => id !== item.id), item);
  }
  return compileKnown(items as Estate, 'works');
}

test.each([
  ['known_hosts', { host: '10.0.0.5' }],
  ['known_services', { host: '10.0.0.5', port_num: 502, port_proto: 'tcp', service: ['MODBUS'] }],
  ['known_services', { host: '10.0.0.1', port_num: 22, port_proto: 'tcp', service: ['SSH'] }],
  ['known_certs', { host: '10.0.0.1', subject: 'CN=new.works.example' }],
  ['known_certs', { host: '10.0.0.5', subject: 'CN=new.works.example' }],
  ['software', { host: '10.0.0.1', software_type: 'SSH::SERVER', name: 'OpenSSH', 'version.major': 9, 'version.minor': 9 }],
  ['software', { host: '10.0.0.5', software_type: 'HTTP::BROWSER', name: 'Firefox', 'version.major': 128 }],
  [
    'known_devices',
    { host: '10.0.0.6', vendor: 'Siemens', product: 'S7-1200', version: '4.4', by: 'cip_identity', name: 'pump' },
  ],
  ['known_devices', { mac: '00:11:22:33:44:55', name: 'switch-3', product: 'CX 1', by: 'lldp' }],
  ['api_surface', { host: '10.0.0.1', service: 'ssl', name: 'pay.works.example' }],
] as [string, AnyRecord][])('%s %j: what was accepted is proposed no more', (log, record) => {
  const fresh = seen(log, record).filter((one) => !known.has(one));
  expect(fresh.length).toBeGreaterThan(0);
  for (const one of fresh) {
    const choice = one.host.includes(':') ? { network: 'works-lan' } : {};
    expect([one.kind, after(estate, draft(one, known, choice)).has(one)]).toEqual([one.kind, true]);
    expect(whyOf(one, known).length).toBeGreaterThan(1);
  }
});

test('what cannot be placed says what is to be chosen', () => {
  const host = seen('known_hosts', { host: '192.0.2.9' })[0]!;
  expect(draft(host, known)).toMatchObject({ needs: 'network' });
  expect(draft(host, known, { network: 'other-lan' })).toMatchObject({ needs: 'network' });
  expect(draft(host, known, { network: 'works-lan' })).toMatchObject({
    needs: null,
    item: { kind: 'assets', id: 'works-192-0-2-9' },
  });
  const surface = seen('api_surface', { host: '10.0.0.5', service: 'ssl', name: 'pay.works.example' })[0]!;
  expect(draft(surface, known)).toMatchObject({ needs: 'business' });
  expect(draft(surface, known, { business: 'works-supply' })).toMatchObject({ needs: null, item: { id: 'works-supply' } });
});

test('merging adds to what is there and makes nothing new', () => {
  const host = seen('known_hosts', { host: '10.0.0.5' })[0]!;
  expect(merged(host, known, 'others-web')).toBeUndefined();
  const made = merged(host, known, 'works-web');
  expect(made).toMatchObject({ creates: false, item: { kind: 'assets', id: 'works-web' } });
  expect(after(estate, made).assetOf('10.0.0.5')?.id).toBe('works-web');
  const ssh = seen('known_services', { host: '10.0.0.1', port_num: 22, port_proto: 'tcp', service: ['SSH'] })[1]!;
  expect(merged(ssh, known, 'works-mail')).toMatchObject({ steps: [{ do: 'add', field: 'assets', value: 'works-web' }] });
  // A value that is there is not added twice.
  expect(changed({ assets: ['a'] }, { do: 'add', kind: 'applications', id: 'x', field: 'assets', value: 'a' })).toEqual({
    assets: ['a'],
  });
});

test('ids are the organisation’s own, and told apart', () => {
  const taken = new Set(['works-pump', 'works-pump-2']);
  const names = { organisation: 'works', isTaken: (id: string) => taken.has(id) };
  expect(idFor(names, 'Pump')).toBe('works-pump-3');
  expect(idFor(names, '泵')).toBe('works-item');
  const long = idFor(names, 'x'.repeat(500));
  expect(long.length).toBeLessThanOrEqual(64);
  expect(estateKinds.assets.shape.id.safeParse(long).success).toBe(true);
});

test('each further day takes doubt away, and never all of it; many records of one day are one', () => {
  const seenFor = (days: number, count: number) => confidenceOf(0.8, { firstSeen: 0, lastSeen: days * 86_400, count });
  expect(seenFor(0, 1)).toBe(0.8);
  expect(seenFor(0.5, 1_000)).toBe(0.8);
  expect(seenFor(1, 2)).toBeCloseTo(0.82);
  expect(seenFor(30, 2)).toBeCloseTo(0.82);
  expect(seenFor(1e9, 1e9)).toBeLessThan(1);
});
