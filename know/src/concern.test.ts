import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains, formatAddress, parseNetwork } from '@forewarn/base/ip';
import { emptyEstate, type Estate } from '@forewarn/model/estate';
import { AddressIndex } from './addresses.ts';
import { compileEstate } from './concern.ts';

const name = { en: 'n', zh: '名' };
const organisation = (id: string, sector: string) =>
  ({ id, name, kind: 'operator', sector, region: 'r', reporter: 'network-operator', overseenBy: null, contact: 'c' }) as const;

const estate: Estate = {
  ...emptyEstate(),
  organisations: [
    { ...organisation('centre', 'government'), kind: 'centre' },
    organisation('hospital', 'health'),
    organisation('clinic', 'health'),
    organisation('water', 'water'),
  ],
  networks: [
    {
      id: 'hospital-wide',
      organisation: 'hospital',
      name,
      type: 'computer',
      addresses: ['198.51.100.0/24', '10.0.0.0/8', '2001:db8:1::/48'],
      domains: ['hospital.example'],
    },
    { id: 'hospital-dmz', organisation: 'hospital', name, type: 'internet', addresses: ['198.51.100.128/25'], domains: [] },
    { id: 'water-plant', organisation: 'water', name, type: 'control', addresses: ['10.0.0.0/8'], domains: ['water.example'] },
  ],
  links: [],
  assets: [
    {
      id: 'hospital-portal',
      organisation: 'hospital',
      network: 'hospital-dmz',
      name,
      kind: 'server',
      importance: 'special',
      addresses: ['198.51.100.200'],
      names: ['portal.hospital.example'],
      businesses: ['booking'],
    },
    {
      id: 'clinic-terminal',
      organisation: 'clinic',
      network: 'clinic-lan',
      name,
      kind: 'workstation',
      importance: 'general',
      addresses: [],
      names: [],
      businesses: ['booking'],
    },
  ],
  businesses: [
    {
      id: 'booking',
      organisation: 'hospital',
      name,
      usersServed: 1,
      valuePerHourCny: 1,
      surfaces: [
        { kind: 'web', name: 'booking.example' },
        { kind: 'api', name: 'api.booking.example/v1' },
      ],
    },
  ],
};
const index = compileEstate(estate);
const none = { addresses: [], names: [], businesses: [], sectors: [] };
const who = (scope: Partial<typeof none> | object) => index.audience({ ...none, ...scope }).map(({ organisation: id }) => id);

describe('whom a finding concerns', () => {
  test('the longest registered network, and the asset before the network', () => {
    expect(index.concerned({ addresses: ['198.51.100.200'], names: [] })).toEqual([
      {
        organisation: 'hospital',
        network: 'hospital-dmz',
        asset: 'hospital-portal',
        businesses: ['booking'],
        reasons: [{ text: 'know.concern.asset-address', values: { address: '198.51.100.200', asset: 'hospital-portal' } }],
      },
    ]);
    expect(index.concerned({ addresses: ['198.51.100.129'], names: [] })[0]).toMatchObject({ network: 'hospital-dmz' });
    expect(index.concerned({ addresses: ['198.51.100.1'], names: [] })[0]).toMatchObject({ network: 'hospital-wide' });
    expect(index.concerned({ addresses: ['203.0.113.1', 'not an address'], names: [] })).toEqual([]);
  });

  test('a local address is whose sensor saw it, and nobody else’s', () => {
    expect(index.concerned({ addresses: ['10.1.2.3'], names: [], seenBy: 'water' }).map((one) => one.organisation)).toEqual([
      'water',
    ]);
    expect(index.concerned({ addresses: ['10.1.2.3'], names: [], seenBy: 'clinic' })).toEqual([]);
    expect(index.ownerOf('10.1.2.3')).toBeUndefined();
    expect(index.ownerOf('10.1.2.3', 'hospital')).toBe('hospital');
  });

  test('a name below a registered domain belongs to it; a name below a host does not', () => {
    expect(index.concerned({ addresses: [], names: ['X.Ward.Hospital.Example.'] })[0]).toMatchObject({
      network: 'hospital-wide',
    });
    expect(index.concerned({ addresses: [], names: ['booking.example'] })[0]).toMatchObject({ businesses: ['booking'] });
    // An interface stands below a path of its host.
    expect(index.concerned({ addresses: [], names: ['api.booking.example'] })[0]).toMatchObject({ businesses: ['booking'] });
    expect(index.concerned({ addresses: [], names: ['evil.booking.example', 'nothospital.example'] })).toEqual([]);
  });
});

describe('whom a warning reaches', () => {
  test('by address, inside or around', () => {
    expect(who({ addresses: ['198.51.100.0/22'] })).toEqual(['hospital']);
    expect(who({ addresses: ['2001:db8:1:2::/64'] })).toEqual(['hospital']);
    expect(who({ addresses: ['203.0.113.0/24'] })).toEqual([]);
  });
  test('by name, above or below', () => {
    expect(who({ names: ['example'] })).toEqual(['hospital', 'water']);
    expect(who({ names: ['pump.water.example'] })).toEqual(['water']);
    expect(who({ names: ['ter.example'] })).toEqual([]);
  });
  test('by business: who runs it and who carries it', () =>
    expect(who({ businesses: ['booking'] })).toEqual(['hospital', 'clinic']));
  test('by sector', () => expect(who({ sectors: ['health', 'government'] })).toEqual(['hospital', 'clinic']));
  test('an empty scope reaches nobody', () => expect(who({})).toEqual([]));
});

