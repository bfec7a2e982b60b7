import { describe, expect, it } from 'vitest';
import type { WarningContent, WarningEvent, WarningScope } from '@forewarn/model/warning';
import { audience, isValid, leadTime, planFields, reactionTimes, warningState, type WarnedEstate } from './warning.ts';

const noon = 1_795_000_000;
const scope: WarningScope = { addresses: [], names: [], businesses: [], sectors: [], organisations: [] };
const content: WarningContent = {
  title: 'Beacons to a known control server',
  incidentType: 'BI',
  colour: 'orange',
  startAt: noon,
  validUntil: noon + 86_400,
  scope,
  mattersToNote: 'Look for outbound TLS to the address.',
  measures: [
    { id: 'block', text: 'Block the address.', dueAt: noon + 3600, needs: 600 },
    { id: 'reimage', text: 'Rebuild infected hosts.', dueAt: noon + 3600, needs: 36_000 },
  ],
  issuingAuthority: 'centre',
};
const draft: WarningEvent = { kind: 'draft', at: noon, by: 'li', content };
const issue: WarningEvent = { kind: 'issue', at: noon + 10, by: 'li', audience: ['hospital', 'water'] };
const acknowledge = (organisation: string): WarningEvent => ({ kind: 'acknowledge', at: noon + 20, by: 'x', organisation });
const adjust: WarningEvent = {
  kind: 'adjust',
  at: noon + 30,
  by: 'li',
  reason: 'it spreads',
  content: { ...content, colour: 'red' },
  audience: ['hospital', 'bank'],
};
const lift: WarningEvent = { kind: 'lift', at: noon + 40, by: 'li', reason: 'over' };

