/**
 * Forecasts: the expected grade of an incident in an hour, in six, in a day, with a band; kept when they are made, and scored when their
 * moment has come. Ten courses, from the lightest to the gravest, are equally likely; a level's probability is the share of courses that reach it.
 */

import { z } from 'zod';
import { Unit } from './facts.ts';
import { LevelNumber, Mark } from './grade.ts';
import { Instant } from './instant.ts';
import { Words } from './text.ts';

/** Enough to tell one in ten from nine in ten, and few enough to be looked at one by one. */
export const coursesCount = 10;

/** The band leaves out the lightest and the gravest course: eight of ten should fall into it. */
export const bandShare = 0.8;

const factId = z.string().max(64);

/** `content/forecast/model.yaml`. */
export const ForecastModel = z.strictObject({
  version: z.string().max(40),
  confidence: Mark,
  horizonsSeconds: z
    .array(
      z
        .number()
        .int()
        .min(60)
        .max(30 * 86_400),
    )
    .min(1)
    .max(6),
  memoryHours: z.number().positive().max(720),
  halfLifeHours: z.number().positive().max(720),
  spread: z.number().positive().max(4),
  doublingHours: z.number().positive().max(8760),
  graceSeconds: z.number().int().min(0).max(86_400),
  outages: z.array(factId).max(50),
  reach: z.array(z.strictObject({ fact: factId, of: z.enum(['users', 'value', 'user-hours']) })).max(20),
  still: z.array(factId).max(100),
});
export type ForecastModel = z.infer<typeof ForecastModel>;

/** Why a fact moves: it lasts on, it grows, services that rest on what was hit fall – or it stays as stated. */
export const movements = ['lasting', 'growing', 'reach', 'still'] as const;
export const Movement = z.enum(movements);
export type Movement = z.infer<typeof Movement>;

/** A fact in the courses: what is stated now, and where it will be. In the unit of its definition. */
export const ForecastFact = z.object({
  fact: factId,
  unit: Unit,
  movement: Movement,
  now: z.object({ min: z.number(), max: z.number().nullable() }).nullable().describe('Null: nobody has stated it.'),
  /** At the ends of the band and in its middle. */
  low: z.number(),
  middle: z.number(),
  high: z.number(),
});
export type ForecastFact = z.infer<typeof ForecastFact>;

/** A level of the scheme, or null for none of them. */
const Level = LevelNumber.nullable();

export const ForecastPoint = z.object({
  horizonSeconds: z.number(),
  /** The level that half of the courses reach. */
  expected: Level,
  /** The levels of the second and of the ninth course. */
  lightest: Level,
  gravest: Level,
  /** Of each course, from the lightest. */
  courses: z.array(Level).length(coursesCount),
  facts: z.array(ForecastFact),
});
export type ForecastPoint = z.infer<typeof ForecastPoint>;

/** A forecast that was kept, with what came of it. Instants are seconds. */
export const KeptForecast = ForecastPoint.extend({
  id: z.string(),
  incident: z.string(),
  scheme: z.string(),
  model: z.string(),
  at: z.number(),
  dueAt: z.number(),
  now: Level,
  scoredAt: z.number().nullable(),
  actual: Level,
  /** Whether anything was stated, contained or closed between: without it, nobody knows that the level had not changed. */
  confirmed: z.boolean(),
  outcomes: z.array(z.object({ fact: factId, min: z.number(), max: z.number().nullable() })),
});
export type KeptForecast = z.infer<typeof KeptForecast>;

/** How well forecasts of one horizon did. Shares are 0 to 1, null while there is none. */
export const HorizonCalibration = z.object({
  horizonSeconds: z.number(),
  count: z.number().int(),
  /** Share whose level lay in the band; `bandShare` or a little more is right, since levels are few. */
  inside: z.number().nullable(),
  /** Share whose expected level was the one that came. */
  hit: z.number().nullable(),
  /** Mean squared error of the probabilities over all levels, 0 the best; and what it is if one says "it stays as it is". */
  brier: z.number().nullable(),
  brierStays: z.number().nullable(),
  /** Came graver, as expected, lighter. */
  graver: z.number().int(),
  lighter: z.number().int(),
});
export type HorizonCalibration = z.infer<typeof HorizonCalibration>;

export const Calibration = z.object({
  count: z.number().int(),
  horizons: z.array(HorizonCalibration),
  /** Of all statements "this level or graver with probability p": how often it came. */
  reliability: z.array(z.object({ probability: z.number(), count: z.number().int(), observed: z.number() })),
  facts: z.array(
    z.object({
      fact: factId,
      count: z.number().int(),
      inside: z.number(),
      above: z.number().int(),
      below: z.number().int(),
    }),
  ),
});
export type Calibration = z.infer<typeof Calibration>;

// What the API answers with.

const ModelView = ForecastModel.omit({ outages: true, reach: true, still: true });

export const ForecastPointView = ForecastPoint.extend({ dueAt: Instant });

export const ScoredForecastView = ForecastPointView.omit({ facts: true }).extend({
  incident: z.string(),
  number: z.string(),
  at: Instant,
  now: Level,
  actual: Level,
  confirmed: z.boolean(),
  due: z.boolean().describe('Its moment has come and it was scored.'),
});
export type ScoredForecastView = z.infer<typeof ScoredForecastView>;

export const ForecastView = z.object({
  at: Instant.describe('What was known then.'),
  scheme: z.string(),
  model: ModelView,
  /** Whether the incident is over, so that nothing goes on. */
  over: z.boolean(),
  now: Level,
  points: z.array(ForecastPointView),
  because: z.array(Words),
  /** What was stated of facts that move, oldest first. */
  stated: z.array(z.object({ fact: factId, at: Instant, min: z.number(), max: z.number().nullable() })),
  /** Earlier forecasts of this incident by the leading scheme, the newest first. */
  earlier: z.array(ScoredForecastView),
});
export type ForecastView = z.infer<typeof ForecastView>;

export const ForecastRow = z.object({
  incident: z.string(),
  number: z.string(),
  title: Words,
  organisations: z.array(z.string()),
  at: Instant,
  now: Level,
  points: z.array(ForecastPointView.omit({ facts: true })),
});
export type ForecastRow = z.infer<typeof ForecastRow>;

export const ForecastListView = z.object({
  at: Instant,
  scheme: z.string(),
  model: ModelView,
  items: z.array(ForecastRow).describe('Open incidents, those that may grow worst first.'),
});
export type ForecastListView = z.infer<typeof ForecastListView>;

export const CalibrationView = Calibration.extend({
  scheme: z.string(),
  model: ModelView,
  since: Instant,
  unconfirmed: z.number().int().describe('Their moment has come, and nobody said anything in between: not counted.'),
  waiting: z.number().int(),
  recent: z.array(ScoredForecastView),
});
export type CalibrationView = z.infer<typeof CalibrationView>;
