import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readBehaviourSettings } from '../behaviours/behaviour.ts';
import { confidenceOf, deviationOf, hourSeconds, seasonHours, seasonOf, weekSeconds } from './season.ts';
import {
  judgeHour,
  unusualHourFinding,
  unusualHourParameters,
  type Hour,
  type PastHour,
  type UnusualHourParameters,
} from './unusual-hour.ts';

const file = new URL('../../../content/behaviours/unusual-hour.yaml', import.meta.url);
const settings = readBehaviourSettings(readFileSync(file, 'utf8'), 'unusual-hour.yaml');
const parameters = settings.parameters as UnusualHourParameters;

test('the content has every number that the behaviour asks for, and no other', () => {
  expect(Object.keys(parameters).sort()).toEqual([...unusualHourParameters].sort());
});

describe('the season', () => {
  const of = (values: readonly number[]) =>
    seasonOf(
      values.map((value, week) => ({ week, value })),
      'amount',
      parameters,
    )!;

  test('its middle bears weeks that are wrong; too few weeks say nothing', () => {
    expect(of([100, 110, 95, 0, 100_000]).median).toBeCloseTo(100);
    expect(
      seasonOf(
        [1, 2].map((week) => ({ week, value: 5 })),
        'amount',
        parameters,
      ),
    ).toBeUndefined();
    // Three hours of one week are one week.
    expect(
      seasonOf(
        [1, 1, 1].map((week) => ({ week, value: 5 })),
        'amount',
        parameters,
      ),
    ).toBeUndefined();
  });

  test('deviations are multiples: of steady values five are near six times as much', () => {
    const season = of([100, 101, 99, 100]);
    expect(deviationOf(season, 100)).toBeCloseTo(0);
    expect(deviationOf(season, 574)).toBeGreaterThan(4.9);
    expect(deviationOf(season, 1)).toBeLessThan(0);
    // What scatters by itself must be further away.
    expect(deviationOf(of([10, 100, 1_000, 50, 400]), 574)).toBeLessThan(2);
  });

  test('it is surer with more weeks, and with steadier ones', () => {
    expect(confidenceOf(of([1, 1, 1, 1]), 8)).toBeLessThan(confidenceOf(of([1, 1, 1, 1, 1, 1]), 8));
    expect(confidenceOf(of([1, 100, 10_000, 1]), 8)).toBeLessThan(confidenceOf(of([50, 50, 50, 50]), 8));
  });

  test('hours of the weeks before; a pinned one stays where it was', () => {
    const hour = 20_000 * 86_400;
    expect(seasonHours(hour, 2)).toEqual([
      { week: 1, from: hour - weekSeconds - hourSeconds, to: hour - weekSeconds + 2 * hourSeconds },
      { week: 2, from: hour - 2 * weekSeconds - hourSeconds, to: hour - 2 * weekSeconds + 2 * hourSeconds },
    ]);
    const pinned = hour - 5 * weekSeconds;
    const hours = seasonHours(hour, 2, pinned);
    expect(hours.every(({ to }) => to <= pinned)).toBe(true);
    expect(hours[0]!.week).toBe(6);
  });
});

/** Uniform numbers that are the same each time (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Ten weeks of a host, hour by hour: its habit at an hour of the week, by chance more or less; one week nobody is there. */
function weeksOf(habit: (hourOfWeek: number) => number, uniform: () => number, weeks: number): Hour[] {
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const holiday = Math.floor(uniform() * weeks);
  return Array.from({ length: weeks * 168 }, (_unused, hour) => {
    const share = Math.floor(hour / 168) === holiday ? 0.05 : 1;
    const level = habit(hour % 168) * share;
    const times = (spread: number): number => Math.round(level * Math.exp(spread * normal()));
    const connections = times(0.4);
    return {
      out: times(0.6) * 200_000,
      connections,
      peers: Math.round(connections / 6),
      failed: Math.round(connections * 0.03 * uniform()),
    };
  });
}

