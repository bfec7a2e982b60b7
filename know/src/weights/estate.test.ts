/** An estate's links: what their services, ends and stand-ins make of them. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { emptyEstate, type Estate } from '@forewarn/model/estate';
import { proposePoints, readWeightRules, weighEstate } from './estate.ts';
import { weightParts } from './weights.ts';
import { whatFalls } from './what-if.ts';

const path = new URL('../../../content/weights/links.yaml', import.meta.url);
const text = readFileSync(path, 'utf8');
const rules = readWeightRules(text, 'weights/links.yaml');

const name = { en: 'x', zh: 'x' };
type Of<K extends keyof Estate> = Estate[K][number];
const network = (id: string, organisation: string): Of<'networks'> => ({
  id,
  organisation,
  name,
  type: 'computer',
  addresses: [],
  domains: [],
});
const link = (id: string, from: string, to: string, capacityMbps = 1000): Of<'links'> => ({
  id,
  organisation: 'a',
  name,
  tier: 'user',
  role: 'primary',
  capacityMbps,
  from,
  to,
});
const asset = (id: string, at: string, business: string): Of<'assets'> => ({
  id,
  organisation: 'a',
  network: at,
  name,
  kind: 'server',
  importance: 'special',
  addresses: [],
  names: [],
  businesses: [business],
});

/** A hospital with two lines to the provider, a works with one; the works' controllers stand behind a link of their own. */
const estate: Estate = {
  ...emptyEstate(),
  networks: [
    network('backbone', 'provider'),
    network('hospital-edge', 'hospital'),
    network('hospital-wards', 'hospital'),
    network('works-edge', 'works'),
    network('works-offices', 'works'),
    network('works-control', 'works'),
  ],
  links: [
    link('hospital-one', 'hospital-edge', 'backbone'),
    link('hospital-two', 'hospital-edge', 'backbone'),
    link('works-line', 'works-edge', 'backbone'),
    link('control-line', 'works-offices', 'works-control', 100),
  ],
  assets: [asset('records', 'hospital-wards', 'care'), asset('pumps', 'works-control', 'water')],
};
const weighed = weighEstate(estate, rules);
const of = (id: string) => weighed.links.find((one) => one.link.id === id)!;

describe('an estate', () => {
  test('shares add up to 1, and each weight is the sum of its parts', () => {
    expect(weightParts.reduce((sum, part) => sum + weighed.shares[part], 0)).toBeCloseTo(1);
    for (const { weight, parts } of weighed.links) {
      expect(weight).toBeCloseTo(weightParts.reduce((sum, part) => sum + parts[part].points, 0));
      expect(weight).toBeLessThanOrEqual(1 + 1e-9);
    }
  });

  test('a link that nothing stands in for weighs more than one of two', () => {
    expect(of('works-line').ways).toBe(1);
    expect(of('hospital-one').ways).toBe(2);
    expect(of('works-line').weight).toBeGreaterThan(of('hospital-one').weight);
  });

  test('services are found behind wires that nobody registers', () => {
    expect(of('control-line').carries[0]).toEqual({ business: 'water', criticality: 1, share: 1 });
    const [one, two] = ['hospital-one', 'hospital-two'].map(
      (id) => of(id).carries.find(({ business }) => business === 'care')!.share,
    );
    expect(one).toBeCloseTo(two!);
    expect(one! + two!).toBeCloseTo(4204 / 6205);
    expect(of('works-line').carries.map(({ business }) => business)).toContain('water');
  });

  test('the provider’s point watches what ends there; the works’ own sensor would be missed', () => {
    const plan = proposePoints(weighed, ({ weight }) => weight, new Set(['control-line']), 5);
    expect(plan.points).toMatchObject([{ network: 'backbone', links: ['hospital-one', 'hospital-two', 'works-line'] }]);
    expect(plan.points[0]!.coverage).toBeCloseTo(1);
    expect(plan.lost).toEqual(['control-line']);
  });

  test('an empty estate weighs nothing and does not fail', () => {
    const none = weighEstate(emptyEstate(), rules);
    expect(none.links).toEqual([]);
    expect(proposePoints(none, () => 0, new Set(), 5).points).toEqual([]);
  });
});

describe('what if', () => {
  const business = (id: string, organisation: string, usersServed: number): Of<'businesses'> => ({
    id,
    organisation,
    name,
    usersServed,
    valuePerHourCny: 100,
    surfaces: [],
  });
  const whole: Estate = { ...estate, businesses: [business('care', 'hospital', 600), business('water', 'works', 60)] };
  const falls = (taken: Parameters<typeof whatFalls>[1]) => whatFalls(whole, taken).map(({ business: id, share }) => [id, share]);

  test('one of two lines: nothing; both: the hospital is cut off from the others, and they from it', () => {
    expect(falls({ links: new Set(['hospital-one']) })).toEqual([]);
    // Links of 2,000 Mbit/s end at the hospital, 4,200 elsewhere; each network counts 1 besides.
    const both = falls({ links: new Set(['hospital-one', 'hospital-two']) });
    expect(both[0]).toEqual(['care', { least: expect.closeTo(4204 / 6206), most: expect.closeTo(4204 / 6206) }]);
    expect(both[1]).toEqual(['water', { least: expect.closeTo(2002 / 6206), most: expect.closeTo(2002 / 6206) }]);
  });

  test('users and money are those of the share', () => {
    const [care] = whatFalls(whole, { links: new Set(['hospital-one', 'hospital-two']) });
    expect(care!.users.most).toBeCloseTo((600 * 4204) / 6206);
    expect(care!.cnyPerHour.least).toBeCloseTo((100 * 4204) / 6206);
  });

  test('a network that carries a part of a service: none or all of it may fall', () => {
    const spread: Estate = { ...whole, assets: [...whole.assets, asset('archive', 'hospital-edge', 'care')] };
    const [care] = whatFalls(spread, { networks: new Set(['hospital-wards']) });
    expect(care!.share.least).toBeCloseTo(1 / 6206);
    expect(care!.share.most).toBe(1);
  });

  test('an organisation away: its own services wholly, others’ where they pass it', () => {
    const gone = falls({ organisations: new Set(['provider']) });
    expect(gone.map(([id]) => id)).toEqual(['care', 'water']);
    expect(whatFalls(whole, { organisations: new Set(['hospital']) })[0]).toMatchObject({
      business: 'care',
      share: { least: 1, most: 1 },
    });
  });
});

describe('the content file', () => {
  test('its judgements agree with one another', () => {
    expect(rules.inconsistency).toBeCloseTo(0, 9);
    expect(rules.judged.criticality).toBeCloseTo(4 / 9);
  });

  test('a pair that is missing, or a circle, is refused', () => {
    expect(() => readWeightRules(text.replace(/^.*other: singleness, times: 1.*$/m, ''), 'x.yaml')).toThrow(/not between/);
    expect(() => readWeightRules(text.replace('other: capacity, times: 4', 'other: capacity, times: 0.2'), 'x.yaml')).toThrow(
      'content',
    );
  });
});
