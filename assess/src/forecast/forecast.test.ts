/** The forecast: that courses only grow, that what lasts is banded as it is said to be, what it says of single cases, and how it is scored. */

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { array, assert, boolean, constantFrom, double, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assembleContent } from '@forewarn/model/content';
import type { FactDefinition, FactValue } from '@forewarn/model/facts';
import { coursesCount, type KeptForecast } from '@forewarn/model/forecast';
import { compileScheme } from '../grade.ts';
import { courseOf, factsIn, normalQuantile, quantiles, rateOf, type Known, type Statement } from './course.ts';
import { forecast, reasonsOf, seriousness } from './forecast.ts';
import { readForecastModel } from './model.ts';
import { brierOf, calibration, factMet, outcomeOf } from './score.ts';

const root = fileURLToPath(new URL('../../../content/', import.meta.url));
const paths = ['facts', 'gradings'].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true }).map((path) => `${folder}/${String(path)}`),
);
const files = paths.filter((path) => path.endsWith('.yaml')).map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));
const { content } = assembleContent(files);
const text = readFileSync(`${root}forecast/model.yaml`, 'utf8');
const model = readForecastModel(text, 'forecast/model.yaml', content.facts);
const scheme = compileScheme(content.schemes.get('cn-reporting-2025')!, content.facts);
const levels = scheme.scheme.levels.map(({ level }) => level);

const hour = 3600;
const now = 1_764_000_000;
const exact = (fact: string, value: number, hoursAgo = 0): Statement => ({ fact, value: { kind: 'quantity', value }, at: now - hoursAgo * hour }); // oxfmt-ignore
const span = (fact: string, min: number, max: number | null, hoursAgo = 0): Statement => ({ fact, value: { kind: 'interval', min, max }, at: now - hoursAgo * hour }); // oxfmt-ignore
const known = (statements: Statement[], more: Partial<Known> = {}): Known => ({ at: now, statements, reached: [], over: false, ...more }); // oxfmt-ignore
const of = (k: Known) => forecast(scheme, content.facts, k, model);
const quantity = (id: string) => content.facts.get(id) as FactDefinition & { kind: 'quantity' };
const inCourse = (statements: Statement[], hours: number, q: number): number =>
  courseOf(quantity(statements[0]!.fact), statements, { model, at: now + hours * hour, over: false, q })!;

describe('the parameters', () => {
  test('are marked as nobody’s norm, and look 1, 6 and 24 hours ahead', () => {
    expect([model.confidence, model.horizonsSeconds]).toEqual(['U', [hour, 6 * hour, 24 * hour]]);
  });
  test.each([
    ['fact: people_affected', 'fact: hearsay', /"hearsay" is no fact/],
    ['[portal_outage_hours,', '[people_affected,', /tells a time/],
    ['[3600, 21600', '[3600, 1800', /Horizons grow/],
    ['spread: 0.8', 'spread: often', /expected number/],
  ])('%s as %s is refused', (from, to, message) => {
    const refused = (): string => {
      try {
        readForecastModel(text.replace(from, to), 'm.yaml', content.facts);
        return '';
      } catch (error) {
        return (error as AggregateError).errors.map(({ message: said }: Error) => said).join();
      }
    };
    expect(refused()).toMatch(message);
  });
});