test('the compiled index answers as comparing with every network would', () => {
  const network = fc
    .tuple(fc.constantFrom(4, 16), fc.integer({ min: 0, max: 128 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
    .map(([length, bits, bytes]) => {
      const prefix = Math.min(bits, length * 8);
      // Few values in the leading bytes, so that networks meet.
      const address = bytes.slice(0, length).map((byte, i) => (i < 2 ? byte & 1 : byte));
      for (let bit = prefix; bit < length * 8; bit++) address[bit >> 3]! &= ~(0x80 >> (bit & 7));
      return `${formatAddress(address, 0, length as 4 | 16)}/${prefix}`;
    });
  fc.assert(
    fc.property(fc.array(network, { maxLength: 30 }), network, (registered, asked) => {
      const compiled = new AddressIndex(registered.map((text) => [text, text] as const));
      const question = parseNetwork(asked)!;
      const parsed = registered.map((text) => ({ text, network: parseNetwork(text)! }));
      const around = parsed.filter((one) => one.network.prefix <= question.prefix && contains(one.network, question.bytes));
      const longest = Math.max(...around.map((one) => one.network.prefix));
      const expected = around.filter((one) => one.network.prefix === longest).map(({ text }) => text);
      expect(compiled.longest(question)).toEqual(expected);
      const inside = parsed.filter((one) => one.network.prefix >= question.prefix && contains(question, one.network.bytes));
      expect(compiled.inside(question).sort()).toEqual(inside.map(({ text }) => text).sort());
    }),
    { numRuns: 500 },
  );
});

describe('a local address in the scope of a warning', () => {
  const network = (holder: string, addresses: string[]): Estate['networks'][number] => ({
    id: `${holder}-lan`,
    organisation: holder,
    name,
    type: 'computer',
    addresses,
    domains: [],
  });
  const asset = { ...estate.assets[0]!, id: 'server', organisation: 'clinic', network: 'clinic-lan', addresses: ['10.1.1.21'] };
  const shared = compileEstate({
    ...estate,
    networks: [
      network('hospital', ['10.0.0.0/8', '10.1.0.0/16', 'fd00::/8', '198.51.0.0/16']),
      network('water', ['10.1.1.0/24', 'fd00:1::/32', '198.51.100.0/24', '169.254.0.0/16']),
      network('clinic', ['10.1.0.0/16']),
    ],
    assets: [{ ...asset, names: [], businesses: [] }],
  });
  const told = (address: string) => shared.audience({ ...none, addresses: [address] });

  test.each([
    ['10.1.1.9', ['clinic', 'hospital', 'water']],
    ['10.1.1.21', ['clinic', 'hospital', 'water']],
    ['10.1.1.0/24', ['clinic', 'hospital', 'water']],
    ['10.9.9.9', ['hospital']],
    ['fd00:1::1', ['hospital', 'water']],
    ['169.254.1.1', ['water']],
    // A public address is one holder's: the longest match says whose.
    ['198.51.100.9', ['water']],
  ])('%s reaches all who hold a network around it', (address, organisations) => {
    expect(
      told(address)
        .map(({ organisation: id }) => id)
        .sort(),
    ).toEqual(organisations);
  });

  test('each is told its own longest network, or its asset', () => {
    const reasons = new Map(told('10.1.1.21').map((one) => [one.organisation, one.reasons.map(({ values }) => values)]));
    expect(reasons.get('hospital')).toEqual([{ address: '10.1.1.21', network: '10.1.0.0/16' }]);
    expect(reasons.get('clinic')).toEqual([{ address: '10.1.1.21', asset: 'server' }]);
  });
});

describe('wider scopes', () => {
  const wide = compileEstate({
    ...estate,
    organisations: [...estate.organisations, { ...organisation('far', 'water'), region: 'south' }],
    networks: [...estate.networks, { id: 'as-lan', organisation: 'clinic', name, type: 'computer', addresses: [], domains: [], asns: ['AS64500'], region: 'south' }],
    businesses: [
      ...estate.businesses,
      { ...estate.businesses[0]!, id: 'billing', organisation: 'clinic', dependsOn: ['booking'] },
      { ...estate.businesses[0]!, id: 'insurance', organisation: 'water', dependsOn: ['billing', 'ring'] },
      { ...estate.businesses[0]!, id: 'ring', organisation: 'water', dependsOn: ['insurance'] },
    ],
  }); // oxfmt-ignore
  test('an autonomous system, and a region by home and by network', () => {
    expect(wide.audience({ ...none, asns: ['AS64500', 'AS1'] })).toEqual([
      { organisation: 'clinic', reasons: [{ text: 'know.concern.asn', values: { asn: 'AS64500', network: 'as-lan' } }] },
    ]);
    expect(wide.audience({ ...none, regions: ['south'] }).map(({ organisation: id }) => id)).toEqual(['clinic', 'far']);
    expect(wide.audience(none)).toEqual([]);
  });

  test('who relies on what is affected, through others too; a circle ends; each learns of its own next link only', () => {
    expect(wide.businessesOf({ ...none, addresses: ['198.51.100.200'] })).toEqual(['booking']);
    expect(wide.dependents(['booking'])).toEqual([
      { organisation: 'clinic', reasons: [{ text: 'know.concern.relies', values: { business: 'billing', on: 'booking' } }] },
      {
        organisation: 'water',
        reasons: [
          { text: 'know.concern.relies', values: { business: 'insurance', on: 'billing' } },
          { text: 'know.concern.relies', values: { business: 'ring', on: 'insurance' } },
          { text: 'know.concern.relies', values: { business: 'insurance', on: 'ring' } },
        ],
      },
    ]);
    expect(wide.dependents([])).toEqual([]);
  });
});