describe('a warning', () => {
  it('goes from draft to issued, adjusted and lifted, and asks for an acknowledgement of each edition', () => {
    expect(warningState([draft])).toMatchObject({ state: 'draft', edition: 0, issuedAt: null, unacknowledged: [] });
    expect(warningState([draft, issue, acknowledge('water')])).toMatchObject({
      state: 'issued',
      edition: 1,
      unacknowledged: ['hospital'],
    });
    const adjusted = warningState([draft, issue, acknowledge('water'), adjust]);
    // Whoever got the first edition gets the second, though its audience no longer names them.
    expect(adjusted).toMatchObject({
      state: 'adjusted',
      edition: 2,
      content: { colour: 'red' },
      unacknowledged: ['hospital', 'water', 'bank'],
    });
    expect(warningState([draft, issue, adjust, lift])).toMatchObject({
      state: 'lifted',
      liftedAt: noon + 40,
      unacknowledged: [],
    });
  });

  it.each([
    ['a lift before the issue', [draft, lift]],
    ['an issue to nobody', [draft, { ...issue, audience: [] }]],
    ['a second issue', [draft, issue, issue]],
    ['an acknowledgement by a stranger', [draft, issue, acknowledge('bank')]],
    ['anything after lifting', [draft, issue, lift, acknowledge('water')]],
    [
      'an unknown measure',
      [draft, issue, { kind: 'measure-done', at: noon + 20, by: 'x', organisation: 'water', measure: 'pray' }],
    ],
    ['no draft', [issue]],
  ] as [string, WarningEvent[]][])('refuses %s', (_name, events) => {
    expect(() => warningState(events)).toThrow(
      expect.objectContaining({ name: 'Refusal', code: expect.stringMatching(/^warning\./) }),
    );
  });

  it('shows the reaction time given against needed, per measure', () => {
    expect(reactionTimes(warningState([draft, issue]), noon + 1810)).toEqual([
      { measure: 'block', given: 3590, needs: 600, left: 1790, enough: true },
      { measure: 'reimage', given: 3590, needs: 36_000, left: 1790, enough: false },
    ]);
  });

  it('is valid from its issue to its end', () => {
    const issued = warningState([draft, issue]);
    expect([noon + 9, noon + 10, noon + 86_400, noon + 86_401].map((at) => isValid(issued, at))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(isValid(warningState([draft, issue, lift]), noon + 40)).toBe(false);
  });

  it('carries the eight fields of the plan', () => {
    expect(Object.keys(planFields(content))).toEqual([
      'incident_type',
      'colour',
      'start_time',
      'possible_scope',
      'matters_to_note',
      'measures_to_take',
      'deadline_for_measures',
      'issuing_authority',
    ]);
  });
});

const estate: WarnedEstate = {
  organisations: [
    { id: 'centre' },
    { id: 'hospital', sector: 'health' },
    { id: 'water', sector: 'water' },
    { id: 'bank', sector: 'finance' },
  ],
  networks: [
    { organisation: 'hospital', addresses: ['203.0.113.0/24', '2001:db8:1::/48'], domains: ['hospital.example'] },
    { organisation: 'water', addresses: ['198.51.100.0/25'], domains: ['water.example'] },
    { organisation: 'bank', addresses: ['198.51.100.128/25'], domains: ['bank.example'] },
  ],
  assets: [{ organisation: 'water', addresses: ['10.1.2.3'], names: ['scada.plant.example'], businesses: ['drinking-water'] }],
  businesses: [
    { id: 'drinking-water', organisation: 'water', surfaces: [] },
    { id: 'pay', organisation: 'bank', surfaces: [{ name: 'pay.example' }] },
  ],
};
const reached = (part: Partial<WarningScope>): string[] =>
  audience({ ...scope, ...part }, estate).map((concern) => concern.organisation);

describe('the audience', () => {
  it.each([
    [{ addresses: ['203.0.113.7'] }, ['hospital']],
    [{ addresses: ['203.0.113.0/24'] }, ['hospital']],
    [{ addresses: ['203.0.0.0/16'] }, ['hospital']],
    [{ addresses: ['203.0.114.0/24'] }, []],
    [{ addresses: ['198.51.100.0/24'] }, ['water', 'bank']],
    [{ addresses: ['198.51.100.127'] }, ['water']],
    [{ addresses: ['198.51.100.128'] }, ['bank']],
    [{ addresses: ['2001:db8:1:2::1'] }, ['hospital']],
    [{ addresses: ['2001:db8:2::1'] }, []],
    [{ addresses: ['10.1.2.3/32'] }, ['water']],
    [{ addresses: ['0.0.0.0/0'] }, ['hospital', 'water', 'bank']],
    [{ names: ['www.hospital.example'] }, ['hospital']],
    [{ names: ['HOSPITAL.example.'] }, ['hospital']],
    [{ names: ['example'] }, ['hospital', 'water', 'bank']],
    [{ names: ['myhospital.example'] }, []],
    [{ names: ['plant.example'] }, ['water']],
    [{ names: ['other.plant.example'] }, []],
    [{ names: ['pay.example'] }, ['bank']],
    [{ businesses: ['drinking-water'] }, ['water']],
    [{ sectors: ['health', 'finance'] }, ['hospital', 'bank']],
    [{ organisations: ['centre'] }, ['centre']],
    [{}, []],
  ] as [Partial<WarningScope>, string[]][])('of %j is %j', (part, expected) => {
    expect(reached(part)).toEqual(expected);
  });

  it('gives each addressee its reasons', () => {
    const [water] = audience({ ...scope, addresses: ['198.51.100.0/26'], businesses: ['drinking-water'] }, estate);
    expect(water!.reasons).toContainEqual({ kind: 'address', scope: '198.51.100.0/26', registered: '198.51.100.0/25' });
    expect(water!.reasons).toContainEqual({ kind: 'business', scope: 'drinking-water', registered: 'drinking-water' });
  });

  it.each([
    [{ addresses: ['203.0.113'] }, 'scope.addresses[0]'],
    [{ names: ['a b'] }, 'scope.names[0]'],
    [{ organisations: ['nobody'] }, 'scope.organisations[0]'],
  ] as [Partial<WarningScope>, string][])('refuses %j and names the field', (part, field) => {
    expect(() => reached(part)).toThrow(expect.objectContaining({ code: 'warning.scope', place: { field } }));
  });

  it('agrees with comparing everything with everything', () => {
    // Small networks at random, so that many contain each other; the plain comparison is the definition.
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const network = (): string => {
      const prefix = random(17) + 16;
      const value = ((10 << 24) | (random(4) << 16) | (random(256) << 8) | random(256)) >>> 0;
      const masked = (value & (0xffffffff << (32 - prefix))) >>> 0;
      return `${masked >>> 24}.${(masked >>> 16) & 255}.${(masked >>> 8) & 255}.${masked & 255}/${prefix}`;
    };
    const bits = (text: string): string =>
      text
        .split('/')[0]!
        .split('.')
        .map((part) => Number(part).toString(2).padStart(8, '0'))
        .join('')
        .slice(0, Number(text.split('/')[1]));
    const organisations = Array.from({ length: 200 }, (_, i) => ({ id: `o${i}` }));
    const networks = organisations.map(({ id }) => ({ organisation: id, addresses: [network(), network()], domains: [] }));
    const addresses = Array.from({ length: 30 }, network);
    const overlap = (a: string, b: string): boolean => bits(a).startsWith(bits(b)) || bits(b).startsWith(bits(a));
    const expected = networks
      .filter((each) => each.addresses.some((a) => addresses.some((b) => overlap(a, b))))
      .map((each) => each.organisation);
    const found = audience({ ...scope, addresses }, { organisations, networks, assets: [], businesses: [] });
    expect(found.map((concern) => concern.organisation)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(5);
  });
});

describe('the lead time', () => {
  it('runs from the issue to the harm, and is negative when the warning came too late', () => {
    expect(leadTime(warningState([draft, issue]), noon + 70)).toBe(60);
    expect(leadTime(warningState([draft, issue]), noon)).toBe(-10);
    expect(leadTime(warningState([draft]), noon)).toBeNull();
  });
});
