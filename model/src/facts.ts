/**
 * Facts: what is known of an incident, by whom, since when. Gradings and laws read facts and nothing else.
 *
 * A fact is exact, an interval, or unknown. A fact that nobody stated is unknown: it proves nothing and excludes
 * nothing. An explicit `0`, `false` or lowest term is a statement, and does exclude.
 */

import { z } from 'zod';
import { LocalText } from './text.ts';

/**
 * How a fact is known. Whoever enters another kind of number must be asked for a source that can know it. `table`: made by the signed
 * quantification table from other facts, and stated by nobody.
 */
export const knownFrom = ['person', 'estate', 'traffic', 'authority', 'table'] as const;

/** Units, grouped into families whose members convert by an exact quotient. */
export const unitFamilies = {
  time: ['seconds', 'minutes', 'hours', 'days'],
  people: ['persons'],
  share: ['share', 'percent'],
  money: ['CNY'],
  // Rates of exchange move, so one currency never becomes another here: the schemes that speak of it have facts of their own.
  euro: ['EUR'],
  dollar: ['USD'],
  effort: ['person-hours'],
  data: ['bytes', 'megabytes', 'gigabytes'],
  count: ['count'],
} as const;

const units = Object.values(unitFamilies).flat();
export const Unit = z.enum(units as [(typeof units)[number], ...(typeof units)[number][]]);
export type Unit = z.infer<typeof Unit>;

const factId = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'must be lower-case words joined by underscores')
  .max(64);

const common = {
  id: factId,
  /** Other names under which data sets state the same fact. */
  aliases: z.array(factId).max(8).optional(),
  /** A few words for tables. */
  name: LocalText,
  /** One sentence: what exactly is counted, and of whom. */
  means: z.object({ en: z.string().min(1).max(1000), zh: z.string().min(1).max(1000) }),
  /** True for what only published collections state, so that no form of an incident asks for it. */
  collectionsOnly: z.boolean().optional(),
  /** Who may know it. `authority` alone means: entered only from that authority's statement, never counted here. */
  knownFrom: z.array(z.enum(knownFrom)).min(1),
};

/** One entry of the catalogue `content/facts/*.yaml`. */
export const FactDefinition = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('quantity'),
    unit: Unit,
    /** How many of the smallest steps that matter make one unit: 60 for hours counted in minutes, 1 for persons. */
    stepsPerUnit: z.number().int().positive(),
    /** True when only whole numbers make sense. */
    whole: z.boolean().optional(),
    /** The greatest value that can be; absent when there is none. Every quantity starts at 0. */
    max: z.number().positive().optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('term'),
    /** From the least to the most serious. */
    terms: z
      .array(z.strictObject({ id: factId, name: LocalText, means: LocalText.optional() }))
      .min(2)
      .max(12),
  }),
  z.strictObject({ ...common, kind: z.literal('boolean') }),
  z.strictObject({ ...common, kind: z.literal('instant') }),
  z.strictObject({
    ...common,
    kind: z.literal('set'),
    members: z
      .array(
        z.strictObject({
          id: z.string().max(64),
          name: LocalText,
          /** True for what only a person may choose and nothing may be computed from; see `content/classes`. */
          byHandOnly: z.boolean().optional(),
        }),
      )
      .min(1)
      // A catalogue of incident classes has about ninety.
      .max(128),
  }),
]);
export type FactDefinition = z.infer<typeof FactDefinition>;

/** Whether the fact is only ever computed from others, so that stating it would be an opinion. */
export const isOnlyComputed = ({ knownFrom: from }: Pick<FactDefinition, 'knownFrom'>): boolean =>
  from.every((one) => one === 'table');

/** Definitions by id; aliases are resolved while reading and never appear inside. */
export type FactCatalogue = ReadonlyMap<string, FactDefinition>;

/**
 * The value of a fact, in the unit of its definition; instants in seconds. `null` as an upper bound means that none is
 * known. A term's interval runs from `min` to `max` in the order of its definition.
 */
export const FactValue = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('quantity'), value: z.number() }),
  z.object({ kind: z.literal('interval'), min: z.number(), max: z.number().nullable() }),
  z.object({ kind: z.literal('term'), term: z.string() }),
  z.object({ kind: z.literal('terms'), min: z.string(), max: z.string() }),
  z.object({ kind: z.literal('boolean'), value: z.boolean() }),
  z.object({ kind: z.literal('set'), members: z.array(z.string()) }),
  z.object({ kind: z.literal('unknown') }),
]);
export type FactValue = z.infer<typeof FactValue>;

/** A fact of an incident: its value and where it comes from. */
export const Fact = z.object({
  id: factId,
  value: FactValue,
  /** Document, sensor, system or statement. */
  source: z.string().max(500).optional(),
  /** Since when it is known; seconds. */
  at: z.number().optional(),
  /** Who said so. */
  by: z.string().max(200).optional(),
});
export type Fact = z.infer<typeof Fact>;

/** The facts of one incident, one per id. */
export type Facts = { readonly [id: string]: Fact };