describe('a course', () => {
  test('of what lasts: even chance to end within as long again', () => {
    const outage = [exact('cii_total_outage_hours', 2)];
    // Half of the courses end within two hours more: the two middle ones lie around it.
    expect(inCourse(outage, 24, 0.5)).toBeCloseTo(4, 10);
    expect(inCourse(outage, 1, 0.5)).toBe(3);
    expect(inCourse(outage, 24, 0.05)).toBeCloseTo(2 + (2 * 0.05) / 0.95, 10);
    expect(inCourse(outage, 24, 0.95)).toBe(26);
    expect(inCourse([exact('cii_total_outage_hours', 0)], 24, 0.95)).toBe(0);
  });

  test('of what grows: its rate halves in six hours; of one statement half of the courses stay', () => {
    const people = [exact('people_affected', 1000, 4), exact('people_affected', 3000, 0)];
    expect(rateOf(people, model)).toBe(500);
    const tau = 6 / Math.LN2;
    expect(inCourse(people, 6, 0.5)).toBe(Math.round(3000 + 500 * tau * 0.5));
    expect(inCourse([exact('people_affected', 1000)], 24, 0.45)).toBe(1000);
    expect(inCourse([exact('people_affected', 1000)], 24, 0.95)).toBeGreaterThan(1500);
    // Corrected downwards is no trend; too long ago is none either.
    expect(rateOf([exact('people_affected', 9, 2), exact('people_affected', 5)], model)).toBe(0);
    expect(rateOf([exact('people_affected', 5, 40), exact('people_affected', 9)], model)).toBeUndefined();
    expect(rateOf([exact('people_affected', 5), exact('people_affected', 9)], model)).toBeUndefined();
  });

  test('never passes what can be, and stays where it is over', () => {
    const share = [exact('province_population_share', 0.5, 2), exact('province_population_share', 0.9)];
    expect(inCourse(share, 24, 0.95)).toBe(1);
    const over = factsIn(known([exact('cii_total_outage_hours', 2)], { over: true }), content.facts, { model, at: now + 24 * hour, q: 0.95 }); // oxfmt-ignore
    expect(over.facts.cii_total_outage_hours!.value).toEqual({ kind: 'quantity', value: 2 });
  });

  test('takes services with it once they are out for longer than their users bear', () => {
    const service = (business: string, itself: boolean, toleratedOutageHours: number | null) => ({
      business,
      users: { least: 1000, most: 2000 },
      cnyPerHour: { least: 0, most: 0 },
      itself,
      toleratedOutageHours,
    });
    const reached = [service('hit', true, null), service('patient', false, 10), service('unsaid', false, null)];
    const people = (statements: Statement[], q: number, hours: number) =>
      factsIn(known(statements, { reached }), content.facts, { model, at: now + hours * hour, q }).facts.people_affected?.value;
    const outage = [exact('cii_total_outage_hours', 2)];
    expect(people(outage, 0.05, 1)).toEqual({ kind: 'quantity', value: 1050 });
    expect(people(outage, 0.95, 1)).toEqual({ kind: 'quantity', value: 3900 });
    expect(people(outage, 0.95, 24)).toEqual({ kind: 'quantity', value: 5850 });
    // Nothing is out: nothing falls. What people counted is not lowered.
    expect(people([], 0.95, 24)).toBeUndefined();
    expect(people([...outage, exact('people_affected', 1_000_000)], 0.45, 1)).toEqual({ kind: 'quantity', value: 1_000_000 });
  });

  test('normal quantiles are those of the table', () => {
    for (const [q, z] of [
      [0.5, 0],
      [0.95, 1.644854],
      [0.05, -1.644854],
      [0.99, 2.326348],
      [0.001, -3.090232],
    ] as const)
      // oxfmt-ignore
      expect(normalQuantile(q)).toBeCloseTo(z, 5);
  });

  test('only grows with its quantile and with time, and so does its level', () => {
    const value = integer({ min: 0, max: 3_000_000 }).map((n) => n / 7);
    const statement = record({
      fact: constantFrom('people_affected', 'cii_total_outage_hours', 'direct_loss_cny', 'province_population_share', 'persons_leaked'), // oxfmt-ignore
      low: value,
      more: value,
      open: boolean(),
      hoursAgo: integer({ min: 0, max: 30 }),
    });
    const statements = array(statement, { maxLength: 12 }).map((list) =>
      list
        .map(({ fact, low, more, open, hoursAgo }): Statement => {
          const most = content.facts.get(fact)!.kind === 'quantity' ? (quantity(fact).max ?? Infinity) : Infinity;
          const min = Math.min(low, most);
          return span(fact, min, open ? null : Math.min(most, min + more), hoursAgo);
        })
        .sort((a, b) => a.at - b.at),
    );
    const reached = array(
      record({ users: integer({ min: 0, max: 1e6 }), more: integer({ min: 0, max: 1e6 }), itself: boolean(), bears: constantFrom(null, 0, 3, 30) }), // oxfmt-ignore
      { maxLength: 4 },
    ).map((list) => list.map(({ users, more, itself, bears }, i) => ({ business: `b${i}`, users: { least: users, most: users + more }, cnyPerHour: { least: users, most: users + more }, itself, toleratedOutageHours: bears }))); // oxfmt-ignore
    assert(
      property(statements, reached, (list, services) => {
        const k = known(list, { reached: services });
        const points = of(k);
        for (const [i, { courses, lightest, expected, gravest }] of points.entries()) {
          for (let n = 1; n < coursesCount; n++)
            expect(seriousness(courses[n]!)).toBeGreaterThanOrEqual(seriousness(courses[n - 1]!));
          expect(seriousness(lightest)).toBeLessThanOrEqual(seriousness(expected));
          expect(seriousness(expected)).toBeLessThanOrEqual(seriousness(gravest));
          const earlier = (points[i - 1] ?? points[i]!).courses;
          for (const [n, level] of courses.entries()) expect(seriousness(level)).toBeGreaterThanOrEqual(seriousness(earlier[n]!));
          const raw = quantiles.map((q) => factsIn(k, content.facts, { model, at: now + points[i]!.horizonSeconds, q }).facts);
          for (const fact of points[i]!.facts) {
            expect(fact.low).toBeLessThanOrEqual(fact.middle);
            expect(fact.middle).toBeLessThanOrEqual(fact.high);
            for (let n = 1; n < coursesCount; n++) {
              const [a, b] = [n - 1, n].map((course) => {
                const told = raw[course]![fact.fact]?.value;
                return told?.kind === 'quantity' ? told.value : 0;
              });
              expect(a).toBeLessThanOrEqual(b!);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('an outage that lasts as outages do', () => {
  test('lies in the band eight times in ten', () => {
    // P(it lasts longer than T + x | it lasted T) = T / (T + x), drawn by its inverse at even steps: nothing is left to chance.
    const outage = [exact('cii_total_outage_hours', 3)];
    const draws = Array.from({ length: 2000 }, (_, i) => (i + 0.5) / 2000);
    for (const hours of [1, 6, 24]) {
      const [low, high] = [inCourse(outage, hours, 0.1), inCourse(outage, hours, 0.9)];
      const inside = draws.filter((u) => {
        const lasted = 3 + Math.min(hours, (3 * u) / (1 - u));
        return lasted >= low - 1e-9 && lasted <= high + 1e-9;
      }).length;
      // Where the horizon ends it, all that last on lie in it as well.
      expect(inside / draws.length).toBeGreaterThanOrEqual(0.8);
    }
    const levelsHit = draws.filter((u) => {
      const actual = scheme.scheme && of(known([exact('cii_total_outage_hours', 3 + Math.min(24, (3 * u) / (1 - u)))], { over: true }))[0]!.expected; // oxfmt-ignore
      const made = of(known(outage))[2]!;
      return seriousness(actual) >= seriousness(made.lightest) && seriousness(actual) <= seriousness(made.gravest);
    }).length;
    expect(levelsHit / draws.length).toBeGreaterThanOrEqual(0.8);
  });
});

describe('the forecast of an incident', () => {
  test('grows over the horizons, names what moves, and says why', () => {
    const k = known([exact('cii_total_outage_hours', 0.5, 1), exact('people_affected', 60_000, 3), exact('people_affected', 90_000)]); // oxfmt-ignore
    const points = of(k);
    expect(points.map(({ expected }) => seriousness(expected))).toEqual(points.map(({ expected }) => seriousness(expected)).toSorted((a, b) => a - b)); // oxfmt-ignore
    expect(seriousness(points[2]!.gravest)).toBeGreaterThan(seriousness(points[0]!.lightest));
    expect(points[1]!.facts.map(({ fact, movement }) => [fact, movement])).toEqual([
      ['cii_total_outage_hours', 'lasting'],
      ['people_affected', 'growing'],
    ]);
    expect(reasonsOf(scheme, content.facts, k, model).map((one) => one.text)).toEqual([
      'assess.forecast.lasting',
      'assess.forecast.grows',
    ]);
    expect(reasonsOf(scheme, content.facts, known([]), model)).toEqual([{ text: 'assess.forecast.still' }]);
  });

  test('of which nothing is known stays at what is proven; what is over stays', () => {
    const nothing = of(known([]));
    expect(new Set(nothing.flatMap(({ courses }) => courses)).size).toBe(1);
    const over = of(known([exact('cii_total_outage_hours', 2)], { over: true }));
    expect(over.every(({ lightest, gravest }) => lightest === gravest)).toBe(true);
  });

  test('the order in which facts were stated of different things does not matter', () => {
    const statements = [exact('cii_total_outage_hours', 0.5), exact('people_affected', 90_000), span('direct_loss_cny', 1e6, null)]; // oxfmt-ignore
    expect(of(known(statements.toReversed()))).toEqual(of(known(statements)));
  });
});

describe('what came of it', () => {
  const kept = (more: Partial<KeptForecast> = {}): KeptForecast => ({
    id: 'f',
    incident: 'i',
    scheme: 's',
    model: '1',
    at: 0,
    dueAt: hour,
    horizonSeconds: hour,
    now: 4,
    lightest: 4,
    expected: 3,
    gravest: 2,
    courses: [4, 4, 4, 4, 3, 3, 3, 3, 2, 2],
    facts: [],
    scoredAt: hour,
    actual: 3,
    confirmed: true,
    outcomes: [],
    ...more,
  });

  test('is the level by what was known for its due time, as far as written down in time; silence confirms nothing', () => {
    const made = { at: now, dueAt: now + hour, facts: of(known([exact('people_affected', 100)]))[0]!.facts };
    const entered = (value: number, at: number, enteredAt = at): Statement & { enteredAt: number } => ({ fact: 'people_affected', value: { kind: 'quantity', value } as FactValue, at, enteredAt }); // oxfmt-ignore
    const came = (statements: ReturnType<typeof entered>[], endedAt: number | null = null) =>
      outcomeOf(scheme, content.facts, made, { statements, enteredBy: now + hour + 900, endedAt });
    const before = entered(100, now - 10);
    expect(came([before])).toMatchObject({ confirmed: false, outcomes: [] });
    expect(came([before], now + 5)).toMatchObject({ confirmed: true });
    expect(came([before], now + hour + 1)).toMatchObject({ confirmed: false });
    const grown = came([before, entered(200_000, now + 60)]);
    expect(grown).toMatchObject({ confirmed: true, outcomes: [{ fact: 'people_affected', min: 200_000, max: 200_000 }] });
    expect(seriousness(grown.actual)).toBeGreaterThan(seriousness(came([before]).actual));
    // Known for later, or written down too late: not of this forecast.
    expect(came([before, entered(200_000, now + hour + 1)]).confirmed).toBe(false);
    expect(came([before, entered(200_000, now + 60, now + hour + 901)]).confirmed).toBe(false);
    expect(came([before, entered(200_000, now + 60, now + hour + 900)]).confirmed).toBe(true);
  });

  test('a sure and right forecast scores 0, a sure and wrong one 1 for each level between', () => {
    const sure = (level: number, actual: number | null) => brierOf({ courses: Array.from({ length: 10 }, () => level), actual }, [1, 2, 3, 4]); // oxfmt-ignore
    expect(sure(3, 3)).toBe(0);
    expect(sure(3, 1)).toBe(0.5);
    expect(sure(4, null)).toBe(0.25);
    // By hand: reached 1 with 0, 2 with 0.2, 3 with 0.6, 4 with 1; came 3.
    expect(brierOf(kept(), [1, 2, 3, 4])).toBeCloseTo((0 + 0.04 + 0.16 + 0) / 4, 12);
  });

  test('calibration counts what was confirmed, per horizon, against "it stays"', () => {
    const list = [
      kept(),
      kept({ actual: 1 }),
      kept({ actual: 4 }),
      kept({ confirmed: false, actual: 1 }),
      kept({ scoredAt: null }),
      kept({ horizonSeconds: 6 * hour, actual: 2, facts: [{ fact: 'people_affected', unit: 'persons', movement: 'growing', now: null, low: 10, middle: 20, high: 30 }], outcomes: [{ fact: 'people_affected', min: 31, max: null }] }), // oxfmt-ignore
    ];
    const told = calibration(list, levels);
    expect(told.count).toBe(4);
    expect(told.horizons[0]).toMatchObject({ horizonSeconds: hour, count: 3, inside: 2 / 3, hit: 1 / 3, graver: 1, lighter: 1 });
    expect(told.horizons[0]!.brier!).toBeLessThan(told.horizons[0]!.brierStays!);
    expect(told.horizons[1]).toMatchObject({ count: 1, inside: 1, hit: 0 });
    expect(told.facts).toEqual([{ fact: 'people_affected', count: 1, inside: 0, above: 1, below: 0 }]);
    // Level 4 was proven already and is left out: three levels of four forecasts are twelve statements.
    expect(told.reliability.reduce((sum, { count }) => sum + count, 0)).toBe(12);
    expect(told.reliability.find(({ probability }) => probability === 0.6)).toMatchObject({ count: 4, observed: 3 / 4 });
    expect(calibration(list.toReversed(), levels)).toEqual(told);
    expect(calibration([], levels)).toEqual({ count: 0, horizons: [], reliability: [], facts: [] });
  });

  test('a span meets a band that it touches', () => {
    assert(
      property(double({ min: 0, max: 100, noNaN: true }), double({ min: 0, max: 100, noNaN: true }), (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(factMet({ low, high }, { min: high, max: null })).toBe('inside');
        expect(factMet({ low, high }, { min: 0, max: low })).toBe('inside');
        expect(factMet({ low, high }, { min: high + 1, max: high + 2 })).toBe('above');
        expect(factMet({ low: low + 1, high: high + 1 }, { min: 0, max: low })).toBe('below');
      }),
    );
  });
});
