/**
 * The situation index: how things stand, from 0 (excellent) to 100 (dangerous), for the whole, a network type, a sector, a region, a tier of
 * links, or one organisation. It is computed from *events* – things that can be looked up: findings, incidents, exposures, networks that nobody
 * watches – and a *reading* keeps the events with the numbers, so that any number opens to what it was made of and is reproduced by it.
 *
 * As with grades, the *floor* is what is known, and the *ceiling* what the unknown still allows.
 */

import { z } from 'zod';
import { Slug } from './estate.ts';
import { Mark } from './grade.ts';
import { LocalText, Words } from './text.ts';

export const situationComponents = ['threat', 'exposure', 'weakness', 'damage', 'coverage', 'readiness'] as const;
export const SituationComponent = z.enum(situationComponents);
export type SituationComponent = z.infer<typeof SituationComponent>;

export const situationDimensions = ['whole', 'network-type', 'sector', 'region', 'tier', 'organisation'] as const;
export const SituationDimension = z.enum(situationDimensions);
export type SituationDimension = z.infer<typeof SituationDimension>;

/** 优良中差危: from the best to the worst. */
export const situationBands = ['excellent', 'good', 'fair', 'poor', 'dangerous'] as const;
export const SituationBand = z.enum(situationBands);
export type SituationBand = z.infer<typeof SituationBand>;

/** A share of what could be, 0 to 1: known at least, possible at most. */
export const Risk = z.object({ floor: z.number().min(0).max(1), ceiling: z.number().min(0).max(1) });
export type Risk = z.infer<typeof Risk>;

/** The rules of `content/situation/index.yaml`: what counts how much. A centre judges for itself and dates its edition. */
export const SituationRules = z.strictObject({
  version: z.string().min(1).max(20),
  /** Whose formula it is; the official ones are not public, and ours is labelled as what it is. */
  source: LocalText,
  confidence: Mark,
  components: z
    .array(
      z.strictObject({
        id: SituationComponent,
        /** Share of the index; all of them make 1. */
        weight: z.number().min(0).max(1),
        /** How an organisation's events add up. `any`: as chances that do not know of each other; `mean`: on the average. */
        together: z.enum(['any', 'mean']),
        /** Over organisations: the share that the worst has; the rest is the average by importance. */
        worst: z.number().min(0).max(1),
        /** True where what nobody sees could be hiding some of it: then what is not covered raises the ceiling. */
        hidden: z.boolean(),
        means: LocalText,
      }),
    )
    .length(situationComponents.length),
  /** Each band ends below this value, but for the last, which has none. */
  bands: z
    .array(z.strictObject({ id: SituationBand, below: z.number().min(0).max(100).optional() }))
    .length(situationBands.length),
  /** How much an organisation counts in an average, by the most important thing that it protects. */
  importance: z.strictObject({
    special: z.number().positive(),
    important: z.number().positive(),
    general: z.number().positive(),
  }),
  /** What one event of a kind is worth, by its degree; unknown degrees of an event make its load an interval. */
  loads: z.record(z.string().max(40), z.record(z.string().max(40), z.number().min(0).max(1))),
  /** How far back events are counted that have a moment and no end; seconds. */
  windowSeconds: z.number().positive(),
});
export type SituationRules = z.infer<typeof SituationRules>;

/** One thing, or several of one kind, that a number is made of. */
export const SituationEvent = z.object({
  /** Unlike all others of its organisation in a reading. */
  id: z.string().max(300),
  component: SituationComponent,
  /** A kind of `loads`, for example `finding` or `exposure`. */
  kind: z.string().max(40),
  /** The degree within its kind, as far as it is known: the mildest and the gravest it can be. */
  degree: z.object({ least: z.string().max(40), most: z.string().max(40) }),
  what: z.union([Words, z.string().max(500), LocalText]),
  /** Where the workbench shows it: a path, with its search. */
  opens: z.string().max(1000).nullable(),
  /** Ten times as many count like one more. */
  count: z.number().int().min(1),
  load: Risk,
  /** What of its organisation it concerns; an empty list: all of it. */
  networkTypes: z.array(z.string().max(64)).max(20),
  tiers: z.array(z.string().max(64)).max(10),
  regions: z.array(z.string().max(64)).max(100),
});
export type SituationEvent = z.infer<typeof SituationEvent>;

/** One organisation in a reading: where it stands, how much it counts, and its events. */
export const SituationPart = z.object({
  organisation: Slug,
  sector: z.string().max(64),
  regions: z.array(z.string().max(64)).max(100),
  networkTypes: z.array(z.string().max(64)).max(20),
  tiers: z.array(z.string().max(64)).max(10),
  importance: z.number().positive(),
  events: z.array(SituationEvent),
});
export type SituationPart = z.infer<typeof SituationPart>;

/** A place of the index: a dimension and its key; the whole has the key `whole`. */
export const SituationPlace = z.object({ dimension: SituationDimension, key: z.string().min(1).max(64) });
export type SituationPlace = z.infer<typeof SituationPlace>;

/** What one component adds. */
export const SituationShare = z.object({
  id: SituationComponent,
  risk: Risk,
  /** Of the index: 100 · weight · risk. */
  points: z.object({ floor: z.number(), ceiling: z.number() }),
  /** Events behind it. */
  events: z.number().int(),
});
export type SituationShare = z.infer<typeof SituationShare>;

/** The index of one place. */
export const SituationCell = SituationPlace.extend({
  floor: z.number().min(0).max(100),
  ceiling: z.number().min(0).max(100),
  band: z.object({ floor: SituationBand, ceiling: SituationBand }),
  /** The share of networks there that is seen; the index is to be read with it. */
  seen: z.number().min(0).max(1),
  components: z.array(SituationShare).length(situationComponents.length),
  organisations: z.number().int(),
});
export type SituationCell = z.infer<typeof SituationCell>;