const habits: { [name: string]: (hourOfWeek: number) => number } = {
  office: (h) => (h < 120 && h % 24 >= 8 && h % 24 < 18 ? 900 : 20),
  server: (h) => 400 + 300 * Math.sin((2 * Math.PI * (h % 24)) / 24),
  backup: (h) => (h % 24 === 2 ? 6_000 : 30),
  weekly: (h) => (h === 150 ? 9_000 : 40),
};

const pastAt = (hours: readonly Hour[], at: number): PastHour[] =>
  Array.from({ length: parameters.weeks }, (_unused, index) => index + 1).flatMap((week) =>
    [-1, 0, 1].flatMap((next) => {
      const hour = hours[at - week * 168 + next];
      return hour ? [{ week, shift: next, hour }] : [];
    }),
  );

test('quality on habits of the week: what belongs to the hour is quiet, what does not is told', () => {
  const uniform = random(7);
  let looked = 0;
  let falseAlarms = 0;
  let met = 0;
  let planted = 0;
  let withoutSeason = 0;
  for (const habit of Object.values(habits)) {
    for (let host = 0; host < 15; host++) {
      const hours = weeksOf(habit, uniform, 10);
      for (let at = 8 * 168; at < hours.length; at++) {
        looked++;
        if (judgeHour(hours[at]!, pastAt(hours, at), parameters).length > 0) falseAlarms++;
        // The same hour held against all hours, whatever the day: what a baseline without season would say.
        const flat = Array.from({ length: 24 }, (_unused, index) => ({
          week: index,
          shift: 0,
          hour: hours[at - 1 - index * 53]!,
        }));
        if (judgeHour(hours[at]!, flat, parameters).length > 0) withoutSeason++;
      }
      // A transfer of two gigabytes at a quiet hour, and a sweep of two thousand hosts.
      for (const at of [9 * 168 + 27, 9 * 168 + 100, 9 * 168 + 141]) {
        planted += 2;
        const now = hours[at]!;
        if (judgeHour({ ...now, out: now.out + 2e9 }, pastAt(hours, at), parameters).some(({ measure }) => measure === 'out'))
          met++;
        const sweep = { ...now, connections: now.connections + 2_000, peers: now.peers + 2_000, failed: now.failed + 1_900 };
        if (judgeHour(sweep, pastAt(hours, at), parameters).length > 0) met++;
      }
    }
  }
  console.log(
    `${looked} hours: ${falseAlarms} false alarms (${withoutSeason} without season); ${met} of ${planted} planted are told`,
  );
  expect(falseAlarms / looked).toBeLessThan(0.0005);
  expect(withoutSeason).toBeGreaterThan(20 * Math.max(1, falseAlarms));
  expect(met / planted).toBeGreaterThan(0.8);
});

test('a finding says each part, its measure and how much is known', () => {
  const past: PastHour[] = [1, 2, 3, 4].map((week) => ({
    week,
    shift: 0,
    hour: { out: 1e6, connections: 400, peers: 20, failed: 4 },
  }));
  const now: Hour = { out: 9e8, connections: 5_000, peers: 3_000, failed: 4_800 };
  const judged = judgeHour(now, past, parameters);
  expect(judged.map(({ measure }) => measure).sort()).toEqual(['connections', 'failed', 'out', 'peers']);
  const finding = unusualHourFinding(
    { subject: { kind: 'host', name: '10.0.0.1' }, hour: 3_600, judged, records: [], targets: ['192.0.2.1'], connections: 5_000 },
    settings,
    parameters,
  );
  expect(finding).toMatchObject({
    rule: { id: 'behaviour:unusual-hour', kind: 'behaviour' },
    source: '10.0.0.1',
    from: 3_600,
    to: 7_200,
    level: 'medium',
    explanation: { text: 'detect.unusual-hour.host', values: { subject: '10.0.0.1', weeks: 4 } },
  });
  expect(JSON.stringify(finding.explanation)).toContain('detect.unusual-hour.out');
  // Little is told of nothing: an hour of few is quiet, however rare.
  expect(
    judgeHour(
      { out: 1_000, connections: 20, peers: 20, failed: 0 },
      past.map(({ week }) => ({ week, shift: 0, hour: { out: 0, connections: 0, peers: 0, failed: 0 } })),
      parameters,
    ),
  ).toEqual([]);
});
