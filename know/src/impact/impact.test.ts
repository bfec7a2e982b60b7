import { describe, expect, test } from 'vitest';
import type { Asset, Business } from '@forewarn/model/estate';
import { assetsMet, serviceImpact, shareBehindLinks, type Steps } from './impact.ts';

const name = { en: 'n', zh: '名' };
const asset = (id: string, addresses: string[], businesses: string[]): Asset => ({
  id,
  organisation: 'works',
  network: 'lan',
  name,
  kind: 'server',
  importance: 'general',
  addresses,
  names: [],
  businesses,
});
const business = (id: string, usersServed: number, valuePerHourCny: number): Business => ({
  id,
  organisation: 'works',
  name,
  usersServed,
  valuePerHourCny,
  surfaces: [],
});

/** Steps of a minute: ten before, twenty since. `x` answered, `.` silent, `?` nobody watched. */
const drawn = (addresses: { [address: string]: string }): Steps => {
  const [first] = Object.values(addresses);
  const all = [...first!].keys().toArray();
  return {
    seconds: 60,
    from: 0,
    count: first!.length,
    since: 10,
    watched: new Map([['works', new Set(all.filter((i) => first![i] !== '?'))]]),
    answered: new Map([
      [
        'works',
        new Map(Object.entries(addresses).map(([address, line]) => [address, new Set(all.filter((i) => line[i] === 'x'))])),
      ],
    ]),
  };
};
const steady = 'xxxxxxxxxx';
const estate = { assets: [asset('shop', ['10.0.0.1'], ['sale'])], businesses: [business('sale', 600, 1200)] };
const impact = (steps: Steps, of = estate) => {
  const { made, not } = serviceImpact({ estate: of, assets: of.assets, steps });
  return { ...Object.fromEntries(made.map(({ fact, value }) => [fact, value])), not: not.map(({ why }) => why.text) };
};

describe('what an incident did to services', () => {
  test('silence of a steady machine is outage, within the steps around it', () => {
    expect(impact(drawn({ '10.0.0.1': `${steady}xxxxxxxx............` }))).toEqual({
      hosts_down: { kind: 'quantity', value: 1 },
      services_down: { kind: 'quantity', value: 1 },
      service_outage_minutes: { kind: 'interval', min: 12, max: 14 },
      user_hours_lost: { kind: 'interval', min: 120, max: 140 },
      service_value_lost_cny: { kind: 'interval', min: 240, max: 280 },
      not: [],
    });
  });

  test('an outage that is over counts, and what answers again is not down', () => {
    expect(impact(drawn({ '10.0.0.1': `${steady}xx......xxxxxxxxxxxx` }))).toMatchObject({
      hosts_down: { kind: 'quantity', value: 0 },
      service_outage_minutes: { kind: 'interval', min: 6, max: 8 },
    });
    expect(impact(drawn({ '10.0.0.1': `${steady}xx..xxxx..xxxxxxxxxx` }))).toMatchObject({
      service_outage_minutes: { kind: 'quantity', value: 0 },
    });
  });

  test('where nobody watched, silence is no outage for certain, and nothing is down', () => {
    expect(impact(drawn({ '10.0.0.1': `${steady}xx....??????????????` }))).toMatchObject({
      hosts_down: { kind: 'quantity', value: 0 },
      service_outage_minutes: { kind: 'interval', min: 4, max: 20 },
    });
  });

  test('a machine that was asked now and then says nothing', () => {
    expect(impact(drawn({ '10.0.0.1': `x...x...x.....................` })).not).toContain('know.impact.not-steady');
    expect(impact(drawn({ '10.0.0.1': `${steady}..` })).not).toContain('know.impact.too-soon');
    expect(impact(drawn({ '10.0.0.1': `${steady}....` }), { assets: [], businesses: [] }).not).toContain('know.impact.no-asset');
  });

  test('a service stands while one of its machines answers', () => {
    const two = { ...estate, assets: [...estate.assets, asset('spare', ['10.0.0.2'], ['sale'])] };
    const steps = drawn({ '10.0.0.1': `${steady}....................`, '10.0.0.2': `${steady}xxxxxxxxxxxxxxxxxxxx` });
    expect(impact(steps, two)).toMatchObject({
      hosts_down: { kind: 'quantity', value: 1 },
      services_down: { kind: 'quantity', value: 0 },
      service_outage_minutes: { kind: 'quantity', value: 0 },
    });
  });
});

test('what was hit, and what carries the same services', () => {
  const assets = [asset('a', [], ['one']), asset('b', [], ['one', 'two']), asset('c', [], ['two'])];
  expect(assetsMet({ assets }, new Set(['a'])).map(({ id }) => id)).toEqual(['a', 'b']);
});

test('of users behind links the region hit hardest counts', () => {
  const businesses = [
    { ...business('sale', 100, 0), regions: ['north', 'south'] },
    { ...business('bank', 300, 0), regions: ['south'] },
  ];
  const fallen = { organisation: 'works', cnyPerHour: { least: 0, most: 0 }, itself: true, through: [], lasts: null, toleratedOutageHours: null, outlasts: null }; // oxfmt-ignore
  const lost = { ...fallen, business: 'sale', share: { least: 0.5, most: 1 }, users: { least: 50, most: 100 }, regions: ['north', 'south'] }; // oxfmt-ignore
  expect(shareBehindLinks({ businesses, organisations: [] }, [lost], 1)).toMatchObject({
    value: { kind: 'interval', min: 0.5, max: 1 },
    parts: [
      { id: 'north', value: { kind: 'interval', min: 0.5, max: 1 } },
      { id: 'south', value: { kind: 'interval', min: 0.125, max: 0.25 } },
    ],
  });
  expect(shareBehindLinks({ businesses, organisations: [] }, [], 0)).toMatchObject({ why: { text: 'know.impact.no-link' } });
});
